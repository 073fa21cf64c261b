//! Days, times and instants: the calendar, PostgreSQL's epoch, and how the server writes and reads them.

use std::fmt::Write as _;

/// Microseconds in a day.
pub(super) const DAY_US: i128 = 86_400_000_000;

/// Days from 1970-01-01 to PostgreSQL's epoch, 2000-01-01.
pub(super) const EPOCH_DAYS: i64 = 10_957;

/// The first and the day after the last that a date of PostgreSQL can be, in days from 1970-01-01:
/// 4714-11-24 BC and 5874898-01-01.
const DATE_RANGE: std::ops::Range<i64> = -2_440_588..2_145_042_906;

/// The same for timestamps, in days: 4714-11-24 BC and 294277-01-01.
const TIMESTAMP_DAYS: std::ops::Range<i128> = -2_440_588..106_762_940;

/// A date as the server's binary format has it; `None` when it is out of its range.
pub(super) fn date_to_wire(days: i64) -> Option<i32> {
    if DATE_RANGE.contains(&days) { i32::try_from(days - EPOCH_DAYS).ok() } else { None }
}

/// An instant as the server's binary format has it; `None` when it is out of its range.
pub(super) fn timestamp_to_wire(micros: i128) -> Option<i64> {
    if TIMESTAMP_DAYS.contains(&micros.div_euclid(DAY_US)) {
        i64::try_from(micros - i128::from(EPOCH_DAYS) * DAY_US).ok()
    } else {
        None
    }
}

/// The day as the server writes it, `2026-01-31`, with `BC` behind years before 1.
pub(super) fn write_date(days: i64, out: &mut String) {
    let (year, month, day) = civil(days);
    let before_christ = year <= 0;
    let shown = if before_christ { 1 - year } else { year };
    write!(out, "{shown:04}-{month:02}-{day:02}").expect("a String can always be written to");
    if before_christ {
        out.push_str(" BC");
    }
}

/// The instant as the server writes it in UTC, `2026-01-31 12:00:00.5+00`.
pub(super) fn write_timestamp(micros: i128, zoned: bool, out: &mut String) {
    let days = micros.div_euclid(DAY_US);
    let mut date = String::new();
    write_date(i64::try_from(days).unwrap_or(i64::MAX), &mut date);
    let (date, era) = date.split_once(' ').unwrap_or((&date, ""));
    out.push_str(date);
    out.push(' ');
    write_time(micros.rem_euclid(DAY_US), out);
    if zoned {
        out.push_str("+00");
    }
    if !era.is_empty() {
        out.push(' ');
        out.push_str(era);
    }
}

/// A time of day, or a span of hours: `12:00:00.5`.
pub(super) fn write_time(micros: i128, out: &mut String) {
    let seconds = micros / 1_000_000;
    let fraction = micros % 1_000_000;
    write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
        .expect("a String can always be written to");
    if fraction > 0 {
        let digits = format!("{fraction:06}");
        out.push('.');
        out.push_str(digits.trim_end_matches('0'));
    }
}

/// A span as the server writes it: `1 year 2 mons 3 days 04:05:06`.
pub(super) fn write_interval(months: i32, days: i32, micros: i64, out: &mut String) {
    let start = out.len();
    let parts = [(months / 12, "year"), (months % 12, "mon"), (days, "day")];
    for (count, unit) in parts.into_iter().filter(|(count, _)| *count != 0) {
        if out.len() > start {
            out.push(' ');
        }
        let plural = if count == 1 { "" } else { "s" };
        write!(out, "{count} {unit}{plural}").expect("a String can always be written to");
    }
    if micros != 0 || out.len() == start {
        if out.len() > start {
            out.push(' ');
        }
        if micros < 0 {
            out.push('-');
        }
        write_time(i128::from(micros.unsigned_abs()), out);
    }
}

/// Reads `2026-01-31`, as days from 1970-01-01.
pub(super) fn read_date(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (digits(&bytes[..4])?, digits(&bytes[5..7])?, digits(&bytes[8..])?);
    let days = days_from_civil(year, month, day);
    // A day that the month does not have comes back as another one.
    (civil(days) == (year, month, day) && year > 0).then_some(days)
}

/// Reads `2026-01-31T12:00:00.5+02:00`, with a space or a `T`, with or without seconds' fraction and zone:
/// microseconds from 1970-01-01, and whether a zone was written (they are in UTC then).
pub(super) fn read_timestamp(text: &str) -> Option<(i128, bool)> {
    let days = read_date(text.get(..10)?)?;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some((i128::from(days) * DAY_US, false));
    }
    let rest = rest.strip_prefix(['T', ' '])?;
    let (clock, offset_minutes) = split_offset(rest)?;
    let micros = i128::from(days) * DAY_US + i128::from(read_time(clock)?);
    Some((micros - i128::from(offset_minutes.unwrap_or(0)) * 60_000_000, offset_minutes.is_some()))
}

/// Reads `12:00:00.5`, as microseconds from midnight.
pub(super) fn read_time(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let bytes = clock.as_bytes();
    if bytes.len() != 8
        || bytes[2] != b':'
        || bytes[5] != b':'
        || !(1..=6).contains(&fraction.len())
    {
        return None;
    }
    let (hour, minute, second) =
        (digits(&bytes[..2])?, digits(&bytes[3..5])?, digits(&bytes[6..])?);
    let fraction = digits(format!("{fraction:0<6}").as_bytes())?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction)
}

/// Splits the zone from the clock: `Z`, `+02`, `+02:00` or `+0200`, in minutes.
fn split_offset(text: &str) -> Option<(&str, Option<i64>)> {
    if let Some(clock) = text.strip_suffix('Z') {
        return Some((clock, Some(0)));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, None)) };
    let sign = if text.as_bytes()[at] == b'-' { -1 } else { 1 };
    let zone = text[at + 1..].replace(':', "");
    let (hours, minutes) = match zone.len() {
        2 => (digits(zone.as_bytes())?, 0),
        4 => (digits(&zone.as_bytes()[..2])?, digits(&zone.as_bytes()[2..])?),
        _ => return None,
    };
    if hours > 15 || minutes > 59 {
        return None;
    }
    Some((&text[..at], Some(sign * (hours * 60 + minutes))))
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
    })
}

/// Year, month and day of a number of days from 1970-01-01, in the Gregorian calendar (Hinnant's
/// algorithm over eras of 400 years).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(days: i64) -> String {
        let mut text = String::new();
        write_date(days, &mut text);
        text
    }

    #[test]
    fn days_are_written_as_the_server_writes_them() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(20_484), "2026-01-31");
        assert_eq!(date(-719_528), "0001-01-01 BC");
        assert_eq!(date(DATE_RANGE.start), "4714-11-24 BC");
        assert_eq!(date(DATE_RANGE.end), "5874898-01-01");
        assert_eq!(date(i64::try_from(TIMESTAMP_DAYS.end).unwrap()), "294277-01-01");
    }

    #[test]
    fn spans_are_written_as_the_server_writes_them() {
        for (months, days, micros, expected) in [
            (0, 0, 0, "00:00:00"),
            (14, 3, 14_706_500_000, "1 year 2 mons 3 days 04:05:06.5"),
            (0, -1, -1_000_000, "-1 days -00:00:01"),
            (0, 90, 0, "90 days"),
        ] {
            let mut text = String::new();
            write_interval(months, days, micros, &mut text);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn timestamps_are_read_with_and_without_zone() {
        for (text, expected) in [
            ("2026-01-31", Some((20_484 * DAY_US, false))),
            ("2026-01-31T00:00:01", Some((20_484 * DAY_US + 1_000_000, false))),
            ("2026-01-31 00:00:00.5", Some((20_484 * DAY_US + 500_000, false))),
            ("2026-01-31T02:00:00+02:00", Some((20_484 * DAY_US, true))),
            ("2026-01-31T00:00:00.000001Z", Some((20_484 * DAY_US + 1, true))),
            ("2026-02-30", None),
            ("2026-13-01", None),
            ("31/01/2026", None),
            ("2026-01-31T24:00:00", None),
            ("2026-01-31x", None),
            ("", None),
            ("été2026-01", None),
        ] {
            assert_eq!(read_timestamp(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_written_day_is_read_back(days in -719_162i64..2_932_896) {
            prop_assert_eq!(read_date(&date(days)), Some(days));
        }
    }
}
