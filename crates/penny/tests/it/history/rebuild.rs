//! `penny history --rebuild`.

use super::*;

/// What a rebuild has to bring back of a run.
fn essence(run: &Value) -> Value {
    let keys = [
        "run",
        "sync",
        "notebook",
        "file",
        "trigger",
        "outcome",
        "error",
        "cells",
        "cells_run",
        "source_hash",
        "environment_hash",
        "version",
        "output",
        "output_hash",
        "output_bytes",
        "attempts",
        "started",
        "ended",
    ];
    keys.iter()
        .map(|key| ((*key).to_owned(), run[*key].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The same without the time at which it ended, which the history has a little later than the output.
fn without_end(runs: &[Value]) -> Vec<Value> {
    let mut all: Vec<Value> = runs.iter().map(essence).collect();
    all.iter_mut().for_each(|run| run["ended"] = Value::Null);
    all
}

#[test]
fn a_history_that_is_lost_is_made_anew_from_the_outputs() {
    let workspace = two();
    workspace.run(&["run"]).status(1);
    workspace.run(&["run", "good"]).status(0);
    let before = workspace.runs();
    assert_eq!(before.len(), 3);
    fs::remove_file(workspace.history()).expect("removed");
    workspace
        .run(&["history", "--rebuild"])
        .status(0)
        .says("The history was made anew: 3 runs in 2 syncs, 0 tables published.")
        .never_says("set aside");
    assert_eq!(without_end(&workspace.runs()), without_end(&before));
    workspace.verify(&[]).status(0).says("3 output notebooks compared");
    // It goes on from there.
    workspace.run(&["run", "good"]).status(0);
    assert_eq!(workspace.runs().len(), 4);
    workspace.verify(&[]).status(0);
}

#[test]
fn a_damaged_history_says_what_to_do_and_is_set_aside() {
    let workspace = two().notebook("third", &["1"]);
    workspace.run(&["run"]).status(1);
    workspace.run(&["pause", "good"]).status(0);
    let whole = fs::read(workspace.history()).expect("read");
    fs::write(workspace.history(), b"this is no history any more").expect("written");
    for command in [&["run"][..], &["history"], &["verify"], &["prune"]] {
        workspace
            .run(command)
            .status(3)
            .says("history.db cannot be used")
            .says("hint: the file is damaged: `penny history --rebuild` makes a new one");
    }
    workspace
        .run(&["history", "--rebuild"])
        .status(0)
        .says("3 runs")
        .says("It was set aside as .penny/history-");
    let aside = |damaged: &[u8]| {
        let entries = fs::read_dir(workspace.root().join(".penny")).expect("read");
        let names = entries.map(|e| e.expect("an entry").path());
        let found = names
            .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("history-")));
        found.filter(|p| fs::read(p).is_ok_and(|bytes| bytes == damaged)).count()
    };
    assert_eq!(aside(b"this is no history any more"), 1);
    workspace.verify(&[]).status(0);
    // One that can be read gives what outputs do not tell: what is paused, and its head.
    fs::write(workspace.history(), &whole).expect("written");
    let rebuilt = workspace.json(&["history", "--rebuild", "--json"]);
    assert_eq!((&rebuilt["runs"], &rebuilt["runs_before"]), (&json!(3), &json!(3)));
    workspace.run(&["resume", "good"]).status(0);
    workspace.verify(&[]).status(0);
}

#[test]
fn outputs_with_papermills_metadata_alone_are_told_by_their_names() {
    let workspace = two();
    workspace.run(&["run"]).status(1);
    let before = workspace.runs();
    for path in workspace.output_paths() {
        let mut notebook: Value =
            serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
        notebook["metadata"].as_object_mut().expect("an object").shift_remove("penny");
        fs::write(&path, serde_json::to_vec(&notebook).expect("JSON")).expect("written");
    }
    let outputs = workspace.root().join("data/outputs");
    fs::write(
        outputs.join("notes.ipynb"),
        r#"{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"#,
    )
    .expect("written");
    fs::write(outputs.join("half.ipynb"), "{\"cells\": [").expect("written");
    let rebuilt = workspace.run(&["history", "--rebuild"]).status(0);
    let rebuilt = rebuilt
        .says("The history was made anew: 2 runs in 1 sync, 0 tables published.")
        .says("2 runs known by the file's name and papermill's metadata alone.")
        .says("2 files left out:")
        .says("data/outputs/notes.ipynb: it does not tell when it was executed");
    assert!(rebuilt.stdout.contains("data/outputs/half.ipynb: "), "{}", rebuilt.stdout);
    let after = workspace.runs();
    let told = |runs: &[Value], name: &str| {
        let run = runs.iter().find(|run| run["notebook"] == name).expect("it ran");
        ["outcome", "cells", "cells_run", "output", "file"].map(|key| run[key].clone())
    };
    for name in ["good", "bad"] {
        assert_eq!(told(&after, name), told(&before, name), "{name}");
    }
    let error = |run: &Value| run["error"].as_str().map(str::to_owned);
    let bad = after.iter().find(|run| run["notebook"] == "bad").expect("it ran");
    assert_eq!(error(bad).as_deref(), Some("ZeroDivisionError: division by zero"));
    assert_eq!(bad["trigger"], json!("unknown"));
    workspace.verify(&[]).status(0);
}

#[test]
fn an_output_that_was_cut_off_is_a_crash() {
    let workspace = Workspace::without_server()
        .notebook("slow", &["import pathlib, time\npathlib.Path('here').touch()\ntime.sleep(600)"]);
    let penny = start(&workspace, &["run"]);
    wait_for("the cell runs", || workspace.root().join("notebooks/here").exists());
    // While a run is under way, nobody makes the history anew.
    workspace.run(&["history", "--rebuild"]).status(3).says("under way");
    kill("-KILL", penny.id());
    end(penny);
    workspace.no_process_is_left();
    workspace.run(&["history", "--rebuild"]).status(0).says("1 run in 1 sync");
    let runs = workspace.runs();
    assert_eq!(runs[0]["outcome"], json!("crashed"));
    assert_eq!(runs[0]["error"], json!("Penny was ended in the middle of this run"));
}

#[test]
fn what_a_run_published_is_made_anew_too() {
    let publish = "import pandas as pd\nimport penny\n\
                   penny.publish(pd.DataFrame({'id': [1, 2, 3], 'montant': [1.5, 2.5, 3.0]}), 'ventes', key='id')";
    let workspace = Workspace::new().notebook("ventes", &[publish]);
    workspace.run(&["run"]).status(0);
    let tables = |workspace: &Workspace| {
        let run = workspace.runs().remove(0);
        (run["rows"].clone(), run["tables"].clone())
    };
    let before = tables(&workspace);
    assert_eq!(before.0, json!(3));
    fs::remove_file(workspace.history()).expect("removed");
    workspace.run(&["history", "--rebuild"]).status(0).says("1 run in 1 sync, 1 table published.");
    assert_eq!(tables(&workspace), before);
    workspace.verify(&[]).status(0);
}
