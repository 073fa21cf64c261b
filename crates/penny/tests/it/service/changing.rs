//! What changes while the service runs: a notebook that is saved, penny.toml, `.env`.

use std::fs;

use serde_json::json;

use super::{Service, begun, go, history, history_says, waits, workspace};
use crate::support::notebook;

#[test]
fn a_notebook_that_is_saved_runs_after_a_quiet_moment_and_one_that_does_not_want_to_stays() {
    let workspace = workspace("[schedule]\nevery = \"2h\"\nquiet = \"1s\"")
        .notebook("watched", &["1"])
        .config("on_change = true")
        .notebook("other", &["1"]);
    let service = Service::start(&workspace);
    service.says("sync 1 ended");
    let save = |name: &str, cell: &str| {
        // As Jupyter does it: written beside, then renamed.
        let file = workspace.root().join(format!("notebooks/{name}.ipynb"));
        let beside = file.with_extension("new");
        fs::write(&beside, notebook(&[cell])).expect("written");
        fs::rename(beside, file).expect("renamed");
    };
    save("other", "2");
    save("watched", "print('saved')");
    service.says("sync 2 (file change): watched");
    service.says("sync 2 ended");
    let runs = "SELECT notebook, trigger, outcome FROM runs WHERE sync > 1";
    assert_eq!(history(&workspace, runs), json!([["watched", "file change", "succeeded"]]));
    assert_eq!(workspace.outputs("watched").len(), 2);
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_broken_penny_toml_is_refused_and_the_good_one_goes_on_until_it_is_mended() {
    let workspace = workspace("[schedule]\nevery = \"2h\"").notebook("one", &["1"]);
    let service = Service::start(&workspace);
    service.says("sync 1 ended");
    let path = workspace.root().join("penny.toml");
    let good = fs::read_to_string(&path).expect("read");
    fs::write(&path, good.replace("every = \"2h\"", "evry = \"2h\"")).expect("written");
    service.says("unknown key `evry` in [schedule]");
    service.says("the settings from before hold on");
    workspace.run(&["run", "one"]).status(2).says("unknown key `evry`");
    fs::write(workspace.root().join("notebooks/two.ipynb"), notebook(&["2"])).expect("written");
    let more = format!("{good}\n[[notebook]]\nname = \"two\"\nfile = \"notebooks/two.ipynb\"\n");
    fs::write(&path, more).expect("written");
    service.says("penny.toml and .env were read again: 2 notebooks");
    history_says(
        &workspace,
        "SELECT notebook, outcome FROM runs ORDER BY id",
        &json!([["one", "succeeded"], ["two", "succeeded"]]),
    );
    assert_eq!(service.said().matches("unknown key `evry`").count(), 1, "{}", service.said());
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_secret_that_is_new_in_env_is_masked_from_then_on() {
    let workspace = workspace("[schedule]\nevery = \"2h\"")
        .notebook("leaks", &["import os\nraise ValueError(os.environ.get('NEW_TOKEN', 'none'))"]);
    let service = Service::start(&workspace);
    service.says("sync 1 ended");
    let workspace = workspace.env("NEW_TOKEN=never-shown-4711");
    service.says("penny.toml and .env were read again");
    workspace.run(&["run"]).status(1).says("ValueError: •••").never_says("never-shown-4711");
    assert!(!service.said().contains("never-shown-4711"), "{}", service.said());
    assert!(!workspace.log().contains("never-shown-4711"), "{}", workspace.log());
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_run_under_way_goes_on_when_its_notebook_is_taken_out_of_penny_toml() {
    let workspace = workspace("[schedule]\nevery = \"2h\"").notebook("one", &["1"]);
    let path = workspace.root().join("penny.toml");
    let without = fs::read_to_string(&path).expect("read");
    let workspace = workspace.notebook("gone", &[&waits("gone")]);
    let service = Service::start(&workspace);
    begun(&workspace, "gone");
    fs::write(&path, without).expect("written");
    service.says("penny.toml and .env were read again: 1 notebook");
    go(&workspace, "gone");
    service.says("✓ gone");
    service.says("sync 1 ended");
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn what_is_saved_in_penny_toml_while_another_computer_is_watched_counts() {
    let workspace = workspace("[schedule]\nevery = \"2h\"").notebook("one", &["1"]);
    let other = json!({"pid": 1, "host": "other-computer", "since": "2026-11-01T08:00:00Z",
                       "command": "penny start", "beat": 7});
    let own = workspace.root().join(".penny");
    fs::create_dir_all(&own).expect("made");
    fs::write(own.join("sync.json"), other.to_string()).expect("written");
    let service = Service::start(&workspace);
    service.says("watching for 25 s");
    let workspace = workspace.notebook("two", &["2"]);
    // The other one says that it ends.
    fs::remove_file(own.join("sync.json")).expect("removed");
    service.says(" runs 2 notebooks of ");
    let both = json!([["one", "succeeded"], ["two", "succeeded"]]);
    history_says(&workspace, "SELECT notebook, outcome FROM runs ORDER BY notebook", &both);
    assert_eq!(service.end("-TERM"), 0);
}
