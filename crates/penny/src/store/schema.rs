//! The history's tables, and how an older file becomes a newer one.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use crate::error::{Error, Result};

/// One step a version; never edit a step that was released, add one.
const STEPS: &[&str] = &[
    "
CREATE TABLE syncs (
    id       INTEGER PRIMARY KEY,
    trigger  TEXT NOT NULL,
    started  TEXT NOT NULL,
    ended    TEXT,
    outcome  TEXT
) STRICT;
CREATE TABLE runs (
    id          INTEGER PRIMARY KEY,
    sync        INTEGER NOT NULL REFERENCES syncs (id),
    notebook    TEXT NOT NULL,
    file        TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    version     TEXT NOT NULL,
    started     TEXT NOT NULL,
    ended       TEXT,
    outcome     TEXT,
    error       TEXT,
    output      TEXT,
    cells       INTEGER,
    cells_run   INTEGER,
    warnings    TEXT
) STRICT;
CREATE INDEX runs_of_notebook ON runs (notebook, id);
CREATE INDEX runs_under_way ON runs (id) WHERE ended IS NULL;
CREATE TABLE publishes (
    id      INTEGER PRIMARY KEY,
    run     INTEGER REFERENCES runs (id),
    \"table\" TEXT NOT NULL,
    rows    INTEGER NOT NULL,
    at      TEXT NOT NULL,
    report  TEXT NOT NULL
) STRICT;
CREATE INDEX publishes_of_run ON publishes (run);
",
    "
ALTER TABLE runs ADD COLUMN token TEXT;
ALTER TABLE runs ADD COLUMN kernel_start TEXT;
ALTER TABLE runs ADD COLUMN kernel_start_reason TEXT;
ALTER TABLE runs ADD COLUMN peak_memory_bytes INTEGER;
ALTER TABLE runs ADD COLUMN masked INTEGER;
CREATE INDEX runs_of_token ON runs (token);
",
];

/// Opens the file and brings it to the present version.
pub fn open(path: &Path) -> Result<Connection> {
    let mut connection = Connection::open(path).map_err(|e| error(path, e))?;
    let version = prepare(&mut connection).map_err(|e| error(path, e))?;
    if version > STEPS.len() {
        return Err(Error::missing(format!(
            "{} was written by a newer Penny (format {version}, this one knows {})",
            path.display(),
            STEPS.len()
        ))
        .hint("update penny on this computer"));
    }
    Ok(connection)
}

/// Sets the connection up and runs the missing steps; answers the version found before them.
fn prepare(connection: &mut Connection) -> rusqlite::Result<usize> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: usize = transaction
        .pragma_query_value(None, "user_version", |r| r.get::<_, i64>(0))?
        .try_into()
        .unwrap_or(usize::MAX);
    for (index, step) in STEPS.iter().enumerate().skip(version) {
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", index as i64 + 1)?;
    }
    transaction.commit()?;
    Ok(version)
}

/// What a failure of SQLite means to the user.
pub fn error(path: &Path, error: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode as Code;
    let hint = match error.sqlite_error_code() {
        Some(Code::DiskFull) => "the disk is full: free some space, then run the command again",
        Some(Code::SystemIoFailure) => {
            "the disk may be full or damaged: free some space, then run the command again"
        }
        Some(Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => {
            "give your user the right to write in the workspace, or put it elsewhere"
        }
        Some(Code::NotADatabase | Code::DatabaseCorrupt) => {
            "the file is damaged: move it away, Penny begins a new history"
        }
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
            "another program holds the file: close it, then run the command again"
        }
        _ => "",
    };
    // Not as a cause: the library's own causes say the same again, with a number.
    Error::missing(format!("the history {} cannot be used: {error}", path.display())).hint(hint)
}
