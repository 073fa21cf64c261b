//! The same messages folded by papermill and by Penny: the same notebook, but for what differs on purpose.

mod declared;
mod differential;
mod rewriting;
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

/// What a script of this folder prints.
pub fn run(script: &str, arguments: &[&str]) -> String {
    attempt(script, arguments).unwrap_or_else(|said| panic!("{said}"))
}

/// Has papermill execute the notebook in a folder. It gets three attempts: now and then its kernels find
/// their ports taken by another test's.
pub fn record(folder: &Path) {
    let folder = folder.to_str().expect("a path of the tests is Unicode");
    let mut attempts = (0..3).map(|_| attempt("record.py", &[folder]));
    let last = attempts.find(Result::is_ok).unwrap_or_else(|| attempt("record.py", &[folder]));
    last.unwrap_or_else(|said| panic!("{said}"));
}

fn attempt(script: &str, arguments: &[&str]) -> Result<String, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/papermill").join(script);
    let output = Command::new(python())
        .arg(script)
        .args(arguments)
        .output()
        .expect("the interpreter of the tests runs");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8(output.stdout).expect("Python writes UTF-8"))
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
