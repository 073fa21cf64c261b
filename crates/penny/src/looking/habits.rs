//! What is usual of a notebook: how long it takes, how often it succeeds, since when its file is as it is.

use std::time::Duration;

use jiff::{Timestamp, ToSpan as _};

use crate::error::Result;
use crate::store::{Outcome, RunId, RunPoint, Store};

/// So many runs are the recent ones, which tell how long a notebook usually takes.
pub(super) const RECENT: usize = 60;
/// So many are looked at for the last edit and the share of successes.
const LOOKED_AT: usize = 2000;
/// The share of successes is that of so many days.
const DAYS: i64 = 30;

/// The last runs of a notebook, and what they tell.
pub struct Habits {
    /// Its runs, oldest first; of very many, the last.
    runs: Vec<RunPoint>,
}

/// Since when a notebook's file is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unchanged<'a> {
    /// The first run of the file as it is.
    pub since: &'a RunPoint,
    /// The run before, of another file; none where the file never changed.
    pub before: Option<RunId>,
}

impl Habits {
    /// Reads them.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn read(store: &Store, notebook: &str) -> Result<Habits> {
        Ok(Habits { runs: store.run_points(notebook, None, LOOKED_AT)? })
    }

    /// Whether the notebook has never run.
    pub fn is_new(&self) -> bool {
        self.runs.is_empty()
    }

    /// The recent runs, oldest first.
    pub fn recent(&self) -> &[RunPoint] {
        &self.runs[self.runs.len().saturating_sub(RECENT)..]
    }

    /// The last run that succeeded.
    pub fn last_success(&self) -> Option<&RunPoint> {
        self.runs.iter().rev().find(|run| run.outcome == Some(Outcome::Succeeded))
    }

    /// The median of the recent succeeded runs' lengths, and the length that nine of ten do not exceed.
    pub fn usual(&self) -> Option<(Duration, Duration)> {
        usual(self.recent())
    }

    /// How many runs of the last 30 days succeeded, and of how many that succeeded or failed.
    pub fn successes(&self, now: Timestamp) -> (usize, usize) {
        let since = now.saturating_sub((DAYS * 24).hours()).unwrap_or(Timestamp::MIN);
        let runs = self.runs.iter().filter(|run| run.started >= since);
        let is_good = |run: &&RunPoint| run.outcome == Some(Outcome::Succeeded);
        let good = runs.clone().filter(is_good).count();
        (good, good + runs.filter(|run| is_bad(run.outcome)).count())
    }

    /// Since when the file is as it is; nothing when it has been so for longer than is looked back.
    pub fn unchanged(&self) -> Option<Unchanged<'_>> {
        let edit = edits(&self.runs).pop();
        match edit.and_then(|id| self.runs.iter().position(|run| run.id == id)) {
            Some(at) => {
                let before = self.runs[..at].last().map(|run| run.id);
                Some(Unchanged { since: &self.runs[at], before })
            }
            None if self.runs.len() < LOOKED_AT => {
                Some(Unchanged { since: self.runs.first()?, before: None })
            }
            None => None,
        }
    }
}

/// Whether a run failed, took too long or crashed.
pub fn is_bad(outcome: Option<Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Failed | Outcome::TimedOut | Outcome::Crashed))
}

/// How long a run took; none for one that has not ended or did not run.
pub(super) fn seconds(run: &RunPoint) -> Option<f64> {
    let ended = run.ended.filter(|_| run.outcome != Some(Outcome::Skipped))?;
    Some(ended.duration_since(run.started).as_secs_f64().max(0.0))
}

/// The median of the succeeded runs' lengths, and the length that nine of ten do not exceed.
fn usual(runs: &[RunPoint]) -> Option<(Duration, Duration)> {
    let good = runs.iter().filter(|run| run.outcome == Some(Outcome::Succeeded));
    let mut lengths: Vec<f64> = good.filter_map(seconds).collect();
    lengths.sort_by(f64::total_cmp);
    let at = |part| share(&lengths, part).map(Duration::from_secs_f64);
    at(0.5).zip(at(0.9))
}

/// The value below which that share of the sorted values lies: the nearest rank, a value that is there.
pub(super) fn share(sorted: &[f64], part: f64) -> Option<f64> {
    let rank = (part * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// The runs whose notebook file was another than that of the run before, oldest first.
pub fn edits(runs: &[RunPoint]) -> Vec<RunId> {
    let known = runs.iter().filter(|run| !run.source_hash.is_empty());
    let known: Vec<&RunPoint> = known.collect();
    let edits = known.windows(2).filter(|pair| pair[0].source_hash != pair[1].source_hash);
    edits.map(|pair| pair[1].id).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A run that began then, took so many seconds and ended so, of a notebook file of this hash.
    pub fn run(id: RunId, started: &str, seconds: i64, outcome: Outcome, hash: &str) -> RunPoint {
        let started: Timestamp = started.parse().expect("a time");
        let ended = Some(started.saturating_add(seconds.seconds()).expect("a time"));
        RunPoint { id, started, ended, outcome: Some(outcome), source_hash: hash.into() }
    }

    #[test]
    fn how_long_runs_usually_take_is_told_by_those_that_succeeded() {
        let mut runs: Vec<RunPoint> =
            (1..=10).map(|n| run(n, "2026-11-20T08:00:00Z", n, Outcome::Succeeded, "")).collect();
        let seconds =
            |pair: Option<(Duration, Duration)>| pair.map(|(a, b)| (a.as_secs(), b.as_secs()));
        assert_eq!(seconds(usual(&runs)), Some((5, 9)));
        runs.push(run(11, "2026-11-20T08:00:00Z", 500, Outcome::Failed, ""));
        assert_eq!(seconds(usual(&runs)), Some((5, 9)));
        assert_eq!(seconds(usual(&runs[..1])), Some((1, 1)));
        assert_eq!(usual(&[]), None);
    }

    #[test]
    fn a_notebook_was_edited_before_the_first_run_of_another_file() {
        let hashes = ["a", "a", "", "b", "b", "a"];
        let runs: Vec<RunPoint> = (1..)
            .zip(hashes)
            .map(|(id, hash)| run(id, "2026-11-20T08:00:00Z", 1, Outcome::Succeeded, hash))
            .collect();
        assert_eq!(edits(&runs), [4, 6]);
    }

    #[test]
    fn what_did_not_succeed_or_fail_counts_as_neither() {
        let at = "2026-11-20T08:00:00Z";
        let runs = [
            run(1, "2026-10-01T08:00:00Z", 1, Outcome::Failed, "a"),
            run(2, at, 1, Outcome::Succeeded, "a"),
            run(3, at, 1, Outcome::Failed, "b"),
            run(4, at, 1, Outcome::Skipped, "b"),
        ];
        let habits = Habits { runs: runs.to_vec() };
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().expect("a time");
        assert_eq!(habits.successes(now), (1, 2));
        assert_eq!(habits.last_success(), Some(&runs[1]));
        assert_eq!(habits.unchanged(), Some(Unchanged { since: &runs[2], before: Some(2) }));
        let same = Habits { runs: runs[..2].to_vec() };
        assert_eq!(same.unchanged(), Some(Unchanged { since: &runs[0], before: None }));
        assert_eq!(Habits { runs: Vec::new() }.unchanged(), None);
    }
}
