//! Rows of a batch, encoded one by one for the table's columns.

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use super::cells::Cells;
use super::direct::{self, Direct};
use super::encode::{self, Notes};
use super::plan::PlannedColumn;
use super::types::ColumnType;
use super::value::Value;

/// The rows of one batch, ready to be encoded.
pub(super) struct Rows<'a> {
    /// By column of the data.
    cells: Vec<Cells<'a>>,
    len: usize,
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
        Rows { cells: cells.collect(), len: batch.num_rows() }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
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
            let cells = &self.cells[source];
            let fault = match direct::encode(cells, row, &column.column_type, out) {
                Direct::Written => continue,
                Direct::Empty if column.not_null => Fault::Empty(index),
                Direct::Empty => {
                    encode::null(out);
                    continue;
                }
                Direct::Detour => match with_care(cells, row, column, out, &mut notes[index]) {
                    Ok(()) => continue,
                    Err(Wrong::Empty) => Fault::Empty(index),
                    Err(Wrong::Misfit) => Fault::Misfit(index),
                },
            };
            out.truncate(start);
            return Err(fault);
        }
        Ok(())
    }
}

/// What is wrong with a cell.
enum Wrong {
    Empty,
    Misfit,
}

fn with_care(
    cells: &Cells<'_>,
    row: usize,
    column: &PlannedColumn,
    out: &mut Vec<u8>,
    notes: &mut Notes,
) -> Result<(), Wrong> {
    let value = cells.get(row);
    if column.not_null && value.is_null() {
        return Err(Wrong::Empty);
    }
    encode::encode(&value, &column.column_type, out, notes).map_err(|encode::Misfit| Wrong::Misfit)
}
