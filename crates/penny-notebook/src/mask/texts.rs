//! Every text of an output, one after the other.

use serde_json::{Map, Value};

use super::Masker;
use crate::{mime, text};

/// Gives the text that takes a text's place, or nothing when it stays.
type Change<'a> = &'a mut dyn FnMut(&str) -> Option<String>;

/// Changes the texts of one output: streams and displays whole, the strings and keys of JSON, errors.
pub(super) fn change_output(output: &mut Value, change: Change) {
    for (key, value) in output.as_object_mut().into_iter().flatten() {
        match (key.as_str(), value) {
            ("output_type" | "name" | "execution_count", _) => {}
            ("data", Value::Object(data)) => change_bundle(data, change),
            ("text", lines) => change_lines(lines, change),
            (_, value) => change_json(value, change),
        }
    }
}

fn change_bundle(data: &mut Map<String, Value>, change: Change) {
    for (mime, value) in data.iter_mut().filter(|(mime, _)| !mime::is_binary(mime)) {
        if value.is_array() && !mime::is_json(mime) {
            change_lines(value, change);
        } else {
            change_json(value, change);
        }
    }
}

/// Changes a text that is kept as its lines; it is shown whole, since a secret may span some.
fn change_lines(lines: &mut Value, change: Change) {
    if let Some(changed) = change(&text::join(lines)) {
        *lines = text::lines(&changed);
    }
}

pub(super) fn change_json(value: &mut Value, change: Change) {
    match value {
        Value::String(text) => {
            if let Some(changed) = change(text) {
                *text = changed;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| change_json(value, change)),
        Value::Object(values) => {
            let changed = std::mem::take(values).into_iter().map(|(key, mut value)| {
                change_json(&mut value, change);
                (change(&key).unwrap_or(key), value)
            });
            *values = changed.collect();
        }
        // A password may be a number.
        Value::Number(number) if is_whole(number.as_str()) => {
            if let Some(changed) = change(number.as_str()) {
                *value = Value::String(changed);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a number is written with digits alone, and enough of them for a secret.
fn is_whole(number: &str) -> bool {
    number.len() >= Masker::LENGTH_MIN && number.bytes().all(|byte| byte.is_ascii_digit())
}
