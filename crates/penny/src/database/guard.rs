//! The process that owns Penny's own server: starts it, starts it again when it is killed, and ends it
//! when nobody uses it any more.

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use penny_postgres::embedded::{self, Cluster, EmbeddedError, Search, Server};
use serde_json::{Value, json};

use super::lease;
use super::own::{self, Rooms, STOP_MAX, SUPERUSER};
use crate::error::{Error, Result, sentence_of};
use crate::stop::Stop;

/// What the guard is told.
pub struct GuardArguments {
    /// The first port to try.
    pub port: u16,
    /// The folder of the server's binaries.
    pub bin: PathBuf,
    /// The server's folder in the workspace.
    pub folder: PathBuf,
}

const TICK: Duration = Duration::from_millis(100);
/// How long the guard before this one may take to go once its server is gone.
const PREDECESSOR_MAX: Duration = Duration::from_secs(10);
/// A server that ends by itself this often in a minute is not started again.
const RESTARTS_MAX: usize = 5;

/// Runs until nobody uses the server.
///
/// # Errors
/// What keeps the server from starting; it is also told on standard output, as JSON.
pub async fn guard(arguments: GuardArguments) -> Result<()> {
    let rooms = Rooms { folder: arguments.folder.clone() };
    let _alive = match alive(&rooms).await {
        Ok(alive) => alive,
        Err(error) => {
            say(&json!({"error": error.sentence(), "hint": error.hints().first()}));
            return Err(error);
        }
    };
    own::remove(&rooms.ending());
    let users = lease::open(&lease::path(&rooms))?;
    let started = tokio::select! {
        started = start(&arguments, &rooms) => started,
        // Whoever started the guard has given up.
        _ = unused(&rooms, &users) => return end_unwanted(&arguments, &rooms).await,
    };
    say(&match &started {
        Ok((_, server)) => json!({"port": server.port(), "pid": server.pid()}),
        Err(e) => json!({"error": sentence_of(e), "hint": e.hint()}),
    });
    let (cluster, server) = started.map_err(own::embedded_error)?;
    watch(&cluster, server, &rooms, &users).await
}

/// The lock that says that a guard lives. The guard before this one may still be ending: its server is gone, it is
/// about to go. One that stays keeps its server, of which there cannot be a second.
async fn alive(rooms: &Rooms) -> Result<File> {
    let path = lease::guard_path(rooms);
    let file = lease::open(&path)?;
    let deadline = Instant::now() + PREDECESSOR_MAX;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(e)) => return Err(Error::file("lock", &path, e)),
            Err(TryLockError::WouldBlock) if Instant::now() > deadline => {
                return Err(Error::missing(
                    "another `penny db guard` of this workspace has PostgreSQL and does not end",
                )
                .hint("end that process, or restart the computer; then run this command again"));
            }
            Err(TryLockError::WouldBlock) => tokio::time::sleep(TICK).await,
        }
    }
}

/// One line to whoever started the guard. It may be gone: then the lock decides.
fn say(line: &Value) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

async fn cluster(
    arguments: &GuardArguments,
    rooms: &Rooms,
) -> std::result::Result<Cluster, EmbeddedError> {
    let search = Search { path: Some(arguments.bin.clone().into()), ..Search::default() };
    let binaries =
        embedded::find(&search).ok_or_else(|| EmbeddedError::NotObtained { tried: Vec::new() })?;
    let password = std::fs::read_to_string(rooms.superuser()).unwrap_or_default();
    Cluster::ensure(binaries, rooms.data(), SUPERUSER, password.trim()).await
}

async fn start(
    arguments: &GuardArguments,
    rooms: &Rooms,
) -> std::result::Result<(Cluster, Server), EmbeddedError> {
    let cluster = cluster(arguments, rooms).await?;
    let mut port = arguments.port;
    loop {
        match cluster.start(port, &rooms.log()).await {
            Ok(server) => return Ok((cluster, server)),
            Err(EmbeddedError::PortInUse { .. }) if port < arguments.port.saturating_add(100) => {
                match embedded::free_port(port + 1, 100) {
                    Some(free) => port = free,
                    None => return Err(EmbeddedError::PortInUse { port }),
                }
            }
            Err(e) => return Err(e),
        }
    }
}

/// Ends a server that has only begun to start; it was asked to when its start was given up.
async fn end_unwanted(arguments: &GuardArguments, rooms: &Rooms) -> Result<()> {
    let cluster = cluster(arguments, rooms).await.map_err(own::embedded_error)?;
    told(rooms, cluster.stop(STOP_MAX)).await
}

/// The end of a server that nobody uses: told by a file, since those who wait cannot tell the guard's lock from another
/// user's.
async fn told(
    rooms: &Rooms,
    end: impl Future<Output = std::result::Result<(), EmbeddedError>>,
) -> Result<()> {
    let ending = rooms.ending();
    let _ = File::create(&ending);
    let ended = end.await.map_err(own::embedded_error);
    own::remove(&ending);
    ended
}

/// Why the guard's watch over one server ended.
enum End {
    Unused(File),
    Asked,
    Died,
}

async fn watch(cluster: &Cluster, mut server: Server, rooms: &Rooms, users: &File) -> Result<()> {
    let stop = Stop::listen();
    let mut deaths: Vec<Instant> = Vec::new();
    loop {
        let port = server.port();
        let end = tokio::select! {
            _ = server.wait() => End::Died,
            () = stop.asked() => End::Asked,
            end = unused(rooms, users) => end,
        };
        match end {
            End::Asked => {
                return server.stop(STOP_MAX).await.map_err(own::embedded_error);
            }
            End::Unused(_held) => return told(rooms, server.stop(STOP_MAX)).await,
            End::Died => {
                deaths.retain(|d| d.elapsed() < Duration::from_secs(60));
                deaths.push(Instant::now());
                // A server that is to stay up comes back though nobody uses it at this moment.
                let unwanted = || !rooms.keep().exists() && users.try_lock().is_ok();
                if deaths.len() > RESTARTS_MAX || rooms.stop().exists() || unwanted() {
                    return Ok(());
                }
                server = cluster.start(port, &rooms.log()).await.map_err(own::embedded_error)?;
            }
        }
    }
}

/// Comes back when nobody uses the server, or when it is to end all the same.
async fn unused(rooms: &Rooms, users: &File) -> End {
    loop {
        tokio::time::sleep(TICK).await;
        if rooms.stop().exists() {
            return End::Asked;
        }
        if !rooms.keep().exists() && users.try_lock().is_ok() {
            return match users.try_clone() {
                Ok(held) => End::Unused(held),
                Err(_) => End::Asked,
            };
        }
    }
}
