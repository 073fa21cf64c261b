//! Home: are the figures fresh, and if not, why.

use penny_testing::browser::Browser;
use serde_json::json;

use super::{Dashboard, FRENCH};
use crate::service::{begun, go, history_says, waits};
use crate::support::Workspace;

#[test]
fn home_says_in_one_sentence_what_is_wrong_and_follows_what_runs() {
    let workspace = Workspace::without_server()
        .config(
            "[schedule]\nevery = \"2h\"\ntimezone = \"Europe/Paris\"\n[execution]\nparallel = 3",
        )
        .notebook("clients", &["print('ok')"])
        .notebook("factures", &[&waits("one"), &waits("two"), "print('fin')"])
        .notebook("ventes", &["ligne = {}", "ligne['montant']"]);
    let Some(dashboard) = Dashboard::open(workspace, FRENCH) else { return };
    let browser = &dashboard.browser;
    begun(&dashboard.workspace, "one");
    let failed = "SELECT outcome FROM runs WHERE notebook = 'ventes'";
    history_says(&dashboard.workspace, failed, &json!([["failed"]]));

    browser.wait_for_text(".verdict h1", "ventes");
    browser.wait_for_text(".verdict", "KeyError: 'montant'");
    assert_eq!(browser.count("h1"), 1, "one sentence comes first");
    assert_eq!(browser.attribute("html", "lang").as_deref(), Some("fr"));
    browser.wait_for_text(".verdict a", "Relancer");

    // The cells of the run under way advance, and its end appears, on the page as it was loaded.
    browser.value("(window.loaded = 'once')");
    browser.wait_for_text("[data-cell-of]", "cellule 1 sur 3");
    go(&dashboard.workspace, "one");
    browser.wait_for_text("[data-cell-of]", "cellule 2 sur 3");
    let bar = browser.value(
        "[document.querySelector('progress').value, document.querySelector('progress').max]",
    );
    assert_eq!(bar, json!([2, 3]));
    go(&dashboard.workspace, "two");
    browser.until("the end of the run", || browser.count("progress") == 0);
    assert_eq!(row(browser, "factures"), "réussie");
    assert_eq!(browser.value("window.loaded"), "once", "the page was not loaded again");

    browser.press("Voir l’erreur");
    browser.wait_for_text(".banner", "KeyError: 'montant'");
    assert!(dashboard.path().starts_with("/runs/"), "{}", dashboard.path());

    dashboard.hold_what_every_page_does(&[
        "/",
        "/log",
        "/history",
        "/calendar",
        "/notebooks/ventes",
    ]);
    the_page_is_light(&dashboard);
    it_reads_without_scripts(&dashboard);
    it_speaks_english_when_asked_to(&dashboard);
}

/// How a notebook stands, by its row.
fn row(browser: &Browser, notebook: &str) -> String {
    let rows = "[...document.querySelectorAll('.notebooks tbody tr')]
        .map(row => [row.querySelector('th a').innerText, row.querySelector('.state').innerText.trim()])";
    let rows = browser.value(rows);
    let row = rows.as_array().expect("rows").iter().find(|row| row[0] == notebook);
    row.expect("it is listed")[1].as_str().expect("a word").to_owned()
}

/// The page stands after one request of less than 150 kB; beside it, a script.
fn the_page_is_light(dashboard: &Dashboard) {
    let browser = &dashboard.browser;
    let before = browser.requests().len();
    dashboard.go("/");
    let loaded = &browser.requests()[before..];
    let kinds: Vec<&str> = loaded.iter().map(|(kind, _)| kind.as_str()).collect();
    assert!(kinds.starts_with(&["Document", "Script"]), "{loaded:?}");
    assert!(kinds[2..].iter().all(|kind| ["EventSource", "Fetch"].contains(kind)), "{loaded:?}");
    let size = browser.value("performance.getEntriesByType('navigation')[0].decodedBodySize");
    assert!(size.as_u64().expect("a size") < 150_000, "{size} bytes");
}

/// What is there to be read is there without the script; links lead on.
fn it_reads_without_scripts(dashboard: &Dashboard) {
    let browser = &dashboard.browser;
    browser.scripts(false);
    dashboard.go("/");
    assert!(browser.text(".verdict").contains("KeyError: 'montant'"));
    assert_eq!(row(browser, "clients"), "réussie");
    browser.press("Voir l’erreur");
    assert!(browser.text(".cell.failed").contains("KeyError"));
    for (path, said) in [
        ("/history", "échouée"),
        ("/calendar", "échec"),
        ("/notebooks/ventes", "Dernier échec"),
        ("/log", "ventes"),
        ("/history?outcome=failed&notebook=ventes", "1 exécution"),
    ] {
        dashboard.go(path);
        browser.wait_for_text("main", said);
    }
    browser.scripts(true);
}

/// The language is chosen at the foot of every page, and kept.
fn it_speaks_english_when_asked_to(dashboard: &Dashboard) {
    let browser = &dashboard.browser;
    dashboard.go("/history");
    browser.click("footer button[value=en]");
    browser.wait_for("html[lang=en]");
    assert_eq!(dashboard.path(), "/history", "the page stays");
    dashboard.go("/");
    assert!(browser.text(".verdict").contains("“ventes” failed"), "{}", browser.text(".verdict"));
    dashboard.hold_what_every_page_does(&[
        "/",
        "/log",
        "/history",
        "/calendar",
        "/notebooks/ventes",
    ]);
}
