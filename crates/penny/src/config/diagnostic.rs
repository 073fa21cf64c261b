//! What is wrong in penny.toml, shown with its place, all of it at once.

use std::cell::OnceCell;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use crate::error::Error;

/// One thing that is wrong in a file.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// What is wrong, as one sentence.
    pub message: String,
    /// What to do, when it can be guessed.
    pub hint: Option<String>,
    /// The bytes of the file that it is about.
    pub span: Range<usize>,
}

/// A text with line numbers.
pub struct Source<'a> {
    /// The file's path, as it is shown.
    pub path: &'a Path,
    /// Its text.
    pub text: &'a str,
    /// Where each line begins, once a place is asked for: a file of ten thousand notebooks is not read through
    /// for each of its places.
    starts: OnceCell<Vec<usize>>,
}

impl<'a> Source<'a> {
    /// A file's text.
    pub fn new(path: &'a Path, text: &'a str) -> Source<'a> {
        Source { path, text, starts: OnceCell::new() }
    }

    /// Line and column, both from 1; the column counts characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts().partition_point(|start| *start <= offset);
        (line, self.text[self.starts()[line - 1]..offset].chars().count() + 1)
    }

    fn starts(&self) -> &[usize] {
        self.starts.get_or_init(|| {
            let ends = self.text.match_indices('\n').map(|(end, _)| end + 1);
            std::iter::once(0).chain(ends).collect()
        })
    }

    /// The line itself, without its end.
    fn line(&self, number: usize) -> &str {
        let start = self.starts().get(number - 1).copied().unwrap_or(self.text.len());
        self.text[start..].lines().next().unwrap_or("")
    }

    /// `path:line:column: sentence`, with the line and the hint below it.
    pub fn show(&self, diagnostic: &Diagnostic) -> String {
        let (line, column) = self.position(diagnostic.span.start);
        let mut out = format!("{}:{line}:{column}: {}", self.path.display(), diagnostic.message);
        let text = self.line(line);
        if !text.trim().is_empty() {
            let _ = write!(out, "\n  {line} │ {}", text.trim_end());
        }
        if let Some(hint) = &diagnostic.hint {
            let _ = write!(out, "\n  hint: {hint}");
        }
        out
    }

    /// All of them as one error, in the order of the file.
    pub fn error(&self, mut diagnostics: Vec<Diagnostic>) -> Error {
        diagnostics.sort_by_key(|d| d.span.start);
        let shown: Vec<String> = diagnostics.iter().map(|d| self.show(d)).collect();
        Error::usage(shown.join("\nerror: "))
    }
}

/// The nearest of some words to a word, if one is near enough to have been meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(&lower, &k.to_lowercase()), k))
        .filter(|(distance, k)| *distance <= 1 + k.chars().count().max(word.chars().count()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, k)| k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_characters_not_bytes() {
        let source = Source::new(Path::new("f"), "a\né = 1\n");
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(1), (1, 2));
        assert_eq!(source.position(4), (2, 2));
        assert_eq!(source.line(2), "é = 1");
        // The end of the text, and what is beyond it.
        assert_eq!(source.position(99), (3, 1));
        assert_eq!(source.line(3), "");
    }

    #[test]
    fn a_word_far_from_all_has_no_nearest() {
        assert_eq!(nearest("evry", ["every", "daily_at"]), Some("every"));
        assert_eq!(nearest("colour", ["every", "daily_at"]), None);
    }
}
