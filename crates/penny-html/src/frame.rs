//! Outputs that need scripts, as documents of their own.

use memchr::memchr_iter;
use serde_json::{Map, Value};

use crate::cut::joined;
use crate::limits::Limits;

/// The Content-Security-Policy that a document of [`frame`] must be sent with. Its scripts run, and
/// can ask for nothing: no network at all, and an origin that is nobody's even if the document is
/// opened outside of its frame.
pub const FRAME_CSP: &str = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; \
     style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; \
     form-action 'none'; sandbox allow-scripts";

/// The `sandbox` attribute that the `iframe` around it must have.
pub const FRAME_SANDBOX: &str = "allow-scripts";

const PLOTLY: &str = "application/vnd.plotly.v1+json";

/// Where programs are had from, as their addresses say: scripts also load scripts. Only looked for
/// in HTML that is too short to have a library in it, since a library names such places, too.
const ELSEWHERE: &[&str] = &["//cdn.", "//cdnjs.", "//unpkg.com", "//esm.sh", "//ga.jspm.io"];
/// Bytes of HTML that may have a library in it.
const LIBRARY_MIN: usize = 200_000;

/// What makes HTML need scripts, or another document. In lower case.
const ACTIVE_TAGS: &[&str] = &["script", "iframe", "object", "embed"];

/// A whole HTML document of an output that needs scripts, for an `iframe` with
/// [`FRAME_SANDBOX`], sent with [`FRAME_CSP`]: the output's own HTML and scripts as they are, or a
/// figure of Plotly with the library in it.
///
/// `plotly_js` is the text of `plotly.min.js` (Python's `plotly/package_data/plotly.min.js`).
/// `None` if there is nothing that could run without a network, see [`can_be_framed`], or if the
/// document were larger than `limits.frame_bytes`.
///
/// This is the one function here whose result is **not** safe in a page of one's own.
#[must_use]
pub fn frame(output: &Value, plotly_js: Option<&str>, limits: &Limits) -> Option<String> {
    let data = output.get("data")?.as_object()?;
    let document = match (data.get(PLOTLY), plotly_js) {
        (Some(figure), Some(library)) => plotly(figure, library)?,
        _ => own_html(data)?,
    };
    (document.len() <= limits.frame_bytes).then_some(document)
}

/// Whether [`frame`] has something to give for this output, apart from its size: a figure of
/// Plotly, if its library is there, or HTML whose scripts are all in it.
#[must_use]
pub fn can_be_framed(output: &Value, has_plotly: bool) -> bool {
    let Some(data) = output.get("data").and_then(Value::as_object) else { return false };
    (has_plotly && data.get(PLOTLY).is_some_and(Value::is_object)) || has_own_scripts(data)
}

/// Whether a display shows all it has only with scripts.
pub(crate) fn needs_scripts(data: &Map<String, Value>) -> bool {
    let is_active_type = |kind: &String| {
        matches!(
            kind.as_str(),
            PLOTLY
                | "application/javascript"
                | "text/javascript"
                | "application/vnd.jupyter.widget-view+json"
        ) || ["application/vnd.vega", "application/vnd.bokehjs", "application/vnd.holoviews"]
            .iter()
            .any(|family| kind.starts_with(family))
    };
    data.keys().any(is_active_type)
        || data.get("text/html").and_then(joined).is_some_and(|html| has_active_tag(&html))
}

/// Whether HTML has a script or another document in it: a question of what to offer, not of
/// safety.
fn has_active_tag(html: &str) -> bool {
    // The first letter tells nearly all tags of a table of 50 MB apart.
    let may_be = |tag: &[u8]| {
        matches!(tag.first(), Some(b's' | b'S' | b'i' | b'I' | b'o' | b'O' | b'e' | b'E'))
    };
    tags(html)
        .filter(|tag| may_be(tag))
        .any(|tag| ACTIVE_TAGS.iter().any(|name| begins_with(tag, name)))
}

/// What follows each `<`.
fn tags(html: &str) -> impl Iterator<Item = &[u8]> {
    memchr_iter(b'<', html.as_bytes()).map(|index| &html.as_bytes()[index + 1..])
}

fn begins_with(text: &[u8], name: &str) -> bool {
    text.get(..name.len()).is_some_and(|first| first.eq_ignore_ascii_case(name.as_bytes()))
}

/// Whether the HTML or script is complete in itself.
fn has_own_scripts(data: &Map<String, Value>) -> bool {
    if ["application/javascript", "text/javascript"].iter().any(|kind| data.contains_key(*kind)) {
        return true;
    }
    let Some(html) = data.get("text/html").and_then(joined) else { return false };
    has_active_tag(&html)
        && !tags(&html).any(is_script_from_elsewhere)
        && (html.len() > LIBRARY_MIN || !ELSEWHERE.iter().any(|place| html.contains(place)))
}

/// Whether what follows a `<` is a script, or a document, with an address.
fn is_script_from_elsewhere(tag: &[u8]) -> bool {
    if !ACTIVE_TAGS.iter().any(|name| begins_with(tag, name)) {
        return false;
    }
    let end = tag.iter().take(2_000).position(|byte| *byte == b'>').unwrap_or(tag.len().min(2_000));
    let tag = String::from_utf8_lossy(&tag[..end]).to_ascii_lowercase();
    ["src=", "src =", "data="].iter().any(|name| {
        tag.match_indices(name).any(|(at, name)| {
            let value = tag[at + name.len()..].trim_start_matches([' ', '"', '\'']);
            !value.starts_with("data:") && !tag[..at].ends_with('-')
        })
    })
}

fn own_html(data: &Map<String, Value>) -> Option<String> {
    if !has_own_scripts(data) {
        return None;
    }
    let html = data.get("text/html").and_then(joined).unwrap_or_default();
    let mut body = html.into_owned();
    for kind in ["application/javascript", "text/javascript"] {
        if let Some(script) = data.get(kind).and_then(joined) {
            body.push_str("<script>");
            body.push_str(&script.replace("</", "<\\/"));
            body.push_str("</script>");
        }
    }
    Some(document(&body))
}

/// A figure of Plotly, with the library that draws it.
fn plotly(figure: &Value, library: &str) -> Option<String> {
    let figure = figure.as_object()?;
    let part = |name: &str, otherwise: &str| match figure.get(name) {
        Some(value) => in_script(&value.to_string()),
        None => otherwise.to_owned(),
    };
    let body = format!(
        "<style>#figure{{height:calc(100vh - 16px)}}</style>\n<div id=\"figure\"></div>\n<script>{}</script>\n<script>\n\
         const config = Object.assign({{}}, {}, {{ responsive: true }});\n\
         Plotly.newPlot('figure', {}, {}, config).then(() => \
         Plotly.addFrames('figure', {}));\n</script>",
        library.replace("</script", "<\\/script").replace("<!--", "<\\!--"),
        part("config", "{}"),
        part("data", "[]"),
        part("layout", "{}"),
        part("frames", "[]"),
    );
    Some(document(&body))
}

/// JSON as it can stand in a script: it holds no `<`, so neither `</script>` nor `<!--`, and no
/// line end that JavaScript once did not take in a string.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

fn document(body: &str) -> String {
    format!(
        "<!doctype html>\n<html><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>body{{margin:8px;background:#fff;color:#111;font:14px/1.5 system-ui,sans-serif}}\
         </style></head>\n<body>\n{body}\n</body></html>\n"
    )
}
