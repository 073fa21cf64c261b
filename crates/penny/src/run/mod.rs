//! Runs: one sync passes over its notebooks, and each run becomes a record.
//!
//! A failing notebook is an outcome, never an error of Penny's: the next one runs.

mod cells;
mod choice;
mod endings;
mod execution;
mod messages;
mod output;
mod variables;

use std::path::PathBuf;
use std::time::Instant;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::config::Entry;
use crate::console::{self, Console, Line, Summary};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::store::{Outcome, Published, RunEnd, RunId, RunStart, Store, SyncId};
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

pub use cells::{Break, Cells, PassedLimit, TimeLimits, Watch};
pub use choice::kernelspec;
pub use endings::Endings;
pub use execution::{Execute, Executed, execute};
pub use messages::cell_name;
pub use output::Output;
pub use variables::KernelVariables;

/// Everything that the runs of a sync share.
pub struct Syncing<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// The system around.
    pub surroundings: &'a Surroundings,
    /// Where progress is shown.
    pub console: &'a Console,
    /// The wish to end.
    pub stop: &'a Stop,
    /// The history.
    pub store: &'a Store,
    /// The Python of the notebooks.
    pub environment: &'a Environment,
    /// The kernels that are ending.
    pub endings: &'a Endings,
    /// What every kernel finds in its environment.
    pub variables: &'a KernelVariables,
}

impl Syncing<'_> {
    /// Runs the notebooks one after the other; their kernels are gone when this is back.
    ///
    /// # Errors
    /// The history cannot be written. A notebook's failure is in the summary.
    pub async fn run(&self, trigger: &str, entries: &[&Entry]) -> Result<Summary> {
        let summary = self.pass(trigger, entries).await;
        self.endings.all().await;
        summary
    }

    async fn pass(&self, trigger: &str, entries: &[&Entry]) -> Result<Summary> {
        let begun = Instant::now();
        let (sync, crashed) = self.store.begin_sync(trigger, Timestamp::now())?;
        for notebook in crashed {
            self.console.warn(&format!(
                "{notebook}: its last run was cut off (Penny was ended in the middle of it)"
            ));
        }
        tracing::info!("sync {sync} ({trigger}): {}", console::count(entries.len(), "notebook"));
        let mut lines = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            lines.push(match self.stop.is_asked() {
                true => skipped(entry),
                false => self.one(sync, entry, index + 1, entries.len()).await?,
            });
        }
        let outputs = self.workspace.shown(&self.workspace.outputs());
        let summary = Summary { lines, elapsed: begun.elapsed(), outputs };
        let outcome = match (self.stop.is_asked(), summary.failures()) {
            (true, _) => Outcome::Cancelled,
            (false, 0) => Outcome::Succeeded,
            _ => Outcome::Failed,
        };
        self.store.end_sync(sync, outcome, Timestamp::now())?;
        tracing::info!("sync {sync} ended: {}", summary.totals());
        Ok(summary)
    }

    /// One run, from its first word in the history to its last.
    async fn one(&self, sync: SyncId, entry: &Entry, number: usize, of: usize) -> Result<Line> {
        let begun = Instant::now();
        let source = std::fs::read(&entry.file);
        let source_hash = source.as_deref().map(hash).unwrap_or_default();
        let started = Timestamp::now();
        let run = self.store.begin_run(&RunStart {
            sync,
            notebook: &entry.name,
            file: &entry.file_text,
            source_hash: &source_hash,
            started,
        })?;
        tracing::info!("{}: started ({})", entry.name, entry.file_text);
        let step = self.console.step(&format!("[{number}/{of}] {}", entry.name));
        let wanted = Execute {
            syncing: self,
            entry,
            run,
            started,
            step: &step,
            output_folder: self.workspace.outputs(),
        };
        let executed = match (&entry.missing, source) {
            (Some(missing), _) => Executed::not_begun(missing.clone()),
            (None, Err(e)) => Executed::not_begun(Error::file("read", &entry.file, e).sentence()),
            (None, Ok(bytes)) => execute(&wanted, &bytes).await,
        };
        let line = self.record(run, entry, executed, begun)?;
        step.end(&messages::ended(&line));
        Ok(line)
    }

    /// The run's end, in the history and the log.
    fn record(
        &self,
        run: RunId,
        entry: &Entry,
        executed: Executed,
        begun: Instant,
    ) -> Result<Line> {
        let mut warnings = executed.warnings;
        if executed.outcome == Outcome::Succeeded {
            for gone in self.store.no_longer_published(&entry.name, run)? {
                warnings.push(no_longer(&gone, self));
            }
        }
        let published = self.store.published_by(run)?;
        warnings.extend(published.iter().flat_map(publish_warnings));
        let output = executed.output.as_deref().map(|p| self.workspace.shown(p));
        let secrets = &self.workspace.secrets;
        let error = executed.error.map(|e| secrets.mask(&e));
        let warnings: Vec<String> = warnings.iter().map(|w| secrets.mask(w)).collect();
        self.store.end_run(
            run,
            &RunEnd {
                outcome: executed.outcome,
                error: error.as_deref(),
                output: output.as_deref(),
                cells: executed.cells,
                cells_run: executed.cells_run,
                warnings: &warnings,
                ended: Timestamp::now(),
            },
        )?;
        let line = Line {
            name: entry.name.clone(),
            description: entry.description.clone(),
            outcome: executed.outcome,
            elapsed: begun.elapsed(),
            published,
            error,
            warnings,
            output,
        };
        messages::log(&line);
        Ok(line)
    }
}

/// A notebook whose turn did not come: the history has no run of it.
fn skipped(entry: &Entry) -> Line {
    Line {
        name: entry.name.clone(),
        description: entry.description.clone(),
        outcome: Outcome::Skipped,
        elapsed: std::time::Duration::ZERO,
        published: Vec::new(),
        error: Some("Penny was stopped before its turn".to_owned()),
        warnings: Vec::new(),
        output: None,
    }
}

/// What `penny load` wanted the user to know.
fn publish_warnings(published: &Published) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&published.report).unwrap_or_default();
    let texts = report["warnings"].as_array().cloned().unwrap_or_default();
    texts.iter().filter_map(|t| t.as_str()).map(|t| format!("{}: {t}", published.table)).collect()
}

fn no_longer(gone: &Published, syncing: &Syncing<'_>) -> String {
    let at = gone.at.to_zoned(syncing.workspace.config.zone.clone());
    format!(
        "it no longer publishes {}, which keeps its {} of {}: is its export cell gone?",
        gone.table,
        console::count(usize::try_from(gone.rows).unwrap_or(usize::MAX), "row"),
        at.strftime("%-d %B %Y, %H:%M")
    )
}

/// SHA-256, in hex.
fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Only one sync at a time: the lock of a workspace, let go when this is dropped or its process dies.
pub struct SyncLock {
    _file: std::fs::File,
}

impl SyncLock {
    /// Takes it.
    ///
    /// # Errors
    /// Another process holds it: who, and since when.
    pub fn take(workspace: &Workspace) -> Result<SyncLock> {
        use std::io::{Read as _, Seek as _, Write as _};
        let own = workspace.own();
        crate::platform::private_folder(&own)
            .map_err(|e| Error::file("make the folder", &own, e))?;
        let path: PathBuf = own.join("sync.lock");
        let options = std::fs::File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path);
        let mut file = options.map_err(|e| Error::file("write", &path, e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::Error(e)) => return Err(Error::file("lock", &path, e)),
            Err(std::fs::TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                let holder = if holder.is_empty() { "another process".to_owned() } else { holder };
                return Err(Error::missing(format!(
                    "a sync of this workspace is under way already ({})",
                    holder.trim()
                ))
                .hint("wait until it has ended, or end it with Ctrl-C where it runs"));
            }
        }
        let now = jiff::Zoned::now().strftime("%-d %B, %H:%M:%S").to_string();
        let said = format!("process {} since {now}\n", std::process::id());
        // Only for the sentence above; the lock holds without it.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(said.as_bytes()));
        Ok(SyncLock { _file: file })
    }
}
