//! `.env` as python-dotenv reads it, since the notebooks read the same file.
//!
//! `KEY=value`, `export KEY=value`, 'single' quotes (as they stand) and "double" quotes (with \n, \" …), over
//! several lines if need be, `# comments`, and `${OTHER}`. A lone `$` is a character like any other: it
//! occurs in passwords.

use std::collections::BTreeMap;

/// A line that could not be read.
#[derive(Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it, without its text: it may hold a secret.
    pub why: &'static str,
}

/// The variables in their order, or the lines that are wrong.
///
/// `outer` answers for `${NAME}` of variables that the file does not define.
///
/// # Errors
/// Every line that could not be read.
pub fn parse(
    text: &str,
    outer: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<(String, String)>, Vec<BadLine>> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut bad = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let before = rest;
        let (entry, after) = entry(rest);
        match entry {
            Ok(Some((name, value, expand))) => {
                let value = if expand { expanded(&value, &known, outer) } else { value };
                known.insert(name.clone(), value.clone());
                found.push((name, value));
            }
            Ok(None) => {}
            Err(why) => bad.push(BadLine { line, why }),
        }
        line += before[..before.len() - after.len()].matches('\n').count();
        rest = after;
    }
    if bad.is_empty() { Ok(found) } else { Err(bad) }
}

type Entry = Result<Option<(String, String, bool)>, &'static str>;

/// One entry from the start of the text, and what comes after its line end.
fn entry(text: &str) -> (Entry, &str) {
    let line_end = text.find('\n').map_or(text.len(), |i| i + 1);
    let (first, after) = text.split_at(line_end);
    let first = first.trim();
    if first.is_empty() || first.starts_with('#') {
        return (Ok(None), after);
    }
    let first = first.strip_prefix("export ").map_or(first, str::trim_start);
    let Some((name, value)) = first.split_once('=') else {
        return (Err("there is no `=` in it: write NAME=value"), after);
    };
    let name = name.trim();
    let valid = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    if name.is_empty() || !name.chars().all(valid) {
        return (Err("the name before `=` may hold letters, digits and _ only"), after);
    }
    let (value, is_apart) = (value.trim_start(), value.starts_with([' ', '\t']));
    let Some(quote) = value.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        return (Ok(Some((name.to_owned(), unquoted(value, is_apart), true))), after);
    };
    // A quoted value may go over several lines: look for its end in the whole text.
    let start = text.find('=').expect("the line holds one") + 1;
    let open = start + text[start..].find(quote).expect("the value begins with it") + 1;
    match closing(&text[open..], quote) {
        Some(length) => {
            let value = unescaped(&text[open..open + length], quote);
            let tail = &text[open + length + 1..];
            let (end, after) = tail.split_once('\n').unwrap_or((tail, ""));
            let end = end.trim();
            if !end.is_empty() && !end.starts_with('#') {
                return (
                    Err("there is more after the closing quote: put all of it in quotes"),
                    after,
                );
            }
            (Ok(Some((name.to_owned(), value, quote == '"'))), after)
        }
        None => (Err("a quote is opened and never closed"), after),
    }
}

/// An unquoted value ends where ` #` begins a comment; a password may begin with a # of its own.
fn unquoted(value: &str, is_apart: bool) -> String {
    let is_comment = |i: usize| if i == 0 { is_apart } else { value[..i].ends_with([' ', '\t']) };
    let end = value
        .char_indices()
        .find(|&(i, c)| c == '#' && is_comment(i))
        .map_or(value.len(), |(i, _)| i);
    value[..end].trim_end().to_owned()
}

fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(i),
            _ => {}
        }
    }
    None
}

fn unescaped(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(c @ ('\\' | '\'')) => out.push(c),
            Some('n') if quote == '"' => out.push('\n'),
            Some('t') if quote == '"' => out.push('\t'),
            Some('r') if quote == '"' => out.push('\r'),
            Some('"') if quote == '"' => out.push('"'),
            Some(c) => {
                out.push('\\');
                out.push(c);
            }
            None => out.push('\\'),
        }
    }
    out
}

/// Replaces `${NAME}` and `${NAME:-otherwise}`.
fn expanded(
    value: &str,
    known: &BTreeMap<String, String>,
    outer: &dyn Fn(&str) -> Option<String>,
) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        out.push_str(&rest[..start]);
        let inner = &rest[start + 2..start + length];
        let (name, otherwise) = inner.split_once(":-").unwrap_or((inner, ""));
        let value = outer(name).or_else(|| known.get(name).cloned());
        out.push_str(value.as_deref().unwrap_or(otherwise));
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let found = parse(text, &|_| None).expect("it can be read");
        let found: Vec<_> = found.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_dollar_in_a_password_is_a_character() {
        check("P=a$b$$c", &[("P", "a$b$$c")]);
    }

    #[test]
    fn quotes_comments_and_export_are_understood() {
        check(
            "# x\nexport A = 1 # one\r\nB='a # \"b\"'\nC=\"l1\\nl2\" # c\nD=a#b\n\nE=\n",
            &[("A", "1"), ("B", "a # \"b\""), ("C", "l1\nl2"), ("D", "a#b"), ("E", "")],
        );
    }

    #[test]
    fn a_value_may_begin_with_a_number_sign() {
        check("A=#x1\nB= # none\nC=\nD=#", &[("A", "#x1"), ("B", ""), ("C", ""), ("D", "#")]);
    }

    #[test]
    fn a_quoted_value_that_goes_on_after_its_quote_is_told_and_not_cut() {
        let bad =
            parse("A=\"x\"y\nB='x' # c\nC='it''s'\nD=1", &|_| None).expect_err("two are wrong");
        assert_eq!(bad.iter().map(|b| b.line).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn a_quoted_value_may_go_over_lines() {
        check("A=\"x\ny\"\nB=2", &[("A", "x\ny"), ("B", "2")]);
    }

    #[test]
    fn a_variable_of_the_file_is_expanded_but_not_in_single_quotes() {
        check(
            "A=x\nB=${A}y\nC='${A}'\nD=${Z:-z}",
            &[("A", "x"), ("B", "xy"), ("C", "${A}"), ("D", "z")],
        );
    }

    #[test]
    fn a_bad_line_is_named_without_its_text() {
        let bad = parse("A=1\nsecret\nB=\"open", &|_| None).expect_err("two lines are wrong");
        assert_eq!(bad.iter().map(|b| b.line).collect::<Vec<_>>(), [2, 3]);
    }
}
