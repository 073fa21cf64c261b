//! What is asked of the history while the service works: how far a sync is, and how each notebook ended last.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;

use super::{Outcome, RunId, Store, SyncId, moment};
use crate::error::Result;

/// From notebook to notebook, and of each the newest run that counts: a long history is not read from end to end.
pub(super) const LAST_ENDS: &str = "
    WITH RECURSIVE name (notebook) AS (
        SELECT min(notebook) FROM runs
        UNION ALL
        SELECT (SELECT min(notebook) FROM runs WHERE notebook > name.notebook) FROM name
        WHERE name.notebook IS NOT NULL)
    SELECT r.notebook, r.id, r.outcome, r.ended, r.error FROM name JOIN runs r ON r.id = (
        SELECT id FROM runs WHERE notebook = name.notebook
            AND ended IS NOT NULL AND outcome <> 'skipped' ORDER BY id DESC LIMIT 1)";

/// How a run of a notebook ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastEnd {
    /// The run.
    pub run: RunId,
    /// How.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// Why, when it did not succeed.
    pub error: Option<String>,
}

impl Store {
    /// How a sync ended, once it has; the sync has to be there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn end_of_sync(&self, sync: SyncId) -> Result<Option<Outcome>> {
        self.read(|c| {
            let outcome: Option<Option<String>> = c
                .prepare_cached("SELECT outcome FROM syncs WHERE id = ?1")?
                .query_row([sync], |r| r.get(0))
                .optional()?;
            Ok(outcome.flatten().as_deref().and_then(Outcome::of_word))
        })
    }

    /// How the last run of each notebook that has ended did so. What was skipped did not run.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_ends(&self) -> Result<HashMap<String, LastEnd>> {
        self.read(|c| {
            let mut query = c.prepare_cached(LAST_ENDS)?;
            let rows = query.query_map([], |r| {
                let outcome = Outcome::of_word(&r.get::<_, String>(2)?).unwrap_or(Outcome::Crashed);
                let (run, at, error) = (r.get(1)?, moment(&r.get::<_, String>(3)?), r.get(4)?);
                Ok((r.get(0)?, LastEnd { run, outcome, at, error }))
            })?;
            rows.collect()
        })
    }
}
