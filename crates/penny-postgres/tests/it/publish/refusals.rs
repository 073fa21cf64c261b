//! What cannot be published is refused with a sentence that names the place.

use std::time::Duration;

use arrow_array::RecordBatch;
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
async fn a_role_without_rights_is_told_which_it_lacks() {
    let mut place = Place::new().await;
    let schema = place.schema.clone();
    place.publish("t", frame(&[("a", ints([1]))])).await;
    let role = format!("{schema}_stranger");
    place.run(&format!("CREATE ROLE {role}; GRANT USAGE ON SCHEMA {schema} TO {role}")).await;
    let mut stranger = place.another().await;
    stranger.batch_execute(&format!("SET ROLE {role}")).await.unwrap();
    let mut refused = async |publication: &Publication, batch: RecordBatch| {
        let sent = send(&mut stranger, publication, batch.schema(), vec![Ok(batch)]).await;
        let error = sent.unwrap_err();
        (error.to_string(), error.hint().unwrap())
    };
    let (table, new) = (publication(&schema, "t"), publication(&schema, "new"));
    let other = publication(&format!("{schema}_other"), "t");
    let one = || frame(&[("a", ints([2]))]);
    let rows = format!("GRANT SELECT, INSERT, DELETE ON \"{schema}\".\"t\" TO …");
    for (publication, remedy) in [
        (&table, rows.as_str()),
        (&new, &format!("GRANT USAGE, CREATE ON SCHEMA \"{schema}\" TO …")),
        (&other, &format!("CREATE SCHEMA \"{schema}_other\" AUTHORIZATION …")),
    ] {
        let (sentence, hint) = refused(publication, one()).await;
        assert!(sentence.starts_with("the PostgreSQL user may not "), "{sentence}");
        assert!(hint.contains(remedy), "{hint}");
    }
    place.run(&format!("GRANT SELECT, INSERT, DELETE ON t TO {role}")).await;
    let wider = frame(&[("a", texts(["x"])), ("b", ints([1]))]);
    let (sentence, hint) = refused(&table, wider).await;
    let start = format!(
        "the PostgreSQL user may not change the columns of {schema}.t (`b` added, `a` from bigint to text): "
    );
    assert!(sentence.starts_with(&start), "{sentence}");
    assert!(hint.contains(&format!("ALTER TABLE \"{schema}\".\"t\" OWNER TO …")), "{hint}");
    let without = Publication { drop_missing: true, ..table };
    let (sentence, _) = refused(&without, frame(&[("c", ints([1]))])).await;
    assert!(sentence.contains("(`a` dropped, `c` added)"), "{sentence}");
    drop(stranger);
    place.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_table_of_which_rows_are_hidden_is_refused() {
    let mut place = Place::new().await;
    let schema = place.schema.clone();
    place.publish("t", frame(&[("a", ints([1, 2]))])).await;
    let role = format!("{schema}_half");
    place
        .run(&format!(
            "CREATE ROLE {role}; GRANT USAGE ON SCHEMA {schema} TO {role};
             GRANT SELECT, INSERT, DELETE ON t TO {role};
             ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY half ON t USING (a < 2)"
        ))
        .await;
    let mut half = place.another().await;
    half.batch_execute(&format!("SET ROLE {role}")).await.unwrap();
    // What the role sees is what it publishes, and yet the table has a row more.
    let batch = frame(&[("a", ints([1]))]);
    let sent = send(&mut half, &publication(&schema, "t"), batch.schema(), vec![Ok(batch)]).await;
    let error = sent.unwrap_err();
    assert!(matches!(error, PublishError::RowsHidden { .. }), "{error:?}");
    assert!(error.hint().is_some_and(|hint| hint.contains("ROW LEVEL SECURITY")), "{error:?}");
    drop(half);
    place.run(&format!("DROP POLICY half ON t; DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_character_that_the_database_does_not_keep_is_refused_with_what_to_do() {
    let place = Place::new().await;
    let database = format!("{}_latin", place.schema);
    place.run(&format!("DROP DATABASE IF EXISTS {database}")).await;
    place
        .run(&format!(
            "CREATE DATABASE {database} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        ))
        .await;
    let mut latin = place.another_in(&database).await;
    for (text, is_kept) in [("Été", true), ("5 €", false)] {
        let batch = frame(&[("a", texts([text]))]);
        let sent =
            send(&mut latin, &publication("public", "t"), batch.schema(), vec![Ok(batch)]).await;
        let hint = sent.err().map(|error| error.hint().unwrap());
        assert_eq!(hint.is_none(), is_kept, "{hint:?}");
        assert!(hint.is_none_or(|hint| hint.contains("UTF8")));
    }
    drop(latin);
    place.run(&format!("DROP DATABASE {database} WITH (FORCE)")).await;
}

#[tokio::test]
async fn rows_that_are_too_wide_are_refused_with_what_to_do() {
    let mut place = Place::new().await;
    let names: Vec<String> = (0..1500).map(|number| format!("c{number}")).collect();
    let columns: Vec<_> =
        names.iter().map(|name| (name.as_str(), texts(["twenty letters of it"]))).collect();
    let error = place.try_publish("t", frame(&columns)).await.unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains("fewer columns")), "{error:?}");
}

#[tokio::test]
async fn a_column_of_the_key_cannot_be_left_out_nor_be_empty() {
    let mut place = Place::new().await;
    let keyed = Publication { key: vec!["id".into()], ..publication(&place.schema, "t") };
    place.publish_by(&keyed, frame(&[("id", ints([1])), ("n", ints([1]))])).await.unwrap();
    let without = publication(&place.schema, "t");
    let error = place.publish_by(&without, frame(&[("n", ints([1]))])).await.unwrap_err();
    // PostgreSQL refuses DROP NOT NULL as long as the column is in the key.
    assert!(error.hint().is_some_and(|hint| hint.contains("primary key")), "{error:?}");
    place.run("CREATE TABLE u (a int8 NOT NULL, n int8)").await;
    let without = publication(&place.schema, "u");
    let error = place.publish_by(&without, frame(&[("n", ints([1]))])).await.unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains("DROP NOT NULL")), "{error:?}");
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
