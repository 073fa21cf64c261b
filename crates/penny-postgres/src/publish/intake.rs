//! The data as it arrives: kept aside, fitted to the table's types, and its rows fingerprinted.

use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema, SchemaRef};
use futures_util::{Stream, StreamExt};

use super::catalog::Table;
use super::encode::Notes;
use super::fingerprint::{Fingerprint, Hasher};
use super::plan::{self, Plan};
use super::rows::{Fault, Rows};
use super::spool::Spool;
use super::totals::{Adding, Totals};
use super::types::ColumnType;
use super::{Publication, PublishError, text};

/// The schema metadata in which the sender says what it had to change.
const WARNINGS_METADATA: &str = "penny.warnings";

/// The schema metadata in which a sender that has all of the data says how many rows there are.
const ROWS_METADATA: &str = "penny.rows";

/// The data, whole, with the plan that it fits.
pub(super) struct Intake<'a> {
    publication: &'a Publication,
    schema: SchemaRef,
    pub plan: Plan,
    /// `None` only while the batches are gone through.
    spool: Option<Spool>,
    /// How many batches have arrived.
    batches: u64,
    /// Whether all of them have.
    whole: bool,
    fit: Fit,
    /// What the columns come to so far.
    adding: Adding,
}

/// The sender said nothing for too long.
pub(super) struct Silent;

/// The next batch, if it comes in time.
pub(super) async fn next<S: Stream + Unpin>(
    batches: &mut S,
    silence_max: Option<Duration>,
) -> Result<Option<S::Item>, Silent> {
    match silence_max {
        Some(limit) => tokio::time::timeout(limit, batches.next()).await.map_err(|_| Silent),
        None => Ok(batches.next().await),
    }
}

/// What going through the rows has found.
#[derive(Default)]
struct Fit {
    rows: u64,
    /// By column of the plan.
    notes: Vec<Notes>,
    fingerprints: Vec<Fingerprint>,
    /// A sentence for each column whose type had to change.
    widenings: Vec<String>,
    /// Room for the encoded form of one row.
    row: Vec<u8>,
}

impl<'a> Intake<'a> {
    pub(super) fn new(
        publication: &'a Publication,
        schema: SchemaRef,
        table: Option<Table>,
    ) -> Result<Intake<'a>, PublishError> {
        let plan = Plan::new(publication, &schema, table)?;
        let spool = Some(Spool::new(&schema)?);
        let fit = Fit::for_plan(&plan);
        let adding = Adding::new(&schema);
        Ok(Intake { publication, schema, plan, spool, batches: 0, whole: false, fit, adding })
    }

    /// Whether the sender has all of the data already, since it says how many rows there are: then they
    /// arrive as fast as they are taken.
    pub(super) fn sender_is_ready(&self) -> bool {
        self.schema.metadata().contains_key(ROWS_METADATA)
    }

    /// Takes in all batches. While they arrive their rows are already encoded and fingerprinted, so that
    /// nothing but the comparison remains to be done under the lock. False when the sender kept silent for
    /// longer than `silence_max` before the last batch.
    pub(super) async fn receive<S>(
        &mut self,
        batches: &mut S,
        silence_max: Option<Duration>,
    ) -> Result<bool, PublishError>
    where
        S: Stream<Item = Result<RecordBatch, ArrowError>> + Unpin,
    {
        let mut hasher = self.hasher();
        loop {
            let batch = match next(batches, silence_max).await {
                Ok(Some(batch)) => self.keep(batch)?,
                Ok(None) => break,
                Err(Silent) => return Ok(false),
            };
            self.fit.take_in(
                self.publication,
                &self.schema,
                &mut self.plan,
                &mut hasher,
                &batch,
            )?;
        }
        self.end().map(|()| true)
    }

    /// Keeps the batches that are still to come; [`Intake::replan`] goes through them afterwards.
    pub(super) async fn keep_rest<S>(&mut self, batches: &mut S) -> Result<(), PublishError>
    where
        S: Stream<Item = Result<RecordBatch, ArrowError>> + Unpin,
    {
        while !self.whole {
            match batches.next().await {
                Some(batch) => drop(self.keep(batch)?),
                None => self.end()?,
            }
        }
        Ok(())
    }

    /// Keeps a batch that has arrived.
    pub(super) fn keep(
        &mut self,
        batch: Result<RecordBatch, ArrowError>,
    ) -> Result<RecordBatch, PublishError> {
        let batch = batch.map_err(|source| PublishError::Sender { rows: self.fit.rows, source })?;
        self.batches += 1;
        self.check_columns(&batch)?;
        self.adding.add(&batch);
        self.spool.as_mut().expect("the spool is there between two passes").push(&batch)?;
        Ok(batch)
    }

    /// No more batches come.
    pub(super) fn end(&mut self) -> Result<(), PublishError> {
        let spool = self.spool.take().expect("the spool is there between two passes");
        self.spool = Some(spool.finish()?);
        self.whole = true;
        Ok(())
    }

    /// Appends rows of a batch that was kept, from `row` on, in the form of COPY, until there is a chunk
    /// of it; the row to go on with.
    pub(super) fn encode_some(
        &mut self,
        rows: &Rows<'_>,
        mut row: usize,
        chunk: &mut Vec<u8>,
        chunk_bytes: usize,
    ) -> Result<usize, PublishError> {
        let (publication, schema) = (self.publication, &self.schema);
        while row < rows.len() && chunk.len() < chunk_bytes {
            self.fit.encode_row(publication, schema, &mut self.plan, rows, row, chunk)?;
            row += 1;
        }
        Ok(row)
    }

    /// Whether the type of a column had to change for a value.
    pub(super) fn is_widened(&self) -> bool {
        !self.fit.widenings.is_empty()
    }

    /// Goes through the data again, for a table that has changed meanwhile.
    pub(super) fn replan(&mut self, table: Option<Table>) -> Result<(), PublishError> {
        self.plan = Plan::new(self.publication, &self.schema, table)?;
        self.fit = Fit::for_plan(&self.plan);
        let mut hasher = self.hasher();
        let mut spool = self.spool.take().expect("the spool is there between two passes");
        for batch in spool.batches()? {
            self.fit.take_in(
                self.publication,
                &self.schema,
                &mut self.plan,
                &mut hasher,
                &batch?,
            )?;
        }
        self.spool = Some(spool);
        Ok(())
    }

    /// The fingerprints of the new rows, in their order. To be asked for once: a million take 16 MB.
    pub(super) fn take_fingerprints(&mut self) -> Vec<Fingerprint> {
        std::mem::take(&mut self.fit.fingerprints)
    }

    /// The batches, from the first, and what is needed to encode them.
    pub(super) fn parts(&mut self) -> (&Schema, &Plan, &mut Spool) {
        (
            &self.schema,
            &self.plan,
            self.spool.as_mut().expect("the spool is there between two passes"),
        )
    }

    /// Takes fingerprints of rows as the plan has them.
    pub(super) fn hasher(&self) -> Hasher {
        Hasher::new(self.plan.columns.iter().map(|column| &column.column_type))
    }

    /// What the table's columns come to, once all batches have arrived.
    pub(super) fn into_totals(self) -> Totals {
        self.adding.end(&self.schema, &self.plan)
    }

    pub(super) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    pub(super) fn rows(&self) -> u64 {
        self.fit.rows
    }

    /// How many columns the data has.
    pub(super) fn columns(&self) -> u32 {
        u32::try_from(self.schema.fields().len()).unwrap_or(u32::MAX)
    }

    /// What the user should know about the data.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = sender_warnings(&self.schema);
        warnings.extend(self.fit.widenings.iter().cloned());
        for (column, notes) in self.plan.columns.iter().zip(&self.fit.notes) {
            let name = &column.name;
            let mut say = |count: u64, what: &str| {
                if count > 0 {
                    let values = if count == 1 { "value" } else { "values" };
                    warnings.push(format!("column `{name}`: {count} {values} {what}"));
                }
            };
            say(
                notes.nul,
                "had NUL characters, which PostgreSQL does not allow; they were taken out",
            );
            say(notes.infinite, "became NULL, since the column's type has no infinity");
            say(notes.cut, "had nanoseconds; PostgreSQL keeps microseconds");
        }
        warnings.extend(self.plan.columns.iter().filter_map(|column| self.text_instead_of(column)));
        if self.fit.rows == 0 {
            warnings.push("the data has no rows, so the table is empty now".to_owned());
        }
        warnings
    }

    /// A column of text in the table that gets numbers or dates: they are written as text.
    fn text_instead_of(&self, column: &plan::PlannedColumn) -> Option<String> {
        let source = column.source?;
        let existing = column.existing.as_ref()?;
        let incoming = plan::natural(&self.schema, source);
        if column.retyped || column.empty || !existing.column_type.is_text() || incoming.is_text() {
            return None;
        }
        Some(format!(
            "column `{}`: the data is of type {incoming} and the table's column is {}, so it was written as text",
            column.name, existing.type_name
        ))
    }

    fn check_columns(&self, batch: &RecordBatch) -> Result<(), PublishError> {
        let announced = self.schema.fields().iter().map(|field| (field.name(), field.data_type()));
        let schema = batch.schema();
        if schema.fields().iter().map(|field| (field.name(), field.data_type())).eq(announced) {
            Ok(())
        } else {
            Err(PublishError::DifferentBatch { batch: self.batches })
        }
    }
}

impl Fit {
    fn for_plan(plan: &Plan) -> Fit {
        Fit { notes: vec![Notes::default(); plan.columns.len()], ..Fit::default() }
    }

    fn take_in(
        &mut self,
        publication: &Publication,
        schema: &Schema,
        plan: &mut Plan,
        hasher: &mut Hasher,
        batch: &RecordBatch,
    ) -> Result<(), PublishError> {
        let rows = Rows::new(batch, schema);
        let mut encoded = std::mem::take(&mut self.row);
        for row in 0..rows.len() {
            encoded.clear();
            self.encode_row(publication, schema, plan, &rows, row, &mut encoded)?;
            // A table that is written anew is not compared.
            if !plan.creates() && !plan.replaces_every_row() {
                let fingerprint = hasher.fingerprint(&encoded[2..]);
                self.fingerprints
                    .push(fingerprint.expect("the row was just encoded for these columns"));
            }
        }
        self.row = encoded;
        Ok(())
    }

    /// Appends one row, for which column types are widened until it fits.
    fn encode_row(
        &mut self,
        publication: &Publication,
        schema: &Schema,
        plan: &mut Plan,
        rows: &Rows<'_>,
        row: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), PublishError> {
        if self.rows >= u64::from(u32::MAX) {
            return Err(PublishError::TooManyRows);
        }
        self.rows += 1;
        while let Err(fault) = rows.encode(row, &plan.columns, out, &mut self.notes) {
            self.mend(fault, publication, schema, plan, rows, row)?;
        }
        Ok(())
    }

    /// Makes the row fit, by a wider column type, or says why it cannot.
    fn mend(
        &mut self,
        fault: Fault,
        publication: &Publication,
        schema: &Schema,
        plan: &mut Plan,
        rows: &Rows<'_>,
        row: usize,
    ) -> Result<(), PublishError> {
        let table = publication.table.to_string();
        let index = match fault {
            Fault::Empty(index) => {
                let column = plan.columns[index].name.clone();
                return Err(PublishError::EmptyValue { table, column, row: self.rows });
            }
            Fault::Misfit(index) => index,
        };
        let column = &plan.columns[index];
        let (name, from) = (column.name.clone(), column.column_type.to_string());
        let from_new = column.existing.is_none();
        let source = column.source.expect("only a value of the data can be a misfit");
        let value = rows.value(source, row);
        let shown = text::shown(&value);
        if !plan.widen(index, &incoming(&plan::natural(schema, source), &value)) {
            return Err(PublishError::CannotHold {
                table,
                column: name,
                column_type: from,
                row: self.rows,
                value: shown,
            });
        }
        let to = &plan.columns[index].column_type;
        let now = if from_new { "it is published as" } else { "the column is now" };
        self.widenings.push(format!(
            "column `{name}`: row {} has {shown}, which {from} cannot hold; {now} {to}",
            self.rows
        ));
        Ok(())
    }
}

/// The type that the value asks for: a date in milliseconds that is not midnight asks for a timestamp.
fn incoming(natural: &ColumnType, value: &super::value::Value<'_>) -> ColumnType {
    match (natural, value) {
        (ColumnType::Date, super::value::Value::Timestamp { .. }) => ColumnType::Timestamp,
        _ => natural.clone(),
    }
}

fn sender_warnings(schema: &Schema) -> Vec<String> {
    let Some(text) = schema.metadata().get(WARNINGS_METADATA) else { return Vec::new() };
    serde_json::from_str(text).unwrap_or_else(|_| vec![text.clone()])
}
