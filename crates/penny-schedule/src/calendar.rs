//! Working days: Monday to Friday without the public holidays of France, which are computed.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::error::ScheduleError;
use crate::month::{Month, only};

/// Monday to Friday; bit 0 is Sunday.
const MONDAY_TO_FRIDAY: u8 = 0b011_1110;
/// No month of either calendar has fewer working days than this.
pub(crate) const WORKING_DAYS_MIN: i8 = 17;

/// Which days are worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Calendar {
    /// Metropolitan France: Monday to Friday, without the eleven holidays of the Code du travail.
    France,
    /// Bas-Rhin, Haut-Rhin and Moselle, which have Good Friday and the 26th of December besides.
    AlsaceMoselle,
}

/// The holidays that have a date: month, day, name.
const FIXED: [(i8, i8, &str); 8] = [
    (1, 1, "jour de l'An"),
    (5, 1, "fête du Travail"),
    (5, 8, "victoire de 1945"),
    (7, 14, "fête nationale"),
    (8, 15, "Assomption"),
    (11, 1, "Toussaint"),
    (11, 11, "armistice de 1918"),
    (12, 25, "Noël"),
];
/// The holidays that move with Easter: days after Easter Sunday, name.
const MOVING: [(i32, &str); 3] =
    [(1, "lundi de Pâques"), (39, "Ascension"), (50, "lundi de Pentecôte")];
const GOOD_FRIDAY: (i32, &str) = (-2, "vendredi saint");
const SAINT_STEPHEN: (i8, i8, &str) = (12, 26, "Saint-Étienne");

impl Calendar {
    /// The calendar of that name: `FR`, or `FR-AM` for Alsace and Moselle, which their départements
    /// (`FR-57`, `FR-67`, `FR-68`) and `FR-A` mean too. In any case.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn parse(name: &str) -> Result<Calendar, ScheduleError> {
        match name.trim().to_uppercase().as_str() {
            "FR" | "FRANCE" => Ok(Calendar::France),
            "FR-AM" | "FR-A" | "FR-57" | "FR-67" | "FR-68" => Ok(Calendar::AlsaceMoselle),
            _ => Err(ScheduleError::Calendar { name: name.to_owned() }),
        }
    }

    /// Its name in penny.toml.
    pub fn name(self) -> &'static str {
        match self {
            Calendar::France => "FR",
            Calendar::AlsaceMoselle => "FR-AM",
        }
    }

    /// The public holiday of that day, by its French name; none on an ordinary day.
    ///
    /// A day that is two holidays at once (the Ascension was on the 1st of May in 2008) has the name of
    /// the one with a date.
    pub fn holiday(self, day: Date) -> Option<&'static str> {
        let fixed = FIXED.iter().chain(self.has_two_more().then_some(&SAINT_STEPHEN));
        let here =
            |(month, number, _): &&(i8, i8, &str)| *month == day.month() && *number == day.day();
        fixed.clone().find(here).map(|(_, _, name)| *name).or_else(|| {
            self.moving(day.year()).find(|(moved, _)| *moved == day).map(|(_, name)| name)
        })
    }

    /// Whether it is worked: neither Saturday, nor Sunday, nor a public holiday.
    pub fn is_working_day(self, day: Date) -> bool {
        self.working_days(Month::of(day)) & only(day.day()) != 0
    }

    /// The working days of a month.
    pub(crate) fn working_days(self, month: Month) -> u32 {
        let (year, number) = (month.first().year(), month.first().month());
        let mut days = month.weekdays(MONDAY_TO_FRIDAY);
        let fixed = FIXED.iter().chain(self.has_two_more().then_some(&SAINT_STEPHEN));
        for (_, day, _) in fixed.filter(|(month, _, _)| *month == number) {
            days &= !only(*day);
        }
        // Easter moves from March to April, and with it the others until June.
        if (3..=6).contains(&number) {
            for (moved, _) in self.moving(year).filter(|(moved, _)| moved.month() == number) {
                days &= !only(moved.day());
            }
        }
        days
    }

    fn moving(self, year: i16) -> impl Iterator<Item = (Date, &'static str)> {
        let easter = easter(year);
        let moving = MOVING.into_iter().chain(self.has_two_more().then_some(GOOD_FRIDAY));
        moving.filter_map(move |(days, name)| {
            easter.and_then(|easter| easter.checked_add(days.days()).ok()).map(|day| (day, name))
        })
    }

    fn has_two_more(self) -> bool {
        self == Calendar::AlsaceMoselle
    }
}

/// Easter Sunday of the Gregorian calendar, by the anonymous computus that Meeus gives; none before
/// the year 1, which has no such calendar.
fn easter(year: i16) -> Option<Date> {
    let year_number = i32::from(year);
    if year_number < 1 {
        return None;
    }
    let golden = year_number % 19;
    let (century, in_century) = (year_number / 100, year_number % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (in_century / 4) - epact - in_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 114;
    let (month, day) = (i8::try_from(days / 31).ok()?, i8::try_from(days % 31 + 1).ok()?);
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn easter_is_where_the_almanacs_have_it() {
        for (year, month, day) in [
            (1818, 3, 22),
            (1943, 4, 25),
            (1961, 4, 2),
            (2000, 4, 23),
            (2008, 3, 23),
            (2016, 3, 27),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
            (2285, 3, 22),
        ] {
            assert_eq!(easter(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn every_month_has_the_working_days_that_can_be_asked_for_and_some_have_no_more() {
        let months = |calendar: Calendar| {
            let first = Month::of(date(1900, 1, 1));
            let months = std::iter::successors(Some(first), |month| month.following());
            let months = months.take_while(|month| month.first().year() < 2400);
            months.map(move |month| calendar.working_days(month).count_ones()).min()
        };
        let fewest = months(Calendar::France).min(months(Calendar::AlsaceMoselle));
        assert_eq!(fewest, Some(u32::from(WORKING_DAYS_MIN.unsigned_abs())));
    }
}
