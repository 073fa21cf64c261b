//! Which elements may stay.

/// What becomes of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It stays, as this element.
    Keep(Element),
    /// The tag goes, what is in it stays.
    Unwrap,
    /// It goes with all that is in it, up to the end tag of this name.
    Drop(&'static str),
}

/// An element that may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element {
    /// Its name, as it is written.
    pub name: &'static str,
    /// How it stands among others.
    pub shape: Shape,
}

/// How an element stands among others, as far as browsers open and close elements by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Has no content and no end tag.
    Void,
    /// Void, and ends a paragraph.
    Rule,
    /// Void, in a table only.
    Column,
    /// Part of a line.
    Inline,
    /// `a`: not within itself.
    Link,
    /// Ends a paragraph.
    Block,
    /// `p`.
    Paragraph,
    /// `h1` to `h6`: not within each other.
    Heading,
    /// `ul`, `ol`.
    List,
    /// `li`, in a list only.
    Item,
    /// `dl`.
    Terms,
    /// `dt`, `dd`, in a `dl` only.
    Term,
    /// `table`.
    Table,
    /// `thead`, `tbody`, `tfoot`, `colgroup`, in a table only.
    Section,
    /// `caption`, in a table only.
    Caption,
    /// `tr`, in a table only.
    Row,
    /// `td`, `th`, in a row only.
    Cell,
}

/// What becomes of a tag of this name (in lower case, as tokenizers give it).
pub(super) fn treatment(name: &[u8]) -> Treatment {
    match element(name) {
        Some((name, shape)) => Treatment::Keep(Element { name, shape }),
        None => dropped(name).map_or(Treatment::Unwrap, Treatment::Drop),
    }
}

#[rustfmt::skip]
fn element(name: &[u8]) -> Option<(&'static str, Shape)> {
    Some(match name {
        b"td" => ("td", Shape::Cell), b"th" => ("th", Shape::Cell), b"tr" => ("tr", Shape::Row),
        b"table" => ("table", Shape::Table), b"caption" => ("caption", Shape::Caption),
        b"thead" => ("thead", Shape::Section), b"tbody" => ("tbody", Shape::Section),
        b"tfoot" => ("tfoot", Shape::Section), b"colgroup" => ("colgroup", Shape::Section),
        b"col" => ("col", Shape::Column),

        b"div" | b"section" | b"article" | b"header" | b"footer" | b"main" | b"nav" | b"aside"
        | b"address" | b"hgroup" | b"search" | b"center" | b"fieldset" | b"form"
            => ("div", Shape::Block),
        b"blockquote" => ("blockquote", Shape::Block), b"pre" => ("pre", Shape::Block),
        b"figure" => ("figure", Shape::Block), b"figcaption" => ("figcaption", Shape::Block),
        b"details" => ("details", Shape::Block), b"summary" => ("summary", Shape::Block),
        b"p" => ("p", Shape::Paragraph),
        b"h1" => ("h2", Shape::Heading), b"h2" => ("h3", Shape::Heading),
        b"h3" => ("h4", Shape::Heading), b"h4" => ("h5", Shape::Heading),
        b"h5" | b"h6" => ("h6", Shape::Heading),
        b"ul" | b"menu" | b"dir" => ("ul", Shape::List), b"ol" => ("ol", Shape::List),
        b"li" => ("li", Shape::Item),
        b"dl" => ("dl", Shape::Terms),
        b"dt" => ("dt", Shape::Term), b"dd" => ("dd", Shape::Term),

        b"br" => ("br", Shape::Void), b"wbr" => ("wbr", Shape::Void),
        b"hr" => ("hr", Shape::Rule), b"img" | b"image" => ("img", Shape::Void),

        b"a" => ("a", Shape::Link),
        b"abbr" | b"acronym" => ("abbr", Shape::Inline), b"cite" => ("cite", Shape::Inline),
        b"b" => ("b", Shape::Inline), b"strong" => ("strong", Shape::Inline),
        b"i" => ("i", Shape::Inline), b"em" => ("em", Shape::Inline),
        b"u" => ("u", Shape::Inline), b"s" | b"strike" => ("s", Shape::Inline),
        b"code" => ("code", Shape::Inline), b"tt" => ("code", Shape::Inline),
        b"kbd" => ("kbd", Shape::Inline), b"samp" => ("samp", Shape::Inline),
        b"var" => ("var", Shape::Inline), b"dfn" => ("dfn", Shape::Inline),
        b"del" => ("del", Shape::Inline), b"ins" => ("ins", Shape::Inline),
        b"mark" => ("mark", Shape::Inline), b"q" => ("q", Shape::Inline),
        b"small" => ("small", Shape::Inline), b"span" => ("span", Shape::Inline),
        b"sub" => ("sub", Shape::Inline), b"sup" => ("sup", Shape::Inline),
        _ => return None,
    })
}

/// Elements whose content is not text to read: programs, styles, other documents, other
/// languages, and forms' choices.
fn dropped(name: &[u8]) -> Option<&'static str> {
    const DROPPED: &[&str] = &[
        "applet",
        "audio",
        "canvas",
        "datalist",
        "iframe",
        "map",
        "math",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "plaintext",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "video",
        "xmp",
    ];
    DROPPED.iter().copied().find(|dropped| dropped.as_bytes() == name)
}
