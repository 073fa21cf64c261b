//! Runs: one sync passes over its notebooks, and each run becomes a record.
//!
//! A failing notebook is an outcome, never an error of Penny's: the next one runs.

mod cells;
mod choice;
mod endings;
mod execution;
mod gateway;
mod kernels;
mod lock;
mod messages;
mod order;
mod output;
mod parallel;
mod templates;
mod variables;

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use penny_kernel::Ended;
use sha2::{Digest as _, Sha256};

use crate::config::Entry;
use crate::console::{self, Console, Line, Summary};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::store::{Outcome, Published, RunEnd, RunId, RunStart, Store, SyncId};
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;
use order::{Next, Order};

pub use cells::{Break, Cells, PassedLimit, TimeLimits, Watch, now};
pub use choice::{kernelspec, kernelspec_named};
pub use endings::Endings;
pub use execution::{Execute, Executed, execute};
pub use kernels::{Begun, Kernels, Origin, warm_up};
pub use lock::SyncLock;
pub use messages::{cell_name, line_at_fault, raised};
pub use output::{Output, Saving};
pub use templates::Templates;
pub use variables::KernelVariables;

/// How many kernels are started ahead of the notebooks that will need them.
const AHEAD: usize = 2;

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
    /// Where kernels come from.
    pub kernels: &'a Kernels<'a>,
}

impl Syncing<'_> {
    /// Runs the notebooks, some at a time; their kernels are gone when this is back.
    ///
    /// # Errors
    /// The history cannot be written. A notebook's failure is in the summary.
    pub async fn run(&self, trigger: &str, entries: &[&Entry]) -> Result<Summary> {
        let summary = self.pass(trigger, entries).await;
        self.note(self.endings.all().await)?;
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
        let parallel = parallel::limit(&self.workspace.config.execution);
        tracing::info!(
            "sync {sync} ({trigger}): {}, {parallel} at a time",
            console::count(entries.len(), "notebook")
        );
        let lines = self.dispatch(sync, entries, Order::new(entries, parallel)).await?;
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

    /// Starts each notebook when its turn has come; answers their lines in the order of penny.toml.
    async fn dispatch(
        &self,
        sync: SyncId,
        entries: &[&Entry],
        mut order: Order,
    ) -> Result<Vec<Line>> {
        let mut lines: Vec<Option<Line>> = entries.iter().map(|_| None).collect();
        let mut running = FuturesUnordered::new();
        loop {
            while !self.stop.is_asked()
                && let Some(next) = order.next()
            {
                match next {
                    Next::Start(place) => {
                        let run = self.one(sync, entries[place], place + 1, entries.len());
                        running.push(async move { (place, run.await) });
                    }
                    Next::Skip(place, before) => {
                        lines[place] = Some(self.skip(sync, entries[place], entries[before])?);
                    }
                }
            }
            if !self.stop.is_asked() {
                // What comes next is got ready while those that were started run.
                for place in order.upcoming().into_iter().take(AHEAD) {
                    self.kernels.prepare(entries[place]);
                }
            }
            let Some((place, line)) = running.next().await else { break };
            let line = line?;
            order.ended(place, line.outcome == Outcome::Succeeded);
            lines[place] = Some(line);
            self.note(self.endings.ended())?;
        }
        let stopped = "Penny was stopped before its turn";
        let all = lines.into_iter().zip(entries);
        Ok(all.map(|(line, entry)| line.unwrap_or_else(|| skipped(entry, stopped))).collect())
    }

    /// What is known of kernels once they have ended, in the history.
    fn note(&self, ended: Vec<(RunId, Ended)>) -> Result<()> {
        for (run, ended) in ended {
            if let Some(bytes) = ended.peak_memory_bytes {
                self.store.set_peak_memory(run, bytes)?;
            }
        }
        Ok(())
    }

    /// A notebook whose turn does not come since one before it did not succeed: that is in the history.
    fn skip(&self, sync: SyncId, entry: &Entry, before: &Entry) -> Result<Line> {
        self.kernels.forget(entry);
        let now = Timestamp::now();
        let run = self.store.begin_run(&RunStart {
            sync,
            notebook: &entry.name,
            file: &entry.file_text,
            source_hash: "",
            token: None,
            started: now,
        })?;
        let why = format!("it comes after `{}`, which did not succeed", before.name);
        let line = skipped(entry, &why);
        self.store.end_run(
            run,
            &RunEnd {
                outcome: Outcome::Skipped,
                error: line.error.as_deref(),
                output: None,
                cells: 0,
                cells_run: 0,
                warnings: &[],
                kernel_start: None,
                masked: 0,
                ended: now,
            },
        )?;
        self.console.say(&messages::ended(&line));
        messages::log(&line);
        Ok(line)
    }

    /// One run, from its first word in the history to its last.
    async fn one(&self, sync: SyncId, entry: &Entry, number: usize, of: usize) -> Result<Line> {
        let begun = Instant::now();
        let source = std::fs::read(&entry.file);
        let source_hash = source.as_deref().map(hash).unwrap_or_default();
        let started = Timestamp::now();
        let token = self.kernels.token(entry);
        let run = self.store.begin_run(&RunStart {
            sync,
            notebook: &entry.name,
            file: &entry.file_text,
            source_hash: &source_hash,
            token: Some(&token),
            started,
        })?;
        tracing::info!("{}: started ({})", entry.name, entry.file_text);
        let step = self.console.step(&format!("[{number}/{of}] {}", entry.name));
        let wanted = Execute {
            syncing: self,
            entry,
            run,
            token,
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
                kernel_start: executed.origin.as_ref().map(|o| (o.start, o.reason.as_str())),
                masked: executed.masked,
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
            kernel: executed.origin.map(|o| (o.start.to_owned(), o.reason)),
            masked: executed.masked,
        };
        messages::log(&line);
        Ok(line)
    }
}

/// A notebook whose turn did not come.
fn skipped(entry: &Entry, why: &str) -> Line {
    Line {
        name: entry.name.clone(),
        description: entry.description.clone(),
        outcome: Outcome::Skipped,
        elapsed: Duration::ZERO,
        published: Vec::new(),
        error: Some(why.to_owned()),
        warnings: Vec::new(),
        output: None,
        kernel: None,
        masked: 0,
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
