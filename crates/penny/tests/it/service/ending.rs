//! How the service ends: told to, killed, or refused because another one holds the workspace.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Service, begun, go, history, history_says, set_clock, waits, workspace};
use crate::executed::{code, printed};
use crate::processes::{descendants, runs};
use crate::support::{Workspace, wait_for};

/// A cell that no signal but SIGKILL ends.
const DEAF: &str = "import pathlib, signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n\
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('begun', flush=True)\n\
                    pathlib.Path('deaf.begun').touch()\nwhile True: time.sleep(1)";

/// The end that the issue promises, leftovers included.
const END_MAX: Duration = Duration::from_secs(10);

fn ends_in_time(signal: &str, status: i32) {
    let workspace =
        workspace("[execution]\nparallel = 1").notebook("deaf", &[DEAF]).notebook("after", &["1"]);
    let service = Service::start(&workspace);
    begun(&workspace, "deaf");
    wait_for("what it printed is saved", || {
        workspace.outputs("deaf").first().is_some_and(|n| printed(code(n)[0]) == "begun\n")
    });
    let processes = descendants(service.pid());
    let asked = Instant::now();
    assert_eq!(service.end(signal), status);
    let took = asked.elapsed();
    assert!(!processes.iter().any(|(pid, _)| runs(*pid)), "a process is left: {processes:?}");
    assert!(took < END_MAX, "it took {took:?}");
    let runs = "SELECT notebook, outcome FROM runs ORDER BY id";
    let expected = json!([["deaf", "cancelled"], ["after", "skipped"]]);
    assert_eq!(history(&workspace, runs), expected);
    let syncs = "SELECT outcome FROM syncs WHERE ended IS NOT NULL";
    assert_eq!(history(&workspace, syncs), json!([["cancelled"]]));
    let output = workspace.outputs("deaf").remove(0);
    assert_eq!(printed(code(&output)[0]), "begun\n");
    assert!(!workspace.root().join(".penny/service.json").exists());
    workspace.no_process_is_left();
}

#[test]
fn ctrl_c_ends_it_in_time_even_with_a_cell_that_hears_nothing() {
    ends_in_time("-INT", 130);
}

#[test]
fn sigterm_ends_it_in_time_and_well_even_with_a_cell_that_hears_nothing() {
    ends_in_time("-TERM", 0);
}

#[test]
fn a_second_service_is_refused_and_told_who_holds_the_workspace() {
    let workspace = workspace("").notebook("one", &[&waits("one")]);
    let service = Service::start(&workspace);
    begun(&workspace, "one");
    let holder = format!(
        "`penny start` is at work in this workspace already (process {} since ",
        service.pid()
    );
    workspace
        .run(&["start"])
        .status(3)
        .says(&holder)
        .says("hint: `penny status` shows what it does");
    workspace.run(&["status"]).status(0).says("one: cell 1 of 1, for ").says("(sync 1, start)");
    go(&workspace, "one");
    service.says("sync 1 ended");
    assert_eq!(service.end("-TERM"), 0);
    workspace.run(&["status"]).status(0).says("`penny start` does not run");
}

#[test]
fn a_service_that_was_killed_leaves_no_process_and_the_next_one_says_what_it_cut_off_and_catches_up()
 {
    let workspace = workspace("[schedule]\nevery = \"2h\"")
        .notebook("one", &["print('kept', flush=True)", &waits("one")]);
    let service = Service::start(&workspace);
    begun(&workspace, "one");
    wait_for("its output is saved", || {
        workspace.outputs("one").first().is_some_and(|n| printed(code(n)[1]) == "begun\n")
    });
    let processes = descendants(service.pid());
    assert_eq!(service.end("-KILL"), -1);
    wait_for("its processes are gone", || !processes.iter().any(|(pid, _)| runs(*pid)));
    go(&workspace, "one");
    set_clock(&workspace, 3 * 7200);
    let service = Service::start(&workspace);
    service.says("one: its last run was cut off");
    let runs = "SELECT trigger, outcome FROM runs WHERE outcome <> 'skipped' ORDER BY id";
    let expected = json!([["start", "crashed"], ["catch-up", "succeeded"]]);
    history_says(&workspace, runs, &expected);
    let kept = history(&workspace, "SELECT output FROM runs WHERE outcome = 'crashed'");
    let kept = kept[0][0].as_str().expect("its output is known").to_owned();
    let text = std::fs::read_to_string(workspace.root().join(kept)).expect("it is there");
    assert!(text.contains("kept"), "{text}");
    assert_eq!(service.end("-TERM"), 0);
    workspace.no_process_is_left();
}

#[test]
fn a_workspace_that_another_computer_seems_to_serve_is_taken_over_when_that_gives_no_sign_of_life()
{
    let workspace = workspace("").notebook("one", &["1"]);
    let other = json!({"pid": 1, "host": "other-computer", "since": "2026-11-01T08:00:00Z",
                       "command": "penny start", "beat": 7});
    let own = workspace.root().join(".penny");
    std::fs::create_dir_all(&own).expect("made");
    std::fs::write(own.join("sync.json"), other.to_string()).expect("written");
    let service = Service::start(&workspace);
    service.says("on other-computer): watching for 25 s whether it still is");
    service.says("sync 1 ended");
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_workspace_that_another_computer_serves_is_left_to_it() {
    let workspace = workspace("").notebook("one", &["1"]);
    beats(&workspace, 7);
    let service = Service::start(&workspace);
    service.says("watching for 25 s");
    beats(&workspace, 8);
    service.says("a workspace on a network folder can be served by one computer only");
    assert!(!workspace.root().join(".penny/history.db").exists());
}

fn beats(workspace: &Workspace, beat: u32) {
    let holder = json!({"pid": 1, "host": "other-computer", "since": "2026-11-01T08:00:00Z",
                        "command": "penny start", "beat": beat});
    let own = workspace.root().join(".penny");
    std::fs::create_dir_all(&own).expect("made");
    std::fs::write(own.join("new"), holder.to_string()).expect("written");
    std::fs::rename(own.join("new"), own.join("sync.json")).expect("renamed");
}

#[test]
fn a_service_whose_workspace_was_taken_over_while_its_computer_slept_ends() {
    let workspace = workspace("[schedule]\nevery = \"2h\"").notebook("one", &[&waits("one")]);
    let service = Service::start(&workspace);
    begun(&workspace, "one");
    beats(&workspace, 8);
    service.says("error: this workspace was taken over while this computer gave no sign of life");
    service.says("stopping (another one works in this workspace): 1 notebook is interrupted");
    assert_eq!(service.ends(), 3);
    let note = std::fs::read_to_string(workspace.root().join(".penny/sync.json")).expect("there");
    assert!(note.contains("other-computer"), "the other's is left to it: {note}");
    let runs = "SELECT outcome FROM runs";
    assert_eq!(history(&workspace, runs), json!([["cancelled"]]));
}
