//! The first rows of a table.

use super::cells::{self, Shape};
use super::{Column, Kind, Nulls, Reader, Relation, quoted, trouble};
use crate::config::Language;
use crate::error::Result;

/// So many rows are shown.
const ROWS_MAX: usize = 100;
/// So many columns are shown.
pub const COLUMNS_MAX: usize = 200;
/// Fewer rows are shown when they and the list of columns would make the page longer than this.
const BYTES_MAX: usize = 76_000;
/// One row is shown in any case, and those that fit into this.
const BYTES_MIN: usize = 8_000;
/// What a column takes in the list of columns.
const COLUMN_BYTES: usize = 250;
/// What a cell takes beside its text.
const CELL_BYTES: usize = 16;
/// In a table of up to so many rows, missing values are counted.
const COUNTED_MAX: u64 = 100_000;

/// The first rows, as they are shown.
#[derive(Debug)]
pub struct Sample {
    /// The columns that are shown.
    pub columns: Vec<Column>,
    /// How many the table has.
    pub columns_all: usize,
    /// The cells, row by row; nothing for NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// Whether the table has more rows.
    pub has_more: bool,
    /// How many rows the table has, if they were counted.
    pub counted: Option<u64>,
}

/// The first rows as PostgreSQL writes them, each value cut where it is longer than is shown.
#[derive(Debug)]
pub struct FirstRows {
    /// The columns that are read.
    pub columns: Vec<Column>,
    /// How many the table has.
    pub columns_all: usize,
    /// The values, row by row; nothing for NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// Whether the table has more rows.
    pub has_more: bool,
    /// How many rows the table has, if they were counted.
    pub counted: Option<u64>,
}

impl Reader {
    /// The first rows of a table in the reader's language, as many as a page has room for.
    ///
    /// # Errors
    /// The server did not answer.
    pub async fn sample(
        &self,
        relation: &Relation,
        rows_known: Option<u64>,
        language: Language,
    ) -> Result<Sample> {
        let first = self.first_rows(relation, rows_known).await?;
        let (rows, is_cut) = shown(&first.columns, &first.rows, language);
        let FirstRows { columns, columns_all, has_more, counted, .. } = first;
        Ok(Sample { columns, columns_all, rows, has_more: has_more || is_cut, counted })
    }

    /// The first rows of a table, by its primary key if it has one; a small table is counted.
    ///
    /// # Errors
    /// The server did not answer.
    pub async fn first_rows(
        &self,
        relation: &Relation,
        rows_known: Option<u64>,
    ) -> Result<FirstRows> {
        let mut columns = self.columns(relation).await?;
        let columns_all = columns.len();
        let keys = columns.iter().filter(|column| column.is_key);
        let keys: Vec<String> = keys.map(|column| quoted(&column.name)).collect();
        columns.truncate(COLUMNS_MAX);
        if columns.is_empty() {
            let (rows, has_more, counted) = (Vec::new(), false, None);
            return Ok(FirstRows { columns, columns_all, rows, has_more, counted });
        }
        let small = rows_known.or(relation.rows).is_some_and(|rows| rows <= COUNTED_MAX);
        let counted = match small && !relation.is_view {
            true => Some(self.count(relation, &mut columns).await?),
            false => None,
        };
        let mut rows = self.texts(relation, &columns, &keys).await?;
        let has_more = rows.len() > ROWS_MAX;
        rows.truncate(ROWS_MAX);
        Ok(FirstRows { columns, columns_all, rows, has_more, counted })
    }

    /// How many rows there are, and how many values are missing.
    async fn count(&self, relation: &Relation, columns: &mut [Column]) -> Result<u64> {
        let counts: Vec<String> =
            columns.iter().map(|column| format!("count({})", quoted(&column.name))).collect();
        let sql = format!("SELECT count(*), {} FROM {}", counts.join(", "), relation.sql());
        let row = self.client.query_one(&sql, &[]).await.map_err(trouble)?;
        let count = |index: usize| row.get::<_, i64>(index).unsigned_abs();
        let all = count(0);
        for (index, column) in columns.iter_mut().enumerate() {
            column.nulls = Some(Nulls::Counted(all - count(index + 1)));
        }
        Ok(all)
    }

    /// One row more than is shown, each value as text.
    async fn texts(
        &self,
        relation: &Relation,
        columns: &[Column],
        keys: &[String],
    ) -> Result<Vec<Vec<Option<String>>>> {
        let values: Vec<String> = columns.iter().map(value).collect();
        let order = match keys {
            [] => String::new(),
            keys => format!("ORDER BY {}", keys.join(", ")),
        };
        let (values, table) = (values.join(", "), relation.sql());
        let sql = format!("SELECT {values} FROM {table} {order} LIMIT {}", ROWS_MAX + 1);
        let rows = self.client.query(&sql, &[]).await.map_err(trouble)?;
        let texts = rows.iter().map(|row| (0..columns.len()).map(|index| row.get(index)).collect());
        Ok(texts.collect())
    }
}

/// A value as text, no longer than it is shown: a cell may hold a whole document.
fn value(column: &Column) -> String {
    let name = quoted(&column.name);
    match column.kind {
        Kind::Bytes => format!("octet_length({name})::text"),
        _ => format!("left({name}::text, {})", cells::TEXT_MAX + 1),
    }
}

/// The cells in the reader's language, as many rows as there is room for; whether some did not fit.
fn shown(
    columns: &[Column],
    texts: &[Vec<Option<String>>],
    language: Language,
) -> (Vec<Vec<Option<String>>>, bool) {
    let shape = |(index, column): (usize, &Column)| {
        Shape::of(column, texts.iter().filter_map(|row| row[index].as_deref()), language)
    };
    let shapes: Vec<Shape> = columns.iter().enumerate().map(shape).collect();
    let room = BYTES_MAX.saturating_sub(columns.len() * COLUMN_BYTES).max(BYTES_MIN);
    let mut rows = Vec::with_capacity(texts.len());
    let mut bytes = 0;
    for row in texts {
        let cells = row.iter().zip(&shapes);
        let cells: Vec<Option<String>> =
            cells.map(|(text, shape)| text.as_deref().map(|text| shape.show(text))).collect();
        bytes += cells.iter().map(|cell| weight(cell.as_deref().unwrap_or("∅"))).sum::<usize>();
        if bytes > room && !rows.is_empty() {
            return (rows, true);
        }
        rows.push(cells);
    }
    (rows, false)
}

/// How many bytes of the page a cell takes, with what has to be escaped.
fn weight(text: &str) -> usize {
    let escaped = text.bytes().filter(|byte| b"<>&\"".contains(byte)).count();
    CELL_BYTES + text.len() + 5 * escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_table_shows_as_many_rows_as_there_is_room_for() {
        let column = |number: usize| Column {
            name: format!("c{number}"),
            type_name: "text".into(),
            kind: Kind::Text,
            is_key: false,
            nulls: None,
        };
        let table = |columns: usize, text: &str| {
            let columns: Vec<Column> = (0..columns).map(column).collect();
            let texts = vec![vec![Some(text.to_owned()); columns.len()]; ROWS_MAX];
            let (rows, is_cut) = shown(&columns, &texts, Language::French);
            assert_eq!(is_cut, rows.len() < ROWS_MAX);
            rows.len()
        };
        assert_eq!(table(10, "un texte"), ROWS_MAX);
        assert!((2..10).contains(&table(COLUMNS_MAX, "x")), "{}", table(COLUMNS_MAX, "x"));
        assert_eq!(table(COLUMNS_MAX, &"<".repeat(cells::TEXT_MAX)), 1);
    }
}
