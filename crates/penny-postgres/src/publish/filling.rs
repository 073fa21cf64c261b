//! Rows sent to a table through COPY in its binary form.

use std::pin::Pin;

use arrow_array::{BooleanArray, RecordBatch};
use arrow_select::filter::filter_record_batch;
use bytes::Bytes;
use futures_util::SinkExt;
use tokio_postgres::{CopyInSink, Transaction};

use super::copy::SIGNATURE;
use super::delta::Noting;
use super::encode::Notes;
use super::intake::Intake;
use super::plan::Plan;
use super::rows::Rows;
use super::table_name::quote;
use super::{Publication, PublishError};

/// What is sent at once: large enough for the network, small enough to stay in the cache.
pub(super) const CHUNK_BYTES: usize = 256 << 10;

/// A COPY that is under way; dropped before its end, nothing was written.
pub(super) struct Filling<'a> {
    sink: Pin<Box<CopyInSink<Bytes>>>,
    publication: &'a Publication,
    /// Rows that are encoded and not sent yet.
    pub chunk: Vec<u8>,
    bytes: u64,
}

impl<'a> Filling<'a> {
    /// Begins to fill the columns of the plan. Rows of a `new` table, one that this transaction has made,
    /// are born as old as any: no reader's first look has to mark them, and no VACUUM to freeze them.
    pub(super) async fn begin(
        transaction: &Transaction<'_>,
        publication: &'a Publication,
        plan: &Plan,
        new: bool,
    ) -> Result<Filling<'a>, PublishError> {
        let columns: Vec<String> = plan.columns.iter().map(|column| quote(&column.name)).collect();
        let statement = format!(
            "COPY {} ({}) FROM STDIN (FORMAT binary{})",
            publication.table.sql(),
            columns.join(", "),
            if new { ", FREEZE" } else { "" }
        );
        let failed = |error| PublishError::server(&publication.table, "write", error);
        let sink = Box::pin(transaction.copy_in(&statement).await.map_err(failed)?);
        let mut chunk = empty_chunk();
        chunk.extend_from_slice(SIGNATURE);
        chunk.extend_from_slice(&[0; 8]);
        Ok(Filling { sink, publication, chunk, bytes: 0 })
    }

    /// Sends what is encoded, once it is worth it.
    pub(super) async fn send_if_full(&mut self) -> Result<(), PublishError> {
        if self.chunk.len() < CHUNK_BYTES { Ok(()) } else { self.send().await }
    }

    /// Ends the COPY: the rows are in the table once the transaction commits. Returns the bytes sent.
    pub(super) async fn end(mut self) -> Result<u64, PublishError> {
        self.chunk.extend_from_slice(&(-1i16).to_be_bytes());
        self.send().await?;
        let failed = |error| PublishError::server(&self.publication.table, "write", error);
        self.sink.as_mut().finish().await.map_err(failed)?;
        Ok(self.bytes)
    }

    async fn send(&mut self) -> Result<(), PublishError> {
        self.bytes += self.chunk.len() as u64;
        let chunk = std::mem::replace(&mut self.chunk, empty_chunk());
        if self.sink.send(Bytes::from(chunk)).await.is_ok() {
            return Ok(());
        }
        // The server has refused a row; its reason comes with the end.
        match self.sink.as_mut().finish().await {
            Err(error) => Err(PublishError::server(&self.publication.table, "write", error)),
            Ok(_) => unreachable!("a COPY whose data was refused does not end well"),
        }
    }
}

fn empty_chunk() -> Vec<u8> {
    Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 4)
}

/// Sends the rows that are not `unchanged` (all, when it is `None`), of which `noting` keeps marks; returns how
/// many, and their bytes.
pub(super) async fn send_rows(
    transaction: &Transaction<'_>,
    publication: &Publication,
    intake: &mut Intake<'_>,
    unchanged: Option<&[bool]>,
    mut noting: Option<&mut Noting>,
) -> Result<(u64, u64), PublishError> {
    let (schema, plan, spool) = intake.parts();
    let mut filling = Filling::begin(transaction, publication, plan, plan.creates()).await?;
    // The values were counted when they arrived.
    let mut notes = vec![Notes::default(); plan.columns.len()];
    let (mut rows_seen, mut rows_sent) = (0usize, 0u64);
    for batch in spool.batches()? {
        let batch = batch?;
        // Only what is sent is looked at: mostly a row here and a row there.
        let of_batch = unchanged.map(|all| &all[rows_seen..rows_seen + batch.num_rows()]);
        let sent = of_batch.map_or_else(|| batch.clone(), |unchanged| without(&batch, unchanged));
        let rows = Rows::new(&sent, schema);
        for row in 0..rows.len() {
            rows.encode(row, &plan.columns, &mut filling.chunk, &mut notes)
                .expect("the row was encoded for the same columns when it arrived");
            if let Some(noting) = &mut noting {
                noting.sent(&rows, row);
            }
            filling.send_if_full().await?;
        }
        rows_sent += rows.len() as u64;
        rows_seen += batch.num_rows();
    }
    Ok((rows_sent, filling.end().await?))
}

/// The rows that are not `unchanged`.
fn without(batch: &RecordBatch, unchanged: &[bool]) -> RecordBatch {
    let wanted: BooleanArray = unchanged.iter().map(|unchanged| Some(!unchanged)).collect();
    filter_record_batch(batch, &wanted).expect("a batch can be filtered, whatever its columns are")
}
