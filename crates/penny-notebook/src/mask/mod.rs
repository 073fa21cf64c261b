//! Secrets, which reach neither an output notebook nor a log.
//!
//! A text is searched line by line for the secrets that are known, in every way in which they are commonly
//! written ([`forms`]), and for what looks like a token or a password ([`patterns`]).

mod forms;
mod outputs;
mod patterns;
mod texts;
mod wraps;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

pub use outputs::Masked;
pub(crate) use outputs::Searched;

use crate::text::{escapes_of, plain_with_places};
use forms::{Form, Kind};
use patterns::Patterns;
use wraps::Wrap;

/// What stands in a secret's place.
const MASK: &str = "•••";

/// As long as all forms of all secrets are no longer than this, they are searched for in the way that is
/// three times as fast and takes some hundred times as much memory.
const FAST_SEARCH_BYTES_MAX: usize = 8 * 1024;

/// Knows the secrets and masks them; cheap to clone. It never shows what it knows.
#[derive(Clone)]
pub struct Masker {
    known: Arc<Known>,
    patterns: Option<Arc<Patterns>>,
}

/// The secrets that are known.
#[derive(Default)]
struct Known {
    forms: Vec<Form>,
    search: Option<AhoCorasick>,
}

/// A secret that was found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    range: Range<usize>,
    /// The variable that holds it, or what it looks like.
    name: Arc<str>,
}

impl fmt::Debug for Masker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Masker").finish_non_exhaustive()
    }
}

impl Default for Masker {
    /// One that knows no secret, and masks what looks like a token or a password.
    fn default() -> Masker {
        Masker::new([])
    }
}

impl Masker {
    /// A secret shorter than this (in characters) is not masked: it would blot out ordinary words.
    pub const LENGTH_MIN: usize = 6;

    /// Masks these secrets (the variable's name, which may be told, and its value, which may not), and
    /// beside them what looks like a token or a connection password.
    ///
    /// A value of several lines is masked line by line. Values, or lines, shorter than
    /// [`Masker::LENGTH_MIN`] are left out.
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a str)>) -> Masker {
        let mut forms: Vec<Form> = Vec::new();
        for (name, value) in secrets {
            forms::add(&mut forms, &Arc::from(name), value);
        }
        let patterns = Some(Arc::new(Patterns::new()));
        Masker { known: Arc::new(Known::new(forms)), patterns }
    }

    /// One that masks nothing.
    pub fn nothing() -> Masker {
        Masker { known: Arc::default(), patterns: None }
    }

    /// The text without secrets.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.masked(text).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// The text without secrets, or nothing when it holds none.
    pub fn masked(&self, text: &str) -> Option<String> {
        self.masked_counting(text, &mut |_| {})
    }

    /// As `masked`, and tells the name of each secret that was found.
    fn masked_counting(&self, text: &str, count: &mut dyn FnMut(&Arc<str>)) -> Option<String> {
        let mut masked: Option<String> = None;
        let mut copied = 0;
        let mut wrap = None;
        let mut begin = 0;
        for line in text.split_inclusive('\n') {
            let found = self.find(line, &mut wrap, true);
            if !found.is_empty() {
                let result = masked.get_or_insert_default();
                result.push_str(&text[copied..begin]);
                result.push_str(&blotted(line, 0, &found));
                copied = begin + line.len();
                found.iter().for_each(|found| count(&found.name));
            }
            begin += line.len();
        }
        if let Some(masked) = &mut masked {
            masked.push_str(&text[copied..]);
        }
        masked
    }

    /// The text without the secrets that are known: for sources, in which a password's name is no alarm.
    fn masked_known(&self, text: &str, count: &mut dyn FnMut(&Arc<str>)) -> Option<String> {
        let found = self.find(text, &mut None, false);
        found.iter().for_each(|found| count(&found.name));
        (!found.is_empty()).then(|| blotted(text, 0, &found))
    }

    /// The secrets in a line, in their order and apart from each other. `wrap` is what the line before
    /// ended with, and what this one does.
    fn find(&self, line: &str, wrap: &mut Option<Wrap>, with_patterns: bool) -> Vec<Found> {
        if line.contains('\u{1b}') {
            let (plain, places) = plain_with_places(line);
            let mut found = self.find(&plain, wrap, with_patterns);
            for found in &mut found {
                // From the first of its characters to the end of its last.
                let last = plain[..found.range.end].chars().next_back().map_or(0, char::len_utf8);
                found.range = places[found.range.start]..places[found.range.end - last] + last;
            }
            return found;
        }
        let mut found = self.known.find(line, wrap);
        if let Some(patterns) = self.patterns.as_ref().filter(|_| with_patterns) {
            patterns.find(line, &mut found);
        }
        apart(found)
    }

    /// From where on a line that is still growing may hold the beginning of a secret; its length when
    /// nothing of the kind is at its end.
    fn unfinished_from(&self, line: &str) -> usize {
        if line.contains('\u{1b}') {
            let (plain, places) = plain_with_places(line);
            let from = self.unfinished_from(&plain);
            return places.get(from).copied().unwrap_or(line.len());
        }
        let known = self.known.unfinished_from(line);
        self.patterns.as_ref().map_or(known, |patterns| patterns.unfinished_from(line).min(known))
    }
}

impl Known {
    fn new(forms: Vec<Form>) -> Known {
        let bytes: usize = forms.iter().map(|form| form.text.len()).sum();
        let kind = (bytes <= FAST_SEARCH_BYTES_MAX).then_some(AhoCorasickKind::DFA);
        let search = (!forms.is_empty()).then(|| {
            AhoCorasick::builder()
                .kind(kind)
                .match_kind(MatchKind::LeftmostLongest)
                .build(forms.iter().map(|form| form.text.as_bytes()))
                .expect("the secrets of one file are within what can be searched for")
        });
        Known { forms, search }
    }

    fn find(&self, line: &str, wrap: &mut Option<Wrap>) -> Vec<Found> {
        let mut all = Vec::new();
        if let Some(before) = wrap.take()
            && let Some((range, goes_on)) = before.continue_in(line, &self.forms)
        {
            all.push(Found { range, name: self.forms[before.form].name.clone() });
            *wrap = goes_on;
        }
        let Some(search) = &self.search else {
            return all;
        };
        for hit in search.find_iter(line) {
            let number = hit.pattern().as_usize();
            let form = &self.forms[number];
            let (mut range, name) = (hit.range(), form.name.clone());
            match &form.kind {
                Kind::Digits if has_digit_beside(line, &range) => continue,
                Kind::Whole | Kind::Digits => {}
                Kind::Beginning(whole) => {
                    range.end = range.start + common_length(&line[range.start..], whole);
                    *wrap = Wrap::at_end(line, &range, number);
                }
                Kind::InBase64 => range = with_base64_edges(line, range),
            }
            all.push(Found { range, name });
        }
        all
    }

    fn unfinished_from(&self, line: &str) -> usize {
        let begins = |form: &Form| {
            let text = form.whole();
            let most = line.len().min(text.len() - 1);
            let at_least = line.len() - most;
            (at_least..line.len())
                .find(|&at| line.is_char_boundary(at) && text.starts_with(&line[at..]))
        };
        self.forms.iter().filter_map(begins).min().unwrap_or(line.len())
    }
}

/// How far two texts are the same, in bytes and up to a whole character.
fn common_length(a: &str, b: &str) -> usize {
    let pairs = a.chars().zip(b.chars());
    pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

/// Whether a number goes on before or after: the digits are a part of an amount and no secret.
fn has_digit_beside(line: &str, range: &Range<usize>) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    line[..range.start].ends_with(is_digit) || line[range.end..].starts_with(is_digit)
}

/// The range with the characters around it that hold bits of the secret too.
fn with_base64_edges(line: &str, range: Range<usize>) -> Range<usize> {
    let is_base64 = |c: &char| c.is_ascii_alphanumeric() || "+/-_=".contains(*c);
    let before = line[..range.start].chars().rev().take(1).take_while(is_base64).count();
    let after = line[range.end..].chars().take(2).take_while(is_base64).count();
    range.start - before..range.end + after
}

/// Sorted, with those that overlap made one.
fn apart(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|found| found.range.start);
    let mut apart: Vec<Found> = Vec::with_capacity(found.len());
    for found in found.into_iter().filter(|found| !found.range.is_empty()) {
        match apart.last_mut() {
            Some(last) if found.range.start < last.range.end => {
                last.range.end = last.range.end.max(found.range.end);
            }
            _ => apart.push(found),
        }
    }
    apart
}

/// A part of a text, which begins at `offset`, without what was found in the text. A secret is masked
/// where it begins; escape sequences within it stay, since they colour what follows.
fn blotted(part: &str, offset: usize, found: &[Found]) -> String {
    let mut blotted = String::with_capacity(part.len());
    let mut at = 0;
    for found in found {
        let start = found.range.start.saturating_sub(offset).min(part.len());
        let end = found.range.end.saturating_sub(offset).min(part.len());
        if end <= at {
            continue;
        }
        blotted.push_str(&part[at..start]);
        if found.range.start >= offset && start < part.len() {
            blotted.push_str(MASK);
        }
        blotted.push_str(&escapes_of(&part[start..end]));
        at = end;
    }
    blotted.push_str(&part[at..]);
    blotted
}
