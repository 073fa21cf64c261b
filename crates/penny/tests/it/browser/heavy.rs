//! A notebook of 50 MB: the browser is given a small page, and all of it when it asks for all of it.

use std::fs;

use jiff::SignedDuration;
use serde_json::json;

use super::{Dashboard, FRENCH};
use crate::past::{Past, heavy_cells, write_runs};
use crate::support::Workspace;

/// A page is no larger.
const PAGE_MAX: u64 = 2_000_000;
/// Nor has it more elements.
const ELEMENTS_MAX: u64 = 20_000;
/// Nor does its script take more memory.
const HEAP_MAX: u64 = 50_000_000;

#[test]
fn a_notebook_of_50_megabytes_opens_as_a_small_page_and_is_had_whole() {
    let workspace =
        Workspace::without_server().config("[schedule]\nevery = \"2h\"\nat_start = false");
    let workspace = workspace.notebook("gros", &["1"]);
    let past = |number: u32| Past {
        notebook: "gros",
        error: None,
        ago: SignedDuration::from_hours(i64::from(3 - number)),
        cells: Some(heavy_cells(number)),
    };
    let runs = write_runs(&workspace, [1, 2].map(past));
    let file = workspace.root().join(format!("data/outputs/gros_{}.ipynb", runs[1]));
    let size = fs::metadata(file).expect("there").len();
    assert!(size > 50_000_000, "{size}");
    let Some(dashboard) = Dashboard::open(workspace, FRENCH) else { return };
    let browser = &dashboard.browser;

    is_small(&dashboard, &format!("/runs/{}", runs[1]));
    for said in ["ligne 0 de la passe 2", "octets de plus", "Afficher tout", "la fin"] {
        browser.wait_for_text("main", said);
    }
    let bytes = "return fetch(document.querySelector(arguments[0]).href)
        .then(async answer => (await answer.arrayBuffer()).byteLength)";
    let of = |link: &str| browser.script(bytes, &json!([link])).as_u64().expect("a size");
    assert_eq!(of("a[href$='/download']"), size, "the file comes whole");
    assert!(of(&format!("a[href='/runs/{}/outputs/0/0']", runs[1])) > 18_000_000, "the log, too");

    // Two of them are compared as far as that helps anybody, and what was left out is said.
    is_small(&dashboard, &format!("/compare/{}/{}", runs[0], runs[1]));
    for said in ["ligne 0 de la passe 1", "lignes de plus", "1 résultat différent"] {
        browser.wait_for_text("main", said);
    }
    dashboard.nothing_was_asked_of_another_host();
}

/// Opens a page, which is as small as any.
#[track_caller]
fn is_small(dashboard: &Dashboard, path: &str) {
    let browser = &dashboard.browser;
    dashboard.go(path);
    // What earlier pages left is none of this one.
    browser.chromium("HeapProfiler.collectGarbage", &json!({}));
    let told = "[performance.getEntriesByType('navigation')[0].decodedBodySize,
        document.querySelectorAll('*').length, performance.memory.usedJSHeapSize]";
    let told = browser.value(told);
    for (at, most) in [PAGE_MAX, ELEMENTS_MAX, HEAP_MAX].into_iter().enumerate() {
        let told = told[at].as_u64().expect("a number");
        assert!(0 < told && told < most, "{path}: {told} is more than {most}");
    }
}
