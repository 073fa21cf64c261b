//! Cursors: where a page ended, and nothing else – no filter, no sort.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// A position in a list, sent as opaque text: base64 of a small JSON object such as `{"id":100}`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cursor(Map<String, Value>);

impl Cursor {
    /// A position made of these values.
    pub fn new<const N: usize>(parts: [(&str, Value); N]) -> Cursor {
        Cursor(parts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// Reads a cursor as it came in a request.
    pub fn parse(text: &str) -> Result<Cursor, Refusal> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Cursor::invalid())?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(parts)) => Ok(Cursor(parts)),
            _ => Err(Cursor::invalid()),
        }
    }

    /// The text for `next_cursor`.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(Value::Object(self.0.clone()).to_string())
    }

    /// A number of the position.
    pub fn number(&self, key: &str) -> Result<u64, Refusal> {
        self.0.get(key).and_then(Value::as_u64).ok_or_else(Cursor::invalid)
    }

    /// A text of the position.
    pub fn text(&self, key: &str) -> Result<&str, Refusal> {
        self.0.get(key).and_then(Value::as_str).ok_or_else(Cursor::invalid)
    }

    /// The answer to a cursor that this server did not give, or gave for another list.
    pub fn invalid() -> Refusal {
        Refusal::BadRequest("The cursor is invalid".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_journey() {
        let cursor = Cursor::new([("date", "2026-03-01".into()), ("id", 42.into())]);
        let back = Cursor::parse(&cursor.encode()).unwrap();
        assert_eq!(back, cursor);
        assert_eq!((back.text("date").unwrap(), back.number("id").unwrap()), ("2026-03-01", 42));
        assert!(back.number("rank").is_err());
    }

    #[test]
    fn other_text_is_no_cursor() {
        for text in ["", "abc", "%%%", "WzFd", "42"] {
            assert_eq!(Cursor::parse(text), Err(Cursor::invalid()), "{text}");
        }
    }
}
