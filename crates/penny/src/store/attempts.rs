//! The tries within a run.

use jiff::Timestamp;
use rusqlite::params;

use super::{Outcome, OutputSeal, RunId, Store, chain, text};
use crate::error::Result;

/// What is known when a try has ended.
pub struct AttemptEnd<'a> {
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when it did not succeed.
    pub error: Option<&'a str>,
    /// The cause by which it is or is not tried again, in a few words: "rate limit", "network".
    pub cause: Option<&'a str>,
    /// Its output notebook, relative to the workspace.
    pub output: Option<&'a str>,
    /// What the output notebook is, byte by byte.
    pub output_seal: Option<&'a OutputSeal>,
    /// When it ended.
    pub ended: Timestamp,
}

impl Store {
    /// Writes that a try begins; the first has number 1.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin_attempt(&self, run: RunId, number: u32, at: Timestamp) -> Result<()> {
        self.write(|tx| {
            tx.execute(
                "INSERT INTO attempts (run, number, started) VALUES (?1, ?2, ?3)",
                params![run, number, text(at)],
            )
            .map(drop)
        })
    }

    /// Writes how a try ended, and seals it. One that had ended before stays as it was.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_attempt(&self, run: RunId, number: u32, end: &AttemptEnd<'_>) -> Result<()> {
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE attempts SET ended = ?3, outcome = ?4, error = ?5, cause = ?6, output = ?7,
                 output_hash = ?8, output_bytes = ?9
                 WHERE run = ?1 AND number = ?2 AND ended IS NULL",
                params![
                    run,
                    number,
                    text(end.ended),
                    end.outcome.word(),
                    end.error,
                    end.cause,
                    end.output,
                    end.output_seal.map(|o| &o.hash),
                    end.output_seal.map(|o| o.bytes as i64)
                ],
            )?;
            if changed == 0 {
                return Ok(());
            }
            let id = tx.query_row(
                "SELECT id FROM attempts WHERE run = ?1 AND number = ?2",
                params![run, number],
                |r| r.get(0),
            )?;
            chain::seal(tx, &chain::ATTEMPT, id)
        })
    }
}
