//! Runs of notebooks, good and bad: what is executed, what is kept, what is said, what is left behind.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::executed::{are_valid_notebooks, code, output, printed, raised, statuses, text};
use crate::support::{Workspace, notebook};

/// A notebook whose metadata are others than usual.
fn with_metadata(cells: &[&str], metadata: Value) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(&notebook(cells)).expect("JSON");
    value["metadata"] = metadata;
    serde_json::to_vec(&value).expect("JSON")
}

const FORMAT_3: &[u8] = br#"{"worksheets": [{"cells": [{"cell_type": "code", "input": "print(3)",
 "language": "python", "outputs": []}], "metadata": {}}], "metadata": {"name": "x"},
 "nbformat": 3, "nbformat_minor": 0}"#;
const FLOOD: &str =
    "import sys\nline = 'x' * 99 + '\\n'\nfor _ in range(1000): sys.stdout.write(line * 1000)";
const STUBBORN: &str = "print('begun')\ntry:\n    while True: print('still')\nexcept KeyboardInterrupt:\n    \
                        print('no')\nwhile True: print('still')";
const RAISES: &str = "amounts = {}\nprint('before')\n\namounts['dateline']\nprint('after')";

fn bad_notebooks() -> Workspace {
    let julia =
        json!({"kernelspec": {"name": "julia-9.9", "display_name": "J", "language": "julia"}});
    Workspace::without_server()
        .config("[limits]\noutput_mb_per_cell = 1\n")
        .file("not_json", b"{\n \"cells\": [,]\n}")
        .file("no_kernelspec", &with_metadata(&["print('ran')"], json!({})))
        .file("unknown_kernel", &with_metadata(&["1"], julia))
        .file("not_utf8", b"{\n \"cells\": [\"\xe9t\xe9\"]}")
        .file("format_3", FORMAT_3)
        .notebook("raises", &["# markdown\n# Clients\n\n## Extraction", RAISES, "print('never')"])
        .notebook("exits", &["exit()", "print('never')", "print('never')"])
        .notebook("says_goodbye", &["import sys\nsys.exit('no invoices')", "1"])
        .notebook("killed", &["print('last')", "import os\nos.kill(os.getpid(), 9)", "1"])
        .notebook("crashes", &["import ctypes\nctypes.string_at(0)"])
        .notebook("asks", &["nom = input('Votre nom ? ')"])
        .notebook("floods", &[FLOOD, "print('end')"])
        .notebook("stubborn", &[STUBBORN])
        .config("timeout = \"1s\"")
        .notebook("slow", &["# markdown\n# Attente", "import time\n\ntime.sleep(600)"])
        .config("timeout = \"1s\"")
        .notebook("good", &["print('well')", "6 * 7"])
}

#[test]
fn a_bad_notebook_has_its_sentence_and_the_others_run() {
    let workspace = bad_notebooks();
    let before = sources(workspace.root());
    let ended = workspace.run(&["run"]).status(1);
    for sentence in [
        "notebook `not_json` could not run\n  notebooks/not_json.ipynb: this is not a notebook's JSON (line 2, \
         column 12: expected value): open it in Jupyter, or restore an earlier version",
        "✓ no_kernelspec",
        "notebook `unknown_kernel` could not run\n  there is no kernel named `julia-9.9`",
        "hint: the notebook is written in julia: install a kernel for it on this computer",
        "notebooks/not_utf8.ipynb: this is not UTF-8 text (byte 14, line 2)",
        "✓ format_3",
        "notebook `raises` failed in cell 1 (Extraction)\n  KeyError: 'dateline'\n  4 │ amounts['dateline']\n  \
         saved: data/outputs/raises_",
        "warning: cell 1 ended the notebook with exit(): 2 cells after it did not run",
        "notebook `says_goodbye` failed in cell 1\n  SystemExit: no invoices",
        "notebook `killed` crashed in cell 2\n  the kernel was killed by SIGKILL (9)\n  the system does that when \
         memory runs out",
        "notebook `crashes` crashed in cell 1\n  the kernel was killed by SIGSEGV (11)\n  Segmentation fault\n",
        ".py\", line 2 in <module>",
        "notebook `asks` failed in cell 1\n  the cell waits for an answer (input), and nobody is there to give \
         one\n  1 │ nom = input('Votre nom ? ')\n  hint: ",
        "warning: cell 1: the first 999,800 bytes of its output were kept, 99,000,200 more were not",
        "notebook `stubborn` took longer than its limit, 1.0 s, and was ended in cell 1\n",
        "notebook `slow` took longer than its limit, 1.0 s, and was ended in cell 1 (Attente)\n  3 │ time.sleep(600)",
        "5 succeeded, 6 failed, 2 timed out, 2 crashed",
    ] {
        let said = ended.stdout.contains(sentence) || ended.stderr.contains(sentence);
        assert!(said, "`{sentence}` is not in\n{}\n{}", ended.stdout, ended.stderr);
    }
    workspace.no_process_is_left();
    assert_eq!(sources(workspace.root()), before, "the sources are as they were");
    are_kept(&workspace);
}

/// What the outputs and the log hold after the run of the bad notebooks.
fn are_kept(workspace: &Workspace) {
    are_valid_notebooks(&workspace.root().join("data/outputs"), 12);
    let raised_one = output(workspace, "raises");
    assert_eq!(raised_one["cells"][0]["metadata"]["tags"], json!(["papermill-error-cell-tag"]));
    assert_eq!(statuses(&raised_one), ["failed", "pending"]);
    assert_eq!(
        (printed(code(&raised_one)[0]).as_str(), raised(code(&raised_one)[0])),
        ("before\n", vec!["KeyError"])
    );
    assert_eq!(raised_one["metadata"]["papermill"]["exception"], true);
    let check = |name: &str, cell: usize, stream: &str, error: &[&str]| {
        let output = output(workspace, name);
        let cell = code(&output)[cell].clone();
        assert_eq!((printed(&cell).as_str(), raised(&cell).as_slice()), (stream, error), "{name}");
    };
    check("no_kernelspec", 0, "ran\n", &[]);
    check("format_3", 0, "3\n", &[]);
    check("exits", 1, "", &[]);
    check("killed", 0, "last\n", &[]);
    check("killed", 1, "", &["DeadKernelError"]);
    check("asks", 0, "", &["StdinNotImplementedError"]);
    check("floods", 1, "end\n", &[]);
    let stubborn = output(workspace, "stubborn");
    assert!(printed(code(&stubborn)[0]).starts_with("begun\nstill\n"));
    assert_eq!(raised(code(&stubborn)[0]), ["TimeoutError"]);
    check("slow", 0, "", &["KeyboardInterrupt"]);
    check("good", 0, "well\n", &[]);
    let flood = printed(code(&output(workspace, "floods"))[0]);
    assert!(flood.starts_with(&"x".repeat(99)) && flood.len() < 1_001_000, "{}", flood.len());
    assert!(flood.ends_with(
        "[Penny kept the first 999.8 kB of this cell's output; 99.0 MB more were not kept]\n"
    ));
    let log = workspace.log();
    assert!(log.contains("ERROR raises: failed after "), "{log}");
    let line = "notebook `raises` failed in cell 1 (Extraction) | KeyError: 'dateline' | 4 │ amounts['dateline']\n";
    assert!(log.contains(line), "{log}");
}

/// The bytes of every source notebook.
fn sources(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(root.join("notebooks")).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    paths.into_iter().map(|p| (p.clone(), fs::read(&p).expect("read"))).collect()
}

const EVERY_OUTPUT: &str = "\
import base64, sys
from IPython.display import HTML, Image, display
print('out')
print('err', file=sys.stderr)
dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
display(Image(base64.b64decode(dot), format='png'))
shown = display(HTML('<b>first</b>'), display_id=True)
shown.update(HTML('<b>second</b>'))
import pandas as pd
df = pd.DataFrame({'client': ['Élan', 'Brûlé'], 'montant': [1.5, None]})
df";
const LEAKS: &str = "import os\nfor name, value in sorted(os.environ.items()): print(name, '=', value)\n\
                     raise RuntimeError('refused: ' + os.environ['MY_SECRET'])";
const PUBLISHES: &str = "import penny\npenny.publish(df, 'clients')";

fn good_notebooks() -> Workspace {
    let says = "print(year, rate, names, os.environ['MY_COMPANY'])";
    let parameters = notebook(&["year = 2000\nrate = 0.5", "import os", says]);
    let mut parameters: Value = serde_json::from_slice(&parameters).expect("JSON");
    parameters["cells"][0]["metadata"]["tags"] = json!(["parameters"]);
    Workspace::new()
        .env(
            "MY_SECRET=tr0ub4dor-and-3\nMY_COMPANY=Atelier Lumen\n\
             PENNY_WEB_PASSWORD=une longue phrase\nPENNY_API_TOKEN=jeton-du-tableau-de-bord",
        )
        .variable("PENNY_API_TOKEN", "jeton-de-la-machine-entiere")
        .notebook("outputs", &["# markdown\n# Clients", EVERY_OUTPUT, PUBLISHES])
        .file("parameters", &serde_json::to_vec(&parameters).expect("JSON"))
        .config("parameters = { year = 2026, rate = 0.25, names = [\"a\", \"é\"] }")
        .notebook("leaks", &[LEAKS])
        .listed("renamed", "notebooks/Import_clients.ipynb")
}

#[test]
fn a_run_is_in_order_keeps_every_output_and_hides_every_secret() {
    let workspace = good_notebooks();
    fs::write(workspace.root().join("notebooks/Import_Clients_2.ipynb"), notebook(&["1"]))
        .expect("written");
    let before = sources(workspace.root());
    let ended = workspace.run(&["run", "--json"]).status(2);
    for secret in
        ["tr0ub4dor-and-3", "password-of-a-test", "sandbox-token-of-a-test", "reader-of-a-test"]
    {
        assert!(
            !format!("{}{}{}", ended.stdout, ended.stderr, workspace.log()).contains(secret),
            "{secret}"
        );
        for (path, bytes) in outputs_of(workspace.root()) {
            assert!(
                !String::from_utf8_lossy(&bytes).contains(secret),
                "{secret} is in {}",
                path.display()
            );
        }
    }
    // One of them prints the name of each variable that it has.
    let outputs = outputs_of(workspace.root());
    let has =
        |name: &str| outputs.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).contains(name));
    assert!(has("MY_SECRET = •••"), "it is there, and masked");
    assert!(
        !has("PENNY_WEB_PASSWORD") && !has("PENNY_API_TOKEN"),
        "they are the dashboard's alone"
    );
    let summary: Value =
        serde_json::from_str(&ended.stdout).expect("JSON and nothing else on standard output");
    let notebooks = summary["notebooks"].as_array().expect("a list");
    let told: Vec<_> =
        notebooks.iter().map(|n| (n["name"].as_str(), n["outcome"].as_str())).collect();
    let expected = [
        ("outputs", "succeeded"),
        ("parameters", "succeeded"),
        ("leaks", "failed"),
        ("renamed", "failed"),
    ];
    assert_eq!(told, expected.map(|(name, outcome)| (Some(name), Some(outcome))));
    assert_eq!([&summary["succeeded"], &summary["failed"], &summary["crashed"]], [2, 2, 0]);
    assert_eq!(notebooks[0]["tables"][0]["rows"], 2);
    assert!(ended.stderr.contains("RuntimeError: refused: •••"), "{}", ended.stderr);
    let renamed = "there is no file notebooks/Import_clients.ipynb";
    assert!(ended.stderr.contains(renamed), "{}", ended.stderr);
    assert!(ended.stderr.contains("the folder has Import_Clients_2.ipynb"), "{}", ended.stderr);
    assert_eq!(sources(workspace.root()), before, "the sources are as they were");
    holds_every_output(&output(&workspace, "outputs"));
    let parameters = output(&workspace, "parameters");
    assert_eq!(code(&parameters)[1]["metadata"]["tags"], json!(["injected-parameters"]));
    assert_eq!(printed(code(&parameters)[3]), "2026 0.25 ['a', 'é'] Atelier Lumen\n");
    assert_eq!(parameters["metadata"]["papermill"]["parameters"]["year"], 2026);
    assert!(printed(code(&output(&workspace, "leaks"))[0]).contains("MY_SECRET = •••\n"));
    are_valid_notebooks(&workspace.root().join("data/outputs"), 3);
    assert_eq!(
        workspace.query("SELECT client, montant FROM pennylane.clients ORDER BY 1").to_string(),
        r#"[["Brûlé",null],["Élan",1.5]]"#
    );
    a_table_that_is_no_longer_published_is_told(&workspace);
}

/// The bytes of every output notebook.
fn outputs_of(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(root.join("data/outputs")).expect("the folder is there");
    entries
        .map(|e| e.expect("an entry").path())
        .map(|p| (p.clone(), fs::read(&p).expect("read")))
        .collect()
}

fn holds_every_output(notebook: &Value) {
    let cells = code(notebook);
    let outputs = cells[0]["outputs"].as_array().expect("outputs");
    let kinds: Vec<_> =
        outputs.iter().map(|o| o["output_type"].as_str().expect("a kind")).collect();
    assert_eq!(kinds, ["stream", "stream", "display_data", "display_data", "execute_result"]);
    assert_eq!([text(&outputs[0]["text"]), text(&outputs[1]["text"])], ["out\n", "err\n"]);
    assert!(text(&outputs[2]["data"]["image/png"]).starts_with("iVBOR"));
    assert_eq!(text(&outputs[3]["data"]["text/html"]), "<b>second</b>", "what an update left");
    let table = &outputs[4];
    assert_eq!((&table["execution_count"], &cells[0]["execution_count"]), (&json!(1), &json!(1)));
    assert!(text(&table["data"]["text/html"]).contains("<td>Brûlé</td>"));
    assert!(text(&table["data"]["text/plain"]).contains("Élan"));
    assert_eq!(statuses(notebook), ["completed", "completed"]);
    let marks = &notebook["metadata"]["papermill"];
    assert!(marks["duration"].as_f64().is_some_and(|seconds| seconds > 0.0), "{marks}");
    assert_eq!(
        (&marks["exception"], &marks["input_path"]),
        (&Value::Null, &json!("notebooks/outputs.ipynb"))
    );
    for cell in cells {
        let times = &cell["metadata"]["execution"];
        assert!(
            times["iopub.status.busy"].is_string() && times["shell.execute_reply"].is_string(),
            "{times}"
        );
        assert!(cell["metadata"]["papermill"]["duration"].is_number());
    }
}

fn a_table_that_is_no_longer_published_is_told(workspace: &Workspace) {
    let file = workspace.root().join("notebooks/outputs.ipynb");
    fs::write(file, notebook(&["print('no export any more')"])).expect("written");
    let ended = workspace.run(&["run", "parameters", "outputs"]).status(0);
    // Both may run at a time, and end in any order.
    let (first, second) =
        (ended.stderr.find("[1/2] outputs"), ended.stderr.find("[2/2] parameters"));
    assert!(first.is_some() && first < second, "in penny.toml's order: {}", ended.stderr);
    ended
        .says("warning: it no longer publishes pennylane.clients, which keeps its 2 rows of ")
        .says("2 succeeded, 0 failed")
        .never_says("leaks");
    workspace.run(&["run", "paramters"]).status(2).says("did you mean `parameters`?");
    workspace.no_process_is_left();
}
