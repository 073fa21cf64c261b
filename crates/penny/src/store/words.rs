//! The words of the history: how a run ended, why it began, and what was raised.

use penny_notebook::without_ansi;

/// So many letters of an exception's text are in the record of its run; the output notebook has all of it.
const EVALUE_MAX: usize = 600;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Every cell ran.
    Succeeded,
    /// A cell raised, or the notebook could not be executed.
    Failed,
    /// It took longer than its limit.
    TimedOut,
    /// The user stopped it.
    Cancelled,
    /// Its kernel, or Penny itself, died.
    Crashed,
    /// It did not run.
    Skipped,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 6] = [
        Outcome::Succeeded,
        Outcome::Failed,
        Outcome::TimedOut,
        Outcome::Cancelled,
        Outcome::Crashed,
        Outcome::Skipped,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Succeeded => "succeeded",
            Outcome::Failed => "failed",
            Outcome::TimedOut => "timed out",
            Outcome::Cancelled => "cancelled",
            Outcome::Crashed => "crashed",
            Outcome::Skipped => "skipped",
        }
    }

    /// The outcome that a word of the history means.
    pub fn of_word(word: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

/// Why a sync began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// It is the first sync of `penny start`.
    Start,
    /// It was due.
    Timer,
    /// Someone asked for it.
    Manual,
    /// It had been due while the computer slept or Penny was off.
    CatchUp,
    /// The notebook was saved.
    FileChange,
    /// It is known by its output notebook alone, which does not tell.
    Unknown,
}

impl Trigger {
    /// All of them.
    pub const ALL: [Trigger; 6] = [
        Trigger::Start,
        Trigger::Timer,
        Trigger::Manual,
        Trigger::CatchUp,
        Trigger::FileChange,
        Trigger::Unknown,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Trigger::Start => "start",
            Trigger::Timer => "timer",
            Trigger::Manual => "manual",
            Trigger::CatchUp => "catch-up",
            Trigger::FileChange => "file change",
            Trigger::Unknown => "unknown",
        }
    }

    /// The trigger that a word of the history means.
    pub fn of_word(word: &str) -> Option<Trigger> {
        match word {
            // What an earlier version called the sync of `penny demo`.
            "demo" => Some(Trigger::Manual),
            _ => Trigger::ALL.into_iter().find(|trigger| trigger.word() == word),
        }
    }
}

/// What the record of a run tells of an exception's text: its beginning, without a terminal's colours.
pub fn evalue_told(evalue: &str) -> String {
    let text = without_ansi(evalue);
    let text = text.trim();
    match text.char_indices().nth(EVALUE_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
