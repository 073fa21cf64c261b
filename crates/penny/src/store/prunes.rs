//! The output notebooks that are there, and those that retention removed.

use jiff::Timestamp;
use rusqlite::params;

use super::{Outcome, RunId, Store, chain, moment, text};
use crate::error::Result;

/// A file that could not be removed is tried again as long as it is among the last so many.
const LATELY: i64 = 200;

/// An output notebook that retention has not removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptOutput {
    /// Its run.
    pub run: RunId,
    /// The number of its try, for one that was tried again; nothing for the run's own.
    pub attempt: Option<u32>,
    /// Its notebook.
    pub notebook: String,
    /// When the run started.
    pub started: Timestamp,
    /// How the run, or the try, ended.
    pub outcome: Outcome,
    /// Whether it is the run's own: that of its last try.
    pub is_last_attempt: bool,
    /// Where it is, relative to the workspace.
    pub path: String,
    /// How long it is; 0 when an earlier Penny did not write that down and the file is gone.
    pub bytes: u64,
    /// Its SHA-256 in hex, unless an earlier Penny wrote it.
    pub hash: Option<String>,
}

/// An output notebook that is about to be removed.
pub struct Prune<'a> {
    /// What it is.
    pub output: &'a KeptOutput,
    /// Why it goes.
    pub why: &'a str,
}

impl Store {
    /// Every output notebook that retention has not removed, oldest first, wherever its file is now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn kept_outputs(&self) -> Result<Vec<KeptOutput>> {
        let mut outputs = self.read(|c| {
            let mut query = c.prepare(
                "SELECT r.id, NULL, r.notebook, r.started, r.outcome, r.output, r.output_bytes, r.output_hash
                 FROM runs r WHERE r.ended IS NOT NULL AND r.output IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM prunes p WHERE p.run = r.id AND p.output = r.output)
                 UNION ALL
                 SELECT r.id, a.number, r.notebook, r.started, a.outcome, a.output, a.output_bytes, a.output_hash
                 FROM attempts a JOIN runs r ON r.id = a.run
                 WHERE r.ended IS NOT NULL AND a.output IS NOT NULL AND a.output IS NOT r.output
                 AND NOT EXISTS (SELECT 1 FROM prunes p WHERE p.run = r.id AND p.output = a.output)",
            )?;
            let all = query.query_map([], |r| {
                let outcome: String = r.get(4)?;
                let attempt: Option<u32> = r.get(1)?;
                Ok(KeptOutput {
                    run: r.get(0)?,
                    attempt,
                    notebook: r.get(2)?,
                    started: moment(&r.get::<_, String>(3)?),
                    outcome: Outcome::of_word(&outcome).unwrap_or(Outcome::Failed),
                    is_last_attempt: attempt.is_none(),
                    path: r.get(5)?,
                    bytes: r.get::<_, Option<i64>>(6)?.unwrap_or(-1).try_into().unwrap_or(u64::MAX),
                    hash: r.get(7)?,
                })
            })?;
            all.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        for output in outputs.iter_mut().filter(|o| o.bytes == u64::MAX) {
            let file = std::fs::metadata(self.root().join(&output.path));
            output.bytes = file.map_or(0, |file| file.len());
        }
        outputs.sort_by_key(|output| (output.started, output.run, output.attempt));
        Ok(outputs)
    }

    /// Writes and seals that output notebooks are removed. They are still there: what is missing
    /// without such a record was removed by somebody else.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn record_pruned(&self, prunes: &[Prune<'_>], at: Timestamp) -> Result<()> {
        if prunes.is_empty() {
            return Ok(());
        }
        self.write(|tx| {
            for Prune { output, why } in prunes {
                // Two syncs that end at once may both have it on their list.
                let added = tx
                    .prepare_cached(
                        "INSERT INTO prunes (run, attempt, output, bytes, why, at)
                     SELECT ?1, ?2, ?3, ?4, ?5, ?6
                     WHERE NOT EXISTS (SELECT 1 FROM prunes WHERE run = ?1 AND output = ?3)",
                    )?
                    .execute(params![
                        output.run,
                        output.attempt,
                        output.path,
                        i64::try_from(output.bytes).unwrap_or(i64::MAX),
                        why,
                        text(at)
                    ])?;
                if added > 0 {
                    chain::seal(tx, &chain::PRUNE, tx.last_insert_rowid())?;
                }
            }
            Ok(())
        })
    }

    /// The output notebooks that were removed last: where they were, and their SHA-256 in hex.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn pruned_lately(&self) -> Result<Vec<(String, String)>> {
        self.read(|c| {
            let mut query = c.prepare(
                "SELECT p.output, coalesce(a.output_hash, r.output_hash) FROM prunes p
                 JOIN runs r ON r.id = p.run
                 LEFT JOIN attempts a ON a.run = p.run AND a.number = p.attempt
                 WHERE coalesce(a.output_hash, r.output_hash) IS NOT NULL
                 ORDER BY p.id DESC LIMIT ?1",
            )?;
            query.query_map([LATELY], |r| Ok((r.get(0)?, r.get(1)?)))?.collect()
        })
    }
}
