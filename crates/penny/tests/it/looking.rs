//! Looking back through the binary: `penny history`, `show`, `diff` and `logs` on what really ran.

mod data;
mod log;
mod under_way;

use std::fs;

use serde_json::Value;

use crate::support::{Ended, Workspace, notebook};

/// What a command prints as JSON.
#[track_caller]
pub fn json(ended: Ended) -> Value {
    let ended = ended.status(0);
    serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{e}: {}", ended.stdout))
}

/// Replaces a notebook of a workspace.
pub fn edit(workspace: &Workspace, name: &str, cells: &[&str]) {
    let path = workspace.root().join(format!("notebooks/{name}.ipynb"));
    fs::write(path, notebook(cells)).expect("written");
}

/// A workspace whose notebook `a` went well twice, and `b` failed once in between.
fn three_runs() -> Workspace {
    let failing = "# the late ones\nx = {}\nx['dateline']\nprint('never')";
    let workspace = Workspace::without_server()
        .notebook(
            "a",
            &["# markdown\n## Parametres", "n = 1", "# markdown\n## Show", "print('n', n)"],
        )
        .notebook("b", &["y = 1", "# markdown\n## Export", failing, "1 + 1"])
        .config("[schedule]\ntimezone = \"Europe/Paris\"");
    workspace.run(&["run", "a"]).status(0);
    workspace.run(&["run", "b"]).status(1);
    workspace.run(&["run", "a"]).status(0);
    workspace
}

#[test]
fn the_history_shows_runs_newest_first_and_lets_through_what_is_asked_for() {
    let workspace = three_runs();
    let page = workspace.run(&["history"]).status(0);
    let lines: Vec<&str> = page.stdout.lines().collect();
    assert!(lines[0].starts_with("run  notebook  started"), "{}", page.stdout);
    let starts =
        ["  3  a", "  2  b", "     └ failed in cell 2 (Export): KeyError: 'dateline'", "  1  a"];
    for (line, start) in lines[1..].iter().zip(starts) {
        assert!(line.starts_with(start), "{}", page.stdout);
    }
    assert_eq!(lines[5..], ["", "`penny show 2` tells more of a run"], "{}", page.stdout);
    assert!(lines.iter().all(|line| line.chars().count() <= 100), "{}", page.stdout);
    assert!(lines[1].contains("today") && lines[1].contains("manual"), "{}", page.stdout);
    assert!(!page.stdout.contains('\u{1b}'), "colours are for terminals");

    let ids = |arguments: &[&str]| -> Vec<i64> {
        let all = [&["history", "--json"], arguments].concat();
        let runs = json(workspace.run(&all))["runs"].as_array().expect("runs").clone();
        runs.iter().map(|run| run["run"].as_i64().expect("a number")).collect()
    };
    assert_eq!(ids(&[]), [3, 2, 1]);
    assert_eq!(ids(&["a"]), [3, 1]);
    assert_eq!(ids(&["a", "b", "--limit", "2"]), [3, 2]);
    assert_eq!(ids(&["--outcome", "failed"]), [2]);
    assert_eq!(ids(&["--outcome", "failed,succeeded", "a"]), [3, 1]);
    assert_eq!(ids(&["--since", "1h"]), [3, 2, 1]);
    assert_eq!(ids(&["--since", "2999-01-01"]), [] as [i64; 0]);
    workspace.run(&["history", "--limit", "1"]).status(0).says("the last 1 of 3 runs");
    workspace.run(&["history", "--since", "2999-01-01"]).status(0).says("no run matches");
    workspace.run(&["history", "--since", "soon"]).status(2).says("`soon` is no time");
    workspace.run(&["history", "aa"]).status(2).says("did you mean `a`?");
    workspace.run(&["history", "--outcome", "lost"]).status(2).says("timed-out");
}

#[test]
fn a_history_that_is_empty_says_so() {
    let workspace = Workspace::without_server().notebook("a", &["1"]);
    workspace.run(&["history"]).status(0).says("no run matches");
    workspace.run(&["show", "a"]).status(2).says("`a` has not run yet").says("penny run a");
    workspace.run(&["show", "7"]).status(2).says("there is no run 7");
    workspace.run(&["diff", "a"]).status(2).says("`a` has not run yet");
}

#[test]
fn a_run_is_shown_with_its_cells_and_the_line_at_fault_among_its_neighbours() {
    let workspace = three_runs();
    let page = workspace.run(&["show", "b"]).status(0).stdout;
    assert!(page.starts_with("run 2 · b · failed in "), "{page}");
    for said in [
        "  trigger   manual\n",
        "notebooks/b.ipynb · SHA-256 ",
        "error: notebook `b` failed in cell 2 (Export)\n  KeyError: 'dateline'\n",
        "     2 │ x = {}\n→    3 │ x['dateline']\n     4 │ print('never')",
        "Penny 0.1.0",
        "output: data/outputs/b_",
    ] {
        assert!(page.contains(said), "`{said}` is not in\n{page}");
    }
    let cells: Vec<&str> =
        page.lines().skip_while(|line| *line != "cells").skip(1).take(3).collect();
    assert!(cells[0].starts_with("    1 ") && cells[0].contains("y = 1"), "{page}");
    assert!(cells[1].starts_with("✗   2 ") && cells[1].contains("Export: x = {}"), "{page}");
    assert!(cells[2].starts_with("    3 ") && cells[2].contains("not run"), "{page}");

    // By its number; and the last run by its name.
    let run = json(workspace.run(&["show", "1", "--json"]));
    assert_eq!(
        (&run["run"], &run["notebook"], &run["outcome"]),
        (&1.into(), &"a".into(), &"succeeded".into())
    );
    assert_eq!(json(workspace.run(&["show", "a", "--json"]))["run"], 3);
    let failed = json(workspace.run(&["show", "2", "--json"]));
    assert_eq!(
        (&failed["fault"]["line"], &failed["fault"]["ename"]),
        (&3.into(), &"KeyError".into())
    );
    assert_eq!(failed["cell_list"][2]["status"], "pending");
    assert!(failed["cell_list"][1]["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
    let output = failed["output_path"].as_str().expect("a path");
    assert!(std::path::Path::new(output).is_file(), "{output}");
    workspace.run(&["show", "2", "--attempt", "9"]).status(2).says("has no attempt 9");

    // Without its output notebook the history still knows what it knows.
    fs::remove_file(output).expect("removed");
    workspace.run(&["show", "2"]).status(0).says("is no longer there").says("KeyError: 'dateline'");
}

#[test]
fn two_runs_are_compared_in_what_the_notebook_says_and_shows() {
    let workspace = three_runs();
    workspace
        .run(&["diff", "a"])
        .status(0)
        .says("notebook: the same cells")
        .says("outputs: the same");
    edit(
        &workspace,
        "a",
        &["# markdown\n## Parametres", "n = 2", "# markdown\n## Show", "print('n', n)", "m = 3"],
    );
    workspace.run(&["run", "a"]).status(0);
    let page = workspace.run(&["diff", "a"]).status(0).stdout;
    for said in [
        "- run 3 · a · today ",
        "+ run 4 · a · today ",
        "notebook: 1 cell changed, 1 cell added",
        "  cell 1 (Parametres) changed\n    - n = 1\n    + n = 2",
        "  cell 3 (Show) added\n    + m = 3",
        "outputs: 1 cell shows something else",
        "  cell 2 (Show)\n    - n 1\n    + n 2",
        "data: neither run published a table",
    ] {
        assert!(page.contains(said), "`{said}` is not in\n{page}");
    }
    // The earlier run comes first, however they are named; two notebooks can be compared too.
    let turned = json(workspace.run(&["diff", "4", "3", "--json"]));
    assert_eq!((&turned["before"]["run"], &turned["after"]["run"]), (&3.into(), &4.into()));
    assert_eq!(turned["cells"].as_array().map(Vec::len), Some(3));
    workspace.run(&["diff", "a", "b"]).status(0).says("- run 2 · b").says("+ run 4 · a");
    workspace.run(&["diff", "b"]).status(2).says("run 2 is the first of `b`");
    workspace.run(&["diff", "4", "4"]).status(2).says("compared with itself");
}
