//! The history as people look back at it: runs with all that is known of them.

use jiff::Timestamp;
use rusqlite::types::Value as Parameter;
use rusqlite::{Connection, OptionalExtension as _, Row, params, params_from_iter};
use serde_json::{Map, Value};

use super::records::{AttemptRecord, Pruned, PublishRecord, RunFilter, RunRecord};
use super::{AskedFor, Outcome, RunId, Store, SyncId, moment, text};
use crate::error::Result;
use crate::folding::folded;

/// All columns of a run, and the trigger of its sync for the runs of a time when they had none of their own.
const RUN: &str = "
    SELECT r.id, r.sync, r.notebook, r.file, coalesce(r.trigger, s.trigger) AS why, r.due, r.started, r.ended,
           r.outcome, r.error, r.output, r.output_hash, r.output_bytes, r.cells, r.cells_run, r.timings,
           r.warnings, r.kernel_start, r.kernel_start_reason, r.peak_memory_bytes, r.masked, r.attempts,
           r.source_hash, r.environment_hash, r.version, r.parameters,
           s.parameters AS asked_parameters, s.asked_by, s.retry_of
    FROM runs r JOIN syncs s ON s.id = r.sync";

impl Store {
    /// The runs that a filter lets through, newest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRecord>> {
        self.read(|c| {
            let reach = Reach::of(c, filter)?;
            let (sql, values) = statement(filter, reach);
            let mut query = c.prepare(&sql)?;
            query.query_map(params_from_iter(values), run)?.collect()
        })
    }

    /// The runs of a sync, in their order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn runs_of(&self, sync: SyncId) -> Result<Vec<RunRecord>> {
        let sql = format!("{RUN} WHERE r.sync = ?1 ORDER BY r.id");
        self.read(|c| c.prepare_cached(&sql)?.query_map([sync], run)?.collect())
    }

    /// How many runs a filter lets through, whatever its limit.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn count_runs(&self, filter: &RunFilter) -> Result<u64> {
        let count: i64 = self.read(|c| {
            let (conditions, values) = conditions(filter, Reach::of(c, filter)?);
            let sql = format!("SELECT count(*) FROM runs r {conditions}");
            c.query_row(&sql, params_from_iter(values), |r| r.get(0))
        })?;
        Ok(count.unsigned_abs())
    }

    /// A run by its number.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn run(&self, id: RunId) -> Result<Option<RunRecord>> {
        let sql = format!("{RUN} WHERE r.id = ?1");
        self.read(|c| c.prepare_cached(&sql)?.query_row([id], run).optional())
    }

    /// The last run of a notebook; with `before`, the last one before that run.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_run(&self, notebook: &str, before: Option<RunId>) -> Result<Option<RunRecord>> {
        let sql = format!("{RUN} WHERE r.notebook = ?1 AND r.id < ?2 ORDER BY r.id DESC LIMIT 1");
        let before = before.unwrap_or(i64::MAX);
        self.read(|c| c.prepare_cached(&sql)?.query_row(params![notebook, before], run).optional())
    }

    /// The names of all notebooks that ever ran.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn notebooks(&self) -> Result<Vec<String>> {
        self.read(|c| {
            let mut query = c.prepare("SELECT DISTINCT notebook FROM runs ORDER BY notebook")?;
            query.query_map([], |r| r.get(0))?.collect()
        })
    }

    /// The tries of a run, in their order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn attempts_of(&self, run: RunId) -> Result<Vec<AttemptRecord>> {
        self.read(|c| {
            let mut query = c.prepare_cached(
                "SELECT number, started, ended, outcome, error, cause, output
                 FROM attempts WHERE run = ?1 ORDER BY number",
            )?;
            query.query_map([run], attempt)?.collect()
        })
    }

    /// All publishes of a run, in their order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn publishes_of(&self, run: RunId) -> Result<Vec<PublishRecord>> {
        self.read(|c| {
            let mut query = c.prepare_cached(
                "SELECT id, \"table\", rows, at, report FROM publishes WHERE run = ?1 ORDER BY id",
            )?;
            query.query_map([run], publish)?.collect()
        })
    }

    /// That an output notebook was removed, if it was.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn pruned(&self, output: &str, run: RunId) -> Result<Option<Pruned>> {
        self.read(|c| {
            c.query_row(
                "SELECT why, at FROM prunes WHERE run = ?1 AND output = ?2 ORDER BY id DESC LIMIT 1",
                params![run, output],
                |r| Ok(Pruned { why: r.get(0)?, at: moment(&r.get::<_, String>(1)?) }),
            )
            .optional()
        })
    }
}

/// A filter that no index answers looks at so many runs, from the newest back.
pub const LOOKED_AT_MAX: i64 = 100_000;

/// The runs among which those of a filter are looked for, from one number to another.
///
/// A run's number and its start nearly go together, so that a time is as good as searched by number: an index
/// by notebook or by outcome then gives what was asked for newest first, without sorting.
#[derive(Clone, Copy)]
pub(super) struct Reach {
    from: RunId,
    to: RunId,
}

impl Reach {
    const ALL: Reach = Reach { from: 0, to: i64::MAX };

    fn of(c: &Connection, filter: &RunFilter) -> rusqlite::Result<Reach> {
        let mut reach = Reach::between(c, filter.since, filter.until)?;
        if let Some(before) = filter.before {
            reach.to = reach.to.min(before.saturating_sub(1));
        }
        if filter.is_bounded() {
            let newest = c.query_row("SELECT coalesce(max(id), 0) FROM runs", [], |r| r.get(0))?;
            reach.to = reach.to.min(newest);
            reach.from = reach.from.max(reach.to.saturating_sub(LOOKED_AT_MAX));
        }
        Ok(reach)
    }

    /// The runs of a time, and perhaps some beside them.
    pub(super) fn between(
        c: &Connection,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> rusqlite::Result<Reach> {
        if since.is_none() && until.is_none() {
            return Ok(Reach::ALL);
        }
        let since = since.map(text).unwrap_or_default();
        let until = until.map_or_else(|| "9".to_owned(), text);
        let sql = "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM runs
                   INDEXED BY runs_by_start WHERE started >= ?1 AND started < ?2";
        let reach = |r: &Row<'_>| Ok(Reach { from: r.get(0)?, to: r.get(1)? });
        c.prepare_cached(sql)?.query_row([since, until], reach)
    }

    /// The lowest number.
    pub(super) fn from(self) -> RunId {
        self.from
    }
}

/// The statement that reads what a filter lets through.
fn statement(filter: &RunFilter, reach: Reach) -> (String, Vec<Parameter>) {
    let (ids, values) = numbers(filter, reach);
    (format!("{RUN} WHERE r.id IN ({ids}) ORDER BY r.id DESC"), values)
}

/// The statement that finds their numbers: an index may tell these without the runs themselves, which are wide.
fn numbers(filter: &RunFilter, reach: Reach) -> (String, Vec<Parameter>) {
    let (conditions, values) = conditions(filter, reach);
    let limit = filter.limit;
    (format!("SELECT r.id FROM runs r {conditions} ORDER BY r.id DESC LIMIT {limit}"), values)
}

/// The conditions as SQL on `r`, and the values in their order.
fn conditions(filter: &RunFilter, reach: Reach) -> (String, Vec<Parameter>) {
    let mut conditions = Vec::new();
    let mut values: Vec<Parameter> = Vec::new();
    let mut among = |column: &str, words: Vec<String>| {
        if !words.is_empty() {
            let marks = vec!["?"; words.len()].join(", ");
            conditions.push(format!("{column} IN ({marks})"));
            values.extend(words.into_iter().map(Parameter::from));
        }
    };
    among("r.notebook", filter.notebooks.clone());
    among("r.outcome", filter.outcomes.iter().map(|outcome| outcome.word().to_owned()).collect());
    among(TRIGGER, filter.triggers.clone());
    for (condition, at) in [("r.started >= ?", filter.since), ("r.started < ?", filter.until)] {
        if let Some(at) = at {
            conditions.push(condition.to_owned());
            values.push(Parameter::from(text(at)));
        }
    }
    if let Some(words) = &filter.text {
        let pattern = Parameter::from(format!("%{}%", escaped(&folded(words))));
        let both = "(folded(r.notebook) LIKE ? ESCAPE '!' OR folded(r.error) LIKE ? ESCAPE '!')";
        conditions.push(both.to_owned());
        values.extend([pattern.clone(), pattern]);
    }
    if (reach.from, reach.to) != (Reach::ALL.from, Reach::ALL.to) {
        conditions.push("r.id BETWEEN ? AND ?".to_owned());
        values.extend([Parameter::from(reach.from), Parameter::from(reach.to)]);
    }
    if conditions.is_empty() {
        return (String::new(), values);
    }
    (format!("WHERE {}", conditions.join(" AND ")), values)
}

/// Why a run began: for an old one, why its sync did.
const TRIGGER: &str = "coalesce(r.trigger, (SELECT s.trigger FROM syncs s WHERE s.id = r.sync))";

/// A text as the pattern of a LIKE that means it alone.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

fn run(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    let count = |column: &str| -> rusqlite::Result<Option<u64>> {
        Ok(row.get::<_, Option<i64>>(column)?.map(i64::unsigned_abs))
    };
    Ok(RunRecord {
        id: row.get("id")?,
        sync: row.get("sync")?,
        notebook: row.get("notebook")?,
        file: row.get("file")?,
        trigger: row.get("why")?,
        due: time(row, "due")?,
        started: time(row, "started")?.unwrap_or(Timestamp::UNIX_EPOCH),
        ended: time(row, "ended")?,
        outcome: outcome(row)?,
        error: row.get("error")?,
        output: row.get("output")?,
        output_hash: row.get("output_hash")?,
        output_bytes: count("output_bytes")?,
        cells: count("cells")?,
        cells_run: count("cells_run")?,
        timings: json(row, "timings")?,
        warnings: json(row, "warnings")?,
        kernel_start: row.get("kernel_start")?,
        kernel_start_reason: row.get("kernel_start_reason")?,
        peak_memory_bytes: count("peak_memory_bytes")?,
        masked: count("masked")?.unwrap_or(0),
        attempts: row.get("attempts")?,
        source_hash: row.get("source_hash")?,
        environment_hash: row.get("environment_hash")?,
        version: row.get("version")?,
        parameters: parameters(row, "parameters")?,
        asked: asked(row)?,
        cut_off: false,
    })
}

/// What is told of the sync of a run that somebody asked for.
fn asked(row: &Row<'_>) -> rusqlite::Result<Option<AskedFor>> {
    let by: Option<String> = row.get("asked_by")?;
    let Some(by) = by else { return Ok(None) };
    let parameters = parameters(row, "asked_parameters")?;
    Ok(Some(AskedFor { by, parameters, retry_of: row.get("retry_of")? }))
}

fn parameters(row: &Row<'_>, column: &str) -> rusqlite::Result<Map<String, Value>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<AttemptRecord> {
    Ok(AttemptRecord {
        number: row.get("number")?,
        started: time(row, "started")?.unwrap_or(Timestamp::UNIX_EPOCH),
        ended: time(row, "ended")?,
        outcome: outcome(row)?,
        error: row.get("error")?,
        cause: row.get("cause")?,
        output: row.get("output")?,
    })
}

fn publish(row: &Row<'_>) -> rusqlite::Result<PublishRecord> {
    let report: String = row.get("report")?;
    Ok(PublishRecord {
        id: row.get("id")?,
        table: row.get("table")?,
        rows: row.get::<_, i64>("rows")?.unsigned_abs(),
        at: time(row, "at")?.unwrap_or(Timestamp::UNIX_EPOCH),
        report: serde_json::from_str(&report).unwrap_or_default(),
    })
}

fn outcome(row: &Row<'_>) -> rusqlite::Result<Option<Outcome>> {
    Ok(row.get::<_, Option<String>>("outcome")?.as_deref().and_then(Outcome::of_word))
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<String>>(column)?.as_deref().map(moment))
}

/// A list that the history keeps as JSON; one that is not there is empty.
fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<T>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{self, end, start, sync};
    use crate::store::{RunEnd, RunStart};

    /// A store with runs of these notebooks, an hour apart, that ended so.
    fn store(runs: &[(&str, Outcome)]) -> (tempfile::TempDir, Store) {
        let (folder, store) = tests::store();
        let sync = sync(&store);
        for (index, (notebook, outcome)) in runs.iter().enumerate() {
            let started = Timestamp::from_second(3600 * index as i64).expect("a time");
            let start = RunStart { started, ..start(sync, notebook) };
            let run = store.begin_run(&start).expect("written");
            let end = RunEnd { outcome: *outcome, ended: started, ..end() };
            store.end_run(run, &end).expect("written");
        }
        (folder, store)
    }

    #[track_caller]
    fn check(store: &Store, filter: RunFilter, expected: &[RunId]) {
        let filter = RunFilter { limit: 10, ..filter };
        let found: Vec<RunId> =
            store.runs(&filter).expect("read").iter().map(|run| run.id).collect();
        assert_eq!(found, expected, "{filter:?}");
        assert_eq!(store.count_runs(&filter).expect("read"), expected.len() as u64);
    }

    #[test]
    fn runs_are_found_by_notebook_outcome_and_start_newest_first() {
        use Outcome::{Failed, Succeeded};
        let (_folder, store) =
            store(&[("a", Succeeded), ("b", Failed), ("a", Failed), ("b", Succeeded)]);
        let all = RunFilter::default;
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let since = |hours: i64| Timestamp::from_second(3600 * hours).ok();
        check(&store, all(), &[4, 3, 2, 1]);
        check(&store, RunFilter { notebooks: names(&["a"]), ..all() }, &[3, 1]);
        check(&store, RunFilter { notebooks: names(&["a", "b"]), ..all() }, &[4, 3, 2, 1]);
        check(&store, RunFilter { outcomes: vec![Failed], ..all() }, &[3, 2]);
        check(&store, RunFilter { since: since(2), ..all() }, &[4, 3]);
        let narrow = RunFilter {
            notebooks: names(&["b"]),
            outcomes: vec![Failed],
            since: since(2),
            ..all()
        };
        check(&store, narrow, &[]);
        check(&store, RunFilter { until: since(2), ..all() }, &[2, 1]);
        check(&store, RunFilter { since: since(1), until: since(3), ..all() }, &[3, 2]);
        check(&store, RunFilter { since: since(9), ..all() }, &[]);
        check(&store, RunFilter { triggers: names(&["manual"]), ..all() }, &[4, 3, 2, 1]);
        check(&store, RunFilter { triggers: names(&["timer"]), ..all() }, &[]);
        check(&store, RunFilter { before: Some(3), ..all() }, &[2, 1]);
        check(&store, RunFilter { before: Some(3), since: since(1), ..all() }, &[2]);
    }

    #[test]
    fn a_text_is_found_in_notebooks_and_errors_as_it_stands() {
        let (_folder, store) = store(&[
            ("grand_livre", Outcome::Succeeded),
            ("balance", Outcome::Failed),
            ("grandXlivre", Outcome::Succeeded),
        ]);
        store
            .write(|tx| {
                tx.execute("UPDATE runs SET error = 'KeyError: 100 % faux !' WHERE id = 2", [])
            })
            .expect("written");
        let text = |text: &str| RunFilter { text: Some(text.to_owned()), ..RunFilter::default() };
        check(&store, text("grand_"), &[1]);
        check(&store, text("LIVRE"), &[3, 1]);
        check(&store, text("keyerror"), &[2]);
        check(&store, text("0 % f"), &[2]);
        check(&store, text("faux !"), &[2]);
        check(&store, text("rien"), &[]);
    }

    /// How SQLite looks for what a statement asks.
    fn way(store: &Store, sql: &str) -> String {
        let plan = store.read(|c| {
            let mut query = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            query.query_map([], |r| r.get::<_, String>("detail"))?.collect::<Result<Vec<_>, _>>()
        });
        plan.expect("explained").join("; ")
    }

    #[test]
    fn a_long_history_is_searched_by_its_indexes() {
        let (_folder, store) = store(&[("a", Outcome::Succeeded)]);
        let (since, until) = (Some(Timestamp::UNIX_EPOCH), Some(Timestamp::MAX));
        let notebooks = vec!["a".to_owned()];
        let outcomes = vec![Outcome::Failed];
        let all = RunFilter::default;
        let reach = Reach { from: 1, to: 9 };
        for (filter, expected) in [
            (
                RunFilter { notebooks: notebooks.clone(), ..all() },
                "COVERING INDEX runs_of_notebook",
            ),
            (RunFilter { outcomes: outcomes.clone(), ..all() }, "COVERING INDEX runs_of_outcome"),
            (
                RunFilter { notebooks: notebooks.clone(), outcomes, ..all() },
                "COVERING INDEX runs_by_outcome",
            ),
            (
                RunFilter { notebooks, since, until, ..all() },
                "runs_of_notebook (notebook=? AND id>? AND id<?)",
            ),
            (RunFilter { since, ..all() }, "INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
            (
                RunFilter { text: Some("x".into()), ..all() },
                "INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
            ),
        ] {
            let filter = RunFilter { limit: 50, ..filter };
            let is_bounded = filter.since.is_some() || filter.text.is_some();
            let sql = numbers(&filter, if is_bounded { reach } else { Reach::ALL }).0;
            // The values do not matter to the way, as long as there are as many.
            let way = way(&store, &sql.replace('?', "'a'"));
            assert!(way.contains(expected), "{filter:?}: {way}");
            assert!(!way.contains("SCAN r ") && !way.contains("TEMP B-TREE"), "{way}");
        }
        let newest = way(&store, &numbers(&RunFilter { limit: 50, ..all() }, Reach::ALL).0);
        assert!(!newest.contains("TEMP B-TREE"), "the newest come first unsorted: {newest}");
        let whole = way(&store, &statement(&RunFilter { limit: 50, ..all() }, Reach::ALL).0);
        assert!(whole.contains("SEARCH r USING INTEGER PRIMARY KEY"), "{whole}");
        let changes =
            "SELECT id FROM publishes WHERE \"table\" = 'a' AND at <= 'a' ORDER BY id DESC LIMIT 1";
        assert!(way(&store, changes).contains("publishes_of_table"));
    }

    #[test]
    fn the_run_before_is_that_of_the_same_notebook() {
        let (_folder, store) = store(&[
            ("a", Outcome::Succeeded),
            ("b", Outcome::Succeeded),
            ("a", Outcome::Succeeded),
        ]);
        let last =
            |notebook, before| store.last_run(notebook, before).expect("read").map(|run| run.id);
        assert_eq!(last("a", None), Some(3));
        assert_eq!(last("a", Some(3)), Some(1));
        assert_eq!(last("a", Some(1)), None);
        assert_eq!(last("c", None), None);
    }
}
