//! What comes out.

/// A cell's source or output as HTML, and what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The HTML, safe to put into a page as it stands; empty for [`Kind::Nothing`]. Its outermost
    /// elements carry the class `nb`.
    pub html: String,
    /// What it is.
    pub kind: Kind,
    /// What was left out, if anything.
    pub truncated: Option<Truncated>,
}

impl Rendered {
    /// All of something.
    pub(crate) fn whole(kind: Kind, html: String) -> Self {
        Self { html, kind, truncated: None }
    }

    /// Nothing to show.
    pub(crate) fn nothing() -> Self {
        Self::whole(Kind::Nothing, String::new())
    }
}

/// What a cell's output is, by what of it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text: a stream, `text/plain`.
    Text,
    /// Sanitised HTML, mostly a table.
    Html,
    /// A picture.
    Image,
    /// Rendered markdown.
    Markdown,
    /// A formula.
    Maths,
    /// JSON, indented.
    Json,
    /// An error's traceback.
    Error,
    /// An output that needs scripts: what is shown is its best static form, which may be empty.
    /// [`frame`](crate::frame) may give it in full.
    Active,
    /// Nothing to show, or nothing that is understood.
    Nothing,
}

/// How much is shown of how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truncated {
    /// How much is shown, at most `of`.
    pub shown: usize,
    /// How much there is.
    pub of: usize,
    /// Of what.
    pub unit: Unit,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes, as they came in.
    Bytes,
    /// Rows of tables.
    Rows,
}
