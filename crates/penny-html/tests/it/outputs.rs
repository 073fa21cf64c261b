//! Which representation of an output is shown, and as what.

use penny_html::{Kind, Limits, output, source};
use serde_json::{Value, json};

use crate::browser::page;
use crate::display;

const PNG: &str = "iVBORw0KGgoAAAAN";

#[track_caller]
fn check(value: Value, kind: Kind, expected: &str) {
    let rendered = output(&value, &Limits::default());
    page(&rendered.html);
    assert_eq!((rendered.kind, rendered.html.as_str()), (kind, expected));
}

#[track_caller]
fn richest(data: Value, kind: Kind) {
    let rendered =
        output(&json!({"output_type": "display_data", "data": data}), &Limits::default());
    assert_eq!(rendered.kind, kind, "{}", rendered.html);
}

#[test]
fn streams_and_errors_are_text_of_a_terminal() {
    check(
        json!({"output_type": "stream", "name": "stdout", "text": ["a\n", "<b>"]}),
        Kind::Text,
        "<pre class=\"nb nb-stream\">a\n&lt;b&gt;</pre>",
    );
    check(
        json!({"output_type": "stream", "name": "stderr", "text": "a"}),
        Kind::Text,
        "<pre class=\"nb nb-stream nb-stderr\">a</pre>",
    );
    check(
        json!({"output_type": "error", "traceback": ["\u{1b}[1ma", "b"]}),
        Kind::Error,
        "<pre class=\"nb nb-stream nb-error\"><span class=\"fb\">a</span>\n<span class=\"fb\">b</span></pre>",
    );
    check(
        json!({"output_type": "error", "ename": "E", "evalue": "<v>", "traceback": []}),
        Kind::Error,
        "<pre class=\"nb nb-stream nb-error\">E: &lt;v&gt;</pre>",
    );
    check(
        json!({"output_type": "error", "ename": "E"}),
        Kind::Error,
        "<pre class=\"nb nb-stream nb-error\">E</pre>",
    );
}

#[test]
fn what_is_no_output_is_nothing() {
    for value in [
        json!(null),
        json!([]),
        json!({}),
        json!({"output_type": "x"}),
        json!({"output_type": 1}),
        json!({"output_type": "stream"}),
        json!({"output_type": "stream", "text": ""}),
        json!({"output_type": "stream", "text": {"a": 1}}),
        json!({"output_type": "error"}),
        json!({"output_type": "display_data"}),
        json!({"output_type": "display_data", "data": []}),
        json!({"output_type": "display_data", "data": {"x/y": "z"}}),
        json!({"output_type": "display_data", "data": {"text/html": "<script></script>", "image/png": "x"}, "x": 1})["y"].clone(),
    ] {
        check(value, Kind::Nothing, "");
    }
}

#[test]
fn the_richest_representation_that_can_be_shown_is() {
    richest(json!({"text/plain": "a", "text/html": "<b>a</b>"}), Kind::Html);
    richest(
        json!({"text/plain": "a", "text/html": "<style>x</style> <img src=http://a.fr>"}),
        Kind::Text,
    );
    richest(json!({"text/plain": "a", "image/png": PNG}), Kind::Image);
    richest(json!({"text/plain": "a", "image/png": "pas du base64"}), Kind::Text);
    richest(json!({"text/plain": "a", "image/jpeg": PNG}), Kind::Text);
    richest(json!({"text/plain": "a", "image/png": PNG, "text/latex": "$x$"}), Kind::Maths);
    richest(
        json!({"text/plain": "a", "image/png": PNG, "text/latex": "\\begin{tabular}"}),
        Kind::Image,
    );
    richest(json!({"text/plain": "a", "text/markdown": "*a*"}), Kind::Markdown);
    richest(json!({"text/plain": "a", "application/json": [1]}), Kind::Json);
    richest(json!({"text/plain": "a", "image/svg+xml": "<svg/>"}), Kind::Image);
}

#[test]
fn what_needs_scripts_shows_its_picture_first() {
    let data = json!({"application/vnd.plotly.v1+json": {}, "text/html": "<b>a</b><script></script>", "image/png": PNG});
    let rendered =
        output(&json!({"output_type": "display_data", "data": data}), &Limits::default());
    assert_eq!((rendered.kind, page(&rendered.html).count("img")), (Kind::Active, 1));
    richest(json!({"application/vnd.bokehjs_exec.v0+json": "", "text/html": "x"}), Kind::Active);
    richest(json!({"application/vnd.plotly.v1+json": {}}), Kind::Active);
}

#[test]
fn a_picture_has_the_size_that_is_declared() {
    #[track_caller]
    fn check(metadata: Value, expected: &str) {
        let value = json!({"output_type": "display_data", "data": {"image/png": PNG}, "metadata": {"image/png": metadata}});
        let html = output(&value, &Limits::default()).html;
        assert_eq!(
            html,
            format!(
                "<div class=\"nb nb-image\"><img src=\"data:image/png;base64,{PNG}\" alt=\"\"{expected}></div>"
            )
        );
    }
    check(json!({"width": 640, "height": 480.5}), " width=\"640\" height=\"480\"");
    check(json!({"width": "640", "height": -1}), "");
    check(json!({"width": 1e300}), "");
    check(json!(null), "");
}

#[test]
fn latex_is_a_formula_or_text_with_formulas() {
    for (latex, formulas) in [
        ("$x$", 1),
        ("$$x$$", 1),
        ("\\[x\\]", 1),
        ("\\begin{equation}x\\end{equation}", 1),
        ("x^2", 1),
        ("a $x$ b $y$", 2),
    ] {
        let rendered = display("text/latex", latex);
        assert_eq!(
            (rendered.kind, page(&rendered.html).count("math")),
            (Kind::Maths, formulas),
            "{latex}"
        );
    }
}

#[test]
fn a_source_is_marked_and_cut_in_its_middle() {
    let rendered = source("import x", "python", &Limits::default());
    assert_eq!(
        rendered.html,
        "<pre class=\"nb nb-code\"><code><span class=\"k\">import</span> x</code></pre>"
    );
    let long = "x = 1\n".repeat(100);
    let rendered = source(&long, "python", &Limits { text_bytes: 60, ..Limits::default() });
    assert_eq!(rendered.truncated.map(|t| t.of), Some(600));
    assert_eq!(source("", "python", &Limits::default()).kind, Kind::Nothing);
}
