//! Someone who follows the runs of a sync while they go on.

use std::time::Duration;

use jiff::Timestamp;

use crate::console::Line;
use crate::store::{RunId, SyncId, Trigger};

/// A run that begins.
pub struct RunBegins<'a> {
    /// The run.
    pub run: RunId,
    /// Its sync.
    pub sync: SyncId,
    /// Why the sync began.
    pub trigger: Trigger,
    /// Its notebook.
    pub notebook: &'a str,
    /// When it begins.
    pub at: Timestamp,
}

/// Someone who is told how far the runs are. Nothing here may wait.
pub trait Follow: Send + Sync {
    /// A run begins.
    fn run_begins(&self, _begins: &RunBegins<'_>) {}

    /// A try of a run begins; the first has number 1.
    fn attempt_begins(&self, _run: RunId, _attempt: u32) {}

    /// A try failed of something that may pass: the next begins after this pause.
    fn attempt_waits(&self, _run: RunId, _pause: Duration) {}

    /// A cell begins: the `index`th (from 1) of `of` that have code.
    fn cell_begins(&self, _run: RunId, _index: usize, _of: usize) {}

    /// A run ended, or was skipped.
    fn run_ended(&self, _run: RunId, _line: &Line) {}
}

/// Nobody follows.
pub struct Alone;

impl Follow for Alone {}
