//! What a terminal would show.

use super::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(terminal(text), expected, "{text:?}");
}

#[test]
fn plain_text_stays() {
    check("a < b\n\tc\n", "a &lt; b\n\tc\n");
    check("é 日本", "é 日本");
}

#[test]
fn colours_become_classes() {
    check("\u{1b}[31mred\u{1b}[0m no", "<span class=\"f1\">red</span> no");
    check("\u{1b}[1;92;44mx\u{1b}[m", "<span class=\"f10 g4 fb\">x</span>");
    check("\u{1b}[38;5;196mx", "<span class=\"f9\">x</span>");
    check("\u{1b}[38;5;28mx", "<span class=\"f2\">x</span>");
    check("\u{1b}[48;5;255mx", "<span class=\"g7\">x</span>");
    check("\u{1b}[38;2;250;250;250mx", "<span class=\"f15\">x</span>");
    check("\u{1b}[38:2:0:0:0mx", "<span class=\"f0\">x</span>");
    check("\u{1b}[7mx\u{1b}[27my", "<span class=\"fv\">x</span>y");
    check("\u{1b}[31;7mx", "<span class=\"g1\">x</span>");
    check("\u{1b}[31mx\u{1b}[39my", "<span class=\"f1\">x</span>y");
    check("\u{1b}[99999999999;1mx", "<span class=\"fb\">x</span>");
    check("\u{1b}[38;5mx", "x");
}

#[test]
fn an_element_ends_with_its_line() {
    check("\u{1b}[1ma\nb", "<span class=\"fb\">a</span>\n<span class=\"fb\">b</span>");
}

#[test]
fn going_back_writes_over_what_was_there() {
    check("50%\r100%", "100%");
    check("abc\rx", "xbc");
    check("abc\u{8}\u{8}x", "axc");
    check("a\r\nb", "a\nb");
    check("abc\r\u{1b}[Kx", "x");
    check("abc\u{1b}[2Kx", "   x");
    check("\u{8}\u{8}a", "a");
}

#[test]
fn other_sequences_are_dropped() {
    check("\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link");
    check("\u{1b}]0;title\u{7}a", "a");
    check("\u{1b}[2J\u{1b}[H\u{1b}[10;10Ha\u{1b}[5A\u{1b}[?25lb\u{1b}[6nc", "abc");
    check("\u{1b}Pq#0\u{1b}\\a\u{1b}(Bb\u{1b}=c\u{1b}7d", "abcd");
    check("\u{9b}31ma\u{9d}8;;x\u{9c}b", "<span class=\"f1\">ab</span>");
    check("\u{7}a\u{0}b\u{7f}c", "abc");
}

#[test]
fn a_broken_sequence_hides_nothing() {
    check("\u{1b}]8;;http://evil\nnext", "8;;http://evil\nnext");
    check("\u{1b}[31", "");
    check("\u{1b}", "");
    check("\u{1b}\u{1b}[1ma", "<span class=\"fb\">a</span>");
    check("\u{1b}[\u{e9}a", "éa");
}

#[test]
fn markup_in_coloured_text_is_text() {
    check("\u{1b}[31m<script>\u{1b}[0m", "<span class=\"f1\">&lt;script&gt;</span>");
    check("\u{1b}[31<script>m", "cript&gt;m");
}
