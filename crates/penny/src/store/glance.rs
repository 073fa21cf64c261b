//! The history at a glance, for a page that shows how everything stands at once.
//!
//! Each statement finds what it asks for by an index, from the newest back: a long history is no slower than a short one.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{Outcome, RunId, Store, moment};
use crate::error::Result;

/// A run, as a small picture of many runs shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BriefRun {
    /// The run.
    pub id: RunId,
    /// How it ended; none while it is under way.
    pub outcome: Option<Outcome>,
    /// When it started.
    pub started: Timestamp,
    /// When it ended; none while it is under way.
    pub ended: Option<Timestamp>,
    /// How many rows the tables have that it published, each table's last publish; none when it published none.
    pub rows: Option<u64>,
}

/// What is shown of a notebook's past.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Its last runs, the oldest first.
    pub runs: Vec<BriefRun>,
    /// When it succeeded last, and in which run.
    pub success: Option<(RunId, Timestamp)>,
}

/// Of several publishes of a table in a run, the last counts.
const LAST_RUNS: &str = "
    SELECT id, outcome, started, ended,
        (SELECT sum(rows) FROM publishes WHERE id IN
            (SELECT max(id) FROM publishes WHERE run = runs.id GROUP BY \"table\"))
    FROM runs WHERE notebook = ?1 ORDER BY id DESC LIMIT ?2";
const LAST_SUCCESS: &str = "
    SELECT id, ended FROM runs WHERE notebook = ?1 AND outcome = 'succeeded'
    ORDER BY id DESC LIMIT 1";

impl Store {
    /// The past of each of these notebooks, in their order, with at most so many runs each.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn pasts(&self, notebooks: &[&str], runs_max: usize) -> Result<Vec<Past>> {
        self.read(|c| notebooks.iter().map(|notebook| past(c, notebook, runs_max)).collect())
    }
}

fn past(c: &Connection, notebook: &str, runs_max: usize) -> rusqlite::Result<Past> {
    let mut query = c.prepare_cached(LAST_RUNS)?;
    let runs = query.query_map((notebook, runs_max as i64), brief)?;
    let mut runs = runs.collect::<rusqlite::Result<Vec<_>>>()?;
    runs.reverse();
    let success = c.prepare_cached(LAST_SUCCESS)?.query_row([notebook], |r| {
        let ended: String = r.get(1)?;
        Ok((r.get(0)?, moment(&ended)))
    });
    Ok(Past { runs, success: success.optional()? })
}

fn brief(row: &Row<'_>) -> rusqlite::Result<BriefRun> {
    let (outcome, ended): (Option<String>, Option<String>) = (row.get(1)?, row.get(3)?);
    let started: String = row.get(2)?;
    Ok(BriefRun {
        id: row.get(0)?,
        outcome: outcome.as_deref().and_then(Outcome::of_word),
        started: moment(&started),
        ended: ended.as_deref().map(moment),
        rows: row.get::<_, Option<i64>>(4)?.map(i64::unsigned_abs),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, end, start, store, sync};
    use super::*;
    use crate::store::{Published, RunEnd, RunStart};

    /// How SQLite looks for what a statement asks.
    fn way(store: &Store, sql: &str) -> String {
        let plan = store.read(|c| {
            let mut query = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let unbound = vec![rusqlite::types::Null; query.parameter_count()];
            let steps = query
                .query_map(rusqlite::params_from_iter(unbound), |r| r.get::<_, String>("detail"))?;
            steps.collect::<rusqlite::Result<Vec<_>>>()
        });
        plan.expect("explained").join("; ")
    }

    #[test]
    fn the_past_of_a_notebook_is_its_last_runs_with_the_rows_of_their_tables() {
        let (_folder, store) = store();
        let sync = sync(&store);
        let publish = |run, table: &str, rows| {
            let published = Published { table: table.into(), rows, at: at(1), report: "{}".into() };
            store.add_publish(Some(run), &published, None).expect("written");
        };
        let mut ids = Vec::new();
        for (number, outcome) in
            [Outcome::Failed, Outcome::Succeeded, Outcome::Failed].into_iter().enumerate()
        {
            let started = at(60 * number as i64);
            let run = store.begin_run(&RunStart { started, ..start(sync, "n") }).expect("written");
            if outcome == Outcome::Succeeded {
                publish(run, "p.a", 5);
                publish(run, "p.b", 100);
                publish(run, "p.a", 7);
            }
            let ended = at(60 * number as i64 + 9);
            store.end_run(run, &RunEnd { outcome, ended, ..end() }).expect("written");
            ids.push(run);
        }
        let open = store.begin_run(&start(sync, "n")).expect("written");
        let pasts = store.pasts(&["n", "other"], 3).expect("read");
        assert_eq!(pasts[1], Past::default());
        assert_eq!(pasts[0].success, Some((ids[1], at(69))));
        let found: Vec<_> = pasts[0].runs.iter().map(|r| (r.id, r.outcome, r.rows)).collect();
        assert_eq!(
            found,
            [
                (ids[1], Some(Outcome::Succeeded), Some(107)),
                (ids[2], Some(Outcome::Failed), None),
                (open, None, None)
            ]
        );
        assert_eq!((pasts[0].runs[0].started, pasts[0].runs[0].ended), (at(60), Some(at(69))));
    }

    #[test]
    fn a_glance_at_a_long_history_reads_no_table_from_end_to_end() {
        let (_folder, store) = store();
        for sql in [
            LAST_RUNS,
            LAST_SUCCESS,
            crate::store::following::LAST_ENDS,
            crate::store::observed::LAST_SUCCESSES,
            crate::store::observed::TABLE_STATES,
            crate::store::observed::LAST_SYNC,
        ] {
            let way = way(&store, sql);
            let scans: Vec<&str> =
                way.split("; ").filter(|step| step.starts_with("SCAN ")).collect();
            // The names are few, and the syncs are gone through from the newest back to the first that counts.
            let known = ["SCAN name", "SCAN syncs"];
            assert!(scans.iter().all(|scan| known.contains(scan)), "{sql}: {way}");
        }
    }
}
