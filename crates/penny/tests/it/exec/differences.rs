//! The same notebooks with the same arguments, executed by papermill and by Penny: the executed notebooks
//! are the same, but for what docs/papermill.md lists.

use serde_json::{Value, json};

use super::Cell::{Code, Tagged, Text};
use super::{Cell, Folder, of_kernel};
use crate::executed::text;

/// The executed notebook without what differs from one execution to the next: times are `time`, and ids
/// that the input did not have are gone.
fn comparable(mut notebook: Value) -> Value {
    let papermill =
        notebook["metadata"]["papermill"].as_object_mut().expect("papermill's metadata");
    papermill.remove("version");
    without_times(papermill);
    for cell in notebook["cells"].as_array_mut().expect("cells") {
        let cell = cell.as_object_mut().expect("a cell");
        if !cell
            .get("id")
            .is_some_and(|id| id.as_str().is_some_and(|id| id.starts_with('c') && id.len() < 4))
        {
            cell.remove("id");
        }
        let source = text(&cell["source"]);
        cell.insert("source".to_owned(), json!(source));
        let metadata = cell["metadata"].as_object_mut().expect("metadata");
        for (key, mark) in
            metadata.iter_mut().filter(|(key, _)| matches!(key.as_str(), "papermill" | "execution"))
        {
            let mark = mark.as_object_mut().expect("an object");
            match key.as_str() {
                "papermill" => without_times(mark),
                _ => mark.values_mut().for_each(|time| *time = json!("time")),
            }
        }
        if let Some(outputs) = cell.get_mut("outputs").and_then(Value::as_array_mut) {
            *outputs = joined(std::mem::take(outputs));
        }
    }
    notebook
}

/// The outputs with texts of one stream that follow each other as one: papermill keeps each message.
fn joined(outputs: Vec<Value>) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for mut output in outputs {
        if output["output_type"] == "stream" {
            let more = text(&output["text"]);
            output["text"] = json!(more);
            if let Some(last) = all.last_mut().filter(|last| last["name"] == output["name"]) {
                last["text"] = json!(text(&last["text"]) + &more);
                continue;
            }
        }
        all.push(output);
    }
    all
}

fn without_times(mark: &mut serde_json::Map<String, Value>) {
    for key in ["start_time", "end_time", "duration"] {
        if let Some(value) = mark.get_mut(key)
            && !value.is_null()
        {
            *value = json!("time");
        }
    }
}

/// Executes `in.ipynb` with both, and compares status and notebooks; gives Penny's.
#[track_caller]
fn check(make: impl Fn() -> Folder, arguments: &[&str], output: &str) -> Value {
    let (theirs, ours) = (make(), make());
    let papermill = theirs.papermill(arguments);
    let penny = ours.penny(arguments);
    assert_eq!(
        papermill.status, penny.status,
        "{arguments:?}\npapermill: {}\npenny: {}",
        papermill.stderr, penny.stderr
    );
    let notebook = ours.json(output);
    let (expected, found) = (comparable(theirs.json(output)), comparable(notebook.clone()));
    let mut places = Vec::new();
    differing(&expected, &found, "", &mut places);
    assert!(places.is_empty(), "{arguments:?}: papermill | penny\n{}", places.join("\n"));
    notebook
}

/// Where two values differ, with both.
fn differing(one: &Value, other: &Value, place: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let mut keys: Vec<&String> = one.keys().chain(other.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let (a, b) = (one.get(key), other.get(key));
                match (a, b) {
                    (Some(a), Some(b)) => differing(a, b, &format!("{place}/{key}"), found),
                    _ => found.push(format!("{place}/{key}: {a:?} | {b:?}")),
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (a, b)) in one.iter().zip(other).enumerate() {
                differing(a, b, &format!("{place}/{index}"), found);
            }
        }
        (one, other) if one != other => found.push(format!("{place}: {one} | {other}")),
        _ => {}
    }
}

const USUAL: &[&str] = &["in.ipynb", "out.ipynb"];

fn usual_with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    USUAL.iter().copied().chain(more.iter().copied()).collect()
}

#[test]
fn outputs_of_every_kind_are_the_same() {
    let cells = [
        Text("# Rapport\n\nÉté"),
        Code(
            "import sys\nprint('un')\nprint('deux')\nprint('erreur', file=sys.stderr)\nprint('trois')",
        ),
        Code("6 * 7"),
        Code(""),
        Code(
            "from IPython.display import display, HTML, JSON, Markdown\ndisplay(HTML('<b>x</b>'), JSON({'a': 1}))",
        ),
        Code("h = display(Markdown('*avant*'), display_id='d')"),
        Code("h.update(Markdown('*après*'))"),
        Code(
            "from IPython.display import clear_output\nprint('effacé')\nclear_output()\nprint('reste')",
        ),
        Code("x = 1;\nx"),
        Code("x;"),
        Code("%%capture\nprint('pris')"),
        Code("In[2], _"),
        Text("Fin"),
    ];
    check(|| Folder::with(&cells), USUAL, "out.ipynb");
}

const PARAMETERS: &[Cell<'_>] = &[
    Text("# Titre"),
    Tagged("parameters", "alpha = 1\nbeta = 'b'  # un texte\n"),
    Code("print(repr(alpha), repr(beta))"),
];

#[test]
fn parameters_are_read_and_written_as_papermill_does() {
    let notebook = check(
        || Folder::with(PARAMETERS),
        &usual_with(&[
            "-p",
            "alpha",
            "-3",
            "-p",
            "beta",
            "l'\"x\"\\n",
            "-p",
            "c",
            "True",
            "-p",
            "d",
            "None",
            "-p",
            "e",
            "1.50",
            "-r",
            "f",
            "1",
            "-p",
            "g",
            "2026-01-31",
            "-p",
            "i",
            "1e3",
            "-p",
            "j",
            "1_000",
        ]),
        "out.ipynb",
    );
    let source = text(&notebook["cells"][2]["source"]);
    assert!(source.starts_with("# Parameters\nalpha = -3\n"), "{source}");
}

#[test]
fn accents_in_a_text_stay_readable_and_mean_the_same() {
    let (theirs, ours) = (Folder::with(PARAMETERS), Folder::with(PARAMETERS));
    let arguments = usual_with(&["-p", "beta", "l'été \u{1f9fe}"]);
    theirs.papermill(&arguments).status(0);
    ours.penny(&arguments).status(0);
    let (theirs, ours) = (theirs.json("out.ipynb"), ours.json("out.ipynb"));
    assert_eq!(ours["cells"][3]["outputs"], theirs["cells"][3]["outputs"]);
    assert_eq!(text(&ours["cells"][2]["source"]), "# Parameters\nbeta = \"l'été \u{1f9fe}\"\n");
}

#[test]
fn numbers_that_json_has_none_for_are_written_in_the_cell_as_papermill_does() {
    let (theirs, ours) = (Folder::with(PARAMETERS), Folder::with(PARAMETERS));
    let arguments =
        usual_with(&["-p", "alpha", "nan", "-y", "{a: .inf, b: [-.inf]}", "--prepare-only"]);
    theirs.papermill(&arguments).status(0);
    ours.penny(&arguments).status(0);
    // In the metadata papermill writes a NaN that is no JSON, and Penny a text.
    let theirs = theirs.text("out.ipynb").replace("NaN", "null").replace("Infinity", "0");
    let theirs: Value = serde_json::from_str(&theirs).expect("JSON");
    let ours = ours.json("out.ipynb");
    assert_eq!(text(&ours["cells"][2]["source"]), text(&theirs["cells"][2]["source"]));
    assert_eq!(
        ours["metadata"]["papermill"]["parameters"],
        json!({"a": "Infinity", "b": ["-Infinity"], "alpha": "NaN"})
    );
}

#[test]
fn of_a_name_that_is_given_twice_the_last_kind_decides() {
    let make = || {
        Folder::with(PARAMETERS)
            .file("p.yaml", b"alpha: 2\nbeta: f\nf: [1, a, {k: null}]\n")
            .file("p.json", br#"{"j": {"a": [1.5, "x"]}}"#)
    };
    // alpha: 7 and beta: x in base64, as YAML.
    check(
        make,
        &usual_with(&[
            "-r",
            "r",
            "007",
            "-p",
            "beta",
            "p",
            "-y",
            "{alpha: 3, y: 1}",
            "-f",
            "p.yaml",
            "-b",
            "YWxwaGE6IDcKYmV0YTogeApiNjQ6IDEK",
            "-y",
            "{y: 2}",
            "-f",
            "p.json",
            "-r",
            "beta",
            "5",
        ]),
        "out.ipynb",
    );
}

#[test]
fn yaml_means_what_it_means_to_pyyaml() {
    let yaml = "{day: 2026-01-31, at: 2026-01-31 10:00:00, y: yes, w: on, n: No, oct: 0777, min: 1:30, hex: 0x1F, bin: 0b11, \
                f: 1.5, e: 1e3, ep: 1.5e+3, under: 1_000, nul: ~, s: 'yes', q: \"1\", o8: 08, big: 123456789012345678901234567890}";
    check(|| Folder::with(PARAMETERS), &usual_with(&["-y", yaml]), "out.ipynb");
}

#[test]
fn parameters_without_a_cell_for_them_go_to_the_top() {
    check(|| Folder::with(&[Code("print(a)")]), &usual_with(&["-p", "a", "1"]), "out.ipynb");
}

#[test]
fn an_exception_leaves_the_same_marks() {
    let cells = [
        Code("print(1)"),
        Tagged("raises-exception", "raise ValueError('erlaubt')"),
        Text("## Suite"),
        Code("def f():\n    return 1 / 0\nf()"),
        Text("jamais"),
        Code("print('jamais')"),
    ];
    let notebook = check(|| Folder::with(&cells), USUAL, "out.ipynb");
    assert_eq!(notebook["metadata"]["papermill"]["exception"], true);
}

#[test]
fn a_cell_that_is_tagged_to_be_skipped_is_left_out() {
    let cells = [
        Code("print(1)"),
        Tagged("skip-execution", "raise ValueError('jamais')"),
        Text("Suite"),
        Tagged("skip-execution", "print('jamais')"),
        Code("print(2)"),
        Tagged("skip-execution", "print('jamais')"),
    ];
    let notebook = check(|| Folder::with(&cells), USUAL, "out.ipynb");
    assert_eq!(notebook["cells"][3]["outputs"], json!([]));
}

#[test]
fn a_notebook_that_only_is_prepared_is_the_same() {
    let arguments = usual_with(&["--prepare-only", "--report-mode", "-p", "alpha", "2"]);
    check(|| Folder::with(PARAMETERS), &arguments, "out.ipynb");
}

#[test]
fn report_mode_paths_folder_and_template_are_the_same() {
    let cells = [
        Tagged("parameters", "mois = ''"),
        Code(
            "import os\nprint(os.path.basename(os.getcwd()), PAPERMILL_INPUT_PATH, PAPERMILL_OUTPUT_PATH)",
        ),
    ];
    let make = || Folder::with(&cells).file("sub/x.txt", b"");
    let arguments = [
        "in.ipynb",
        "out_{mois}_{n:03d}.ipynb",
        "-p",
        "mois",
        "mai",
        "-p",
        "n",
        "7",
        "--report-mode",
        "--inject-paths",
        "--cwd",
        "sub",
        "--no-request-save-on-cell-execute",
    ];
    check(make, &arguments, "out_mai_007.ipynb");
}

#[test]
fn another_kernel_can_be_named_than_the_notebooks_own() {
    let make = || Folder::new().file("in.ipynb", &of_kernel("ailleurs", &[Code("print(1)")]));
    check(make, &usual_with(&["-k", "python3"]), "out.ipynb");
}

#[test]
fn a_notebook_in_another_language_is_the_same() {
    let cells = [
        Tagged("parameters", "nom=x\nn=1"),
        Code("echo \"$nom $n $vrai\"\necho erreur >&2"),
        Code("exit_status() { return 3; }; exit_status"),
    ];
    let spec = json!({"argv": ["python", "-m", "bash_kernel", "-f", "{connection_file}"],
                      "display_name": "Bash", "language": "bash", "env": {"PS1": "$"}});
    let make = || {
        Folder::new()
            .file("in.ipynb", &of_kernel("bash", &cells))
            .file("share/kernels/bash/kernel.json", spec.to_string().as_bytes())
    };
    let arguments =
        usual_with(&["-p", "nom", "l'an \"neuf\" $HOME", "-p", "n", "-2", "-p", "vrai", "True"]);
    let notebook = check(make, &arguments, "out.ipynb");
    // The mark of the failure stands above.
    assert_eq!(text(&notebook["cells"][2]["source"]).lines().next(), Some("# Parameters"));
}

#[test]
fn an_executed_notebook_can_be_executed_again_by_the_other() {
    let first = Folder::with(PARAMETERS);
    first.papermill(&["in.ipynb", "theirs.ipynb", "-p", "alpha", "[", "-p", "beta", "2"]).status(0);
    first.penny(&["in.ipynb", "ours.ipynb", "-p", "alpha", "[", "-p", "beta", "2"]).status(0);
    let failing = Folder::with(&[Code("1/0")]);
    failing.papermill(&["in.ipynb", "theirs.ipynb"]).status(1);
    failing.penny(&["in.ipynb", "ours.ipynb"]).status(1);
    for (folder, status) in [(&first, 0), (&failing, 1)] {
        folder.penny(&["theirs.ipynb", "a.ipynb", "-p", "alpha", "3"]).status(status);
        folder.papermill(&["ours.ipynb", "b.ipynb", "-p", "alpha", "3"]).status(status);
        let (mut a, mut b) =
            (comparable(folder.json("a.ipynb")), comparable(folder.json("b.ipynb")));
        for notebook in [&mut a, &mut b] {
            let mark = notebook["metadata"]["papermill"].as_object_mut().expect("an object");
            for path in ["input_path", "output_path"] {
                mark.remove(path);
            }
        }
        let mut places = Vec::new();
        differing(&b, &a, "", &mut places);
        assert!(places.is_empty(), "papermill | penny\n{}", places.join("\n"));
    }
}

#[test]
fn the_parameters_of_a_notebook_are_told_the_same_way() {
    let cells = [Tagged(
        "parameters",
        "a = 1  # le taux\nb: str = 'x'\nc = [1,\n     2]  # deux lignes\nd = None # type: float  le nom\nun_nom_tres_long: int = 100000 # aide\n",
    )];
    let folder = Folder::with(&cells);
    // papermill fills lines without a comment up with blanks.
    let told = |said: &str| {
        let (_, told) = said.split_once("\n\n").expect("two parts");
        told.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    };
    let theirs = folder.papermill(&["--help-notebook", "in.ipynb"]).status(0);
    let ours = folder.penny(&["--help-notebook", "in.ipynb"]).status(0);
    assert_eq!(told(&ours.stdout), told(&theirs.stdout));
    let folder = Folder::with(&[Code("1")]);
    let theirs = folder.papermill(&["--help-notebook", "in.ipynb"]).status(1);
    let ours = folder.penny(&["--help-notebook", "in.ipynb"]).status(1);
    assert_eq!(told(&ours.stdout), told(&theirs.stdout));
}
