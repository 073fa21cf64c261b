//! Reading one table of penny.toml: each key once, each wrong thing noted with its place.

use std::ops::Range;
use std::time::Duration;

use super::diagnostic::{Diagnostic, nearest};
use super::document::{Item, Table};
use serde_json::{Map, Value};

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

/// How a size is written.
const SIZE: &str = "a size in quotes, such as \"500 MB\" or \"2 GB\"";
const SUCH_AS: &str = "such as \"500 MB\" or \"2 GB\"";

/// A table with the keys it may have.
pub struct Section<'a> {
    title: &'a str,
    table: &'a Table<'a>,
    span: Range<usize>,
}

impl<'a> Section<'a> {
    /// Notes every key that is not known, with the nearest right one.
    pub fn new(
        title: &'a str,
        table: &'a Table<'a>,
        span: Range<usize>,
        known: &[&str],
        findings: &mut Findings,
    ) -> Section<'a> {
        for (key, _) in table.iter() {
            let (key, span) = (key.name.as_ref(), key.span.clone());
            if known.contains(&key) {
                continue;
            }
            let place = if title.is_empty() { "at the top".into() } else { format!("in {title}") };
            let hint = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", known.join(", ")),
            };
            findings.add(span, format!("unknown key `{key}` {place}"), Some(hint));
        }
        Section { title, table, span }
    }

    fn get(&self, key: &str) -> Option<&'a Item<'a>> {
        self.table.get(key)
    }

    /// Where a key's value stands.
    pub fn span_of(&self, key: &str) -> Range<usize> {
        self.get(key).map_or_else(|| self.span.clone(), |item| item.span.clone())
    }

    /// What the table is called, with its brackets.
    pub fn title(&self) -> &str {
        self.title
    }

    /// A text, when the key is one.
    pub fn text_of(&self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Item::text)
    }

    /// Whether the key is a text.
    pub fn is_text(&self, key: &str) -> bool {
        self.text_of(key).is_some()
    }

    /// Whether the key is this yes or no.
    pub fn is(&self, key: &str, flag: bool) -> bool {
        self.get(key).and_then(Item::flag) == Some(flag)
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
        match item.text() {
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
        if item.flag().is_none() {
            self.expected(key, item, "true or false", findings);
        }
        item.flag()
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
        let Some(text) = item.text() else {
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
        let text = self.text_as(key, SIZE, findings)?;
        let size = super::size::parse_size(&text).filter(|bytes| *bytes > 0);
        if size.is_none() {
            let message = format!("`{key}`: `{text}` is not a size: write one {SUCH_AS}");
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
        match item.whole() {
            Some(n) if bounds.contains(&n) => Some(n),
            _ => {
                let wanted = format!("a whole number from {} to {}", bounds.start(), bounds.end());
                match item.whole() {
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
        if let Some(number) = item.whole() {
            return Some(vec![number]);
        }
        let numbers: Option<Vec<i64>> =
            item.list().and_then(|items| items.iter().map(Item::whole).collect());
        if numbers.is_none() {
            let wanted = "a whole number, or a list of them as in [1, 3, -1]";
            self.expected(key, item, wanted, findings);
        }
        numbers
    }

    /// Whether the key is a whole number, for one that may be something else too.
    pub fn is_number(&self, key: &str) -> bool {
        self.get(key).is_some_and(|item| item.whole().is_some())
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
        let Some(items) = item.list() else {
            let text = item.text().unwrap_or("…");
            let wanted = format!("a list of texts, as in [\"{text}\"]");
            self.expected(key, item, &wanted, findings);
            return None;
        };
        if let Some(wrong) = items.iter().find(|item| item.text().is_none()) {
            let message = format!("`{key}` should list texts, each in quotes");
            findings.add(wrong.span.clone(), message, None);
            return None;
        }
        Some(items.iter().filter_map(Item::text).map(str::to_owned).collect())
    }

    /// A table of values, as JSON.
    pub fn values(&self, key: &str, findings: &mut Findings) -> Map<String, Value> {
        let Some(item) = self.get(key) else { return Map::new() };
        let Some(table) = item.table() else {
            self.expected(key, item, "a table, as in { date_debut = \"2026-01-01\" }", findings);
            return Map::new();
        };
        table.json()
    }

    fn expected(&self, key: &str, item: &Item<'_>, wanted: &str, findings: &mut Findings) {
        let found = item.is_what();
        let place =
            if self.title.is_empty() { String::new() } else { format!(" in {}", self.title) };
        findings.add(
            item.span.clone(),
            format!("`{key}`{place} should be {wanted}, and is {found}"),
            None,
        );
    }
}
