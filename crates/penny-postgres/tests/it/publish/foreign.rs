//! Tables that the user made himself: they work, or a sentence says why not.

use std::sync::Arc;

use arrow_array::TimestampMicrosecondArray;

use super::{bools, floats, frame, ints, texts};
use crate::server::Place;

#[tokio::test]
async fn a_user_s_own_types_are_kept() {
    let mut place = Place::new().await;
    place
        .run(
            "CREATE TYPE mood AS ENUM ('bon', 'mauvais'); CREATE DOMAIN siren AS varchar(9);
             CREATE TABLE t (montant numeric(12,2), nom varchar(20), code char(5), jour date, ident uuid,
                             humeur mood, siren siren, info json, adresse inet, petit int2, actif bool)",
        )
        .await;
    let before = place.types("t").await;
    let batch = || {
        frame(&[
            ("montant", texts([Some("230.32"), None])),
            ("nom", texts(["Dupont", "été"])),
            ("code", texts(["75", "13001"])),
            ("jour", Arc::new(TimestampMicrosecondArray::from(vec![0, 86_400_000_000]))),
            (
                "ident",
                texts([
                    "00000000-0000-0000-0000-000000000001",
                    "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
                ]),
            ),
            ("humeur", texts([Some("bon"), None])),
            ("siren", texts(["123456789", "012345678"])),
            ("info", texts(["{\"a\": 1}", "[]"])),
            ("petit", floats([Some(1.0), None])),
            ("actif", floats([Some(1.0), None])),
        ])
    };
    let report = place.publish("t", batch()).await;
    assert_eq!(place.types("t").await, before);
    assert_eq!(report.columns_missing, ["adresse"]);
    assert_eq!(
        place.rows("SELECT montant, nom, code, jour, ident, humeur, siren, info, adresse, petit, actif FROM t").await,
        [
            "230.32|Dupont|75   |1970-01-01|00000000-0000-0000-0000-000000000001|bon|123456789|{\"a\": 1}|∅|1|t",
            "∅|été|13001|1970-01-02|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|∅|012345678|[]|∅|∅|∅"
        ]
    );
    let again = place.publish("t", batch()).await;
    assert!(again.unchanged, "{again:?}");
}

#[tokio::test]
async fn columns_that_fill_themselves_are_left_to_the_server() {
    let mut place = Place::new().await;
    place
        .run(
            "CREATE TABLE t (id bigserial PRIMARY KEY, a int8 NOT NULL, cree timestamptz NOT NULL DEFAULT now(),
                             double int8 GENERATED ALWAYS AS (a * 2) STORED)",
        )
        .await;
    place.publish("t", frame(&[("a", ints([10, 20]))])).await;
    let before = place.rows("SELECT id, a, cree, double FROM t WHERE a = 10").await;
    let report = place.publish("t", frame(&[("a", ints([10, 30]))])).await;
    assert_eq!((report.rows_unchanged, report.rows_inserted), (1, 1));
    assert!(report.columns_missing.is_empty());
    assert_eq!(place.rows("SELECT id, a, cree, double FROM t WHERE a = 10").await, before);
    assert_eq!(place.rows("SELECT id, double FROM t ORDER BY id").await, ["1|20", "3|60"]);
    let sentence = place.refusal("t", frame(&[("a", ints([1])), ("double", ints([2]))])).await;
    assert!(sentence.contains("computes the column `double`"), "{sentence}");
}

#[tokio::test]
async fn required_columns_are_named() {
    let mut place = Place::new().await;
    place.run("CREATE TABLE t (a int8 NOT NULL, b int8 NOT NULL)").await;
    let sentence = place.refusal("t", frame(&[("a", ints([1]))])).await;
    assert!(
        sentence.starts_with("the column `b` of ") && sentence.contains("no such column"),
        "{sentence}"
    );
    let sentence =
        place.refusal("t", frame(&[("a", ints([1, 2])), ("b", ints([Some(1), None]))])).await;
    assert!(sentence.starts_with("row 2 has no value in `b`"), "{sentence}");
}

#[tokio::test]
async fn a_type_that_is_not_penny_s_to_change_gets_a_sentence() {
    let mut place = Place::new().await;
    place.run("CREATE DOMAIN petit AS varchar(3); CREATE TABLE t (a inet, b petit)").await;
    let sentence = place.refusal("t", frame(&[("a", texts(["10.0.0.1"]))])).await;
    assert!(
        sentence.starts_with("row 1 has \"10.0.0.1\" in `a`, which a column of type inet"),
        "{sentence}"
    );
    let sentence = place.refusal("t", frame(&[("b", texts(["abc", "abcd"]))])).await;
    assert!(sentence.starts_with("row 2 has \"abcd\" in `b`"), "{sentence}");
}

#[tokio::test]
async fn a_rule_of_the_table_refuses_with_its_words() {
    let mut place = Place::new().await;
    place
        .run("CREATE TABLE t (a int8 CONSTRAINT positif CHECK (a > 0)); INSERT INTO t VALUES (1)")
        .await;
    let sentence = place.refusal("t", frame(&[("a", ints([2, -5]))])).await;
    assert!(sentence.contains("a rule of ") && sentence.contains("positif"), "{sentence}");
    assert_eq!(place.rows("SELECT a FROM t").await, ["1"]);
    place.run("CREATE TABLE p (id int8 PRIMARY KEY); INSERT INTO p VALUES (1); CREATE TABLE c (p int8 REFERENCES p); INSERT INTO c VALUES (1)").await;
    let sentence = place.refusal("p", frame(&[("id", ints([2]))])).await;
    assert!(sentence.contains("a rule of ") && sentence.contains("c_p_fkey"), "{sentence}");
}

#[tokio::test]
async fn a_partitioned_table_is_written_whole() {
    let mut place = Place::new().await;
    place
        .run(
            "CREATE TABLE t (annee int8, actif bool) PARTITION BY LIST (annee);
             CREATE TABLE t25 PARTITION OF t FOR VALUES IN (2025); CREATE TABLE autres PARTITION OF t DEFAULT",
        )
        .await;
    place
        .publish("t", frame(&[("annee", ints([2025, 2026])), ("actif", bools([true, false]))]))
        .await;
    place
        .publish("t", frame(&[("annee", ints([2025, 2027])), ("actif", bools([true, true]))]))
        .await;
    assert_eq!(place.rows("SELECT * FROM t ORDER BY 1").await, ["2025|t", "2027|t"]);
    assert_eq!(place.value("SELECT count(*) FROM t25").await, "1");
}
