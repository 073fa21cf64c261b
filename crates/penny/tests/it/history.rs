//! The history: what outputs say of their runs, what altering it costs, and how it is made anew.

mod rebuild;
mod retention;

use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::executed::output;
use crate::processes::{kill, start};
use crate::support::{Ended, Workspace, end, wait_for};

impl Workspace {
    /// A result as JSON.
    fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.run(arguments);
        serde_json::from_str(&ended.stdout)
            .unwrap_or_else(|_| panic!("{}{}", ended.stdout, ended.stderr))
    }

    /// Alters the history behind Penny's back.
    fn edit(&self, sql: &str) {
        let connection = Connection::open(self.history()).expect("opened");
        connection.execute_batch(sql).expect(sql);
    }

    fn history(&self) -> PathBuf {
        self.root().join(".penny/history.db")
    }

    /// Its runs as `penny history` tells them, oldest first.
    fn runs(&self) -> Vec<Value> {
        let all = self.json(&["history", "--json"]);
        all["runs"].as_array().expect("a list").iter().rev().cloned().collect()
    }

    /// The paths of its output notebooks, oldest first.
    fn output_paths(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.root().join("data/outputs")).into_iter().flatten();
        let mut paths: Vec<PathBuf> =
            entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort_by_key(|path| fs::metadata(path).and_then(|m| m.modified()).expect("a time"));
        paths
    }

    fn verify(&self, arguments: &[&str]) -> Ended {
        let all: Vec<&str> = ["verify"].into_iter().chain(arguments.iter().copied()).collect();
        self.run(&all)
    }
}

/// A workspace with a notebook that succeeds and one that fails.
fn two() -> Workspace {
    Workspace::without_server()
        .notebook("good", &["1 + 1", "print('fin')"])
        .notebook("bad", &["# markdown\n# Extraction", "total = 1", "total / 0", "3"])
}

#[test]
fn an_output_notebook_tells_of_its_run() {
    let workspace = two();
    workspace.run(&["run"]).status(1);
    let run = |name: &str| {
        workspace.runs().into_iter().find(|run| run["notebook"] == name).expect("it ran")
    };
    for (name, outcome) in [("good", "succeeded"), ("bad", "failed")] {
        let record = output(&workspace, name)["metadata"]["penny"].clone();
        let run = run(name);
        for key in
            ["run", "sync", "notebook", "file", "trigger", "outcome", "error", "cells", "cells_run"]
        {
            assert_eq!(record[key], run[key], "{name}: {key}");
        }
        for key in ["source_hash", "environment_hash", "version"] {
            assert!(record[key].as_str().is_some_and(|text| text.len() > 4), "{name}: {record}");
            assert_eq!(record[key], run[key], "{name}: {key}");
        }
        assert_eq!((&record["outcome"], &record["attempt"]), (&json!(outcome), &json!(1)));
        assert!(record["ended"].as_str() >= record["started"].as_str());
        assert_eq!(record["due"], Value::Null);
        assert_eq!(record["published"], json!([]));
    }
    assert!(run("bad")["error"].as_str().expect("why").contains("ZeroDivisionError"));
}

#[test]
fn what_a_run_ran_on_is_kept_once() {
    let workspace = Workspace::without_server().notebook("a", &["1"]).notebook("b", &["1"]);
    workspace.run(&["run"]).status(0);
    workspace.run(&["run"]).status(0);
    let connection = Connection::open(workspace.history()).expect("opened");
    let packages: String = connection
        .query_row("SELECT packages FROM environments", [], |r| r.get(0))
        .expect("there is one");
    assert!(packages.starts_with("CPython 3."), "{packages}");
    assert!(packages.lines().any(|line| line.starts_with("pandas ")), "{packages}");
    assert!(packages.lines().any(|line| line.starts_with("ipykernel ")), "{packages}");
    let count = |sql: &str| -> i64 { connection.query_row(sql, [], |r| r.get(0)).expect("read") };
    assert_eq!(count("SELECT count(*) FROM environments"), 1);
    assert_eq!(count("SELECT count(*) FROM runs WHERE environment_hash IS NULL"), 0);
}

#[test]
fn an_untouched_history_is_intact_and_its_head_stays_in_the_chain() {
    let workspace = two();
    workspace.verify(&[]).status(3).says("there is no history yet");
    workspace.run(&["run"]).status(1);
    let first = workspace.json(&["verify", "--json"]);
    assert_eq!((&first["intact"], &first["findings"]), (&json!(true), &json!([])));
    // Two runs, each with its try and its memory, and the sync.
    assert_eq!((first["records"].as_u64(), first["outputs"].as_u64()), (Some(7), Some(2)));
    let head = first["head"]["hash"].as_str().expect("a head");
    workspace.run(&["run", "good"]).status(0);
    workspace
        .verify(&["--head", head])
        .status(0)
        .says("Intact: nothing of this history was altered, removed or added.")
        .says("The head that you gave is in the chain");
    workspace.verify(&["--head", &head[..16].to_uppercase()]).status(0);
    workspace
        .verify(&["--head", &"ab".repeat(32)])
        .status(1)
        .says("NOT INTACT: 1 finding.")
        .says("it is not in the chain: records at its end were removed");
    workspace.verify(&["--head", "abc"]).status(2).says("is no head of a history");
}

#[test]
fn whatever_is_altered_is_named() {
    let workspace = two();
    workspace.run(&["run"]).status(1);
    let path = workspace.output_paths().remove(0);
    let original = fs::read(&path).expect("read");
    let mut altered = original.clone();
    altered[original.len() / 2] ^= 1;
    fs::write(&path, &altered).expect("written");
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    workspace
        .verify(&[])
        .status(1)
        .says(&format!("its output notebook data/outputs/{name} was altered"));
    fs::remove_file(&path).expect("removed");
    workspace
        .verify(&[])
        .status(1)
        .says(&format!("its output notebook data/outputs/{name} is gone"));
    fs::write(&path, &original).expect("written");
    workspace.verify(&[]).status(0);
    workspace.edit("UPDATE runs SET outcome = 'succeeded', error = NULL WHERE notebook = 'bad'");
    workspace
        .verify(&[])
        .status(1)
        .says(" of bad, ")
        .says("its `outcome`, `error` are not what they were");
    let found = workspace.json(&["verify", "--json"]);
    let finding = &found["findings"][0];
    assert_eq!(found["findings"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&finding["what"], &finding["kind"], &finding["about"], &finding["places"]),
        (&json!("altered"), &json!("run"), &json!("bad"), &json!(["outcome", "error"]))
    );
}

#[test]
fn a_run_that_was_cut_off_is_sealed_with_its_output_so_far() {
    let workspace = Workspace::without_server().notebook(
        "slow",
        &["print('begun')", "import pathlib, time\npathlib.Path('here').touch()\ntime.sleep(600)"],
    );
    let penny = start(&workspace, &["run"]);
    wait_for("the second cell runs", || workspace.root().join("notebooks/here").exists());
    kill("-KILL", penny.id());
    end(penny);
    workspace.no_process_is_left();
    let cell = "print('quick')";
    fs::write(workspace.root().join("notebooks/slow.ipynb"), crate::support::notebook(&[cell]))
        .expect("written");
    workspace.run(&["run"]).status(0).says("slow: its last run was cut off");
    let runs = workspace.runs();
    assert_eq!(
        (&runs[0]["outcome"], &runs[1]["outcome"]),
        (&json!("crashed"), &json!("succeeded"))
    );
    let path = workspace.root().join(runs[0]["output"].as_str().expect("its output so far"));
    let saved = fs::read_to_string(path).expect("read");
    assert!(saved.contains("begun"), "{saved}");
    assert_eq!(runs[0]["output_bytes"], json!(saved.len()));
    workspace.verify(&[]).status(0).says("2 output notebooks compared");
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_the_history() {
    use std::os::unix::fs::PermissionsExt as _;
    let workspace = Workspace::without_server().notebook("a", &["1"]);
    workspace.run(&["run"]).status(0);
    let mode = fs::metadata(workspace.history()).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
