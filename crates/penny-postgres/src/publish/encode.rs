//! A value in the binary form that COPY takes, for the column type that the table has.

use super::json;
use super::numeric::{self, Decimal};
use super::temporal;
use super::text;
use super::types::ColumnType;
use super::value::Value;

/// The largest integer up to which every integer is a float of 64 bits.
const FLOAT8_EXACT: i128 = 1 << 53;

/// The same for 32 bits.
const FLOAT4_EXACT: i128 = 1 << 24;

/// How far, in proportion, a float may be from the nearest number with the column's decimals: the noise
/// of sums in binary, far below a cent in a billion.
const FLOAT_NOISE: f64 = 1e-12;

/// The value does not fit in the column's type.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit;

/// What had to be changed in the values of a column to publish them, as counts of values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    /// NUL characters were taken out.
    pub nul: u64,
    /// Infinite floats became NULL.
    pub infinite: u64,
    /// Nanoseconds were cut to microseconds.
    pub cut: u64,
}

/// Appends the field: its length and its bytes, or -1 for NULL. After a misfit, `out` is as it was.
pub(super) fn encode(
    value: &Value<'_>,
    to: &ColumnType,
    out: &mut Vec<u8>,
    notes: &mut Notes,
) -> Result<(), Misfit> {
    if value.is_null() {
        null(out);
        return Ok(());
    }
    match to {
        ColumnType::Bool => boolean(value, out),
        ColumnType::Int2 => {
            fixed(integer(value).and_then(|v| i16::try_from(v).ok()), out, i16::to_be_bytes)
        }
        ColumnType::Int4 => {
            fixed(integer(value).and_then(|v| i32::try_from(v).ok()), out, i32::to_be_bytes)
        }
        ColumnType::Int8 => {
            fixed(integer(value).and_then(|v| i64::try_from(v).ok()), out, i64::to_be_bytes)
        }
        ColumnType::Float4 => fixed(float4(value), out, f32::to_be_bytes),
        ColumnType::Float8 => fixed(float8(value), out, f64::to_be_bytes),
        ColumnType::Numeric(limits) => decimal(value, *limits, out, notes),
        ColumnType::Text | ColumnType::Enum(_) => characters(value, None, out, notes),
        ColumnType::Varchar(length) | ColumnType::Char(length) => {
            characters(value, Some(*length), out, notes)
        }
        ColumnType::Bytea => match value {
            Value::Bytes(bytes) => {
                field(bytes, out);
                Ok(())
            }
            _ => Err(Misfit),
        },
        ColumnType::Date => {
            fixed(date(value).and_then(temporal::date_to_wire), out, i32::to_be_bytes)
        }
        ColumnType::Timestamp => instant(value, false, out, notes),
        ColumnType::Timestamptz => instant(value, true, out, notes),
        ColumnType::Time => time(value, out, notes),
        ColumnType::Interval => interval(value, out, notes),
        ColumnType::Json => json_text(value, false, out, notes),
        ColumnType::Jsonb => json_text(value, true, out, notes),
        ColumnType::Uuid => uuid(value, out),
        ColumnType::Other(_) => Err(Misfit),
    }
}

/// Appends NULL.
pub(super) fn null(out: &mut Vec<u8>) {
    out.extend_from_slice(&(-1i32).to_be_bytes());
}

fn field(bytes: &[u8], out: &mut Vec<u8>) {
    // A value of two gigabytes would not have fitted in an Arrow array of the server's row limit either.
    out.extend_from_slice(&i32::try_from(bytes.len()).unwrap_or(i32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn fixed<T, const N: usize>(
    value: Option<T>,
    out: &mut Vec<u8>,
    bytes: fn(T) -> [u8; N],
) -> Result<(), Misfit> {
    field(&bytes(value.ok_or(Misfit)?), out);
    Ok(())
}

fn boolean(value: &Value<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
    let value = match value {
        Value::Bool(value) => Some(*value),
        Value::Text("true" | "True") => Some(true),
        Value::Text("false" | "False") => Some(false),
        // pandas turns a column of booleans with empty cells into 1.0 and 0.0.
        other => match integer(other) {
            Some(1) if !matches!(other, Value::Text(_)) => Some(true),
            Some(0) if !matches!(other, Value::Text(_)) => Some(false),
            _ => None,
        },
    };
    fixed(value.map(u8::from), out, u8::to_be_bytes)
}

/// The integer that the value is, if it is one. A text counts only when it is exactly what the integer
/// would be written as, so that `007` stays the code that it is.
fn integer(value: &Value<'_>) -> Option<i128> {
    match value {
        Value::Bool(value) => Some(i128::from(*value)),
        Value::Int(number) => Some(*number),
        Value::Float(number) => whole(*number),
        Value::Float32(number) => whole(f64::from(*number)),
        Value::Decimal(number, 0) => Some(*number),
        Value::Decimal(..) | Value::BigDecimal(..) => to_decimal(value)?.to_integer(),
        Value::Text(text) => {
            let number: i128 = text.parse().ok()?;
            (number.to_string() == *text).then_some(number)
        }
        _ => None,
    }
}

fn whole(number: f64) -> Option<i128> {
    // Beyond 2^63 no integer column holds it; the comparison also keeps the infinite out.
    (number.fract() == 0.0 && number.abs() <= 9.3e18).then_some(number as i128)
}

fn float4(value: &Value<'_>) -> Option<f32> {
    match value {
        Value::Float32(number) => Some(*number),
        Value::Float(number) => {
            let narrowed = *number as f32;
            (f64::from(narrowed) == *number).then_some(narrowed)
        }
        Value::Bool(_) | Value::Int(_) => {
            integer(value).filter(|number| number.abs() <= FLOAT4_EXACT).map(|number| number as f32)
        }
        _ => None,
    }
}

fn float8(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Float32(number) => Some(f64::from(*number)),
        Value::Float(number) => Some(*number),
        Value::Bool(_) | Value::Int(_) => {
            integer(value).filter(|number| number.abs() <= FLOAT8_EXACT).map(|number| number as f64)
        }
        Value::Decimal(..) | Value::BigDecimal(..) | Value::Text(_) => {
            to_decimal(value)?.to_float()
        }
        _ => None,
    }
}

fn decimal(
    value: &Value<'_>,
    limits: Option<(i32, i32)>,
    out: &mut Vec<u8>,
    notes: &mut Notes,
) -> Result<(), Misfit> {
    let fits =
        |number: &Decimal| limits.is_none_or(|(precision, scale)| number.fits(precision, scale));
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Decimal(..) => {
            let (coefficient, scale) = match value {
                Value::Decimal(coefficient, scale) => (*coefficient, *scale),
                other => (integer(other).ok_or(Misfit)?, 0),
            };
            if limits.is_some() && !fits(&numeric::decimal(coefficient, scale)) {
                return Err(Misfit);
            }
            numeric::write_wire(coefficient, scale, out);
            Ok(())
        }
        Value::Float(number) if number.is_infinite() => {
            notes.infinite += 1;
            null(out);
            Ok(())
        }
        Value::Float32(number) if number.is_infinite() => {
            notes.infinite += 1;
            null(out);
            Ok(())
        }
        _ => {
            let number = to_decimal(value).ok_or(Misfit)?;
            if fits(&number) {
                number.write_wire(out);
                return Ok(());
            }
            let Value::Float(float) = value else { return Err(Misfit) };
            let number = without_noise(*float, limits.ok_or(Misfit)?.1).ok_or(Misfit)?;
            if !fits(&number) {
                return Err(Misfit);
            }
            number.write_wire(out);
            Ok(())
        }
    }
}

/// The float with the column's decimals, when it differs from it only by the noise of binary sums.
fn without_noise(float: f64, scale: i32) -> Option<Decimal> {
    let rounded = format!("{float:.*}", usize::try_from(scale).ok()?);
    let near = (float - rounded.parse::<f64>().ok()?).abs() <= float.abs() * FLOAT_NOISE;
    if near { Decimal::parse(&rounded) } else { None }
}

fn to_decimal(value: &Value<'_>) -> Option<Decimal> {
    match value {
        Value::Decimal(coefficient, scale) => Some(numeric::decimal(*coefficient, *scale)),
        Value::BigDecimal(coefficient, scale) => Some(Decimal::from_i256(*coefficient, *scale)),
        Value::Float(number) => Decimal::parse(&format!("{number:e}")),
        Value::Float32(number) => Decimal::parse(&format!("{number:e}")),
        // Amounts as the API sends them; a text with a zero in front is a code.
        Value::Text(text) => {
            let number = Decimal::parse(text)?;
            (number.to_string() == *text).then_some(number)
        }
        _ => None,
    }
}

fn characters(
    value: &Value<'_>,
    length_max: Option<i32>,
    out: &mut Vec<u8>,
    notes: &mut Notes,
) -> Result<(), Misfit> {
    let start = out.len();
    match value {
        Value::Text(text) => push_text(text, out, notes),
        other => {
            let mut text = String::new();
            text::write(other, &mut text);
            push_text(&text, out, notes);
        }
    }
    if let Some(length_max) = length_max {
        let text = std::str::from_utf8(&out[start + 4..]).expect("text was appended");
        if text.trim_end_matches(' ').chars().count()
            > usize::try_from(length_max).unwrap_or(usize::MAX)
        {
            out.truncate(start);
            return Err(Misfit);
        }
    }
    Ok(())
}

fn push_text(text: &str, out: &mut Vec<u8>, notes: &mut Notes) {
    if text.as_bytes().contains(&0) {
        notes.nul += 1;
        field(text.replace('\0', "").as_bytes(), out);
    } else {
        field(text.as_bytes(), out);
    }
}

fn date(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Date(days) => Some(*days),
        // pandas has no dates, only instants: those at midnight are dates.
        Value::Timestamp { micros, cut: false, .. } if micros.rem_euclid(temporal::DAY_US) == 0 => {
            i64::try_from(micros.div_euclid(temporal::DAY_US)).ok()
        }
        Value::Text(text) => temporal::read_date(text),
        _ => None,
    }
}

fn instant(
    value: &Value<'_>,
    zoned_column: bool,
    out: &mut Vec<u8>,
    notes: &mut Notes,
) -> Result<(), Misfit> {
    let (micros, zoned) = match value {
        Value::Date(days) => (i128::from(*days) * temporal::DAY_US, false),
        Value::Timestamp { micros, zoned, .. } => (*micros, *zoned),
        Value::Text(text) => temporal::read_timestamp(text).ok_or(Misfit)?,
        _ => return Err(Misfit),
    };
    // A clock's time is taken as UTC in a column with zone; the other way round the zone would be lost.
    if zoned && !zoned_column {
        return Err(Misfit);
    }
    fixed(temporal::timestamp_to_wire(micros), out, i64::to_be_bytes)?;
    notes.cut += u64::from(matches!(value, Value::Timestamp { cut: true, .. }));
    Ok(())
}

fn time(value: &Value<'_>, out: &mut Vec<u8>, notes: &mut Notes) -> Result<(), Misfit> {
    let micros = match value {
        Value::Time { micros, .. } => Some(*micros),
        Value::Text(text) => temporal::read_time(text),
        _ => None,
    };
    let micros = micros.filter(|micros| (0..=temporal::DAY_US).contains(&i128::from(*micros)));
    fixed(micros, out, i64::to_be_bytes)?;
    notes.cut += u64::from(matches!(value, Value::Time { cut: true, .. }));
    Ok(())
}

fn interval(value: &Value<'_>, out: &mut Vec<u8>, notes: &mut Notes) -> Result<(), Misfit> {
    let Value::Interval { months, days, micros, cut } = value else { return Err(Misfit) };
    out.extend_from_slice(&16i32.to_be_bytes());
    out.extend_from_slice(&micros.to_be_bytes());
    out.extend_from_slice(&days.to_be_bytes());
    out.extend_from_slice(&months.to_be_bytes());
    notes.cut += u64::from(*cut);
    Ok(())
}

fn json_text(
    value: &Value<'_>,
    binary: bool,
    out: &mut Vec<u8>,
    notes: &mut Notes,
) -> Result<(), Misfit> {
    let mut plain = String::new();
    let text = match value {
        Value::Json(text) => text.as_ref(),
        Value::Text(text) => text,
        Value::Bool(_) | Value::Int(_) | Value::Decimal(..) | Value::BigDecimal(..) => {
            text::write(value, &mut plain);
            &plain
        }
        Value::Float(number) if number.is_finite() => {
            text::write(value, &mut plain);
            &plain
        }
        _ => return Err(Misfit),
    };
    if !json::is_valid(text) {
        return Err(Misfit);
    }
    let (text, removed) = json::without_nul(text);
    notes.nul += u64::from(removed > 0);
    if binary {
        // The version of jsonb's binary form, and there is only one.
        out.extend_from_slice(&i32::try_from(text.len() + 1).unwrap_or(i32::MAX).to_be_bytes());
        out.push(1);
        out.extend_from_slice(text.as_bytes());
    } else {
        field(text.as_bytes(), out);
    }
    Ok(())
}

fn uuid(value: &Value<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
    let bytes: [u8; 16] = match value {
        Value::Bytes(bytes) => (*bytes).try_into().map_err(|_| Misfit)?,
        Value::Text(text) if text.len() == 36 => {
            let digits: String = text.split('-').collect();
            let groups_are_right = text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
            let number = u128::from_str_radix(&digits, 16).map_err(|_| Misfit)?;
            if !groups_are_right {
                return Err(Misfit);
            }
            number.to_be_bytes()
        }
        _ => return Err(Misfit),
    };
    field(&bytes, out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: &Value<'_>, to: &ColumnType) -> Result<Vec<u8>, Misfit> {
        let mut out = vec![9];
        let result = encode(value, to, &mut out, &mut Notes::default());
        if result.is_err() {
            assert_eq!(out, [9], "after a misfit nothing is left: {value:?} to {to}");
        }
        result.map(|()| out[1..].to_vec())
    }

    fn fits(value: Value<'_>, to: ColumnType, bytes: &[u8]) {
        let length = (bytes.len() as i32).to_be_bytes();
        assert_eq!(encoded(&value, &to), Ok([&length, bytes].concat()), "{value:?} to {to}");
    }

    fn misfits(value: Value<'_>, to: ColumnType) {
        assert_eq!(encoded(&value, &to), Err(Misfit), "{value:?} to {to}");
    }

    #[test]
    fn nothing_and_nan_are_null() {
        for value in [Value::Null, Value::Float(f64::NAN), Value::Float32(f32::NAN)] {
            for to in [ColumnType::Int8, ColumnType::Text, ColumnType::Other("inet".into())] {
                assert_eq!(encoded(&value, &to), Ok(vec![255; 4]));
            }
        }
    }

    #[test]
    fn a_narrower_value_takes_the_column_s_type() {
        fits(Value::Float(3.0), ColumnType::Int8, &3i64.to_be_bytes());
        fits(Value::Bool(true), ColumnType::Int4, &1i32.to_be_bytes());
        fits(Value::Float(1.0), ColumnType::Bool, &[1]);
        fits(Value::Int(7), ColumnType::Float8, &7f64.to_be_bytes());
        fits(Value::Text("12"), ColumnType::Int2, &12i16.to_be_bytes());
        fits(Value::Text("230.32"), ColumnType::Float8, &230.32f64.to_be_bytes());
        fits(Value::Text("2000-01-02"), ColumnType::Date, &1i32.to_be_bytes());
        fits(
            Value::Timestamp { micros: 0, zoned: false, cut: false },
            ColumnType::Date,
            &(-10_957i32).to_be_bytes(),
        );
        fits(Value::Date(10_957), ColumnType::Timestamp, &0i64.to_be_bytes());
        fits(
            Value::Text("2000-01-01T00:00:01Z"),
            ColumnType::Timestamptz,
            &1_000_000i64.to_be_bytes(),
        );
        fits(Value::Int(5), ColumnType::Text, b"5");
        fits(Value::Text("abc  "), ColumnType::Char(3), b"abc  ");
        fits(Value::Text("{}"), ColumnType::Jsonb, b"\x01{}");
    }

    #[test]
    fn a_value_that_does_not_fit_is_a_misfit() {
        misfits(Value::Int(1 << 40), ColumnType::Int4);
        misfits(Value::Float(0.5), ColumnType::Int8);
        misfits(Value::Float(f64::INFINITY), ColumnType::Int8);
        misfits(Value::Float(1e19), ColumnType::Int8);
        misfits(Value::Int((1 << 53) + 1), ColumnType::Float8);
        misfits(Value::Float(0.1), ColumnType::Float4);
        misfits(Value::Text("012"), ColumnType::Int8);
        misfits(Value::Text("012.5"), ColumnType::Numeric(None));
        misfits(Value::Text(""), ColumnType::Date);
        misfits(Value::Int(2), ColumnType::Bool);
        misfits(Value::Text("1"), ColumnType::Bool);
        misfits(Value::Text("abcd"), ColumnType::Varchar(3));
        misfits(Value::Decimal(1255, 3), ColumnType::Numeric(Some((5, 2))));
        misfits(Value::Timestamp { micros: 0, zoned: true, cut: false }, ColumnType::Timestamp);
        misfits(Value::Timestamp { micros: 1, zoned: false, cut: false }, ColumnType::Date);
        misfits(Value::Date(1 << 40), ColumnType::Date);
        misfits(Value::Json("{".into()), ColumnType::Jsonb);
        misfits(Value::Text("x"), ColumnType::Other("inet".into()));
        misfits(Value::Text("not-a-uuid"), ColumnType::Uuid);
    }

    #[test]
    fn the_noise_of_a_sum_is_no_decimal_of_an_amount() {
        assert_eq!(
            encoded(&Value::Float(0.1 + 0.2), &ColumnType::Numeric(Some((12, 2)))),
            encoded(&Value::Decimal(30, 2), &ColumnType::Numeric(None))
        );
        misfits(Value::Float(0.305), ColumnType::Numeric(Some((12, 2))));
    }

    #[test]
    fn what_is_changed_is_counted() {
        let mut notes = Notes::default();
        let mut out = Vec::new();
        encode(&Value::Text("a\0b"), &ColumnType::Text, &mut out, &mut notes).unwrap();
        encode(&Value::Float(f64::INFINITY), &ColumnType::Numeric(None), &mut out, &mut notes)
            .unwrap();
        let finer = Value::Timestamp { micros: 0, zoned: false, cut: true };
        encode(&finer, &ColumnType::Timestamp, &mut out, &mut notes).unwrap();
        assert_eq!(notes, Notes { nul: 1, infinite: 1, cut: 1 });
    }
}
