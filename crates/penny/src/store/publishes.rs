//! The tables that runs published.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{RunId, Store, chain, moment, text};
use crate::error::Result;

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

impl Store {
    /// What a run published, a table once, in the order of its last publish.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn published_by(&self, run: RunId) -> Result<Vec<Published>> {
        let mut all = self.read(|c| {
            let mut query = c.prepare_cached(
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
        let earlier: Option<RunId> = self.read(|c| {
            // From the newest back: the index gives them in that order, and the first that published is it.
            c.query_row(
                "SELECT r.id FROM runs r WHERE r.notebook = ?1 AND r.outcome = 'succeeded'
                 AND r.id < ?2 AND EXISTS (SELECT 1 FROM publishes p WHERE p.run = r.id)
                 ORDER BY r.id DESC LIMIT 1",
                params![notebook, run],
                |r| r.get(0),
            )
            .optional()
        })?;
        let Some(earlier) = earlier else { return Ok(Vec::new()) };
        let now = self.published_by(run)?;
        let before = self.published_by(earlier)?;
        Ok(before.into_iter().filter(|b| !now.iter().any(|n| n.table == b.table)).collect())
    }
}

/// Writes a publish, and seals it.
pub(super) fn insert(
    tx: &Transaction<'_>,
    run: Option<RunId>,
    published: &Published,
) -> rusqlite::Result<i64> {
    tx.execute(
        "INSERT INTO publishes (run, \"table\", rows, at, report) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![run, published.table, published.rows as i64, text(published.at), published.report],
    )?;
    let id = tx.last_insert_rowid();
    chain::seal(tx, &chain::PUBLISH, id)?;
    Ok(id)
}

fn published(row: &rusqlite::Row<'_>) -> rusqlite::Result<Published> {
    Ok(Published {
        table: row.get(0)?,
        rows: row.get::<_, i64>(1)?.unsigned_abs(),
        at: moment(&row.get::<_, String>(2)?),
        report: row.get(3)?,
    })
}
