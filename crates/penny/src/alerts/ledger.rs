//! The events that are open: what opens one, what ends it, and when it is told. Pure: every moment is given.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;

use super::event::{Event, Facts, Failed, Key, Over, SlowRun, StaleTable};
use crate::config::AlertKind;
use crate::store::{EndedRun, Outcome, RunningRun, SyncId, TableState};

/// A run is slow when it takes so many times as long as usual,
const SLOW_FACTOR: u64 = 3;
/// and so much longer.
const SLOW_MORE: Duration = Duration::from_secs(60);

/// The open events, each once however many runs show it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    events: BTreeMap<Key, Event>,
}

/// What is thought of a table's age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Nobody watches it, or it is not the moment to judge.
    Unknown,
    /// It is fresh enough.
    Fresh,
    /// It is older than this, which is what it may be.
    TooOld(Duration),
}

/// Events of one kind that are told together, or the ends of events.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// The kind; [`AlertKind::Recovery`] for ends.
    pub kind: AlertKind,
    /// The events.
    pub keys: Vec<Key>,
}

impl Ledger {
    /// One with these events.
    pub fn new(events: impl IntoIterator<Item = Event>) -> Ledger {
        Ledger { events: events.into_iter().map(|e| (e.key(), e)).collect() }
    }

    /// All events, in the order of their kinds and names.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.values()
    }

    /// One event.
    pub fn get(&self, key: &Key) -> Option<&Event> {
        self.events.get(key)
    }

    /// A run has ended, its last attempt included.
    pub fn run_ended(&mut self, run: &EndedRun) {
        let slow = (AlertKind::Slow, run.notebook.clone());
        let failure = (AlertKind::Failure, run.notebook.clone());
        let over = Over { at: run.ended, sync: Some(run.sync) };
        match run.outcome {
            Outcome::Succeeded => {
                self.end(&failure, over.clone());
                self.end(&slow, over);
            }
            Outcome::Failed | Outcome::TimedOut | Outcome::Crashed => {
                self.events.remove(&slow);
                // A run that Penny's own end cut off says nothing of the notebook: the next one will.
                if !run.cut_off {
                    self.begin(Facts::Failure(failed(run)), run.ended);
                }
            }
            // Nothing is known of the notebook; but this run is slow no longer.
            Outcome::Cancelled => self.events.retain(|_, event| match &event.facts {
                Facts::Slow(slow) => slow.run != run.id,
                _ => true,
            }),
            // It was mostly skipped because an earlier run is still under way, which is as slow as before.
            Outcome::Skipped => {}
        }
    }

    /// How old the tables are, as `judged`.
    pub fn tables(&mut self, tables: &[TableState], judged: &dyn Fn(&TableState) -> Age) {
        for state in tables {
            let Some(notebook) = &state.notebook else { continue };
            match judged(state) {
                Age::Unknown => {}
                Age::Fresh => {
                    let key = (AlertKind::Stale, state.table.clone());
                    self.end(&key, Over { at: state.published, sync: state.sync });
                }
                Age::TooOld(limit) => {
                    let since = state.published.saturating_add(limit).unwrap_or(state.published);
                    let stale = StaleTable {
                        table: state.table.clone(),
                        notebook: notebook.clone(),
                        rows: state.rows,
                        published: state.published,
                        allowed_seconds: limit.as_secs(),
                    };
                    self.begin(Facts::Stale(stale), since);
                }
            }
        }
    }

    /// Ends the stale events of tables that nobody watches any more; they are not told as recovered.
    pub fn keep_stale(&mut self, watched: &dyn Fn(&StaleTable) -> bool) {
        self.events.retain(|_, event| match &event.facts {
            Facts::Stale(stale) => watched(stale),
            _ => true,
        });
    }

    /// Forgets the failures of notebooks that are no longer listed: none of their runs will ever end them.
    pub fn keep_failures(&mut self, is_listed: &dyn Fn(&str) -> bool) {
        self.events.retain(|_, event| match &event.facts {
            Facts::Failure(failed) => is_listed(&failed.notebook),
            _ => true,
        });
    }

    /// A run that is under way, and how long its notebook usually takes.
    pub fn running(&mut self, run: &RunningRun, usual: Duration, now: Timestamp) {
        let passed = Duration::try_from(now.duration_since(run.started)).unwrap_or_default();
        let limit = usual.saturating_mul(SLOW_FACTOR as u32).max(usual + SLOW_MORE);
        if passed > limit {
            let slow = SlowRun {
                notebook: run.notebook.clone(),
                run: run.id,
                started: run.started,
                usual_seconds: usual.as_secs(),
            };
            self.begin(Facts::Slow(slow), run.started);
        }
    }

    /// Whether the service can do its work; if not, why.
    pub fn service(&mut self, trouble: Option<&str>, now: Timestamp) {
        match trouble {
            Some(error) => self.begin(Facts::Service { error: error.to_owned() }, now),
            None => {
                let key = (AlertKind::Service, String::new());
                self.end(&key, Over { at: now, sync: None });
            }
        }
    }

    /// What is to be told now. What came with a sync waits for the sync's end, but no longer than
    /// `gather`, so that several failures come in one message.
    pub fn news(&self, under_way: &HashSet<SyncId>, gather: Duration, now: Timestamp) -> Vec<News> {
        let waits = |sync: Option<SyncId>, at: Timestamp| {
            let passed = now.duration_since(at).unsigned_abs();
            sync.is_some_and(|sync| under_way.contains(&sync)) && passed < gather
        };
        let mut news: BTreeMap<AlertKind, Vec<Key>> = BTreeMap::new();
        for (key, event) in &self.events {
            let (kind, waiting) = match (&event.over, &event.told) {
                (Some(over), _) => (AlertKind::Recovery, waits(over.sync, over.at)),
                (None, None) => (key.0, waits(event.sync(), event.since)),
                (None, Some(_)) => continue,
            };
            if !waiting {
                news.entry(kind).or_default().push(key.clone());
            }
        }
        news.into_iter().map(|(kind, keys)| News { kind, keys }).collect()
    }

    /// Notes that an event was told to these; one that is over is then done with.
    pub fn told(&mut self, key: &Key, to: BTreeMap<String, String>) {
        let Some(event) = self.events.get_mut(key) else { return };
        if event.over.is_some() {
            self.events.remove(key);
        } else {
            event.told = Some(to);
        }
    }

    fn begin(&mut self, facts: Facts, since: Timestamp) {
        let event = Event::new(facts, since);
        let present = self.events.entry(event.key()).or_insert(event);
        // It came back before its end was told: it has never been over.
        present.over = None;
    }

    fn end(&mut self, key: &Key, over: Over) {
        match self.events.get_mut(key) {
            Some(event) if event.told.is_none() => drop(self.events.remove(key)),
            Some(event) if event.over.is_none() => event.over = Some(over),
            _ => {}
        }
    }
}

fn failed(run: &EndedRun) -> Failed {
    Failed {
        notebook: run.notebook.clone(),
        run: run.id,
        sync: run.sync,
        trigger: run.trigger.clone(),
        outcome: run.outcome.word().to_owned(),
        error: run.error.clone().unwrap_or_default(),
        output: run.output.clone(),
    }
}

/// The middle of some lengths of time, when there are enough of them to say what is usual.
pub fn usual(mut seconds: Vec<f64>) -> Option<Duration> {
    const ENOUGH: usize = 3;
    if seconds.len() < ENOUGH {
        return None;
    }
    seconds.sort_by(f64::total_cmp);
    Duration::try_from_secs_f64(seconds[seconds.len() / 2]).ok()
}

#[cfg(test)]
mod tests;
