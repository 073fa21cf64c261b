//! What TOML's parser finds in a file, one thing after the other, becomes tables.

use std::borrow::Cow;
use std::mem;
use std::ops::Range;

use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::parser::{EventReceiver, parse_document};
use toml_parser::{ErrorSink, ParseError, Raw, Source, Span};

use super::super::diagnostic::Diagnostic;
use super::{Item, Key, Origin, Table, Value};

/// So many lists and tables may stand within each other, and so many parts may a key have: as in toml_edit.
const DEPTH_MAX: usize = 80;

/// Reads a text; of one that is wrong, what was noticed first.
pub fn read(text: &str) -> Result<Table<'_>, Diagnostic> {
    let source = Source::new(text);
    // A token mostly has more bytes than that: a large file's need not be moved while they are read.
    let mut tokens = Vec::with_capacity(text.len() / 3 + 1);
    tokens.extend(source.lex());
    let mut wrong: Option<ParseError> = None;
    let mut reader = Reader::new(text);
    parse_document(&tokens, &mut reader, &mut wrong);
    reader.end_section(&mut wrong);
    match wrong {
        None => Ok(reader.root),
        Some(wrong) => {
            let span = wrong.unexpected().map_or(0..0, |span| span.start()..span.end());
            Err(Diagnostic { message: wrong.description().to_owned(), hint: None, span })
        }
    }
}

/// What has been read so far. After the first error it goes on, and what comes of it is thrown away.
struct Reader<'a> {
    text: &'a str,
    root: Table<'a>,
    /// The section whose lines are being read; it goes into `root` when it ends.
    section: Table<'a>,
    /// Its header, unless it is the file's beginning.
    header: Option<Header>,
    /// Its name.
    name: Vec<Key<'a>>,
    /// The parts of the key whose value comes next.
    key: Vec<Key<'a>>,
    /// The lists and tables in braces that have not ended, each within the one before.
    open: Vec<Open<'a>>,
}

/// A `[header]` or `[[header]]`.
struct Header {
    is_double: bool,
    span: Range<usize>,
}

/// A list or a table in braces that has not ended, with its beginning.
enum Open<'a> {
    List(usize, Vec<Item<'a>>),
    Table(usize, Table<'a>, Vec<Key<'a>>),
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Reader<'a> {
        Reader {
            text,
            root: Table::default(),
            section: Table::default(),
            header: None,
            name: Vec::new(),
            key: Vec::new(),
            open: Vec::new(),
        }
    }

    fn raw(&self, span: Span, encoding: Option<Encoding>) -> Raw<'a> {
        let text = self.text.get(span.start()..span.end()).unwrap_or_default();
        Raw::new_unchecked(text, encoding, span)
    }

    /// The one that is whole now goes into the table of before.
    fn end_section(&mut self, errors: &mut dyn ErrorSink) {
        let table = mem::take(&mut self.section);
        let Some(Header { is_double, span }) = self.header.take() else {
            self.root = table;
            return;
        };
        let Some(key) = self.name.pop() else { return };
        let Some(parent) = descend(&mut self.root, &self.name, false, errors) else { return };
        let end = span.end;
        let item = Item { value: Value::Table(table), span: span.clone() };
        match parent.place(&key.name).map(|place| &mut parent.entries[place].1) {
            Some(Item { value: Value::Sections(all), span }) if is_double => {
                all.push(item);
                span.end = end;
            }
            Some(_) => duplicate(&key, errors),
            None if is_double => {
                let value = Value::Sections(vec![item]);
                parent.entries.push((key, Item { value, span }));
            }
            None => parent.entries.push((key, item)),
        }
    }

    fn begin_header(&mut self, is_double: bool, span: Span, errors: &mut dyn ErrorSink) {
        self.end_section(errors);
        self.open.clear();
        self.key.clear();
        self.header = Some(Header { is_double, span: span.start()..span.end() });
    }

    /// The header is whole, and its lines follow.
    fn begin_section(&mut self, span: Span, errors: &mut dyn ErrorSink) {
        let Some(header) = &mut self.header else { return };
        header.span.end = span.end();
        check_length(&self.key, errors);
        mem::swap(&mut self.name, &mut self.key);
        self.key.clear();
        let Some((key, path)) = self.name.split_last() else { return };
        if header.is_double {
            return;
        }
        // What headers of tables within it have made is part of it; what was said otherwise cannot be said again.
        let Some(parent) = descend(&mut self.root, path, false, errors) else { return };
        let Some(place) = parent.place(&key.name) else { return };
        match parent.entries.remove(place).1.value {
            Value::Table(Table { entries, origin: Origin::Inner }) => {
                self.section = Table { entries, origin: Origin::Header };
            }
            _ => duplicate(key, errors),
        }
    }

    /// A value is whole: it belongs to what is open, or to the section.
    fn take(&mut self, value: Value<'a>, span: Range<usize>, errors: &mut dyn ErrorSink) {
        let item = Item { value, span };
        match self.open.last_mut() {
            Some(Open::List(_, items)) => items.push(item),
            Some(Open::Table(_, table, key)) => insert(table, key, item, errors),
            None => insert(&mut self.section, &mut self.key, item, errors),
        }
    }

    fn open(&mut self, open: Open<'a>, span: Span, errors: &mut dyn ErrorSink) -> bool {
        self.open.push(open);
        let is_allowed = self.open.len() <= DEPTH_MAX;
        if !is_allowed {
            errors.report_error(ParseError::new("too deep").with_unexpected(span));
        }
        is_allowed
    }

    fn close(&mut self, span: Span, errors: &mut dyn ErrorSink) {
        match self.open.pop() {
            Some(Open::List(start, items)) => {
                self.take(Value::List(items), start..span.end(), errors);
            }
            Some(Open::Table(start, table, _)) => {
                self.take(Value::Table(table), start..span.end(), errors);
            }
            None => {}
        }
    }
}

/// Takes a value into a table, under a key whose last part alone is its own.
fn insert<'a>(
    table: &mut Table<'a>,
    keys: &mut Vec<Key<'a>>,
    item: Item<'a>,
    errors: &mut dyn ErrorSink,
) {
    check_length(keys, errors);
    if let Some(key) = keys.pop() {
        let is_dotted = !keys.is_empty();
        let table = if is_dotted { descend(table, keys, true, errors) } else { Some(table) };
        match table {
            Some(table) if is_dotted && table.origin == Origin::Header => duplicate(&key, errors),
            Some(table) if table.place(&key.name).is_some() => duplicate(&key, errors),
            Some(table) => table.entries.push((key, item)),
            None => {}
        }
    }
    keys.clear();
}

/// The table that a path leads to; what is not there yet is made. A dotted key must not add to a table that has
/// a header, and nothing adds to one in braces.
fn descend<'t, 'a>(
    mut table: &'t mut Table<'a>,
    path: &[Key<'a>],
    is_dotted: bool,
    errors: &mut dyn ErrorSink,
) -> Option<&'t mut Table<'a>> {
    for key in path {
        let place = table.place(&key.name).unwrap_or_else(|| {
            let origin = if is_dotted { Origin::Dotted } else { Origin::Inner };
            let value = Value::Table(Table { entries: Vec::new(), origin });
            table.entries.push((key.clone(), Item { value, span: key.span.clone() }));
            table.entries.len() - 1
        });
        table = match &mut table.entries[place].1.value {
            Value::Sections(all) => match all.last_mut().map(|last| &mut last.value) {
                Some(Value::Table(last)) => last,
                _ => return None,
            },
            Value::Table(inner) => match inner.origin {
                Origin::Header if is_dotted => {
                    duplicate(key, errors);
                    return None;
                }
                Origin::Braces => {
                    duplicate(key, errors);
                    return None;
                }
                Origin::Inner if is_dotted => {
                    inner.origin = Origin::Dotted;
                    inner
                }
                Origin::Header | Origin::Inner | Origin::Dotted => inner,
            },
            _ => {
                duplicate(key, errors);
                return None;
            }
        };
    }
    Some(table)
}

fn duplicate(key: &Key<'_>, errors: &mut dyn ErrorSink) {
    let span = Span::new_unchecked(key.span.start, key.span.end);
    errors.report_error(ParseError::new("duplicate key").with_unexpected(span));
}

fn check_length(key: &[Key<'_>], errors: &mut dyn ErrorSink) {
    if key.len() > DEPTH_MAX {
        errors.report_error(ParseError::new("recursion limit"));
    }
}

impl EventReceiver for Reader<'_> {
    fn std_table_open(&mut self, span: Span, error: &mut dyn ErrorSink) {
        self.begin_header(false, span, error);
    }

    fn array_table_open(&mut self, span: Span, error: &mut dyn ErrorSink) {
        self.begin_header(true, span, error);
    }

    fn std_table_close(&mut self, span: Span, error: &mut dyn ErrorSink) {
        self.begin_section(span, error);
    }

    fn array_table_close(&mut self, span: Span, error: &mut dyn ErrorSink) {
        self.begin_section(span, error);
    }

    fn inline_table_open(&mut self, span: Span, error: &mut dyn ErrorSink) -> bool {
        let table = Table { entries: Vec::new(), origin: Origin::Braces };
        self.open(Open::Table(span.start(), table, Vec::new()), span, error)
    }

    fn inline_table_close(&mut self, span: Span, error: &mut dyn ErrorSink) {
        self.close(span, error);
    }

    fn array_open(&mut self, span: Span, error: &mut dyn ErrorSink) -> bool {
        self.open(Open::List(span.start(), Vec::new()), span, error)
    }

    fn array_close(&mut self, span: Span, error: &mut dyn ErrorSink) {
        self.close(span, error);
    }

    fn simple_key(&mut self, span: Span, kind: Option<Encoding>, error: &mut dyn ErrorSink) {
        let mut name = Cow::Borrowed("");
        self.raw(span, kind).decode_key(&mut name, error);
        let key = Key { name, span: span.start()..span.end() };
        match self.open.last_mut() {
            Some(Open::Table(_, _, keys)) => keys.push(key),
            _ => self.key.push(key),
        }
    }

    fn scalar(&mut self, span: Span, kind: Option<Encoding>, error: &mut dyn ErrorSink) {
        let mut text = Cow::Borrowed("");
        let kind = self.raw(span, kind).decode_scalar(&mut text, error);
        let value = scalar(text, kind, span, error);
        self.take(value, span.start()..span.end(), error);
    }

    fn comment(&mut self, span: Span, error: &mut dyn ErrorSink) {
        self.raw(span, None).decode_comment(error);
    }

    fn newline(&mut self, span: Span, error: &mut dyn ErrorSink) {
        self.raw(span, None).decode_newline(error);
    }
}

fn scalar<'a>(
    text: Cow<'a, str>,
    kind: ScalarKind,
    span: Span,
    errors: &mut dyn ErrorSink,
) -> Value<'a> {
    let value = match kind {
        ScalarKind::String => return Value::Text(text),
        ScalarKind::Boolean(flag) => return Value::Flag(flag),
        ScalarKind::DateTime => text.parse().ok().map(Value::Date),
        ScalarKind::Integer(radix) => {
            i64::from_str_radix(&text, radix.value()).ok().map(Value::Whole)
        }
        ScalarKind::Float => {
            // A number that is too large is not meant to be infinite, unless it is written so.
            let is_said = text.ends_with("inf");
            let number = text.parse::<f64>().ok();
            number.filter(|n| n.is_finite() || n.is_nan() || is_said).map(Value::Float)
        }
    };
    value.unwrap_or_else(|| {
        errors.report_error(ParseError::new(kind.invalid_description()).with_unexpected(span));
        Value::Flag(false)
    })
}
