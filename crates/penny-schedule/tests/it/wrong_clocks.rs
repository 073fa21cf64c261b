//! Clocks that are set back, are wrong for a while, and are put right.

use crate::support::at;
use penny_schedule::{Event, Pauses};

use crate::play::{Play, daily, every, names};

fn ended(name: &str) -> Event {
    Event::Ended(names(&[name]))
}

#[test]
fn a_clock_set_back_makes_no_interval_longer() {
    let mut play =
        Play::begun("2026-11-23T08:00:00+01:00", &[("a", &every("2h")), ("b", &daily(&["09:30"]))]);
    play.check_tick(
        "2026-11-23T09:30:00+01:00",
        &["sync timer 23 09:30:00", "  b timer 23 09:30:00"],
    );
    play.check(ended("b"), &[]);
    play.check_tick(
        "2026-11-23T10:00:00+01:00",
        &["sync timer 23 10:00:00", "  a timer 23 10:00:00"],
    );
    play.check(ended("a"), &[]);
    // Half an hour later the clock goes back by an hour.
    play.until("2026-11-23T10:30:00+01:00")
        .jump("2026-11-23T09:30:00+01:00")
        .check(Event::Tick, &[]);
    // An hour and a half of real time is left to the interval; 09:30 has been.
    assert_eq!(play.next("a"), "23 10:59:59");
    assert_eq!(play.next("b"), "24 09:30:00");
    play.check_tick(
        "2026-11-23T10:59:59+01:00",
        &["sync timer 23 10:59:59", "  a timer 23 10:59:59"],
    );
    assert_eq!(play.next("a"), "23 12:59:59");
}

#[test]
fn a_due_time_that_a_clock_is_set_back_over_before_it_is_noticed_is_not_lost() {
    let mut play = Play::begun("2026-11-23T08:00:00+01:00", &[("a", &every("2h"))]);
    play.check_tick("2026-11-23T09:59:50+01:00", &[]);
    play.until("2026-11-23T10:00:10+01:00").jump("2026-11-23T07:00:10+01:00");
    play.check(Event::Tick, &["sync timer 23 06:59:59", "  a timer 23 06:59:59"]);
}

#[test]
fn a_clock_that_drifts_is_followed() {
    let mut play = Play::begun("2026-11-23T08:00:00+01:00", &[("a", &every("2h"))]);
    // Each step half a second is lost: twenty of them are ten seconds.
    for step in 1..=20 {
        play.until(&format!("2026-11-23T08:{step:02}:00.5+01:00"));
        play.jump(&format!("2026-11-23T08:{step:02}:00+01:00"));
        play.check(Event::Tick, &[]);
    }
    assert!(play.next("a").as_str() < "23 09:59:51", "{}", play.next("a"));
}

#[test]
fn a_clock_set_back_by_more_than_a_day_starts_the_schedules_anew() {
    let mut play = Play::begun("2036-11-23T07:00:00+01:00", &[("a", &daily(&["08:00"]))]);
    play.check_tick(
        "2036-11-23T08:00:00+01:00",
        &["sync timer 23 08:00:00", "  a timer 23 08:00:00"],
    );
    play.check(ended("a"), &[]);
    play.jump("2026-11-20T07:00:00+01:00").check(Event::Tick, &["follow a from 20 07:00:00"]);
    play.check_tick(
        "2026-11-20T08:00:00+01:00",
        &["sync timer 20 08:00:00", "  a timer 20 08:00:00"],
    );
}

/// A daily notebook and one of every two hours, whose times of this morning have run.
fn a_morning() -> Play {
    let (daily, interval) = (daily(&["08:00"]), every("2h"));
    let mut play = Play::begun("2026-11-24T07:00:00+01:00", &[("a", &daily), ("b", &interval)]);
    for (time, name) in [("08:00", "a"), ("09:00", "b")] {
        play.until(&format!("2026-11-24T{time}:00+01:00")).step(Event::Tick);
        play.check(ended(name), &[]);
    }
    play.until("2026-11-24T10:30:00+01:00");
    play
}

#[test]
fn a_clock_that_was_a_month_behind_for_a_moment_has_jumped_over_nothing() {
    let mut play = a_morning();
    let anew = ["follow a from 25 10:30:00", "follow b from 25 10:30:00"];
    play.jump("2026-10-25T10:30:00+01:00").check(Event::Tick, &anew);
    assert_eq!(play.next("a"), "26 08:00:00");
    play.check_tick("2026-10-25T10:30:04+01:00", &[]);
    let again = ["follow a from 24 08:00:00", "follow b from 24 09:00:00"];
    play.jump("2026-11-24T10:30:04+01:00").check(Event::Tick, &again);
    assert_eq!((play.next("a"), play.next("b")), ("25 08:00:00".into(), "24 11:00:00".into()));
    play.check_tick("2026-11-24T10:59:00+01:00", &[]);
    play.check_tick(
        "2026-11-24T11:00:00+01:00",
        &["sync timer 24 11:00:00", "  b timer 24 11:00:00"],
    );
}

#[test]
fn what_ran_while_the_clock_was_wrong_does_not_bring_back_what_ran_before() {
    let mut play = a_morning();
    play.jump("2026-10-25T10:30:00+01:00").step(Event::Tick);
    play.check_tick(
        "2026-10-26T08:00:00+01:00",
        &[
            "miss b 25 12:30:00 to 26 04:30:00 (9, off)",
            "sync catch-up 26 08:00:00",
            "  a timer 26 08:00:00",
            "  b catch-up 26 06:30:00",
        ],
    );
    play.check(Event::Ended(names(&["a", "b"])), &[]);
    // By then it is the 25th: what was due that morning was not accounted for by either clock.
    play.jump("2026-11-25T08:00:10+01:00").check(
        Event::Tick,
        &[
            "follow a from 24 08:00:00",
            "follow b from 24 09:00:00",
            "miss b 24 11:00:00 to 25 05:00:00 (10, off)",
            "sync catch-up 25 08:00:00",
            "  a timer 25 08:00:00",
            "  b catch-up 25 07:00:00",
        ],
    );
}

#[test]
fn a_service_that_started_while_the_clock_was_wrong_knows_what_ran_before() {
    let last = Some("2026-11-24T08:00:00+01:00");
    let mut play =
        Play::new("2026-10-25T10:00:00+01:00", &[("a", &daily(&["08:00", "12:00"]), last)]);
    play.check(Event::Begin, &["follow a from 25 10:00:00"]);
    // Put right to some minutes before that: it was a little fast.
    play.jump("2026-11-24T07:57:00+01:00").check(Event::Tick, &["follow a from 24 08:00:00"]);
    assert_eq!(play.next("a"), "24 12:00:00");
}

#[test]
fn a_clock_that_was_wrong_and_was_put_right_once_keeps_no_due_time_from_its_run() {
    let mut play = a_morning();
    // It was a month ahead. Three weeks later the computer sleeps until after the time that has been shown before.
    play.jump("2026-10-25T10:30:00+01:00").step(Event::Tick);
    play.check(Event::Paused(Pauses { all: false, notebooks: names(&["b"]) }), &[]);
    play.until("2026-11-14T10:30:00+01:00").step(Event::Tick);
    play.check(ended("a"), &[]);
    play.jump("2026-11-24T10:31:00+01:00").check(
        Event::Tick,
        &[
            "miss b 14 12:30:00 to 24 10:30:00 (120, paused)",
            "miss a 15 08:00:00 to 23 08:00:00 (9, off)",
            "sync catch-up 24 08:00:00",
            "  a catch-up 24 08:00:00",
        ],
    );
}

#[test]
fn a_last_due_time_that_is_ahead_of_the_clock_holds_nobody_up() {
    let last = Some("2026-11-23T12:00:00+01:00");
    let far = Some("2036-11-23T12:00:00+01:00");
    let (interval, clock) = (every("2h"), daily(&["11:00", "13:00"]));
    let mut play = Play::new(
        "2026-11-23T10:00:00+01:00",
        &[("a", &interval, last), ("b", &clock, last), ("c", &clock, far)],
    );
    play.check(Event::Begin, &["follow a from 23 10:00:00", "follow c from 23 10:00:00"]);
    // An interval is never waited for longer than itself; what was accounted for stays so.
    assert_eq!(play.next("a"), "23 12:00:00");
    assert_eq!(play.next("b"), "23 13:00:00");
    assert_eq!(play.next("c"), "23 11:00:00");
}

/// The computer is off whenever the notebook is due: it is caught up each morning, although what was accounted for last
/// is years away.
#[test]
fn what_passed_since_a_clock_was_put_right_is_caught_up_after_each_start() {
    let far = Some("2036-11-23T06:00:00+01:00");
    let mut play = Play::new("2026-11-24T08:30:00+01:00", &[("a", &daily(&["06:00"]), far)]);
    play.timetable.recount(&[("a".to_owned(), at("2026-11-23T10:00:00+01:00"))]);
    play.check(Event::Begin, &["sync catch-up 24 06:00:00", "  a catch-up 24 06:00:00"]);
    // What is known, and what is yet to come, is not counted anew.
    let known = Some("2026-11-24T06:00:00+01:00");
    let mut play = Play::new(
        "2026-11-24T08:30:00+01:00",
        &[("a", &daily(&["06:00"]), known), ("b", &daily(&["06:00"]), far)],
    );
    let counted = [("a", "2026-10-01T10:00:00+02:00"), ("b", "2026-12-23T10:00:00+01:00")];
    play.timetable.recount(&counted.map(|(name, from)| (name.to_owned(), at(from))));
    play.check(Event::Begin, &["follow b from 24 08:30:00"]);
}
