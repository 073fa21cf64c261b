//! JSON, indented.

use std::io::{self, Write};

use serde_json::Value;

use crate::code;
use crate::limits::Limits;
use crate::rendered::{Kind, Rendered, Truncated, Unit};

/// A value of JSON for reading: its beginning, if it is long.
pub(crate) fn json(value: &Value, limits: &Limits) -> Rendered {
    let mut sink = Beginning { text: Vec::new(), limit: limits.text_bytes, of: 0 };
    if serde_json::to_writer_pretty(&mut sink, value).is_err() {
        return Rendered::nothing();
    }
    // The limit may have cut a character.
    let text = String::from_utf8_lossy(&sink.text);
    let text = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
    let mut html = String::from("<pre class=\"nb nb-json\"><code>");
    code::write(&mut html, text, "json");
    html.push_str("</code></pre>");
    let truncated = (sink.of > sink.text.len()).then_some(Truncated {
        shown: sink.text.len(),
        of: sink.of,
        unit: Unit::Bytes,
    });
    Rendered { html, kind: Kind::Json, truncated }
}

/// Keeps the beginning of what is written and counts the rest.
struct Beginning {
    text: Vec<u8>,
    limit: usize,
    of: usize,
}

impl Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.limit - self.text.len();
        self.text.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.of += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
