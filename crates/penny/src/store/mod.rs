//! The history of syncs, runs and publishes, in `.penny/history.db`.
//!
//! A run is written before it starts and after it ends, never only after: one that was cut off is
//! found at the next start and says so. Several processes may have the file open: each publish of a
//! notebook is recorded by the `penny load` that did it.

mod schema;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::error::{Error, Result};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every cell ran.
    Succeeded,
    /// A cell raised, or the notebook could not be executed.
    Failed,
    /// It took longer than its limit.
    TimedOut,
    /// The user stopped it.
    Cancelled,
    /// Its kernel, or Penny itself, died.
    Crashed,
    /// It did not run.
    Skipped,
}

impl Outcome {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Succeeded => "succeeded",
            Outcome::Failed => "failed",
            Outcome::TimedOut => "timed out",
            Outcome::Cancelled => "cancelled",
            Outcome::Crashed => "crashed",
            Outcome::Skipped => "skipped",
        }
    }
}

/// Identifies a sync in the history.
pub type SyncId = i64;
/// Identifies a run in the history.
pub type RunId = i64;

/// What is known when a run starts.
pub struct RunStart<'a> {
    /// The sync that it belongs to.
    pub sync: SyncId,
    /// The notebook's name.
    pub notebook: &'a str,
    /// Its file, as penny.toml writes it.
    pub file: &'a str,
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
    /// How many code cells there are.
    pub cells: usize,
    /// How many of them ran.
    pub cells_run: usize,
    /// What the user should know though it went well.
    pub warnings: &'a [String],
    /// How its kernel was started (`fork`, `spawn` or `gateway`), and why that way.
    pub kernel_start: Option<(&'a str, &'a str)>,
    /// How many places of its outputs held a secret, which was masked.
    pub masked: u64,
    /// When it ended.
    pub ended: Timestamp,
}

/// A table that a run published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// `schema.table`.
    pub table: String,
    /// How many rows the table has since.
    pub rows: u64,
    /// When.
    pub at: Timestamp,
    /// The report of `penny load`, as JSON.
    pub report: String,
}

/// The history file, open.
pub struct Store {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the history, making it or bringing its schema up to date.
    ///
    /// # Errors
    /// The file cannot be written, is no database, or was written by a newer Penny.
    pub fn open(path: &Path) -> Result<Store> {
        if let Some(folder) = path.parent() {
            crate::platform::private_folder(folder)
                .map_err(|e| Error::file("make the folder", folder, e))?;
        }
        let connection = schema::open(path)?;
        Ok(Store { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    /// Writes that a sync begins; runs that an earlier process left unfinished are marked crashed.
    ///
    /// The caller holds the workspace's sync lock: no other sync is under way.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin_sync(&self, trigger: &str, at: Timestamp) -> Result<(SyncId, Vec<String>)> {
        self.with(|c| {
            let mut cut = c.prepare("SELECT notebook FROM runs WHERE ended IS NULL ORDER BY id")?;
            let crashed = cut.query_map([], |r| r.get(0))?.collect::<Result<Vec<String>, _>>()?;
            c.execute(
                "UPDATE runs SET ended = ?1, outcome = 'crashed',
                 error = 'Penny was ended in the middle of this run' WHERE ended IS NULL",
                params![at.to_string()],
            )?;
            c.execute(
                "UPDATE syncs SET ended = ?1, outcome = 'crashed' WHERE ended IS NULL",
                params![at.to_string()],
            )?;
            c.execute(
                "INSERT INTO syncs (trigger, started) VALUES (?1, ?2)",
                params![trigger, at.to_string()],
            )?;
            Ok((c.last_insert_rowid(), crashed))
        })
    }

    /// Writes that a sync ended.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_sync(&self, sync: SyncId, outcome: Outcome, at: Timestamp) -> Result<()> {
        self.with(|c| {
            c.execute(
                "UPDATE syncs SET ended = ?2, outcome = ?3 WHERE id = ?1",
                params![sync, at.to_string(), outcome.word()],
            )
            .map(drop)
        })
    }

    /// Writes that a run begins.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin_run(&self, run: &RunStart<'_>) -> Result<RunId> {
        self.with(|c| {
            c.execute(
                "INSERT INTO runs (sync, notebook, file, source_hash, version, started, token)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    run.sync,
                    run.notebook,
                    run.file,
                    run.source_hash,
                    env!("CARGO_PKG_VERSION"),
                    run.started.to_string(),
                    run.token
                ],
            )?;
            Ok(c.last_insert_rowid())
        })
    }

    /// Writes how a run ended.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_run(&self, run: RunId, end: &RunEnd<'_>) -> Result<()> {
        let warnings = serde_json::to_string(end.warnings).unwrap_or_default();
        self.with(|c| {
            c.execute(
                "UPDATE runs SET ended = ?2, outcome = ?3, error = ?4, output = ?5, cells = ?6,
                 cells_run = ?7, warnings = ?8, kernel_start = ?9, kernel_start_reason = ?10,
                 masked = ?11 WHERE id = ?1",
                params![
                    run,
                    end.ended.to_string(),
                    end.outcome.word(),
                    end.error,
                    end.output,
                    end.cells as i64,
                    end.cells_run as i64,
                    warnings,
                    end.kernel_start.map(|k| k.0),
                    end.kernel_start.map(|k| k.1),
                    end.masked as i64
                ],
            )
            .map(drop)
        })
    }

    /// Writes how much memory a run's kernel used at most, which is known after the run.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn set_peak_memory(&self, run: RunId, bytes: u64) -> Result<()> {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.with(|c| {
            c.execute("UPDATE runs SET peak_memory_bytes = ?2 WHERE id = ?1", params![run, bytes])
                .map(drop)
        })
    }

    /// The run that its processes know by this token.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn run_of_token(&self, token: &str) -> Result<Option<RunId>> {
        self.with(|c| {
            c.query_row("SELECT id FROM runs WHERE token = ?1", [token], |r| r.get(0)).optional()
        })
    }

    /// Writes that a table was published, by a run or by hand.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_publish(&self, run: Option<RunId>, published: &Published) -> Result<()> {
        self.with(|c| {
            c.execute(
                "INSERT INTO publishes (run, \"table\", rows, at, report) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    run,
                    published.table,
                    published.rows as i64,
                    published.at.to_string(),
                    published.report
                ],
            )
            .map(drop)
        })
    }

    /// What a run published, a table once, in the order of its last publish.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn published_by(&self, run: RunId) -> Result<Vec<Published>> {
        let mut all = self.with(|c| {
            let mut query = c.prepare(
                "SELECT \"table\", rows, at, report FROM publishes WHERE run = ?1 ORDER BY id",
            )?;
            query.query_map([run], published)?.collect::<Result<Vec<_>, _>>()
        })?;
        let mut index = 0;
        while index < all.len() {
            if all[index + 1..].iter().any(|p| p.table == all[index].table) {
                all.remove(index);
            } else {
                index += 1;
            }
        }
        Ok(all)
    }

    /// What the last succeeded run of a notebook before `run` published that this one did not.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn no_longer_published(&self, notebook: &str, run: RunId) -> Result<Vec<Published>> {
        let earlier: Option<RunId> = self.with(|c| {
            c.query_row(
                "SELECT max(r.id) FROM runs r JOIN publishes p ON p.run = r.id
                 WHERE r.notebook = ?1 AND r.id < ?2 AND r.outcome = 'succeeded'",
                params![notebook, run],
                |r| r.get(0),
            )
            .optional()
            .map(Option::flatten)
        })?;
        let Some(earlier) = earlier else { return Ok(Vec::new()) };
        let now = self.published_by(run)?;
        let before = self.published_by(earlier)?;
        Ok(before.into_iter().filter(|b| !now.iter().any(|n| n.table == b.table)).collect())
    }

    fn with<T>(&self, act: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        act(&self.lock()).map_err(|e| schema::error(&self.path, e))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn published(row: &rusqlite::Row<'_>) -> rusqlite::Result<Published> {
    let at: String = row.get(2)?;
    Ok(Published {
        table: row.get(0)?,
        rows: row.get::<_, i64>(1)?.unsigned_abs(),
        at: at.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        report: row.get(3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(store: &Store, sync: SyncId, tables: &[&str]) -> RunId {
        let started = Timestamp::UNIX_EPOCH;
        let start = RunStart {
            sync,
            notebook: "n",
            file: "n.ipynb",
            source_hash: "",
            token: None,
            started,
        };
        let run = store.begin_run(&start).expect("written");
        for table in tables {
            let published =
                Published { table: (*table).into(), rows: 1, at: started, report: "{}".into() };
            store.add_publish(Some(run), &published).expect("written");
        }
        let end = RunEnd {
            outcome: Outcome::Succeeded,
            error: None,
            output: None,
            cells: 1,
            cells_run: 1,
            warnings: &[],
            kernel_start: None,
            masked: 0,
            ended: started,
        };
        store.end_run(run, &end).expect("written");
        run
    }

    #[test]
    fn a_table_that_a_run_no_longer_publishes_is_found_once_and_again_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("history.db")).expect("opened");
        let (sync, _) = store.begin_sync("manual", Timestamp::UNIX_EPOCH).expect("written");
        run(&store, sync, &["p.a", "p.b", "p.a"]);
        for _ in 0..2 {
            let later = run(&store, sync, &[]);
            let gone = store.no_longer_published("n", later).expect("read");
            let names: Vec<_> = gone.iter().map(|p| p.table.as_str()).collect();
            assert_eq!(names, ["p.b", "p.a"]);
        }
    }

    #[test]
    fn a_run_that_was_cut_off_is_marked_crashed_at_the_next_sync() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("history.db");
        let at = Timestamp::UNIX_EPOCH;
        {
            let store = Store::open(&path).expect("opened");
            let (sync, _) = store.begin_sync("manual", at).expect("written");
            let start = RunStart {
                sync,
                notebook: "n",
                file: "f",
                source_hash: "",
                token: Some("t"),
                started: at,
            };
            store.begin_run(&start).expect("written");
        }
        let store = Store::open(&path).expect("opened");
        let (_, crashed) = store.begin_sync("manual", at).expect("written");
        assert_eq!(crashed, ["n"]);
        let (_, crashed) = store.begin_sync("manual", at).expect("written");
        assert!(crashed.is_empty());
    }
}
