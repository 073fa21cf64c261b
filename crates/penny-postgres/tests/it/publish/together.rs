//! Several publishes at once, and a table that others hold.

use std::time::Duration;

use penny_postgres::publish::{Publication, PublishError};

use super::{frame, ints, publication, send};
use crate::server::Place;

async fn publish_at_once(place: &Place, count: i64, table: &str) {
    let mut running = Vec::new();
    for number in 0..count {
        let mut client = place.another().await;
        let publication = publication(&place.schema, table);
        running.push(tokio::spawn(async move {
            let batch = frame(&[("a", ints((0..500).map(|_| number)))]);
            send(&mut client, &publication, batch.schema(), vec![Ok(batch)]).await
        }));
    }
    for publish in running {
        let report = publish.await.unwrap().unwrap();
        assert_eq!(report.rows, 500);
    }
    assert_eq!(
        place.value(&format!("SELECT count(*) || ' ' || count(DISTINCT a) FROM {table}")).await,
        "500 1"
    );
}

#[tokio::test]
async fn publishes_of_the_same_table_go_one_after_the_other() {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("a", ints([1]))])).await;
    publish_at_once(&place, 4, "t").await;
}

#[tokio::test]
async fn the_first_publishes_of_a_table_may_come_at_once() {
    let place = Place::new().await;
    publish_at_once(&place, 4, "nouvelle").await;
}

#[tokio::test]
async fn a_schema_may_be_made_by_several_at_once() {
    let place = Place::new().await;
    let schema = format!("{}_deux", place.schema);
    let mut running = Vec::new();
    for number in 0..4 {
        let mut client = place.another().await;
        let publication = publication(&schema, &format!("t{number}"));
        running.push(tokio::spawn(async move {
            let batch = frame(&[("a", ints([number]))]);
            send(&mut client, &publication, batch.schema(), vec![Ok(batch)]).await
        }));
    }
    for publish in running {
        publish.await.unwrap().unwrap();
    }
    place.run(&format!("DROP SCHEMA {schema} CASCADE")).await;
}

#[tokio::test]
async fn publishes_with_different_columns_at_once_end_whole() {
    let place = Place::new().await;
    let mut running = Vec::new();
    for number in 0..4i64 {
        let mut client = place.another().await;
        let publication = publication(&place.schema, "t");
        running.push(tokio::spawn(async move {
            let batch = frame(&[("a", ints([number])), (&format!("c{number}"), ints([number]))]);
            send(&mut client, &publication, batch.schema(), vec![Ok(batch)]).await
        }));
    }
    for publish in running {
        publish.await.unwrap().unwrap();
    }
    assert_eq!(place.types("t").await.len(), 5);
    // Only the last one's column is filled.
    assert_eq!(place.value("SELECT num_nonnulls(c0, c1, c2, c3) FROM t").await, "1");
}

#[tokio::test]
async fn who_holds_the_table_for_too_long_is_named() {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("a", ints([1]))])).await;
    let other = place.another().await;
    other.batch_execute("SET application_name = 'un tableur'").await.unwrap();
    other.batch_execute("BEGIN; UPDATE t SET a = 5").await.unwrap();
    let hasty =
        Publication { lock_timeout: Duration::from_millis(300), ..publication(&place.schema, "t") };
    let error = place.publish_by(&hasty, frame(&[("a", ints([2]))])).await.unwrap_err();
    assert!(matches!(error, PublishError::Busy { .. }), "{error:?}");
    assert!(error.to_string().contains("another connection (un tableur, user penny"), "{error}");
    // A reader that holds up a schema change is named too.
    other.batch_execute("ROLLBACK").await.unwrap();
    other.batch_execute("BEGIN; SELECT * FROM t").await.unwrap();
    let wider = frame(&[("a", ints([2])), ("b", ints([2]))]);
    let error = place.publish_by(&hasty, wider.clone()).await.unwrap_err();
    assert!(error.to_string().contains("(un tableur, user penny"), "{error}");
    other.batch_execute("COMMIT").await.unwrap();
    place.publish_by(&hasty, wider).await.unwrap();
}
