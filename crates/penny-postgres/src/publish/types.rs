//! Column types: those PostgreSQL has, the one that an Arrow type asks for, and which is wider.

use std::fmt;

use arrow_schema::{DataType, Field, TimeUnit};

/// The field metadata by which a sender says that a column of text holds JSON.
const TYPE_METADATA: &str = "penny.type";

/// A column type, as far as values are encoded differently for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ColumnType {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    /// Precision and scale, when the column has them.
    Numeric(Option<(i32, i32)>),
    Text,
    /// The longest length in characters.
    Varchar(i32),
    /// `char(n)`: the server fills up with spaces.
    Char(i32),
    /// The name of the enumeration.
    Enum(String),
    Bytea,
    Date,
    Timestamp,
    Timestamptz,
    Time,
    Interval,
    Json,
    Jsonb,
    Uuid,
    /// A type that Penny only fills with NULL, by its name.
    Other(String),
}

impl ColumnType {
    /// The type that a new column gets for an Arrow type; `None` when there is none.
    pub(super) fn natural(field: &Field) -> Option<ColumnType> {
        if field.metadata().get(TYPE_METADATA).is_some_and(|name| name == "jsonb") {
            return Some(ColumnType::Jsonb);
        }
        natural(field.data_type())
    }

    /// The type that holds what both hold, strictly wider than `self`; `None` when `self` is a type that
    /// is not Penny's to change.
    pub(super) fn widened(&self, incoming: &ColumnType) -> Option<ColumnType> {
        use ColumnType::*;
        let wider = match (self, incoming) {
            (Other(_) | Enum(_), _) => return None,
            (Bool, Int2 | Int4 | Int8) => incoming.clone(),
            (Bool | Int2 | Int4, Bool | Int2 | Int4 | Int8) => Int8,
            (Bool | Int2 | Int4 | Int8, Float4 | Float8) => Float8,
            (Float4, Int2 | Int4 | Int8 | Float4 | Float8) => Float8,
            (Bool | Int2 | Int4 | Int8 | Float4 | Float8 | Numeric(Some(_)), other)
                if other.is_numeric() =>
            {
                Numeric(None)
            }
            (Date, Date | Timestamp) => Timestamp,
            (Date | Timestamp, Timestamptz) => Timestamptz,
            _ => Text,
        };
        Some(if wider == *self { Text } else { wider })
    }

    fn is_numeric(&self) -> bool {
        use ColumnType::*;
        matches!(self, Bool | Int2 | Int4 | Int8 | Float4 | Float8 | Numeric(_))
    }

    /// Whether the column holds text of any length.
    pub(super) fn is_text(&self) -> bool {
        matches!(self, ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_))
    }
}

impl fmt::Display for ColumnType {
    /// The type as PostgreSQL writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            ColumnType::Bool => "boolean",
            ColumnType::Int2 => "smallint",
            ColumnType::Int4 => "integer",
            ColumnType::Int8 => "bigint",
            ColumnType::Float4 => "real",
            ColumnType::Float8 => "double precision",
            ColumnType::Numeric(None) => "numeric",
            ColumnType::Numeric(Some((precision, scale))) => {
                return write!(f, "numeric({precision},{scale})");
            }
            ColumnType::Text => "text",
            ColumnType::Varchar(length) => return write!(f, "character varying({length})"),
            ColumnType::Char(length) => return write!(f, "character({length})"),
            ColumnType::Bytea => "bytea",
            ColumnType::Date => "date",
            ColumnType::Timestamp => "timestamp without time zone",
            ColumnType::Timestamptz => "timestamp with time zone",
            ColumnType::Time => "time without time zone",
            ColumnType::Interval => "interval",
            ColumnType::Json => "json",
            ColumnType::Jsonb => "jsonb",
            ColumnType::Uuid => "uuid",
            ColumnType::Enum(name) | ColumnType::Other(name) => name,
        };
        f.write_str(name)
    }
}

fn natural(data_type: &DataType) -> Option<ColumnType> {
    Some(match data_type {
        DataType::Boolean => ColumnType::Bool,
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => ColumnType::Int2,
        DataType::Int32 | DataType::UInt16 => ColumnType::Int4,
        DataType::Int64 | DataType::UInt32 => ColumnType::Int8,
        DataType::UInt64 => ColumnType::Numeric(Some((20, 0))),
        DataType::Float16 | DataType::Float32 => ColumnType::Float4,
        DataType::Float64 => ColumnType::Float8,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => natural_numeric(*precision, *scale),
        DataType::Null | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            ColumnType::Text
        }
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => ColumnType::Bytea,
        DataType::Date32 | DataType::Date64 => ColumnType::Date,
        DataType::Timestamp(_, None) => ColumnType::Timestamp,
        DataType::Timestamp(_, Some(_)) => ColumnType::Timestamptz,
        DataType::Time32(TimeUnit::Second | TimeUnit::Millisecond)
        | DataType::Time64(TimeUnit::Microsecond | TimeUnit::Nanosecond) => ColumnType::Time,
        DataType::Duration(_) | DataType::Interval(_) => ColumnType::Interval,
        DataType::Dictionary(_, values) => natural(values)?,
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            natural(item.data_type())?;
            ColumnType::Jsonb
        }
        DataType::Map(entries, _) => {
            natural(entries.data_type())?;
            ColumnType::Jsonb
        }
        DataType::Struct(fields) => {
            for field in fields {
                natural(field.data_type())?;
            }
            ColumnType::Jsonb
        }
        _ => return None,
    })
}

/// `numeric(p,s)` as in Arrow; a negative scale, which older servers refuse, becomes whole digits.
fn natural_numeric(precision: u8, scale: i8) -> ColumnType {
    let (precision, scale) = (i32::from(precision), i32::from(scale));
    if scale < 0 {
        ColumnType::Numeric(Some((precision - scale, 0)))
    } else {
        ColumnType::Numeric(Some((precision.max(scale), scale)))
    }
}

#[cfg(test)]
mod tests {
    use super::ColumnType::*;
    use super::*;

    fn check(from: ColumnType, incoming: ColumnType, expected: ColumnType) {
        assert_eq!(from.widened(&incoming), Some(expected), "{from} and {incoming}");
    }

    #[test]
    fn numbers_widen_to_numbers() {
        check(Bool, Int2, Int2);
        check(Int2, Int4, Int8);
        check(Int4, Int8, Int8);
        check(Int8, Float8, Float8);
        check(Int8, Numeric(Some((20, 0))), Numeric(None));
        check(Float4, Float8, Float8);
        check(Float8, Numeric(Some((38, 9))), Numeric(None));
        check(Float8, Int8, Numeric(None));
        check(Numeric(Some((12, 2))), Numeric(Some((14, 4))), Numeric(None));
    }

    #[test]
    fn dates_widen_to_timestamps() {
        check(Date, Timestamp, Timestamp);
        check(Date, Timestamptz, Timestamptz);
        check(Timestamp, Timestamptz, Timestamptz);
    }

    #[test]
    fn everything_else_widens_to_text() {
        check(Int8, Text, Text);
        check(Date, Int8, Text);
        check(Varchar(3), Text, Text);
        check(Jsonb, Text, Text);
        check(Timestamp, Timestamp, Text);
        assert_eq!(Other("inet".into()).widened(&Text), None);
    }

    #[test]
    fn widening_always_ends() {
        let all = [
            Bool,
            Int2,
            Int4,
            Int8,
            Float4,
            Float8,
            Numeric(None),
            Numeric(Some((5, 2))),
            Text,
            Varchar(1),
            Char(1),
            Bytea,
            Date,
            Timestamp,
            Timestamptz,
            Time,
            Interval,
            Json,
            Jsonb,
            Uuid,
        ];
        for from in &all {
            for incoming in &all {
                let mut current = from.clone();
                for _ in 0..5 {
                    current = current.widened(incoming).unwrap();
                }
                assert_eq!(current, Text, "{from} and {incoming}");
            }
        }
    }
}
