//! Intervals: the same real time again and again, whatever the clocks do.

use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::clock::{self, Times};
use crate::month::Month;
use crate::schedule::Days;

/// An interval of at most a day comes to a working day after so many days off, at the very most.
const DAYS_OFF_MAX: usize = 31;

/// The first moment after another that is a whole number of intervals from `phase`, on one of the days; none
/// at the end of representable time.
pub(crate) fn next(
    length: Duration,
    days: &Days,
    phase: Timestamp,
    after: Timestamp,
    zone: &TimeZone,
) -> Option<Timestamp> {
    let length = signed(length);
    let mut due = first_after(length, phase, after)?;
    if *days == Days::All {
        return Some(due);
    }
    for _ in 0..DAYS_OFF_MAX {
        let date = zone.to_datetime(due).date();
        if days.days_in(Month::of(date)) >> (date.day() - 1) & 1 == 1 {
            return Some(due);
        }
        // The days off are passed over at once: an interval of a minute has many times in a weekend.
        let begin = clock::next(&Midnights(days), day_end(date, zone)?, zone)?;
        due = first_after(length, phase, begin.checked_sub(SignedDuration::from_nanos(1)).ok()?)?;
    }
    None
}

/// The interval as the library for times counts it.
pub(crate) fn signed(length: Duration) -> SignedDuration {
    SignedDuration::from_secs(length.as_secs().cast_signed())
}

/// How many intervals lie between two moments: whole ones, below zero when the second is the earlier.
pub(crate) fn count(length: SignedDuration, from: Timestamp, to: Timestamp) -> i64 {
    let nanoseconds = to.as_nanosecond() - from.as_nanosecond();
    i64::try_from(nanoseconds.div_euclid(length.as_nanos()))
        .expect("an interval is at least a minute")
}

/// So many intervals after a moment.
pub(crate) fn advanced(length: SignedDuration, from: Timestamp, times: i64) -> Option<Timestamp> {
    let nanoseconds = length.as_nanos().checked_mul(times.into())?;
    Timestamp::from_nanosecond(from.as_nanosecond().checked_add(nanoseconds)?).ok()
}

fn first_after(length: SignedDuration, phase: Timestamp, after: Timestamp) -> Option<Timestamp> {
    advanced(length, phase, count(length, phase, after) + 1)
}

/// The last moment of a day.
fn day_end(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    let end = zone.to_ambiguous_timestamp(date.tomorrow().ok()?.to_datetime(Time::midnight()));
    end.compatible().ok()?.checked_sub(SignedDuration::from_nanos(1)).ok()
}

/// The beginnings of days.
struct Midnights<'a>(&'a Days);

impl Times for Midnights<'_> {
    fn days_in(&self, month: Month) -> u32 {
        self.0.days_in(month)
    }

    fn time_from(&self, from: Time) -> Option<Time> {
        (from == Time::midnight()).then_some(from)
    }

    fn are_hourly(&self) -> bool {
        false
    }
}
