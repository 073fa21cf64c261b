//! The words of the timetable and those of the history.

use crate::store::Trigger;

/// Why a sync begins, as the history has it.
pub fn trigger_of(trigger: penny_schedule::Trigger) -> Trigger {
    match trigger {
        penny_schedule::Trigger::Start => Trigger::Start,
        penny_schedule::Trigger::Timer => Trigger::Timer,
        penny_schedule::Trigger::Manual => Trigger::Manual,
        penny_schedule::Trigger::CatchUp => Trigger::CatchUp,
        penny_schedule::Trigger::FileChange => Trigger::FileChange,
    }
}
