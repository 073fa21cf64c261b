//! Values as PostgreSQL and Redshift write them in text, with the date style ISO.

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// A date or a timestamp as it was written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// Days or microseconds since 1970.
    At(i64),
    /// `infinity`, `-infinity`, or beyond what Arrow can say.
    Endless,
}

/// "t" and "f", and what other servers write.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "t" | "true" | "1" => Some(true),
        "f" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// "2026-10-15", "0044-03-15 BC", "infinity": days since 1970-01-01.
pub(super) fn date(text: &str) -> Option<Moment> {
    if is_endless(text) {
        return Some(Moment::Endless);
    }
    let (text, before_christ) = without_era(text);
    let days = days(text, before_christ)?;
    Some(if i32::try_from(days).is_ok() { Moment::At(days) } else { Moment::Endless })
}

/// "2026-10-15 12:30:45.5", with an offset such as "+02" or "+05:30" when the type has a time zone:
/// microseconds since 1970-01-01, in UTC then.
pub(super) fn timestamp(text: &str) -> Option<Moment> {
    if is_endless(text) {
        return Some(Moment::Endless);
    }
    let (text, before_christ) = without_era(text);
    let (date, time) = text.split_once([' ', 'T'])?;
    let (time, offset) = match time.find(['+', '-', 'Z']) {
        Some(at) => (&time[..at], offset(&time[at..])?),
        None => (time, 0),
    };
    let microseconds = days(date, before_christ)?
        .checked_mul(86_400)
        .and_then(|seconds| seconds.checked_sub(offset))
        .and_then(|seconds| seconds.checked_mul(SECOND))
        .and_then(|day| day.checked_add(time_of_day(time)?));
    match microseconds {
        Some(microseconds) => Some(Moment::At(microseconds)),
        None => time_of_day(time).map(|_| Moment::Endless),
    }
}

fn is_endless(text: &str) -> bool {
    matches!(text, "infinity" | "-infinity")
}

fn without_era(text: &str) -> (&str, bool) {
    text.strip_suffix(" BC").map_or((text, false), |text| (text, true))
}

/// Days since 1970-01-01 of a day in the Gregorian calendar, as far as years reach.
fn days(text: &str, before_christ: bool) -> Option<i64> {
    let mut parts = text.splitn(3, '-').map(number);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if before_christ { 1 - year } else { year };
    // Years begin in March here, so that the leap day is the last one and needs no case of its own.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Microseconds since midnight; "24:00:00" is the end of a day.
fn time_of_day(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut microseconds = 0;
    for place in 0..6 {
        let digit = fraction.as_bytes().get(place).copied().unwrap_or(b'0');
        microseconds = microseconds * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    let mut parts = clock.splitn(3, ':').map(number);
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    (hours <= 24 && minutes < 60 && seconds <= 60)
        .then(|| (hours * 3600 + minutes * 60 + seconds) * SECOND + microseconds)
}

/// Seconds east of Greenwich: "+02", "-03:30", "+00:09:21", "Z".
fn offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut seconds = 0;
    let mut unit = 3600;
    for part in text[1..].splitn(3, ':') {
        seconds += number(part)? * unit;
        unit /= 60;
    }
    Some(sign * seconds)
}

/// Digits only: the standard parser takes a sign too.
fn number(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_date(text: &str, expected: Option<Moment>) {
        assert_eq!(date(text), expected, "{text}");
    }

    fn check_timestamp(text: &str, expected: Option<Moment>) {
        assert_eq!(timestamp(text), expected, "{text}");
    }

    #[test]
    fn dates_count_days_since_1970() {
        check_date("1970-01-01", Some(Moment::At(0)));
        check_date("1969-12-31", Some(Moment::At(-1)));
        check_date("2000-02-29", Some(Moment::At(11_016)));
        check_date("2026-10-15", Some(Moment::At(20_741)));
        check_date("0001-01-01", Some(Moment::At(-719_162)));
        check_date("0001-12-31 BC", Some(Moment::At(-719_163)));
        check_date("5874897-12-31", Some(Moment::At(2_145_042_905)));
        check_date("infinity", Some(Moment::Endless));
        check_date("-infinity", Some(Moment::Endless));
        for wrong in ["", "2026-13-01", "2026-10", "15/10/2026", "2026-10-+5", "2026-10-15x"] {
            check_date(wrong, None);
        }
    }

    #[test]
    fn timestamps_count_microseconds_since_1970_in_utc() {
        check_timestamp("1970-01-01 00:00:00", Some(Moment::At(0)));
        check_timestamp("1970-01-01 00:00:01.5", Some(Moment::At(1_500_000)));
        check_timestamp("1969-12-31 23:59:59.999999", Some(Moment::At(-1)));
        check_timestamp("1970-01-01 02:00:00+02", Some(Moment::At(0)));
        check_timestamp("1970-01-01 00:00:00-03:30", Some(Moment::At(12_600 * SECOND)));
        check_timestamp("1970-01-01 00:09:21+00:09:21", Some(Moment::At(0)));
        check_timestamp("1970-01-01T00:00:00Z", Some(Moment::At(0)));
        check_timestamp("1970-01-01 24:00:00", Some(Moment::At(86_400 * SECOND)));
        check_timestamp("infinity", Some(Moment::Endless));
        check_timestamp("294276-12-31 23:59:59.999999", Some(Moment::Endless));
        for wrong in
            ["", "1970-01-01", "1970-01-01 25:00:00", "1970-01-01 00:00:00.x", "1970-01-01 00:00"]
        {
            check_timestamp(wrong, None);
        }
    }

    #[test]
    fn booleans_are_letters_words_or_digits() {
        assert_eq!([boolean("t"), boolean("f"), boolean("oui")], [Some(true), Some(false), None]);
    }

    proptest::proptest! {
        #[test]
        fn every_day_is_one_after_the_day_before(year in 1_i64..9999, day in 0_i64..365) {
            let first = days(&format!("{year:04}-01-01"), false).unwrap();
            let date = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(first + day);
            proptest::prop_assert_eq!(days(&date.to_string(), false), Some(first + day));
        }
    }
}
