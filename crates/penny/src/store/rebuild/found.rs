//! What one output notebook tells of its run.

use std::path::Path;

use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};
use penny_notebook::Notebook;
use serde_json::{Map, Value};

use crate::store::{
    AskedFor, CellTiming, Outcome, OutputSeal, Published, RunId, SyncId, Trigger, evalue_told,
    moment,
};

/// What is said of a run whose output notebook ends in the middle.
const CUT_OFF: &str = "Penny was ended in the middle of this run";

/// A run, or one of its tries, as its output notebook tells it.
#[derive(Debug)]
pub struct Found {
    /// What the notebook says of its place in the history; nothing in one that tells papermill's
    /// metadata alone.
    pub place: Option<Place>,
    pub trigger: Trigger,
    pub due: Option<Timestamp>,
    pub notebook: String,
    pub file: String,
    pub attempt: u32,
    pub run_started: Timestamp,
    pub started: Timestamp,
    pub ended: Timestamp,
    pub outcome: Outcome,
    pub error: Option<String>,
    pub cells: usize,
    pub cells_run: usize,
    pub timings: Vec<CellTiming>,
    pub published: Vec<Published>,
    pub source_hash: String,
    pub environment_hash: Option<String>,
    pub parameters: Map<String, Value>,
    pub asked: Option<AskedFor>,
    pub version: String,
    /// Where it is, relative to the workspace.
    pub output: String,
    pub seal: OutputSeal,
}

/// The numbers that a run had.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub run: RunId,
    pub sync: SyncId,
}

/// Reads an output notebook; `shown` is its path relative to the workspace.
pub fn read(path: &Path, shown: String, zone: &TimeZone) -> Result<Found, String> {
    let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
    let notebook = Notebook::parse(&bytes).map_err(|e| crate::error::sentence_of(&e))?;
    let none = Map::new();
    let papermill = notebook.papermill().unwrap_or(&none);
    let named = named(path, zone);
    let started = time(papermill.get("start_time")).or(named.as_ref().map(|n| n.1));
    let Some(started) = started else {
        return Err("it does not tell when it was executed".to_owned());
    };
    let timings = CellTiming::of(&notebook);
    let changed = std::fs::metadata(path).and_then(|m| m.modified()).ok();
    let last = changed.and_then(|at| Timestamp::try_from(at).ok()).unwrap_or(started);
    let name = named.map_or_else(|| stem(path), |n| n.0);
    let mut found = Found {
        place: None,
        trigger: Trigger::Unknown,
        due: None,
        notebook: name,
        file: text(papermill, "input_path"),
        attempt: 1,
        run_started: started,
        started,
        ended: time(papermill.get("end_time")).unwrap_or(last.max(started)),
        outcome: Outcome::Succeeded,
        error: None,
        cells: notebook.cells_with_code(),
        cells_run: timings.iter().filter(|t| t.outcome == "completed").count(),
        timings,
        published: Vec::new(),
        source_hash: String::new(),
        environment_hash: None,
        parameters: Map::new(),
        asked: None,
        version: text(papermill, "version"),
        output: shown,
        seal: OutputSeal::of(&bytes),
    };
    (found.outcome, found.error) = ending(&notebook, papermill);
    if let Some(record) = notebook.record().filter(|record| record.contains_key("run")) {
        found.told(record);
    }
    Ok(found)
}

impl Found {
    /// Takes what Penny's own record says, which is more than papermill's.
    fn told(&mut self, record: &Map<String, Value>) {
        let number = |key: &str| record.get(key).and_then(Value::as_i64);
        if let (Some(run), Some(sync)) = (number("run"), number("sync")) {
            self.place = Some(Place { run, sync });
        }
        let word = text(record, "trigger");
        self.trigger = Trigger::of_word(&word).unwrap_or(Trigger::Unknown);
        self.due = time(record.get("due"));
        self.notebook = Some(text(record, "notebook"))
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| std::mem::take(&mut self.notebook));
        self.file = text(record, "file");
        self.attempt = number("attempt").and_then(|n| n.try_into().ok()).unwrap_or(1);
        self.started = time(record.get("started")).unwrap_or(self.started);
        self.run_started = time(record.get("run_started")).unwrap_or(self.started);
        self.source_hash = text(record, "source_hash");
        self.environment_hash = Some(text(record, "environment_hash")).filter(|h| !h.is_empty());
        self.parameters = object(record.get("parameters"));
        self.asked = record.get("asked").and_then(Value::as_object).map(asked);
        self.version = text(record, "version");
        let Some(outcome) = Outcome::of_word(&text(record, "outcome")) else {
            // Its end was never written: papermill's marks cannot tell more.
            (self.outcome, self.error) = (Outcome::Crashed, Some(CUT_OFF.to_owned()));
            return;
        };
        self.outcome = outcome;
        self.error = record.get("error").and_then(Value::as_str).map(str::to_owned);
        self.ended = time(record.get("ended")).unwrap_or(self.ended);
        let count = |key: &str| number(key).and_then(|n| usize::try_from(n).ok());
        self.cells = count("cells").unwrap_or(self.cells);
        self.cells_run = count("cells_run").unwrap_or(self.cells_run);
        let published = record.get("published").and_then(Value::as_array);
        self.published = published.into_iter().flatten().filter_map(publish).collect();
    }
}

/// How a notebook ended by papermill's marks, and what it raised.
fn ending(notebook: &Notebook, papermill: &Map<String, Value>) -> (Outcome, Option<String>) {
    match (papermill.get("exception").and_then(Value::as_bool), papermill.get("end_time")) {
        (Some(true), _) => {
            let (ename, evalue) = notebook.raised().unwrap_or_default();
            let evalue = evalue_told(&evalue);
            let outcome =
                if ename == "DeadKernelError" { Outcome::Crashed } else { Outcome::Failed };
            let error = if evalue.is_empty() { ename } else { format!("{ename}: {evalue}") };
            (outcome, Some(error))
        }
        (_, Some(Value::String(_))) => (Outcome::Succeeded, None),
        _ => (Outcome::Crashed, Some(CUT_OFF.to_owned())),
    }
}

/// What is told of the sync that somebody asked for.
fn asked(record: &Map<String, Value>) -> AskedFor {
    AskedFor {
        by: text(record, "by"),
        parameters: object(record.get("parameters")),
        retry_of: record.get("retry_of").and_then(Value::as_i64),
    }
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

fn publish(value: &Value) -> Option<Published> {
    Some(Published {
        table: value["table"].as_str()?.to_owned(),
        rows: value["rows"].as_u64()?,
        at: moment(value["at"].as_str()?),
        report: value["report"].to_string(),
    })
}

/// The notebook and the time that a file is named after: `customers_20261122_080000.ipynb`.
fn named(path: &Path, zone: &TimeZone) -> Option<(String, Timestamp)> {
    let stem = stem(path);
    stamped(&stem, zone).or_else(|| {
        // A second one of the same second has a number behind the time.
        let (stem, number) = stem.rsplit_once('_')?;
        number.parse::<u32>().ok()?;
        stamped(stem, zone)
    })
}

fn stamped(stem: &str, zone: &TimeZone) -> Option<(String, Timestamp)> {
    let cut = stem.len().checked_sub("_YYYYMMDD_HHMMSS".len())?;
    let (name, stamp) = stem.split_at_checked(cut)?;
    let stamp = DateTime::strptime("_%Y%m%d_%H%M%S", stamp).ok()?;
    let at = zone.to_ambiguous_timestamp(stamp).compatible().ok()?;
    (!name.is_empty()).then(|| (name.to_owned(), at))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn text(map: &Map<String, Value>, key: &str) -> String {
    map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A time; papermill itself writes them in UTC without saying so.
fn time(value: Option<&Value>) -> Option<Timestamp> {
    let text = value?.as_str()?;
    text.parse().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_notebook_and_time() {
        #[track_caller]
        fn check(file: &str, expected: Option<(&str, &str)>) {
            let zone = TimeZone::get("Europe/Paris").expect("a zone");
            let found = named(Path::new(file), &zone);
            let found = found.map(|(name, at)| (name, at.to_string()));
            let expected = expected.map(|(name, at)| (name.to_owned(), at.to_owned()));
            assert_eq!(found, expected, "{file}");
        }
        check("customers_20261122_080000.ipynb", Some(("customers", "2026-11-22T07:00:00Z")));
        check("a_b_20260722_080000_2.ipynb", Some(("a_b", "2026-07-22T06:00:00Z")));
        check("é_20260722_080000.ipynb", Some(("é", "2026-07-22T06:00:00Z")));
        check("_20260722_080000.ipynb", None);
        check("customers_20261322_080000.ipynb", None);
        check("customers.ipynb", None);
        check("éééééééééééééééé.ipynb", None);
    }

    #[test]
    fn what_a_papermill_notebook_raised_is_told_in_part_as_of_a_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.ipynb");
        let papermill = serde_json::json!({
            "exception": true, "start_time": "2026-11-22T07:00:00", "end_time": "2026-11-22T07:00:01",
        });
        let text = format!("\u{1b}[31m{}\u{1b}[0m", "é".repeat(700_000));
        let notebook = serde_json::json!({
            "cells": [{
                "cell_type": "code", "execution_count": 1, "source": "x", "id": "a",
                "metadata": {"papermill": {"status": "failed"}},
                "outputs": [{
                    "output_type": "error", "ename": "ValueError", "evalue": text, "traceback": [],
                }],
            }],
            "metadata": {"papermill": papermill}, "nbformat": 4, "nbformat_minor": 5,
        });
        std::fs::write(&path, notebook.to_string()).expect("written");
        let found = read(&path, "a.ipynb".into(), &TimeZone::UTC).expect("read");
        assert_eq!(found.outcome, Outcome::Failed);
        assert_eq!(found.error, Some(format!("ValueError: {}…", "é".repeat(600))));
    }
}
