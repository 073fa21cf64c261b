//! How notebooks are executed: forked or spawned, some at a time, one after another, within limits.

use serde_json::{Value, json};

use crate::executed::{code, output, printed, statuses, text};
use crate::support::Workspace;

/// Cells whose outputs tell how a kernel was made, if anything does.
const TELLING: &[&str] = &[
    "import sys, os, warnings, logging\nprint(__name__, len(sys.argv), os.path.basename(os.getcwd()))\n\
     print(sys.stdin.isatty(), sys.flags.dev_mode, sys.getswitchinterval())",
    "import pandas as pd\ndf = pd.DataFrame({'compte': ['411', '707'], 'montant': [1.5, -1.5]})\ndf",
    "display(df.describe())\nprint('français', file=sys.stderr)",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.title('Ventes')\nplt.show()",
    "warnings.warn('attention')\nlogging.getLogger().warning('journal')",
    "import subprocess\nprint(subprocess.run(['echo', 'enfant'], capture_output=True, text=True).stdout)",
    "import asyncio\nawait asyncio.sleep(0)\nprint(asyncio.get_running_loop().is_running())",
    "import threading\nt = threading.Thread(target=print, args=('fil',))\nt.start()\nt.join()",
    "from concurrent.futures import ThreadPoolExecutor\nlist(ThreadPoolExecutor(2).map(abs, [-1, 2]))",
    "import numpy as np\n(np.ones((300, 300)) @ np.ones((300, 300))).sum()",
    "%history -n 1-2",
    "_ = [n for n in dir() if n.startswith('p')]\n_",
    "os.environ['PENNY_RUN'] != '' and 'PENNY_WORKSPACE' in os.environ",
    "def echoue():\n    raise ValueError('montant inconnu')\nechoue()",
];

/// What cells left behind, without what differs between any two runs.
fn outputs(notebook: &Value) -> Vec<Value> {
    let plain = |text: String| match text.split_once("/ipykernel_") {
        Some((before, after)) => {
            let rest = after.split_once('/').map_or("", |(_, rest)| rest);
            format!("{}…{rest}", before.rsplit_once('/').map_or("", |(folder, _)| folder))
        }
        None => text,
    };
    code(notebook)
        .iter()
        .map(|cell| {
            let mut cell = json!({"count": cell["execution_count"], "outputs": cell["outputs"]});
            for output in cell["outputs"].as_array_mut().expect("outputs") {
                let key = if output["output_type"] == "error" { "traceback" } else { "text" };
                if let Some(lines) = output.get_mut(key) {
                    let whole = text(lines);
                    let lines_of = whole.lines().map(|line| plain(line.to_owned()));
                    *lines = lines_of.collect::<Vec<_>>().into();
                }
            }
            cell
        })
        .collect()
}

#[test]
fn a_forked_kernel_gives_the_same_outputs_as_a_spawned_one_and_the_record_tells_them_apart() {
    if !penny_kernel::Template::is_supported() {
        eprintln!("skipped: kernels cannot be forked on this system");
        return;
    }
    let random = "import random, numpy, penny\n(random.random(), numpy.random.rand())";
    let workspace = Workspace::without_server()
        .notebook("forked", TELLING)
        .config("start = \"fork\"")
        .notebook("spawned", TELLING)
        .config("start = \"spawn\"")
        .notebook("one", &[random])
        .notebook("other", &[random]);
    let ended = workspace.run(&["run", "--json"]).status(1);
    let summary: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let told = |name: &str| {
        let all = summary["notebooks"].as_array().expect("notebooks");
        let line = all.iter().find(|line| line["name"] == name).expect("its line");
        [&line["kernel_start"], &line["kernel_start_reason"]]
            .map(|v| v.as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(told("forked"), ["fork", "penny.toml says so"]);
    assert_eq!(told("spawned"), ["spawn", "penny.toml says so"]);
    assert_eq!(told("one"), ["fork", "its imports are shared with other notebooks"]);
    let (forked, spawned) = (output(&workspace, "forked"), output(&workspace, "spawned"));
    for (forked, spawned) in outputs(&forked).into_iter().zip(outputs(&spawned)) {
        assert_eq!(forked, spawned);
    }
    let random =
        |name| text(&code(&output(&workspace, name))[0]["outputs"][0]["data"]["text/plain"]);
    assert_ne!(random("one"), random("other"), "each kernel has random numbers of its own");
    let alone = workspace.run(&["run", "one", "--json"]).status(0);
    assert!(alone.stdout.contains("no other notebook of the sync shares its imports"));
    workspace.no_process_is_left();
}

/// Says that it is there, and waits until all are.
fn meets(name: &str, all: usize) -> String {
    format!(
        "import pathlib, time\npathlib.Path('{name}.here').touch()\nfor _ in range(1200):\n    \
         if len(list(pathlib.Path('.').glob('*.here'))) == {all}: break\n    time.sleep(0.05)\n\
         else: raise TimeoutError('the others did not come')"
    )
}

#[test]
fn as_many_notebooks_run_at_a_time_as_penny_toml_says() {
    let workspace = ["a", "b", "c", "d"].iter().fold(
        Workspace::without_server().config("[execution]\nparallel = 4\n"),
        |workspace, name| workspace.notebook(name, &[&meets(name, 4)]),
    );
    workspace.run(&["run"]).status(0).says("4 succeeded");

    let alone = "import os, time\nheld = os.open('held', os.O_CREAT | os.O_EXCL)\ntime.sleep(0.3)\n\
                 os.unlink('held')";
    let workspace = ["a", "b", "c"].iter().fold(
        Workspace::without_server().config("[execution]\nparallel = 1\n"),
        |workspace, name| workspace.notebook(name, &[alone]),
    );
    workspace.run(&["run"]).status(0).says("3 succeeded");
}

#[test]
fn a_notebook_comes_after_those_it_names_and_is_skipped_when_they_fail() {
    let workspace = Workspace::without_server()
        .config("[execution]\nparallel = 3\n")
        .notebook("rapport", &["import pathlib\npathlib.Path('ventes.done').read_text()"])
        .config("after = [\"ventes\"]")
        .notebook(
            "ventes",
            &["import pathlib, time\ntime.sleep(1)\npathlib.Path('ventes.done').write_text('x')"],
        )
        .notebook("achats", &["1/0"])
        .notebook("marge", &["1"])
        .config("after = [\"ventes\", \"achats\"]")
        .notebook("synthese", &["1"])
        .config("after = [\"marge\"]");
    let ended = workspace.run(&["run"]).status(1);
    let ended = ended
        .says("✓ rapport")
        .says("– marge: skipped, since it comes after `achats`, which did not succeed")
        .says("– synthese: skipped, since it comes after `marge`, which did not succeed")
        .says("2 succeeded, 1 failed, 2 skipped");
    let order: Vec<&str> = ended
        .stdout
        .lines()
        .filter_map(|line| line.trim_start_matches(['✗', ' ']).split_whitespace().next())
        .filter(|word| ["rapport", "ventes", "achats", "marge", "synthese"].contains(word))
        .collect();
    assert_eq!(order, ["rapport", "ventes", "achats", "marge", "synthese"], "that of penny.toml");
    assert!(workspace.log().contains("synthese: skipped"), "{}", workspace.log());
    // Those it names count only when they are in the same sync.
    workspace.run(&["run", "marge"]).status(0);
    workspace.no_process_is_left();
}

#[test]
fn a_notebook_that_takes_too_much_is_ended_and_told_what_it_took() {
    let grows = "import time\nprint('lignes 1 à 1000')\nheld = []\nwhile True:\n    \
                 held.append(bytearray(b'x' * 20_000_000))\n    time.sleep(0.01)";
    let workspace = Workspace::without_server()
        .notebook("grows", &["# markdown\n# Extraction", "1", grows])
        .config("memory = \"400 MB\"")
        .notebook("waits", &["print('avant')", "import time\ntime.sleep(600)"])
        .config("cell_timeout = \"1s\"")
        .notebook("good", &["sum(range(10))"]);
    let ended = workspace.run(&["run"]).status(1).says("✓ good").says(
        "notebook `waits` was ended in cell 2, which took longer than the limit of a cell, 1.0 s\n  \
         2 │ time.sleep(600)\n  hint: `cell_timeout` under this notebook in penny.toml sets that limit",
    );
    // Refused by the system it is an exception, found by Penny it is the end of the kernel.
    let raised = ended.stderr.contains("MemoryError");
    let killed = ended.stderr.contains("it used more memory than its limit of 400 MB")
        && ended.stderr.contains("it last printed: lignes 1 à 1000");
    assert!(raised || killed, "{}", ended.stderr);
    assert_eq!(statuses(&output(&workspace, "grows")), ["completed", "failed"]);
    assert_eq!(printed(code(&output(&workspace, "grows"))[1]), "lignes 1 à 1000\n");
    workspace.no_process_is_left();
}

#[test]
fn what_a_thread_prints_and_a_display_becomes_is_kept_and_a_secret_never() {
    let late = "import threading, time\nbarre = display('0 %', display_id=True)\n\
                def tard():\n    time.sleep(0.5)\n    print('tard')\nfil = threading.Thread(target=tard)\nfil.start()";
    // Half of the token is printed when the notebook is saved, which the cell waits for and looks at.
    let split = "import os, pathlib\nmarque = ' '.join(['jeton', ':', ''])\njeton = os.environ['PENNYLANE_API_TOKEN']\nprint(marque + jeton[:9], end='', flush=True)\n\
                 folder = pathlib.Path('../data/outputs')\nfor _ in range(600):\n    time.sleep(0.05)\n    \
                 saved = next(folder.glob('late_*.ipynb')).read_text()\n    if marque in saved: break\n\
                 print(jeton[9:])\nprint('divulgué' if jeton[:5] in saved else 'retenu')\n\
                 print('Authorization: Bearer ' + 'abcdefghij' * 4)";
    let workspace = Workspace::without_server()
        .env("PENNYLANE_API_TOKEN=s3cret-abcdefghijkl\n")
        .notebook("late", &[late, "fil.join()\nbarre.update('100 %')", split]);
    let ended = workspace.run(&["run", "--json"]).status(0);
    let ended = ended.never_says("s3cret").says("PENNYLANE_API_TOKEN");
    let summary: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(summary["notebooks"][0]["masked"], 2);
    let late = output(&workspace, "late");
    let cells = code(&late);
    let all: String = cells.iter().map(|cell| printed(cell)).collect();
    assert!(all.starts_with("tard\n"), "{all}");
    assert!(all.contains("jeton : •••\nretenu\n"), "{all}");
    assert_eq!(text(&cells[0]["outputs"][0]["data"]["text/plain"]), "'100 %'");
    assert!(!late.to_string().contains("s3cret"), "{late}");
    assert!(!late.to_string().contains("abcdefghijabcdefghij"), "{late}");
}
