//! Months as sets of days: bit 0 is the first of the month.

use jiff::Span;
use jiff::civil::Date;

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Month {
    first: Date,
}

impl Month {
    /// The month that a date is in.
    pub(crate) fn of(date: Date) -> Month {
        Month { first: date.first_of_month() }
    }

    /// The month after it; none at the end of representable time.
    pub(crate) fn following(self) -> Option<Month> {
        self.first.checked_add(Span::new().months(1)).ok().map(|first| Month { first })
    }

    /// Its first day.
    pub(crate) fn first(self) -> Date {
        self.first
    }

    /// Its day of that number; none when it is too short.
    pub(crate) fn day(self, number: u32) -> Option<Date> {
        let number = i8::try_from(number).ok()?;
        Date::new(self.first.year(), self.first.month(), number).ok()
    }

    /// All its days.
    pub(crate) fn all(self) -> u32 {
        u32::MAX >> (32 - self.length())
    }

    /// Its last day.
    pub(crate) fn last(self) -> u32 {
        1 << (self.length() - 1)
    }

    /// Its days that are one of these weekdays, of which bit 0 is Sunday.
    pub(crate) fn weekdays(self, weekdays: u8) -> u32 {
        let first = u32::from(self.first.weekday().to_sunday_zero_offset().unsigned_abs());
        // The seven weekdays again and again, beginning with that of the first of the month.
        let week = u64::from(weekdays & 0x7f);
        let weeks = week | week << 7 | week << 14 | week << 21 | week << 28 | week << 35;
        let from_first = u32::try_from((weeks >> first) & 0x7fff_ffff).expect("31 bits");
        from_first & self.all()
    }

    fn length(self) -> u32 {
        u32::from(self.first.days_in_month().unsigned_abs())
    }
}

/// The set of one day of the month, from 1.
pub(crate) fn only(day: i8) -> u32 {
    1 << (day - 1)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_month_knows_its_days_and_weekdays() {
        let february = Month::of(date(2024, 2, 10));
        assert_eq!(february.all().count_ones(), 29);
        assert_eq!(february.last(), only(29));
        assert_eq!(february.day(30), None);
        assert_eq!(february.following(), Some(Month::of(date(2024, 3, 1))));
        for first in [date(2026, 2, 1), date(2026, 8, 1), date(2026, 11, 1)] {
            let month = Month::of(first);
            for weekday in 0..7_i8 {
                let days = month.weekdays(1 << weekday);
                for number in 1..=31 {
                    let is_one = month
                        .day(number)
                        .is_some_and(|day| day.weekday().to_sunday_zero_offset() == weekday);
                    assert_eq!(days >> (number - 1) & 1 == 1, is_one, "{first} {number} {weekday}");
                }
            }
        }
    }
}
