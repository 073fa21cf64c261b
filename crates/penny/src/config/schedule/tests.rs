//! What penny.toml may say of schedules, and what it is told when it says something else.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use penny_schedule::{Overlap, Retry, Rules};

use crate::config::parse::parse;
use crate::config::{Config, Source};

const NOTEBOOK: &str = "\n[[notebook]]\nname = \"clients\"\nfile = \"clients.ipynb\"\n";

fn read(text: &str) -> Result<Config, String> {
    parse(&Source::new(Path::new("penny.toml"), text)).map_err(|error| error.to_string())
}

/// The rules of the one notebook, below `[schedule]` with these lines, and with these lines of its own.
fn rules(schedule: &str, own: &str) -> Arc<Rules> {
    let config = read(&format!("[schedule]\n{schedule}\n{NOTEBOOK}{own}\n")).expect("it is right");
    config.rules_of(&config.notebooks[0])
}

#[track_caller]
fn check(schedule: &str, own: &str, expected: &str) {
    assert_eq!(rules(schedule, own).schedule.describe(), expected);
}

/// What is said of `[schedule]` with these lines, without the place.
#[track_caller]
fn check_wrong(schedule: &str, own: &str, expected: &[&str]) {
    let text = format!("[schedule]\n{schedule}\n{NOTEBOOK}{own}\n");
    let error = read(&text).err().expect("it is wrong");
    for expected in expected {
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_silent_file_runs_everything_every_two_hours_from_the_start_on() {
    let config = read(NOTEBOOK).expect("it is right");
    let rules = config.rules_of(&config.notebooks[0]);
    assert_eq!(rules.schedule.describe(), "every 2 hours");
    assert!(rules.at_start && rules.catch_up && !config.notebooks[0].on_change);
    assert_eq!(rules.overlap, Overlap::Skip);
    assert_eq!(config.schedule.quiet, Duration::from_secs(10));
    assert_eq!(config.retry, Retry::default());
    assert_eq!(config.limits.sync, Duration::from_secs(6 * 3600));
}

#[test]
fn each_kind_of_schedule_can_be_said_of_the_workspace() {
    check("every = \"30m\"", "", "every 30 minutes");
    check("daily_at = [\"13:30\", \"08:00\"]", "", "every day at 08:00 and 13:30");
    check("daily_at = \"08:00\"", "", "every day at 08:00");
    check("cron = \"30 8 * * 1-5\"", "", "from Monday to Friday at 08:30");
    check("cron = \"@daily\"", "", "every day at 00:00");
    check("working_days = \"FR\"", "", "every 2 hours, on French working days");
    check(
        "daily_at = [\"08:00\"]\nworking_days = \"FR-AM\"",
        "",
        "on French working days (Alsace-Moselle) at 08:00",
    );
    check("working_day = 3", "", "on working day 3 of the month at 08:00");
    check(
        "working_day = [1, -1]\ndaily_at = [\"18:00\"]",
        "",
        "on working day 1 and the last working day of the month at 18:00",
    );
}

#[test]
fn a_notebook_may_have_a_schedule_of_its_own() {
    let workspace = "daily_at = [\"08:00\"]\nworking_days = \"FR\"";
    check(workspace, "every = \"1h\"", "every hour, on French working days");
    check(workspace, "every = \"1h\"\nworking_days = false", "every hour");
    check(workspace, "working_days = false", "every day at 08:00");
    check(
        workspace,
        "working_days = \"FR-57\"",
        "on French working days (Alsace-Moselle) at 08:00",
    );
    check(
        workspace,
        "cron = \"0 18 L * *\"\nworking_days = false",
        "on the last day of the month at 18:00",
    );
    // The times of the workspace are those of its own rhythm.
    check(workspace, "working_day = 3", "on working day 3 of the month at 08:00");
    check("working_day = 3", "daily_at = [\"18:00\"]", "every day at 18:00");
    check(
        "working_day = 3",
        "working_days = \"FR-AM\"",
        "on working day 3 of the month (Alsace-Moselle) at 08:00",
    );
}

#[test]
fn the_rules_of_the_workspace_hold_where_a_notebook_is_silent() {
    let workspace =
        "every = \"1h\"\noverlap = \"queue\"\ncatch_up = false\ntimezone = \"Europe/Paris\"";
    let rules = rules(workspace, "at_start = false\ncatch_up = true");
    assert_eq!(rules.overlap, Overlap::Queue);
    assert!(rules.catch_up && !rules.at_start);
    assert_eq!(rules.zone.iana_name(), Some("Europe/Paris"));
    assert_eq!(rules.schedule.describe(), "every hour");
}

#[test]
fn notebooks_with_the_same_schedule_share_it() {
    let two = "[[notebook]]\nname = \"a\"\nfile = \"a.ipynb\"\non_change = true\n\
               [[notebook]]\nname = \"b\"\nfile = \"b.ipynb\"\n[[notebook]]\nname = \"c\"\nfile = \"c.ipynb\"\n";
    // Two files are missing, and nothing else is wrong.
    let config = read(two).expect("it is right");
    let [a, b, c] = config.notebooks.as_slice() else { panic!("three notebooks") };
    assert!(Arc::ptr_eq(&b.rules, &c.rules));
    assert_eq!(a.rules, b.rules);
    assert!(a.on_change && !b.on_change);
}

#[test]
fn two_kinds_of_schedule_in_one_place_are_refused_by_both_names() {
    check_wrong(
        "every = \"2h\"\ndaily_at = [\"08:00\"]",
        "",
        &["penny.toml:3:12: [schedule] has both `every` and `daily_at`", "hint: keep one of them"],
    );
    check_wrong(
        "",
        "cron = \"@daily\"\ndaily_at = [\"08:00\"]",
        &["[[notebook]] has both `daily_at` and `cron`"],
    );
    check_wrong(
        "",
        "every = \"2h\"\nworking_day = 3",
        &[
            "[[notebook]] has both `every` and `working_day`",
            "a working day of the month goes with `daily_at`",
        ],
    );
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    check_wrong("every = \"30s\"", "", &["penny.toml:2:9: `every`: `30s` is too short"]);
    check_wrong("every = 2", "", &["`every` in [schedule] should be a length of time in quotes"]);
    check_wrong(
        "cron = \"0 0 8 * * *\"",
        "",
        &["`cron`: `0 0 8 * * *` has 6 fields", "there are no seconds"],
    );
    check_wrong(
        "working_days = \"DE\"",
        "",
        &["`working_days`: `DE` is not a calendar of working days"],
    );
    check_wrong(
        "working_days = true",
        "",
        &["should be \"FR\" for the working days of France, or false"],
    );
    check_wrong("working_day = 23", "", &["`working_day`: 23 is not a working day of every month"]);
    check_wrong(
        "working_day = \"3\"",
        "",
        &["`working_day` in [schedule] should be a whole number, or a list"],
    );
    check_wrong(
        "daily_at = [\"8 o'clock\"]",
        "",
        &["`daily_at`: `8 o'clock` is not a time of day"],
    );
    check_wrong("working_day = 3\ndaily_at = [\"25:00\"]", "", &["`25:00` is not a time of day"]);
    check_wrong(
        "overlap = \"wait\"",
        "",
        &["`overlap` in [schedule] is \"wait\": write \"skip\" or \"queue\""],
    );
    check_wrong(
        "every = \"2d\"",
        "working_days = \"FR\"",
        &["`working_days`: every 2 days could fall on days off"],
    );
    check_wrong("", "timezone = \"Europe/Paris\"", &["unknown key `timezone` in [[notebook]]"]);
    check_wrong("timezone = \"Paris\"", "", &["did you mean `Europe/Paris`?"]);
    check_wrong(
        "evry = \"2h\"",
        "",
        &["unknown key `evry` in [schedule]", "did you mean `every`?"],
    );
}

#[test]
fn retries_and_the_limit_of_a_sync_are_read() {
    let text = "[retry]\nattempts = 5\nfirst_pause = \"1m\"\nlongest_pause = \"1h\"\n[limits]\nsync = \"2h\"\n";
    let config = read(text).expect("it is right");
    let expected = Retry {
        attempts: 5,
        first_pause: Duration::from_secs(60),
        longest_pause: Duration::from_secs(3600),
    };
    assert_eq!(config.retry, expected);
    assert_eq!(config.limits.sync, Duration::from_secs(2 * 3600));
    // A first pause that is longer than the usual longest one is the longest one too.
    let config = read("[retry]\nfirst_pause = \"20m\"\n").expect("it is right");
    assert_eq!(config.retry.longest_pause, Duration::from_secs(1200));
    let wrong = "[retry]\nattempts = 0\nfirst_pause = \"1m\"\nlongest_pause = \"10s\"\n";
    let error = read(wrong).err().expect("it is wrong").to_string();
    assert!(
        error.contains("`attempts` in [retry] is 0: write a whole number from 1 to 20"),
        "{error}"
    );
    assert!(error.contains("`longest_pause` is shorter than `first_pause`"), "{error}");
}

#[test]
fn the_example_of_the_documents_is_right() {
    let page = include_str!("../../../../../docs/schedules.md");
    let example = page.split("```").find_map(|part| part.strip_prefix("toml\n"));
    let config = read(example.expect("an example")).expect("it is right");
    let said = config.notebooks.iter().map(|entry| entry.rules.schedule.describe());
    assert_eq!(
        said.collect::<Vec<_>>(),
        [
            "on French working days at 08:00 and 13:30",
            "on working day 3 of the month at 07:00",
            "every 30 minutes",
        ]
    );
}
