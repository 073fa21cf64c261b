//! How a cell failed, and at which of its lines.

use serde_json::{Value, json};

use crate::text::{self, without_ansi};

/// No part of an error is kept beyond this: an exception's text can hold a whole data set.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// No more entries of a traceback than this.
const ENTRIES_MAX: usize = 1_000;

/// A cell that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The cell, counted from 0 in the notebook as it is executed (see `Execution::input_cell`).
    pub cell: usize,
    /// The exception's type, such as `KeyError`.
    pub ename: String,
    /// The exception's text.
    pub evalue: String,
    /// The traceback as the kernel gave it, with its colours.
    pub traceback: Vec<String>,
    /// The line of the cell's source at which it failed (counted from 1) with its text, if the
    /// traceback shows it: the innermost one that stands in this cell.
    pub line: Option<(usize, String)>,
}

impl Failure {
    /// What an `error` message or an error reply says.
    pub(crate) fn read(cell: usize, content: &Value) -> Failure {
        let part = |key: &str| content.get(key).map(said).unwrap_or_default();
        let entries = content.get("traceback").and_then(Value::as_array).into_iter().flatten();
        Failure {
            cell,
            ename: part("ename"),
            evalue: part("evalue"),
            traceback: entries.take(ENTRIES_MAX).map(said).collect(),
            line: None,
        }
    }

    /// The end that a notebook asked for with this value, as Python tells that of `sys.exit`.
    pub(crate) fn exit(cell: usize, value: &str) -> Failure {
        let traceback = [format!("SystemExit: {value}")];
        Failure::read(
            cell,
            &json!({ "ename": "SystemExit", "evalue": value, "traceback": traceback }),
        )
    }

    /// Whether it says that the notebook wants to end, and well.
    pub(crate) fn is_exit(&self) -> bool {
        self.ename == "SystemExit" && matches!(self.evalue.as_str(), "" | "0" | "None")
    }

    /// Finds the line at fault in the cell's source.
    pub(crate) fn locate(&mut self, source: &str, execution_count: Option<u64>) {
        self.line = line_at_fault(&self.traceback, source, execution_count);
    }
}

fn said(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let kept = text::prefix(&text, TEXT_BYTES_MAX);
    match text.len() - kept.len() {
        0 => text,
        more => format!("{kept}… [{} more were not kept]", text::size(more as u64)),
    }
}

/// Whether the lines of a traceback are about this cell at the moment.
#[derive(Clone, Copy)]
enum Frame {
    Cell,
    Elsewhere,
}

/// The last line of the source that the traceback points at.
fn line_at_fault(
    traceback: &[String],
    source: &str,
    count: Option<u64>,
) -> Option<(usize, String)> {
    let lines: Vec<&str> = source.lines().collect();
    let mut frame = Frame::Elsewhere;
    let mut found = None;
    for entry in traceback {
        for line in without_ansi(entry).lines() {
            if let Some((begun, number)) = frame_of(line, &lines, count) {
                frame = begun;
                found = number.filter(|&number| number <= lines.len()).or(found);
            } else if let (Frame::Cell, Some((number, text))) = (frame, pointed_at(line))
                && lines.get(number - 1).is_some_and(|line| line.trim() == text)
            {
                found = Some(number);
            }
        }
    }
    found.map(|number| (number, lines[number - 1].to_owned()))
}

/// The frame that begins at this line of a traceback, with the line number that it names.
fn frame_of(line: &str, source: &[&str], count: Option<u64>) -> Option<(Frame, Option<usize>)> {
    let line = line.trim_start();
    if let Some((cell, rest)) = in_cell(line) {
        let is_this = count.is_none_or(|count| count == cell);
        let number = after(rest, "line ").and_then(first_number).filter(|&number| number > 0);
        // `in <cell line: 5>()` names the statement; the arrow below names the line.
        return Some(if is_this { (Frame::Cell, number) } else { (Frame::Elsewhere, None) });
    }
    if let Some(rest) = after(line, "<timed exec>").or_else(|| after(line, "<timed eval>")) {
        // The magic's own line does not count.
        let magic = source.iter().position(|line| line.starts_with("%%")).map_or(0, |at| at + 1);
        let number =
            first_number(rest.trim_start_matches([':', '"', ',', ' ']).trim_start_matches("line "));
        return Some((Frame::Cell, number.map(|number| number + magic)));
    }
    let is_file =
        line.starts_with("File ") || line.starts_with(['/', '~']) && line.contains(" in ");
    is_file.then_some((Frame::Elsewhere, None))
}

/// The execution count that a frame's heading names, and what follows: `Cell In[3], line 5`,
/// `Input In [3], in <cell line: 5>()`, `<ipython-input-3-0a1b> in <module>`.
fn in_cell(line: &str) -> Option<(u64, &str)> {
    let rest = ["Cell In[", "Cell In [", "Input In [", "Input In["]
        .iter()
        .find_map(|name| after(line, name));
    let rest = rest.or_else(|| after(line, "<ipython-input-"))?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    Some((rest[..digits].parse().ok()?, &rest[digits..]))
}

/// The number and text of `----> 5 df['Retard'] = …`.
fn pointed_at(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start().strip_prefix("--")?;
    let rest = rest.trim_start_matches('-').strip_prefix('>')?.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest[..digits].parse().ok().filter(|&number| number > 0)?;
    Some((number, rest[digits..].trim()))
}

fn after<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.find(mark).map(|at| &line[at + mark.len()..])
}

fn first_number(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "import pandas as pd\n\ndef f(x):\n    return x['a']\n\nf({})";

    #[track_caller]
    fn check(traceback: &str, source: &str, expected: Option<(usize, &str)>) {
        let found = line_at_fault(&[traceback.to_owned()], source, Some(3));
        assert_eq!(found.as_ref().map(|(number, text)| (*number, text.as_str())), expected);
    }

    #[test]
    fn the_innermost_line_of_this_cell_is_found() {
        let traceback = "KeyError  Traceback (most recent call last)\n\
            \u{1b}[36mCell\u{1b}[39m\u{1b}[36m \u{1b}[39m\u{1b}[32mIn[3]\u{1b}[39m\u{1b}[32m, line 6\u{1b}[39m\n\
            \u{1b}[32m      4\u{1b}[39m     return x['a']\n\u{1b}[32m----> 6\u{1b}[39m f({})\n\n\
            Cell In[3], line 4, in f(x)\n      3 def f(x):\n----> 4     return x['a']\n\nKeyError: 'a'";
        check(traceback, SOURCE, Some((4, "    return x['a']")));
    }

    #[test]
    fn lines_of_other_cells_and_files_are_not_this_cells() {
        check("Cell In[2], line 4, in f(x)\n----> 4     return x['a']", SOURCE, None);
        let traceback = "Cell In[3], line 6\n----> 6 f({})\n\nFile /lib/x.py:4, in g()\n----> 4     return x['a']";
        check(traceback, SOURCE, Some((6, "f({})")));
    }

    #[test]
    fn older_and_other_headings_are_known() {
        check("Input In [3], in <cell line: 6>()\n----> 6 f({})", SOURCE, Some((6, "f({})")));
        check(
            "<ipython-input-3-0a1b2c> in <module>\n      5 \n----> 6 f({})",
            SOURCE,
            Some((6, "f({})")),
        );
        check(
            "  Cell In[3], line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax",
            "x = = 1",
            Some((1, "x = = 1")),
        );
        check(
            "  File \"<ipython-input-3-0a1b>\", line 1\n    x = = 1",
            "x = = 1",
            Some((1, "x = = 1")),
        );
        check("File <timed exec>:2", "%%time\na = 1\n1/0", Some((3, "1/0")));
    }

    #[test]
    fn a_line_beyond_the_source_is_none() {
        check("Cell In[3], line 99", SOURCE, None);
        check("Cell In[3], line 0\n----> 0 f({})", SOURCE, None);
        check("Cell In[3], line 99999999999999999999999", SOURCE, None);
        check("no traceback", SOURCE, None);
    }

    #[test]
    fn an_endless_text_is_cut() {
        let failure = Failure::read(
            0,
            &serde_json::json!({ "ename": "ValueError", "evalue": "é".repeat(100_000) }),
        );
        assert_eq!(failure.evalue.len(), TEXT_BYTES_MAX + "… [134.5 kB more were not kept]".len());
    }
}
