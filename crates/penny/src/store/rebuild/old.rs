//! What the history that is replaced still tells, if it can be read.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Transaction, params};

use super::arranged::Run;
use crate::store::{chain, due_times};

/// What is taken over: what output notebooks do not tell, and the user would miss.
#[derive(Default)]
pub struct Old {
    /// How many runs it knew.
    pub runs: Option<u64>,
    /// The end of its chain, in hex.
    pub head: Option<String>,
    /// Notebook, who, when.
    pauses: Vec<(String, String, String)>,
    dues: Vec<(String, String)>,
    /// Hash, packages, when they were seen first.
    environments: Vec<(String, String, String)>,
}

impl Old {
    /// Reads what can be read; a damaged history tells nothing, which is no error here.
    pub fn read(history: &Path) -> Old {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let Ok(connection) = Connection::open_with_flags(history, flags) else {
            return Old::default();
        };
        let count = |r: &rusqlite::Row<'_>| r.get::<_, i64>(0);
        let runs = connection.query_row("SELECT count(*) FROM runs", [], count).ok();
        Old {
            runs: runs.map(i64::unsigned_abs),
            head: chain::head_of(&connection).ok().flatten().map(|head| head.hash),
            pauses: rows(&connection, "SELECT notebook, \"by\", at FROM pauses", |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?))
            }),
            dues: rows(&connection, "SELECT notebook, due FROM due_times", |r| {
                Ok((r.get(0)?, r.get(1)?))
            }),
            environments: rows(&connection, "SELECT hash, packages, seen FROM environments", |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?))
            }),
        }
    }

    /// Writes what is taken over. Without the old due times, those that the runs tell account for
    /// themselves: nothing is run a second time.
    pub fn keep(&self, tx: &Transaction<'_>, runs: &[Run]) -> rusqlite::Result<()> {
        for (notebook, by, at) in &self.pauses {
            tx.execute(
                "INSERT OR REPLACE INTO pauses (notebook, \"by\", at) VALUES (?1, ?2, ?3)",
                params![notebook, by, at],
            )?;
        }
        for (hash, packages, seen) in &self.environments {
            tx.execute(
                "INSERT OR REPLACE INTO environments (hash, packages, seen) VALUES (?1, ?2, ?3)",
                params![hash, packages, seen],
            )?;
        }
        for run in runs {
            let last = run.last();
            last.due.map_or(Ok(()), |due| due_times::set(tx, &last.notebook, due))?;
        }
        for (notebook, due) in &self.dues {
            tx.execute(
                "INSERT OR REPLACE INTO due_times (notebook, due) VALUES (?1, ?2)",
                params![notebook, due],
            )?;
        }
        Ok(())
    }
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let Ok(mut query) = connection.prepare(sql) else { return Vec::new() };
    let Ok(found) = query.query_map([], read) else { return Vec::new() };
    found.flatten().collect()
}
