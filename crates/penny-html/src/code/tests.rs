//! What is marked in which language.

use super::*;

/// The parts of a program as `class:text`, those that are marked.
#[track_caller]
fn check(language: &str, source: &str, expected: &[&str]) {
    let html = code(source, language);
    let marked: Vec<String> = html
        .split("<span class=\"")
        .skip(1)
        .map(|part| {
            let (class, rest) = part.split_once("\">").expect("a whole tag");
            let (text, _) = rest.split_once("</span>").expect("an end tag");
            format!("{class}:{text}")
        })
        .collect();
    assert_eq!(marked, expected, "{source}");
}

#[test]
fn python() {
    check("python", "def f(x): return None", &["k:def", "f:f", "k:return", "o:None"]);
    check(
        "python",
        "x = 'a' + f\"b{c}\" + rb'''d\ne'''",
        &["s:'a'", "s:f&quot;b{c}&quot;", "s:rb'''d", "s:e'''"],
    );
    check("python", r#"'a\'b' "c"#, &["s:'a\\'b'", "s:&quot;c"]);
    check("python", "'open\nx = 1", &["s:'open", "n:1"]);
    check("python", "# a\nx#b", &["c:# a", "c:#b"]);
    check("python", "@a.b\nx @ y", &["d:@a.b"]);
    check("python", "1_000.5e-3 + 0xff + x1", &["n:1_000.5e-3", "n:0xff"]);
    check("python", "len(a.len)", &["b:len"]);
    check("python", "%time x\n!ls -l\n  %y\na % b", &["d:%time x", "d:!ls -l", "d:%y"]);
    check("python", "%%time\nif x: pass", &["d:%%time", "k:if", "k:pass"]);
    check("python3", "%%sql\nSELECT 1", &["d:%%sql", "k:SELECT", "n:1"]);
    check("ipython3", "%%html\n<b>if</b>", &["d:%%html"]);
}

#[test]
fn a_carriage_return_ends_a_comment_as_it_does_in_python() {
    check("python", "# a\rimport b\r\nx", &["c:# a", "k:import"]);
}

#[test]
fn other_languages() {
    check("r", "f <- function(x) TRUE # c", &["k:function", "o:TRUE", "c:# c"]);
    check(
        "bash",
        "if [ \"$x\" ]; then echo $y ${z}#n; fi # c",
        &["k:if", "s:&quot;$x&quot;", "k:then", "b:echo", "d:$y", "d:${z}", "k:fi", "c:# c"],
    );
    check(
        "sql",
        "select Count(*) from t -- c\n/* d */ where a = 'it''s'",
        &["k:select", "b:Count", "k:from", "c:-- c", "c:/* d */", "k:where", "s:'it'", "s:'s'"],
    );
    check(
        "julia",
        "function f!(x) #= a #= b =# c =# end",
        &["k:function", "f:f!", "c:#= a #= b =# c =#", "k:end"],
    );
    check("javascript", "const a = `b\nc`; // d", &["k:const", "s:`b", "s:c`", "c:// d"]);
    check(
        "json",
        "{\"a\" : [\"b\", -1.5e+3, null]}",
        &["f:&quot;a&quot;", "s:&quot;b&quot;", "n:1.5e+3", "o:null"],
    );
    check("cobol", "if <x>", &[]);
}

#[test]
fn code_stays_code() {
    assert_eq!(code("<script>", "python"), "&lt;script&gt;");
    assert_eq!(
        code("'</span><script>'", "python"),
        "<span class=\"s\">'&lt;/span&gt;&lt;script&gt;'</span>"
    );
    assert_eq!(code("<script>", "x"), "&lt;script&gt;");
}

#[test]
fn what_would_reorder_code_is_seen() {
    assert_eq!(
        code("#\u{202e}", "python"),
        "<span class=\"c\">#<span class=\"u\">U+202E</span></span>"
    );
}
