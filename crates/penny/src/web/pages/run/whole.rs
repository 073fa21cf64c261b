//! All of an output as one thing that a browser shows by itself: a picture, or text.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use penny_notebook::without_ansi;
use serde_json::{Map, Value};

/// A picture of more characters has an address of its own, so that it is fetched when it comes into view.
pub const PICTURE_INLINE_MAX: usize = 40_000;

/// The kinds of pictures, the best first.
const PICTURES: [&str; 5] = ["image/png", "image/jpeg", "image/webp", "image/gif", "image/svg+xml"];
const TEXT: &str = "text/plain; charset=utf-8";

/// All of an output.
pub struct Whole {
    /// Its media type.
    pub kind: &'static str,
    /// What it is.
    pub bytes: Vec<u8>,
}

/// How large a picture is on the page, as far as that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// In pixels of the page.
    pub width: Option<u32>,
    /// The same.
    pub height: Option<u32>,
}

/// The size of the picture that an output shows, if it is too large to stand on the page.
pub fn linked_picture(output: &Value, is_active: bool) -> Option<Size> {
    let data = output["data"].as_object()?;
    let (kind, content) = picture(data, is_active)?;
    (content.len() > PICTURE_INLINE_MAX).then(|| size(output, kind, content))
}

/// Whether an output is a picture, of which a part is nothing.
pub fn is_picture(output: &Value) -> bool {
    output["data"].as_object().is_some_and(|data| picture(data, false).is_some())
}

/// All of an output; nothing when it holds nothing.
pub fn whole(output: &Value) -> Option<Whole> {
    let text = |text: String| Some(Whole { kind: TEXT, bytes: text.into_bytes() });
    match output["output_type"].as_str()? {
        "stream" => text(without_ansi(output["text"].as_str()?).into_owned()),
        "error" => text(error(output)),
        _ => {
            let data = output["data"].as_object()?;
            if let Some((kind, content)) = picture(data, false).or_else(|| picture(data, true)) {
                return bytes(kind, content);
            }
            text(best_text(data)?)
        }
    }
}

fn bytes(kind: &'static str, content: &str) -> Option<Whole> {
    if kind == "image/svg+xml" {
        return Some(Whole { kind, bytes: content.as_bytes().to_vec() });
    }
    let content: String = content.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Some(Whole { kind, bytes: BASE64_STANDARD.decode(content).ok()? })
}

/// The picture that is an output's best form; of one that needs scripts, any.
fn picture(data: &Map<String, Value>, is_active: bool) -> Option<(&'static str, &str)> {
    let richer = ["text/html", "text/markdown", "text/latex"];
    if !is_active && richer.iter().any(|kind| data.contains_key(*kind)) {
        return None;
    }
    PICTURES.into_iter().find_map(|kind| Some((kind, data.get(kind)?.as_str()?)))
}

fn size(output: &Value, kind: &str, content: &str) -> Size {
    let said = |name: &str| {
        let number = output["metadata"][kind][name].as_f64()?;
        (1.0..=10_000.0).contains(&number).then_some(number as u32)
    };
    match (said("width"), said("height")) {
        (None, None) => of_png(content).unwrap_or_default(),
        (width, height) => Size { width, height },
    }
}

/// The size that a PNG tells in its first bytes, so that the page does not jump when it comes.
fn of_png(content: &str) -> Option<Size> {
    let head = BASE64_STANDARD.decode(content.get(..32)?).ok()?;
    let number = |at: usize| Some(u32::from_be_bytes(head.get(at..at + 4)?.try_into().ok()?));
    let is_png = head.starts_with(b"\x89PNG\r\n\x1a\n");
    let side = |at| number(at).filter(|side| is_png && (1..=10_000).contains(side));
    Some(Size { width: side(16), height: side(20) })
}

fn error(output: &Value) -> String {
    let lines = output["traceback"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let traceback = lines.collect::<Vec<_>>().join("\n");
    if !traceback.is_empty() {
        return without_ansi(&traceback).into_owned();
    }
    let part = |name: &str| output[name].as_str().unwrap_or_default();
    format!("{}: {}", part("ename"), part("evalue"))
}

/// The fullest of its texts: a table with all its rows, which a spreadsheet takes as it is pasted.
fn best_text(data: &Map<String, Value>) -> Option<String> {
    let text = |kind: &str| data.get(kind).and_then(Value::as_str);
    if let Some(html) = text("text/html") {
        return Some(if html.contains("<table") { of_table(html) } else { html.to_owned() });
    }
    let plain = ["text/markdown", "text/latex", "text/plain"].into_iter().find_map(text);
    plain.map(|plain| without_ansi(plain).into_owned()).or_else(|| {
        let (_, value) = data.iter().next()?;
        Some(value.as_str().map_or_else(|| format!("{value:#}"), str::to_owned))
    })
}

/// A table of HTML as lines of fields with tabs between them.
fn of_table(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 3);
    let mut rest = html;
    let mut hidden = false;
    while let Some(start) = rest.find('<') {
        if !hidden {
            out.push_str(&plain(rest[..start].trim()));
        }
        let Some(end) = rest[start..].find('>') else { break };
        let tag = &rest[start + 1..start + end];
        let name: String = tag.chars().take_while(|c| !c.is_whitespace()).collect();
        match name.to_ascii_lowercase().as_str() {
            "style" | "script" => hidden = true,
            "/style" | "/script" => hidden = false,
            "/td" | "/th" => out.push('\t'),
            "/tr" | "/p" | "br" => {
                out.truncate(out.trim_end_matches('\t').len());
                out.push('\n');
            }
            _ => {}
        }
        rest = &rest[start + end + 1..];
    }
    out
}

fn plain(text: &str) -> Cow<'_, str> {
    let text = match text.contains(['\n', '\r', '\t']) {
        true => Cow::Owned(text.replace(['\n', '\r', '\t'], " ")),
        false => Cow::Borrowed(text),
    };
    // Of a million cells, few have any.
    if !text.contains('&') {
        return text;
    }
    let known = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    let text =
        known.iter().fold(text.into_owned(), |text, (entity, letter)| text.replace(entity, letter));
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(data: Value) -> Option<(&'static str, String)> {
        let whole = whole(&json!({"output_type": "display_data", "metadata": {}, "data": data}))?;
        Some((whole.kind, String::from_utf8_lossy(&whole.bytes).into_owned()))
    }

    #[test]
    fn an_output_is_a_picture_or_a_text_of_its_own() {
        #[track_caller]
        fn check(data: Value, kind: &str, text: &str) {
            assert_eq!(
                shown(data),
                Some((
                    match kind {
                        "text" => TEXT,
                        kind => PICTURES.into_iter().find(|k| *k == kind).expect("known"),
                    },
                    text.to_owned()
                ))
            );
        }
        check(json!({"image/png": "aGkh\n", "text/plain": "<Figure>"}), "image/png", "hi!");
        check(json!({"image/svg+xml": "<svg onload=x>"}), "image/svg+xml", "<svg onload=x>");
        check(json!({"text/plain": "\u{1b}[31m1\u{1b}[0m"}), "text", "1");
        check(json!({"application/vnd.x+json": {"a": 1}}), "text", "{\n  \"a\": 1\n}");
        check(
            json!({"text/html": "<b onclick=x>1</b>", "text/plain": "1"}),
            "text",
            "<b onclick=x>1</b>",
        );
        assert_eq!(shown(json!({"image/png": "not base64"})), None);
        assert_eq!(shown(json!({})), None);
        let stream = json!({"output_type": "stream", "text": "a\n"});
        assert_eq!(whole(&stream).map(|whole| whole.bytes), Some(b"a\n".to_vec()));
        let error = json!({"output_type": "error", "ename": "E", "evalue": "x", "traceback": []});
        assert_eq!(whole(&error).map(|whole| whole.bytes), Some(b"E: x".to_vec()));
    }

    #[test]
    fn a_table_is_lines_that_a_spreadsheet_takes() {
        let html = "<div>\n<style scoped> .x { } </style><table border=\"1\"><thead><tr><th></th><th>a</th></tr>\
                    </thead><tbody><tr><th>0</th><td>1 &lt; 2</td></tr><tr><th>1</th><td></td></tr></tbody></table>";
        assert_eq!(of_table(html), "\ta\n0\t1 < 2\n1\n");
        assert_eq!(of_table("<table><tr><td>x"), "");
    }

    #[test]
    fn only_a_large_picture_is_fetched_by_itself_and_its_place_is_kept() {
        let output = |content: &str, data: &str| json!({"metadata": {}, "data": {"image/png": content, data: "x"}});
        let head = "iVBORw0KGgoAAAANSUhEUgAAAxUAAAFO";
        let large = format!("{head}{}", "A".repeat(PICTURE_INLINE_MAX));
        assert_eq!(
            linked_picture(&output(&large, "text/plain"), false),
            Some(Size { width: Some(789), height: Some(334) })
        );
        assert_eq!(linked_picture(&output(&large, "text/html"), false), None);
        assert!(linked_picture(&output(&large, "text/html"), true).is_some());
        assert_eq!(linked_picture(&output(head, "text/plain"), false), None);
        let mut said = output(&large, "text/plain");
        said["metadata"] = json!({"image/png": {"width": 400, "height": 1e9}});
        assert_eq!(linked_picture(&said, false), Some(Size { width: Some(400), height: None }));
    }
}
