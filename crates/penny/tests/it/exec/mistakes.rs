//! Whatever a user gets wrong ends in a sentence, before anything runs.

use super::Cell::Code;
use super::{Folder, run};

#[track_caller]
fn check(arguments: &[&str], status: i32, sentences: &[&str]) {
    let folder = Folder::with(&[Code("print('ran')")])
        .file("not_json.ipynb", b"{\n \"cells\": [,]\n}")
        .file("empty.ipynb", b"")
        .file("bad.yaml", b"a: 1\nb: [1,\n")
        .file("list.yaml", b"- 1\n")
        .file("folder/x.txt", b"")
        .file("notes.txt", b"a text");
    let before = folder.names();
    let mut ended = folder.penny(arguments).status(status);
    for sentence in sentences {
        ended = ended.says(sentence);
    }
    assert_eq!(folder.names(), before, "{arguments:?} left something behind");
}

#[test]
fn a_missing_or_wrong_input_is_told() {
    check(
        &[],
        2,
        &[
            "error: INPUT is missing: which notebook should be executed?",
            "hint: penny exec INPUT.ipynb",
        ],
    );
    check(
        &["inn.ipynb", "out.ipynb"],
        2,
        &["error: there is no file inn.ipynb\nhint: did you mean `in.ipynb`?"],
    );
    check(&["folder", "out.ipynb"], 2, &["error: folder is a folder, not a file"]);
    check(
        &["notes.txt", "out.ipynb"],
        2,
        &["error: notes.txt: this is not a notebook's JSON (line 1, column 1"],
    );
    check(
        &["not_json.ipynb", "out.ipynb"],
        2,
        &["error: not_json.ipynb: this is not a notebook's JSON (line 2"],
    );
    check(
        &["empty.ipynb", "out.ipynb"],
        2,
        &["error: empty.ipynb: this is not a Jupyter notebook: it is empty"],
    );
    check(
        &["-", "out.ipynb"],
        2,
        &["error: standard input: this is not a Jupyter notebook: it is empty"],
    );
    check(
        &["s3://b/in.ipynb", "out.ipynb"],
        2,
        &["Penny reads and writes files, not s3://", "`aws s3 cp`"],
    );
    check(
        &["https://github.com/a/b/blob/main/c.ipynb", "out.ipynb"],
        2,
        &[
            "is a page of GitHub's, not the file",
            "https://raw.githubusercontent.com/a/b/main/c.ipynb",
        ],
    );
    check(
        &["http://127.0.0.1:1/a.ipynb", "out.ipynb"],
        3,
        &["error: http://127.0.0.1:1/a.ipynb cannot be reached: "],
    );
}

#[test]
fn a_wrong_output_is_told_before_anything_runs() {
    check(
        &["in.ipynb", "folder"],
        2,
        &["error: OUTPUT folder is a folder\nhint: name the file in it: folder/in.ipynb"],
    );
    check(&["in.ipynb", "new/"], 2, &["error: OUTPUT new/ is a folder"]);
    check(
        &["in.ipynb", "notes.txt/out.ipynb"],
        3,
        &[
            "error: the output notebook ",
            "notes.txt/out.ipynb could not be saved: ",
            "; nothing was run\nhint: name another OUTPUT",
        ],
    );
    check(&["in.ipynb", "gs://b/out.ipynb"], 2, &["`gcloud storage cp`"]);
    check(
        &["in.ipynb", "https://x.org/out.ipynb"],
        2,
        &["Penny writes to files, not to the web", "curl -T"],
    );
    check(&["in.ipynb", "-", "--json"], 2, &["OUTPUT and --json would all go to standard output"]);
    check(
        &["in.ipynb", "out_{mois}.ipynb"],
        2,
        &["needs a parameter `mois`, which was not given\nhint: give it with `-p"],
    );
    check(
        &["in.ipynb", "out.ipynb", "--cwd", "nowhere"],
        2,
        &["there is no folder nowhere to run the notebook in"],
    );
    check(
        &["in.ipynb", "out.ipynb", "--stdout-file", "notes.txt/log"],
        3,
        &["cannot write", "notes.txt/log"],
    );
}

#[test]
fn wrong_parameters_are_told() {
    let usual = |more: &[&'static str]| [&["in.ipynb", "out.ipynb"], more].concat();
    check(&usual(&["-p", "a"]), 2, &["2 values required for '--parameters <NAME> <VALUE>'"]);
    check(&usual(&["-y", "{a: ["]), 2, &["error: what was given with -y is not YAML: line "]);
    check(
        &usual(&["-y", "douze"]),
        2,
        &["the YAML given with -y is a text and not parameters with their names"],
    );
    check(&usual(&["-f", "bad.yaml"]), 2, &["error: bad.yaml:3:1: this is not YAML: "]);
    check(
        &usual(&["-f", "list.yaml"]),
        2,
        &["error: list.yaml is a list and not parameters", "hint: write `name: value`"],
    );
    check(&usual(&["-f", "none.yaml"]), 2, &["error: there is no file none.yaml"]);
    check(&usual(&["-b", "???"]), 2, &["error: what was given with -b is not base64"]);
    check(
        &usual(&["-p", "a b", "1"]),
        2,
        &["parameter `a b` has a name that no variable can have"],
    );
    check(
        &["-", "out.ipynb", "-f", "-"],
        2,
        &["standard input is read once, and -f and INPUT both ask for it"],
    );
    check(&usual(&["--engine", "other"]), 2, &["there is no engine `other`", "--engine nbclient"]);
    check(&usual(&["--log-level", "LOUD"]), 2, &["invalid value 'LOUD' for '--log-level <LEVEL>'"]);
}

#[test]
fn a_kernel_that_is_not_there_is_told() {
    check(
        &["in.ipynb", "out.ipynb", "-k", "pyton3"],
        3,
        &[
            "there is no kernel named `pyton3`; did you mean `python3`?",
            "hint: install that kernel, or choose another with -k",
        ],
    );
    check(
        &["in.ipynb", "out.ipynb", "-k", "penny"],
        3,
        &["`penny` is a workspace's Python: run this in the workspace (or with --workspace)"],
    );
}

#[test]
fn a_slip_in_a_parameters_name_is_warned_of() {
    let cells = [super::Cell::Tagged("parameters", "taux = 1"), Code("print(taux)")];
    let folder = Folder::with(&cells);
    folder
        .penny(&["in.ipynb", "out.ipynb", "-p", "tauz", "2"])
        .status(0)
        .says("warning: the notebook's parameters cell does not set `tauz`; did you mean `taux`?");
    folder.penny(&["in.ipynb", "out.ipynb", "-p", "taux", "2"]).status(0).never_says("warning");
    folder
        .penny(&["in.ipynb", "out.ipynb", "-p", "tauz", "2", "--log-level", "ERROR"])
        .status(0)
        .never_says("warning");
}

#[test]
fn a_notebook_whose_place_is_gone_at_the_end_is_put_elsewhere_and_said_so() {
    let folder = Folder::with(&[Code(
        "import shutil\nshutil.rmtree('d')\nopen('d', 'w').close()\nprint('fait')",
    )])
    .file("tmp/x.txt", b"");
    let mut exec = folder.exec(&["in.ipynb", "d/out.ipynb", "--json"]);
    exec.env("TMPDIR", folder.path("tmp"));
    let ended =
        run(exec).status(3).says("d/out.ipynb could not be saved: ").says("it was saved as ");
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(report["outcome"], "succeeded");
    let place = report["output"].as_str().expect("a path");
    assert!(std::path::Path::new(place).starts_with(folder.path("tmp")), "{place}");
    assert!(std::fs::read_to_string(place).expect("it is there").contains("fait"));
}

/// A shell is needed to limit what a process may write.
#[test]
fn a_disk_that_fills_up_while_it_runs_is_told_and_no_half_a_notebook_is_left() {
    let folder = Folder::with(&[Code("print('x' * 3_000_000)")]);
    let exec = folder.exec(&["in.ipynb", "out.ipynb"]);
    // The first save fits, the last does not.
    let script = "trap '' XFSZ; ulimit -f 1500; exec \"$@\"";
    let mut limited = folder.program(std::path::Path::new("bash"));
    limited.args(["-c", script, "bash"]).arg(exec.get_program()).args(exec.get_args());
    let ended = run(limited).status(3).says("out.ipynb could not be saved: ");
    assert!(
        ended.stderr.contains("the file there is an earlier state, and what came after it is lost"),
        "{}",
        ended.stderr
    );
    assert_eq!(folder.json("out.ipynb")["cells"][0]["outputs"], serde_json::json!([]));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    if let Ok(full) = full {
        let mut exec = folder.exec(&["in.ipynb", "-"]);
        let child =
            exec.stdout(full).stderr(std::process::Stdio::piped()).spawn().expect("it starts");
        crate::support::end(child).status(3).says(
            "error: the notebook could not be written to standard output: No space left on device",
        );
    }
}
