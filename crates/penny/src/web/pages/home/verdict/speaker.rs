//! How the facts are put into words.

use jiff::Timestamp;

use super::super::facts::Facts;
use super::{Help, To};
use crate::config::Language;
use crate::language::{self, Said};
use crate::web::words::Words;

/// More names than this are counted, not listed.
pub const NAMES_MAX: usize = 5;

/// Says what the facts come to.
pub struct Speaker<'a> {
    pub words: &'a Words,
    pub facts: &'a Facts,
}

impl Speaker<'_> {
    /// A text in the language of the page.
    pub fn say<'t>(&self, french: &'t str, english: &'t str) -> &'t str {
        self.words.say(french, english)
    }

    /// The same for texts with something in them.
    pub fn tell(&self, french: String, english: String) -> String {
        match self.words.language {
            Language::French => french,
            Language::English => english,
        }
    }

    /// What the engine says.
    pub fn sentence(&self, english: &str) -> Said {
        language::said(english, self.words.language)
    }

    /// A button.
    pub fn help(&self, french: &str, english: &str, to: To) -> Help {
        Help { label: self.say(french, english).to_owned(), to }
    }

    /// The button that starts a sync.
    pub fn sync_now(&self) -> Help {
        self.help("Synchroniser…", "Sync…", To::Dialog("/run".into()))
    }

    /// The button that shows the log.
    pub fn see_log(&self) -> Help {
        self.help("Voir le journal", "See the log", To::Page("/log".into()))
    }

    /// `« a », « b » et « c »`, `“a”, “b” and “c”`.
    pub fn names(&self, names: &[&str]) -> String {
        let quoted = |name: &&str| self.tell(format!("«\u{a0}{name}\u{a0}»"), format!("“{name}”"));
        let mut shown: Vec<String> = names.iter().take(NAMES_MAX).map(quoted).collect();
        if let Some(more) = names.len().checked_sub(NAMES_MAX).filter(|more| *more > 0) {
            let more = more as u64;
            shown.push(self.words.count(more, ["autre", "autres"], ["other", "others"]));
        }
        match shown.split_last() {
            Some((last, rest)) if !rest.is_empty() => {
                format!("{} {} {last}", rest.join(", "), self.say("et", "and"))
            }
            _ => shown.concat(),
        }
    }

    /// "d’hier à 08:00", "d’il y a 12 min", "du 3 août à 08:00": what follows "datent"; in English "yesterday at
    /// 08:00", which follows "were published".
    pub fn from(&self, at: Timestamp) -> String {
        if self.words.language == Language::English {
            return self.words.when_in_sentence(at);
        }
        let when = self.words.when(at);
        if when == "à l’instant" {
            return "d’il y a moins d’une minute".to_owned();
        }
        // Before a vowel the word is shortened, and so it is before the mute h of "hier".
        let is_vowel = when.starts_with(['a', 'à', 'h', 'i']);
        match when.chars().next().is_some_and(|first| first.is_ascii_digit()) {
            true => format!("du {when}"),
            false if is_vowel => format!("d’{when}"),
            false => format!("de {when}"),
        }
    }

    /// "Les plus anciens chiffres datent d’hier à 08:00."
    pub fn oldest(&self, at: Timestamp) -> String {
        let from = self.from(at);
        self.tell(
            format!("Les plus anciens chiffres datent {from}."),
            format!("The oldest figures were published {from}."),
        )
    }
}

/// A table without its schema.
pub fn plain_name(table: &str) -> &str {
    table.split_once('.').map_or(table, |(_, name)| name)
}
