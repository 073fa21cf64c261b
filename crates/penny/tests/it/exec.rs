//! `penny exec`, beside the real papermill where papermill has the same.

mod differences;
mod endings;
mod interruption;
mod kernels;
mod mistakes;
mod outputs;
mod parameters;
mod workspace;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Ended, end};

/// A folder outside of any workspace, with a Python environment first on PATH that has papermill.
struct Folder {
    folder: TempDir,
}

/// A cell of a notebook to be.
enum Cell<'a> {
    Code(&'a str),
    Tagged(&'a str, &'a str),
    Text(&'a str),
}

impl Folder {
    fn new() -> Folder {
        Folder { folder: tempfile::tempdir().expect("a folder can be made") }
    }

    /// One with a notebook `in.ipynb`.
    fn with(cells: &[Cell<'_>]) -> Folder {
        Folder::new().file("in.ipynb", &notebook(cells))
    }

    fn file(self, name: &str, content: &[u8]) -> Folder {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("the folder can be made");
        fs::write(path, content).expect("written");
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn json(&self, name: &str) -> Value {
        let bytes = fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        serde_json::from_slice(&bytes).expect("JSON")
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// The names in the folder, sorted; those that Python and the notebooks' HOME leave are passed over.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder can be read");
        let mut names: Vec<String> = entries
            .map(|e| e.expect("an entry").file_name().into_string().expect("UTF-8"))
            .collect();
        names.retain(|n| n != "home");
        names.sort();
        names
    }

    /// A program in this folder, as a user has it who has activated the environment by PATH alone.
    fn program(&self, program: &Path) -> Command {
        let bin = penny_testing::papermill().parent().expect("its folder").to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([bin].into_iter().chain(std::env::split_paths(&path)));
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        for name in ["VIRTUAL_ENV", "CONDA_PREFIX", "PENNY_WORKSPACE", "PENNY_RUN", "JUPYTER_PATH"]
        {
            command.env_remove(name);
        }
        for name in ["JUPYTER_DATA_DIR", "XDG_DATA_HOME", "PYTHONPATH"] {
            command.env_remove(name);
        }
        if self.path("share").exists() {
            command.env("JUPYTER_PATH", self.path("share"));
        }
        command.env("NO_PROXY", "127.0.0.1");
        command.env("HOME", self.path("home")).env("PATH", path.expect("PATH"));
        command
    }

    /// `penny exec` in this folder.
    fn exec(&self, arguments: &[&str]) -> Command {
        let mut command = self.program(Path::new(env!("CARGO_BIN_EXE_penny")));
        command.arg("exec").args(arguments);
        command
    }

    /// Runs `penny exec` to its end.
    fn penny(&self, arguments: &[&str]) -> Ended {
        run(self.exec(arguments))
    }

    /// Runs papermill to its end.
    fn papermill(&self, arguments: &[&str]) -> Ended {
        let mut command = self.program(&penny_testing::papermill());
        command.args(["-m", "papermill"]).args(arguments);
        run(command)
    }
}

/// Runs a command to its end.
fn run(mut command: Command) -> Ended {
    end(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts"))
}

/// A notebook file of these cells, for the kernel `python3`.
fn notebook(cells: &[Cell<'_>]) -> Vec<u8> {
    of_kernel("python3", cells)
}

/// The same for another kernel.
fn of_kernel(kernel: &str, cells: &[Cell<'_>]) -> Vec<u8> {
    let code = |index: usize, source: &str, tags: &[&str]| {
        let metadata = if tags.is_empty() { json!({}) } else { json!({"tags": tags}) };
        json!({"cell_type": "code", "id": format!("c{index}"), "metadata": metadata, "source": source,
               "execution_count": null, "outputs": []})
    };
    let cells: Vec<Value> = cells
        .iter()
        .enumerate()
        .map(|(index, cell)| match cell {
            Cell::Code(source) => code(index, source, &[]),
            Cell::Tagged(tag, source) => code(index, source, &[tag]),
            Cell::Text(source) => {
                json!({"cell_type": "markdown", "id": format!("c{index}"), "metadata": {}, "source": source})
            }
        })
        .collect();
    let language = if kernel == "bash" { "bash" } else { "python" };
    let notebook = json!({
        "cells": cells,
        "metadata": {"kernelspec": {"name": kernel, "display_name": kernel, "language": language},
                     "language_info": {"name": language}},
        "nbformat": 4, "nbformat_minor": 5,
    });
    serde_json::to_vec_pretty(&notebook).expect("JSON")
}
