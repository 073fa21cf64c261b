//! Reading one table of penny.toml: each key once, each wrong thing noted with its place.

use std::ops::Range;
use std::time::Duration;

use serde_json::{Map, Number, Value};
use toml_edit::{Item, TableLike, Value as Toml};

use super::diagnostic::{Diagnostic, nearest};

/// What was found wrong so far.
#[derive(Default)]
pub struct Findings(pub Vec<Diagnostic>);

impl Findings {
    /// Notes one thing.
    pub fn add(&mut self, span: Range<usize>, message: String, hint: Option<String>) {
        self.0.push(Diagnostic { message, hint, span });
    }
}

/// How a length of time is written.
pub const LENGTH_OF_TIME: &str = "a length of time in quotes, such as \"30m\" or \"2h\"";

/// A table with the keys it may have.
pub struct Section<'a> {
    title: &'a str,
    /// Its few keys in a row: they are looked for more often than there are keys.
    items: Vec<(&'a str, &'a Item)>,
    span: Range<usize>,
}

impl<'a> Section<'a> {
    /// Notes every key that is not known, with the nearest right one.
    pub fn new(
        title: &'a str,
        table: &'a dyn TableLike,
        span: Range<usize>,
        known: &[&str],
        findings: &mut Findings,
    ) -> Section<'a> {
        let items: Vec<(&str, &Item)> = table.iter().collect();
        for &(key, item) in &items {
            if known.contains(&key) {
                continue;
            }
            let span = table
                .get_key_value(key)
                .and_then(|(k, _)| k.span())
                .or_else(|| item.span())
                .unwrap_or(span.clone());
            let place = if title.is_empty() { "at the top".into() } else { format!("in {title}") };
            let hint = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", known.join(", ")),
            };
            findings.add(span, format!("unknown key `{key}` {place}"), Some(hint));
        }
        Section { title, items, span }
    }

    fn get(&self, wanted: &str) -> Option<&'a Item> {
        self.items.iter().find(|(key, _)| *key == wanted).map(|(_, item)| *item)
    }

    /// Where a key's value stands.
    pub fn span_of(&self, key: &str) -> Range<usize> {
        self.get(key).and_then(Item::span).unwrap_or(self.span.clone())
    }

    /// What the table is called, with its brackets.
    pub fn title(&self) -> &str {
        self.title
    }

    /// Whether the key is a text.
    pub fn is_text(&self, key: &str) -> bool {
        self.get(key).is_some_and(Item::is_str)
    }

    /// Whether the key is this yes or no.
    pub fn is(&self, key: &str, flag: bool) -> bool {
        self.get(key).and_then(Item::as_bool) == Some(flag)
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// A text.
    pub fn text(&self, key: &str, findings: &mut Findings) -> Option<String> {
        self.text_as(key, "a text in quotes", findings)
    }

    /// A text that is told as `wanted` when it is something else.
    pub fn text_as(&self, key: &str, wanted: &str, findings: &mut Findings) -> Option<String> {
        let item = self.get(key)?;
        match item.as_str() {
            Some(text) => Some(text.to_owned()),
            None => {
                self.expected(key, item, wanted, findings);
                None
            }
        }
    }

    /// A text that must be there and not be blank.
    pub fn required_text(&self, key: &str, findings: &mut Findings) -> Option<String> {
        if !self.has(key) {
            findings.add(
                self.span.clone(),
                format!("{} has no `{key}`", self.title),
                Some(format!("add a line `{key} = \"…\"`")),
            );
            return None;
        }
        let text = self.text(key, findings)?;
        if text.trim().is_empty() {
            findings.add(self.span_of(key), format!("`{key}` in {} is empty", self.title), None);
            return None;
        }
        Some(text)
    }

    /// Yes or no.
    pub fn flag(&self, key: &str, findings: &mut Findings) -> Option<bool> {
        let item = self.get(key)?;
        if item.as_bool().is_none() {
            self.expected(key, item, "true or false", findings);
        }
        item.as_bool()
    }

    /// One of the texts that are known.
    pub fn choice<T: Copy>(
        &self,
        key: &str,
        known: &[(&str, T)],
        findings: &mut Findings,
    ) -> Option<T> {
        let item = self.get(key)?;
        let words: Vec<String> = known.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let words = words.join(" or ");
        let Some(text) = item.as_str() else {
            self.expected(key, item, &words, findings);
            return None;
        };
        let chosen = known.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if chosen.is_none() {
            let message = format!("`{key}` in {} is \"{text}\": write {words}", self.title);
            findings.add(self.span_of(key), message, None);
        }
        chosen
    }

    /// A size such as "2 GB", in bytes.
    pub fn size(&self, key: &str, findings: &mut Findings) -> Option<u64> {
        let examples = "\"500 MB\" or \"2 GB\"";
        let text = self.text_as(key, &format!("a size in quotes, such as {examples}"), findings)?;
        let size = super::size::parse_size(&text).filter(|bytes| *bytes > 0);
        if size.is_none() {
            let message = format!("`{key}`: `{text}` is not a size: write one such as {examples}");
            findings.add(self.span_of(key), message, None);
        }
        size
    }

    /// A whole number within bounds.
    pub fn whole(
        &self,
        key: &str,
        bounds: std::ops::RangeInclusive<i64>,
        findings: &mut Findings,
    ) -> Option<i64> {
        let item = self.get(key)?;
        match item.as_integer() {
            Some(n) if bounds.contains(&n) => Some(n),
            _ => {
                let wanted = format!("a whole number from {} to {}", bounds.start(), bounds.end());
                match item.as_integer() {
                    Some(n) => {
                        let message = format!("`{key}` in {} is {n}: write {wanted}", self.title);
                        findings.add(self.span_of(key), message, None);
                    }
                    None => self.expected(key, item, &wanted, findings),
                }
                None
            }
        }
    }

    /// A list of whole numbers; a single one needs no list.
    pub fn wholes(&self, key: &str, findings: &mut Findings) -> Option<Vec<i64>> {
        let item = self.get(key)?;
        if let Some(number) = item.as_integer() {
            return Some(vec![number]);
        }
        let array = item.as_array();
        let numbers: Option<Vec<i64>> =
            array.and_then(|array| array.iter().map(Toml::as_integer).collect());
        if numbers.is_none() {
            let wanted = "a whole number, or a list of them as in [1, 3, -1]";
            self.expected(key, item, wanted, findings);
        }
        numbers
    }

    /// Whether the key is a whole number, for one that may be something else too.
    pub fn is_number(&self, key: &str) -> bool {
        self.get(key).is_some_and(Item::is_integer)
    }

    /// A length of time such as "30m".
    pub fn duration(&self, key: &str, findings: &mut Findings) -> Option<Duration> {
        let text = self.text_as(key, LENGTH_OF_TIME, findings)?;
        match penny_schedule::parse_duration(&text) {
            Ok(duration) if duration.is_zero() => {
                let why = format!("`{key}` should be longer than nothing: the shortest is `1s`");
                findings.add(self.span_of(key), why, None);
                None
            }
            Ok(duration) => Some(duration),
            Err(why) => {
                findings.add(self.span_of(key), format!("`{key}`: {why}"), None);
                None
            }
        }
    }

    /// A list of texts.
    pub fn texts(&self, key: &str, findings: &mut Findings) -> Option<Vec<String>> {
        let item = self.get(key)?;
        let Some(array) = item.as_array() else {
            self.expected(key, item, "a list of texts, as in [\"08:00\", \"13:30\"]", findings);
            return None;
        };
        let wrong = array.iter().find(|value| value.as_str().is_none());
        if let Some(value) = wrong {
            let span = value.span().unwrap_or(self.span_of(key));
            findings.add(span, format!("`{key}` should list texts, each in quotes"), None);
            return None;
        }
        Some(array.iter().filter_map(Toml::as_str).map(str::to_owned).collect())
    }

    /// A table of values, as JSON.
    pub fn values(&self, key: &str, findings: &mut Findings) -> Map<String, Value> {
        let Some(item) = self.get(key) else { return Map::new() };
        let Some(table) = item.as_table_like() else {
            self.expected(key, item, "a table, as in { date_debut = \"2026-01-01\" }", findings);
            return Map::new();
        };
        let entries = table.iter().filter_map(|(name, item)| {
            let value = item.clone().into_value().ok()?;
            Some((name.to_owned(), json(&value)))
        });
        entries.collect()
    }

    fn expected(&self, key: &str, item: &Item, wanted: &str, findings: &mut Findings) {
        let found = match item.type_name() {
            "string" => "a text",
            "integer" => "a whole number",
            "float" => "a number",
            "boolean" => "true or false",
            "datetime" => "a date",
            "array" | "array of tables" => "a list",
            _ => "a table",
        };
        let place =
            if self.title.is_empty() { String::new() } else { format!(" in {}", self.title) };
        let span = item.span().unwrap_or(self.span.clone());
        findings.add(span, format!("`{key}`{place} should be {wanted}, and is {found}"), None);
    }
}

/// A TOML value as JSON; dates become texts, as papermill's parameters do.
fn json(value: &Toml) -> Value {
    match value {
        Toml::String(s) => Value::String(s.value().clone()),
        Toml::Integer(i) => Value::from(*i.value()),
        Toml::Float(f) => Number::from_f64(*f.value()).map_or(Value::Null, Value::Number),
        Toml::Boolean(b) => Value::Bool(*b.value()),
        Toml::Datetime(d) => Value::String(d.value().to_string()),
        Toml::Array(a) => Value::Array(a.iter().map(json).collect()),
        Toml::InlineTable(t) => {
            Value::Object(t.iter().map(|(k, v)| (k.to_owned(), json(v))).collect())
        }
    }
}
