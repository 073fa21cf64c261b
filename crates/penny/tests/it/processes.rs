//! Processes as the system lists them: started, told to end, looked for.

use std::process::{Child, Command, Stdio};

use crate::support::Workspace;

/// Starts a command that the test goes on beside.
pub fn start(workspace: &Workspace, arguments: &[&str]) -> Child {
    let mut command = workspace.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("penny starts")
}

/// Sends a signal, as `kill -INT` does.
pub fn kill(signal: &str, pid: u32) {
    let status =
        Command::new("kill").args([signal, &pid.to_string()]).status().expect("kill is there");
    assert!(status.success(), "kill {signal} {pid}");
}

/// Kills a process that may have ended meanwhile.
pub fn kill_if_there(pid: u32) {
    let mut command = Command::new("kill");
    command.args(["-KILL", &pid.to_string()]).stderr(Stdio::null());
    command.status().expect("kill is there");
}

/// The processes that a process started, and those that they started: number and command line.
pub fn descendants(pid: u32) -> Vec<(u32, String)> {
    let listed =
        Command::new("ps").args(["-eo", "pid=,ppid=,args=", "-ww"]).output().expect("ps is there");
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let rows: Vec<(u32, u32, String)> = text.lines().filter_map(row).collect();
    let mut found: Vec<(u32, String)> = Vec::new();
    let mut parents = vec![pid];
    while let Some(parent) = parents.pop() {
        for (child, _, line) in rows.iter().filter(|(_, of, _)| *of == parent) {
            parents.push(*child);
            found.push((*child, line.clone()));
        }
    }
    found.retain(|(_, line)| !line.contains("pid=,ppid="));
    found
}

fn row(line: &str) -> Option<(u32, u32, String)> {
    let mut words = line.split_whitespace();
    let (pid, parent) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some((pid, parent, words.collect::<Vec<_>>().join(" ")))
}

/// Whether a process runs; one that has ended and waits to be reaped does not.
pub fn runs(pid: u32) -> bool {
    let state = Command::new("ps")
        .args(["-o", "stat=", "-p", &pid.to_string()])
        .output()
        .expect("ps is there");
    let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

pub fn one<'a>(processes: &'a [(u32, String)], part: &str) -> &'a (u32, String) {
    processes
        .iter()
        .find(|(_, line)| line.contains(part))
        .unwrap_or_else(|| panic!("{part}: {processes:?}"))
}
