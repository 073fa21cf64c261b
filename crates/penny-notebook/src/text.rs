//! Text as notebooks hold it: one string, or the list of its lines.

use std::borrow::Cow;

use serde_json::Value;

/// The text of a string or of a list of strings; anything else is no text.
pub(crate) fn join(text: &Value) -> String {
    match text {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

/// The list of lines, each with its end, that nbformat's Python writer makes of a text.
pub(crate) fn lines(text: &str) -> Value {
    Value::Array(split_lines(text).map(|line| Value::String(line.to_owned())).collect())
}

/// The lines of a text with their ends, as Python's `str.splitlines(keepends=True)` cuts them.
pub(crate) fn split_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = match rest.char_indices().find(|&(_, c)| ends_line(c)) {
            Some((at, '\r')) if rest[at + 1..].starts_with('\n') => at + 2,
            Some((at, c)) => at + c.len_utf8(),
            None => rest.len(),
        };
        let (line, after) = rest.split_at(end);
        rest = after;
        Some(line).filter(|line| !line.is_empty())
    })
}

/// Whether Python ends a line at this character.
pub(crate) fn ends_line(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// The text without terminal escape sequences (colours, links, cursor movements).
pub fn without_ansi(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(escape) = rest.find('\u{1b}') {
        plain.push_str(&rest[..escape]);
        rest = after_escape(&rest[escape + 1..]);
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The text without escape sequences, and for each byte of it its place in the text.
pub(crate) fn plain_with_places(text: &str) -> (String, Vec<usize>) {
    let mut plain = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find('\u{1b}').unwrap_or(rest.len());
        let begin = text.len() - rest.len();
        plain.push_str(&rest[..end]);
        places.extend(begin..begin + end);
        rest = rest[end..].strip_prefix('\u{1b}').map_or("", after_escape);
    }
    (plain, places)
}

/// The escape sequences of a text, without what stands between them.
pub(crate) fn escapes_of(text: &str) -> String {
    let mut escapes = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        let after = after_escape(&rest[at + 1..]);
        escapes.push_str(&rest[at..rest.len() - after.len()]);
        rest = after;
    }
    escapes
}

/// What follows an escape sequence whose ESC was just read; a sequence that is cut off ends the text.
fn after_escape(text: &str) -> &str {
    let mut chars = text.chars();
    match chars.next() {
        // CSI: parameters, then one final byte.
        Some('[') => {
            let rest = chars.as_str();
            rest.find(|c: char| !matches!(c, ' '..='?')).map_or("", |last| {
                let end = last + rest[last..].chars().next().map_or(0, char::len_utf8);
                &rest[end..]
            })
        }
        // OSC (a window title, a link): ends with BEL or ESC \.
        Some(']') => {
            let rest = chars.as_str();
            let end = rest.find(['\u{7}', '\u{1b}']).map_or(rest.len(), |end| end + 1);
            let after = &rest[end..];
            if rest[..end].ends_with('\u{7}') {
                after
            } else {
                after.strip_prefix('\\').unwrap_or(after)
            }
        }
        _ => chars.as_str(),
    }
}

/// The longest beginning of the text of at most that many bytes that ends between two characters.
pub(crate) fn prefix(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    let end = (0..=bytes_max).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}

/// A size as a person reads it: `512 bytes`, `4.2 kB`, `20.0 MB`.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_where_python_cuts_them() {
        #[track_caller]
        fn check(text: &str, expected: &[&str]) {
            assert_eq!(split_lines(text).collect::<Vec<_>>(), expected);
        }
        check("", &[]);
        check("a", &["a"]);
        check("a\n", &["a\n"]);
        check("a\nb", &["a\n", "b"]);
        check("\n\n", &["\n", "\n"]);
        check("a\r\nb\rc", &["a\r\n", "b\r", "c"]);
        check("a\u{b}b\u{2028}é", &["a\u{b}", "b\u{2028}", "é"]);
        check("a\r\n", &["a\r\n"]);
    }

    #[test]
    fn escape_sequences_are_taken_out_whole() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(without_ansi(text), expected);
        }
        check("plain", "plain");
        check("\u{1b}[31mred\u{1b}[0m", "red");
        check("\u{1b}[38;5;28;01mdef\u{1b}[39;00m f", "def f");
        check("\u{1b}]8;;https://example.org\u{1b}\\link\u{1b}]8;;\u{7}", "link");
        check("cut\u{1b}[3", "cut");
        check("\u{1b}", "");
        check("\u{1b}[é!", "!");
    }

    #[test]
    fn sizes_are_said_with_one_decimal() {
        assert_eq!(
            [1, 999, 1_000, 20_000_000, 80_000_000].map(size),
            ["1 byte", "999 bytes", "1.0 kB", "20.0 MB", "80.0 MB"]
        );
    }
}
