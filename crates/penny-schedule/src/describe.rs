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

impl Schedule {
    /// The schedule in words: `every 2 hours`, `every day at 08:00 and 13:30`, `on French working days at
    /// 08:00`, `on working day 3 of the month at 08:00`. A cron expression that is not simple stands as it
    /// was written.
    pub fn describe(&self) -> String {
        match (&self.rhythm, &self.days) {
            (Rhythm::Every(interval), days) => {
                let every = format!("every {}", in_words(interval.as_secs()));
                joined(&every, days_in_words(days))
            }
            (Rhythm::DailyAt(times), days) => {
                let times: Vec<String> =
                    times.iter().map(|&time| time_of_day::written(time)).collect();
                let days = days_in_words(days).unwrap_or_else(|| "every day".to_owned());
                format!("{days} at {}", listed(&times))
            }
            (Rhythm::Cron(cron), days) => {
                let words =
                    cron_in_words(cron).unwrap_or_else(|| format!("by cron `{}`", cron.text()));
                joined(&words, days_in_words(days))
            }
        }
    }
}

fn joined(rhythm: &str, days: Option<String>) -> String {
    days.map_or_else(|| rhythm.to_owned(), |days| format!("{rhythm}, {days}"))
}

fn days_in_words(days: &Days) -> Option<String> {
    match days {
        Days::All => None,
        Days::Working(calendar) => Some(format!("on French working days{}", of(*calendar))),
        Days::OfMonth(calendar, numbers) => {
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
            Some(format!("on {} of the month{}", listed(&parts), of(*calendar)))
        }
    }
}

fn of(calendar: Calendar) -> &'static str {
    match calendar {
        Calendar::France => "",
        Calendar::AlsaceMoselle => " (Alsace-Moselle)",
    }
}

/// A simple expression in words.
fn cron_in_words(cron: &Cron) -> Option<String> {
    let on_days = cron_days(cron)?;
    if cron.is_hourly() {
        let every = every_hour(cron.minutes)?;
        return Some(if on_days == "every day" { every } else { format!("{every}, {on_days}") });
    }
    let hours: Vec<i8> = (0..24).filter(|hour| cron.hours >> hour & 1 == 1).collect();
    let minutes: Vec<i8> = (0..60).filter(|minute| cron.minutes >> minute & 1 == 1).collect();
    if cron.hours.count_ones() * cron.minutes.count_ones() > TIMES_MAX {
        return None;
    }
    let times: Vec<String> = hours
        .iter()
        .flat_map(|hour| minutes.iter().map(move |minute| format!("{hour:02}:{minute:02}")))
        .collect();
    Some(format!("{on_days} at {}", listed(&times)))
}

/// The minutes of each hour.
fn every_hour(minutes: u64) -> Option<String> {
    if minutes == EVERY_MINUTE {
        return Some("every minute".to_owned());
    }
    if minutes == 1 {
        return Some("every hour".to_owned());
    }
    if minutes.count_ones() == 1 {
        return Some(format!("every hour at minute {}", minutes.trailing_zeros()));
    }
    // Only steps that divide the hour are the same from one hour to the next.
    let step = (2..=30).find(|step| {
        60 % step == 0
            && (0..60).step_by(*step).fold(0, |bits, minute| bits | 1 << minute) == minutes
    })?;
    Some(format!("every {step} minutes"))
}

/// The days of an expression that holds in every month.
fn cron_days(cron: &Cron) -> Option<String> {
    if cron.months != EVERY_MONTH {
        return None;
    }
    let days: Vec<String> =
        (1..=31).filter(|day| cron.days >> day & 1 == 1).map(|day| day.to_string()).collect();
    let every_day = days.len() == 31;
    let every_weekday = cron.weekdays == 0x7f;
    match (every_day, every_weekday) {
        (true, true) => Some("every day".to_owned()),
        (true, false) => cron.any_day.then(|| weekdays(cron.weekdays)),
        (false, true) if cron.any_weekday => match (days.as_slice(), cron.last_day) {
            ([], true) => Some("on the last day of the month".to_owned()),
            ([day], false) => Some(format!("on day {day} of the month")),
            (days, false) if days.len() <= 4 => {
                Some(format!("on days {} of the month", listed(days)))
            }
            _ => None,
        },
        _ => None,
    }
}

fn weekdays(set: u8) -> String {
    if set == 0b011_1110 {
        return "from Monday to Friday".to_owned();
    }
    // A week begins on Monday.
    let names = (1..8).map(|day| day % 7).filter(|day| set >> day & 1 == 1);
    let names: Vec<String> = names.map(|day| WEEKDAYS[day].to_owned()).collect();
    format!("every {}", listed(&names))
}

fn listed(parts: &[String]) -> String {
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
