//! The corpus, read and written by Python's nbformat and by Penny.

use std::path::Path;

use penny_notebook::Notebook;
use serde_json::Value;

use super::run;
use crate::reading::corpus;

/// Lists of lines as the text that they are, since nbformat splits what Penny leaves in one piece; cells'
/// ids are left out where nbformat made them up.
fn comparable(notebook: &Value, keeps_ids: bool) -> Value {
    let mut notebook = notebook.clone();
    for cell in notebook["cells"].as_array_mut().unwrap() {
        if !keeps_ids {
            cell.as_object_mut().unwrap().shift_remove("id");
        }
        join(&mut cell["source"]);
        for output in cell.get_mut("outputs").and_then(Value::as_array_mut).into_iter().flatten() {
            if output.get("text").is_some() {
                join(&mut output["text"]);
            }
            let data = output.get_mut("data").and_then(Value::as_object_mut);
            let texts = data.into_iter().flatten().filter(|(mime, _)| !mime.contains("json"));
            texts.for_each(|(_, value)| join(value));
        }
        let bundles = cell.get_mut("attachments").and_then(Value::as_object_mut);
        for bundle in bundles.into_iter().flatten().filter_map(|(_, bundle)| bundle.as_object_mut())
        {
            bundle.iter_mut().for_each(|(_, value)| join(value));
        }
    }
    notebook
}

fn join(text: &mut Value) {
    if let Some(lines) = text.as_array().filter(|lines| lines.iter().all(Value::is_string)) {
        *text = lines.iter().filter_map(Value::as_str).collect::<String>().into();
    }
}

#[test]
fn the_corpus_is_written_as_nbformat_writes_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let files = corpus();
    let paths: Vec<String> =
        files.iter().map(|(name, _)| folder.join(name).to_str().unwrap().to_owned()).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let written: Vec<Value> = serde_json::from_str(&run("rewrite.py", &paths)).unwrap();
    let (mut refused, mut different) = (Vec::new(), Vec::new());
    for ((name, bytes), theirs) in files.iter().zip(&written) {
        let ours: Value =
            serde_json::from_slice(&Notebook::parse(bytes).unwrap().to_bytes()).unwrap();
        let keeps_ids = ours["nbformat_minor"] == 5 && name != "format-3.ipynb";
        if theirs.is_null() {
            refused.push(name.as_str());
        } else if comparable(theirs, keeps_ids) != comparable(&ours, keeps_ids) {
            different.push(name.as_str());
        }
    }
    // What has no word in JSON, a number beyond all floats, what a later format may bring: nbformat refuses
    // it or writes what is no JSON, and Penny keeps it.
    assert_eq!(refused, REFUSED);
    assert_eq!(different, [""; 0]);
}

const REFUSED: &[&str] = &[
    "bare-nan.ipynb",
    "big-numbers.ipynb",
    "lone-surrogates.ipynb",
    "minimal.ipynb",
    "unknown-keys.ipynb",
];
