//! The same messages folded by papermill and by Penny: the same notebook, but for what differs on purpose.

mod declared;
mod differential;
mod translators;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A Python with papermill and widgets.
pub fn python() -> PathBuf {
    let requirements = ["papermill==2.7.*", "ipykernel==7.*", "ipywidgets==8.*"];
    penny_testing::python_with("papermill-widgets", &requirements)
}

/// What a script of this folder prints when it is given a text.
pub fn run(script: &str, arguments: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/papermill").join(script);
    let output = Command::new(python())
        .arg(script)
        .args(arguments)
        .output()
        .expect("the interpreter of the tests runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).expect("Python writes UTF-8")
}

/// A folder for one test, empty.
pub fn folder(name: &str) -> PathBuf {
    let folder = penny_testing::folder().join(format!("notebook-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

pub fn read(path: &Path) -> Value {
    let bytes = fs::read(path).expect("the file is there");
    serde_json::from_slice(&bytes).expect("JSON")
}
