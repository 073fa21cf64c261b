//! Long texts: their beginning and their end.

use std::borrow::Cow;

use serde_json::Value;

use crate::rendered::{Truncated, Unit};

/// A text of a notebook, of which too long ones have lost their middle.
pub(crate) struct Cut<'a> {
    /// The beginning, or all of it.
    pub head: Cow<'a, str>,
    /// The end, if there was a middle to lose.
    pub tail: Option<Cow<'a, str>>,
    /// Bytes of the whole.
    pub of: usize,
}

impl<'a> Cut<'a> {
    /// The beginning and the end of what a notebook holds as a string or as a list of strings
    /// (`join` is then between them), without copying what is between. Anything else is empty.
    pub(crate) fn of_value(value: &'a Value, join: &str, limit: usize) -> Self {
        match value {
            Value::String(text) => Self::of_text(text, limit),
            Value::Array(parts) => Self::of_parts(parts, join, limit),
            _ => Self::of_text("", limit),
        }
    }

    /// The beginning and the end of a text.
    pub(crate) fn of_text(text: &'a str, limit: usize) -> Self {
        if text.len() <= limit {
            return Self { head: Cow::Borrowed(text), tail: None, of: text.len() };
        }
        let head = beginning(text, limit / 2);
        let tail = end(text, limit - limit / 2);
        Self { head: head.into(), tail: Some(tail.into()), of: text.len() }
    }

    fn of_parts(parts: &'a [Value], join: &str, limit: usize) -> Self {
        let texts = || parts.iter().filter_map(Value::as_str);
        let count = texts().count();
        let of = texts().map(str::len).sum::<usize>() + join.len() * count.saturating_sub(1);
        if of <= limit {
            let head = texts().collect::<Vec<_>>().join(join);
            return Self { head: head.into(), tail: None, of };
        }
        let mut head = String::new();
        for text in texts() {
            if head.len() > limit / 2 {
                break;
            }
            head.push_str(beginning(text, limit));
            head.push_str(join);
        }
        let mut ends = Vec::new();
        let mut length = 0;
        for text in texts().rev() {
            if length > limit / 2 {
                break;
            }
            ends.push(end(text, limit));
            length += text.len() + join.len();
        }
        ends.reverse();
        let tail = ends.join(join);
        let head = beginning(&head, limit / 2).to_owned();
        let tail = end(&tail, limit - limit / 2).to_owned();
        Self { head: head.into(), tail: Some(tail.into()), of }
    }

    /// What was left out, if anything.
    pub(crate) fn truncated(&self) -> Option<Truncated> {
        let tail = self.tail.as_ref()?;
        let shown = self.head.len() + tail.len();
        Some(Truncated { shown, of: self.of, unit: Unit::Bytes })
    }

    /// All of it by `write`, with a mark where the middle was.
    pub(crate) fn write(&self, out: &mut String, write: impl Fn(&mut String, &str)) {
        write(out, &self.head);
        if let Some(tail) = &self.tail {
            out.push_str(GAP);
            write(out, tail);
        }
    }
}

/// Where something was left out of a text.
const GAP: &str = "\n<span class=\"gap\">⋯</span>\n";

/// At most `limit` bytes of a text's beginning; whole lines, if one ends in its second half.
pub(crate) fn beginning(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let cut = &text[..boundary(text, limit)];
    match cut.rfind('\n') {
        Some(line_end) if line_end >= cut.len() / 2 => &cut[..line_end],
        _ => cut,
    }
}

/// The last place at or before `at` that is not inside a character.
pub(crate) fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).expect("the beginning is a boundary")
}

/// At most `limit` bytes of a text's end; whole lines, if one begins in its first half.
fn end(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let start = (text.len() - limit..).find(|at| text.is_char_boundary(*at));
    let cut = &text[start.expect("the end is a boundary")..];
    match cut.find('\n') {
        Some(line_end) if line_end <= cut.len() / 2 => &cut[line_end + 1..],
        _ => cut,
    }
}

/// A notebook's string or list of strings as one.
pub(crate) fn joined(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Array(parts) => {
            Some(parts.iter().filter_map(Value::as_str).collect::<String>().into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(value: Value, limit: usize, head: &str, tail: Option<&str>) {
        let cut = Cut::of_value(&value, "", limit);
        assert_eq!((&*cut.head, cut.tail.as_deref()), (head, tail));
    }

    #[test]
    fn a_short_text_is_whole() {
        check(json!("été"), 5, "été", None);
        check(json!(["a\n", "b\n"]), 4, "a\nb\n", None);
        check(json!(7), 4, "", None);
    }

    #[test]
    fn a_long_text_keeps_its_ends_and_never_half_a_character() {
        check(json!("0123456789"), 4, "01", Some("89"));
        check(json!("éééééé"), 6, "é", Some("é"));
        check(json!("aaaa\nbbbb\ncccc\ndddd\n"), 12, "aaaa", Some("dddd\n"));
        check(json!(["aaaa\n", "bbbb\n", "cccc\n", "dddd\n"]), 12, "aaaa", Some("dddd\n"));
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let text = json!("x".repeat(1000));
        let cut = Cut::of_value(&text, "", 100);
        assert_eq!(cut.truncated(), Some(Truncated { shown: 100, of: 1000, unit: Unit::Bytes }));
    }
}
