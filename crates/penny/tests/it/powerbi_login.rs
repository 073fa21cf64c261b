//! The login of Power BI on a server of the user's, which Power BI reaches by another name perhaps.

use crate::server::{Postgres, connect, rows, runtime};
use crate::sources::without_sandbox;

const PUBLISHES: &str = r#"
import pandas as pd, penny
penny.publish(pd.DataFrame({"a": [1, 2, 3]}), "publiee")
"#;

#[test]
fn the_login_of_power_bi_is_made_on_a_server_that_env_names_when_it_is_told_where_that_is() {
    let postgres = Postgres::start();
    postgres.rows("postgres", "CREATE ROLE penny LOGIN PASSWORD 'penny-of-a-test'");
    postgres.rows("postgres", "CREATE DATABASE finance OWNER penny");
    let port = postgres.port();
    let workspace = without_sandbox().notebook("publie", &[PUBLISHES]).env(&format!(
        "POSTGRES_HOST=127.0.0.1\nPOSTGRES_PORT={port}\nPOSTGRES_DB=finance\nPOSTGRES_USER=penny\n\
         POSTGRES_PASSWORD=penny-of-a-test\nPOWERBI_USER=lecture\nPOWERBI_PASSWORD=\"l'écran\"\n"
    ));
    // Nobody asked for a login there.
    workspace.run(&["run"]).status(0).never_says("lecture");
    workspace
        .run(&["powerbi"])
        .status(0)
        .says(&format!("server 127.0.0.1:{port} "))
        .says("user penny ");

    // Who may not make one publishes all the same, and is told who may, how.
    let workspace = workspace.append(".env", "POWERBI_SERVER=compta.example\n");
    workspace
        .run(&["run"])
        .status(0)
        .says("1 succeeded, 0 failed")
        .says("PostgreSQL could not make the login lecture")
        .says("CREATE ROLE \"lecture\" LOGIN PASSWORD");
    postgres.rows("postgres", "ALTER ROLE penny CREATEROLE");
    for _ in 0..2 {
        workspace.run(&["run"]).status(0).never_says("lecture");
    }
    workspace
        .run(&["powerbi"])
        .status(0)
        .says(&format!("server compta.example:{port} "))
        .says("user lecture (password: POWERBI_PASSWORD in .env)");
    let mut login = postgres.superuser();
    login.dbname("finance").user("lecture").password("l'écran");
    let ask = |sql: &str| runtime().block_on(async { rows(&connect(&login).await, sql).await });
    assert_eq!(ask("SELECT count(*) FROM pennylane.publiee").expect("it may read"), ["3"]);
    // Reading only is a default that a session may undo; the rights are what holds.
    let delete = "SET transaction_read_only = off; DELETE FROM pennylane.publiee";
    let refused = ask(delete).expect_err("it may not write");
    assert_eq!(refused.code().map(|code| code.code()), Some("42501"), "{refused:?}");
    // What is published later can be read, too.
    let workspace = workspace.notebook("plus_tard", &[&PUBLISHES.replace("publiee", "nouvelle")]);
    workspace.run(&["run"]).status(0);
    assert_eq!(ask("SELECT count(*) FROM pennylane.nouvelle").expect("it may read"), ["3"]);
    // The port is that of the server that is named, in whichever way.
    let workspace = workspace.append(".env", "DATABASE_URL=postgresql://chef:x@h.example:6543/l\n");
    workspace.run(&["powerbi"]).status(0).says("server compta.example:6543 ");
    let workspace = workspace.append(".env", "POWERBI_SERVER=\"http://compta\"\n");
    workspace
        .run(&["powerbi"])
        .status(2)
        .says("POWERBI_SERVER in .env is no server: http://compta");
}
