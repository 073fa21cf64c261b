//! How far something countable is: a bar on a terminal, plain lines elsewhere.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Console, words};

/// Plain lines come no more often than this.
const PLAIN_PAUSE: Duration = Duration::from_secs(5);

/// A bar; dropping it takes its live line away.
pub struct Bar {
    console: Console,
    title: String,
    of: usize,
    begun: Instant,
    live: Option<ProgressBar>,
    /// When the last plain line came.
    said: Mutex<Instant>,
}

impl Bar {
    pub(super) fn begin(console: Console, title: &str, of: usize) -> Bar {
        let live = console.live.as_ref().map(|bars| {
            let style = ProgressStyle::with_template(
                "{prefix}: {percent:>3}%|{bar:30}| {pos}/{len} [{elapsed}<{eta}]",
            )
            .expect("the template is right")
            .progress_chars("██ ");
            let bar = bars.add(ProgressBar::new(of as u64).with_style(style));
            bar.set_prefix(title.to_owned());
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        let begun = Instant::now();
        Bar { console, title: title.to_owned(), of, begun, live, said: Mutex::new(begun) }
    }

    /// So many are done.
    pub fn at(&self, done: usize) {
        if let Some(bar) = &self.live {
            bar.set_position(done as u64);
            return;
        }
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.elapsed() >= PLAIN_PAUSE {
            *said = Instant::now();
            let passed = words::duration(self.begun.elapsed());
            self.console.say(&format!("{}: {done} of {} ({passed})", self.title, self.of));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.live {
            bar.finish_and_clear();
        }
    }
}
