//! Random mixtures of what is nasty.

use penny_html::Limits;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::attacks::ATTACKS;
use crate::browser::{judge, page};
use crate::{display, every_way, text_cell};

/// Pieces that change how what follows is read.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "\"", "'", "=", " ", "\n", "\n\n",
    "`", "```", "$", "$$", "\\", "[", "](", ")", "![", "*", "_", "|", "\n|-|-|\n", "# ", "- ",
    "> ", "&", "&lt;", "&#x3c;", "&quot;", "\u{fdd0}0\u{fdd1}", "\u{1b}[31m", "\u{1b}]8;;", "\r",
    "\u{8}", "\u{0}", "\u{202e}", "a", "é", "x=1", "javascript:", "https://a.fr/",
    "data:image/png;base64,", "attachment:a", "<p>", "</p>", "<b>", "</b>",
    "<a href=https://a.fr>", "</a>", "<table>", "<tr>", "<td>", "</td>", "</table>", "<caption>",
    "<colgroup>", "<col>", "<ul>", "<li>", "</ul>", "<dl>", "<dt>", "<h1>", "</h1>", "<div>",
    "</div>", "<pre>", "<img src=", "<svg>", "</svg>", "<math>", "<mtext>", "<style>", "</style>",
    "<script>", "</script>", "<noscript>", "<textarea>", "<title>", "<template>", "<select>",
    "<plaintext>", "<details>", "<summary>", " onclick=x ", " style=x ", " class=dataframe ",
    " title='", "\\text{", "\\frac{", "}", "{", "\\begin{align}", "\\end{align}", "^", "&&",
];

fn mixture() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => prop::sample::select(ATTACKS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..25).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        mixture().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..5)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(
        &[
            "output_type",
            "data",
            "metadata",
            "text",
            "name",
            "traceback",
            "ename",
            "evalue",
            "text/html",
            "text/plain",
            "text/latex",
            "text/markdown",
            "image/png",
            "image/svg+xml",
            "application/json",
            "application/vnd.plotly.v1+json",
            "application/javascript",
            "width",
        ][..],
    )
    .prop_map(str::to_owned)
}

/// Pieces of formulas.
#[rustfmt::skip]
const FORMULA_PIECES: &[&str] = &[
    "a", "1", "+", "é", "\u{a0}", "%\n", "€", " ", "{", "}", "[", "]", "(", ")", "^", "_", "'", "&", "\\\\", "#1", "$",
    "%", "~", "|", "\\frac", "\\sqrt", "\\left", "\\right", "\\middle", "\\text",
    "\\begin{array}", "\\begin{cases}", "\\begin{matrix}", "\\begin{align}", "\\end{array}",
    "\\end{cases}", "\\end{matrix}", "\\end{align}", "\\hline", "\\color", "\\mathbb", "\\mathrm",
    "\\hspace", "1em", "\\overset", "\\underbrace", "\\not", "\\big", "\\limits", "\\sum",
    "\\int", "\\alpha", "\\", "\\operatorname", "\\displaystyle", "\\binom", "\\genfrac", "\\tag",
    "\\label", "\\u", "\\char", "{c|c}", "red", "\"", "<", ">", "\\bf", "\\relax", "\\number",
    "\\char", "\\kern", "\\substack",
];

/// How many mixtures are tried: `PENNY_MIXTURES` of them, for a night's worth.
fn cases() -> u32 {
    std::env::var("PENNY_MIXTURES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn a_mixture_is_harmless_by_every_way(text in mixture()) {
        for (way, html) in every_way(&text) {
            let judged = judge(&html);
            prop_assert!(judged.is_ok(), "{text:?} as {way}: {judged:?} in {html}");
        }
    }

    #[test]
    fn a_mixture_of_formulas_is_harmless(
        pieces in prop::collection::vec(prop::sample::select(FORMULA_PIECES), 0..40),
    ) {
        let formula = pieces.concat();
        for (way, html) in [("inline", text_cell(&format!("${formula}$")).html), ("latex", display("text/latex", formula.as_str()).html)] {
            let judged = judge(&html);
            prop_assert!(judged.is_ok(), "{formula:?} as {way}: {judged:?} in {html}");
        }
    }

    #[test]
    fn any_output_at_all_is_harmless(kind in key(), value in value(), limit in 0_usize..200) {
        let limits = Limits { text_bytes: limit, html_bytes: limit, ..Limits::default() };
        let types = ["stream", "display_data", "error"];
        for output_type in types {
            let mut output = json!({
                "output_type": output_type, "data": {&kind: &value}, "text": &value,
                "traceback": &value, "ename": &value, "metadata": {&kind: &value},
            });
            page(&penny_html::output(&output, &limits).html);
            output["data"] = value.clone();
            page(&penny_html::output(&output, &limits).html);
            let _ = penny_html::frame(&output, &[], Some("x"), &limits);
        }
        page(&penny_html::output(&value, &limits).html);
    }

    #[test]
    fn cutting_is_as_harmless_as_not(text in mixture(), limit in 0_usize..300) {
        let limits = Limits { text_bytes: limit, html_bytes: limit, ..Limits::default() };
        page(&penny_html::markdown(&text, &Map::new(), &limits).html);
        for kind in ["text/html", "text/plain", "text/latex", "application/json"] {
            let output = json!({"output_type": "display_data", "data": {kind: &text}});
            let rendered = penny_html::output(&output, &limits);
            page(&rendered.html);
            if let Some(truncated) = rendered.truncated {
                prop_assert!(truncated.shown < truncated.of);
            }
        }
    }

    #[test]
    fn code_is_seen_as_it_was(text in "[ -~\n\té]{0,80}", language in 0_usize..8) {
        let language = ["python", "r", "bash", "sql", "julia", "javascript", "json", "?"][language];
        let html = penny_html::code(&text, language);
        // A browser drops the first line end of a `pre`; `code` around it keeps it.
        prop_assert_eq!(page(&crate::pre(&html)).text(), &*text);
        for line in html.split('\n') {
            let (opened, closed) = (line.matches("<span").count(), line.matches("</span>").count());
            prop_assert_eq!(opened, closed, "an element goes past its line: {}", line);
        }
    }

    #[test]
    fn plain_text_is_seen_as_it_was(text in "[ -~\n\té]{1,80}") {
        let html = crate::pre(&penny_html::terminal(&text));
        prop_assert_eq!(page(&html).text(), &*text);
        let escaped: String = text.chars().flat_map(|c| format!("&#{};", u32::from(c)).chars().collect::<Vec<_>>()).collect();
        let html = display("text/html", format!("<pre>.{escaped}</pre>")).html;
        prop_assert_eq!(page(&html).text(), format!(".{text}"));
    }

    #[test]
    fn cleaning_what_is_clean_changes_nothing(text in mixture()) {
        // Headings go one level down each time, so they are left out here.
        let text = text.replace("<h", "<p").replace("<H", "<p");
        let once = display("text/html", text.as_str()).html;
        if once.contains("class=\"u\"") || once.contains("class=\"table\"") {
            return Ok(());
        }
        let inner = once.strip_prefix("<div class=\"nb nb-html\">").and_then(|h| h.strip_suffix("</div>"));
        if let Some(inner) = inner {
            let twice = display("text/html", inner).html;
            prop_assert_eq!(once, twice);
        }
        let _ = text_cell(&text);
    }
}
