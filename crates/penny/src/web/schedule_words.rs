//! Schedules, and who did something, in the language of the page.

use penny_schedule::{Calendar, Description, SaidDays, SaidTimes, Schedule};

use super::words::Words;
use crate::config::Language;
use crate::language;

pub use crate::language::DASHBOARD;

impl Words {
    /// A schedule in words: "chaque jour à 8 h 00 et 13 h 30", "toutes les 2 heures, les jours ouvrés".
    pub fn schedule(&self, schedule: &Schedule) -> String {
        match self.language {
            Language::English => schedule.describe(),
            Language::French => in_french(schedule.description()),
        }
    }

    /// Who did something: "le tableau de bord", "claire (penny pause)".
    pub fn who(&self, by: &str) -> String {
        match self.language {
            Language::French => language::who(by),
            Language::English => by.to_owned(),
        }
    }
}

fn in_french(Description { times, days, only }: Description) -> String {
    let of_days = on(&days);
    let words = match times {
        SaidTimes::At(times) => {
            let days = match (of_days, &days) {
                (None, _) => "chaque jour".to_owned(),
                (Some(on), SaidDays::Working(_)) => format!("tous {on}"),
                (Some(on), _) => on,
            };
            let times: Vec<String> = times.iter().map(|time| hour(time)).collect();
            format!("{days} à {}", listed(&times))
        }
        SaidTimes::Cron(cron) => format!("selon l’expression cron «\u{a0}{cron}\u{a0}»"),
        SaidTimes::Every(seconds) => joined(every(seconds), of_days),
        SaidTimes::EveryMinute => joined("chaque minute".to_owned(), of_days),
        SaidTimes::EveryHour => joined("à chaque heure pile".to_owned(), of_days),
        SaidTimes::EveryMinutes(step) => joined(format!("toutes les {step} minutes"), of_days),
        SaidTimes::EveryHourAt(minute) => {
            joined(format!("chaque heure à la minute {minute}"), of_days)
        }
    };
    joined(words, on(&only))
}

/// "08:30" as "8 h 30".
fn hour(text: &str) -> String {
    let time = jiff::civil::Time::strptime("%H:%M", text);
    time.map_or_else(|_| text.to_owned(), |time| language::hour(time, Language::French))
}

fn joined(words: String, days: Option<String>) -> String {
    match days {
        Some(days) => format!("{words}, {days}"),
        None => words,
    }
}

/// An interval: "toutes les 2 heures", "tous les 3 jours", "toutes les 1 h 30".
fn every(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds % 86_400 / 3600, seconds % 3600 / 60);
    match (days, hours, minutes, seconds % 60) {
        (1, 0, 0, 0) => "tous les jours".to_owned(),
        (days, 0, 0, 0) => format!("tous les {days} jours"),
        (0, 1, 0, 0) => "toutes les heures".to_owned(),
        (0, hours, 0, 0) => format!("toutes les {hours} heures"),
        (0, 0, 1, 0) => "toutes les minutes".to_owned(),
        (0, 0, minutes, 0) => format!("toutes les {minutes} minutes"),
        (0, hours, minutes, 0) => format!("toutes les {hours}\u{a0}h\u{a0}{minutes:02}"),
        (days, hours, minutes, rest) => {
            let parts = [(days, "j"), (hours, "h"), (minutes, "min"), (rest, "s")];
            let parts = parts.iter().filter(|(number, _)| *number > 0);
            let parts: Vec<String> =
                parts.map(|(number, unit)| format!("{number} {unit}")).collect();
            format!("tous les {}", parts.join(" "))
        }
    }
}

fn on(days: &SaidDays) -> Option<String> {
    const NAMES: [&str; 7] =
        ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
    Some(match days {
        SaidDays::All => return None,
        SaidDays::Working(calendar) => format!("les jours ouvrés{}", of(*calendar)),
        SaidDays::WorkingOfMonth(calendar, numbers) => {
            let days: Vec<String> = numbers.iter().map(|day| working_day(*day)).collect();
            format!("{} du mois{}", listed(&days), of(*calendar))
        }
        SaidDays::MondayToFriday => "du lundi au vendredi".to_owned(),
        SaidDays::Weekdays(days) => {
            let names = days.iter().filter_map(|day| NAMES.get(usize::from(*day).checked_sub(1)?));
            let names: Vec<String> = names.map(|name| format!("le {name}")).collect();
            listed(&names)
        }
        SaidDays::LastOfMonth => "le dernier jour du mois".to_owned(),
        SaidDays::OfMonth(days) => {
            let days: Vec<String> =
                days.iter().map(|day| format!("le {}", ordinal(*day, ""))).collect();
            format!("{} du mois", listed(&days))
        }
    })
}

fn working_day(day: i8) -> String {
    match day {
        -1 => "le dernier jour ouvré".to_owned(),
        -2 => "l’avant-dernier jour ouvré".to_owned(),
        day if day < 0 => format!("le {}e jour ouvré en partant de la fin", day.unsigned_abs()),
        day => format!("le {} jour ouvré", ordinal(day.unsigned_abs(), "e")),
    }
}

fn ordinal(number: u8, other: &str) -> String {
    if number == 1 { "1er".to_owned() } else { format!("{number}{other}") }
}

fn of(calendar: Calendar) -> &'static str {
    match calendar {
        Calendar::AlsaceMoselle => " (Alsace-Moselle)",
        _ => "",
    }
}

fn listed(parts: &[String]) -> String {
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} et {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_said_in_french() {
        #[track_caller]
        fn check(schedule: Schedule, expected: &str) {
            assert_eq!(in_french(schedule.description()).replace('\u{a0}', " "), expected);
        }
        let every = |text| Schedule::every(text).expect("an interval");
        let cron = |text| Schedule::cron(text).expect("an expression");
        let daily = |times: &[&str]| Schedule::daily_at(times).expect("times");
        let working =
            |schedule: Schedule| schedule.on_working_days(Calendar::France).expect("right");
        check(every("2h"), "toutes les 2 heures");
        check(every("1h30m"), "toutes les 1 h 30");
        check(every("1d"), "tous les jours");
        check(every("45m"), "toutes les 45 minutes");
        check(daily(&["08:00", "13:30"]), "chaque jour à 8 h 00 et 13 h 30");
        check(working(daily(&["08:00"])), "tous les jours ouvrés à 8 h 00");
        check(working(every("2h")), "toutes les 2 heures, les jours ouvrés");
        check(cron("30 8 * * 1-5"), "du lundi au vendredi à 8 h 30");
        check(cron("0 8 * * 1,4"), "le lundi et le jeudi à 8 h 00");
        check(cron("0 18 L * *"), "le dernier jour du mois à 18 h 00");
        check(cron("0 8 1,15 * *"), "le 1er et le 15 du mois à 8 h 00");
        check(cron("*/30 * * * *"), "toutes les 30 minutes");
        check(cron("0 8 1 1 *"), "selon l’expression cron « 0 8 1 1 * »");
        let closing = Schedule::on_working_day(&[1, 3, -1], Calendar::France, &["07:00"]);
        let said = "le 1er jour ouvré, le 3e jour ouvré et le dernier jour ouvré du mois à 7 h 00";
        check(closing.expect("right"), said);
    }

    #[test]
    fn who_did_something_is_said_in_french() {
        let words = |language| Words {
            language,
            zone: jiff::tz::TimeZone::UTC,
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        let french = words(Language::French);
        assert_eq!(french.who(DASHBOARD), "le tableau de bord");
        assert_eq!(french.who("claire (penny pause)"), "claire (penny pause)");
        assert_eq!(french.who("someone (penny pause)"), "quelqu’un (penny pause)");
        assert_eq!(words(Language::English).who(DASHBOARD), DASHBOARD);
    }
}
