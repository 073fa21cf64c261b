//! Numbers, times and the engine's sentences as a French or an English reader writes them.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::config::Language;

mod fitting;
mod holidays;
#[cfg(test)]
mod put_together;
mod sentences;
mod shapes;
#[cfg(test)]
mod tests_of_sentences;
#[cfg(test)]
mod tests_of_sources;
mod typography;
mod written;

pub use holidays::holiday;
pub use sentences::{Part, Said, is_exception, raised, said, sentence};
pub use written::{API, DASHBOARD, who};

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// The name of a month, from 1, within a sentence.
pub fn month(month: i8, language: Language) -> &'static str {
    const ENGLISH: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let index = usize::from(month.unsigned_abs()).clamp(1, 12) - 1;
    match language {
        Language::English => ENGLISH[index],
        Language::French => MONTHS[index],
    }
}

/// "22 November 2026, 14:05", "22 novembre 2026 à 14 h 05".
pub fn moment(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    let at = at.to_zoned(zone.clone());
    let between = if language == Language::French { " à " } else { ", " };
    format!("{}{between}{}", date(at.date(), true, language), hour(at.time(), language))
}

/// A day: "3 août", "1er août 2026", "3 August 2026". No line breaks between the day and its month.
pub fn date(date: Date, with_year: bool, language: Language) -> String {
    let month = month(date.month(), language);
    let day = match (date.day(), language) {
        (1, Language::French) => "1er".to_owned(),
        (day, _) => day.to_string(),
    };
    match with_year {
        true => format!("{day}\u{a0}{month} {}", date.year()),
        false => format!("{day}\u{a0}{month}"),
    }
}

/// A time of day: "14:05", "14 h 05".
pub fn hour(at: Time, language: Language) -> String {
    match language {
        Language::English => at.strftime("%H:%M").to_string(),
        Language::French => at.strftime("%-H\u{a0}h\u{a0}%M").to_string(),
    }
}

/// "45 s", "3 min 20 s", "2 h 05 min", "3 d 4 h": in French without "min" after hours, and with "j" for days. No line
/// breaks within it.
pub fn length(length: Duration, language: Language) -> String {
    let seconds = length.as_secs();
    let is_french = language == Language::French;
    let (day, after_hours) = if is_french { ("j", "") } else { ("d", " min") };
    let text = match (seconds, seconds % 60, seconds / 60 % 60, seconds / 3600 % 24) {
        (0..60, ..) => format!("{seconds} s"),
        (60..3600, 0, minutes, _) => format!("{minutes} min"),
        (60..3600, rest, minutes, _) => format!("{minutes} min {rest:02} s"),
        (3600..86400, _, 0, hours) => format!("{hours} h"),
        (3600..86400, _, minutes, hours) => format!("{hours} h {minutes:02}{after_hours}"),
        (_, _, _, 0) => format!("{} {day}", seconds / 86400),
        (_, _, _, hours) => format!("{} {day} {hours} h", seconds / 86400),
    };
    text.replace(' ', "\u{a0}")
}

/// "41,210", "41 210".
pub fn number(count: u64, language: Language) -> String {
    let english = crate::console::rows(count);
    match language {
        Language::English => english,
        Language::French => english.replace(',', "\u{202f}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_their_readers_write_them() {
        let at: Timestamp = "2026-02-01T13:05:00Z".parse().expect("a time");
        let zone = TimeZone::get("Europe/Paris").expect("a zone");
        assert_eq!(moment(at, &zone, Language::English), "1\u{a0}February 2026, 14:05");
        assert_eq!(
            moment(at, &zone, Language::French),
            "1er\u{a0}février 2026 à 14\u{a0}h\u{a0}05"
        );
        assert_eq!(number(41_210, Language::English), "41,210");
        assert_eq!(number(41_210, Language::French), "41\u{202f}210");
        let spoken =
            |seconds| length(Duration::from_secs(seconds), Language::French).replace('\u{a0}', " ");
        assert_eq!(spoken(45), "45 s");
        assert_eq!(spoken(120), "2 min");
        assert_eq!(spoken(200), "3 min 20 s");
        assert_eq!(spoken(21_600), "6 h");
        assert_eq!(spoken(7_500), "2 h 05");
        assert_eq!(spoken(100_800), "1 j 4 h");
    }
}
