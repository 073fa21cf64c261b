//! Schedules: when a notebook is due next.

use std::time::Duration;

use jiff::civil::{DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::duration::{MINUTE, in_words, parse_duration};
use crate::error::ScheduleError;
use crate::time_of_day;

/// When a notebook is due.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schedule {
    /// Again and again after this much real time: at least a minute, at most 366 days, whole seconds.
    Every(Duration),
    /// Each day at these times of the clock on the wall: at least one, in order, none twice.
    DailyAt(Vec<Time>),
}

impl Schedule {
    /// A schedule from an interval, such as `30m`, `2h`, `1h30m`, `90 min` or `1d`.
    ///
    /// # Errors
    /// When it is no length of time, less than a minute or more than 366 days.
    pub fn every(text: &str) -> Result<Schedule, ScheduleError> {
        let interval = parse_duration(text)?;
        if interval.as_secs() < MINUTE {
            return Err(ScheduleError::TooShort { text: text.to_owned() });
        }
        Ok(Schedule::Every(interval))
    }

    /// A schedule from times of day in any order, such as `08:00` and `13:30`.
    ///
    /// # Errors
    /// When there is none, one is no time of day, or one is there twice.
    pub fn daily_at<S: AsRef<str>>(times: &[S]) -> Result<Schedule, ScheduleError> {
        let mut times = times
            .iter()
            .map(|text| time_of_day::parse(text.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        times.sort();
        if times.is_empty() {
            return Err(ScheduleError::NoTimes);
        }
        match times.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(ScheduleError::TwiceADay { time: clock(pair[0]) }),
            None => Ok(Schedule::DailyAt(times)),
        }
    }

    /// The next moment it is due, strictly after another.
    ///
    /// An interval is real time from `after`. A time of day is one of the clock in `zone`: one that the
    /// clock jumps over is due at the end of the gap (once, with all others in the same gap), one that
    /// the clock shows twice is due the first time. At the end of representable time it is the last moment.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Timestamp {
        match self {
            Schedule::Every(interval) => {
                let interval = SignedDuration::from_secs(interval.as_secs().cast_signed());
                after.saturating_add(interval).unwrap_or(Timestamp::MAX)
            }
            Schedule::DailyAt(times) => next_daily(times, after, zone),
        }
    }

    /// The schedule in words: `every 2 hours`, `every day at 08:00 and 13:30`.
    pub fn describe(&self) -> String {
        match self {
            Schedule::Every(interval) => format!("every {}", in_words(interval.as_secs())),
            Schedule::DailyAt(times) => {
                let times: Vec<String> = times.iter().map(|&time| clock(time)).collect();
                match times.split_last() {
                    Some((last, [])) => format!("every day at {last}"),
                    Some((last, others)) => {
                        format!("every day at {} and {last}", others.join(", "))
                    }
                    None => "never".to_owned(),
                }
            }
        }
    }
}

fn next_daily(times: &[Time], after: Timestamp, zone: &TimeZone) -> Timestamp {
    // A day may be missing as a whole, and a clock may be set back over midnight: look from the day
    // before on, and some days further than any zone has ever jumped.
    let today = after.to_zoned(zone.clone()).date();
    let days =
        (-1..=4).filter_map(|days| today.checked_add(SignedDuration::from_hours(24 * days)).ok());
    days.flat_map(|day| times.iter().map(move |&time| day.to_datetime(time)))
        .filter_map(|due| moment(due, zone))
        .filter(|&due| due > after)
        .min()
        .unwrap_or(Timestamp::MAX)
}

/// When the clock in the zone first shows that time, or has first jumped over it.
fn moment(due: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(due);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(due).ok()
        }
        AmbiguousOffset::Gap { after, .. } => {
            // With the offset that holds after the gap, the time that was jumped over lies before it.
            let before_gap = after.to_timestamp(due).ok()?;
            zone.following(before_gap).next().map(|transition| transition.timestamp())
        }
    }
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}
