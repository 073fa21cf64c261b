//! penny.toml, checked as a whole.

use std::fs;

use crate::support::{Workspace, notebook};

/// What `penny run` says of this penny.toml, with `DIR` for the workspace's folder.
#[track_caller]
fn check(workspace: &Workspace, config: impl AsRef<[u8]>, expected: &str) {
    fs::write(workspace.root().join("penny.toml"), config).expect("written");
    let refused = workspace.run(&["run"]).status(2);
    let said = refused.stderr.replace(&workspace.root().display().to_string(), "DIR");
    assert_eq!(said.trim_end(), expected.trim());
    assert_eq!(refused.stdout, "");
}

#[test]
fn everything_wrong_is_told_at_once_with_its_line_and_column() {
    let workspace = Workspace::new();
    fs::write(workspace.root().join("notebooks/Import_clients.ipynb"), notebook(&["1"]))
        .expect("written");
    let config = r#"colour = "red"

[schedule]
evry = "2h"
daily_at = ["08:00", "25:00"]
timezone = "Europe/Pari"

[limits]
timeout = "0s"
output_mb_per_cell = "20"

[python]
interpreter = "python3"

[pennylane]
sandbox = "yes"

[[notebook]]
name = "clients"
file = "notebooks/Import_client.ipynb"
timeout = 30

[[notebook]]
name = "Clients"
file = "notebooks/Import_suppliers.ipynb"
parameters = 3

[[notebook]]
name = "a/b"
fille = "notebooks/a.ipynb"
"#;
    check(
        &workspace,
        config,
        r#"
error: DIR/penny.toml:1:1: unknown key `colour` at the top
  1 │ colour = "red"
  hint: known here: schedule, retry, execution, python, pennylane, limits, notebook, alert, web, retention
error: DIR/penny.toml:4:1: unknown key `evry` in [schedule]
  4 │ evry = "2h"
  hint: did you mean `every`?
error: DIR/penny.toml:5:12: `daily_at`: `25:00` is not a time of day: write hours and minutes, such as `08:00` or `13:30`
  5 │ daily_at = ["08:00", "25:00"]
error: DIR/penny.toml:6:12: `timezone`: `Europe/Pari` is not a time zone: did you mean `Europe/Paris`?
  6 │ timezone = "Europe/Pari"
error: DIR/penny.toml:9:11: `timeout` should be longer than nothing: the shortest is `1s`
  9 │ timeout = "0s"
error: DIR/penny.toml:10:22: `output_mb_per_cell` in [limits] should be a whole number from 1 to 1000, and is a text
  10 │ output_mb_per_cell = "20"
error: DIR/penny.toml:13:15: `interpreter`: there is no file python3
  13 │ interpreter = "python3"
  hint: write its path, from the root of the disk or from the folder of penny.toml
error: DIR/penny.toml:16:11: `sandbox` in [pennylane] should be true or false, and is a text
  16 │ sandbox = "yes"
error: DIR/penny.toml:20:8: notebook `clients`: there is no file notebooks/Import_client.ipynb
  20 │ file = "notebooks/Import_client.ipynb"
  hint: was it renamed? the folder has Import_clients.ipynb: write that name in penny.toml
error: DIR/penny.toml:21:11: `timeout` in [[notebook]] should be a length of time in quotes, such as "30m" or "2h", and is a whole number
  21 │ timeout = 30
error: DIR/penny.toml:24:8: two notebooks are called `Clients` (the first on line 19)
  24 │ name = "Clients"
  hint: give one of them another name
error: DIR/penny.toml:25:8: notebook `Clients`: there is no file notebooks/Import_suppliers.ipynb
  25 │ file = "notebooks/Import_suppliers.ipynb"
  hint: put the notebook back, or remove its section from penny.toml
error: DIR/penny.toml:26:14: `parameters` in [[notebook]] should be a table, as in { date_debut = "2026-01-01" }, and is a whole number
  26 │ parameters = 3
error: DIR/penny.toml:28:1: [[notebook]] has no `file`
  28 │ [[notebook]]
  hint: add a line `file = "…"`
error: DIR/penny.toml:30:1: unknown key `fille` in [[notebook]]
  30 │ fille = "notebooks/a.ipynb"
  hint: did you mean `file`?
"#,
    );
    assert!(!workspace.root().join(".penny").exists(), "nothing was begun");
}

#[test]
fn each_mistake_has_its_sentence() {
    let workspace = Workspace::new().notebook("a", &["1"]);
    let toml =
        |line: &str| format!("{line}\n[[notebook]]\nname = \"a\"\nfile = \"notebooks/a.ipynb\"\n");
    for (config, expected) in [
        (
            toml("[schedule]\nevery = \"2h\"\ndaily_at = [\"08:00\"]"),
            "error: DIR/penny.toml:3:12: [schedule] has both `every` and `daily_at`\n  \
             3 │ daily_at = [\"08:00\"]\n  hint: keep one of them",
        ),
        (
            toml("[schedule]\nevery = \"2 weeks\""),
            "error: DIR/penny.toml:2:9: `every`: `2 weeks` is not a length of time: write a number and a unit, \
             such as `30m`, `2h`, `1h30m` or `1d`\n  2 │ every = \"2 weeks\"",
        ),
        (
            toml("[schedule]\nevery = \"30s\""),
            "error: DIR/penny.toml:2:9: `every`: `30s` is too short for a schedule: the shortest interval is one \
             minute, `1m`\n  2 │ every = \"30s\"",
        ),
        (
            toml("[schedule]\nevery = 2"),
            "error: DIR/penny.toml:2:9: `every` in [schedule] should be a length of time in quotes, such as \"30m\" \
             or \"2h\", and is a whole number\n  2 │ every = 2",
        ),
        (
            toml("[schedule]\ndaily_at = [\"08:00\", 13]"),
            "error: DIR/penny.toml:2:22: `daily_at` should list texts, each in quotes\n  \
             2 │ daily_at = [\"08:00\", 13]",
        ),
        (
            toml("") + "after = \"ventes\"",
            "error: DIR/penny.toml:5:9: `after` in [[notebook]] should be a list of texts, as in \
             [\"ventes\"], and is a text\n  5 │ after = \"ventes\"",
        ),
        (
            toml("schedule = \"2h\""),
            "error: DIR/penny.toml:1:12: `schedule` should be a section: write [schedule]\n  1 │ schedule = \"2h\"",
        ),
        (
            "[notebook]\nname = \"a\"\n".to_owned(),
            "error: DIR/penny.toml:1:1: `notebook` is not a list\n  1 │ [notebook]\n  \
             hint: write each notebook under a line [[notebook]], with two brackets",
        ),
        (
            "[[notebook]\nname = \"a\"\n".to_owned(),
            "error: DIR/penny.toml:1:12: unclosed array table, expected `]`\n  1 │ [[notebook]\n  hint: a section \
             begins with its name in brackets, as in [schedule]; a notebook with [[notebook]]",
        ),
        (
            "[[notebook]]\nname = \"a\n".to_owned(),
            "error: DIR/penny.toml:2:10: invalid basic string, expected `\"`\n  2 │ name = \"a\n  \
             hint: a text is in quotes, as in name = \"customers\", and ends on its own line",
        ),
        (
            String::new(),
            "error: penny.toml lists no notebook to run\n\
             hint: add a [[notebook]] section with a `name` and a `file` to it",
        ),
    ] {
        check(&workspace, config, expected);
    }
}

#[test]
fn every_encoding_is_read_or_named() {
    let workspace = Workspace::new().notebook("a", &["1"]);
    // Notepad writes a byte order mark and carriage returns: both are as good as none.
    check(
        &workspace,
        "\u{feff}[schedule]\r\nevery = \"2x\"\r\n",
        "error: DIR/penny.toml:2:9: `every`: `2x` is not a length of time: write a number and a unit, such as `30m`, \
         `2h`, `1h30m` or `1d`\n  2 │ every = \"2x\"",
    );
    check(
        &workspace,
        b"# Soci\xc3\xa9t\xc3\xa9\n[schedule]\n# d'\xe9t\xe9\n",
        "error: DIR/penny.toml:3: the file is not UTF-8\nhint: save it as UTF-8 in your editor",
    );
    let windows = "\u{feff}[[notebook]]\r\nname = \"a\"\r\nfile = \"notebooks/a.ipynb\"\r\n";
    fs::write(workspace.root().join("penny.toml"), windows).expect("written");
    workspace.run(&["db", "status"]).status(0);
    fs::write(
        workspace.root().join("penny.toml"),
        "[[notebook]]\nname = 'a'\nfile = \"C:\\Users\\a.ipynb\"\n",
    )
    .expect("written");
    workspace
        .run(&["run"])
        .status(2)
        .says("penny.toml:3:")
        .says("hint: in a path, write / in place of \\");
}

#[test]
fn a_section_more_or_less_is_all_that_a_notebook_takes() {
    let workspace = Workspace::new().notebook("first", &["print('one')"]);
    let before = fs::read(workspace.root().join("penny.toml")).expect("read");
    let workspace = workspace.notebook("second", &["print('two')"]);
    workspace.run(&["run"]).status(0).says("2 succeeded");
    fs::write(workspace.root().join("penny.toml"), before).expect("written");
    workspace.run(&["run"]).status(0).says("1 succeeded").never_says("second");
    assert_eq!((workspace.outputs("first").len(), workspace.outputs("second").len()), (2, 1));
    workspace.no_process_is_left();
}

#[test]
fn how_notebooks_are_executed_is_checked_as_a_whole() {
    let workspace =
        Workspace::new().notebook("a", &["1"]).notebook("b", &["1"]).notebook("c", &["1"]);
    let config = r#"[execution]
parallel = 0
start = "forc"
gateway_url = "jupyter.example.com"

[limits]
memory = "2"

[[notebook]]
name = "a"
file = "notebooks/a.ipynb"
after = ["b", "suppliers"]

[[notebook]]
name = "b"
file = "notebooks/b.ipynb"
after = ["c"]

[[notebook]]
name = "c"
file = "notebooks/c.ipynb"
after = ["a", "c"]
cell_timeout = "soon"
"#;
    check(
        &workspace,
        config,
        r#"
error: DIR/penny.toml:2:12: `parallel` in [execution] is 0: write a whole number from 1 to 64
  2 │ parallel = 0
error: DIR/penny.toml:3:9: `start` in [execution] is "forc": write "fork" or "spawn"
  3 │ start = "forc"
error: DIR/penny.toml:4:15: `gateway_url`: jupyter.example.com is no web address
  4 │ gateway_url = "jupyter.example.com"
  hint: write the address of the Jupyter server, as in "https://jupyter.example.com"
error: DIR/penny.toml:7:10: `memory`: `2` is not a size: write one such as "500 MB" or "2 GB"
  7 │ memory = "2"
error: DIR/penny.toml:12:9: `a` comes after `suppliers`, but penny.toml lists no such notebook
  12 │ after = ["b", "suppliers"]
error: DIR/penny.toml:12:9: these notebooks wait for each other: `a` after `b` after `c` after `a`
  12 │ after = ["b", "suppliers"]
  hint: take one of the names out of `after`
error: DIR/penny.toml:22:9: `c` comes after itself
  22 │ after = ["a", "c"]
  hint: take its own name out of `after`
error: DIR/penny.toml:23:16: `cell_timeout`: `soon` is not a length of time: write a number and a unit, such as `30m`, `2h`, `1h30m` or `1d`
  23 │ cell_timeout = "soon"
"#,
    );
    let config = r#"[[notebook]]
name = "a"
file = "notebooks/a.ipynb"
executor = "gateway"
"#;
    check(
        &workspace,
        config,
        r#"
error: DIR/penny.toml:4:12: `executor` is "gateway", but penny.toml names no gateway
  4 │ executor = "gateway"
  hint: add its address to [execution]: gateway_url = "https://…"
"#,
    );
}
