//! Notebooks whose kernels run on a real Jupyter Kernel Gateway.

use std::fs;
use std::process::Stdio;

use penny_testing::gateway::{Gateway, Kind, TOKEN};
use serde_json::{Value, json};

use crate::executed::{code, output, printed, statuses};
use crate::support::{Workspace, wait_for};

/// What a notebook is told in penny.toml to run there, with the libraries of the tests' Python.
const THERE: &str = "executor = \"gateway\"\nkernel = \"books\"";

/// A gateway whose kernel `books` is the Python that notebooks use here.
fn gateway(workspace: &Workspace) -> Gateway {
    let folder = workspace.root().join("gateway");
    let kernel = folder.join("data/kernels/books");
    fs::create_dir_all(&kernel).expect("the folder can be made");
    let python = penny_testing::python().display().to_string();
    let argv = [python.as_str(), "-m", "ipykernel_launcher", "-f", "{connection_file}"];
    let spec = json!({"argv": argv, "display_name": "Books", "language": "python"});
    fs::write(kernel.join("kernel.json"), spec.to_string()).expect("written");
    Gateway::start(Kind::KernelGateway, &folder, &[])
}

/// Tells the workspace where the gateway is, and its token.
fn on(workspace: Workspace, gateway: &Gateway) -> Workspace {
    let address = format!("[execution]\ngateway_url = \"{}\"\n", gateway.url());
    workspace.config(&address).env(&format!("JUPYTER_GATEWAY_TOKEN={TOKEN}"))
}

/// What cells left behind, without what differs between any two runs.
fn outputs(notebook: &Value) -> Vec<Value> {
    let without_places = |output: &Value| {
        let mut output = output.clone();
        if let Some(output) = output.as_object_mut() {
            output.remove("traceback");
        }
        output
    };
    let of_cell = |cell: &&Value| -> Value {
        let outputs = cell["outputs"].as_array().expect("outputs");
        let outputs: Vec<Value> = outputs.iter().map(without_places).collect();
        json!({"count": cell["execution_count"], "outputs": outputs})
    };
    code(notebook).iter().map(of_cell).collect()
}

#[test]
fn a_notebook_on_a_gateway_gives_the_outputs_of_one_on_this_computer() {
    let cells = [
        "import os, sys\nprint('un')\nprint('deux', file=sys.stderr)\nos.path.basename(os.getcwd())",
        "import pandas as pd\ndf = pd.DataFrame({'compte': ['411', '707'], 'montant': [1.5, -1.5]})\ndf",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.show()",
        "import penny\npenny.__name__, 'PENNY_RUN' in os.environ, os.environ['POSTGRES_HOST']",
        "shown = display('avant', display_id=True)",
        "shown.update('après')",
        "for i in range(300): print(i, flush=True)",
        "raise ValueError('montant inconnu')",
    ];
    let workspace = Workspace::without_server();
    let server = gateway(&workspace);
    let workspace = on(workspace, &server)
        .notebook("ici", &cells[..5])
        .notebook("erreur", &cells)
        .notebook("ailleurs", &cells[..5])
        .config(THERE)
        .notebook("autre", &cells)
        .config(THERE)
        .notebook("jeton", &["import os\nos.environ.get('JUPYTER_GATEWAY_TOKEN', 'aucun')"])
        .config(THERE);
    let ended = workspace.run(&["run", "--json"]).status(1);
    let summary: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let told = |name: &str| {
        let all = summary["notebooks"].as_array().expect("notebooks");
        let line = all.iter().find(|line| line["name"] == name).expect("its line");
        [&line["outcome"], &line["kernel_start"], &line["kernel_start_reason"]]
            .map(|v| v.as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(told("ailleurs"), ["succeeded", "gateway", &format!("on {}", server.url())]);
    assert_eq!(told("autre")[0], "failed");
    for (here, there) in [("ici", "ailleurs"), ("erreur", "autre")] {
        let (here, there) = (output(&workspace, here), output(&workspace, there));
        assert_eq!(statuses(&here), statuses(&there));
        assert_eq!(here["metadata"]["language_info"], there["metadata"]["language_info"]);
        for (here, there) in outputs(&here).into_iter().zip(outputs(&there)) {
            assert_eq!(here, there);
        }
    }
    // A notebook there has no use for what opens the gateway to others.
    let notebook = output(&workspace, "jeton");
    assert_eq!(code(&notebook)[0]["outputs"][0]["data"]["text/plain"], json!(["'aucun'"]));
    assert_eq!(server.kernels(), 0, "kernels are left on the gateway");
    assert!(!server.log().contains(TOKEN), "the token is in the gateway's log");
}

#[test]
fn a_notebook_on_a_gateway_publishes_its_table() {
    let workspace = Workspace::new();
    let server = gateway(&workspace);
    let cell = "import pandas as pd, penny\n\
                penny.publish(pd.DataFrame({'montant': [1.5, 2.5]}), 'essai')";
    let workspace = on(workspace, &server).notebook("essai", &[cell]).config(THERE);
    workspace.run(&["run"]).status(0).says("1 succeeded");
    let rows = workspace.query("select sum(montant) from pennylane.essai");
    assert_eq!(rows, json!([[4.0]]));
}

#[test]
fn a_gateway_that_cannot_be_used_fails_its_notebooks_alone_and_says_why() {
    let workspace = Workspace::without_server();
    let server = gateway(&workspace);
    let workspace = on(workspace, &server)
        .notebook("ailleurs", &["1"])
        .config("executor = \"gateway\"\nkernel = \"julia\"")
        .notebook("ici", &["1"]);
    let has_no = "has no kernel `julia`; it has `books`, `python3`";
    workspace.run(&["run"]).status(1).says(has_no).says("1 succeeded");
    let workspace = workspace.env("JUPYTER_GATEWAY_TOKEN=faux");
    let refused = workspace.run(&["run"]).status(1);
    refused.says("refuses the token (HTTP 401)").says("JUPYTER_GATEWAY_TOKEN").says("1 succeeded");
    drop(server);
    workspace.run(&["run"]).status(1).says("cannot be reached").says("1 succeeded");
}

#[test]
fn a_kernel_that_dies_on_the_gateway_ends_its_run_and_no_other() {
    let workspace = Workspace::without_server();
    let server = gateway(&workspace);
    let workspace = on(workspace, &server)
        .notebook("meurt", &["print('avant')", "import os; os._exit(9)", "print('jamais')"])
        .config(THERE)
        .notebook("vit", &["print('vivant')"])
        .config(THERE);
    let ended = workspace.run(&["run"]).status(1);
    ended.says("the gateway started another in its place").says("1 succeeded");
    let notebook = output(&workspace, "meurt");
    assert_eq!(printed(code(&notebook)[0]), "avant\n");
    assert_eq!(printed(code(&output(&workspace, "vit"))[0]), "vivant\n");
}

#[test]
fn output_that_the_gateway_throws_away_fails_the_run() {
    let workspace = Workspace::without_server();
    let folder = workspace.root().join("gateway");
    let limit = ["--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=100000"];
    let server = Gateway::start(Kind::KernelGateway, &folder, &limit);
    let flood = "for i in range(400): print(str(i) * 500, flush=True)";
    let workspace =
        on(workspace, &server).notebook("bavard", &[flood]).config("executor = \"gateway\"");
    let ended = workspace.run(&["run"]).status(1);
    ended.says("of this cell's output were lost on their way from the kernel");
}

#[cfg(unix)]
#[test]
fn a_kernel_left_on_the_gateway_by_a_killed_sync_is_ended_by_the_next() {
    let workspace = Workspace::without_server();
    let server = gateway(&workspace);
    let here = workspace.root().join("here");
    let cell = format!(
        "import pathlib, time\npathlib.Path({:?}).touch()\ntime.sleep(600)",
        here.display().to_string()
    );
    let workspace = on(workspace, &server)
        .notebook("long", &[&cell])
        .config(THERE)
        .notebook("court", &["1"])
        .config(THERE);
    let silent = || Stdio::null();
    let mut penny =
        workspace.command(&["run", "long"]).stdout(silent()).stderr(silent()).spawn().unwrap();
    wait_for("the cell runs", || here.exists());
    penny.kill().unwrap();
    penny.wait().unwrap();
    assert_eq!(server.kernels(), 1);
    workspace.run(&["run", "court"]).status(0);
    assert_eq!(server.kernels(), 0, "the kernel of the killed sync is still there");
    let notes = fs::read_dir(workspace.root().join(".penny/kernels/gateway")).unwrap();
    assert_eq!(notes.count(), 0);
}

#[test]
fn a_notebook_that_takes_too_long_on_the_gateway_is_interrupted_and_its_kernel_ended() {
    let workspace = Workspace::without_server();
    let server = gateway(&workspace);
    let stubborn =
        "import time\nwhile True:\n    try: time.sleep(600)\n    except KeyboardInterrupt: pass";
    let workspace = on(workspace, &server)
        .notebook("lent", &["import time\ntime.sleep(600)"])
        .config(&format!("{THERE}\ntimeout = \"2s\""))
        .notebook("sourd", &[stubborn])
        .config(&format!("{THERE}\ntimeout = \"2s\""));
    let ended = workspace.run(&["run", "--json"]).status(1);
    let summary: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    for line in summary["notebooks"].as_array().expect("notebooks") {
        assert_eq!(line["outcome"], "timed out", "{line}");
    }
    assert_eq!(server.kernels(), 0, "kernels are left on the gateway");
}
