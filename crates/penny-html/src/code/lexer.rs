//! One pass over a program.

use super::Part;
use super::languages::{Language, Quote};

/// Gives the parts of a program in their order; put together they are the program.
pub(super) fn lex<'a>(
    source: &'a str,
    language: &'static Language,
    give: impl FnMut(&'a str, Part),
) {
    Lexer { source, at: 0, plain_from: 0, defining: false, language, give }.run();
}

struct Lexer<'a, G: FnMut(&'a str, Part)> {
    source: &'a str,
    /// Byte that is looked at.
    at: usize,
    /// From here on nothing was given yet, and nothing is to be marked.
    plain_from: usize,
    /// Whether the next name is being defined.
    defining: bool,
    language: &'static Language,
    give: G,
}

impl<'a, G: FnMut(&'a str, Part)> Lexer<'a, G> {
    fn run(mut self) {
        while let Some(character) = self.rest().chars().next() {
            let taken = self.take(character);
            self.at += match taken {
                Some((length, part)) => {
                    self.give_plain();
                    (self.give)(&self.source[self.at..self.at + length], part);
                    self.plain_from = self.at + length;
                    length
                }
                None => self.plain_length(character),
            };
        }
        self.give_plain();
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn give_plain(&mut self) {
        if self.plain_from < self.at {
            (self.give)(&self.source[self.plain_from..self.at], Part::Plain);
        }
    }

    /// The part that begins here, with its length in bytes, if it is to be marked.
    fn take(&mut self, character: char) -> Option<(usize, Part)> {
        if character.is_whitespace() {
            return None;
        }
        let rest = self.rest();
        if let Some(length) = self.comment(rest) {
            return Some((length, Part::Comment));
        }
        if let Some((length, quote)) = self.string_start(rest) {
            let length = length + string_length(&rest[length..], quote);
            let is_key = self.language.keys
                && rest[length..].trim_start_matches([' ', '\t']).starts_with(':');
            return Some((length, if is_key { Part::Name } else { Part::String }));
        }
        if self.language.magics && matches!(character, '%' | '!' | '?') && self.at_line_start() {
            return Some((line_length(rest), Part::Special));
        }
        if self.language.sigil == Some(character) {
            let length = 1 + sigil_length(&rest[1..], self.language);
            return (length > 1).then_some((length, Part::Special));
        }
        if character.is_ascii_digit() {
            return Some((number_length(rest), Part::Number));
        }
        if is_name_start(character, self.language) {
            let length = name_length(rest, self.language);
            let part = self.word(&rest[..length]);
            return (part != Part::Plain).then_some((length, part));
        }
        self.defining = false;
        None
    }

    fn plain_length(&self, character: char) -> usize {
        if is_name_start(character, self.language) {
            name_length(self.rest(), self.language)
        } else {
            character.len_utf8()
        }
    }

    fn word(&mut self, word: &str) -> Part {
        let defining = std::mem::replace(&mut self.defining, false);
        let is = |words: &[&str]| {
            words.contains(&word)
                || (self.language.any_case
                    && words.iter().any(|other| other.eq_ignore_ascii_case(word)))
        };
        if is(self.language.keywords) {
            self.defining = is(self.language.definers);
            Part::Keyword
        } else if defining {
            Part::Name
        } else if is(self.language.constants) {
            Part::Constant
        } else if is(self.language.builtins) && !self.source[..self.at].ends_with('.') {
            Part::Builtin
        } else {
            Part::Plain
        }
    }

    fn comment(&self, rest: &str) -> Option<usize> {
        if let Some((open, close, nests)) = self.language.block_comment
            && rest.starts_with(open)
        {
            return Some(block_length(rest, open, close, nests));
        }
        let begins = self.language.line_comments.iter().any(|mark| rest.starts_with(mark));
        let before = self.source[..self.at].chars().next_back();
        let at_word =
            before.is_none_or(|c| c.is_whitespace() || matches!(c, ';' | '(' | '|' | '&'));
        (begins && (at_word || !self.language.comments_at_words)).then(|| line_length(rest))
    }

    /// The string that begins here: the length of its prefix and opening quote, and the quote.
    fn string_start(&self, rest: &str) -> Option<(usize, &'static Quote)> {
        let prefix = if self.language.magics { prefix_length(rest) } else { 0 };
        let quoted = &rest[prefix..];
        let quote = self.language.strings.iter().find(|quote| quoted.starts_with(quote.open))?;
        Some((prefix + quote.open.len(), quote))
    }

    fn at_line_start(&self) -> bool {
        let before = self.source[..self.at].trim_end_matches([' ', '\t']);
        before.is_empty() || before.ends_with('\n')
    }
}

/// Up to the end of the line, without it.
fn line_length(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

/// Python's `r`, `rb`, `f`… before a quote; 0 if there is no such prefix.
fn prefix_length(rest: &str) -> usize {
    let letters = rest
        .bytes()
        .take(3)
        .take_while(|b| matches!(b.to_ascii_lowercase(), b'r' | b'b' | b'f' | b'u' | b't'))
        .count();
    let quoted = matches!(rest.as_bytes().get(letters), Some(b'"' | b'\''));
    if letters <= 2 && quoted { letters } else { 0 }
}

/// The length of what follows an opening quote, up to the closing one and with it; a string of one
/// line that is not closed ends with the line.
fn string_length(rest: &str, quote: &Quote) -> usize {
    let bytes = rest.as_bytes();
    let close = quote.close.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote.escapes => at += 1,
            b'\n' if !quote.lines => return at,
            _ if bytes[at..].starts_with(close) => return at + close.len(),
            _ => {}
        }
        at += 1;
    }
    // A backslash may have taken half a character with it; whole ones end here anyway.
    rest.len()
}

fn block_length(rest: &str, open: &str, close: &str, nests: bool) -> usize {
    let (bytes, mut at, mut depth) = (rest.as_bytes(), open.len(), 1);
    while at < bytes.len() {
        if bytes[at..].starts_with(close.as_bytes()) {
            at += close.len();
            depth -= 1;
            if depth == 0 {
                return at;
            }
        } else if nests && bytes[at..].starts_with(open.as_bytes()) {
            at += open.len();
            depth += 1;
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let before = at.checked_sub(1).map(|i| bytes[i].to_ascii_lowercase());
        let is_part = byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'.')
            || (matches!(byte, b'+' | b'-') && before == Some(b'e') && !rest.starts_with("0x"));
        if !is_part {
            break;
        }
        at += 1;
    }
    at
}

fn is_name_start(character: char, language: &Language) -> bool {
    character.is_alphabetic()
        || character == '_'
        || (character == '$' && language.name_extra.contains(&'$'))
}

fn name_length(rest: &str, language: &Language) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || language.name_extra.contains(&c);
    rest.find(|c| !is_part(c)).unwrap_or(rest.len()).max(1)
}

/// After `@` a dotted name, after `$` a name, a digit, `{…}`.
fn sigil_length(rest: &str, language: &Language) -> usize {
    if language.sigil == Some('$') {
        if rest.starts_with('{') {
            let line = &rest[..line_length(rest).min(crate::cut::boundary(rest, 200))];
            return line.find('}').map_or(0, |end| end + 1);
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        return if length == 0 && rest.starts_with(['?', '@', '#', '*', '!', '$']) {
            1
        } else {
            length
        };
    }
    if !rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return 0;
    }
    rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len())
}
