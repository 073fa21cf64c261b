//! The shape of a sentence: words that stand fast, and holes for names, numbers and causes.

use super::written;

/// Words that follow a hole are looked for at so many places: a text made of nothing else must not take for ever.
const PLACES_MAX: usize = 40;

/// A sentence with holes: "failed in {cell}".
pub struct Shape(Vec<Piece>);

enum Piece {
    Words(&'static str),
    /// Its name as it stands in the shape, `number2`, and what fits into it.
    Hole(&'static str, Hole),
}

/// What fits into a hole, and how it is said in French.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hole {
    /// A name between backticks.
    Name,
    /// Something without a space.
    Word,
    /// Something that ends before the cause that follows it: a path, a list of names.
    Path,
    /// "cell 4 (Extraction)".
    Cell,
    /// "1 min 05 s".
    Length,
    /// "41,210".
    Number,
    /// "1.5 GB".
    Size,
    /// "22 November 2026, 14:05".
    Moment,
    /// Who did something.
    Who,
    /// "3 values".
    Values,
    /// "bigint": what a column of PostgreSQL holds.
    Type,
    /// "`n` from bigint to text": columns that change, with their types.
    Changes,
    /// "str in row 3, int in row 5".
    Examples,
    /// What Penny does with a table: "write", "make the schema of".
    Doing,
    /// What stays as it is, whatever it is: a value, some code.
    Text,
    /// Another sentence.
    Why,
}

impl Shape {
    /// The shape that a text describes.
    pub fn new(text: &'static str) -> Shape {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            pieces.push(Piece::Words(before));
            let (name, after) = after.split_once('}').expect("each hole of a shape is closed");
            pieces.push(Piece::Hole(name, Hole::named(name)));
            rest = after;
        }
        pieces.push(Piece::Words(rest));
        Shape(pieces)
    }

    /// What is in its holes, if a text has this shape from its first letter to its last.
    pub fn fit<'t>(&self, text: &'t str) -> Option<Vec<(&'static str, &'t str)>> {
        // Most texts end otherwise, which costs nothing to see.
        if let Some(Piece::Words(words)) = self.0.last()
            && !text.ends_with(words)
        {
            return None;
        }
        let mut found = Vec::new();
        fit(&self.0, text, &mut found).then_some(found)
    }
}

fn fit<'t>(pieces: &[Piece], text: &'t str, found: &mut Vec<(&'static str, &'t str)>) -> bool {
    match pieces {
        [] => text.is_empty(),
        [Piece::Words(words), rest @ ..] => match text.strip_prefix(words) {
            Some(text) => fit(rest, text, found),
            None => false,
        },
        [Piece::Hole(name, hole), rest @ ..] => {
            let words = match rest.first() {
                Some(Piece::Words(words)) if !words.is_empty() => *words,
                _ => "",
            };
            let mut ends: Vec<usize> = match words {
                "" => vec![text.len()],
                words => text.match_indices(words).take(PLACES_MAX).map(|(at, _)| at).collect(),
            };
            if *hole == Hole::Doing {
                // "make the schema of" begins as "make" does.
                ends.reverse();
            }
            ends.into_iter().any(|end| {
                let (filling, after) = text.split_at(end);
                let before = found.len();
                found.push((name, filling));
                let fits = hole.takes(filling) && fit(rest, after, found);
                if !fits {
                    found.truncate(before);
                }
                fits
            })
        }
    }
}

impl Hole {
    /// The hole that a name stands for; a number after it tells it from others of its kind.
    pub fn named(name: &str) -> Hole {
        match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "name" => Hole::Name,
            "word" => Hole::Word,
            "path" => Hole::Path,
            "cell" => Hole::Cell,
            "length" => Hole::Length,
            "number" => Hole::Number,
            "size" => Hole::Size,
            "moment" => Hole::Moment,
            "who" => Hole::Who,
            "values" => Hole::Values,
            "type" => Hole::Type,
            "changes" => Hole::Changes,
            "examples" => Hole::Examples,
            "doing" => Hole::Doing,
            "text" => Hole::Text,
            "why" => Hole::Why,
            other => unreachable!("`{other}` names no hole"),
        }
    }

    fn takes(self, text: &str) -> bool {
        if text.is_empty() {
            // A column may have no name, which is then said of it.
            return self == Hole::Name;
        }
        match self {
            Hole::Name => !text.contains('`'),
            Hole::Word => !text.contains(' '),
            Hole::Path | Hole::Who | Hole::Type | Hole::Changes => !text.contains(": "),
            Hole::Cell => is_cell(text),
            Hole::Length => written::length(text).is_some(),
            Hole::Number => written::number(text).is_some(),
            Hole::Size => written::size(text).is_some(),
            Hole::Moment => written::moment(text).is_some(),
            Hole::Values => written::values(text).is_some(),
            Hole::Examples => text.contains(" in row "),
            Hole::Doing => written::doing(text).is_some(),
            Hole::Why | Hole::Text => true,
        }
    }

    /// What is in the hole, in French; a sentence is said by whoever knows sentences.
    pub fn in_french(self, text: &str) -> String {
        let said = match self {
            Hole::Cell => Some(cell(text)),
            Hole::Length => written::length(text),
            Hole::Number => written::number(text),
            Hole::Size => written::size(text),
            Hole::Moment => written::moment(text),
            Hole::Who => Some(written::who(text)),
            Hole::Values => written::values(text),
            Hole::Type => Some(written::column_type(text)),
            Hole::Changes => Some(written::changes(text)),
            Hole::Examples => Some(written::examples(text)),
            Hole::Doing => written::doing(text).map(str::to_owned),
            Hole::Name | Hole::Word | Hole::Path | Hole::Why | Hole::Text => None,
        };
        said.unwrap_or_else(|| text.to_owned())
    }
}

/// "cell 4", "cell 4 (Extraction)": the name of its heading ends where its bracket does.
fn is_cell(text: &str) -> bool {
    let Some(text) = text.strip_prefix("cell ") else { return false };
    let (number, heading) = text.split_once(' ').unwrap_or((text, ""));
    let heading = heading.strip_prefix('(').and_then(|heading| heading.strip_suffix(')'));
    number.parse::<u32>().is_ok()
        && (text == number || heading.is_some_and(|heading| !heading.contains("): ")))
}

fn cell(text: &str) -> String {
    let text = text.strip_prefix("cell ").unwrap_or(text);
    let injected = "(the parameters that penny.toml gives)";
    format!("cellule\u{a0}{}", text.replace(injected, "(les paramètres de penny.toml)"))
}
