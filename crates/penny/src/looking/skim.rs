//! Finding places in a JSON text without reading what is there: an output notebook may hold 50 MB of outputs, of
//! which a page shows a few.

use std::ops::Range;

use serde::Deserialize;

/// A place in a JSON text. Every step answers nothing when the text is not what it should be, as far as that is
/// looked at: what is skipped is only looked through for its end.
pub(super) struct Skim<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Skim<'a> {
    /// At the beginning of a text.
    pub fn new(text: &'a str) -> Skim<'a> {
        Skim { text, at: 0 }
    }

    /// Goes over an object: its keys in their order; each must be read or skipped by the one who is told.
    pub fn object(&mut self, mut each: impl FnMut(&mut Self, &str) -> Option<()>) -> Option<()> {
        self.eat(b'{')?;
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            let key: String = self.read()?;
            self.eat(b':')?;
            each(self, &key)?;
            if self.eat(b',').is_none() {
                return self.eat(b'}');
            }
        }
    }

    /// Goes over a list, item by item, in the same way.
    pub fn list(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.eat(b'[')?;
        if self.eat(b']').is_some() {
            return Some(());
        }
        loop {
            each(self)?;
            if self.eat(b',').is_none() {
                return self.eat(b']');
            }
        }
    }

    /// Whether a value of that kind begins here, by its first character.
    pub fn begins_with(&mut self, mark: u8) -> bool {
        self.space();
        self.text.as_bytes().get(self.at) == Some(&mark)
    }

    /// Skips a value: where it was.
    pub fn skip(&mut self) -> Option<Range<usize>> {
        self.space();
        let begin = self.at;
        let mut depth = 0_usize;
        loop {
            match self.text.as_bytes().get(self.at)? {
                b'"' => self.skip_text()?,
                b'{' | b'[' => (depth, self.at) = (depth + 1, self.at + 1),
                b'}' | b']' if depth > 0 => (depth, self.at) = (depth - 1, self.at + 1),
                b'}' | b']' => return None,
                b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' if depth > 0 => self.at += 1,
                _ => self.skip_word()?,
            }
            if depth == 0 {
                return Some(begin..self.at);
            }
        }
    }

    /// Skips a text: nearly all of a notebook is in texts, so this looks for the next quotation mark alone.
    fn skip_text(&mut self) -> Option<()> {
        let begin = self.at + 1;
        let mut at = begin;
        loop {
            at += self.text[at..].find('"')?;
            let before = self.text.as_bytes()[begin..at].iter().rev();
            let escapes = before.take_while(|byte| **byte == b'\\').count();
            at += 1;
            if escapes.is_multiple_of(2) {
                self.at = at;
                return Some(());
            }
        }
    }

    /// Skips a number, or `true`, `false`, `null`.
    fn skip_word(&mut self) -> Option<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let length = rest.iter().take_while(is_part).count();
        self.at += length;
        let is_number =
            |word: &[u8]| word.iter().find(|b| **b != b'-').is_some_and(u8::is_ascii_digit);
        // Python also writes `NaN` and `Infinity`, which JSON has not.
        let word = &rest[..length];
        (matches!(word, b"true" | b"false" | b"null") || is_number(word)).then_some(())
    }

    /// Reads a value.
    pub fn read<T: Deserialize<'a>>(&mut self) -> Option<T> {
        self.space();
        let mut values = serde_json::Deserializer::from_str(&self.text[self.at..]).into_iter::<T>();
        let value = values.next()?.ok()?;
        self.at += values.byte_offset();
        Some(value)
    }

    /// Where the next value begins.
    pub fn place(&mut self) -> usize {
        self.space();
        self.at
    }

    /// Where the last value ended.
    pub fn end(&self) -> usize {
        self.at
    }

    fn eat(&mut self, mark: u8) -> Option<()> {
        self.begins_with(mark).then(|| self.at += 1)
    }

    fn space(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|b| matches!(b, b' ' | b'\n' | b'\r' | b'\t')).count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_in_a_text() {
        let text = r#" { "a\"b" : [1, {"c": []} , "é\\\"]" ], "d": -1.5e3 } "#;
        let mut found = Vec::new();
        let whole = Skim::new(text).object(|skim, key| {
            if skim.begins_with(b'[') {
                return skim.list(|skim| {
                    found.push(text[skim.skip()?].to_owned());
                    Some(())
                });
            }
            found.push(format!("{key}={}", &text[skim.skip()?]));
            Some(())
        });
        assert_eq!(whole, Some(()));
        assert_eq!(found, ["1", r#"{"c": []}"#, r#""é\\\"]""#, "d=-1.5e3"]);
    }

    #[test]
    fn a_text_that_is_no_json_has_no_places() {
        for text in [
            "",
            "{",
            "{}x",
            "{\"a\" 1}",
            "{\"a\": }",
            "[1]",
            "{\"a\": 1,}",
            "{a: 1}",
            "{\"a\": [NaN]}",
        ] {
            let mut skim = Skim::new(text);
            let whole = skim.object(|skim, _| skim.skip().map(drop));
            assert!(whole.is_none() || skim.end() < text.len(), "{text}");
        }
        assert_eq!(Skim::new("[1, 2").list(|skim| skim.skip().map(drop)), None);
    }
}
