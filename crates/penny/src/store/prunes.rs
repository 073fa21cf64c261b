//! The output notebooks that are there, and those that retention removed.

use jiff::Timestamp;
use rusqlite::params;

use super::{Outcome, RunId, Store, chain, moment, text};
use crate::error::Result;

/// An output notebook that retention has not removed, or could not remove.
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
    /// Whether it is recorded as removed and its file was left: another program held it open.
    pub is_recorded: bool,
}

/// An output notebook that is about to be removed.
pub struct Prune<'a> {
    /// What it is.
    pub output: &'a KeptOutput,
    /// Why it goes.
    pub why: &'a str,
}

impl Store {
    /// Every output notebook that retention has not removed, oldest first, wherever its file is now. One that it
    /// could not remove is among them: what is wanted today says anew whether it goes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn kept_outputs(&self) -> Result<Vec<KeptOutput>> {
        let mut outputs = self.read(|c| {
            let mut query = c.prepare(
                "SELECT r.id, NULL, r.notebook, r.started, r.outcome, r.output, r.output_bytes, r.output_hash, p.id
                 FROM runs r LEFT JOIN prunes p ON p.run = r.id AND p.output = r.output
                 WHERE r.ended IS NOT NULL AND r.output IS NOT NULL
                 AND (p.id IS NULL OR p.id IN (SELECT prune FROM removals))
                 UNION ALL
                 SELECT r.id, a.number, r.notebook, r.started, a.outcome, a.output, a.output_bytes, a.output_hash, p.id
                 FROM attempts a JOIN runs r ON r.id = a.run
                 LEFT JOIN prunes p ON p.run = r.id AND p.output = a.output
                 WHERE r.ended IS NOT NULL AND a.output IS NOT NULL AND a.output IS NOT r.output
                 AND (p.id IS NULL OR p.id IN (SELECT prune FROM removals))",
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
                    is_recorded: r.get::<_, Option<i64>>(8)?.is_some(),
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
    /// without such a record was removed by somebody else. Once they are gone, [`Store::removed`] is to be told.
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
                    let prune = tx.last_insert_rowid();
                    chain::seal(tx, &chain::PRUNE, prune)?;
                    tx.prepare_cached("INSERT INTO removals (prune) VALUES (?1)")?
                        .execute([prune])?;
                }
            }
            Ok(())
        })
    }

    /// Notes that the files of recorded output notebooks are gone: none of them is tried again.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn removed(&self, outputs: &[&KeptOutput]) -> Result<()> {
        if outputs.is_empty() {
            return Ok(());
        }
        self.write(|tx| {
            let mut forget = tx.prepare_cached(
                "DELETE FROM removals WHERE prune IN (SELECT id FROM prunes WHERE run = ?1 AND output = ?2)",
            )?;
            for output in outputs {
                forget.execute(params![output.run, output.path])?;
            }
            Ok(())
        })
    }
}
