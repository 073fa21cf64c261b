//! Which attributes may stay, and with which values.

use super::address;
use super::policy::{Element, Shape};
use crate::escape;

/// The attributes that are read at all; `style` for its `text-align` alone, `class` for a few
/// names.
const KNOWN: &[&str] = &[
    "align", "alt", "class", "colspan", "dir", "height", "href", "lang", "open", "reversed",
    "rowspan", "scope", "span", "src", "start", "style", "title", "type", "value", "width",
];

/// Columns and rows that one cell may span: browsers make room for each.
const COLUMNS_MAX: u32 = 100;
const ROWS_MAX: u32 = 1000;
/// Pixels of a picture's side.
const PIXELS_MAX: u32 = 10_000;

/// Classes of foreign HTML that mean something, and what they become.
const CLASSES: &[(&str, &str)] = &[
    ("dataframe", "dataframe"),
    ("footnote-definition", "footnote"),
    ("alert-info", "alert info"),
    ("alert-success", "alert success"),
    ("alert-warning", "alert warning"),
    ("alert-danger", "alert danger"),
];

/// The attributes of the start tag that is being read.
#[derive(Default)]
pub(super) struct Attributes {
    known: Vec<(&'static str, String)>,
    /// Whether the next value belongs to the last of `known`.
    wanted: bool,
}

impl Attributes {
    pub(super) fn clear(&mut self) {
        self.known.clear();
        self.wanted = false;
    }

    /// An attribute begins. Of two with one name the first counts.
    pub(super) fn name(&mut self, name: &[u8]) {
        let known = KNOWN.iter().find(|known| known.as_bytes() == name);
        self.wanted = match known {
            Some(known) if self.get(known).is_none() => {
                self.known.push((known, String::new()));
                true
            }
            _ => false,
        };
    }

    /// A piece of its value.
    pub(super) fn value(&mut self, value: &[u8]) {
        if let (true, Some((_, known))) = (self.wanted, self.known.last_mut()) {
            known.push_str(&String::from_utf8_lossy(value));
        }
    }

    pub(super) fn has_address(&self) -> bool {
        self.get("href").and_then(address).is_some()
    }

    pub(super) fn alt(&self) -> &str {
        self.get("alt").unwrap_or_default()
    }

    pub(super) fn source(&self) -> &str {
        self.get("src").unwrap_or_default()
    }

    /// A picture's width and height.
    pub(super) fn write_size(&self, out: &mut String) {
        self.number(out, "width", PIXELS_MAX);
        self.number(out, "height", PIXELS_MAX);
    }

    /// Those that an element may have.
    pub(super) fn write(&self, out: &mut String, element: Element) {
        match element.name {
            "a" => self.link(out),
            "td" | "th" => {
                self.number(out, "colspan", COLUMNS_MAX);
                self.number(out, "rowspan", ROWS_MAX);
                self.one_of(out, "scope", &["row", "col", "rowgroup", "colgroup"]);
            }
            "col" | "colgroup" => self.number(out, "span", COLUMNS_MAX),
            "ol" => {
                self.number(out, "start", u32::MAX);
                self.one_of(out, "type", &["1", "a", "A", "i", "I"]);
                self.flag(out, "reversed");
            }
            "li" => self.number(out, "value", u32::MAX),
            "details" => self.flag(out, "open"),
            "table" | "div" => self.class(out),
            _ => {}
        }
        if !matches!(element.shape, Shape::Void | Shape::Inline | Shape::Link | Shape::Table) {
            self.alignment(out);
        }
        self.one_of(out, "dir", &["ltr", "rtl", "auto"]);
        if let Some(title) = self.get("title") {
            push(out, "title", title);
        }
        let is_language = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if let Some(language) =
            self.get("lang").filter(|l| l.len() < 36 && l.chars().all(is_language))
        {
            push(out, "lang", language);
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.known.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    fn link(&self, out: &mut String) {
        if let Some(address) = self.get("href").and_then(address) {
            push(out, "href", &address);
            out.push_str(" rel=\"noopener noreferrer nofollow\" target=\"_blank\"");
        }
    }

    fn number(&self, out: &mut String, name: &str, max: u32) {
        let value = self.get(name).map(str::trim).unwrap_or_default();
        let value = value.strip_suffix("px").unwrap_or(value);
        // A picture's size may be 640.5.
        let whole = value.split('.').next().unwrap_or_default();
        if let Ok(number) = whole.parse::<u32>() {
            push(out, name, &number.min(max).to_string());
        }
    }

    fn one_of(&self, out: &mut String, name: &str, values: &[&str]) {
        if let Some(value) = self.get(name).and_then(|v| values.iter().find(|known| **known == v)) {
            push(out, name, value);
        }
    }

    fn flag(&self, out: &mut String, name: &str) {
        if self.get(name).is_some() {
            out.push(' ');
            out.push_str(name);
        }
    }

    /// Numbers stand on the right: pandas and markdown say so in `style`, which a page's
    /// Content-Security-Policy forbids, so it becomes the attribute of old.
    fn alignment(&self, out: &mut String) {
        let style = self.get("style").unwrap_or_default().to_ascii_lowercase();
        let mut rules = style.rsplit(';').filter_map(|rule| rule.split_once(':'));
        let styled = rules.find(|(name, _)| name.trim() == "text-align").map(|(_, v)| v.trim());
        let value = styled.or(self.get("align")).unwrap_or_default();
        if let Some(known) = ["left", "right", "center"].iter().find(|known| **known == value) {
            push(out, "align", known);
        }
    }

    fn class(&self, out: &mut String) {
        let class = self.get("class").unwrap_or_default();
        let mut names = class.split_ascii_whitespace();
        if let Some((_, known)) =
            names.find_map(|name| CLASSES.iter().find(|(foreign, _)| *foreign == name))
        {
            push(out, "class", known);
        }
    }
}

fn push(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape::attribute(out, value);
    out.push('"');
}
