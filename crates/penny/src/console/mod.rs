//! What the user sees while Penny works: live on a terminal, plain lines elsewhere.
//!
//! Progress, warnings and errors go to standard error; results go to standard output.

mod bar;
mod step;
mod summary;
mod words;

use std::sync::Arc;

use indicatif::{MultiProgress, ProgressDrawTarget};

use crate::error::Error;

pub use bar::Bar;
pub use step::Step;
pub use summary::{Line, Summary};
pub use words::{count, duration, rows, size};

/// Where progress is shown.
#[derive(Clone)]
pub struct Console {
    live: Option<Arc<MultiProgress>>,
}

impl Console {
    /// Live when standard error is a terminal.
    pub fn new(live: bool) -> Console {
        let bars = || MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(12));
        Console { live: live.then(|| Arc::new(bars())) }
    }

    /// One line above what is in progress.
    pub fn say(&self, line: &str) {
        match &self.live {
            Some(bars) => {
                bars.suspend(|| eprintln!("{line}"));
            }
            None => eprintln!("{line}"),
        }
    }

    /// A warning, to the user and to the log.
    pub fn warn(&self, text: &str) {
        tracing::warn!("{text}");
        self.say(&format!("warning: {text}"));
    }

    /// An error with its hints, as every command shows it.
    pub fn error(&self, error: &Error) {
        self.say(&format!("error: {}", error.sentence()));
        for hint in error.hints() {
            self.say(&format!("hint: {hint}"));
        }
    }

    /// Begins something of which there are so many parts.
    pub fn bar(&self, title: &str, of: usize) -> Bar {
        Bar::begin(self.clone(), title, of)
    }

    /// Begins something that takes a while.
    pub fn step(&self, title: &str) -> Step {
        Step::begin(self.clone(), title)
    }
}
