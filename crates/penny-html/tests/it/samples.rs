//! What real libraries print: pandas, matplotlib, plotly, altair, tqdm, SymPy, IPython.

use penny_html::{
    Framing, Kind, Limits, Rendered, brings_plotly, frame, framing, output, scripts_alone,
};
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
    assert_eq!(framing(figure, true), Framing::Whole);
    assert_eq!(framing(figure, false), Framing::WithoutPlotly);
    assert_eq!(frame(figure, &[], None, &limits), None);
    let library = "window.Plotly = {}; // </script><!--";
    let document = frame(figure, &[], Some(library), &limits).expect("a document");
    // The figure's title holds a </script>, and so does the library.
    assert_eq!(document.matches("</script").count(), 2, "{document}");
    assert_eq!(document.matches("<!--").count(), 0);
    assert!(document.contains("\\u003c/script>\\u003cscript>alert(1)"), "{document}");
    let small = Limits { frame_bytes: 100, ..limits };
    assert_eq!(frame(figure, &[], Some(library), &small), None);
}

#[test]
fn what_would_need_a_network_is_not_framed() {
    for name in ["altair", "tqdm_notebook"] {
        for one in outputs(name) {
            assert_eq!(frame(&one, &[], Some("x"), &Limits::default()), None, "{name}");
            assert_eq!(framing(&one, true), Framing::None, "{name}");
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
    let document = frame(one, &[], None, &Limits::default()).expect("a document");
    assert!(document.contains("<script>document.body.append(\"x\")</script>"));
    let document =
        frame(&outputs("javascript")[0], &[], None, &Limits::default()).expect("a document");
    assert!(document.contains("<script>element.append(1)</script>"));
}

/// HTML that shows itself.
fn html(html: &str) -> Value {
    json!({"output_type": "display_data", "metadata": {}, "data": {"text/html": html}})
}

#[test]
fn a_figure_that_is_html_runs_with_the_library_that_is_there() {
    let [begin, figure] = &outputs("plotly_html")[..] else { panic!("two outputs") };
    // The first would have the library from another host.
    assert_eq!(framing(begin, true), Framing::ScriptsAlone);
    assert_eq!(framing(figure, false), Framing::WithoutPlotly);
    assert_eq!(framing(figure, true), Framing::Whole);
    let from_elsewhere = scripts_alone(begin).expect("scripts");
    assert!(!brings_plotly(&from_elsewhere));
    let limits = Limits::default();
    assert_eq!(frame(figure, std::slice::from_ref(&from_elsewhere), None, &limits), None);
    let library = "/** plotly.js v4.1.1 */ window.Plotly = {};";
    let document = frame(figure, &[from_elsewhere], Some(library), &limits).expect("a document");
    assert_eq!(document.matches("plotly.js v").count(), 1);
    assert!(document.find("plotly.js v") < document.find("Plotly.newPlot("), "it comes first");
    assert!(!document.contains("window.PlotlyConfig = {MathJaxConfig: 'local'};\n        if"));
    // An earlier output has it: no other is put in.
    let brought = format!("  <script>\nvar a</script>\n<script type='x'>{library}</script> ");
    let brought = scripts_alone(&html(&brought)).expect("scripts");
    assert!(brings_plotly(&brought));
    for installed in [None, Some(library)] {
        let document = frame(figure, std::slice::from_ref(&brought), installed, &limits);
        let document = document.expect("a document");
        assert_eq!(document.matches("plotly.js v").count(), 1);
        assert!(document.find("plotly.js v") < document.find("Plotly.newPlot("));
    }
    let data = &outputs("plotly")[0];
    let document = frame(data, std::slice::from_ref(&brought), None, &limits).expect("a document");
    assert!(document.find("plotly.js v") < document.find("Plotly.newPlot("));
}

#[test]
fn scripts_alone_are_told_apart_from_what_shows_something() {
    #[track_caller]
    fn check(source: &str, is_alone: bool) {
        assert_eq!(scripts_alone(&html(source)).is_some(), is_alone, "{source}");
        let expected = if is_alone { Framing::ScriptsAlone } else { Framing::Whole };
        assert_eq!(framing(&html(source), false), expected, "{source}");
    }
    check(" <script>1</script>\n<SCRIPT>2</script>", true);
    check("<script>cut off", true);
    check("<script>1</script><div id='x'></div>", false);
    check("<div></div><script>1</script>", false);
    check("text <script>1</script>", false);
    for source in ["", "text", "<p>"] {
        assert_eq!(scripts_alone(&html(source)), None, "{source}");
        assert_eq!(framing(&html(source), true), Framing::None, "{source}");
    }
}

#[test]
fn formulas_of_a_figure_do_without_their_library_and_no_other_does() {
    let with = |address: &str| html(&format!("<p>x</p><script src=\"{address}\"></script>"));
    let of = |address: &str| framing(&with(address), false);
    assert_eq!(
        of("https://cdnjs.cloudflare.com/ajax/libs/mathjax/2.7.5/MathJax.js"),
        Framing::Whole
    );
    assert_eq!(of("https://cdn.plot.ly/plotly-3.7.0.min.js"), Framing::WithoutPlotly);
    assert_eq!(of("https://cdn.jsdelivr.net/npm/vega@5"), Framing::None);
    assert_eq!(of("data:text/javascript,1"), Framing::Whole);
    assert_eq!(of("vega.js"), Framing::None);
}
