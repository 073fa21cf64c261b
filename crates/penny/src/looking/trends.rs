//! The runs of a notebook as a row of bars: each run for itself, or by day, or by week.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::habits::{RECENT, edits, is_bad, seconds, share};
use crate::error::Result;
use crate::store::{Outcome, RowsPoint, RunId, RunPoint, Store};

/// More runs than this are not told of one by one: a year of one every half an hour.
const RUNS_MAX: usize = 20_000;

/// How a notebook went over a period.
pub struct Trend {
    /// The runs of the period, oldest first.
    pub runs: Vec<RunPoint>,
    /// What they published.
    pub rows: Vec<RowsPoint>,
    /// The runs by the days or weeks of the period, oldest first.
    pub bars: Vec<Bar>,
}

/// How many rows a table had after the runs of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarRows {
    /// How many; none before the first publish of the period.
    pub rows: Option<u64>,
    /// Whether a run of the bar published the table; otherwise it is as it was.
    pub published: bool,
}

/// How far a trend reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// The last 60 runs, a bar each.
    Runs,
    /// The last 30 days, a bar a day.
    Month,
    /// The last 53 weeks, a bar a week.
    Year,
}

/// What a bar stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Its runs, oldest first.
    pub runs: Vec<RunPoint>,
    /// Its first and last day; none for a single run.
    pub days: Option<(Date, Date)>,
}

impl Trend {
    /// Reads it.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn read(
        store: &Store,
        notebook: &str,
        period: Period,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Trend> {
        let today = now.to_zoned(zone.clone()).date();
        let runs = match period.first_day(today) {
            Some(first) => {
                let since = first.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp());
                store.run_points(notebook, since, RUNS_MAX)?
            }
            None => store.run_points(notebook, None, RECENT)?,
        };
        let rows = match runs.first() {
            Some(first) => store.rows_points(notebook, first.id)?,
            None => Vec::new(),
        };
        let bars = period.bars(&runs, today, zone);
        Ok(Trend { runs, rows, bars })
    }

    /// The tables that its runs published, by their names.
    pub fn tables(&self) -> Vec<&str> {
        let mut tables: Vec<&str> = self.rows.iter().map(|point| point.table.as_str()).collect();
        tables.sort_unstable();
        tables.dedup();
        tables
    }

    /// How many rows a table had after each bar: a day without a publish leaves the table as it was.
    pub fn rows_of(&self, table: &str) -> Vec<BarRows> {
        let mut last = None;
        let after = |bar: &Bar| {
            let rows = bar.rows(table, &self.rows);
            last = rows.or(last);
            BarRows { rows: last, published: rows.is_some() }
        };
        self.bars.iter().map(after).collect()
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let edits = edits(&self.runs);
        let tables = self.tables().into_iter().map(|table| {
            let rows = self.rows_of(table).into_iter();
            let rows = rows.map(|of| json!({"rows": of.rows, "published": of.published}));
            json!({"table": table, "bars": rows.collect::<Vec<_>>()})
        });
        json!({
            "bars": self.bars.iter().map(|bar| bar.json(&edits)).collect::<Vec<_>>(),
            "tables": tables.collect::<Vec<_>>(),
        })
    }
}

impl Period {
    /// All of them.
    pub const ALL: [Period; 3] = [Period::Runs, Period::Month, Period::Year];

    /// Its word in an address.
    pub fn word(self) -> &'static str {
        match self {
            Period::Runs => "runs",
            Period::Month => "month",
            Period::Year => "year",
        }
    }

    /// The period of a word.
    pub fn of_word(word: &str) -> Option<Period> {
        Period::ALL.into_iter().find(|period| period.word() == word)
    }

    /// Its first day; none where runs are counted and not days.
    pub fn first_day(self, today: Date) -> Option<Date> {
        match self {
            Period::Runs => None,
            Period::Month => Some(today.saturating_sub(29.days())),
            Period::Year => Some(monday(today).saturating_sub(52.weeks())),
        }
    }

    /// The bars of these runs, oldest first; a day or a week without any run is one without height.
    pub fn bars(self, runs: &[RunPoint], today: Date, zone: &TimeZone) -> Vec<Bar> {
        let (Some(first), length) =
            (self.first_day(today), if self == Period::Year { 7 } else { 1 })
        else {
            return runs.iter().map(|run| Bar { runs: vec![run.clone()], days: None }).collect();
        };
        let mut by_day: BTreeMap<Date, Vec<RunPoint>> = BTreeMap::new();
        for run in runs {
            let day = run.started.to_zoned(zone.clone()).date();
            by_day.entry(day).or_default().push(run.clone());
        }
        let starts = first.series(i32::from(length as u8).days()).take_while(|day| *day <= today);
        let bar = |begin: Date| {
            let end = begin.saturating_add((length - 1).days());
            let runs = by_day.range(begin..=end).flat_map(|(_, runs)| runs.clone()).collect();
            Bar { runs, days: Some((begin, end.min(today))) }
        };
        starts.map(bar).collect()
    }
}

impl Bar {
    /// How long its runs took, half of them longer and half shorter, in seconds.
    pub fn seconds(&self) -> Option<f64> {
        let mut lengths: Vec<f64> = self.runs.iter().filter_map(seconds).collect();
        lengths.sort_by(f64::total_cmp);
        share(&lengths, 0.5)
    }

    /// How they ended, the worst of them.
    pub fn outcome(&self) -> Option<Outcome> {
        let rank = |outcome: &Outcome| match outcome {
            Outcome::Failed | Outcome::TimedOut | Outcome::Crashed => 2,
            Outcome::Succeeded => 1,
            Outcome::Cancelled | Outcome::Skipped => 0,
        };
        self.runs.iter().filter_map(|run| run.outcome).max_by_key(rank)
    }

    /// How many failed.
    pub fn failed(&self) -> u64 {
        self.runs.iter().filter(|run| is_bad(run.outcome)).count() as u64
    }

    /// How many rows a table had after the last of them that published it.
    pub fn rows(&self, table: &str, points: &[RowsPoint]) -> Option<u64> {
        let published = |run: RunId| {
            let begin = points.partition_point(|point| point.run < run);
            let own = points[begin..].iter().take_while(|point| point.run == run);
            own.filter(|point| point.table == table).last().map(|point| point.rows)
        };
        self.runs.iter().rev().find_map(|run| published(run.id))
    }

    /// Whether the notebook's file changed before one of its runs, by the runs before which it did.
    pub fn is_edited(&self, edits: &[RunId]) -> bool {
        self.runs.iter().any(|run| edits.contains(&run.id))
    }

    fn json(&self, edits: &[RunId]) -> Value {
        let one = match self.runs.as_slice() {
            [run] => Some(run),
            _ => None,
        };
        json!({
            "from": self.days.map(|(first, _)| first.to_string()),
            "to": self.days.map(|(_, last)| last.to_string()),
            "run": one.map(|run| run.id),
            "started": one.map(|run| run.started.to_string()),
            "runs": self.runs.len(),
            "failed": self.failed(),
            "outcome": self.outcome().map(Outcome::word),
            "seconds": self.seconds(),
            "edited": self.is_edited(edits),
        })
    }
}

fn monday(day: Date) -> Date {
    day.saturating_sub(i32::from(day.weekday().to_monday_zero_offset()).days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::habits::tests::run;
    use super::*;

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").expect("a zone")
    }

    #[test]
    fn runs_are_gathered_by_the_days_of_the_workspace() {
        use Outcome::{Failed, Succeeded};
        let runs = [
            run(1, "2026-11-20T08:00:00Z", 10, Succeeded, "a"),
            run(2, "2026-11-20T12:00:00Z", 30, Failed, "a"),
            // Already Saturday in Paris.
            run(3, "2026-11-20T23:30:00Z", 20, Succeeded, "a"),
        ];
        let today = date(2026, 11, 23);
        let bars = Period::Month.bars(&runs, today, &paris());
        assert_eq!(bars.len(), 30);
        assert_eq!(bars[0].days, Some((date(2026, 10, 25), date(2026, 10, 25))));
        let of = |day| bars.iter().find(|bar| bar.days == Some((day, day))).expect("a bar");
        let friday = of(date(2026, 11, 20));
        assert_eq!(
            (friday.seconds(), friday.outcome(), friday.failed()),
            (Some(10.0), Some(Failed), 1)
        );
        assert_eq!(of(date(2026, 11, 21)).seconds(), Some(20.0));
        assert_eq!(of(date(2026, 11, 22)).seconds(), None);

        let weeks = Period::Year.bars(&runs, today, &paris());
        assert_eq!(weeks.len(), 53);
        assert!(
            weeks
                .iter()
                .all(|week| week.days.expect("days").0.weekday() == jiff::civil::Weekday::Monday)
        );
        assert_eq!(weeks[52].days, Some((today, today)));
        assert_eq!((weeks[51].runs.len(), weeks[51].seconds()), (3, Some(20.0)));
        assert_eq!(Period::Runs.bars(&runs, today, &paris()).len(), 3);
    }

    #[test]
    fn rows_are_those_of_the_last_publish() {
        let point = |run, table: &str, rows| RowsPoint { run, table: table.into(), rows };
        let points =
            [point(1, "p.a", 5), point(1, "p.b", 9), point(1, "p.a", 6), point(3, "p.b", 7)];
        let at = "2026-11-20T08:00:00Z";
        let runs = (1..=3).map(|id| run(id, at, 1, Outcome::Succeeded, "")).collect();
        let bar = Bar { runs, days: None };
        assert_eq!(bar.rows("p.a", &points), Some(6));
        assert_eq!(bar.rows("p.b", &points), Some(7));
        assert_eq!(bar.rows("p.c", &points), None);
        let bars = vec![bar, Bar { runs: Vec::new(), days: None }];
        let trend = Trend { runs: Vec::new(), rows: points.to_vec(), bars };
        assert_eq!(trend.tables(), ["p.a", "p.b"]);
        let told = |rows, published| BarRows { rows, published };
        assert_eq!(trend.rows_of("p.a"), [told(Some(6), true), told(Some(6), false)]);
        assert_eq!(trend.rows_of("p.c"), [told(None, false); 2]);
    }
}
