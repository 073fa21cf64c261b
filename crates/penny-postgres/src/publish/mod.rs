//! Publishing: a stream of Arrow batches becomes one whole version of a table.
//!
//! What a reader sees is the old table or the new one, never none and never half: everything happens in
//! one transaction, the table is never dropped, emptied by TRUNCATE or renamed, and the views on it stay.
//! What the table already holds is read back and compared, and only the difference is written, so a table
//! that did not change is not touched.
//!
//! The way of a publish: [`frame`] refuses what no table can hold; [`catalog`] looks at the table as it
//! is; [`intake`] keeps the batches on disk while [`plan`] decides the column types and a fingerprint of
//! each row is taken; [`transaction`] locks, compares, deletes, alters and copies. [`settle`] follows.
//! Where it can be, [`overlap`] does all of that while the batches arrive.

mod ahead;
mod catalog;
mod cells;
mod copy;
mod delta;
mod difference;
mod direct;
mod encode;
mod error;
mod evolve;
mod filling;
mod fingerprint;
mod frame;
mod intake;
mod json;
mod marks;
mod numeric;
mod overlap;
mod plan;
mod readers;
mod report;
mod rows;
mod span;
mod spool;
mod sum;
mod table_name;
mod temporal;
mod text;
mod totals;
mod transaction;
mod types;
mod upkeep;
mod value;
mod views;

use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use futures_util::Stream;
use tokio_postgres::Client;

pub use delta::{Delta, Key, MARKS_MAX, Mark, Marks, RowChanges};
pub use error::PublishError;
pub use report::{ColumnChange, Report};
pub use table_name::TableName;
pub use totals::{AmountTotal, DateSpan, Totals};
pub use upkeep::settle;

/// What to publish where, and by which rules.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The table; its schema and the table itself are made when they do not exist.
    pub table: TableName,
    /// The columns of the primary key that a new table gets; empty for none.
    pub key: Vec<String>,
    /// Whether columns that the data no longer has are dropped, instead of kept and filled with NULL.
    pub drop_missing: bool,
    /// How long to wait, all in all, for other writers and for readers that hold up a schema change.
    pub lock_timeout: Duration,
    /// The roles that are to read the table: they get USAGE on the schema and SELECT on the table.
    pub readers: Vec<String>,
}

/// Makes the table hold exactly the rows of `batches`, as one whole version.
///
/// `schema` is that of every batch. A column whose field metadata says `penny.type` = `jsonb` holds JSON
/// text; the schema's metadata `penny.warnings`, a JSON list of strings, is copied to [`Report::warnings`].
/// A sender that has all of its rows at hand says so by naming their number in the metadata `penny.rows`:
/// then the table is locked against other publishes, and written or read back, while they arrive.
/// Memory stays bounded whatever the number of rows: batches are kept in a temporary file, and 70 bytes
/// a row are held for the comparison. When this is back, readers see the table; [`settle`] is to follow.
///
/// Returned are its report, and what it changed: which rows came and went, and what the columns come to since.
///
/// # Errors
/// [`PublishError`] says which column, row or rule stood in the way. The table is then as it was before.
pub async fn publish<S>(
    client: &mut Client,
    publication: &Publication,
    schema: SchemaRef,
    mut batches: S,
) -> Result<(Report, Delta), PublishError>
where
    S: Stream<Item = Result<RecordBatch, ArrowError>> + Unpin,
{
    let started = Instant::now();
    frame::check(&schema, &publication.key)?;
    let table = catalog::look(&*client, &publication.table).await?;
    let mut intake = intake::Intake::new(publication, schema, table)?;
    let done = overlap::run(client, publication, &mut intake, &mut batches).await?;
    let (ahead, mut outcome) = match done {
        Some(outcome) => (Vec::new(), outcome),
        None => (
            ahead::add_columns(client, publication, &mut intake).await?,
            transaction::run(client, publication, &mut intake).await?,
        ),
    };
    let rows = std::mem::take(&mut outcome.rows);
    let report = report::write(publication, &intake, ahead, outcome, started.elapsed());
    Ok((report, Delta { rows, totals: intake.into_totals() }))
}
