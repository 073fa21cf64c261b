//! Parameters in YAML, with the meaning that PyYAML's safe loader gives them, dates left as texts.
//!
//! The parser knows the grammar alone; what a word means (`yes`, `0777`, `1:30`) is decided here by the
//! rules of YAML 1.1, which is what papermill's users write for.

mod scalar;

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use serde_json::{Map, Value};

/// Levels of lists within lists; a parameter has a handful.
const DEPTH_MAX: usize = 64;
/// Values in all, those that aliases repeat included: a few lines can otherwise stand for billions.
const VALUES_MAX: usize = 1_000_000;

/// Why a text is not one YAML document.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}, column {column}: {why}")]
pub struct YamlError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub why: String,
}

/// The only document of a text; null when there is none.
///
/// Numbers that are not finite are as `penny_notebook::parameter_value` has them.
///
/// # Errors
/// Where and why it is not YAML, or more than a parameter can be.
pub fn parse(text: &str) -> Result<Value, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| error(e.marker(), e.info()))?;
        builder.event(event).map_err(|why| error(&span.start, &why))?;
    }
    Ok(builder.document.unwrap_or(Value::Null))
}

fn error(at: &Marker, why: &str) -> YamlError {
    YamlError { line: at.line(), column: at.col() + 1, why: why.to_owned() }
}

#[derive(Default)]
struct Builder {
    /// The lists and mappings that are open, the innermost last.
    open: Vec<Open>,
    document: Option<Value>,
    anchors: HashMap<usize, (Value, usize)>,
    values: usize,
}

struct Open {
    kind: Kind,
    anchor: usize,
    /// How many values there were before it.
    before: usize,
}

enum Kind {
    List(Vec<Value>),
    Mapping { own: Map<String, Value>, merged: Map<String, Value>, key: Option<Key> },
}

enum Key {
    Name(String),
    /// `<<`: the value's own keys come in, where the mapping has none of that name.
    Merge,
}

impl Builder {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1)?;
                if self.expects_key() && style == ScalarStyle::Plain && text == "<<" {
                    self.give_key(Key::Merge);
                    return Ok(());
                }
                let value = scalar_value(&text, style, tag.as_deref())?;
                self.keep(anchor, &value, 1);
                self.give(value)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(Kind::List(Vec::new()), anchor, tag.as_deref(), "seq")
            }
            Event::MappingStart(anchor, tag) => {
                let kind = Kind::Mapping { own: Map::new(), merged: Map::new(), key: None };
                self.open(kind, anchor, tag.as_deref(), "map")
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => {
                let (value, values) = self
                    .anchors
                    .get(&anchor)
                    .cloned()
                    .ok_or("an alias to a value that holds it")?;
                self.count(values)?;
                self.give(value)
            }
            Event::DocumentStart(_) if self.document.is_some() => {
                Err("a second document begins here, and parameters are one".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn count(&mut self, more: usize) -> Result<(), String> {
        self.values = self.values.saturating_add(more);
        match self.values > VALUES_MAX {
            true => Err(format!("more than {VALUES_MAX} values")),
            false => Ok(()),
        }
    }

    fn keep(&mut self, anchor: usize, value: &Value, values: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), values));
        }
    }

    fn open(
        &mut self,
        kind: Kind,
        anchor: usize,
        tag: Option<&Tag>,
        expected: &str,
    ) -> Result<(), String> {
        match tag {
            Some(tag) if core(tag) != Some(expected) && !tag.suffix.is_empty() => {
                return Err(format!("the tag {} is not known here", shown(tag)));
            }
            _ if self.open.len() == DEPTH_MAX => {
                return Err(format!("more than {DEPTH_MAX} lists within each other"));
            }
            _ => {}
        }
        if self.expects_key() {
            return Err("a list or a mapping cannot be the name of a value".to_owned());
        }
        self.open.push(Open { kind, anchor, before: self.values });
        self.count(1)
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(Open { kind, anchor, before }) = self.open.pop() else { return Ok(()) };
        let value = match kind {
            Kind::List(values) => Value::Array(values),
            Kind::Mapping { own, mut merged, .. } => {
                merged.extend(own);
                Value::Object(merged)
            }
        };
        self.keep(anchor, &value, self.values - before);
        self.give(value)
    }

    /// Whether the next value is the name of one in a mapping.
    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { kind: Kind::Mapping { key: None, .. }, .. }))
    }

    fn give_key(&mut self, given: Key) {
        if let Some(Open { kind: Kind::Mapping { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(given);
        }
    }

    /// Puts a value where it belongs: into what is open, or as the document.
    fn give(&mut self, value: Value) -> Result<(), String> {
        let Some(Open { kind, .. }) = self.open.last_mut() else {
            self.document = Some(value);
            return Ok(());
        };
        match kind {
            Kind::List(values) => values.push(value),
            Kind::Mapping { own, merged, key } => match key.take() {
                None => *key = Some(Key::Name(name_of(&value)?)),
                Some(Key::Name(name)) => drop(own.insert(name, value)),
                Some(Key::Merge) => merge(merged, value)?,
            },
        }
        Ok(())
    }
}

/// The names of a mapping are texts here, whatever they look like.
fn name_of(value: &Value) -> Result<String, String> {
    match value {
        Value::Array(_) | Value::Object(_) => {
            Err("a list or a mapping cannot be the name of a value".to_owned())
        }
        scalar => Ok(crate::exec::python_text::str(scalar)),
    }
}

/// What `<<` brings in; of several mappings the first that has a name decides.
fn merge(merged: &mut Map<String, Value>, value: Value) -> Result<(), String> {
    match value {
        Value::Object(more) => {
            for (name, value) in more {
                merged.entry(name).or_insert(value);
            }
            Ok(())
        }
        Value::Array(list) => list.into_iter().try_for_each(|value| match value {
            Value::Object(_) => merge(merged, value),
            _ => Err("`<<` takes mappings".to_owned()),
        }),
        _ => Err("`<<` takes a mapping, or a list of them".to_owned()),
    }
}

fn scalar_value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let Some(tag) = tag else {
        return Ok(match style {
            ScalarStyle::Plain => scalar::plain(text),
            _ => Value::String(text.to_owned()),
        });
    };
    match core(tag) {
        Some("str" | "timestamp") => Ok(Value::String(text.to_owned())),
        Some(kind) => scalar::tagged(kind, text)
            .ok_or_else(|| format!("`{text}` is not what its tag {} says", shown(tag))),
        // `!` alone: not resolved, a text.
        None if tag.suffix.is_empty() || shown(tag) == "!" => Ok(Value::String(text.to_owned())),
        None => Err(format!("the tag {} is not known here", shown(tag))),
    }
}

/// `int` of `!!int`.
fn core(tag: &Tag) -> Option<&str> {
    tag.is_yaml_core_schema().then_some(tag.suffix.as_str())
}

fn shown(tag: &Tag) -> String {
    match core(tag) {
        Some(kind) => format!("!!{kind}"),
        None => format!("{}{}", tag.handle, tag.suffix),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Value) {
        assert_eq!(parse(text).unwrap_or_else(|e| panic!("{text}: {e}")), expected, "{text}");
    }

    #[test]
    fn lists_and_mappings_nest() {
        check("", Value::Null);
        check("# nothing\n", Value::Null);
        check(
            "a: [1, {b: c}]\nd:\n  - e\n  - f: g\n",
            json!({"a": [1, {"b": "c"}], "d": ["e", {"f": "g"}]}),
        );
        check("{\"a\": 1.5, \"b\": null, \"c\": \"é\"}", json!({"a": 1.5, "b": null, "c": "é"}));
        check("a: |\n  x\n  y\nb: >\n  x\n  y\n", json!({"a": "x\ny\n", "b": "x y\n"}));
        check("a: 1\na: 2\n", json!({"a": 2}));
        check(
            "1: a\nyes: b\n~: c\n1.5: d",
            json!({"1": "a", "True": "b", "None": "c", "1.5": "d"}),
        );
        check("---\na: 1\n...\n", json!({"a": 1}));
        check("\u{feff}a: 1", json!({"a": 1}));
    }

    #[test]
    fn quotes_and_tags_decide_over_looks() {
        check(
            "[\"1\", 'yes', !!str 1, !!int \"7\", !!float 1, !!bool \"no\", !!null x, ! 1]",
            json!(["1", "yes", "1", 7, 1.0, false, null, "1"]),
        );
        check(
            "[2026-01-31, 2026-01-31 12:00:00, !!timestamp 2026-01-31]",
            json!(["2026-01-31", "2026-01-31 12:00:00", "2026-01-31"]),
        );
    }

    #[test]
    fn anchors_and_merges_are_filled_in() {
        check(
            "a: &x {k: 1, l: 2}\nb: *x\nc:\n  l: 3\n  <<: *x\n  m: 4",
            json!({"a": {"k": 1, "l": 2}, "b": {"k": 1, "l": 2}, "c": {"k": 1, "l": 3, "m": 4}}),
        );
        check("<<: [{a: 1}, {a: 2, b: 3}]\n'<<': 4", json!({"a": 1, "b": 3, "<<": 4}));
    }

    #[track_caller]
    fn refuses(text: &str, line: usize, why: &str) {
        let error = parse(text).expect_err(text);
        assert_eq!(error.line, line, "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        refuses("a: 1\nb: [1, 2\n", 3, "");
        refuses("a: 1\nb: !secret x\n", 2, "the tag !secret is not known");
        refuses("a: !!int douze\n", 1, "`douze` is not what its tag !!int says");
        refuses("a: 1\n---\nb: 2\n", 2, "a second document");
        refuses("? [a]\n: 1\n", 1, "name of a value");
        refuses("a: &x [*x]\n", 1, "alias");
        refuses("a: *nowhere\n", 1, "");
        refuses(&"[".repeat(100), 1, "64 lists within each other");
    }

    #[test]
    fn a_few_lines_cannot_stand_for_billions() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let inner = format!("*a{}, ", level - 1).repeat(10);
            text.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
        }
        refuses(&text, 6, "more than 1000000 values");
    }
}
