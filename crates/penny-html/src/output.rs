//! The outputs of code cells.

use memchr::memmem;
use serde_json::{Map, Value};

use crate::cut::{Cut, boundary, joined};
use crate::html;
use crate::json::json;
use crate::latex::latex;
use crate::limits::Limits;
use crate::markdown::markdown;
use crate::picture::{self, PIXELS, Pictures};
use crate::rendered::{Kind, Rendered, Truncated, Unit};
use crate::scripts::needs_scripts;
use crate::terminal;

/// One output of a code cell, as nbformat 4 holds it (`output_type` stream, display_data,
/// execute_result or error): its richest safe representation.
///
/// What needs scripts is [`Kind::Active`], and shown in its best static form: a picture beside it,
/// its HTML without the scripts, its text. What is not an output is [`Kind::Nothing`].
#[must_use]
pub fn output(output: &Value, limits: &Limits) -> Rendered {
    match output.get("output_type").and_then(Value::as_str) {
        Some("stream") => stream(output, limits),
        Some("error") => error(output, limits),
        Some("display_data" | "execute_result") => bundle(output, limits),
        _ => Rendered::nothing(),
    }
}

fn stream(output: &Value, limits: &Limits) -> Rendered {
    let class = match output.get("name").and_then(Value::as_str) {
        Some("stderr") => "nb nb-stream nb-stderr",
        _ => "nb nb-stream",
    };
    match output.get("text") {
        Some(value) => preformatted(value, "", class, Kind::Text, limits),
        None => Rendered::nothing(),
    }
}

fn error(output: &Value, limits: &Limits) -> Rendered {
    const CLASS: &str = "nb nb-stream nb-error";
    if let Some(traceback) = output.get("traceback") {
        let rendered = preformatted(traceback, "\n", CLASS, Kind::Error, limits);
        if rendered.kind != Kind::Nothing {
            return rendered;
        }
    }
    let part = |name: &str| output.get(name).and_then(Value::as_str).unwrap_or_default();
    let line = match (part("ename"), part("evalue")) {
        ("", "") => return Rendered::nothing(),
        (name, "") => name.to_owned(),
        ("", value) => value.to_owned(),
        (name, value) => format!("{name}: {value}"),
    };
    preformatted(&Value::String(line), "", CLASS, Kind::Error, limits)
}

/// Text of a terminal in a `pre`.
fn preformatted(value: &Value, join: &str, class: &str, kind: Kind, limits: &Limits) -> Rendered {
    let cut = Cut::of_value(value, join, limits.text_bytes);
    if cut.of == 0 {
        return Rendered::nothing();
    }
    let mut html = format!("<pre class=\"{class}\">");
    cut.write(&mut html, terminal::write);
    html.push_str("</pre>");
    Rendered { html, kind, truncated: cut.truncated() }
}

fn bundle(output: &Value, limits: &Limits) -> Rendered {
    let Some(data) = output.get("data").and_then(Value::as_object) else {
        return Rendered::nothing();
    };
    let bundle = Bundle { data, metadata: output.get("metadata"), limits };
    if needs_scripts(data) {
        let mut rendered = bundle.static_form();
        rendered.kind = Kind::Active;
        return rendered;
    }
    bundle.richest()
}

/// What one display holds, by type.
struct Bundle<'a> {
    data: &'a Map<String, Value>,
    metadata: Option<&'a Value>,
    limits: &'a Limits,
}

impl Bundle<'_> {
    fn richest(&self) -> Rendered {
        self.html()
            .or_else(|| self.markdown())
            .or_else(|| self.vector())
            .or_else(|| self.latex())
            .or_else(|| self.pixels())
            .or_else(|| self.json())
            .or_else(|| self.plain())
            .or_else(|| self.too_large())
            .unwrap_or_else(Rendered::nothing)
    }

    /// For what needs scripts: a picture of it is better than what its HTML is without them.
    fn static_form(&self) -> Rendered {
        self.pixels()
            .or_else(|| self.vector())
            .or_else(|| self.html())
            .or_else(|| self.markdown())
            .or_else(|| self.latex())
            .or_else(|| self.plain())
            .unwrap_or_else(Rendered::nothing)
    }

    fn html(&self) -> Option<Rendered> {
        let source = joined(self.data.get("text/html")?)?;
        let (shown, truncated) = rows(&source, self.limits.html_bytes);
        let pictures = Pictures { attachments: None, limit: self.limits.image_bytes };
        let cleaned = html::clean(shown, &pictures, Vec::new());
        let html = format!("<div class=\"nb nb-html\">{}</div>", cleaned.html);
        cleaned.visible.then_some(Rendered { html, kind: Kind::Html, truncated })
    }

    fn markdown(&self) -> Option<Rendered> {
        let source = joined(self.data.get("text/markdown")?)?;
        let rendered = markdown(&source, &Map::new(), self.limits);
        (rendered.kind != Kind::Nothing).then_some(rendered)
    }

    fn latex(&self) -> Option<Rendered> {
        latex(&joined(self.data.get("text/latex")?)?, self.limits)
    }

    fn vector(&self) -> Option<Rendered> {
        let svg = joined(self.data.get("image/svg+xml")?)?;
        let address = picture::vector(&svg, self.limits.image_bytes)?;
        Some(self.picture("image/svg+xml", &address))
    }

    fn pixels(&self) -> Option<Rendered> {
        PIXELS.iter().find_map(|kind| {
            let base64 = joined(self.data.get(*kind)?)?;
            let address = picture::address(kind, &base64, self.limits.image_bytes)?;
            Some(self.picture(kind, &address))
        })
    }

    fn picture(&self, kind: &str, address: &str) -> Rendered {
        let metadata = self.metadata.and_then(|metadata| metadata.get(kind));
        let side = |name: &str| {
            let number = metadata?.get(name)?.as_f64()?;
            (1.0..=10_000.0).contains(&number).then_some(number as u32)
        };
        let alt = self.data.get("text/plain").and_then(joined).unwrap_or_default();
        let element = picture::element(address, &alt, (side("width"), side("height")));
        Rendered::whole(Kind::Image, format!("<div class=\"nb nb-image\">{element}</div>"))
    }

    fn json(&self) -> Option<Rendered> {
        let value = self.data.get("application/json")?;
        Some(json(value, self.limits))
    }

    fn plain(&self) -> Option<Rendered> {
        let value = self.data.get("text/plain")?;
        let rendered = preformatted(value, "", "nb nb-stream", Kind::Text, self.limits);
        (rendered.kind != Kind::Nothing).then_some(rendered)
    }

    /// A picture that is larger than what is shown, with no text beside it.
    fn too_large(&self) -> Option<Rendered> {
        let kinds = PIXELS.iter().copied().chain(["image/svg+xml"]);
        let of = kinds.filter_map(|kind| Some(joined(self.data.get(kind)?)?.len())).max()?;
        let truncated = Some(Truncated { shown: 0, of, unit: Unit::Bytes });
        (of > self.limits.image_bytes).then_some(Rendered {
            html: String::new(),
            kind: Kind::Image,
            truncated,
        })
    }
}

/// The end of a table's row, as pandas and most others write it.
const ROW_END: &str = "</tr>";

/// The beginning of HTML, up to the end of a table's row if there is one; cut before it is read,
/// since reading it all is what costs. The sanitiser closes what is left open.
fn rows(html: &str, limit: usize) -> (&str, Option<Truncated>) {
    if html.len() <= limit {
        return (html, None);
    }
    let cut = &html[..boundary(html, limit)];
    let shown = cut.rfind(ROW_END).map_or(cut, |end| &cut[..end + ROW_END.len()]);
    let count = |text: &str| memmem::find_iter(text.as_bytes(), ROW_END).count();
    let (shown_rows, of_rows) = (count(shown), count(html));
    let truncated = if 0 < shown_rows && shown_rows < of_rows {
        Truncated { shown: shown_rows, of: of_rows, unit: Unit::Rows }
    } else {
        Truncated { shown: shown.len(), of: html.len(), unit: Unit::Bytes }
    };
    (shown, Some(truncated))
}
