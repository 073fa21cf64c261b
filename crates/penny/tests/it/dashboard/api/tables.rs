//! The tables, and what connects Power BI to them, for programs.

use std::fs;

use serde_json::{Value, json};

use super::super::tables::Browsed;
use super::program::Program;

#[test]
fn tables_are_told_with_their_rows_columns_publishes_and_changes() {
    let browsed = Browsed::new();
    let program = Program::of_session(browsed.visitor.clone());
    browsed.open.rows("CREATE VIEW pennylane.vue AS SELECT 1 AS x");
    let told = program.ask("GET", "/tables", None, 200);
    let table = &told["tables"][0];
    assert_eq!((&table["table"], &table["rows"]), (&json!("pennylane.grand_livre"), &json!(119)));
    assert!(table["bytes"].as_u64().is_some_and(|bytes| bytes > 8000), "{table}");
    assert_eq!(
        (&told["others"][0]["table"], &told["others"][0]["view"]),
        (&json!("pennylane.vue"), &json!(true))
    );
    assert_eq!(told["trouble"], Value::Null);

    let told = program.ask("GET", "/tables/pennylane.grand_livre", None, 200);
    assert_eq!(
        (&told["rows"], &told["columns_all"], &told["has_more"]),
        (&json!(119), &json!(7), &json!(true))
    );
    let rows = told["first_rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 100);
    let row = json!(["2", "706000", "0.25", null, "2026-02-28", "false", null]);
    assert!(rows.contains(&row), "{rows:?}");
    let label = &told["columns"][3];
    // 40 of the 119 remaining labels are empty, as the page says.
    assert_eq!((&label["name"], &label["nulls"]), (&json!("libelle"), &json!(40)));
    let view = program.ask("GET", "/tables/pennylane.vue", None, 200);
    assert_eq!(
        (&view["view"], &view["published"], &view["rows"]),
        (&json!(true), &json!(null), &json!(null))
    );
    program.refused(
        "GET",
        "/tables/pg_catalog.pg_authid",
        None,
        404,
        "there is no table `pg_catalog.pg_authid`",
    );
    program.refused("GET", "/tables/pg_catalog.pg_authid/csv", None, 404, "there is no table");
    program.refused("GET", "/tables/pennylane.vue/publishes", None, 404, "there is no table");

    let file = program.fetch("/tables/pennylane.grand_livre/csv", "text/csv");
    assert_eq!(file.body, browsed.visitor.get("/tables/pennylane.grand_livre/csv").is(200).body);
    let told = program.ask("GET", "/tables/pennylane.grand_livre/publishes", None, 200);
    let publishes = told["publishes"].as_array().expect("publishes");
    assert_eq!(publishes.len(), 2);
    let last = ["run", "rows", "rows_before", "rows_deleted"].map(|name| &publishes[0][name]);
    assert_eq!(last, [&json!(2), &json!(119), &json!(120), &json!(2)]);
    let told = program.ask("GET", "/tables/pennylane.grand_livre/publishes?limit=1", None, 200);
    assert_eq!(told["publishes"].as_array().map(Vec::len), Some(1));

    let told = program.ask("GET", "/runs/2/tables", None, 200);
    assert_eq!(told["tables"][0]["moved"], json!({"added": 0, "removed": 1, "changed": 1}));
    let path = "/tables/pennylane.grand_livre/changes";
    let today = program.ask("GET", &format!("{path}?from=today&to=today"), None, 200);
    assert_eq!((&today["publishes"], &today["after"]["rows"]), (&json!(2), &json!(119)));
    assert_eq!(today, program.ask("GET", &format!("{path}?from=today"), None, 200));
    let before = program.ask("GET", &format!("{path}?from=7d&to=yesterday"), None, 200);
    assert_eq!((&before["changed"], &before["after"]), (&json!(false), &json!(null)));
    program.refused("GET", &format!("{path}?from=x"), None, 400, "`from`: `x` is no time");
    program.refused("GET", &format!("{path}?from=today&to=x"), None, 400, "`to`: `x` is no time");
    program.refused(
        "GET",
        &format!("{path}?from=today&to=7d"),
        None,
        400,
        "`from`: it is after `to`",
    );
    let compared = program.ask("GET", "/runs/1/compare/2", None, 200);
    assert_eq!(compared["tables"][0]["rows"]["changed"], 1);
}

#[test]
fn power_bi_gets_the_values_and_the_file_of_the_page_and_no_password() {
    let browsed = Browsed::new();
    let program = Program::of_session(browsed.visitor.clone());
    let told = program.ask("GET", "/powerbi", None, 200);
    let port = browsed.open.config.get_ports()[0];
    assert_eq!(
        (&told["server"], &told["port"]),
        (&json!(format!("localhost:{port}")), &json!(port))
    );
    assert_eq!(
        (&told["database"], &told["schema"], &told["user"]),
        (&json!("pennylane_db"), &json!("pennylane"), &json!("powerbi"))
    );
    assert_eq!(
        (&told["password"]["variable"], &told["runs"]),
        (&json!("POWERBI_PASSWORD"), &json!(true))
    );
    let env = fs::read_to_string(told["password"]["file"].as_str().expect("a file")).expect("read");
    assert!(env.contains("POWERBI_PASSWORD"), "it stands where it is said to stand");
    assert!(!told.to_string().contains("reader-of-a-test"), "{told}");
    let file = program.send("GET", "/powerbi/pbids", &[], "").is(200);
    assert_eq!(file.body, browsed.visitor.get("/powerbi/pennylane.pbids").is(200).body);
    assert_eq!(
        (file.json(), file.header("content-disposition")),
        (told["pbids"].clone(), Some("attachment; filename=\"pennylane.pbids\""))
    );
}
