//! The next moment at which the clock on the wall shows one of some times, through its changes.
//!
//! A time zone is a row of stretches, in each of which the clock runs evenly. In a stretch the next time is
//! a matter of the calendar; all that is to be decided is what happens from one stretch to the next.

use jiff::civil::{DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::month::Month;

/// Where no day fits in so many months, none ever will: a 29th of February on a working day may take 40 years.
const MONTHS_MAX: usize = 50 * 12;
const INSTANT: SignedDuration = SignedDuration::from_nanos(1);

/// Times of the clock on certain days.
pub(crate) trait Times {
    /// The days of a month that have them.
    fn days_in(&self, month: Month) -> u32;
    /// The first time of such a day that is not before another; whole minutes.
    fn time_from(&self, from: Time) -> Option<Time>;
    /// Whether they are real hours: what the clock jumps over does not come, what it shows twice comes
    /// twice. Otherwise each time comes once: at the end of a gap, or as the clock shows it first.
    fn are_hourly(&self) -> bool;
}

/// The next moment strictly after another; none when no day ever fits, or at the end of representable time.
pub(crate) fn next(times: &impl Times, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let mut stretch = Stretch::of(after, zone);
    let mut from = stretch.offset.to_datetime(after).checked_add(INSTANT).ok()?;
    if !times.are_hourly() {
        // The clock has shown these already, before it was set back.
        from = from.max(stretch.shown_before(zone));
    }
    let mut found = first(times, from)?;
    loop {
        let moment = stretch.offset.to_timestamp(found).ok()?.max(stretch.begin);
        let Some(end) = stretch.end.filter(|end| moment >= *end) else { return Some(moment) };
        stretch = Stretch::of(end, zone);
        if times.are_hourly() {
            found = first(times, stretch.offset.to_datetime(end))?;
        }
    }
}

/// The first time of the calendar that is not before another.
fn first(times: &impl Times, from: DateTime) -> Option<DateTime> {
    let mut month = Month::of(from.date());
    let passed = u32::from(from.day().unsigned_abs()) - 1;
    let mut days = times.days_in(month) >> passed << passed;
    for _ in 0..MONTHS_MAX {
        while days != 0 {
            let day = month.day(days.trailing_zeros() + 1)?;
            let earliest = if day == from.date() { from.time() } else { Time::midnight() };
            if let Some(time) = times.time_from(earliest) {
                return Some(day.to_datetime(time));
            }
            days &= days - 1;
        }
        month = month.following()?;
        days = times.days_in(month);
    }
    None
}

/// A length of time in which the clock of a zone runs evenly.
struct Stretch {
    begin: Timestamp,
    /// The first moment after it.
    end: Option<Timestamp>,
    offset: Offset,
}

impl Stretch {
    /// The stretch that a moment is in.
    fn of(moment: Timestamp, zone: &TimeZone) -> Stretch {
        let next_moment = moment.saturating_add(INSTANT).unwrap_or(Timestamp::MAX);
        let begin = zone.preceding(next_moment).next().map(|change| change.timestamp());
        Stretch {
            begin: begin.unwrap_or(Timestamp::MIN),
            end: zone.following(moment).next().map(|change| change.timestamp()),
            offset: zone.to_offset(moment),
        }
    }

    /// What the clock would have shown at its beginning, had it not been changed.
    fn shown_before(&self, zone: &TimeZone) -> DateTime {
        let just_before = self.begin.saturating_sub(INSTANT).unwrap_or(Timestamp::MIN);
        zone.to_offset(just_before).to_datetime(self.begin)
    }
}
