//! The words that several pages share, in French and in English: outcomes, times, lengths, numbers.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use maud::{Markup, html};

use crate::config::Language;
use crate::language::{self, Part, Said};
use crate::store::{Outcome, RunRecord};

/// What the words of a page depend on.
pub struct Words {
    /// The language of the page.
    pub language: Language,
    /// The time zone of the workspace.
    pub zone: TimeZone,
    /// The time at which the page holds.
    pub now: Timestamp,
}

impl Words {
    /// A text in the language of the page.
    pub fn say<'a>(&self, french: &'a str, english: &'a str) -> &'a str {
        match self.language {
            Language::French => french,
            Language::English => english,
        }
    }

    /// The time zone of the workspace.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A whole number, as the reader groups it: "1 234 567" or "1,234,567".
    pub fn number(&self, count: u64) -> String {
        language::number(count, self.language)
    }

    /// "1 ligne", "12 lignes": a number with its noun, on one line.
    pub fn count(&self, count: u64, french: [&str; 2], english: [&str; 2]) -> String {
        let noun = match self.language {
            // French counts zero as one.
            Language::French => french[usize::from(count > 1)],
            Language::English => english[usize::from(count != 1)],
        };
        format!("{}\u{a0}{noun}", self.number(count))
    }

    /// How long something took: "0,4 s", "1 min 12 s".
    pub fn length(&self, length: Duration) -> String {
        let millis = length.as_millis();
        if millis >= 60_000 {
            return language::length(length, self.language);
        }
        let digits = match millis {
            0..100 => 2,
            100..10_000 => 1,
            _ => 0,
        };
        let seconds = format!("{:.digits$}\u{a0}s", length.as_secs_f64());
        match self.language {
            Language::French => seconds.replace('.', ","),
            Language::English => seconds,
        }
    }

    /// A moment in full, for a title: "vendredi 20 novembre 2026 à 08:00".
    pub fn moment(&self, at: Timestamp) -> String {
        language::moment(at, self.zone(), self.language)
    }

    /// A moment seen from now, alone: "il y a 12 min", "hier à 08:00", "dans 2 h", "3 août à 08:00".
    pub fn when(&self, at: Timestamp) -> String {
        let away = at.duration_since(self.now);
        let minutes = away.abs().as_mins();
        let past = away.is_negative() || away.is_zero();
        match (minutes, past) {
            (0, true) => self.say("à l’instant", "just now").to_owned(),
            (0, false) => self.say("dans moins d’une minute", "in less than a minute").to_owned(),
            (1..60, _) => self.around(past, &format!("{minutes}\u{a0}min")),
            (60..360, _) => {
                let (hours, minutes) = (minutes / 60, minutes % 60);
                self.around(
                    past,
                    &match minutes {
                        0 => format!("{hours}\u{a0}h"),
                        _ => format!("{hours}\u{a0}h\u{a0}{minutes:02}"),
                    },
                )
            }
            _ => self.on_day(at),
        }
    }

    /// The same within a sentence: "le 3 août à 08:00", "on 3 August at 08:00".
    pub fn when_in_sentence(&self, at: Timestamp) -> String {
        let when = self.when(at);
        match self.is_date(at) {
            true => format!("{} {when}", self.say("le", "on")),
            false => when,
        }
    }

    /// What follows "depuis" or "since": "hier à 08:00", "le 3 août à 08:00", "3 August at 08:00".
    pub fn since(&self, at: Timestamp) -> String {
        let day = self.on_day(at);
        match self.language == Language::French && self.is_date(at) {
            true => format!("le {day}"),
            false => day,
        }
    }

    /// In days, those to come are negative.
    fn days_since(&self, at: &Zoned) -> i32 {
        let today = self.now.to_zoned(self.zone().clone()).date();
        at.date().until(today).map_or(i32::MAX, |span| span.get_days())
    }

    /// Whether the day of a moment is told by its date.
    fn is_date(&self, at: Timestamp) -> bool {
        !(-6..=6).contains(&self.days_since(&at.to_zoned(self.zone().clone())))
    }

    fn around(&self, past: bool, length: &str) -> String {
        match (self.language, past) {
            (Language::French, true) => format!("il y a {length}"),
            (Language::French, false) => format!("dans\u{a0}{length}"),
            (Language::English, true) => format!("{length} ago"),
            (Language::English, false) => format!("in\u{a0}{length}"),
        }
    }

    /// "aujourd’hui à 14:00", "hier à 08:00", "lundi à 08:00", "3 août à 08:00".
    pub fn on_day(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone().clone());
        let today = self.now.to_zoned(self.zone().clone()).date();
        let days = self.days_since(&at);
        let hour = language::hour(at.time(), self.language);
        let day = match days {
            0 => self.say("aujourd’hui", "today").to_owned(),
            1 => self.say("hier", "yesterday").to_owned(),
            -1 => self.say("demain", "tomorrow").to_owned(),
            -6..=6 => self.weekday(at.weekday()).to_owned(),
            _ => self.date(at.date(), at.year() != today.year()),
        };
        format!("{day}{}{hour}", self.say(" à ", " at "))
    }

    /// The name of a day of the week.
    pub fn weekday(&self, day: jiff::civil::Weekday) -> &'static str {
        const NAMES: [(&str, &str); 7] = [
            ("lundi", "Monday"),
            ("mardi", "Tuesday"),
            ("mercredi", "Wednesday"),
            ("jeudi", "Thursday"),
            ("vendredi", "Friday"),
            ("samedi", "Saturday"),
            ("dimanche", "Sunday"),
        ];
        let (french, english) = NAMES[day.to_monday_zero_offset().unsigned_abs() as usize];
        self.say(french, english)
    }

    /// A day: "3 août", "3 août 2026", "3 August 2026".
    pub fn date(&self, date: jiff::civil::Date, with_year: bool) -> String {
        language::date(date, with_year, self.language)
    }

    /// A size: "1,2 Mo", "1.2 MB"; decimal units, as French and English differ in their letter alone.
    pub fn size(&self, bytes: u64) -> String {
        let unit = self.say("o", "B");
        if bytes < 1000 {
            return format!("{bytes}\u{a0}{unit}");
        }
        let (mut amount, mut prefix) = (bytes as f64 / 1000.0, "k");
        for next in ["M", "G", "T"] {
            if amount < 999.5 {
                break;
            }
            (amount, prefix) = (amount / 1000.0, next);
        }
        let digits = usize::from(amount < 9.95);
        let text = format!("{amount:.digits$}\u{a0}{prefix}{unit}");
        match self.language {
            Language::French => text.replace('.', ","),
            Language::English => text,
        }
    }

    /// What Penny said in English, in the language of the page; what is not in that language says so.
    pub fn sentence(&self, english: &str) -> Markup {
        said(&language::said(english, self.language))
    }

    /// An outcome in a word.
    pub fn outcome(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Succeeded => self.say("réussie", "succeeded"),
            Outcome::Failed => self.say("échouée", "failed"),
            Outcome::TimedOut => self.say("délai dépassé", "timed out"),
            Outcome::Cancelled => self.say("annulée", "cancelled"),
            Outcome::Crashed => self.say("interrompue", "crashed"),
            Outcome::Skipped => self.say("non exécutée", "skipped"),
        }
    }

    /// How a run stands, in a word.
    pub fn standing(&self, run: &RunRecord) -> &'static str {
        match run.outcome {
            Some(outcome) => self.outcome(outcome),
            None if run.cut_off => self.say("interrompue", "cut off"),
            None => self.say("en cours", "running"),
        }
    }

    /// Why a run began, in words.
    pub fn trigger<'a>(&self, trigger: &'a str) -> &'a str {
        match trigger {
            "start" => self.say("au démarrage", "at the start"),
            "timer" => self.say("à l’heure prévue", "on schedule"),
            "manual" => self.say("à la demande", "by hand"),
            "catch-up" => self.say("en rattrapage", "to catch up"),
            "file change" => self.say("notebook modifié", "notebook changed"),
            other => other,
        }
    }

    /// How long ago, from a run's start to its end or until now.
    pub fn took(&self, run: &RunRecord) -> Duration {
        let end = run.ended.unwrap_or(self.now);
        Duration::try_from(end.duration_since(run.started).max(SignedDuration::ZERO))
            .unwrap_or_default()
    }
}

/// A text; what of it is not in the language of the page says so, for whoever reads it aloud.
pub fn said(said: &Said) -> Markup {
    html! {
        @for part in said.parts() {
            @match part {
                Part::Own(text) => (text),
                Part::Foreign(text) => span lang="en" { (text) },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of a moment at noon of 23 November 2026: alone, within a sentence, after "depuis" or "since".
    #[track_caller]
    fn check(at: &str, french: [&str; 3], english: [&str; 3]) {
        let now = "2026-11-23T12:00:00Z".parse().expect("a moment");
        let at = at.parse().expect("a moment");
        for (language, expected) in [(Language::French, french), (Language::English, english)] {
            let words = Words { language, zone: TimeZone::UTC, now };
            let told = [words.when(at), words.when_in_sentence(at), words.since(at)];
            assert_eq!(told.map(|told| told.replace('\u{a0}', " ")), expected);
        }
    }

    #[test]
    fn a_date_has_its_article_within_a_sentence() {
        check("2026-11-22T08:00:00Z", ["hier à 8 h 00"; 3], ["yesterday at 08:00"; 3]);
        check(
            "2026-11-10T08:00:00Z",
            ["10 novembre à 8 h 00", "le 10 novembre à 8 h 00", "le 10 novembre à 8 h 00"],
            ["10 November at 08:00", "on 10 November at 08:00", "10 November at 08:00"],
        );
        check(
            "2026-12-01T08:00:00Z",
            ["1er décembre à 8 h 00", "le 1er décembre à 8 h 00", "le 1er décembre à 8 h 00"],
            ["1 December at 08:00", "on 1 December at 08:00", "1 December at 08:00"],
        );
    }
}
