//! `[retention]`, `keep` and `penny prune`.

use super::*;

/// A workspace whose notebook ran so often, successfully.
fn ran(times: usize, config: &str) -> Workspace {
    let workspace = Workspace::without_server().notebook("a", &["1"]);
    for _ in 0..times {
        workspace.run(&["run"]).status(0);
    }
    workspace.config(config)
}

/// Writes something else into penny.toml.
fn change(workspace: &Workspace, from: &str, to: &str) {
    let path = workspace.root().join("penny.toml");
    let text = fs::read_to_string(&path).expect("read");
    assert!(text.contains(from), "{text}");
    fs::write(&path, text.replace(from, to)).expect("written");
}

#[test]
fn without_retention_everything_stays() {
    let workspace = ran(2, "");
    workspace.run(&["prune"]).status(0).says(
        "Nothing goes: penny.toml says nothing of retention, so every output notebook stays.",
    );
    assert_eq!(workspace.output_paths().len(), 2);
}

#[test]
fn what_goes_is_said_before_and_sealed_after() {
    let workspace = ran(4, "[retention]\nmax_runs = 2");
    let paths = workspace.output_paths();
    let name =
        |index: usize| paths[index].file_name().expect("a name").to_string_lossy().into_owned();
    workspace
        .run(&["prune", "--dry-run"])
        .status(0)
        .says(&format!("data/outputs/{}  (more than 2 runs of this notebook)", name(0)))
        .says("2 output notebooks would go")
        .says("Nothing was removed.");
    let told = workspace.json(&["prune", "--dry-run", "--json"]);
    assert_eq!(told["removals"].as_array().map(Vec::len), Some(2));
    assert_eq!(told["removals"][0]["notebook"], json!("a"));
    let bytes: u64 = paths[..2].iter().map(|p| fs::metadata(p).expect("there").len()).sum();
    assert_eq!((told["bytes"].as_u64(), told["left"].as_u64()), (Some(bytes), Some(2)));
    assert_eq!(workspace.output_paths().len(), 4);

    workspace.run(&["prune"]).status(0).says("2 output notebooks removed");
    assert_eq!(workspace.output_paths(), paths[2..]);
    assert!(
        workspace.log().contains("retention: 2 output notebooks removed"),
        "{}",
        workspace.log()
    );
    // The records stay with everything they said.
    let runs = workspace.runs();
    assert_eq!(runs.len(), 4);
    assert!(runs[0]["output_hash"].as_str().is_some_and(|hash| hash.len() == 64));
    workspace
        .verify(&[])
        .status(0)
        .says("2 output notebooks removed by retention, as the history says.");
    workspace.run(&["prune"]).status(0).says("Nothing has to go");
    // What goes without such a record is missed.
    fs::remove_file(&paths[2]).expect("removed");
    workspace.verify(&[]).status(1).says("is gone");
}

#[test]
fn what_is_put_back_from_a_backup_stays_and_what_could_not_be_removed_is_tried_again() {
    let workspace = ran(3, "[retention]\nmax_runs = 2");
    let paths = workspace.output_paths();
    let backup = fs::read(&paths[0]).expect("read");
    let put_back = || fs::write(&paths[0], &backup).expect("written");
    workspace.run(&["prune"]).status(0).says("1 output notebook removed");
    assert!(!paths[0].exists());
    put_back();
    workspace.run(&["prune", "--dry-run"]).status(0).says("Nothing has to go: 2 output");
    workspace.run(&["prune"]).status(0).says("Nothing has to go: 2 output");
    assert!(paths[0].exists());
    // Penny was killed between the record and the removal, or another program held the file open.
    workspace.edit("INSERT INTO removals SELECT id FROM prunes");
    workspace.run(&["prune", "--dry-run"]).status(0).says("1 output notebook would go");
    // What is wanted today decides.
    change(&workspace, "max_runs = 2", "max_runs = 3");
    workspace.run(&["prune"]).status(0).says("Nothing has to go: 3 output");
    change(&workspace, "max_runs = 3", "max_runs = 2");
    workspace.run(&["prune"]).status(0).says("1 output notebook removed");
    assert!(!paths[0].exists());
    put_back();
    workspace.run(&["prune"]).status(0).says("Nothing has to go: 2 output");
    assert!(paths[0].exists());
    // Each removal was recorded once, and the seals fit.
    workspace.verify(&[]).status(0);
    // What somebody else removed meanwhile is not kept in mind either.
    workspace.edit("INSERT INTO removals SELECT id FROM prunes");
    fs::remove_file(&paths[0]).expect("removed");
    workspace.run(&["prune"]).status(0).says("Nothing has to go");
    put_back();
    workspace.run(&["prune"]).status(0).says("Nothing has to go");
    assert!(paths[0].exists());
}

#[test]
fn what_was_altered_is_evidence_and_stays() {
    let workspace = ran(3, "[retention]\nmax_runs = 1");
    let paths = workspace.output_paths();
    fs::write(&paths[0], "{}").expect("written");
    workspace
        .run(&["prune"])
        .status(0)
        .says("1 output notebook removed")
        .says("; 2 output notebooks stay")
        .says("stays: it was altered since it was written");
    assert_eq!(workspace.output_paths().len(), 2);
    assert!(paths[0].exists());
    workspace.verify(&[]).status(1).says("was altered");
}

#[test]
fn the_last_success_and_the_last_failure_stay_at_any_age() {
    let workspace = Workspace::without_server()
        .notebook("a", &["import os\nassert 'OK' in os.environ"])
        .config("[retention]\nmax_age = \"30d\"");
    let run = |ok: bool| {
        let mut command = workspace.command(&["run"]);
        if ok {
            command.env("OK", "1");
        }
        assert_eq!(command.output().expect("penny starts").status.code(), Some(i32::from(!ok)));
    };
    [true, false, true, false, false].into_iter().for_each(run);
    // All of one month, long ago; the chain then says so, but retention goes by what is there.
    workspace.edit("UPDATE runs SET started = '2020-02-0' || id || 'T08:00:00.000000Z'");
    let told = workspace.json(&["prune", "--dry-run", "--json"]);
    let going: Vec<u64> = told["removals"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|removal| removal["run"].as_u64().expect("a number"))
        .collect();
    assert_eq!(going, [1, 2, 4]);
}

#[test]
fn what_was_moved_away_stands_for_nothing_that_is_still_there() {
    let workspace = ran(4, "[retention]\nmax_age = \"5d\"");
    // Two successes of a month long ago, then two of the next.
    workspace.edit(
        "UPDATE runs SET started = '2020-0' || (2 + id / 3) || '-0' || id || 'T08:00:00.000000Z'",
    );
    let paths = workspace.output_paths();
    let going = || -> Vec<Value> {
        let told = workspace.json(&["prune", "--dry-run", "--json"]);
        told["removals"].as_array().expect("a list").iter().map(|r| r["run"].clone()).collect()
    };
    assert_eq!(going(), [json!(1), json!(3)]);
    // The month-end of February, and the last success of all.
    for path in [&paths[1], &paths[3]] {
        fs::rename(path, workspace.root().join(path.file_name().expect("a name"))).expect("moved");
    }
    assert_eq!(going(), [] as [Value; 0]);
    workspace.run(&["prune"]).status(0).says("Nothing has to go: 2 output notebooks stay");
    assert!(paths[0].exists() && paths[2].exists());
    // What is gone takes no place among so many runs either.
    change(&workspace, "max_age = \"5d\"", "max_runs = 2");
    assert_eq!(going(), [] as [Value; 0]);
}

#[test]
fn the_service_prunes_after_a_sync() {
    let workspace = ran(2, "[retention]\nmax_runs = 1\n");
    let penny = start(&workspace, &["start"]);
    wait_for("the first sync ended and its outputs were pruned", || {
        let runs = workspace.runs();
        runs.len() == 3 && runs[2]["outcome"] == "succeeded" && workspace.output_paths().len() == 1
    });
    kill("-TERM", penny.id());
    end(penny).status(0);
    workspace.no_process_is_left();
    workspace.verify(&[]).status(0).says("2 output notebooks removed by retention");
}

#[test]
fn mistakes_in_retention_are_told_with_what_to_write() {
    #[track_caller]
    fn check(config: &str, message: &str) {
        let workspace = Workspace::without_server().notebook("a", &["1"]).config(config);
        workspace.run(&["prune"]).status(2).says(message);
    }
    check(
        "[retention]\nmax_age = \"2h\"",
        "`max_age`: `2h` is no age: write an age in quotes, such as \"90d\"",
    );
    check("[retention]\nmax_age = 90", "`max_age` in [retention] should be an age in quotes");
    check(
        "[retention]\nmax_runs = 0",
        "`max_runs` in [retention] is 0: write a whole number from 1 to",
    );
    check("[retention]\nmax_size = \"5\"", "`max_size`: `5` is not a size");
    check("[retention]\nkeep = 3", "unknown key `keep` in [retention]");
    check(
        "keep = \"some\"",
        "`keep`: `some` does not say what to keep: write \"90d\", \"10 years\", 200, \"500 MB\" or \"all\"",
    );
    check("keep = 0", "`keep` in [[notebook]] is 0: write a whole number from 1 to");
    check("keep = true", "`keep` in [[notebook]] should be \"90d\"");
}
