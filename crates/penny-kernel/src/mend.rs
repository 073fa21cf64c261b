//! JSON as kernels really write it.

use std::borrow::Cow;

use serde_json::Value;

/// Parses a part of a message, forgiving what Python and others put into JSON that is none.
///
/// Bytes that are not UTF-8 (Python lets escaped ones through) and halves of surrogate pairs become
/// U+FFFD; a bare NaN or Infinity becomes null. Everything else that is not JSON is an error.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(value),
        Err(_) => serde_json::from_str(&mended(&String::from_utf8_lossy(bytes))),
    }
}

fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(quote) = rest.find('"') {
        out.push_str(&numbers_mended(&rest[..quote]));
        let length = string_length(&rest[quote..]);
        string_mended(&rest[quote..quote + length], &mut out);
        rest = &rest[quote + length..];
    }
    out.push_str(&numbers_mended(rest));
    out
}

fn numbers_mended(between_strings: &str) -> Cow<'_, str> {
    if !between_strings.contains(['N', 'I']) {
        return Cow::Borrowed(between_strings);
    }
    let mended = between_strings.replace("NaN", "null").replace("-Infinity", "null");
    Cow::Owned(mended.replace("Infinity", "null"))
}

/// The length in bytes of the string that `text` starts with, both quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

/// Copies one string, with every `\ud8xx` that has no partner replaced.
fn string_mended(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push('\u{fffd}');
                rest = &rest[6..];
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
}

/// The UTF-16 unit of the `\uXXXX` that `text` starts with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(bytes: &[u8], expected: Value) {
        assert_eq!(parse(bytes).unwrap(), expected, "{}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn what_python_writes_is_understood() {
        check(br#"{"a": NaN, "b": [-Infinity, Infinity]}"#, json!({"a": null, "b": [null, null]}));
        check(br#"{"a": NaN, "b": "NaN \" Infinity"}"#, json!({"a": null, "b": "NaN \" Infinity"}));
        check(b"[\"caf\xe9\"]", json!(["caf\u{fffd}"]));
        check(
            br#"["\ud83d \ud83d\ude00 \ude00 \\ud83d \u00e9"]"#,
            json!(["\u{fffd} 😀 \u{fffd} \\ud83d é"]),
        );
        check(br#"["\ud83d\ud83d\ude00"]"#, json!(["\u{fffd}😀"]));
    }

    #[test]
    fn what_is_no_json_stays_an_error() {
        for bytes in [&b"{"[..], b"\"\\", b"\"\\u12", b"[NaNa]", b"\"\\\xff", b""] {
            assert!(parse(bytes).is_err(), "{}", String::from_utf8_lossy(bytes));
        }
    }
}
