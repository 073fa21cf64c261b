//! `penny kernel install`: the workspace's notebooks in the user's own Jupyter.

use std::process::Command;

use serde_json::{Value, json};

use super::{beside, text};
use crate::support::Workspace;

/// What a Jupyter client gets from the cells of `argv[1]`: each one's status and text.
const CLIENT: &str = "
import json, sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name='penny', startup_timeout=60)
try:
    answers = []
    for cell in json.loads(sys.argv[1]):
        said = []
        def keep(message):
            content = message['content']
            said.append(content.get('text') or content.get('evalue') or content.get('data', {}).get('text/html', ''))
        reply = client.execute_interactive(cell, timeout=100, output_hook=keep, allow_stdin=False)
        answers.append([reply['content']['status'], ''.join(said)])
    print(json.dumps(answers))
finally:
    client.stop_channels()
    manager.shutdown_kernel()
";

#[test]
fn a_notebook_in_jupyter_reads_the_variables_fetches_and_publishes_by_hand() {
    let workspace = Workspace::named("Société d'été").env("MINE='de l’été'");
    let data = beside(&workspace, "jupyter");
    let workspace = workspace.variable("JUPYTER_DATA_DIR", data.display().to_string());
    let installed =
        workspace.run(&["kernel", "install"]).status(0).says("The kernel `penny` is installed in");
    installed.says("choose the kernel « Penny (Société d'été) »");
    let cells = json!([
        "import os, sys, penny; print(os.environ['MINE'], os.getcwd(), '' in sys.path)",
        "df = penny.pennylane('customers'); print(len(df))",
        "penny.publish(df, 'customers')",
        "penny.pennylane('custmers')",
    ]);
    let mut client = Command::new(penny_testing::python());
    client.args(["-c", CLIENT, &cells.to_string()]).current_dir(workspace.root().join("notebooks"));
    client.env("HOME", beside(&workspace, "home")).env("JUPYTER_DATA_DIR", &data);
    // Whoever starts Jupyter knows neither Penny nor its variables.
    for name in ["PENNY_WORKSPACE", "PENNY_BIN", "PYTHONPATH", "MINE"] {
        client.env_remove(name);
    }
    let output = client.output().expect("Python starts");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let answers: Vec<(String, String)> =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"));

    let folder = workspace.root().join("notebooks");
    assert_eq!(answers[0], ("ok".to_owned(), format!("de l’été {} True\n", folder.display())));
    let rows: u64 = answers[1].1.trim().parse().unwrap_or_else(|_| panic!("{answers:?}"));
    assert!(rows > 10, "{answers:?}");
    assert_eq!(answers[2].0, "ok", "{answers:?}");
    assert_eq!(answers[3].0, "error", "{answers:?}");
    assert!(answers[3].1.contains("customers"), "{answers:?}");
    // What was started for it has ended, and what it published is there.
    workspace.no_process_is_left();
    workspace.run(&["db", "status"]).status(0).says("does not run");
    assert_eq!(workspace.query("SELECT count(*) FROM pennylane.customers"), json!([[rows]]));
}

#[test]
fn the_kernelspec_names_this_workspace_and_no_other_one_is_replaced_unasked() {
    let one = Workspace::named("one");
    let spec = beside(&one, "home/.local/share/jupyter/kernels/penny/kernel.json");
    one.run(&["kernel", "install"])
        .status(0)
        .says(&spec.parent().expect("a folder").display().to_string());
    let first = text(&spec);
    let installed: Value = serde_json::from_str(&first).expect("it is JSON");
    let module = one.root().join(".penny/lib");
    assert_eq!(
        installed,
        json!({
            "argv": [penny_testing::python(), module.join("penny/_jupyter.py"), "-f", "{connection_file}"],
            "display_name": "Penny (one)",
            "language": "python",
            "metadata": {"debugger": true},
            "env": {
                "PENNY_BIN": env!("CARGO_BIN_EXE_penny"),
                "PENNY_WORKSPACE": one.root(),
                "PYTHONPATH": module,
            },
        })
    );
    assert!(module.join("penny/_jupyter.py").is_file());
    // The same workspace under another spelling is the same.
    one.run(&["-w", "../one/notebooks/..", "kernel", "install"]).status(0);
    assert_eq!(text(&spec), first);

    let other =
        Workspace::named("other").variable("HOME", beside(&one, "home").display().to_string());
    let refused = other.run(&["kernel", "install"]).status(2);
    let sentence =
        format!("the kernel `penny` belongs to another workspace, {}", one.root().display());
    refused
        .says(&sentence)
        .says("hint: `--replace` takes it over, `--name` installs this one under another name");
    assert_eq!(text(&spec), first);
    other.run(&["kernel", "install", "--name", "Penny-2"]).status(0).says("kernels/penny-2");
    assert_eq!(text(&spec), first);
    other.run(&["kernel", "install", "--replace"]).status(0);
    assert!(text(&spec).contains(&other.root().display().to_string()));
    other
        .run(&["kernel", "install", "--name", "mon noyau"])
        .status(2)
        .says("`mon noyau` cannot name a kernel");
    let homeless = other.variable("HOME", "");
    homeless.run(&["kernel", "install"]).status(3).says("HOME is not set");
}
