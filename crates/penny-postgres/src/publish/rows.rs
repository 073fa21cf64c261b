//! Rows of a batch, encoded one by one for the table's columns.

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use super::cells::Cells;
use super::encode::{self, Notes};
use super::plan::PlannedColumn;
use super::types::ColumnType;
use super::value::Value;

/// The rows of one batch, ready to be encoded.
pub(super) struct Rows<'a> {
    /// By column of the data.
    cells: Vec<Cells<'a>>,
}

/// Why a row cannot be encoded: the place of the column in the plan, and what is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The value does not fit in the column's type.
    Misfit(usize),
    /// The column demands a value and the cell is empty.
    Empty(usize),
}

impl<'a> Rows<'a> {
    /// `schema` says which columns of text hold JSON.
    pub(super) fn new(batch: &'a RecordBatch, schema: &Schema) -> Rows<'a> {
        let cells = batch.columns().iter().zip(schema.fields()).map(|(array, field)| {
            let json = ColumnType::natural(field) == Some(ColumnType::Jsonb);
            Cells::new(array.as_ref(), json)
        });
        Rows { cells: cells.collect() }
    }

    /// The cell of a column of the data.
    pub(super) fn value(&self, source: usize, row: usize) -> Value<'_> {
        self.cells[source].get(row)
    }

    /// Appends the row as a tuple of COPY's binary format. After a fault, `out` is as it was and the notes
    /// may count the values before it.
    pub(super) fn encode(
        &self,
        row: usize,
        columns: &[PlannedColumn],
        out: &mut Vec<u8>,
        notes: &mut [Notes],
    ) -> Result<(), Fault> {
        let start = out.len();
        // The plan holds at most 1600 columns.
        out.extend_from_slice(&(columns.len() as u16).to_be_bytes());
        for (index, column) in columns.iter().enumerate() {
            let Some(source) = column.source else {
                encode::null(out);
                continue;
            };
            let value = self.cells[source].get(row);
            let fault = if column.not_null && value.is_null() {
                Fault::Empty(index)
            } else {
                match encode::encode(&value, &column.column_type, out, &mut notes[index]) {
                    Ok(()) => continue,
                    Err(encode::Misfit) => Fault::Misfit(index),
                }
            };
            out.truncate(start);
            return Err(fault);
        }
        Ok(())
    }
}
