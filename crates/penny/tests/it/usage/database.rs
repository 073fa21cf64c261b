//! `penny db` and `penny powerbi`: Penny's own PostgreSQL, and who may do what in it.

use std::fs;
use std::net::TcpListener;

use tokio_postgres::Client;

use super::{json, text};
use crate::server::{connect, rows, runtime};
use crate::support::{Workspace, free_port};

/// A connection by the URL that `penny db url` prints, as another user if one is given.
async fn client(url: &str, login: Option<(&str, &str)>) -> Client {
    let mut config: tokio_postgres::Config =
        url.trim().replace("?sslmode=disable", "").parse().expect("a URL");
    if let Some((user, password)) = login {
        config.user(user).password(password);
    }
    connect(&config).await
}

#[test]
fn the_server_stays_up_between_start_and_stop_and_its_reader_only_reads() {
    let workspace = Workspace::new();
    workspace
        .run(&["db", "status"])
        .status(0)
        .says("does not run (Penny starts it when it needs it)");
    workspace.run(&["db", "stop"]).status(0).says("PostgreSQL was not running.");
    workspace
        .run(&["powerbi", "early.pbids"])
        .status(0)
        .says("`penny db start` starts it and leaves it running");

    let started = workspace.run(&["db", "start"]).status(0).says("stays up until `penny db stop`");
    let again = workspace.run(&["db", "start"]).status(0);
    assert_eq!(started.stdout, again.stdout, "the same server");
    workspace.run(&["db", "status"]).status(0).says("runs, and stays up until `penny db stop`");
    let status = json(&workspace.run(&["db", "status", "--json"]).status(0));
    assert_eq!(
        (&status["own"], &status["running"], &status["stays"]),
        (&true.into(), &true.into(), &true.into())
    );

    let url = workspace.run(&["db", "url"]).status(0).stdout;
    assert!(url.contains(status["place"].as_str().expect("a place")), "{url} {status}");
    runtime().block_on(rights(&url));
    the_pbids_file_names_the_server(&workspace, status["place"].as_str().expect("a place"));

    workspace.run(&["db", "stop"]).status(0).says("PostgreSQL has stopped.");
    workspace.no_process_is_left();
    let status = json(&workspace.run(&["db", "status", "--json"]).status(0));
    assert_eq!((&status["running"], &status["stays"]), (&false.into(), &false.into()));
}

/// The publisher owns the tables; the login of Power BI reads those that are there and those to come.
async fn rights(url: &str) {
    let publisher = client(url, None).await;
    let made = "CREATE TABLE pennylane.clients (id int); INSERT INTO pennylane.clients VALUES (1)";
    publisher.batch_execute(made).await.expect("the publisher may");
    let reader = client(url, Some(("powerbi", "reader-of-a-test"))).await;
    assert_eq!(
        rows(&reader, "SELECT count(*) FROM pennylane.clients").await.expect("it may read"),
        ["1"]
    );
    // Reading only is a default that a session may undo; the rights are what holds.
    reader.batch_execute("SET default_transaction_read_only = off").await.expect("a session may");
    for refused in [
        "INSERT INTO pennylane.clients VALUES (2)",
        "DELETE FROM pennylane.clients",
        "DROP TABLE pennylane.clients",
        "CREATE TABLE pennylane.mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "ALTER ROLE powerbi SUPERUSER",
        "SELECT pg_read_file('postgresql.conf')",
    ] {
        let error = rows(&reader, refused).await.expect_err(refused);
        assert!(error.code().is_some_and(|c| matches!(c.code(), "42501")), "{refused}: {error:?}");
    }
    assert_eq!(
        rows(&publisher, "SELECT count(*) FROM pennylane.clients").await.expect("it reads"),
        ["1"]
    );
    let rights = "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname IN ('penny', 'powerbi')";
    assert_eq!(rows(&publisher, rights).await.expect("it reads"), ["f", "f"]);
}

fn the_pbids_file_names_the_server(workspace: &Workspace, place: &str) {
    let said = workspace
        .run(&["powerbi"])
        .status(0)
        .says("user powerbi (password: POWERBI_PASSWORD in .env)");
    said.says("schema pennylane").never_says("reader-of-a-test").never_says("does not run");
    let file: serde_json::Value =
        serde_json::from_str(&text(&workspace.root().join("pennylane.pbids"))).expect("it is JSON");
    let port = place.split([':', '/']).nth(1).expect("a port");
    let expected = serde_json::json!({
        "version": "0.1",
        "connections": [{
            "details": {
                "protocol": "postgresql",
                "address": {"server": format!("localhost:{port}"), "database": "pennylane_db"},
            },
            "options": {},
            "mode": "Import",
        }],
    });
    assert_eq!(file, expected);
}

#[test]
fn a_port_that_is_taken_is_passed_over_aloud_and_missing_passwords_are_made_once() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let port = taken.local_addr().expect("it has one").port();
    let workspace =
        Workspace::new().notebook("a", &["import os; print(os.environ['POSTGRES_PASSWORD'])"]);
    let env = format!(
        "POSTGRES_PORT={port}\nPENNYLANE_API_TOKEN=token-of-a-test\nREDSHIFT_USER=u_1\nREDSHIFT_PASSWORD=share-of-a-test\n"
    );
    fs::write(workspace.root().join(".env"), &env).expect("written");
    let sentence =
        format!("warning: port {port} is taken by another program: PostgreSQL is on port ");
    workspace
        .run(&["run"])
        .status(0)
        .says(&sentence)
        .says("POSTGRES_PORT in .env chooses another for good");
    let filled = text(&workspace.root().join(".env"));
    assert!(filled.starts_with(&env), "{filled}");
    for name in ["POSTGRES_PASSWORD=", "POWERBI_PASSWORD="] {
        assert_eq!(filled.matches(name).count(), 1, "{filled}");
    }
    // One that was made a moment ago is a secret like any other.
    let password =
        filled.lines().find_map(|l| l.strip_prefix("POSTGRES_PASSWORD=")).expect("it was made");
    let output = workspace.outputs("a")[0].to_string();
    assert!(output.contains("•••") && !output.contains(password), "{output}");
    workspace.run(&["db", "start"]).status(0).says(&sentence);
    let status = json(&workspace.run(&["db", "status", "--json"]).status(0));
    assert!(!status["place"].as_str().expect("a place").contains(&format!(":{port}/")), "{status}");
    // What was made is what opens the server.
    let url = workspace.run(&["db", "url"]).status(0).stdout;
    runtime()
        .block_on(async { client(&url, None).await.batch_execute("SELECT 1").await })
        .expect("it answers");
    workspace.run(&["db", "stop"]).status(0);
    assert_eq!(text(&workspace.root().join(".env")), filled);
    workspace.no_process_is_left();
}

#[test]
fn a_folder_that_holds_no_database_is_named_and_left_alone() {
    let workspace = Workspace::new();
    let data = workspace.root().join(".penny/postgres/data");
    fs::create_dir_all(&data).expect("made");
    fs::write(data.join("mine.txt"), "mine").expect("written");
    let refused = workspace.run(&["db", "start"]).status(3);
    refused
        .says("is not empty and is not a PostgreSQL data folder")
        .says("hint: move what is in")
        .never_says("panicked");
    assert_eq!(text(&data.join("mine.txt")), "mine");
    fs::write(data.join("PG_VERSION"), "8\n").expect("written");
    let refused = workspace.run(&["db", "start"]).status(3);
    refused.says("was made by PostgreSQL 8").says("a new one is made and the next sync fills it");
    fs::remove_dir_all(&data).expect("removed");
    workspace.run(&["db", "start"]).status(0);
    workspace.run(&["db", "stop"]).status(0);
    workspace.no_process_is_left();
}

#[test]
fn a_server_of_the_users_own_is_neither_started_nor_stopped() {
    let port = free_port();
    let workspace = Workspace::new().env(&format!("POSTGRES_HOST=127.0.0.1\nPOSTGRES_PORT={port}"));
    for verb in ["start", "stop"] {
        let refused = workspace.run(&["db", verb]).status(2);
        refused.says(&format!("127.0.0.1:{port}")).says(&format!("Penny does not {verb} it"));
    }
    workspace
        .run(&["db", "status"])
        .status(0)
        .says("The PostgreSQL that .env names")
        .says("does not answer");
    let status = json(&workspace.run(&["db", "status", "--json"]).status(0));
    assert_eq!((&status["own"], &status["running"]), (&false.into(), &false.into()));
    workspace
        .run(&["powerbi"])
        .status(0)
        .says("password: POSTGRES_PASSWORD in .env")
        .never_says("has no TLS");
    let url = "postgresql://chef:hunter2@127.0.0.1:1/livres";
    let workspace = workspace.env(&format!("DATABASE_URL={url}"));
    workspace
        .run(&["powerbi"])
        .status(0)
        .says("user chef (password: DATABASE_URL in .env)")
        .never_says("hunter2");
    workspace
        .run(&["powerbi", "no/folder.pbids"])
        .status(3)
        .says("cannot write")
        .never_says("panicked");
    assert!(!workspace.root().join(".penny/postgres").exists());
}
