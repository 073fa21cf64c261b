//! The views on a table whose column types change: saved with all that hangs on them, dropped, restored.
//!
//! PostgreSQL refuses to change the type of a column that a view shows. The views go and come back in the
//! same transaction, so that nobody ever misses them.

use tokio_postgres::{Row, Transaction};

use super::table_name::{literal, quote};
use super::{Publication, PublishError};

/// A view as it was, as the statements that make it again.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// With its schema, quoted.
    name: String,
    materialized: bool,
    owner: String,
    /// Makes it, without rights.
    definition: String,
    /// Restores defaults, indexes, triggers, rules and comments.
    attachments: Vec<String>,
    /// Gives the rights again, those on single columns included.
    rights: Vec<String>,
    /// Whether the rights were ever changed from those that a new view has.
    has_rights: bool,
}

/// The views that show the columns `$2` of the table `$1` (or its rows as a whole), and those on them, each
/// after all that it is made of.
const DEPENDENTS: &str = "
    WITH RECURSIVE dependent(oid, depth) AS (
        SELECT r.ev_class, 1
        FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
          AND d.refobjid = $1 AND (d.refobjsubid = ANY($2) OR d.refobjsubid = 0) AND r.ev_class <> $1
        UNION
        SELECT r.ev_class, dependent.depth + 1
        FROM dependent
        JOIN pg_catalog.pg_depend d ON d.refobjid = dependent.oid
        JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
          AND r.ev_class <> dependent.oid)
    SELECT c.oid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name,
           c.relkind = 'm' AS materialized, c.relispopulated AS populated,
           pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
           pg_catalog.pg_get_viewdef(c.oid) AS definition,
           pg_catalog.array_to_string(c.reloptions, ', ') AS options,
           pg_catalog.obj_description(c.oid, 'pg_class') AS comment,
           c.relacl IS NOT NULL AS has_rights
    FROM (SELECT oid, max(depth) AS depth FROM dependent GROUP BY oid) AS found
    JOIN pg_catalog.pg_class c ON c.oid = found.oid AND c.relkind IN ('v', 'm')
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    ORDER BY found.depth, c.oid";

/// What hangs on a view, as the statements that make it again.
const ATTACHMENTS: &str = "
    SELECT 1 AS place, pg_catalog.format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', $2::text, a.attname,
                              pg_catalog.pg_get_expr(d.adbin, d.adrelid)) AS statement
    FROM pg_catalog.pg_attrdef d
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE d.adrelid = $1
    UNION ALL
    SELECT 2, pg_catalog.pg_get_indexdef(i.indexrelid) FROM pg_catalog.pg_index i WHERE i.indrelid = $1
    UNION ALL
    SELECT 3, pg_catalog.format('COMMENT ON INDEX %I.%I IS %L', n.nspname, c.relname,
                                pg_catalog.obj_description(c.oid, 'pg_class'))
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE i.indrelid = $1 AND pg_catalog.obj_description(c.oid, 'pg_class') IS NOT NULL
    UNION ALL
    SELECT 4, pg_catalog.pg_get_ruledef(r.oid)
    FROM pg_catalog.pg_rewrite r WHERE r.ev_class = $1 AND r.rulename <> '_RETURN'
    UNION ALL
    SELECT 5, pg_catalog.pg_get_triggerdef(t.oid)
    FROM pg_catalog.pg_trigger t WHERE t.tgrelid = $1 AND NOT t.tgisinternal
    UNION ALL
    SELECT 6, pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', $2::text, a.attname,
                                pg_catalog.col_description(a.attrelid, a.attnum))
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = $1 AND a.attnum > 0
      AND pg_catalog.col_description(a.attrelid, a.attnum) IS NOT NULL
    ORDER BY place";

/// The rights on a view and on its columns, as GRANT statements.
const RIGHTS: &str = "
    SELECT pg_catalog.format('GRANT %s%s ON %s TO %s%s', held.privilege,
                             CASE WHEN held.of_column IS NULL THEN ''
                                  ELSE pg_catalog.format(' (%I)', held.of_column) END,
                             $2::text,
                             CASE WHEN held.grantee = 0 THEN 'PUBLIC'
                                  ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(held.grantee)) END,
                             CASE WHEN held.may_pass_on THEN ' WITH GRANT OPTION' ELSE '' END) AS statement
    FROM (
        SELECT NULL::name AS of_column, (pg_catalog.aclexplode(c.relacl)).*
        FROM pg_catalog.pg_class c WHERE c.oid = $1
        UNION ALL
        SELECT a.attname, (pg_catalog.aclexplode(a.attacl)).*
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1 AND a.attacl IS NOT NULL
    ) AS held(of_column, grantor, grantee, privilege, may_pass_on)";

/// Those who have rights on a relation that was just made: by default privileges, and the owner (`$2`: him too).
const HOLDERS: &str = "
    SELECT DISTINCT CASE WHEN held.grantee = 0 THEN 'PUBLIC'
                         ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(held.grantee)) END AS holder
    FROM pg_catalog.pg_class c
    CROSS JOIN LATERAL pg_catalog.aclexplode(
        coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) AS held
    WHERE c.oid = $1::text::regclass AND ($2 OR held.grantee <> c.relowner)";

/// The names of the views that use the column.
pub(super) async fn users(
    transaction: &Transaction<'_>,
    table: u32,
    column: i16,
) -> Result<Vec<String>, tokio_postgres::Error> {
    let rows = transaction.query(DEPENDENTS, &[&table, &vec![i32::from(column)]]).await?;
    Ok(rows.iter().map(|row| row.get("name")).collect())
}

/// The views that show these columns of the table, each after all that it is made of.
pub(super) async fn save(
    transaction: &Transaction<'_>,
    table: u32,
    columns: &[i16],
) -> Result<Vec<View>, tokio_postgres::Error> {
    let columns: Vec<i32> = columns.iter().map(|number| i32::from(*number)).collect();
    // With an empty search path every name in a definition comes with its schema.
    let path: String = transaction
        .query_one("SELECT pg_catalog.current_setting('search_path')", &[])
        .await?
        .get(0);
    transaction.batch_execute("SET LOCAL search_path = ''").await?;
    let mut views = Vec::new();
    for row in transaction.query(DEPENDENTS, &[&table, &columns]).await? {
        views.push(save_one(transaction, &row).await?);
    }
    transaction.query("SELECT pg_catalog.set_config('search_path', $1, true)", &[&path]).await?;
    Ok(views)
}

async fn save_one(transaction: &Transaction<'_>, row: &Row) -> Result<View, tokio_postgres::Error> {
    let oid: u32 = row.get("oid");
    let name: String = row.get("name");
    let materialized: bool = row.get("materialized");
    let rights = statements(transaction, RIGHTS, oid, &name).await?;
    let mut attachments = statements(transaction, ATTACHMENTS, oid, &name).await?;
    let kind = kind(materialized);
    if let Some(comment) = row.get::<_, Option<String>>("comment") {
        attachments.push(format!("COMMENT ON {kind} {name} IS {}", literal(&comment)));
    }
    let options: Option<String> = row.get("options");
    let options = options.filter(|options| !options.is_empty());
    let options = options.map_or_else(String::new, |options| format!(" WITH ({options})"));
    let definition: String = row.get("definition");
    let definition = definition.trim().trim_end_matches(';');
    let data = if materialized && !row.get::<_, bool>("populated") { " WITH NO DATA" } else { "" };
    Ok(View {
        definition: format!("CREATE {kind} {name}{options} AS {definition}{data}"),
        name,
        materialized,
        owner: row.get("owner"),
        attachments,
        rights,
        has_rights: row.get("has_rights"),
    })
}

async fn statements(
    transaction: &Transaction<'_>,
    query: &str,
    oid: u32,
    name: &str,
) -> Result<Vec<String>, tokio_postgres::Error> {
    let rows = transaction.query(query, &[&oid, &name]).await?;
    Ok(rows.iter().map(|row| row.get("statement")).collect())
}

/// Drops the views, the last first. What else depends on one of them makes the server refuse.
pub(super) async fn drop(
    transaction: &Transaction<'_>,
    views: &[View],
) -> Result<(), tokio_postgres::Error> {
    for view in views.iter().rev() {
        transaction
            .batch_execute(&format!("DROP {} {}", kind(view.materialized), view.name))
            .await?;
    }
    Ok(())
}

/// Makes the views again, with owner, rights and comments.
pub(super) async fn restore(
    transaction: &Transaction<'_>,
    publication: &Publication,
    views: &[View],
    changes: &str,
) -> Result<(), PublishError> {
    for view in views {
        restore_one(transaction, view).await.map_err(|source| {
            let Some(refusal) = source.as_db_error() else {
                return PublishError::server(&publication.table, "restore the views of", source);
            };
            PublishError::ViewCannotFollow {
                view: view.name.clone(),
                table: publication.table.to_string(),
                changes: changes.to_owned(),
                reason: refusal.message().to_owned(),
                source,
            }
        })?;
    }
    Ok(())
}

async fn restore_one(
    transaction: &Transaction<'_>,
    view: &View,
) -> Result<(), tokio_postgres::Error> {
    transaction.batch_execute(&view.definition).await?;
    for statement in &view.attachments {
        transaction.batch_execute(statement).await?;
    }
    // What default privileges gave to the new view was not there before.
    for row in transaction.query(HOLDERS, &[&view.name, &view.has_rights]).await? {
        let holder: String = row.get("holder");
        transaction.batch_execute(&format!("REVOKE ALL ON {} FROM {holder}", view.name)).await?;
    }
    for statement in &view.rights {
        transaction.batch_execute(statement).await?;
    }
    let current: String = transaction.query_one("SELECT current_user::text", &[]).await?.get(0);
    if current != view.owner {
        // Rights move with the owner, so those of the old one become those of the new one.
        let kind = kind(view.materialized);
        let owner = quote(&view.owner);
        transaction.batch_execute(&format!("ALTER {kind} {} OWNER TO {owner}", view.name)).await?;
    }
    Ok(())
}

fn kind(materialized: bool) -> &'static str {
    if materialized { "MATERIALIZED VIEW" } else { "VIEW" }
}
