//! When notebooks are due next, asked of the history: whoever shows a few of many need not know the others.

use std::collections::HashMap;

use jiff::Timestamp;
use penny_schedule::{Event, Now, Pauses, Rules, Timetable};

use crate::clock::Clock;
use crate::config::Entry;
use crate::error::Result;
use crate::store::Store;

/// When a notebook is due next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coming {
    /// When; in the past for one that the service is about to run, nothing for one that is never due.
    pub next: Option<Timestamp>,
    /// Whether it is paused, by itself or with all: then it does not run at that time.
    pub paused: bool,
}

/// The next times at which a notebook is due, by the same timetable as the service's, whether it is paused or not.
///
/// # Errors
/// The history cannot be read.
pub fn next_times(
    store: &Store,
    clock: &Clock,
    entry: &Entry,
    count: usize,
) -> Result<Vec<Timestamp>> {
    let now = Now { wall: clock.wall(), running: clock.running() };
    let last = store.last_due(&entry.name)?;
    let mut timetable = Timetable::new(vec![(entry.name.clone(), entry.rules.clone(), last)], now);
    timetable.step(now, Event::Paused(Pauses::default()));
    let first = timetable.next_times().next().map(|standing| standing.next);
    Ok(following(&entry.rules, first, count))
}

/// So many times of a schedule, from the first on.
pub fn following(rules: &Rules, first: Option<Timestamp>, count: usize) -> Vec<Timestamp> {
    let times = std::iter::successors(first, |at| Some(rules.schedule.next(*at, &rules.zone)));
    times.take_while(|at| *at < Timestamp::MAX).take(count).collect()
}

/// When each of these notebooks is due next.
///
/// # Errors
/// The history cannot be read.
pub fn coming<'e>(
    store: &Store,
    clock: &Clock,
    entries: impl Iterator<Item = &'e Entry>,
) -> Result<HashMap<String, Coming>> {
    let now = Now { wall: clock.wall(), running: clock.running() };
    let listed = entries.map(|entry| {
        let due = store.last_due(&entry.name)?;
        Ok((entry.name.clone(), entry.rules.clone(), due))
    });
    let mut timetable = Timetable::new(listed.collect::<Result<_>>()?, now);
    let paused = store.paused()?;
    timetable.step(now, Event::Paused(Pauses { all: paused.all, notebooks: paused.notebooks }));
    let coming = timetable.next_times().map(|standing| {
        let next = Some(standing.next).filter(|next| *next < Timestamp::MAX);
        (standing.notebook.to_owned(), Coming { next, paused: standing.paused })
    });
    Ok(coming.collect())
}
