//! The parameters that a notebook declares, as papermill infers them.

use crate::notebook::Notebook;

use super::{Statement, statements};

/// A parameter that the cell tagged `parameters` declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The variable's name.
    pub name: String,
    /// Its type as the source tells it, by an annotation or a `# type:` comment; `None`, as papermill
    /// has it, when it does not.
    pub inferred_type: String,
    /// Its value as the source writes it.
    pub default: String,
    /// The comment at the end of its line, or nothing.
    pub help: String,
}

/// How another language than Python declares a variable on a line.
struct Declaration {
    comment: &'static str,
    /// Words that may stand before the name.
    keywords: &'static [&'static str],
    assigns: &'static [&'static str],
}

impl Notebook {
    /// The parameters that the first cell tagged `parameters` declares, in their order.
    ///
    /// For Python every assignment to a name outside of any block, with its annotation and the comment at
    /// the end of its last line; for the other languages that can be given parameters, every line that
    /// assigns to a name. Empty without such a cell, or in a language that is not known.
    pub fn declared_parameters(&self) -> Vec<Declared> {
        let Some(cell) = self.parameters_cell() else {
            return Vec::new();
        };
        let source = self.source(cell);
        if self.is_python() {
            return statements(&source).iter().filter_map(declared_in_python).collect();
        }
        let Some(declaration) = Declaration::of(self.language().unwrap_or_default()) else {
            return Vec::new();
        };
        source.lines().filter_map(|line| declaration.read(line)).collect()
    }

    /// Whether the notebook is in Python, which is what one that does not say is taken for.
    pub(crate) fn is_python(&self) -> bool {
        let language = self.language().unwrap_or("python").to_lowercase();
        matches!(language.as_str(), "python" | "python3" | "ipython")
    }
}

fn declared_in_python(statement: &Statement) -> Option<Declared> {
    let (code, form) = statement.joined("");
    if statement.indent > 0 {
        return None;
    }
    let assigned = form.find('=')?;
    let value = code[assigned + 1..].trim();
    // `a == b`, `a += 1`, `a <= b`, and chains, whose value is not one thing.
    let is_chain = names_something(&form[assigned + 1..]);
    if value.is_empty() || form[assigned + 1..].starts_with('=') || is_chain {
        return None;
    }
    let (name, annotation) = match form[..assigned].find(':') {
        Some(colon) => (&code[..colon], code[colon + 1..assigned].trim()),
        None => (&code[..assigned], ""),
    };
    let (commented, help) = type_comment(&statement.comment);
    let annotation = annotation.trim_matches(['"', '\'']).trim();
    let inferred = [annotation, commented].into_iter().find(|text| !text.is_empty());
    declared(name, inferred, value, help)
}

/// Whether the value begins with `name =`: the statement assigns to several names.
fn names_something(value: &str) -> bool {
    let Some((name, rest)) = value.split_once('=') else {
        return false;
    };
    is_name(name.trim()) && !rest.starts_with('=')
}

fn declared(name: &str, inferred: Option<&str>, value: &str, help: &str) -> Option<Declared> {
    is_name(name.trim()).then(|| Declared {
        name: name.trim().to_owned(),
        inferred_type: inferred.unwrap_or("None").to_owned(),
        default: value.to_owned(),
        help: help.trim().to_owned(),
    })
}

/// The type of `type: int how many` and what follows it.
fn type_comment(comment: &str) -> (&str, &str) {
    let Some(rest) = comment.trim_start().strip_prefix("type:") else {
        return ("", comment);
    };
    let rest = rest.trim_start();
    rest.split_once(char::is_whitespace).unwrap_or((rest, ""))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

impl Declaration {
    fn of(language: &str) -> Option<Declaration> {
        let (comment, keywords, assigns): (_, &[_], &[_]) = match language.to_lowercase().as_str() {
            "r" => ("#", &[], &["<-", "="]),
            "julia" => ("#", &["const", "global"], &["="]),
            "bash" | "sh" => ("#", &["export", "local"], &["="]),
            "powershell" | "pwsh" => ("#", &[], &["="]),
            "matlab" => ("%", &[], &["="]),
            "scala" => ("//", &["val", "var"], &["="]),
            "javascript" | "typescript" => ("//", &["var", "let", "const"], &["="]),
            "c#" | "csharp" => ("//", &["var"], &["="]),
            "f#" | "fsharp" => ("//", &["let"], &["="]),
            _ => return None,
        };
        Some(Declaration { comment, keywords, assigns })
    }

    fn read(&self, line: &str) -> Option<Declared> {
        let (code, help) = self.split_comment(line);
        let (at, assigns) = self
            .assigns
            .iter()
            .filter_map(|assigns| Some((code.find(assigns)?, assigns)))
            .min_by_key(|(at, _)| *at)?;
        let value = code[at + assigns.len()..].trim().trim_end_matches(';').trim_end();
        let mut target = code[..at].trim();
        for keyword in self.keywords {
            target = target
                .strip_prefix(keyword)
                .filter(|rest| rest.starts_with(' '))
                .map_or(target, str::trim_start);
        }
        let (name, inferred) = target.split_once(':').unwrap_or((target, ""));
        let inferred = Some(inferred.trim()).filter(|inferred| !inferred.is_empty());
        let is_comparison = value.starts_with('=');
        (!is_comparison).then(|| declared(name.trim_start_matches('$'), inferred, value, help))?
    }

    /// The code of a line and its comment, which does not begin within a text.
    fn split_comment<'a>(&self, line: &'a str) -> (&'a str, &'a str) {
        let mut quote = None;
        for (at, c) in line.char_indices() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, _) if line[at..].starts_with(self.comment) => {
                    return (&line[..at], &line[at + self.comment.len()..]);
                }
                _ => {}
            }
        }
        (line, "")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn inferred(language: &str, source: &str) -> Vec<[String; 4]> {
        let notebook = json!({
            "cells": [
                { "cell_type": "code", "metadata": { "tags": ["parameters"] }, "source": source },
            ],
            "metadata": { "kernelspec": { "name": "k", "language": language } },
            "nbformat": 4, "nbformat_minor": 5,
        });
        let notebook = Notebook::parse(notebook.to_string().as_bytes()).expect("a notebook");
        let declared = notebook.declared_parameters().into_iter();
        declared.map(|d| [d.name, d.inferred_type, d.default, d.help]).collect()
    }

    #[track_caller]
    fn check(language: &str, source: &str, expected: &[[&str; 4]]) {
        assert_eq!(inferred(language, source), expected, "{source}");
    }

    #[test]
    fn names_types_values_and_comments_are_read() {
        check("python", "a = 1", &[["a", "None", "1", ""]]);
        check("python", "a: int = 1  # combien", &[["a", "int", "1", "combien"]]);
        check("python", "a = 1 # type: int combien", &[["a", "int", "1", "combien"]]);
        check("python", "a: 'List[str]' = []", &[["a", "List[str]", "[]", ""]]);
        check("python", "a: float | None = None", &[["a", "float | None", "None", ""]]);
        check(
            "python",
            "société = \"L'Été\"  # la société",
            &[["société", "None", "\"L'Été\"", "la société"]],
        );
    }

    #[test]
    fn a_value_may_take_several_lines() {
        check(
            "python",
            "a = [\n    1,  # un\n    # deux\n    2,\n]  # les deux\nb = 3",
            &[["a", "None", "[1,2,]", "les deux"], ["b", "None", "3", ""]],
        );
        check("python", "a = '''x\n  = y'''", &[["a", "None", "'''x= y'''", ""]]);
        check("python", "a = 1 + \\\n    2", &[["a", "None", "1 +2", ""]]);
    }

    #[test]
    fn signs_within_texts_are_no_signs() {
        check(
            "python",
            "u = 'https://x/?a=b#c'  # adresse",
            &[["u", "None", "'https://x/?a=b#c'", "adresse"]],
        );
        check("python", "d = dict(a=1, b=2)", &[["d", "None", "dict(a=1, b=2)", ""]]);
    }

    #[test]
    fn what_declares_nothing_is_passed_over() {
        check("python", "# a = 1\n\nimport os\nprint('a = 1')", &[]);
        check("python", "a == 1\na += 1\na.b = 1\na[0] = 1\na, b = 1, 2\na = b = 1\nx: int", &[]);
        check("python", "if x:\n    a = 1\nb = 2", &[["b", "None", "2", ""]]);
        check("cobol", "a = 1", &[]);
    }

    #[test]
    fn other_languages_declare_on_one_line() {
        check(
            "R",
            "seuil <- 10 # en euros\nx = 'a#b'",
            &[["seuil", "None", "10", "en euros"], ["x", "None", "'a#b'", ""]],
        );
        check("scala", "val n: Int = 3 // combien", &[["n", "Int", "3", "combien"]]);
        check("javascript", "const a = 'x=y';", &[["a", "None", "'x=y'", ""]]);
        check("bash", "export A=1", &[["A", "None", "1", ""]]);
        check("powershell", "$a = 1", &[["a", "None", "1", ""]]);
        check("julia", "a = 1\nif a == 1", &[["a", "None", "1", ""]]);
    }
}
