//! What is in an executed notebook.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::Workspace;

/// The only output notebook of a name.
#[track_caller]
pub fn output(workspace: &Workspace, name: &str) -> Value {
    let mut all = workspace.outputs(name);
    assert_eq!(all.len(), 1, "outputs of {name}");
    all.remove(0)
}

/// The cells that the notebook's author wrote.
pub fn code(notebook: &Value) -> Vec<&Value> {
    let cells = notebook["cells"].as_array().expect("cells");
    cells.iter().filter(|cell| cell["cell_type"] == "code").collect()
}

/// A text of a notebook, which is a string or a list of lines.
pub fn text(value: &Value) -> String {
    match value {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().unwrap_or_default().to_owned(),
    }
}

/// What a cell printed.
pub fn printed(cell: &Value) -> String {
    let outputs = cell["outputs"].as_array().expect("outputs");
    outputs.iter().filter(|o| o["output_type"] == "stream").map(|o| text(&o["text"])).collect()
}

/// The exceptions in a cell's outputs.
pub fn raised(cell: &Value) -> Vec<&str> {
    let outputs = cell["outputs"].as_array().expect("outputs");
    let errors = outputs.iter().filter(|o| o["output_type"] == "error");
    errors.filter_map(|o| o["ename"].as_str()).collect()
}

pub fn statuses(notebook: &Value) -> Vec<&str> {
    let marks = code(notebook);
    marks.iter().map(|c| c["metadata"]["papermill"]["status"].as_str().expect("a status")).collect()
}

/// Checks files with the schema of the notebook format's own library.
#[track_caller]
pub fn are_valid_notebooks(folder: &Path, count: usize) {
    let environment = penny_testing::once("nbformat", |place| {
        let made =
            Command::new(penny_testing::base_python()).args(["-m", "venv"]).arg(place).status();
        assert!(made.expect("Python is there").success());
        let install =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "nbformat==5.*"];
        let installed = Command::new(place.join("bin/python")).args(install).status();
        assert!(installed.expect("pip is there").success());
    });
    let check = "import sys, glob, nbformat, warnings\nwarnings.simplefilter('error')\n\
                 files = glob.glob(sys.argv[1] + '/*.ipynb')\n\
                 for f in files: nbformat.validate(nbformat.read(f, as_version=nbformat.NO_CONVERT))\n\
                 print(len(files))";
    let checked =
        Command::new(environment.join("bin/python")).args(["-c", check]).arg(folder).output();
    let checked = checked.expect("Python starts");
    let said = String::from_utf8_lossy(&checked.stderr);
    assert_eq!(String::from_utf8_lossy(&checked.stdout).trim(), count.to_string(), "{said}");
}
