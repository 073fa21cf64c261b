//! Reading the tables themselves, for those who browse them: never writing, never for long.

mod catalogue;
mod cells;
mod csv;
mod sample;

use std::time::Duration;

use penny_postgres::connection::{self, Target};
use penny_postgres::embedded;
use tokio_postgres::Client;

use super::postgres;
use super::visit::Visit;
use crate::database::{Place, Rooms, Settings, connect_error};
use crate::error::{Error, Result};

pub use catalogue::{Column, Kind, Nulls, Relation};
pub use cells::{amount_text, date};
pub use csv::download;
pub use sample::{FirstRows, Sample};

/// A server that takes longer to let us in is not waited for.
const CONNECT_MAX: Duration = Duration::from_secs(3);
/// No question to the server takes longer, a wait for a lock included.
const STATEMENT_MAX: Duration = Duration::from_secs(5);
/// All questions for one page together take no longer.
const READ_MAX: Duration = Duration::from_secs(10);

/// A connection within a transaction that cannot write.
pub struct Reader {
    client: Client,
    schema: String,
}

impl Reader {
    /// Opens one.
    ///
    /// # Errors
    /// Why there is none, in a sentence.
    pub async fn open(visit: &Visit) -> Result<Reader> {
        let settings = Settings::of(&visit.workspace)?;
        let mut target = target(visit, &settings)?;
        target.connect_timeout = CONNECT_MAX;
        "penny dashboard".clone_into(&mut target.application_name);
        let client = connection::connect(&target).await.map_err(|e| connect_error(&e))?;
        let zone = visit.zone().iana_name().unwrap_or("UTC");
        // The catalogue's own operators come first, whatever somebody has put into a schema.
        let begin = format!(
            "BEGIN TRANSACTION READ ONLY;
             SET LOCAL statement_timeout = {};
             SET LOCAL search_path = pg_catalog, {};
             SET LOCAL DateStyle = 'ISO, YMD';
             SET LOCAL IntervalStyle = 'postgres';
             SET LOCAL TimeZone = {}",
            STATEMENT_MAX.as_millis(),
            quoted(&settings.schema),
            literal(zone),
        );
        client.batch_execute(&begin).await.map_err(trouble)?;
        Ok(Reader { client, schema: settings.schema })
    }
}

/// Reads, and gives up on what takes too long.
///
/// # Errors
/// What went wrong, in a sentence without a secret.
pub async fn within<T>(
    visit: &Visit,
    reading: impl Future<Output = Result<T>>,
) -> std::result::Result<T, String> {
    let read = match tokio::time::timeout(READ_MAX, reading).await {
        Ok(read) => read,
        Err(_) => Err(Error::missing("PostgreSQL took too long to answer")),
    };
    read.map_err(|error| visit.workspace.secrets.mask(&error.sentence()).to_string())
}

/// Where the server is that answers now.
fn target(visit: &Visit, settings: &Settings) -> Result<Target> {
    match &settings.place {
        Place::Server(target) => Ok(target.clone()),
        Place::Embedded { .. } => match embedded::running(&Rooms::of(&visit.workspace).data()) {
            Some(running) => Ok(settings.target_at(running.port, &settings.database)),
            None if visit.about.live.borrow().postgresql_starts => {
                Err(Error::missing(postgres::STARTS))
            }
            None => Err(Error::missing("Penny's own PostgreSQL does not run")),
        },
    }
}

/// What the server answered in place of what was asked for.
fn trouble(error: tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(said) => Error::missing(format!("PostgreSQL: {}", said.message())),
        None => Error::missing("the connection to PostgreSQL ended").because(error),
    }
}

/// A name as SQL, quoted whatever it contains.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL, whatever it contains.
fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_cannot_leave_their_quotes() {
        assert_eq!(quoted("a\"; DROP TABLE b; --"), "\"a\"\"; DROP TABLE b; --\"");
        assert_eq!(literal("a'; --"), "E'a''; --'");
        assert_eq!(literal("\\'"), "E'\\\\'''");
    }
}
