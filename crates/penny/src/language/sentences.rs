//! The engine's own English sentences, said in French where they are read.
//!
//! The history, the log and the settings speak English: one truth. A French page recognises Penny's sentences by their
//! shapes, which `shapes` lists; what a kernel, a server or the system says stays as it is.

use std::fmt;
use std::sync::LazyLock;

use super::fitting::{Hole, Shape};
use super::shapes;
use super::typography::typeset;
use crate::config::Language;

/// The sentences, and what they are in French.
static TABLE: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let known = |(english, french): &'static shapes::Pair| Known {
        shape: Shape::new(english),
        french: typeset(french),
        is_part: shapes::PARTS.contains(english),
    };
    shapes::all().map(known).collect()
});

/// A sentence that is known.
struct Known {
    shape: Shape,
    french: String,
    /// Whether it stands in other sentences only.
    is_part: bool,
}

/// What stands between a sentence and its cause.
const COLON: &str = "\u{a0}: ";
/// What stands before a line that is not the first.
const MARKS: &[(&str, &str)] = &[
    ("hint: ", "conseil\u{a0}: "),
    ("error: ", "erreur\u{a0}: "),
    ("warning: ", "attention\u{a0}: "),
];
/// A longer line is nothing that Penny makes.
const LINE_MAX: usize = 2000;
/// So many lines of what Penny says are looked at; a file has no more mistakes that anybody reads.
const LINES_SAID_MAX: usize = 200;
/// So many lines of what a notebook raised are looked at.
const LINES_RAISED_MAX: usize = 40;
/// A cause follows within so many ": " of a line, or is not looked for.
const COLONS_MAX: usize = 12;
/// A line of which it is not known whether Penny says it.
const ALONE: usize = 0;
/// A text in which Penny's sentences stand, or a part of one.
const WITHIN: usize = 1;
/// Sentences stand in sentences no deeper than this: a cause of a cause of a cause.
const DEPTH_MAX: usize = 7;

/// A text in the reader's language, as far as it is Penny's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said(Vec<Part>);

/// Some of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// In the reader's language.
    Own(String),
    /// As somebody else said it, or Penny in English.
    Foreign(String),
}

/// What Penny said in English, in the reader's language, line by line.
pub fn said(english: &str, language: Language) -> Said {
    if language == Language::English {
        return Said(vec![Part::Own(english.to_owned())]);
    }
    let mut said = Said::default();
    let (looked_at, rest) = first_lines(english, LINES_SAID_MAX);
    for (index, line) in looked_at.split('\n').enumerate() {
        if index > 0 {
            said.own("\n");
        }
        said.line(line, WITHIN);
    }
    said.foreign(rest);
    said
}

/// What a notebook raised, line by line: a line in which nothing is Penny's is in whatever language its author wrote it,
/// and is not said to be English.
pub fn raised(text: &str, language: Language) -> Said {
    if language == Language::English || is_exception(text) {
        return Said::plain(text);
    }
    let mut raised = Said::default();
    let (looked_at, rest) = first_lines(text, LINES_RAISED_MAX);
    for (index, line) in looked_at.split('\n').enumerate() {
        if index > 0 {
            raised.own("\n");
        }
        let mut said = Said::default();
        said.line(line, ALONE);
        let is_own = |part: &Part| matches!(part, Part::Own(text) if !text.trim().is_empty());
        raised = raised.and(if said.0.iter().any(is_own) { said } else { Said::plain(line) });
    }
    raised.own(rest);
    raised
}

/// Whether what was raised is an exception of the notebook's or of a library, of which not a word is Penny's, whatever it
/// looks like: its class stands before its text. What Penny raises is a sentence without one.
pub fn is_exception(raised: &str) -> bool {
    let line = raised.lines().next().unwrap_or_default().trim();
    let class = line.split_once(": ").map_or(line, |(class, _)| class);
    let class = class.strip_suffix(':').unwrap_or(class);
    class.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && class.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// A text's first lines, and what comes after them.
fn first_lines(text: &str, lines_max: usize) -> (&str, &str) {
    match text.match_indices('\n').nth(lines_max - 1) {
        Some((at, _)) => text.split_at(at),
        None => (text, ""),
    }
}

/// The same as a plain text.
pub fn sentence(english: &str, language: Language) -> String {
    said(english, language).to_string()
}

impl Said {
    /// A text that is in the reader's language already.
    pub fn plain(text: impl Into<String>) -> Said {
        let mut said = Said::default();
        said.push(Part::Own(text.into()));
        said
    }

    /// The same with another text after it.
    #[must_use]
    pub fn and(mut self, other: Said) -> Said {
        other.0.into_iter().for_each(|part| self.push(part));
        self
    }

    /// Its parts, in their order.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Whether all of it is in the reader's language.
    pub fn is_known(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Own(_)))
    }

    /// Adds a whole line, with the space and the mark before it.
    fn line(&mut self, line: &str, depth: usize) {
        let text = line.trim_start();
        self.own(&line[..line.len() - text.len()]);
        let (mark, text) = MARKS
            .iter()
            .find_map(|(english, french)| Some((*french, text.strip_prefix(english)?)))
            .unwrap_or(("", text));
        self.own(mark);
        self.add(text, depth);
    }

    /// Adds a line, or a part of one.
    fn add(&mut self, text: &str, depth: usize) {
        if text.is_empty() || is_code(text) {
            return self.own(text);
        }
        if text.len() > LINE_MAX || depth > DEPTH_MAX {
            return self.foreign(text);
        }
        if self.whole(text, depth) {
            return;
        }
        for (at, _) in text.match_indices(": ").take(COLONS_MAX) {
            let (head, tail) = (&text[..at], &text[at + 2..]);
            if is_place(head) {
                self.own(head);
            } else if !self.whole(head, depth) {
                continue;
            }
            self.own(COLON);
            return self.add(tail, depth + 1);
        }
        // The name of a table or a notebook says something only before a sentence that is known; an exception's does not.
        if let Some((name, tail)) = text.split_once(": ").filter(|(name, _)| is_name(name)) {
            let mut rest = Said::default();
            rest.add(tail, depth + 1);
            if rest.is_known() {
                self.own(name);
                self.own(COLON);
                return rest.0.into_iter().for_each(|part| self.push(part));
            }
        }
        self.foreign(text);
    }

    /// Adds a text that is a sentence of Penny's from its first word to its last; whether it is one.
    fn whole(&mut self, text: &str, depth: usize) -> bool {
        let may_be = |known: &&Known| depth != ALONE || !known.is_part;
        let fits = |known: &'static Known| Some((&known.french, known.shape.fit(text)?));
        let fitting = TABLE.iter().filter(may_be).find_map(fits);
        let Some((french, found)) = fitting else { return false };
        let mut rest = french.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            self.own(before);
            let (name, after) = after.split_once('}').expect("each hole of a shape is closed");
            let text = found.iter().find(|(hole, _)| *hole == name).map_or("", |(_, text)| text);
            self.filling(Hole::named(name), text, depth);
            rest = after;
        }
        self.own(rest);
        true
    }

    fn filling(&mut self, hole: Hole, text: &str, depth: usize) {
        match hole {
            Hole::Why => self.add(text, depth + 1),
            _ => self.own(&hole.in_french(text)),
        }
    }

    fn own(&mut self, text: &str) {
        self.push(Part::Own(text.to_owned()));
    }

    fn foreign(&mut self, text: &str) {
        self.push(Part::Foreign(text.to_owned()));
    }

    /// Adds a part; one that is like the last goes on with it.
    fn push(&mut self, part: Part) {
        match (self.0.last_mut(), part) {
            (_, Part::Own(text) | Part::Foreign(text)) if text.is_empty() => {}
            (Some(Part::Own(last)), Part::Own(text)) => last.push_str(&text),
            (Some(Part::Foreign(last)), Part::Foreign(text)) => last.push_str(&text),
            (_, part) => self.0.push(part),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(Part::Own(text) | Part::Foreign(text))| f.write_str(text))
    }
}

/// Whether a line of an error shows a line of a notebook or of penny.toml: `5 │ df["x"]`.
fn is_code(line: &str) -> bool {
    line.split_once(" │").is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

/// Whether a sentence may be about what has this name.
fn is_name(text: &str) -> bool {
    !text.contains(' ') && !text.ends_with("Error") && !text.ends_with("Exception")
}

/// Whether it says where in a file: `/books/penny.toml:12:8`, `/books/.env:3`; or which key of it: "`every`".
fn is_place(text: &str) -> bool {
    let key = text.strip_prefix('`').and_then(|text| text.strip_suffix('`'));
    let is_key = key.is_some_and(|key| !key.contains([' ', '`']));
    let is_file = |file: &str| file.contains('.') && !file.contains(": ");
    let line = text.rsplit_once(':').filter(|(file, _)| is_file(file));
    is_key || line.is_some_and(|(_, number)| number.parse::<u32>().is_ok())
}
