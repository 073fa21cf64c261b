//! What is tried again, and what is not.

use penny_sandbox::api::{Faults, Outage};
use serde_json::json;

use super::{Service, begun, go, history, history_says, waits, workspace};
use crate::executed::{code, printed};
use crate::processes::{descendants, kill, one, start};
use crate::sources::Pennylane;
use crate::support::{Workspace, end, wait_for};

const RUNS: &str = "SELECT notebook, outcome, attempts FROM runs ORDER BY id";
const ATTEMPTS: &str = "SELECT number, outcome, cause FROM attempts ORDER BY id";

/// A cell that fails of a connection the first time, and goes well the second.
const ONCE: &str = "import pathlib\nfirst = not pathlib.Path('tried').exists()\n\
                    pathlib.Path('tried').touch()\nprint('first' if first else 'second')\n\
                    if first: raise ConnectionResetError(104, 'Connection reset by peer')";

#[test]
fn a_connection_that_broke_is_tried_again_and_each_attempt_is_kept() {
    let workspace = workspace("[retry]\nfirst_pause = \"1s\"").notebook("once", &[ONCE]);
    let service = Service::start(&workspace);
    history_says(&workspace, RUNS, &json!([["once", "succeeded", 2]]));
    let attempts = json!([[1, "failed", "network"], [2, "succeeded", null]]);
    assert_eq!(history(&workspace, ATTEMPTS), attempts);
    service.says("once: attempt 1 of 3 failed (network), the next begins in ");
    let outputs = "SELECT count(DISTINCT output) FROM attempts";
    assert_eq!(history(&workspace, outputs), json!([[2]]));
    assert_eq!(workspace.outputs("once").len(), 2);
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_mistake_in_the_notebook_is_not_tried_again() {
    let workspace = workspace("[retry]\nfirst_pause = \"1s\"").notebook("typo", &["df.head()"]);
    let service = Service::start(&workspace);
    history_says(&workspace, RUNS, &json!([["typo", "failed", 1]]));
    assert_eq!(history(&workspace, ATTEMPTS), json!([[1, "failed", null]]));
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_kernel_that_is_killed_is_tried_again_with_another() {
    let cell = "import pathlib, time\nfirst = not pathlib.Path('tried').exists()\n\
                pathlib.Path('tried').touch()\nwhile first: time.sleep(0.05)";
    let workspace = workspace("[retry]\nfirst_pause = \"1s\"").notebook("killed", &[cell]);
    let service = Service::start(&workspace);
    wait_for("the cell runs", || workspace.root().join("notebooks/tried").exists());
    kill("-KILL", one(&descendants(service.pid()), "_kernel.py").0);
    history_says(&workspace, RUNS, &json!([["killed", "succeeded", 2]]));
    let attempts = json!([[1, "crashed", "kernel lost"], [2, "succeeded", null]]);
    assert_eq!(history(&workspace, ATTEMPTS), attempts);
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_run_by_hand_is_tried_once() {
    let workspace = workspace("[retry]\nfirst_pause = \"1s\"").notebook("once", &[ONCE]);
    workspace.run(&["run"]).status(1).says("ConnectionResetError");
    assert_eq!(history(&workspace, RUNS), json!([["once", "failed", 1]]));
}

#[test]
fn a_publish_waits_for_a_postgresql_that_comes_back() {
    let owner = Workspace::new();
    let env = std::fs::read_to_string(owner.root().join(".env")).expect("read");
    let of = |name: &str| {
        let line = env.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.expect("it is in .env").to_owned()
    };
    let workspace = Workspace::new();
    let port = of("POSTGRES_PORT");
    let publish = "import penny, pandas as pd\npenny.publish(pd.DataFrame({'a': [1, 2]}), 'back')";
    let workspace = workspace
        .config("[web]\nenabled = false\n[retry]\nattempts = 8\nfirst_pause = \"4s\"\n")
        .env(&format!(
            "POSTGRES_HOST=127.0.0.1\nPOSTGRES_PORT={port}\nPOSTGRES_USER=penny\nPOSTGRES_SSLMODE=disable"
        ))
        .notebook("back", &[publish]);
    let config = workspace.root().join("penny.toml");
    let text = std::fs::read_to_string(&config).expect("read");
    std::fs::write(&config, text.replace("sandbox = true", "sandbox = false")).expect("written");
    let service = Service::start(&workspace);
    service.says("back: attempt 1 of 8 failed (temporary), the next begins in ");
    owner.run(&["db", "start"]).status(0);
    history_says(&workspace, "SELECT outcome FROM runs", &json!([["succeeded"]]));
    assert_eq!(service.end("-TERM"), 0);
    assert_eq!(owner.query("SELECT sum(a)::int FROM pennylane.back").to_string(), "[[3]]");
}

#[test]
fn a_pennylane_that_is_out_of_order_is_asked_again_later() {
    let pennylane = Pennylane::start();
    let outage = Outage { every: 1, status: 503 };
    pennylane.sandbox.set_faults(Faults { outage: Some(outage), ..Faults::default() });
    let workspace = workspace("[retry]\nfirst_pause = \"1s\"")
        .variable("PENNYLANE_API_URL", &pennylane.url)
        .variable("PENNYLANE_API_TOKEN", "everything")
        .notebook("asks", &["import penny\nprint(len(penny.pennylane('customers', limit=3)))"]);
    let service = Service::start(&workspace);
    service.says("asks: attempt 1 of 3 failed (temporary), the next begins in ");
    service.says("Pennylane is out of order");
    pennylane.sandbox.set_faults(Faults::default());
    history_says(&workspace, "SELECT outcome FROM runs", &json!([["succeeded"]]));
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_kernel_that_dies_before_its_first_cell_is_replaced_and_nobody_need_know() {
    let workspace = workspace("[execution]\nparallel = 1\nstart = \"spawn\"")
        .notebook("first", &["import os\nprint('kernel', os.getpid())", &waits("first")])
        .notebook("second", &["print('second')"]);
    let penny = start(&workspace, &["run"]);
    begun(&workspace, "first");
    wait_for("the first one's kernel is known", || {
        let saved = workspace.outputs("first");
        saved.first().is_some_and(|n| printed(code(n)[0]).starts_with("kernel "))
    });
    let own: u32 = printed(code(&workspace.outputs("first")[0])[0])
        .trim()
        .rsplit(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("a number");
    let ahead = || {
        let all = descendants(penny.id());
        let kernels = all.into_iter().filter(|(_, line)| line.contains("_kernel.py"));
        kernels.map(|(pid, _)| pid).find(|pid| *pid != own)
    };
    wait_for("the next kernel is started ahead", || ahead().is_some());
    kill("-KILL", ahead().expect("it is there"));
    go(&workspace, "first");
    end(penny).status(0).says("2 succeeded, 0 failed");
    assert_eq!(
        history(&workspace, RUNS),
        json!([["first", "succeeded", 1], ["second", "succeeded", 1]])
    );
    workspace.no_process_is_left();
}
