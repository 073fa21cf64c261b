//! How runs and tables went over a time: what trends, the calendar and the pages of tables are drawn from.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::reading::Reach;
use super::{Outcome, RunId, Store, moment, text};
use crate::error::Result;

/// A run, as far as a trend goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunPoint {
    /// The run.
    pub id: RunId,
    /// When it started.
    pub started: Timestamp,
    /// When it ended; none while it is under way.
    pub ended: Option<Timestamp>,
    /// How it ended; none while it is under way.
    pub outcome: Option<Outcome>,
    /// SHA-256 of the source notebook, in hex; empty when it could not be read.
    pub source_hash: String,
}

/// The rows of a table after a publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsPoint {
    /// The run that published.
    pub run: RunId,
    /// `schema.table`.
    pub table: String,
    /// How many rows the table has since.
    pub rows: u64,
}

/// How the runs of a time ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there were.
    pub runs: u64,
    /// How many succeeded.
    pub succeeded: u64,
    /// How many failed, took too long or crashed.
    pub failed: u64,
}

/// A publish of a table, by a run or by hand.
#[derive(Clone, Debug)]
pub struct TablePublish {
    /// Identifies it.
    pub id: i64,
    /// The run and its notebook; none for a publish by hand.
    pub run: Option<(RunId, String)>,
    /// When.
    pub at: Timestamp,
    /// How many rows the table has since.
    pub rows: u64,
    /// The report of `penny load`.
    pub report: serde_json::Value,
}

impl Store {
    /// The last runs of a notebook that started since, at most so many, oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn run_points(
        &self,
        notebook: &str,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<RunPoint>> {
        let mut points: Vec<RunPoint> = self.read(|c| {
            let from = Reach::between(c, since, None)?.from();
            let mut query = c.prepare_cached(
                "SELECT id, started, ended, outcome, source_hash FROM runs
                 WHERE notebook = ?1 AND id >= ?2 AND started >= ?3 ORDER BY id DESC LIMIT ?4",
            )?;
            let since = since.map(text).unwrap_or_default();
            query.query_map(params![notebook, from, since, limit as i64], run_point)?.collect()
        })?;
        points.reverse();
        Ok(points)
    }

    /// What the runs of a notebook from one on published, in the order of the publishes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn rows_points(&self, notebook: &str, from: RunId) -> Result<Vec<RowsPoint>> {
        self.read(|c| {
            let mut query = c.prepare_cached(
                "SELECT p.run, p.\"table\", p.rows FROM runs r JOIN publishes p ON p.run = r.id
                 WHERE r.notebook = ?1 AND r.id >= ?2 ORDER BY r.id, p.id",
            )?;
            let point = |r: &Row<'_>| {
                let rows = r.get::<_, i64>(2)?.unsigned_abs();
                Ok(RowsPoint { run: r.get(0)?, table: r.get(1)?, rows })
            };
            query.query_map(params![notebook, from], point)?.collect()
        })
    }

    /// How the runs ended that started between each moment and the next; the moments are in order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn tallies(&self, moments: &[Timestamp]) -> Result<Vec<Tally>> {
        let (Some(first), Some(last)) = (moments.first(), moments.last()) else {
            return Ok(Vec::new());
        };
        let ends: Vec<String> = moments[1..].iter().map(|at| text(*at)).collect();
        let mut tallies = vec![Tally::default(); ends.len()];
        self.read(|c| {
            let mut query = c.prepare_cached(
                "SELECT started, outcome FROM runs WHERE started >= ?1 AND started < ?2 ORDER BY started",
            )?;
            let mut rows = query.query([text(*first), text(*last)])?;
            let mut place = 0;
            while let Some(row) = rows.next()? {
                let started = row.get_ref(0)?.as_str().unwrap_or_default();
                // Times are texts of one length: their order is that of the times.
                while place + 1 < ends.len() && ends[place].as_str() <= started {
                    place += 1;
                }
                let outcome = row.get_ref(1)?.as_str().ok().and_then(Outcome::of_word);
                tallies[place].count(outcome);
            }
            Ok(())
        })?;
        Ok(tallies)
    }

    /// The last publishes of a table, by whomever, at most so many, newest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn publishes_of_table(&self, table: &str, limit: usize) -> Result<Vec<TablePublish>> {
        self.read(|c| {
            let mut query = c.prepare_cached(
                "SELECT p.id, p.run, r.notebook, p.at, p.rows, p.report
                 FROM publishes p LEFT JOIN runs r ON r.id = p.run
                 WHERE p.\"table\" = ?1 ORDER BY p.id DESC LIMIT ?2",
            )?;
            query.query_map(params![table, limit as i64], table_publish)?.collect()
        })
    }

    /// The oldest publish of a table that the history knows.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn first_publish_of_table(&self, table: &str) -> Result<Option<TablePublish>> {
        self.read(|c| {
            let mut query = c.prepare_cached(
                "SELECT p.id, p.run, r.notebook, p.at, p.rows, p.report
                 FROM publishes p LEFT JOIN runs r ON r.id = p.run
                 WHERE p.\"table\" = ?1 ORDER BY p.id LIMIT 1",
            )?;
            query.query_row([table], table_publish).optional()
        })
    }
}

impl TablePublish {
    /// A count of its report.
    pub fn count(&self, name: &str) -> Option<u64> {
        self.report[name].as_u64()
    }

    /// How many rows the table had before, as far as the report tells: a changed row counts as deleted and as
    /// written, so the rows that stayed are the others.
    pub fn rows_before(&self) -> Option<u64> {
        Some(self.count("rows_unchanged")? + self.count("rows_deleted")?)
    }
}

impl Tally {
    fn count(&mut self, outcome: Option<Outcome>) {
        self.runs += 1;
        match outcome {
            Some(Outcome::Succeeded) => self.succeeded += 1,
            Some(Outcome::Failed | Outcome::TimedOut | Outcome::Crashed) => self.failed += 1,
            Some(Outcome::Cancelled | Outcome::Skipped) | None => {}
        }
    }
}

fn table_publish(row: &Row<'_>) -> rusqlite::Result<TablePublish> {
    let run: Option<RunId> = row.get(1)?;
    let notebook: Option<String> = row.get(2)?;
    Ok(TablePublish {
        id: row.get(0)?,
        run: run.zip(notebook),
        at: moment(&row.get::<_, String>(3)?),
        rows: row.get::<_, i64>(4)?.unsigned_abs(),
        report: serde_json::from_str(&row.get::<_, String>(5)?).unwrap_or_default(),
    })
}

fn run_point(row: &Row<'_>) -> rusqlite::Result<RunPoint> {
    let (started, ended): (String, Option<String>) = (row.get(1)?, row.get(2)?);
    let outcome: Option<String> = row.get(3)?;
    Ok(RunPoint {
        id: row.get(0)?,
        started: moment(&started),
        ended: ended.as_deref().map(moment),
        outcome: outcome.as_deref().and_then(Outcome::of_word),
        source_hash: row.get(4)?,
    })
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;
    use crate::store::tests::{end, start, store, sync};
    use crate::store::{Published, RunEnd, RunStart};

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH.saturating_add(hours.hours()).expect("a time")
    }

    /// Writes a run that started at an hour, and ended so if it did.
    fn run(store: &Store, notebook: &str, hours: i64, outcome: Option<Outcome>) -> RunId {
        let sync = sync(store);
        let start = RunStart { started: at(hours), ..start(sync, notebook) };
        let run = store.begin_run(&start).expect("written");
        if let Some(outcome) = outcome {
            let end = RunEnd { outcome, ended: at(hours + 1), ..end() };
            store.end_run(run, &end).expect("written");
        }
        run
    }

    #[test]
    fn each_run_counts_in_the_time_in_which_it_started() {
        use Outcome::{Cancelled, Crashed, Failed, Succeeded, TimedOut};
        let (_folder, store) = store();
        for (hours, outcome) in [
            (9, Some(Succeeded)),
            (10, Some(Succeeded)),
            (19, Some(Failed)),
            (20, Some(TimedOut)),
            (20, Some(Crashed)),
            (25, Some(Cancelled)),
            (45, None),
            (50, Some(Succeeded)),
        ] {
            run(&store, "n", hours, outcome);
        }
        let tallies = store.tallies(&[at(10), at(20), at(30), at(40), at(50)]).expect("read");
        let tally = |runs, succeeded, failed| Tally { runs, succeeded, failed };
        assert_eq!(tallies, [tally(2, 1, 1), tally(3, 0, 2), tally(0, 0, 0), tally(1, 0, 0)]);
        assert!(store.tallies(&[]).expect("read").is_empty());
        assert!(store.tallies(&[at(10)]).expect("read").is_empty());
    }

    #[test]
    fn the_last_runs_of_a_notebook_come_oldest_first() {
        let (_folder, store) = store();
        let runs: Vec<RunId> =
            (0..6).map(|n| run(&store, if n % 2 == 0 { "a" } else { "b" }, n, None)).collect();
        let ids = |since: Option<i64>, limit| -> Vec<RunId> {
            let points = store.run_points("a", since.map(at), limit).expect("read");
            points.iter().map(|point| point.id).collect()
        };
        assert_eq!(ids(None, 9), [runs[0], runs[2], runs[4]]);
        assert_eq!(ids(None, 2), [runs[2], runs[4]]);
        assert_eq!(ids(Some(1), 9), [runs[2], runs[4]]);
        assert!(ids(Some(9), 9).is_empty());
    }

    #[test]
    fn the_publishes_of_a_table_are_known_with_who_did_them() {
        let (_folder, store) = store();
        let run = run(&store, "a", 0, None);
        for (by, rows) in [(Some(run), 5), (None, 6), (Some(run), 7)] {
            let report = "{\"rows_inserted\":2}".into();
            let published = Published { table: "p.t".into(), rows, at: at(rows as i64), report };
            store.add_publish(by, &published, None).expect("written");
        }
        let last = store.publishes_of_table("p.t", 2).expect("read");
        let who = |publish: &TablePublish| (publish.rows, publish.run.clone());
        assert_eq!(
            last.iter().map(who).collect::<Vec<_>>(),
            [(7, Some((run, "a".into()))), (6, None)]
        );
        assert_eq!(last[0].report["rows_inserted"], 2);
        let first = store.first_publish_of_table("p.t").expect("read").expect("one");
        assert_eq!((first.rows, first.at), (5, at(5)));
        assert!(store.first_publish_of_table("p.u").expect("read").is_none());
        let rows = store.rows_points("a", run).expect("read");
        assert_eq!(rows.iter().map(|point| point.rows).collect::<Vec<_>>(), [5, 7]);
    }

    #[test]
    fn days_are_counted_from_an_index_alone() {
        let (_folder, store) = store();
        let plan = store.read(|c| {
            let mut query = c.prepare(
                "EXPLAIN QUERY PLAN SELECT started, outcome FROM runs
                 WHERE started >= 'a' AND started < 'b' ORDER BY started",
            )?;
            query.query_map([], |r| r.get::<_, String>("detail"))?.collect::<Result<Vec<_>, _>>()
        });
        let plan = plan.expect("explained").join("; ");
        assert!(plan.contains("COVERING INDEX runs_by_start"), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}
