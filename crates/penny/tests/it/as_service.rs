//! Penny as a service of the system, and as the first process of a container.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Workspace, wait_for};

#[test]
fn what_would_be_installed_is_shown_and_nothing_is_done() {
    let workspace = Workspace::named("Ma société").notebook("ventes", &["1"]);
    let shown = workspace.run(&["service", "install", "--dry-run"]).status(0);
    let root = workspace.root().display().to_string();
    shown.says("penny-ma-societe").says("start").says(&root);
    let status = workspace.run(&["service", "status", "--json"]).status(3);
    let status: Value = serde_json::from_str(&status.stdout).expect("JSON");
    assert_eq!(status["installed"], false);
    assert_eq!(status["runs"], false);
    assert_eq!(status["name"], "penny-ma-societe");
    workspace.run(&["service", "install", "--dry-run", "--name", "Ma société"]).status(2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_service_of_another_workspace_that_is_called_alike_is_left_alone() {
    let workspace = Workspace::named("books").notebook("ventes", &["1"]);
    let units = workspace.root().parent().expect("a folder").join("home/.config/systemd/user");
    std::fs::create_dir_all(&units).expect("made");
    let unit = units.join("penny-books.service");
    std::fs::write(&unit, "[Service]\nExecStart=\"penny\" \"--workspace\" \"/other/books\"\n")
        .expect("written");
    workspace.run(&["service", "install"]).status(2).says("--name penny-books-2");
    assert!(std::fs::read_to_string(&unit).expect("read").contains("/other/books"));
}

/// systemd's protocol, with a socket of the test's own in systemd's place.
#[cfg(target_os = "linux")]
#[test]
fn systemd_is_told_that_the_service_is_ready_and_lives_and_ends() {
    // Of a run that is over at once, only that it is over may be told.
    let workspace = Workspace::without_server();
    let heard_of_it = workspace.root().join("heard");
    let waits =
        format!("import os, time\nwhile not os.path.exists({heard_of_it:?}): time.sleep(0.05)");
    let workspace = workspace.notebook("ventes", &[&waits]);
    let place = workspace.root().parent().expect("a folder").join("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&place).expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(120))).expect("set");
    let mut command = workspace.command(&["start"]);
    command.env("NOTIFY_SOCKET", &place).env("WATCHDOG_USEC", "3000000");
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut heard = Vec::new();
    let mut hear = |wanted: &str| {
        let mut bytes = [0; 1000];
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            assert!(Instant::now() < deadline, "{wanted} is not said: {heard:?}");
            let length = socket.recv(&mut bytes).expect("the service says something");
            let said = String::from_utf8_lossy(&bytes[..length]).into_owned();
            let found = said.contains(wanted);
            heard.push(said);
            if found {
                return;
            }
        }
    };
    hear("READY=1");
    // Not only with the next beat.
    hear("STATUS=runs 1 notebook");
    std::fs::write(&heard_of_it, "").expect("written");
    hear("STATUS=waiting for what is due");
    hear("WATCHDOG=1");
    hear("WATCHDOG=1");
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(told.expect("kill is there").success());
    hear("STOPPING=1");
    assert_eq!(crate::support::end(child).status, 0);
    workspace.no_process_is_left();
}

/// The children of a process, and those of them that are dead and not buried.
#[cfg(target_os = "linux")]
fn children(pid: u32) -> Vec<(u32, bool)> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let state = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z'))
    };
    text.split_whitespace().filter_map(|p| p.parse().ok()).map(|p| (p, state(p))).collect()
}

/// Ends a process whatever becomes of its test; with the first one of a namespace all others end.
#[cfg(target_os = "linux")]
struct Ended(u32);

#[cfg(target_os = "linux")]
impl Drop for Ended {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-KILL", &self.0.to_string()]).output();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn as_the_first_process_of_a_container_penny_buries_orphans_and_hears_signals() {
    let unshare = |arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--fork", "--pid", "--mount-proc"]).args(arguments);
        command
    };
    if !unshare(&["true"]).output().is_ok_and(|output| output.status.success()) {
        eprintln!("this computer gives no process namespace");
        return;
    }
    // A cell that leaves an orphan, which ends a moment later: the first process inherits it.
    let orphan = "import subprocess; subprocess.run(['sh', '-c', '(sleep 0.2; true) & exit 0']); import time; time.sleep(0.6)";
    let workspace = Workspace::without_server().notebook("ventes", &[orphan]);
    let penny = env!("CARGO_BIN_EXE_penny");
    let root = workspace.root().display().to_string();
    let mut command = unshare(&[penny, "--workspace", &root, "start"]);
    command.env("HOME", workspace.root()).stdout(Stdio::null()).stderr(Stdio::null());
    let outer = command.spawn().expect("unshare starts");
    wait_for("the first sync is over", || workspace.log().contains("ventes: succeeded"));
    let (first, _) = children(outer.id())[0];
    let guard = Ended(first);
    wait_for("nobody lies about unburied", || {
        let all = children(first);
        !all.is_empty() && all.iter().all(|(_, dead)| !dead)
    });
    // The service is a child of the first process, which passes the wish to end on to it.
    let told = Command::new("kill").args(["-TERM", &first.to_string()]).status();
    assert!(told.expect("kill is there").success());
    wait_for("the wish is heard", || workspace.log().contains("stopping"));
    assert_eq!(crate::support::end(outer).status, 0);
    // It has ended: its number may be another's by now.
    std::mem::forget(guard);
    assert!(workspace.log().contains("penny start ended"), "{}", workspace.log());
}

/// A log that cannot be written ends nothing, and begins again as soon as it can.
#[cfg(target_os = "linux")]
#[test]
fn a_service_whose_log_cannot_be_written_goes_on() {
    let workspace = Workspace::without_server().notebook("ventes", &["1"]);
    // A file where the folder has to be: not even root can write the log then.
    std::fs::write(workspace.root().join("logs"), "").expect("written");
    let child = workspace
        .command(&["start"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    wait_for("the first sync is over", || {
        let shown = workspace.run(&["history", "--json"]).stdout;
        shown.contains("succeeded")
    });
    std::fs::remove_file(workspace.root().join("logs")).expect("removed");
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(told.expect("kill is there").success());
    assert_eq!(crate::support::end(child).status, 0);
    assert!(workspace.log().contains("before this could not be written"), "{}", workspace.log());
}

/// A stand-in for systemctl that notes what it is asked, answers that the service runs, or fails.
#[cfg(target_os = "linux")]
fn systemctl(workspace: &Workspace, fails: bool) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = workspace.root().parent().expect("a folder").join("bin");
    std::fs::create_dir_all(&folder).expect("made");
    let noted = folder.join("noted");
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> '{}'\necho ActiveState=active\nexit {}\n",
        noted.display(),
        u8::from(fails)
    );
    let path = folder.join("systemctl");
    std::fs::write(&path, script).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("set");
    folder
}

#[cfg(target_os = "linux")]
#[test]
fn a_service_is_installed_asked_after_and_removed() {
    let workspace = Workspace::named("Ma société").notebook("ventes", &["1"]);
    let folder = systemctl(&workspace, false);
    let workspace = workspace.variable("PATH", folder.display().to_string());
    let unit = workspace.root().parent().expect("a folder");
    let unit = unit.join("home/.config/systemd/user/penny-ma-societe.service");
    workspace
        .run(&["service", "install"])
        .status(0)
        .says("penny-ma-societe is a service of systemd, and runs.")
        .says("loginctl enable-linger")
        .says("logs/notebook_scheduler.log")
        .says("journalctl --user --unit penny-ma-societe --follow");
    assert!(unit.is_file());
    // What penny.toml says keeps nobody from asking after it, stopping it and removing it; only from starting it.
    let config = workspace.root().join("penny.toml");
    let right = std::fs::read_to_string(&config).expect("read");
    std::fs::write(&config, right.replace("[[notebook]]", "[[notebook")).expect("written");
    workspace.run(&["service", "status"]).status(0).says("is installed, and runs");
    workspace.run(&["service", "stop"]).status(0);
    workspace.run(&["service", "start"]).status(2).says("penny.toml");
    workspace.run(&["service", "uninstall"]).status(0);
    workspace.run(&["service", "install"]).status(2).says("penny.toml");
    assert!(!unit.exists());
    std::fs::write(&config, right).expect("written");
    workspace.run(&["service", "install"]).status(0);
    // Once more is no mistake.
    workspace.run(&["service", "install"]).status(0);
    workspace.run(&["service", "status"]).status(0).says("is installed, and runs");
    workspace.run(&["service", "stop"]).status(0);
    workspace.run(&["service", "start"]).status(0);
    workspace.run(&["service", "uninstall"]).status(0);
    assert!(!unit.exists());
    workspace.run(&["service", "uninstall"]).status(0);
    let noted = std::fs::read_to_string(folder.join("noted")).expect("read");
    for asked in ["--user enable --now", "--user stop", "--user start", "--user disable --now"] {
        assert!(noted.contains(&format!("{asked} penny-ma-societe.service")), "{asked}: {noted}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_service_that_the_system_refuses_leaves_nothing_behind() {
    let workspace = Workspace::named("books").notebook("ventes", &["1"]);
    let folder = systemctl(&workspace, true);
    let workspace = workspace.variable("PATH", folder.display().to_string());
    workspace.run(&["service", "install"]).status(3).says("systemctl --user daemon-reload failed");
    let units = workspace.root().parent().expect("a folder").join("home/.config/systemd/user");
    assert!(!units.join("penny-books.service").exists());
}
