//! The log as `penny logs` tells it.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use crate::support::{Workspace, end};

/// A workspace with this log.
fn with_log(text: &str) -> Workspace {
    let workspace = Workspace::without_server().notebook("a", &["1"]);
    fs::create_dir_all(workspace.root().join("logs")).expect("made");
    write(&workspace, text);
    workspace
}

fn write(workspace: &Workspace, text: &str) {
    let path = workspace.root().join("logs/notebook_scheduler.log");
    let mut file = File::options().create(true).append(true).open(path).expect("opened");
    file.write_all(text.as_bytes()).expect("written");
}

fn line(number: u32, notebook: &str) -> String {
    format!("2026-11-22 16:42:{number:02}  INFO {notebook}: line {number}\n")
}

/// A `penny logs -f`, and the lines that it prints.
fn follow(workspace: &Workspace, arguments: &[&str]) -> (Child, Receiver<String>) {
    let all = [&["logs", "-f"], arguments].concat();
    let mut child = workspace
        .command(&all)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("penny starts");
    let out = BufReader::new(child.stdout.take().expect("it is piped"));
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)).ok()
    });
    (child, told)
}

fn next(lines: &Receiver<String>) -> String {
    lines.recv_timeout(Duration::from_secs(60)).expect("a line comes")
}

#[test]
fn the_last_lines_are_shown_of_all_or_of_one_notebook() {
    let log: String = (1..=30).map(|n| line(n, if n % 10 == 0 { "b" } else { "a" })).collect();
    let workspace = with_log(&log);
    let lines = |arguments: &[&str]| -> Vec<String> {
        let all = [&["logs"], arguments].concat();
        workspace.run(&all).status(0).stdout.lines().map(str::to_owned).collect()
    };
    assert_eq!(lines(&[]).len(), 30);
    assert_eq!(lines(&["-n", "2"]), [line(29, "a").trim_end(), line(30, "b").trim_end()]);
    assert_eq!(lines(&["b", "-n", "2"]), [line(20, "b").trim_end(), line(30, "b").trim_end()]);
    let entry: serde_json::Value =
        serde_json::from_str(&lines(&["b", "-n", "1", "--json"])[0]).expect("JSON");
    assert_eq!(entry["fields"]["message"], "b: line 30");
    assert_eq!(entry["level"], "INFO");
    // With its offset, as a log of JSON has it: a program need not know the computer's clock.
    let time = entry["timestamp"].as_str().expect("a time");
    assert!(time.starts_with("2026-11-22T16:42:30"), "{time}");
    time.parse::<jiff::Timestamp>().expect("a moment");
    workspace.run(&["logs", "c"]).status(0).says("no line of the log is about `c`");
}

#[test]
fn lines_are_followed_over_a_rotation_until_ctrl_c_which_is_no_error() {
    let workspace = with_log(&(1..=9).map(|n| line(n, "a")).collect::<String>());
    let (child, lines) = follow(&workspace, &["-n", "1"]);
    assert_eq!(next(&lines), line(9, "a").trim_end());
    write(&workspace, &line(10, "b"));
    assert_eq!(next(&lines), line(10, "b").trim_end());
    // The log is set aside, as when it has grown large, and a new one begins.
    write(&workspace, &line(11, "a"));
    let path = workspace.root().join("logs/notebook_scheduler.log");
    fs::rename(&path, workspace.root().join("logs/notebook_scheduler.log.1")).expect("renamed");
    write(&workspace, &line(12, "a"));
    assert_eq!(next(&lines), line(11, "a").trim_end());
    assert_eq!(next(&lines), line(12, "a").trim_end());
    interrupt(&child);
    assert_eq!(end(child).status, 0);
}

#[test]
fn the_lines_of_one_notebook_are_followed_from_before_there_is_a_log() {
    let workspace = Workspace::without_server().notebook("a", &["1"]);
    let (child, lines) = follow(&workspace, &["a"]);
    fs::create_dir_all(workspace.root().join("logs")).expect("made");
    write(&workspace, &format!("{}{}", line(1, "b"), line(2, "a")));
    assert_eq!(next(&lines), line(2, "a").trim_end());
    interrupt(&child);
    assert_eq!(end(child).status, 0);
}

fn interrupt(child: &Child) {
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill is there").success());
}
