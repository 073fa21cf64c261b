//! Cron expressions: their meaning, the nights on which clocks change, and their words.

use jiff::tz::TimeZone;
use penny_schedule::Schedule;

use crate::support::{at, check_next, paris};

#[track_caller]
fn check(cron: &str, after: &str, expected: &[&str]) {
    check_next(&Schedule::cron(cron).expect("an expression"), "Europe/Paris", after, expected);
}

#[test]
fn one_is_monday_and_both_zero_and_seven_are_sunday() {
    // The 22nd of November 2026 is a Sunday.
    let after = "2026-11-21T12:00:00+01:00";
    check("0 8 * * 1", after, &["2026-11-23T08:00:00+01:00", "2026-11-30T08:00:00+01:00"]);
    check("0 8 * * 0", after, &["2026-11-22T08:00:00+01:00", "2026-11-29T08:00:00+01:00"]);
    check("0 8 * * 7", after, &["2026-11-22T08:00:00+01:00", "2026-11-29T08:00:00+01:00"]);
    check("0 8 * * SUN", after, &["2026-11-22T08:00:00+01:00"]);
    check("0 8 * * friday", after, &["2026-11-27T08:00:00+01:00"]);
    check("0 8 * * sat-sun", after, &["2026-11-22T08:00:00+01:00", "2026-11-28T08:00:00+01:00"]);
}

#[test]
fn lists_ranges_steps_and_names_are_read() {
    let after = "2026-11-22T12:00:00+01:00";
    check(
        "0,30 8-9 * * *",
        after,
        &[
            "2026-11-23T08:00:00+01:00",
            "2026-11-23T08:30:00+01:00",
            "2026-11-23T09:00:00+01:00",
            "2026-11-23T09:30:00+01:00",
            "2026-11-24T08:00:00+01:00",
        ],
    );
    check(
        "10-40/15 12 * * *",
        after,
        &[
            "2026-11-22T12:10:00+01:00",
            "2026-11-22T12:25:00+01:00",
            "2026-11-22T12:40:00+01:00",
            "2026-11-23T12:10:00+01:00",
        ],
    );
    check("0 20/2 * * *", after, &["2026-11-22T20:00:00+01:00", "2026-11-22T22:00:00+01:00"]);
    check("0 0 1 JAN,jul *", after, &["2027-01-01T00:00:00+01:00", "2027-07-01T00:00:00+02:00"]);
    check("0 18 L * *", after, &["2026-11-30T18:00:00+01:00", "2026-12-31T18:00:00+01:00"]);
    check("0 18 15,L * *", after, &["2026-11-30T18:00:00+01:00", "2026-12-15T18:00:00+01:00"]);
    check("0 0 29 2 *", after, &["2028-02-29T00:00:00+01:00", "2032-02-29T00:00:00+01:00"]);
}

#[test]
fn the_words_of_cron_are_read() {
    let after = "2026-11-22T12:10:00+01:00";
    check("@hourly", after, &["2026-11-22T13:00:00+01:00", "2026-11-22T14:00:00+01:00"]);
    check("@daily", after, &["2026-11-23T00:00:00+01:00"]);
    check("@midnight", after, &["2026-11-23T00:00:00+01:00"]);
    check("@weekly", after, &["2026-11-29T00:00:00+01:00"]);
    check("@monthly", after, &["2026-12-01T00:00:00+01:00"]);
    check("@yearly", after, &["2027-01-01T00:00:00+01:00"]);
    check("@annually", after, &["2027-01-01T00:00:00+01:00"]);
}

#[test]
fn either_day_is_enough_when_both_are_restricted() {
    // The 13th, and each Friday: cron's own example.
    let after = "2026-11-09T00:00:00+01:00";
    check(
        "0 8 13 * 5",
        after,
        &[
            "2026-11-13T08:00:00+01:00",
            "2026-11-20T08:00:00+01:00",
            "2026-11-27T08:00:00+01:00",
            "2026-12-04T08:00:00+01:00",
            "2026-12-11T08:00:00+01:00",
            "2026-12-13T08:00:00+01:00",
        ],
    );
    // With a star, even one with a step, both have to hold: the odd days that are Mondays.
    check(
        "0 8 */2 * 1",
        after,
        &["2026-11-09T08:00:00+01:00", "2026-11-23T08:00:00+01:00", "2026-12-07T08:00:00+01:00"],
    );
}

#[test]
fn a_fixed_time_that_does_not_exist_runs_once_at_the_end_of_the_gap() {
    let after = "2026-03-28T12:00:00+01:00";
    check("30 2 * * *", after, &["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]);
    check("*/15 2 * * *", after, &["2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"]);
    check("0 2,3 * * *", after, &["2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"]);
    // Only on its days.
    check("30 2 * * 1", after, &["2026-03-30T02:30:00+02:00"]);
}

#[test]
fn a_fixed_time_that_exists_twice_runs_the_first_time_only() {
    let after = "2026-10-24T12:00:00+02:00";
    check("30 2 * * *", after, &["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]);
    check(
        "0,30 1-3 * * *",
        "2026-10-25T01:30:00+02:00",
        &[
            "2026-10-25T02:00:00+02:00",
            "2026-10-25T02:30:00+02:00",
            "2026-10-25T03:00:00+01:00",
            "2026-10-25T03:30:00+01:00",
        ],
    );
    check("30 2 * * *", "2026-10-25T02:10:00+01:00", &["2026-10-26T02:30:00+01:00"]);
}

#[test]
fn every_hour_is_every_real_hour_on_the_nights_of_the_change() {
    check(
        "*/30 * * * *",
        "2026-03-29T01:00:00+01:00",
        &["2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"],
    );
    check(
        "*/30 * * * *",
        "2026-10-25T02:00:00+02:00",
        &[
            "2026-10-25T02:30:00+02:00",
            "2026-10-25T02:00:00+01:00",
            "2026-10-25T02:30:00+01:00",
            "2026-10-25T03:00:00+01:00",
        ],
    );
    // All hours written out are all hours.
    check(
        "0 0-23 * * *",
        "2026-10-25T01:00:00+02:00",
        &["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"],
    );
}

#[test]
fn every_half_hour_is_as_far_from_the_next_all_year() {
    let schedule = Schedule::cron("*/30 * * * *").unwrap();
    let mut moment = at("2026-01-01T00:00:00+01:00");
    while moment < at("2027-01-01T00:00:00+01:00") {
        let next = schedule.next(moment, &paris());
        assert_eq!(next.duration_since(moment).as_mins(), 30, "{moment}");
        moment = next;
    }
}

#[test]
fn schedules_are_said_in_words_where_they_are_simple() {
    #[track_caller]
    fn check(cron: &str, expected: &str) {
        assert_eq!(Schedule::cron(cron).expect("an expression").describe(), expected);
    }
    check("* * * * *", "every minute");
    check("*/15 * * * *", "every 15 minutes");
    check("0 * * * *", "every hour");
    check("@hourly", "every hour");
    check("20 * * * *", "every hour at minute 20");
    check("*/30 * * * 1-5", "every 30 minutes, from Monday to Friday");
    check("30 8 * * *", "every day at 08:30");
    check("0 8,13 * * *", "every day at 08:00 and 13:00");
    check("0 8 * * 1-5", "from Monday to Friday at 08:00");
    check("0 8 * * 1", "every Monday at 08:00");
    check("0 8 * * 0,3,6", "every Wednesday, Saturday and Sunday at 08:00");
    check("0 8 1 * *", "on day 1 of the month at 08:00");
    check("0 8 1,15 * *", "on days 1 and 15 of the month at 08:00");
    check("0 18 L * *", "on the last day of the month at 18:00");
    check("0 8 15,L * *", "by cron `0 8 15,L * *`");
    check("0 8 13 * 5", "by cron `0 8 13 * 5`");
    check("0 8 1 1 *", "by cron `0 8 1 1 *`");
    check("*/20 8-18 * * *", "by cron `*/20 8-18 * * *`");
    check("*/25 * * * *", "by cron `*/25 * * * *`");
}

#[test]
fn a_zone_without_changes_has_plain_hours() {
    let schedule = Schedule::cron("0 2 * * *").unwrap();
    let next = schedule.next(at("2026-03-29T00:00:00Z"), &TimeZone::UTC);
    assert_eq!(next, at("2026-03-29T02:00:00Z"));
}
