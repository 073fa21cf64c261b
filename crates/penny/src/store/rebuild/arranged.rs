//! Output notebooks arranged as runs and syncs.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::found::Found;
use crate::store::{Outcome, RunId, SyncId, Trigger};

/// Runs that tell nothing of their sync belong together when one begins so soon after another.
const APART: SignedDuration = SignedDuration::from_mins(1);

/// A run with its tries, the last of which is its own.
pub struct Run {
    pub id: RunId,
    pub sync: SyncId,
    pub tries: Vec<Found>,
}

impl Run {
    pub fn last(&self) -> &Found {
        self.tries.last().expect("a run has been found by one of its outputs")
    }
}

/// A sync, as its runs tell it.
pub struct Sync {
    pub id: SyncId,
    pub trigger: Trigger,
    pub due: Option<Timestamp>,
    pub started: Timestamp,
    pub ended: Timestamp,
    pub outcome: Outcome,
}

/// Arranges what was found: runs and syncs keep the numbers that they had, unless two claim the same.
pub fn arrange(mut found: Vec<Found>) -> (Vec<Sync>, Vec<Run>) {
    found.sort_by(|a, b| (a.run_started, a.attempt, &a.output).cmp(&(b.run_started, b.attempt, &b.output)));
    let runs = number(gathered(found));
    let mut syncs: BTreeMap<SyncId, Sync> = BTreeMap::new();
    for run in &runs {
        let last = run.last();
        let sync = syncs.entry(run.sync).or_insert_with(|| Sync {
            id: run.sync,
            trigger: last.trigger,
            due: last.due,
            started: last.run_started,
            ended: last.ended,
            outcome: Outcome::Succeeded,
        });
        sync.ended = sync.ended.max(last.ended);
        sync.outcome = match (sync.outcome, last.outcome) {
            (Outcome::Cancelled, _) | (_, Outcome::Cancelled) => Outcome::Cancelled,
            (Outcome::Succeeded, Outcome::Succeeded) => Outcome::Succeeded,
            _ => Outcome::Failed,
        };
    }
    (syncs.into_values().collect(), runs)
}

/// The tries of each run together, in the order in which the runs began.
fn gathered(found: Vec<Found>) -> Vec<Vec<Found>> {
    let mut runs: Vec<Vec<Found>> = Vec::new();
    let mut known: HashMap<(RunId, String, Timestamp), usize> = HashMap::new();
    for one in found {
        let key = one.place.map(|place| (place.run, one.notebook.clone(), one.run_started));
        match key.as_ref().and_then(|key| known.get(key)) {
            // A copy of the file is no second try.
            Some(&index) if runs[index].iter().all(|other| other.attempt != one.attempt) => {
                runs[index].push(one);
            }
            Some(_) => {}
            None => {
                key.map(|key| known.insert(key, runs.len()));
                runs.push(vec![one]);
            }
        }
    }
    runs
}

fn number(found: Vec<Vec<Found>>) -> Vec<Run> {
    let claims = found.iter().filter_map(|tries| tries[0].place);
    let (runs, syncs): (Vec<_>, Vec<_>) = claims.map(|place| (place.run, place.sync)).unzip();
    let mut next_run = runs.iter().max().map_or(1, |id| id + 1);
    let mut next_sync = syncs.iter().max().map_or(1, |id| id + 1);
    let fresh = |next: &mut i64| {
        *next += 1;
        *next - 1
    };
    let mut taken: HashSet<RunId> = HashSet::new();
    // Of an earlier history, whose numbers began at 1 as well.
    let mut renamed: HashMap<SyncId, SyncId> = HashMap::new();
    let mut silent: Option<(SyncId, Timestamp)> = None;
    let mut numbered = Vec::with_capacity(found.len());
    for tries in found {
        let last = tries.last().expect("a run has been found by one of its outputs");
        let (began, ended) = (last.run_started, last.ended);
        let (id, sync) = match tries[0].place {
            Some(place) if taken.insert(place.run) => (place.run, place.sync),
            Some(place) => {
                let sync = *renamed.entry(place.sync).or_insert_with(|| fresh(&mut next_sync));
                (fresh(&mut next_run), sync)
            }
            None => {
                let sync = match silent {
                    Some((sync, until)) if began <= until.saturating_add(APART).unwrap_or(until) => sync,
                    _ => fresh(&mut next_sync),
                };
                let until = silent.filter(|(of, _)| *of == sync).map_or(ended, |(_, u)| u.max(ended));
                silent = Some((sync, until));
                (fresh(&mut next_run), sync)
            }
        };
        numbered.push(Run { id, sync, tries });
    }
    numbered
}
