//! Numbers in the binary form against the server's own reading of their text.

use std::sync::Arc;

use arrow_array::{ArrayRef, Decimal128Array};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use super::{floats, frame, texts};
use crate::server::Place;

/// So many of `strategy`, the same on every run of the tests.
fn sample<S: Strategy>(strategy: S, count: usize) -> Vec<S::Value> {
    let mut runner =
        TestRunner::new_with_rng(Config::default(), TestRunner::deterministic().rng().clone());
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// Both columns of every row are the same for the server, and read the same.
async fn assert_equal(place: &Place) {
    let different =
        place.rows("SELECT n, s FROM t WHERE n IS DISTINCT FROM s::numeric OR n::text <> s").await;
    assert_eq!(different, [""; 0]);
}

#[tokio::test]
async fn decimals_are_what_the_server_reads_from_their_text() {
    for scale in [0i8, 1, 2, 3, 4, 5, 9, 20, 37] {
        let coefficients = sample(
            prop_oneof![
                any::<i128>().prop_map(|n| n % 10i128.pow(38)),
                (-100_000i128..100_000),
                Just(0)
            ],
            300,
        );
        let text = |coefficient: i128| {
            let digits =
                format!("{:0>width$}", coefficient.unsigned_abs(), width = scale as usize + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
            let sign = if coefficient < 0 { "-" } else { "" };
            if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
        };
        let written: Vec<String> = coefficients.iter().map(|n| text(*n)).collect();
        let array: ArrayRef = Arc::new(
            Decimal128Array::from(coefficients).with_precision_and_scale(38, scale).unwrap(),
        );
        let mut place = Place::new().await;
        let batch = frame(&[("n", array), ("s", texts(written.iter().map(String::as_str)))]);
        place.publish("t", batch.clone()).await;
        assert_equal(&place).await;
        assert!(place.publish("t", batch).await.unchanged);
    }
}

#[tokio::test]
async fn floats_in_a_decimal_column_are_what_the_server_reads_from_their_shortest_text() {
    let mut place = Place::new().await;
    place.run("CREATE TABLE t (n numeric, s text)").await;
    let numbers: Vec<f64> = sample(proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL, 500)
        .into_iter()
        .chain([0.1, 1e22, 1e23, 5e-324, f64::MAX])
        .collect();
    // Display writes a float without exponent, to the last shortest digit, as numeric does.
    let written: Vec<String> = numbers.iter().map(|n| n.to_string()).collect();
    place
        .publish(
            "t",
            frame(&[("n", floats(numbers)), ("s", texts(written.iter().map(String::as_str)))]),
        )
        .await;
    assert_equal(&place).await;
}

#[tokio::test]
async fn floats_in_a_text_column_read_as_the_server_writes_them() {
    let mut place = Place::new().await;
    place.run("CREATE TABLE t (n float8, s text)").await;
    let numbers: Vec<f64> = sample(proptest::num::f64::NORMAL, 300)
        .into_iter()
        .chain([0.1, 1e14, 1e15, 123_456_789_012_345.6, 1e-4, 1e-5, -0.0, 1e100])
        .collect();
    place.publish("t", frame(&[("n", floats(numbers.clone())), ("s", floats(numbers))])).await;
    let different = place.rows("SELECT n, s FROM t WHERE n::text <> s").await;
    assert_eq!(different, [""; 0]);
}
