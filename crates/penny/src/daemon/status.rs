//! How the service and each notebook stand; it can be asked whether or not the service runs.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use penny_schedule::{Event, Now, Pauses, Rules, Timetable};
use serde_json::{Value, json};

use super::state::State;
use super::{plan, presence};
use crate::clock::Clock;
use crate::error::Result;
use crate::run::{Holder, SyncLock};
use crate::store::{LastEnd, Pause, Store};
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
    /// What is paused, by whom and since when.
    pub pauses: Vec<Pause>,
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
    /// When it is due, in words; shared with the notebooks that have the same schedule.
    pub schedule: Arc<str>,
    /// How it ended last.
    pub last: Option<LastEnd>,
    /// When it is due next; in the past for one that the service will catch up with.
    pub next: Option<Timestamp>,
    /// Whether it is paused, by itself or with all.
    pub paused: bool,
    /// Whether it also runs when it is saved.
    pub on_change: bool,
}

/// What the service of a workspace told last; nothing when none is at work.
pub fn live_state(workspace: &Workspace) -> Option<State> {
    let holder = SyncLock::holder(&workspace.root)?;
    of_holder(workspace, &holder)
}

fn of_holder(workspace: &Workspace, holder: &Holder) -> Option<State> {
    let told = || presence::last(workspace).filter(|state| state.pid == holder.pid);
    holder.is_service().then(told).flatten()
}

/// How the service of a workspace, and each notebook, stand at present.
///
/// # Errors
/// The history cannot be read.
pub fn status(workspace: &Workspace, surroundings: &Surroundings) -> Result<Status> {
    let store = Store::open(&workspace.history())?;
    let clock = Clock::new(surroundings);
    let now = Now { wall: clock.wall(), running: clock.running() };
    let holder = SyncLock::holder(&workspace.root);
    let state = holder.as_ref().and_then(|holder| of_holder(workspace, holder));
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
    let mut in_words: HashMap<*const Rules, Arc<str>> = HashMap::new();
    let mut schedule = |rules: &Arc<Rules>| {
        let words = in_words.entry(Arc::as_ptr(rules));
        Arc::clone(words.or_insert_with(|| rules.schedule.describe().into()))
    };
    let notebooks =
        config.notebooks.iter().zip(timetable.next_times()).map(|(entry, standing)| Standing {
            name: entry.name.clone(),
            description: entry.description.clone(),
            schedule: schedule(&entry.rules),
            last: ends.remove(&entry.name),
            next: Some(standing.next).filter(|next| *next < Timestamp::MAX),
            paused: standing.paused,
            on_change: entry.on_change,
        });
    let notebooks = notebooks.collect();
    Ok(Status {
        holder,
        state,
        paused: paused.all,
        pauses: store.pauses()?,
        notebooks,
        now: now.wall,
    })
}

impl Status {
    /// The same for programs.
    pub fn json(&self) -> Value {
        self.json_of(&self.notebooks)
    }

    /// The same with some of the notebooks.
    pub fn json_of(&self, notebooks: &[Standing]) -> Value {
        let notebooks: Vec<Value> = notebooks.iter().map(Standing::json).collect();
        json!({
            "running": self.holder.as_ref().is_some_and(Holder::is_service),
            "holder": self.holder,
            "service": self.state,
            "paused": self.paused,
            "pauses": self.pauses.iter().map(pause_json).collect::<Vec<_>>(),
            "notebooks": notebooks,
        })
    }
}

impl Standing {
    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "description": self.description,
            "schedule": &*self.schedule,
            "on_change": self.on_change,
            "paused": self.paused,
            "next": self.next.map(|next| next.to_string()),
            "last": self.last.as_ref().map(|last| json!({
                "run": last.run,
                "outcome": last.outcome.word(),
                "ended": last.at.to_string(),
                "error": last.error,
            })),
        })
    }
}

fn pause_json(pause: &Pause) -> Value {
    json!({ "notebook": pause.notebook, "by": pause.by, "at": pause.at.to_string() })
}
