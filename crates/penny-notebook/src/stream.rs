//! A stream's text as a terminal shows it: carriage returns and backspaces fold progress bars.
//!
//! The text is kept where it is saved from, as the list of its lines, and only the last line is ever
//! touched: a hundred megabytes in small pieces cost what they are long.

use serde_json::Value;

use crate::limits::{Limits, Weight};
use crate::text;

/// Beyond this length a line is not folded any more, so that no piece costs more than this to write.
const FOLDED_LINE_BYTES_MAX: usize = 64 * 1024;

const BACKSPACE: u8 = 8;
const ESCAPE: u8 = 0x1b;

/// Where the next character of a stream goes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terminal {
    /// A byte offset in the last line; `None` is its end.
    cursor: Option<usize>,
    /// Whether the limit was met: text after a hole would mislead.
    cut: bool,
}

impl Terminal {
    /// Writes at the end of a stream, whose lines these are.
    pub fn write(
        &mut self,
        lines: &mut Vec<Value>,
        text: &str,
        weight: &mut Weight,
        limits: Limits,
    ) {
        if self.cut {
            return weight.drop_bytes(text.len());
        }
        for line in text.split_inclusive('\n') {
            let (run, ends) = line.strip_suffix('\n').map_or((line, false), |run| (run, true));
            if run.as_bytes().contains(&b'\r') || run.as_bytes().contains(&BACKSPACE) {
                self.write_moving(lines, run, weight, limits);
            } else {
                self.put(lines, run, weight, limits);
            }
            if ends {
                self.end_line(lines, weight, limits);
            }
        }
    }

    /// Writes a part of a line that moves the cursor.
    fn write_moving(
        &mut self,
        lines: &mut Vec<Value>,
        run: &str,
        weight: &mut Weight,
        limits: Limits,
    ) {
        for part in run.split_inclusive(['\r', '\u{8}']) {
            let text = part.trim_end_matches(['\r', '\u{8}']);
            self.put(lines, text, weight, limits);
            match part[text.len()..].bytes().next() {
                Some(_) if self.cut => weight.drop_bytes(1),
                Some(BACKSPACE) => self.backspace(lines),
                Some(_) => self.carriage_return(lines, weight, limits),
                None => {}
            }
        }
    }

    /// Whether the limit was met, so that nothing more is written.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Another output follows: what the stream writes next begins anew.
    pub fn leave(&mut self) {
        self.cursor = None;
    }

    fn put(&mut self, lines: &mut Vec<Value>, run: &str, weight: &mut Weight, limits: Limits) {
        match self.cursor {
            _ if run.is_empty() => {}
            Some(cursor) if !self.cut => self.overwrite(lines, cursor, run, weight, limits),
            _ => self.append(lines, run, weight, limits),
        }
    }

    /// Writes as much at the end of the last line as the limit allows.
    fn append(&mut self, lines: &mut Vec<Value>, run: &str, weight: &mut Weight, limits: Limits) {
        if self.cut {
            return weight.drop_bytes(run.len());
        }
        let left = weight.left(limits);
        let (length, allowed) = match open_line(lines) {
            Some(line) => (line.len(), left + Weight::line(line.len()) - line.len()),
            None if left < Weight::LINE => (0, 0),
            None => (0, left),
        };
        let kept = text::prefix(run, allowed);
        if !kept.is_empty() {
            match open_line(lines) {
                Some(line) => line.push_str(kept),
                None => lines.push(Value::String(kept.to_owned())),
            }
            let used_before = if length == 0 { 0 } else { Weight::line(length) };
            weight.add(kept.len(), Weight::line(length + kept.len()) - used_before);
        }
        if kept.len() < run.len() {
            self.cut = true;
            weight.drop_bytes(run.len() - kept.len());
        }
    }

    /// Writes over what stands from the cursor on, character by character.
    fn overwrite(
        &mut self,
        lines: &mut Vec<Value>,
        cursor: usize,
        run: &str,
        weight: &mut Weight,
        limits: Limits,
    ) {
        self.cursor = None;
        let Some(line) = open_line(lines) else {
            return self.append(lines, run, weight, limits);
        };
        let before = line.len();
        // A colour sequence has no width: written over piece by piece it would leave its remains behind.
        let covered = &line[cursor..];
        let is_coloured = covered.as_bytes().contains(&ESCAPE) || run.as_bytes().contains(&ESCAPE);
        let end = match width_of(run, covered) {
            Some(width) if !is_coloured => cursor + width,
            _ => before,
        };
        let (over, beyond) = if end < before { (run, "") } else { split_to_fit(run, end - cursor) };
        line.replace_range(cursor..end, over);
        let (after, cursor) = (line.len(), cursor + over.len());
        if after == 0 {
            lines.pop();
        }
        self.cursor = (cursor < after).then_some(cursor);
        weight.remove(before, Weight::line(before));
        weight.add(after, if after == 0 { 0 } else { Weight::line(after) });
        if !beyond.is_empty() {
            self.append(lines, beyond, weight, limits);
        }
    }

    fn end_line(&mut self, lines: &mut Vec<Value>, weight: &mut Weight, limits: Limits) {
        self.cursor = None;
        self.append(lines, "\n", weight, limits);
    }

    fn carriage_return(&mut self, lines: &mut Vec<Value>, weight: &mut Weight, limits: Limits) {
        match open_line(lines) {
            Some(line) if line.len() > FOLDED_LINE_BYTES_MAX => {
                self.append(lines, "\r", weight, limits)
            }
            Some(_) => self.cursor = Some(0),
            None => {}
        }
    }

    fn backspace(&mut self, lines: &mut [Value]) {
        let Some(line) = open_line(lines).filter(|line| line.len() <= FOLDED_LINE_BYTES_MAX) else {
            return;
        };
        let cursor = self.cursor.unwrap_or(line.len());
        self.cursor = Some(line[..cursor].char_indices().next_back().map_or(0, |(at, _)| at));
    }
}

/// The last line, if it has not ended.
fn open_line(lines: &mut [Value]) -> Option<&mut String> {
    match lines.last_mut() {
        Some(Value::String(line)) if !line.ends_with(['\n', '\r']) => Some(line),
        _ => None,
    }
}

/// How many bytes of the covered text as many characters take as the run has; none if it has fewer.
fn width_of(run: &str, covered: &str) -> Option<usize> {
    if run.is_ascii() && covered.is_ascii() {
        return Some(run.len()).filter(|&width| width < covered.len());
    }
    covered.char_indices().nth(run.chars().count()).map(|(width, _)| width)
}

/// The run's part that takes no more bytes than it replaces, and the rest, which the limit must allow.
fn split_to_fit(run: &str, bytes: usize) -> (&str, &str) {
    run.split_at(text::prefix(run, bytes).len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(pieces: &[&str], limit: usize) -> (String, Weight) {
        let (mut terminal, mut lines, mut weight) =
            (Terminal::default(), Vec::new(), Weight::default());
        for piece in pieces {
            terminal.write(&mut lines, piece, &mut weight, Limits { output_bytes_per_cell: limit });
        }
        (lines.iter().filter_map(Value::as_str).collect(), weight)
    }

    #[track_caller]
    fn check(pieces: &[&str], expected: &str) {
        let (text, weight) = write(pieces, 1_000_000);
        assert_eq!(text, expected);
        assert_eq!(weight.text_bytes, expected.len(), "the weight is that of the text");
        let one_by_one: Vec<String> = pieces.concat().chars().map(String::from).collect();
        let one_by_one: Vec<&str> = one_by_one.iter().map(String::as_str).collect();
        if !pieces.concat().contains('\u{1b}') {
            assert_eq!(write(&one_by_one, 1_000_000).0, expected, "character by character");
        }
    }

    #[test]
    fn a_progress_bar_leaves_its_last_state() {
        check(
            &["  0%|          |\r", " 50%|█████     |\r", "100%|██████████|\n", "done\n"],
            "100%|██████████|\ndone\n",
        );
        check(&["\r", "10%", "\r20%", "\r30%"], "30%");
        check(&["50%\r"], "50%");
    }

    #[test]
    fn a_shorter_text_leaves_the_end_of_the_longer_one_as_a_terminal_does() {
        check(&["abcdef\rxy"], "xycdef");
        check(&["abcdef\rxy\nz"], "xycdef\nz");
        check(&["été\rhé"], "héé");
        check(&["aé\réa!"], "éa!");
    }

    #[test]
    fn a_carriage_return_before_a_line_end_is_a_line_end() {
        check(&["a\r\nb\r", "\nc"], "a\nb\nc");
    }

    #[test]
    fn a_backspace_goes_back_within_its_line() {
        check(&["|\u{8}/\u{8}-"], "-");
        check(&["abc\u{8}\u{8}X"], "aXc");
        check(&["\n\u{8}a"], "\na");
        check(&["é\u{8}\u{8}\u{8}x"], "x");
    }

    #[test]
    fn a_coloured_line_is_replaced_whole() {
        check(&["\u{1b}[31m100%\u{1b}[0m\r", "\u{1b}[31m9%\u{1b}[0m"], "\u{1b}[31m9%\u{1b}[0m");
        check(&["a long plain line\r", "\u{1b}[32mok\u{1b}[0m"], "\u{1b}[32mok\u{1b}[0m");
    }

    #[test]
    fn a_line_too_long_to_fold_keeps_its_carriage_returns() {
        let long = "x".repeat(FOLDED_LINE_BYTES_MAX + 1);
        check(&[&long, "\ry"], &format!("{long}\ry"));
    }

    #[test]
    fn the_limit_cuts_between_two_characters_and_for_good() {
        let (text, weight) = write(&["0123456789012345678é", "\nmore"], 20);
        assert_eq!((text.as_str(), weight.dropped_bytes), ("0123456789012345678", 7));
        let (text, weight) = write(&["0123456789\n", "0123456789\n", "x"], 32);
        assert_eq!((text.as_str(), weight.dropped_bytes), ("0123456789\n0123456789\n", 1));
    }

    #[test]
    fn a_progress_bar_never_meets_the_limit() {
        let (text, weight) = write(&vec!["\r0123456789"; 1_000], 20);
        assert_eq!((text.as_str(), weight.dropped_bytes, weight.used), ("0123456789", 0, 16));
    }

    #[test]
    fn empty_lines_have_a_bound() {
        let (text, weight) = write(&vec!["\n"; 1_000], 160);
        assert_eq!((text.len(), weight.dropped_bytes), (10, 990));
    }
}
