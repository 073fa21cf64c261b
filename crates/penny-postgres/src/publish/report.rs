//! What a publish did.

use std::time::Duration;

use serde::Serialize;

use super::Publication;
use super::intake::Intake;
use super::transaction::Outcome;

/// What a publish did, for the log, the summary and `--json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The table, as `schema.table`.
    pub table: String,
    /// The rows that the table now has.
    pub rows: u64,
    /// The rows that were written.
    pub rows_inserted: u64,
    /// The rows that were removed; a changed row counts as removed and as inserted.
    pub rows_deleted: u64,
    /// The rows that were there already and were not touched.
    pub rows_unchanged: u64,
    /// Whether the table was made by this publish.
    pub created: bool,
    /// The columns that the data has.
    pub columns: u32,
    /// The columns that an existing table got.
    pub columns_added: Vec<String>,
    /// The columns whose type changed, so that every value fits.
    pub columns_widened: Vec<ColumnChange>,
    /// The columns of the table that the data no longer has: kept, and filled with NULL (or with the
    /// column's own default).
    pub columns_missing: Vec<String>,
    /// The columns that were dropped, because the publication says so.
    pub columns_dropped: Vec<String>,
    /// What the user should know: values that were replaced, roles that do not exist, and so on.
    pub warnings: Vec<String>,
    /// The bytes that were sent to the server as rows.
    pub bytes: u64,
    /// How long it took, in milliseconds, the time of waiting for the data included.
    pub elapsed_ms: u64,
    /// Whether the table already was exactly as it should be, so that nothing was written.
    pub unchanged: bool,
}

/// A column whose type changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnChange {
    /// The column.
    pub column: String,
    /// Its type before, as PostgreSQL writes it.
    pub from: String,
    /// Its type now.
    pub to: String,
}

impl ColumnChange {
    /// For a message.
    pub(super) fn words(&self) -> String {
        format!("`{}` from {} to {}", self.column, self.from, self.to)
    }
}

pub(super) fn write(
    publication: &Publication,
    intake: &Intake,
    ahead: Vec<String>,
    outcome: Outcome,
    elapsed: Duration,
) -> Report {
    let plan = &intake.plan;
    let created = plan.creates();
    let mut warnings = intake.warnings();
    warnings.extend(outcome.warnings);
    let mut columns_added = ahead;
    if !created {
        columns_added.extend(plan.added());
    }
    let columns_widened = plan.retyped();
    let columns_dropped = plan.dropped.clone();
    let unchanged = !created
        && outcome.inserted == 0
        && outcome.deleted == 0
        && columns_added.is_empty()
        && columns_widened.is_empty()
        && columns_dropped.is_empty();
    Report {
        table: publication.table.to_string(),
        rows: intake.rows(),
        rows_inserted: outcome.inserted,
        rows_deleted: outcome.deleted,
        rows_unchanged: outcome.unchanged,
        created,
        columns: intake.columns(),
        columns_added,
        columns_widened,
        columns_missing: plan.missing.clone(),
        columns_dropped,
        warnings,
        bytes: outcome.bytes,
        elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        unchanged,
    }
}
