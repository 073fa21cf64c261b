//! One JSON value as one typed value. Null and the empty text are no value.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

/// The value is not of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Misfit;

type Read<T> = Result<Option<T>, Misfit>;

pub(super) fn integer(value: &Value) -> Read<i64> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => number.as_i64().map(Some).ok_or(Misfit),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => text.parse().map(Some).map_err(|_| Misfit),
        _ => Err(Misfit),
    }
}

/// A number, as the API writes it in a text, or plain.
pub(super) fn decimal(value: &Value) -> Read<f64> {
    let number = match value {
        Value::Null => return Ok(None),
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::Number(number) => number.as_f64(),
        // Only digits: "inf" and "nan" are numbers to Rust, but no amounts.
        Value::String(text) if text.bytes().all(|byte| b"0123456789+-.eE".contains(&byte)) => {
            text.parse().ok()
        }
        _ => None,
    };
    number.filter(|number| number.is_finite()).map(Some).ok_or(Misfit)
}

pub(super) fn boolean(value: &Value) -> Read<bool> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(yes) => Ok(Some(*yes)),
        Value::String(text) => match text.as_str() {
            "" => Ok(None),
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(Misfit),
        },
        _ => Err(Misfit),
    }
}

/// Days since 1970.
pub(super) fn date(value: &Value) -> Read<i32> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => day(text).map(Some).ok_or(Misfit),
        _ => Err(Misfit),
    }
}

/// Microseconds since 1970.
pub(super) fn timestamp(value: &Value) -> Read<i64> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => moment(text).map(Some).ok_or(Misfit),
        _ => Err(Misfit),
    }
}

/// Any value as text: a text as it is, anything else as it is written in JSON.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// A list of texts as one; an empty list is no value.
pub(super) fn texts(value: &Value) -> Option<String> {
    match value {
        Value::Array(parts) if parts.is_empty() => None,
        Value::Array(parts) => Some(parts.iter().filter_map(text).collect::<Vec<_>>().join(", ")),
        other => text(other),
    }
}

pub(super) fn json(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.to_string())
}

/// Days since 1970 of `YYYY-MM-DD`, with nothing behind it.
pub(super) fn day(text: &str) -> Option<i32> {
    if text.len() != "2026-01-31".len() {
        return None;
    }
    let date: Date = text.parse().ok()?;
    let midnight = date.at(0, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?;
    i32::try_from(midnight.timestamp().as_second().div_euclid(86_400)).ok()
}

/// Microseconds since 1970; a time without a zone is UTC, as the API's all are.
pub(super) fn moment(text: &str) -> Option<i64> {
    // Shorter than this it is a day or less, which says no time.
    if text.len() < "2026-01-31T00:00".len() {
        return None;
    }
    let moment: Timestamp = text.parse().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    // A second has no more than its microseconds: what is finer is cut off, not rounded up.
    let whole =
        moment.checked_sub(i64::from(moment.subsec_nanosecond() % 1_000).nanoseconds()).ok()?;
    Some(whole.as_microsecond())
}
