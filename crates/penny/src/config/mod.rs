//! What the user configures: penny.toml and .env, read once and passed on as values.

mod alerts;
mod diagnostic;
mod document;
pub mod dotenv;
mod execution;
mod freshness;
mod notebooks;
mod order;
mod parse;
mod retention;
mod schedule;
mod secrets;
mod size;
mod table;
pub mod variables;
mod web;
mod writing;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use penny_schedule::{Retry, Rules};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

pub use alerts::{Alert, AlertKind, Channel, Language};
pub use diagnostic::{Diagnostic, Source, nearest};
pub use execution::{ExecutionSettings, Executor, Start};
pub use freshness::Freshness;
pub use retention::{Keep, Retention};
pub use schedule::ScheduleSettings;
pub use secrets::{OF_THE_DASHBOARD, Secrets, is_secret as names_a_secret};
pub use variables::Variables;
pub use web::WebSettings;
pub use writing::{
    Changed, DaysWords, DiffKind, DiffLine, Of, RhythmWords, ScheduleWords, SettingsFile, changing,
};

/// penny.toml, checked as a whole.
pub struct Config {
    /// When the notebooks are due.
    pub schedule: ScheduleSettings,
    /// The time zone of daily times and of file names.
    pub zone: TimeZone,
    /// How often a run is tried when its cause of failure passes.
    pub retry: Retry,
    /// The notebooks, in their order.
    pub notebooks: Vec<Entry>,
    /// How they are executed.
    pub execution: ExecutionSettings,
    /// The Python environment.
    pub python: PythonSettings,
    /// Whether the sources are the simulated Pennylane.
    pub sandbox: bool,
    /// Time and size limits that hold for every notebook.
    pub limits: Limits,
    /// How long output notebooks are kept.
    pub retention: Retention,
    /// Whom Penny tells what.
    pub alerts: Vec<Alert>,
    /// Where the running service can be asked how it is.
    pub web: WebSettings,
}

/// A notebook of penny.toml.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name: what the user types, and how its outputs are called.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// Its file as penny.toml writes it.
    pub file_text: String,
    /// What it is for.
    pub description: String,
    /// The kernelspec to use instead of the notebook's own.
    pub kernel: Option<String>,
    /// How long it may run, instead of the workspace's limit.
    pub timeout: Option<Duration>,
    /// How long each of its cells may run, instead of the workspace's limit.
    pub cell_timeout: Option<Duration>,
    /// How much memory it may use, in bytes, instead of the workspace's limit.
    pub memory_bytes: Option<u64>,
    /// How long its outputs are kept, in place of the workspace's rules.
    pub keep: Option<Keep>,
    /// How old its tables may get, instead of the workspace's limit.
    pub stale_after: Option<Duration>,
    /// Values for its parameters cell.
    pub parameters: Map<String, Value>,
    /// The notebooks that have to succeed before it, when they are in the same sync.
    pub after: Vec<String>,
    /// How its kernel starts, instead of by rule.
    pub start: Option<Start>,
    /// Where its kernel runs, instead of where the others do.
    pub executor: Option<Executor>,
    /// When it is due; shared with the notebooks that have the same schedule.
    pub rules: Arc<Rules>,
    /// Whether it runs when its file was saved.
    pub on_change: bool,
    /// The file is not there: where penny.toml says it, and the file that was probably meant.
    pub missing: Option<String>,
}

/// The `[python]` of penny.toml.
#[derive(Clone, Debug)]
pub struct PythonSettings {
    /// An interpreter to use as it is, instead of an environment of Penny's.
    pub interpreter: Option<PathBuf>,
    /// A kernelspec for every notebook, instead of its own.
    pub kernel: Option<String>,
    /// The list of libraries.
    pub requirements: PathBuf,
}

/// The `[limits]` of penny.toml.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a notebook may run.
    pub timeout: Duration,
    /// How long a sync may take, from its first notebook to its last.
    pub sync: Duration,
    /// How long one cell may run; as long as the notebook when penny.toml is silent.
    pub cell_timeout: Option<Duration>,
    /// How much memory a notebook may use, in bytes, with all that it starts.
    pub memory_bytes: Option<u64>,
    /// How long a kernel may take to start.
    pub kernel_start: Duration,
    /// How many bytes of one cell's output are kept.
    pub output_bytes_per_cell: usize,
    /// How old a table may get; any age when penny.toml is silent.
    pub stale_after: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            timeout: Duration::from_secs(3600),
            sync: Duration::from_secs(6 * 3600),
            cell_timeout: None,
            memory_bytes: None,
            kernel_start: Duration::from_secs(60),
            output_bytes_per_cell: 20_000_000,
            stale_after: None,
        }
    }
}

/// No more names than this are listed in a hint.
const LISTED_MAX: usize = 20;

impl Config {
    /// Reads penny.toml and checks it whole; relative paths are those of its folder.
    ///
    /// # Errors
    /// Everything that is wrong in it, with line and column. A notebook whose file is missing is an
    /// error only together with others: alone it must not keep the other notebooks from running.
    pub fn read(path: &Path) -> Result<Config> {
        let bytes = std::fs::read(path).map_err(|e| Error::file("read", path, e))?;
        let text = String::from_utf8(bytes).map_err(|e| {
            let before = &e.as_bytes()[..e.utf8_error().valid_up_to()];
            let line = before.iter().filter(|b| **b == b'\n').count() + 1;
            Error::usage(format!("{}:{line}: the file is not UTF-8", path.display()))
                .hint("save it as UTF-8 in your editor")
        })?;
        parse::parse(&Source::new(path, &text))
    }

    /// When a notebook is due.
    pub fn rules_of(&self, entry: &Entry) -> Arc<Rules> {
        entry.rules.clone()
    }

    /// The notebooks of these names, in the order of penny.toml; all of them when no name is given.
    ///
    /// # Errors
    /// A name that penny.toml does not list; no notebook at all.
    pub fn select(&self, names: &[String]) -> Result<Vec<&Entry>> {
        if self.notebooks.is_empty() {
            return Err(Error::usage("penny.toml lists no notebook to run")
                .hint("add a [[notebook]] section with a `name` and a `file` to it"));
        }
        if names.is_empty() {
            return Ok(self.notebooks.iter().collect());
        }
        let listed: HashSet<&str> = self.notebooks.iter().map(|e| e.name.as_str()).collect();
        let unknown: Vec<&String> =
            names.iter().filter(|name| !listed.contains(name.as_str())).collect();
        if let Some(first) = unknown.first() {
            let known: Vec<&str> = self.notebooks.iter().map(|e| e.name.as_str()).collect();
            let listed = unknown.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
            let error = Error::usage(format!("penny.toml lists no notebook called {listed}"));
            return Err(match nearest(first, known.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(match known.len() {
                    0..=LISTED_MAX => format!("it lists: {}", known.join(", ")),
                    _ => format!("it lists: {}, …", known[..LISTED_MAX].join(", ")),
                }),
            });
        }
        let wanted: HashSet<&str> = names.iter().map(String::as_str).collect();
        Ok(self.notebooks.iter().filter(|entry| wanted.contains(entry.name.as_str())).collect())
    }
}
