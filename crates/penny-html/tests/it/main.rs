//! What notebooks hold, real and hostile, read as browsers read it.

mod attacks;
mod browser;
mod colours;
mod growth;
mod markdown;
mod mixtures;
mod outputs;
mod samples;

use penny_html::{Limits, Rendered};
use serde_json::{Map, Value, json};

/// What comes out for a display of one type.
fn display(kind: &str, value: impl Into<Value>) -> Rendered {
    let output = json!({"output_type": "display_data", "data": {kind: value.into()}});
    penny_html::output(&output, &Limits::default())
}

/// Markdown of a cell without attachments.
fn text_cell(source: &str) -> Rendered {
    penny_html::markdown(source, &Map::new(), &Limits::default())
}

/// The HTML of a text, by every way that a notebook has to bring it onto a page.
fn every_way(text: &str) -> Vec<(&'static str, String)> {
    let limits = Limits::default();
    let output = |value: Value| penny_html::output(&value, &limits).html;
    let attachments = json!({text: {"image/png": text}, "a": {text: text, "image/svg+xml": text}});
    let attachments = attachments.as_object().expect("an object");
    let quoted =
        format!("![{text}](attachment:a) [{text}]({text}) <{text}> ![x]({text} \"{text}\")");
    vec![
        ("html", display("text/html", text).html),
        ("html in lines", display("text/html", json!([text, text])).html),
        ("markdown", penny_html::markdown(text, attachments, &limits).html),
        ("markdown output", display("text/markdown", text).html),
        ("a link and a picture", penny_html::markdown(&quoted, attachments, &limits).html),
        ("a formula", text_cell(&format!("${text}$ $$\n{text}\n$$")).html),
        ("fenced code", text_cell(&format!("```{text}\n{text}\n```\n~~~python\n{text}")).html),
        ("a table", text_cell(&format!("|a|{text}|\n|-|-:|\n|{text}|b|\n\n[^1]: {text}\n")).html),
        ("latex", display("text/latex", text).html),
        ("latex with text", display("text/latex", format!("a ${text}$ b")).html),
        ("plain", display("text/plain", text).html),
        ("json", display("application/json", json!({text: [text, 1]})).html),
        ("svg", display("image/svg+xml", format!("<svg>{text}</svg>")).html),
        ("png", display("image/png", text).html),
        (
            "alt",
            output(json!({"output_type": "display_data", "data":
            {"image/png": "iVBORw0KGgoAAAAN", "text/plain": text}})),
        ),
        ("script", display("application/javascript", text).html),
        ("stream", output(json!({"output_type": "stream", "name": text, "text": [text]}))),
        (
            "error",
            output(json!({"output_type": "error", "ename": text, "evalue": text,
            "traceback": [format!("\u{1b}[31m{text}\u{1b}[0m"), text]})),
        ),
        ("bare error", output(json!({"output_type": "error", "ename": text, "evalue": text}))),
        ("source", penny_html::source(text, "python", &limits).html),
        ("python", pre(&penny_html::code(text, "python"))),
        ("python string", pre(&penny_html::code(&format!("'{text}"), "python"))),
        ("sql", pre(&penny_html::code(text, "sql"))),
        ("bash", pre(&penny_html::code(text, "bash"))),
        ("julia", pre(&penny_html::code(text, "julia"))),
        ("unknown", pre(&penny_html::code(text, text))),
        ("terminal", pre(&penny_html::terminal(text))),
        ("terminal in colour", pre(&penny_html::terminal(&format!("\u{1b}[1;31;44m{text}")))),
    ]
}

/// As a page would show it.
fn pre(html: &str) -> String {
    format!("<pre class=\"nb\"><code>{html}</code></pre>")
}
