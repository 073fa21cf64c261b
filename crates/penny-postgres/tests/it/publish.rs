//! Publishing to a real PostgreSQL.

mod crashes;
mod evolution;
mod foreign;
mod looking_back;
mod numbers;
mod overlap;
mod refusals;
mod together;
mod values;
mod versions;
mod views;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use futures_util::stream;
use penny_postgres::publish::{Publication, PublishError, Report, TableName, publish};
use tokio_postgres::Client;

use crate::server::Place;

/// A publication with the rules that most tests want.
pub fn publication(schema: &str, table: &str) -> Publication {
    Publication {
        table: TableName { schema: schema.to_owned(), table: table.to_owned() },
        key: Vec::new(),
        drop_missing: false,
        lock_timeout: Duration::from_secs(30),
        readers: Vec::new(),
    }
}

/// A frame of these columns, in one batch.
pub fn frame(columns: &[(&str, ArrayRef)]) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let arrays = columns.iter().map(|(_, array)| Arc::clone(array)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

/// The frame with a field's metadata saying that its text is JSON.
pub fn with_json(batch: RecordBatch, column: &str) -> RecordBatch {
    let fields: Vec<Field> = batch
        .schema()
        .fields()
        .iter()
        .map(|field| {
            let metadata = HashMap::from([("penny.type".to_owned(), "jsonb".to_owned())]);
            let field = field.as_ref().clone();
            if field.name() == column { field.with_metadata(metadata) } else { field }
        })
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), batch.columns().to_vec()).unwrap()
}

/// The schema of a sender that has so many rows, all of them at hand.
pub fn announcing(schema: &Schema, rows: usize) -> SchemaRef {
    let mut metadata = schema.metadata().clone();
    metadata.insert("penny.rows".to_owned(), rows.to_string());
    Arc::new(schema.clone().with_metadata(metadata))
}

pub fn ints(values: impl IntoIterator<Item = impl Into<Option<i64>>>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<Int64Array>())
}

pub fn small_ints(values: impl IntoIterator<Item = impl Into<Option<i32>>>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<Int32Array>())
}

pub fn floats(values: impl IntoIterator<Item = impl Into<Option<f64>>>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<Float64Array>())
}

pub fn bools(values: impl IntoIterator<Item = impl Into<Option<bool>>>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<BooleanArray>())
}

pub fn texts<'a>(values: impl IntoIterator<Item = impl Into<Option<&'a str>>>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<StringArray>())
}

/// Publishes the batches.
pub async fn send(
    client: &mut Client,
    publication: &Publication,
    schema: SchemaRef,
    batches: Vec<Result<RecordBatch, ArrowError>>,
) -> Result<Report, PublishError> {
    publish(client, publication, schema, stream::iter(batches)).await.map(|(report, _)| report)
}

impl Place {
    /// Publishes the frame as `table`, by the usual rules.
    pub async fn try_publish(
        &mut self,
        table: &str,
        frame: RecordBatch,
    ) -> Result<Report, PublishError> {
        self.publish_by(&publication(&self.schema.clone(), table), frame).await
    }

    /// Publishes the frame by these rules, as a DataFrame is sent: it says how many rows it has.
    pub async fn publish_by(
        &mut self,
        publication: &Publication,
        frame: RecordBatch,
    ) -> Result<Report, PublishError> {
        let schema = announcing(&frame.schema(), frame.num_rows());
        send(&mut self.client, publication, schema, vec![Ok(frame)]).await
    }

    /// Publishes the frame as `table`, by the usual rules, and it must go well.
    pub async fn publish(&mut self, table: &str, frame: RecordBatch) -> Report {
        self.try_publish(table, frame).await.unwrap_or_else(|error| panic!("{error}: {error:?}"))
    }

    /// The sentence with which a publish ends.
    pub async fn refusal(&mut self, table: &str, frame: RecordBatch) -> String {
        self.try_publish(table, frame).await.expect_err("the publish was to be refused").to_string()
    }
}
