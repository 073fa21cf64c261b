//! Lengths of time as people write them: `30m`, `2h`, `1h30m`, `90 min`, `1d`.

use std::time::Duration;

use crate::error::ScheduleError;

pub(crate) const MINUTE: u64 = 60;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;
const LONGEST: u64 = 366 * DAY;

/// The length of time that a text says: whole numbers, each with its unit (`s`, `m`, `h`, `d`, or the
/// words for them in English or French), from the longest unit down. `1h30` means `1h30m`.
///
/// # Errors
/// When it is something else, or longer than 366 days. Nothing at all (`0s`) is a length of time.
pub fn parse_duration(text: &str) -> Result<Duration, ScheduleError> {
    let no_duration = || ScheduleError::Duration { text: text.to_owned() };
    let mut rest = text.trim();
    let mut total: u64 = 0;
    // Units go down: `30m1h` is more likely a slip than an hour and a half.
    let mut unit_before = u64::MAX;
    if rest.is_empty() {
        return Err(no_duration());
    }
    while !rest.is_empty() {
        let digits;
        let name;
        (digits, rest) = split_while(rest, |c| c.is_ascii_digit());
        (name, rest) = split_while(rest.trim_start(), char::is_alphabetic);
        rest = rest.trim_start();
        let unit = match name {
            "" if unit_before == HOUR && rest.is_empty() => MINUTE,
            name => unit_seconds(name).ok_or_else(no_duration)?,
        };
        if digits.is_empty() || unit >= unit_before {
            return Err(no_duration());
        }
        unit_before = unit;
        let seconds = digits.parse().unwrap_or(u64::MAX).saturating_mul(unit);
        total = total.saturating_add(seconds);
    }
    if total > LONGEST {
        return Err(ScheduleError::TooLong { text: text.to_owned() });
    }
    Ok(Duration::from_secs(total))
}

fn split_while(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

fn unit_seconds(name: &str) -> Option<u64> {
    match name.to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" | "seconde" | "secondes" => Some(1),
        "m" | "min" | "mins" | "mn" | "minute" | "minutes" => Some(MINUTE),
        "h" | "hr" | "hrs" | "hour" | "hours" | "heure" | "heures" => Some(HOUR),
        "d" | "day" | "days" | "j" | "jour" | "jours" => Some(DAY),
        _ => None,
    }
}

/// The length of time in words: `2 hours`, `1 hour 30 minutes`, `minute`.
///
/// A single unit of one has no number, so that `every` can stand before it.
pub(crate) fn in_words(mut seconds: u64) -> String {
    let mut parts = Vec::new();
    for (unit, name) in [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (1, "second")] {
        match seconds / unit {
            0 => {}
            1 => parts.push(format!("1 {name}")),
            number => parts.push(format!("{number} {name}s")),
        }
        seconds %= unit;
    }
    match parts.as_slice() {
        [only] => only.strip_prefix("1 ").unwrap_or(only).to_owned(),
        _ => parts.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        #[track_caller]
        fn check(text: &str, expected_seconds: u64) {
            assert_eq!(parse_duration(text), Ok(Duration::from_secs(expected_seconds)));
        }
        check("30m", 30 * MINUTE);
        check("2h", 2 * HOUR);
        check("1h30m", 90 * MINUTE);
        check("1h30", 90 * MINUTE);
        check("90 min", 90 * MINUTE);
        check(" 1 d 2 h ", 26 * HOUR);
        check("1d", DAY);
        check("2 heures", 2 * HOUR);
        check("1 jour", DAY);
        check("90S", 90);
        check("0s", 0);
        check("366d", 366 * DAY);
    }

    #[test]
    fn anything_else_is_refused_with_examples() {
        let no_duration = |text: &str| Err(ScheduleError::Duration { text: text.to_owned() });
        for text in [
            "",
            " ",
            "2",
            "h",
            "two hours",
            "-1h",
            "1.5h",
            "1h 1h",
            "30m1h",
            "1x",
            "1h30x",
            "1h-",
            "1 000 s",
            "1d30",
        ] {
            assert_eq!(parse_duration(text), no_duration(text));
        }
        insta::assert_snapshot!(
            parse_duration("2 weeks").unwrap_err(),
            @"`2 weeks` is not a length of time: write a number and a unit, such as `30m`, `2h`, `1h30m` or `1d`"
        );
    }

    #[test]
    fn a_length_of_time_has_an_upper_bound() {
        for text in ["367d", "366d1s", "99999999999999999999d", "18446744073709551615s"] {
            assert_eq!(parse_duration(text), Err(ScheduleError::TooLong { text: text.to_owned() }));
        }
    }

    #[test]
    fn words_say_each_unit_once() {
        #[track_caller]
        fn check(seconds: u64, expected: &str) {
            assert_eq!(in_words(seconds), expected);
        }
        check(2 * HOUR, "2 hours");
        check(HOUR, "hour");
        check(90 * MINUTE, "1 hour 30 minutes");
        check(DAY + 1, "1 day 1 second");
    }
}
