//! How the runs of each day ended: a month, and the twelve around it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use penny_schedule::Calendar;
use serde_json::{Value, json};

use super::month::Month;
use crate::config::Language;
use crate::error::Result;
use crate::language::holiday;
use crate::store::{Store, Tally};

/// So many months are looked at.
const MONTHS: i32 = 12;

/// How the runs of each day ended, in the days of a time zone.
pub struct RunCalendar {
    /// Today.
    pub today: Date,
    /// The month that is looked at.
    pub month: Month,
    /// The first of the twelve months.
    first: Month,
    days: BTreeMap<Date, Tally>,
}

impl RunCalendar {
    /// Reads a month, else the present one, with the twelve months up to the present one, or up to the one that is
    /// looked at where it is none of those.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn read(
        store: &Store,
        asked: Option<Month>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<RunCalendar> {
        let today = now.to_zoned(zone.clone()).date();
        let present = Month::of(today);
        let month = asked.unwrap_or(present);
        let is_recent = month <= present && month > present.plus(-MONTHS);
        let last = if is_recent { present } else { month };
        let first = last.plus(1 - MONTHS);
        let days = days(store, first.first(), last.last(), zone)?;
        Ok(RunCalendar { today, month, first, days })
    }

    /// The twelve months.
    pub fn months(&self) -> impl Iterator<Item = Month> {
        (0..MONTHS).map(|months| self.first.plus(months))
    }

    /// How the runs of a day ended; nothing for a day without any.
    pub fn day(&self, day: Date) -> Option<Tally> {
        self.days.get(&day).copied()
    }

    /// How the runs of a month ended, all in all.
    pub fn total(&self, month: Month) -> Tally {
        let mut total = Tally::default();
        for tally in self.days.range(month.first()..=month.last()).map(|(_, tally)| tally) {
            total.runs += tally.runs;
            total.succeeded += tally.succeeded;
            total.failed += tally.failed;
        }
        total
    }

    /// The runs of the day with the most.
    pub fn most(&self) -> u64 {
        self.days.values().map(|tally| tally.runs).max().unwrap_or(0)
    }

    /// The same for programs, with the working days of a country; its holidays have their names in a language.
    pub fn json(&self, calendar: Calendar, language: Language) -> Value {
        let add = |mut json: Value, tally: Tally| {
            json["runs"] = json!(tally.runs);
            json["succeeded"] = json!(tally.succeeded);
            json["failed"] = json!(tally.failed);
            json
        };
        let days = self.month.days().map(|day| {
            let json = json!({
                "date": day.to_string(),
                "working_day": calendar.is_working_day(day),
                "holiday": calendar.holiday(day).map(|name| holiday(name, language)),
            });
            add(json, self.day(day).unwrap_or_default())
        });
        let months =
            self.months().map(|month| add(json!({"month": month.to_string()}), self.total(month)));
        json!({
            "month": self.month.to_string(),
            "today": self.today.to_string(),
            "total": add(json!({}), self.total(self.month)),
            "last_working_day": self.month.last_working_day(calendar).map(|day| day.to_string()),
            "days": days.collect::<Vec<_>>(),
            "months": months.collect::<Vec<_>>(),
        })
    }
}

/// How the runs of each of these days ended; a day without any is not there.
fn days(store: &Store, first: Date, last: Date, zone: &TimeZone) -> Result<BTreeMap<Date, Tally>> {
    let all: Vec<Date> = first.series(1.day()).take_while(|day| *day <= last).collect();
    let begin = |day: Date| -> Option<Timestamp> {
        day.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
    };
    let next = last.saturating_add(1.day());
    let moments: Vec<Timestamp> = all.iter().copied().chain([next]).filter_map(begin).collect();
    let tallies = store.tallies(&moments)?;
    Ok(all.into_iter().zip(tallies).filter(|(_, tally)| tally.runs > 0).collect())
}
