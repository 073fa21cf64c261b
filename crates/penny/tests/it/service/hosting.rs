//! Penny's own PostgreSQL is there from the beginning of the service, for those who read what was published before.

use std::fs::{read_to_string, write};
use std::path::PathBuf;

use serde_json::{Value, json};
use tokio_postgres::NoTls;

use super::{Service, history};
use crate::processes::{descendants, kill, one, runs};
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
