//! penny.toml as it is read: values with their places, and texts borrowed from the file where they can be.
//!
//! toml_edit also keeps how a file is laid out, which is for writing it. A file of ten thousand notebooks is read
//! in a third of the time without; what a file means, and what is wrong with one, is as toml_edit says (test).

mod reading;

use std::borrow::Cow;
use std::ops::Range;

use penny_notebook::parameter_value;
use serde_json::{Map, Number, Value as Json};
use toml_edit::Datetime;

use super::diagnostic::Diagnostic;

/// A table of any form: a `[section]`, one in braces, or one that dotted keys speak of.
#[derive(Debug, Default)]
pub struct Table<'a> {
    entries: Vec<(Key<'a>, Item<'a>)>,
    origin: Origin,
}

/// How a table came to be, which decides what may be added to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Origin {
    /// By its own header, or as the file itself.
    #[default]
    Header,
    /// By the header of a table within it.
    Inner,
    /// By a dotted key.
    Dotted,
    /// By braces, which say all of it.
    Braces,
}

/// A key.
#[derive(Clone, Debug)]
pub struct Key<'a> {
    /// As it is meant, without quotes.
    pub name: Cow<'a, str>,
    /// Where it stands.
    pub span: Range<usize>,
}

/// A value with its place; a section stands where its header does.
#[derive(Debug)]
pub struct Item<'a> {
    /// The value.
    pub value: Value<'a>,
    /// Where it stands.
    pub span: Range<usize>,
}

/// A value.
#[derive(Debug)]
pub enum Value<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// A whole number.
    Whole(i64),
    /// Another number.
    Float(f64),
    /// Yes or no.
    Flag(bool),
    /// A date, a time, or both.
    Date(Datetime),
    /// A list in brackets.
    List(Vec<Item<'a>>),
    /// All `[[sections]]` of a name; each is a table.
    Sections(Vec<Item<'a>>),
    /// A table.
    Table(Table<'a>),
}

/// Reads a text.
///
/// # Errors
/// The first thing that is wrong, in toml_edit's words.
pub fn read(text: &str) -> Result<Table<'_>, Diagnostic> {
    reading::read(text).map_err(|mut found| {
        // Its words say more: what was expected, too.
        if let Err(error) = toml_edit::Document::parse(text) {
            found.message = error.message().trim().replace('\n', ", ");
            found.span = error.span().unwrap_or(0..0);
        }
        found
    })
}

impl<'a> Table<'a> {
    /// The value of a key.
    pub fn get(&self, name: &str) -> Option<&Item<'a>> {
        self.place(name).map(|place| &self.entries[place].1)
    }

    /// All keys and values, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &(Key<'a>, Item<'a>)> {
        self.entries.iter()
    }

    /// All of it as JSON.
    pub fn json(&self) -> Map<String, Json> {
        self.iter().map(|(key, item)| (key.name.to_string(), item.json())).collect()
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.entries.iter().position(|(key, _)| key.name == name)
    }
}

impl<'a> Item<'a> {
    /// It as a text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// It as a whole number.
    pub fn whole(&self) -> Option<i64> {
        match self.value {
            Value::Whole(number) => Some(number),
            _ => None,
        }
    }

    /// It as yes or no.
    pub fn flag(&self) -> Option<bool> {
        match self.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// It as a list in brackets.
    pub fn list(&self) -> Option<&[Item<'a>]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// It as a table.
    pub fn table(&self) -> Option<&Table<'a>> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// It as tables, each with its place: `[[sections]]`, or a list of tables in braces.
    pub fn tables(&self) -> Option<Vec<(&Table<'a>, Range<usize>)>> {
        let (Value::List(items) | Value::Sections(items)) = &self.value else { return None };
        items.iter().map(|item| Some((item.table()?, item.span.clone()))).collect()
    }

    /// What it is, for people who do not know TOML.
    pub fn is_what(&self) -> &'static str {
        match &self.value {
            Value::Text(_) => "a text",
            Value::Whole(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::Date(_) => "a date",
            Value::List(_) | Value::Sections(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// It as JSON; dates become texts, nan and inf what stands for them, as papermill's parameters do.
    pub fn json(&self) -> Json {
        match &self.value {
            Value::Text(text) => Json::String(text.clone().into_owned()),
            Value::Whole(number) => Json::from(*number),
            Value::Float(number) => match Number::from_f64(*number) {
                Some(number) => Json::Number(number),
                None => parameter_value(&number.to_string()),
            },
            Value::Flag(flag) => Json::Bool(*flag),
            Value::Date(date) => Json::String(date.to_string()),
            Value::List(items) | Value::Sections(items) => {
                Json::Array(items.iter().map(Item::json).collect())
            }
            Value::Table(table) => Json::Object(table.json()),
        }
    }
}

#[cfg(test)]
mod tests;
