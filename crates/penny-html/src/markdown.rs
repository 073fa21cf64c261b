//! Markdown as Jupyter shows it.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream};
use serde_json::{Map, Value};

use crate::cut::beginning;
use crate::html::{self, ISLAND, ISLAND_END};
use crate::limits::Limits;
use crate::links::{self, Piece};
use crate::picture::{self, Pictures};
use crate::rendered::{Kind, Rendered, Truncated, Unit};
use crate::{code, escape, maths};

/// Markdown as Jupyter shows it: tables, task lists, footnotes, code with its parts marked,
/// formulas between `$` or `$$` and environments of LaTeX as MathML, addresses as links, attached
/// pictures (`attachments` is the cell's: name → type → base64).
///
/// HTML in it is sanitised like any other: the result goes through the same list of what is
/// allowed. Headings are one level lower, since the page has its own title.
#[must_use]
pub fn markdown(source: &str, attachments: &Map<String, Value>, limits: &Limits) -> Rendered {
    let shown = beginning(source, limits.html_bytes);
    let text = with_formulas_marked(&shown.replace([ISLAND, ISLAND_END], ""));
    let pictures = Pictures { attachments: Some(attachments), limit: limits.image_bytes };
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH;
    let parser = TextMergeStream::new(Parser::new_ext(&text, options));
    let mut writer = Writer { islands: Vec::new(), links: 0, pictures: &pictures };
    let events = writer.events(parser);
    let mut html = String::with_capacity(text.len() * 2);
    pulldown_cmark::html::push_html(&mut html, events.into_iter());
    let cleaned = html::clean(&html, &pictures, writer.islands);
    if !cleaned.visible {
        return Rendered::nothing();
    }
    Rendered {
        html: format!("<div class=\"nb nb-text\">{}</div>", cleaned.html),
        kind: Kind::Markdown,
        truncated: (shown.len() < source.len()).then_some(Truncated {
            shown: shown.len(),
            of: source.len(),
            unit: Unit::Bytes,
        }),
    }
}

/// Turns events into those that pulldown-cmark can write; what is HTML of ours becomes an island,
/// which the sanitiser does not see.
struct Writer<'a> {
    islands: Vec<String>,
    /// Links that are open.
    links: usize,
    pictures: &'a Pictures<'a>,
}

impl Writer<'_> {
    fn events<'e>(&mut self, mut parser: impl Iterator<Item = Event<'e>>) -> Vec<Event<'e>> {
        let mut events = Vec::new();
        while let Some(event) = parser.next() {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let block = self.code_block(&kind, &mut parser);
                    events.push(Event::Html(block));
                }
                Event::Start(Tag::Image { dest_url, .. }) => {
                    let image = self.image(&dest_url, &mut parser);
                    events.push(image);
                }
                Event::InlineMath(formula) => {
                    events.push(Event::InlineHtml(self.island(maths::maths(&formula, false))));
                }
                Event::DisplayMath(formula) => {
                    events.push(Event::InlineHtml(self.island(maths::maths(&formula, true))));
                }
                Event::TaskListMarker(done) => {
                    events.push(Event::Text(if done { "☑ " } else { "☐ " }.into()));
                }
                Event::Text(text) if self.links == 0 => linked(&mut events, text),
                other => {
                    match &other {
                        Event::Start(Tag::Link { .. }) => self.links += 1,
                        Event::End(TagEnd::Link) => self.links = self.links.saturating_sub(1),
                        _ => {}
                    }
                    events.push(other);
                }
            }
        }
        events
    }

    /// Keeps safe HTML apart and gives what stands for it.
    fn island(&mut self, html: String) -> CowStr<'static> {
        self.islands.push(html);
        format!("{ISLAND}{}{ISLAND_END}", self.islands.len() - 1).into()
    }

    fn code_block<'e>(
        &mut self,
        kind: &CodeBlockKind<'_>,
        parser: &mut impl Iterator<Item = Event<'e>>,
    ) -> CowStr<'static> {
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split([' ', ',', '{']).next().unwrap_or_default(),
            CodeBlockKind::Indented => "",
        };
        let mut source = String::new();
        for event in parser.by_ref() {
            match event {
                Event::Text(text) => source.push_str(&text),
                Event::End(TagEnd::CodeBlock) => break,
                _ => {}
            }
        }
        let mut html = String::from("<pre class=\"code\"><code>");
        code::write(&mut html, &source, language);
        html.push_str("</code></pre>\n");
        self.island(html)
    }

    /// A picture that is here, or its text.
    fn image<'e>(
        &mut self,
        source: &str,
        parser: &mut impl Iterator<Item = Event<'e>>,
    ) -> Event<'e> {
        let mut alt = String::new();
        let mut open = 1;
        for event in parser.by_ref() {
            match event {
                Event::Start(Tag::Image { .. }) => open += 1,
                Event::End(TagEnd::Image) => open -= 1,
                Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => {
                    alt.push_str(&text);
                }
                Event::SoftBreak | Event::HardBreak => alt.push(' '),
                _ => {}
            }
            if open == 0 {
                break;
            }
        }
        match self.pictures.find(source) {
            Some(address) => {
                let element = picture::element(&address, &alt, (None, None));
                Event::InlineHtml(self.island(element))
            }
            None => Event::Text(alt.into()),
        }
    }
}

/// Text in which addresses are links.
fn linked<'e>(events: &mut Vec<Event<'e>>, text: CowStr<'e>) {
    if !text.contains("http") {
        events.push(Event::Text(text));
        return;
    }
    for piece in links::pieces(&text) {
        match piece {
            Piece::Text(text) => events.push(Event::Text(text.to_owned().into())),
            Piece::Address(address) => {
                let mut link = String::from("<a href=\"");
                escape::attribute(&mut link, address);
                link.push_str("\">");
                events.push(Event::InlineHtml(link.into()));
                events.push(Event::Text(address.to_owned().into()));
                events.push(Event::InlineHtml("</a>".into()));
            }
        }
    }
}

/// Environments of LaTeX that Jupyter understands without `$$` around.
const ENVIRONMENTS: &[&str] =
    &["align", "alignat", "aligned", "eqnarray", "equation", "gather", "multline", "split"];

/// The source with `$$` around environments of LaTeX that begin a line outside of code.
fn with_formulas_marked(source: &str) -> String {
    if !source.contains("\\begin{") {
        return source.to_owned();
    }
    let mut out = String::with_capacity(source.len() + 16);
    let mut fence: Option<&str> = None;
    let mut open: Option<String> = None;
    let mut in_formula = false;
    for line in source.split_inclusive('\n') {
        let text = line.trim();
        let mark = ["```", "~~~"].into_iter().find(|mark| text.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) if open.is_none() => fence = Some(mark),
            (Some(fence_mark), Some(mark)) if fence_mark == mark => fence = None,
            _ => {}
        }
        if fence.is_none() && open.is_none() && !in_formula {
            open = environment(text).map(|name| format!("\\end{{{name}}}"));
            if open.is_some() {
                out.push_str("$$");
            }
        }
        if open.is_none() && text.matches("$$").count() % 2 == 1 {
            in_formula = !in_formula;
        }
        match open.as_deref().and_then(|end| Some((line.find(end)?, end.len()))) {
            Some((at, length)) => {
                out.push_str(&line[..at + length]);
                out.push_str("$$");
                out.push_str(&line[at + length..]);
                open = None;
            }
            // A blank line would end the paragraph, and with it the formula.
            None if open.is_some() && text.is_empty() => {}
            None => out.push_str(line),
        }
    }
    out
}

/// The name of the environment that a line begins.
fn environment(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix("\\begin{")?.split_once('}')?;
    ENVIRONMENTS.contains(&name.trim_end_matches('*')).then_some(name)
}
