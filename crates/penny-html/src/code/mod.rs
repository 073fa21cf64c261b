//! Source code with its parts marked.
//!
//! A lexer of our own, since what libraries offer is made for editors: syntect takes a quarter of
//! a second for a thousand lines of Python, where a page has 50 ms for a whole notebook, and
//! tree-sitter brings a compiled C grammar for each language. What a reader needs is to tell
//! keywords, strings and comments apart, which this does in one pass, never going back.

mod languages;
mod lexer;

use languages::{Language, language};

use crate::cut::Cut;
use crate::escape;
use crate::limits::Limits;
use crate::rendered::{Kind, Rendered};

/// What a part of a program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Names, operators, space: not marked.
    Plain,
    Keyword,
    Constant,
    String,
    Number,
    Comment,
    /// A name that is being defined; a key of JSON.
    Name,
    /// A function that is always there.
    Builtin,
    /// Decorators, magics, shell variables.
    Special,
}

impl Part {
    fn class(self) -> Option<&'static str> {
        Some(match self {
            Self::Plain => return None,
            Self::Keyword => "k",
            Self::Constant => "o",
            Self::String => "s",
            Self::Number => "n",
            Self::Comment => "c",
            Self::Name => "f",
            Self::Builtin => "b",
            Self::Special => "d",
        })
    }
}

/// Source code as HTML, its parts in `<span class="…">`: `k` keyword, `o` constant, `s` string,
/// `n` number, `c` comment, `f` a name being defined or a key, `b` built-in function, `d`
/// decorator, magic or shell variable, `u` an unseen character made visible.
///
/// `language` is a name as notebooks and markdown write it ("python", "r", "bash", "sql",
/// "julia", "javascript", "json" and their usual aliases); code in another one is escaped and not
/// marked. In Python, lines that begin with `%` or `!` are magics, and a first line such as
/// `%%sql` says the language of the rest.
///
/// No element goes past the end of a line, so that the result can be split into lines. It is meant
/// to stand in `<pre class="nb"><code>`.
#[must_use]
pub fn code(source: &str, language_name: &str) -> String {
    let mut out = String::with_capacity(source.len() * 2);
    write(&mut out, source, language_name);
    out
}

/// The source of a code cell, in its `pre`, as [`code`] marks it. Of a longer one than
/// `limits.text_bytes` the beginning and the end are shown.
#[must_use]
pub fn source(source: &str, language_name: &str, limits: &Limits) -> Rendered {
    if source.is_empty() {
        return Rendered::nothing();
    }
    let cut = Cut::of_text(source, limits.text_bytes);
    let mut html = String::from("<pre class=\"nb nb-code\"><code>");
    cut.write(&mut html, |out, text| write(out, text, language_name));
    html.push_str("</code></pre>");
    Rendered { html, kind: Kind::Text, truncated: cut.truncated() }
}

/// Adds source code, as [`code`] gives it.
pub(crate) fn write(out: &mut String, source: &str, language_name: &str) {
    if source.contains('\r') {
        // For Python it ends a line, and with it a comment: what follows is run, so it is shown.
        let lines = source.replace("\r\n", "\n").replace('\r', "\n");
        return write(out, &lines, language_name);
    }
    match language(language_name) {
        Some(language) => marked(out, source, language),
        None => escape::text(out, source),
    }
}

fn marked(out: &mut String, source: &str, language: &'static Language) {
    let mut source = source;
    let mut language = Some(language);
    if language.is_some_and(|l| l.magics) && source.starts_with("%%") {
        let (first, _) = source.split_once('\n').unwrap_or((source, ""));
        span(out, first, Part::Special);
        source = &source[first.len()..];
        let magic = first[2..].split_whitespace().next().unwrap_or_default();
        language = languages::of_cell_magic(magic).map_or(language, |other| other);
    }
    match language {
        Some(language) => lexer::lex(source, language, |text, part| span(out, text, part)),
        None => escape::text(out, source),
    }
}

/// One part, with an element for each of its lines.
fn span(out: &mut String, text: &str, part: Part) {
    let Some(class) = part.class() else {
        escape::text(out, text);
        return;
    };
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        if !line.is_empty() {
            out.push_str("<span class=\"");
            out.push_str(class);
            out.push_str("\">");
            escape::text(out, line);
            out.push_str("</span>");
        }
    }
}

#[cfg(test)]
mod tests;
