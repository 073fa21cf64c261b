//! What there is to be told: a notebook that fails, a table that is too old, a run that takes long.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::AlertKind;
use crate::store::{RunId, SyncId};

/// Something that is wrong, from when it began until it is over and that was told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What it is.
    pub facts: Facts,
    /// When it began.
    #[serde(with = "as_text")]
    pub since: Timestamp,
    /// Who was told, by the names of the alerts, with the Message-ID; none before it was told.
    pub told: Option<BTreeMap<String, String>>,
    /// How it ended, while that has yet to be told.
    pub over: Option<Over>,
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facts {
    /// A run did not succeed.
    Failure(Failed),
    /// A table is older than it may be.
    Stale(StaleTable),
    /// A run takes much longer than usual.
    Slow(SlowRun),
    /// The service cannot do its work.
    Service {
        /// Why, in a sentence.
        error: String,
    },
}

/// A run that did not succeed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failed {
    /// The notebook.
    pub notebook: String,
    /// The run.
    pub run: RunId,
    /// Its sync.
    pub sync: SyncId,
    /// What started it.
    pub trigger: String,
    /// How it ended: `failed`, `timed out` or `crashed`.
    pub outcome: String,
    /// Why, as the history has it: without secrets.
    pub error: String,
    /// The output notebook, relative to the workspace.
    pub output: Option<String>,
}

/// A table that is older than it may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StaleTable {
    /// `schema.table`.
    pub table: String,
    /// The notebook that publishes it.
    pub notebook: String,
    /// How many rows it has.
    pub rows: u64,
    /// When it was last published.
    #[serde(with = "as_text")]
    pub published: Timestamp,
    /// How old it may get, in seconds.
    pub allowed_seconds: u64,
}

/// A run that takes much longer than usual.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlowRun {
    /// The notebook.
    pub notebook: String,
    /// The run.
    pub run: RunId,
    /// When it started.
    #[serde(with = "as_text")]
    pub started: Timestamp,
    /// How long its runs usually take, in seconds.
    pub usual_seconds: u64,
}

/// The end of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Over {
    /// When.
    #[serde(with = "as_text")]
    pub at: Timestamp,
    /// The sync that ended it, which may bring more ends.
    pub sync: Option<SyncId>,
}

/// What tells one event from another: its kind, and the notebook or table.
pub type Key = (AlertKind, String);

impl Event {
    /// One that begins.
    pub fn new(facts: Facts, since: Timestamp) -> Event {
        Event { facts, since, told: None, over: None }
    }

    /// Its key.
    pub fn key(&self) -> Key {
        match &self.facts {
            Facts::Failure(failed) => (AlertKind::Failure, failed.notebook.clone()),
            Facts::Stale(stale) => (AlertKind::Stale, stale.table.clone()),
            Facts::Slow(slow) => (AlertKind::Slow, slow.notebook.clone()),
            Facts::Service { .. } => (AlertKind::Service, String::new()),
        }
    }

    /// The notebook that it is about, if it is about one.
    pub fn notebook(&self) -> Option<&str> {
        match &self.facts {
            Facts::Failure(failed) => Some(&failed.notebook),
            Facts::Stale(stale) => Some(&stale.notebook),
            Facts::Slow(slow) => Some(&slow.notebook),
            Facts::Service { .. } => None,
        }
    }

    /// The sync that it came with, which may bring more.
    pub fn sync(&self) -> Option<SyncId> {
        match &self.facts {
            Facts::Failure(failed) => Some(failed.sync),
            _ => None,
        }
    }
}

/// A moment as text, as everywhere in the history.
mod as_text {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(at)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
