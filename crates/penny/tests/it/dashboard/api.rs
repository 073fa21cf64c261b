//! The JSON API does what its description says: every answer is held against `/api/v1/openapi.json`.

mod described;
mod looking;
mod program;
mod refusals;
mod schedules;
mod secrets;
mod tables;

use std::fs;

use serde_json::{Value, json};

use super::visitor;
use crate::support::wait_for;
use program::{Program, TOKEN};

#[test]
fn a_program_sees_and_does_what_a_page_shows_and_does() {
    let workspace = visitor::workspace("").env(&format!("PENNY_API_TOKEN={TOKEN}\n"));
    let (_service, _) = visitor::start(&workspace);
    let program = Program::of(&workspace);
    let status = program.ask("GET", "/status", None, 200);
    assert_eq!(
        (&status["running"], &status["notebooks"][0]["name"]),
        (&json!(true), &json!("ventes"))
    );
    program.ask("GET", "/health", None, 200);
    assert_eq!(program.ask("GET", "/runs", None, 200)["matching"], 0);

    for expected in 1..=2 {
        program.ask("POST", "/runs", Some(json!({"notebooks": ["ventes"]})), 202);
        wait_for("the run has ended", || {
            let runs = program.ask("GET", "/runs?notebook=ventes&outcome=succeeded", None, 200);
            runs["matching"] == json!(expected)
        });
    }
    let run = program.ask("GET", "/runs/1", None, 200);
    assert_eq!(
        (&run["outcome"], &run["cell_list"][0]["status"]),
        (&json!("succeeded"), &json!("completed"))
    );
    let told: Value =
        serde_json::from_str(&workspace.run(&["show", "1", "--json"]).status(0).stdout)
            .expect("JSON");
    assert_eq!(run, told, "the same as the command says");
    program.fetch("/runs/1/notebook", "application/x-ipynb+json").says("\"nbformat\"");
    program.fetch("/runs/1/notebook?attempt=1", "application/x-ipynb+json");
    assert_eq!(program.ask("GET", "/runs/1?attempt=1", None, 200)["attempt"], 1);
    let compared = program.ask("GET", "/runs/2/compare/1", None, 200);
    assert_eq!((&compared["before"]["run"], &compared["after"]["run"]), (&json!(1), &json!(2)));

    let paused = program.ask("POST", "/pause", Some(json!({"notebooks": ["ventes"]})), 200);
    assert_eq!(paused, json!({"all": false, "notebooks": ["ventes"]}));
    let paused = program.ask("POST", "/resume", Some(json!({"notebooks": ["ventes"]})), 200);
    assert_eq!(paused, json!({"all": false, "notebooks": []}));

    assert_eq!(program.ask("GET", "/schedule", None, 200), json!({"every": "24h"}));
    let wish = json!({"daily_at": ["07:30"], "working_days": "FR"});
    program.ask("PUT", "/notebooks/ventes/schedule", Some(wish.clone()), 200);
    assert_eq!(program.ask("GET", "/notebooks/ventes/schedule", None, 200), wish);
    let config = fs::read_to_string(workspace.root().join("penny.toml")).expect("read");
    assert!(config.contains("daily_at = [\"07:30\"]"), "{config}");

    let log = program.ask("GET", "/log?lines=500", None, 200);
    assert!(log["lines"].as_array().is_some_and(|lines| lines.len() > 3), "{log}");
    let tables = program.ask("GET", "/tables", None, 200);
    assert_eq!((&tables["tables"], &tables["others"]), (&json!([]), &Value::Null));
    assert!(tables["trouble"].is_string(), "no PostgreSQL is there: {tables}");
}
