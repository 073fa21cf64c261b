//! One column: values in, Arrow arrays out, what does not fit counted.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value;

use super::value::{self, Misfit};
use crate::resource::Kind;

const UTC: &str = "UTC";

/// A column that is being built.
#[derive(Debug)]
pub(super) struct ColumnBuilder {
    name: String,
    kind: Kind,
    values: Values,
    misfits: u64,
    /// The first value that did not fit, with the id of its record.
    first_misfit: Option<(String, Option<String>)>,
}

#[derive(Debug)]
enum Values {
    Integer(Int64Builder),
    Decimal(Float64Builder),
    Boolean(BooleanBuilder),
    Text(StringBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
}

/// A value in a message is cut here.
const EXAMPLE_MAX: usize = 60;

impl ColumnBuilder {
    pub(super) fn new(name: &str, kind: Kind) -> ColumnBuilder {
        let values = match kind {
            Kind::Integer => Values::Integer(Int64Builder::new()),
            Kind::Decimal => Values::Decimal(Float64Builder::new()),
            Kind::Boolean => Values::Boolean(BooleanBuilder::new()),
            Kind::Text | Kind::Texts | Kind::Json => Values::Text(StringBuilder::new()),
            Kind::Date => Values::Date(Date32Builder::new()),
            Kind::Timestamp => {
                Values::Timestamp(TimestampMicrosecondBuilder::new().with_timezone(UTC))
            }
        };
        ColumnBuilder { name: name.to_owned(), kind, values, misfits: 0, first_misfit: None }
    }

    /// Adds a value: null if there is none, or if it does not fit; `id` is its record's.
    pub(super) fn push(&mut self, value: Option<&Value>, id: Option<&Value>) {
        let value = value.unwrap_or(&Value::Null);
        let fits = match &mut self.values {
            Values::Integer(builder) => add(value::integer(value), |v| builder.append_option(v)),
            Values::Decimal(builder) => add(value::decimal(value), |v| builder.append_option(v)),
            Values::Boolean(builder) => add(value::boolean(value), |v| builder.append_option(v)),
            Values::Date(builder) => add(value::date(value), |v| builder.append_option(v)),
            Values::Timestamp(builder) => {
                add(value::timestamp(value), |v| builder.append_option(v))
            }
            Values::Text(builder) => {
                let text = match self.kind {
                    Kind::Texts => value::texts(value),
                    Kind::Json => value::json(value),
                    _ => value::text(value),
                };
                builder.append_option(text);
                true
            }
        };
        if !fits {
            self.misfits += 1;
            self.first_misfit
                .get_or_insert_with(|| (shortened(&value.to_string()), id.map(Value::to_string)));
        }
    }

    /// The array of what was added since the last time.
    pub(super) fn take(&mut self) -> ArrayRef {
        match &mut self.values {
            Values::Integer(builder) => Arc::new(builder.finish()),
            Values::Decimal(builder) => Arc::new(builder.finish()),
            Values::Boolean(builder) => Arc::new(builder.finish()),
            Values::Text(builder) => Arc::new(builder.finish()),
            Values::Date(builder) => Arc::new(builder.finish()),
            // A finished builder keeps its time zone.
            Values::Timestamp(builder) => Arc::new(builder.finish()),
        }
    }

    /// The sentence about what did not fit.
    pub(super) fn warning(&self) -> Option<String> {
        let (example, id) = self.first_misfit.as_ref()?;
        let values = match self.misfits {
            1 => format!("1 value is no {} and was left empty:", noun(self.kind)),
            many => format!(
                "{many} values are no {} and were left empty, the first is",
                noun(self.kind)
            ),
        };
        let record = id.as_ref().map(|id| format!(" (record {id})")).unwrap_or_default();
        Some(format!("column `{}`: {values} {example}{record}", self.name))
    }
}

/// The Arrow type of a kind of column.
pub(super) fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Integer => DataType::Int64,
        Kind::Decimal => DataType::Float64,
        Kind::Boolean => DataType::Boolean,
        Kind::Text | Kind::Texts | Kind::Json => DataType::Utf8,
        Kind::Date => DataType::Date32,
        Kind::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
    }
}

/// Adds what was read, or null; whether it fitted.
fn add<T>(read: Result<Option<T>, Misfit>, append: impl FnOnce(Option<T>)) -> bool {
    let fits = read.is_ok();
    append(read.unwrap_or(None));
    fits
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer => "whole number",
        Kind::Decimal => "number",
        Kind::Boolean => "yes or no",
        Kind::Date => "day",
        Kind::Timestamp => "time",
        Kind::Text | Kind::Texts | Kind::Json => "text",
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(EXAMPLE_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
