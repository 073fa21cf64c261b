//! The timetable, rule by rule.

use std::sync::Arc;

use penny_schedule::{Event, Overlap, Pauses, Rules, Schedule, Trigger};

use crate::play::{Play, daily, every, names};

fn ended(name: &str) -> Event {
    Event::Ended(names(&[name]))
}

fn paused(notebooks: &[&str]) -> Event {
    Event::Paused(Pauses { all: false, notebooks: names(notebooks) })
}

fn listed(notebooks: &[(&str, &Rules)]) -> Event {
    let notebooks = notebooks.iter();
    Event::Reloaded(
        notebooks.map(|(name, rules)| ((*name).to_owned(), Arc::new((*rules).clone()))).collect(),
    )
}

#[test]
fn nothing_is_due_before_the_beginning() {
    let mut play = Play::new("2026-11-23T07:00:00+01:00", &[("a", &daily(&["08:00"]), None)]);
    assert_eq!(play.wake(), Some(0));
    play.check_tick("2026-11-23T08:00:00+01:00", &[]);
    play.check(
        Event::Begin,
        &["follow a from 23 07:00:00", "sync catch-up 23 08:00:00", "  a catch-up 23 08:00:00"],
    );
    // It begins once.
    play.check(Event::Begin, &[]);
}

#[test]
fn notebooks_that_are_due_together_are_one_sync_in_the_order_of_the_list() {
    let (early, late) = (daily(&["08:00", "12:00"]), daily(&["08:00"]));
    let mut play = Play::begun("2026-11-23T07:00:00+01:00", &[("b", &late), ("a", &early)]);
    assert_eq!(play.wake(), Some(30));
    play.check_tick("2026-11-23T07:59:50+01:00", &[]);
    assert_eq!(play.wake(), Some(10));
    play.check_tick(
        "2026-11-23T08:00:00+01:00",
        &["sync timer 23 08:00:00", "  b timer 23 08:00:00", "  a timer 23 08:00:00"],
    );
    play.check(ended("a"), &[]);
    play.check_tick(
        "2026-11-23T12:00:01+01:00",
        &["sync timer 23 12:00:00", "  a timer 23 12:00:00"],
    );
    assert_eq!(play.next("a"), "24 08:00:00");
}

#[test]
fn an_interval_counts_from_its_own_due_times_however_long_the_runs_are() {
    let mut play = Play::begun("2026-11-23T07:00:00+01:00", &[("a", &every("2h"))]);
    play.check_tick(
        "2026-11-23T09:00:20+01:00",
        &["sync timer 23 09:00:00", "  a timer 23 09:00:00"],
    );
    play.until("2026-11-23T10:30:00+01:00").check(ended("a"), &[]);
    play.check_tick(
        "2026-11-23T11:00:00+01:00",
        &["sync timer 23 11:00:00", "  a timer 23 11:00:00"],
    );
}

#[test]
fn a_first_sync_takes_place_at_the_start_where_it_is_wanted() {
    let at_start = Rules { at_start: true, ..every("2h") };
    let other = daily(&["08:00"]);
    let mut play =
        Play::new("2026-11-23T07:00:00+01:00", &[("a", &at_start, None), ("b", &other, None)]);
    play.check(
        Event::Begin,
        &[
            "follow a from 23 07:00:00",
            "follow b from 23 07:00:00",
            "sync start not due",
            "  a start not due",
        ],
    );
    assert_eq!(play.next("a"), "23 09:00:00");
}

#[test]
fn what_was_missed_while_penny_was_off_is_caught_up_once() {
    let at_start = Rules { at_start: true, ..every("2h") };
    let mut play = Play::new(
        "2026-11-23T09:10:00+01:00",
        &[
            ("a", &at_start, Some("2026-11-22T18:00:00+01:00")),
            ("b", &daily(&["08:00", "09:00"]), Some("2026-11-22T09:00:00+01:00")),
            ("c", &at_start, Some("2026-11-23T09:00:00+01:00")),
            ("d", &daily(&["10:00"]), Some("2026-11-22T10:00:00+01:00")),
        ],
    );
    play.check(
        Event::Begin,
        &[
            "miss a 22 20:00:00 to 23 06:00:00 (6, off)",
            "miss b 23 08:00:00 (1, off)",
            "sync catch-up 23 09:00:00",
            "  a catch-up 23 08:00:00",
            "  b catch-up 23 09:00:00",
            "  c start not due",
        ],
    );
    assert_eq!(play.next("a"), "23 10:00:00");
    assert_eq!(play.next("c"), "23 11:00:00");
}

#[test]
fn without_catching_up_what_was_missed_is_told_and_the_start_is_a_start() {
    let rules = Rules { catch_up: false, at_start: true, ..daily(&["08:00"]) };
    let only_due = Rules { at_start: false, ..rules.clone() };
    let last = Some("2026-11-20T08:00:00+01:00");
    let mut play =
        Play::new("2026-11-23T09:00:00+01:00", &[("a", &rules, last), ("b", &only_due, last)]);
    play.check(
        Event::Begin,
        &[
            "miss a 21 08:00:00 to 23 08:00:00 (3, off)",
            "miss b 21 08:00:00 to 23 08:00:00 (3, off)",
            "sync start not due",
            "  a start not due",
        ],
    );
}

#[test]
fn a_due_time_during_the_run_is_skipped_and_said() {
    let mut play = Play::begun("2026-11-23T07:00:00+01:00", &[("a", &every("1h"))]);
    play.check_tick(
        "2026-11-23T08:00:00+01:00",
        &["sync timer 23 08:00:00", "  a timer 23 08:00:00"],
    );
    play.check_tick("2026-11-23T09:00:00+01:00", &["miss a 23 09:00:00 (1, overlap)"]);
    play.until("2026-11-23T09:10:00+01:00").check(ended("a"), &[]);
    play.check_tick(
        "2026-11-23T10:00:00+01:00",
        &["sync timer 23 10:00:00", "  a timer 23 10:00:00"],
    );
}

#[test]
fn a_due_time_during_the_run_is_queued_once_if_so_set() {
    let rules = Rules { overlap: Overlap::Queue, ..every("1h") };
    let mut play = Play::begun("2026-11-23T07:00:00+01:00", &[("a", &rules)]);
    play.check_tick(
        "2026-11-23T08:00:00+01:00",
        &["sync timer 23 08:00:00", "  a timer 23 08:00:00"],
    );
    play.check_tick("2026-11-23T09:00:00+01:00", &[]);
    // The latest due time takes the place.
    play.check_tick("2026-11-23T10:00:00+01:00", &["miss a 23 09:00:00 (1, overlap)"]);
    play.until("2026-11-23T10:20:00+01:00")
        .check(ended("a"), &["sync timer 23 10:00:00", "  a timer 23 10:00:00"]);
    play.until("2026-11-23T10:30:00+01:00").check(ended("a"), &[]);
}

#[test]
fn a_run_that_ended_before_the_due_time_was_noticed_is_no_overlap() {
    let mut play = Play::begun("2026-11-23T07:00:00+01:00", &[("a", &every("1h"))]);
    play.check_tick(
        "2026-11-23T08:00:00+01:00",
        &["sync timer 23 08:00:00", "  a timer 23 08:00:00"],
    );
    play.until("2026-11-23T09:00:01+01:00")
        .check(ended("a"), &["sync timer 23 09:00:00", "  a timer 23 09:00:00"]);
}

#[test]
fn a_computer_that_slept_catches_up_once() {
    let mut play =
        Play::begun("2026-11-23T07:00:00+01:00", &[("a", &every("2h")), ("b", &daily(&["08:00"]))]);
    play.jump("2026-11-23T14:30:00+01:00").check(
        Event::Tick,
        &[
            "miss a 23 09:00:00 to 23 11:00:00 (2, off)",
            "sync catch-up 23 13:00:00",
            "  a catch-up 23 13:00:00",
            "  b catch-up 23 08:00:00",
        ],
    );
    assert_eq!(play.next("a"), "23 15:00:00");
}

#[test]
fn a_sleep_during_a_run_is_caught_up_after_it() {
    let mut play = Play::begun("2026-11-23T07:00:00+01:00", &[("a", &every("2h"))]);
    play.check_tick(
        "2026-11-23T09:00:00+01:00",
        &["sync timer 23 09:00:00", "  a timer 23 09:00:00"],
    );
    play.jump("2026-11-23T18:30:00+01:00")
        .check(Event::Tick, &["miss a 23 11:00:00 to 23 15:00:00 (3, off)"]);
    play.until("2026-11-23T18:31:00+01:00")
        .check(ended("a"), &["sync catch-up 23 17:00:00", "  a catch-up 23 17:00:00"]);
}

#[test]
fn a_due_time_that_waits_gives_its_place_to_the_later_one() {
    let mut play = Play::begun("2026-11-23T07:00:00+01:00", &[("a", &every("2h"))]);
    play.check_tick(
        "2026-11-23T09:00:00+01:00",
        &["sync timer 23 09:00:00", "  a timer 23 09:00:00"],
    );
    play.jump("2026-11-23T12:00:00+01:00").check(Event::Tick, &[]);
    play.check_tick("2026-11-23T13:00:00+01:00", &["miss a 23 11:00:00 (1, overlap)"]);
    play.check(paused(&["a"]), &[]);
    play.check_tick(
        "2026-11-23T15:00:00+01:00",
        &["miss a 23 13:00:00 (1, paused)", "miss a 23 15:00:00 (1, paused)"],
    );
    play.check(ended("a"), &[]);
}

#[test]
fn what_passes_while_paused_is_missed_and_nothing_is_caught_up() {
    let mut play =
        Play::begun("2026-11-23T07:00:00+01:00", &[("a", &every("1h")), ("b", &every("1h"))]);
    play.check(paused(&["a"]), &[]);
    play.check_tick(
        "2026-11-23T08:00:00+01:00",
        &["miss a 23 08:00:00 (1, paused)", "sync timer 23 08:00:00", "  b timer 23 08:00:00"],
    );
    play.check(ended("b"), &[]);
    // A sleep while paused is a pause too, even when the pause ends before the next look at the clock.
    play.jump("2026-11-23T10:30:00+01:00").check(
        paused(&[]),
        &[
            "miss a 23 09:00:00 to 23 10:00:00 (2, paused)",
            "miss b 23 09:00:00 (1, off)",
            "sync catch-up 23 10:00:00",
            "  b catch-up 23 10:00:00",
        ],
    );
    play.check(ended("b"), &[]);
    play.check_tick(
        "2026-11-23T11:00:00+01:00",
        &["sync timer 23 11:00:00", "  a timer 23 11:00:00", "  b timer 23 11:00:00"],
    );
}

#[test]
fn a_pause_of_all_covers_new_notebooks_and_the_start() {
    let rules = Rules { at_start: true, ..daily(&["08:00"]) };
    let mut play =
        Play::new("2026-11-23T09:00:00+01:00", &[("a", &rules, Some("2026-11-22T08:00:00+01:00"))]);
    play.check(Event::Paused(Pauses { all: true, notebooks: Vec::new() }), &[]);
    play.check(Event::Begin, &["miss a 23 08:00:00 (1, paused)"]);
    play.check(listed(&[("a", &rules), ("b", &rules)]), &["follow b from 23 09:00:00"]);
    assert!(play.timetable.next_times().all(|standing| standing.paused));
}

#[test]
fn who_asks_is_answered_whatever_is_paused_and_once_after_the_run_in_progress() {
    let mut play =
        Play::begun("2026-11-23T07:00:00+01:00", &[("a", &every("1h")), ("b", &every("1h"))]);
    play.check(paused(&["a"]), &[]);
    let asked = || Event::Asked(names(&["a", "nobody", "a"]));
    play.check(asked(), &["sync manual not due", "  a manual not due"]);
    play.check(asked(), &[]);
    play.check(asked(), &[]);
    assert!(play.timetable.next_times().any(|standing| standing.queued && standing.running));
    play.check(ended("a"), &["sync manual not due", "  a manual not due"]);
    play.check(ended("a"), &[]);
}

#[test]
fn a_saved_file_runs_its_notebook_once_after_the_run_in_progress() {
    let mut play = Play::begun("2026-11-23T07:00:00+01:00", &[("a", &every("1h"))]);
    let changed = || Event::Changed(names(&["a"]));
    play.check(changed(), &["sync file change not due", "  a file change not due"]);
    play.check(changed(), &[]);
    play.check(changed(), &[]);
    // The due time is skipped as ever: the run that is queued was not put there for it.
    play.check_tick("2026-11-23T08:00:00+01:00", &["miss a 23 08:00:00 (1, overlap)"]);
    play.check(ended("a"), &["sync file change not due", "  a file change not due"]);
    play.check(ended("a"), &[]);
    play.check(paused(&["a"]), &[]);
    play.check(changed(), &[]);
}

#[test]
fn what_is_queued_when_a_pause_begins_does_not_run_but_for_who_asked() {
    let rules = Rules { overlap: Overlap::Queue, ..every("1h") };
    let mut play = Play::begun("2026-11-23T07:00:00+01:00", &[("a", &rules), ("b", &rules)]);
    play.check_tick(
        "2026-11-23T08:00:00+01:00",
        &["sync timer 23 08:00:00", "  a timer 23 08:00:00", "  b timer 23 08:00:00"],
    );
    play.check_tick("2026-11-23T09:00:00+01:00", &[]);
    play.check(Event::Asked(names(&["b"])), &[]);
    play.check(paused(&["a", "b"]), &[]);
    play.check(
        Event::Ended(names(&["a", "b"])),
        &["miss a 23 09:00:00 (1, paused)", "sync manual 23 09:00:00", "  b manual 23 09:00:00"],
    );
}

#[test]
fn a_reload_keeps_the_phase_of_what_stayed_the_same() {
    let (two, three) = (every("2h"), every("3h"));
    let mut play =
        Play::begun("2026-11-23T07:00:00+01:00", &[("a", &two), ("b", &two), ("c", &two)]);
    play.until("2026-11-23T08:00:00+01:00");
    let other_overlap = Rules { overlap: Overlap::Queue, catch_up: false, ..two.clone() };
    let new = Rules { at_start: true, ..two.clone() };
    play.check(
        listed(&[("d", &new), ("b", &three), ("a", &other_overlap)]),
        &[
            "follow d from 23 08:00:00",
            "follow b from 23 08:00:00",
            "sync start not due",
            "  d start not due",
        ],
    );
    assert_eq!(play.next("a"), "23 09:00:00");
    assert_eq!(play.next("b"), "23 11:00:00");
    assert_eq!(play.next("d"), "23 10:00:00");
    assert_eq!(play.timetable.next_times().count(), 3);
}

#[test]
fn a_notebook_that_is_taken_out_while_it_runs_does_not_run_twice_when_it_is_back() {
    let rules = Rules { at_start: true, ..every("1h") };
    let mut play = Play::begun("2026-11-23T07:00:00+01:00", &[("a", &rules), ("b", &rules)]);
    play.check(listed(&[("b", &rules)]), &[]);
    assert_eq!(play.timetable.next_times().count(), 1);
    play.check_tick("2026-11-23T08:00:00+01:00", &["miss b 23 08:00:00 (1, overlap)"]);
    play.until("2026-11-23T08:30:00+01:00");
    play.check(listed(&[("a", &rules), ("b", &rules)]), &["follow a from 23 08:30:00"]);
    play.check_tick("2026-11-23T09:00:00+01:00", &["miss b 23 09:00:00 (1, overlap)"]);
    play.check_tick("2026-11-23T09:30:00+01:00", &["miss a 23 09:30:00 (1, overlap)"]);
    play.check(ended("a"), &[]);
    play.check_tick(
        "2026-11-23T10:30:00+01:00",
        &["sync timer 23 10:30:00", "  a timer 23 10:30:00"],
    );
}

#[test]
fn a_timetable_without_notebooks_sleeps_until_something_happens() {
    let mut play = Play::begun("2026-11-23T07:00:00+01:00", &[("a", &every("1h"))]);
    play.check(listed(&[]), &[]);
    assert_eq!(play.wake(), None);
    assert_eq!(play.timetable.next_due(), None);
    play.check(Event::Asked(names(&["a"])), &[]);
}

#[test]
fn a_year_of_minutes_that_passed_is_one_action_and_no_wait() {
    let rules = crate::play::rules(Schedule::cron("* * * * *").unwrap());
    let mut play =
        Play::new("2026-11-23T07:00:30+01:00", &[("a", &rules, Some("2025-11-23T07:00:00+01:00"))]);
    let actions = play.step(Event::Begin);
    assert_eq!(
        actions,
        [
            "miss a 23 07:01:00 to 23 06:59:00 (9999, off)",
            "sync catch-up 23 07:00:00",
            "  a catch-up 23 07:00:00"
        ]
    );
    assert_eq!(play.next("a"), "23 07:01:00");
}

#[test]
fn triggers_have_the_words_of_the_history() {
    let words =
        [Trigger::Start, Trigger::Timer, Trigger::Manual, Trigger::CatchUp, Trigger::FileChange];
    assert_eq!(words.map(Trigger::word), ["start", "timer", "manual", "catch-up", "file change"]);
}
