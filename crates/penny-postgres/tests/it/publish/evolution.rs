//! A table follows the data: columns come, go, and change their type.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Decimal128Array, TimestampMicrosecondArray};
use penny_postgres::publish::{ColumnChange, Publication};

use super::{bools, floats, frame, ints, publication, small_ints, texts};
use crate::server::Place;

/// A column of `before` is published, then one of `after`: the column's type is `column_type` then, and
/// the values read so.
async fn check(before: ArrayRef, after: ArrayRef, column_type: &str, expected: &[&str]) {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("c", before)])).await;
    let from = place.types("t").await[0].clone();
    let report = place.publish("t", frame(&[("c", Arc::clone(&after))])).await;
    assert_eq!(place.types("t").await, [format!("c {column_type}")]);
    assert_eq!(place.rows("SELECT c FROM t").await, expected, "{column_type}");
    let changed = format!("c {column_type}") != from;
    assert_eq!(report.columns_widened.len(), usize::from(changed), "{report:?}");
    assert!(place.publish("t", frame(&[("c", after)])).await.unchanged);
}

fn decimals(values: Vec<i128>, precision: u8, scale: i8) -> ArrayRef {
    Arc::new(Decimal128Array::from(values).with_precision_and_scale(precision, scale).unwrap())
}

fn instants(micros: Vec<i64>) -> TimestampMicrosecondArray {
    TimestampMicrosecondArray::from(micros)
}

#[tokio::test]
async fn numbers_widen_to_numbers() {
    check(small_ints([1]), ints([1 << 40]), "bigint", &["1099511627776"]).await;
    check(ints([1]), floats([1.5]), "double precision", &["1.5"]).await;
    check(ints([1]), decimals(vec![150], 12, 2), "numeric", &["1.50"]).await;
    check(bools([true]), ints([7]), "bigint", &["7"]).await;
    check(floats([1.5]), ints([(1 << 53) + 1]), "numeric", &["9007199254740993"]).await;
    check(decimals(vec![150], 5, 2), decimals(vec![12_345], 6, 4), "numeric", &["1.2345"]).await;
    check(
        Arc::new(arrow_array::Float32Array::from(vec![0.5])),
        floats([0.1]),
        "double precision",
        &["0.1"],
    )
    .await;
}

#[tokio::test]
async fn dates_widen_to_timestamps() {
    let date = || -> ArrayRef { Arc::new(Date32Array::from(vec![1])) };
    check(
        date(),
        Arc::new(instants(vec![1])),
        "timestamp without time zone",
        &["1970-01-01 00:00:00.000001"],
    )
    .await;
    let zoned: ArrayRef = Arc::new(instants(vec![1]).with_timezone("UTC"));
    check(date(), zoned, "timestamp with time zone", &["1970-01-01 00:00:00.000001+00"]).await;
}

#[tokio::test]
async fn everything_widens_to_text() {
    check(ints([1]), texts(["abc"]), "text", &["abc"]).await;
    check(bools([true]), texts(["peut-être"]), "text", &["peut-être"]).await;
    check(floats([1.5]), texts(["n/a"]), "text", &["n/a"]).await;
    check(Arc::new(Date32Array::from(vec![1])), texts(["31/01/2026"]), "text", &["31/01/2026"])
        .await;
}

#[tokio::test]
async fn narrower_data_takes_the_column_s_type() {
    check(floats([1.5]), ints([2]), "double precision", &["2"]).await;
    check(ints([1]), floats([Some(3.0), None]), "bigint", &["3", "∅"]).await;
    check(ints([1]), bools([true]), "bigint", &["1"]).await;
    check(decimals(vec![150], 12, 2), floats([0.1 + 0.2]), "numeric(12,2)", &["0.30"]).await;
    check(
        Arc::new(Date32Array::from(vec![1])),
        Arc::new(instants(vec![86_400_000_000])),
        "date",
        &["1970-01-02"],
    )
    .await;
    check(ints([1]), texts(["42"]), "bigint", &["42"]).await;
    check(ints([1]), Arc::new(arrow_array::NullArray::new(1)), "bigint", &["∅"]).await;
    check(ints([1]), texts([None::<&str>]), "bigint", &["∅"]).await;
    check(texts(["a"]), ints([5]), "text", &["5"]).await;
}

#[tokio::test]
async fn what_did_not_fit_is_said_with_its_row() {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("montant", ints([1, 2]))])).await;
    let report = place.publish("t", frame(&[("montant", texts(["1", "x"]))])).await;
    let change =
        ColumnChange { column: "montant".into(), from: "bigint".into(), to: "text".into() };
    assert_eq!(report.columns_widened, [change]);
    assert_eq!(
        report.warnings,
        ["column `montant`: row 2 has \"x\", which bigint cannot hold; the column is now text"]
    );
}

#[tokio::test]
async fn infinite_amounts_in_a_decimal_column_are_null_and_it_is_said() {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("m", decimals(vec![100, 200], 12, 2))])).await;
    let report = place.publish("t", frame(&[("m", floats([f64::INFINITY, 2.5]))])).await;
    assert_eq!(place.rows("SELECT m FROM t").await, ["∅", "2.50"]);
    assert_eq!(
        report.warnings,
        ["column `m`: 1 value became NULL, since the column's type has no infinity"]
    );
}

#[tokio::test]
async fn a_new_column_is_added_behind_the_others() {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("a", ints([1, 2]))])).await;
    let report = place
        .publish("t", frame(&[("Retard", bools([Some(true), None])), ("a", ints([1, 2]))]))
        .await;
    assert_eq!(report.columns_added, ["Retard"]);
    assert_eq!(place.types("t").await, ["a bigint", "Retard boolean"]);
    assert_eq!(place.rows("SELECT a, \"Retard\" FROM t ORDER BY a").await, ["1|t", "2|∅"]);
    // The row whose new cell is empty was not touched.
    assert_eq!((report.rows_unchanged, report.rows_inserted, report.rows_deleted), (1, 1, 1));
}

#[tokio::test]
async fn a_column_that_the_data_lost_is_kept_and_empty() {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("a", ints([1])), ("b", texts(["x"]))])).await;
    let report = place.publish("t", frame(&[("a", ints([1]))])).await;
    assert_eq!(report.columns_missing, ["b"]);
    assert_eq!(place.rows("SELECT a, b FROM t").await, ["1|∅"]);
    assert!(place.publish("t", frame(&[("a", ints([1]))])).await.unchanged);
}

#[tokio::test]
async fn a_lost_column_is_dropped_only_when_asked_and_not_under_a_view() {
    let mut place = Place::new().await;
    let drop = Publication { drop_missing: true, ..publication(&place.schema, "t") };
    place.publish("t", frame(&[("a", ints([1])), ("b", texts(["x"]))])).await;
    place.run("CREATE VIEW v AS SELECT b FROM t").await;
    let error = place.publish_by(&drop, frame(&[("a", ints([1]))])).await.unwrap_err();
    let sentence = error.to_string();
    assert!(
        sentence.contains("the column `b`")
            && sentence.contains(&format!("view {}.v", place.schema)),
        "{sentence}"
    );
    assert_eq!(place.rows("SELECT b FROM v").await, ["x"]);
    place.run("DROP VIEW v").await;
    let report = place.publish_by(&drop, frame(&[("a", ints([1]))])).await.unwrap();
    assert_eq!(report.columns_dropped, ["b"]);
    assert_eq!(place.types("t").await, ["a bigint"]);
}

#[tokio::test]
async fn no_rows_are_a_whole_version_too() {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("a", ints([1, 2]))])).await;
    let report = place.publish("t", frame(&[("a", ints(Vec::<i64>::new()))])).await;
    assert_eq!((report.rows, report.rows_deleted), (0, 2));
    assert_eq!(report.warnings, ["the data has no rows, so the table is empty now"]);
    assert_eq!(place.value("SELECT count(*) FROM t").await, "0");
}
