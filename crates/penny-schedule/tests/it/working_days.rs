//! Working days of France, and schedules that keep to them.

use jiff::civil::{Date, date};
use penny_schedule::{Calendar, Schedule};

use crate::support::check_next;

fn holidays(calendar: Calendar, year: i16) -> Vec<(i8, i8)> {
    let mut day = date(year, 1, 1);
    let mut found = Vec::new();
    while day.year() == year {
        if calendar.holiday(day).is_some() {
            found.push((day.month(), day.day()));
        }
        day = day.tomorrow().expect("time goes on");
    }
    found
}

#[test]
fn the_holidays_are_those_of_the_law() {
    assert_eq!(
        holidays(Calendar::France, 2026),
        [
            (1, 1),
            (4, 6),
            (5, 1),
            (5, 8),
            (5, 14),
            (5, 25),
            (7, 14),
            (8, 15),
            (11, 1),
            (11, 11),
            (12, 25)
        ]
    );
    assert_eq!(
        holidays(Calendar::France, 2027),
        [
            (1, 1),
            (3, 29),
            (5, 1),
            (5, 6),
            (5, 8),
            (5, 17),
            (7, 14),
            (8, 15),
            (11, 1),
            (11, 11),
            (12, 25)
        ]
    );
    // The Ascension was on the 1st of May.
    assert_eq!(holidays(Calendar::France, 2008).len(), 10);
    let more: Vec<_> = holidays(Calendar::AlsaceMoselle, 2026)
        .into_iter()
        .filter(|day| !holidays(Calendar::France, 2026).contains(day))
        .collect();
    assert_eq!(more, [(4, 3), (12, 26)]);
}

#[test]
fn a_holiday_has_its_french_name() {
    #[track_caller]
    fn check(day: Date, france: Option<&str>, alsace_moselle: Option<&str>) {
        assert_eq!(Calendar::France.holiday(day), france);
        assert_eq!(Calendar::AlsaceMoselle.holiday(day), alsace_moselle);
    }
    check(date(2026, 4, 6), Some("lundi de Pâques"), Some("lundi de Pâques"));
    check(date(2026, 5, 14), Some("Ascension"), Some("Ascension"));
    check(date(2026, 5, 25), Some("lundi de Pentecôte"), Some("lundi de Pentecôte"));
    check(date(2026, 4, 3), None, Some("vendredi saint"));
    check(date(2026, 12, 26), None, Some("Saint-Étienne"));
    check(date(2026, 11, 23), None, None);
}

#[test]
fn working_days_are_weekdays_that_are_no_holidays() {
    let is_working = |day| Calendar::France.is_working_day(day);
    assert!(is_working(date(2026, 11, 23)));
    assert!(!is_working(date(2026, 11, 21)), "a Saturday");
    assert!(!is_working(date(2026, 11, 22)), "a Sunday");
    assert!(!is_working(date(2026, 11, 11)), "a Wednesday, and a holiday");
    // 252 in 2026, as payrolls count them: 261 weekdays, and nine of the eleven holidays fall on one.
    let mut day = date(2026, 1, 1);
    let mut number = 0;
    while day.year() == 2026 {
        number += i32::from(is_working(day));
        day = day.tomorrow().expect("time goes on");
    }
    assert_eq!(number, 252);
}

#[test]
fn a_calendar_is_known_by_its_names() {
    for name in ["FR", "fr", " FR "] {
        assert_eq!(Calendar::parse(name), Ok(Calendar::France));
    }
    for name in ["FR-AM", "fr-am", "FR-57", "FR-67", "FR-68"] {
        assert_eq!(Calendar::parse(name), Ok(Calendar::AlsaceMoselle));
    }
    assert_eq!(Calendar::parse(Calendar::AlsaceMoselle.name()), Ok(Calendar::AlsaceMoselle));
}

#[track_caller]
fn check(schedule: Schedule, after: &str, words: &str, expected: &[&str]) {
    assert_eq!(schedule.describe(), words);
    check_next(&schedule, "Europe/Paris", after, expected);
}

#[test]
fn a_schedule_keeps_to_working_days() {
    let france = Calendar::France;
    // Ascension is on Thursday the 14th of May, Whit Monday on the 25th.
    check(
        Schedule::daily_at(&["08:00"]).unwrap().on_working_days(france).unwrap(),
        "2026-05-13T08:00:00+02:00",
        "on French working days at 08:00",
        &["2026-05-15T08:00:00+02:00", "2026-05-18T08:00:00+02:00"],
    );
    check(
        Schedule::cron("0 8,18 * * *").unwrap().on_working_days(france).unwrap(),
        "2026-05-22T12:00:00+02:00",
        "every day at 08:00 and 18:00, on French working days",
        &["2026-05-22T18:00:00+02:00", "2026-05-26T08:00:00+02:00"],
    );
    check(
        Schedule::daily_at(&["08:00"]).unwrap().on_working_days(Calendar::AlsaceMoselle).unwrap(),
        "2026-04-02T08:00:00+02:00",
        "on French working days (Alsace-Moselle) at 08:00",
        &["2026-04-07T08:00:00+02:00"],
    );
}

#[test]
fn an_interval_goes_on_through_days_off_without_losing_its_beat() {
    let schedule = Schedule::every("7h").unwrap().on_working_days(Calendar::France).unwrap();
    // From Friday evening 28 hours, 35, … : the first on Monday is 56 hours later.
    check(
        schedule,
        "2026-11-20T18:00:00+01:00",
        "every 7 hours, on French working days",
        &["2026-11-23T02:00:00+01:00", "2026-11-23T09:00:00+01:00"],
    );
    let minutely = Schedule::every("1m").unwrap().on_working_days(Calendar::France).unwrap();
    check(
        minutely,
        "2026-12-31T23:59:30+01:00",
        "every minute, on French working days",
        &["2027-01-04T00:00:30+01:00", "2027-01-04T00:01:30+01:00"],
    );
    let daily = Schedule::every("1d").unwrap().on_working_days(Calendar::France).unwrap();
    // Days of real time: the clocks change on Sunday.
    check(
        daily,
        "2026-03-27T23:30:00+01:00",
        "every day, on French working days",
        &["2026-03-30T00:30:00+02:00", "2026-03-31T00:30:00+02:00"],
    );
}

#[test]
fn a_working_day_of_the_month_is_counted_from_either_end() {
    let france = Calendar::France;
    let on = |numbers: &[i64], times: &[&str]| {
        Schedule::on_working_day(numbers, france, times).expect("a schedule")
    };
    check(
        on(&[3], &["08:00"]),
        "2026-11-22T12:00:00+01:00",
        "on working day 3 of the month at 08:00",
        // Friday the 1st of January is a holiday: 4, 5, 6.
        &["2026-12-03T08:00:00+01:00", "2027-01-06T08:00:00+01:00", "2027-02-03T08:00:00+01:00"],
    );
    check(
        on(&[-1], &["18:00"]),
        "2026-11-22T12:00:00+01:00",
        "on the last working day of the month at 18:00",
        &["2026-11-30T18:00:00+01:00", "2026-12-31T18:00:00+01:00", "2027-01-29T18:00:00+01:00"],
    );
    check(
        on(&[-1, 3, -2, 1], &["18:00", "08:00"]),
        "2026-05-01T00:00:00+02:00",
        "on working days 1 and 3, the last working day and working day 2 from the end of the month at \
         08:00 and 18:00",
        &[
            "2026-05-04T08:00:00+02:00",
            "2026-05-04T18:00:00+02:00",
            "2026-05-06T08:00:00+02:00",
            "2026-05-06T18:00:00+02:00",
            "2026-05-28T08:00:00+02:00",
            "2026-05-28T18:00:00+02:00",
            "2026-05-29T08:00:00+02:00",
        ],
    );
}
