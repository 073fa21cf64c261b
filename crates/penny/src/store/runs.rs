//! Runs in the history: written before their first cell, sealed when they have ended.

use jiff::Timestamp;
use penny_notebook::Notebook;
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::syncs::{self, SyncStart};
use super::{Outcome, OutputSeal, RunId, Store, SyncId, Trigger, chain, due_times, text};
use crate::error::Result;

/// What is known when a run starts.
pub struct RunStart<'a> {
    /// The sync that it belongs to.
    pub sync: SyncId,
    /// The notebook's name.
    pub notebook: &'a str,
    /// Its file, as penny.toml writes it.
    pub file: &'a str,
    /// Why it starts.
    pub trigger: Trigger,
    /// The time at which it was due, for one that a schedule started: from now on that time is
    /// accounted for.
    pub due: Option<Timestamp>,
    /// SHA-256 of the source notebook, in hex; empty when it could not be read.
    pub source_hash: &'a str,
    /// What the processes that it starts know it by; none for a run that starts none.
    pub token: Option<&'a str>,
    /// When it starts.
    pub started: Timestamp,
}

/// What is known when it ended.
pub struct RunEnd<'a> {
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when it did not succeed.
    pub error: Option<&'a str>,
    /// The output notebook, relative to the workspace.
    pub output: Option<&'a str>,
    /// What the output notebook is, byte by byte.
    pub output_seal: Option<&'a OutputSeal>,
    /// How many code cells there are.
    pub cells: usize,
    /// How many of them ran.
    pub cells_run: usize,
    /// How long each took.
    pub timings: &'a [CellTiming],
    /// How often it was tried; 0 when it was not.
    pub attempts: u32,
    /// What the user should know though it went well.
    pub warnings: &'a [String],
    /// How its kernel was started (`fork`, `spawn` or `gateway`), and why that way.
    pub kernel_start: Option<(&'a str, &'a str)>,
    /// How many places of its outputs held a secret, which was masked.
    pub masked: u64,
    /// When it ended.
    pub ended: Timestamp,
}

/// How long a cell took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellTiming {
    /// Its place among the cells of the output notebook, from 0.
    pub cell: usize,
    /// Its id in the notebook.
    pub id: String,
    /// When it began, RFC 3339.
    pub started: String,
    /// How long it took; nothing for one that was cut off.
    pub seconds: Option<f64>,
    /// `completed`, `failed` or `running`: papermill's words.
    pub outcome: String,
}

impl CellTiming {
    /// Those of an executed notebook.
    pub fn of(notebook: &Notebook) -> Vec<CellTiming> {
        let timed = notebook.timed_cells().into_iter().map(|timed| CellTiming {
            cell: timed.cell,
            id: timed.id,
            started: timed.started,
            seconds: timed.seconds,
            outcome: timed.status,
        });
        timed.collect()
    }
}

/// A run that did not take place.
pub struct Skip<'a> {
    /// The notebook's name.
    pub notebook: &'a str,
    /// Its file, as penny.toml writes it.
    pub file: &'a str,
    /// Why it would have started.
    pub trigger: Trigger,
    /// The time at which it was due, for one that a schedule would have started: from now on that
    /// time is accounted for.
    pub due: Option<Timestamp>,
    /// Why it did not.
    pub why: &'a str,
}

impl Store {
    /// Writes that a run begins.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin_run(&self, run: &RunStart<'_>) -> Result<RunId> {
        self.write(|tx| {
            tx.execute(
                "INSERT INTO runs (sync, notebook, file, source_hash, version, started, token,
                 trigger, due)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    run.sync,
                    run.notebook,
                    run.file,
                    run.source_hash,
                    env!("CARGO_PKG_VERSION"),
                    text(run.started),
                    run.token,
                    run.trigger.word(),
                    run.due.map(text)
                ],
            )?;
            let id = tx.last_insert_rowid();
            run.due.map_or(Ok(()), |due| due_times::set(tx, run.notebook, due))?;
            Ok(id)
        })
    }

    /// Writes which values are put into the notebook of a run, as they may be shown.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn set_parameters(&self, run: RunId, parameters: &Map<String, Value>) -> Result<()> {
        self.write(|tx| {
            tx.execute(
                "UPDATE runs SET parameters = ?2 WHERE id = ?1 AND ended IS NULL",
                params![run, syncs::written(parameters)],
            )
            .map(drop)
        })
    }

    /// Writes where the output notebook of a run grows, so that what is cut off is found, and on which
    /// environment it runs.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn set_output(
        &self,
        run: RunId,
        output: &str,
        environment_hash: Option<&str>,
    ) -> Result<()> {
        self.write(|tx| {
            tx.execute(
                "UPDATE runs SET output = ?2, environment_hash = ?3 WHERE id = ?1 AND ended IS NULL",
                params![run, output, environment_hash],
            )?;
            tx.execute(
                "UPDATE attempts SET output = ?2 WHERE run = ?1 AND ended IS NULL",
                params![run, output],
            )?;
            Ok(())
        })
    }

    /// Writes how a run ended, and seals it. One that had ended before stays as it was.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_run(&self, run: RunId, end: &RunEnd<'_>) -> Result<()> {
        self.write(|tx| {
            if update(tx, run, end)? == 0 {
                return Ok(());
            }
            chain::seal(tx, &chain::RUN, run)
        })
    }

    /// Writes that runs did not take place, in the sync in which they would have been; without one,
    /// in a sync of their own that did not take place either.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn record_skipped(
        &self,
        sync: Option<SyncId>,
        skips: &[Skip<'_>],
        at: Timestamp,
    ) -> Result<Vec<RunId>> {
        let Some(first) = skips.first() else { return Ok(Vec::new()) };
        let start = SyncStart { trigger: first.trigger, due: first.due, at };
        self.write(|tx| {
            let of = sync.map_or_else(|| syncs::insert(tx, &start), Ok)?;
            let runs = skips.iter().map(|skip| skipped(tx, of, skip, at));
            let runs = runs.collect::<rusqlite::Result<Vec<_>>>()?;
            if sync.is_none() {
                syncs::end(tx, of, Outcome::Skipped, at)?;
            }
            Ok(runs)
        })
    }

    /// Writes how much memory a run's kernel used at most, which is known after the run: of several
    /// kernels of a run, the one that used most.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn set_peak_memory(&self, run: RunId, bytes: u64) -> Result<()> {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE runs SET peak_memory_bytes = ?2
                 WHERE id = ?1 AND coalesce(peak_memory_bytes, -1) < ?2",
                params![run, bytes],
            )?;
            if changed == 0 { Ok(()) } else { chain::seal(tx, &chain::MEMORY, run) }
        })
    }

    /// The run that its processes know by this token.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn run_of_token(&self, token: &str) -> Result<Option<RunId>> {
        self.read(|c| {
            c.query_row("SELECT id FROM runs WHERE token = ?1", [token], |r| r.get(0)).optional()
        })
    }
}

fn update(tx: &Transaction<'_>, run: RunId, end: &RunEnd<'_>) -> rusqlite::Result<usize> {
    let warnings = serde_json::to_string(end.warnings).unwrap_or_default();
    let timings = serde_json::to_string(end.timings).unwrap_or_default();
    tx.execute(
        "UPDATE runs SET ended = ?2, outcome = ?3, error = ?4, output = ?5, cells = ?6,
         cells_run = ?7, warnings = ?8, kernel_start = ?9, kernel_start_reason = ?10,
         masked = ?11, timings = ?12, attempts = ?13, output_hash = ?14, output_bytes = ?15
         WHERE id = ?1 AND ended IS NULL",
        params![
            run,
            text(end.ended),
            end.outcome.word(),
            end.error,
            end.output,
            end.cells as i64,
            end.cells_run as i64,
            warnings,
            end.kernel_start.map(|k| k.0),
            end.kernel_start.map(|k| k.1),
            end.masked as i64,
            timings,
            end.attempts,
            end.output_seal.map(|o| &o.hash),
            end.output_seal.map(|o| o.bytes as i64)
        ],
    )
}

fn skipped(
    tx: &Transaction<'_>,
    sync: SyncId,
    skip: &Skip<'_>,
    at: Timestamp,
) -> rusqlite::Result<RunId> {
    tx.prepare_cached(
        "INSERT INTO runs (sync, notebook, file, source_hash, version, started, ended, outcome,
         error, cells, cells_run, warnings, masked, trigger, due, attempts, timings)
         VALUES (?1, ?2, ?3, '', ?4, ?5, ?5, 'skipped', ?6, 0, 0, '[]', 0, ?7, ?8, 0, '[]')",
    )?
    .execute(params![
        sync,
        skip.notebook,
        skip.file,
        env!("CARGO_PKG_VERSION"),
        text(at),
        skip.why,
        skip.trigger.word(),
        skip.due.map(text)
    ])?;
    let run = tx.last_insert_rowid();
    skip.due.map_or(Ok(()), |due| due_times::set(tx, skip.notebook, due))?;
    chain::seal(tx, &chain::RUN, run)?;
    Ok(run)
}
