//! Penny's own PostgreSQL is there from the beginning of the service, for those who read what was published before.

use std::fs::{File, read_to_string, write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use super::{Service, history, history_says};
use crate::processes::{descendants, kill, kill_if_there, one, runs};
use crate::server::runtime;
use crate::support::{Workspace, wait_for};

/// A workspace whose service runs nothing by itself.
fn quiet() -> Workspace {
    let config = "[web]\nenabled = false\n[schedule]\nevery = \"24h\"\nat_start = false";
    let publish = "import penny, pandas as pd\npenny.publish(pd.DataFrame({'a': [1, 2]}), 'kept')";
    Workspace::new().config(config).notebook("kept", &[publish])
}

/// The same with a table from before.
fn published() -> Workspace {
    let workspace = quiet();
    workspace.run(&["run"]).status(0).says("2 rows → pennylane.kept");
    workspace.no_process_is_left();
    workspace
}

/// Waits until Power BI's login can count the rows.
fn is_read(workspace: &Workspace) {
    wait_for("the table can be read", || rows(workspace) == Some(2));
}

fn rows(workspace: &Workspace) -> Option<i64> {
    let status: Value =
        serde_json::from_str(&workspace.run(&["db", "status", "--json"]).stdout).expect("JSON");
    if status["running"] != true {
        return None;
    }
    let url = workspace.run(&["db", "url"]).status(0).stdout;
    let mut login: tokio_postgres::Config = url.trim().parse().expect("a URL");
    login.user("powerbi").password("reader-of-a-test");
    runtime().block_on(async {
        let (client, connection) = login.connect(NoTls).await.ok()?;
        tokio::spawn(connection);
        let row = client.query_one("SELECT count(*) FROM pennylane.kept", &[]).await.ok()?;
        Some(row.get(0))
    })
}

#[test]
fn tables_can_be_read_before_the_service_has_run_anything() {
    let workspace = published();
    let service = Service::start(&workspace);
    is_read(&workspace);
    let server = one(&descendants(service.pid()), "postgres -D").0;
    kill("-KILL", server);
    wait_for("the server has ended", || !runs(server));
    is_read(&workspace);
    assert_eq!(history(&workspace, "SELECT count(*) FROM syncs"), json!([[1]]));
    workspace.run(&["run"]).status(0).says("2 rows → pennylane.kept");
    is_read(&workspace);
    assert_eq!(service.end("-TERM"), 0);
    workspace.no_process_is_left();
}

/// The number of the guard that runs, started or brought back by a service.
fn guard(service: &Service) -> Option<u32> {
    let processes = descendants(service.pid());
    processes.iter().find(|(_, line)| line.contains("db guard")).map(|(pid, _)| *pid)
}

/// A service that has started PostgreSQL.
fn hosting(workspace: &Workspace) -> Service {
    let service = Service::start(workspace);
    is_read(workspace);
    // Readers may be let in a moment before the service is done with the start.
    wait_for("it has started", || state(workspace)["postgresql_starts"] == false);
    service
}

#[test]
fn a_guard_that_was_killed_is_replaced_without_a_sync_and_told_of_once() {
    let workspace = published();
    let service = hosting(&workspace);
    for round in 0..2 {
        let killed = guard(&service).expect("a guard runs");
        kill("-KILL", killed);
        wait_for("another guard runs", || guard(&service).is_some_and(|guard| guard != killed));
        is_read(&workspace);
        service.says("Penny's own PostgreSQL runs again");
        let said = service.said().matches("PostgreSQL is gone: it is started again").count();
        assert_eq!(said, 1, "after kill {round}: {}", service.said());
    }
    assert_eq!(service.said().matches("runs again").count(), 1, "{}", service.said());
    workspace.run(&["logs"]).status(0).says("WARN").says("PostgreSQL is gone: it is started again");
    assert_eq!(history(&workspace, "SELECT count(*) FROM syncs"), json!([[1]]), "no sync helped");
    assert_eq!(service.end("-TERM"), 0);
    workspace.no_process_is_left();
}

#[test]
fn a_server_killed_so_often_that_its_guard_gives_up_comes_back_too() {
    let workspace = published();
    let service = hosting(&workspace);
    let first = guard(&service).expect("a guard runs");
    // How often is the guard's to know; a server that it has just started is killed as well.
    wait_for("the guard has given up", || {
        let processes = descendants(service.pid());
        for (pid, _) in processes.iter().filter(|(_, line)| line.contains("postgres -D")) {
            kill_if_there(*pid);
        }
        guard(&service) != Some(first)
    });
    is_read(&workspace);
    service.says("Penny's own PostgreSQL runs again");
    assert_eq!(service.end("-TERM"), 0);
    workspace.no_process_is_left();
}

#[test]
fn a_postgresql_that_the_user_stopped_stays_stopped_until_the_next_sync() {
    let workspace = published();
    let service = hosting(&workspace);
    workspace.run(&["db", "stop"]).status(0).says("PostgreSQL has stopped.");
    let since = beat(&workspace);
    // The service looks for it every two seconds.
    wait_for("the service has looked several times", || beat(&workspace) > since + 7);
    assert_eq!(guard(&service), None, "{}", service.said());
    assert!(!service.said().contains("PostgreSQL is gone"), "{}", service.said());
    workspace.run(&["run"]).status(0).says("2 rows → pennylane.kept");
    is_read(&workspace);
    kill("-KILL", guard(&service).expect("a guard runs"));
    service.says("Penny's own PostgreSQL runs again");
    is_read(&workspace);
    assert_eq!(service.end("-TERM"), 0);
    workspace.no_process_is_left();
}

#[test]
fn a_service_that_is_to_end_while_it_brings_postgresql_back_leaves_no_process() {
    let workspace = published();
    let service = hosting(&workspace);
    let killed = guard(&service).expect("a guard runs");
    kill("-KILL", killed);
    wait_for("another guard runs", || guard(&service).is_some_and(|guard| guard != killed));
    let asked = Instant::now();
    assert_eq!(service.end("-TERM"), 0);
    let left = workspace.processes();
    assert!(left.is_empty(), "{left:?}");
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    is_told_to_start(&workspace);
}

/// Somebody else who starts the server: nobody else does for as long as this is held.
fn starting(workspace: &Workspace) -> File {
    let path = workspace.root().join(".penny/postgres/start.lock");
    let lock = File::options().write(true).open(path).expect("it is there");
    lock.lock().expect("locked");
    lock
}

/// What the service tells of itself.
fn state(workspace: &Workspace) -> Value {
    let told = read_to_string(workspace.root().join(".penny/service.json")).expect("read");
    serde_json::from_str(&told).expect("JSON")
}

#[test]
fn while_postgresql_is_brought_back_the_service_says_that_it_starts() {
    let workspace = published();
    let service = hosting(&workspace);
    let lock = starting(&workspace);
    kill("-KILL", guard(&service).expect("a guard runs"));
    wait_for("it says that it starts", || state(&workspace)["postgresql_starts"] == true);
    workspace.run(&["status"]).status(0).says("Penny's own PostgreSQL is starting");
    drop(lock);
    is_read(&workspace);
    wait_for("it has started", || state(&workspace)["postgresql_starts"] == false);
    assert_eq!(service.end("-TERM"), 0);
    workspace.no_process_is_left();
}

#[test]
fn a_service_that_is_to_end_while_it_waits_to_bring_postgresql_back_ends_at_once() {
    let workspace = published();
    let service = hosting(&workspace);
    let lock = starting(&workspace);
    let server = one(&descendants(service.pid()), "postgres -D").0;
    kill("-KILL", guard(&service).expect("a guard runs"));
    wait_for("the server has ended with its guard", || !runs(server));
    wait_for("it says that it starts", || state(&workspace)["postgresql_starts"] == true);
    let asked = Instant::now();
    assert_eq!(service.end("-TERM"), 0);
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    let left = workspace.processes();
    assert!(left.is_empty(), "{left:?}");
    drop(lock);
    is_told_to_start(&workspace);
}

/// The cluster is whole after all that: a command starts it.
fn is_told_to_start(workspace: &Workspace) {
    workspace.run(&["run"]).status(0).says("2 rows → pennylane.kept");
    workspace.no_process_is_left();
}

/// When the service last looked at what is due, in seconds since 1970.
fn beat(workspace: &Workspace) -> i64 {
    let beat: Timestamp =
        state(workspace)["beat"].as_str().expect("a time").parse().expect("a time");
    beat.as_second()
}

#[test]
fn a_postgresql_that_does_not_start_is_told_once_and_tried_again() {
    let workspace = published();
    let settings: PathBuf = workspace.root().join(".penny/postgres/data/postgresql.conf");
    let right = read_to_string(&settings).expect("read");
    write(&settings, format!("{right}\nno_such_setting = 1\n")).expect("written");
    let service = Service::start(&workspace);
    service.says("error: PostgreSQL ");
    workspace.run(&["status"]).status(0).says("`penny start` is at work");
    let log = workspace.root().join(".penny/postgres/server.log");
    let tries = || read_to_string(&log).unwrap_or_default().matches("no_such_setting").count();
    let first = tries();
    wait_for("it is tried again", || tries() > first);
    write(&settings, right).expect("written");
    is_read(&workspace);
    assert_eq!(service.said().matches("error: ").count(), 1, "{}", service.said());
    assert_eq!(service.end("-TERM"), 0);
    workspace.no_process_is_left();
}

#[test]
fn a_service_makes_no_database_where_nothing_was_published() {
    let workspace = quiet();
    let service = Service::start(&workspace);
    wait_for("the service is at work", || workspace.root().join(".penny/service.json").exists());
    assert_eq!(service.end("-TERM"), 0);
    assert!(!workspace.root().join(".penny/postgres").exists());
}

#[test]
fn a_postgresql_that_the_user_stopped_comes_with_a_service_whose_first_sync_finds_no_python() {
    let workspace = published();
    workspace.run(&["db", "stop"]).status(0);
    assert!(workspace.root().join(".penny/postgres/stop").exists());
    let settings = workspace.root().join("penny.toml");
    let right = read_to_string(&settings).expect("read");
    let python = penny_testing::python().display().to_string();
    assert!(right.contains(&python) && right.contains("at_start = false"), "{right}");
    let wrong = right.replace(&python, "penny.toml").replace("at_start = false", "");
    write(&settings, wrong).expect("written");
    let service = Service::start(&workspace);
    let sync = json!([["start", "failed"]]);
    history_says(&workspace, "SELECT trigger, outcome FROM syncs WHERE id = 2", &sync);
    is_read(&workspace);
    assert_eq!(service.end("-TERM"), 0);
    workspace.no_process_is_left();
}
