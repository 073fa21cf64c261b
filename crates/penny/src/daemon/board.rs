//! What the runs under way have told last: written by them, read by the dispatcher.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::state::Running;
use crate::clock::Clock;
use crate::console::Line;
use crate::run::{Follow, RunBegins};
use crate::store::RunId;

/// The runs under way. What has ended stays until it is taken, which is within one turn of the dispatcher.
pub struct Board {
    clock: Clock,
    runs: Mutex<Runs>,
    news: Notify,
}

#[derive(Default)]
struct Runs {
    running: BTreeMap<RunId, Running>,
    /// The notebooks of those that ended, or were skipped, since the dispatcher asked last.
    over: Vec<String>,
}

impl Board {
    /// An empty one.
    pub fn new(clock: Clock) -> Board {
        Board { clock, runs: Mutex::default(), news: Notify::new() }
    }

    /// Comes back when a run has ended.
    pub async fn news(&self) {
        self.news.notified().await;
    }

    /// The notebooks whose runs have ended since this was last asked.
    pub fn take_over(&self) -> Vec<String> {
        std::mem::take(&mut self.runs().over)
    }

    /// The runs under way, the oldest first.
    pub fn running(&self) -> Vec<Running> {
        self.runs().running.values().cloned().collect()
    }

    /// Whether a run of this notebook has begun and not ended.
    pub fn is_running(&self, notebook: &str) -> bool {
        self.runs().running.values().any(|run| run.notebook == notebook)
    }

    fn change(&self, run: RunId, change: impl FnOnce(&mut Running)) {
        let mut runs = self.runs();
        if let Some(running) = runs.running.get_mut(&run) {
            change(running);
        }
    }

    fn runs(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn after(&self, pause: Duration) -> Option<Timestamp> {
        let pause = SignedDuration::try_from(pause).ok()?;
        self.clock.wall().checked_add(pause).ok()
    }
}

impl Follow for Board {
    fn run_begins(&self, begins: &RunBegins<'_>) {
        let running = Running {
            run: begins.run,
            sync: begins.sync,
            notebook: begins.notebook.to_owned(),
            trigger: begins.trigger.word().to_owned(),
            since: begins.at,
            attempt: 1,
            again_at: None,
            cell: 0,
            cells: 0,
        };
        let mut runs = self.runs();
        runs.running.insert(begins.run, running);
    }

    fn attempt_begins(&self, run: RunId, attempt: u32) {
        self.change(run, |running| {
            (running.attempt, running.again_at, running.cell) = (attempt, None, 0);
        });
    }

    fn attempt_waits(&self, run: RunId, pause: Duration) {
        let again_at = self.after(pause);
        self.change(run, |running| running.again_at = again_at);
    }

    fn cell_begins(&self, run: RunId, index: usize, of: usize) {
        self.change(run, |running| (running.cell, running.cells) = (index, of));
    }

    fn run_ended(&self, run: RunId, line: &Line) {
        let mut runs = self.runs();
        runs.running.remove(&run);
        runs.over.push(line.name.clone());
        drop(runs);
        self.news.notify_one();
    }
}
