//! What changed in a text, line by line.

use std::time::{Duration, Instant};

use similar::{ChangeTag, TextDiff};

/// So many lines around a change are shown with it.
const LINES_AROUND: usize = 2;

/// What differs in more lines is not compared line by line: it would take minutes.
const LINES_MAX: usize = 20_000;

/// Of each such text, so many lines are shown.
const BEGINNING: usize = 50;

/// So many bytes tell how alike two texts are.
const LIKENESS_BYTES: usize = 4_000;

/// After that long, what is left to compare counts as changed as a whole.
const TIME_MAX: Duration = Duration::from_secs(3);

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
    /// So many lines more differ, or may: they are not compared one by one.
    More,
}

impl Mark {
    /// The sign before the line, as in a patch.
    pub fn sign(self) -> char {
        match self {
            Mark::Same => ' ',
            Mark::Removed => '-',
            Mark::Added => '+',
            Mark::Gap => '⋮',
            Mark::More => '…',
        }
    }
}

/// The lines that went and came, with those around them; none when the texts are the same.
pub fn line_difference(before: &str, after: &str) -> Vec<Line> {
    line_difference_until(before, after, deadline())
}

/// When a comparison of many texts that begins now has taken long enough.
pub(super) fn deadline() -> Instant {
    Instant::now() + TIME_MAX
}

/// The same; after that moment, what is left to compare counts as changed as a whole.
pub(super) fn line_difference_until(before: &str, after: &str, deadline: Instant) -> Vec<Line> {
    let (before, after) = (lines_of(before), lines_of(after));
    let shorter = before.len().min(after.len());
    let same = |(one, other): &(&&str, &&str)| one == other;
    let begins = before.iter().zip(&after).take_while(same).count();
    if begins == before.len() && begins == after.len() {
        return Vec::new();
    }
    let ends = before.iter().rev().zip(after.iter().rev()).take_while(same).count();
    let ends = ends.min(shorter - begins);
    let (gone, come) = (&before[begins..before.len() - ends], &after[begins..after.len() - ends]);
    if gone.len().max(come.len()) > LINES_MAX {
        return beginnings(gone, come);
    }
    let from = begins.saturating_sub(LINES_AROUND);
    let around = |lines: &[&str]| lines.len().min(lines.len() - ends + LINES_AROUND);
    let (before, after) = (&before[from..around(&before)], &after[from..around(&after)]);
    let difference = TextDiff::configure().deadline(deadline).diff_slices(before, after);
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
            lines.push(line(mark, change.value()));
        }
    }
    lines
}

/// Of texts that are too long to be compared line by line, how what differs begins, and how much more there is.
fn beginnings(gone: &[&str], come: &[&str]) -> Vec<Line> {
    let begin = |mark, lines: &[&str]| {
        lines.iter().take(BEGINNING).map(|text| line(mark, text)).collect::<Vec<_>>()
    };
    let mut lines = begin(Mark::Removed, gone);
    lines.extend(begin(Mark::Added, come));
    let left_out = gone.len() + come.len() - lines.len();
    lines.push(Line { mark: Mark::More, text: left_out.to_string() });
    lines
}

fn line(mark: Mark, text: &str) -> Line {
    Line { mark, text: text.trim_end_matches('\r').to_owned() }
}

/// The lines of a text; a last one without its end is the line that it is.
fn lines_of(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').map(|line| line.strip_suffix('\n').unwrap_or(line)).collect()
}

/// How alike two texts are by their beginnings, from 0 to 1.
pub(super) fn likeness(before: &str, after: &str) -> f32 {
    let [before, after] = [before, after].map(|text| {
        let end = (0..=LIKENESS_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        &text[..end.unwrap_or(0)]
    });
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

    #[test]
    fn long_texts_are_compared_where_they_differ() {
        let many: Vec<String> = (0..200_000).map(|line| format!("ligne {line}")).collect();
        let mut changed = many.clone();
        changed[150_000] = "autre".to_owned();
        check(
            &many.join("\n"),
            &changed.join("\n"),
            " ligne 149998| ligne 149999|-ligne 150000|+autre| ligne 150001| ligne 150002",
        );
        let other: Vec<String> = many.iter().map(|line| format!("{line} bis")).collect();
        let lines = line_difference(&many.join("\n"), &other.join("\n"));
        let of = |mark| lines.iter().filter(|line| line.mark == mark).count();
        assert_eq!((of(Mark::Removed), of(Mark::Added), lines.len()), (50, 50, 101));
        assert_eq!(lines[100], Line { mark: Mark::More, text: "399900".to_owned() });
    }
}
