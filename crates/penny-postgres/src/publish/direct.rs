//! The usual pairs of an Arrow type and a column type, encoded without the detour over a `Value`.
//!
//! Nearly every cell of a ledger is one of these; the others, and the values at the edge of what a column
//! can hold, go through [`super::encode`], which says the same bytes for all of them.

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, GenericStringArray, OffsetSizeTrait, PrimitiveArray};
use arrow_schema::TimeUnit;

use super::cells::{Cells, Integers};
use super::temporal::{DAY_US, EPOCH_DAYS};
use super::types::ColumnType;

/// The years 1 to 9999 in microseconds from 1970: far inside what the server takes.
const USUAL_MICROS: std::ops::Range<i64> = -62_135_596_800_000_000..253_402_300_800_000_000;

/// The same in days.
const USUAL_DAYS: std::ops::Range<i32> = -719_162..2_932_897;

/// What became of a cell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Direct {
    /// It was appended.
    Written,
    /// It is empty, and nothing was appended.
    Empty,
    /// It takes the detour, and nothing was appended.
    Detour,
}

/// Appends the cell as a field of COPY's binary format when this is a usual pair.
#[inline]
pub(super) fn encode(cells: &Cells<'_>, row: usize, to: &ColumnType, out: &mut Vec<u8>) -> Direct {
    match (cells, to) {
        (Cells::Text(array), ColumnType::Text) => text(array, row, out),
        (Cells::LargeText(array), ColumnType::Text) => text(array, row, out),
        (Cells::Int64(array), ColumnType::Int8) => fixed(array, row, out, i64::to_be_bytes),
        (Cells::Int32(array), ColumnType::Int4) => fixed(array, row, out, i32::to_be_bytes),
        (Cells::Int16(array), ColumnType::Int2) => fixed(array, row, out, i16::to_be_bytes),
        (Cells::Float64(array), ColumnType::Float8) => {
            if array.is_null(row) || array.values()[row].is_nan() {
                return Direct::Empty;
            }
            write(array.values()[row].to_be_bytes(), out)
        }
        (Cells::Bool(array), ColumnType::Bool) => {
            if array.is_null(row) {
                return Direct::Empty;
            }
            write([u8::from(array.value(row))], out)
        }
        (Cells::Date32(array), ColumnType::Date) => {
            if array.is_null(row) {
                return Direct::Empty;
            }
            let days = array.values()[row];
            if !USUAL_DAYS.contains(&days) {
                return Direct::Detour;
            }
            write((days - EPOCH_DAYS as i32).to_be_bytes(), out)
        }
        (Cells::Timestamp(values, unit, false), ColumnType::Timestamp)
        | (Cells::Timestamp(values, unit, true), ColumnType::Timestamptz) => {
            instant(values, row, *unit, out)
        }
        _ => Direct::Detour,
    }
}

#[inline]
fn write<const N: usize>(bytes: [u8; N], out: &mut Vec<u8>) -> Direct {
    out.extend_from_slice(&(N as u32).to_be_bytes());
    out.extend_from_slice(&bytes);
    Direct::Written
}

#[inline]
fn fixed<T: ArrowPrimitiveType, const N: usize>(
    array: &PrimitiveArray<T>,
    row: usize,
    out: &mut Vec<u8>,
    bytes: fn(T::Native) -> [u8; N],
) -> Direct {
    if array.is_null(row) { Direct::Empty } else { write(bytes(array.values()[row]), out) }
}

/// The array has no NUL character, or it would not have come here.
#[inline]
fn text<O: OffsetSizeTrait>(
    array: &GenericStringArray<O>,
    row: usize,
    out: &mut Vec<u8>,
) -> Direct {
    if array.is_null(row) {
        return Direct::Empty;
    }
    let offsets = array.value_offsets();
    let text = &array.value_data()[offsets[row].as_usize()..offsets[row + 1].as_usize()];
    let Ok(length) = i32::try_from(text.len()) else { return Direct::Detour };
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(text);
    Direct::Written
}

#[inline]
fn instant(values: &Integers<'_>, row: usize, unit: TimeUnit, out: &mut Vec<u8>) -> Direct {
    let Some(value) = values.get(row) else { return Direct::Empty };
    let micros = match unit {
        TimeUnit::Microsecond => Some(value),
        TimeUnit::Millisecond => value.checked_mul(1000),
        TimeUnit::Second => value.checked_mul(1_000_000),
        TimeUnit::Nanosecond => (value % 1000 == 0).then_some(value / 1000),
    };
    match micros.filter(|micros| USUAL_MICROS.contains(micros)) {
        Some(micros) => write((micros - EPOCH_DAYS * DAY_US as i64).to_be_bytes(), out),
        None => Direct::Detour,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::types::*;
    use arrow_array::*;
    use proptest::prelude::*;

    use super::*;
    use crate::publish::encode::{self, Notes};

    /// Where the direct way writes, it writes what the detour writes.
    #[track_caller]
    fn check(array: ArrayRef, to: &ColumnType) -> usize {
        let cells = Cells::new(array.as_ref(), false);
        let mut written = 0;
        for row in 0..array.len() {
            let (mut direct, mut detour) = (vec![7], vec![7]);
            let value = cells.get(row);
            let outcome = super::encode(&cells, row, to, &mut direct);
            let fits = encode::encode(&value, to, &mut detour, &mut Notes::default());
            match outcome {
                Direct::Written => {
                    assert_eq!((fits, &direct), (Ok(()), &detour), "{value:?} to {to}");
                    written += 1;
                }
                Direct::Empty => assert!(value.is_null() && direct == [7], "{value:?} to {to}"),
                Direct::Detour => assert_eq!(direct, [7], "{value:?} to {to}"),
            }
        }
        written
    }

    #[test]
    fn the_usual_pairs_are_written_directly() {
        let texts = ["", "é", "a\u{1f600}b"];
        assert_eq!(check(Arc::new(StringArray::from_iter_values(texts)), &ColumnType::Text), 3);
        let large = LargeStringArray::from(vec![Some("a"), None, Some("bc")]).slice(1, 2);
        assert_eq!(check(Arc::new(large), &ColumnType::Text), 1);
        let bools = BooleanArray::from(vec![Some(true), None, Some(false)]);
        assert_eq!(check(Arc::new(bools), &ColumnType::Bool), 2);
        let floats = Float64Array::from(vec![0.1, -0.0, f64::NAN, f64::INFINITY]);
        assert_eq!(check(Arc::new(floats), &ColumnType::Float8), 3);
    }

    #[test]
    fn what_needs_care_takes_the_detour() {
        assert_eq!(check(Arc::new(StringArray::from_iter_values(["a\0b"])), &ColumnType::Text), 0);
        assert_eq!(
            check(Arc::new(TimestampNanosecondArray::from_value(1001, 1)), &ColumnType::Timestamp),
            0
        );
        assert_eq!(check(Arc::new(Date32Array::from_value(i32::MAX, 1)), &ColumnType::Date), 0);
        assert_eq!(check(Arc::new(Int64Array::from_value(1, 1)), &ColumnType::Float8), 0);
    }

    fn instants<T: ArrowPrimitiveType<Native = i64>>(values: Vec<Option<i64>>, to: &ColumnType) {
        check(Arc::new(PrimitiveArray::<T>::from_iter(values)), to);
    }

    proptest! {
        #[test]
        fn numbers_and_times_are_those_of_the_detour(
            wide in proptest::collection::vec(proptest::option::of(any::<i64>()), 0..20),
            small in proptest::collection::vec(proptest::option::of(-800_000i32..3_000_000), 0..20),
        ) {
            check(Arc::new(Int64Array::from(wide.clone())), &ColumnType::Int8);
            check(Arc::new(Int32Array::from(small.clone())), &ColumnType::Int4);
            check(Arc::new(Date32Array::from(small)), &ColumnType::Date);
            instants::<TimestampMicrosecondType>(wide.clone(), &ColumnType::Timestamp);
            instants::<TimestampNanosecondType>(wide.clone(), &ColumnType::Timestamp);
            instants::<TimestampMillisecondType>(wide.clone(), &ColumnType::Timestamp);
            instants::<TimestampSecondType>(wide, &ColumnType::Timestamp);
        }
    }
}
