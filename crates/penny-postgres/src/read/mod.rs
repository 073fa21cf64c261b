//! Queries in, Arrow out: reading from any server that speaks PostgreSQL's protocol, Redshift first.
//!
//! # How a query travels, and why
//! Redshift answers the simple query protocol, in text, as psql and psycopg2 use it; executing a prepared
//! statement with binary results, as tokio-postgres does, has been seen to end the connection there. But
//! text without types is guesswork: an account "0401" is not a number. So the query is only *described*
//! with the extended protocol (parse, describe: what Amazon's own drivers send first too) and is then run
//! with the simple one. Rows are taken from the socket as they are asked for, so neither side holds more
//! than a batch of them, and no cursor and no transaction stays open.

mod columns;
mod error;
mod statement;
mod text;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use futures_util::StreamExt;
use tokio::time::timeout;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryStream};

pub use error::{Place, ReadError, TABLES};

use columns::Columns;

/// How much longer than the server's own limit is waited for its word that the limit was reached.
const GRACE: Duration = Duration::from_secs(30);

/// The server's settings and descriptions take no longer than this.
const PREPARATION_TIME_MAX: Duration = Duration::from_secs(120);

/// Makes the statement's own implicit transaction read-only, without leaving one open.
const READ_ONLY: &str = "SET TRANSACTION READ ONLY; ";

/// How a query is read.
#[derive(Debug, Clone)]
pub struct Options {
    /// Rows in a batch, at most.
    pub batch_rows: usize,
    /// Bytes of text after which a batch ends, even if it has fewer rows.
    pub batch_bytes_max: usize,
    /// How long the server may work on the query.
    pub statement_timeout: Duration,
}

impl Default for Options {
    /// 20,000 rows or 16 MiB; half an hour.
    fn default() -> Self {
        Self {
            batch_rows: 20_000,
            batch_bytes_max: 16 * 1024 * 1024,
            statement_timeout: Duration::from_secs(30 * 60),
        }
    }
}

/// Runs one reading statement. The types come from the server's description of the result: integers are
/// Int64, `numeric` and floats Float64, dates Date32, timestamps microseconds (with time zone: in UTC),
/// booleans Boolean, everything else Utf8.
///
/// The session's date style, float digits and time limit are set and stay so; no transaction stays open.
///
/// # Errors
/// When the text is not one reading statement, when two columns have the same name, or with what the
/// server said, in [`ReadError`]'s words.
pub async fn query(client: &Client, sql: &str, options: &Options) -> Result<Rows, ReadError> {
    let sql = statement::one_that_reads(sql)?;
    let read_only = in_time(prepare_session(client, options)).await?;
    let columns = in_time(describe(client, sql)).await?;
    let fields: Vec<Field> = columns.iter().map(|(name, kind)| kind.field(name)).collect();
    let schema = Arc::new(Schema::new(fields));
    let prefix = if read_only { READ_ONLY } else { "" };
    let sent = format!("{prefix}{sql}");
    let stream = client
        .simple_query_raw(&sent)
        .await
        .map_err(|error| ReadError::from_server(error, sql, prefix.len()))?;
    Ok(Rows {
        columns: Columns::new(&schema, columns.into_iter().map(|(_, kind)| kind)),
        schema,
        stream: Some(Box::pin(stream)),
        sql: sql.to_owned(),
        prefix_length: prefix.len(),
        options: options.clone(),
    })
}

/// The rows of a query, in batches. Dropped before its end, the server goes on sending to nobody: drop
/// the client too.
pub struct Rows {
    schema: SchemaRef,
    columns: Columns,
    /// None when it is used up.
    stream: Option<Pin<Box<SimpleQueryStream>>>,
    sql: String,
    prefix_length: usize,
    options: Options,
}

impl Rows {
    /// The columns; known even when no row follows.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The next batch, never an empty one. None after the last one, and after an error.
    pub async fn next(&mut self) -> Option<Result<RecordBatch, ReadError>> {
        match self.fill().await {
            Ok(()) if self.columns.rows() == 0 => None,
            Ok(()) => Some(Ok(self.columns.finish(&self.schema))),
            Err(error) => {
                self.stream = None;
                self.columns.finish(&self.schema);
                Some(Err(error))
            }
        }
    }

    /// What was read otherwise than it stood there, in sentences; complete after the last batch.
    pub fn warnings(&self) -> Vec<String> {
        self.columns.warnings(&self.schema)
    }

    /// Takes rows until the batch is full or the result is at its end.
    async fn fill(&mut self) -> Result<(), ReadError> {
        let patience = self.options.statement_timeout + GRACE;
        while let Some(stream) = &mut self.stream {
            let message = timeout(patience, stream.next())
                .await
                .map_err(|_| ReadError::NoAnswer { seconds: patience.as_secs() })?;
            match message {
                None => self.stream = None,
                Some(Ok(SimpleQueryMessage::Row(row))) => {
                    self.columns.push(&self.schema, &row)?;
                    if self.columns.rows() >= self.options.batch_rows.max(1)
                        || self.columns.bytes() >= self.options.batch_bytes_max
                    {
                        return Ok(());
                    }
                }
                // The end of SET, the names again, the end of the query.
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    return Err(ReadError::from_server(error, &self.sql, self.prefix_length));
                }
            }
        }
        Ok(())
    }
}

/// Sets what the reading of text relies on; says whether the server knows read-only transactions.
async fn prepare_session(client: &Client, options: &Options) -> Result<bool, ReadError> {
    let milliseconds = options.statement_timeout.as_millis();
    let settings = format!(
        "SET client_encoding TO 'UTF8'; SET DateStyle TO 'ISO'; SET statement_timeout TO {milliseconds}"
    );
    let told = |error| ReadError::from_server(error, &settings, 0);
    client.batch_execute(&settings).await.map_err(told)?;
    // Servers before PostgreSQL 12, such as Redshift, drop the last digits of a float unless told so; one
    // that does not know the setting sends what it sends.
    let _ = client.batch_execute("SET extra_float_digits TO 2").await;
    let answer = client.simple_query("SHOW server_version").await.map_err(told)?;
    let version = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    // Redshift says 8.0.2. It has no such setting; its users of the data share cannot write anyway.
    Ok(version.is_some_and(|version| !version.starts_with("8.")))
}

/// The names and types of the result's columns, from the server's description of the statement.
async fn describe(client: &Client, sql: &str) -> Result<Vec<(String, columns::Kind)>, ReadError> {
    let described =
        client.prepare(sql).await.map_err(|error| ReadError::from_server(error, sql, 0))?;
    if !described.params().is_empty() {
        return Err(ReadError::Parameters { count: described.params().len() });
    }
    let columns: Vec<_> = described
        .columns()
        .iter()
        .map(|column| (column.name().to_owned(), columns::Kind::of(column.type_())))
        .collect();
    if columns.is_empty() {
        return Err(ReadError::NoColumns);
    }
    let mut names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let mut twice: Vec<String> =
        names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].to_owned()).collect();
    twice.dedup();
    if twice.is_empty() { Ok(columns) } else { Err(ReadError::DuplicateColumns { names: twice }) }
}

async fn in_time<T>(step: impl Future<Output = Result<T, ReadError>>) -> Result<T, ReadError> {
    let seconds = PREPARATION_TIME_MAX.as_secs();
    timeout(PREPARATION_TIME_MAX, step).await.unwrap_or(Err(ReadError::NoAnswer { seconds }))
}
