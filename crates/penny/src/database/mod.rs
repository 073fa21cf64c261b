//! The PostgreSQL that holds the tables: Penny's own server, or the one that `.env` names.

mod generated;
mod guard;
mod lease;
mod own;
mod place;
mod provision;
mod recovery;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use penny_postgres::connection::{self, ConnectionError, Target};
use tokio::time::Instant;
use tokio_postgres::Client;

use crate::console::Console;
use crate::error::Result;
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

pub use guard::{GuardArguments, guard};
pub use own::{OwnServer, Rooms, has_own, is_lost, own_port, stop_own, wish_up};
pub use place::{Place, Settings, connect_error, port_number, sslmode};

/// The port of Penny's own server, or the first to try.
pub const PORT: u16 = 5433;

/// Set for the kernels of a sync whose database is Penny's own: a command of theirs may bring it back.
pub const OWN_OF_RUN: &str = "PENNY_OWN_POSTGRES";

/// A server that was killed reads its log and checks its files before it lets anyone in.
const READY_MAX: Duration = Duration::from_secs(60);
const READY_PAUSE: Duration = Duration::from_millis(200);

/// A PostgreSQL that answers, for as long as this is held.
pub struct Database {
    /// Where it is and how to log in to publish.
    pub target: Target,
    /// The schema of the tables.
    pub schema: String,
    /// The login that only reads.
    pub reader: Option<String>,
    own: Option<OwnServer>,
    /// The connection by which the server was found to answer, until someone wants one.
    first: Mutex<Option<Client>>,
}

impl Database {
    /// Makes sure that a PostgreSQL answers: starts Penny's own when that is the one.
    ///
    /// # Errors
    /// No server binaries to be had, a server that does not start, a database that does not answer.
    pub async fn open(
        workspace: &Workspace,
        surroundings: &Surroundings,
        console: &Console,
    ) -> Result<Database> {
        let settings = Settings::of(workspace)?;
        match settings.place.clone() {
            Place::Server(target) => {
                let client = match connect(&target).await {
                    Err(_) if workspace.variables.get(OWN_OF_RUN).is_some() => {
                        let port = target.port;
                        own::restarted(workspace, &target).await;
                        let settings = Settings { place: Place::Embedded { port }, ..settings };
                        return Database::of_own(workspace, surroundings, console, settings).await;
                    }
                    client => client?,
                };
                provision::schema(&client, &settings).await?;
                if settings.powerbi_server.is_some()
                    && let Err(e) = provision::reader(&client, &settings).await
                {
                    // The tables are published all the same.
                    console.warn(&format!("{}; {}", e.sentence(), e.hints().join("; ")));
                }
                let first = Mutex::new(Some(client));
                Ok(Database { target, schema: settings.schema, reader: None, own: None, first })
            }
            Place::Embedded { .. } => {
                Database::of_own(workspace, surroundings, console, settings).await
            }
        }
    }

    async fn of_own(
        workspace: &Workspace,
        surroundings: &Surroundings,
        console: &Console,
        settings: Settings,
    ) -> Result<Database> {
        let own = OwnServer::open(workspace, surroundings, console, &settings).await?;
        let target = settings.target_at(own.port(), &settings.database);
        let reader = Some(settings.reader.0);
        let first = Mutex::default();
        Ok(Database { target, schema: settings.schema, reader, own: Some(own), first })
    }

    /// A connection.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub async fn connect(&self) -> Result<Client> {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        match first {
            Some(client) if !client.is_closed() => Ok(client),
            _ => connect(&self.target).await,
        }
    }

    /// Lets the first connection go: a sync holds none while its notebooks run.
    pub fn idle(&self) {
        drop(self.first.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Penny's own server, when that is the one.
    pub fn own(&self) -> Option<&OwnServer> {
        self.own.as_ref()
    }

    /// Lets the server go; when nobody else uses it, it is gone when this comes back.
    pub async fn close(self) {
        if let Some(own) = self.own {
            own.close().await;
        }
    }
}

/// A connection, or the reason in words. A server that is starting is waited for.
///
/// # Errors
/// Why there is none.
pub async fn connect(target: &Target) -> Result<Client> {
    let deadline = Instant::now() + READY_MAX;
    loop {
        match connection::connect(target).await {
            Ok(client) => return Ok(client),
            Err(ConnectionError::NotReady { .. }) if Instant::now() < deadline => {
                tokio::time::sleep(READY_PAUSE).await;
            }
            Err(e) => return Err(connect_error(&e)),
        }
    }
}
