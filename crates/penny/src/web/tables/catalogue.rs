//! Which tables there are, and what their columns are, by the server's own catalogue.

use tokio_postgres::Row;

use super::{Reader, trouble};
use crate::error::Result;

/// No more tables than this are listed.
const TABLES_MAX: i64 = 2000;

/// A table or a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    oid: u32,
    /// Its schema.
    pub schema: String,
    /// Its name in the schema.
    pub table: String,
    /// Whether its rows are those of a query.
    pub is_view: bool,
    /// How many rows it has, about; none when nobody has counted.
    pub rows: Option<u64>,
    /// How much room it takes, with its indexes.
    pub bytes: u64,
    /// Whether our login may read it.
    pub is_readable: bool,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type as PostgreSQL writes it.
    pub type_name: String,
    /// What its values are.
    pub kind: Kind,
    /// Whether it belongs to the primary key.
    pub is_key: bool,
    /// How many of its values are missing, if that is known.
    pub nulls: Option<Nulls>,
}

/// What the values of a column are, as far as showing them goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers.
    Whole,
    /// Numbers with digits behind the point.
    Decimal,
    /// Days.
    Date,
    /// Days with a time of day, with or without a time zone.
    Moment,
    /// Yes or no.
    Bool,
    /// Bytes.
    Bytes,
    /// Texts, and whatever else there is.
    Text,
}

/// How many values of a column are missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nulls {
    /// So many.
    Counted(u64),
    /// This share of them, from 0 to 1, as the server estimates.
    About(f64),
}

const RELATIONS: &str = "
    SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind IN ('v', 'm') AS is_view,
           c.reltuples::float8 AS rows, pg_total_relation_size(c.oid) AS bytes,
           has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS is_readable
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition";

const COLUMNS: &str = "
    SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type_name,
           coalesce(nullif(t.typbasetype, 0), t.oid)::regtype::text AS base, t.typcategory::text AS category,
           EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary
                   AND a.attnum = ANY (i.indkey::int2[])) AS is_key,
           s.null_frac::float8 AS null_share
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname
        AND s.attname = a.attname AND NOT s.inherited
    WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum";

impl Reader {
    /// The tables of the workspace's schema, and those of these names.
    ///
    /// # Errors
    /// The server did not answer.
    pub async fn relations(&self, published: &[String]) -> Result<Vec<Relation>> {
        let sql = format!(
            "{RELATIONS} AND (n.nspname = $1 OR n.nspname || '.' || c.relname = ANY ($2))
             ORDER BY n.nspname, c.relname LIMIT {TABLES_MAX}"
        );
        let rows = self.client.query(&sql, &[&self.schema, &published]).await.map_err(trouble)?;
        Ok(rows.iter().map(relation).collect())
    }

    /// The table of that name, if it is one of the workspace's schema or a published one.
    ///
    /// # Errors
    /// The server did not answer.
    pub async fn relation(&self, name: &str, is_published: bool) -> Result<Option<Relation>> {
        let sql = format!(
            "{RELATIONS} AND n.nspname || '.' || c.relname = $1 AND (n.nspname = $2 OR $3) LIMIT 1"
        );
        let row = self.client.query_opt(&sql, &[&name, &self.schema, &is_published]).await;
        Ok(row.map_err(trouble)?.as_ref().map(relation))
    }

    /// Its columns, in their order.
    ///
    /// # Errors
    /// The server did not answer.
    pub async fn columns(&self, relation: &Relation) -> Result<Vec<Column>> {
        let rows = self.client.query(COLUMNS, &[&relation.oid]).await.map_err(trouble)?;
        Ok(rows.iter().map(column).collect())
    }
}

impl Relation {
    /// `schema.table`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.schema, self.table)
    }

    /// The name as SQL.
    pub(super) fn sql(&self) -> String {
        format!("{}.{}", super::quoted(&self.schema), super::quoted(&self.table))
    }
}

fn relation(row: &Row) -> Relation {
    let rows: f64 = row.get("rows");
    let bytes: Option<i64> = row.get("bytes");
    let is_view: bool = row.get("is_view");
    Relation {
        oid: row.get("oid"),
        schema: row.get("schema"),
        table: row.get("name"),
        is_view,
        // A table that nobody has looked at has −1 rows, a view none.
        rows: (rows >= 0.0 && !is_view).then_some(rows as u64),
        bytes: bytes.unwrap_or(0).unsigned_abs(),
        is_readable: row.get("is_readable"),
    }
}

fn column(row: &Row) -> Column {
    let base: String = row.get("base");
    let category: String = row.get("category");
    let share: Option<f64> = row.get("null_share");
    Column {
        name: row.get("name"),
        type_name: row.get("type_name"),
        kind: Kind::of(&base, &category),
        is_key: row.get("is_key"),
        nulls: share.map(Nulls::About),
    }
}

impl Kind {
    fn of(base: &str, category: &str) -> Kind {
        match (base, category) {
            ("smallint" | "integer" | "bigint", _) => Kind::Whole,
            ("numeric" | "real" | "double precision", _) => Kind::Decimal,
            ("date", _) => Kind::Date,
            ("timestamp without time zone" | "timestamp with time zone", _) => Kind::Moment,
            ("bytea", _) => Kind::Bytes,
            (_, "B") => Kind::Bool,
            _ => Kind::Text,
        }
    }

    /// Whether values stand at the right of their column.
    pub fn is_number(self) -> bool {
        matches!(self, Kind::Whole | Kind::Decimal)
    }
}
