//! More notebooks than fit on a page: they are found, by keyboard alone.

use jiff::SignedDuration;
use penny_testing::browser::Key;
use serde_json::json;

use super::{Dashboard, FRENCH};
use crate::past::{Past, write_runs};
use crate::support::Workspace;

const NOTEBOOKS: usize = 120;
/// So many are on a page.
const PAGE: u64 = 25;

#[test]
fn of_many_notebooks_each_is_found_by_keyboard_alone() {
    let names: Vec<String> = (1..=NOTEBOOKS).map(|number| format!("filiale_{number:03}")).collect();
    let workspace =
        Workspace::without_server().config("[schedule]\nevery = \"2h\"\nat_start = false");
    let workspace = names.iter().fold(workspace, |all, name| all.notebook(name, &["1"]));
    let runs = [("filiale_077", Some("notebook `filiale_077` failed\n  KeyError: 'solde'"))];
    let errors = |name: &str| runs.iter().find(|run| run.0 == name).and_then(|run| run.1);
    let pasts = [2, 1].into_iter().flat_map(|hours| {
        let of = move |name| Past {
            notebook: name,
            error: errors(name),
            ago: SignedDuration::from_hours(hours),
            cells: None,
        };
        names.iter().map(String::as_str).map(of)
    });
    write_runs(&workspace, pasts);
    let Some(dashboard) = Dashboard::open(workspace, FRENCH) else { return };
    let browser = &dashboard.browser;
    let listed = || browser.texts(".notebooks tbody th a");

    dashboard.go("/");
    assert_eq!(browser.count(".notebooks tbody tr"), PAGE);
    assert_eq!(listed()[0], "filiale_077", "what has a problem comes first");
    browser.wait_for_text(".notebooks", "Page 1 sur 5");
    let size = browser.value("performance.getEntriesByType('navigation')[0].decodedBodySize");
    assert!(size.as_u64().expect("a size") < 150_000, "{size} bytes");
    // On, and back.
    browser.tab_to(".notebooks a[rel=next]");
    browser.keys(&[Key::Enter]);
    browser.wait_for_text(".notebooks", "Page 2 sur 5");
    assert_eq!(listed()[0], "filiale_025");
    browser.tab_to(".notebooks a[rel=prev]");
    browser.keys(&[Key::Enter]);
    browser.wait_for_text(".notebooks", "Page 1 sur 5");
    // Any is found by a part of its name, and leads on.
    browser.tab_to("#q");
    browser.type_text("_11");
    browser.keys(&[Key::Enter]);
    browser.wait_for_text(".notebooks", "10 notebooks");
    assert_eq!(listed()[..2], ["filiale_110", "filiale_111"]);
    assert_eq!(browser.count(".notebooks nav.pages"), 0);
    browser.tab_to(".notebooks tbody th a");
    browser.keys(&[Key::Enter]);
    browser.wait_for_address("/notebooks/filiale_110");
    dashboard.go("/?q=nulle+part");
    browser.wait_for_text(".notebooks", "Aucun notebook ne correspond.");

    // The history: page by page, and by a notebook that is chosen among all, letter by letter.
    dashboard.go("/history");
    browser.wait_for_text("main", "240 exécutions");
    assert_eq!(browser.count("table.history tbody tr"), 50);
    browser.tab_to("a[rel=next]");
    browser.keys(&[Key::Enter]);
    browser.wait_for_address("before=");
    assert_eq!(browser.texts("table.history tbody th a")[0], "filiale_070");
    browser.tab_to("select[name=notebook]");
    browser.type_text("filiale_050");
    assert_eq!(browser.value("document.activeElement.value"), "filiale_050");
    browser.tab_to("select[name=outcome]");
    browser.keys(&[Key::Enter]);
    browser.wait_for_text("main", "2 exécutions");
    assert_eq!(browser.texts("table.history tbody th a"), ["filiale_050"; 2]);
    // Two are ticked and compared.
    for run in [1, 2] {
        browser.tab_to(&format!("table.history tbody tr:nth-child({run}) input"));
        browser.keys(&[Key::Space]);
    }
    browser.keys(&[Key::Enter]);
    browser.wait_for_address("/compare/");
    dashboard.hold_what_every_page_does(&[
        "/?page=3",
        "/?q=_11",
        "/history?notebook=filiale_050",
        "/run",
    ]);
    let json = json!(NOTEBOOKS);
    assert_eq!(
        browser.value("document.querySelectorAll('main input[name=notebook]').length"),
        json
    );
}
