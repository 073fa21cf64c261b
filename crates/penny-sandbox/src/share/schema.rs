//! The database around the tables: schemas, private tables, views, the login and what it may not do.

use super::table::{ANALYTICAL_LEDGER, LEDGER_TAGS, TABLES, Table};

/// Where the rows are; the login cannot look inside.
pub(super) const PRIVATE: &str = "source";

/// Schemas that Pennylane's database shows and that hold nothing here.
const EMPTY_SCHEMAS: [&str; 9] = [
    "accounting",
    "admin",
    "catalog_history",
    "dbt",
    "dbt_run",
    "factoring",
    "practice_management",
    "s3_app",
    "s3_data_exports",
];

/// What Redshift calls itself.
const VERSION: &str = "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.136393";

/// Everything that is laid out before the first row, or again when the layout changed.
pub(super) fn layout() -> String {
    let mut sql = String::new();
    for schema in ["pennylane", "etl", "redshift"].into_iter().chain(EMPTY_SCHEMAS) {
        sql.push_str(&format!("CREATE SCHEMA IF NOT EXISTS {schema};\n"));
    }
    // Views go with the tables they read.
    sql.push_str(&format!("DROP SCHEMA IF EXISTS {PRIVATE} CASCADE;\nCREATE SCHEMA {PRIVATE};\n"));
    sql.push_str(&format!(
        "CREATE TABLE {PRIVATE}.installed (settings text NOT NULL, layout integer NOT NULL, login text NOT NULL);\n"
    ));
    for table in TABLES.iter().chain([&LEDGER_TAGS]) {
        sql.push_str(&create_table(table));
    }
    for table in TABLES {
        let columns: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        sql.push_str(&create_views(
            table.name,
            &columns.join(", "),
            &format!("{PRIVATE}.{} AS line", table.name),
        ));
    }
    let columns: Vec<String> =
        ANALYTICAL_LEDGER.iter().map(|(table, column)| format!("{table}.{column}")).collect();
    let joined = format!(
        "{PRIVATE}.general_ledger AS line LEFT JOIN {PRIVATE}.ledger_tags AS tag ON tag.line_id = line.id"
    );
    sql.push_str(&create_views("analytical_ledger", &columns.join(", "), &joined));
    sql.push_str(&format!(
        "CREATE OR REPLACE FUNCTION redshift.version() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '{VERSION}'::text $$;\n"
    ));
    sql.push_str(HIDE_TABLES);
    sql
}

/// The login may connect here and read the two schemas, nothing else.
pub(super) fn grants(user: &str) -> String {
    let user = quote_identifier(user);
    format!(
        "REVOKE ALL ON DATABASE prod FROM PUBLIC;
         REVOKE ALL ON SCHEMA public FROM PUBLIC;
         REVOKE ALL ON pg_catalog.pg_tables FROM PUBLIC;
         GRANT CONNECT ON DATABASE prod TO {user};
         GRANT USAGE ON SCHEMA pennylane, etl, redshift TO {user};
         GRANT SELECT ON ALL TABLES IN SCHEMA pennylane, etl TO {user};
         ALTER ROLE {user} SET default_transaction_read_only = on;
         ALTER ROLE {user} IN DATABASE prod SET search_path = redshift, pg_catalog, public;
         ALTER ROLE {user} SET temp_file_limit = '2GB';"
    )
}

/// Creates the login, or gives it this password.
pub(super) fn login(user: &str, password: &str, exists: bool) -> String {
    let verb = if exists { "ALTER" } else { "CREATE" };
    format!(
        "{verb} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT PASSWORD {}",
        quote_identifier(user),
        quote_text(password)
    )
}

/// Like Redshift's, `information_schema.tables` lists no table that was lent.
const HIDE_TABLES: &str = "
    DO $$ BEGIN
        IF to_regclass('information_schema.tables_of_postgresql') IS NULL THEN
            ALTER VIEW information_schema.tables RENAME TO tables_of_postgresql;
            CREATE VIEW information_schema.tables AS
                SELECT * FROM information_schema.tables_of_postgresql
                WHERE table_schema IN ('information_schema', 'pg_catalog');
            GRANT SELECT ON information_schema.tables TO PUBLIC;
            REVOKE ALL ON information_schema.tables_of_postgresql FROM PUBLIC;
        END IF;
    END $$;
";

fn create_table(table: &Table) -> String {
    let columns: Vec<String> =
        table.columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
    format!(
        "CREATE TABLE {PRIVATE}.{} ({}, deleted_at timestamp without time zone, synchronised_at timestamp without time zone);\n",
        table.name,
        columns.join(", ")
    )
}

/// What exists, in `pennylane`; also what was deleted lately, in `etl`.
fn create_views(name: &str, columns: &str, from: &str) -> String {
    format!(
        "CREATE VIEW pennylane.{name} AS SELECT {columns} FROM {from} WHERE line.deleted_at IS NULL;\n\
         CREATE VIEW etl.{name} AS SELECT {columns}, line.deleted_at, line.synchronised_at FROM {from};\n"
    )
}

fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn quote_text(text: &str) -> String {
    // The escape form reads the same whatever standard_conforming_strings says.
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}
