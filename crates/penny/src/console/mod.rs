//! What the user sees while Penny works: live on a terminal, plain lines elsewhere, a log of a service.
//!
//! Progress, warnings and errors go to standard error; results go to standard output.

mod bar;
mod paint;
mod step;
mod summary;
mod words;

use std::sync::Arc;

use indicatif::{MultiProgress, ProgressDrawTarget};

use crate::error::Error;

pub use bar::Bar;
pub use paint::{Paint, cut, fitted};
pub use step::Step;
pub use summary::{Line, Summary};
pub use words::{count, duration, file_size, rows, size};

/// Where progress is shown.
#[derive(Clone)]
pub struct Console {
    live: Option<Arc<MultiProgress>>,
    /// Whether it is read as a log: each line with its time, and no word of what is only under way.
    is_log: bool,
}

impl Console {
    /// Live when standard error is a terminal.
    pub fn new(live: bool) -> Console {
        let bars = || MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(12));
        Console { live: live.then(|| Arc::new(bars())), is_log: false }
    }

    /// That of a service, whose lines are read days later.
    pub fn log() -> Console {
        Console { live: None, is_log: true }
    }

    /// One line above what is in progress.
    pub fn say(&self, line: &str) {
        if self.is_log {
            let now = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S");
            // What is below a line belongs to it.
            return print(&format!("{now} {}", line.replace('\n', "\n  ")));
        }
        match &self.live {
            Some(bars) => {
                bars.suspend(|| print(line));
            }
            None => print(line),
        }
    }

    /// That cells are being interrupted since the user wishes to end.
    pub fn stopping(&self) {
        if !self.is_log {
            self.say(
                "stopping: the cell is interrupted (Ctrl-C once more ends everything at once)",
            );
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

/// A terminal that is gone is no reason to end.
fn print(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}
