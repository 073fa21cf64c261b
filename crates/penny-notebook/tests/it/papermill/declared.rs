//! The parameters that a notebook declares, inferred by both.

use penny_notebook::Notebook;
use serde_json::{Value, json};

use super::run;

fn penny(source: &str) -> Value {
    let root = json!({
        "cells": [{ "cell_type": "code", "metadata": { "tags": ["parameters"] }, "source": source }],
        "metadata": { "kernelspec": { "name": "python3", "language": "python" } },
        "nbformat": 4, "nbformat_minor": 5,
    });
    let notebook = Notebook::parse(root.to_string().as_bytes()).unwrap();
    let declared = notebook.declared_parameters().into_iter();
    declared.map(|d| json!([d.name, d.inferred_type, d.default, d.help])).collect()
}

fn papermill(sources: &[&str]) -> Vec<Value> {
    serde_json::from_str(&run("declare.py", &[&json!(sources).to_string()])).unwrap()
}

#[test]
fn parameters_are_inferred_as_papermill_infers_them() {
    let sources = [
        "a = 1",
        "a: int = 1  # combien",
        "a = 1 # type: int  combien",
        "a: 'List[str]' = ['x']# la liste",
        "a: \"Dict[str, int]\" = {}",
        "a = None\n\nb = 2.5 # deux\n# commentaire\nc = 'x'",
        "a = [\n    1,  # un\n    # deux\n    2,\n]  # les deux\nb = 3",
        "société = \"L'Été\"",
        "a =   1  ",
        "_a1 = True # type: bool",
        "a = (1 +\n     2)",
    ];
    for (source, papermill) in sources.iter().zip(papermill(&sources)) {
        assert_eq!(penny(source), papermill, "Penny's is on the left: {source}");
    }
}

/// papermill reads lines and not statements; Penny reads what Python would.
#[test]
fn what_papermill_misreads_is_read() {
    let cases = [
        ("u = 'https://x/?a=b'", json!([]), json!([["u", "None", "'https://x/?a=b'", ""]])),
        ("c = '#fff'", json!([["c", "None", "'", "fff'"]]), json!([["c", "None", "'#fff'", ""]])),
        (
            "a = 1\nprint(a)",
            json!([["a", "None", "1print(a)", ""]]),
            json!([["a", "None", "1", ""]]),
        ),
        ("d: datetime.date = None", json!([]), json!([["d", "datetime.date", "None", ""]])),
    ];
    let sources: Vec<&str> = cases.iter().map(|(source, ..)| *source).collect();
    for ((source, expected, ours), papermill) in cases.iter().zip(papermill(&sources)) {
        assert_eq!(&papermill, expected, "papermill's: {source}");
        assert_eq!(&penny(source), ours, "Penny's: {source}");
    }
}
