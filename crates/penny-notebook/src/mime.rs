//! MIME bundles: what a display holds, by type.

use serde_json::{Map, Value};

use crate::text;

/// Whether a MIME type's value is JSON, and so kept as the value it is.
pub(crate) fn is_json(mime: &str) -> bool {
    mime == "application/json" || (mime.starts_with("application/") && mime.ends_with("+json"))
}

/// Whether a MIME type's value is bytes in base64, in which there is no text to read.
pub(crate) fn is_binary(mime: &str) -> bool {
    let (family, _) = mime.split_once('/').unwrap_or((mime, ""));
    match family {
        "image" => mime != "image/svg+xml",
        "audio" | "video" | "font" => true,
        _ => matches!(mime, "application/pdf" | "application/octet-stream"),
    }
}

/// Whether nbformat writes the value as the list of its lines.
pub(crate) fn is_lines(mime: &str) -> bool {
    mime.starts_with("text/") || matches!(mime, "application/javascript" | "image/svg+xml")
}

/// A display message's `data` as a notebook file holds it. A null in place of a text is left out.
pub(crate) fn bundle(data: &Value) -> Map<String, Value> {
    let data = data.as_object().into_iter().flatten();
    data.filter_map(|(mime, value)| Some((mime.clone(), saved(mime, value)?))).collect()
}

/// One value of a bundle as a notebook file holds it.
pub(crate) fn saved(mime: &str, value: &Value) -> Option<Value> {
    match value {
        _ if is_json(mime) => Some(value.clone()),
        Value::Null => None,
        Value::String(_) | Value::Array(_) if is_lines(mime) => {
            Some(text::lines(&text::join(value)))
        }
        _ => Some(value.clone()),
    }
}

/// About how many bytes a value takes.
pub(crate) fn weigh(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(number) => number.as_str().len(),
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(weigh).sum(),
        Value::Object(values) => values.iter().map(|(key, value)| key.len() + weigh(value)).sum(),
    }
}
