//! What must hold of every page, in both languages: each form, each table, each error.

use serde_json::json;

use super::dashboard::LOOKS;
use super::{Dashboard, ENGLISH};
use crate::service::{history, history_says};
use crate::sources::without_sandbox;

/// A table, and a reason to be told of.
const LEDGER: &str = "import pandas as pd, penny
penny.publish(pd.DataFrame({'id': range(30), 'compte': ['411000', '706000'] * 15, 'debit': [12.5] * 30}),
              'ecritures', key='id')";

/// What forms and pages of data there are, beside those that other tests look at in all their states.
const PAGES: [&str; 16] = [
    "/",
    "/run",
    "/notebooks/grand_livre",
    "/notebooks/grand_livre/run",
    "/notebooks/grand_livre/schedule",
    "/schedule",
    "/pause",
    "/pause?notebook=essai",
    "/resume",
    "/history?outcome=failed&since=2026-01-01",
    "/history?text=introuvable",
    "/calendar",
    "/log?level=error",
    "/tables/pennylane.ecritures",
    "/tables/pennylane.ecritures/changes",
    "/powerbi",
];

/// Where there is nothing to be seen, and a sentence says so.
const ERRORS: [&str; 7] = [
    "/no-such-page",
    "/runs/999",
    "/runs/999/outputs/0/0",
    "/notebooks/absent",
    "/tables/pennylane.absente",
    "/compare/1/1",
    "/compare?run=1",
];

#[test]
fn every_page_reads_well_in_both_languages() {
    let workspace = without_sandbox()
        .config("[schedule]\nevery = \"2h\"")
        .notebook("grand_livre", &[LEDGER])
        .notebook("essai", &["raise ValueError('le compte 471 n’est pas soldé')"]);
    workspace.run(&["run"]).status(1);
    let Some(dashboard) = Dashboard::open(workspace, ENGLISH) else { return };
    let ended = "SELECT count(*) FROM runs WHERE outcome IS NOT NULL";
    history_says(&dashboard.workspace, ended, &json!([[4]]));
    let runs = "SELECT id FROM runs ORDER BY notebook = 'essai', id";
    let runs = history(&dashboard.workspace, runs);
    let run = |place: usize| runs[place][0].as_i64().expect("a run");
    let of_runs = [
        format!("/runs/{}", run(0)),
        format!("/runs/{}/retry", run(3)),
        format!("/runs/{}/cancel", run(3)),
        format!("/compare/{}/{}", run(0), run(1)),
    ];
    let pages: Vec<&str> = PAGES.into_iter().chain(of_runs.iter().map(String::as_str)).collect();
    let browser = &dashboard.browser;
    // Wide and light, and narrow and dark: what is between, other tests see.
    let briefly = [LOOKS[0], LOOKS[3]];
    let said_nowhere = || {
        ERRORS.map(|path| {
            dashboard.go(path);
            assert_eq!(browser.count("h1"), 1, "{path} has one heading");
            assert!(browser.count("main a[href]") > 0, "{path} leads on");
            browser.text("main")
        })
    };
    dashboard.hold(&pages, &briefly);
    dashboard.hold(&ERRORS, &briefly);
    let english = said_nowhere();
    dashboard.go("/");
    browser.click("footer button[value=fr]");
    browser.wait_for("html[lang=fr]");
    for (english, french) in english.iter().zip(&said_nowhere()) {
        assert_ne!(english, french, "each is said in the reader's language");
    }
    browser.console();
    dashboard.hold(&pages, &briefly[1..]);
    dashboard.hold(&ERRORS, &briefly);
}
