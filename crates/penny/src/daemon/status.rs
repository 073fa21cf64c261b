//! How the service and each notebook stand; it can be asked whether or not the service runs.

use jiff::Timestamp;
use penny_schedule::{Event, Now, Pauses, Timetable};

use super::state::State;
use super::{plan, presence};
use crate::clock::Clock;
use crate::error::Result;
use crate::run::{Holder, SyncLock};
use crate::store::{LastEnd, Store};
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// How everything stands.
pub struct Status {
    /// Who works in the workspace.
    pub holder: Option<Holder>,
    /// What the service told last, when it is the one who works.
    pub state: Option<State>,
    /// Whether everything is paused.
    pub paused: bool,
    /// The notebooks, in the order of penny.toml.
    pub notebooks: Vec<Standing>,
    /// The time at which this holds.
    pub now: Timestamp,
}

/// How one notebook stands.
pub struct Standing {
    /// The notebook.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// When it is due, in words.
    pub schedule: String,
    /// How it ended last.
    pub last: Option<LastEnd>,
    /// When it is due next; in the past for one that the service will catch up with.
    pub next: Option<Timestamp>,
    /// Whether it is paused, by itself or with all.
    pub paused: bool,
    /// Whether it also runs when it is saved.
    pub on_change: bool,
}

/// How the service of a workspace, and each notebook, stand at present.
///
/// # Errors
/// The history cannot be read.
pub fn status(workspace: &Workspace, surroundings: &Surroundings) -> Result<Status> {
    let store = Store::open(&workspace.history())?;
    let clock = Clock::new(surroundings);
    let now = Now { wall: clock.wall(), running: clock.running() };
    let holder = SyncLock::holder(workspace);
    let serves = holder.as_ref().filter(|holder| holder.is_service());
    let state =
        serves.and_then(|holder| presence::last(workspace).filter(|state| state.pid == holder.pid));
    let paused = store.paused()?;
    let (mut dues, mut ends) = (store.last_dues()?, store.last_ends()?);
    let listed = plan::listed(workspace);
    let known = listed.into_iter().map(|(name, rules)| {
        let due = dues.remove(&name);
        (name, rules, due)
    });
    let mut timetable = Timetable::new(known.collect(), now);
    let pauses = Pauses { all: paused.all, notebooks: paused.notebooks.clone() };
    timetable.step(now, Event::Paused(pauses));
    let config = &workspace.config;
    let notebooks =
        config.notebooks.iter().zip(timetable.next_times()).map(|(entry, standing)| Standing {
            name: entry.name.clone(),
            description: entry.description.clone(),
            schedule: config.rules_of(entry).schedule.describe(),
            last: ends.remove(&entry.name),
            next: Some(standing.next).filter(|next| *next < Timestamp::MAX),
            paused: standing.paused,
            on_change: entry.on_change,
        });
    let notebooks = notebooks.collect();
    Ok(Status { holder, state, paused: paused.all, notebooks, now: now.wall })
}
