//! The time of day while a day is lived.

use jiff::Timestamp;
use jiff::civil::Date;

use super::calendar;
use super::chance::Chance;

const DAY_US: i64 = 86_400_000_000;
/// Work begins at 06:30 UTC and nothing happens after 23:00 UTC.
const OPENING_US: i64 = 6 * 3_600_000_000 + 1_800_000_000;
const CLOSING_US: i64 = 23 * 3_600_000_000;

/// Hands out instants of one day, each later than the one before.
#[derive(Debug)]
pub(super) struct Clock {
    now_us: i64,
    latest_us: i64,
    step_us_max: i64,
}

impl Clock {
    /// A clock whose steps suit so many events a day.
    pub(super) fn new(events_per_day: f64) -> Clock {
        let step = (CLOSING_US - OPENING_US) as f64 / (events_per_day * 4.0 + 20.0);
        Clock { now_us: 0, latest_us: 0, step_us_max: (step as i64).max(1_000) }
    }

    /// Begins a day.
    pub(super) fn begin(&mut self, day: Date) {
        let midnight = calendar::day_number(day) * DAY_US;
        self.now_us = midnight + OPENING_US;
        self.latest_us = midnight + CLOSING_US;
    }

    /// The next instant of the day.
    pub(super) fn tick(&mut self, chance: &mut Chance) -> Timestamp {
        let step = chance.between(1, self.step_us_max);
        // A crowded day ends in a rush: microseconds remain, enough for any number of events.
        self.now_us =
            if self.now_us + step < self.latest_us { self.now_us + step } else { self.now_us + 1 };
        timestamp(self.now_us)
    }
}

/// Midnight (UTC) at the beginning of a day.
pub(super) fn midnight(day: Date) -> Timestamp {
    timestamp(calendar::day_number(day) * DAY_US)
}

fn timestamp(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds)
        .expect("a company's days are far from the end of time")
}
