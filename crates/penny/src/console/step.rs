//! One thing that takes a while: what it is, how far it is, how it ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Console, words};

/// Plain lines come no more often than this, or a long installation would fill the log of a service.
const PLAIN_PAUSE: Duration = Duration::from_secs(2);

/// Something in progress; dropping it takes its live line away.
#[derive(Clone)]
pub struct Step {
    shared: Arc<Shared>,
}

struct Shared {
    console: Console,
    title: String,
    begun: Instant,
    bar: Option<ProgressBar>,
    /// When the last plain line came.
    said: Mutex<Instant>,
}

impl Step {
    pub(super) fn begin(console: Console, title: &str) -> Step {
        let bar = console.live.as_ref().map(|bars| {
            let style = ProgressStyle::with_template("{spinner} {prefix}  {elapsed}  {wide_msg}")
                .expect("the template is right")
                .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ");
            let bar = bars.add(ProgressBar::new_spinner().with_style(style));
            bar.set_prefix(title.to_owned());
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        if bar.is_none() && !console.is_log {
            console.say(&format!("{title} …"));
        }
        let (title, begun) = (title.to_owned(), Instant::now());
        Step { shared: Arc::new(Shared { console, title, begun, bar, said: Mutex::new(begun) }) }
    }

    /// How far it is.
    pub fn detail(&self, text: &str) {
        if let Some(bar) = &self.shared.bar {
            bar.set_message(text.to_owned());
            return;
        }
        if self.shared.console.is_log {
            return;
        }
        let said = *self.said();
        if said.elapsed() >= PLAIN_PAUSE {
            self.phase(text);
        }
    }

    /// What begins now, and may take long: it is always said.
    pub fn phase(&self, text: &str) {
        if let Some(bar) = &self.shared.bar {
            bar.set_message(text.to_owned());
            return;
        }
        *self.said() = Instant::now();
        let passed = words::duration(self.shared.begun.elapsed());
        self.shared.console.say(&format!("  {}: {text} ({passed})", self.shared.title));
    }

    fn said(&self) -> MutexGuard<'_, Instant> {
        self.shared.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It went well.
    pub fn done(&self, text: &str) {
        self.end(&format!("✓ {}: {text}", self.shared.title));
    }

    /// It ended, with a line of its own.
    pub fn end(&self, line: &str) {
        self.clear();
        self.shared.console.say(line);
    }

    /// Takes the live line away.
    pub fn clear(&self) {
        if let Some(bar) = &self.shared.bar {
            bar.finish_and_clear();
        }
    }

    /// How long it has taken so far.
    pub fn elapsed(&self) -> Duration {
        self.shared.begun.elapsed()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
