//! Every type of value arrives, and stays where it is when it is published again.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, MapBuilder, StringBuilder, StringDictionaryBuilder};
use arrow_array::types::Int32Type;
use arrow_array::*;
use arrow_buffer::i256;
use arrow_schema::{DataType, Field};

use super::{bools, floats, frame, ints, texts, with_json};
use crate::server::Place;

/// The column gets this type, its values read so, and a second publish writes nothing.
async fn check(array: ArrayRef, column_type: &str, expected: &[&str]) {
    let mut place = Place::new().await;
    let batch = frame(&[("c", array)]);
    let report = place.publish("t", batch.clone()).await;
    assert!(report.created);
    assert_eq!(place.types("t").await, [format!("c {column_type}")]);
    assert_eq!(place.rows("SELECT c FROM t").await, expected, "{column_type}");
    let again = place.publish("t", batch).await;
    assert!(again.unchanged, "{column_type}: {again:?}");
    assert_eq!(again.rows_unchanged, expected.len() as u64);
}

#[tokio::test]
async fn booleans_and_integers_arrive() {
    check(bools([Some(true), Some(false), None]), "boolean", &["t", "f", "∅"]).await;
    check(Arc::new(Int8Array::from(vec![-128, 127])), "smallint", &["-128", "127"]).await;
    check(Arc::new(UInt8Array::from(vec![0, 255])), "smallint", &["0", "255"]).await;
    check(Arc::new(Int16Array::from(vec![i16::MIN, i16::MAX])), "smallint", &["-32768", "32767"])
        .await;
    check(Arc::new(UInt16Array::from(vec![65535])), "integer", &["65535"]).await;
    check(Arc::new(Int32Array::from(vec![i32::MIN])), "integer", &["-2147483648"]).await;
    check(Arc::new(UInt32Array::from(vec![u32::MAX])), "bigint", &["4294967295"]).await;
    check(ints([i64::MIN, i64::MAX]), "bigint", &["-9223372036854775808", "9223372036854775807"])
        .await;
    check(Arc::new(UInt64Array::from(vec![u64::MAX])), "numeric(20,0)", &["18446744073709551615"])
        .await;
}

#[tokio::test]
async fn floats_arrive_and_nan_is_null() {
    let values = [0.1 + 0.2, 1e300, f64::INFINITY, f64::NAN, -0.0];
    check(
        floats(values),
        "double precision",
        &["0.30000000000000004", "1e+300", "Infinity", "∅", "-0"],
    )
    .await;
    check(Arc::new(Float32Array::from(vec![0.1, f32::NAN])), "real", &["0.1", "∅"]).await;
}

#[tokio::test]
async fn decimals_arrive_to_the_last_digit() {
    let array = Decimal128Array::from(vec![Some(123_456), Some(-5), Some(0), None]);
    let array = array.with_precision_and_scale(12, 2).unwrap();
    check(Arc::new(array), "numeric(12,2)", &["1234.56", "-0.05", "0.00", "∅"]).await;
    let wide = i256::from_string("12345678901234567890123456789012345678901234567890").unwrap();
    let array = Decimal256Array::from(vec![wide]).with_precision_and_scale(50, 10).unwrap();
    check(
        Arc::new(array),
        "numeric(50,10)",
        &["1234567890123456789012345678901234567890.1234567890"],
    )
    .await;
}

#[tokio::test]
async fn texts_arrive_and_nul_characters_are_taken_out() {
    let expected = ["été", "", "a|b\n\t\\", "∅"];
    check(texts([Some("été"), Some(""), Some("a|b\n\t\\"), None]), "text", &expected).await;
    check(Arc::new(LargeStringArray::from(vec!["x"])), "text", &["x"]).await;
    check(
        Arc::new(StringViewArray::from(vec!["a text that is longer than twelve bytes"])),
        "text",
        &["a text that is longer than twelve bytes"],
    )
    .await;
    let mut place = Place::new().await;
    let report = place.publish("t", frame(&[("nom", texts(["a\0b", "c"]))])).await;
    assert_eq!(place.rows("SELECT nom FROM t").await, ["ab", "c"]);
    assert!(
        report.warnings[0].starts_with("column `nom`: 1 value had NUL"),
        "{:?}",
        report.warnings
    );
}

#[tokio::test]
async fn bytes_arrive() {
    check(Arc::new(BinaryArray::from(vec![&[0u8, 255][..], &[]])), "bytea", &["\\x00ff", "\\x"])
        .await;
}

#[tokio::test]
async fn dates_and_times_arrive() {
    check(
        Arc::new(Date32Array::from(vec![0, 20_484, -719_163])),
        "date",
        &["1970-01-01", "2026-01-31", "0001-12-31 BC"],
    )
    .await;
    check(Arc::new(Date64Array::from(vec![86_400_000])), "date", &["1970-01-02"]).await;
    check(Arc::new(Time32SecondArray::from(vec![3661])), "time without time zone", &["01:01:01"])
        .await;
    check(
        Arc::new(Time64MicrosecondArray::from(vec![1])),
        "time without time zone",
        &["00:00:00.000001"],
    )
    .await;
}

#[tokio::test]
async fn instants_arrive_with_and_without_zone() {
    let plain = "timestamp without time zone";
    let zoned = "timestamp with time zone";
    check(Arc::new(TimestampSecondArray::from(vec![1])), plain, &["1970-01-01 00:00:01"]).await;
    check(Arc::new(TimestampMillisecondArray::from(vec![-1])), plain, &["1969-12-31 23:59:59.999"])
        .await;
    check(
        Arc::new(TimestampMicrosecondArray::from(vec![1])),
        plain,
        &["1970-01-01 00:00:00.000001"],
    )
    .await;
    check(
        Arc::new(TimestampNanosecondArray::from(vec![2000])),
        plain,
        &["1970-01-01 00:00:00.000002"],
    )
    .await;
    let paris = TimestampMicrosecondArray::from(vec![0]).with_timezone("Europe/Paris");
    check(Arc::new(paris), zoned, &["1970-01-01 00:00:00+00"]).await;
}

#[tokio::test]
async fn the_ends_of_the_calendar_arrive_and_what_is_beyond_becomes_text() {
    let ends = vec![-2_440_588, 2_145_042_905];
    check(Arc::new(Date32Array::from(ends)), "date", &["4714-11-24 BC", "5874897-12-31"]).await;
    check(Arc::new(Date32Array::from(vec![2_145_042_906])), "text", &["5874898-01-01"]).await;
    let last = 106_762_939 * 86_400;
    let plain = "timestamp without time zone";
    check(Arc::new(TimestampSecondArray::from(vec![last])), plain, &["294276-12-31 00:00:00"])
        .await;
    check(
        Arc::new(TimestampSecondArray::from(vec![last + 86_400])),
        "text",
        &["294277-01-01 00:00:00"],
    )
    .await;
}

#[tokio::test]
async fn spans_of_time_arrive_with_whole_days_apart() {
    let day = 86_400_000_000_000;
    let array = DurationNanosecondArray::from(vec![90 * day, 1_500_000_000, -day]);
    check(Arc::new(array), "interval", &["90 days", "00:00:01.5", "-1 days"]).await;
}

#[tokio::test]
async fn categories_arrive_as_their_values() {
    let mut builder = StringDictionaryBuilder::<Int32Type>::new();
    builder.append_value("Charges");
    builder.append_null();
    builder.append_value("Produits");
    builder.append_value("Charges");
    check(Arc::new(builder.finish()), "text", &["Charges", "∅", "Produits", "Charges"]).await;
}

#[tokio::test]
async fn nested_values_arrive_as_json() {
    let mut list = ListBuilder::new(StringBuilder::new());
    list.values().append_value("a\"b");
    list.values().append_null();
    list.append(true);
    list.append(false);
    check(Arc::new(list.finish()), "jsonb", &["[\"a\\\"b\", null]", "∅"]).await;

    let fields: Vec<(Arc<Field>, ArrayRef)> = vec![
        (Arc::new(Field::new("z", DataType::Float64, true)), floats([Some(1.5), None])),
        (
            Arc::new(Field::new("d", DataType::Date32, true)),
            Arc::new(Date32Array::from(vec![0, 1])),
        ),
    ];
    check(
        Arc::new(StructArray::from(fields)),
        "jsonb",
        &["{\"d\": \"1970-01-01\", \"z\": 1.5}", "{\"d\": \"1970-01-02\", \"z\": null}"],
    )
    .await;

    let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    map.keys().append_value("k");
    map.values().append_value("v");
    map.append(true).unwrap();
    check(Arc::new(map.finish()), "jsonb", &["{\"k\": \"v\"}"]).await;
}

#[tokio::test]
async fn json_text_arrives_and_does_not_change_on_every_publish() {
    let mut place = Place::new().await;
    let json = texts([Some(r#"{"b": 1.0, "a": [1e2, "é\u0000"], "b": 2.50}"#), Some("[]"), None]);
    let batch = with_json(frame(&[("tags", json)]), "tags");
    let first = place.publish("t", batch.clone()).await;
    assert!(first.warnings[0].contains("column `tags`: 1 value had NUL"), "{:?}", first.warnings);
    assert_eq!(place.types("t").await, ["tags jsonb"]);
    assert_eq!(
        place.rows("SELECT * FROM t").await,
        ["{\"a\": [100, \"é\"], \"b\": 2.50}", "[]", "∅"]
    );
    assert!(place.publish("t", batch).await.unchanged);
}

#[tokio::test]
async fn text_that_should_be_json_and_is_not_is_published_as_text() {
    let mut place = Place::new().await;
    let batch = with_json(frame(&[("tags", texts(["{}", "{oops"]))]), "tags");
    let report = place.publish("t", batch).await;
    assert_eq!(place.types("t").await, ["tags text"]);
    assert!(
        report.warnings[0].contains("row 2 has \"{oops\", which jsonb cannot hold"),
        "{:?}",
        report.warnings
    );
}

#[tokio::test]
async fn a_column_without_values_is_text_until_the_first_value_comes() {
    let mut place = Place::new().await;
    let empty: ArrayRef = Arc::new(NullArray::new(2));
    place.publish("t", frame(&[("n", ints([1, 2])), ("e", Arc::clone(&empty))])).await;
    assert_eq!(place.types("t").await, ["n bigint", "e text"]);
    assert!(
        place
            .publish("t", frame(&[("n", ints([1, 2])), ("e", Arc::clone(&empty))]))
            .await
            .unchanged
    );
    let dates: ArrayRef = Arc::new(Date32Array::from(vec![None, Some(1)]));
    let report = place.publish("t", frame(&[("n", ints([1, 2])), ("e", Arc::clone(&dates))])).await;
    assert_eq!(report.columns_widened[0].to, "date");
    assert_eq!(place.types("t").await, ["n bigint", "e date"]);
    assert_eq!(place.rows("SELECT n, e FROM t ORDER BY n").await, ["1|∅", "2|1970-01-02"]);
    // From now on the type is settled.
    place.publish("t", frame(&[("n", ints([1, 2])), ("e", empty)])).await;
    assert_eq!(place.types("t").await, ["n bigint", "e date"]);
    assert_eq!(place.rows("SELECT col_description('t'::regclass, 2)").await, ["∅"]);
}

#[tokio::test]
async fn nanoseconds_are_cut_and_it_is_said() {
    let mut place = Place::new().await;
    let report = place
        .publish("t", frame(&[("at", Arc::new(TimestampNanosecondArray::from(vec![1999])))]))
        .await;
    assert_eq!(place.rows("SELECT at FROM t").await, ["1970-01-01 00:00:00.000001"]);
    assert_eq!(
        report.warnings,
        ["column `at`: 1 value had nanoseconds; PostgreSQL keeps microseconds"]
    );
}

#[tokio::test]
async fn the_sender_s_warnings_are_passed_on() {
    let mut place = Place::new().await;
    let batch = frame(&[("a", ints([1]))]);
    let metadata =
        HashMap::from([("penny.warnings".to_owned(), r#"["colonne `a` : texte"]"#.to_owned())]);
    let schema = batch.schema().as_ref().clone().with_metadata(metadata);
    let batch = RecordBatch::try_new(Arc::new(schema), batch.columns().to_vec()).unwrap();
    assert_eq!(place.publish("t", batch).await.warnings, ["colonne `a` : texte"]);
}
