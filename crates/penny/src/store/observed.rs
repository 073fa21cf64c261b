//! What alerts and metrics see of the history: runs that ended since, runs under way, tables' ages.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{Outcome, RunId, Store, SyncId, Trigger, moment, syncs};
use crate::error::Result;

/// How many runs say how long a notebook usually takes.
const USUAL_RUNS: i64 = 20;

/// How far the runs have been looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The newest run that was seen.
    pub newest: RunId,
    /// The runs up to it that had not ended.
    pub unfinished: Vec<RunId>,
}

/// What has come to the history since a look at it, all of one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The runs that ended, in the order of their ends.
    pub ended: Vec<EndedRun>,
    /// The syncs under way: of any other, every run that there will be has ended.
    pub under_way: HashSet<SyncId>,
    /// How far the runs have been looked at.
    pub cursor: Cursor,
}

/// A run that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct EndedRun {
    /// The run.
    pub id: RunId,
    /// Its sync.
    pub sync: SyncId,
    /// Its notebook.
    pub notebook: String,
    /// What started it.
    pub trigger: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether Penny's own end cut it off, not anything of the notebook.
    pub cut_off: bool,
    /// Why, when it did not succeed.
    pub error: Option<String>,
    /// The output notebook, relative to the workspace.
    pub output: Option<String>,
    /// When it was due, for one that a schedule started.
    pub due: Option<Timestamp>,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// How many rows the tables have that it published, each table's last publish.
    pub rows: u64,
}

/// A run that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningRun {
    /// The run.
    pub id: RunId,
    /// Its notebook.
    pub notebook: String,
    /// When it started.
    pub started: Timestamp,
}

/// A table as its last publish left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableState {
    /// `schema.table`.
    pub table: String,
    /// The notebook whose run published it last; none for one that was only published by hand.
    pub notebook: Option<String>,
    /// The sync of that publish; none when it was by hand.
    pub sync: Option<SyncId>,
    /// How many rows it has.
    pub rows: u64,
    /// When.
    pub published: Timestamp,
}

/// The last sync that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSync {
    /// The sync.
    pub id: SyncId,
    /// What started it.
    pub trigger: String,
    /// How it ended.
    pub outcome: String,
    /// When.
    pub ended: Timestamp,
}

impl Store {
    /// Where looking at runs begins: those that end from now on.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn present_cursor(&self) -> Result<Cursor> {
        self.read(|c| {
            let newest = c.query_row("SELECT coalesce(max(id), 0) FROM runs", [], |r| r.get(0))?;
            let mut query = c.prepare_cached("SELECT id FROM runs WHERE ended IS NULL")?;
            let unfinished = query.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
            Ok(Cursor { newest, unfinished })
        })
    }

    /// What has come since.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn since(&self, cursor: &Cursor) -> Result<Seen> {
        self.read(|c| {
            // A sync may end between two questions: both are asked of one state.
            let c = c.unchecked_transaction()?;
            let mut next = Cursor { newest: cursor.newest, unfinished: Vec::new() };
            let mut ended = Vec::new();
            for id in &cursor.unfinished {
                match one(&c, *id)? {
                    Some(Some(run)) => ended.push(run),
                    Some(None) => next.unfinished.push(*id),
                    // The history was made anew meanwhile.
                    None => {}
                }
            }
            let sql = format!("{COLUMNS} WHERE r.id > ?1 ORDER BY r.id");
            let mut query = c.prepare_cached(&sql)?;
            let mut rows = query.query([cursor.newest])?;
            while let Some(row) = rows.next()? {
                next.newest = row.get(0)?;
                match ended_run(row)? {
                    Some(run) => ended.push(run),
                    None => next.unfinished.push(next.newest),
                }
            }
            ended.sort_by_key(|run| (run.ended, run.id));
            let mut query = c.prepare_cached("SELECT id FROM syncs WHERE ended IS NULL")?;
            let under_way = query.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
            Ok(Seen { ended, under_way, cursor: next })
        })
    }

    /// The runs under way.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn runs_under_way(&self) -> Result<Vec<RunningRun>> {
        self.read(|c| {
            let mut query = c.prepare_cached(
                "SELECT id, notebook, started FROM runs WHERE ended IS NULL ORDER BY id",
            )?;
            let running = |r: &Row<'_>| {
                let started: String = r.get(2)?;
                let (id, notebook) = (r.get(0)?, r.get(1)?);
                Ok(RunningRun { id, notebook, started: moment(&started) })
            };
            query.query_map([], running)?.collect()
        })
    }

    /// How long the last succeeded runs of a notebook took, in seconds.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn lengths_of_runs(&self, notebook: &str) -> Result<Vec<f64>> {
        self.read(|c| {
            let mut query = c.prepare_cached(
                "SELECT started, ended FROM runs
                 WHERE notebook = ?1 AND outcome = 'succeeded' ORDER BY id DESC LIMIT ?2",
            )?;
            let seconds = |r: &Row<'_>| {
                let (started, ended): (String, String) = (r.get(0)?, r.get(1)?);
                Ok(moment(&ended).duration_since(moment(&started)).as_secs_f64().max(0.0))
            };
            query.query_map((notebook, USUAL_RUNS), seconds)?.collect()
        })
    }

    /// Every table as its last publish left it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn table_states(&self) -> Result<Vec<TableState>> {
        self.read(|c| {
            let mut query = c.prepare_cached(TABLE_STATES)?;
            let state = |r: &Row<'_>| {
                let at: String = r.get(2)?;
                Ok(TableState {
                    table: r.get(0)?,
                    rows: r.get::<_, i64>(1)?.unsigned_abs(),
                    published: moment(&at),
                    sync: r.get(3)?,
                    notebook: r.get(4)?,
                })
            };
            query.query_map([], state)?.collect()
        })
    }

    /// When each notebook succeeded last.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_successes(&self) -> Result<Vec<(String, Timestamp)>> {
        self.read(|c| {
            let mut query = c.prepare_cached(LAST_SUCCESSES)?;
            let success = |r: &Row<'_>| {
                let ended: String = r.get(1)?;
                Ok((r.get(0)?, moment(&ended)))
            };
            query.query_map([], success)?.collect()
        })
    }

    /// The last sync that has ended, of those that took place.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_sync(&self) -> Result<Option<LastSync>> {
        self.read(|c| {
            let mut query = c.prepare_cached(LAST_SYNC)?;
            let sync = query.query_row([], |r| {
                let ended: String = r.get(3)?;
                let (id, trigger, outcome) = (r.get(0)?, r.get(1)?, r.get(2)?);
                Ok(LastSync { id, trigger, outcome, ended: moment(&ended) })
            });
            sync.optional()
        })
    }
}

/// From notebook to notebook, and of each the newest success: a long history is not read from end to end.
pub(super) const LAST_SUCCESSES: &str = "
    WITH RECURSIVE name (notebook) AS (
        SELECT min(notebook) FROM runs
        UNION ALL
        SELECT (SELECT min(notebook) FROM runs WHERE notebook > name.notebook) FROM name
        WHERE name.notebook IS NOT NULL)
    SELECT r.notebook, r.ended FROM name JOIN runs r ON r.id = (
        SELECT id FROM runs WHERE notebook = name.notebook AND outcome = 'succeeded'
        ORDER BY id DESC LIMIT 1)";

/// The same from table to table. One that was published by hand belongs to the notebook that last did so in a run.
pub(super) const TABLE_STATES: &str = "
    WITH RECURSIVE name (\"table\") AS (
        SELECT min(\"table\") FROM publishes
        UNION ALL
        SELECT (SELECT min(\"table\") FROM publishes WHERE \"table\" > name.\"table\") FROM name
        WHERE name.\"table\" IS NOT NULL)
    SELECT p.\"table\", p.rows, p.at, r.sync,
        coalesce(r.notebook, (
            SELECT o.notebook FROM publishes q JOIN runs o ON o.id = q.run
            WHERE q.\"table\" = p.\"table\" ORDER BY q.id DESC LIMIT 1))
    FROM name JOIN publishes p ON p.id = (
        SELECT id FROM publishes WHERE \"table\" = name.\"table\" ORDER BY id DESC LIMIT 1)
    LEFT JOIN runs r ON r.id = p.run
    ORDER BY p.\"table\"";

pub(super) const LAST_SYNC: &str = "
    SELECT id, trigger, outcome, ended FROM syncs
    WHERE ended IS NOT NULL AND outcome <> 'skipped' ORDER BY id DESC LIMIT 1";

const COLUMNS: &str = "SELECT r.id, r.sync, r.notebook, coalesce(r.trigger, s.trigger), r.outcome,
    r.error, r.output, r.due, r.started, r.ended,
    (SELECT coalesce(sum(rows), 0) FROM publishes WHERE id IN
        (SELECT max(id) FROM publishes WHERE run = r.id GROUP BY \"table\"))
    FROM runs r JOIN syncs s ON s.id = r.sync";

/// A run by its number: none if there is none, none within if it has not ended.
fn one(c: &Connection, id: RunId) -> rusqlite::Result<Option<Option<EndedRun>>> {
    let mut query = c.prepare_cached(&format!("{COLUMNS} WHERE r.id = ?1"))?;
    query.query_row([id], ended_run).optional()
}

fn ended_run(row: &Row<'_>) -> rusqlite::Result<Option<EndedRun>> {
    let Some(ended) = row.get::<_, Option<String>>(9)? else { return Ok(None) };
    let trigger: Option<String> = row.get(3)?;
    let outcome: Option<String> = row.get(4)?;
    let outcome = outcome.as_deref().and_then(Outcome::of_word).unwrap_or(Outcome::Crashed);
    let error: Option<String> = row.get(5)?;
    let due: Option<String> = row.get(7)?;
    let started: String = row.get(8)?;
    Ok(Some(EndedRun {
        id: row.get(0)?,
        sync: row.get(1)?,
        notebook: row.get(2)?,
        trigger: trigger.unwrap_or_else(|| Trigger::Unknown.word().to_owned()),
        cut_off: outcome == Outcome::Crashed && error.as_deref() == Some(syncs::CUT_OFF),
        outcome,
        error,
        output: row.get(6)?,
        due: due.as_deref().map(moment),
        started: moment(&started),
        ended: moment(&ended),
        rows: row.get::<_, i64>(10)?.unsigned_abs(),
    }))
}
