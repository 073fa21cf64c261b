//! Schedules in words.

use crate::calendar::Calendar;
use crate::cron::Cron;
use crate::duration::in_words;
use crate::schedule::{Days, Rhythm, Schedule};
use crate::time_of_day;

/// An expression with more times a day than this is clearer as it was written.
const TIMES_MAX: u32 = 4;
const EVERY_MINUTE: u64 = (1 << 60) - 1;
const EVERY_MONTH: u16 = 0x1ffe;
const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A schedule by what can be said of it, for whoever says it in another language than English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// How often.
    pub times: SaidTimes,
    /// On which days.
    pub days: SaidDays,
    /// On which of these alone: only a cron expression has days of its own and others besides.
    pub only: SaidDays,
}

/// How often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaidTimes {
    /// Again and again after so many seconds.
    Every(u64),
    /// At these times of day, as `08:00`.
    At(Vec<String>),
    /// Every minute.
    EveryMinute,
    /// Every so many minutes, by the clock.
    EveryMinutes(u32),
    /// Every full hour.
    EveryHour,
    /// Every hour at this minute.
    EveryHourAt(u32),
    /// As this cron expression says, which is clearer as it was written.
    Cron(String),
}

/// On which days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaidDays {
    /// Every day.
    All,
    /// The working days.
    Working(Calendar),
    /// The working days of the month of these numbers, in order; -1 is the last.
    WorkingOfMonth(Calendar, Vec<i8>),
    /// From Monday to Friday.
    MondayToFriday,
    /// These days of the week, in their order: 1 is Monday, 7 is Sunday.
    Weekdays(Vec<u8>),
    /// These days of the month, in their order.
    OfMonth(Vec<u8>),
    /// The last day of the month.
    LastOfMonth,
}

impl Schedule {
    /// The schedule in words: `every 2 hours`, `every day at 08:00 and 13:30`, `on French working days at
    /// 08:00`, `on working day 3 of the month at 08:00`. A cron expression that is not simple stands as it
    /// was written.
    pub fn describe(&self) -> String {
        let Description { times, days, only } = self.description();
        let words = match times {
            SaidTimes::At(times) => {
                let days = days_in_words(&days).unwrap_or_else(|| "every day".to_owned());
                format!("{days} at {}", listed(&times))
            }
            SaidTimes::Cron(cron) => format!("by cron `{cron}`"),
            SaidTimes::Every(seconds) => {
                joined(format!("every {}", in_words(seconds)), days_in_words(&days))
            }
            SaidTimes::EveryMinute => joined("every minute".to_owned(), days_in_words(&days)),
            SaidTimes::EveryHour => joined("every hour".to_owned(), days_in_words(&days)),
            SaidTimes::EveryMinutes(step) => {
                joined(format!("every {step} minutes"), days_in_words(&days))
            }
            SaidTimes::EveryHourAt(minute) => {
                joined(format!("every hour at minute {minute}"), days_in_words(&days))
            }
        };
        joined(words, days_in_words(&only))
    }

    /// What can be said of it.
    pub fn description(&self) -> Description {
        let days = match &self.days {
            Days::All => SaidDays::All,
            Days::Working(calendar) => SaidDays::Working(*calendar),
            Days::OfMonth(calendar, numbers) => {
                SaidDays::WorkingOfMonth(*calendar, numbers.clone())
            }
        };
        match &self.rhythm {
            Rhythm::Every(interval) => Description {
                times: SaidTimes::Every(interval.as_secs()),
                days,
                only: SaidDays::All,
            },
            Rhythm::DailyAt(times) => Description {
                times: SaidTimes::At(times.iter().map(|&t| time_of_day::written(t)).collect()),
                days,
                only: SaidDays::All,
            },
            Rhythm::Cron(cron) => {
                let as_written = || (SaidTimes::Cron(cron.text().to_owned()), SaidDays::All);
                let (times, on) = of_cron(cron).unwrap_or_else(as_written);
                Description { times, days: on, only: days }
            }
        }
    }
}

fn joined(rhythm: String, days: Option<String>) -> String {
    match days {
        Some(days) => format!("{rhythm}, {days}"),
        None => rhythm,
    }
}

fn days_in_words(days: &SaidDays) -> Option<String> {
    Some(match days {
        SaidDays::All => return None,
        SaidDays::Working(calendar) => format!("on French working days{}", of(*calendar)),
        SaidDays::WorkingOfMonth(calendar, numbers) => working_of_month(*calendar, numbers),
        SaidDays::MondayToFriday => "from Monday to Friday".to_owned(),
        SaidDays::Weekdays(days) => {
            let names = days.iter().map(|day| WEEKDAYS[usize::from(day % 7)].to_owned());
            format!("every {}", listed(&names.collect::<Vec<_>>()))
        }
        SaidDays::LastOfMonth => "on the last day of the month".to_owned(),
        SaidDays::OfMonth(days) => {
            let plural = if days.len() == 1 { "day" } else { "days" };
            let days: Vec<String> = days.iter().map(u8::to_string).collect();
            format!("on {plural} {} of the month", listed(&days))
        }
    })
}

fn working_of_month(calendar: Calendar, numbers: &[i8]) -> String {
    let (counted, from_end): (Vec<i8>, Vec<i8>) = numbers.iter().partition(|day| **day > 0);
    let mut parts = Vec::new();
    if !counted.is_empty() {
        let numbers: Vec<String> = counted.iter().map(i8::to_string).collect();
        let days = if counted.len() == 1 { "day" } else { "days" };
        parts.push(format!("working {days} {}", listed(&numbers)));
    }
    // From the last working day back: -1, then -2.
    parts.extend(from_end.iter().rev().map(|day| match day {
        -1 => "the last working day".to_owned(),
        day => format!("working day {} from the end", day.unsigned_abs()),
    }));
    format!("on {} of the month{}", listed(&parts), of(calendar))
}

fn of(calendar: Calendar) -> &'static str {
    match calendar {
        Calendar::France => "",
        Calendar::AlsaceMoselle => " (Alsace-Moselle)",
    }
}

/// What can be said of a simple expression.
fn of_cron(cron: &Cron) -> Option<(SaidTimes, SaidDays)> {
    let days = cron_days(cron)?;
    if cron.is_hourly() {
        return Some((every_hour(cron.minutes)?, days));
    }
    let hours: Vec<i8> = (0..24).filter(|hour| cron.hours >> hour & 1 == 1).collect();
    let minutes: Vec<i8> = (0..60).filter(|minute| cron.minutes >> minute & 1 == 1).collect();
    if cron.hours.count_ones() * cron.minutes.count_ones() > TIMES_MAX {
        return None;
    }
    let times = hours
        .iter()
        .flat_map(|hour| minutes.iter().map(move |minute| format!("{hour:02}:{minute:02}")));
    Some((SaidTimes::At(times.collect()), days))
}

/// The minutes of each hour.
fn every_hour(minutes: u64) -> Option<SaidTimes> {
    if minutes == EVERY_MINUTE {
        return Some(SaidTimes::EveryMinute);
    }
    if minutes == 1 {
        return Some(SaidTimes::EveryHour);
    }
    if minutes.count_ones() == 1 {
        return Some(SaidTimes::EveryHourAt(minutes.trailing_zeros()));
    }
    // Only steps that divide the hour are the same from one hour to the next.
    let step = (2..=30).find(|step| {
        60 % step == 0
            && (0..60).step_by(*step).fold(0, |bits, minute| bits | 1 << minute) == minutes
    })?;
    Some(SaidTimes::EveryMinutes(u32::try_from(step).ok()?))
}

/// The days of an expression that holds in every month.
fn cron_days(cron: &Cron) -> Option<SaidDays> {
    if cron.months != EVERY_MONTH {
        return None;
    }
    let days: Vec<u8> = (1..=31).filter(|day| cron.days >> day & 1 == 1).collect();
    let every_day = days.len() == 31;
    let every_weekday = cron.weekdays == 0x7f;
    match (every_day, every_weekday) {
        (true, true) => Some(SaidDays::All),
        (true, false) => cron.any_day.then(|| weekdays(cron.weekdays)),
        (false, true) if cron.any_weekday => match (days.len(), cron.last_day) {
            (0, true) => Some(SaidDays::LastOfMonth),
            (1..=4, false) => Some(SaidDays::OfMonth(days)),
            _ => None,
        },
        _ => None,
    }
}

fn weekdays(set: u8) -> SaidDays {
    if set == 0b011_1110 {
        return SaidDays::MondayToFriday;
    }
    // A week begins on Monday.
    SaidDays::Weekdays((1..8).filter(|day| set >> (day % 7) & 1 == 1).collect())
}

fn listed(parts: &[String]) -> String {
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
