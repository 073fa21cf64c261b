//! When notebooks are due: intervals, daily times and what follows from the clock.
//!
//! Nothing here reads a clock: the moment after which a notebook is due again is a value.

mod duration;
mod error;
mod schedule;
mod time_of_day;
mod zone;

pub use duration::parse_duration;
pub use error::ScheduleError;
pub use schedule::Schedule;
pub use zone::time_zone;
