//! What the service keeps open from sync to sync, and what happens when it goes away.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Service, begun, go, history, history_says, waits, workspace};
use crate::processes::{descendants, kill, one, runs};
use crate::support::{Workspace, wait_for};

const PUBLISH: &str =
    "import penny, pandas as pd\npenny.publish(pd.DataFrame({'a': [1, 2, 3]}), 'kept')";

/// A workspace with Penny's own PostgreSQL and the simulated Pennylane.
fn with_servers() -> Workspace {
    Workspace::new().config("[web]\nenabled = false\n[schedule]\nevery = \"2h\"")
}

#[test]
fn a_postgresql_that_died_between_two_syncs_is_there_for_the_next() {
    let workspace = with_servers().notebook("kept", &[PUBLISH]);
    let service = Service::start(&workspace);
    service.says("3 rows → pennylane.kept");
    service.says("sync 1 ended");
    let processes = descendants(service.pid());
    kill("-KILL", one(&processes, "db guard").0);
    let server = one(&processes, "postgres -D").0;
    wait_for("the server has ended with its guard", || !runs(server));
    workspace.run(&["run"]).status(0).says("3 rows → pennylane.kept");
    assert_eq!(service.end("-TERM"), 0);
    workspace.no_process_is_left();
}

#[test]
fn it_ends_in_time_with_its_own_postgresql_too() {
    let deaf = "import pathlib, signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n\
                signal.signal(signal.SIGTERM, signal.SIG_IGN)\npathlib.Path('deaf.begun').touch()\n\
                while True: time.sleep(1)";
    let workspace = with_servers().notebook("deaf", &[deaf]).notebook("kept", &[PUBLISH]);
    let service = Service::start(&workspace);
    begun(&workspace, "deaf");
    service.says("3 rows → pennylane.kept");
    let processes = descendants(service.pid());
    let asked = Instant::now();
    assert_eq!(service.end("-TERM"), 0);
    let took = asked.elapsed();
    assert!(!processes.iter().any(|(pid, _)| runs(*pid)), "a process is left: {processes:?}");
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    workspace.no_process_is_left();
}

#[test]
fn a_history_that_cannot_be_written_for_a_while_loses_nothing() {
    let workspace = workspace("[schedule]\nevery = \"2h\"").notebook("one", &[&waits("one")]);
    let service = Service::start(&workspace);
    begun(&workspace, "one");
    // Until that has been told, and so longer than SQLite itself waits for another one who writes.
    let code = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], timeout=30)\n\
                c.execute('BEGIN IMMEDIATE')\nprint('held', flush=True)\nsys.stdin.read()\nc.rollback()";
    let path = workspace.root().join(".penny/history.db");
    let mut holder = Command::new(penny_testing::base_python())
        .args(["-c", code])
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut line = String::new();
    let said = holder.stdout.take().expect("it is piped");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(said), &mut line).expect("it speaks");
    assert_eq!(line, "held\n");
    go(&workspace, "one");
    service.says("error: the history ");
    drop(holder.stdin.take());
    assert!(holder.wait().expect("it ends").success());
    history_says(&workspace, "SELECT outcome, attempts FROM runs", &json!([["succeeded", 1]]));
    history_says(&workspace, "SELECT outcome FROM syncs", &json!([["succeeded"]]));
    workspace.run(&["verify"]).status(0);
    assert_eq!(service.end("-TERM"), 0);
    assert_eq!(history(&workspace, "SELECT count(*) FROM runs WHERE ended IS NULL"), json!([[0]]));
}
