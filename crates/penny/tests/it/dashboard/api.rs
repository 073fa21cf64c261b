//! The JSON API does what its description says: every answer is held against `/api/v1/openapi.json`.

use std::fs;

use serde_json::{Value, json};

use super::visitor::{self, Visitor};
use crate::support::{Workspace, wait_for};

const TOKEN: &str = "un-jeton-assez-long-pour-un-programme";

/// A program that asks with a token.
struct Program {
    visitor: Visitor,
    description: Value,
}

impl Program {
    fn of(workspace: &Workspace) -> Program {
        let visitor = Visitor::of_proxy(workspace, "127.0.0.1");
        let description = visitor.send("GET", "/api/v1/openapi.json", &authorised(), "").is(200);
        Program { visitor, description: serde_json::from_str(&description.body).expect("JSON") }
    }

    /// Asks, and holds the answer against the description of that address.
    #[track_caller]
    fn ask(&self, method: &str, path: &str, body: Option<Value>, status: u16) -> Value {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let mut headers = authorised();
        if !body.is_empty() {
            headers.push(("Content-Type", "application/json"));
        }
        let answer = self.visitor.send(method, &format!("/api/v1{path}"), &headers, &body);
        let answer = answer.is(status);
        let value: Value = serde_json::from_str(&answer.body).expect("JSON");
        let (described, operation) = self.operation(method, path);
        let schema = &operation["responses"][status.to_string()]["content"]["application/json"];
        assert!(schema.is_object(), "{method} {described} does not describe {status}");
        self.check(&schema["schema"], &value, &format!("{method} {path}"));
        value
    }

    /// The description of an address: the one with the fewest places to fill in.
    fn operation(&self, method: &str, path: &str) -> (&str, &Value) {
        let path = path.split('?').next().expect("a path");
        let fits = |described: &str| {
            let (these, those) = (described.split('/'), path.split('/'));
            these.clone().count() == those.clone().count()
                && these.zip(those).all(|(one, other)| one.starts_with('{') || one == other)
        };
        let paths = self.description["paths"].as_object().expect("paths");
        let found = paths.iter().filter(|(described, _)| fits(described));
        let (described, operations) =
            found.min_by_key(|(path, _)| path.matches('{').count()).expect("described");
        (described, &operations[method.to_lowercase()])
    }

    /// Fails where a value is not what its schema says.
    #[track_caller]
    fn check(&self, schema: &Value, value: &Value, place: &str) {
        if let Some(reference) = schema["$ref"].as_str() {
            let schema = self.description.pointer(&reference[1..]).expect("described");
            return self.check(schema, value, place);
        }
        if let Some(one) = schema["oneOf"].as_array() {
            let one = one.iter().find(|one| (one["type"] == "null") == value.is_null());
            return self.check(one.expect("one of them"), value, place);
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.check(part, value, place);
        }
        if !schema["type"].is_null() {
            let types = schema["type"].as_array().cloned();
            let types = types.unwrap_or_else(|| vec![schema["type"].clone()]);
            assert!(types.iter().any(|kind| is(value, kind)), "{place}: {value} is not {types:?}");
        }
        if let Some(words) = schema["enum"].as_array() {
            assert!(words.contains(value), "{place}: {value} is not one of {words:?}");
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().expect("a name");
            assert!(value.get(name).is_some(), "{place}: `{name}` is missing in {value}");
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = value.get(name) {
                self.check(schema, value, &format!("{place}.{name}"));
            }
        }
        for (index, value) in value.as_array().into_iter().flatten().enumerate() {
            self.check(&schema["items"], value, &format!("{place}[{index}]"));
        }
    }
}

fn authorised() -> Vec<(&'static str, &'static str)> {
    vec![("Authorization", "Bearer un-jeton-assez-long-pour-un-programme")]
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().expect("a kind") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}"),
    }
}

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
    let notebook =
        program.visitor.send("GET", "/api/v1/runs/1/notebook", &authorised(), "").is(200);
    assert!(notebook.body.contains("\"nbformat\""), "{}", notebook.body);
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
    assert_eq!(program.ask("GET", "/tables", None, 200), json!({"tables": []}));
}

#[test]
fn what_a_program_gets_wrong_ends_in_a_sentence() {
    let workspace = visitor::workspace("").env(&format!("PENNY_API_TOKEN={TOKEN}\n"));
    let (_service, _) = visitor::start(&workspace);
    let program = Program::of(&workspace);
    let refused = |method: &str, path: &str, body: Option<Value>, status: u16, says: &str| {
        let answer = program.ask(method, path, body, status);
        let text = answer.to_string();
        assert!(text.contains(says), "{method} {path}: {text}");
    };
    refused("GET", "/runs?outcome=gelungen", None, 400, "`gelungen` is no outcome");
    refused("GET", "/runs?since=jamais", None, 400, "`jamais` is no time");
    refused("GET", "/runs?notebook=vents", None, 400, "did you mean `ventes`?");
    refused("GET", "/runs?sinse=7d", None, 400, "sinse");
    refused("GET", "/runs/99", None, 404, "there is no such run");
    refused("POST", "/runs/99/cancel", Some(json!({})), 404, "there is no such run");
    refused("POST", "/runs", Some(json!({"notebooks": ["vents"]})), 400, "did you mean `ventes`?");
    refused("POST", "/runs", Some(json!({"notebook": "ventes"})), 400, "unknown field");
    refused("POST", "/runs", Some(json!({"parameters": {"a": 1}})), 400, "of one notebook");
    refused("POST", "/pause", Some(json!({"notebooks": ["x"]})), 400, "lists no notebook");
    refused("PUT", "/notebooks/x/schedule", Some(json!({})), 404, "lists no notebook");
    let before = fs::read(workspace.root().join("penny.toml")).expect("read");
    refused("PUT", "/notebooks/ventes/schedule", Some(json!({"every": "souvent"})), 400, "every");
    refused("PUT", "/schedule", Some(json!({"evry": "2h"})), 400, "`evry` is no key");
    assert_eq!(fs::read(workspace.root().join("penny.toml")).expect("read"), before);

    let stranger = Visitor::of_proxy(&workspace, "127.0.0.1");
    let answer = stranger.send("GET", "/api/v1/status", &[], "").is(401);
    assert!(answer.body.contains("\"error\""), "{}", answer.body);
    let lost = program.visitor.send("GET", "/api/v1/nothing", &authorised(), "").is(404);
    assert!(lost.body.contains("openapi.json"), "{}", lost.body);
}
