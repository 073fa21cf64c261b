//! The ways in which a secret is commonly written.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::Masker;

/// A long secret is known by its beginning too: tables and tracebacks cut long texts.
const LONG: usize = 32;
/// No beginning is shorter.
const BEGINNING_MIN: usize = 20;

/// A text that gives a secret away.
#[derive(Clone)]
pub(super) struct Form {
    /// What is searched for.
    pub text: String,
    pub kind: Kind,
    /// The variable that holds the secret.
    pub name: Arc<str>,
}

/// What finding a form means.
#[derive(Clone)]
pub(super) enum Kind {
    /// It is the secret.
    Whole,
    /// It is the secret unless it stands within a longer number.
    Digits,
    /// It is the beginning of this secret.
    Beginning(String),
    /// It is the middle of something in base64 that holds the secret.
    InBase64,
}

impl Form {
    /// The secret as it is written in this way.
    pub fn whole(&self) -> &str {
        match &self.kind {
            Kind::Beginning(whole) => whole,
            _ => &self.text,
        }
    }
}

/// Adds all forms of a secret, line by line.
pub(super) fn add(forms: &mut Vec<Form>, name: &Arc<str>, value: &str) {
    // A key on one line in .env may have its line ends written out.
    let lines = value.lines().flat_map(|line| line.split("\\n")).map(str::trim);
    for line in lines.filter(|line| line.chars().count() >= Masker::LENGTH_MIN) {
        let mut texts = vec![line.to_owned()];
        texts.extend(written(line));
        for text in texts {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            push(forms, name, text, if is_number { Kind::Digits } else { Kind::Whole });
        }
        if line.len() >= LONG {
            let length = BEGINNING_MIN.max(line.len() / 2);
            let beginning = crate::text::prefix(line, length).to_owned();
            push(forms, name, beginning, Kind::Beginning(line.to_owned()));
        }
        for fragment in in_base64(line.as_bytes()) {
            push(forms, name, fragment, Kind::InBase64);
        }
    }
}

fn push(forms: &mut Vec<Form>, name: &Arc<str>, text: String, kind: Kind) {
    if text.chars().count() >= Masker::LENGTH_MIN && forms.iter().all(|form| form.text != text) {
        forms.push(Form { text, kind, name: name.clone() });
    }
}

/// The secret in HTML, in URLs, in JSON and in Python's literals.
fn written(secret: &str) -> Vec<String> {
    let markup = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let json = without_quotes(&Value::from(secret).to_string());
    let ascii = ascii_json(&json);
    let percent = percent_encoded(secret, "");
    let slashed = percent_encoded(secret, "/");
    vec![
        markup.clone(),
        markup.replace('"', "&quot;").replace('\'', "&#x27;"),
        markup.replace('"', "&quot;").replace('\'', "&#39;"),
        markup.replace('"', "&#34;").replace('\'', "&#39;"),
        percent.to_lowercase_escapes(),
        slashed.to_lowercase_escapes(),
        percent.replace("%20", "+"),
        percent,
        slashed,
        json.replace('/', "\\/"),
        ascii.replace('/', "\\/"),
        without_quotes(&Value::from(json.as_str()).to_string()),
        json,
        ascii,
        secret.replace('\\', "\\\\").replace('\'', "\\'"),
        secret.replace('\\', "\\\\"),
        bytes_literal(secret),
    ]
}

fn without_quotes(json: &str) -> String {
    json[1..json.len() - 1].to_owned()
}

/// JSON as Python writes it, where every letter beyond ASCII is an escape.
fn ascii_json(json: &str) -> String {
    let mut ascii = String::new();
    for c in json.chars() {
        match c {
            c if c.is_ascii() => ascii.push(c),
            c => {
                let units = c.encode_utf16(&mut [0; 2]).to_vec();
                ascii.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
            }
        }
    }
    ascii
}

fn bytes_literal(secret: &str) -> String {
    let mut literal = String::new();
    for byte in secret.bytes() {
        match byte {
            b'\\' => literal.push_str("\\\\"),
            b'\'' => literal.push_str("\\'"),
            b' '..=b'~' => literal.push(char::from(byte)),
            byte => literal.push_str(&format!("\\x{byte:02x}")),
        }
    }
    literal
}

fn percent_encoded(secret: &str, safe: &str) -> String {
    let mut encoded = String::new();
    for byte in secret.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-._~".contains(c) || safe.contains(c) {
            encoded.push(c);
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The same with the escapes of some programs.
trait LowercaseEscapes {
    fn to_lowercase_escapes(&self) -> String;
}

impl LowercaseEscapes for String {
    fn to_lowercase_escapes(&self) -> String {
        let mut parts = self.split('%');
        let mut lower = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (digits, rest) = part.split_at(2);
            lower.push('%');
            lower.push_str(&digits.to_lowercase());
            lower.push_str(rest);
        }
        lower
    }
}

/// What base64 makes of the secret wherever it stands in what is encoded (`user:password`, JSON): the
/// characters that depend on the secret alone.
fn in_base64(secret: &[u8]) -> Vec<String> {
    let mut fragments = Vec::new();
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend(secret);
        let from = (before * 8).div_ceil(6);
        let to = bytes.len() * 8 / 6;
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            fragments.push(engine.encode(&bytes)[from..to].to_owned());
        }
    }
    fragments
}
