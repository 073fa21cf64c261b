//! What is counted of runs since the service started: each scrape adds the runs that ended since the last.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::page::{Histogram, Kind, Page};
use super::seconds;
use crate::error::Result;
use crate::store::{Cursor, EndedRun, Outcome, Store};

/// From a second to an hour.
const LENGTHS: &[f64] = &[1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];
/// From at once to an hour late.
const LAGS: &[f64] = &[0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];

/// The counts.
pub struct Recorder {
    cursor: Cursor,
    runs: BTreeMap<(String, &'static str), u64>,
    lengths: BTreeMap<&'static str, Histogram>,
    lag: Histogram,
    rows: BTreeMap<String, u64>,
    /// Asked of the history by the first scrape, not by the start of the service.
    last_success: Option<BTreeMap<String, Timestamp>>,
    last_length: BTreeMap<String, f64>,
}

impl Recorder {
    /// Counts from now on; when each notebook succeeded last is known from before.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn begin(store: &Store) -> Result<Recorder> {
        Ok(Recorder {
            cursor: store.present_cursor()?,
            runs: BTreeMap::new(),
            lengths: BTreeMap::new(),
            lag: Histogram::new(LAGS),
            rows: BTreeMap::new(),
            last_success: None,
            last_length: BTreeMap::new(),
        })
    }

    /// Adds the runs that have ended since.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn catch_up(&mut self, store: &Store) -> Result<()> {
        let seen = store.since(&self.cursor)?;
        if self.last_success.is_none() {
            self.last_success = Some(store.last_successes()?.into_iter().collect());
        }
        self.cursor = seen.cursor;
        seen.ended.iter().for_each(|run| self.add(run));
        Ok(())
    }

    fn add(&mut self, run: &EndedRun) {
        let outcome = run.outcome.word();
        *self.runs.entry((run.notebook.clone(), outcome)).or_default() += 1;
        if run.outcome == Outcome::Skipped {
            return;
        }
        let length = run.ended.duration_since(run.started).as_secs_f64().max(0.0);
        let of_outcome = self.lengths.entry(outcome);
        of_outcome.or_insert_with(|| Histogram::new(LENGTHS)).add(length);
        self.last_length.insert(run.notebook.clone(), length);
        if let Some(due) = run.due {
            self.lag.add(run.started.duration_since(due).as_secs_f64().max(0.0));
        }
        *self.rows.entry(run.notebook.clone()).or_default() += run.rows;
        if run.outcome == Outcome::Succeeded {
            let known = self.last_success.get_or_insert_default();
            known.insert(run.notebook.clone(), run.ended);
        }
    }

    /// Writes all that is counted.
    pub fn write(&self, page: &mut Page) {
        let help = "Runs since the service started, by how they ended.";
        let mut runs = page.family("penny_runs_total", Kind::Counter, help);
        for ((notebook, outcome), count) in &self.runs {
            runs.sample(&[("notebook", notebook), ("outcome", outcome)], *count as f64);
        }
        let help = "How long runs took, by how they ended.";
        let mut lengths = page.family("penny_run_duration_seconds", Kind::Histogram, help);
        for (outcome, histogram) in &self.lengths {
            lengths.histogram(&[("outcome", outcome)], histogram);
        }
        let help = "How long after their due time runs started.";
        page.family("penny_run_due_lag_seconds", Kind::Histogram, help).histogram(&[], &self.lag);
        let help = "Rows of the tables that runs published since the service started.";
        let mut rows = page.family("penny_rows_published_total", Kind::Counter, help);
        for (notebook, count) in &self.rows {
            rows.sample(&[("notebook", notebook)], *count as f64);
        }
        let help = "When a notebook last succeeded.";
        let name = "penny_notebook_last_success_timestamp_seconds";
        let mut successes = page.family(name, Kind::Gauge, help);
        for (notebook, at) in self.last_success.iter().flatten() {
            successes.sample(&[("notebook", notebook)], seconds(*at));
        }
        let help = "How long the last run of a notebook took.";
        let mut last = page.family("penny_notebook_last_duration_seconds", Kind::Gauge, help);
        for (notebook, length) in &self.last_length {
            last.sample(&[("notebook", notebook)], *length);
        }
    }
}
