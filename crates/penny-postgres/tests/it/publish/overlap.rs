//! Whether the sender has its rows at hand or gathers them slowly, the table is the same.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::{ArrayRef, Date64Array, RecordBatch};
use arrow_schema::ArrowError;
use futures_util::{StreamExt, stream};
use penny_postgres::publish::{PublishError, Report, publish};

use super::{announcing, bools, floats, frame, ints, publication, send, texts};
use crate::server::{self, Place};

/// Sent in batches of three rows.
async fn publish_as(place: &mut Place, table: &str, frame: &RecordBatch, ready: bool) -> Report {
    let publication = publication(&place.schema, table);
    let rows = frame.num_rows();
    let schema = if ready { announcing(&frame.schema(), rows) } else { frame.schema() };
    let batches = (0..rows).step_by(3).map(|at| Ok(frame.slice(at, 3.min(rows - at))));
    let sent = send(&mut place.client, &publication, schema, batches.collect()).await;
    sent.unwrap_or_else(|error| panic!("{table}: {error}"))
}

/// What was published last, by a sender of either kind, each to a table of its own.
async fn check(name: &str, frames: &[RecordBatch]) {
    let mut place = Place::new().await;
    let mut reports = Vec::new();
    for (table, ready) in [("t", false), ("t_ready", true)] {
        let mut last = None;
        for frame in frames {
            last = Some(publish_as(&mut place, table, frame, ready).await);
        }
        let mut report = last.expect("there is a frame");
        (report.elapsed_ms, report.table) = (0, String::new());
        reports.push(report);
    }
    assert_eq!(reports[0], reports[1], "{name}");
    assert_eq!(place.types("t").await, place.types("t_ready").await, "{name}");
    let difference = "SELECT * FROM ((TABLE t EXCEPT ALL TABLE t_ready) \
                      UNION ALL (TABLE t_ready EXCEPT ALL TABLE t)) AS d";
    assert_eq!(place.rows(difference).await, Vec::<String>::new(), "{name}");
    let rows = frames.last().map_or(0, RecordBatch::num_rows).to_string();
    assert_eq!(place.value("SELECT count(*) FROM t_ready").await, rows, "{name}");
}

fn ledger(amounts: &[f64], labels: &[&str]) -> RecordBatch {
    let ids = ints(0..i64::try_from(amounts.len()).unwrap());
    frame(&[("id", ids), ("amount", floats(amounts.to_vec())), ("label", texts(labels.to_vec()))])
}

const LABELS: [&str; 7] = ["a", "é", "", "d", "e", "f", "g"];

#[tokio::test]
async fn the_same_table_comes_of_a_sender_that_is_ready() {
    let old = ledger(&[0.5, -0.0, 2.0, 3.0, 4.0, 5.0, 6.0], &LABELS);
    let mut other = LABELS;
    other[3] = "changed";
    let new = ledger(&[0.5, 0.0, 2.0, 3.0, 4.0, 5.5, 6.0], &other);
    check("new", std::slice::from_ref(&old)).await;
    check("unchanged", &[old.clone(), old.clone()]).await;
    check("changed", &[old.clone(), new.clone()]).await;
    check("fewer rows", &[old.clone(), old.slice(0, 2)]).await;
    check("no rows", &[old.clone(), old.slice(0, 0)]).await;
    let ids = ints(0..7);
    let labels = texts(LABELS);
    let wider = frame(&[("id", ids), ("label", labels), ("paid", bools([true; 7]))]);
    check("a column more and one less", &[old, wider]).await;
}

#[tokio::test]
async fn a_value_that_does_not_fit_widens_the_column_in_the_middle_of_the_data() {
    // A date in milliseconds is a date as long as all of them are midnight.
    let days = |milliseconds: [i64; 7]| -> ArrayRef {
        Arc::new(Date64Array::from_iter_values(milliseconds))
    };
    let midnights = days([0, 1, 2, 3, 4, 5, 6].map(|day| day * 86_400_000));
    let afternoon = days([0, 1, 2, 3, 4, 5, 6].map(|day| day * 86_400_000 + day / 5 * 3_600_000));
    let of = |array: &ArrayRef| frame(&[("id", ints(0..7)), ("day", Arc::clone(array))]);
    check("in a new table", &[of(&afternoon)]).await;
    check("in a table with rows", &[of(&midnights), of(&afternoon)]).await;
    let whole = frame(&[("n", ints(0..7))]);
    let broken = frame(&[("n", floats([0.0, 1.0, 2.0, 3.0, 4.0, 5.5, 6.0]))]);
    check("an integer and a fraction", &[whole, broken]).await;
}

#[tokio::test]
async fn a_ready_sender_that_breaks_off_leaves_nothing_behind() {
    let mut place = Place::new().await;
    let batch = ledger(&[1.0, 2.0], &["a", "b"]);
    let publication = publication(&place.schema, "t");
    for (before, after) in [("∅", "∅"), ("2", "2")] {
        if before == "2" {
            publish_as(&mut place, "t", &batch, true).await;
        }
        let broken = ArrowError::IpcError("the pipe was closed".into());
        let batches = vec![Ok(batch.clone()), Err(broken)];
        let schema = announcing(&batch.schema(), 9);
        let error = send(&mut place.client, &publication, schema, batches).await.unwrap_err();
        assert!(error.to_string().starts_with("the data broke off after 2 rows"), "{error}");
        let now = place.value("SELECT to_regclass('t')").await;
        let count = match now.as_str() {
            "∅" => now,
            _ => place.value("SELECT count(*) FROM t").await,
        };
        assert_eq!(count, after);
    }
}

#[tokio::test]
async fn a_key_counts_also_while_a_new_table_is_filled() {
    let mut place = Place::new().await;
    let mut publication = publication(&place.schema, "t");
    publication.key = vec!["id".to_owned()];
    let twice = frame(&[("id", ints([1, 2, 1]))]);
    let error = place.publish_by(&publication, twice).await.unwrap_err();
    assert!(matches!(error, PublishError::DuplicateKey { .. }), "{error}");
    let empty = frame(&[("id", ints([Some(1), None]))]);
    let error = place.publish_by(&publication, empty).await.unwrap_err();
    assert!(matches!(error, PublishError::EmptyValue { row: 2, .. }), "{error}");
    let good = place.publish_by(&publication, frame(&[("id", ints([1, 2]))])).await.unwrap();
    assert!(good.created);
}

#[tokio::test]
async fn a_table_that_came_meanwhile_is_compared() {
    let place = Place::new().await;
    let mut other = place.another().await;
    let batch = ledger(&[1.0, 2.0], &["a", "b"]);
    let publication = publication(&place.schema, "t");
    let schema = announcing(&batch.schema(), 2);
    // The other transaction makes the table, and commits once the publish waits for it.
    let making = other.transaction().await.unwrap();
    making
        .batch_execute("CREATE TABLE t (id bigint, amount double precision, label text)")
        .await
        .unwrap();
    making.batch_execute("INSERT INTO t VALUES (0, 1, 'a'), (9, 9, 'z')").await.unwrap();
    let mut client = place.another().await;
    let publishing = publish(&mut client, &publication, schema, stream::iter([Ok(batch)]));
    let commits = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE TABLE%'";
        let limit = tokio::time::Instant::now() + Duration::from_secs(60);
        while place.value(waiting).await == "0" && tokio::time::Instant::now() < limit {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        making.commit().await.unwrap();
    };
    let (published, ()) = tokio::join!(publishing, commits);
    let (report, _) = published.unwrap();
    assert_eq!((report.rows_inserted, report.rows_deleted, report.rows_unchanged), (1, 1, 1));
    assert!(!report.created);
}

#[tokio::test]
async fn nobody_waits_for_a_sender_that_falls_silent() {
    let mut place = Place::new().await;
    let batch = ledger(&[1.0, 2.0], &["a", "b"]);
    publish_as(&mut place, "t", &batch, true).await;
    let other = place.another().await;
    for table in ["t", "new_table"] {
        let mut publication = publication(&place.schema, table);
        publication.lock_timeout = Duration::from_millis(300);
        let schema = announcing(&batch.schema(), 4);
        // The second batch comes once another connection has had the publish's own lock.
        let (tell, told) = tokio::sync::oneshot::channel();
        let (first, second) = (batch.clone(), batch.clone());
        let batches = stream::once(async { Ok(first) }).chain(stream::once(async {
            told.await.expect("the lock was free at last");
            Ok(second)
        }));
        let mut client = place.another().await;
        let batches = Box::pin(batches);
        let publishing = publish(&mut client, &publication, schema, batches);
        let locks = async {
            let granted = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted \
                           AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                           AND pid IN (SELECT pid FROM pg_stat_activity WHERE query LIKE 'COPY%' \
                                       AND query LIKE '%' || current_schema() || '%')";
            while server::rows(&other, granted).await.unwrap() == ["0"] {}
            while server::rows(&other, granted).await.unwrap() != ["0"] {}
            tell.send(()).expect("the publish listens");
        };
        let limited = tokio::time::timeout(Duration::from_secs(60), locks);
        let (published, limited) = tokio::join!(publishing, limited);
        limited.expect("the lock is let go");
        assert_eq!(published.unwrap().0.rows, 4, "{table}");
        assert_eq!(place.value(&format!("SELECT count(*) FROM {table}")).await, "4");
    }
}

#[tokio::test]
async fn the_rows_of_a_new_table_are_frozen_at_once() {
    let mut place = Place::new().await;
    place.publish("t", ledger(&[1.0, 2.0], &["a", "b"])).await;
    // Nothing is left to be judged by its age: no reader marks the pages, no VACUUM rewrites them.
    let all_visible = "SELECT relallvisible = relpages FROM pg_class WHERE relname = 't' \
                       AND relnamespace = current_schema()::regnamespace";
    place.run("ANALYZE t").await;
    assert_eq!(place.value(all_visible).await, "t");
}
