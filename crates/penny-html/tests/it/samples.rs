//! What real libraries print: pandas, matplotlib, plotly, altair, tqdm, SymPy, IPython.

use penny_html::{Kind, Limits, Rendered, can_be_framed, frame, output};
use serde_json::{Value, json};

use crate::browser::{Page, page};

/// The outputs of a cell, as a kernel gave them.
fn outputs(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/samples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("a sample");
    serde_json::from_str(&text).expect("a list of outputs")
}

#[track_caller]
fn check(name: &str, kind: Kind) -> (Rendered, Page) {
    let rendered = output(&outputs(name)[0], &Limits::default());
    assert_eq!(rendered.kind, kind, "{name}: {}", rendered.html);
    assert_eq!(rendered.truncated, None);
    page(&rendered.html);
    let page = page(&rendered.html);
    (rendered, page)
}

#[test]
fn a_data_frame_is_a_table() {
    let (rendered, page) = check("pandas", Kind::Html);
    assert!(rendered.html.contains("<table class=\"dataframe\">"), "{}", rendered.html);
    assert_eq!((page.count("tr"), page.count("th"), page.count("td")), (3, 6, 6));
    let text = page.text();
    assert!(text.contains("Facture <b>& Cie</b>") && text.contains("1234.5"), "{text}");
    let (_, page) = check("pandas_multiindex", Kind::Html);
    assert_eq!(page.count("tr"), 5);
}

#[test]
fn a_styler_is_a_table_without_its_styles() {
    let (rendered, page) = check("styler", Kind::Html);
    assert_eq!((page.count("tr"), page.count("caption")), (3, 1));
    assert!(page.text().contains("1234.50 €") && !page.text().contains("background"));
    assert!(!rendered.html.contains("T_"));
}

#[test]
fn plots_are_pictures() {
    let (rendered, page) = check("matplotlib", Kind::Image);
    assert_eq!(page.count("img"), 1);
    assert!(rendered.html.contains("alt=\"&lt;Figure size"), "{}", rendered.html);
    let (rendered, _) = check("matplotlib_svg", Kind::Image);
    assert!(rendered.html.contains("src=\"data:image/svg+xml;base64,"));
}

#[test]
fn a_traceback_is_in_colour_and_complete() {
    let (rendered, page) = check("traceback", Kind::Error);
    assert!(rendered.html.contains("<span class=\"f1\">"));
    let text = page.text();
    assert!(
        text.contains("KeyError: 'dateline'") && text.contains("return df['dateline']"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}') && !text.contains("[31m"));
    check("syntax_error", Kind::Error);
    let (_, page) = check("rich_print", Kind::Text);
    assert_eq!(page.text().trim(), "Échec orange");
}

#[test]
fn a_progress_bar_is_one_line() {
    let text: String =
        outputs("tqdm").iter().map(|output| output["text"].as_str().expect("text")).collect();
    let whole = json!({"output_type": "stream", "name": "stderr", "text": text});
    let rendered = output(&whole, &Limits::default());
    let text = page(&rendered.html).text();
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    assert!(text.starts_with("écritures: 100%"), "{text}");
}

#[test]
fn formulas_are_mathml() {
    let (_, page) = check("sympy", Kind::Maths);
    assert_eq!((page.count("math"), page.count("mfrac"), page.count("msqrt")), (1, 1, 1));
    let (_, page) = check("markdown", Kind::Markdown);
    assert_eq!((page.count("strong"), page.count("math")), (1, 1));
}

#[test]
fn json_is_indented_with_its_numbers_as_they_are() {
    let (_, page) = check("json", Kind::Json);
    assert!(page.text().contains("\n  \"clé\": [\n    \"a\",\n    1.5"), "{}", page.text());
}

#[test]
fn a_figure_of_plotly_runs_in_a_frame_with_the_library_given() {
    let figure = &outputs("plotly")[0];
    let limits = Limits::default();
    check("plotly", Kind::Active);
    assert!(can_be_framed(figure, true) && !can_be_framed(figure, false));
    assert_eq!(frame(figure, None, &limits), None);
    let library = "window.Plotly = {}; // </script><!--";
    let document = frame(figure, Some(library), &limits).expect("a document");
    // The figure's title holds a </script>, and so does the library.
    assert_eq!(document.matches("</script").count(), 2, "{document}");
    assert_eq!(document.matches("<!--").count(), 0);
    assert!(document.contains("\\u003c/script>\\u003cscript>alert(1)"), "{document}");
    assert_eq!(frame(figure, Some(library), &Limits { frame_bytes: 100, ..limits }), None);
}

#[test]
fn what_would_need_a_network_is_not_framed() {
    for name in ["plotly_html", "altair", "tqdm_notebook"] {
        for one in outputs(name) {
            assert_eq!(frame(&one, Some("x"), &Limits::default()), None, "{name}");
            assert!(!can_be_framed(&one, true), "{name}");
        }
    }
    let (_, page) = check("altair", Kind::Active);
    assert_eq!(page.text().trim(), "alt.Chart(...)");
    let (_, page) = check("tqdm_notebook", Kind::Active);
    assert!(page.text().contains("0/3"), "{}", page.text());
}

#[test]
fn html_with_its_own_scripts_is_framed_as_it_is_and_shown_without_them() {
    let (_, page) = check("html_script", Kind::Active);
    assert_eq!(page.text().trim(), "Total 12");
    let one = &outputs("html_script")[0];
    let document = frame(one, None, &Limits::default()).expect("a document");
    assert!(document.contains("<script>document.body.append(\"x\")</script>"));
    let document = frame(&outputs("javascript")[0], None, &Limits::default()).expect("a document");
    assert!(document.contains("<script>element.append(1)</script>"));
}
