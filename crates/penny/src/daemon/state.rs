//! What the service is doing at present: told to whoever shows it, and kept in a file for `penny status`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::{RunId, SyncId};

/// The live state of `penny start`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The process.
    pub pid: u32,
    /// Its computer.
    pub host: String,
    /// Its version.
    pub version: String,
    /// Since when it runs.
    pub since: Timestamp,
    /// When it last looked at what is due.
    pub beat: Timestamp,
    /// The runs under way, the oldest first.
    pub running: Vec<Running>,
    /// The notebooks that a sync under way has not come to yet: how many.
    pub waiting: usize,
    /// The next due time, and some of the notebooks that are due then.
    pub next: Option<Next>,
    /// Whether everything is paused.
    pub paused: bool,
    /// The notebooks that are paused by themselves.
    pub paused_notebooks: Vec<String>,
    /// How many notebooks penny.toml lists.
    pub notebooks: usize,
    /// The last sync that ended.
    pub last_sync: Option<Ended>,
    /// What is wrong in penny.toml or `.env`, which is why the one before it holds.
    pub config_error: Option<String>,
    /// What could not be opened for the last sync, PostgreSQL mostly.
    pub trouble: Option<String>,
    /// Whether Penny's own PostgreSQL is being started for those who read the tables.
    #[serde(default)]
    pub postgresql_starts: bool,
    /// Whether it was asked to end, and is ending.
    pub stopping: bool,
    /// Where people find the dashboard, `http://127.0.0.1:8787` mostly; nothing when there is none.
    #[serde(default)]
    pub dashboard: Option<String>,
}

/// A run under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The run.
    pub run: RunId,
    /// Its sync.
    pub sync: SyncId,
    /// Its notebook.
    pub notebook: String,
    /// Why the sync began, in the history's words.
    pub trigger: String,
    /// When the run began.
    pub since: Timestamp,
    /// Which try it is, from 1.
    pub attempt: u32,
    /// When the next try begins, while it waits for that.
    pub again_at: Option<Timestamp>,
    /// The cell under way, counted from 1 among those with code; 0 while the kernel starts.
    pub cell: usize,
    /// How many cells have code; 0 until that is known.
    pub cells: usize,
}

/// A due time to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// When.
    pub at: Timestamp,
    /// How many notebooks are due then.
    pub count: usize,
    /// The first of them, at most [`State::NAMES_MAX`].
    pub notebooks: Vec<String>,
}

/// A sync that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The sync.
    pub sync: SyncId,
    /// When it ended.
    pub at: Timestamp,
    /// How many notebooks succeeded.
    pub succeeded: usize,
    /// How many did not.
    pub failed: usize,
}

impl State {
    /// No more names than this are told of a due time to come.
    pub const NAMES_MAX: usize = 20;

    /// That of a service that has just begun.
    pub fn new(host: String, since: Timestamp) -> State {
        State {
            pid: std::process::id(),
            host,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            since,
            beat: since,
            running: Vec::new(),
            waiting: 0,
            next: None,
            paused: false,
            paused_notebooks: Vec::new(),
            notebooks: 0,
            last_sync: None,
            config_error: None,
            trouble: None,
            postgresql_starts: false,
            stopping: false,
            dashboard: None,
        }
    }
}
