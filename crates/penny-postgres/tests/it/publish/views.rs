//! Views on a table survive whatever happens to it.

use super::{floats, frame, ints, texts};
use crate::server::Place;

/// Everything about the views of the place that a user could miss.
async fn portrait(place: &Place) -> Vec<String> {
    let schema = &place.schema;
    place
        .rows(&format!(
            "SELECT c.relname, c.relkind, pg_get_userbyid(c.relowner), c.relacl, c.reloptions,
                    obj_description(c.oid, 'pg_class'), c.relispopulated,
                    (SELECT string_agg(a.attname || ':' || coalesce(a.attacl::text, '') || ':'
                                       || coalesce(col_description(c.oid, a.attnum), ''), ',' ORDER BY a.attnum)
                     FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0),
                    (SELECT string_agg(pg_get_indexdef(i.indexrelid), ',') FROM pg_index i WHERE i.indrelid = c.oid),
                    (SELECT string_agg(pg_get_triggerdef(t.oid), ',') FROM pg_trigger t WHERE t.tgrelid = c.oid),
                    pg_get_viewdef(c.oid)
             FROM pg_class c WHERE c.relnamespace = '{schema}'::regnamespace AND c.relkind IN ('v', 'm')
             ORDER BY c.relname"
        ))
        .await
}

/// Roles belong to the whole server, so their names bear the place.
async fn make_views(place: &Place) {
    let schema = &place.schema;
    place
        .run(&format!(
            "CREATE ROLE {schema}_owner; CREATE ROLE {schema}_reader;
             GRANT USAGE, CREATE ON SCHEMA {schema} TO {schema}_owner;
             GRANT SELECT ON t TO {schema}_owner;
             CREATE VIEW totals WITH (security_barrier = true) AS
                 SELECT label, sum(amount) AS total FROM t GROUP BY label;
             CREATE VIEW \"On \"\"totals\"\"\" AS SELECT * FROM totals WHERE total IS NOT NULL;
             CREATE MATERIALIZED VIEW kept AS SELECT label, total FROM totals;
             CREATE MATERIALIZED VIEW unfilled AS SELECT amount FROM t WITH NO DATA;
             CREATE VIEW changeable AS SELECT label, amount FROM t;
             CREATE VIEW elsewhere AS SELECT label FROM t;
             CREATE INDEX kept_label ON kept (label);
             COMMENT ON VIEW totals IS 'l''été';
             COMMENT ON COLUMN totals.total IS 'somme';
             COMMENT ON MATERIALIZED VIEW kept IS 'gardée';
             ALTER VIEW changeable ALTER COLUMN amount SET DEFAULT 7;
             CREATE FUNCTION ignore() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER ignore INSTEAD OF DELETE ON changeable FOR EACH ROW EXECUTE FUNCTION ignore();
             GRANT SELECT ON totals TO {schema}_reader WITH GRANT OPTION;
             GRANT SELECT (label) ON kept TO {schema}_reader;
             ALTER VIEW totals OWNER TO {schema}_owner;
             ALTER MATERIALIZED VIEW unfilled OWNER TO {schema}_owner"
        ))
        .await;
}

async fn drop_roles(place: &Place) {
    let schema = &place.schema;
    place
        .run(&format!(
            "DROP OWNED BY {schema}_owner CASCADE; DROP OWNED BY {schema}_reader;
             DROP ROLE {schema}_owner; DROP ROLE {schema}_reader"
        ))
        .await;
}

#[tokio::test]
async fn views_survive_a_change_of_type_with_all_that_hangs_on_them() {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("label", texts(["a", "b"])), ("amount", ints([1, 2]))])).await;
    make_views(&place).await;
    let before = portrait(&place).await;
    let unaffected = place.value("SELECT 'elsewhere'::regclass::oid").await;
    let report = place
        .publish("t", frame(&[("label", texts(["a", "c"])), ("amount", floats([1.5, 2.5]))]))
        .await;
    assert_eq!(report.columns_widened.len(), 1);
    assert_eq!(portrait(&place).await, before);
    assert_eq!(
        place.rows("SELECT * FROM \"On \"\"totals\"\"\" ORDER BY 1").await,
        ["a|1.5", "c|2.5"]
    );
    assert_eq!(place.rows("SELECT * FROM kept ORDER BY 1").await, ["a|1.5", "c|2.5"]);
    assert_eq!(place.value("SELECT 'elsewhere'::regclass::oid").await, unaffected);
    drop_roles(&place).await;
}

#[tokio::test]
async fn views_survive_publishes_that_change_no_type() {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("label", texts(["a", "b"])), ("amount", ints([1, 2]))])).await;
    make_views(&place).await;
    let before = (portrait(&place).await, place.value("SELECT 'totals'::regclass::oid").await);
    place
        .publish("t", frame(&[("label", texts(["z"])), ("amount", ints([9])), ("neuf", ints([1]))]))
        .await;
    assert_eq!(
        (portrait(&place).await, place.value("SELECT 'totals'::regclass::oid").await),
        before
    );
    assert_eq!(place.rows("SELECT * FROM totals").await, ["z|9"]);
    drop_roles(&place).await;
}

#[tokio::test]
async fn a_view_that_cannot_follow_is_named_and_nothing_changes() {
    let mut place = Place::new().await;
    place.publish("t", frame(&[("amount", ints([1, 2]))])).await;
    place.run("CREATE VIEW doubled AS SELECT amount * 2 AS double FROM t").await;
    let sentence = place.refusal("t", frame(&[("amount", texts(["n/a", "x"]))])).await;
    let schema = &place.schema;
    let expected = format!(
        "the view {schema}.doubled does not work with the new column types of {schema}.t \
         (`amount` from bigint to text)"
    );
    assert!(sentence.starts_with(&expected), "{sentence}");
    assert_eq!(place.types("t").await, ["amount bigint"]);
    assert_eq!(place.rows("SELECT * FROM doubled ORDER BY 1").await, ["2", "4"]);
}
