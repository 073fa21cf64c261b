//! When notebooks are due: intervals, daily times, cron, working days, and what follows from the clock.
//!
//! Nothing here reads a clock: the moment of a step, and the one after which a notebook is due again, are values.

mod calendar;
mod clock;
mod cron;
mod cron_field;
mod describe;
mod duration;
mod error;
mod interval;
mod moment;
mod month;
mod passed;
mod retry;
mod schedule;
mod time_of_day;
mod timetable;
mod zone;

pub use calendar::Calendar;
pub use describe::{Description, SaidDays, SaidTimes};
pub use duration::parse_duration;
pub use error::ScheduleError;
pub use moment::{coming, past};
pub use retry::Retry;
pub use schedule::Schedule;
pub use timetable::{
    Action, Event, Listed, Missed, Now, Overlap, Pauses, Rules, Standing, Timetable, Trigger, Turn,
};
pub use zone::time_zone;
