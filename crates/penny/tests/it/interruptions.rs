//! Runs that are stopped by the user, or killed: what is kept, and that nothing is left behind.

use std::fs;

use crate::executed::{are_valid_notebooks, code, output, printed, raised, statuses};
use crate::processes::{descendants, kill, one, runs, start};
use crate::support::{Workspace, end, notebook, wait_for};

const LOOPS: &str = "import subprocess, time\nchild = subprocess.Popen(['sleep', '4242'])\n\
                     print('child', child.pid, flush=True)\nwhile True:\n    time.sleep(0.05)";

#[test]
fn ctrl_c_keeps_what_there_is_and_leaves_no_process() {
    let workspace = Workspace::without_server()
        .notebook("loops", &["print('begun')", "# markdown\n# Boucle", LOOPS, "1"])
        .notebook("after", &["1"])
        .config("after = [\"loops\"]");
    let penny = start(&workspace, &["run"]);
    wait_for("the loop runs and its output is saved", || {
        let saved = workspace.outputs("loops");
        saved.first().is_some_and(|n| printed(code(n)[1]).starts_with("child "))
    });
    let child = printed(code(&output(&workspace, "loops"))[1]);
    let child: u32 =
        child.trim().rsplit(' ').next().and_then(|n| n.parse().ok()).expect("a number");
    assert!(runs(child));
    let holder =
        format!("a sync of this workspace is under way already (process {} since ", penny.id());
    workspace.run(&["run"]).status(3).says(&holder).says("hint: wait until it has ended");
    kill("-INT", penny.id());
    end(penny)
        .status(130)
        .says("stopping: the cell is interrupted (Ctrl-C once more ends everything at once)")
        .says(
            "error: notebook `loops` was stopped in cell 2 (Boucle)\n  5 │     time.sleep(0.05)\n",
        )
        .says("0 succeeded, 0 failed, 1 cancelled, 1 skipped");
    let loops = output(&workspace, "loops");
    assert_eq!(printed(code(&loops)[0]), "begun\n");
    assert_eq!(raised(code(&loops)[1]), ["KeyboardInterrupt"]);
    assert_eq!(statuses(&loops), ["completed", "failed", "pending"]);
    are_valid_notebooks(&workspace.root().join("data/outputs"), 1);
    assert!(workspace.log().contains("ERROR loops: cancelled after "), "{}", workspace.log());
    assert!(workspace.outputs("after").is_empty());
    wait_for("the notebook's child is gone", || !runs(child));
    workspace.no_process_is_left();
}

const STUBBORN: &str = "import pathlib, time\nprint('begun')\npathlib.Path('begun').touch()\nwhile True:\n    \
                        try:\n        time.sleep(0.05)\n    except KeyboardInterrupt:\n        \
                        pathlib.Path('asked').touch()";

#[test]
fn a_second_ctrl_c_ends_everything_at_once() {
    let workspace = Workspace::without_server().notebook("stubborn", &[STUBBORN]);
    let file = |name: &str| workspace.root().join("notebooks").join(name);
    let penny = start(&workspace, &["run"]);
    wait_for("the cell runs", || file("begun").exists());
    let processes = descendants(penny.id());
    one(&processes, "_kernel.py");
    kill("-INT", penny.id());
    wait_for("the cell was interrupted, and goes on", || file("asked").exists());
    kill("-INT", penny.id());
    end(penny).status(130);
    wait_for("its processes are gone", || !processes.iter().any(|(pid, _)| runs(*pid)));
    workspace.no_process_is_left();
    assert_eq!(statuses(&output(&workspace, "stubborn")), ["running"]);
    fs::write(file("stubborn.ipynb"), notebook(&["1"])).expect("written");
    workspace.run(&["run"]).status(0).says("warning: stubborn: its last run was cut off");
}

/// A cell that waits until the test has done its deed, and one that publishes then.
fn waits(name: &str) -> [String; 2] {
    let wait = format!(
        "import pathlib, time\npathlib.Path('{name}.begun').touch()\nprint('begun')\n\
         while not pathlib.Path('{name}.go').exists(): time.sleep(0.02)"
    );
    let publish = format!(
        "import penny, pandas as pd\npenny.publish(pd.DataFrame({{'a': [1, 2, 3]}}), '{name}')"
    );
    [wait, publish]
}

#[test]
fn whatever_is_killed_nothing_is_left_and_the_next_run_works() {
    let cells = ["first", "second"].map(waits);
    let cells = cells.each_ref().map(|cells| cells.each_ref().map(String::as_str));
    let workspace = Workspace::new()
        .config("[execution]\nparallel = 1\n")
        .notebook("first", &cells[0])
        .notebook("second", &cells[1]);
    let folder = workspace.root().join("notebooks");
    let begun = |name: &str| {
        wait_for("the cell has begun", || folder.join(format!("{name}.begun")).exists());
    };
    let go = |name: &str| fs::write(folder.join(format!("{name}.go")), "").expect("written");

    let penny = start(&workspace, &["run", "first"]);
    begun("first");
    wait_for("the output notebook tells that the cell runs", || {
        workspace.outputs("first").first().is_some_and(|n| statuses(n)[0] == "running")
    });
    let processes = descendants(penny.id());
    for part in ["db guard", "postgres -D", "_kernel.py", "penny-guard"] {
        one(&processes, part);
    }
    kill("-KILL", penny.id());
    end(penny).status(-1);
    wait_for("its processes are gone", || !processes.iter().any(|(pid, _)| runs(*pid)));
    workspace.no_process_is_left();
    assert_eq!(statuses(&output(&workspace, "first")), ["running", "pending"]);

    fs::remove_file(folder.join("first.begun")).expect("removed");
    let penny = start(&workspace, &["run"]);
    begun("first");
    kill("-KILL", one(&descendants(penny.id()), "postgres -D").0);
    go("first");
    begun("second");
    let processes = descendants(penny.id());
    kill("-KILL", one(&processes, "db guard").0);
    let server = one(&processes, "postgres -D").0;
    wait_for("the server has ended with its guard", || !runs(server));
    go("second");
    end(penny)
        .status(0)
        .says("warning: first: its last run was cut off (Penny was ended in the middle of it)")
        .says("✓ first")
        .says("✓ second")
        .says("3 rows → pennylane.second");
    workspace.no_process_is_left();
    let rows = "SELECT (SELECT sum(a)::int FROM pennylane.first), (SELECT sum(a)::int FROM pennylane.second)";
    assert_eq!(workspace.query(rows).to_string(), "[[6,6]]");
}
