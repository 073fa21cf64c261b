//! What a timetable is told, and what it says is to be done.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::schedule::Schedule;

/// The moment of a step, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// What the computer's clock shows. It may jump.
    pub wall: Timestamp,
    /// Real time since any fixed moment, which never goes back; it may stand still while a computer sleeps.
    pub running: Duration,
}

/// When one notebook runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// When it is due.
    pub schedule: Schedule,
    /// The time zone of the schedule's clock.
    pub zone: TimeZone,
    /// What happens when it is due while it runs.
    pub overlap: Overlap,
    /// Whether it runs once for the times that passed while the computer slept or Penny was off.
    pub catch_up: bool,
    /// Whether it also runs when the service starts, and when it is new in a service that runs.
    pub at_start: bool,
}

/// What happens to a due time that comes while the notebook runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// It is missed.
    #[default]
    Skip,
    /// The notebook runs once more as soon as it has ended, however many due times came meanwhile.
    Queue,
}

/// Why something runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// Somebody asked for it.
    Manual,
    /// Its file was saved.
    FileChange,
    /// The service started.
    Start,
    /// It was due.
    Timer,
    /// It was due while the computer slept or Penny was off.
    CatchUp,
}

impl Trigger {
    /// The word for it in the history.
    pub fn word(self) -> &'static str {
        match self {
            Trigger::Manual => "manual",
            Trigger::FileChange => "file change",
            Trigger::Start => "start",
            Trigger::Timer => "timer",
            Trigger::CatchUp => "catch-up",
        }
    }
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The service starts. Before it, nothing is due.
    Begin,
    /// Time has passed.
    Tick,
    /// These notebooks have ended, or will not run after all.
    Ended(Vec<String>),
    /// Somebody asked for these notebooks.
    Asked(Vec<String>),
    /// The files of these notebooks were saved.
    Changed(Vec<String>),
    /// What is paused from now on; whatever is not in it is not.
    Paused(Pauses),
    /// The notebooks from now on. One whose schedule is what it was keeps its due times.
    Reloaded(Vec<Listed>),
}

/// A notebook of a timetable: its name and rules. Notebooks with the same rules may share them.
pub type Listed = (String, std::sync::Arc<Rules>);

/// What is paused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pauses {
    /// Everything.
    pub all: bool,
    /// These notebooks, whether or not everything is.
    pub notebooks: Vec<String>,
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The due times of this notebook count from now on: `from` is to be kept as its last due time that is
    /// accounted for, so that a time which passes before its first run is not forgotten. It is not to be kept in the
    /// place of a later one: that was accounted for by a clock that may have been right. The next run tells.
    Follow {
        /// The notebook.
        notebook: String,
        /// The moment from which they count.
        from: Timestamp,
    },
    /// Due times that come to no run, to be recorded as skipped.
    Miss {
        /// The notebook.
        notebook: String,
        /// The first of them.
        first: Timestamp,
        /// The last of them, which accounts for the notebook's due times up to it.
        due: Timestamp,
        /// How many they are; at least so many, beyond 10,000.
        times: u64,
        /// Why there is no run.
        why: Missed,
    },
    /// One sync of these notebooks, to begin now. Each runs until [`Event::Ended`] names it.
    Run {
        /// The notebooks, in the order of the list.
        turns: Vec<Turn>,
        /// Why the sync takes place: a catch-up when one of its turns is.
        trigger: Trigger,
        /// The latest due time among them.
        due: Option<Timestamp>,
    },
}

/// One notebook's part in a sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The notebook.
    pub notebook: String,
    /// Why it runs.
    pub trigger: Trigger,
    /// The due time that its run accounts for; none when it was not due.
    pub due: Option<Timestamp>,
}

/// Why a due time came to no run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Missed {
    /// The run before was still going.
    Overlap,
    /// It was paused.
    Paused,
    /// The computer slept or Penny was off, and one run catches up for all, or none is to.
    Off,
}

impl Missed {
    /// The word for it in the history.
    pub fn word(self) -> &'static str {
        match self {
            Missed::Overlap => "overlap",
            Missed::Paused => "paused",
            Missed::Off => "off",
        }
    }

    /// The reason as a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Missed::Overlap => "the run before was still going",
            Missed::Paused => "it was paused",
            Missed::Off => "the computer was asleep, or Penny was not running",
        }
    }
}
