//! How notebooks end that IPython says went well, with real kernels.

use serde_json::{Value, json};

use super::Cell::{Code, Tagged};
use super::Folder;
use crate::executed::raised;

const LAST: &str = "print('la suite')";

fn folder(tag: &str, source: &str) -> Folder {
    let folder = Folder::with(&[Code("t = 12"), Tagged(tag, source), Code(LAST)]);
    folder
        .file("bad.py", b"total = 0\nprint(1 / total)\n")
        .file("exits.py", b"import sys\nsys.exit(3)\n")
        .file("well.py", b"import sys\nsys.exit(0)\n")
}

/// The cells of the file that was read, whatever marks were added.
fn cell(notebook: &Value, id: &str) -> Value {
    let cells = notebook["cells"].as_array().expect("cells");
    cells.iter().find(|cell| cell["id"] == id).expect("it is there").clone()
}

/// Executes a cell between two others: it fails with this, its exception is in the notebook once, and the last
/// cell is not run.
#[track_caller]
fn fails(source: &str, sentence: &str) {
    let folder = folder("export", source);
    let ended = folder.penny(&["in.ipynb", "out.ipynb"]).status(1);
    assert!(ended.stderr.contains(sentence), "`{sentence}` is not in\n{}", ended.stderr);
    assert!(ended.stderr.contains("failed in cell 2"), "{}", ended.stderr);
    let notebook = folder.json("out.ipynb");
    let failed = cell(&notebook, "c1");
    assert_eq!(raised(&failed).len(), 1, "{failed:#}");
    assert_eq!(failed["metadata"]["papermill"]["status"], "failed");
    assert_eq!(cell(&notebook, "c2")["outputs"], json!([]));
    assert_eq!(cell(&notebook, "c2")["metadata"]["papermill"]["status"], "pending");
    assert_eq!(notebook["metadata"]["papermill"]["exception"], true);
}

/// Executes it: the notebook goes on to its last cell, and ends well.
#[track_caller]
fn goes_on(tag: &str, source: &str) {
    let folder = folder(tag, source);
    folder.penny(&["in.ipynb", "out.ipynb"]).status(0);
    assert_ne!(cell(&folder.json("out.ipynb"), "c2")["outputs"], json!([]));
}

#[test]
fn an_exception_that_ipython_only_shows_is_a_failure() {
    let by_zero = "ZeroDivisionError: division by zero";
    fails("%run bad.py", by_zero);
    fails("%run exits.py", "SystemExit: 3");
    fails("%%capture\nprint('pris')\n1 / 0", by_zero);
    fails("get_ipython().run_cell('1 / 0');", by_zero);
    fails(
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    get_ipython().showtraceback()",
        "ZeroDivisionError: division by zero\n  4 │     get_ipython().showtraceback()",
    );
    fails(
        "from IPython.display import clear_output\n%run bad.py\nclear_output()\nprint('fini')",
        by_zero,
    );
}

#[test]
fn papermill_fails_on_an_exception_that_is_only_shown_too() {
    let folder = folder("export", "%run bad.py");
    let theirs = folder.papermill(&["in.ipynb", "out.ipynb"]).status(1);
    assert!(theirs.stderr.contains("ZeroDivisionError"), "{}", theirs.stderr);
}

#[test]
fn an_exception_that_is_allowed_and_a_script_that_ends_well_are_no_failures() {
    goes_on("raises-exception", "%run bad.py");
    goes_on("export", "%run well.py");
    goes_on("export", "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    print(e)");
}

#[test]
fn an_exit_with_a_status_or_a_sentence_is_a_failure() {
    fails("exit(1)", "SystemExit: 1");
    fails("quit(\"écart de 12,50 €\")", "SystemExit: écart de 12,50 €");
    goes_on("export", "exit(True)");
}

#[test]
fn an_exit_in_the_last_cell_is_told() {
    for source in ["exit()", "import sys\nsys.exit(0)\nprint('jamais')"] {
        let folder = Folder::with(&[Code("1"), Code(source)]);
        let ended = folder.penny(&["in.ipynb", "out.ipynb"]).status(0);
        let told = "cell 2 ended the notebook with exit(): it is the last one";
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
}
