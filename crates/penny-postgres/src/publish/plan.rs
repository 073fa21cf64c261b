//! Which columns the table will have, of which type, and what has to change for it.

use arrow_schema::Schema;

use super::catalog::{Column, Table};
use super::frame::COLUMNS_MAX;
use super::report::ColumnChange;
use super::types::ColumnType;
use super::{Publication, PublishError};

/// Which columns the table will have, and where their values come from.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The table as it is; `None` when it is to be made.
    pub table: Option<Table>,
    /// The columns that are written, in the order in which COPY sends them.
    pub columns: Vec<PlannedColumn>,
    /// The columns that the data does not have, which are filled with NULL.
    pub missing: Vec<String>,
    /// The columns that are dropped.
    pub dropped: Vec<String>,
}

/// A column that is written.
#[derive(Clone, Debug)]
pub(super) struct PlannedColumn {
    pub name: String,
    pub column_type: ColumnType,
    /// The column of the data, from 0; `None` when it has none and NULL is written.
    pub source: Option<usize>,
    /// The column as it is; `None` when it is to be made.
    pub existing: Option<Column>,
    /// Whether the type changes.
    pub retyped: bool,
    /// Whether an empty cell is refused.
    pub not_null: bool,
    /// Whether the data has only an Arrow column of nulls for it, which says nothing about its type.
    pub empty: bool,
}

impl PlannedColumn {
    /// Whether the column is made, and marked to take the type of its first value.
    pub(super) fn starts_awaiting(&self) -> bool {
        self.empty && self.existing.is_none()
    }

    /// Whether the mark is to be taken away, now that there are values.
    pub(super) fn stops_awaiting(&self) -> bool {
        !self.empty
            && self.source.is_some()
            && self.existing.as_ref().is_some_and(|column| column.awaiting)
    }
}

impl Plan {
    pub(super) fn new(
        publication: &Publication,
        schema: &Schema,
        table: Option<Table>,
    ) -> Result<Plan, PublishError> {
        let mut plan =
            Plan { table, columns: Vec::new(), missing: Vec::new(), dropped: Vec::new() };
        for column in plan.table.iter().flat_map(|table| table.columns.clone()).collect::<Vec<_>>()
        {
            match schema.index_of(&column.name) {
                Ok(source) => plan.columns.push(filled(publication, schema, column, source)?),
                Err(_) => plan.leave_out(publication, column)?,
            }
        }
        for (source, field) in schema.fields().iter().enumerate() {
            if plan.columns.iter().any(|column| column.source == Some(source)) {
                continue;
            }
            plan.columns.push(PlannedColumn {
                name: field.name().clone(),
                column_type: natural(schema, source),
                source: Some(source),
                existing: None,
                retyped: false,
                not_null: plan.table.is_none() && publication.key.contains(field.name()),
                empty: field.data_type().is_null(),
            });
        }
        let existing = plan.table.as_ref().map_or(0, |table| table.columns.len());
        let columns =
            existing + plan.columns.iter().filter(|column| column.existing.is_none()).count();
        if columns > COLUMNS_MAX {
            return Err(PublishError::TooManyColumns { columns });
        }
        Ok(plan)
    }

    /// Decides what becomes of a column that the data does not have.
    fn leave_out(&mut self, publication: &Publication, column: Column) -> Result<(), PublishError> {
        if column.generated || column.fills_itself {
            return Ok(());
        }
        let in_key = self.table.as_ref().is_some_and(|table| table.key.contains(&column.name));
        if publication.drop_missing && !in_key {
            self.dropped.push(column.name);
            return Ok(());
        }
        if column.not_null {
            let table = publication.table.to_string();
            return Err(PublishError::RequiredColumn { table, column: column.name, in_key });
        }
        self.missing.push(column.name.clone());
        self.columns.push(PlannedColumn {
            name: column.name.clone(),
            column_type: column.column_type.clone(),
            source: None,
            existing: Some(column),
            retyped: false,
            not_null: false,
            empty: true,
        });
        Ok(())
    }

    /// Makes room in a column for a value that does not fit; false when its type is not to be changed.
    pub(super) fn widen(&mut self, index: usize, incoming: &ColumnType) -> bool {
        let column = &mut self.columns[index];
        if column.existing.as_ref().is_some_and(|existing| existing.own_type) {
            return false;
        }
        let Some(wider) = column.column_type.widened(incoming) else { return false };
        column.column_type = wider;
        column.retyped = column.existing.is_some();
        true
    }

    /// Whether the table is to be made.
    pub(super) fn creates(&self) -> bool {
        self.table.is_none()
    }

    /// Whether every row is written anew: a type changes, or rows have no address of their own.
    pub(super) fn replaces_every_row(&self) -> bool {
        self.columns.iter().any(|column| column.retyped)
            || self.table.as_ref().is_some_and(|table| table.spread)
    }

    /// Whether an existing table is altered.
    pub(super) fn alters(&self) -> bool {
        !self.creates()
            && (!self.dropped.is_empty()
                || self.columns.iter().any(|column| column.retyped || column.existing.is_none()))
    }

    /// The columns that an existing table gets.
    pub(super) fn added(&self) -> Vec<String> {
        let added = self.columns.iter().filter(|column| column.existing.is_none());
        added.map(|column| column.name.clone()).collect()
    }

    /// Each column that changes in an existing table, for a message.
    pub(super) fn changes(&self) -> String {
        let dropped = self.dropped.iter().map(|column| format!("`{column}` dropped"));
        let added = self.added().into_iter().map(|column| format!("`{column}` added"));
        let changes: Vec<String> =
            dropped.chain(added).chain(self.retyped().iter().map(ColumnChange::words)).collect();
        changes.join(", ")
    }

    /// The columns whose type changes.
    pub(super) fn retyped(&self) -> Vec<ColumnChange> {
        let retyped = self.columns.iter().filter(|column| column.retyped);
        retyped
            .filter_map(|column| {
                let from = column.existing.as_ref()?.type_name.clone();
                Some(ColumnChange {
                    column: column.name.clone(),
                    from,
                    to: column.column_type.to_string(),
                })
            })
            .collect()
    }
}

fn filled(
    publication: &Publication,
    schema: &Schema,
    column: Column,
    source: usize,
) -> Result<PlannedColumn, PublishError> {
    if column.generated {
        let table = publication.table.to_string();
        return Err(PublishError::GeneratedColumn { table, column: column.name });
    }
    let empty = schema.field(source).data_type().is_null();
    let incoming = natural(schema, source);
    // The first values decide the type of a column that had none so far.
    let retyped = column.awaiting && !empty && incoming != column.column_type;
    Ok(PlannedColumn {
        name: column.name.clone(),
        column_type: if retyped { incoming } else { column.column_type.clone() },
        source: Some(source),
        not_null: column.not_null,
        existing: Some(column),
        retyped,
        empty,
    })
}

pub(super) fn natural(schema: &Schema, source: usize) -> ColumnType {
    ColumnType::natural(schema.field(source))
        .expect("the frame was checked: every column has a type")
}
