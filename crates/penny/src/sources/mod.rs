//! Where data come from: Pennylane's API and data share, real or simulated; and where they go to.

mod api;
mod load;
mod redshift;
pub mod sandbox;

pub use api::{ApiRequest, client, fetch_api};
pub use load::{LoadRequest, load};
pub use redshift::{fetch_redshift, target as redshift_target};

use std::io::Write;

use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::SchemaRef;

use crate::error::{Error, Kind, Result};

/// Writes batches as an Arrow IPC stream.
pub(crate) struct ArrowOut<W: Write> {
    writer: StreamWriter<W>,
}

impl<W: Write> ArrowOut<W> {
    /// Begins the stream with its schema.
    pub fn begin(out: W, schema: &SchemaRef) -> Result<ArrowOut<W>> {
        let writer = StreamWriter::try_new(out, schema).map_err(pipe_error)?;
        Ok(ArrowOut { writer })
    }

    /// Adds a batch.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch).map_err(pipe_error)
    }

    /// Ends the stream: a reader knows that it has everything.
    pub fn end(mut self) -> Result<()> {
        self.writer.finish().map_err(pipe_error)
    }
}

/// Whoever reads the stream went away, or the disk is full.
fn pipe_error(error: arrow_schema::ArrowError) -> Error {
    Error::new(Kind::Missing, "the data could not be handed on").because(error)
}
