//! Which kernel runs a notebook outside of a workspace.

use std::fs;
use std::process::Command;

use serde_json::json;

use super::Cell::Code;
use super::{Folder, of_kernel, run};
use crate::executed::{code, printed};

const WHERE: &str = "import sys\nprint(sys.prefix)";

fn prefix() -> String {
    let interpreter = penny_testing::papermill();
    let environment = interpreter.parent().and_then(|bin| bin.parent()).expect("an environment");
    environment.display().to_string()
}

#[test]
fn the_python_that_is_first_on_path_runs_python3() {
    let folder = Folder::with(&[Code(WHERE)]);
    folder.penny(&["in.ipynb", "out.ipynb"]).status(0);
    assert_eq!(printed(code(&folder.json("out.ipynb"))[0]).trim(), prefix());
}

#[test]
fn the_active_environment_comes_before_path_and_needs_no_kernelspec() {
    let folder = Folder::new()
        .file("in.ipynb", &of_kernel("python3", &[Code("import sys\nprint(sys.executable)")]));
    // An environment of links into the other one: active, but without a kernelspec of its own.
    let venv = folder.path("venv");
    fs::create_dir_all(venv.join("bin")).expect("made");
    let wrapper = format!("#!/bin/sh\nexec '{}' \"$@\"\n", penny_testing::papermill().display());
    fs::write(venv.join("bin/python"), wrapper).expect("written");
    let made =
        Command::new("chmod").args(["+x"]).arg(venv.join("bin/python")).status().expect("chmod");
    assert!(made.success());
    let mut exec = folder.exec(&["in.ipynb", "out.ipynb"]);
    exec.env("VIRTUAL_ENV", &venv).env("PATH", "/usr/bin:/bin");
    run(exec).status(0);
    assert!(printed(code(&folder.json("out.ipynb"))[0]).starts_with(&prefix()));
}

#[test]
fn kernels_of_jupyters_folders_are_found_and_python_means_their_own() {
    let folder = Folder::new()
        .file("in.ipynb", &of_kernel("mien", &[Code("import os\nprint(os.environ['QUI'])")]));
    let spec = json!({"argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                      "display_name": "Mien", "language": "python", "env": {"QUI": "le mien"}});
    for place in ["share/kernels/mien", "home/.local/share/jupyter/kernels/autre"] {
        fs::create_dir_all(folder.path(place)).expect("made");
        fs::write(folder.path(place).join("kernel.json"), spec.to_string()).expect("written");
    }
    let mut exec = folder.exec(&["in.ipynb", "out.ipynb"]);
    exec.env("JUPYTER_PATH", folder.path("share"));
    run(exec).status(0);
    assert_eq!(printed(code(&folder.json("out.ipynb"))[0]), "le mien\n");
    if cfg!(target_os = "linux") {
        folder.penny(&["in.ipynb", "out.ipynb", "-k", "autre"]).status(0);
    }
}

#[test]
fn a_computer_without_a_kernel_is_told_what_to_install() {
    let folder = Folder::with(&[Code("1")]);
    let bare = folder.path("bare");
    let made = Command::new(penny_testing::base_python())
        .args(["-m", "venv", "--without-pip"])
        .arg(&bare)
        .status();
    assert!(made.expect("Python is there").success());
    let mut exec = folder.exec(&["in.ipynb", "out.ipynb"]);
    exec.env("VIRTUAL_ENV", &bare);
    run(exec)
        .status(3)
        .says("cannot run notebooks: ipykernel is not installed in it; install it with `")
        .says("-m pip install ipykernel`");
    let mut exec = folder.exec(&["in.ipynb", "out.ipynb"]);
    exec.env("PATH", folder.path("nothing"));
    run(exec)
        .status(3)
        .says("there is no Python on this computer")
        .says("-m pip install ipykernel");
}

#[test]
fn a_notebook_that_names_no_kernel_runs_with_python() {
    let mut notebook: serde_json::Value =
        serde_json::from_slice(&of_kernel("x", &[Code("print('ran')")])).expect("JSON");
    notebook["metadata"] = json!({});
    let folder = Folder::new().file("in.ipynb", notebook.to_string().as_bytes());
    folder.penny(&["in.ipynb", "out.ipynb"]).status(0);
    notebook["metadata"] = json!({"language_info": {"name": "julia"}});
    let folder = Folder::new().file("in.ipynb", notebook.to_string().as_bytes());
    folder.penny(&["in.ipynb", "out.ipynb"]).status(2).says(
        "error: the notebook is written in julia and names no kernel\nhint: name one with -k",
    );
}
