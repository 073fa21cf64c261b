//! The sentences of messages, in English and in French, and numbers as either reader writes them.

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

/// What the parts of a message are called; `{…}` stands for what differs.
pub struct Phrases {
    pub failed_one: &'static str,
    pub failed_many: &'static str,
    pub stale_one: &'static str,
    pub stale_many: &'static str,
    pub slow_one: &'static str,
    pub slow_many: &'static str,
    pub service: &'static str,
    pub over_one: &'static str,
    pub over_many: &'static str,
    pub test: &'static str,
    pub test_body: &'static str,
    pub error: &'static str,
    pub place: &'static str,
    pub line: &'static str,
    pub since: &'static str,
    pub until: &'static str,
    pub output: &'static str,
    pub to_do: &'static str,
    pub published: &'static str,
    pub rows: &'static str,
    pub allowed: &'static str,
    pub from_notebook: &'static str,
    pub usual: &'static str,
    pub works_again: &'static str,
    pub fresh_again: &'static str,
    pub ended_at_last: &'static str,
    pub service_again: &'static str,
    pub mend_notebook: &'static str,
    pub mend_stale: &'static str,
    pub mend_slow: &'static str,
    pub mend_service: &'static str,
    pub and_more: &'static str,
    pub footer: &'static str,
}

const ENGLISH: Phrases = Phrases {
    failed_one: "{names} failed",
    failed_many: "{count} notebooks failed: {names}",
    stale_one: "{names} is out of date",
    stale_many: "{count} tables are out of date: {names}",
    slow_one: "{names} takes much longer than usual",
    slow_many: "{count} notebooks take much longer than usual: {names}",
    service: "Penny cannot do its work",
    over_one: "{names} works again",
    over_many: "{count} things work again: {names}",
    test: "this is a test",
    test_body: "If you can read this, alerts reach you here.",
    error: "Error",
    place: "What happened",
    line: "Line",
    since: "Since",
    until: "Until",
    output: "Output notebook",
    to_do: "What to do",
    published: "Last published",
    rows: "Rows",
    allowed: "May be as old as",
    from_notebook: "Notebook",
    usual: "Usually takes",
    works_again: "The notebook runs without error again.",
    fresh_again: "The table has been published again.",
    ended_at_last: "The run has ended, and went well.",
    service_again: "The service works again.",
    mend_notebook: "Open the output notebook: its last cell shows the error. Correct {file}; it \
                    runs again with the next sync, or at once with: penny run {name}",
    mend_stale: "See whether the notebook still runs and publishes this table: penny history {name}",
    mend_slow: "Nothing, if there is more data than usual. Else see where it is: penny status",
    mend_service: "See the log: logs/notebook_scheduler.log. Penny tries again by itself.",
    and_more: "… and {count} more: penny alerts lists them all",
    footer: "Penny, workspace {workspace} on {host}. You are told once; the next message of this \
             comes when it is over.",
};

const FRENCH: Phrases = Phrases {
    failed_one: "{names} a échoué",
    failed_many: "{count} notebooks ont échoué : {names}",
    stale_one: "{names} n’est plus à jour",
    stale_many: "{count} tables ne sont plus à jour : {names}",
    slow_one: "{names} dure beaucoup plus longtemps que d’habitude",
    slow_many: "{count} notebooks durent beaucoup plus longtemps que d’habitude : {names}",
    service: "Penny ne peut pas faire son travail",
    over_one: "{names} fonctionne de nouveau",
    over_many: "{count} retours à la normale : {names}",
    test: "ceci est un essai",
    test_body: "Si vous lisez ceci, les alertes vous parviennent ici.",
    error: "Erreur",
    place: "Ce qui s’est passé",
    line: "Ligne",
    since: "Depuis",
    until: "Jusqu’à",
    output: "Notebook exécuté",
    to_do: "Que faire",
    published: "Dernière publication",
    rows: "Lignes",
    allowed: "Ancienneté admise",
    from_notebook: "Notebook",
    usual: "Durée habituelle",
    works_again: "Le notebook s’exécute de nouveau sans erreur.",
    fresh_again: "La table a été publiée de nouveau.",
    ended_at_last: "L’exécution est terminée, avec succès.",
    service_again: "Le service fonctionne de nouveau.",
    mend_notebook: "Ouvrez le notebook exécuté : sa dernière cellule montre l’erreur. Corrigez \
                    {file} ; il s’exécute de nouveau à la prochaine synchronisation, ou tout de \
                    suite avec : penny run {name}",
    mend_stale: "Vérifiez que le notebook s’exécute et publie encore cette table : penny history \
                 {name}",
    mend_slow: "Rien, s’il y a plus de données que d’habitude. Sinon, voyez où il en est : penny \
                status",
    mend_service: "Consultez le journal : logs/notebook_scheduler.log. Penny réessaie de lui-même.",
    and_more: "… et {count} autres : penny alerts les montre tous",
    footer: "Penny, espace de travail {workspace} sur {host}. Vous n’êtes prévenu qu’une fois ; le \
             prochain message à ce sujet annoncera la fin du problème.",
};

impl Phrases {
    /// Those of a language.
    pub fn of(language: Language) -> &'static Phrases {
        match language {
            Language::English => &ENGLISH,
            Language::French => &FRENCH,
        }
    }
}

/// A phrase with its places filled in.
pub fn fill(phrase: &str, places: &[(&str, &str)]) -> String {
    let mut text = phrase.to_owned();
    for (name, value) in places {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// "22 November 2026, 14:05", "22 novembre 2026 à 14 h 05".
pub fn moment(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    let at = at.to_zoned(zone.clone());
    match language {
        Language::English => at.strftime("%-d %B %Y, %H:%M").to_string(),
        Language::French => {
            let month = MONTHS[usize::from(at.month().unsigned_abs()) - 1];
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
    ];
    const WITHIN: &[(&str, &str)] = &[
        (", and was ended in cell ", ", et a été arrêté dans la cellule "),
        (
            ", which took longer than the limit of a cell, ",
            ", qui a dépassé la limite d’une cellule, ",
        ),
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
        check("the disk is full", "the disk is full");
    }

    #[test]
    fn no_place_of_a_phrase_stays_empty() {
        let filled = fill(FRENCH.mend_notebook, &[("file", "f.ipynb"), ("name", "n")]);
        assert!(!filled.contains('{'), "{filled}");
    }
}
