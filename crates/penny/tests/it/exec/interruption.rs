//! Ctrl-C in the middle of a cell.

use std::process::{Command, Stdio};

use super::Cell::Code;
use super::Folder;
use crate::executed::{code, printed, raised, statuses};
use crate::support::{end, wait_for};

#[test]
fn an_interrupted_notebook_is_saved_as_far_as_it_came() {
    let begun = "open('begun', 'w').close()\nimport time\ntime.sleep(600)";
    let folder = Folder::with(&[Code("print('avant')"), Code(begun), Code("print('jamais')")]);
    let mut exec = folder.exec(&["in.ipynb", "out.ipynb"]);
    let child = exec.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    wait_for("the second cell runs", || folder.path("begun").exists());
    let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(told.success());
    let ended = end(child).status(130);
    ended.says("stopping: the cell is interrupted").says(
        "error: notebook `in.ipynb` was stopped in cell 2\n  3 │ time.sleep(600)\nsaved: out.ipynb",
    );
    let executed = folder.json("out.ipynb");
    assert_eq!(statuses(&executed), ["completed", "failed", "pending"]);
    assert_eq!(printed(code(&executed)[0]), "avant\n");
    assert_eq!(raised(code(&executed)[1]), ["KeyboardInterrupt"]);
}
