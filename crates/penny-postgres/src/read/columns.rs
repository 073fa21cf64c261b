//! From rows of text to Arrow columns.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, SchemaRef, TimeUnit};
use tokio_postgres::SimpleQueryRow;
use tokio_postgres::types::Type;

use super::error::ReadError;
use super::text::{self, Moment};

/// A value in a message is cut to this length.
const VALUE_CHARS_MAX: usize = 60;

/// What a column of the result becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Integer,
    Float,
    Date,
    Timestamp,
    TimestampUtc,
    Text,
}

impl Kind {
    /// Amounts are numbers to a notebook, so `numeric` is a float; what has no better place is text.
    pub(super) fn of(postgres: &Type) -> Self {
        match *postgres {
            Type::BOOL => Self::Boolean,
            Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => Self::Integer,
            Type::FLOAT4 | Type::FLOAT8 | Type::NUMERIC => Self::Float,
            Type::DATE => Self::Date,
            Type::TIMESTAMP => Self::Timestamp,
            Type::TIMESTAMPTZ => Self::TimestampUtc,
            _ => Self::Text,
        }
    }

    pub(super) fn field(self, name: &str) -> Field {
        let data_type = match self {
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::TimestampUtc => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Text => DataType::Utf8,
        };
        Field::new(name, data_type, true)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Float => "a number",
            Self::Date => "a date",
            Self::Timestamp | Self::TimestampUtc => "a timestamp",
            Self::Text => "text",
        }
    }
}

/// The columns of the batch that is being filled.
pub(super) struct Columns {
    columns: Vec<Column>,
    rows: usize,
    rows_before: u64,
    bytes: usize,
}

struct Column {
    kind: Kind,
    values: Values,
    endless: u64,
}

enum Values {
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Float(Float64Builder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    Text(StringBuilder),
}

impl Columns {
    pub(super) fn new(schema: &SchemaRef, kinds: impl Iterator<Item = Kind>) -> Self {
        let column = |(kind, field): (Kind, &Arc<Field>)| {
            let values = match kind {
                Kind::Boolean => Values::Boolean(BooleanBuilder::new()),
                Kind::Integer => Values::Integer(Int64Builder::new()),
                Kind::Float => Values::Float(Float64Builder::new()),
                Kind::Date => Values::Date(Date32Builder::new()),
                Kind::Timestamp | Kind::TimestampUtc => Values::Timestamp(
                    TimestampMicrosecondBuilder::new().with_data_type(field.data_type().clone()),
                ),
                Kind::Text => Values::Text(StringBuilder::new()),
            };
            Column { kind, values, endless: 0 }
        };
        let columns = kinds.zip(schema.fields()).map(column).collect();
        Self { columns, rows: 0, rows_before: 0, bytes: 0 }
    }

    /// Rows in the batch so far.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of text that the batch came from so far.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(
        &mut self,
        schema: &SchemaRef,
        row: &SimpleQueryRow,
    ) -> Result<(), ReadError> {
        if row.len() != self.columns.len() {
            return Err(ReadError::OtherColumns { described: self.columns.len(), sent: row.len() });
        }
        for (index, column) in self.columns.iter_mut().enumerate() {
            let unfit = |value: &str| ReadError::Value {
                column: schema.field(index).name().clone(),
                row: self.rows_before + self.rows as u64 + 1,
                value: value.chars().take(VALUE_CHARS_MAX).collect(),
                wanted: column.kind.words(),
            };
            let value = row.try_get(index).map_err(|_| unfit("(not UTF-8)"))?;
            self.bytes += value.map_or(0, str::len);
            if column.values.append(value, &mut column.endless).is_none() {
                return Err(unfit(value.unwrap_or_default()));
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// The batch, and an empty one is begun.
    pub(super) fn finish(&mut self, schema: &SchemaRef) -> RecordBatch {
        let arrays = self.columns.iter_mut().map(|column| column.values.finish()).collect();
        self.rows_before += self.rows as u64;
        self.rows = 0;
        self.bytes = 0;
        RecordBatch::try_new(Arc::clone(schema), arrays)
            .expect("each builder was made for its field")
    }

    pub(super) fn warnings(&self, schema: &SchemaRef) -> Vec<String> {
        let endless =
            self.columns.iter().zip(schema.fields()).filter(|(column, _)| column.endless > 0);
        endless
            .map(|(column, field)| {
                let (count, name) = (column.endless, field.name());
                let values = if count == 1 { "value" } else { "values" };
                format!("column `{name}`: {count} infinite {values} became empty (NULL)")
            })
            .collect()
    }
}

impl Values {
    /// None when the text is no such value.
    fn append(&mut self, text: Option<&str>, endless: &mut u64) -> Option<()> {
        match self {
            Self::Boolean(values) => values.append_option(parsed(text, text::boolean)?),
            Self::Integer(values) => values.append_option(parsed(text, |text| text.parse().ok())?),
            Self::Float(values) => values.append_option(parsed(text, |text| text.parse().ok())?),
            Self::Date(values) => {
                let days = finite(parsed(text, text::date)?, endless);
                values.append_option(days.and_then(|days| i32::try_from(days).ok()));
            }
            Self::Timestamp(values) => {
                values.append_option(finite(parsed(text, text::timestamp)?, endless));
            }
            Self::Text(values) => values.append_option(text),
        }
        Some(())
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Boolean(values) => Arc::new(values.finish()),
            Self::Integer(values) => Arc::new(values.finish()),
            Self::Float(values) => Arc::new(values.finish()),
            Self::Date(values) => Arc::new(values.finish()),
            Self::Timestamp(values) => Arc::new(values.finish()),
            Self::Text(values) => Arc::new(values.finish()),
        }
    }
}

/// The outer None is a text that cannot be read, the inner one NULL.
fn parsed<T>(text: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    text.map_or(Some(None), |text| parse(text).map(Some))
}

fn finite(moment: Option<Moment>, endless: &mut u64) -> Option<i64> {
    match moment? {
        Moment::At(at) => Some(at),
        Moment::Endless => {
            *endless += 1;
            None
        }
    }
}
