//! Without a mouse: run, run again, cancel, pause and go on, each through its dialog.

use std::fs;

use penny_testing::browser::{Browser, Key};
use serde_json::json;

use super::{Dashboard, FRENCH};
use crate::service::{begun, history_says, waits};
use crate::support::Workspace;

/// Goes to a link with the Tab key, opens its dialog, and to that button in it.
#[track_caller]
fn confirms(browser: &Browser, link: &str) {
    browser.tab_to(link);
    browser.keys(&[Key::Enter]);
    browser.wait_for("dialog[open]");
    browser.tab_to(
        "dialog button[type=submit], dialog button:not([type]):not([data-close]):not([name])",
    );
    browser.keys(&[Key::Enter]);
}

#[test]
fn whatever_acts_is_done_by_keyboard_alone() {
    let workspace = Workspace::without_server()
        .config("[schedule]\nevery = \"2h\"\nat_start = false")
        .notebook(
            "casse",
            &["import pathlib\nassert pathlib.Path('repare').exists(), 'pas encore'"],
        )
        .notebook("lent", &[&waits("lent")]);
    let Some(dashboard) = Dashboard::open(workspace, FRENCH) else { return };
    let browser = &dashboard.browser;
    let ends = "SELECT notebook, outcome FROM runs ORDER BY id";

    // Of two notebooks, one is chosen and run.
    dashboard.go("/");
    browser.tab_to(".notebooks a[href='/run']");
    browser.keys(&[Key::Enter]);
    browser.wait_for("dialog[open]");
    browser.tab_to("dialog input[value=casse]");
    browser.keys(&[Key::Space]);
    browser.tab_to("dialog button:not([name])");
    browser.keys(&[Key::Enter]);
    history_says(&dashboard.workspace, ends, &json!([["casse", "failed"]]));

    // What failed is mended, and run again from the verdict.
    fs::write(dashboard.workspace.root().join("notebooks/repare"), "").expect("written");
    dashboard.go("/");
    confirms(browser, ".verdict a[href='/runs/1/retry']");
    let both = json!([["casse", "failed"], ["casse", "succeeded"]]);
    history_says(&dashboard.workspace, ends, &both);

    // What takes too long is cancelled.
    dashboard.go("/notebooks/lent");
    confirms(browser, "a[href='/notebooks/lent/run']");
    browser.wait_for_address("/runs/3");
    begun(&dashboard.workspace, "lent");
    confirms(browser, "a[href='/runs/3/cancel']");
    let of_lent = "SELECT outcome FROM runs WHERE notebook = 'lent'";
    history_says(&dashboard.workspace, of_lent, &json!([["cancelled"]]));
    browser.wait_for_text(".run-head .state", "annulée");

    // The schedule is paused, and goes on.
    dashboard.go("/");
    confirms(browser, ".notebooks a[href='/pause']");
    browser.wait_for_text("main h2", "En pause");
    confirms(browser, ".notebooks a[href='/resume']");
    browser.wait_for(".notebooks a[href='/pause']");
    dashboard.nothing_was_asked_of_another_host();
}
