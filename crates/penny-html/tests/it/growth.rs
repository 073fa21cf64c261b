//! What comes out grows with what comes in, and no faster.

use penny_html::{Limits, Unit};
use serde_json::json;

use crate::browser::page;
use crate::every_way;

/// So much of something, for a number.
type Pattern = fn(usize) -> String;

/// Twice as much in gives twice as much out, by every way, for what makes others explode.
#[test]
fn output_grows_as_input_does() {
    let patterns: &[(&str, Pattern)] = &[
        ("formatting in paragraphs", |n| (0..n).map(|i| format!("<p><b title={i}>")).collect()),
        ("tags that are not closed", |n| "<div><i><a href=http://a>".repeat(n)),
        ("tables in tables", |n| "<table><tr><td>".repeat(n)),
        ("tables", |n| "<table>".repeat(n)),
        ("attributes", |n| {
            format!("<b {}>", (0..n).map(|i| format!("a{i}=b ")).collect::<String>())
        }),
        ("brackets", |n| "[".repeat(n)),
        ("links", |n| "[a](".repeat(n)),
        ("pictures", |n| "![a](".repeat(n)),
        ("emphasis", |n| "*a **a _a ".repeat(n)),
        ("quotes", |n| "> ".repeat(n)),
        ("lists", |n| (0..n).map(|i| format!("{}- a\n", " ".repeat(i % 50))).collect()),
        ("backticks", |n| (0..n).map(|i| format!("{} ", "`".repeat(i % 60))).collect()),
        ("dollars", |n| "$a$$b".repeat(n)),
        ("braces", |n| format!("${}$", "{".repeat(n))),
        ("footnotes", |n| (0..n).map(|i| format!("[^{i}] ")).collect()),
        ("references", |n| {
            (0..n).map(|_| "[a] ".to_owned()).collect::<String>() + "\n\n[a]: http://a.fr"
        }),
        ("columns", |n| format!("{}\n{}\n{}", "|a".repeat(n), "|-".repeat(n), "|b".repeat(n))),
        ("environments", |n| "\\begin{align}\n".repeat(n)),
        ("addresses", |n| "http://a)http".repeat(n)),
        ("escapes", |n| "\u{1b}[1;31".repeat(n)),
        ("titles", |n| "\u{1b}]0;".repeat(n)),
        ("colours", |n| "\u{1b}[31ma\u{1b}[32mb".repeat(n)),
        ("going back", |n| "ab\r".repeat(n)),
        ("strings", |n| "'\"".repeat(n)),
        ("comments", |n| "/* #= ".repeat(n)),
        ("less than", |n| "<".repeat(n)),
        ("ampersands", |n| "&".repeat(n)),
        ("islands", |n| format!("{}\n\n```\nx\n```", "&#xFDD0;0&#xFDD1;".repeat(n))),
        ("entities", |n| "&#x202e;".repeat(n)),
    ];
    for (name, pattern) in patterns {
        let (small, large) = (every_way(&pattern(200)), every_way(&pattern(400)));
        for ((way, small), (_, large)) in small.iter().zip(&large) {
            let most = 2 * small.len() + small.len() / 5 + 400;
            assert!(large.len() <= most, "{name} as {way}: {} then {}", small.len(), large.len());
        }
    }
}

#[test]
fn a_long_table_shows_whole_rows_and_counts_them() {
    let row = "<tr><td>1</td><td>&lt;b&gt;</td></tr>\n";
    let html = format!("<table class=\"dataframe\"><tbody>{}</tbody></table>", row.repeat(100_000));
    let output = json!({"output_type": "execute_result", "data": {"text/html": html}});
    let limits = Limits { html_bytes: 10_000, ..Limits::default() };
    let rendered = penny_html::output(&output, &limits);
    let truncated = rendered.truncated.expect("it is too long");
    assert_eq!((truncated.of, truncated.unit), (100_000, Unit::Rows));
    let page = page(&rendered.html);
    assert_eq!(page.count("tr"), truncated.shown);
    assert_eq!(page.count("td"), 2 * truncated.shown);
    assert!(truncated.shown > 200);
}

#[test]
fn a_long_text_shows_its_beginning_and_its_end() {
    let lines: Vec<String> = (0..100_000).map(|i| format!("ligne {i}\n")).collect();
    let output = json!({"output_type": "stream", "name": "stdout", "text": lines});
    let rendered = penny_html::output(&output, &Limits { text_bytes: 1_000, ..Limits::default() });
    let text = page(&rendered.html).text();
    assert!(text.starts_with("ligne 0\n") && text.ends_with("ligne 99999\n"), "{text}");
    assert!(text.contains("⋯") && text.len() < 1_100);
    let truncated = rendered.truncated.expect("it is too long");
    assert_eq!(truncated.of, lines.iter().map(String::len).sum::<usize>());
    assert!(truncated.shown <= 1_000 && truncated.shown > 900);
}

#[test]
fn a_picture_that_is_too_large_is_counted_and_not_shown() {
    let png = format!("iVBORw0KGgo{}", "A".repeat(1_001));
    let limits = Limits { image_bytes: 1_000, ..Limits::default() };
    let output = json!({"output_type": "display_data", "data": {"image/png": png}});
    let rendered = penny_html::output(&output, &limits);
    assert_eq!(
        (rendered.html.as_str(), rendered.truncated.map(|t| (t.shown, t.of))),
        ("", Some((0, 1_012)))
    );
}

#[test]
fn deep_json_and_deep_markdown_end() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let value: serde_json::Value = serde_json::from_str(&deep).expect("JSON");
    let html = crate::display("application/json", value).html;
    assert_eq!(page(&html).text().matches('[').count(), 100);
    let nested = "> ".repeat(3_000) + "a";
    page(&crate::text_cell(&nested).html);
    let nested = "<b>".repeat(3_000) + "a";
    page(&crate::text_cell(&nested).html);
}

/// In the stack of a test, which is that of a server's thread.
#[test]
fn deep_formulas_end() {
    let formulas = [
        "\\sqrt",
        "a^",
        "\\frac1",
        "\\left(",
        "\\begin{matrix}",
        "\\overline",
        "\\text{",
        "{",
        "\\not",
        "\\mathbb",
        "\\frac{1}",
        "%\n",
        "a'",
    ];
    for formula in formulas {
        let html = crate::display("text/latex", formula.repeat(3_990 / formula.len())).html;
        page(&html);
        let source = format!("${}$", formula.repeat(3_990 / formula.len()));
        let html = crate::text_cell(&source).html;
        // Read as a formula or shown as it is written, and all of it in either case.
        assert!(html.len() > 1_000, "{formula}: {html}");
        page(&html);
    }
}
