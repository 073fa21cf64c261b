//! Foreign HTML, made harmless.
//!
//! The tokens of html5gum (the tokenizer of the HTML standard) go through a list of what is
//! allowed and are written anew. What is written contains no element in which text is anything but
//! text (no script, style, svg, math, noscript, textarea…), every tag is whole, every text
//! escaped, every element closed where it was opened: so a browser reads it as it is meant, which
//! the tests hold by parsing it as browsers do.
//!
//! There is no tree, on purpose: building one takes quadratic time and space for hostile input
//! (`<p><b title=1><p><b title=2>…`: 67 kB become 156 MB in ammonia), and takes several times as
//! long for a table.

mod address;
mod attributes;
mod nesting;
mod policy;

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

pub(crate) use address::address;

use crate::escape;
use crate::picture::Pictures;
use attributes::Attributes;
use nesting::Nesting;
use policy::{Element, Shape, Treatment, treatment};

/// Begins the number of an island in a text; [`ISLAND_END`] ends it. Neither character is ever
/// written: text in which they occur loses them.
pub(crate) const ISLAND: char = '\u{fdd0}';
/// Ends the number of an island.
pub(crate) const ISLAND_END: char = '\u{fdd1}';

/// HTML after cleaning.
#[derive(Debug, Default)]
pub(crate) struct Cleaned {
    /// The safe HTML.
    pub html: String,
    /// Whether there is anything to see in it: text or a picture.
    pub visible: bool,
}

/// Makes HTML harmless. `islands` are pieces of HTML that are safe already; each takes the place
/// of its number between [`ISLAND`] and [`ISLAND_END`], once, and only where there is text.
pub(crate) fn clean(html: &str, pictures: &Pictures<'_>, islands: Vec<String>) -> Cleaned {
    let mut cleaner = Cleaner {
        out: String::with_capacity(html.len()),
        visible: false,
        nesting: Nesting::default(),
        tag: None,
        attributes: Attributes::default(),
        dropping: None,
        pictures,
        islands,
    };
    let mut emitter =
        CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
            cleaner.event(event);
            None
        });
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(html, emitter).finish();
    cleaner.nesting.close_all(&mut cleaner.out);
    Cleaned { html: cleaner.out, visible: cleaner.visible }
}

struct Cleaner<'a> {
    out: String,
    visible: bool,
    nesting: Nesting,
    /// The start tag that is being read.
    tag: Option<Treatment>,
    attributes: Attributes,
    /// Inside an element whose content goes: its name, and how many of that name are open.
    dropping: Option<(&'static str, usize)>,
    pictures: &'a Pictures<'a>,
    islands: Vec<String>,
}

impl Cleaner<'_> {
    fn event(&mut self, event: CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Some(treatment(name));
                self.attributes.clear();
            }
            CallbackEvent::AttributeName { name } => self.attributes.name(name),
            CallbackEvent::AttributeValue { value } => self.attributes.value(value),
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some(tag) = self.tag.take() {
                    self.start(tag, self_closing);
                }
            }
            CallbackEvent::EndTag { name } => self.end(treatment(name)),
            CallbackEvent::String { value } if self.dropping.is_none() => {
                self.text(&String::from_utf8_lossy(value));
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Treatment, self_closing: bool) {
        match (&mut self.dropping, tag) {
            (Some((name, depth)), Treatment::Drop(other)) if *name == other && !self_closing => {
                *depth += 1;
            }
            (Some(_), _) | (None, Treatment::Unwrap) => {}
            (None, Treatment::Drop(name)) if !self_closing => self.dropping = Some((name, 1)),
            (None, Treatment::Drop(_)) => {}
            (None, Treatment::Keep(element)) if element.name == "img" => self.picture(),
            (None, Treatment::Keep(element)) => self.element(element),
        }
    }

    fn element(&mut self, element: Element) {
        if element.shape == Shape::Link && !self.attributes.has_address() {
            return;
        }
        if !self.nesting.open(&mut self.out, element) {
            return;
        }
        self.out.push('<');
        self.out.push_str(element.name);
        self.attributes.write(&mut self.out, element);
        self.out.push('>');
    }

    fn end(&mut self, tag: Treatment) {
        match (&mut self.dropping, tag) {
            (Some((name, depth)), Treatment::Drop(other)) if *name == other => {
                *depth -= 1;
                if *depth == 0 {
                    self.dropping = None;
                }
            }
            (None, Treatment::Keep(element)) => self.nesting.close(&mut self.out, element),
            _ => {}
        }
    }

    /// A picture that is here is shown, for one from elsewhere its text: asking for it would tell
    /// its owner who looks at this page.
    fn picture(&mut self) {
        let alt = self.attributes.alt();
        match self.pictures.find(self.attributes.source()) {
            Some(source) => {
                self.out.push_str("<img src=\"");
                self.out.push_str(&source);
                self.out.push_str("\" alt=\"");
                escape::attribute(&mut self.out, alt);
                self.out.push('"');
                self.attributes.write_size(&mut self.out);
                self.out.push('>');
                self.visible = true;
            }
            None => {
                let alt = alt.to_owned();
                self.plain(&alt);
            }
        }
    }

    fn text(&mut self, text: &str) {
        let mut pieces = text.split(ISLAND);
        self.plain(pieces.next().unwrap_or_default());
        for piece in pieces {
            let (number, rest) = piece.split_once(ISLAND_END).unwrap_or(("", piece));
            let island = number.parse::<usize>().ok().and_then(|n| self.islands.get_mut(n));
            // Taken, not copied: a text may name the same island a thousand times.
            let island = island.map(std::mem::take).unwrap_or_default();
            self.visible |= !island.is_empty();
            self.out.push_str(&island);
            self.plain(rest);
        }
    }

    fn plain(&mut self, text: &str) {
        self.visible |= !text.trim().is_empty();
        escape::text(&mut self.out, text);
    }
}

#[cfg(test)]
mod tests;
