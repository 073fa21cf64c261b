//! Notebooks that papermill executes, and Penny with the messages that papermill was given.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use penny_notebook::{CellEnd, Execution, Limits, Notebook, Parameters, RunInfo};
use serde_json::{Map, Value, json};

use super::{folder, read, record};
use crate::notebooks::{LATER, START, code, markdown};

/// What papermill made of a notebook, and what Penny did.
struct Both {
    papermill: Value,
    penny: Value,
}

fn info() -> RunInfo {
    RunInfo {
        input_path: "input.ipynb".to_owned(),
        output_path: "output.ipynb".to_owned(),
        version: "1".to_owned(),
        environment_variables: Map::new(),
    }
}

fn notebook(cells: &[Value]) -> Vec<u8> {
    let root = json!({
        "cells": cells,
        "metadata": {
            "kernelspec": { "display_name": "Python 3", "language": "python", "name": "python3" },
            "language_info": { "name": "python" },
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    });
    root.to_string().into_bytes()
}

/// Executes a notebook with both.
fn execute(name: &str, input: Vec<u8>, options: Value) -> Both {
    let folder = folder(name);
    fs::write(folder.join("input.ipynb"), &input).unwrap();
    fs::write(folder.join("options.json"), options.to_string()).unwrap();
    record(&folder);
    let papermill = read(&folder.join("output.ipynb"));
    let parameters = options["parameters"].as_object().cloned().unwrap_or_default();
    let hides = options["report_mode"] == true;
    let messages = read(&folder.join("messages.json"));
    let penny = if options["prepare_only"] == true {
        prepare(&input, &parameters, hides)
    } else {
        replay(&input, &parameters, hides, messages.as_array().unwrap(), &papermill)
    };
    fs::remove_dir_all(folder).unwrap();
    Both { papermill, penny }
}

fn prepare(input: &[u8], parameters: &Parameters, hides: bool) -> Value {
    let notebook = Notebook::parse(input).unwrap();
    let mut notebook = notebook.prepared(parameters, "python", info()).unwrap();
    if hides {
        notebook.hide_sources();
    }
    serde_json::from_slice(&notebook.to_bytes()).unwrap()
}

fn replay(
    input: &[u8],
    parameters: &Parameters,
    hides: bool,
    messages: &[Value],
    papermill: &Value,
) -> Value {
    let notebook = Notebook::parse(input).unwrap();
    let mut execution =
        Execution::new(notebook, parameters, "python", info(), Limits::default(), START).unwrap();
    if hides {
        execution.hide_sources();
    }
    execution.set_language_info(&papermill["metadata"]["language_info"]);
    let mut failure = None;
    for cell in execution.cells_to_run() {
        execution.start_cell(cell, START);
        let of_cell: Vec<_> = messages.iter().filter(|message| message["cell"] == cell).collect();
        assert!(!of_cell.is_empty(), "papermill ran cell {cell} too");
        // The reply comes at the end, whenever it was noticed.
        for message in of_cell.iter().filter(|message| message["msg_type"] != "reply") {
            let buffers: Vec<Vec<u8>> =
                message["buffers"].as_array().unwrap().iter().map(decode).collect();
            let kind = message["msg_type"].as_str().unwrap();
            execution.apply_with(cell, kind, &message["content"], &buffers, START);
        }
        let reply = of_cell.iter().find(|message| message["msg_type"] == "reply").expect("a reply");
        match execution.finish_cell(cell, &reply["content"], LATER) {
            CellEnd::Succeeded => {}
            CellEnd::ExitRequested => break,
            CellEnd::Failed(failed) => {
                failure = Some(failed);
                break;
            }
        }
    }
    execution.finish(failure.as_ref(), LATER);
    serde_json::from_slice(&execution.notebook().to_bytes()).unwrap()
}

fn decode(text: &Value) -> Vec<u8> {
    BASE64.decode(text.as_str().unwrap()).unwrap()
}

/// Takes out what is another in each run: times, and the ids of cells that were added.
fn comparable(notebook: &Value) -> Value {
    let mut notebook = notebook.clone();
    for cell in notebook["cells"].as_array_mut().unwrap() {
        let tags = cell["metadata"]["tags"].to_string();
        if tags.contains("injected-parameters") || tags.contains("papermill-error-cell-tag") {
            cell.as_object_mut().unwrap().shift_remove("id");
        }
        without_times(&mut cell["metadata"]);
        // papermill splits a source that is one text; Penny leaves it as it is.
        if let Some(lines) = cell["source"].as_array() {
            cell["source"] = lines.iter().filter_map(Value::as_str).collect::<String>().into();
        }
    }
    let metadata = &mut notebook["metadata"];
    for key in ["version", "input_path", "output_path"] {
        if metadata["papermill"].get(key).is_some() {
            metadata["papermill"][key] = json!(key);
        }
    }
    without_times(metadata);
    notebook
}

/// Leaves of each time whether it is known.
fn without_times(metadata: &mut Value) {
    if let Some(mark) = metadata.get_mut("papermill").and_then(Value::as_object_mut) {
        for key in ["start_time", "end_time", "duration"] {
            if let Some(value) = mark.get_mut(key) {
                *value = json!(!value.is_null());
            }
        }
    }
    for value in metadata
        .get_mut("execution")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::values_mut)
    {
        *value = json!("time");
    }
}

/// Neighbours of one stream are one output with Penny, and many with papermill.
fn with_streams_joined(mut notebook: Value) -> Value {
    for cell in notebook["cells"].as_array_mut().unwrap() {
        let Some(outputs) = cell.get_mut("outputs").and_then(Value::as_array_mut) else {
            continue;
        };
        let mut joined: Vec<Value> = Vec::new();
        for output in std::mem::take(outputs) {
            match joined.last_mut() {
                Some(last)
                    if output["output_type"] == "stream" && last["name"] == output["name"] =>
                {
                    let text = text_of(last) + &text_of(&output);
                    last["text"] = text.split_inclusive('\n').collect();
                }
                _ => joined.push(output),
            }
        }
        *outputs = joined;
    }
    notebook
}

fn text_of(output: &Value) -> String {
    output["text"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

#[track_caller]
fn same(both: &Both) {
    let (papermill, penny) = (comparable(&both.papermill), comparable(&both.penny));
    let (papermill, penny) = (with_streams_joined(papermill), with_streams_joined(penny));
    let cells = papermill["cells"].as_array().unwrap().len();
    for cell in 0..cells {
        assert_eq!(
            penny["cells"][cell], papermill["cells"][cell],
            "cell {cell}: Penny's is on the left"
        );
    }
    assert_eq!(penny["metadata"], papermill["metadata"], "Penny's is on the left");
    assert_eq!(penny, papermill);
}

/// Every kind of output, as kernels really send it.
fn hostile() -> Vec<u8> {
    notebook(&[
        markdown("title", "# Sorties"),
        code("parameters", "a = 1\nb = 'x'", &["parameters"]),
        code(
            "prints",
            "import sys\nprint('é', a)\nprint('e', file=sys.stderr)\nprint('o', flush=True)\nfor i in range(3): print(i, flush=True)",
            &[],
        ),
        code("unusual", "print('a\\x0bb\\u2028c\\x1b[31mred\\x1b[0m')", &[]),
        code("result", "{'a': [1, None, 2.5]}", &[]),
        code(
            "displays",
            "from IPython.display import *\ndisplay(HTML('<b>\\n</b>'), JSON({'a': ['x', None]}), SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'), Markdown('*x*'), Latex('$x$'))\ndisplay({'application/json': 'x', 'text/plain': 'y'}, raw=True, metadata={'k': 1})\nImage(data=bytes.fromhex('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489'), format='png')",
            &[],
        ),
        code(
            "named",
            "h = display('first', display_id='h')\ndisplay('other', display_id='o')\nprint('between')",
            &[],
        ),
        code(
            "again",
            "h.update('second')\ndisplay('third', display_id='h')\ndisplay('new', display_id='o')",
            &[],
        ),
        code(
            "update",
            "update_display('fourth', display_id='h')\nupdate_display('nowhere', display_id='none')",
            &[],
        ),
        code(
            "clear",
            "print('gone')\nclear_output()\nprint('kept')\nclear_output(wait=True)\nprint('last')\ndisplay('shown')\nclear_output(wait=True)",
            &[],
        ),
        code("blank", "  \n", &[]),
        code(
            "mime",
            "class X:\n    def _repr_mimebundle_(self, **k): return {'text/plain': 'x', 'application/vnd.x+json': {'n': 12345678901234567890, 'f': 1e-7}}, {'m': {'w': 1}}\nX()",
            &[],
        ),
        code(
            "stdin",
            "try:\n    input('?')\nexcept Exception as e:\n    print(type(e).__name__)",
            &[],
        ),
        code("nothing", "None", &[]),
        code("silent", "1;", &[]),
        code("magic", "%%html\n<i>x</i>", &[]),
        markdown("end", "Fin."),
    ])
}

#[test]
fn every_kind_of_output_is_as_papermill_has_it() {
    same(&execute(
        "hostile",
        hostile(),
        json!({ "parameters": { "a": 2, "b": "l'heure", "c": null } }),
    ));
}

#[test]
fn an_exception_that_a_tag_allows_is_a_failure_for_papermill_alone() {
    let cells =
        [code("a", "raise ValueError('permis')", &["raises-exception"]), code("b", "2", &[])];
    let mut both = execute("allowed", notebook(&cells), json!({}));
    // Both go on; on purpose Penny does not call the notebook failed in the end.
    let marked = both.papermill["cells"].as_array_mut().unwrap();
    let is_mark = |cell: &Value| cell["metadata"]["tags"][0] == "papermill-error-cell-tag";
    assert_eq!(marked.iter().filter(|cell| is_mark(cell)).count(), 2);
    marked.retain(|cell| !is_mark(cell));
    same(&both);
}

#[test]
fn widgets_are_as_papermill_has_them() {
    let input = notebook(&[
        code("plain", "import ipywidgets as w\ns = w.IntSlider(value=3)\ns.value = 7\ns", &[]),
        code("binary", "w.Image(value=bytes(range(9)), format='png')", &[]),
        code(
            "output",
            "out = w.Output()\ndisplay(out)\nwith out:\n    print('dedans', flush=True)\n    print('encore')\n    display('valeur')\nprint('dehors')",
            &[],
        ),
        code(
            "nested",
            "inner = w.Output()\nwith out:\n    with inner:\n        print('au fond')\n    print('au milieu')",
            &[],
        ),
        code(
            "cleared",
            "with inner:\n    print('avant', flush=True)\n    inner.clear_output()\n    print('après')",
            &[],
        ),
        code("closed", "s.close()\nprint('fin')", &[]),
        code(
            "comm",
            "from comm import create_comm\nc = create_comm(target_name='autre', data={'state': {'x': 1}})\nc.send({'y': 2})\nc.close()",
            &[],
        ),
    ]);
    let mut both = execute("widgets", input, json!({}));
    // papermill keeps in Python's order, and Penny too; but only widgets, and no other comms.
    for notebook in [&mut both.papermill, &mut both.penny] {
        assert!(notebook["metadata"]["widgets"].to_string().contains("au milieu"));
        assert!(notebook["metadata"]["widgets"].to_string().contains("AAECAwQFBgcI"));
    }
    same(&both);
}

#[test]
fn a_failure_is_marked_as_papermill_marks_it() {
    let failing = notebook(&[
        code("good", "1", &[]),
        markdown("text", "texte"),
        code("bad", "print('avant')\n1/0", &[]),
        markdown("after", "après"),
        code("never", "2", &[]),
    ]);
    let both = execute("failing", failing, json!({}));
    same(&both);
    // Each can take the other's output, marks and all, as its input.
    let of_papermill = serde_json::to_vec(&both.papermill).unwrap();
    let again = execute("failing-again", of_papermill, json!({ "parameters": { "x": 1 } }));
    let of_penny = serde_json::to_vec(&both.penny).unwrap();
    let swapped = execute("failing-swapped", of_penny, json!({ "parameters": { "x": 1 } }));
    assert_eq!(comparable(&again.penny)["cells"], comparable(&swapped.papermill)["cells"]);
    same(&swapped);
    same(&again);
}

#[test]
fn an_exit_ends_the_notebook_as_with_papermill() {
    let input = notebook(&[code("exit", "import sys\nsys.exit(0)", &[]), code("never", "2", &[])]);
    let mut both = execute("exit", input, json!({}));
    // On purpose: a cell that ends the notebook well has not failed, and what follows is pending in both.
    assert_eq!(both.papermill["cells"][0]["metadata"]["papermill"]["status"], "failed");
    assert_eq!(both.penny["cells"][0]["metadata"]["papermill"]["status"], "completed");
    for notebook in [&mut both.papermill, &mut both.penny] {
        notebook["cells"][0]["metadata"]["papermill"] = Value::Null;
        notebook["metadata"]["papermill"]["exception"] = Value::Null;
    }
    same(&both);
}

#[test]
fn a_report_hides_its_sources() {
    let input = notebook(&[code("a", "1", &["parameters"]), markdown("m", "x")]);
    let both = execute("report", input, json!({ "parameters": { "x": 1 }, "report_mode": true }));
    same(&both);
    assert_eq!(both.penny["cells"][1]["metadata"]["jupyter"], json!({ "source_hidden": true }));
}

#[test]
fn a_notebook_that_is_only_prepared_keeps_its_outputs() {
    let first = execute("prepared-first", notebook(&[code("a", "1", &["parameters"])]), json!({}));
    let input = serde_json::to_vec(&first.papermill).unwrap();
    let options = json!({ "parameters": { "x": 1 }, "prepare_only": true });
    let both = execute("prepared", input, options.clone());
    assert_eq!(both.penny["cells"][0]["outputs"][0]["data"]["text/plain"], json!(["1"]));
    assert_eq!(both.penny["metadata"]["papermill"]["parameters"], json!({ "x": 1 }));
    same(&both);
    let new = notebook(&[code("a", "1", &["parameters"]), markdown("m", "x")]);
    same(&execute("prepared-new", new, options));
}
