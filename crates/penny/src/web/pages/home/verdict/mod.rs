//! The verdict: whether the figures are fresh, and if not, why; what it means for them, and what helps.

mod calm;
mod speaker;
mod troubles;

use serde_json::{Value, json};

use super::facts::{Facts, Failure};
use crate::language::Said;
use crate::web::words::Words;

use speaker::Speaker;
pub use speaker::plain_name;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The figures are missing, old, or cannot be read.
    Bad,
    /// Something wants to be looked at.
    Warn,
    /// Good to know.
    Idle,
    /// It is being done.
    Running,
    /// All is well.
    Good,
}

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// The sentence that is read first.
    pub title: String,
    /// What it means.
    pub text: String,
    /// What a program or a notebook said, letter by letter.
    pub said: Option<Said>,
    /// The runs that it is about: where each is, and what is said of it.
    pub runs: Vec<(String, Said)>,
    /// What helps, the best first.
    pub helps: Vec<Help>,
}

/// A button that helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub to: To,
}

/// Where a button leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// A page.
    Page(String),
    /// A page that asks for a confirmation.
    Dialog(String),
    /// Something to copy.
    Copy(String),
}

impl Level {
    /// The class that gives its colour and its mark.
    pub fn class(self) -> &'static str {
        match self {
            Level::Bad => "bad",
            Level::Warn => "warn",
            Level::Idle => "idle",
            Level::Running => "running",
            Level::Good => "good",
        }
    }
}

impl Finding {
    fn new(level: Level, title: impl Into<String>, text: impl Into<String>) -> Finding {
        let (title, text) = (title.into(), text.into());
        Finding { level, title, text, said: None, runs: Vec::new(), helps: Vec::new() }
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let runs =
            self.runs.iter().map(|(page, text)| json!({"page": page, "text": text.to_string()}));
        json!({
            "level": self.level.class(),
            "title": self.title,
            "text": self.text,
            "said": self.said.as_ref().map(ToString::to_string),
            "runs": runs.collect::<Vec<_>>(),
            "helps": self.helps.iter().map(Help::json).collect::<Vec<_>>(),
        })
    }

    fn said(mut self, said: Said) -> Finding {
        self.said = Some(said).filter(|said| !said.parts().is_empty());
        self
    }

    fn helps(mut self, helps: impl Into<Vec<Help>>) -> Finding {
        self.helps = helps.into();
        self
    }
}

impl Help {
    fn json(&self) -> Value {
        let (page, copy) = match &self.to {
            To::Page(page) | To::Dialog(page) => (Some(page), None),
            To::Copy(text) => (None, Some(text)),
        };
        json!({"label": self.label, "page": page, "copy": copy})
    }
}

/// What there is to say, the worst first; there is always something.
pub fn findings(words: &Words, facts: &Facts) -> Vec<Finding> {
    let speaker = Speaker { words, facts };
    let (wanted, failed): (Vec<&Failure>, Vec<&Failure>) =
        facts.failures.iter().partition(|failure| failure.is_wanted());
    let troubles = [
        speaker.ending(),
        speaker.stuck(),
        speaker.postgres(),
        speaker.failed(&failed),
        speaker.stale(),
        speaker.postgres_unused(),
        speaker.pause(),
        speaker.settings(),
        speaker.trouble(),
        speaker.failed(&wanted),
    ];
    let mut found: Vec<Finding> = troubles.into_iter().flatten().collect();
    if found.is_empty() {
        found.push(speaker.fresh());
    }
    found.extend(speaker.postgres_starts());
    found.extend(speaker.paused_notebooks());
    found.extend(speaker.new_notebooks());
    found
}

#[cfg(test)]
mod tests;
