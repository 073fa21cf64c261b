//! An Arrow column, read cell by cell.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::*;
use arrow_schema::{DataType, IntervalUnit, TimeUnit};

use super::json::Nested;
use super::temporal::DAY_US;
use super::value::Value;

const DAY_MS: i64 = 86_400_000;

/// An Arrow column of one batch, its type found out once.
pub(super) enum Cells<'a> {
    Null,
    Bool(&'a BooleanArray),
    Int8(&'a Int8Array),
    Int16(&'a Int16Array),
    Int32(&'a Int32Array),
    Int64(&'a Int64Array),
    UInt8(&'a UInt8Array),
    UInt16(&'a UInt16Array),
    UInt32(&'a UInt32Array),
    UInt64(&'a UInt64Array),
    Float16(&'a Float16Array),
    Float32(&'a Float32Array),
    Float64(&'a Float64Array),
    Decimal32(&'a Decimal32Array, i8),
    Decimal64(&'a Decimal64Array, i8),
    Decimal128(&'a Decimal128Array, i8),
    Decimal256(&'a Decimal256Array, i8),
    /// Text without any NUL character, which is nearly all there is.
    Text(&'a StringArray),
    LargeText(&'a LargeStringArray),
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
    Binary(&'a BinaryArray),
    LargeBinary(&'a LargeBinaryArray),
    BinaryView(&'a BinaryViewArray),
    FixedSizeBinary(&'a FixedSizeBinaryArray),
    Date32(&'a Date32Array),
    Date64(&'a Date64Array),
    /// The unit's length in microseconds, and whether there is a zone.
    Timestamp(Integers<'a>, TimeUnit, bool),
    Time(Integers<'a>, TimeUnit),
    Duration(Integers<'a>, TimeUnit),
    Months(&'a IntervalYearMonthArray),
    DayTime(&'a IntervalDayTimeArray),
    MonthDayNano(&'a IntervalMonthDayNanoArray),
    Dictionary {
        keys: Vec<usize>,
        outer: &'a dyn Array,
        values: Box<Cells<'a>>,
    },
    Nested(Box<Nested<'a>>, &'a dyn Array),
    /// Text that the sender says is JSON.
    Json(Box<Cells<'a>>),
}

/// An array that counts units of time, whatever the unit.
pub(super) enum Integers<'a> {
    Wide(&'a dyn Array, &'a [i64]),
    Narrow(&'a dyn Array, &'a [i32]),
}

impl Integers<'_> {
    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<i64> {
        match self {
            Integers::Wide(array, values) => array.is_valid(row).then(|| values[row]),
            Integers::Narrow(array, values) => array.is_valid(row).then(|| i64::from(values[row])),
        }
    }
}

macro_rules! cell {
    ($array:expr, $row:expr, $make:expr) => {
        if $array.is_valid($row) { $make($array.value($row)) } else { Value::Null }
    };
}

impl<'a> Cells<'a> {
    /// The reader of `array`; its type was found publishable before.
    pub(super) fn new(array: &'a dyn Array, json: bool) -> Cells<'a> {
        let cells = Cells::plain(array);
        if json { Cells::Json(Box::new(cells)) } else { cells }
    }

    fn plain(array: &'a dyn Array) -> Cells<'a> {
        match array.data_type() {
            DataType::Null => Cells::Null,
            DataType::Boolean => Cells::Bool(array.as_boolean()),
            DataType::Int8 => Cells::Int8(array.as_primitive()),
            DataType::Int16 => Cells::Int16(array.as_primitive()),
            DataType::Int32 => Cells::Int32(array.as_primitive()),
            DataType::Int64 => Cells::Int64(array.as_primitive()),
            DataType::UInt8 => Cells::UInt8(array.as_primitive()),
            DataType::UInt16 => Cells::UInt16(array.as_primitive()),
            DataType::UInt32 => Cells::UInt32(array.as_primitive()),
            DataType::UInt64 => Cells::UInt64(array.as_primitive()),
            DataType::Float16 => Cells::Float16(array.as_primitive()),
            DataType::Float32 => Cells::Float32(array.as_primitive()),
            DataType::Float64 => Cells::Float64(array.as_primitive()),
            DataType::Decimal32(_, scale) => Cells::Decimal32(array.as_primitive(), *scale),
            DataType::Decimal64(_, scale) => Cells::Decimal64(array.as_primitive(), *scale),
            DataType::Decimal128(_, scale) => Cells::Decimal128(array.as_primitive(), *scale),
            DataType::Decimal256(_, scale) => Cells::Decimal256(array.as_primitive(), *scale),
            DataType::Utf8 if has_nul(array.as_string::<i32>()) => Cells::Utf8(array.as_string()),
            DataType::Utf8 => Cells::Text(array.as_string()),
            DataType::LargeUtf8 if has_nul(array.as_string::<i64>()) => {
                Cells::LargeUtf8(array.as_string())
            }
            DataType::LargeUtf8 => Cells::LargeText(array.as_string()),
            DataType::Utf8View => Cells::Utf8View(array.as_string_view()),
            DataType::Binary => Cells::Binary(array.as_binary()),
            DataType::LargeBinary => Cells::LargeBinary(array.as_binary()),
            DataType::BinaryView => Cells::BinaryView(array.as_binary_view()),
            DataType::FixedSizeBinary(_) => Cells::FixedSizeBinary(array.as_fixed_size_binary()),
            DataType::Dictionary(..) => dictionary(array),
            DataType::List(_)
            | DataType::LargeList(_)
            | DataType::FixedSizeList(..)
            | DataType::Struct(_)
            | DataType::Map(..) => Cells::Nested(Box::new(Nested::new(array)), array),
            _ => temporal(array),
        }
    }

    pub(super) fn get(&self, row: usize) -> Value<'_> {
        match self {
            Cells::Null => Value::Null,
            Cells::Bool(array) => cell!(array, row, Value::Bool),
            Cells::Int8(array) => cell!(array, row, |v| Value::Int(i128::from(v))),
            Cells::Int16(array) => cell!(array, row, |v| Value::Int(i128::from(v))),
            Cells::Int32(array) => cell!(array, row, |v| Value::Int(i128::from(v))),
            Cells::Int64(array) => cell!(array, row, |v| Value::Int(i128::from(v))),
            Cells::UInt8(array) => cell!(array, row, |v| Value::Int(i128::from(v))),
            Cells::UInt16(array) => cell!(array, row, |v| Value::Int(i128::from(v))),
            Cells::UInt32(array) => cell!(array, row, |v| Value::Int(i128::from(v))),
            Cells::UInt64(array) => cell!(array, row, |v| Value::Int(i128::from(v))),
            Cells::Float16(array) => cell!(array, row, |v| Value::Float32(f32::from(v))),
            Cells::Float32(array) => cell!(array, row, Value::Float32),
            Cells::Float64(array) => cell!(array, row, Value::Float),
            Cells::Decimal32(array, scale) => {
                cell!(array, row, |v| Value::Decimal(i128::from(v), *scale))
            }
            Cells::Decimal64(array, scale) => {
                cell!(array, row, |v| Value::Decimal(i128::from(v), *scale))
            }
            Cells::Decimal128(array, scale) => cell!(array, row, |v| Value::Decimal(v, *scale)),
            Cells::Decimal256(array, scale) => cell!(array, row, |v| Value::BigDecimal(v, *scale)),
            Cells::Text(array) | Cells::Utf8(array) => cell!(array, row, Value::Text),
            Cells::LargeText(array) | Cells::LargeUtf8(array) => cell!(array, row, Value::Text),
            Cells::Utf8View(array) => cell!(array, row, Value::Text),
            Cells::Binary(array) => cell!(array, row, Value::Bytes),
            Cells::LargeBinary(array) => cell!(array, row, Value::Bytes),
            Cells::BinaryView(array) => cell!(array, row, Value::Bytes),
            Cells::FixedSizeBinary(array) => cell!(array, row, Value::Bytes),
            Cells::Date32(array) => cell!(array, row, |v| Value::Date(i64::from(v))),
            Cells::Date64(array) => cell!(array, row, date_or_timestamp),
            Cells::Timestamp(values, unit, zoned) => values.get(row).map_or(Value::Null, |value| {
                let (micros, cut) = micros(value, *unit);
                Value::Timestamp { micros, zoned: *zoned, cut }
            }),
            Cells::Time(values, unit) => values.get(row).map_or(Value::Null, |value| {
                let (micros, cut) = micros(value, *unit);
                Value::Time { micros: saturate(micros), cut }
            }),
            Cells::Duration(values, unit) => values.get(row).map_or(Value::Null, |value| {
                let (micros, cut) = micros(value, *unit);
                // Whole days apart, as pandas counts them: `90 days`, not `2160:00:00`.
                let days = i32::try_from(micros / DAY_US).unwrap_or(0);
                let micros = saturate(micros - i128::from(days) * DAY_US);
                Value::Interval { months: 0, days, micros, cut }
            }),
            Cells::Months(array) => {
                cell!(array, row, |months| Value::Interval {
                    months,
                    days: 0,
                    micros: 0,
                    cut: false
                })
            }
            Cells::DayTime(array) => {
                cell!(array, row, |v: <IntervalDayTimeType as ArrowPrimitiveType>::Native| {
                    let micros = i64::from(v.milliseconds) * 1000;
                    Value::Interval { months: 0, days: v.days, micros, cut: false }
                })
            }
            Cells::MonthDayNano(array) => {
                cell!(array, row, |v: <IntervalMonthDayNanoType as ArrowPrimitiveType>::Native| {
                    let (micros, cut) = (v.nanoseconds / 1000, v.nanoseconds % 1000 != 0);
                    Value::Interval { months: v.months, days: v.days, micros, cut }
                })
            }
            Cells::Dictionary { keys, outer, values } => {
                if outer.is_valid(row) {
                    values.get(keys[row])
                } else {
                    Value::Null
                }
            }
            Cells::Nested(nested, array) => {
                if array.is_valid(row) {
                    Value::Json(Cow::Owned(nested.text(row)))
                } else {
                    Value::Null
                }
            }
            Cells::Json(cells) => match cells.get(row) {
                Value::Text(text) => Value::Json(Cow::Borrowed(text)),
                other => other,
            },
        }
    }
}

/// Looked for once in all the text of a batch, not in each cell.
fn has_nul<O: OffsetSizeTrait>(array: &GenericStringArray<O>) -> bool {
    let offsets = array.value_offsets();
    let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else { return false };
    array.value_data()[first.as_usize()..last.as_usize()].contains(&0)
}

fn dictionary<'a>(array: &'a dyn Array) -> Cells<'a> {
    let dictionary = array.as_any_dictionary();
    if dictionary.values().is_empty() {
        return Cells::Null;
    }
    Cells::Dictionary {
        keys: dictionary.normalized_keys(),
        outer: array,
        values: Box::new(Cells::plain(dictionary.values().as_ref())),
    }
}

fn temporal<'a>(array: &'a dyn Array) -> Cells<'a> {
    macro_rules! wide {
        ($type:ty) => {
            Integers::Wide(array, array.as_primitive::<$type>().values())
        };
    }
    match array.data_type() {
        DataType::Date32 => Cells::Date32(array.as_primitive()),
        DataType::Date64 => Cells::Date64(array.as_primitive()),
        DataType::Timestamp(unit, zone) => {
            let values = match unit {
                TimeUnit::Second => wide!(TimestampSecondType),
                TimeUnit::Millisecond => wide!(TimestampMillisecondType),
                TimeUnit::Microsecond => wide!(TimestampMicrosecondType),
                TimeUnit::Nanosecond => wide!(TimestampNanosecondType),
            };
            Cells::Timestamp(values, *unit, zone.is_some())
        }
        DataType::Duration(unit) => {
            let values = match unit {
                TimeUnit::Second => wide!(DurationSecondType),
                TimeUnit::Millisecond => wide!(DurationMillisecondType),
                TimeUnit::Microsecond => wide!(DurationMicrosecondType),
                TimeUnit::Nanosecond => wide!(DurationNanosecondType),
            };
            Cells::Duration(values, *unit)
        }
        DataType::Time32(TimeUnit::Second) => Cells::Time(
            Integers::Narrow(array, array.as_primitive::<Time32SecondType>().values()),
            TimeUnit::Second,
        ),
        DataType::Time32(_) => Cells::Time(
            Integers::Narrow(array, array.as_primitive::<Time32MillisecondType>().values()),
            TimeUnit::Millisecond,
        ),
        DataType::Time64(TimeUnit::Microsecond) => {
            Cells::Time(wide!(Time64MicrosecondType), TimeUnit::Microsecond)
        }
        DataType::Time64(_) => Cells::Time(wide!(Time64NanosecondType), TimeUnit::Nanosecond),
        DataType::Interval(IntervalUnit::YearMonth) => Cells::Months(array.as_primitive()),
        DataType::Interval(IntervalUnit::DayTime) => Cells::DayTime(array.as_primitive()),
        DataType::Interval(IntervalUnit::MonthDayNano) => Cells::MonthDayNano(array.as_primitive()),
        other => unreachable!("{other} was refused before the first batch"),
    }
}

/// A date in milliseconds: a day, or an instant when it is not midnight.
fn date_or_timestamp(milliseconds: i64) -> Value<'static> {
    if milliseconds % DAY_MS == 0 {
        Value::Date(milliseconds / DAY_MS)
    } else {
        Value::Timestamp { micros: i128::from(milliseconds) * 1000, zoned: false, cut: false }
    }
}

/// Microseconds, and whether something finer was cut off (towards the past, so that order is kept).
fn micros(value: i64, unit: TimeUnit) -> (i128, bool) {
    let value = i128::from(value);
    match unit {
        TimeUnit::Second => (value * 1_000_000, false),
        TimeUnit::Millisecond => (value * 1000, false),
        TimeUnit::Microsecond => (value, false),
        TimeUnit::Nanosecond => (value.div_euclid(1000), value.rem_euclid(1000) != 0),
    }
}

fn saturate(micros: i128) -> i64 {
    i64::try_from(micros).unwrap_or(if micros < 0 { i64::MIN } else { i64::MAX })
}
