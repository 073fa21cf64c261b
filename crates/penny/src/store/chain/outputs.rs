//! Whether the output notebooks of the records are what they were.

use rusqlite::{Connection, params};

use super::Link;
use super::findings::{Tampering, Verification};
use super::kinds::{self, Kind};
use super::verify::Walk;
use crate::store::OutputSeal;

impl Walk<'_> {
    /// Whether the output notebook is what it was.
    pub(super) fn output(&mut self, kind: &Kind, link: &Link) -> rusqlite::Result<()> {
        if kind.output == "NULL" {
            return Ok(());
        }
        let sql = format!("SELECT output FROM {} WHERE id = ?1", kind.table);
        let path: Option<String> =
            self.connection.prepare_cached(&sql)?.query_row([link.of], |r| r.get(0))?;
        let Some(path) = path else { return Ok(()) };
        let Some(hash) = &link.output else {
            self.found.before_chain += 1;
            return Ok(());
        };
        if self.is_of_run(kind, link.of)? || !self.files.insert((path.clone(), hash.clone())) {
            return Ok(());
        }
        let pruned = is_pruned(self.connection, kind, link.of, &path)?;
        match OutputSeal::of_file(&self.root.join(&path)) {
            Ok(seal) if seal.hash == *hash => self.found.outputs += 1,
            // In the hour that a clock repeats, a later run may have got the name of one that went.
            Ok(_) if pruned && self.is_anothers(kind, link.of, &path)? => self.found.pruned += 1,
            Ok(_) => {
                self.found.outputs += 1;
                let sentence = format!("its output notebook {path} was altered");
                self.note(link, Tampering::Altered, vec![path], sentence);
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                if pruned {
                    self.found.pruned += 1;
                } else {
                    let sentence = format!("its output notebook {path} is gone");
                    self.note(link, Tampering::Removed, vec![path], sentence);
                }
            }
            Err(e) => {
                let sentence = format!("its output notebook {path} cannot be read: {e}");
                self.note(link, Tampering::Altered, vec![path], sentence);
            }
        }
        Ok(())
    }

    /// Whether a try is its run's last, whose output notebook is told as the run's.
    fn is_of_run(&self, kind: &Kind, of: i64) -> rusqlite::Result<bool> {
        if kind.word == kinds::RUN.word {
            return Ok(false);
        }
        self.connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM attempts a JOIN runs r ON r.id = a.run
                 WHERE a.id = ?1 AND r.output = a.output AND r.output_hash = a.output_hash
                 AND r.ended IS NOT NULL)",
            )?
            .query_row([of], |r| r.get(0))
    }

    /// Whether a later run or try has an output notebook of that name, too.
    fn is_anothers(&self, kind: &Kind, of: i64, path: &str) -> rusqlite::Result<bool> {
        let sql =
            format!("SELECT EXISTS (SELECT 1 FROM {} WHERE output = ?1 AND id > ?2)", kind.table);
        self.connection.prepare_cached(&sql)?.query_row(params![path, of], |r| r.get(0))
    }
}

/// Takes out what retention removed, and said so, since the verification began.
pub(super) fn pruned_meanwhile(
    connection: &Connection,
    found: &mut Verification,
) -> rusqlite::Result<()> {
    let mut findings = Vec::with_capacity(found.findings.len());
    for finding in std::mem::take(&mut found.findings) {
        let gone = (finding.what == Tampering::Removed).then_some(&finding.places[..]);
        let pruned = match (gone, Kind::of_word(&finding.kind), finding.of) {
            (Some([path]), Some(kind), Some(of)) => is_pruned(connection, kind, of, path)?,
            _ => false,
        };
        if pruned {
            found.pruned += 1;
        } else {
            findings.push(finding);
        }
    }
    found.findings = findings;
    Ok(())
}

/// Whether retention removed the output notebook of a run or a try, and said so.
fn is_pruned(connection: &Connection, kind: &Kind, of: i64, path: &str) -> rusqlite::Result<bool> {
    let run = match kind.word {
        "run" => "?2",
        "attempt" => "(SELECT run FROM attempts WHERE id = ?2)",
        _ => return Ok(false),
    };
    let sql = format!("SELECT EXISTS (SELECT 1 FROM prunes WHERE output = ?1 AND run = {run})");
    connection.prepare_cached(&sql)?.query_row(params![path, of], |r| r.get(0))
}
