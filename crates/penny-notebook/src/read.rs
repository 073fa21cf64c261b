//! From bytes to a notebook, or to a sentence that says why not.

use serde_json::{Map, Value};

use crate::notebook::Notebook;
use crate::upgrade;

/// Why bytes are not a notebook. The sentences name no path: whoever opened the file adds it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The bytes are not UTF-8.
    #[error(
        "this is not UTF-8 text (byte {offset}, line {line}): open it in Jupyter and save it again"
    )]
    NotUtf8 {
        /// The first byte that is wrong, counted from 0.
        offset: usize,
        /// The line it is on, counted from 1.
        line: usize,
    },
    /// The text is not JSON.
    #[error(
        "this is not a notebook's JSON (line {line}, column {column}: {why}): \
         open it in Jupyter, or restore an earlier version"
    )]
    NotJson {
        /// The line, counted from 1.
        line: usize,
        /// The column in characters, counted from 1; 0 is the end of the line above.
        column: usize,
        /// What is wrong there.
        why: String,
    },
    /// The JSON is a notebook's perhaps, with lists and objects within each other too often.
    #[error(
        "it is nested deeper than 127 levels (line {line}), and Penny reads no deeper: \
         clear that output in Jupyter and save the notebook"
    )]
    TooDeep {
        /// The line, counted from 1.
        line: usize,
    },
    /// The JSON is something else than a notebook.
    #[error("this is not a Jupyter notebook: {why}")]
    NotANotebook {
        /// What is missing or wrong, and where.
        why: String,
    },
    /// The notebook has a format that is too old or too new.
    #[error(
        "this notebook has format {found}, and Penny reads formats 3 and 4: \
         open it in Jupyter and save it again"
    )]
    UnsupportedFormat {
        /// The value of `nbformat` in the file.
        found: String,
    },
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a notebook; see [`Notebook::parse`].
pub(crate) fn parse(bytes: &[u8]) -> Result<Notebook, ReadError> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        ReadError::NotUtf8 {
            offset,
            line: 1 + bytes[..offset].iter().filter(|&&b| b == b'\n').count(),
        }
    })?;
    if text.trim().is_empty() {
        return Err(not_a_notebook("it is empty"));
    }
    let mut notes = Vec::new();
    let value = read_json(text, &mut notes)?;
    let Value::Object(mut root) = value else {
        return Err(not_a_notebook(format!("it holds {} and not an object", kind(&value))));
    };
    match format_of(&root)? {
        4 => {}
        3 => {
            root = upgrade::from_format_3(root).map_err(not_a_notebook)?;
            notes.push("format 3 was read as format 4.5; the file itself is unchanged".to_owned());
        }
        found => return Err(ReadError::UnsupportedFormat { found: found.to_string() }),
    }
    check_cells(&root)?;
    Ok(Notebook::from_parts(root, notes))
}

/// The major format number.
fn format_of(root: &Map<String, Value>) -> Result<u64, ReadError> {
    let found = root.get("nbformat").ok_or_else(|| not_a_notebook("it has no `nbformat`"))?;
    found.as_u64().ok_or_else(|| ReadError::UnsupportedFormat { found: found.to_string() })
}

fn check_cells(root: &Map<String, Value>) -> Result<(), ReadError> {
    let cells = root.get("cells").ok_or_else(|| not_a_notebook("it has no `cells`"))?;
    let cells = cells
        .as_array()
        .ok_or_else(|| not_a_notebook(format!("its `cells` is {} and not a list", kind(cells))))?;
    for (number, cell) in (1..).zip(cells) {
        if !cell.is_object() {
            return Err(not_a_notebook(format!(
                "its cell {number} is {} and not an object",
                kind(cell)
            )));
        }
        if !cell.get("cell_type").is_some_and(Value::is_string) {
            return Err(not_a_notebook(format!("its cell {number} has no `cell_type`")));
        }
    }
    Ok(())
}

/// JSON, and what Python's `json` writes beyond it.
fn read_json(text: &str, notes: &mut Vec<String>) -> Result<Value, ReadError> {
    serde_json::from_str(text).or_else(|error| {
        let tolerated = upgrade_json(text, notes);
        match tolerated.map(|tolerated| serde_json::from_str(&tolerated)) {
            Some(Ok(value)) => Ok(value),
            _ => Err(not_json(text, &error)),
        }
    })
}

/// The text with bare `NaN` and infinities as null and halves of surrogate pairs as U+FFFD, if it has any.
fn upgrade_json(text: &str, notes: &mut Vec<String>) -> Option<String> {
    let mut json = String::with_capacity(text.len());
    let (mut numbers, mut halves) = (0_usize, 0_usize);
    let mut rest = text;
    while let Some(quote) = rest.find('"') {
        numbers += copy_outside_string(&rest[..quote], &mut json);
        let end = string_end(&rest[quote + 1..])?;
        halves += copy_string(&rest[quote..=quote + 1 + end], &mut json);
        rest = &rest[quote + 2 + end..];
    }
    numbers += copy_outside_string(rest, &mut json);
    if numbers > 0 {
        notes.push(format!(
            "{numbers} values that JSON has no number for (NaN, Infinity) were read as null"
        ));
    }
    if halves > 0 {
        notes.push(format!("{halves} halves of a broken character were read as \u{fffd}"));
    }
    (numbers + halves > 0).then_some(json)
}

/// Where the closing quote stands in what follows an opening one.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// Copies JSON between strings; returns how many numbers were replaced.
fn copy_outside_string(mut text: &str, json: &mut String) -> usize {
    let mut replaced = 0;
    while let Some(at) = text.find(['N', 'I']) {
        let word = ["NaN", "Infinity"].into_iter().find(|word| text[at..].starts_with(word));
        let Some(word) = word else {
            json.push_str(&text[..=at]);
            text = &text[at + 1..];
            continue;
        };
        json.push_str(text[..at].strip_suffix('-').unwrap_or(&text[..at]));
        json.push_str("null");
        replaced += 1;
        text = &text[at + word.len()..];
    }
    json.push_str(text);
    replaced
}

/// Copies a JSON string with its quotes; returns how many halves of surrogate pairs were replaced.
fn copy_string(mut text: &str, json: &mut String) -> usize {
    let mut replaced = 0;
    while let Some(at) = text.find('\\') {
        json.push_str(&text[..at]);
        text = &text[at..];
        let length = match (escaped_unit(text), text.get(6..).and_then(escaped_unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                replaced += 1;
                json.push_str("\\ufffd");
                text = &text[6..];
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 1 + text[1..].chars().next().map_or(0, char::len_utf8),
        };
        json.push_str(&text[..length]);
        text = &text[length..];
    }
    json.push_str(text);
    replaced
}

/// The UTF-16 unit that a text begins with as `\uXXXX`.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u16::from_str_radix(digits, 16).ok())?
}

fn not_json(text: &str, error: &serde_json::Error) -> ReadError {
    if let Some(line) = text.lines().position(|line| line.starts_with("<<<<<<< ")) {
        return ReadError::NotJson {
            line: line + 1,
            column: 1,
            why: "git left the two sides of a merge here".to_owned(),
        };
    }
    let said = error.to_string();
    if said.starts_with("recursion limit") {
        return ReadError::TooDeep { line: error.line() };
    }
    let why = said.rsplit_once(" at line ").map_or(said.as_str(), |(why, _)| why);
    let why = why
        .strip_prefix("EOF while")
        .map_or(why.to_owned(), |rest| format!("the file ends while{rest}"));
    // serde_json counts bytes; an editor counts characters.
    let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let column = crate::text::prefix(line, error.column()).chars().count();
    ReadError::NotJson { line: error.line(), column, why }
}

fn not_a_notebook(why: impl Into<String>) -> ReadError {
    ReadError::NotANotebook { why: why.into() }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
