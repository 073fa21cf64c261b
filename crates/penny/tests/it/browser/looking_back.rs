//! Looking back: the history and its filters, the calendar, the tables and what changed in them, Power BI.

use serde_json::{Value, json};

use super::{Dashboard, FRENCH};
use crate::service::history_says;
use crate::sources::without_sandbox;

/// A ledger whose rows differ from run to run.
const LEDGER: &str = "
import pathlib
import pandas as pd, penny
runs = pathlib.Path('runs.txt')
passed = int(runs.read_text()) if runs.exists() else 0
runs.write_text(str(passed + 1))
df = pd.DataFrame({
    'id': range(150),
    'date': pd.Timestamp('2026-10-01') + pd.to_timedelta(range(150), unit='D'),
    'compte': ['411000', '706000', '512000'] * 50,
    'libelle': ['Facture n° %d & <b>suite</b>' % i for i in range(150)],
    'debit': [1234.5 + passed] * 150,
    'lettrage': [None] * 150,
})
penny.publish(df, 'ecritures', key='id')";

#[test]
fn the_past_and_the_tables_are_found_and_power_bi_is_connected() {
    let workspace = without_sandbox()
        .config("[schedule]\nevery = \"2h\"\ntimezone = \"Europe/Paris\"")
        .notebook("grand_livre", &[LEDGER])
        .notebook("essai", &["raise ValueError('le compte 471 n’est pas soldé')"])
        .notebook("calme", &["print('rien')"]);
    workspace.run(&["run"]).status(1);
    let Some(dashboard) = Dashboard::open(workspace, FRENCH) else { return };
    let ended = "SELECT count(*) FROM runs WHERE outcome IS NOT NULL";
    history_says(&dashboard.workspace, ended, &json!([[6]]));
    the_history_is_filtered_and_two_runs_are_compared(&dashboard);
    the_calendar_leads_to_a_day(&dashboard);
    a_table_is_looked_at(&dashboard);
    power_bi_is_connected(&dashboard);
    dashboard.hold_what_every_page_does(&[
        "/",
        "/history?outcome=failed",
        "/calendar",
        "/tables",
        "/tables/pennylane.ecritures",
        "/tables/pennylane.ecritures/changes",
        "/powerbi",
        "/notebooks/grand_livre",
    ]);
    without_scripts_it_reads_the_same(&dashboard);
}

fn the_history_is_filtered_and_two_runs_are_compared(dashboard: &Dashboard) {
    let browser = &dashboard.browser;
    dashboard.go("/history");
    browser.wait_for_text("main", "6 exécutions");
    // A choice acts by itself.
    browser.choose("select[name=outcome]", "failed");
    browser.wait_for_text("main", "2 exécutions");
    let notebooks = browser.texts("table.history tbody th a");
    assert_eq!(notebooks, ["essai", "essai"]);
    dashboard.go("/history");
    browser.fill("[name=text]", "471");
    browser.script("document.querySelector('[name=text]').form.requestSubmit()", &json!([]));
    browser.wait_for_text("main", "2 exécutions");
    dashboard.go("/history?notebook=grand_livre");
    browser.wait_for_text("main", "2 exécutions");
    for row in 1..=2 {
        browser.click(&format!("table.history tbody tr:nth-child({row}) input"));
    }
    browser.press("Comparer les deux exécutions cochées");
    browser.wait_for_address("/compare/");
    let page = browser.text("main");
    // 150 rows of which each has one euro more.
    for said in ["ecritures", "debit", "+150", "classe 4"] {
        assert!(page.contains(said), "`{said}` is not in\n{page}");
    }
}

fn the_calendar_leads_to_a_day(dashboard: &Dashboard) {
    let browser = &dashboard.browser;
    dashboard.go("/calendar");
    let today = browser.text("td[aria-current=date]");
    assert!(today.contains('2') || today.contains('6'), "2 failures of 6 runs: {today}");
    browser.click("td[aria-current=date] a");
    browser.wait_for_address("/history?");
    browser.wait_for_text("main", "6 exécutions");
}

fn a_table_is_looked_at(dashboard: &Dashboard) {
    let browser = &dashboard.browser;
    dashboard.go("/tables");
    browser.press("pennylane.ecritures");
    browser.wait_for_address("/tables/pennylane.ecritures");
    let page = browser.text("main");
    for said in [
        "grand_livre",
        "Facture n° 1 & <b>suite</b>",
        "1\u{202f}235,5",
        "nombre décimal",
        "texte",
        "date",
    ] {
        assert!(page.contains(said), "`{said}` is not in\n{page}");
    }
    let file = "return fetch(location.pathname + '/csv').then(answer => answer.text())";
    let file = browser.script(file, &json!([]));
    let lines: Vec<&str> = file.as_str().expect("a text").lines().collect();
    assert_eq!(lines.len(), 151);
    assert!(
        lines[0].trim_start_matches('\u{feff}').starts_with("id;date;compte;libelle;debit"),
        "{}",
        lines[0]
    );
    assert!(lines[1].contains("1235,5"), "{}", lines[1]);
}

fn power_bi_is_connected(dashboard: &Dashboard) {
    let browser = &dashboard.browser;
    dashboard.go("/tables");
    browser.press("Connecter Power BI");
    browser.wait_for_address("/powerbi");
    let page = browser.text("main");
    for said in ["localhost:", "pennylane_db", "powerbi", "Obtenir les données"] {
        assert!(page.contains(said), "`{said}` is not in\n{page}");
    }
    assert!(!page.contains("reader-of-a-test"), "the password is not shown");
    assert!(browser.count("button[data-copy]:not([hidden])") >= 4, "values can be copied");
    let file =
        "return fetch(document.querySelector('a[download]').href).then(answer => answer.text())";
    let file = browser.script(file, &json!([]));
    let file: Value = serde_json::from_str(file.as_str().expect("a text")).expect("JSON");
    assert_eq!(file["connections"][0]["details"]["protocol"], "postgresql");
    assert_eq!(file["connections"][0]["mode"], "Import");
}

fn without_scripts_it_reads_the_same(dashboard: &Dashboard) {
    let browser = &dashboard.browser;
    browser.scripts(false);
    for (path, said) in [
        ("/", "a échoué"),
        ("/history", "Comparer les deux exécutions cochées"),
        ("/tables", "ecritures"),
        ("/tables/pennylane.ecritures", "Facture n° 1"),
        ("/powerbi", "pennylane_db"),
    ] {
        dashboard.go(path);
        let page = browser.text("main");
        assert!(page.contains(said), "{path} does not say `{said}`:\n{page}");
    }
    dashboard.go("/history");
    browser.choose("select[name=outcome]", "failed");
    browser.press("Filtrer");
    browser.wait_for_text("main", "2 exécutions");
    browser.scripts(true);
}
