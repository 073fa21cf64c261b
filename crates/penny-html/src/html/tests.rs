//! Small pieces of HTML; the attacks are in `tests/it`.

use super::*;

#[track_caller]
fn check(html: &str, expected: &str) {
    let pictures = Pictures { attachments: None, limit: 1000 };
    assert_eq!(clean(html, &pictures, Vec::new()).html, expected, "{html}");
}

#[test]
fn text_and_its_elements_stay() {
    check("a <b>b</b> &amp; c", "a <b>b</b> &amp; c");
    check("<p>a<p>b", "<p>a</p><p>b</p>");
    check("<h1>a</h1>", "<h2>a</h2>");
    check("<center>a</center>", "<div>a</div>");
    check("a<br>b<hr/>", "a<br>b<hr>");
    check("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>");
}

#[test]
fn what_is_not_text_goes_with_all_that_is_in_it() {
    check("a<script>alert(1)</script>b", "ab");
    check("a<style>td{}</style>b", "ab");
    check("a<svg onload=x><svg>c</svg><b>d</b></svg>b", "ab");
    check("a<svg/>b", "ab");
    check("a<textarea><b>c</textarea>b", "ab");
    check("a<script>alert(1)", "a");
}

#[test]
fn unknown_tags_go_and_leave_their_text() {
    check("<x-y>a</x-y><button onclick=x>b</button>", "ab");
    check("<input value=x>a<!-- b --><!doctype html>c", "ac");
}

#[test]
fn what_is_open_is_closed_and_nothing_else() {
    check("<b>a", "<b>a</b>");
    check("a</div></p></table>b", "ab");
    check("<i><b>a</i>b", "<i><b>a</b></i>b");
    check("<table><tr><td></div></td></table>", &table("<tr><td></td></tr>"));
}

#[test]
fn parts_of_lists_and_tables_stand_in_them_only() {
    check("<li>a<dt>b<td>c<tr>d<col>", "abcd");
    check(
        "<ul><li><table><tr><td><li>a</table></ul>",
        &format!("<ul><li>{}</li></ul>", table("<tr><td>a</td></tr>")),
    );
    check("<table><td>a<td>b", &table("<tr><td>a</td><td>b</td></tr>"));
    check(
        "<table><tbody><tr><td>a<tr><td>b",
        &table("<tbody><tr><td>a</td></tr><tr><td>b</td></tr></tbody>"),
    );
    check(
        "<table><colgroup><col span=2><tr><td>a",
        &table("<colgroup><col span=\"2\"></colgroup><tr><td>a</td></tr>"),
    );
}

#[test]
fn attributes_are_those_that_mean_something_here() {
    check("<b style=x id=y class=z onclick=w data-a=b>a</b>", "<b>a</b>");
    check(
        "<table border=1 class='x dataframe'>",
        "<div class=\"table\" tabindex=\"0\"><table class=\"dataframe\"></table></div>",
    );
    check(
        "<table><td colspan=70000 rowspan=2 colspan=3>",
        &table("<tr><td colspan=\"100\" rowspan=\"2\"></td></tr>"),
    );
    check("<table><tr style='text-align: right;'>", &table("<tr align=\"right\"></tr>"));
    check("<p title='\"><b>'>a", "<p title=\"&quot;&gt;&lt;b&gt;\">a</p>");
}

#[test]
fn links_lead_away_or_are_none() {
    check(
        "<a href='https://a.fr/?a=1&amp;b=2'>a</a>",
        "<a href=\"https://a.fr/?a=1&amp;b=2\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">a</a>",
    );
    check("<a href=javascript:alert(1)>a</a><a href=/x>b</a><a>c</a>", "abc");
}

#[test]
fn pictures_are_here_or_are_their_text() {
    let png = "iVBORw0KGgoAAAAN";
    check(
        &format!(
            "<img src='data:image/png;base64,{png}' width=12.5 height=9px alt='a\"b' onerror=x>"
        ),
        &format!(
            "<img src=\"data:image/png;base64,{png}\" alt=\"a&quot;b\" width=\"12\" height=\"9\">"
        ),
    );
    check("<img src=https://a.fr/x.png alt='a<b'>", "a&lt;b");
    check("<img src='data:image/svg+xml;base64,AAAA'>", "");
    check("<img src='data:image/png;base64,AAAA'>", "");
}

#[test]
fn an_island_comes_once_and_in_text_only() {
    let pictures = Pictures { attachments: None, limit: 0 };
    let html = format!(
        "<b title='{ISLAND}0{ISLAND_END}'>{ISLAND}0{ISLAND_END}|{ISLAND}0{ISLAND_END}|{ISLAND}7{ISLAND_END}|{ISLAND}</b>"
    );
    let cleaned = clean(&html, &pictures, vec!["<i>x</i>".to_owned()]);
    assert_eq!(cleaned.html, "<b title=\"0\"><i>x</i>|||</b>");
}

fn table(content: &str) -> String {
    format!("<div class=\"table\" tabindex=\"0\"><table>{content}</table></div>")
}
