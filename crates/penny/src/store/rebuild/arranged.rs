//! Output notebooks arranged as runs and syncs.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::found::Found;
use crate::store::{AskedFor, Outcome, RunId, SyncId, Trigger};

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
    pub asked: Option<AskedFor>,
    pub started: Timestamp,
    pub ended: Timestamp,
    pub outcome: Outcome,
}

/// Arranges what was found: runs and syncs keep the numbers that they had, unless two claim the same.
pub fn arrange(mut found: Vec<Found>) -> (Vec<Sync>, Vec<Run>) {
    found.sort_by(|a, b| {
        (a.run_started, a.attempt, &a.output).cmp(&(b.run_started, b.attempt, &b.output))
    });
    let runs = number(gathered(found));
    let mut syncs: BTreeMap<SyncId, Sync> = BTreeMap::new();
    for run in &runs {
        let last = run.last();
        let sync = syncs.entry(run.sync).or_insert_with(|| Sync {
            id: run.sync,
            trigger: last.trigger,
            due: last.due,
            asked: last.asked.clone(),
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
                    Some((sync, until))
                        if began <= until.saturating_add(APART).unwrap_or(until) =>
                    {
                        sync
                    }
                    _ => fresh(&mut next_sync),
                };
                let until =
                    silent.filter(|(of, _)| *of == sync).map_or(ended, |(_, u)| u.max(ended));
                silent = Some((sync, until));
                (fresh(&mut next_run), sync)
            }
        };
        numbered.push(Run { id, sync, tries });
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::OutputSeal;
    use crate::store::rebuild::found::Place;

    /// An output of a run that was the `run`th, in the `sync`th, of this many seconds after the first.
    fn found(place: Option<(RunId, SyncId)>, notebook: &str, at: i64, attempt: u32) -> Found {
        let moment = |at: i64| Timestamp::from_second(1_795_000_000 + at).expect("a time");
        Found {
            place: place.map(|(run, sync)| Place { run, sync }),
            trigger: Trigger::Timer,
            due: None,
            notebook: notebook.to_owned(),
            file: String::new(),
            attempt,
            run_started: moment(at),
            started: moment(at + 10 * i64::from(attempt)),
            ended: moment(at + 10 * i64::from(attempt) + 5),
            outcome: if attempt == 1 { Outcome::Succeeded } else { Outcome::Failed },
            error: None,
            cells: 1,
            cells_run: 1,
            timings: Vec::new(),
            published: Vec::new(),
            source_hash: String::new(),
            environment_hash: None,
            parameters: Default::default(),
            asked: None,
            version: String::new(),
            output: format!("{notebook}_{at}_{attempt}"),
            seal: OutputSeal::of(b""),
        }
    }

    /// Runs as "run/sync notebook tries", and the outcomes of their syncs.
    #[track_caller]
    fn check(all: Vec<Found>, runs: &[&str], outcomes: &[(SyncId, Outcome)]) {
        let (syncs, arranged) = arrange(all);
        let told: Vec<String> = arranged
            .iter()
            .map(|run| {
                let tries: Vec<String> = run.tries.iter().map(|t| t.attempt.to_string()).collect();
                format!("{}/{} {} {}", run.id, run.sync, run.last().notebook, tries.join("+"))
            })
            .collect();
        assert_eq!(told, runs);
        let told: Vec<_> = syncs.iter().map(|sync| (sync.id, sync.outcome)).collect();
        assert_eq!(told, outcomes);
    }

    #[test]
    fn runs_and_syncs_keep_their_numbers_and_tries_belong_together() {
        let all = vec![
            found(Some((8, 3)), "b", 100, 1),
            found(Some((7, 3)), "a", 99, 2),
            found(Some((7, 3)), "a", 99, 1),
            found(Some((4, 2)), "a", 0, 1),
        ];
        let outcomes = [(2, Outcome::Succeeded), (3, Outcome::Failed)];
        check(all, &["4/2 a 1", "7/3 a 1+2", "8/3 b 1"], &outcomes);
    }

    #[test]
    fn a_copy_of_an_output_is_no_second_try() {
        let copy = Found { output: "copy".into(), ..found(Some((4, 2)), "a", 0, 1) };
        let all = vec![found(Some((4, 2)), "a", 0, 1), copy];
        check(all, &["4/2 a 1"], &[(2, Outcome::Succeeded)]);
    }

    #[test]
    fn two_histories_that_both_began_at_1_do_not_mix() {
        let all = vec![
            found(Some((1, 1)), "a", 0, 1),
            found(Some((2, 1)), "b", 1, 1),
            found(Some((1, 1)), "a", 900, 1),
            found(Some((2, 1)), "b", 901, 1),
        ];
        let outcomes = [(1, Outcome::Succeeded), (2, Outcome::Succeeded)];
        check(all, &["1/1 a 1", "2/1 b 1", "3/2 a 1", "4/2 b 1"], &outcomes);
    }

    #[test]
    fn outputs_that_tell_no_sync_belong_together_by_their_times() {
        let all = vec![
            found(None, "a", 0, 1),
            found(None, "b", 60, 1),
            found(None, "a", 500, 1),
            found(Some((5, 2)), "c", 600, 1),
        ];
        let outcomes = [(2, Outcome::Succeeded), (3, Outcome::Succeeded), (4, Outcome::Succeeded)];
        check(all, &["6/3 a 1", "7/3 b 1", "8/4 a 1", "5/2 c 1"], &outcomes);
    }
}
