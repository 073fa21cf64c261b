//! What can be read off Python source without running it: statements, imports, declared parameters.
//!
//! This is a scanner and no parser: it knows strings, comments, brackets and continued lines. Source that
//! it misreads gives a wrong guess, never an error.

mod declared;
mod imports;

pub use declared::Declared;

/// A statement: what stands between two line ends or semicolons outside of strings and brackets.
pub(crate) struct Statement {
    /// How far its first line is indented, in bytes.
    pub indent: usize,
    /// Its lines, without the space around them.
    pub lines: Vec<Line>,
    /// The comment at the end of its last line, without its `#`.
    pub comment: String,
}

/// A line of a statement.
#[derive(Default)]
pub(crate) struct Line {
    /// The source without comments.
    pub code: String,
    /// As many bytes, in which every byte of a string is a quote: what is looked for in the code's
    /// form is not found in its texts.
    pub form: String,
}

impl Statement {
    /// The whole statement on one line: its code and its form.
    pub fn joined(&self, separator: &str) -> (String, String) {
        let join = |part: fn(&Line) -> &str| {
            self.lines.iter().map(part).collect::<Vec<_>>().join(separator)
        };
        (join(|line| &line.code), join(|line| &line.form))
    }
}

/// The statements of a cell of IPython's: lines of magics and of the shell are left out.
pub(crate) fn statements(source: &str) -> Vec<Statement> {
    let Some(source) = python_of(source) else {
        return Vec::new();
    };
    let mut scanner = Scanner::default();
    for line in source.lines() {
        if scanner.is_between_statements() && is_magic(line) {
            continue;
        }
        scanner.line(line);
    }
    scanner.end_statement();
    scanner.statements
}

/// The Python of a cell: all of it, all below a magic that runs Python, or nothing (`%%bash`).
fn python_of(source: &str) -> Option<&str> {
    let trimmed = source.trim_start();
    let Some(magic) = trimmed.strip_prefix("%%") else {
        return Some(source);
    };
    let (line, below) = magic.split_once('\n').unwrap_or((magic, ""));
    let name = line.split_whitespace().next().unwrap_or_default();
    matches!(name, "time" | "timeit" | "capture" | "prun").then_some(below)
}

fn is_magic(line: &str) -> bool {
    line.trim_start().starts_with(['%', '!', '?'])
}

/// Where the scanner stands.
#[derive(Default)]
struct Scanner {
    statements: Vec<Statement>,
    lines: Vec<Line>,
    line: Line,
    indent: usize,
    comment: String,
    /// Open brackets.
    depth: usize,
    /// The quotes that end the string that is open.
    string: Option<&'static str>,
    /// Whether the line before ended with a backslash.
    continued: bool,
}

impl Scanner {
    fn is_between_statements(&self) -> bool {
        self.lines.is_empty() && self.string.is_none() && self.depth == 0 && !self.continued
    }

    fn line(&mut self, line: &str) {
        if self.is_between_statements() {
            self.indent = line.len() - line.trim_start().len();
        }
        self.continued = false;
        self.comment.clear();
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            rest = match self.string {
                Some(quotes) => self.in_string(rest, c, quotes),
                None => self.in_code(rest, c),
            };
        }
        self.end_line();
        if self.string.is_some_and(|quotes| quotes.len() == 1) && !self.continued {
            self.string = None;
        }
        if self.string.is_none() && self.depth == 0 && !self.continued {
            self.end_statement();
        }
    }

    fn in_string<'a>(&mut self, rest: &'a str, c: char, quotes: &str) -> &'a str {
        let taken = match c {
            _ if rest.starts_with(quotes) => {
                self.string = None;
                quotes.len()
            }
            '\\' => {
                let escaped = rest[1..].chars().next();
                self.continued |= escaped.is_none();
                1 + escaped.map_or(0, char::len_utf8)
            }
            c => c.len_utf8(),
        };
        self.take(rest, taken, true)
    }

    fn in_code<'a>(&mut self, rest: &'a str, c: char) -> &'a str {
        match c {
            '#' => {
                rest[1..].clone_into(&mut self.comment);
                return "";
            }
            '\\' if rest.len() == 1 => {
                self.continued = true;
                return "";
            }
            ';' if self.depth == 0 => {
                self.end_line();
                self.end_statement();
                return &rest[1..];
            }
            '(' | '[' | '{' => self.depth += 1,
            ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
            _ => {
                let quotes = ["\"\"\"", "'''", "\"", "'"];
                if let Some(opening) = quotes.into_iter().find(|quotes| rest.starts_with(quotes)) {
                    self.string = Some(opening);
                    return self.take(rest, opening.len(), true);
                }
            }
        }
        self.take(rest, c.len_utf8(), false)
    }

    /// Moves so many bytes into the line.
    fn take<'a>(&mut self, rest: &'a str, bytes: usize, is_string: bool) -> &'a str {
        let (taken, rest) = rest.split_at(bytes);
        self.line.code.push_str(taken);
        if is_string {
            self.line.form.extend(std::iter::repeat_n('"', bytes));
        } else {
            self.line.form.push_str(taken);
        }
        rest
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let start = line.code.len() - line.code.trim_start().len();
        let end = line.code.trim_end().len().max(start);
        if start < end {
            self.lines.push(Line {
                code: line.code[start..end].to_owned(),
                form: line.form[start..end].to_owned(),
            });
        }
    }

    fn end_statement(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        let comment = std::mem::take(&mut self.comment);
        if !lines.is_empty() {
            let indent = self.indent;
            self.statements.push(Statement { indent, lines, comment });
        }
        self.depth = 0;
        self.string = None;
    }
}
