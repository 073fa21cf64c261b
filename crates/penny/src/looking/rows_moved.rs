//! The rows that came, went and changed with a publish.

use serde_json::{Value, json};

use super::netting::{Rows, net};
use crate::error::Result;
use crate::store::{PublishRecord, Store};

/// The rows of a publish, as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowsMoved {
    /// How many came.
    pub added: Option<u64>,
    /// How many went.
    pub removed: Option<u64>,
    /// How many are otherwise than before.
    pub changed: Option<u64>,
}

/// The rows that came, went and changed with a publish of a run.
///
/// # Errors
/// The history cannot be read.
pub fn rows_moved(store: &Store, publish: &PublishRecord) -> Result<RowsMoved> {
    let moved =
        |added, removed, changed| RowsMoved { added: Some(added), removed: Some(removed), changed };
    let (written, deleted) = (publish.count("rows_inserted"), publish.count("rows_deleted"));
    if written + deleted == 0 {
        return Ok(moved(0, 0, Some(0)));
    }
    if publish.report["created"] == true {
        return Ok(moved(publish.rows, 0, Some(0)));
    }
    let changes = store.changes(&publish.table, Some(publish.id - 1), publish.id)?;
    Ok(match net(&changes) {
        Rows::Known { added, removed, changed, .. } => moved(added, removed, changed),
        Rows::Counted { .. } => moved(written, deleted, None),
    })
}

impl RowsMoved {
    /// The same for programs.
    pub fn json(&self) -> Value {
        json!({"added": self.added, "removed": self.removed, "changed": self.changed})
    }
}
