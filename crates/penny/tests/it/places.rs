//! Where a workspace is, and what cannot be written there: folders, disks, the log.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::executed::{are_valid_notebooks, code, output, printed};
use crate::support::{Workspace, end, notebook};

#[test]
fn an_output_that_cannot_be_saved_is_rescued_and_said() {
    let workspace = Workspace::without_server().notebook("small", &["print('kept')"]);
    fs::remove_dir_all(workspace.root().join("data")).ok();
    fs::create_dir_all(workspace.root().join("data")).expect("made");
    fs::write(workspace.root().join("data/outputs"), "a file where the folder should be")
        .expect("written");
    let ended = workspace.run(&["run"]).status(1);
    assert!(ended.stderr.contains("✗ small"), "{}", ended.stderr);
    let said = ended.says("the output notebook ").says("could not be saved: ").says("instead");
    let rescued = rescued(&workspace);
    assert!(
        said.stderr.contains(&rescued.display().to_string()),
        "{} in {}",
        rescued.display(),
        said.stderr
    );
    are_valid_notebooks(rescued.parent().expect("a folder"), 1);

    fs::remove_file(workspace.root().join("data/outputs")).expect("removed");
    fs::remove_file(&rescued).expect("removed");
    fs::create_dir(workspace.root().join("data/outputs")).expect("made");
    let file = workspace.root().join("notebooks/small.ipynb");
    fs::write(file, notebook(&["print('x' * 3_000_000)"])).expect("written");
    match full_disk(&workspace) {
        Some(mut command) => {
            let ended = end(command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("sh starts"));
            ended
                .status(1)
                .says("could not be saved: the disk is full; it was saved as ")
                .says("✗ small");
            assert!(fs::read(self::rescued(&workspace)).expect("read").len() > 3_000_000);
        }
        None => eprintln!("skipped: this user may not mount a small disk"),
    }
    workspace.no_process_is_left();
}

fn rescued(workspace: &Workspace) -> PathBuf {
    let entries =
        fs::read_dir(workspace.root().join(".penny/rescued")).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    assert_eq!(paths.len(), 1, "{paths:?}");
    paths.remove(0)
}

/// `penny run` where `data/outputs` is a disk of 1 MB, in a mount space of its own.
fn full_disk(workspace: &Workspace) -> Option<Command> {
    mounted(workspace, "mount -t tmpfs -o size=1m tmpfs data/outputs")
}

/// `penny run` after a mount that only it sees, where this user may mount.
fn mounted(workspace: &Workspace, mount: &str) -> Option<Command> {
    let allowed = |arguments: &[&str]| {
        let tried = Command::new("unshare")
            .args(arguments)
            .args(["sh", "-c", "mount -t tmpfs tmpfs /mnt"])
            .output();
        tried.is_ok_and(|tried| tried.status.success())
    };
    // Root needs no space of users of its own; the others need one.
    let arguments = [["--mount", "--mount"], ["--map-root-user", "--mount"]]
        .into_iter()
        .find(|a| allowed(a))?;
    let mut command = workspace.command(&[]);
    let penny = command.get_program().to_owned();
    let environment: Vec<_> =
        command.get_envs().map(|(n, v)| (n.to_owned(), v.map(ToOwned::to_owned))).collect();
    command = Command::new("unshare");
    command
        .args(arguments)
        .args(["sh", "-c"])
        .arg(format!("{mount} && cd \"$PWD\" && exec \"$0\" run"))
        .arg(penny);
    command.current_dir(workspace.root()).stdin(Stdio::null());
    for (name, value) in environment {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Some(command)
}

#[test]
fn a_workspace_that_cannot_be_written_is_said_in_a_sentence() {
    let workspace = Workspace::without_server().notebook("good", &["1"]);
    fs::write(workspace.root().join(".penny"), "a file where the folder should be")
        .expect("written");
    workspace.run(&["run"]).status(3).says("error: cannot make the folder ").says(".penny: ");
    fs::remove_file(workspace.root().join(".penny")).expect("removed");
    match mounted(&workspace, "mount --bind . . && mount -o remount,ro,bind \"$PWD\"") {
        Some(mut command) => {
            let ended = end(command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("sh starts"));
            ended.status(3).says("error: cannot make the folder ").says(
                "hint: give your user the right to write there, or put the workspace elsewhere",
            );
        }
        None => eprintln!("skipped: this user may not mount a read-only disk"),
    }
}

#[test]
fn a_folder_with_spaces_accents_and_quotes_is_as_good_as_any() {
    let publish = "import penny, pandas as pd\npenny.publish(pd.DataFrame({'a': [7]}), 'seven')";
    let share =
        "import penny\nprint(len(penny.redshift('SELECT * FROM pennylane.fiscal_years')) > 0)";
    let workspace = Workspace::named("Société d'été \"Brûlé\" & fils $HOME %d #1")
        .notebook("l'été", &[publish, share]);
    workspace.run(&["run"]).status(0).says("1 row → pennylane.seven").says("✓ l'été");
    assert_eq!(printed(code(&output(&workspace, "l'été"))[1]), "True\n");
    workspace.no_process_is_left();
    assert_eq!(workspace.query("SELECT a FROM pennylane.seven").to_string(), "[[7]]");
}

#[test]
fn the_log_is_for_people_or_for_programs_and_rotates() {
    let workspace = Workspace::without_server().notebook("good", &["1"]);
    let logs = workspace.root().join("logs");
    fs::create_dir_all(&logs).expect("made");
    let old = "2026-01-01 00:00:00  INFO an old line\n".repeat(140_000);
    fs::write(logs.join("notebook_scheduler.log"), &old).expect("written");
    workspace.run(&["run"]).status(0);
    assert_eq!(
        fs::read_to_string(logs.join("notebook_scheduler.log.1")).expect("set aside").get(..20),
        old.get(..20)
    );
    let log = workspace.log();
    assert!(log.len() < 10_000 && log.contains("good: succeeded in "), "{}", log.len());
    fs::remove_file(logs.join("notebook_scheduler.log")).expect("removed");
    workspace.run(&["run", "--log-format", "json"]).status(0);
    let log = workspace.log();
    let lines: Vec<Value> = log.lines().map(|l| serde_json::from_str(l).expect(l)).collect();
    let started = "good: started (notebooks/good.ipynb)";
    assert!(
        lines.iter().any(|l| l["level"] == "INFO" && l["fields"]["message"] == started),
        "{log}"
    );
}

#[test]
fn a_service_without_a_home_leaves_nothing_among_the_temporary_files() {
    let workspace = Workspace::without_server().notebook("small", &["get_ipython().ipython_dir"]);
    let temporary = workspace.root().join("temporary");
    fs::create_dir(&temporary).expect("made");
    let workspace = workspace
        .variable("HOME", "/nonexistent/home")
        .variable("TMPDIR", temporary.display().to_string());
    workspace.run(&["run"]).status(0);
    let left: Vec<_> = fs::read_dir(&temporary).expect("read").flatten().collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(workspace.root().join(".penny/ipython").is_dir());
}
