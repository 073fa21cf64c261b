//! The history's tables, and how an older file becomes a newer one.

use std::path::Path;
use std::time::Duration;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::chain;
use crate::error::{Error, Result};
use crate::folding;

/// What brings a history from one version to the next.
struct Step {
    /// The statements.
    sql: &'static str,
    /// What is to be done once they ran.
    then: fn(&Transaction<'_>) -> rusqlite::Result<()>,
}

/// One step a version; never edit a step that was released, add one.
const STEPS: &[Step] = &[
    Step { sql: include_str!("steps/1.sql"), then: nothing },
    Step { sql: include_str!("steps/2.sql"), then: nothing },
    Step { sql: include_str!("steps/3.sql"), then: chain::begin },
    Step { sql: include_str!("steps/changes.sql"), then: nothing },
    Step { sql: include_str!("steps/alerts.sql"), then: nothing },
    Step { sql: include_str!("steps/asking.sql"), then: nothing },
    Step { sql: include_str!("steps/looking_back.sql"), then: nothing },
    Step { sql: include_str!("steps/removals.sql"), then: nothing },
    Step { sql: include_str!("steps/counted_from.sql"), then: nothing },
];

fn nothing(_: &Transaction<'_>) -> rusqlite::Result<()> {
    Ok(())
}

/// Opens the file and brings it to the present version.
pub fn open(path: &Path) -> Result<Connection> {
    let mut connection = Connection::open(path).map_err(|e| error(path, e))?;
    // It tells who published what, and may quote the data in an error.
    if crate::platform::readable_by_others(path) {
        crate::platform::make_private(path).map_err(|e| Error::file("make private", path, e))?;
    }
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
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("folded", 1, flags, |call| {
        Ok(call.get::<Option<String>>(0)?.map(|text| folding::folded(&text)))
    })?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // A commit is on the disk when it is back, whatever happens to the computer then: a run that
    // began, and a record that was sealed, are never forgotten. It costs a few commits a run.
    connection.pragma_update(None, "synchronous", "full")?;
    // What macOS calls a sync stops at the disk's own memory otherwise; elsewhere this says nothing.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let found = version(connection)?;
    if found >= STEPS.len() {
        return Ok(found);
    }
    // Only one of several commands that open an older file at once does the steps.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    for (index, step) in STEPS.iter().enumerate().skip(found) {
        transaction.execute_batch(step.sql)?;
        (step.then)(&transaction)?;
        transaction.pragma_update(None, "user_version", index as i64 + 1)?;
    }
    transaction.commit()?;
    Ok(found)
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |r| r.get(0))?;
    Ok(version.try_into().unwrap_or(usize::MAX))
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
            "the file is damaged: `penny history --rebuild` makes a new one from the output notebooks"
        }
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
            "another program holds the file: close it, then run the command again"
        }
        _ => "",
    };
    // Not as a cause: the library's own causes say the same again, with a number.
    Error::missing(format!("the history {} cannot be used: {error}", path.display())).hint(hint)
}
