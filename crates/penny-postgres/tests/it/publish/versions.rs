//! What a reader sees is always one whole version, and what did not change is not written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;

use super::{frame, ints, publication, send, texts};
use crate::server::{Place, rows};

/// `rows` rows, of which every `every`th carries the version.
fn version(number: i64, count: i64, every: i64) -> RecordBatch {
    let marks = (0..count).map(move |row| if row % every == 0 { number } else { 0 });
    let labels: Vec<String> = (0..count).map(|row| format!("écriture {row}")).collect();
    frame(&[
        ("id", ints(0..count)),
        ("mark", ints(marks)),
        ("label", texts(labels.iter().map(String::as_str))),
    ])
}

#[tokio::test]
async fn an_unchanged_table_is_not_written() {
    let mut place = Place::new().await;
    place.publish("t", version(1, 1000, 10)).await;
    let before = place.rows("SELECT ctid, xmin FROM t").await;
    let report = place.publish("t", version(1, 1000, 10)).await;
    assert!(report.unchanged);
    assert_eq!((report.rows_unchanged, report.bytes), (1000, 0));
    assert_eq!(place.rows("SELECT ctid, xmin FROM t").await, before);
}

#[tokio::test]
async fn only_the_rows_that_changed_are_written() {
    let mut place = Place::new().await;
    place.publish("t", version(1, 1000, 10)).await;
    let report = place.publish("t", version(2, 1100, 10)).await;
    assert_eq!((report.rows_inserted, report.rows_deleted, report.rows_unchanged), (200, 100, 900));
    assert_eq!(place.value("SELECT count(*) || ' ' || sum(mark) FROM t").await, "1100 220");
}

#[tokio::test]
async fn a_large_table_that_changes_nearly_everywhere_is_written_whole() {
    const ROWS: i64 = 60_000;
    let mut place = Place::new().await;
    // One row in fifty stays as it is.
    let version = |number: i64| {
        let marks = (0..ROWS).map(move |row| if row % 50 == 0 { 0 } else { number });
        let label = "a label that makes the table large enough to be sampled first";
        let labels = (0..ROWS).map(|_| label);
        frame(&[("id", ints(0..ROWS)), ("mark", ints(marks)), ("label", texts(labels))])
    };
    place.publish("t", version(1)).await;
    let report = place.publish("t", version(2)).await;
    assert_eq!(
        (report.rows_inserted, report.rows_deleted, report.rows_unchanged),
        (60_000, 60_000, 0)
    );
    let summary = "SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || sum(mark) FROM t";
    assert_eq!(place.value(summary).await, "60000 60000 117600");
    assert!(place.publish("t", version(2)).await.unchanged);
}

#[tokio::test]
async fn duplicate_rows_are_kept_as_many_as_they_are() {
    let mut place = Place::new().await;
    let with = |values: &[i64]| frame(&[("a", ints(values.to_vec()))]);
    place.publish("t", with(&[1, 1, 1, 2])).await;
    let report = place.publish("t", with(&[1, 1, 2, 2, 2])).await;
    assert_eq!((report.rows_inserted, report.rows_deleted, report.rows_unchanged), (2, 1, 3));
    assert_eq!(place.rows("SELECT a, count(*) FROM t GROUP BY a ORDER BY a").await, ["1|2", "2|3"]);
}

#[tokio::test]
async fn a_reader_sees_whole_versions_only_and_never_an_error() {
    const ROWS: i64 = 5000;
    let mut place = Place::new().await;
    place.publish("t", version(1, ROWS, 1)).await;
    place.run("CREATE VIEW v AS SELECT id, mark FROM t").await;
    let stop = Arc::new(AtomicBool::new(false));
    let readers = ["t", "v"].map(|relation| {
        let (stop, target) = (Arc::clone(&stop), place.another());
        let sql = format!("SELECT count(*), min(mark), max(mark) FROM {relation}");
        (stop, target, sql)
    });
    let mut running = Vec::new();
    for (stop, client, sql) in readers {
        let client = client.await;
        running.push(tokio::spawn(async move {
            let (mut seen, mut longest) = (Vec::new(), Duration::ZERO);
            while !stop.load(Ordering::Relaxed) {
                let began = Instant::now();
                let answer = rows(&client, &sql).await.expect("a reader never sees an error");
                longest = longest.max(began.elapsed());
                seen.extend(answer);
            }
            (seen, longest)
        }));
    }
    for number in 2..8 {
        // Now all rows change, now a tenth of them, now a column comes, so that the table is altered.
        let every = if number % 2 == 0 { 1 } else { 10 };
        let mut batch = version(number, ROWS, every);
        if every == 10 {
            batch = frame(&[
                ("id", ints(0..ROWS)),
                ("mark", ints((0..ROWS).map(|_| number))),
                (&format!("nouveau_{number}"), ints((0..ROWS).map(|_| number))),
            ]);
        }
        place.publish("t", batch).await;
    }
    stop.store(true, Ordering::Relaxed);
    for reader in running {
        let (seen, longest) = reader.await.unwrap();
        println!("{} readings, the longest took {longest:?}", seen.len());
        assert!(!seen.is_empty());
        for answer in seen {
            let whole: Vec<String> =
                (1..8).map(|number| format!("{ROWS}|{number}|{number}")).collect();
            assert!(whole.contains(&answer), "half a version: {answer}");
        }
    }
}

#[tokio::test]
async fn a_slow_reader_holds_up_a_schema_change_but_not_the_other_readers() {
    let mut place = Place::new().await;
    place.publish("t", version(1, 100, 1)).await;
    let slow = place.another().await;
    slow.batch_execute("BEGIN; SELECT * FROM t").await.unwrap();
    let fast = place.another().await;
    let done = Arc::new(AtomicBool::new(false));
    let reading = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            let mut readings = 0;
            while !done.load(Ordering::Relaxed) {
                assert_eq!(rows(&fast, "SELECT count(*) FROM t").await.unwrap(), ["100"]);
                readings += 1;
                // Only once the others have got through while the publish waits does the slow one end.
                if readings == 50 {
                    slow.batch_execute("COMMIT").await.unwrap();
                }
            }
            readings
        }
    });
    let wider = frame(&[("id", ints(0..100)), ("neuf", ints(0..100))]);
    let report = place.publish("t", wider).await;
    done.store(true, Ordering::Relaxed);
    assert!(reading.await.unwrap() >= 50);
    assert_eq!(report.columns_added, ["neuf"]);
}

#[tokio::test]
async fn two_hundred_thousand_rows_arrive_in_many_batches() {
    const ROWS: i64 = 200_000;
    let mut place = Place::new().await;
    let publication = publication(&place.schema, "t");
    let batches = |number: i64| {
        let whole = version(number, ROWS, 100);
        let cut =
            (0..ROWS as usize).step_by(10_000).map(|at| Ok(whole.slice(at, 10_000))).collect();
        (whole.schema(), cut)
    };
    let (schema, cut) = batches(1);
    let report = send(&mut place.client, &publication, schema, cut).await.unwrap();
    println!("first: {} rows, {} bytes, {} ms", report.rows, report.bytes, report.elapsed_ms);
    assert_eq!(report.rows_inserted, ROWS as u64);
    let (schema, cut) = batches(2);
    let report = send(&mut place.client, &publication, schema, cut).await.unwrap();
    println!("1 % changed: {} ms", report.elapsed_ms);
    assert_eq!(
        (report.rows_inserted, report.rows_deleted, report.rows_unchanged),
        (2000, 2000, 198_000)
    );
    assert_eq!(
        place
            .value("SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || sum(mark) FROM t")
            .await,
        "200000 200000 4000"
    );
}

/// The lock at which the server waits in the middle of a copy until the test lets it go on.
const GATE: i64 = 7_041_776;

#[tokio::test]
async fn readers_of_a_large_table_do_not_wait_while_a_new_column_is_filled() {
    const ROWS: i64 = 60_000;
    let mut place = Place::new().await;
    place.publish("t", version(1, ROWS, 1)).await;
    place.run("CREATE VIEW v AS SELECT id, mark FROM t").await;
    let gate = format!(
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN PERFORM pg_advisory_xact_lock({GATE}); RETURN NULL; END';
         CREATE TRIGGER wait AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION wait()"
    );
    place.run(&gate).await;
    let reader = place.another().await;
    reader.batch_execute(&format!("SELECT pg_advisory_lock({GATE})")).await.unwrap();
    let after = frame(&[
        ("id", ints(0..ROWS)),
        ("mark", ints((0..ROWS).map(|_| 2))),
        ("neuf", ints((0..ROWS).map(|_| 2))),
    ]);
    let publishing = tokio::spawn(async move {
        let report = place.publish("t", after).await;
        (place, report)
    });
    let waiting = format!(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {GATE} AND NOT granted"
    );
    while rows(&reader, &waiting).await.unwrap() == ["0"] {
        assert!(!publishing.is_finished(), "the publish ended before its rows were held up");
    }
    // A reader that had to wait for the publish would wait for ever: it holds the gate itself.
    reader.batch_execute("SET statement_timeout = '30s'").await.unwrap();
    let summary = "SELECT count(*), min(mark), max(mark), count(neuf) FROM t";
    assert_eq!(rows(&reader, summary).await.unwrap(), ["60000|1|1|0"]);
    assert_eq!(rows(&reader, "SELECT count(*), max(mark) FROM v").await.unwrap(), ["60000|1"]);
    reader.batch_execute(&format!("SELECT pg_advisory_unlock({GATE})")).await.unwrap();
    let (place, report) = publishing.await.unwrap();
    assert_eq!(report.columns_added, ["neuf"]);
    assert!(!report.unchanged);
    assert_eq!(place.rows(summary).await, ["60000|2|2|60000"]);
}
