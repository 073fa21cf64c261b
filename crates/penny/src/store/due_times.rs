//! The last due time of each notebook that is accounted for: every due time is run, caught up or
//! missed exactly once, whatever ends in between.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{Store, moment, text};
use crate::error::Result;

impl Store {
    /// The last due time of a notebook that a run or a miss accounts for.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_due(&self, notebook: &str) -> Result<Option<Timestamp>> {
        self.read(|c| {
            c.query_row("SELECT due FROM due_times WHERE notebook = ?1", [notebook], |r| {
                Ok(moment(&r.get::<_, String>(0)?))
            })
            .optional()
        })
    }

    /// The same of every notebook that has one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_dues(&self) -> Result<HashMap<String, Timestamp>> {
        self.read(|c| {
            let mut query = c.prepare("SELECT notebook, due FROM due_times")?;
            // Many notebooks are mostly due together: a time that was just read is not read again.
            let mut before = (String::new(), Timestamp::UNIX_EPOCH);
            let all = query.query_map([], |r| {
                let due = r.get_ref(1)?.as_str()?;
                if before.0 != due {
                    before = (due.to_owned(), moment(due));
                }
                Ok((r.get(0)?, before.1))
            })?;
            // Counted first, so that the map need not grow with ten thousand notebooks.
            Ok(all.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().collect())
        })
    }

    /// From when the due times of notebooks count whose last one a clock told that was wrong.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn counted_from(&self) -> Result<Vec<(String, Timestamp)>> {
        self.read(|c| {
            let mut query = c.prepare(
                "SELECT notebook, counted_from FROM due_times WHERE counted_from IS NOT NULL",
            )?;
            let all = query.query_map([], |r| Ok((r.get(0)?, moment(r.get_ref(1)?.as_str()?))))?;
            all.collect()
        })
    }

    /// Writes that every due time of these notebooks up to the one given is accounted for. A run and a miss
    /// write that by themselves. A later one stays: an earlier one may be a wrong clock's, and the next run tells; until
    /// then it is kept beside.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn set_dues(&self, dues: &[(&str, Timestamp)]) -> Result<()> {
        if dues.is_empty() {
            return Ok(());
        }
        // At a first start all of them count from one moment, and one statement writes ten thousand.
        let mut of_moment: BTreeMap<Timestamp, Vec<&str>> = BTreeMap::new();
        for (notebook, due) in dues {
            of_moment.entry(*due).or_default().push(notebook);
        }
        self.write(|tx| {
            let mut write = tx.prepare(
                "INSERT INTO due_times (notebook, due) SELECT value, ?1 FROM json_each(?2) WHERE true
                 ON CONFLICT (notebook) DO UPDATE SET due = max(due, excluded.due),
                     counted_from = CASE WHEN excluded.due < due THEN excluded.due END",
            )?;
            of_moment.iter().try_for_each(|(due, notebooks)| {
                let notebooks = serde_json::json!(notebooks).to_string();
                write.execute(params![text(*due), notebooks]).map(drop)
            })
        })
    }
}

/// The same within the transaction that writes what accounts for it.
pub(super) fn set(tx: &Transaction<'_>, notebook: &str, due: Timestamp) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO due_times (notebook, due) VALUES (?1, ?2)")?
        .execute(params![notebook, text(due)])
        .map(drop)
}
