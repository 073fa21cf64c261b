//! What a publish does while its data still arrive, when the sender has them ready.
//!
//! A sender that says how many rows it has is a DataFrame in memory: it sends as fast as it is read. Then
//! nothing is gained by waiting for the last row. A new table is filled as the rows come, and a table
//! that is there is read back meanwhile. Whatever else turns up (a value that needs another column type,
//! a table that someone else changes, a sender that falls silent) ends this attempt without a trace, and
//! the publish goes its usual way with the data that were kept. A sender of unknown pace is waited for
//! without a lock.

use std::time::Instant;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use futures_util::Stream;
use tokio_postgres::{Client, Transaction};

use super::delta::RowChanges;
use super::filling::{CHUNK_BYTES, Filling};
use super::intake::{self, Intake, Silent};
use super::rows::Rows;
use super::transaction::{self, Outcome};
use super::{Publication, PublishError, catalog, copy, evolve};

/// Takes in all batches, and does the whole publish meanwhile if that can be; `None` if it is to follow.
pub(super) async fn run<S>(
    client: &mut Client,
    publication: &Publication,
    intake: &mut Intake<'_>,
    batches: &mut S,
) -> Result<Option<Outcome>, PublishError>
where
    S: Stream<Item = Result<RecordBatch, ArrowError>> + Unpin,
{
    let plan = &intake.plan;
    if !intake.sender_is_ready() || plan.alters() || plan.replaces_every_row() {
        intake.receive(batches, None).await?;
        return Ok(None);
    }
    match attempt(client, publication, intake, batches).await {
        Ok(Some(outcome)) => return Ok(Some(outcome)),
        Ok(None) => {}
        Err(error) if error.is_collision() => tracing::debug!(%error, "a publish is begun anew"),
        Err(error) => return Err(transaction::name_holder(client, publication, error).await),
    }
    intake.keep_rest(batches).await?;
    let table = catalog::look(&*client, &publication.table).await?;
    intake.replan(table)?;
    Ok(None)
}

async fn attempt<S>(
    client: &mut Client,
    publication: &Publication,
    intake: &mut Intake<'_>,
    batches: &mut S,
) -> Result<Option<Outcome>, PublishError>
where
    S: Stream<Item = Result<RecordBatch, ArrowError>> + Unpin,
{
    let until = Instant::now() + publication.lock_timeout;
    let mut transaction = transaction::begin(client, publication, until).await?;
    transaction::queue_up(&transaction, publication).await?;
    evolve::ensure_schema(&transaction, publication).await?;
    let table = transaction::lock(&transaction, publication).await?;
    if table != intake.plan.table {
        return Ok(None);
    }
    let outcome = match table {
        None => fill(&transaction, publication, intake, batches).await?,
        Some(table) => {
            let columns = intake.plan.columns.clone();
            let old = copy::old_rows(&transaction, publication, &columns);
            let silence_max = Some(publication.lock_timeout);
            let (old, received) = tokio::join!(old, intake.receive(batches, silence_max));
            if !received? || intake.is_widened() {
                return Ok(None);
            }
            let difference = Some(transaction::compare(intake, &old?));
            transaction::update(&mut transaction, publication, intake, &table, until, difference)
                .await
                .map(Some)?
        }
    };
    match outcome {
        Some(outcome) => transaction::conclude(transaction, publication, outcome).await.map(Some),
        None => Ok(None),
    }
}

/// Makes the table and fills it as the rows come; `None` if a value does not fit in its column's type, or
/// if the sender, for whom others wait, falls silent.
async fn fill<S>(
    transaction: &Transaction<'_>,
    publication: &Publication,
    intake: &mut Intake<'_>,
    batches: &mut S,
) -> Result<Option<Outcome>, PublishError>
where
    S: Stream<Item = Result<RecordBatch, ArrowError>> + Unpin,
{
    evolve::create(transaction, publication, &intake.plan).await?;
    let mut filling = Filling::begin(transaction, publication, &intake.plan, true).await?;
    let schema = intake.schema();
    loop {
        let batch = match intake::next(batches, Some(publication.lock_timeout)).await {
            Ok(Some(batch)) => intake.keep(batch)?,
            Ok(None) => break,
            Err(Silent) => return Ok(None),
        };
        let rows = Rows::new(&batch, &schema);
        let mut row = 0;
        while row < rows.len() {
            row = intake.encode_some(&rows, row, &mut filling.chunk, CHUNK_BYTES)?;
            if intake.is_widened() {
                return Ok(None);
            }
            filling.send_if_full().await?;
        }
    }
    intake.end()?;
    let bytes = filling.end().await?;
    let rows = RowChanges::Made;
    Ok(Some(Outcome { inserted: intake.rows(), bytes, rows, ..Outcome::default() }))
}
