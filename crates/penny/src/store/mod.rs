//! The history of syncs, runs, attempts and publishes, in `.penny/history.db`.
//!
//! A run is written before it starts and after it ends, never only after: one that was cut off is
//! found at the next start and says so. Several processes may have the file open: each publish of a
//! notebook is recorded by the `penny load` that did it, and commands ask the service through it.
//! What has ended is sealed in a chain, so that nothing of it can be altered unnoticed.

mod alerts;
mod attempts;
mod chain;
mod changes;
mod due_times;
mod environments;
mod following;
mod glance;
mod observed;
mod output_seal;
mod over_time;
mod pauses;
mod prunes;
mod publishes;
mod reading;
mod rebuild;
mod records;
mod requests;
mod runs;
mod schema;
mod syncs;
mod verifying;
mod words;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::{Error, Result};

pub use alerts::{KeptEvent, KeptMessage, NewMessage, Sending};
pub use attempts::AttemptEnd;
pub use chain::{Finding, Head, Progress, Tampering, Verification};
pub use changes::{Change, RowsChanged};
pub use environments::environment_hash;
pub use following::LastEnd;
pub use glance::{BriefRun, Past};
pub use observed::{Cursor, EndedRun, LastSync, RunningRun, Seen, TableState};
pub use output_seal::OutputSeal;
pub use over_time::{RowsPoint, RunPoint, TablePublish, Tally};
pub use pauses::{Pause, Paused};
pub use prunes::{KeptOutput, Prune};
pub use publishes::Published;
use reading::LOOKED_AT_MAX;
pub use rebuild::{Rebuild, Rebuilt, rebuild};
pub use records::{AttemptRecord, Pruned, PublishRecord, RunFilter, RunRecord};
pub use requests::{Answer, Asked, Request, RequestId};
pub use runs::{CellTiming, RunEnd, RunStart, Skip};
pub use syncs::{AskedFor, CrashedRun, SyncStart};
pub use verifying::HEAD_MIN;
pub use words::{Outcome, Trigger, evalue_told};

/// Identifies a sync in the history.
pub type SyncId = i64;
/// Identifies a run in the history.
pub type RunId = i64;

/// The history file, open.
pub struct Store {
    path: PathBuf,
    connection: Mutex<Connection>,
    /// The state that others left the file in when it was last asked.
    seen: AtomicI64,
}

impl Store {
    /// Opens the history, making it or bringing its schema up to date.
    ///
    /// # Errors
    /// The file cannot be written, is no database, or was written by a newer Penny.
    pub fn open(path: &Path) -> Result<Store> {
        if let Some(folder) = path.parent() {
            crate::platform::private_folder(folder)
                .map_err(|e| Error::file("make the folder", folder, e))?;
        }
        let connection = schema::open(path)?;
        let store = Store {
            path: path.to_owned(),
            connection: Mutex::new(connection),
            seen: AtomicI64::new(0),
        };
        store.changed()?;
        Ok(store)
    }

    /// Whether another connection has written since this was last asked (or the file was opened): a
    /// number in memory that all of them share, so it may be asked several times a second.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn changed(&self) -> Result<bool> {
        let version = self.read(|c| c.pragma_query_value(None, "data_version", |r| r.get(0)))?;
        Ok(self.seen.swap(version, Ordering::Relaxed) != version)
    }

    /// Brings everything into the one file, so that it can be moved.
    fn settle(&self) -> Result<()> {
        self.read(|c| c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))
    }

    /// The workspace's folder, from which the paths of output notebooks are told.
    fn root(&self) -> &Path {
        self.path.parent().and_then(Path::parent).unwrap_or(Path::new("."))
    }

    /// Reads; what several queries see may differ.
    fn read<T>(&self, act: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        act(&self.lock()).map_err(|e| schema::error(&self.path, e))
    }

    /// Writes all or nothing; nobody else writes meanwhile.
    fn write<T>(&self, act: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T> {
        let mut connection = self.lock();
        let whole = || {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = act(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        whole().map_err(|e| schema::error(&self.path, e))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A time as the history has it: of one length always, so that texts are in the order of the times.
fn text(at: Timestamp) -> String {
    format!("{at:.6}")
}

/// A time of the history; one that cannot be read is the oldest there is.
fn moment(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
pub(crate) mod tests;
