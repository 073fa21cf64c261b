//! The batches, kept aside: they are gone through once to find the types and once to be sent.

use std::io::{BufReader, BufWriter, Seek, SeekFrom};

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Schema};
use tempfile::SpooledTempFile;

use super::PublishError;

/// Data up to this size stays in memory.
const MEMORY_BYTES_MAX: usize = 16 << 20;

const BUFFER_BYTES: usize = 1 << 20;

/// The batches, kept in memory while they are few and in a temporary file without a name afterwards,
/// which the operating system removes whatever happens.
pub(super) struct Spool {
    state: State,
}

enum State {
    Writing(Box<StreamWriter<BufWriter<SpooledTempFile>>>),
    Written(SpooledTempFile),
}

impl Spool {
    pub(super) fn new(schema: &Schema) -> Result<Spool, PublishError> {
        let file = BufWriter::with_capacity(BUFFER_BYTES, SpooledTempFile::new(MEMORY_BYTES_MAX));
        let writer = StreamWriter::try_new(file, schema).map_err(failed)?;
        Ok(Spool { state: State::Writing(Box::new(writer)) })
    }

    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<(), PublishError> {
        let State::Writing(writer) = &mut self.state else {
            unreachable!("batches are pushed before they are read");
        };
        writer.write(batch).map_err(failed)
    }

    /// Ends the writing; batches can be read from now on, any number of times.
    pub(super) fn finish(self) -> Result<Spool, PublishError> {
        let State::Writing(writer) = self.state else { return Ok(self) };
        // Ends the stream and flushes the buffer.
        let buffer = writer.into_inner().map_err(failed)?;
        let file =
            buffer.into_inner().map_err(|error| failed(ArrowError::from(error.into_parts().0)))?;
        Ok(Spool { state: State::Written(file) })
    }

    /// The batches, from the first.
    pub(super) fn batches(
        &mut self,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, PublishError>> + '_, PublishError> {
        let State::Written(file) = &mut self.state else {
            unreachable!("the spool is finished before it is read");
        };
        file.seek(SeekFrom::Start(0)).map_err(|error| failed(error.into()))?;
        let reader = BufReader::with_capacity(BUFFER_BYTES, file);
        let batches = StreamReader::try_new(reader, None).map_err(failed)?;
        Ok(batches.map(|batch| batch.map_err(failed)))
    }
}

fn failed(source: ArrowError) -> PublishError {
    PublishError::Spool { folder: std::env::temp_dir().display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array};

    use super::*;

    #[test]
    fn batches_come_back_in_order_as_often_as_wanted() {
        // 400 batches of 64 KB: more than what stays in memory.
        let batch = |number: i64| {
            let array: ArrayRef =
                Arc::new(Int64Array::from_iter_values((0..8192).map(|i| i + number)));
            RecordBatch::try_from_iter([("a", array)]).unwrap()
        };
        let mut spool = Spool::new(&batch(0).schema()).unwrap();
        for number in 0..400 {
            spool.push(&batch(number)).unwrap();
        }
        let mut spool = spool.finish().unwrap();
        for _ in 0..2 {
            let read: Vec<RecordBatch> = spool.batches().unwrap().map(Result::unwrap).collect();
            assert_eq!(read.len(), 400);
            assert!((0..400).all(|number| read[number as usize] == batch(number)));
        }
    }
}
