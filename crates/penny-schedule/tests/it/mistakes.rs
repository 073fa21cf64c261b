//! What is wrong in a schedule is said in a sentence.

use penny_schedule::{Calendar, Schedule, ScheduleError};

#[track_caller]
fn check(schedule: Result<Schedule, ScheduleError>, expected: &str) {
    assert_eq!(schedule.expect_err("no schedule").to_string(), expected);
}

#[test]
fn a_field_of_cron_that_is_wrong_is_named_with_what_is_allowed() {
    check(
        Schedule::cron("60 8 * * *"),
        "`60` cannot be the minute of `60 8 * * *`: the minute is 0 to 59; right are `0`, `0,30` or `*/15`",
    );
    check(
        Schedule::cron("0 24 * * *"),
        "`24` cannot be the hour of `0 24 * * *`: the hour is 0 to 23; right are `8`, `8-18` or `*/2`",
    );
    check(
        Schedule::cron("0 8 0 * *"),
        "`0` cannot be the day of the month of `0 8 0 * *`: the day of the month is 1 to 31, or L for the \
         last; right are `1`, `1,15` or `L`",
    );
    check(
        Schedule::cron("0 8 * 13 *"),
        "`13` cannot be the month of `0 8 * 13 *`: the month is 1 to 12, or jan to dec; right are `1`, \
         `1,4,7,10` or `jan-mar`",
    );
    check(
        Schedule::cron("0 8 * * lundi"),
        "`lundi` cannot be the day of the week of `0 8 * * lundi`: the day of the week is 0 to 7 (1 is \
         Monday, 0 and 7 are Sunday), or mon to sun; right are `1`, `1-5` or `mon,thu`",
    );
}

#[test]
fn a_slip_of_cron_is_answered_with_what_was_meant() {
    check(
        Schedule::cron("0 22-2 * * *"),
        "`22-2` cannot be the hour of `0 22-2 * * *`: a range goes upwards: write `22-23,0-2` for `22-2`; \
         right are `8`, `8-18` or `*/2`",
    );
    check(
        Schedule::cron("0 8 * * fri-tue"),
        "`fri-tue` cannot be the day of the week of `0 8 * * fri-tue`: a range goes upwards: write \
         `5-6,0-2` for `5-2`; right are `1`, `1-5` or `mon,thu`",
    );
    check(
        Schedule::cron("*/90 * * * *"),
        "`*/90` cannot be the minute of `*/90 * * * *`: a step for the minute is a number from 1 to 59: \
         longer ones are said with `every`; right are `0`, `0,30` or `*/15`",
    );
    check(
        Schedule::cron("0 8 ? * 1"),
        "`?` cannot be the day of the month of `0 8 ? * 1`: write `*` in place of `?`; right are `1`, \
         `1,15` or `L`",
    );
    check(
        Schedule::cron("0 8 3W * *"),
        "`3W` cannot be the day of the month of `0 8 3W * *`: working days are said with `working_days` or \
         `working_day`; right are `1`, `1,15` or `L`",
    );
    check(
        Schedule::cron("0 0 8 * * *"),
        "`0 0 8 * * *` has 6 fields, and a cron expression has 5: minute, hour, day of the month, month, \
         day of the week, as in `30 8 * * 1-5` (Monday to Friday at 08:30); there are no seconds",
    );
    check(
        Schedule::cron("08:00"),
        "`08:00` has 1 field, and a cron expression has 5: minute, hour, day of the month, month, day of \
         the week, as in `30 8 * * 1-5` (Monday to Friday at 08:30)",
    );
    check(
        Schedule::cron("@reboot"),
        "`@reboot` says no time: write @hourly, @daily, @weekly, @monthly or @yearly, or five fields as in \
         `30 8 * * 1-5`; at each start is said with `at_start = true`",
    );
}

#[test]
fn anything_else_is_no_cron_expression() {
    for text in [
        "",
        " ",
        "a b c d e",
        "-1 * * * *",
        "1- * * * *",
        "-5 * * * *",
        "1,,2 * * * *",
        ", * * * *",
        "*/0 * * * *",
        "*/ * * * *",
        "/5 * * * *",
        "** * * * *",
        "*5 * * * *",
        "1-2-3 * * * *",
        "1.5 * * * *",
        "+1 * * * *",
        "0 8 LL * *",
        "0 8 L-1 * *",
        "0 8 * * 8",
        "0 8 * * mo",
        "0 8 * janv *",
        "99999999999999999999 * * * *",
        "0 8 * * 1#2",
    ] {
        assert!(Schedule::cron(text).is_err(), "{text}");
    }
}

#[test]
fn what_never_comes_is_refused() {
    check(
        Schedule::cron("0 8 30 2 *"),
        "no day ever fits `0 8 30 2 *`: the month is too short, or the day is a holiday",
    );
    check(
        Schedule::cron("0 8 1 5 *").unwrap().on_working_days(Calendar::France),
        "no day ever fits `0 8 1 5 *`: the month is too short, or the day is a holiday",
    );
    // But it may be rare.
    assert!(Schedule::cron("0 8 29 2 *").unwrap().on_working_days(Calendar::France).is_ok());
}

#[test]
fn days_that_cannot_be_are_refused() {
    assert_eq!(
        Calendar::parse("Paris").unwrap_err().to_string(),
        "`Paris` is not a calendar of working days: write \"FR\" for France, or \"FR-AM\" for Alsace and \
         Moselle"
    );
    check(
        Schedule::on_working_day(&[0], Calendar::France, &["08:00"]),
        "0 is not a working day of every month: write a number from 1 to 17, or from -1 (the last working \
         day) to -17",
    );
    for number in [18, -18, i64::MIN, i64::MAX] {
        let refused = Schedule::on_working_day(&[number], Calendar::France, &["08:00"]);
        assert!(matches!(refused, Err(ScheduleError::WorkingDay { .. })), "{number}");
    }
    for numbers in [&[][..], &[3, 3][..]] {
        check(
            Schedule::on_working_day(numbers, Calendar::France, &["08:00"]),
            "a list of working days of the month names at least one, and each once: as in [1, 3, -1]",
        );
    }
    check(
        Schedule::every("2d").unwrap().on_working_days(Calendar::France),
        "every 2 days could fall on days off again and again: on working days, an interval is at most a \
         day, or times are named with `daily_at`",
    );
}
