//! Using Penny's own server together: whoever uses it holds a shared lock, and the guard that owns
//! the server ends it when it can have the lock for itself.
//!
//! A lock is let go by the system when its holder dies, however it dies: no count can go wrong.

use std::fs::{File, TryLockError};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use penny_postgres::embedded::Cluster;
use serde_json::Value;
use tokio::time::Instant;

use super::own::Rooms;
use super::recovery::{self, LONG, START_MAX};
use crate::console::Console;
use crate::error::{Error, Result};
use crate::platform;
use crate::surroundings::Surroundings;

/// How long another command may be ending the server.
const END_MAX: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(20);
/// How long a guard may take to notice that nobody wants its server any more.
const GIVE_UP_MAX: Duration = Duration::from_secs(2);

/// The right to use the server; it stays up for as long as one is held.
pub struct Lease {
    file: File,
    rooms: Rooms,
    penny: std::path::PathBuf,
    port: u16,
}

impl Lease {
    /// Takes the right; waits while the last user's server is being ended.
    pub async fn take(rooms: &Rooms, surroundings: &Surroundings) -> Result<Lease> {
        let rooms = Rooms { folder: rooms.folder.clone() };
        let file = open(&path(&rooms))?;
        wait_for(|| file.try_lock_shared(), &path(&rooms), END_MAX).await?;
        Ok(Lease { file, rooms, penny: surroundings.penny.clone(), port: 0 })
    }

    /// Only one command starts the server; the others wait for it.
    pub async fn starting(&self, console: &Console) -> Result<File> {
        let path = self.rooms.folder.join("start.lock");
        let file = open(&path)?;
        let told = async {
            tokio::time::sleep(LONG).await;
            let step = console.step("PostgreSQL");
            step.phase("another penny command is starting it: waiting for it");
            std::future::pending::<()>().await;
        };
        tokio::select! {
            locked = wait_for(|| file.try_lock(), &path, START_MAX) => locked?,
            () = told => {}
        }
        Ok(file)
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A server that runs already.
    pub fn use_running(&mut self, port: u16) {
        self.port = port;
    }

    /// Starts the guard with its server and waits until it answers. When that is given up, the right is let go, and
    /// the guard ends.
    ///
    /// # Errors
    /// Why the server does not start; it was given up.
    pub async fn start_server(
        &mut self,
        cluster: &Cluster,
        port: u16,
        console: &Console,
        given_up: impl Future<Output = ()>,
    ) -> Result<()> {
        let step = console.step("PostgreSQL");
        step.detail("starting");
        let mut command = Command::new(&self.penny);
        command.args(["db", "guard", "--port", &port.to_string(), "--bin"]);
        command.arg(&cluster.binaries.bin).arg("--folder").arg(&self.rooms.folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.current_dir(&self.rooms.folder);
        // A notebook may be the first to need the server, which then serves others, too: it does not end
        // with that notebook's kernel.
        command.env("PENNY_OUTLIVES_KERNELS", "1");
        platform::detach(&mut command);
        let mut child = command.spawn().map_err(|e| Error::file("start", &self.penny, e))?;
        let stdout = child.stdout.take().expect("it is piped");
        // The guard says one line when its server answers, or why it does not, however long a server recovers. Who no
        // longer waited would make the guard end it, and each next try would begin from zero.
        let mut line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(stdout).take(100_000).read_line(&mut line).map(|_| line)
        });
        // The guard is nobody's child to wait for: a thread reaps it when it ends before this process.
        std::thread::spawn(move || child.wait());
        let line = tokio::select! {
            line = tokio::time::timeout(START_MAX, &mut line) => line,
            never = recovery::told(&self.rooms, &step) => match never {},
            () = given_up => {
                step.clear();
                let _ = self.file.unlock();
                // From its line on, or its end without one, the guard's lock says whether it is there.
                let _ = tokio::time::timeout(GIVE_UP_MAX, line).await;
                return Err(Error::interrupted());
            }
        };
        let said = line.ok().and_then(Result::ok).and_then(Result::ok).unwrap_or_default();
        let said: Value = serde_json::from_str(&said).unwrap_or_default();
        match said["port"].as_u64().and_then(|p| u16::try_from(p).ok()) {
            Some(port) => {
                self.port = port;
                step.done(&format!("running on 127.0.0.1:{port}"));
                Ok(())
            }
            None => {
                step.clear();
                let why = said["error"].as_str().unwrap_or("PostgreSQL did not start").to_owned();
                Err(Error::missing(why)
                    .hint_if(said["hint"].as_str())
                    .hint(format!("its log: {}", self.rooms.log().display())))
            }
        }
    }

    /// Lets it go, and waits a moment for the server to be gone, so that a command leaves no process.
    pub async fn release(self) {
        let _ = self.file.unlock();
        if self.rooms.keep().exists() {
            return;
        }
        let deadline = Instant::now() + Duration::from_secs(5);
        // The guard holds its own file for as long as it lives; others who use the server keep it alive.
        let Ok(alive) = open(&guard_path(&self.rooms)) else { return };
        let mut seen_others = 0;
        while Instant::now() < deadline && alive.try_lock().is_err() {
            // Once is not enough: the guard holds the lock for a moment before it says that it ends.
            seen_others = if self.others() { seen_others + 1 } else { 0 };
            if seen_others > 10 {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Whether somebody else uses the server: then neither this process nor the guard can have the lock.
    fn others(&self) -> bool {
        // While the guard ends the server it holds the lock itself; its `ending` file tells.
        if self.rooms.ending().exists() {
            return false;
        }
        match self.file.try_lock() {
            Ok(()) => {
                let _ = self.file.unlock();
                false
            }
            Err(_) => !self.rooms.ending().exists(),
        }
    }
}

/// The lock that users share.
pub fn path(rooms: &Rooms) -> std::path::PathBuf {
    rooms.folder.join("users.lock")
}

/// The lock that a guard holds while it lives.
pub fn guard_path(rooms: &Rooms) -> std::path::PathBuf {
    rooms.folder.join("guard.lock")
}

/// Opens a lock's file.
pub fn open(path: &Path) -> Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .map_err(|e| Error::file("open", path, e))
}

async fn wait_for(
    mut lock: impl FnMut() -> Result<(), TryLockError>,
    path: &Path,
    max: Duration,
) -> Result<()> {
    let deadline = Instant::now() + max;
    loop {
        match lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(e)) => return Err(Error::file("lock", path, e)),
            Err(TryLockError::WouldBlock) if Instant::now() > deadline => {
                return Err(Error::missing(
                    "another penny command has been starting or ending PostgreSQL for too long",
                )
                .hint("`penny db stop` ends it; then run this command again"));
            }
            Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
        }
    }
}
