//! Moments in words, as seen from another: `in 12 minutes, at 14:00`, `tomorrow at 08:00`.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::duration::{HOUR, MINUTE};
use crate::time_of_day;

/// A coming moment in words: `now`, `in 12 minutes, at 14:00`, `tomorrow at 08:00`, `on Monday 23 November at
/// 08:00`, with the year when it is another one. One that has passed is `now`: it is about to be.
pub fn coming(moment: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let seconds = moment.duration_since(now).as_secs();
    let (then, today) = (moment.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let clock = time_of_day::written(then.time());
    match u64::try_from(seconds) {
        Err(_) | Ok(0) => "now".to_owned(),
        Ok(seconds) if seconds < HOUR || then.date() == today.date() => {
            format!("in {}, at {clock}", rounded(seconds))
        }
        Ok(_) if today.date().tomorrow().is_ok_and(|day| day == then.date()) => {
            format!("tomorrow at {clock}")
        }
        Ok(_) => format!("on {} at {clock}", day(&then, &today)),
    }
}

/// A moment that has passed in words: `just now`, `12 minutes ago, at 14:00`, `yesterday at 08:00`, `on Monday
/// 23 November at 08:00`, with the year when it is another one.
pub fn past(moment: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let seconds = now.duration_since(moment).as_secs();
    let (then, today) = (moment.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let clock = time_of_day::written(then.time());
    match u64::try_from(seconds) {
        Err(_) | Ok(0) => "just now".to_owned(),
        Ok(seconds) if seconds < HOUR || then.date() == today.date() => {
            format!("{} ago, at {clock}", rounded(seconds))
        }
        Ok(_) if today.date().yesterday().is_ok_and(|day| day == then.date()) => {
            format!("yesterday at {clock}")
        }
        Ok(_) => format!("on {} at {clock}", day(&then, &today)),
    }
}

/// A length of time by its largest unit: nobody counts the seconds of an hour.
fn rounded(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..MINUTE => (seconds, "second"),
        MINUTE..HOUR => (seconds.div_ceil(MINUTE).min(59), "minute"),
        _ => (((seconds + HOUR / 2) / HOUR), "hour"),
    };
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

fn day(then: &Zoned, today: &Zoned) -> String {
    let format = if then.year() == today.year() { "%A %-d %B" } else { "%A %-d %B %Y" };
    then.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn paris() -> TimeZone {
        crate::time_zone("Europe/Paris").expect("the database knows Paris")
    }

    #[test]
    fn a_coming_moment_is_said_as_people_say_it() {
        #[track_caller]
        fn check(moment: &str, expected: &str) {
            let now = at("2026-11-22T13:48:00+01:00");
            assert_eq!(coming(at(moment), now, &paris()), expected);
        }
        check("2026-11-22T13:48:00+01:00", "now");
        check("2026-11-22T09:00:00+01:00", "now");
        check("2026-11-22T13:48:30+01:00", "in 30 seconds, at 13:48");
        check("2026-11-22T13:49:00+01:00", "in 1 minute, at 13:49");
        check("2026-11-22T14:00:00+01:00", "in 12 minutes, at 14:00");
        check("2026-11-22T14:47:59+01:00", "in 59 minutes, at 14:47");
        check("2026-11-22T14:48:00+01:00", "in 1 hour, at 14:48");
        check("2026-11-22T17:00:00+01:00", "in 3 hours, at 17:00");
        check("2026-11-23T08:00:00+01:00", "tomorrow at 08:00");
        check("2026-11-24T08:00:00+01:00", "on Tuesday 24 November at 08:00");
        check("2027-01-04T08:00:00+01:00", "on Monday 4 January 2027 at 08:00");
    }

    #[test]
    fn within_the_hour_midnight_makes_no_difference() {
        let now = at("2026-11-22T23:55:00+01:00");
        assert_eq!(
            coming(at("2026-11-23T00:05:00+01:00"), now, &paris()),
            "in 10 minutes, at 00:05"
        );
        let now = at("2026-11-23T00:05:00+01:00");
        assert_eq!(
            past(at("2026-11-22T23:55:00+01:00"), now, &paris()),
            "10 minutes ago, at 23:55"
        );
    }

    #[test]
    fn a_moment_that_has_passed_is_said_as_people_say_it() {
        #[track_caller]
        fn check(moment: &str, expected: &str) {
            let now = at("2026-01-05T13:48:00+01:00");
            assert_eq!(past(at(moment), now, &paris()), expected);
        }
        check("2026-01-05T13:48:00+01:00", "just now");
        check("2026-01-05T13:36:00+01:00", "12 minutes ago, at 13:36");
        check("2026-01-05T08:00:00+01:00", "6 hours ago, at 08:00");
        check("2026-01-04T08:00:00+01:00", "yesterday at 08:00");
        check("2026-01-02T08:00:00+01:00", "on Friday 2 January at 08:00");
        check("2025-12-31T08:00:00+01:00", "on Wednesday 31 December 2025 at 08:00");
    }
}
