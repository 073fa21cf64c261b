//! What an output's scripts need: a question of what to offer, not of safety.

use memchr::{memchr_iter, memmem};
use serde_json::{Map, Value};

use crate::cut::joined;

/// A figure of Plotly, as data.
pub(crate) const PLOTLY: &str = "application/vnd.plotly.v1+json";
/// Scripts by themselves.
pub(crate) const SCRIPTS: [&str; 2] = ["application/javascript", "text/javascript"];

/// What Plotly's library begins with, wherever it was put in whole.
const LIBRARY_OF_PLOTLY: &str = "plotly.js v";
/// What the HTML of a figure says to draw it.
const CALLS_OF_PLOTLY: [&str; 2] = ["Plotly.newPlot(", "Plotly.react("];

/// Where programs are had from, as their addresses say: scripts also load scripts. Only looked for
/// in HTML that is too short to have a library in it, since a library names such places, too.
const ELSEWHERE: [&str; 5] = ["//cdn.", "//cdnjs.", "//unpkg.com", "//esm.sh", "//ga.jspm.io"];
/// Bytes of HTML that may have a library in it.
const LIBRARY_MIN: usize = 200_000;
/// No address is longer.
const ADDRESS_MAX: usize = 200;

/// What makes HTML need scripts, or another document. In lower case.
const ACTIVE_TAGS: [&str; 4] = ["script", "iframe", "object", "embed"];

/// What is missing for scripts to do what they do in Jupyter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Missing {
    /// All is there.
    Nothing,
    /// Plotly's library, which may be had elsewhere.
    Plotly,
    /// Something of another host.
    More,
}

/// Whether a display shows all it has only with scripts.
pub(crate) fn needs_scripts(data: &Map<String, Value>) -> bool {
    let is_active_type = |kind: &String| {
        kind == PLOTLY
            || SCRIPTS.contains(&kind.as_str())
            || kind == "application/vnd.jupyter.widget-view+json"
            || ["application/vnd.vega", "application/vnd.bokehjs", "application/vnd.holoviews"]
                .iter()
                .any(|family| kind.starts_with(family))
    };
    data.keys().any(is_active_type)
        || data.get("text/html").and_then(joined).is_some_and(|html| has_active_tag(&html))
}

/// What the HTML and the scripts of a display miss; nothing when it has neither.
pub(crate) fn missing(data: &Map<String, Value>) -> Option<Missing> {
    if SCRIPTS.iter().any(|kind| data.contains_key(*kind)) {
        return Some(Missing::Nothing);
    }
    let html = data.get("text/html").and_then(joined)?;
    has_active_tag(&html).then(|| missing_of(&html))
}

/// What HTML misses.
pub(crate) fn missing_of(html: &str) -> Missing {
    let loaded = tags(html).filter_map(address_of_script);
    let loaded = loaded.map(|address| of_address(&address)).max();
    let named = ELSEWHERE.iter().filter(|_| html.len() <= LIBRARY_MIN).flat_map(|place| {
        html.match_indices(place).map(|(at, _)| {
            let end = html.len().min(at + ADDRESS_MAX);
            of_address(&String::from_utf8_lossy(&html.as_bytes()[at..end]).to_ascii_lowercase())
        })
    });
    let draws = CALLS_OF_PLOTLY.iter().any(|call| html.contains(call)) && !holds_plotly(html);
    let drawn_by = if draws { Missing::Plotly } else { Missing::Nothing };
    loaded.max(named.max()).unwrap_or(Missing::Nothing).max(drawn_by)
}

/// Whether Plotly's library is in HTML.
pub(crate) fn holds_plotly(html: &str) -> bool {
    memmem::find(html.as_bytes(), LIBRARY_OF_PLOTLY.as_bytes()).is_some()
}

/// Whether HTML is scripts and nothing else, as libraries come into a notebook; of HTML that was
/// cut off, whether it begins like that.
pub(crate) fn is_scripts_alone(html: &str) -> bool {
    let mut rest = html.trim_start();
    let mut has_any = false;
    while let Some(tag) = rest.strip_prefix('<').filter(|tag| begins_with(tag.as_bytes(), "script"))
    {
        has_any = true;
        let Some(end) = memmem::find(tag.as_bytes(), b"</script") else { return true };
        let Some((_, after)) = tag[end..].split_once('>') else { return true };
        rest = after.trim_start();
    }
    has_any && rest.is_empty()
}

/// Without MathJax a figure's formulas are text; without its library it is nothing.
fn of_address(address: &str) -> Missing {
    if address.contains("/mathjax/") {
        Missing::Nothing
    } else if address.contains("//cdn.plot.ly/plotly-") {
        Missing::Plotly
    } else {
        Missing::More
    }
}

/// Whether HTML has a script or another document in it.
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

/// Where what follows a `<` is loaded from, if it is a script, or a document, with an address.
fn address_of_script(tag: &[u8]) -> Option<String> {
    if !ACTIVE_TAGS.iter().any(|name| begins_with(tag, name)) {
        return None;
    }
    let end = tag.iter().take(2_000).position(|byte| *byte == b'>').unwrap_or(tag.len().min(2_000));
    let tag = String::from_utf8_lossy(&tag[..end]).to_ascii_lowercase();
    ["src=", "src =", "data="].iter().find_map(|name| {
        tag.match_indices(name).find_map(|(at, name)| {
            let value = tag[at + name.len()..].trim_start_matches([' ', '"', '\'']);
            let is_elsewhere = !value.starts_with("data:") && !tag[..at].ends_with('-');
            is_elsewhere.then(|| value.split(['"', '\'']).next().unwrap_or_default().to_owned())
        })
    })
}
