//! The table as the server has it.

use tokio_postgres::{GenericClient, Row};

use super::types::ColumnType;
use super::{PublishError, TableName};

/// The comment of a column that had only empty cells when it was made. It is text until the first value
/// comes, and takes that value's type then.
pub(super) const AWAITING: &str = "Penny: empty so far; the type follows the first value.";

/// A table as the server has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub oid: u32,
    pub columns: Vec<Column>,
    /// Whether its rows live in other tables (partitions or children), where a row's address is not unique.
    pub spread: bool,
    /// The columns of its primary key, in order.
    pub key: Vec<String>,
}

/// A column of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub number: i16,
    pub name: String,
    pub column_type: ColumnType,
    /// The type as the server writes it, a domain by its own name.
    pub type_name: String,
    /// Whether the type was chosen with more care than a plain one, and is not Penny's to change.
    pub own_type: bool,
    pub not_null: bool,
    /// Whether the server fills it when no value is given: a default or an identity.
    pub fills_itself: bool,
    /// Whether the server always computes it.
    pub generated: bool,
    /// Whether it had only empty cells so far ([`AWAITING`]).
    pub awaiting: bool,
}

const RELATION: &str = "
    SELECT c.oid, c.relkind::text, c.relkind = 'p' OR c.relhassubclass AS spread,
           pg_catalog.row_security_active(c.oid) AS rows_hidden,
           ARRAY(SELECT a.attname::text
                 FROM pg_catalog.pg_index i
                 CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
                 JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                 WHERE i.indrelid = c.oid AND i.indisprimary
                 ORDER BY k.place) AS key
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2";

const COLUMNS: &str = "
    SELECT a.attnum, a.attname::text, a.attnotnull,
           (a.atthasdef AND a.attgenerated = '') OR a.attidentity <> '' AS fills_itself,
           a.attgenerated <> '' AS generated,
           pg_catalog.format_type(a.atttypid, a.atttypmod) AS type_name,
           base.name AS base_name, base.typmod, base.typtype, base.depth > 1 AS is_domain,
           base.schema = 'pg_catalog' AS is_builtin,
           pg_catalog.col_description(a.attrelid, a.attnum) AS comment
    FROM pg_catalog.pg_attribute a
    CROSS JOIN LATERAL (
        WITH RECURSIVE chain AS (
            SELECT t.oid, t.typtype, t.typbasetype, 1 AS depth,
                   CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS typmod
            FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
            UNION ALL
            SELECT t.oid, t.typtype, t.typbasetype, chain.depth + 1,
                   CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE chain.typmod END
            FROM chain JOIN pg_catalog.pg_type t ON t.oid = chain.typbasetype
            WHERE chain.typtype = 'd')
        SELECT t.typname::text AS name, t.typtype::text, n.nspname::text AS schema, chain.typmod, chain.depth
        FROM chain
        JOIN pg_catalog.pg_type t ON t.oid = chain.oid
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        WHERE chain.typtype <> 'd'
        LIMIT 1) base
    WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum";

/// Looks at the table; `None` when there is none.
pub(super) async fn look(
    client: &(impl GenericClient + Sync),
    name: &TableName,
) -> Result<Option<Table>, PublishError> {
    let failed = |error| PublishError::server(name, "look at", error);
    let Some(row) =
        client.query_opt(RELATION, &[&name.schema, &name.table]).await.map_err(failed)?
    else {
        return Ok(None);
    };
    let kind: String = row.get("relkind");
    if let Some(kind) = not_a_table(&kind) {
        return Err(PublishError::NotATable { table: name.to_string(), kind });
    }
    if row.get("rows_hidden") {
        let remedy = format!(
            "ALTER TABLE {} NO FORCE ROW LEVEL SECURITY, and let its owner publish; or ALTER ROLE … BYPASSRLS",
            name.sql()
        );
        return Err(PublishError::RowsHidden { table: name.to_string(), remedy });
    }
    let oid: u32 = row.get("oid");
    let columns = client.query(COLUMNS, &[&oid]).await.map_err(failed)?;
    Ok(Some(Table {
        oid,
        columns: columns.iter().map(column).collect(),
        spread: row.get("spread"),
        key: row.get("key"),
    }))
}

fn not_a_table(kind: &str) -> Option<&'static str> {
    match kind {
        "r" | "p" => None,
        "v" => Some("a view"),
        "m" => Some("a materialized view"),
        "f" => Some("a foreign table"),
        "S" => Some("a sequence"),
        "i" | "I" => Some("an index"),
        "c" => Some("a composite type"),
        _ => Some("something else than a table"),
    }
}

fn column(row: &Row) -> Column {
    let type_name: String = row.get("type_name");
    let base_name: String = row.get("base_name");
    let type_kind: String = row.get("typtype");
    let comment: Option<String> = row.get("comment");
    let is_builtin: bool = row.get("is_builtin");
    let column_type = match type_kind.as_str() {
        "e" => ColumnType::Enum(type_name.clone()),
        // An extension's text without case is text in every other respect.
        _ if base_name == "citext" => ColumnType::Text,
        "b" if is_builtin => builtin(&base_name, row.get("typmod"), &type_name),
        _ => ColumnType::Other(type_name.clone()),
    };
    let is_domain: bool = row.get("is_domain");
    Column {
        number: row.get("attnum"),
        name: row.get("attname"),
        own_type: is_domain || matches!(column_type, ColumnType::Enum(_) | ColumnType::Other(_)),
        column_type,
        type_name,
        not_null: row.get("attnotnull"),
        fills_itself: row.get("fills_itself"),
        generated: row.get("generated"),
        awaiting: comment.as_deref() == Some(AWAITING),
    }
}

fn builtin(name: &str, modifier: i32, type_name: &str) -> ColumnType {
    match name {
        "bool" => ColumnType::Bool,
        "int2" => ColumnType::Int2,
        "int4" => ColumnType::Int4,
        "int8" => ColumnType::Int8,
        "float4" => ColumnType::Float4,
        "float8" => ColumnType::Float8,
        "numeric" => ColumnType::Numeric(numeric_limits(modifier)),
        "text" => ColumnType::Text,
        "varchar" if modifier < 4 => ColumnType::Text,
        "varchar" => ColumnType::Varchar(modifier - 4),
        "bpchar" if modifier >= 4 => ColumnType::Char(modifier - 4),
        "bytea" => ColumnType::Bytea,
        "date" => ColumnType::Date,
        "timestamp" => ColumnType::Timestamp,
        "timestamptz" => ColumnType::Timestamptz,
        "time" => ColumnType::Time,
        "interval" => ColumnType::Interval,
        "json" => ColumnType::Json,
        "jsonb" => ColumnType::Jsonb,
        "uuid" => ColumnType::Uuid,
        _ => ColumnType::Other(type_name.to_owned()),
    }
}

/// Precision and scale, as the server packs them: 16 bits and 11 signed ones, after an offset of four.
fn numeric_limits(modifier: i32) -> Option<(i32, i32)> {
    let packed = modifier.checked_sub(4).filter(|packed| *packed >= 0)?;
    Some((packed >> 16, ((packed & 0x7ff) ^ 1024) - 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packed_limits_of_numeric_are_unpacked() {
        for (modifier, expected) in [
            (-1, None),
            (((12 << 16) | 2) + 4, Some((12, 2))),
            ((20 << 16) + 4, Some((20, 0))),
            (((5 << 16) | (-2i32 & 0x7ff)) + 4, Some((5, -2))),
        ] {
            assert_eq!(numeric_limits(modifier), expected, "{modifier}");
        }
    }
}
