//! Outputs that need scripts, as documents of their own.

use serde_json::{Map, Value};

use crate::cut::joined;
use crate::limits::Limits;
use crate::scripts::{
    Missing, PLOTLY, SCRIPTS, holds_plotly, is_scripts_alone, missing, missing_of,
};

/// The Content-Security-Policy that a document of [`frame`] must be sent with. Its scripts run, and
/// can ask for nothing: no network at all, and an origin that is nobody's even if the document is
/// opened outside of its frame.
pub const FRAME_CSP: &str = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; \
     style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; \
     form-action 'none'; sandbox allow-scripts";

/// The `sandbox` attribute that the `iframe` around it must have.
pub const FRAME_SANDBOX: &str = "allow-scripts";

/// What older figures ask for their library by: `require(["plotly"], …)` and `define("plotly", …)`,
/// without the loader that Jupyter's page had.
const REQUIRE: &str = r#"<script>(() => {
const known = {};
const made = (name) => {
  if (!known[name]) return name === "plotly" ? window.Plotly : undefined;
  if (!known[name].module) {
    const module = known[name].module = { exports: {} };
    const given = known[name].make(made, module.exports, module);
    if (given !== undefined) module.exports = given;
  }
  return known[name].module.exports;
};
window.require = window.requirejs = (names, act) => act?.(...names.map(made));
window.define = (name, ...rest) => { known[name] = { make: rest.pop() }; };
require.config = () => {};
require.undef = (name) => { delete known[name]; };
})();</script>
"#;

/// How an output that needs scripts may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// [`frame`] gives its document.
    Whole,
    /// It would, if it had Plotly's library.
    WithoutPlotly,
    /// It is scripts and nothing else, for outputs after it: there is nothing to see.
    ScriptsAlone,
    /// It needs something that only another host has, or only Jupyter.
    None,
}

/// How an output may be shown in a frame, apart from its size. `has_plotly` says whether Plotly's
/// library is there: as a file, or in the scripts of an earlier output.
///
/// Of HTML that was cut off, what its beginning tells.
#[must_use]
pub fn framing(output: &Value, has_plotly: bool) -> Framing {
    let Some(data) = output.get("data").and_then(Value::as_object) else { return Framing::None };
    let is_figure = data.get(PLOTLY).is_some_and(Value::is_object);
    if is_figure && has_plotly {
        return Framing::Whole;
    }
    if !is_figure && scripts_alone(output).is_some() {
        return Framing::ScriptsAlone;
    }
    match missing(data) {
        Some(Missing::Nothing) => Framing::Whole,
        Some(Missing::Plotly) if has_plotly => Framing::Whole,
        Some(Missing::Plotly) => Framing::WithoutPlotly,
        _ if is_figure => Framing::WithoutPlotly,
        _ => Framing::None,
    }
}

/// The HTML of an output that is scripts and nothing else: how libraries come into a notebook.
/// Later outputs' frames need it.
#[must_use]
pub fn scripts_alone(output: &Value) -> Option<String> {
    let html = output.get("data")?.get("text/html").and_then(joined)?;
    is_scripts_alone(&html).then(|| html.into_owned())
}

/// Whether the library of Plotly is in HTML.
#[must_use]
pub fn brings_plotly(html: &str) -> bool {
    holds_plotly(html)
}

/// A whole HTML document of an output that needs scripts, for an `iframe` with
/// [`FRAME_SANDBOX`], sent with [`FRAME_CSP`]: the output's own HTML and scripts as they are, or a
/// figure of Plotly with the library in it.
///
/// `earlier` are the [`scripts_alone`] of the notebook before this output; they run before it.
/// `plotly_js` is the text of `plotly.min.js` (Python's `plotly/package_data/plotly.min.js`).
/// `None` if there is nothing that could run without a network, see [`framing`], or if the
/// document were larger than `limits.frame_bytes`.
///
/// This is the one function here whose result is **not** safe in a page of one's own.
#[must_use]
pub fn frame(
    output: &Value,
    earlier: &[String],
    plotly_js: Option<&str>,
    limits: &Limits,
) -> Option<String> {
    // What other hosts have does not come.
    let earlier: Vec<&str> =
        earlier.iter().map(String::as_str).filter(|html| is_of_here(html)).collect();
    let is_brought = earlier.iter().any(|html| holds_plotly(html));
    if framing(output, is_brought || plotly_js.is_some()) != Framing::Whole {
        return None;
    }
    let data = output.get("data")?.as_object()?;
    let figure = data.get(PLOTLY).and_then(Value::as_object);
    let library = plotly_js.map(|library| {
        let library = library.replace("</script", "<\\/script").replace("<!--", "<\\!--");
        format!("<script>{library}</script>\n")
    });
    let body = match (figure, library) {
        (Some(figure), Some(library)) => library + &plotly(figure),
        (Some(figure), None) if is_brought => {
            [REQUIRE, &earlier.concat(), HERE, &plotly(figure)].concat()
        }
        (_, library) => {
            let own = own_html(data);
            let draws = missing_of(&own) == Missing::Plotly && !is_brought;
            let library = library.filter(|_| draws).unwrap_or_default();
            let require = if own.contains("require([") { REQUIRE } else { "" };
            [&library, require, &earlier.concat(), &own].concat()
        }
    };
    let document = document(&body);
    (document.len() <= limits.frame_bytes).then_some(document)
}

/// A library that was defined for `require` is where a figure finds it.
const HERE: &str = "<script>window.Plotly ??= require([\"plotly\"], (found) => found);</script>\n";

fn is_of_here(html: &str) -> bool {
    missing_of(html) == Missing::Nothing
}

fn own_html(data: &Map<String, Value>) -> String {
    let html = data.get("text/html").and_then(joined).unwrap_or_default();
    let mut body = html.into_owned();
    for kind in SCRIPTS {
        if let Some(script) = data.get(kind).and_then(joined) {
            body.push_str("<script>");
            body.push_str(&script.replace("</", "<\\/"));
            body.push_str("</script>");
        }
    }
    body
}

/// What draws a figure of Plotly.
fn plotly(figure: &Map<String, Value>) -> String {
    let part = |name: &str, otherwise: &str| match figure.get(name) {
        Some(value) => in_script(&value.to_string()),
        None => otherwise.to_owned(),
    };
    format!(
        "<style>#figure{{height:calc(100vh - 16px)}}</style>\n<div id=\"figure\"></div>\n<script>\n\
         const config = Object.assign({{}}, {}, {{ responsive: true }});\n\
         Plotly.newPlot('figure', {}, {}, config).then(() => \
         Plotly.addFrames('figure', {}));\n</script>",
        part("config", "{}"),
        part("data", "[]"),
        part("layout", "{}"),
        part("frames", "[]"),
    )
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
