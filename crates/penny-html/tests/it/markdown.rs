//! Markdown as Jupyter shows it.

use penny_html::{Kind, Limits, Unit, markdown};
use serde_json::{Value, json};

use crate::browser::page;
use crate::text_cell;

const PNG: &str = "iVBORw0KGgoAAAAN";

#[track_caller]
fn check(source: &str, expected: &str) {
    let rendered = text_cell(source);
    page(&rendered.html);
    assert_eq!(
        rendered.html.replace('\n', ""),
        format!("<div class=\"nb nb-text\">{expected}</div>")
    );
    assert_eq!(rendered.kind, Kind::Markdown);
}

#[test]
fn the_usual_is_there() {
    check(
        "# Titre\n\nUn *mot* **fort** `x<y`",
        "<h2>Titre</h2><p>Un <em>mot</em> <strong>fort</strong> <code>x&lt;y</code></p>",
    );
    check("- a\n- b", "<ul><li>a</li><li>b</li></ul>");
    check("3. a", "<ol start=\"3\"><li>a</li></ol>");
    check("> a", "<blockquote><p>a</p></blockquote>");
    check("~~a~~\\\nb", "<p><del>a</del><br>b</p>");
    check("- [x] fait\n- [ ] à faire", "<ul><li>☑ fait</li><li>☐ à faire</li></ul>");
    check(
        "a[^n]\n\n[^n]: note",
        "<p>a<sup>1</sup></p><div class=\"footnote\"><sup>1</sup><p>note</p></div>",
    );
    check("a <b>b</b> <span style='color:red'>c</span>", "<p>a <b>b</b> <span>c</span></p>");
    check(
        "<div class='alert alert-block alert-warning'>\n\n**a**\n\n</div>",
        "<div class=\"alert warning\"><p><strong>a</strong></p></div>",
    );
    assert_eq!(text_cell(" \n").kind, Kind::Nothing);
}

#[test]
fn tables_keep_their_sides() {
    check(
        "|a|b|\n|-|-:|\n|1|2|",
        "<div class=\"table\" tabindex=\"0\"><table><thead><tr><th>a</th><th align=\"right\">b</th></tr></thead>\
         <tbody><tr><td>1</td><td align=\"right\">2</td></tr></tbody></table></div>",
    );
}

#[test]
fn code_has_its_parts_marked() {
    check(
        "```python\nif x:\n```",
        "<pre class=\"code\"><code><span class=\"k\">if</span> x:</code></pre>",
    );
    check("```\nif <x>\n```", "<pre class=\"code\"><code>if &lt;x&gt;</code></pre>");
    check("    if", "<pre class=\"code\"><code>if</code></pre>");
}

#[test]
fn links_lead_away() {
    const AWAY: &str = "rel=\"noopener noreferrer nofollow\" target=\"_blank\"";
    check(
        "[a](https://b.fr \"c\")",
        &format!("<p><a href=\"https://b.fr\" {AWAY} title=\"c\">a</a></p>"),
    );
    check("<https://b.fr>", &format!("<p><a href=\"https://b.fr\" {AWAY}>https://b.fr</a></p>"));
    check("<a@b.fr>", &format!("<p><a href=\"mailto:a@b.fr\" {AWAY}>a@b.fr</a></p>"));
    check(
        "(https://b.fr/x_y_z).",
        &format!("<p>(<a href=\"https://b.fr/x_y_z\" {AWAY}>https://b.fr/x_y_z</a>).</p>"),
    );
    check(
        "[a https://c.fr](https://b.fr)",
        &format!("<p><a href=\"https://b.fr\" {AWAY}>a https://c.fr</a></p>"),
    );
    check("[a](autre.ipynb) [b](#titre) `https://c.fr`", "<p>a b <code>https://c.fr</code></p>");
}

#[test]
fn formulas_stand_where_jupyter_puts_them() {
    const X: &str = "<mi>x</mi></math>";
    check("a $x$ b", &format!("<p>a <math display=\"inline\">{X} b</p>"));
    check("$$x$$", &format!("<p><math display=\"block\">{X}</p>"));
    check("5 $ et 6 $", "<p>5 $ et 6 $</p>");
    check("$\\nope$", "<p><code class=\"formula\">\\nope</code></p>");
    check("`$x$`", "<p><code>$x$</code></p>");
    for source in [
        "\\begin{align}\na &= b \\\\\n c &= d\n\\end{align}",
        "texte\n\\begin{align*}\na &= b \\\\\n\n c &= d\n\\end{align*}\ntexte",
        "$$\n\\begin{align}\na &= b \\\\ c &= d\n\\end{align}\n$$",
    ] {
        let page = page(&text_cell(source).html);
        assert_eq!((page.count("math"), page.count("mtr")), (1, 2), "{source}");
    }
    let fenced = text_cell("```latex\n\\begin{align}\na\n\\end{align}\n```").html;
    assert!(
        fenced.contains("\\begin{align}\na\n\\end{align}") && !fenced.contains("$$"),
        "{fenced}"
    );
}

#[test]
fn attached_pictures_are_shown_if_they_are_pictures() {
    #[track_caller]
    fn check(source: &str, attachments: Value, expected: Option<&str>) {
        let attachments = attachments.as_object().expect("an object");
        let html = markdown(source, attachments, &Limits::default()).html;
        page(&html);
        let shown =
            html.split_once("<img src=\"").map(|(_, rest)| rest.split('"').next().unwrap_or(""));
        assert_eq!(shown, expected, "{html}");
    }
    let png = format!("data:image/png;base64,{PNG}");
    check("![a](attachment:x.png)", json!({"x.png": {"image/png": PNG}}), Some(&png));
    check("![a](attachment:mon%20x.png)", json!({"mon x.png": {"image/png": PNG}}), Some(&png));
    check(
        "<img src='attachment:x.png' width=10>",
        json!({"x.png": {"image/png": PNG}}),
        Some(&png),
    );
    check(&format!("![a]({png})"), json!({}), Some(&png));
    check("![a](attachment:x.png)", json!({"x.png": {"text/html": PNG}}), None);
    check("![a](attachment:x.png)", json!({"x.png": {"image/jpeg": PNG}}), None);
    check("![a](attachment:x.png)", json!({"x.png": {"image/png": "<script>"}}), None);
    check("![a](attachment:x.png)", json!({"x.png": "x"}), None);
    check("![a](attachment:x.png)", json!({"y.png": {"image/png": PNG}}), None);
    check("![a](x.png) ![a](https://a.fr/x.png)", json!({}), None);
    let svg = "PHN2Zz48L3N2Zz4=";
    check(
        "![a](attachment:x)",
        json!({"x": {"image/svg+xml": svg}}),
        Some(&format!("data:image/svg+xml;base64,{svg}")),
    );
}

#[test]
fn a_picture_that_is_not_here_leaves_its_text() {
    check("![le *plan*](https://a.fr/x.png)", "<p>le plan</p>");
    check(
        "[![plan](https://a.fr/x.png)](https://a.fr)",
        "<p><a href=\"https://a.fr\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">plan</a></p>",
    );
}

#[test]
fn what_is_too_long_is_cut_and_counted() {
    let source = "mot ".repeat(1_000);
    let limits = Limits { html_bytes: 100, ..Limits::default() };
    let rendered = markdown(&source, &serde_json::Map::new(), &limits);
    let truncated = rendered.truncated.expect("it is too long");
    assert_eq!((truncated.shown, truncated.of, truncated.unit), (100, 4_000, Unit::Bytes));
}
