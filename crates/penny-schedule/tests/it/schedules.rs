//! Intervals and daily times across the changes of clocks.

use jiff::Timestamp;
use jiff::civil::{Time, time};
use penny_schedule::{Schedule, ScheduleError};
use proptest::prelude::*;

use crate::support::{at, check_next, paris};

/// The moments at which a daily schedule is due after another, as the clock in the zone shows them.
#[track_caller]
fn check_daily(times: &[&str], zone: &str, after: &str, expected: &[&str]) {
    check_next(&Schedule::daily_at(times).expect("a daily schedule"), zone, after, expected);
}

#[test]
fn an_interval_is_real_time() {
    let schedule = Schedule::every("2h").unwrap();
    // The clock goes from 02:00 to 03:00 that night.
    let next = schedule.next(at("2026-03-29T01:30:00+01:00"), &paris());
    assert_eq!(next, at("2026-03-29T04:30:00+02:00"));
}

#[test]
fn daily_times_follow_each_other_strictly() {
    check_daily(
        &["13:30", "08:00"],
        "Europe/Paris",
        "2026-06-01T08:00:00+02:00",
        &["2026-06-01T13:30:00+02:00", "2026-06-02T08:00:00+02:00", "2026-06-02T13:30:00+02:00"],
    );
}

#[test]
fn a_daily_time_keeps_the_clocks_hour_in_winter_and_summer() {
    check_daily(
        &["08:00"],
        "Europe/Paris",
        "2026-03-28T08:00:00+01:00",
        &["2026-03-29T08:00:00+02:00", "2026-03-30T08:00:00+02:00"],
    );
}

#[test]
fn times_that_the_clock_jumps_over_are_due_once_at_the_end_of_the_gap() {
    check_daily(
        &["02:15", "02:30"],
        "Europe/Paris",
        "2026-03-28T12:00:00+01:00",
        &["2026-03-29T03:00:00+02:00", "2026-03-30T02:15:00+02:00"],
    );
    check_daily(
        &["02:30", "03:00"],
        "Europe/Paris",
        "2026-03-28T12:00:00+01:00",
        &["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"],
    );
}

#[test]
fn a_time_that_the_clock_shows_twice_is_due_the_first_time_only() {
    check_daily(
        &["02:30"],
        "Europe/Paris",
        "2026-10-24T12:00:00+02:00",
        &["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"],
    );
    // Also from between the two.
    check_daily(
        &["02:30"],
        "Europe/Paris",
        "2026-10-25T02:45:00+02:00",
        &["2026-10-26T02:30:00+01:00"],
    );
}

#[test]
fn midnight_may_be_missing_and_so_may_a_whole_day() {
    // In Beirut summer begins at midnight, in Samoa the 30th of December 2011 was left out.
    check_daily(
        &["00:00"],
        "Asia/Beirut",
        "2026-03-28T12:00:00+02:00",
        &["2026-03-29T01:00:00+03:00"],
    );
    check_daily(
        &["08:00"],
        "Pacific/Apia",
        "2011-12-29T12:00:00-10:00",
        &["2011-12-31T00:00:00+14:00", "2011-12-31T08:00:00+14:00"],
    );
}

#[test]
fn schedules_are_said_in_words() {
    #[track_caller]
    fn check(schedule: Result<Schedule, ScheduleError>, expected: &str) {
        assert_eq!(schedule.expect("a schedule").describe(), expected);
    }
    check(Schedule::every("2h"), "every 2 hours");
    check(Schedule::every("60 min"), "every hour");
    check(Schedule::every("1h30m"), "every 1 hour 30 minutes");
    check(Schedule::every("1d"), "every day");
    check(Schedule::daily_at(&["8:00"]), "every day at 08:00");
    check(Schedule::daily_at(&["13:30", "08:00"]), "every day at 08:00 and 13:30");
    check(Schedule::daily_at(&["13:30", "08:00", "18h"]), "every day at 08:00, 13:30 and 18:00");
}

#[test]
fn what_is_wrong_is_said() {
    #[track_caller]
    fn check(schedule: Result<Schedule, ScheduleError>, expected: &str) {
        assert_eq!(schedule.expect_err("no schedule").to_string(), expected);
    }
    check(
        Schedule::every("30s"),
        "`30s` is too short for a schedule: the shortest interval is one minute, `1m`",
    );
    check(
        Schedule::every("400d"),
        "`400d` is too long: the longest length of time is 366 days, `366d`",
    );
    check(
        Schedule::daily_at(&["08:00", "25:00"]),
        "`25:00` is not a time of day: write hours and minutes, such as `08:00` or `13:30`",
    );
    check(
        Schedule::daily_at(&["08:00", "8h"]),
        "`08:00` is in the daily schedule twice: name each time once",
    );
    check(
        Schedule::daily_at::<&str>(&[]),
        "a daily schedule needs at least one time of day, such as `08:00`",
    );
}

#[test]
fn the_end_of_time_is_no_panic() {
    assert_eq!(Schedule::every("1d").unwrap().next(Timestamp::MAX, &paris()), Timestamp::MAX);
    assert_eq!(
        Schedule::daily_at(&["08:00"]).unwrap().next(Timestamp::MAX, &paris()),
        Timestamp::MAX
    );
    let first = Schedule::daily_at(&["08:00"]).unwrap().next(Timestamp::MIN, &paris());
    assert!(first > Timestamp::MIN);
}

/// Moments of the years 2000 to 2037, most of them within a day of a change of clocks in Paris.
fn moments() -> impl Strategy<Value = Timestamp> {
    let anywhere = 946_684_800_i64..2_145_916_800;
    let near_a_change = (anywhere.clone(), -86_400_i64..86_400).prop_map(|(second, offset)| {
        let moment = Timestamp::from_second(second).expect("in range");
        let zone = paris();
        let change = zone.following(moment).next().expect("clocks go on changing");
        change.timestamp().as_second() + offset
    });
    prop_oneof![1 => anywhere, 3 => near_a_change]
        .prop_map(|second| Timestamp::from_second(second).expect("in range"))
}

fn daily() -> impl Strategy<Value = (Schedule, Vec<Time>)> {
    proptest::collection::btree_set((0_i8..24, 0_i8..60), 1..4).prop_map(|times| {
        let times: Vec<Time> =
            times.iter().map(|&(hour, minute)| time(hour, minute, 0, 0)).collect();
        let texts: Vec<String> =
            times.iter().map(|time| time.strftime("%H:%M").to_string()).collect();
        (Schedule::daily_at(&texts).expect("different times of day"), times)
    })
}

proptest! {
    #[test]
    fn an_interval_is_due_later(minutes in 1_u32..527_040, after in moments()) {
        let next = Schedule::every(&format!("{minutes}m")).unwrap().next(after, &paris());
        prop_assert_eq!(next.duration_since(after).as_secs(), i64::from(minutes) * 60);
    }

    #[test]
    fn a_daily_time_is_due_later_and_within_25_hours((schedule, _) in daily(), after in moments()) {
        let next = schedule.next(after, &paris());
        prop_assert!(next > after);
        prop_assert!(next.duration_since(after).as_hours() <= 25);
    }

    #[test]
    fn a_daily_schedule_is_due_as_often_as_it_has_times((schedule, times) in daily(), after in moments()) {
        // From a midnight to the next but one: the days of two dates, with no time twice and none left
        // out, save those that share a gap.
        let zone = paris();
        let first = after.to_zoned(zone.clone()).start_of_day().expect("Paris has midnights");
        let end = first.date().checked_add(jiff::Span::new().days(2)).unwrap().to_zoned(zone.clone()).unwrap();
        let mut due = Vec::new();
        let mut moment = first.timestamp() - jiff::SignedDuration::from_nanos(1);
        loop {
            moment = schedule.next(moment, &zone);
            if moment >= end.timestamp() {
                break;
            }
            due.push(moment.to_zoned(zone.clone()));
        }
        for day in [first.date(), first.date().tomorrow().unwrap()] {
            let that_day: Vec<_> = due.iter().filter(|due| due.date() == day).map(|due| due.time()).collect();
            let on_the_clock = |time: &jiff::civil::Time| {
                let due = day.to_datetime(*time);
                let is_shown = due.to_zoned(zone.clone()).unwrap().datetime() == due;
                if is_shown { *time } else { jiff::civil::time(3, 0, 0, 0) }
            };
            let mut expected: Vec<_> = times.iter().map(on_the_clock).collect();
            expected.sort();
            expected.dedup();
            prop_assert_eq!(that_day, expected);
        }
    }
}
