//! What changed in a text, line by line.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

/// So many lines around a change are shown with it.
const LINES_AROUND: usize = 2;

/// A text of more lines is not compared line by line: it would take minutes.
const LINES_MAX: usize = 20_000;

/// After that long, what is left to compare counts as changed as a whole.
const TIME_MAX: Duration = Duration::from_secs(2);

/// A line of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whether it went, came or stayed.
    pub mark: Mark,
    /// The line, without its end.
    pub text: String,
}

/// Whether a line went, came or stayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It is in both.
    Same,
    /// It is in the earlier text alone.
    Removed,
    /// It is in the later text alone.
    Added,
    /// Lines that are in both are left out here.
    Gap,
}

impl Mark {
    /// The sign before the line, as in a patch.
    pub fn sign(self) -> char {
        match self {
            Mark::Same => ' ',
            Mark::Removed => '-',
            Mark::Added => '+',
            Mark::Gap => '⋮',
        }
    }
}

/// The lines that went and came, with those around them; none when the texts are the same.
pub fn line_difference(before: &str, after: &str) -> Vec<Line> {
    if before.lines().count().max(after.lines().count()) > LINES_MAX {
        let whole = |mark, text: &str| {
            text.lines().map(move |line| Line { mark, text: line.to_owned() }).collect::<Vec<_>>()
        };
        let mut lines = whole(Mark::Removed, before);
        lines.extend(whole(Mark::Added, after));
        return lines;
    }
    // A last line without its end is the line that it is.
    let (before, after) = (ended(before), ended(after));
    let difference = TextDiff::configure().timeout(TIME_MAX).diff_lines(&before, &after);
    let mut lines = Vec::new();
    for group in difference.grouped_ops(LINES_AROUND) {
        if !lines.is_empty() {
            lines.push(Line { mark: Mark::Gap, text: String::new() });
        }
        for change in group.iter().flat_map(|operation| difference.iter_changes(operation)) {
            let mark = match change.tag() {
                ChangeTag::Equal => Mark::Same,
                ChangeTag::Delete => Mark::Removed,
                ChangeTag::Insert => Mark::Added,
            };
            let text = change.value().trim_end_matches(['\n', '\r']).to_owned();
            lines.push(Line { mark, text });
        }
    }
    lines
}

fn ended(text: &str) -> String {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}")
}

/// How alike two texts are, from 0 to 1.
pub(super) fn likeness(before: &str, after: &str) -> f32 {
    TextDiff::from_lines(before, after).ratio().max(TextDiff::from_words(before, after).ratio())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, expected: &str) {
        let lines: Vec<String> = line_difference(before, after)
            .iter()
            .map(|line| format!("{}{}", line.mark.sign(), line.text))
            .collect();
        assert_eq!(lines.join("|"), expected);
    }

    #[test]
    fn changed_lines_come_with_those_around_them() {
        check("a\nb", "a\nb", "");
        check("a\nb", "a\nc", " a|-b|+c");
        check("1\n2\n3\n4\n5\n6\n7\n8\n9", "0\n1\n2\n3\n4\n5\n6\n7\n8", "+0| 1| 2|⋮| 7| 8|-9");
        check("", "x", "+x");
        check("a", "a\nb", " a|+b");
        check("a\n", "a", "");
        check("x\r\n", "x\n", "-x|+x");
    }
}
