//! Runs that are under way, that were cut off, and that took more than one attempt.

use std::process::Stdio;

use serde_json::json;

use super::json as json_of;
use crate::processes::kill;
use crate::service::{Service, begun, history_says, waits, workspace};
use crate::support::Workspace;

#[test]
fn a_run_is_running_while_somebody_runs_it_and_cut_off_afterwards() {
    let workspace = Workspace::without_server().notebook("long", &["1", &waits("long")]);
    let mut command = workspace.command(&["run"]);
    let running = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = running.spawn().expect("penny starts");
    begun(&workspace, "long");
    workspace.run(&["history"]).status(0).says("  running  ");
    workspace.run(&["show", "long"]).status(0).says("run 1 · long · running for ");
    kill("-KILL", running.id());
    running.wait().expect("it can be waited for");
    let runs = json_of(workspace.run(&["history", "--json"]));
    assert_eq!(
        (&runs["runs"][0]["outcome"], &runs["runs"][0]["ended"]),
        (&json!("cut off"), &json!(null))
    );
    workspace.run(&["show", "1"]).status(0).says("run 1 · long · cut off\n");
    workspace.no_process_is_left();
}

#[test]
fn each_attempt_of_a_run_can_be_shown() {
    let once = "import pathlib\nfirst = not pathlib.Path('tried').exists()\n\
                pathlib.Path('tried').touch()\nprint('first' if first else 'second')\n\
                if first: raise ConnectionResetError(104, 'Connection reset by peer')";
    let workspace = workspace("[retry]\nfirst_pause = \"1s\"").notebook("once", &[once]);
    let service = Service::start(&workspace);
    let runs = "SELECT outcome, attempts FROM runs ORDER BY id";
    history_says(&workspace, runs, &json!([["succeeded", 2]]));
    assert_eq!(service.end("-TERM"), 0);

    let page = workspace.run(&["show", "once"]).status(0);
    page.says("run 1 · once · succeeded in ")
        .says("  attempts  #1 failed after ")
        .says("#2 succeeded");
    let first = workspace.run(&["show", "once", "--attempt", "1"]).status(0);
    let first = first.says("run 1, attempt 1 · once · failed in ").says("ConnectionResetError");
    first.says("→    5 │ if first: raise ConnectionResetError(104");
    let show = |number: &str| json_of(workspace.run(&["show", "1", "--json", "--attempt", number]));
    let (first, second) = (show("1"), show("2"));
    assert_eq!((&first["outcome"], &second["outcome"]), (&json!("failed"), &json!("succeeded")));
    assert_eq!(first["tries"][0]["cause"], "network");
    assert_ne!(first["output"], second["output"]);
    assert_eq!((&first["fault"]["line"], &second["fault"]), (&json!(5), &json!(null)));
}
