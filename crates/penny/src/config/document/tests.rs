//! The law: what a file means, where its values stand, and whether it is one at all, is as toml_edit says.

use proptest::collection::vec;
use proptest::prelude::*;
use toml_edit::Item as Theirs;

use super::{Item, Table, Value, read};

/// A tree as text: each value with its place, each key in its order.
fn ours(table: &Table<'_>) -> String {
    let keys = table.iter().map(|(key, item)| format!("{} = {}", key.name, our_item(item)));
    format!("{{{}}}", keys.collect::<Vec<_>>().join(", "))
}

fn our_item(item: &Item<'_>) -> String {
    let list = |items: &[Item<'_>]| items.iter().map(our_item).collect::<Vec<_>>().join(", ");
    let value = match &item.value {
        Value::Text(text) => format!("{text:?}"),
        Value::Whole(number) => format!("{number}"),
        Value::Float(number) => format!("{number:?}"),
        Value::Flag(flag) => format!("{flag}"),
        Value::Date(date) => format!("date {date}"),
        Value::List(items) => format!("[{}]", list(items)),
        Value::Sections(items) => format!("[[{}]]", list(items)),
        Value::Table(table) => ours(table),
    };
    format!("{value} @{:?}", item.span)
}

fn theirs<'a>(entries: impl Iterator<Item = (&'a str, &'a Theirs)>) -> String {
    let keys = entries.map(|(key, item)| format!("{key} = {}", their_item(item)));
    format!("{{{}}}", keys.collect::<Vec<_>>().join(", "))
}

fn their_item(item: &Theirs) -> String {
    let value = match item {
        Theirs::None => "none".to_owned(),
        Theirs::Value(value) => return their_value(value),
        Theirs::Table(table) => theirs(table.iter()),
        Theirs::ArrayOfTables(all) => {
            let all = all.iter();
            let all = all.map(|t| format!("{} @{:?}", theirs(t.iter()), t.span().expect("one")));
            format!("[[{}]]", all.collect::<Vec<_>>().join(", "))
        }
    };
    format!("{value} @{:?}", item.span().expect("a place"))
}

fn their_value(value: &toml_edit::Value) -> String {
    use toml_edit::Value as V;
    let shown = match value {
        V::String(text) => format!("{:?}", text.value()),
        V::Integer(number) => format!("{}", number.value()),
        V::Float(number) => format!("{:?}", number.value()),
        V::Boolean(flag) => format!("{}", flag.value()),
        V::Datetime(date) => format!("date {}", date.value()),
        V::Array(items) => {
            format!("[{}]", items.iter().map(their_value).collect::<Vec<_>>().join(", "))
        }
        V::InlineTable(table) => {
            let entries =
                table.iter().map(|(key, value)| format!("{key} = {}", their_value(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    };
    format!("{shown} @{:?}", value.span().expect("a place"))
}

#[track_caller]
fn check(text: &str) {
    match (read(text), toml_edit::Document::parse(text)) {
        (Ok(own), Ok(other)) => assert_eq!(ours(&own), theirs(other.iter()), "{text}"),
        (Err(own), Err(other)) => {
            assert_eq!(own.message, other.message().trim().replace('\n', ", "), "{text}");
            assert_eq!(own.span, other.span().unwrap_or(0..0), "{text}");
        }
        (own, other) => panic!("{own:?} is not {:?}: {text}", other.err()),
    }
}

/// Whether it is read at all: what both refuse says nothing about the tree.
#[track_caller]
fn check_good(text: &str) {
    assert!(read(text).is_ok(), "{:?}: {text}", read(text).err());
    check(text);
}

#[test]
fn a_file_means_what_toml_edit_says() {
    check_good("");
    check_good("\u{feff}a = 1\r\nb = 'c' # d\n");
    check_good("[a]\nb = 1\n[[c]]\nd = 2\n[[c]]\n[c.e]\nf = \"\\u00e9\\n\"\n[[c.g]]\n[[c.g]]\n");
    check_good("[a.b.c]\nd = 1\n[a]\nb.e = 2\nf.g.h = 3\nf.g.i = 4\n");
    check_good("[[a.b]]\n[a]\nb.c.d = 1\n[a.b.e]\n");
    check_good("a = { b = 1, c.d = 2, c.e = [1, [2.5, inf, -nan], {}], }\n\"x y\".'z' = []\n");
    check_good("a = [\n  1, # one\n  [ 'x' ],\n]\nb = 1979-05-27T07:32:00Z\nc = 07:32:00\n");
    check_good("a = 0xff\nb = 0o17\nc = 0b1\nd = 1_000\ne = -1.5e3\nf = '''\nx'''\n");
    check_good("a = '''x\r\ny'''\nb = \"\"\"\\\n   z \\t\"\"\"\n");
}

#[test]
fn what_is_wrong_is_told_as_toml_edit_tells_it() {
    for text in [
        "a = 1\na = 2\n",
        "[a]\n[a]\n",
        "[a]\n[[a]]\n",
        "[[a]]\n[a]\n",
        "a = []\n[[a]]\n",
        "a = {}\n[a.b]\n",
        "a = {}\na.b = 1\n",
        "a.b = 1\n[a]\n",
        "a = { b = {}, b.c = 1 }\n",
        "a = { b.c = 1, b = 2 }\n",
        "[a.b]\nc = 1\n[a]\nb.c = 1\n",
        "[[a.b]]\n[a]\nb.c = 1\n",
        "a = 1\na.b = 2\n",
        "a = 9223372036854775808\n",
        "a = 1e999\n",
        "a = -1e999\n",
        "a = 2026-13-45\n",
        "a = \"x\n",
        "a = \"\\q\"\n",
        "a b = 1\n",
        "= 1\n",
        "a =\n",
        "a\n",
        "[a\n",
        "[]\n",
        "[[a]\n",
        "]\n",
        ".a = 1\n",
        "a. = 1\n",
        "a = [1, , 2]\n",
        "a = [1 2]\n",
        "a = { b }\n",
        "a = { b = }\n",
        "a = {, }\n",
        "a = [{\n",
        "a = 1 # \u{0}\n",
        "a = 1\rb = 2\n",
        "'''a''' = 1\n",
        "a = 1\na = 2\nb = \n",
    ] {
        assert!(read(text).is_err(), "{text}");
        check(text);
    }
}

#[test]
fn how_deep_a_file_goes_has_the_same_bound() {
    for depth in [79, 80, 81, 82, 200] {
        check(&format!("a = {}{}\n", "[".repeat(depth), "]".repeat(depth)));
        check(&format!("a = {}1{}\n", "{ a = ".repeat(depth), " }".repeat(depth)));
        check(&format!("a{} = 1\n", ".a".repeat(depth)));
        check(&format!("[a{}]\n", ".a".repeat(depth)));
        check(&format!("[[a{}]]\n", ".a".repeat(depth)));
    }
    check_good(&format!("a = {}{}\n", "[".repeat(80), "]".repeat(80)));
}

/// A name of few, so that they meet; dotted, too.
fn key() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "c", "'a'", "\"b c\""]);
    vec(part, 1..4).prop_map(|parts| parts.join("."))
}

fn value() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(vec![
        "1",
        "-0x1",
        "0xF",
        "1.5",
        "inf",
        "true",
        "\"é\\t\"",
        "'x'",
        "1979-05-27",
        "\"\"\"\ny\"\"\"",
    ]);
    let plain = plain.prop_map(str::to_owned);
    plain.prop_recursive(3, 12, 4, |inner| {
        let list = vec(inner.clone(), 0..4).prop_map(|values| format!("[{}]", values.join(", ")));
        let table = vec((key(), inner), 0..4).prop_map(|entries| {
            let entries = entries.into_iter().map(|(key, value)| format!("{key} = {value}"));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        });
        prop_oneof![list, table]
    })
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (key(), value()).prop_map(|(key, value)| format!("{key} = {value}\n")),
        3 => key().prop_map(|key| format!("[{key}]\n")),
        3 => key().prop_map(|key| format!("[[{key}]]\n")),
        1 => Just("\n  # é\n".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sections_and_keys_that_meet_are_as_toml_edit_says(lines in vec(line(), 0..9)) {
        check(&lines.concat());
    }

    #[test]
    fn a_file_with_a_slip_is_as_toml_edit_says(
        lines in vec(line(), 1..6),
        at in any::<prop::sample::Index>(),
        slip in "[\\[\\]{}=.,\"'#\\\\ \n\ra0-]{0,3}",
        is_longer in any::<bool>(),
    ) {
        let mut letters: Vec<char> = lines.concat().chars().collect();
        let at = at.index(letters.len());
        letters.splice(at..at + usize::from(!is_longer), slip.chars());
        check(&letters.into_iter().collect::<String>());
    }
}

#[test]
fn a_number_that_json_does_not_know_is_none_other_for_that() {
    let table =
        read("p = { a = nan, b = [-inf, 1.5] }").unwrap_or_else(|e| panic!("{}", e.message));
    let expected = serde_json::json!({
        "a": { "$number": "NaN" },
        "b": [{ "$number": "-Infinity" }, 1.5],
    });
    assert_eq!(table.json()["p"], expected);
}
