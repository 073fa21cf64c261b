//! Schedules: when a notebook is due next.

use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::calendar::{Calendar, WORKING_DAYS_MIN};
use crate::clock::{self, Times};
use crate::cron::Cron;
use crate::duration::{DAY, MINUTE, in_words, parse_duration};
use crate::error::ScheduleError;
use crate::interval;
use crate::month::Month;
use crate::time_of_day;

/// When a notebook is due: a rhythm, and the days on which it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub(crate) rhythm: Rhythm,
    pub(crate) days: Days,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rhythm {
    /// Again and again after this much real time: at least a minute, at most 366 days, whole seconds.
    Every(Duration),
    /// At these times of the clock on the wall: at least one, in order, none twice.
    DailyAt(Vec<Time>),
    Cron(Cron),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Days {
    All,
    Working(Calendar),
    /// The working days of the month of these numbers, from its end when negative; in order.
    OfMonth(Calendar, Vec<i8>),
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
        Ok(Schedule { rhythm: Rhythm::Every(interval), days: Days::All })
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
            Some(pair) => Err(ScheduleError::TwiceADay { time: time_of_day::written(pair[0]) }),
            None => Ok(Schedule { rhythm: Rhythm::DailyAt(times), days: Days::All }),
        }
    }

    /// A schedule from a cron expression of five fields, or one of `@hourly`, `@daily`, `@weekly`,
    /// `@monthly`, `@yearly`.
    ///
    /// # Errors
    /// When it is none, or no day ever fits (`0 8 30 2 *`).
    pub fn cron(text: &str) -> Result<Schedule, ScheduleError> {
        Schedule { rhythm: Rhythm::Cron(Cron::parse(text)?), days: Days::All }.if_ever()
    }

    /// The same schedule, on working days only.
    ///
    /// # Errors
    /// An interval of more than a day, or times of which none is ever on a working day.
    pub fn on_working_days(mut self, calendar: Calendar) -> Result<Schedule, ScheduleError> {
        if let Rhythm::Every(interval) = &self.rhythm
            && interval.as_secs() > DAY
        {
            return Err(ScheduleError::LongOnWorkingDays {
                interval: in_words(interval.as_secs()),
            });
        }
        // A working day of the month is one already.
        if self.days == Days::All {
            self.days = Days::Working(calendar);
        }
        self.if_ever()
    }

    /// A schedule from working days of the month (1 the first, -1 the last) and times of day.
    ///
    /// # Errors
    /// No number, one twice, one that not every month has, or what [`Schedule::daily_at`] refuses.
    pub fn on_working_day<S: AsRef<str>>(
        numbers: &[i64],
        calendar: Calendar,
        times: &[S],
    ) -> Result<Schedule, ScheduleError> {
        let Schedule { rhythm, .. } = Schedule::daily_at(times)?;
        let most = WORKING_DAYS_MIN;
        let mut days = Vec::with_capacity(numbers.len());
        for &number in numbers {
            match i8::try_from(number) {
                Ok(day) if (1..=most).contains(&day.saturating_abs()) => days.push(day),
                _ => return Err(ScheduleError::WorkingDay { number, most }),
            }
        }
        // In the order of the month: 1, 3, then -2, -1.
        days.sort_by_key(|&day| (day < 0, day));
        if days.is_empty() || days.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(ScheduleError::WorkingDays);
        }
        Ok(Schedule { rhythm, days: Days::OfMonth(calendar, days) })
    }

    /// Whether it rests on the days that are no working days.
    pub fn has_days_off(&self) -> bool {
        matches!(self.days, Days::Working(_))
    }

    /// The next moment it is due, strictly after another.
    ///
    /// An interval is real time from `after`, or the first of its further times that is on a working day. A
    /// time of day is one of the clock in `zone`: one that the clock jumps over is due at the end of the
    /// gap (once, with all others in the same gap), one that the clock shows twice is due the first time. A
    /// cron expression that holds in every hour is due whenever the clock shows its minutes. At the end of
    /// representable time it is the last moment.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Timestamp {
        self.next_in_phase(after, after, zone)
    }

    /// The next moment it is due strictly after another, when an interval counts from `phase`.
    pub(crate) fn next_in_phase(
        &self,
        phase: Timestamp,
        after: Timestamp,
        zone: &TimeZone,
    ) -> Timestamp {
        let next = match &self.rhythm {
            Rhythm::Every(length) => interval::next(*length, &self.days, phase, after, zone),
            Rhythm::DailyAt(_) | Rhythm::Cron(_) => clock::next(self, after, zone),
        };
        next.unwrap_or(Timestamp::MAX)
    }

    /// The interval, when that is the rhythm: real time, which no clock changes.
    pub(crate) fn interval(&self) -> Option<SignedDuration> {
        match &self.rhythm {
            Rhythm::Every(length) => Some(interval::signed(*length)),
            Rhythm::DailyAt(_) | Rhythm::Cron(_) => None,
        }
    }

    fn if_ever(self) -> Result<Schedule, ScheduleError> {
        // From the first moment of a year on; the years after it have every kind of month.
        let from = Timestamp::UNIX_EPOCH;
        if let Rhythm::Cron(cron) = &self.rhythm
            && self.next(from, &TimeZone::UTC) == Timestamp::MAX
        {
            return Err(ScheduleError::Never { cron: cron.text().to_owned() });
        }
        Ok(self)
    }
}

impl Days {
    /// Its days in a month.
    pub(crate) fn days_in(&self, month: Month) -> u32 {
        match self {
            Days::All => month.all(),
            Days::Working(calendar) => calendar.working_days(month),
            Days::OfMonth(calendar, numbers) => {
                let working = calendar.working_days(month);
                numbers.iter().fold(0, |days, &number| days | numbered(working, number))
            }
        }
    }
}

/// The day of that number in a set, from its end when negative; nothing when there are not so many.
fn numbered(mut days: u32, number: i8) -> u32 {
    for _ in 1..number.unsigned_abs() {
        days &= !if number > 0 { lowest(days) } else { highest(days) };
    }
    if number > 0 { lowest(days) } else { highest(days) }
}

fn lowest(days: u32) -> u32 {
    days & days.wrapping_neg()
}

fn highest(days: u32) -> u32 {
    days.checked_ilog2().map_or(0, |bit| 1 << bit)
}

impl Times for Schedule {
    fn days_in(&self, month: Month) -> u32 {
        let days = self.days.days_in(month);
        match &self.rhythm {
            Rhythm::Cron(cron) => cron.days_in(month) & days,
            Rhythm::Every(_) | Rhythm::DailyAt(_) => days,
        }
    }

    fn time_from(&self, from: Time) -> Option<Time> {
        match &self.rhythm {
            Rhythm::Cron(cron) => cron.time_from(from),
            Rhythm::DailyAt(times) => {
                times.get(times.partition_point(|time| *time < from)).copied()
            }
            // An interval has no times of day.
            Rhythm::Every(_) => None,
        }
    }

    fn are_hourly(&self) -> bool {
        matches!(&self.rhythm, Rhythm::Cron(cron) if cron.is_hourly())
    }
}
