//! What a browser makes of HTML: html5ever builds the tree as browsers do, and every element and
//! attribute in it is held against a list. The list is written here once more, on purpose.

use std::rc::Rc;

use html5ever::tendril::TendrilSink;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, Node, NodeData, RcDom};

#[rustfmt::skip]
const ELEMENTS: &[&str] = &[
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd",
    "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h2", "h3", "h4",
    "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp",
    "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "u", "ul", "var", "wbr",
];

#[rustfmt::skip]
const MATHML: &[&str] = &[
    "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded",
    "mphantom", "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup",
    "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "none",
];

#[rustfmt::skip]
const CLASSES: &[&str] = &[
    "alert", "b", "c", "code", "d", "danger", "dataframe", "f", "footnote", "formula", "gap",
    "info", "k", "n", "nb", "nb-code", "nb-error", "nb-html", "nb-image", "nb-json", "nb-maths",
    "nb-stderr", "nb-stream", "nb-text", "o", "s", "success", "table", "u", "warning",
];

/// A tree, for looking at.
pub struct Page {
    dom: RcDom,
}

impl Page {
    /// Reads HTML where an item of a list shows it, with scripts on or off. What stands around it
    /// must still stand around it, and everything in it must be harmless.
    pub fn read(html: &str, scripting_enabled: bool) -> Result<Self, String> {
        let page = format!(
            "<!doctype html><html><head><title>t</title></head><body><ul><li><div>{html}</div></li>\
             </ul><p>after</p></body></html>"
        );
        let tree_builder = TreeBuilderOpts { scripting_enabled, ..TreeBuilderOpts::default() };
        let options = ParseOpts { tree_builder, ..ParseOpts::default() };
        let page = Self { dom: parse_document(RcDom::default(), options).one(page) };
        let around: [(&[usize], &[&str]); 4] = [
            (&[], &["head", "body"]),
            (&[1], &["ul", "p"]),
            (&[1, 0], &["li"]),
            (&[1, 0, 0], &["div"]),
        ];
        for (path, expected) in around {
            let found = names(&page.element(path));
            if found != expected {
                return Err(format!("it broke out: {found:?} instead of {expected:?}"));
            }
        }
        for element in page.elements() {
            harmless(&element)?;
        }
        Ok(page)
    }

    /// All elements, those in others too.
    fn elements(&self) -> Vec<Handle> {
        let mut all = elements(&self.element(&[1, 0, 0, 0]));
        let mut at = 0;
        while at < all.len() {
            let inside = elements(&all[at]);
            all.extend(inside);
            at += 1;
        }
        all
    }

    /// The text that is seen.
    pub fn text(&self) -> String {
        let mut out = String::new();
        collect_text(&self.element(&[1, 0, 0, 0]), &mut out);
        out
    }

    /// How many elements of a name there are.
    pub fn count(&self, name: &str) -> usize {
        self.elements().iter().filter(|element| name_of(element) == name).count()
    }

    /// The element at a path of places, below `html`.
    fn element(&self, path: &[usize]) -> Handle {
        let html = elements(&self.dom.document).remove(0);
        path.iter().fold(html, |element, place| elements(&element).remove(*place))
    }
}

/// Whether HTML is harmless, with scripts on and off; if not, why.
pub fn judge(html: &str) -> Result<(), String> {
    Page::read(html, true)?;
    // Whether scripts run changes how one element is read, and no other.
    if html.to_ascii_lowercase().contains("<noscript") {
        Page::read(html, false)?;
    }
    Ok(())
}

/// Asserts that HTML is harmless, and gives the page.
#[track_caller]
pub fn page(html: &str) -> Page {
    match judge(html).and_then(|()| Page::read(html, true)) {
        Ok(page) => page,
        Err(why) => panic!("{why} in {html}"),
    }
}

fn harmless(element: &Rc<Node>) -> Result<(), String> {
    let NodeData::Element { name, attrs, .. } = &element.data else { return Ok(()) };
    let is_known = match &*name.ns {
        "http://www.w3.org/1999/xhtml" => ELEMENTS.contains(&&*name.local),
        "http://www.w3.org/1998/Math/MathML" => MATHML.contains(&&*name.local),
        _ => false,
    };
    if !is_known {
        return Err(format!("element {} of {}", name.local, name.ns));
    }
    let is_mathml = &*name.ns != "http://www.w3.org/1999/xhtml";
    for attribute in attrs.borrow().iter() {
        let (attribute, value) = (&*attribute.name.local, &*attribute.value);
        let fits = if is_mathml {
            fits_mathml(attribute, value)
        } else {
            fits(&name.local, attribute, value)
        };
        if !fits {
            return Err(format!("attribute {attribute}={value:?} of {}", name.local));
        }
    }
    Ok(())
}

fn fits(element: &str, attribute: &str, value: &str) -> bool {
    let is_number = || !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    match (element, attribute) {
        (_, "class") => value.split(' ').all(is_class),
        (_, "title") => true,
        (_, "lang") => value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
        (_, "dir") => ["ltr", "rtl", "auto"].contains(&value),
        (_, "align") => ["left", "right", "center"].contains(&value),
        ("a", "href") => leads_out(value),
        ("a", "rel") => value == "noopener noreferrer nofollow",
        ("a", "target") => value == "_blank",
        ("img", "src") => is_picture(value),
        ("img", "alt") => true,
        ("img", "width" | "height") => is_number(),
        ("td" | "th", "colspan" | "rowspan") => is_number(),
        ("td" | "th", "scope") => ["row", "col", "rowgroup", "colgroup"].contains(&value),
        ("col" | "colgroup", "span") | ("ol", "start") | ("li", "value") => is_number(),
        ("ol", "type") => ["1", "a", "A", "i", "I"].contains(&value),
        ("ol", "reversed") | ("details", "open") => value.is_empty(),
        ("div", "tabindex") => value == "0",
        _ => false,
    }
}

fn fits_mathml(attribute: &str, value: &str) -> bool {
    let known = [
        "accent",
        "accentunder",
        "class",
        "columnalign",
        "columnspacing",
        "columnspan",
        "depth",
        "display",
        "displaystyle",
        "fence",
        "form",
        "height",
        "largeop",
        "linethickness",
        "lspace",
        "mathvariant",
        "maxsize",
        "minsize",
        "movablelimits",
        "notation",
        "rowspacing",
        "rowspan",
        "rspace",
        "scriptlevel",
        "separator",
        "stretchy",
        "symmetric",
        "voffset",
        "width",
    ];
    known.contains(&attribute)
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+% ".contains(&b))
}

fn is_class(name: &str) -> bool {
    let is_colour = |name: &str| {
        name.strip_prefix(['f', 'g']).and_then(|n| n.parse::<u8>().ok()).is_some_and(|n| n < 16)
    };
    CLASSES.contains(&name)
        || is_colour(name)
        || ["fb", "fd", "fi", "fu", "fs", "fv"].contains(&name)
}

fn leads_out(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    let scheme = ["http://", "https://", "mailto:"].iter().any(|s| lower.starts_with(s));
    scheme && !address.chars().any(char::is_control)
}

fn is_picture(address: &str) -> bool {
    let kinds = ["png", "jpeg", "gif", "webp", "svg+xml"];
    let base64 =
        kinds.iter().find_map(|kind| address.strip_prefix(&format!("data:image/{kind};base64,")));
    base64.is_some_and(|b| b.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b)))
}

fn elements(node: &Handle) -> Vec<Handle> {
    let children = node.children.borrow();
    children.iter().filter(|n| matches!(n.data, NodeData::Element { .. })).cloned().collect()
}

fn names(node: &Handle) -> Vec<String> {
    elements(node).iter().map(name_of).collect()
}

fn name_of(node: &Handle) -> String {
    match &node.data {
        NodeData::Element { name, .. } => name.local.to_string(),
        _ => String::new(),
    }
}

fn collect_text(node: &Handle, out: &mut String) {
    if let NodeData::Text { contents } = &node.data {
        out.push_str(&contents.borrow());
    }
    for child in node.children.borrow().iter() {
        collect_text(child, out);
    }
}
