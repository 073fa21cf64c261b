//! Keys that the API has and the contract has not: kept for every row, typed when all are known.

use std::collections::HashMap;

use arrow_array::ArrayRef;
use serde_json::Value;

use super::ROWS_PER_BATCH;
use super::column::ColumnBuilder;
use super::infer::kind_of;
use crate::resource::Kind;

/// Columns beside the contract, in the order in which they were first met.
///
/// A key that is null in every record makes no column: nothing is known of it, and a guess would
/// change its type on the day it has a value.
#[derive(Debug, Default)]
pub(super) struct Extras {
    columns: Vec<Extra>,
    by_name: HashMap<String, usize>,
}

#[derive(Debug)]
struct Extra {
    name: String,
    /// The values that are not null, with their rows, ascending.
    values: Vec<(usize, Value)>,
}

impl Extras {
    /// Keeps a value of a row; rows come in ascending order.
    pub(super) fn keep(&mut self, name: &str, value: &Value, row: usize) {
        if value.is_null() {
            return;
        }
        let index = self.by_name.get(name).copied().unwrap_or_else(|| {
            self.columns.push(Extra { name: name.to_owned(), values: Vec::new() });
            self.by_name.insert(name.to_owned(), self.columns.len() - 1);
            self.columns.len() - 1
        });
        let values = &mut self.columns[index].values;
        // Two keys of one record can lead to one name (`owner: {id}` and `owner_id`): they say the same.
        if values.last().is_none_or(|(last, _)| *last < row) {
            values.push((row, value.clone()));
        }
    }

    /// The columns and what they hold.
    pub(super) fn kinds(&self) -> Vec<(&str, Kind)> {
        self.columns.iter().map(|extra| (extra.name.as_str(), extra.kind())).collect()
    }

    /// The arrays of each column, in batches as the rest of the table.
    pub(super) fn into_batches(self, rows: usize) -> Vec<Vec<ArrayRef>> {
        self.columns.into_iter().map(|extra| extra.into_batches(rows)).collect()
    }
}

impl Extra {
    fn kind(&self) -> Kind {
        kind_of(self.values.iter().map(|(_, value)| value))
    }

    fn into_batches(self, rows: usize) -> Vec<ArrayRef> {
        let mut builder = ColumnBuilder::new(&self.name, self.kind());
        let mut values = self.values.iter().peekable();
        let mut batches = Vec::new();
        for start in (0..rows).step_by(ROWS_PER_BATCH) {
            for row in start..rows.min(start + ROWS_PER_BATCH) {
                let value = values.next_if(|(at, _)| *at == row).map(|(_, value)| value);
                builder.push(value, None);
            }
            batches.push(builder.take());
        }
        batches
    }
}
