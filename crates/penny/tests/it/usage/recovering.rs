//! Penny's own PostgreSQL after a sudden end: it reads its log before it lets anyone in, however long that takes.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use crate::processes::kill;
use crate::support::{Workspace, end, wait_for};

/// A workspace whose PostgreSQL ran once.
fn made() -> Workspace {
    let workspace = Workspace::new();
    workspace.run(&["db", "start"]).status(0);
    workspace
}

fn data(workspace: &Workspace) -> PathBuf {
    workspace.root().join(".penny/postgres/data")
}

/// At its next start the server recovers, and asks this command for each part of its log: it fails, and the server
/// takes its own.
fn recovers_by(workspace: &Workspace, command: &str) {
    let settings = data(workspace).join("postgresql.auto.conf");
    let present = fs::read_to_string(&settings).expect("read");
    fs::write(
        &settings,
        format!("{present}\nhot_standby = off\nrestore_command = '{command}; false'\n"),
    )
    .unwrap();
    fs::write(data(workspace).join("recovery.signal"), "").expect("written");
    fs::write(data(workspace).join("hold"), "").expect("written");
}

/// A command that goes on beside the test, and the file with what it says.
fn beside(workspace: &Workspace, name: &str) -> (Child, PathBuf) {
    let said = workspace.root().join(format!("{name}.txt"));
    let file = File::create(&said).expect("made");
    let mut command = workspace.command(&["db", "start"]);
    (command.stdout(Stdio::null()).stderr(file).spawn().expect("penny starts"), said)
}

#[track_caller]
fn says(said: &PathBuf, text: &str) {
    wait_for(text, || fs::read_to_string(said).expect("read").contains(text));
}

/// The numbers of the workspace's processes of which the command line holds this.
fn processes(workspace: &Workspace, part: &str) -> Vec<u32> {
    let all = workspace.processes().into_iter().filter(|line| line.contains(part));
    all.map(|line| line.split_whitespace().next().expect("a pid").parse().unwrap()).collect()
}

#[test]
fn a_server_that_recovers_for_long_comes_up_and_whoever_waits_for_it_is_told() {
    let workspace = made();
    workspace.run(&["db", "stop"]).status(0);
    // Only the first call takes that long: longer than it takes until what is waited for is told.
    recovers_by(&workspace, "if mv hold held; then sleep 12; fi");
    let (first, said) = beside(&workspace, "first");
    says(&said, "PostgreSQL: it recovers from a sudden end, which may take minutes");
    let (second, waiting) = beside(&workspace, "second");
    says(&waiting, "PostgreSQL: another penny command is starting it: waiting for it");
    assert_eq!(end(first).status, 0, "{}", fs::read_to_string(&said).unwrap());
    assert_eq!(end(second).status, 0, "{}", fs::read_to_string(&waiting).unwrap());
    says(&said, "✓ PostgreSQL: running on 127.0.0.1:");
    assert!(!data(&workspace).join("recovery.signal").exists(), "it has recovered to its end");
    workspace.run(&["db", "stop"]).status(0).says("PostgreSQL has stopped.");
    workspace.no_process_is_left();
}

#[test]
fn a_command_waits_for_the_server_that_its_guard_brings_back() {
    let workspace = made();
    recovers_by(&workspace, "while test -e hold; do sleep 0.1; done");
    let killed = processes(&workspace, "postgres -D");
    kill("-KILL", *killed.first().expect("a server runs"));
    wait_for("the guard has begun to start another", || {
        let now = processes(&workspace, "postgres -D");
        now.len() == 1 && now != killed
    });
    let (newcomer, said) = beside(&workspace, "newcomer");
    says(&said, "PostgreSQL: it is being started already: waiting for it");
    assert_eq!(processes(&workspace, "db guard").len(), 1, "{:?}", workspace.processes());
    fs::remove_file(data(&workspace).join("hold")).expect("removed");
    assert_eq!(end(newcomer).status, 0, "{}", fs::read_to_string(&said).unwrap());
    workspace.run(&["db", "stop"]).status(0).says("PostgreSQL has stopped.");
    workspace.no_process_is_left();
}

#[test]
fn a_guard_beside_another_says_so_and_ends() {
    let workspace = made();
    let folder = workspace.root().join(".penny/postgres").display().to_string();
    let second = ["db", "guard", "--port", "1", "--bin", "/nowhere", "--folder", &folder];
    let ended = workspace.run(&second).status(3);
    let said: serde_json::Value = serde_json::from_str(&ended.stdout).expect("a line of JSON");
    let error = "another `penny db guard` of this workspace has PostgreSQL and does not end";
    assert_eq!(said["error"], error);
    assert_eq!(processes(&workspace, "db guard").len(), 1, "the first goes on");
    workspace.run(&["db", "status"]).status(0).says("runs, and stays up until `penny db stop`");
    workspace.run(&["db", "stop"]).status(0).says("PostgreSQL has stopped.");
    workspace.no_process_is_left();
}
