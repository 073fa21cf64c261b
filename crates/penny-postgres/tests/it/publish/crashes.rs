//! Whatever breaks off in the middle, the old version is whole.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use futures_util::stream;
use penny_postgres::connection;
use penny_postgres::publish::{PublishError, publish};

use super::{frame, ints, publication, send};
use crate::server::{self, Place, rows};

fn version(number: i64, count: i64) -> RecordBatch {
    frame(&[("id", ints(0..count)), ("mark", ints((0..count).map(move |_| number)))])
}

#[tokio::test]
async fn a_sender_that_breaks_off_publishes_nothing() {
    let mut place = Place::new().await;
    place.publish("t", version(1, 10)).await;
    let batch = version(2, 5);
    let broken = ArrowError::IpcError("the pipe was closed".into());
    let publication = publication(&place.schema, "t");
    let batches = vec![Ok(batch.clone()), Err(broken)];
    let error = send(&mut place.client, &publication, batch.schema(), batches).await.unwrap_err();
    assert!(error.to_string().starts_with("the data broke off after 5 rows"), "{error}");
    assert_eq!(place.value("SELECT count(*) || ' ' || max(mark) FROM t").await, "10 1");
}

#[tokio::test]
async fn a_batch_with_other_columns_publishes_nothing() {
    let mut place = Place::new().await;
    let batch = version(1, 5);
    let other = frame(&[("id", ints([1]))]);
    let publication = publication(&place.schema, "t");
    let error = send(&mut place.client, &publication, batch.schema(), vec![Ok(batch), Ok(other)])
        .await
        .unwrap_err();
    assert!(error.to_string().starts_with("batch 2 of the data has other columns"), "{error}");
    assert_eq!(place.value("SELECT to_regclass('t')").await, "∅");
}

#[tokio::test]
async fn a_publish_that_is_given_up_changes_nothing() {
    let mut place = Place::new().await;
    place.publish("t", version(1, 10)).await;
    // A lock by another connection holds the publish up until it is given up.
    let other = place.another().await;
    other.batch_execute("BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE").await.unwrap();
    let publication = publication(&place.schema, "t");
    let batch = version(2, 10);
    let schema = batch.schema();
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't'::regclass";
    let mut client = place.another().await;
    {
        let publishing = publish(&mut client, &publication, schema, stream::iter([Ok(batch)]));
        let waits = async { while rows(&other, waiting).await.unwrap() == ["0"] {} };
        tokio::select! {
            result = publishing => panic!("the publish was to wait: {result:?}"),
            () = waits => {}
        }
    }
    other.batch_execute("COMMIT").await.unwrap();
    drop(client);
    assert_eq!(place.value("SELECT count(*) || ' ' || max(mark) FROM t").await, "10 1");
    place.publish("t", version(3, 10)).await;
    assert_eq!(place.value("SELECT max(mark) FROM t").await, "3");
}

/// The server is killed while the publish is in its transaction; `held` is what the server does just then.
async fn kill_during(held: &str, after: RecordBatch) {
    let folder = tempfile::tempdir().unwrap();
    let cluster = server::ensure(folder.path()).await;
    let running = server::start(&cluster, folder.path()).await;
    let target = server::target(running.port());
    let mut client = connection::connect(&target).await.unwrap();
    let publication = publication("pennylane", "t");
    let before = version(1, 20_000);
    send(&mut client, &publication, before.schema(), vec![Ok(before)]).await.unwrap();
    let setup = "CREATE VIEW pennylane.v AS SELECT mark FROM pennylane.t";
    client.batch_execute(setup).await.unwrap();
    client.batch_execute(held).await.unwrap();

    let watcher = connection::connect(&target).await.unwrap();
    let schema = after.schema();
    let publishing = tokio::spawn(async move {
        publish(&mut client, &publication, schema, stream::iter([Ok(after)])).await
    });
    // The trigger sleeps while rows are deleted or written: only then does the server fall.
    let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    while rows(&watcher, sleeping).await.unwrap() == ["0"] {
        assert!(!publishing.is_finished(), "the publish ended before the server was killed");
    }
    kill(running.pid());
    let error = publishing.await.unwrap().unwrap_err();
    assert!(matches!(error, PublishError::Disconnected { .. }), "{error:?}");
    assert!(error.hint().is_some());
    drop(running);

    let running = server::start(&cluster, folder.path()).await;
    let client = connection::connect(&server::target(running.port())).await.unwrap();
    let whole = "SELECT count(*), count(DISTINCT id), min(mark), max(mark) FROM pennylane.t";
    assert_eq!(rows(&client, whole).await.unwrap(), ["20000|20000|1|1"]);
    assert_eq!(rows(&client, "SELECT count(*) FROM pennylane.v").await.unwrap(), ["20000"]);
    let columns =
        "SELECT count(*) FROM pg_attribute WHERE attrelid = 'pennylane.t'::regclass AND attnum > 0";
    assert_eq!(rows(&client, columns).await.unwrap(), ["2"]);
    running.stop(server::PATIENCE).await.unwrap();
}

/// A trigger that stops the server's time at an event on the table.
fn sleep_at(event: &str) -> String {
    format!(
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(300); RETURN NULL; END';
         CREATE TRIGGER wait AFTER {event} ON pennylane.t FOR EACH STATEMENT EXECUTE FUNCTION wait()"
    )
}

#[tokio::test]
async fn a_server_killed_after_the_old_rows_are_deleted_has_the_old_version() {
    kill_during(&sleep_at("DELETE"), version(2, 20_000)).await;
}

#[tokio::test]
async fn a_server_killed_after_the_new_rows_are_sent_has_the_old_version() {
    let after = frame(&[
        ("id", ints(0..20_000)),
        ("mark", ints((0..20_000).map(|_| 2))),
        ("neuf", ints((0..20_000).map(|_| 2))),
    ]);
    kill_during(&sleep_at("INSERT"), after).await;
}

/// Ends the whole server at once, as a power cut would.
fn kill(pid: u32) {
    let mut kill = if cfg!(windows) {
        let mut kill = std::process::Command::new("taskkill");
        kill.args(["/F", "/T", "/PID", &pid.to_string()]);
        kill
    } else {
        let mut kill = std::process::Command::new("kill");
        kill.args(["-9", &pid.to_string()]);
        kill
    };
    assert!(kill.status().unwrap().success());
}
