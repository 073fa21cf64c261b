//! The runs of a notebook as a row of bars: each run for itself, or by day, or by week.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::store::{Outcome, RowsPoint, RunId, RunPoint};

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
    pub fn of_word(word: &str) -> Period {
        Period::ALL.into_iter().find(|period| period.word() == word).unwrap_or(Period::Runs)
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
}

/// Whether a run failed, took too long or crashed.
pub fn is_bad(outcome: Option<Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Failed | Outcome::TimedOut | Outcome::Crashed))
}

/// How long a run took; none for one that has not ended or did not run.
fn seconds(run: &RunPoint) -> Option<f64> {
    let ended = run.ended.filter(|_| run.outcome != Some(Outcome::Skipped))?;
    Some(ended.duration_since(run.started).as_secs_f64().max(0.0))
}

/// The median of the succeeded runs' lengths, and the length that nine of ten do not exceed.
pub fn usual(runs: &[RunPoint]) -> Option<(Duration, Duration)> {
    let good = runs.iter().filter(|run| run.outcome == Some(Outcome::Succeeded));
    let mut lengths: Vec<f64> = good.filter_map(seconds).collect();
    lengths.sort_by(f64::total_cmp);
    let at = |part| share(&lengths, part).map(Duration::from_secs_f64);
    at(0.5).zip(at(0.9))
}

/// The value below which that share of the sorted values lies: the nearest rank, a value that is there.
fn share(sorted: &[f64], part: f64) -> Option<f64> {
    let rank = (part * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// The runs whose notebook file was another than that of the run before, oldest first.
pub fn edits(runs: &[RunPoint]) -> Vec<RunId> {
    let known = runs.iter().filter(|run| !run.source_hash.is_empty());
    let known: Vec<&RunPoint> = known.collect();
    let edits = known.windows(2).filter(|pair| pair[0].source_hash != pair[1].source_hash);
    edits.map(|pair| pair[1].id).collect()
}

fn monday(day: Date) -> Date {
    day.saturating_sub(i32::from(day.weekday().to_monday_zero_offset()).days())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;

    use super::*;

    fn run(id: RunId, started: &str, seconds: i64, outcome: Outcome, hash: &str) -> RunPoint {
        let started: Timestamp = started.parse().expect("a time");
        let ended = Some(started.saturating_add(seconds.seconds()).expect("a time"));
        RunPoint { id, started, ended, outcome: Some(outcome), source_hash: hash.into() }
    }

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
    fn how_long_runs_usually_take_is_told_by_those_that_succeeded() {
        let mut runs: Vec<RunPoint> =
            (1..=10).map(|n| run(n, "2026-11-20T08:00:00Z", n, Outcome::Succeeded, "")).collect();
        let seconds =
            |pair: Option<(Duration, Duration)>| pair.map(|(a, b)| (a.as_secs(), b.as_secs()));
        assert_eq!(seconds(usual(&runs)), Some((5, 9)));
        runs.push(run(11, "2026-11-20T08:00:00Z", 500, Outcome::Failed, ""));
        assert_eq!(seconds(usual(&runs)), Some((5, 9)));
        assert_eq!(seconds(usual(&runs[..1])), Some((1, 1)));
        assert_eq!(usual(&[]), None);
    }

    #[test]
    fn a_notebook_was_edited_before_the_first_run_of_another_file() {
        let hashes = ["a", "a", "", "b", "b", "a"];
        let runs: Vec<RunPoint> = (1..)
            .zip(hashes)
            .map(|(id, hash)| run(id, "2026-11-20T08:00:00Z", 1, Outcome::Succeeded, hash))
            .collect();
        assert_eq!(edits(&runs), [4, 6]);
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
    }
}
