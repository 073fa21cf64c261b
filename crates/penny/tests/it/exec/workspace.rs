//! `penny exec` in a workspace: its Python, its secrets, and no run in its history.

use std::fs;

use crate::executed::{code, printed};
use crate::support::Workspace;

fn executed(workspace: &Workspace, name: &str) -> serde_json::Value {
    let bytes = fs::read(workspace.root().join(name)).expect("the output is there");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[test]
fn a_notebook_of_a_workspace_runs_with_its_python_and_its_secrets_are_masked() {
    let source = "import os, sys, penny\nprint(os.environ['PENNYLANE_API_TOKEN'])\nprint(sys.executable)\n\
                  print(os.environ.get('PENNY_RUN'), os.path.basename(os.getcwd()))";
    let workspace = Workspace::without_server().notebook("n", &[source]);
    workspace.run(&["exec", "notebooks/n.ipynb", "out.ipynb"]).status(0);
    let said = printed(code(&executed(&workspace, "out.ipynb"))[0]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "•••");
    assert_eq!(lines[1], penny_testing::python().display().to_string());
    // As papermill runs it: in the folder that the command was given in, and by hand.
    assert_eq!(lines[2], "None books");
    assert!(!workspace.root().join(".penny/history.db").exists(), "no sync, no history");
    assert!(!workspace.root().join("data/outputs").exists());
    workspace
        .run(&["exec", "notebooks/n.ipynb", "out.ipynb", "--show-secrets"])
        .status(2)
        .says("--show-secrets is for notebooks outside of a workspace, and this one belongs to ");
}

#[test]
fn the_workspace_is_that_of_the_notebook_wherever_the_command_is_given() {
    let workspace = Workspace::without_server().notebook("n", &["import penny\nprint('there')"]);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let notebook = workspace.root().join("notebooks/n.ipynb").display().to_string();
    let mut command = workspace.command(&["exec", &notebook, "out.ipynb"]);
    command.current_dir(elsewhere.path()).stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    crate::support::end(command.spawn().expect("it starts")).status(0);
    assert!(elsewhere.path().join("out.ipynb").exists());
}

#[test]
fn a_table_that_is_published_by_hand_is_in_postgresql() {
    let source =
        "import pandas as pd, penny\npenny.publish(pd.DataFrame({'a': [1, 2, 3]}), 'essai')";
    let workspace = Workspace::new().notebook("n", &[source]);
    workspace.run(&["exec", "notebooks/n.ipynb", "out.ipynb"]).status(0);
    assert_eq!(
        workspace.query("select sum(a)::int from pennylane.essai"),
        serde_json::json!([[6]])
    );
    workspace.no_process_is_left();
}
