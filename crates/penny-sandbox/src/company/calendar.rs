//! French working days.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

/// Whether banks and offices are open in France.
pub(super) fn is_working_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(day)
}

/// The day itself, or the first working day after it.
pub(super) fn working_day_from(mut day: Date) -> Date {
    while !is_working_day(day) {
        day = plus(day, 1);
    }
    day
}

/// The last working day of the month of `day`.
pub(super) fn last_working_day_of_month(day: Date) -> Date {
    let mut last = day.last_of_month();
    while !is_working_day(last) {
        last = plus(last, -1);
    }
    last
}

/// So many days later, or earlier.
pub(super) fn plus(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).expect("a company's days are far from the end of the calendar")
}

/// Days from 1970-01-01.
pub(super) fn day_number(day: Date) -> i64 {
    i64::from((day - date(1970, 1, 1)).get_days())
}

/// Days between two dates when every month has 30 and the year 360, both ends included.
pub(super) fn days_360(from: Date, to: Date) -> i64 {
    let position = |day: Date| {
        let in_month = if day == day.last_of_month() { 30 } else { i64::from(day.day()) };
        i64::from(day.year()) * 360 + i64::from(day.month() - 1) * 30 + in_month
    };
    position(to) - position(from) + 1
}

fn is_holiday(day: Date) -> bool {
    const FIXED: [(i8, i8); 8] =
        [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
    if FIXED.contains(&(day.month(), day.day())) {
        return true;
    }
    if !(3..=6).contains(&day.month()) {
        return false;
    }
    let after_easter = day_number(day) - day_number(easter(day.year()));
    // Easter Monday, Ascension, Whit Monday.
    matches!(after_easter, 1 | 39 | 50)
}

/// Easter Sunday by the Gregorian computus of Meeus, Jones and Butcher.
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e, f) = (b / 4, b % 4, (b + 8) / 25);
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    date(year, (n / 31) as i8, (n % 31 + 1) as i8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_moves_as_it_does() {
        for (year, expected) in
            [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5))]
        {
            assert_eq!(easter(year), expected);
        }
    }

    #[test]
    fn nobody_works_on_a_holiday() {
        for day in [
            date(2026, 4, 6),
            date(2026, 5, 14),
            date(2026, 5, 25),
            date(2026, 7, 14),
            date(2026, 11, 22),
        ] {
            assert!(!is_working_day(day), "{day}");
        }
        assert_eq!(working_day_from(date(2026, 5, 14)), date(2026, 5, 15));
        assert_eq!(last_working_day_of_month(date(2026, 5, 3)), date(2026, 5, 29));
    }

    #[test]
    fn a_year_of_360_days_is_one_year() {
        assert_eq!(days_360(date(2025, 1, 1), date(2025, 12, 31)), 360);
        assert_eq!(days_360(date(2025, 2, 28), date(2025, 2, 28)), 1);
        assert_eq!(days_360(date(2025, 7, 1), date(2025, 12, 31)), 180);
    }
}
