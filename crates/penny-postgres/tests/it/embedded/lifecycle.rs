//! Making, starting, killing and stopping.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use penny_postgres::embedded::{Cluster, EmbeddedError, Running, answers};

use super::{PASSWORD, PATIENCE, Scratch, binaries, connect, some_port, start, until, value};

#[tokio::test]
async fn a_server_starts_answers_keeps_its_data_and_stops() {
    let scratch = Scratch::new().await;
    assert_eq!(scratch.cluster.running(), None);
    let server = scratch.start().await;
    let (pid, port) = (server.pid(), server.port());
    assert!(answers(port).await);
    assert_eq!(scratch.cluster.running(), Some(Running { pid, port }));
    let client = connect(port).await;
    client.batch_execute("CREATE TABLE clients AS SELECT 'Société Générale' AS nom").await.unwrap();
    server.stop(PATIENCE).await.unwrap();
    assert_eq!(scratch.cluster.running(), None);
    assert!(!answers(port).await);

    let server = scratch.start().await;
    let client = connect(server.port()).await;
    assert_eq!(value(&client, "SELECT nom FROM clients").await, "Société Générale");
    server.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn the_server_is_set_up_for_one_machine_and_for_french_text() {
    let scratch = Scratch::new().await;
    let server = scratch.start().await;
    let client = connect(server.port()).await;
    for (setting, expected) in [
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("server_encoding", "UTF8"),
        ("data_checksums", "on"),
        ("fsync", "on"),
        ("password_encryption", "scram-sha-256"),
    ] {
        assert_eq!(value(&client, &format!("SHOW {setting}")).await, expected, "{setting}");
    }
    // The same order and the same case rules on every machine that can.
    if cfg!(target_os = "linux") {
        assert_eq!(value(&client, "SELECT upper('été')").await, "ÉTÉ");
    }
    let method = "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules";
    assert_eq!(value(&client, method).await, "scram-sha-256");
    server.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let scratch = Scratch::new().await;
    let server = scratch.start().await;
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(server.port()).user("penny").password("faux").dbname("postgres");
    let refused = config.connect(tokio_postgres::NoTls).await.err().unwrap();
    assert_eq!(refused.code(), Some(&tokio_postgres::error::SqlState::INVALID_PASSWORD));
    server.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_folder_that_was_made_is_made_no_second_time() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("L'été 26").join("données");
    let make = |password| Cluster::ensure(binaries(), data.clone(), "penny", password);
    let made = make(PASSWORD).await.unwrap();
    let at = fs::metadata(data.join("PG_VERSION")).unwrap().modified().unwrap();
    let again = make("another").await.unwrap();
    assert_eq!((&again.run_as, &again.data), (&made.run_as, &made.data));
    assert_eq!(fs::metadata(data.join("PG_VERSION")).unwrap().modified().unwrap(), at);
    assert_eq!(Cluster::major_of(&data), Some(made.binaries.major));
    let beside = data.with_file_name("données.version");
    assert_eq!(fs::read_to_string(beside).unwrap().trim(), made.binaries.version);
    let beside = fs::read_dir(data.parent().unwrap()).unwrap().count();
    assert_eq!(beside, 2, "nothing half-made stays behind, nor a password");
    let server = start(&made, &folder.path().join("log")).await;
    assert_eq!(value(&connect(server.port()).await, "SELECT 1").await, "1");
    server.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn two_that_make_the_same_folder_both_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let make = || Cluster::ensure(binaries(), data.clone(), "penny", PASSWORD);
    let (one, other) = tokio::join!(make(), make());
    let log = folder.path().join("log");
    let server = start(&one.unwrap(), &log).await;
    assert_eq!(other.unwrap().running().map(|running| running.pid), Some(server.pid()));
    server.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_password_of_two_lines_or_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for password in ["", "one\ntwo"] {
        let made = Cluster::ensure(binaries(), folder.path().join("data"), "penny", password).await;
        assert!(matches!(made, Err(EmbeddedError::UnusablePassword)));
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused() {
    let scratch = Scratch::new().await;
    let server = scratch.start().await;
    let error = scratch.cluster.start(some_port(), &scratch.log()).await.unwrap_err();
    let (running, pid, port) = (error.to_string(), server.pid(), server.port());
    assert!(running.ends_with(&format!("(process {pid}, port {port})")), "{running}");
    assert!(answers(port).await, "the first one goes on");
    server.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let scratch = Scratch::new().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let error = scratch.cluster.start(port, &scratch.log()).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::PortInUse { port: named } if named == port), "{error}");
    assert!(!answers(port).await, "what listens there is no PostgreSQL");
}

#[tokio::test]
async fn a_killed_server_is_noticed_and_the_next_one_recovers() {
    let scratch = Scratch::new().await;
    let mut server = scratch.start().await;
    let client = connect(server.port()).await;
    client.batch_execute("CREATE TABLE t AS SELECT generate_series(1, 1000) AS n").await.unwrap();
    kill(server.pid());
    let status = server.wait().await;
    assert!(!status.success(), "{status}");
    assert!(
        scratch.cluster.data.join("postmaster.pid").exists(),
        "a killed server leaves its file"
    );
    assert_eq!(scratch.cluster.running(), None);

    let server = scratch.start().await;
    let client = connect(server.port()).await;
    assert_eq!(value(&client, "SELECT count(*) FROM t").await, "1000");
    server.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_killed_server_with_a_busy_connection_does_not_hold_up_the_next_one() {
    let scratch = Scratch::new().await;
    let mut server = scratch.start().await;
    let (client, other) = (connect(server.port()).await, connect(server.port()).await);
    // Such a process does not look whether its server still lives.
    let busy = tokio::spawn(async move {
        client.batch_execute("DO $$BEGIN FOR i IN 1..2000000000 LOOP NULL; END LOOP; END$$").await
    });
    while value(&other, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO%'").await != "1"
    {
    }
    kill(server.pid());
    server.wait().await;
    let server = scratch.start().await;
    assert_eq!(value(&connect(server.port()).await, "SELECT 1").await, "1");
    busy.abort();
    server.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_stale_file_that_names_another_living_process_does_not_keep_the_server_from_starting() {
    let scratch = Scratch::new().await;
    let mut server = scratch.start().await;
    kill(server.pid());
    server.wait().await;
    let file = scratch.cluster.data.join("postmaster.pid");
    let text = fs::read_to_string(&file).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    // PostgreSQL spares its own parent, which this process is: another one it is, then.
    let mut other = sleeper();
    fs::write(&file, format!("{}\n{rest}", other.id())).unwrap();
    assert_eq!(scratch.cluster.running(), None);
    let server = scratch.start().await;
    server.stop(PATIENCE).await.unwrap();
    assert!(other.try_wait().unwrap().is_none(), "the other process was left alone");
    other.kill().unwrap();
    other.wait().unwrap();
}

#[tokio::test]
async fn a_server_that_another_program_started_is_found_and_stopped() {
    let scratch = Scratch::new().await;
    let server = scratch.start().await;
    // A second description of the same folder knows nothing of how the server came to be.
    let elsewhere = Cluster { ..scratch.cluster.clone() };
    elsewhere.stop(PATIENCE).await.unwrap();
    assert_eq!(scratch.cluster.running(), None);
    elsewhere.stop(PATIENCE).await.unwrap();
    server.stop(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_server_with_open_connections_stops_fast() {
    let scratch = Scratch::new().await;
    let server = scratch.start().await;
    let client = connect(server.port()).await;
    client.batch_execute("BEGIN; CREATE TABLE half (n int)").await.unwrap();
    server.stop(PATIENCE).await.unwrap();
    assert!(client.batch_execute("SELECT 1").await.is_err());
    let log = fs::read_to_string(scratch.log()).unwrap();
    assert!(log.contains("received fast shutdown request"), "{log}");
    assert!(log.contains("database system is shut down"), "{log}");
}

#[tokio::test]
async fn a_stopped_process_is_ended_by_force() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let scratch = Scratch::new().await;
    let server = scratch.start().await;
    assert!(
        Command::new("kill").args(["-STOP", &server.pid().to_string()]).status().unwrap().success()
    );
    server.stop(Duration::from_millis(100)).await.unwrap();
    assert_eq!(scratch.cluster.running(), None);
}

#[tokio::test]
async fn a_dropped_server_shuts_down() {
    let scratch = Scratch::new().await;
    let server = scratch.start().await;
    assert!(scratch.cluster.running().is_some());
    drop(server);
    until("the end of the server", || scratch.cluster.running().is_none()).await;
}

#[tokio::test]
async fn a_data_folder_that_lost_a_file_is_named_with_the_reason() {
    let scratch = Scratch::new().await;
    fs::remove_file(scratch.cluster.data.join("global").join("pg_control")).unwrap();
    let error = scratch.cluster.start(some_port(), &scratch.log()).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::DataFolder { .. }), "{error:?}");
    assert!(error.to_string().contains("pg_control"), "{error}");
}

#[tokio::test]
async fn a_mistake_in_the_settings_is_told_in_the_servers_words() {
    let scratch = Scratch::new().await;
    let settings = scratch.cluster.data.join("postgresql.conf");
    fs::write(&settings, "shared_buffers = 'beaucoup'\n").unwrap();
    let error = scratch.cluster.start(some_port(), &scratch.log()).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::EndedAtStart { .. }), "{error:?}");
    assert!(error.to_string().contains("shared_buffers"), "{error}");
}

#[tokio::test]
#[cfg_attr(
    not(target_os = "linux"),
    ignore = "only Linux tells a process that its parent was killed"
)]
async fn a_server_ends_with_a_killed_program() {
    let scratch = Scratch::new().await;
    killed_program(&scratch.cluster).await;
    let server = scratch.start().await;
    server.stop(PATIENCE).await.unwrap();
}

/// Lets another program start the server, kills that program, and waits for the end of the server.
pub async fn killed_program(cluster: &Cluster) {
    let mut program = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "embedded::lifecycle::hold_a_server", "--ignored", "--nocapture"])
        .env("PENNY_TEST_DATA", &cluster.data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let held = lines.map(Result::unwrap).find(|line| line.contains("server is up")).unwrap();
    let running = cluster.running().expect(&held);
    assert!(answers(running.port).await);
    program.kill().unwrap();
    program.wait().unwrap();
    until("the end of the server", || cluster.running().is_none()).await;
}

/// The other program of the test above.
#[tokio::test]
#[ignore = "a_server_ends_with_a_killed_program runs it in a process of its own, and kills that"]
async fn hold_a_server() {
    let data = std::path::PathBuf::from(std::env::var_os("PENNY_TEST_DATA").unwrap());
    let log = data.with_file_name("held.log");
    let cluster = Cluster::ensure(binaries(), data, "penny", PASSWORD).await.unwrap();
    let mut server = start(&cluster, &log).await;
    println!("\nserver is up");
    server.wait().await;
}

/// Ends a process as a full memory or a careless user does.
fn kill(pid: u32) {
    let mut command = if cfg!(windows) { Command::new("taskkill") } else { Command::new("kill") };
    let pid = pid.to_string();
    let arguments: &[&str] = if cfg!(windows) { &["/F", "/PID", &pid] } else { &["-9", &pid] };
    assert!(command.args(arguments).stdout(Stdio::null()).status().unwrap().success());
}

/// A process that lives for a while and is no PostgreSQL.
fn sleeper() -> std::process::Child {
    let mut command = if cfg!(windows) { Command::new("ping") } else { Command::new("sleep") };
    let arguments: &[&str] = if cfg!(windows) { &["-n", "120", "127.0.0.1"] } else { &["120"] };
    command.args(arguments).stdout(Stdio::null()).spawn().unwrap()
}
