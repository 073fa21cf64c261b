//! `.env`: lines that are none, values that are missing or wrong.

use std::fs;

use crate::support::{Ended, Workspace};

/// A workspace on the real Pennylane, with this `.env`.
fn workspace(env: &str) -> Workspace {
    let workspace = Workspace::new().notebook("a", &["1"]);
    let config = fs::read_to_string(workspace.root().join("penny.toml")).expect("read");
    fs::write(workspace.root().join("penny.toml"), config.replace("sandbox = true", ""))
        .expect("written");
    fs::write(workspace.root().join(".env"), env).expect("written");
    workspace
}

/// What a command says of that `.env`.
#[track_caller]
fn check(env: &str, arguments: &[&str], status: i32, expected: &str) -> Ended {
    let workspace = workspace(env);
    let ended = workspace.run(arguments).status(status);
    let said = ended.stderr.replace(&workspace.root().display().to_string(), "DIR");
    assert_eq!(said.trim_end(), expected, "{env}");
    ended
}

#[test]
fn lines_that_are_no_variables_are_all_named_and_never_shown() {
    let env = "# ok\nPOSTGRES_PORT=5433\nhunter2\nPASS WORD=hunter2\nTOKEN=\"hunter2\n";
    check(
        env,
        &["run"],
        2,
        "\
error: DIR/.env:3: there is no `=` in it: write NAME=value
error: DIR/.env:4: the name before `=` may hold letters, digits and _ only
error: DIR/.env:5: a quote is opened and never closed",
    )
    .never_says("hunter2");
}

#[test]
fn a_value_that_cannot_be_used_is_named_before_anything_starts() {
    let way = "\nhint: write a number from 1 to 65535";
    for port in ["54x33", "0", "70000", "-1"] {
        let sentence = format!("error: POSTGRES_PORT in .env is no port number: {port}{way}");
        check(&format!("POSTGRES_PORT={port}\nPOSTGRES_PASSWORD=p\n"), &["run"], 2, &sentence);
    }
    check(
        "POSTGRES_HOST=db.example\nPOSTGRES_SSLMODE=required\n",
        &["run"],
        2,
        "error: POSTGRES_SSLMODE in .env: sslmode `required` is unknown\n\
         hint: it is one of disable, allow, prefer, require, verify-ca, verify-full",
    );
    let refused = check(
        "DATABASE_URL=mysql://owner:hunter2@db.example/books\n",
        &["run"],
        2,
        "error: DATABASE_URL in .env: the address of PostgreSQL is not right: it does not begin with postgresql://\n\
         hint: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
    );
    refused.never_says("hunter2");
    check(
        "REDSHIFT_HOST=127.0.0.1\nREDSHIFT_USER=u\nREDSHIFT_PASSWORD=p\nREDSHIFT_PORT=x\n",
        &["fetch", "redshift", "--sql", "SELECT 1"],
        2,
        &format!("error: REDSHIFT_PORT in .env is no port number: x{way}"),
    );
}

#[test]
fn a_missing_secret_is_named_with_the_place_where_pennylane_shows_it() {
    check(
        "PENNYLANE_API_TOKEN=\n",
        &["fetch", "customers"],
        3,
        "error: there is no token for Pennylane's API: PENNYLANE_API_TOKEN is empty in .env\n\
         hint: make one in Pennylane (Paramètres > Connectivité > Développeurs) and write it there",
    );
    let query = ["fetch", "redshift", "--sql", "SELECT 1"];
    for (env, name) in [
        ("", "REDSHIFT_HOST"),
        ("REDSHIFT_HOST=h\n", "REDSHIFT_USER"),
        ("REDSHIFT_HOST=h\nREDSHIFT_USER=u\nREDSHIFT_PASSWORD=\n", "REDSHIFT_PASSWORD"),
    ] {
        let sentence = format!(
            "error: the data share is not configured: {name} is empty in .env\n\
             hint: Pennylane shows the values under Paramètres > Connectivité > Data sharing"
        );
        check(env, &query, 3, &sentence);
    }
}

#[test]
fn an_env_file_of_another_encoding_is_named() {
    let workspace = workspace("");
    fs::write(workspace.root().join(".env"), b"PENNYLANE_API_TOKEN=\xe9t\xe9\n").expect("written");
    workspace
        .run(&["db", "status"])
        .status(2)
        .says(".env is not UTF-8")
        .says("hint: save it as UTF-8");
    fs::write(workspace.root().join(".env"), "\u{feff}POSTGRES_PORT=1\r\nPOSTGRES_DB=livres\r\n")
        .expect("written");
    workspace.run(&["db", "status"]).status(0).says("127.0.0.1:1/livres");
}

#[cfg(unix)]
#[test]
fn an_env_file_that_others_can_read_is_made_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let workspace = workspace("POSTGRES_PASSWORD=p\nPOWERBI_PASSWORD=q\n");
    let file = workspace.root().join(".env");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("set");
    workspace.run(&["db", "status"]).status(0);
    assert!(super::is_private(&file));
}
