//! Numbers, times and the engine's sentences as a French or an English reader writes them.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::Language;

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
    match language {
        Language::English => at.strftime("%-d %B %Y, %H:%M").to_string(),
        Language::French => {
            let month = month(at.month(), language);
            format!("{} {month} {} à {}", at.day(), at.year(), at.strftime("%H h %M"))
        }
    }
}

/// "45 s", "3 min 20 s", "2 h 05 min", "3 d 4 h": the same in French but for the days.
pub fn length(length: Duration, language: Language) -> String {
    let seconds = length.as_secs();
    let day = match language {
        Language::English => "d",
        Language::French => "j",
    };
    match (seconds, seconds % 60, seconds / 60 % 60, seconds / 3600 % 24) {
        (0..60, ..) => format!("{seconds} s"),
        (60..3600, 0, minutes, _) => format!("{minutes} min"),
        (60..3600, rest, minutes, _) => format!("{minutes} min {rest:02} s"),
        (3600..86400, _, 0, hours) => format!("{hours} h"),
        (3600..86400, _, minutes, hours) => format!("{hours} h {minutes:02} min"),
        (_, _, _, 0) => format!("{} {day}", seconds / 86400),
        (_, _, _, hours) => format!("{} {day} {hours} h", seconds / 86400),
    }
}

/// "41,210", "41 210".
pub fn number(count: u64, language: Language) -> String {
    let english = crate::console::rows(count);
    match language {
        Language::English => english,
        Language::French => english.replace(',', "\u{202f}"),
    }
}

/// What the history says of a run's end, in the reader's language as far as Penny's own words go: what a
/// notebook raised stays as it raised it.
pub fn sentence(english: &str, language: Language) -> String {
    if language == Language::English {
        return english.to_owned();
    }
    const BEGINNINGS: &[(&str, &str)] = &[
        ("failed in cell ", "a échoué dans la cellule "),
        ("crashed in cell ", "s’est arrêté brutalement dans la cellule "),
        ("was ended in cell ", "a été arrêté dans la cellule "),
        ("took longer than its limit, ", "a dépassé sa limite de temps, "),
        ("could not run", "n’a pas pu s’exécuter"),
        ("Penny's own PostgreSQL does not run", "Le PostgreSQL de Penny n’est pas en marche"),
        ("PostgreSQL did not answer within ", "PostgreSQL n’a pas répondu en "),
        ("was cancelled in cell ", "a été annulé dans la cellule "),
        ("was cancelled between two cells", "a été annulé entre deux cellules"),
        ("was stopped in cell ", "a été interrompu dans la cellule "),
        ("was stopped between two cells", "a été interrompu entre deux cellules"),
        ("it comes after ", "il vient après "),
        ("it was paused", "il était en pause"),
        (
            "the sync was cancelled before its turn",
            "la synchronisation a été annulée avant son tour",
        ),
        ("Penny was stopped before its turn", "Penny a été arrêté avant son tour"),
        ("the run before was still going", "l’exécution d’avant n’était pas terminée"),
    ];
    const WITHIN: &[(&str, &str)] = &[
        (", and was ended in cell ", ", et a été arrêté dans la cellule "),
        (
            ", which took longer than the limit of a cell, ",
            ", qui a dépassé la limite d’une cellule, ",
        ),
        (" by the dashboard", " par le tableau de bord"),
        (", which did not succeed", ", qui n’a pas réussi"),
        ("(the parameters that penny.toml gives)", "(les paramètres de penny.toml)"),
    ];
    let Some((begins, french)) = BEGINNINGS.iter().find(|(b, _)| english.starts_with(b)) else {
        return english.to_owned();
    };
    let text = format!("{french}{}", &english[begins.len()..]);
    WITHIN.iter().fold(text, |text, (english, french)| text.replace(english, french))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_their_readers_write_them() {
        let at: Timestamp = "2026-02-01T13:05:00Z".parse().expect("a time");
        let zone = TimeZone::get("Europe/Paris").expect("a zone");
        assert_eq!(moment(at, &zone, Language::English), "1 February 2026, 14:05");
        assert_eq!(moment(at, &zone, Language::French), "1 février 2026 à 14 h 05");
        assert_eq!(number(41_210, Language::English), "41,210");
        assert_eq!(number(41_210, Language::French), "41\u{202f}210");
        let spoken = |seconds| length(Duration::from_secs(seconds), Language::French);
        assert_eq!(spoken(45), "45 s");
        assert_eq!(spoken(120), "2 min");
        assert_eq!(spoken(200), "3 min 20 s");
        assert_eq!(spoken(21_600), "6 h");
        assert_eq!(spoken(7_500), "2 h 05 min");
        assert_eq!(spoken(100_800), "1 j 4 h");
    }

    #[test]
    fn what_happened_is_told_in_french() {
        #[track_caller]
        fn check(english: &str, french: &str) {
            assert_eq!(sentence(english, Language::French), french);
            assert_eq!(sentence(english, Language::English), english);
        }
        check("failed in cell 4 (Extraction)", "a échoué dans la cellule 4 (Extraction)");
        check(
            "took longer than its limit, 1 h 00 min, and was ended in cell 2",
            "a dépassé sa limite de temps, 1 h 00 min, et a été arrêté dans la cellule 2",
        );
        check("could not run", "n’a pas pu s’exécuter");
        check("PostgreSQL did not answer within 5 s", "PostgreSQL n’a pas répondu en 5 s");
        check(
            "was cancelled in cell 2 (Export) by the dashboard",
            "a été annulé dans la cellule 2 (Export) par le tableau de bord",
        );
        check(
            "it comes after `ventes`, which did not succeed",
            "il vient après `ventes`, qui n’a pas réussi",
        );
        check("the disk is full", "the disk is full");
    }
}
