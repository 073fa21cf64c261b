//! The workspace, its configuration and the command line, as a newcomer meets them.

mod beginning;
mod configuration;
mod database;
// What its servers ask for while they recover is a command of the shell.
#[cfg(unix)]
mod recovering;
// Its stand-ins for a Python that lacks something are shell scripts.
#[cfg(unix)]
mod environment;
mod jupyter;
mod simulated;
mod variables;

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::support::{Ended, Workspace, end};

/// A folder beside the workspace, in the same temporary folder; it may not be there yet.
fn beside(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.root().parent().expect("it is in a temporary folder").join(name)
}

/// Runs a command from another folder than the workspace's.
fn run_in(workspace: &Workspace, folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = workspace.command(arguments);
    command.current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    end(command.spawn().expect("penny starts"))
}

/// Starts a command whose output is read while it runs.
fn started(workspace: &Workspace, arguments: &[&str]) -> Child {
    let mut command = workspace.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("penny starts")
}

/// Sends Ctrl-C to a process of a test.
fn interrupt(child: &Child) {
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill is there").success());
}

/// Whether nobody but the owner can read a file.
fn is_private(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        path.metadata().expect("it is there").permissions().mode() & 0o777 == 0o600
    }
    #[cfg(not(unix))]
    {
        // The rights of a folder in a user's own profile are its files' too.
        path.exists()
    }
}

/// Standard output as JSON, and nothing beside it.
#[track_caller]
fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{e}: {}", ended.stdout))
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
