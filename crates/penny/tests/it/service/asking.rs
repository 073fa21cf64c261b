//! `penny run` while the service is at work.

use std::process::Child;

use serde_json::{Value, json};

use super::{Service, begun, go, history, history_says, waits, workspace};
use crate::processes::{kill, start};
use crate::support::{Workspace, end, wait_for};

#[test]
fn a_run_by_hand_is_done_by_the_service_beside_what_it_does_already() {
    let workspace = workspace("[schedule]\nevery = \"2h\"\n[execution]\nparallel = 2")
        .notebook("slow", &[&waits("slow")])
        .notebook("quick", &["print('quick')"])
        .notebook("bad", &["1 / 0"]);
    let service = Service::start(&workspace);
    begun(&workspace, "slow");
    service.says("✓ quick");
    service.says("✗ bad");
    let asked = workspace.run(&["run", "quick", "bad", "--json"]).status(1);
    let asked = asked.says("`penny start` is at work in this workspace: it is asked to do this");
    let summary: Value = serde_json::from_str(&asked.stdout).expect("JSON");
    assert_eq!((&summary["succeeded"], &summary["failed"]), (&json!(1), &json!(1)));
    assert_eq!(summary["notebooks"][0]["name"], "quick");
    let error = summary["notebooks"][1]["error"].as_str().expect("an error");
    assert!(error.contains("ZeroDivisionError"), "{error}");
    let runs =
        "SELECT notebook, trigger, outcome, attempts FROM runs WHERE sync = 2 ORDER BY notebook";
    let expected = json!([["bad", "manual", "failed", 1], ["quick", "manual", "succeeded", 1]]);
    assert_eq!(history(&workspace, runs), expected);
    workspace.run(&["run", "qick"]).status(2).says("did you mean `quick`?");
    assert!(!service.said().contains("✓ slow"));
    go(&workspace, "slow");
    service.says("✓ slow");
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn who_asked_and_leaves_does_not_take_the_run_with_him() {
    let workspace =
        workspace("[schedule]\nevery = \"2h\"\nat_start = false").notebook("one", &[&waits("one")]);
    let service = Service::start(&workspace);
    service.says("Penny ");
    let asker = start(&workspace, &["run", "one"]);
    begun(&workspace, "one");
    kill("-INT", asker.id());
    end(asker).status(130).says("`penny start` goes on with it");
    go(&workspace, "one");
    history_says(
        &workspace,
        "SELECT trigger, outcome FROM runs",
        &json!([["manual", "succeeded"]]),
    );
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn what_is_asked_for_while_it_runs_begins_when_that_has_ended() {
    let workspace = workspace("[schedule]\nevery = \"2h\"").notebook("one", &[&waits("one")]);
    let service = Service::start(&workspace);
    begun(&workspace, "one");
    let asker = start(&workspace, &["run", "one"]);
    history_says(
        &workspace,
        "SELECT count(*) FROM requests WHERE taken IS NOT NULL",
        &json!([[1]]),
    );
    go(&workspace, "one");
    end(asker).status(0).says("1 succeeded, 0 failed");
    let runs = "SELECT trigger, outcome FROM runs ORDER BY id";
    assert_eq!(history(&workspace, runs), json!([["start", "succeeded"], ["manual", "succeeded"]]));
    assert_eq!(service.end("-TERM"), 0);
}

/// A service that is there and does not take what is asked of it, and someone who has asked.
fn asked_in_vain(workspace: &Workspace) -> (Service, Child) {
    let service = Service::start(workspace);
    service.says("Penny ");
    wait_for("it is at work", || workspace.root().join(".penny/service.json").exists());
    kill("-STOP", service.pid());
    let asker = start(workspace, &["run", "one"]);
    history_says(workspace, "SELECT count(*) FROM requests WHERE taken IS NULL", &json!([[1]]));
    (service, asker)
}

#[test]
fn what_someone_was_told_has_failed_is_not_done_by_the_next_service() {
    let workspace =
        workspace("[schedule]\nevery = \"2h\"\nat_start = false").notebook("one", &["1"]);
    let (service, asker) = asked_in_vain(&workspace);
    service.end("-KILL");
    end(asker).status(3).says("run the command again to do the rest here");
    assert_eq!(history(&workspace, "SELECT count(*) FROM requests"), json!([[0]]));
    let service = Service::start(&workspace);
    service.says("Penny ");
    // Whatever it does at its start, and with what is asked, is done when this is.
    workspace.run(&["run", "one"]).status(0).says("1 succeeded, 0 failed");
    let syncs = "SELECT trigger, outcome FROM syncs ORDER BY id";
    assert_eq!(history(&workspace, syncs), json!([["manual", "succeeded"]]));
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn what_was_asked_of_a_service_that_died_is_done_first_by_the_next_one() {
    let workspace =
        workspace("[schedule]\nevery = \"2h\"\nat_start = false").notebook("one", &["1"]);
    let (service, asker) = asked_in_vain(&workspace);
    kill("-KILL", asker.id());
    end(asker).status(-1);
    service.end("-KILL");
    let settings = workspace.root().join("penny.toml");
    let text = std::fs::read_to_string(&settings).expect("read");
    std::fs::write(&settings, text.replace("at_start = false", "at_start = true"))
        .expect("written");
    let service = Service::start(&workspace);
    // In the place of the sync of the start, and not behind it at some later moment.
    service.says("sync 1 (manual): one");
    service.says("sync 1 ended");
    let syncs = "SELECT trigger, outcome FROM syncs ORDER BY id";
    assert_eq!(history(&workspace, syncs), json!([["manual", "succeeded"]]));
    assert_eq!(service.end("-TERM"), 0);
}
