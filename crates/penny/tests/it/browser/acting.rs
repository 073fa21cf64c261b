//! Acting: run with other values, cancel, run again, pause, change the schedule; by keyboard alone, and without scripts.

use std::fs;

use penny_testing::browser::Key;
use serde_json::{Value, json};

use super::{Dashboard, FRENCH};
use crate::service::{begun, history_says, waits};
use crate::support::{Workspace, notebook};

/// A notebook whose first cell holds its parameters.
fn with_parameters(cells: &[&str]) -> Vec<u8> {
    let mut notebook: Value = serde_json::from_slice(&notebook(cells)).expect("JSON");
    notebook["cells"][0]["metadata"] = json!({ "tags": ["parameters"] });
    serde_json::to_vec(&notebook).expect("JSON")
}

/// A service that runs nothing by itself.
fn quiet() -> Workspace {
    Workspace::without_server().config(
        "# Les heures de la clôture\n[schedule]\nevery = \"2h\"   # après la paie\nat_start = false\n\
         timezone = \"Europe/Paris\"",
    )
}

#[test]
fn a_notebook_is_run_with_another_value_by_keyboard_alone() {
    let cells = ["taux = 20  # le taux de TVA, en %", "print('le taux est', taux)"];
    let workspace = quiet().file("tva", &with_parameters(&cells));
    let Some(dashboard) = Dashboard::open(workspace, FRENCH) else { return };
    let browser = &dashboard.browser;
    dashboard.go("/");
    // The first stop leads past the navigation.
    browser.keys(&[Key::Tab]);
    assert_eq!(browser.value("document.activeElement.getAttribute('href')"), "#main");
    let link = "a[href='/notebooks/tva/run']";
    browser.tab_to(&format!(".notebooks {link}"));
    browser.keys(&[Key::Enter]);
    browser.wait_for("dialog[open]");
    browser.audit();
    browser.keys(&[Key::Escape]);
    browser.until("the dialog is closed", || browser.count("dialog") == 0);
    assert_eq!(
        browser.script("return document.activeElement.matches(arguments[0])", &json!([link])),
        true,
        "the focus is back where it was"
    );

    browser.keys(&[Key::Enter]);
    browser.wait_for("dialog[open]");
    browser.tab_to("dialog #p-taux");
    browser.type_text("beaucoup");
    browser.keys(&[Key::Enter]);
    browser.wait_for_text("main .error", "un nombre est attendu");
    assert_eq!(browser.value("document.querySelector('#p-taux').value"), "beaucoup");
    browser.audit();

    browser.tab_to("#p-taux");
    browser.type_text("5,5");
    browser.tab_to("main button.primary");
    browser.keys(&[Key::Enter]);
    browser.wait_for_address("/runs/1");
    browser.wait_for_text("main", "le taux est 5.5");
    let page = browser.text("main");
    assert!(page.contains("réussie") && page.contains("donné à la demande"), "{page}");
    let asked = "SELECT trigger, outcome FROM runs";
    history_says(&dashboard.workspace, asked, &json!([["manual", "succeeded"]]));
    dashboard.nothing_was_asked_of_another_host();
}

#[test]
fn what_fails_is_run_again_and_what_takes_too_long_is_cancelled() {
    let workspace = quiet()
        .notebook("lent", &[&waits("lent"), "print('fin')"])
        .notebook(
            "casse",
            &["import pathlib\nassert pathlib.Path('repare').exists(), 'pas encore'"],
        )
        .notebook("suite", &["print('suite')"])
        .config("after = [\"casse\"]");
    let Some(dashboard) = Dashboard::open(workspace, FRENCH) else { return };
    let browser = &dashboard.browser;
    dashboard.go("/notebooks/lent/run");
    browser.press("Lancer maintenant");
    browser.wait_for_address("/runs/1");
    begun(&dashboard.workspace, "lent");
    browser.click("a[href='/runs/1/cancel']");
    browser.wait_for("dialog[open]");
    browser.press("Annuler cette exécution");
    let lent = "SELECT outcome FROM runs WHERE notebook = 'lent'";
    history_says(&dashboard.workspace, lent, &json!([["cancelled"]]));
    browser.wait_for_text(".run-head .state", "annulée");
    assert_eq!(dashboard.path(), "/runs/1");

    dashboard.go("/run");
    browser.click("input[value=casse]");
    browser.click("input[value=suite]");
    browser.press("Lancer les notebooks choisis");
    let ends = "SELECT notebook, outcome FROM runs WHERE notebook <> 'lent' ORDER BY id";
    let before = json!([["casse", "failed"], ["suite", "skipped"]]);
    history_says(&dashboard.workspace, ends, &before);
    dashboard.go("/");
    browser.wait_for_text(".verdict h1", "a échoué");
    fs::write(dashboard.workspace.root().join("notebooks/repare"), "").expect("written");
    browser.click("a[href='/runs/2/retry']");
    browser.wait_for_text("dialog[open]", "suite");
    browser.press("Relancer");
    let after = json!([
        ["casse", "failed"],
        ["suite", "skipped"],
        ["casse", "succeeded"],
        ["suite", "succeeded"]
    ]);
    history_says(&dashboard.workspace, ends, &after);
    browser.wait_for_text("main", "réussie");
    dashboard.hold_what_every_page_does(&[
        "/run",
        "/notebooks/lent/run",
        "/runs/1/retry",
        "/runs/1",
    ]);
}

#[test]
fn the_schedule_is_paused_and_changed_and_the_file_keeps_its_comments() {
    let Some(dashboard) = Dashboard::open(quiet().notebook("paie", &["1"]), FRENCH) else { return };
    let browser = &dashboard.browser;
    dashboard.go("/");
    browser.click(".notebooks a[href='/pause']");
    browser.wait_for("dialog[open]");
    browser.press("Tout mettre en pause");
    browser.wait_for_text("main h2", "En pause");
    dashboard.workspace.run(&["status"]).status(0).says("paused");
    browser.click(".findings a[href='/resume']");
    browser.wait_for("dialog[open]");
    browser.press("Tout reprendre");
    browser.until("the end of the pause", || !browser.text("main").contains("En pause"));
    dashboard.workspace.run(&["status"]).status(0).never_says("paused");

    dashboard.go("/notebooks/paie/schedule");
    browser.click("#rhythm-daily");
    browser.fill("#times", "25:00");
    browser.press("Vérifier");
    browser.wait_for(".field .error");
    assert!(
        browser
            .attribute("#times", "aria-describedby")
            .is_some_and(|ids| ids.contains("times-error"))
    );
    browser.audit();
    browser.fill("#times", "09:00");
    browser.press("Vérifier");
    browser.wait_for_text("main .diff", "daily_at = [\"09:00\"]");
    browser.audit();
    // Without a script too: a form that says what it will write, and then writes it.
    browser.scripts(false);
    dashboard.go("/notebooks/paie/schedule");
    browser.click("#rhythm-daily");
    browser.fill("#times", "07:30; 18:00");
    browser.press("Vérifier");
    browser.wait_for_text("main .diff", "daily_at = [\"07:30\", \"18:00\"]");
    let file = dashboard.workspace.root().join("penny.toml");
    let before = fs::read_to_string(&file).expect("read");
    assert!(!before.contains("daily_at"), "nothing is written before it was shown");
    browser.press("Enregistrer");
    browser.wait_for_address("/notebooks/paie");
    let after = fs::read_to_string(&file).expect("read");
    let (kept, added): (Vec<&str>, Vec<&str>) =
        after.lines().partition(|line| !line.contains("daily_at"));
    assert_eq!(kept, before.lines().collect::<Vec<_>>(), "all else stays as it was");
    assert_eq!(added, ["daily_at = [\"07:30\", \"18:00\"]"]);
    browser.scripts(true);
    dashboard.go("/notebooks/paie");
    browser.wait_for_text("main", "18 h 00");
    dashboard.hold_what_every_page_does(&[
        "/pause",
        "/resume",
        "/schedule",
        "/notebooks/paie/schedule",
        "/notebooks/paie",
    ]);
}
