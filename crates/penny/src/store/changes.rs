//! What publishes changed: kept so that any two runs can be compared afterwards.
//!
//! A publish that changed nothing costs nothing. Of the rows that came and went only marks are kept, never
//! what is in them.

use jiff::Timestamp;
use penny_postgres::publish::{Delta, Marks, RowChanges, Totals};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::publishes::{self, Published};
use super::{RunId, Store, chain, moment, text};
use crate::error::Result;

/// So many bytes of marks are kept; beyond, the oldest go, and what they told is known in numbers only.
const MARKS_BYTES_MAX: i64 = 250_000_000;

/// Their sum is looked at so seldom: each time a publish has a number that this divides.
const LOOKED_AT_EVERY: i64 = 16;

/// What is known of the rows that a publish changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowsChanged {
    /// None came or went.
    Same,
    /// The table was made.
    Made,
    /// These came and went.
    Marked(Marks),
    /// More than are marked.
    TooMany,
    /// All were written anew without being compared.
    Rewritten,
    /// Nothing: an earlier Penny published, or the marks were so old that they had to go.
    Unknown,
}

/// A publish with what it changed.
#[derive(Clone, Debug)]
pub struct Change {
    /// Identifies the publish.
    pub publish: i64,
    /// The run that published; none for one by hand.
    pub run: Option<RunId>,
    /// When.
    pub at: Timestamp,
    /// How many rows the table has since.
    pub rows: u64,
    /// The report of `penny load`, as JSON.
    pub report: String,
    /// Which rows came and went.
    pub changed: RowsChanged,
}

impl Store {
    /// Writes that a table was published, by a run or by hand, with what that changed where it is known, and
    /// seals that.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_publish(
        &self,
        run: Option<RunId>,
        published: &Published,
        delta: Option<&Delta>,
    ) -> Result<i64> {
        let totals = delta.map(|delta| serde_json::to_string(&delta.totals).unwrap_or_default());
        self.write(|tx| {
            let publish = publishes::insert(tx, run, published)?;
            if let (Some(delta), Some(totals)) = (delta, totals) {
                note(tx, publish, &published.table, delta, &totals)?;
            }
            Ok(publish)
        })
    }

    /// The last publish of a table up to a time.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_publish(&self, table: &str, until: Timestamp) -> Result<Option<i64>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT id FROM publishes WHERE \"table\" = ?1 AND at <= ?2 ORDER BY id DESC LIMIT 1",
            )?
            .query_row(params![table, text(until)], |r| r.get(0))
            .optional()
        })
    }

    /// When the history was last made anew from the outputs, which know no publish by hand and none of a run whose
    /// output is gone; nothing when it never was.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn made_anew(&self) -> Result<Option<Timestamp>> {
        self.read(|c| {
            let at: Option<String> =
                c.query_row("SELECT max(at) FROM rebuilds", [], |r| r.get(0))?;
            Ok(at.as_deref().map(moment))
        })
    }

    /// What a table's columns came to after a publish, if that is known.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn totals_after(&self, table: &str, publish: i64) -> Result<Option<Totals>> {
        let json = self.read(|c| totals_before(c, table, publish + 1))?;
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// The publishes of a table after one (nothing: from its first) up to another, oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn changes(&self, table: &str, after: Option<i64>, until: i64) -> Result<Vec<Change>> {
        self.read(|c| {
            let mut query = c.prepare_cached(
                "SELECT p.id, p.run, p.at, p.rows, p.report, c.rows, c.key, m.marks
                 FROM publishes p LEFT JOIN publish_changes c ON c.publish = p.id
                 LEFT JOIN publish_marks m ON m.publish = p.id
                 WHERE p.\"table\" = ?1 AND p.id > ?2 AND p.id <= ?3 ORDER BY p.id",
            )?;
            let rows = query.query_map(params![table, after.unwrap_or(-1), until], change)?;
            rows.collect()
        })
    }
}

fn note(
    tx: &Transaction<'_>,
    publish: i64,
    table: &str,
    delta: &Delta,
    totals: &str,
) -> rusqlite::Result<()> {
    let known = totals_before(tx, table, publish)?;
    let news = (known.as_deref() != Some(totals)).then_some(totals);
    let (word, key, marks) = match &delta.rows {
        RowChanges::Same if news.is_none() => return Ok(()),
        RowChanges::Same => ("same", None, None),
        RowChanges::Made => ("made", None, None),
        RowChanges::TooMany => ("too many", None, None),
        RowChanges::Rewritten => ("rewritten", None, None),
        RowChanges::Marked(marks) => {
            let key = marks.key.as_ref().and_then(|key| serde_json::to_string(&key.columns).ok());
            ("marked", key, Some(marks.to_bytes()))
        }
    };
    tx.execute(
        "INSERT INTO publish_changes (publish, rows, key, totals) VALUES (?1, ?2, ?3, ?4)",
        params![publish, word, key, news],
    )?;
    chain::seal(tx, &chain::CHANGES, publish)?;
    if let Some(marks) = marks {
        tx.execute(
            "INSERT INTO publish_marks (publish, bytes, marks) VALUES (?1, ?2, ?3)",
            params![publish, marks.len() as i64, marks],
        )?;
    }
    if publish % LOOKED_AT_EVERY == 0 { forget_oldest(tx, MARKS_BYTES_MAX) } else { Ok(()) }
}

/// Removes the oldest marks until no more than so many bytes are left.
fn forget_oldest(tx: &Transaction<'_>, bytes_max: i64) -> rusqlite::Result<()> {
    tx.execute(
        "DELETE FROM publish_marks WHERE publish <= (
             SELECT max(publish) FROM (
                 SELECT publish, sum(bytes) OVER (ORDER BY publish DESC) AS newer FROM publish_marks
             ) WHERE newer > ?1)",
        [bytes_max],
    )
    .map(drop)
}

/// The totals of a table that were written last before a publish.
fn totals_before(
    c: &rusqlite::Connection,
    table: &str,
    publish: i64,
) -> rusqlite::Result<Option<String>> {
    c.prepare_cached(
        "SELECT c.totals FROM publishes p JOIN publish_changes c ON c.publish = p.id
         WHERE p.\"table\" = ?1 AND p.id < ?2 AND c.totals IS NOT NULL ORDER BY p.id DESC LIMIT 1",
    )?
    .query_row(params![table, publish], |r| r.get(0))
    .optional()
}

fn change(row: &rusqlite::Row<'_>) -> rusqlite::Result<Change> {
    let report: String = row.get(4)?;
    let word: Option<String> = row.get(5)?;
    let key: Option<String> = row.get(6)?;
    let marks: Option<Vec<u8>> = row.get(7)?;
    let changed = match word.as_deref() {
        Some("same") => RowsChanged::Same,
        Some("made") => RowsChanged::Made,
        Some("too many") => RowsChanged::TooMany,
        Some("rewritten") => RowsChanged::Rewritten,
        Some("marked") => {
            let columns = key.and_then(|key| serde_json::from_str(&key).ok()).unwrap_or_default();
            let marks = marks.and_then(|bytes| Marks::from_bytes(&bytes, columns));
            marks.map_or(RowsChanged::Unknown, RowsChanged::Marked)
        }
        Some(_) => RowsChanged::Unknown,
        None if is_unchanged(&report) => RowsChanged::Same,
        None => RowsChanged::Unknown,
    };
    Ok(Change {
        publish: row.get(0)?,
        run: row.get(1)?,
        at: moment(&row.get::<_, String>(2)?),
        rows: row.get::<_, i64>(3)?.unsigned_abs(),
        report,
        changed,
    })
}

fn is_unchanged(report: &str) -> bool {
    let report: serde_json::Value = serde_json::from_str(report).unwrap_or_default();
    report["unchanged"].as_bool().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use penny_postgres::publish::{AmountTotal, Mark};

    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join(".penny/history.db")).expect("opened");
        (folder, store)
    }

    fn published(rows: u64, second: i64, unchanged: bool) -> Published {
        Published {
            table: "p.t".into(),
            rows,
            at: Timestamp::from_second(second).expect("a time"),
            report: format!("{{\"unchanged\":{unchanged}}}"),
        }
    }

    fn delta(rows: RowChanges, sum: &str) -> Delta {
        let amount = AmountTotal {
            column: "montant".into(),
            filled: 1,
            sum: sum.into(),
            exact: true,
            classes: std::collections::BTreeMap::from([("6".into(), sum.into())]),
        };
        Delta { rows, totals: Totals { rows: 1, amounts: vec![amount], ..Totals::default() } }
    }

    fn marks(count: u64) -> RowChanges {
        let added = (0..count).map(|row| Mark { key: 0, row }).collect();
        RowChanges::Marked(Marks { columns: 7, key: None, removed: vec![], added })
    }

    fn count(store: &Store, table: &str) -> i64 {
        store
            .read(|c| c.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0)))
            .expect("read")
    }

    #[test]
    fn a_publish_that_changed_nothing_leaves_nothing_but_its_record() {
        let (_folder, store) = store();
        let first = published(1, 10, false);
        store.add_publish(None, &first, Some(&delta(RowChanges::Made, "5"))).expect("written");
        for second in 11..20 {
            let again = published(1, second, true);
            store.add_publish(None, &again, Some(&delta(RowChanges::Same, "5"))).expect("written");
        }
        assert_eq!(count(&store, "publishes"), 10);
        assert_eq!(count(&store, "publish_changes"), 1);
        let changes = store.changes("p.t", Some(1), 10).expect("read");
        assert!(changes.iter().all(|change| change.changed == RowsChanged::Same));
        let totals = store.totals_after("p.t", 10).expect("read").expect("there");
        assert_eq!(totals, delta(RowChanges::Same, "5").totals);
    }

    #[test]
    fn marks_and_totals_are_read_back_as_they_were_written() {
        let (_folder, store) = store();
        store
            .add_publish(None, &published(1, 10, false), Some(&delta(RowChanges::Made, "5")))
            .expect("written");
        store
            .add_publish(None, &published(4, 20, false), Some(&delta(marks(3), "8.50")))
            .expect("written");
        let at = |second| Timestamp::from_second(second).expect("a time");
        assert_eq!(store.last_publish("p.t", at(15)).expect("read"), Some(1));
        assert_eq!(store.last_publish("p.t", at(9)).expect("read"), None);
        let changes = store.changes("p.t", None, 2).expect("read");
        assert_eq!(changes[0].changed, RowsChanged::Made);
        let RowChanges::Marked(expected) = marks(3) else { unreachable!() };
        assert_eq!(changes[1].changed, RowsChanged::Marked(expected));
        let sum = |publish| store.totals_after("p.t", publish).expect("read").expect("there");
        assert_eq!((sum(1).amounts[0].sum.as_str(), sum(2).amounts[0].sum.as_str()), ("5", "8.50"));
    }

    #[test]
    fn the_oldest_marks_go_first_and_are_then_unknown() {
        let (_folder, store) = store();
        for second in 1..=4 {
            let one = published(1, second, false);
            store.add_publish(None, &one, Some(&delta(marks(100), "1"))).expect("written");
        }
        let each = marks_bytes(&store);
        store.write(|tx| forget_oldest(tx, each * 2 + 1)).expect("written");
        let changes = store.changes("p.t", None, 4).expect("read");
        let unknown: Vec<bool> =
            changes.iter().map(|change| change.changed == RowsChanged::Unknown).collect();
        assert_eq!(unknown, [true, true, false, false]);
    }

    fn marks_bytes(store: &Store) -> i64 {
        store
            .read(|c| c.query_row("SELECT max(bytes) FROM publish_marks", [], |r| r.get(0)))
            .expect("read")
    }
}
