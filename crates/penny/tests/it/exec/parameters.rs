//! Options that papermill spells in other ways, too, and those that Penny adds.

use super::Cell::{Code, Tagged};
use super::Folder;
use crate::executed::{code, printed, text};

#[track_caller]
fn prints(arguments: &[&str], expected: &str) {
    let cells = [Tagged("parameters", "a = 1"), Code("print(repr(a))")];
    let folder = Folder::with(&cells).file("p.yml", b"a: 12\n");
    let all = [&["in.ipynb", "out.ipynb"], arguments].concat();
    folder.penny(&all).status(0);
    let executed = folder.json("out.ipynb");
    assert_eq!(
        printed(code(&executed).last().expect("a cell")),
        format!("{expected}\n"),
        "{arguments:?}"
    );
}

#[test]
fn every_spelling_of_an_option_is_known() {
    for (arguments, expected) in [
        (&["--parameters", "a", "2"][..], "2"),
        (&["--parameters_raw", "a", "2"], "'2'"),
        (&["--parameters-raw", "a", "2"], "'2'"),
        (&["--parameters_yaml", "a: [1]", "--start_timeout", "60"], "[1]"),
        (
            &[
                "--parameters_file",
                "p.yml",
                "--start-timeout",
                "60",
                "--log-output",
                "--no-log-output",
            ],
            "12",
        ),
        (
            &["-p", "a", "--x", "--request-save-on-cell-execute", "--autosave-cell-every", "0"],
            "'--x'",
        ),
        (
            &[
                "--no-progress-bar",
                "--progress-bar",
                "--prepare-only",
                "--prepare-execute",
                "--engine",
                "nbclient",
            ],
            "1",
        ),
    ] {
        prints(arguments, expected);
    }
}

#[test]
fn a_json_file_is_read_as_json() {
    // To PyYAML 1e3 would be a text.
    let folder = Folder::with(&[Code("1")]).file("p.json", b"{\"x\":\t1e3}");
    folder.penny(&["in.ipynb", "out.ipynb", "--prepare-only", "-f", "p.json"]).status(0);
    assert_eq!(text(&folder.json("out.ipynb")["cells"][0]["source"]), "# Parameters\nx = 1e+3\n");
}
