//! The fields of a schedule: what is typed into them, and what that means.

use maud::{Markup, html};

use super::super::sent::Sent;
use super::mistakes::{Mistake, mistake};
use crate::config::{DaysWords, RhythmWords, ScheduleWords};
use crate::web::visit::Visit;

/// What is typed into the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    rhythm: String,
    every: String,
    times: String,
    cron: String,
    working_day: String,
    days: String,
    on_change: String,
}

impl Typed {
    /// What penny.toml says at present.
    pub fn of(words: &ScheduleWords) -> Typed {
        let mut typed = Typed::default();
        match &words.rhythm {
            None => typed.rhythm = "inherit".to_owned(),
            Some(RhythmWords::Every(every)) => {
                (typed.rhythm, typed.every) = ("every".to_owned(), every.clone());
            }
            Some(RhythmWords::DailyAt(times)) => {
                (typed.rhythm, typed.times) = ("daily".to_owned(), times.join(", "));
            }
            Some(RhythmWords::Cron(cron)) => {
                (typed.rhythm, typed.cron) = ("cron".to_owned(), cron.clone());
            }
            Some(RhythmWords::WorkingDay(days, times)) => {
                let days: Vec<String> = days.iter().map(i64::to_string).collect();
                (typed.rhythm, typed.working_day) = ("working_day".to_owned(), days.join(", "));
                typed.times = times.join(", ");
            }
        }
        typed.days = match &words.days {
            None => "inherit".to_owned(),
            Some(DaysWords::All) => "all".to_owned(),
            Some(DaysWords::Working(calendar)) => calendar.to_uppercase(),
        };
        typed.on_change = match words.on_change {
            None => "inherit",
            Some(true) => "yes",
            Some(false) => "no",
        }
        .to_owned();
        typed
    }

    /// What was sent.
    pub fn sent(sent: &Sent) -> Typed {
        let text = |name: &str| sent.text(name).to_owned();
        Typed {
            rhythm: text("rhythm"),
            every: text("every"),
            times: text("times"),
            cron: text("cron"),
            working_day: text("working_day"),
            days: text("days"),
            on_change: text("on_change"),
        }
    }

    /// What it means, or what is wrong with it.
    pub fn words(&self, visit: &Visit) -> Result<ScheduleWords, Vec<Mistake>> {
        let days = match self.days.as_str() {
            "all" => Some(DaysWords::All),
            "FR" | "FR-AM" => Some(DaysWords::Working(self.days.clone())),
            _ => None,
        };
        let on_change = match self.on_change.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let rhythm = self.rhythm(visit)?;
        let words = ScheduleWords { rhythm, days, on_change };
        match mistake(visit.language, &words) {
            Some(mistake) => Err(vec![mistake]),
            None => Ok(words),
        }
    }

    fn rhythm(&self, visit: &Visit) -> Result<Option<RhythmWords>, Vec<Mistake>> {
        let times = listed(&self.times);
        Ok(match self.rhythm.as_str() {
            "every" => Some(RhythmWords::Every(self.every.clone())),
            "daily" => Some(RhythmWords::DailyAt(times)),
            "cron" => Some(RhythmWords::Cron(self.cron.clone())),
            "working_day" => {
                let days = listed(&self.working_day);
                let days: Result<Vec<i64>, _> = days.iter().map(|day| day.parse()).collect();
                let wrong = || {
                    let text = visit.say(
                        "écrivez des nombres, comme 1, 3, -1 (-1 est le dernier jour ouvré du mois)",
                        "write numbers, such as 1, 3, -1 (-1 is the last working day of the month)",
                    );
                    vec![Mistake { field: "working_day", text: text.to_owned() }]
                };
                Some(RhythmWords::WorkingDay(days.map_err(|_| wrong())?, times))
            }
            _ => None,
        })
    }

    /// The fields.
    pub fn fields(&self, visit: &Visit, of_notebook: bool, mistakes: &[Mistake]) -> Markup {
        let inherited = match of_notebook {
            true => visit.say("comme les autres notebooks", "as the other notebooks"),
            false => visit.say("toutes les 2 heures (d’office)", "every 2 hours (by default)"),
        };
        let rhythms = [
            ("inherit", inherited),
            ("daily", visit.say("à heures fixes", "at fixed times")),
            ("every", visit.say("à intervalle régulier", "at an interval")),
            (
                "working_day",
                visit.say("certains jours ouvrés du mois", "on some working days of the month"),
            ),
            ("cron", visit.say("selon une expression cron", "by a cron expression")),
        ];
        let days = [
            (
                "inherit",
                if of_notebook {
                    visit.say("comme les autres notebooks", "as the other notebooks")
                } else {
                    visit.say("tous les jours (d’office)", "every day (by default)")
                },
            ),
            ("all", visit.say("tous les jours", "every day")),
            ("FR", visit.say("les jours ouvrés, en France", "on working days, in France")),
            (
                "FR-AM",
                visit.say(
                    "les jours ouvrés, en Alsace-Moselle",
                    "on working days, in Alsace-Moselle",
                ),
            ),
        ];
        let on_change = [
            (
                "inherit",
                if of_notebook {
                    visit.say("comme les autres notebooks", "as the other notebooks")
                } else {
                    visit.say("non (d’office)", "no (by default)")
                },
            ),
            ("yes", visit.say("oui", "yes")),
            ("no", visit.say("non", "no")),
        ];
        html! {
            @for mistake in mistakes.iter().filter(|mistake| mistake.field == "form") {
                p.card.banner.bad.lead role="alert" { (mistake.text) }
            }
            (rhythm(visit.say("Quand", "When"), &self.rhythm, &rhythms))
            // The style shows those that the chosen rhythm needs; where it cannot, all are there.
            (text(visit.say("Jours ouvrés du mois", "Working days of the month"), "working_day", &self.working_day, mistakes, visit.say(
                "par leur rang\u{a0}: 1, 3, et -1 pour le dernier",
                "by their number: 1, 3, and -1 for the last")))
            (text(visit.say("Heures", "Times"), "times", &self.times, mistakes, visit.say(
                "une ou plusieurs\u{a0}: 08:00, 13:30",
                "one or several: 08:00, 13:30")))
            (text(visit.say("Intervalle", "Interval"), "every", &self.every, mistakes, visit.say(
                "comme 30m, 2h, 1h30m ou 1d",
                "such as 30m, 2h, 1h30m or 1d")))
            (text(visit.say("Expression cron", "Cron expression"), "cron", &self.cron, mistakes, visit.say(
                "minute, heure, jour du mois, mois, jour de la semaine\u{a0}: 30 8 * * 1-5",
                "minute, hour, day of the month, month, day of the week: 30 8 * * 1-5")))
            (choice(visit.say("Jours", "Days"), "days", &self.days, &days))
            (choice(visit.say("Aussi quand le fichier du notebook est enregistré", "Also when the notebook’s file is saved"), "on_change", &self.on_change, &on_change))
        }
    }
}

/// The parts of "08:00, 13:30"; people write semicolons, too.
fn listed(text: &str) -> Vec<String> {
    let parts = text.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// The rhythms, one of which is chosen; each is in sight.
fn rhythm(label: &str, chosen: &str, options: &[(&str, &str)]) -> Markup {
    html! {
        fieldset.rhythms {
            legend { (label) }
            @for (value, label) in options {
                label {
                    input type="radio" id=(format!("rhythm-{value}")) name="rhythm" value=(value) checked[*value == chosen];
                    " " (label)
                }
            }
        }
    }
}

fn choice(label: &str, name: &str, chosen: &str, options: &[(&str, &str)]) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                @for (value, label) in options {
                    option value=(value) selected[*value == chosen] { (label) }
                }
            }
        }
    }
}

fn text(label: &str, name: &str, value: &str, mistakes: &[Mistake], about: &str) -> Markup {
    let mistake = mistakes.iter().find(|mistake| mistake.field == name);
    let (wrong, help) = (format!("{name}-error"), format!("{name}-about"));
    let described = if mistake.is_some() { format!("{wrong} {help}") } else { help.clone() };
    html! {
        div.field.(format!("of-{}", name.replace('_', "-"))) {
            label for=(name) { (label) }
            @if let Some(mistake) = mistake { p.error id=(wrong) { (mistake.text) } }
            input id=(name) name=(name) value=(value) autocomplete="off" spellcheck="false"
                aria-describedby=(described) aria-invalid=[mistake.map(|_| "true")];
            p.small.soft id=(help) { (about) }
        }
    }
}
