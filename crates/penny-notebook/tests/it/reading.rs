//! Bytes become a notebook, and the notebook the same bytes.

use std::fs;
use std::path::Path;

use penny_notebook::{Notebook, ReadError};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::notebooks::{execution, notebook};

pub fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let entries = fs::read_dir(folder)
        .expect("the corpus is there")
        .map(|entry| entry.expect("a file").path());
    let mut files: Vec<_> = entries
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    assert_eq!(files.len(), 17, "the whole corpus is read");
    files
}

fn read(name: &str) -> Notebook {
    let (_, bytes) =
        corpus().into_iter().find(|(found, _)| found == name).expect("a file of the corpus");
    Notebook::parse(&bytes).expect("a notebook")
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

#[test]
fn every_notebook_of_the_corpus_keeps_its_meaning() {
    for (name, bytes) in corpus() {
        let notebook = Notebook::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let written = notebook.to_bytes();
        assert_eq!(Notebook::parse(&written).unwrap(), notebook, "{name} read again");
        let is_changed =
            ["format-3.ipynb", "lone-surrogates.ipynb", "bare-nan.ipynb"].contains(&name.as_str());
        assert_eq!(is_changed, !notebook.notes().is_empty(), "{name}: what is changed is said");
        if !is_changed {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            assert_eq!(json(&written), json(bytes), "{name}");
        }
    }
}

#[test]
fn what_jupyter_wrote_comes_out_byte_for_byte() {
    let written_elsewhere =
        ["unknown-keys", "bare-nan", "byte-order-mark", "format-3", "lone-surrogates", "minimal"];
    let mut compared = 0;
    for (name, bytes) in corpus() {
        if !written_elsewhere.contains(&name.trim_end_matches(".ipynb")) {
            let written = Notebook::parse(&bytes).unwrap().to_bytes();
            assert_eq!(
                String::from_utf8(written).unwrap(),
                String::from_utf8(bytes).unwrap(),
                "{name}"
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 11);
}

#[test]
fn keys_keep_their_order() {
    let written = String::from_utf8(read("unknown-keys.ipynb").to_bytes()).unwrap();
    assert!(written.find("\"zeta\"").unwrap() < written.find("\"nbformat\"").unwrap());
    assert!(written.find("\"b\": 1").unwrap() < written.find("\"a\": 2").unwrap());
}

#[test]
fn a_notebook_says_what_is_in_it() {
    let notebook = read("format-4.5.ipynb");
    assert_eq!((notebook.kernel_name(), notebook.language()), (Some("penny"), Some("python")));
    assert_eq!(notebook.parameters_cell(), Some(1));
    assert_eq!((notebook.cell_count(), notebook.is_code(0), notebook.is_code(2)), (3, false, true));
    assert_eq!(notebook.source(2), "df['PCG_1'] = df['plan_item_number'].str[:1]\ndf");
    assert_eq!(notebook.heading_before(2).as_deref(), Some("Grand livre analytique"));
    assert_eq!(notebook.heading_before(0), None);
    assert_eq!(
        (notebook.source(99), notebook.tags(99), notebook.is_code(99)),
        (String::new(), vec![], false)
    );

    let odd = read("unknown-keys.ipynb");
    assert_eq!(odd.source(0), "a string and not a list\nof lines");
    assert_eq!(odd.tags(0), ["raises-exception"]);
    assert_eq!((odd.kernel_name(), odd.language()), (Some("ir"), Some("R")));
    assert_eq!(read("minimal.ipynb").kernel_name(), None);
}

#[test]
fn what_json_does_not_allow_is_replaced_and_said() {
    let surrogates = read("lone-surrogates.ipynb");
    assert_eq!(surrogates.notes(), ["2 halves of a broken character were read as \u{fffd}"]);
    assert_eq!(
        json(&surrogates.to_bytes())["cells"][0]["outputs"][0]["text"][0],
        "a\u{fffd}b 😀 \\ud83d \u{fffd}\n"
    );
    let nan = read("bare-nan.ipynb");
    assert_eq!(
        nan.notes(),
        ["3 values that JSON has no number for (NaN, Infinity) were read as null"]
    );
    assert_eq!(
        json(&nan.to_bytes())["cells"][0]["outputs"][0]["data"]["application/json"],
        json!([null, null, null, -1, "NaN"])
    );
    assert_eq!(nan.source(0), "NaN");
}

#[test]
fn format_3_is_read_as_format_4_5() {
    let notebook = read("format-3.ipynb");
    assert_eq!(notebook.notes(), ["format 3 was read as format 4.5; the file itself is unchanged"]);
    let written = json(&notebook.to_bytes());
    assert_eq!((&written["nbformat"], &written["nbformat_minor"]), (&json!(4), &json!(5)));
    assert_eq!((written.get("worksheets"), written.get("orig_nbformat")), (None, None));
    let kinds: Vec<_> = (0..notebook.cell_count())
        .map(|cell| written["cells"][cell]["cell_type"].clone())
        .collect();
    assert_eq!(kinds, ["markdown", "code", "markdown", "markdown", "raw"]);
    assert_eq!(notebook.source(0), "## Balance générale");
    assert_eq!(
        written["cells"][1]["outputs"],
        json!([
            { "output_type": "stream", "text": ["attention\n"], "name": "stderr" },
            {
                "output_type": "execute_result", "metadata": {}, "execution_count": 4,
                "data": { "text/plain": ["1"], "text/html": ["<b>1</b>"] },
            },
            {
                "output_type": "display_data", "metadata": { "image/png": { "width": 10 } },
                "data": { "image/png": "iVBORw0KGgo=", "application/json": { "a": 1 } },
            },
            {
                "output_type": "error", "ename": "ZeroDivisionError", "evalue": "division by zero",
                "traceback": ["…"],
            },
        ])
    );
    assert_eq!(written["cells"][1]["execution_count"], 4);
    assert_eq!(written["cells"][1]["metadata"], json!({ "collapsed": false }));
}

#[test]
fn what_is_no_notebook_is_refused_with_a_sentence() {
    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(Notebook::parse(bytes).expect_err("no notebook").to_string(), expected);
    }
    check(b"", "this is not a Jupyter notebook: it is empty");
    check(b"\xef\xbb\xbf \n", "this is not a Jupyter notebook: it is empty");
    check(b"[]", "this is not a Jupyter notebook: it holds a list and not an object");
    check(b"{}", "this is not a Jupyter notebook: it has no `nbformat`");
    check(b"{\"nbformat\": 4}", "this is not a Jupyter notebook: it has no `cells`");
    check(
        b"{\"nbformat\": 4, \"cells\": {}}",
        "this is not a Jupyter notebook: its `cells` is an object and not a list",
    );
    check(
        b"{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"raw\"}, 1]}",
        "this is not a Jupyter notebook: its cell 2 is a number and not an object",
    );
    check(
        b"{\"nbformat\": 4, \"cells\": [{}]}",
        "this is not a Jupyter notebook: its cell 1 has no `cell_type`",
    );
    check(b"{\"nbformat\": 3}", "this is not a Jupyter notebook: it has no `worksheets`");
    check(
        b"{\"nbformat\": 3, \"worksheets\": [{}]}",
        "this is not a Jupyter notebook: its worksheet 1 has no list of `cells`",
    );
    for found in ["2", "5", "-1", "\"4\"", "4.5"] {
        check(
            format!("{{\"nbformat\": {found}}}").as_bytes(),
            &format!(
                "this notebook has format {found}, and Penny reads formats 3 and 4: \
                 open it in Jupyter and save it again"
            ),
        );
    }
    check(
        b"{\n\"a\": \"\xe9\"}",
        "this is not UTF-8 text (byte 8, line 2): open it in Jupyter and save it again",
    );
    check(
        "{\n\"été\": }".as_bytes(),
        "this is not a notebook's JSON (line 2, column 8: expected value): open it in Jupyter, or restore an earlier \
         version",
    );
    check(
        b"{\n<<<<<<< HEAD\n\"nbformat\": 4\n=======\n",
        "this is not a notebook's JSON (line 2, column 1: git left the two sides of a merge here): open it in \
         Jupyter, or restore an earlier version",
    );
    check(
        b"{\"nbformat\": 4,",
        "this is not a notebook's JSON (line 1, column 15: the file ends while parsing a value): open it in Jupyter, \
         or restore an earlier version",
    );
}

#[test]
fn nesting_that_is_too_deep_is_refused_and_said() {
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        // The notebook itself is a level.
        let text = format!(
            "{{\"nbformat\": 4, \"nbformat_minor\": 5,\n\"cells\": [], \"metadata\": {open}{close}}}"
        );
        Notebook::parse(text.as_bytes()).map(|_| ())
    };
    assert!(!matches!(nested(126), Err(ReadError::TooDeep { .. } | ReadError::NotJson { .. })));
    for levels in [127, 100_000] {
        assert_eq!(nested(levels), Err(ReadError::TooDeep { line: 2 }));
    }
    let endless = format!("{{\"nbformat\": 4, \"cells\": {}", "[".repeat(100_000));
    let error = Notebook::parse(endless.as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "it is nested deeper than 127 levels (line 1), and Penny reads no deeper: clear that output in Jupyter \
         and save the notebook"
    );
}

#[test]
fn cells_without_an_id_get_one_that_stays_the_same() {
    let upgraded = || {
        execution(read("format-4.2.ipynb"), json!({}), Default::default())
            .into_notebook()
            .to_bytes()
    };
    let written = json(&upgraded());
    let ids: Vec<_> = written["cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| cell["id"].as_str().unwrap())
        .collect();
    assert!(ids.iter().all(|id| id.len() == 8), "{ids:?}");
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), ids.len());
    assert_eq!(written["nbformat_minor"], 5);
    assert_eq!(upgraded(), upgraded());
    // A later minor format stays what it is.
    let future =
        Notebook::parse(b"{\"nbformat\": 4, \"nbformat_minor\": 9, \"cells\": []}").unwrap();
    assert_eq!(
        json(&execution(future, json!({}), Default::default()).notebook().to_bytes())["nbformat_minor"],
        9
    );
}

/// Any JSON, without the one key by which serde_json passes numbers on.
pub fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("[a-z_/]{0,8}", inner), 0..4)
                .prop_map(|pairs| pairs.into_iter().collect::<Value>()),
        ]
    })
}

/// A notebook whose every part but the few that make it one is any JSON.
fn any_notebook() -> impl Strategy<Value = Value> {
    let cell = (
        prop_oneof!["code", "markdown", "raw", "[a-z]{1,5}"],
        any_json(),
        any_json(),
        any_json(),
        any_json(),
    );
    let cells = proptest::collection::vec(cell, 0..5);
    (cells, any_json(), any_json()).prop_map(|(cells, metadata, more)| {
        let cells: Vec<Value> = cells
            .into_iter()
            .map(|(kind, source, metadata, outputs, id)| {
                json!({
                    "cell_type": kind, "source": source, "metadata": metadata, "outputs": outputs, "id": id,
                })
            })
            .collect();
        json!({ "more": more, "cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4 })
    })
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Notebook::parse(&bytes);
    }

    #[test]
    fn no_text_makes_reading_panic(text in "[\\[\\]{}:,\"\\\\uUdDNaInfity8-9 \u{e9}\n-]{0,60}") {
        let _ = Notebook::parse(text.as_bytes());
    }

    #[test]
    fn no_damage_to_a_notebook_makes_reading_panic(
        file in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        bytes in proptest::collection::vec(any::<u8>(), 0..4),
        cut in 0_usize..40,
    ) {
        let files = corpus();
        let mut damaged = file.get(&files).1.clone();
        let from = from.index(damaged.len());
        let to = (from + cut).min(damaged.len());
        damaged.splice(from..to, bytes);
        if let Ok(notebook) = Notebook::parse(&damaged) {
            prop_assert_eq!(&Notebook::parse(&notebook.to_bytes()).unwrap(), &notebook);
        }
    }

    #[test]
    fn reading_what_was_written_is_the_same_notebook(root in any_notebook()) {
        let notebook = Notebook::parse(root.to_string().as_bytes()).unwrap();
        prop_assert_eq!(json(&notebook.to_bytes()), root);
        prop_assert!(notebook.notes().is_empty());
    }

    #[test]
    fn any_notebook_can_be_asked_and_prepared(root in any_notebook()) {
        let notebook = Notebook::parse(root.to_string().as_bytes()).unwrap();
        for cell in 0..=notebook.cell_count() {
            let _ = (notebook.source(cell), notebook.tags(cell), notebook.heading_before(cell));
        }
        let mut execution = execution(notebook, json!({ "x": 1 }), Default::default());
        for cell in execution.cells_to_run() {
            execution.start_cell(cell, "");
            execution.finish_cell(cell, &json!({ "status": "ok" }), "");
        }
        execution.finish(None, "");
        prop_assert!(Notebook::parse(&execution.notebook().to_bytes()).is_ok());
    }
}

#[test]
fn the_notebook_of_the_tests_is_one() {
    assert_eq!(notebook(json!([])).cell_count(), 0);
}
