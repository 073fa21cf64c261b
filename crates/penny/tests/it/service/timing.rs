//! When the service runs what: at once, when it is due, after the computer slept; what is paused; what overlaps.

use serde_json::json;

use super::{
    Service, begun, go, history, history_says, seconds_until_due, set_clock, waits, workspace,
};
use crate::support::wait_for;

const SYNCS: &str = "SELECT trigger, outcome FROM syncs ORDER BY id";

#[test]
fn it_runs_at_once_then_when_it_is_due_and_once_for_all_times_that_were_slept_through() {
    let workspace = workspace("[schedule]\nevery = \"2h\"").notebook("one", &["print(1)"]);
    let service = Service::start(&workspace);
    history_says(&workspace, SYNCS, &json!([["start", "succeeded"]]));
    set_clock(&workspace, seconds_until_due(&workspace, "one") + 2);
    history_says(&workspace, SYNCS, &json!([["start", "succeeded"], ["timer", "succeeded"]]));
    set_clock(&workspace, 5 * 7200);
    let all = json!([["start", "succeeded"], ["timer", "succeeded"], ["catch-up", "succeeded"]]);
    history_says(
        &workspace,
        "SELECT trigger, outcome FROM syncs WHERE outcome <> 'skipped' ORDER BY id",
        &all,
    );
    assert_eq!(service.end("-TERM"), 0);
    workspace.no_process_is_left();
}

#[test]
fn what_is_due_while_its_last_run_still_goes_is_skipped_and_recorded_so() {
    let workspace = workspace("[schedule]\nevery = \"1h\"").notebook("slow", &[&waits("slow")]);
    let service = Service::start(&workspace);
    begun(&workspace, "slow");
    set_clock(&workspace, seconds_until_due(&workspace, "slow") + 2);
    let runs = "SELECT trigger, outcome, error FROM runs ORDER BY id";
    let skipped =
        json!([["start", null, null], ["timer", "skipped", "the run before was still going"]]);
    history_says(&workspace, runs, &skipped);
    go(&workspace, "slow");
    history_says(&workspace, SYNCS, &json!([["start", "succeeded"], ["timer", "skipped"]]));
    assert_eq!(service.end("-TERM"), 0);
}

/// A notebook that waits for the end of another one, and both are due again meanwhile.
fn due_again_before_its_turn() -> (crate::support::Workspace, Service) {
    let config = "[schedule]\nevery = \"1h\"\nat_start = false\n[execution]\nparallel = 1";
    let workspace = workspace(config).notebook("slow", &[&waits("slow")]).notebook("next", &["1"]);
    let service = Service::start(&workspace);
    service.says("2 notebooks");
    set_clock(&workspace, seconds_until_due(&workspace, "slow") + 2);
    begun(&workspace, "slow");
    set_clock(&workspace, seconds_until_due(&workspace, "slow") + 2);
    let skipped = "SELECT outcome FROM runs WHERE notebook = 'slow' AND outcome = 'skipped'";
    history_says(&workspace, skipped, &json!([["skipped"]]));
    (workspace, service)
}

/// How often each of a notebook's due times is in the history, the earliest first, with what came of it.
const ACCOUNTED: &str = "SELECT trigger, outcome, (SELECT count(*) FROM runs WHERE due = r.due AND \
                         notebook = 'next') FROM runs r WHERE notebook = 'next' ORDER BY due";

#[test]
fn what_is_due_again_before_its_turn_is_accounted_for_in_the_order_of_the_times() {
    let (workspace, service) = due_again_before_its_turn();
    go(&workspace, "slow");
    let both = json!([["timer", "succeeded", 1], ["timer", "skipped", 1]]);
    history_says(&workspace, ACCOUNTED, &both);
    let last =
        "SELECT d.due = max(r.due) FROM due_times d JOIN runs r USING (notebook) GROUP BY notebook";
    history_says(&workspace, last, &json!([[1], [1]]));
    service.end("-KILL");
    let service = Service::start(&workspace);
    service.says("2 notebooks");
    set_clock(&workspace, 2 + seconds_until_due(&workspace, "next"));
    let three =
        json!([["timer", "succeeded", 1], ["timer", "skipped", 1], ["timer", "succeeded", 1]]);
    history_says(&workspace, ACCOUNTED, &three);
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn of_what_is_killed_before_its_turn_no_due_time_is_lost() {
    let (workspace, service) = due_again_before_its_turn();
    service.end("-KILL");
    go(&workspace, "slow");
    let service = Service::start(&workspace);
    let both = json!([["timer", "skipped", 1], ["catch-up", "succeeded", 1]]);
    history_says(&workspace, ACCOUNTED, &both);
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn what_is_paused_does_not_run_across_a_restart_and_runs_again_when_it_is_resumed() {
    let workspace =
        workspace("[schedule]\nevery = \"2h\"").notebook("one", &["1"]).notebook("two", &["2"]);
    workspace.run(&["pause", "two"]).status(0).says("paused: two");
    workspace.run(&["pause", "three"]).status(2).says("lists no notebook called `three`");
    let service = Service::start(&workspace);
    history_says(&workspace, "SELECT notebook, outcome FROM runs", &json!([["one", "succeeded"]]));
    workspace.run(&["status"]).status(0).says("paused");
    assert_eq!(service.end("-TERM"), 0);
    let service = Service::start(&workspace);
    service.says("sync 2 (start): one");
    service.says("sync 2 ended");
    set_clock(&workspace, seconds_until_due(&workspace, "one") + 2);
    let missed = "SELECT notebook, outcome, error FROM runs WHERE notebook = 'two'";
    history_says(&workspace, missed, &json!([["two", "skipped", "it was paused"]]));
    workspace.run(&["resume", "two"]).status(0).says("resumed: two");
    service.says("resumed: two");
    set_clock(&workspace, seconds_until_due(&workspace, "two") + 2);
    let ran = "SELECT trigger, outcome FROM runs WHERE notebook = 'two' AND outcome <> 'skipped'";
    history_says(&workspace, ran, &json!([["timer", "succeeded"]]));
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_sync_that_takes_longer_than_its_limit_is_ended_and_says_so() {
    let workspace = workspace("[limits]\nsync = \"5s\"\n[execution]\nparallel = 1")
        .notebook("endless", &["import time\nwhile True: time.sleep(0.05)"])
        .notebook("after", &["1"]);
    let service = Service::start(&workspace);
    let runs = "SELECT notebook, outcome FROM runs ORDER BY id";
    history_says(&workspace, runs, &json!([["endless", "timed out"], ["after", "skipped"]]));
    service.says("the whole sync took longer than its limit, 5.0 s");
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_clock_that_is_a_month_behind_for_a_moment_brings_no_due_time_twice() {
    let config = "[schedule]\ndaily_at = [\"08:00\"]\nat_start = false";
    let workspace = workspace(config).notebook("one", &["1"]);
    let service = Service::start(&workspace);
    service.says("1 notebook");
    let shift = seconds_until_due(&workspace, "one") + 2;
    set_clock(&workspace, shift);
    history_says(&workspace, SYNCS, &json!([["timer", "succeeded"]]));
    let due = history(&workspace, "SELECT due FROM due_times");
    let next = || {
        let told = std::fs::read(workspace.root().join(".penny/service.json")).expect("read");
        let told: serde_json::Value = serde_json::from_slice(&told).expect("JSON");
        told["next"]["at"].as_str().expect("a time").to_owned()
    };
    let after = due[0][0].as_str().expect("a time").to_owned();
    wait_for("the next is tomorrow", || next() > after);
    let tomorrow = next();
    set_clock(&workspace, shift - 30 * 86_400);
    wait_for("it has noticed", || next() < after);
    // A service that is killed now finds again what ran.
    assert_eq!(history(&workspace, "SELECT due FROM due_times"), due);
    set_clock(&workspace, shift);
    wait_for("it has noticed that, too", || next() == tomorrow);
    set_clock(&workspace, shift - 30 * 86_400);
    wait_for("it has noticed", || next() < after);
    service.end("-KILL");
    let service = Service::start(&workspace);
    wait_for("it has begun", || service.said().contains("1 notebook") && next() < after);
    set_clock(&workspace, shift);
    wait_for("it has noticed that, too", || next() == tomorrow);
    assert_eq!(history(&workspace, "SELECT due FROM due_times"), due);
    let runs = "SELECT trigger, outcome, error FROM runs";
    assert_eq!(history(&workspace, runs), json!([["timer", "succeeded", null]]));
    assert_eq!(service.end("-TERM"), 0);
}
