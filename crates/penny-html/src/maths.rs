//! Formulas: LaTeX in, MathML out.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, ParserError, Storage, push_mathml};

use crate::escape;

/// Bytes of one formula; a longer one is shown as it is written. The parser looks for the end of
/// each group from its beginning, so that its time is quadratic in how deep they are.
const FORMULA_MAX: usize = 4_000;
/// Groups within groups.
const DEPTH_MAX: usize = 60;

/// Commands that may be read on the caller's stack: the parser calls itself for a command that is
/// another one's argument (`\sqrt\sqrt\sqrt…`), with up to 10 kB each time.
const COMMANDS_MAX: usize = 60;
/// The stack for formulas with more of them. It is room that is set aside, not memory that is used.
const STACK_BYTES: usize = 64 << 20;

/// What is not read: definitions of macros, which could expand without end, and characters by
/// number, at which the parser fails if none follows.
#[rustfmt::skip]
const REFUSED: &[&str] = &[
    "\\def", "\\gdef", "\\edef", "\\xdef", "\\let", "\\futurelet", "\\newcommand", "\\renewcommand",
    "\\providecommand", "\\char",
];

#[rustfmt::skip]
const ELEMENTS: &[&str] = &[
    "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded",
    "mphantom", "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup",
    "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "none",
];

#[rustfmt::skip]
const ATTRIBUTES: &[&str] = &[
    "accent", "accentunder", "class", "columnalign", "columnspacing", "columnspan", "depth",
    "display", "displaystyle", "fence", "form", "height", "largeop", "linethickness", "lspace",
    "mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rowspacing", "rowspan",
    "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width",
];

/// A formula as MathML, on a line of its own if `block`; as it is written, in `<code>`, if it
/// cannot be understood.
pub(crate) fn maths(formula: &str, block: bool) -> String {
    try_maths(formula, block).unwrap_or_else(|| {
        let mut out = String::from("<code class=\"formula\">");
        escape::text(&mut out, formula.trim());
        out.push_str("</code>");
        out
    })
}

/// A formula as MathML, if it can be understood.
pub(crate) fn try_maths(formula: &str, block: bool) -> Option<String> {
    if formula.len() > FORMULA_MAX
        || depth(formula) > DEPTH_MAX
        || REFUSED.iter().any(|name| formula.contains(name))
    {
        return None;
    }
    // French writes spaces that do not break, which the parser takes for one byte.
    let formula = &formula.replace(|c: char| c.is_whitespace() && !c.is_ascii(), " ");
    if formula.matches('\\').count() <= COMMANDS_MAX {
        // The parser may fail at what nobody tried before; a page must not fail with it.
        return std::panic::catch_unwind(|| mathml(formula, block)).ok()?;
    }
    // A thread that cannot be had shows the formula as it is written.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let reading = thread.spawn_scoped(scope, || mathml(formula, block)).ok()?;
        reading.join().ok()?
    })
}

fn mathml(formula: &str, block: bool) -> Option<String> {
    let storage = Storage::new();
    let events = Parser::new(formula, &storage).collect::<Result<Vec<_>, _>>().ok()?;
    let mut mathml = String::new();
    let display_mode = if block { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    push_mathml(&mut mathml, events.into_iter().map(Ok::<_, ParserError>), config).ok()?;
    clean(&mathml)
}

/// The most groups that are open at once, were each brace and `\left` and `\begin` to count.
fn depth(formula: &str) -> usize {
    let mut open = 0_usize;
    let mut most = 0;
    for (index, character) in formula.char_indices() {
        let rest = &formula[index..];
        match character {
            '{' | '[' => open += 1,
            '}' | ']' => open = open.saturating_sub(1),
            '\\' if rest.starts_with("\\left") || rest.starts_with("\\begin") => open += 1,
            '\\' if rest.starts_with("\\right") || rest.starts_with("\\end") => {
                open = open.saturating_sub(1);
            }
            '^' | '_' => most = most.max(open + 1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// MathML of which only what is known stays; nothing, if there is anything else in it than
/// elements of MathML.
fn clean(mathml: &str) -> Option<String> {
    let mut cleaner =
        Cleaner { out: String::with_capacity(mathml.len()), known: true, tag: "", attribute: "" };
    let emitter =
        CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
            cleaner.event(event);
            None
        });
    let Ok(()) = Tokenizer::new_with_emitter(mathml, emitter).finish();
    cleaner.known.then_some(cleaner.out)
}

struct Cleaner {
    out: String,
    /// Whether all elements were known up to here.
    known: bool,
    /// The element whose start tag is being read, and the attribute in it; empty if none.
    tag: &'static str,
    attribute: &'static str,
}

impl Cleaner {
    fn event(&mut self, event: CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = self.known(ELEMENTS, name);
                self.attribute = "";
                self.out.push('<');
                self.out.push_str(self.tag);
            }
            CallbackEvent::AttributeName { name } => {
                let known = ATTRIBUTES.iter().find(|known| known.as_bytes() == name);
                self.attribute =
                    if self.tag.is_empty() { "" } else { known.copied().unwrap_or("") };
            }
            CallbackEvent::AttributeValue { value } => self.value(value),
            CallbackEvent::CloseStartTag { self_closing } => {
                self.out.push('>');
                if self_closing {
                    self.end();
                }
                self.tag = "";
            }
            CallbackEvent::EndTag { name } => {
                self.tag = self.known(ELEMENTS, name);
                self.end();
                self.tag = "";
            }
            CallbackEvent::String { value } => {
                escape::attribute(&mut self.out, &String::from_utf8_lossy(value));
            }
            _ => {}
        }
    }

    fn known(&mut self, names: &[&'static str], name: &[u8]) -> &'static str {
        let known = names.iter().find(|known| known.as_bytes() == name);
        self.known &= known.is_some();
        known.copied().unwrap_or("")
    }

    fn value(&mut self, value: &[u8]) {
        let is_plain =
            |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'%' | b' ');
        let attribute = std::mem::take(&mut self.attribute);
        if attribute.is_empty() || !value.iter().all(is_plain) {
            return;
        }
        self.out.push(' ');
        self.out.push_str(attribute);
        self.out.push_str("=\"");
        self.out.push_str(&String::from_utf8_lossy(value));
        self.out.push('"');
    }

    fn end(&mut self) {
        self.out.push_str("</");
        self.out.push_str(self.tag);
        self.out.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(formula: &str, expected: &str) {
        assert_eq!(maths(formula, false), expected, "{formula}");
    }

    #[test]
    fn formulas_become_mathml() {
        check(
            r"\frac{a}{2}",
            "<math display=\"inline\"><mfrac><mrow><mi>a</mi></mrow><mrow><mn>2</mn></mrow></mfrac></math>",
        );
        check(
            r"a\quad b",
            "<math display=\"inline\"><mi>a</mi><mspace width=\"1em\"></mspace><mi>b</mi></math>",
        );
        check(
            r"\text{<b onclick=x>&quot;}",
            "<math display=\"inline\"><mtext>&lt;b onclick=x&gt;&amp;quot;</mtext></math>",
        );
        check(
            "1\\kern1em\u{a0}000",
            "<math display=\"inline\"><mn>1</mn><mspace width=\"1em\"></mspace><mn>000</mn></math>",
        );
        check(r"\color{red}{x}", "<math display=\"inline\"><mrow><mi>x</mi></mrow></math>");
    }

    #[test]
    fn what_is_not_understood_is_shown_as_it_is_written() {
        for source in [
            r"\href{javascript:alert(1)}{x}",
            r"\htmlData{a=b}{x}",
            r"\frac{",
            r"\unknown",
            r"\def\a{\a\a}\a",
            r"\includegraphics{http://a.fr/x.png}",
            r"\char é",
        ] {
            check(source, &format!("<code class=\"formula\">{source}</code>"));
        }
    }

    #[test]
    fn a_failure_of_the_parser_is_a_formula_that_is_not_understood() {
        let formula = r"\color{#€123}{x}";
        assert!(std::panic::catch_unwind(|| mathml(formula, false)).is_err(), "else it is no test");
        check(formula, &format!("<code class=\"formula\">{formula}</code>"));
    }

    #[test]
    fn a_formula_without_end_or_bottom_is_not_read() {
        let deep = "{".repeat(1_000) + &"}".repeat(1_000);
        assert!(maths(&deep, false).starts_with("<code"));
        let long = "x+".repeat(3_000);
        assert!(maths(&long, false).starts_with("<code"));
    }

    #[test]
    fn nothing_but_mathml_gets_through() {
        assert_eq!(clean("<math><script>x</script></math>"), None);
        assert_eq!(
            clean("<math><mi href=\"javascript:x\" style=\"x\" width=\"url(x)\">a</mi></math>")
                .as_deref(),
            Some("<math><mi>a</mi></math>")
        );
    }
}
