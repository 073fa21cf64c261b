//! Takes the secrets of `.env` out of an answer: what people, notebooks and servers wrote may hold one that was none
//! when it was kept.
//!
//! Every text is masked, in whatever field it stands. What a program must have to the letter is spared, and known by
//! what it is as a whole: a name that it sends back, a word of the description, a time. A path of a file is none of
//! these: no program sends one back.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::DESCRIPTION;
use crate::store::RunFilter;
use crate::web::visit::Visit;

/// The same without secrets.
pub fn without_secrets(value: Value, visit: &Visit) -> Value {
    Masking { visit, exact: HashMap::new() }.value(value)
}

struct Masking<'v> {
    visit: &'v Visit,
    /// What was found of texts with a secret in them: whether they are spared.
    exact: HashMap<String, bool>,
}

impl Masking<'_> {
    fn value(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(values) => values.into_iter().map(|value| self.value(value)).collect(),
            Value::Object(object) => {
                let fields = object.into_iter();
                let fields = fields.map(|(name, value)| (self.text(name), self.value(value)));
                Value::Object(fields.collect::<Map<_, _>>())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value,
        }
    }

    fn text(&mut self, text: String) -> String {
        match self.visit.workspace.secrets.masked(&text) {
            Some(masked) if !self.is_exact(&text) => masked,
            _ => text,
        }
    }

    fn is_exact(&mut self, text: &str) -> bool {
        if let Some(known) = self.exact.get(text) {
            return *known;
        }
        let is_exact = is_word(text) || is_time(text) || self.is_name(text) || self.is_page(text);
        self.exact.insert(text.to_owned(), is_exact);
        is_exact
    }

    /// Whether it is the name of a notebook or of a published table.
    fn is_name(&self, text: &str) -> bool {
        let (config, store) = (&self.visit.workspace.config, self.visit.store());
        let of_it =
            RunFilter { notebooks: vec![text.to_owned()], limit: 1, ..RunFilter::default() };
        config.notebooks.iter().any(|entry| entry.name == text)
            || store.runs(&of_it).is_ok_and(|runs| !runs.is_empty())
            || store.publishes_of_table(text, 1).is_ok_and(|publishes| !publishes.is_empty())
    }

    /// Whether it is the address of a page, of parts that may all be told.
    fn is_page(&mut self, text: &str) -> bool {
        if !text.starts_with('/') || text.starts_with("//") || text.contains(char::is_whitespace) {
            return false;
        }
        // A secret may have these marks in it, too: what is left without the names is looked at as a whole.
        let rest: String = text
            .split_inclusive(['/', '?', '&', '='])
            .map(|part| {
                let name = part.trim_end_matches(['/', '?', '&', '=']);
                let is_told = !name.is_empty()
                    && self.visit.workspace.secrets.masked(name).is_some()
                    && self.is_exact(name);
                if is_told { &part[name.len()..] } else { part }
            })
            .collect();
        self.visit.workspace.secrets.masked(&rest).is_none()
    }
}

/// Whether the description has it as the name of a field, or as one of the words that a field may be.
fn is_word(text: &str) -> bool {
    static WORDS: OnceLock<HashSet<String>> = OnceLock::new();
    WORDS.get_or_init(words).contains(text)
}

fn words() -> HashSet<String> {
    let description: Value = serde_json::from_str(DESCRIPTION).unwrap_or_default();
    let mut words = HashSet::new();
    let mut waiting = vec![&description["components"]["schemas"]];
    while let Some(value) = waiting.pop() {
        if let Some(fields) = value["properties"].as_object() {
            words.extend(fields.keys().cloned());
        }
        let said = value["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
        words.extend(said.map(str::to_owned));
        match value {
            Value::Object(object) => waiting.extend(object.values()),
            Value::Array(values) => waiting.extend(values),
            _ => {}
        }
    }
    words
}

/// Whether it is a moment or a day: what looks like one of them is nobody's secret.
fn is_time(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
        || text.len() == "2026-11-23".len() && text.parse::<jiff::civil::Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_description_and_times_are_told_to_the_letter() {
        for text in ["succeeded", "timed out", "matching", "postgresql_starts", "expression"] {
            assert!(is_word(text), "{text}");
        }
        for text in ["2026-11-23", "2026-11-23T05:53:52.181479603Z"] {
            assert!(is_time(text), "{text}");
        }
        for text in ["", "hunter2", "on 2026-11-23", "it succeeded", "20261123", "2026-11"] {
            assert!(!is_word(text) && !is_time(text), "{text}");
        }
    }
}
