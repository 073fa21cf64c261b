//! An Arrow stream becomes a table: what `penny load` does, and `penny.publish` calls.

use std::io::Read;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_schema::{ArrowError, SchemaRef};
use jiff::Timestamp;
use penny_postgres::publish::{self, Publication, PublishError, Report, TableName};
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::Client;

use crate::database::Database;
use crate::error::{Error, Result, sentence_of};
use crate::store::{Published, RunId, Store};

/// What `penny load TABLE` is asked for.
pub struct LoadRequest {
    /// `table` or `schema.table`.
    pub table: String,
    /// The schema, when the table's name has none.
    pub schema: Option<String>,
    /// The columns of the primary key.
    pub key: Vec<String>,
    /// Whether columns that are no longer published are dropped.
    pub drop_missing: bool,
}

/// How many rows a sender says that it sends: a stream that is cut off between two batches looks
/// complete otherwise, and half a table would be published.
const ROWS: &str = "penny.rows";

/// How long a publish waits, all in all, for another one of the same table, and for a report that is being
/// refreshed while a column's type changes.
const LOCKS_MAX: Duration = Duration::from_secs(60);

/// How many batches may wait for the database.
const BATCHES_WAITING: usize = 2;

/// A table that was published: readers see it.
pub struct Loaded {
    /// What the publish did.
    pub report: Report,
    client: Client,
    publication: Publication,
}

impl Loaded {
    /// What the table needs afterwards, and nobody has to wait for.
    pub async fn settle(self) {
        publish::settle(&self.client, &self.publication, &self.report).await;
    }
}

/// Publishes the stream; the report is also kept in the history.
///
/// # Errors
/// What is wrong with the data or the database, by table, column and row. The table is then as before.
pub async fn load(
    database: &Database,
    store: &Store,
    run: Option<RunId>,
    request: &LoadRequest,
    input: impl Read + Send + 'static,
) -> Result<Loaded> {
    let publication = Publication {
        table: table_of(request, &database.schema)?,
        key: request.key.clone(),
        drop_missing: request.drop_missing,
        lock_timeout: LOCKS_MAX,
        readers: database.reader.iter().cloned().collect(),
    };
    let (schema, batches) = batches(input).await?;
    let mut client = database.connect().await?;
    let batches = Box::pin(batches);
    let (report, delta) =
        publish::publish(&mut client, &publication, schema, batches).await.map_err(failed)?;
    let published = Published {
        table: format!("{}.{}", publication.table.schema, publication.table.table),
        rows: report.rows,
        at: Timestamp::now(),
        report: serde_json::to_string(&report).unwrap_or_default(),
    };
    store.add_publish(run, &published, Some(&delta))?;
    Ok(Loaded { report, client, publication })
}

/// The table that is asked for, in the schema of its name, of the request, or in the usual one.
fn table_of(request: &LoadRequest, usual: &str) -> Result<TableName> {
    let schema = request.schema.as_deref();
    let table = TableName::parse(&request.table, schema.unwrap_or(usual)).map_err(failed)?;
    match schema {
        Some(schema) if schema != table.schema => {
            let name = &request.table;
            Err(Error::usage(format!("the table `{name}` is not in the schema `{schema}`"))
                .hint("name the schema once: before the table's name, or as the schema"))
        }
        _ => Ok(table),
    }
}

/// What is wrong with the request or the data is the user's to mend; the rest is the server's.
fn failed(error: PublishError) -> Error {
    use PublishError::{
        Busy, ColumnName, Disconnected, DuplicateColumn, KeyColumnMissing, NoColumns, Unsettled,
        WrongTableName,
    };
    let sentence = sentence_of(&error);
    let may_pass = matches!(error, Busy { .. } | Disconnected { .. } | Unsettled { .. });
    let refused = match error {
        WrongTableName { .. } | NoColumns | ColumnName { .. } => Error::usage(sentence),
        DuplicateColumn { .. } | KeyColumnMissing { .. } => Error::usage(sentence),
        _ => Error::missing(sentence),
    };
    refused.hint_if(error.hint()).passing(may_pass)
}

type Batches = futures_util::stream::BoxStream<'static, Result<RecordBatch, ArrowError>>;

/// Reads the stream on a thread of its own, since it blocks; the database sets the pace.
async fn batches(input: impl Read + Send + 'static) -> Result<(SchemaRef, Batches)> {
    let (tell_schema, schema) = oneshot::channel();
    let (tell, told) = mpsc::channel(BATCHES_WAITING);
    std::thread::spawn(move || {
        let mut reader = match StreamReader::try_new(Ending::of(input), None) {
            Ok(reader) => reader,
            Err(e) => return drop(tell_schema.send(Err(e))),
        };
        if tell_schema.send(Ok(reader.schema())).is_err() {
            return;
        }
        let announced = reader.schema().metadata.get(ROWS).and_then(|rows| rows.parse().ok());
        let mut received = 0;
        for batch in reader.by_ref() {
            received += batch.as_ref().map_or(0, RecordBatch::num_rows);
            // The publish failed and nobody listens any more.
            if tell.blocking_send(batch).is_err() {
                return;
            }
        }
        let whole = reader.get_ref().is_marked();
        if !whole || announced.is_some_and(|rows: usize| rows != received) {
            let _ = tell.blocking_send(Err(cut_off()));
        }
    });
    let schema = schema.await.map_err(|_| not_arrow())?.map_err(|_| not_arrow())?;
    let batches = futures_util::stream::unfold(told, |mut told| async {
        told.recv().await.map(|batch| (batch, told))
    });
    Ok((schema, Box::pin(batches)))
}

/// Remembers how the input ended: a stream whose sender died between two batches has no mark of its end,
/// and half a table would be published (`penny fetch … | penny load …` knows no number of rows).
struct Ending<R> {
    input: R,
    last: [u8; 8],
}

impl<R: Read> Ending<R> {
    /// Arrow's mark of the end of a stream.
    const MARK: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

    fn of(input: R) -> Ending<R> {
        Ending { input, last: [0; 8] }
    }

    fn is_marked(&self) -> bool {
        self.last == Self::MARK
    }
}

impl<R: Read> Read for Ending<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        let news = &buffer[read.saturating_sub(8)..read];
        self.last.rotate_left(news.len());
        self.last[8 - news.len()..].copy_from_slice(news);
        Ok(read)
    }
}

fn cut_off() -> ArrowError {
    ArrowError::ExternalError("its sender ended before it had sent everything".into())
}

fn not_arrow() -> Error {
    Error::usage("standard input is no Arrow stream")
        .hint("use penny.publish(df, \"table\") in a notebook, or pipe an Arrow IPC stream in")
}
