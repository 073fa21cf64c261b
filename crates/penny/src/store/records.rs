//! What the history knows of runs, their attempts and their publishes, for those who look back.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{AskedFor, CellTiming, LOOKED_AT_MAX, Outcome, RunId, SyncId};

/// Which runs to read, newest first.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Those of these notebooks; all when empty.
    pub notebooks: Vec<String>,
    /// Those that ended so; all when empty.
    pub outcomes: Vec<Outcome>,
    /// Those that started for one of these reasons, as the history words them; for any when empty.
    pub triggers: Vec<String>,
    /// Those that started then or later.
    pub since: Option<Timestamp>,
    /// Those that started before.
    pub until: Option<Timestamp>,
    /// Those whose notebook or error contains this, whatever the case of its letters without an accent.
    pub text: Option<String>,
    /// Those older than this run: where a page of them ended, the next begins.
    pub before: Option<RunId>,
    /// At most so many.
    pub limit: usize,
}

impl RunFilter {
    /// Whether not all of a long history is looked at.
    pub fn is_bounded(&self) -> bool {
        self.text.is_some() || !self.triggers.is_empty()
    }

    /// Where looking goes on when not all was looked at: the run before which it does.
    pub fn further(&self, newest: RunId) -> Option<RunId> {
        let last = self.before.map_or(newest, |before| before.saturating_sub(1)).min(newest);
        let floor = last.saturating_sub(LOOKED_AT_MAX);
        (self.is_bounded() && floor > 0).then_some(floor)
    }
}

/// A run with all that the history knows of it.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// Identifies it.
    pub id: RunId,
    /// Its sync.
    pub sync: SyncId,
    /// Its notebook.
    pub notebook: String,
    /// The notebook's file, as penny.toml wrote it.
    pub file: String,
    /// Why it started, in a word.
    pub trigger: String,
    /// The time at which it was due.
    pub due: Option<Timestamp>,
    /// When it started.
    pub started: Timestamp,
    /// When it ended; none while it is under way.
    pub ended: Option<Timestamp>,
    /// How it ended; none while it is under way.
    pub outcome: Option<Outcome>,
    /// Why, when it did not succeed.
    pub error: Option<String>,
    /// Its output notebook, relative to the workspace.
    pub output: Option<String>,
    /// SHA-256 of the output notebook, in hex.
    pub output_hash: Option<String>,
    /// How large the output notebook is.
    pub output_bytes: Option<u64>,
    /// How many code cells there are.
    pub cells: Option<u64>,
    /// How many of them ran.
    pub cells_run: Option<u64>,
    /// How long each took.
    pub timings: Vec<CellTiming>,
    /// What the user should know though it went well.
    pub warnings: Vec<String>,
    /// How its kernel was started: `fork`, `spawn` or `gateway`.
    pub kernel_start: Option<String>,
    /// Why that way.
    pub kernel_start_reason: Option<String>,
    /// How much memory its kernel used at most.
    pub peak_memory_bytes: Option<u64>,
    /// How many places of its outputs held a secret, which was masked.
    pub masked: u64,
    /// How often it was tried.
    pub attempts: Option<u32>,
    /// SHA-256 of the source notebook, in hex; empty when it could not be read.
    pub source_hash: String,
    /// The state of the Python that it ran on.
    pub environment_hash: Option<String>,
    /// The Penny that ran it.
    pub version: String,
    /// The values that were put into the notebook, as they may be shown; none for a run that began before
    /// they were kept.
    pub parameters: Map<String, Value>,
    /// What is told of its sync, if somebody asked for that.
    pub asked: Option<AskedFor>,
    /// Whether it has not ended though nobody runs it any more: the next start marks it crashed.
    pub cut_off: bool,
}

impl RunRecord {
    /// How it ended, in a word; `running` or `cut off` for one that has not.
    pub fn word(&self) -> &'static str {
        match self.outcome {
            Some(outcome) => outcome.word(),
            None if self.cut_off => "cut off",
            None => "running",
        }
    }
}

/// An output notebook that retention removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
}

/// A try within a run.
#[derive(Clone, Debug)]
pub struct AttemptRecord {
    /// Its number, from 1.
    pub number: u32,
    /// When it started.
    pub started: Timestamp,
    /// When it ended; none while it is under way.
    pub ended: Option<Timestamp>,
    /// How it ended; none while it is under way.
    pub outcome: Option<Outcome>,
    /// Why, when it did not succeed.
    pub error: Option<String>,
    /// The cause by which it was or was not tried again, in a few words.
    pub cause: Option<String>,
    /// Its output notebook, relative to the workspace.
    pub output: Option<String>,
}

/// A publish of a run.
#[derive(Clone, Debug)]
pub struct PublishRecord {
    /// Identifies it.
    pub id: i64,
    /// `schema.table`.
    pub table: String,
    /// How many rows the table has since.
    pub rows: u64,
    /// When.
    pub at: Timestamp,
    /// The report of `penny load`.
    pub report: serde_json::Value,
}

impl PublishRecord {
    /// A number of the report; 0 for one that it does not have.
    pub fn count(&self, name: &str) -> u64 {
        self.report[name].as_u64().unwrap_or(0)
    }
}
