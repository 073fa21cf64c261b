//! `penny start`, as a service that runs: its syncs, its end, and what it does about what happens meanwhile.

mod acting;
mod asking;
mod changing;
mod ending;
mod hosting;
mod retrying;
mod servers;
mod timing;

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use jiff::Timestamp;
use serde_json::Value;

use crate::processes::kill;
use crate::support::{Workspace, wait_for};

/// A running `penny start`.
pub struct Service {
    child: Child,
    said: PathBuf,
}

impl Service {
    /// Starts it.
    pub fn start(workspace: &Workspace) -> Service {
        let said = workspace.root().join("said.txt");
        let file = File::create(&said).expect("the file can be made");
        let mut command = workspace.command(&["start"]);
        let child = command.stdout(Stdio::null()).stderr(file).spawn().expect("penny starts");
        Service { child, said }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All that it has said.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap_or_default()
    }

    /// Waits until it has said something.
    #[track_caller]
    pub fn says(&self, text: &str) {
        let begun = std::time::Instant::now();
        while !self.said().contains(text) {
            let late = begun.elapsed() > std::time::Duration::from_secs(120);
            assert!(!late, "`{text}` was waited for in vain; it said:\n{}", self.said());
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }

    /// Sends a signal and waits for the end: its exit status.
    #[track_caller]
    pub fn end(self, signal: &str) -> i32 {
        kill(signal, self.child.id());
        self.ends()
    }

    /// Waits for the end: its exit status.
    #[track_caller]
    pub fn ends(mut self) -> i32 {
        let status = self.child.wait().expect("it can be waited for");
        status.code().unwrap_or(-1)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            kill("-TERM", self.child.id());
            let _ = self.child.wait();
        }
    }
}

/// A workspace for a service: no PostgreSQL, no port, and these lines at the top of penny.toml.
pub fn workspace(config: &str) -> Workspace {
    let workspace = Workspace::without_server();
    told_the_time(workspace).config(&format!("[web]\nenabled = false\n{config}"))
}

/// A workspace whose service is told the time by [`set_clock`].
pub fn told_the_time(workspace: Workspace) -> Workspace {
    let clock = clock(&workspace).display().to_string();
    workspace.variable("PENNY_TEST_CLOCK", clock)
}

/// The file that tells by how much the clock is wrong: beside the workspace, whose disk may be full.
fn clock(workspace: &Workspace) -> PathBuf {
    workspace.root().with_file_name("clock.txt")
}

/// Sets the clock of the service forward, all in all by so many seconds.
pub fn set_clock(workspace: &Workspace, seconds: i64) {
    // At once: a file that is read half written would tell another time for a moment.
    let clock = clock(workspace);
    let aside = clock.with_extension("new");
    fs::write(&aside, seconds.to_string()).expect("written");
    fs::rename(aside, clock).expect("renamed");
}

/// How many seconds it is until a notebook is due, by the real clock.
pub fn seconds_until_due(workspace: &Workspace, notebook: &str) -> i64 {
    let status = workspace.run(&["status", "--json"]).status(0).stdout;
    let status: Value = serde_json::from_str(&status).expect("JSON");
    let notebooks = status["notebooks"].as_array().expect("a list");
    let known = notebooks.iter().find(|n| n["name"] == notebook).expect("it is listed");
    let next: Timestamp = known["next"].as_str().expect("a time").parse().expect("a time");
    next.duration_since(Timestamp::now()).as_secs()
}

/// What a query answers of the history: a list of rows.
#[track_caller]
pub fn history(workspace: &Workspace, sql: &str) -> Value {
    ask_history(workspace, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The same, if there is an answer at the moment.
pub fn try_history(workspace: &Workspace, sql: &str) -> Option<Value> {
    ask_history(workspace, sql).ok()
}

fn ask_history(workspace: &Workspace, sql: &str) -> Result<Value, String> {
    let code = "import json, sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=30); \
                print(json.dumps(c.execute(sys.argv[2]).fetchall()))";
    let path = workspace.root().join(".penny/history.db");
    let output = Command::new(penny_testing::base_python())
        .args(["-c", code])
        .arg(path)
        .arg(sql)
        .output()
        .expect("Python starts");
    serde_json::from_slice(&output.stdout)
        .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Waits until a query answers that.
#[track_caller]
pub fn history_says(workspace: &Workspace, sql: &str, expected: &Value) {
    let mut last = Value::Null;
    let path = workspace.root().join(".penny/history.db");
    wait_for("there is a history", || path.exists());
    let begun = std::time::Instant::now();
    while last != *expected {
        let late = begun.elapsed() > std::time::Duration::from_secs(60);
        assert!(!late, "{sql}\nanswers {last}\nin place of {expected}");
        std::thread::sleep(std::time::Duration::from_millis(100));
        last = history(workspace, sql);
    }
}

/// A cell that says that it has begun, and waits until the test lets it go on.
pub fn waits(name: &str) -> String {
    format!(
        "import pathlib, time\nprint('begun')\npathlib.Path('{name}.begun').touch()\n\
         while not pathlib.Path('{name}.go').exists(): time.sleep(0.02)"
    )
}

/// Waits until such a cell has begun.
#[track_caller]
pub fn begun(workspace: &Workspace, name: &str) {
    let file = workspace.root().join(format!("notebooks/{name}.begun"));
    wait_for("the cell has begun", || file.exists());
}

/// Lets such a cell go on.
pub fn go(workspace: &Workspace, name: &str) {
    fs::write(workspace.root().join(format!("notebooks/{name}.go")), "").expect("written");
}
