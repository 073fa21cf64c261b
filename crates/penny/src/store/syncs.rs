//! Syncs in the history, and what was cut off in an earlier one.

use jiff::Timestamp;
use rusqlite::{Transaction, params};
use serde_json::{Map, Value};

use super::{Outcome, OutputSeal, RunId, Store, SyncId, Trigger, chain, text};
use crate::error::Result;

/// What is said of a run that was under way when Penny died.
pub(super) const CUT_OFF: &str = "Penny was ended in the middle of this run";

/// What is known when a sync starts.
#[derive(Clone, Copy, Debug)]
pub struct SyncStart {
    /// Why it starts.
    pub trigger: Trigger,
    /// The time at which it was due, for one that a schedule started.
    pub due: Option<Timestamp>,
    /// When it starts.
    pub at: Timestamp,
}

/// What is told of a sync that somebody asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AskedFor {
    /// Who asked, and by what, for people: "claire (penny run)".
    pub by: String,
    /// The values that were given for its notebooks' parameters, as they may be shown.
    pub parameters: Map<String, Value>,
    /// The run that did not succeed, which is why it was asked for.
    pub retry_of: Option<RunId>,
}

/// A run that was under way when the process that did it died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrashedRun {
    /// The run.
    pub run: RunId,
    /// Its sync.
    pub sync: SyncId,
    /// Its notebook.
    pub notebook: String,
    /// Its output notebook as far as it got, relative to the workspace.
    pub output: Option<String>,
}

impl Store {
    /// Writes that a sync begins.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin_sync(&self, sync: &SyncStart) -> Result<SyncId> {
        self.write(|tx| insert(tx, sync))
    }

    /// Writes that a sync begins which somebody asked for.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin_asked_sync(&self, sync: &SyncStart, asked: &AskedFor) -> Result<SyncId> {
        self.write(|tx| {
            let id = insert(tx, sync)?;
            note_asked(tx, id, asked)?;
            Ok(id)
        })
    }

    /// Writes that a sync ended.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_sync(&self, sync: SyncId, outcome: Outcome, at: Timestamp) -> Result<()> {
        self.write(|tx| end(tx, sync, outcome, at))
    }

    /// Marks what an earlier process left unfinished as crashed, and answers the runs.
    ///
    /// The caller holds the workspace's lock: whatever is not finished has nobody any more.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn mark_crashed(&self, at: Timestamp) -> Result<Vec<CrashedRun>> {
        let crashed = self.read(|c| {
            let mut query = c.prepare(
                "SELECT id, sync, notebook, output FROM runs WHERE ended IS NULL ORDER BY id",
            )?;
            let runs = query.query_map([], |r| {
                Ok(CrashedRun {
                    run: r.get(0)?,
                    sync: r.get(1)?,
                    notebook: r.get(2)?,
                    output: r.get(3)?,
                })
            })?;
            runs.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let attempts = self.read(|c| {
            let mut query =
                c.prepare("SELECT id, output FROM attempts WHERE ended IS NULL ORDER BY id")?;
            let attempts = query.query_map([], |r| Ok((r.get::<_, i64>(0)?, r.get(1)?)))?;
            attempts.collect::<rusqlite::Result<Vec<(i64, Option<String>)>>>()
        })?;
        let sealed = |output: &Option<String>| {
            output.as_ref().and_then(|o| OutputSeal::of_file(&self.root().join(o)).ok())
        };
        let runs: Vec<_> = crashed.iter().map(|run| (run.run, sealed(&run.output))).collect();
        let attempts: Vec<_> = attempts.iter().map(|(id, o)| (*id, sealed(o))).collect();
        self.write(|tx| {
            for (id, output) in &attempts {
                mark(tx, "attempts", *id, output.as_ref(), at)?;
                chain::seal(tx, &chain::ATTEMPT, *id)?;
            }
            for (id, output) in &runs {
                mark(tx, "runs", *id, output.as_ref(), at)?;
                chain::seal(tx, &chain::RUN, *id)?;
            }
            let open: Vec<SyncId> = tx
                .prepare("SELECT id FROM syncs WHERE ended IS NULL ORDER BY id")?
                .query_map([], |r| r.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            open.into_iter().try_for_each(|sync| end(tx, sync, Outcome::Crashed, at))
        })?;
        Ok(crashed)
    }
}

/// A sync that begins.
pub(super) fn insert(tx: &Transaction<'_>, sync: &SyncStart) -> rusqlite::Result<SyncId> {
    tx.execute(
        "INSERT INTO syncs (trigger, due, started) VALUES (?1, ?2, ?3)",
        params![sync.trigger.word(), sync.due.map(text), text(sync.at)],
    )?;
    Ok(tx.last_insert_rowid())
}

/// Who asked for a sync, and with what.
pub(super) fn note_asked(
    tx: &Transaction<'_>,
    sync: SyncId,
    asked: &AskedFor,
) -> rusqlite::Result<()> {
    let by = Some(&asked.by).filter(|by| !by.is_empty());
    tx.execute(
        "UPDATE syncs SET parameters = ?2, asked_by = ?3, retry_of = ?4 WHERE id = ?1",
        params![sync, written(&asked.parameters), by, asked.retry_of],
    )
    .map(drop)
}

/// Parameters as the history has them: nothing when there is none.
pub(super) fn written(parameters: &Map<String, Value>) -> Option<String> {
    (!parameters.is_empty()).then(|| serde_json::to_string(parameters).unwrap_or_default())
}

/// A sync that has ended; one that had ended before stays as it was.
pub(super) fn end(
    tx: &Transaction<'_>,
    sync: SyncId,
    outcome: Outcome,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let changed = tx.execute(
        "UPDATE syncs SET ended = ?2, outcome = ?3 WHERE id = ?1 AND ended IS NULL",
        params![sync, text(at), outcome.word()],
    )?;
    if changed == 0 { Ok(()) } else { chain::seal(tx, &chain::SYNC, sync) }
}

fn mark(
    tx: &Transaction<'_>,
    table: &str,
    id: i64,
    output: Option<&OutputSeal>,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE {table} SET ended = ?2, outcome = 'crashed', error = ?3, output_hash = ?4,
         output_bytes = ?5 WHERE id = ?1 AND ended IS NULL"
    );
    let bytes = output.map(|o| o.bytes as i64);
    tx.execute(&sql, params![id, text(at), CUT_OFF, output.map(|o| &o.hash), bytes]).map(drop)
}
