//! When notebooks are due: the `[schedule]` and `[retry]` of penny.toml, and the same keys of a notebook.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use penny_schedule::{Calendar, Overlap, Retry, Rules, Schedule, ScheduleError};

use super::table::{Findings, LENGTH_OF_TIME, Section};

/// The keys of `[schedule]`.
pub(super) const KEYS: &[&str] = &[
    "every",
    "daily_at",
    "cron",
    "working_day",
    "working_days",
    "timezone",
    "overlap",
    "catch_up",
    "at_start",
    "on_change",
    "quiet",
];
/// The keys of `[retry]`.
pub(super) const RETRY_KEYS: &[&str] = &["attempts", "first_pause", "longest_pause"];
/// The keys that say how often; a section has one of them.
const RHYTHMS: [&str; 4] = ["every", "daily_at", "cron", "working_day"];
/// The keys that a notebook may have for itself.
pub(super) const OF_A_NOTEBOOK: [&str; 9] = [
    "every",
    "daily_at",
    "cron",
    "working_day",
    "working_days",
    "overlap",
    "catch_up",
    "at_start",
    "on_change",
];
/// More attempts than this at one run help nobody.
const ATTEMPTS_MAX: i64 = 20;

/// The schedule of the workspace, which its notebooks have where they do not say otherwise.
#[derive(Clone, Debug)]
pub struct ScheduleSettings {
    /// When the notebooks are due.
    pub rules: Arc<Rules>,
    /// Whether a notebook runs when its file was saved.
    pub on_change: bool,
    /// How long a saved file is left alone before its notebook runs.
    pub quiet: Duration,
    rhythm: Rhythm,
    calendar: Option<Calendar>,
}

/// How often, as it is written.
#[derive(Clone, Debug)]
enum Rhythm {
    Every(String),
    DailyAt(Vec<String>),
    Cron(String),
    WorkingDay(Vec<i64>, Vec<String>),
}

impl Default for ScheduleSettings {
    /// Every two hours, from the start of the service on, by the clock of the computer.
    fn default() -> ScheduleSettings {
        let rules = Rules {
            schedule: Schedule::every("2h").expect("two hours are an interval"),
            zone: TimeZone::system(),
            overlap: Overlap::Skip,
            catch_up: true,
            at_start: true,
        };
        ScheduleSettings {
            rules: Arc::new(rules),
            on_change: false,
            quiet: Duration::from_secs(10),
            rhythm: Rhythm::Every("2h".to_owned()),
            calendar: None,
        }
    }
}

/// Reads `[schedule]`.
pub(super) fn read(section: &Section<'_>, findings: &mut Findings) -> ScheduleSettings {
    let mut settings = ScheduleSettings::default();
    if let Some(zone) = zone(section, findings) {
        Arc::make_mut(&mut settings.rules).zone = zone;
    }
    if let Some(quiet) = section.duration("quiet", findings) {
        settings.quiet = quiet;
    }
    settings.said_by(section, findings)
}

/// Reads the schedule of a notebook: that of the workspace, but for what its section says.
pub(super) fn of_notebook(
    section: &Section<'_>,
    workspace: &ScheduleSettings,
    findings: &mut Findings,
) -> (Arc<Rules>, bool) {
    if !OF_A_NOTEBOOK.iter().any(|key| section.has(key)) {
        return (workspace.rules.clone(), workspace.on_change);
    }
    let settings = workspace.clone().said_by(section, findings);
    (settings.rules, settings.on_change)
}

impl ScheduleSettings {
    /// The calendar that tells holidays: the one of `working_days`, else that of France.
    pub fn calendar(&self) -> Calendar {
        self.calendar.unwrap_or(Calendar::France)
    }

    /// The same, but for what a section says.
    fn said_by(mut self, section: &Section<'_>, findings: &mut Findings) -> ScheduleSettings {
        let own_rhythm = rhythm(section, findings);
        let own_calendar = calendar(section, findings);
        let has_own = own_rhythm.is_some() || own_calendar.is_some();
        self.rhythm = own_rhythm.unwrap_or(self.rhythm);
        self.calendar = own_calendar.unwrap_or(self.calendar);
        let rules = Arc::make_mut(&mut self.rules);
        if has_own {
            match self.rhythm.schedule(self.calendar) {
                Ok(schedule) => rules.schedule = schedule,
                Err(why) => {
                    let own = self.rhythm.keys().into_iter().find(|key| section.has(key));
                    let key = own.unwrap_or("working_days");
                    findings.add(section.span_of(key), format!("`{key}`: {why}"), None);
                }
            }
        }
        let known = [("skip", Overlap::Skip), ("queue", Overlap::Queue)];
        rules.overlap = section.choice("overlap", &known, findings).unwrap_or(rules.overlap);
        rules.catch_up = section.flag("catch_up", findings).unwrap_or(rules.catch_up);
        rules.at_start = section.flag("at_start", findings).unwrap_or(rules.at_start);
        self.on_change = section.flag("on_change", findings).unwrap_or(self.on_change);
        self
    }
}

impl Rhythm {
    /// The schedule that it means, on the working days of a calendar.
    fn schedule(&self, calendar: Option<Calendar>) -> Result<Schedule, ScheduleError> {
        let schedule = match self {
            Rhythm::Every(interval) => Schedule::every(interval)?,
            Rhythm::DailyAt(times) => Schedule::daily_at(times)?,
            Rhythm::Cron(expression) => Schedule::cron(expression)?,
            Rhythm::WorkingDay(numbers, times) => {
                return Schedule::on_working_day(
                    numbers,
                    calendar.unwrap_or(Calendar::France),
                    times,
                );
            }
        };
        match calendar {
            Some(calendar) => schedule.on_working_days(calendar),
            None => Ok(schedule),
        }
    }

    /// The keys that say it, the one that is most likely wrong first.
    fn keys(&self) -> Vec<&'static str> {
        match self {
            Rhythm::Every(_) => vec!["every"],
            Rhythm::DailyAt(_) => vec!["daily_at"],
            Rhythm::Cron(_) => vec!["cron"],
            Rhythm::WorkingDay(..) => vec!["working_day", "daily_at"],
        }
    }
}

/// How often, when the section says so: two ways in one section contradict each other, but that a working
/// day of the month has times.
fn rhythm(section: &Section<'_>, findings: &mut Findings) -> Option<Rhythm> {
    let said: Vec<&str> = RHYTHMS.into_iter().filter(|key| section.has(key)).collect();
    if let [first, second, ..] = said.as_slice()
        && said != ["daily_at", "working_day"]
    {
        let message = format!("{} has both `{first}` and `{second}`", section.title());
        let hint = match said.contains(&"working_day") {
            true => "keep one of them; a working day of the month goes with `daily_at`",
            false => "keep one of them",
        };
        findings.add(section.span_of(second), message, Some(hint.to_owned()));
        return None;
    }
    if section.has("working_day") {
        let numbers = section.wholes("working_day", findings);
        let times = section.has("daily_at").then(|| times(section, findings));
        let times = times.unwrap_or_else(|| Some(vec!["08:00".to_owned()]));
        return Some(Rhythm::WorkingDay(numbers?, times?));
    }
    match *said.first()? {
        "every" => section.text_as("every", LENGTH_OF_TIME, findings).map(Rhythm::Every),
        "daily_at" => times(section, findings).map(Rhythm::DailyAt),
        _ => {
            let wanted = "a cron expression in quotes, such as \"30 8 * * 1-5\"";
            section.text_as("cron", wanted, findings).map(Rhythm::Cron)
        }
    }
}

/// `daily_at`: a list of times; a single one needs no list.
fn times(section: &Section<'_>, findings: &mut Findings) -> Option<Vec<String>> {
    if section.is_text("daily_at") {
        return section.text("daily_at", findings).map(|time| vec![time]);
    }
    section.texts("daily_at", findings)
}

/// `working_days`: a calendar, or `false` for every day.
fn calendar(section: &Section<'_>, findings: &mut Findings) -> Option<Option<Calendar>> {
    if section.is("working_days", false) {
        return Some(None);
    }
    let wanted = "\"FR\" for the working days of France, or false";
    let name = section.text_as("working_days", wanted, findings)?;
    match Calendar::parse(&name) {
        Ok(calendar) => Some(Some(calendar)),
        Err(why) => {
            findings.add(section.span_of("working_days"), format!("`working_days`: {why}"), None);
            None
        }
    }
}

fn zone(section: &Section<'_>, findings: &mut Findings) -> Option<TimeZone> {
    let name = section.text("timezone", findings)?;
    match penny_schedule::time_zone(&name) {
        Ok(zone) => Some(zone),
        Err(why) => {
            findings.add(section.span_of("timezone"), format!("`timezone`: {why}"), None);
            None
        }
    }
}

/// Reads `[retry]`.
pub(super) fn retry(section: &Section<'_>, findings: &mut Findings) -> Retry {
    let usual = Retry::default();
    let attempts = section.whole("attempts", 1..=ATTEMPTS_MAX, findings);
    let attempts = attempts.and_then(|attempts| u32::try_from(attempts).ok());
    let first_pause = section.duration("first_pause", findings).unwrap_or(usual.first_pause);
    let longest_pause = section.duration("longest_pause", findings);
    if longest_pause.is_some_and(|longest| longest < first_pause) {
        let message = "`longest_pause` is shorter than `first_pause`".to_owned();
        let hint = "pauses grow from the first to the longest".to_owned();
        findings.add(section.span_of("longest_pause"), message, Some(hint));
    }
    let longest_pause = longest_pause.unwrap_or(usual.longest_pause.max(first_pause));
    Retry { attempts: attempts.unwrap_or(usual.attempts), first_pause, longest_pause }
}

#[cfg(test)]
mod tests;
