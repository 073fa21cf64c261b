//! Months as a calendar shows them: weeks from Monday to Sunday.

use std::fmt;

use jiff::ToSpan as _;
use jiff::civil::Date;
use penny_schedule::Calendar;

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    first: Date,
}

impl Month {
    /// The month of a day.
    pub fn of(day: Date) -> Month {
        Month { first: day.first_of_month() }
    }

    /// Reads `2026-11`; nothing for what is no month of the years 2000 to 2199.
    pub fn parse(text: &str) -> Option<Month> {
        let (year, month) = text.trim().split_once('-')?;
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        let first = Date::new(year, month, 1).ok()?;
        (2000..2200).contains(&year).then_some(Month { first })
    }

    /// Its first day.
    pub fn first(self) -> Date {
        self.first
    }

    /// Its last day.
    pub fn last(self) -> Date {
        self.first.last_of_month()
    }

    /// The month that many later; earlier when negative.
    pub fn plus(self, months: i32) -> Month {
        Month { first: self.first.saturating_add(months.months()).first_of_month() }
    }

    /// Its days.
    pub fn days(self) -> impl Iterator<Item = Date> {
        self.first.series(1.day()).take(self.first.days_in_month().unsigned_abs().into())
    }

    /// Its weeks, from Monday to Sunday; nothing where a day is another month's.
    pub fn weeks(self) -> Vec<[Option<Date>; 7]> {
        let mut weeks = Vec::with_capacity(6);
        let mut week = [None; 7];
        for day in self.days() {
            let place = place_in_week(day);
            week[place] = Some(day);
            if place == 6 || day == self.last() {
                weeks.push(std::mem::take(&mut week));
            }
        }
        weeks
    }

    /// Its last working day.
    pub fn last_working_day(self, calendar: Calendar) -> Option<Date> {
        self.days().filter(|day| calendar.is_working_day(*day)).last()
    }
}

impl fmt::Display for Month {
    /// `2026-11`, as [`Month::parse`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

/// From 0 for Monday to 6 for Sunday.
pub fn place_in_week(day: Date) -> usize {
    day.weekday().to_monday_zero_offset().unsigned_abs().into()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_month_is_read_as_it_is_written() {
        let month = Month::parse("2026-11").expect("a month");
        assert_eq!(month, Month::of(date(2026, 11, 23)));
        assert_eq!(month.to_string(), "2026-11");
        assert_eq!((month.first(), month.last()), (date(2026, 11, 1), date(2026, 11, 30)));
        for wrong in ["", "2026", "2026-13", "2026-0", "1999-12", "2200-01", "x-y", "2026-11-01"] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn months_follow_each_other_over_the_years() {
        let month = Month::of(date(2026, 1, 31));
        assert_eq!(month.plus(-1), Month::of(date(2025, 12, 1)));
        assert_eq!(month.plus(13), Month::of(date(2027, 2, 1)));
        assert_eq!(month.plus(-11).plus(11), month);
    }

    #[test]
    fn every_day_of_a_month_stands_once_in_its_week_below_its_weekday() {
        for (year, number) in (2023..2030).flat_map(|year| (1..=12).map(move |m| (year, m))) {
            let month = Month::of(date(year, number, 1));
            let weeks = month.weeks();
            let mut days = Vec::new();
            for week in &weeks {
                assert!(week.iter().any(Option::is_some));
                for (place, day) in week.iter().enumerate() {
                    days.extend(*day);
                    assert!(day.is_none_or(|day| place_in_week(day) == place), "{day:?}");
                }
            }
            assert_eq!(days, month.days().collect::<Vec<_>>());
            assert_eq!(days.last(), Some(&month.last()));
        }
        // A Monday first of 28 days fills four weeks; a Sunday first needs six.
        assert_eq!(Month::parse("2027-02").expect("a month").weeks().len(), 4);
        assert_eq!(Month::parse("2026-11").expect("a month").weeks().len(), 6);
    }

    #[test]
    fn a_month_ends_for_the_accountant_on_its_last_working_day() {
        let last =
            |month: &str| Month::parse(month).expect("a month").last_working_day(Calendar::France);
        assert_eq!(last("2026-11"), Some(date(2026, 11, 30)));
        assert_eq!(last("2026-10"), Some(date(2026, 10, 30)));
        assert_eq!(last("2026-05"), Some(date(2026, 5, 29)));
    }
}
