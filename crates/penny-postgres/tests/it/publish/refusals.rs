//! What cannot be published is refused with a sentence that names the place.

use std::time::Duration;

use penny_postgres::publish::{Publication, PublishError, TableName};

use super::{frame, ints, publication, send, texts};
use crate::server::Place;

#[tokio::test]
async fn what_is_no_table_is_refused_by_its_kind() {
    let mut place = Place::new().await;
    place
        .run(
            "CREATE TABLE base (a int8); CREATE VIEW v AS SELECT a FROM base;
             CREATE MATERIALIZED VIEW m AS SELECT a FROM base; CREATE SEQUENCE s;
             CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER far FOREIGN DATA WRAPPER nothing;
             CREATE FOREIGN TABLE f (a int8) SERVER far",
        )
        .await;
    for (name, kind) in [
        ("v", "a view"),
        ("m", "a materialized view"),
        ("s", "a sequence"),
        ("f", "a foreign table"),
    ] {
        let sentence = place.refusal(name, frame(&[("a", ints([1]))])).await;
        assert_eq!(
            sentence,
            format!("{}.{name} is {kind}, and only a table can be published to", place.schema)
        );
    }
    place.run("DROP FOREIGN DATA WRAPPER nothing CASCADE").await;
}

#[tokio::test]
async fn equal_keys_are_refused_and_shown() {
    let mut place = Place::new().await;
    let keyed = Publication { key: vec!["id".into()], ..publication(&place.schema, "t") };
    let error = place.publish_by(&keyed, frame(&[("id", ints([1, 5, 5]))])).await.unwrap_err();
    assert!(matches!(error, PublishError::DuplicateKey { .. }), "{error:?}");
    assert!(error.to_string().contains("(id)=(5)"), "{error}");
    assert_eq!(place.value("SELECT to_regclass('t')").await, "∅");
    place.publish_by(&keyed, frame(&[("id", ints([1, 5]))])).await.unwrap();
    // The changed rows of a keyed table take the place of the old ones.
    let batch = frame(&[("id", ints([5, 1])), ("nom", texts(["cinq", "un"]))]);
    place.publish_by(&keyed, batch).await.unwrap();
    assert_eq!(place.rows("SELECT id, nom FROM t ORDER BY id").await, ["1|un", "5|cinq"]);
    let error =
        place.publish_by(&keyed, frame(&[("id", ints([Some(1), None]))])).await.unwrap_err();
    assert!(error.to_string().starts_with("row 2 has no value in `id`"), "{error}");
}

#[tokio::test]
async fn a_key_that_comes_too_late_is_said() {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("id", ints([1]))])).await;
    let keyed = Publication { key: vec!["id".into()], ..publication(&place.schema, "t") };
    let report = place.publish_by(&keyed, frame(&[("id", ints([1]))])).await.unwrap();
    assert!(report.warnings[0].contains("made without a primary key"), "{:?}", report.warnings);
}

#[tokio::test]
async fn a_role_without_rights_gets_a_sentence() {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("a", ints([1]))])).await;
    let role = format!("{}_stranger", place.schema);
    place
        .run(&format!("CREATE ROLE {role}; GRANT USAGE ON SCHEMA {} TO {role}", place.schema))
        .await;
    let mut stranger = place.another().await;
    stranger.batch_execute(&format!("SET ROLE {role}")).await.unwrap();
    for (table, batch) in [("t", frame(&[("a", ints([2]))])), ("new", frame(&[("a", ints([2]))]))] {
        let publication = publication(&place.schema, table);
        let error =
            send(&mut stranger, &publication, batch.schema(), vec![Ok(batch)]).await.unwrap_err();
        assert!(matches!(error, PublishError::NotPermitted { .. }), "{error:?}");
        assert!(error.hint().is_some());
    }
    drop(stranger);
    place.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_connection_that_reads_by_default_publishes_all_the_same() {
    let mut place = Place::new().await;
    place.run("SET default_transaction_read_only = on").await;
    // The default gives way to a publish; only a server that cannot write refuses.
    place.publish("t", frame(&[("a", ints([1]))])).await;
}

#[tokio::test]
async fn readers_get_the_rights_that_they_lack() {
    let mut place = Place::new().await;
    let role = format!("{} Power BI", place.schema);
    place.run(&format!("CREATE ROLE \"{role}\"")).await;
    let open = Publication {
        readers: vec![role.clone(), "nobody there".into()],
        lock_timeout: Duration::from_secs(30),
        ..publication(&place.schema, "t")
    };
    let report = place.publish_by(&open, frame(&[("a", ints([1]))])).await.unwrap();
    assert_eq!(
        report.warnings,
        ["the role `nobody there` that is to read the table does not exist"]
    );
    place.run(&format!("SET ROLE \"{role}\"")).await;
    assert_eq!(place.rows("SELECT a FROM t").await, ["1"]);
    place.run(&format!("RESET ROLE; DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\"")).await;
}

#[tokio::test]
async fn names_are_taken_as_they_are() {
    let mut place = Place::new().await;
    let table = TableName::parse("Écritures \"2026\"", &place.schema).err();
    assert!(table.is_none(), "quotes in the middle are taken away");
    let mut publication = publication(&place.schema, "Écritures \"2026\"; DROP");
    publication.key = vec!["n° \"1\"".into()];
    let batch = || frame(&[("n° \"1\"", ints([1])), ("Débit", ints([2])), ("débit", ints([3]))]);
    place.publish_by(&publication, batch()).await.unwrap();
    assert!(place.publish_by(&publication, batch()).await.unwrap().unchanged);
    let rows = place.rows("SELECT * FROM \"Écritures \"\"2026\"\"; DROP\"").await;
    assert_eq!(rows, ["1|2|3"]);
}
