//! A value as the text that PostgreSQL itself would show, for columns that hold text.

use std::fmt::Write as _;

use super::numeric;
use super::temporal;
use super::value::Value;

/// Appends the value as text; nothing for an empty one.
pub(super) fn write(value: &Value<'_>, out: &mut String) {
    match value {
        Value::Null => {}
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(number) => write!(out, "{number}").expect("a String can always be written to"),
        Value::Float32(number) => write_float(f64::from(*number), &format!("{number:e}"), 6, out),
        Value::Float(number) => write_float(*number, &format!("{number:e}"), 15, out),
        Value::Decimal(coefficient, scale) => {
            out.push_str(&numeric::decimal(*coefficient, *scale).to_string());
        }
        Value::BigDecimal(coefficient, scale) => {
            out.push_str(&numeric::Decimal::from_i256(*coefficient, *scale).to_string());
        }
        Value::Text(text) => out.push_str(text),
        Value::Json(text) => out.push_str(text),
        Value::Bytes(bytes) => {
            out.push_str("\\x");
            for byte in *bytes {
                write!(out, "{byte:02x}").expect("a String can always be written to");
            }
        }
        Value::Date(days) => temporal::write_date(*days, out),
        Value::Timestamp { micros, zoned, .. } => temporal::write_timestamp(*micros, *zoned, out),
        Value::Time { micros, .. } => temporal::write_time(i128::from(*micros), out),
        Value::Interval { months, days, micros, .. } => {
            temporal::write_interval(*months, *days, *micros, out);
        }
    }
}

/// The value for a message, shortened so that a line stays a line.
pub(super) fn shown(value: &Value<'_>) -> String {
    const LENGTH_MAX: usize = 40;
    let mut text = String::new();
    write(value, &mut text);
    let shortened: String =
        text.chars().take(LENGTH_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let more = if text.chars().count() > LENGTH_MAX { "…" } else { "" };
    match value {
        Value::Text(_) | Value::Json(_) => format!("\"{shortened}{more}\""),
        _ => format!("{shortened}{more}"),
    }
}

/// Shortest digits, with an exponent outside the range where the server does without.
fn write_float(number: f64, scientific: &str, digits_max: i32, out: &mut String) {
    if number.is_infinite() {
        out.push_str(if number < 0.0 { "-Infinity" } else { "Infinity" });
        return;
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..digits_max).contains(&exponent) {
        let digits = numeric::Decimal::parse(scientific).map(|number| number.to_string());
        if number == 0.0 && number.is_sign_negative() {
            out.push('-');
        }
        out.push_str(digits.as_deref().unwrap_or(scientific));
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(out, "{mantissa}e{sign}{:02}", exponent.abs())
            .expect("a String can always be written to");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Value<'_>, expected: &str) {
        let mut text = String::new();
        write(&value, &mut text);
        assert_eq!(text, expected, "{value:?}");
    }

    #[test]
    fn values_read_as_postgresql_writes_them() {
        check(Value::Float(0.1 + 0.2), "0.30000000000000004");
        check(Value::Float(1e20), "1e+20");
        check(Value::Float(1.5e-7), "1.5e-07");
        check(Value::Float(123_456.0), "123456");
        check(Value::Float(f64::NEG_INFINITY), "-Infinity");
        check(Value::Float(-0.0), "-0");
        check(Value::Float32(0.1), "0.1");
        check(Value::Decimal(-1250, 2), "-12.50");
        check(Value::Decimal(5, -2), "500");
        check(Value::Bytes(&[0, 255]), "\\x00ff");
        check(Value::Date(20_484), "2026-01-31");
        check(
            Value::Timestamp { micros: 1, zoned: true, cut: false },
            "1970-01-01 00:00:00.000001+00",
        );
    }

    #[test]
    fn a_long_value_is_shortened_in_messages() {
        assert_eq!(shown(&Value::Text(&"a".repeat(50))), format!("\"{}…\"", "a".repeat(40)));
        assert_eq!(shown(&Value::Int(5)), "5");
    }
}
