//! Pictures that come with the notebook, as `data:` addresses.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::cut::joined;
use crate::escape;

/// The types of pictures, with how each begins, in base64. SVG is apart: it is text.
const TYPES: &[(&str, &str)] = &[
    ("image/png", "iVBORw0KGgo"),
    ("image/jpeg", "/9j/"),
    ("image/gif", "R0lGOD"),
    ("image/webp", "UklGR"),
];

/// The types of pictures in a bundle, the best first.
pub(crate) const PIXELS: &[&str] = &["image/png", "image/jpeg", "image/webp", "image/gif"];

/// Characters of a picture's text.
const ALT_MAX: usize = 200;

/// Where the pictures of a piece of HTML may come from: itself, and a cell's attachments.
pub(crate) struct Pictures<'a> {
    /// Name → type → base64.
    pub attachments: Option<&'a Map<String, Value>>,
    /// Bytes of a picture, as base64.
    pub limit: usize,
}

impl Pictures<'_> {
    /// The `data:` address of a picture that is here.
    pub(crate) fn find(&self, source: &str) -> Option<String> {
        let source = source.trim();
        if let Some(name) = source.strip_prefix("attachment:") {
            return self.attachment(name);
        }
        let (head, base64) = source.split_once(',')?;
        let kind = head.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:"))?.len();
        let kind = head[kind..].strip_suffix(";base64")?;
        address(&kind.to_ascii_lowercase(), base64, self.limit)
    }

    fn attachment(&self, name: &str) -> Option<String> {
        let attachments = self.attachments?;
        let bundle = attachments.get(name).or_else(|| attachments.get(&decoded(name)))?;
        let bundle = bundle.as_object()?;
        bundle.iter().find_map(|(kind, value)| {
            let value = joined(value)?;
            match kind.as_str() {
                // Jupyter keeps an attached SVG as base64, too.
                "image/svg+xml" => vector_as_base64(&value, self.limit),
                kind => address(kind, &value, self.limit),
            }
        })
    }
}

/// The `data:` address of a picture in base64: only if it is base64, of what it says it is, and
/// not larger than `limit`.
pub(crate) fn address(kind: &str, base64: &str, limit: usize) -> Option<String> {
    let (kind, beginning) = TYPES.iter().find(|(known, _)| *known == kind)?;
    let base64 = checked(base64, limit)?;
    base64.starts_with(beginning).then(|| format!("data:{kind};base64,{base64}"))
}

/// The `data:` address of an SVG picture: as a picture it runs no script and asks for nothing.
pub(crate) fn vector(svg: &str, limit: usize) -> Option<String> {
    (svg.len() <= limit && svg.contains("<svg"))
        .then(|| format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg)))
}

fn vector_as_base64(value: &str, limit: usize) -> Option<String> {
    if value.contains("<svg") {
        return vector(value, limit);
    }
    checked(value, limit).map(|base64| format!("data:image/svg+xml;base64,{base64}"))
}

/// Base64 without its line ends, if it is base64.
fn checked(base64: &str, limit: usize) -> Option<String> {
    if base64.len() > limit.saturating_mul(2) {
        return None;
    }
    let mut clean = base64.to_owned();
    clean.retain(|character| !character.is_ascii_whitespace());
    let data = clean.trim_end_matches('=');
    let is_base64 = clean.len() <= limit
        && !data.is_empty()
        && clean.len() - data.len() <= 2
        && clean.len().is_multiple_of(4)
        && data.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    is_base64.then_some(clean)
}

/// An `img` element; `size` is width and height in pixels of the page.
pub(crate) fn element(address: &str, alt: &str, size: (Option<u32>, Option<u32>)) -> String {
    let mut out = String::with_capacity(address.len() + alt.len() + 40);
    out.push_str("<img src=\"");
    out.push_str(address);
    out.push_str("\" alt=\"");
    let alt: String = alt.chars().take(ALT_MAX).collect();
    escape::attribute(&mut out, alt.trim());
    out.push('"');
    for (name, pixels) in [("width", size.0), ("height", size.1)] {
        if let Some(pixels) = pixels {
            out.push_str(&format!(" {name}=\"{pixels}\""));
        }
    }
    out.push('>');
    out
}

/// `%20` and the like in an attachment's name.
fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let number = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match number.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
