//! One cell of the data, whatever Arrow array it comes from.

use std::borrow::Cow;

use arrow_buffer::i256;

/// One cell of the data. Between Arrow's types and PostgreSQL's, so that each side is written once.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    /// Any integer, signed or not.
    Int(i128),
    /// Kept apart from [`Value::Float`] since its shortest text is another one.
    Float32(f32),
    Float(f64),
    /// An integer and how many of its digits are behind the point.
    Decimal(i128, i8),
    /// The same, for more than 38 digits.
    BigDecimal(i256, i8),
    Text(&'a str),
    /// JSON text.
    Json(Cow<'a, str>),
    Bytes(&'a [u8]),
    /// Days from 1970-01-01.
    Date(i64),
    Timestamp {
        /// Microseconds from 1970-01-01, in UTC when there is a zone.
        micros: i128,
        /// Whether the moment is one in the world's time, not a clock's.
        zoned: bool,
        /// Whether nanoseconds were cut off.
        cut: bool,
    },
    Time {
        /// Microseconds from midnight.
        micros: i64,
        /// Whether nanoseconds were cut off.
        cut: bool,
    },
    Interval {
        months: i32,
        days: i32,
        micros: i64,
        /// Whether nanoseconds were cut off.
        cut: bool,
    },
}

impl Value<'_> {
    /// Whether it becomes NULL: an empty cell, or pandas' NaN.
    pub(super) fn is_null(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Float(number) => number.is_nan(),
            Value::Float32(number) => number.is_nan(),
            _ => false,
        }
    }
}
