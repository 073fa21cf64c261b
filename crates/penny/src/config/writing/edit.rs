//! The text of penny.toml with another schedule: one small edit after the other, each at its place.

use std::ops::Range;

use toml_edit::{Document, InlineTable, Item, Table, TableLike, Value as Toml};

use super::Of;
use super::words::{KEYS, RHYTHMS, ScheduleWords, Value};
use crate::error::{Error, Result};

/// What some editors write at the beginning of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// One step of a change.
enum Step {
    /// Another value.
    Set(&'static str, Value),
    /// Another key with its value, in the place of this one.
    Replace(&'static str, &'static str, Value),
    /// A key that is not there yet.
    Add(&'static str, Value),
    /// A key goes.
    Remove(&'static str),
}

/// The table that a schedule is said in.
#[derive(Clone, Copy)]
struct Place<'a> {
    table: &'a dyn TableLike,
    /// Whether it is one in braces, whose keys have no lines of their own.
    in_braces: bool,
    /// Where its header is, if it has one.
    header: Option<usize>,
}

/// A key with its value, by their places in the text.
struct Entry {
    key: Range<usize>,
    value: Range<usize>,
}

impl Entry {
    fn of(table: &dyn TableLike, name: &str) -> Option<Entry> {
        let (key, item) = table.get_key_value(name)?;
        item.as_value()?;
        Some(Entry { key: key.span()?, value: item.span()? })
    }

    /// What stands between the key and the value, for a key of another length: signs that stand below each
    /// other stay so.
    fn equals(&self, text: &str, length: usize) -> String {
        let equals = &text[self.key.end..self.value.start];
        let spaces = equals.len() - equals.trim_start_matches(' ').len();
        if spaces < 2 {
            return equals.to_owned();
        }
        let spaces = (self.key.len() + spaces).saturating_sub(length).max(1);
        format!("{}{}", " ".repeat(spaces), equals.trim_start_matches(' '))
    }
}

/// What a text says of a schedule.
pub fn read(text: &str, of: Of<'_>) -> Result<ScheduleWords> {
    let document = parsed(text)?;
    let Some(place) = place(document.as_table(), of)? else { return Ok(ScheduleWords::default()) };
    Ok(ScheduleWords::of(|key| value(place.table.get(key)?)))
}

/// The text with another schedule.
pub fn write(text: &str, of: Of<'_>, wanted: &ScheduleWords) -> Result<String> {
    let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    let (mark, text) = text.split_at(mark);
    let mut text = text.to_owned();
    for step in steps(&text, of, wanted)? {
        text = taken(&text, of, &step)?;
    }
    Ok(format!("{mark}{text}"))
}

/// Whether two texts say the same but for the keys of a schedule.
pub fn differ_in_schedule_only(before: &str, after: &str, of: Of<'_>) -> Result<bool> {
    let rest = |text: &str| -> Result<serde_json::Value> {
        let document = parsed(text)?;
        let mut root = json_of_table(document.as_table());
        let table = match of {
            Of::Workspace => root.get_mut("schedule"),
            Of::Notebook(name) => {
                let all = root.get_mut("notebook").and_then(|all| all.as_array_mut());
                all.into_iter().flatten().find(|table| table["name"] == format!("text {name}"))
            }
        };
        if let Some(table) = table.and_then(serde_json::Value::as_object_mut) {
            KEYS.iter().for_each(|key| _ = table.shift_remove(*key));
        }
        if root["schedule"].as_object().is_some_and(serde_json::Map::is_empty) {
            root.as_object_mut().map(|root| root.shift_remove("schedule"));
        }
        Ok(root)
    };
    Ok(rest(before)? == rest(after)?)
}

/// The steps from what a text says to what is wanted. A key that goes gives its line to one that comes.
fn steps(text: &str, of: Of<'_>, wanted: &ScheduleWords) -> Result<Vec<Step>> {
    let document = parsed(text)?;
    let table = place(document.as_table(), of)?.map(|place| place.table);
    let has = |key: &str| table.is_some_and(|table| table.contains_key(key));
    let present = |key: &str| table.and_then(|table| value(table.get(key)?));
    let (mut steps, mut going, mut coming) = (Vec::new(), Vec::new(), Vec::new());
    for key in KEYS {
        match (has(key), wanted.value(key)) {
            (true, None) => going.push(key),
            (false, Some(value)) => coming.push((key, value)),
            (true, Some(value)) if !present(key).is_some_and(|old| old.is_same(&value)) => {
                steps.push(Step::Set(key, value));
            }
            _ => {}
        }
    }
    for (key, value) in coming {
        let place = going.iter().position(|gone| RHYTHMS.contains(gone));
        match place.filter(|_| RHYTHMS.contains(&key)) {
            Some(place) => steps.push(Step::Replace(going.remove(place), key, value)),
            None => steps.push(Step::Add(key, value)),
        }
    }
    steps.extend(going.into_iter().map(Step::Remove));
    Ok(steps)
}

fn taken(text: &str, of: Of<'_>, step: &Step) -> Result<String> {
    let document = parsed(text)?;
    let Some(place) = place(document.as_table(), of)? else {
        return Ok(match step {
            Step::Add(key, value) => with_section(text, key, value),
            _ => text.to_owned(),
        });
    };
    let of = |key: &str| Entry::of(place.table, key).ok_or_else(cannot);
    let mut text = text.to_owned();
    match step {
        Step::Set(key, value) => text.replace_range(of(key)?.value, &value.written()),
        Step::Replace(old, new, value) => {
            let old = of(old)?;
            let part = format!("{new}{}{}", old.equals(&text, new.len()), value.written());
            text.replace_range(old.key.start..old.value.end, &part);
        }
        Step::Remove(key) if place.in_braces => {
            text.replace_range(part_in_braces(place.table, &of(key)?), "");
        }
        Step::Remove(key) => {
            let (range, comment) = whole_line(&text, &of(key)?);
            text.replace_range(range, &comment);
        }
        Step::Add(key, value) if place.in_braces => {
            let last = entries(place.table).pop().ok_or_else(cannot)?;
            text.insert_str(last.value.end, &format!(", {key} = {}", value.written()));
        }
        Step::Add(key, value) => add_line(&mut text, place, key, value)?,
    }
    Ok(text)
}

fn cannot() -> Error {
    Error::usage("Penny cannot change this schedule where it stands")
        .hint("change it by hand in penny.toml")
}

fn parsed(text: &str) -> Result<Document<&str>> {
    Document::parse(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)).map_err(|e| {
        let why = e.message().trim().replace('\n', ", ");
        Error::usage(format!("penny.toml is not TOML: {why}")).hint("`penny status` says where")
    })
}

/// Where a schedule is said; nothing for a `[schedule]` that is not there.
fn place<'a>(root: &'a Table, of: Of<'_>) -> Result<Option<Place<'a>>> {
    let Of::Notebook(wanted) = of else {
        return Ok(root.get("schedule").and_then(Place::of));
    };
    let is_it = |place: &Place<'_>| place.table.get("name").and_then(Item::as_str) == Some(wanted);
    let found = match root.get("notebook") {
        Some(Item::ArrayOfTables(all)) => all.iter().map(Place::of_table).find(is_it),
        Some(Item::Value(Toml::Array(all))) => {
            all.iter().filter_map(Toml::as_inline_table).map(Place::of_braces).find(is_it)
        }
        _ => None,
    };
    let unknown = || Error::usage(format!("penny.toml lists no notebook called `{wanted}`"));
    found.map(Some).ok_or_else(unknown)
}

impl<'a> Place<'a> {
    fn of(item: &'a Item) -> Option<Place<'a>> {
        let braces = item.as_inline_table().map(Place::of_braces);
        braces.or_else(|| item.as_table().map(Place::of_table))
    }

    fn of_table(table: &'a Table) -> Place<'a> {
        let header = table.span().filter(|_| !table.is_dotted() && !table.is_implicit());
        Place { table, in_braces: false, header: header.map(|span| span.start) }
    }

    fn of_braces(table: &'a InlineTable) -> Place<'a> {
        Place { table, in_braces: true, header: None }
    }
}

fn value(item: &Item) -> Option<Value> {
    match item.as_value()? {
        Toml::String(text) => Some(Value::Text(text.value().clone())),
        Toml::Boolean(flag) => Some(Value::Flag(*flag.value())),
        Toml::Integer(number) => Some(Value::Numbers(vec![*number.value()])),
        Toml::Array(array) => {
            let texts: Option<Vec<_>> =
                array.iter().map(|v| v.as_str().map(str::to_owned)).collect();
            let numbers = || array.iter().map(Toml::as_integer).collect::<Option<Vec<_>>>();
            texts.map(Value::Texts).or_else(|| numbers().map(Value::Numbers))
        }
        _ => None,
    }
}

/// The values of a table, in the order of the text.
fn entries(table: &dyn TableLike) -> Vec<Entry> {
    let mut entries: Vec<Entry> =
        table.iter().filter_map(|(name, _)| Entry::of(table, name)).collect();
    entries.sort_by_key(|entry| entry.key.start);
    entries
}

/// What goes when a key in braces goes: with the comma after it, or before it.
fn part_in_braces(table: &dyn TableLike, gone: &Entry) -> Range<usize> {
    let entries = entries(table);
    let after = entries.iter().find(|entry| entry.key.start > gone.key.start);
    let before = entries.iter().rfind(|entry| entry.key.start < gone.key.start);
    match (after, before) {
        (Some(after), _) => gone.key.start..after.key.start,
        (None, Some(before)) => before.value.end..gone.value.end,
        (None, None) => gone.key.start..gone.value.end,
    }
}

/// The line, or lines, of a key, and what stays of it: its indentation with its comment.
fn whole_line(text: &str, entry: &Entry) -> (Range<usize>, String) {
    let (start, end) = (line_start(text, entry.key.start), line_end(text, entry.value.end));
    let rest = &text[entry.value.end..end];
    match rest.find('#') {
        // What the user wrote beside a value is his: it may say why.
        Some(comment) => {
            let indent: String = text[start..].chars().take_while(|c| c.is_whitespace()).collect();
            (start..end, format!("{indent}{}", &rest[comment..]))
        }
        None => (start..end, String::new()),
    }
}

/// A key on a line of its own, behind the last one of the schedule, else of the table, else its header.
fn add_line(text: &mut String, place: Place<'_>, key: &str, value: &Value) -> Result<()> {
    let schedule = KEYS.iter().filter_map(|key| Entry::of(place.table, key));
    let last = schedule.max_by_key(|entry| entry.key.start);
    let last = last.or_else(|| entries(place.table).pop());
    let (prefix, equals, after) = match (&last, place.header) {
        (Some(last), _) => {
            let prefix = text[line_start(text, last.key.start)..last.key.start].to_owned();
            (prefix, last.equals(text, key.len()), line_end(text, last.value.end))
        }
        (None, Some(header)) => {
            let prefix = text[line_start(text, header)..header].to_owned();
            (prefix, " = ".to_owned(), line_end(text, header))
        }
        (None, None) => return Err(cannot()),
    };
    let line = format!("{prefix}{key}{equals}{}", value.written());
    let end = end_of_lines(text);
    match text[..after].ends_with('\n') {
        true => text.insert_str(after, &format!("{line}{end}")),
        // The file ends without the end of its last line, and goes on doing so.
        false => text.insert_str(after, &format!("{end}{line}")),
    }
    Ok(())
}

/// The text with a `[schedule]` at its end.
fn with_section(text: &str, key: &str, value: &Value) -> String {
    let end = end_of_lines(text);
    let gap = match (text.is_empty(), text.ends_with('\n')) {
        (true, _) => String::new(),
        (_, true) => end.to_owned(),
        (_, false) => format!("{end}{end}"),
    };
    format!("{text}{gap}[schedule]{end}{key} = {}{end}", value.written())
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Behind the end of the line.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

/// How the lines of a text end.
fn end_of_lines(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn json_of_table(table: &dyn TableLike) -> serde_json::Value {
    table.iter().map(|(name, item)| (name.to_owned(), json(item))).collect()
}

fn json(item: &Item) -> serde_json::Value {
    match item {
        Item::None => serde_json::Value::Null,
        Item::Table(table) => json_of_table(table),
        Item::ArrayOfTables(all) => all.iter().map(|table| json_of_table(table)).collect(),
        Item::Value(value) => json_of_value(value),
    }
}

/// Each value with its kind, so that 1 and "1" are two.
fn json_of_value(value: &Toml) -> serde_json::Value {
    match value {
        Toml::InlineTable(table) => json_of_table(table),
        Toml::Array(array) => array.iter().map(json_of_value).collect(),
        Toml::String(text) => serde_json::Value::from(format!("text {}", text.value())),
        Toml::Integer(number) => serde_json::Value::from(format!("integer {}", number.value())),
        Toml::Float(number) => serde_json::Value::from(format!("float {}", number.value())),
        Toml::Boolean(flag) => serde_json::Value::from(*flag.value()),
        Toml::Datetime(time) => serde_json::Value::from(format!("time {}", time.value())),
    }
}
