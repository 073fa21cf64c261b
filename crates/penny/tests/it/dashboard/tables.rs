//! The tables in the dashboard: browsed, compared between dates, fetched, and connected to Power BI.

use std::fs;

use super::visitor::{Answer, Visitor};
use crate::server::Open;
use crate::service::Service;
use crate::support::{Workspace, free_port, notebook};

const FRENCH: [(&str, &str); 1] = [("Accept-Language", "fr-FR,fr;q=0.9")];

const LEDGER: &str = r#"
import pandas as pd, penny
df = pd.DataFrame({
    "id": range(1, 121), "plan_item_number": ["606400", "706000", "411000"] * 40,
    "debit": [1234.5, 0.25, 1000000.0] * 40, "libelle": ["=1+1", None, "<b>Café</b> ; \"été\""] * 40,
    "date": pd.to_datetime(["2026-01-31", "2026-02-28", "2026-03-31"] * 40),
    "paid": [True, False, True] * 40,
    "=lu": pd.to_datetime(["2026-01-31 23:30:00", None, "2026-07-01 12:00:00"] * 40, utc=True),
})
"#;
const CHANGE: &str = "df.loc[0, 'debit'] = 1235.75\ndf = df[df['id'] != 120]";
const PUBLISH: &str = "penny.publish(df, 'grand_livre')";

/// A workspace with a PostgreSQL that stays up, in which `grand_livre` was published twice, and its dashboard.
pub struct Browsed {
    /// The workspace with its PostgreSQL.
    pub open: Open,
    /// Who looks.
    pub visitor: Visitor,
    _service: Service,
}

impl Browsed {
    /// Publishes twice, and opens the dashboard.
    pub fn new() -> Browsed {
        let config = format!(
            "[web]\nlisten = \"127.0.0.1:{}\"\n[schedule]\nat_start = false\nevery = \"24h\"\n",
            free_port()
        );
        let workspace = Workspace::new()
            .variable("TZ", "Europe/Paris")
            .config(&config)
            .notebook("grand_livre", &[LEDGER, PUBLISH]);
        let open = Open::new(workspace);
        open.workspace.run(&["run"]).status(0);
        let file = open.workspace.root().join("notebooks/grand_livre.ipynb");
        fs::write(file, notebook(&[LEDGER, CHANGE, PUBLISH])).expect("written");
        open.workspace.run(&["run"]).status(0);
        let service = Service::start(&open.workspace);
        service.says("the dashboard: http://");
        let visitor = Visitor::logged_in(&open.workspace);
        Browsed { open, visitor, _service: service }
    }

    fn french(&self, path: &str) -> Answer {
        self.visitor.send("GET", path, &FRENCH, "")
    }
}

#[test]
fn a_table_is_shown_as_its_reader_writes_and_never_written_to() {
    let browsed = Browsed::new();
    let name = "pennylane.grand_livre";
    browsed
        .french("/tables")
        .is(200)
        .says(name)
        .says("href=\"/notebooks/grand_livre\"")
        .says(">119<");
    let page = browsed.french(&format!("/tables/{name}")).is(200);
    let page = page
        .says("100\u{a0}lignes sur 119")
        .says(">1\u{202f}234,50</td>")
        .says(">1\u{202f}000\u{202f}000,00</td>")
        .says(">0,25</td>")
        .says("<td>31/01/2026</td>")
        .says("<td>oui</td>")
        .says("<td>non</td>")
        .says("&lt;b&gt;Café&lt;/b&gt;")
        .says("<td><i>∅</i></td>")
        .says("valeur vide (NULL)")
        .says("nombre décimal")
        .says("<code class=\"soft\">double precision</code>")
        .says("nombre entier")
        .says("Dernières publications")
        .says("grand_livre nº 2")
        .says("href=\"/runs/2\"");
    assert!(!page.body.contains("<b>Café"), "what a cell holds is text");
    assert!(page.body.len() < 150_000, "{} bytes", page.body.len());
    // 40 of the 119 remaining labels are empty.
    let (_, columns) = page.body.split_once("Valeurs vides").expect("the columns");
    let (_, label) = columns.split_once("libelle").expect("the column");
    assert!(label.split("</tr>").next().is_some_and(|row| row.contains(">40<")), "{label}");
    let page = browsed.visitor.get(&format!("/tables/{name}")).is(200);
    page.says(">1,234.50</td>").says("<td>31 Jan 2026</td>").says("yes").says("decimal number");

    // Names of anything, and a view that would write if it could.
    let open = &browsed.open;
    for sql in [
        "CREATE TABLE pennylane.\"l'été \"\"/?#%\" (\"a\"\"; DROP TABLE x; --\" int, b numeric(20,2))",
        "INSERT INTO pennylane.\"l'été \"\"/?#%\" VALUES (NULL, 7)",
        "CREATE TABLE pennylane.ecrite (x int)",
        "CREATE FUNCTION pennylane.ecrit() RETURNS int LANGUAGE sql VOLATILE AS 'INSERT INTO pennylane.ecrite VALUES (1) RETURNING x'",
        "CREATE VIEW pennylane.vue AS SELECT pennylane.ecrit() AS x",
        "CREATE VIEW pennylane.lente AS SELECT pg_sleep(60)::text AS x",
        "CREATE TABLE pennylane.sans_colonne ()",
    ] {
        open.rows(sql);
    }
    let page = browsed.french("/tables/pennylane.l%27%C3%A9t%C3%A9%20%22%2F%3F%23%25").is(200);
    page.says("a&quot;; DROP TABLE x; --").says("numeric(20,2)").says("montant").says(">7,00</td>");
    browsed
        .french("/tables")
        .is(200)
        .says("pennylane.l%27%C3%A9t%C3%A9%20%22%2F%3F%23%25")
        .says("vue");
    browsed.french("/tables/pennylane.vue").is(200).says("read-only transaction");
    assert_eq!(open.rows("SELECT count(*) FROM pennylane.ecrite"), ["0"]);
    browsed.french("/tables/pennylane.lente").is(200).says("statement timeout");
    browsed.french("/tables/pennylane.sans_colonne").is(200).says("La table est vide.");
    for other in ["pg_catalog.pg_authid", "rien", "pennylane.%27%3B%20DROP", "..%2F..%2F.env"] {
        browsed.french(&format!("/tables/{other}")).is(404);
        browsed.french(&format!("/tables/{other}/csv")).is(404);
        browsed.french(&format!("/tables/{other}/changes")).is(404);
    }

    // Without its server the rest of the pages still stands.
    open.workspace.run(&["db", "stop"]).status(0);
    let page = browsed.french(&format!("/tables/{name}")).is(200);
    page.says("Les données ne peuvent pas être lues").says("Dernières publications").says("nº 2");
    browsed.french("/tables").is(200).says("Les données ne peuvent pas être lues").says(">119<");
    browsed.french(&format!("/tables/{name}/csv")).is(503);
}

#[test]
fn what_changed_between_two_dates_is_told_with_its_totals() {
    let browsed = Browsed::new();
    let path = "/tables/pennylane.grand_livre/changes";
    let page = browsed.french(path).is(200).says("Ce qui a changé");
    // Both publishes are of today: before, nothing is known.
    page.says("pas encore publiée → 119 lignes").says("la table a été créée entre-temps");
    let day = |days: i64| {
        let now = jiff::Zoned::now()
            .with_time_zone(jiff::tz::TimeZone::get("Europe/Paris").expect("a zone"));
        now.date().saturating_add(jiff::Span::new().days(days)).to_string()
    };
    let past = format!("{path}?from={}&to={}", day(-9), day(-5));
    browsed.french(&past).is(200).says("La table n’était pas encore publiée");
    browsed.french(&format!("{path}?from=x&to=y")).is(200).says("n’est pas une date");
    let reversed = format!("{path}?from={}&to={}", day(0), day(-3));
    browsed.french(&reversed).is(200).says("la première date est après la seconde");

    // The first publish moves to a week ago: the second is what changed since.
    let store = browsed.open.workspace.root().join(".penny/history.db");
    let code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=30); \
                c.execute('UPDATE publishes SET at = ? WHERE id = 1', (sys.argv[2],)); c.commit()";
    let moved = std::process::Command::new(penny_testing::base_python())
        .args(["-c", code])
        .arg(store)
        .arg(format!("{}T08:00:00.000000Z", day(-7)))
        .status();
    assert!(moved.expect("Python starts").success());
    let page = browsed.french(&format!("{path}?from={}&to={}", day(-3), day(0))).is(200);
    page.says("120 → 119 lignes")
        .says("0 ligne ajoutée, 1 supprimée, 1 modifiée (reconnues par id)")
        .says("classe 6, charges")
        .says(">+1,25<")
        .says(">−1\u{202f}000\u{202f}000,00<")
        .says("1 publication entre ces deux dates");
    let page = browsed.visitor.get(&format!("{path}?from={}&to={}", day(-3), day(0))).is(200);
    page.says("0 added, 1 removed, 1 changed (told by id)")
        .says("class 6, expenses")
        .says("−1,000,000.00");
}

#[test]
fn a_table_is_fetched_as_excel_opens_it() {
    let browsed = Browsed::new();
    let file = browsed.french("/tables/pennylane.grand_livre/csv").is(200);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    let attached = "attachment; filename=\"pennylane.grand_livre.csv\"";
    assert_eq!(file.header("content-disposition"), Some(attached));
    let lines: Vec<&str> = file.body.lines().collect();
    assert_eq!(lines.len(), 120);
    assert_eq!(lines[0], "\u{feff}id;plan_item_number;debit;libelle;date;paid;'=lu");
    let has = |line: &str| assert!(lines.contains(&line), "{line} is not in {:?}", &lines[..4]);
    // What Excel would compute is a text, a missing value is nothing, quotes are doubled.
    has("1;606400;1235,75;'=1+1;2026-01-31;VRAI;2026-02-01 00:30:00");
    has("2;706000;0,25;;2026-02-28;FAUX;");
    has("3;411000;1000000;\"<b>Café</b> ; \"\"été\"\"\";2026-03-31;VRAI;2026-07-01 14:00:00");
    let file = browsed.visitor.get("/tables/pennylane.grand_livre/csv").is(200);
    file.says("1,606400,1235.75,'=1+1,2026-01-31,TRUE,2026-02-01 00:30:00");
}

#[test]
fn power_bi_is_connected_by_values_and_a_file_that_hold_no_password() {
    let browsed = Browsed::new();
    let open = &browsed.open;
    let port = open.config.get_ports()[0];
    let page = browsed.french("/powerbi").is(200);
    let page = page
        .says(&format!("data-copy=\"localhost:{port}\""))
        .says("data-copy=\"pennylane_db\"")
        .says("data-copy=\"pennylane\"")
        .says("data-copy=\"powerbi\"")
        .says("POWERBI_PASSWORD")
        .says("Obtenir les données")
        .says("Base de données PostgreSQL")
        .says("passerelle")
        .says("href=\"/powerbi/pennylane.pbids\"");
    assert!(!page.body.contains("reader-of-a-test") && !page.body.contains("password-of-a-test"));
    browsed.visitor.get("/powerbi").is(200).says("Get data").says("gateway");
    let file = browsed.visitor.get("/powerbi/pennylane.pbids").is(200);
    assert_eq!(
        file.header("content-disposition"),
        Some("attachment; filename=\"pennylane.pbids\"")
    );
    let written = open.workspace.run(&["powerbi"]).status(0);
    let path = open.workspace.root().join("pennylane.pbids");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{e}: {}", written.stdout));
    assert_eq!(file.json(), serde_json::from_str::<serde_json::Value>(&text).expect("JSON"));
    assert_eq!(file.json()["connections"][0]["mode"], "Import");
}
