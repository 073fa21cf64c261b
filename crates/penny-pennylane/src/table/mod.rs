//! Records of a list as Arrow batches: the columns of its contract, then what the API has added since.

mod column;
mod extra;
mod infer;
mod value;

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{Field, Schema, SchemaRef};
use serde_json::{Map, Value};

use self::column::ColumnBuilder;
use self::extra::Extras;
use crate::error::Error;
use crate::resource::{Column, Kind, Resource};

/// No batch has more rows.
pub const ROWS_PER_BATCH: usize = 20_000;

/// Metadata of a field that says what kind of text it is.
const TYPE_METADATA: &str = "penny.type";
/// Metadata of a schema: the warnings, as a JSON list of texts.
const WARNINGS_METADATA: &str = "penny.warnings";

/// Records of a list on their way to Arrow.
///
/// Every record becomes one row, in the order in which records come. A value that is not what its
/// column says becomes null and is counted in a warning.
#[derive(Debug)]
pub struct Table {
    resource: &'static Resource,
    shape: Shape,
    columns: Vec<ColumnBuilder>,
    /// The arrays that are full, for each column of the contract.
    batches: Vec<Vec<ArrayRef>>,
    extras: Extras,
    rows: usize,
}

impl Table {
    /// An empty table of a list, with all columns of its contract.
    pub fn new(resource: &'static Resource) -> Table {
        let columns =
            resource.columns.iter().map(|column| ColumnBuilder::new(column.name, column.kind));
        Table {
            resource,
            shape: Shape::of(resource.columns),
            columns: columns.collect(),
            batches: vec![Vec::new(); resource.columns.len()],
            extras: Extras::default(),
            rows: 0,
        }
    }

    /// Adds records, one row each.
    pub fn push(&mut self, records: &[Map<String, Value>]) {
        for record in records {
            self.push_row(record);
            if self.rows.is_multiple_of(ROWS_PER_BATCH) {
                self.close_batch();
            }
        }
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What could not be read so far, one sentence for each column.
    pub fn warnings(&self) -> Vec<String> {
        self.columns.iter().filter_map(ColumnBuilder::warning).collect()
    }

    /// The schema and the batches, at most [`ROWS_PER_BATCH`] rows each; none if there are no rows.
    pub fn finish(mut self) -> Result<(SchemaRef, Vec<RecordBatch>), Error> {
        if !self.rows.is_multiple_of(ROWS_PER_BATCH) {
            self.close_batch();
        }
        let schema = Arc::new(self.schema());
        let mut batches = self.batches;
        batches.extend(self.extras.into_batches(self.rows));
        let mut made = Vec::new();
        for start in (0..self.rows).step_by(ROWS_PER_BATCH) {
            let arrays = batches.iter().map(|column| Arc::clone(&column[start / ROWS_PER_BATCH]));
            let rows = ROWS_PER_BATCH.min(self.rows - start);
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            let schema = Arc::clone(&schema);
            let batch = RecordBatch::try_new_with_options(schema, arrays.collect(), &options);
            let resource = self.resource.name;
            made.push(batch.map_err(|source| Error::Table { resource, source })?);
        }
        Ok((schema, made))
    }

    fn push_row(&mut self, record: &Map<String, Value>) {
        let mut row = Row { values: vec![None; self.columns.len()], number: self.rows };
        self.shape.read(record, "", &mut row, &mut self.extras, self.resource.columns);
        let id = record.get("id");
        for (column, value) in self.columns.iter_mut().zip(row.values) {
            column.push(value, id);
        }
        self.rows += 1;
    }

    fn close_batch(&mut self) {
        for (column, arrays) in self.columns.iter_mut().zip(&mut self.batches) {
            arrays.push(column.take());
        }
    }

    fn schema(&self) -> Schema {
        let own = self.resource.columns.iter().map(|column| field(column.name, column.kind));
        let extra = self.extras.kinds().into_iter().map(|(name, kind)| field(name, kind));
        let fields: Vec<Field> = own.chain(extra).collect();
        let warnings = self.warnings();
        if warnings.is_empty() {
            return Schema::new(fields);
        }
        let warnings = Value::from(warnings).to_string();
        Schema::new_with_metadata(fields, HashMap::from([(WARNINGS_METADATA.to_owned(), warnings)]))
    }
}

fn field(name: &str, kind: Kind) -> Field {
    let field = Field::new(name, column::data_type(kind), true);
    if kind == Kind::Json {
        return field
            .with_metadata(HashMap::from([(TYPE_METADATA.to_owned(), "jsonb".to_owned())]));
    }
    field
}

/// The values of one record, at the places of their columns.
struct Row<'a> {
    values: Vec<Option<&'a Value>>,
    number: usize,
}

/// Where in a record the columns are: the paths of the contract as a tree.
#[derive(Debug, Default)]
struct Shape {
    column: Option<usize>,
    children: HashMap<&'static str, Shape>,
}

impl Shape {
    fn of(columns: &[Column]) -> Shape {
        let mut root = Shape::default();
        for (index, column) in columns.iter().enumerate() {
            let mut place = &mut root;
            for key in column.path {
                place = place.children.entry(key).or_default();
            }
            place.column = Some(index);
        }
        root
    }

    /// Puts each value of a record in its place; `prefix` is the path so far, each key with a `_`.
    fn read<'a>(
        &self,
        record: &'a Map<String, Value>,
        prefix: &str,
        row: &mut Row<'a>,
        extras: &mut Extras,
        columns: &[Column],
    ) {
        for (key, value) in record {
            match self.children.get(key.as_str()) {
                Some(Shape { column: Some(index), .. }) => row.values[*index] = Some(value),
                Some(inner) => match value {
                    Value::Object(record) => {
                        inner.read(record, &format!("{prefix}{key}_"), row, extras, columns);
                    }
                    Value::Null => {}
                    other => inner.mismatch(other, row),
                },
                // The address of a record that is linked to.
                None if key == "url" && !prefix.is_empty() => {}
                None => {
                    let Some((name, value)) = unlinked(format!("{prefix}{key}"), value) else {
                        continue;
                    };
                    match columns.iter().position(|column| column.name == name) {
                        // An old key beside the new one, such as `journal_id` beside `journal`.
                        Some(index) => row.values[index] = row.values[index].or(Some(value)),
                        None => extras.keep(&name, value, row.number),
                    }
                }
            }
        }
    }

    /// A value where an object should be: it belongs to none of the inner columns, which all say so.
    fn mismatch<'a>(&self, value: &'a Value, row: &mut Row<'a>) {
        for inner in self.children.values() {
            match inner.column {
                Some(index) => row.values[index] = Some(value),
                None => inner.mismatch(value, row),
            }
        }
    }
}

/// What a link is kept as: `{id, url}` as `<name>_id`; `{url}` alone says nothing.
fn unlinked(name: String, value: &Value) -> Option<(String, &Value)> {
    let Value::Object(link) = value else { return Some((name, value)) };
    let is_link = !link.is_empty() && link.keys().all(|key| key == "id" || key == "url");
    match link.get("id") {
        Some(id) if is_link => Some((format!("{name}_id"), id)),
        None if is_link => None,
        _ => Some((name, value)),
    }
}
