//! Only one `penny start` or `penny run` works in a workspace at a time.
//!
//! The system lets a lock go when its holder dies, however it dies. On a network folder it may not know of
//! the locks of other computers: so the holder also gives a sign of life every few seconds, in a file that
//! says who it is. One that was left by another computer is watched before it counts as dead; no clocks are
//! compared for that.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use crate::console::Console;
use crate::error::{Error, Result};
use crate::files;
use crate::platform;
use crate::stop::{Stop, Wish};
use crate::workspace::{Workspace, own_of};

/// How often the holder gives a sign of life.
const BEAT: Duration = Duration::from_secs(10);
/// A holder on another computer that gives none for so long is dead.
const SILENCE_MAX: Duration = Duration::from_secs(25);
/// Who only looks whether the lock is held has it for a moment.
const LOOKS_MAX: u32 = 10;
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// Who works in a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// Its computer.
    pub host: String,
    /// Since when.
    pub since: Timestamp,
    /// What it is: `penny start`, `penny run` or `penny demo`.
    pub command: String,
    /// How many signs of life it has given.
    pub beat: u64,
}

/// The right to work in a workspace, let go when this is dropped or its process dies.
pub struct SyncLock {
    _file: File,
    beating: JoinHandle<()>,
    note: PathBuf,
    holder: Holder,
}

/// The command that leaves a workspace to others only when it is stopped.
pub const SERVICE: &str = "penny start";

impl SyncLock {
    /// Takes it. Must be called within a tokio runtime. Who loses it to another computer, since it slept, is asked to
    /// end.
    ///
    /// # Errors
    /// Another process holds it: who, where, and since when.
    pub async fn take(
        workspace: &Workspace,
        command: &str,
        console: &Console,
        stop: &Stop,
    ) -> Result<SyncLock> {
        let own = workspace.own();
        platform::private_folder(&own).map_err(|e| Error::file("make the folder", &own, e))?;
        let path = lock_path(&workspace.root);
        let file = open(&path)?;
        for look in 1.. {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(e)) => return Err(Error::file("lock", &path, e)),
                Err(TryLockError::WouldBlock) if look < LOOKS_MAX => {
                    tokio::time::sleep(LOOK_PAUSE).await;
                }
                Err(TryLockError::WouldBlock) => return Err(held(noted(&workspace.root).as_ref())),
            }
        }
        let host = platform::host_name().unwrap_or_default();
        if let Some(other) = noted(&workspace.root).filter(|holder| holder.host != host) {
            watch(workspace, &other, console).await?;
        }
        let holder = Holder {
            pid: std::process::id(),
            host,
            since: Timestamp::now(),
            command: command.to_owned(),
            beat: 0,
        };
        let note = note_path(&workspace.root);
        write(&note, &holder).map_err(|e| Error::file("write", &note, e))?;
        let (console, stop) = (console.clone(), stop.clone());
        let beating = tokio::spawn(beat(note.clone(), holder.clone(), console, stop));
        Ok(SyncLock { _file: file, beating, note, holder })
    }

    /// Who holds that of the workspace in a folder at present, if anybody does.
    pub fn holder(root: &Path) -> Option<Holder> {
        let file = File::open(lock_path(root)).ok()?;
        let holder = noted(root);
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => holder,
            _ => {
                let _ = file.unlock();
                // Nobody on this computer; another one's lock may not be seen here.
                let host = platform::host_name().unwrap_or_default();
                holder.filter(|holder| holder.host != host)
            }
        }
    }
}

impl Drop for SyncLock {
    fn drop(&mut self) {
        self.beating.abort();
        // Another computer that has taken the workspace over has its own note there.
        if read(&self.note).is_none_or(|noted| noted.is_of(&self.holder)) {
            let _ = std::fs::remove_file(&self.note);
        }
    }
}

impl Holder {
    /// "process 4711 since 22 November, 08:00:03, on compta-pc".
    pub fn words(&self) -> String {
        let since = self.since.to_zoned(jiff::tz::TimeZone::system());
        let since = since.strftime("%-d %B, %H:%M:%S");
        format!("process {} since {since}, on {}", self.pid, self.host)
    }

    /// Whether it is the same one, however many signs of life it has given since.
    fn is_of(&self, other: &Holder) -> bool {
        (self.pid, &self.host, self.since) == (other.pid, &other.host, other.since)
    }

    /// Whether it works on this computer.
    pub fn is_here(&self) -> bool {
        platform::host_name().is_some_and(|host| host == self.host)
    }

    /// Whether it is the service.
    pub fn is_service(&self) -> bool {
        self.command == SERVICE
    }
}

/// What is said when another process holds the workspace.
fn held(holder: Option<&Holder>) -> Error {
    match holder {
        Some(holder) if holder.is_service() => Error::missing(format!(
            "`penny start` is at work in this workspace already ({})",
            holder.words()
        ))
        .hint("`penny status` shows what it does; Ctrl-C where it runs, or stopping the service, ends it"),
        holder => {
            let words = holder.map_or_else(|| "another process".to_owned(), Holder::words);
            Error::missing(format!("a sync of this workspace is under way already ({words})"))
                .hint("wait until it has ended, or end it with Ctrl-C where it runs")
        }
    }
}

/// What is said when another process has taken the workspace.
fn taken_over(other: &Holder) -> Error {
    Error::missing(format!(
        "this workspace was taken over while this computer gave no sign of life: {} works in it ({})",
        other.command,
        other.words()
    ))
    .hint("a workspace on a network folder can be served by one computer only")
}

/// Waits whether a holder on another computer gives a sign of life.
async fn watch(workspace: &Workspace, holder: &Holder, console: &Console) -> Result<()> {
    console.warn(&format!(
        "{} was at work in this workspace and did not say that it ended ({}): watching for {} s whether it \
         still is",
        holder.command,
        holder.words(),
        SILENCE_MAX.as_secs()
    ));
    let deadline = tokio::time::Instant::now() + SILENCE_MAX;
    while tokio::time::Instant::now() < deadline {
        match noted(&workspace.root) {
            Some(now) if now == *holder => tokio::time::sleep(Duration::from_millis(500)).await,
            Some(alive) => {
                return Err(held(Some(&alive))
                    .hint("a workspace on a network folder can be served by one computer only"));
            }
            None => return Ok(()),
        }
    }
    Ok(())
}

/// Gives a sign of life again and again, until another one holds the workspace: a computer that slept for long counts
/// as dead, and finds when it wakes that its place is taken.
async fn beat(note: PathBuf, mut holder: Holder, console: Console, stop: Stop) {
    loop {
        tokio::time::sleep(BEAT).await;
        if let Some(other) = read(&note).filter(|noted| !noted.is_of(&holder)) {
            let error = taken_over(&other);
            tracing::error!("{}", error.sentence());
            console.error(&error);
            return stop.ask(Wish::TakenOver);
        }
        holder.beat += 1;
        if let Err(e) = write(&note, &holder) {
            tracing::warn!("no sign of life could be written to {}: {e}", note.display());
        }
    }
}

fn lock_path(root: &Path) -> PathBuf {
    own_of(root).join("sync.lock")
}

/// Beside the lock's own file, which Windows lets nobody read while it is locked.
fn note_path(root: &Path) -> PathBuf {
    own_of(root).join("sync.json")
}

fn noted(root: &Path) -> Option<Holder> {
    read(&note_path(root))
}

fn read(note: &Path) -> Option<Holder> {
    serde_json::from_slice(&std::fs::read(note).ok()?).ok()
}

fn write(note: &Path, holder: &Holder) -> std::io::Result<()> {
    files::write_private(note, &serde_json::to_vec(holder).unwrap_or_default())
}

fn open(path: &Path) -> Result<File> {
    let options = File::options().create(true).truncate(false).read(true).write(true).open(path);
    options.map_err(|e| Error::file("write", path, e))
}
