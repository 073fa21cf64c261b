//! Times as people say them, in the workspace's time zone.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::error::{Error, Result};

/// "today 14:00", "yesterday 08:00", "Fri 20 Nov 08:00", "3 Aug 08:00", "2025-11-03 08:00".
pub fn when(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let at = at.to_zoned(zone.clone());
    let today = now.to_zoned(zone.clone()).date();
    let days = at.date().until(today).map_or(i32::MAX, |span| span.get_days());
    let pattern = match days {
        0 => "today %H:%M",
        1 => "yesterday %H:%M",
        2..=6 => "%a %-d %b %H:%M",
        _ if at.year() == today.year() => "%-d %b %H:%M",
        _ => "%Y-%m-%d %H:%M",
    };
    at.strftime(pattern).to_string()
}

/// "Friday 20 November 2026, 08:00:05".
pub fn full(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%A %-d %B %Y, %H:%M:%S").to_string()
}

/// The day of a date or a time as a table's totals have it; that of a moment (`2026-10-31T23:00:00Z`) in the zone.
pub fn day_of(text: &str, zone: &TimeZone) -> String {
    match text.parse::<Timestamp>() {
        Ok(moment) => moment.to_zoned(zone.clone()).date().to_string(),
        Err(_) => text.split('T').next().unwrap_or_default().to_owned(),
    }
}

/// The moment that a user means by `7d`, `12h`, `yesterday`, `2026-11-01` or `2026-11-01 08:00`.
///
/// # Errors
/// The words mean no time.
pub fn since(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp> {
    said(text, now, zone).map(|said| said.begin)
}

/// The end of what a user means by the same words, the first moment after: of a day that is the next day's.
///
/// # Errors
/// The words mean no time.
pub fn until(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp> {
    let said = said(text, now, zone)?;
    let after = said.day.and_then(|day| begin(day.tomorrow().ok()?, zone));
    Ok(after.unwrap_or(said.begin))
}

/// What words mean.
struct Said {
    begin: Timestamp,
    /// The day, when they mean a whole one.
    day: Option<Date>,
}

fn said(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Said> {
    let text = text.trim();
    let today = now.to_zoned(zone.clone()).date();
    let day = match text.to_lowercase().as_str() {
        "today" => Some(today),
        "yesterday" => today.yesterday().ok(),
        _ => text.parse::<Date>().ok().filter(|_| !text.contains(':')),
    };
    let moment = || ago(text, now).or_else(|| text.parse().ok()).or_else(|| clock(text, zone));
    let begin = match day {
        Some(day) => begin(day, zone),
        None => moment(),
    };
    begin.map(|begin| Said { begin, day }).ok_or_else(|| {
        Error::usage(format!("`{text}` is no time"))
            .hint("write 7d, 12h, yesterday, 2026-11-01 or \"2026-11-01 08:00\"")
    })
}

/// The first moment of a day.
fn begin(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    day.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

/// `90m`, `12h`, `7d`, `2w`: that long before now.
fn ago(text: &str, now: Timestamp) -> Option<Timestamp> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.trim().parse().ok().filter(|number| *number >= 0)?;
    let seconds = match unit {
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    now.checked_sub(SignedDuration::from_secs(number.checked_mul(seconds)?)).ok()
}

/// A day with a time on the wall's clock.
fn clock(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    // A date alone is one too, and means its first moment, which may not be midnight.
    if !text.contains(':') {
        return None;
    }
    let clock: DateTime = text.parse().ok()?;
    clock.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

/// How long ago something was, for what is under way: no less than nothing.
pub(super) fn between(from: Timestamp, to: Timestamp) -> std::time::Duration {
    to.duration_since(from).try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-22T13:05:00Z";

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").expect("a zone")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn times_are_told_in_words_the_nearer_the_shorter() {
        for (time, expected) in [
            ("2026-11-22T13:00:00Z", "today 14:00"),
            // Midnight in Paris is still the day before in UTC.
            ("2026-11-21T23:30:00Z", "today 00:30"),
            ("2026-11-21T07:00:00Z", "yesterday 08:00"),
            ("2026-11-20T07:00:00Z", "Fri 20 Nov 08:00"),
            ("2026-08-03T06:00:00Z", "3 Aug 08:00"),
            ("2025-11-03T07:00:00Z", "2025-11-03 08:00"),
            ("2026-11-23T07:00:00Z", "23 Nov 08:00"),
        ] {
            assert_eq!(when(at(time), at(NOW), &paris()), expected, "{time}");
        }
        assert_eq!(full(at(NOW), &paris()), "Sunday 22 November 2026, 14:05:00");
    }

    #[test]
    fn a_moment_is_of_the_day_that_it_is_in_the_workspace_s_zone() {
        for (text, expected) in [
            ("2026-10-31T23:00:00Z", "2026-11-01"),
            ("2026-10-31T22:59:59Z", "2026-10-31"),
            ("2026-10-31T23:00:00", "2026-10-31"),
            ("2026-10-31", "2026-10-31"),
        ] {
            assert_eq!(day_of(text, &paris()), expected, "{text}");
        }
    }

    #[test]
    fn a_time_is_understood_however_it_is_said() {
        for (text, expected) in [
            ("90m", "2026-11-22T11:35:00Z"),
            ("12h", "2026-11-22T01:05:00Z"),
            ("7d", "2026-11-15T13:05:00Z"),
            ("2w", "2026-11-08T13:05:00Z"),
            ("today", "2026-11-21T23:00:00Z"),
            ("Yesterday", "2026-11-20T23:00:00Z"),
            ("2026-11-01", "2026-10-31T23:00:00Z"),
            ("2026-11-01 08:00", "2026-11-01T07:00:00Z"),
            ("2026-11-01T08:00:00Z", "2026-11-01T08:00:00Z"),
        ] {
            assert_eq!(since(text, at(NOW), &paris()).expect(text), at(expected), "{text}");
        }
        for (text, expected) in [
            ("2026-11-01", "2026-11-01T23:00:00Z"),
            ("today", "2026-11-22T23:00:00Z"),
            // 25 hours long.
            ("2026-10-25", "2026-10-25T23:00:00Z"),
            ("2026-11-01 08:00", "2026-11-01T07:00:00Z"),
            ("12h", "2026-11-22T01:05:00Z"),
        ] {
            assert_eq!(until(text, at(NOW), &paris()).expect(text), at(expected), "{text}");
        }
        for text in ["", "d", "-1d", "soon", "2026-13-01", "7 y", "é"] {
            let error = since(text, at(NOW), &paris()).expect_err(text);
            assert!(error.sentence().contains(&format!("`{text}` is no time")), "{text}");
        }
    }
}
