//! What people do with what runs: with other values, cancelled, done again.

use serde_json::{Value, json};

use super::{Service, begun, go, history, history_says, waits, workspace};
use crate::executed::{code, printed, statuses};
use crate::support::{Workspace, wait_for};

/// A notebook whose first cell has the tag `parameters`.
fn with_parameters(cells: &[&str]) -> Vec<u8> {
    let mut notebook: Value =
        serde_json::from_slice(&crate::support::notebook(cells)).expect("JSON");
    notebook["cells"][0]["metadata"]["tags"] = json!(["parameters"]);
    serde_json::to_vec(&notebook).expect("JSON")
}

/// What the last cell of the last output of a notebook printed.
#[track_caller]
fn last_print(workspace: &Workspace, name: &str) -> String {
    let last = workspace.outputs(name).pop().expect("an output");
    printed(code(&last).last().expect("a cell"))
}

const VALUES: &[&str] = &["exercice = 2024\nsociete = 'A'", "print(exercice, societe)"];

/// What the history tells of who asked, by the command alone: the tests' user has any name.
const ASKED: &str = "SELECT substr(asked_by, instr(asked_by, '(')), s.parameters, r.parameters FROM runs r \
                     JOIN syncs s ON s.id = r.sync ORDER BY r.id DESC LIMIT 1";

#[test]
fn values_are_given_for_one_sync_with_and_without_a_service() {
    let workspace = workspace("[schedule]\nevery = \"2h\"\nat_start = false")
        .file("n", &with_parameters(VALUES))
        .config("parameters = { societe = \"B\" }")
        .notebook("other", &["print('autre')"]);
    check_values(&workspace);
    let service = Service::start(&workspace);
    service.says("Penny ");
    check_values(&workspace);
    assert_eq!(history(&workspace, "SELECT DISTINCT parameters FROM requests"), json!([["{}"]]));
    assert_eq!(service.end("-TERM"), 0);
    // The output notebooks tell it, too: a history made anew of them says the same.
    let before = history(&workspace, ASKED);
    workspace.run(&["history", "--rebuild"]).status(0);
    assert_eq!(history(&workspace, ASKED), before);
    workspace.run(&["verify"]).status(0);
}

#[track_caller]
fn check_values(workspace: &Workspace) {
    let command = "(penny run)";
    workspace.run(&["run", "n"]).status(0);
    assert_eq!(last_print(workspace, "n"), "2024 B\n");
    workspace.run(&["run", "n", "-p", "exercice", "2025", "-y", "societe: C"]).status(0);
    assert_eq!(last_print(workspace, "n"), "2025 C\n");
    let asked =
        [command, r#"{"societe":"C","exercice":2025}"#, r#"{"societe":"C","exercice":2025}"#];
    assert_eq!(history(workspace, ASKED), json!([asked]));
    let wrong = workspace.run(&["run", "n", "-p", "exercise", "1"]).status(0);
    wrong.says("the notebook's parameters cell does not set `exercise`; did you mean `exercice`?");
    workspace
        .run(&["run", "-p", "exercice", "2023", "-p", "rien", "1"])
        .status(0)
        .says("no notebook's parameters cell sets `rien`");
    assert_eq!(last_print(workspace, "n"), "2023 B\n");
    let other = workspace.outputs("other").pop().expect("an output");
    assert_eq!(other["metadata"]["papermill"]["parameters"], json!({}));
    // A secret is given, and neither shown nor kept.
    workspace.run(&["run", "n", "-p", "societe", "password-of-a-test"]).status(0);
    assert_eq!(last_print(workspace, "n"), "2024 •••\n");
    let masked = [command, r#"{"societe":"•••"}"#, r#"{"societe":"•••"}"#];
    assert_eq!(history(workspace, ASKED), json!([masked]));
    let shown = workspace.run(&["show", "n"]).status(0).says("values").says(command);
    shown.says("societe = \"•••\"");
    workspace.run(&["retry", "n"]).status(2).says("succeeded");
}

#[test]
fn a_run_that_is_cancelled_is_saved_and_what_does_not_come_after_it_goes_on() {
    let workspace =
        workspace("[schedule]\nevery = \"2h\"\nat_start = false\n[execution]\nparallel = 2")
            .file(
                "long",
                &with_parameters(&["n = 1", "print('avant')", &waits("long"), "print(n)"]),
            )
            .notebook("after", &["print('après')"])
            .config("after = [\"long\"]")
            .notebook("other", &[&waits("other")]);
    let service = Service::start(&workspace);
    service.says("Penny ");
    let asker = crate::processes::start(&workspace, &["run", "-p", "n", "7"]);
    begun(&workspace, "long");
    begun(&workspace, "other");
    workspace.run(&["cancel", "after"]).status(2).says("`after` does not run at present");
    wait_for("`penny status` knows that it runs", || {
        workspace.run(&["status"]).stdout.contains("▶ long")
    });
    workspace.run(&["cancel", "long"]).status(0).says("is cancelled");
    history_says(
        &workspace,
        "SELECT notebook, outcome FROM runs ORDER BY notebook",
        &json!([["after", "skipped"], ["long", "cancelled"], ["other", null]]),
    );
    let error = history(&workspace, "SELECT error FROM runs WHERE notebook = 'long'");
    let error = error[0][0].as_str().expect("a text");
    assert!(error.starts_with("notebook `long` was cancelled in cell 4 by "), "{error}");
    assert!(error.lines().next().is_some_and(|line| line.ends_with(" (penny cancel)")), "{error}");
    let long = workspace.outputs("long").pop().expect("it is saved");
    assert_eq!(printed(code(&long)[2]), "avant\n");
    assert_eq!(statuses(&long).last(), Some(&"pending"));
    go(&workspace, "other");
    crate::support::end(asker).status(1).says("1 cancelled, 1 skipped");
    workspace.run(&["cancel", "1"]).status(3).says("run 1 is not under way");

    // Again: with what was skipped because of it, and the same values, and nothing else.
    go(&workspace, "long");
    workspace.run(&["retry", "long"]).status(0).says("long, after").says("2 succeeded, 0 failed");
    assert_eq!(last_print(&workspace, "long"), "7\n");
    let again =
        "SELECT notebook, r.outcome, retry_of = (SELECT min(id) FROM runs WHERE notebook = 'long')
                 FROM runs r JOIN syncs s ON s.id = r.sync WHERE sync = 2 ORDER BY notebook";
    assert_eq!(
        history(&workspace, again),
        json!([["after", "succeeded", 1], ["long", "succeeded", 1]])
    );
    workspace.run(&["retry", "long"]).status(2).says("succeeded");
    workspace.run(&["verify"]).status(0);
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_sync_that_is_cancelled_runs_nothing_more_and_the_service_goes_on() {
    let workspace = workspace("[schedule]\nevery = \"2h\"\n[execution]\nparallel = 1")
        .notebook("stubborn", &["import time\nprint('begun')\nopen('stubborn.begun', 'w')\nwhile True:\n    try:\n        time.sleep(0.05)\n    except KeyboardInterrupt:\n        pass"])
        .notebook("next", &["print('suite')"]);
    let service = Service::start(&workspace);
    begun(&workspace, "stubborn");
    wait_for("`penny status` knows that it runs", || {
        workspace.run(&["status"]).stdout.contains("▶ stubborn")
    });
    workspace.run(&["cancel", "--sync", "9"]).status(3).says("sync 9 is not under way");
    workspace.run(&["cancel"]).status(0).says("sync 1 is cancelled");
    history_says(
        &workspace,
        "SELECT r.notebook, r.outcome, s.outcome, r.error LIKE '% (penny cancel)%' FROM runs r
         JOIN syncs s ON s.id = r.sync ORDER BY r.id",
        &json!([["stubborn", "cancelled", "cancelled", 1], ["next", "skipped", "cancelled", 1]]),
    );
    workspace.run(&["run", "next"]).status(0);
    workspace.run(&["cancel"]).status(0).says("nothing runs");
    assert_eq!(service.end("-TERM"), 0);
    workspace.run(&["cancel"]).status(2).says("nothing runs in this workspace");
    workspace.no_process_is_left();
}

#[test]
fn a_pause_tells_who_made_it_and_when() {
    let workspace = workspace("[schedule]\nevery = \"2h\"").notebook("n", &["1"]);
    workspace.run(&["pause", "n"]).status(0);
    workspace.run(&["status"]).status(0).says(" (penny pause), ");
    let status = workspace.run(&["status", "--json"]).status(0).stdout;
    let status: Value = serde_json::from_str(&status).expect("JSON");
    assert_eq!(status["pauses"][0]["notebook"], "n");
    workspace.run(&["resume"]).status(0);
    workspace.run(&["status"]).status(0).never_says("paused");
}
