//! A schedule is tried before it is written, and written only over what was looked at.

use std::fs;

use serde_json::json;

use super::super::visitor;
use super::program::{Program, TOKEN};

#[test]
fn a_schedule_is_tried_without_being_written_and_then_is_what_was_told() {
    let workspace = visitor::workspace("").env(&format!("PENNY_API_TOKEN={TOKEN}\n"));
    let (_service, _) = visitor::start(&workspace);
    let program = Program::of(&workspace);
    let path = workspace.root().join("penny.toml");
    let before = fs::read_to_string(&path).expect("read");
    let wish = json!({"daily_at": ["07:30"], "working_days": "FR", "on_change": true});
    let told = program.ask("POST", "/notebooks/ventes/schedule/preview", Some(wish.clone()), 200);
    assert_eq!(told["schedule"], "on French working days at 07:30");
    assert_eq!(
        (&told["on_change"], &told["changes"], &told["notebooks"]),
        (&json!(true), &json!(true), &json!(null))
    );
    assert_eq!(told["next"].as_array().map(Vec::len), Some(5));
    let come =
        told["lines"].as_array().expect("lines").iter().filter(|line| line["what"] == "comes");
    let come: Vec<&str> = come.filter_map(|line| line["line"].as_str()).collect();
    assert!(come.contains(&"daily_at = [\"07:30\"]"), "{come:?}");
    assert_eq!(fs::read_to_string(&path).expect("read"), before, "nothing is written");

    program.ask("PUT", "/notebooks/ventes/schedule", Some(wish.clone()), 200);
    let written = fs::read_to_string(&path).expect("read");
    assert!(come.iter().all(|line| written.contains(line)), "{written}");
    let told = program.ask("POST", "/notebooks/ventes/schedule/preview", Some(wish), 200);
    assert_eq!((&told["changes"], &told["lines"]), (&json!(false), &json!([])));
    let told = program.ask("POST", "/schedule/preview", Some(json!({"every": "2h"})), 200);
    assert_eq!((&told["schedule"], &told["notebooks"]), (&json!("every 2 hours"), &json!(0)));
    let body = json!({"every": "2h"}).to_string();
    let french = [("Accept-Language", "fr"), ("Content-Type", "application/json")];
    let told = program.send("POST", "/schedule/preview", &french, &body).is(200).json();
    assert_eq!(told["schedule"], "toutes les 2 heures");
}

#[test]
fn schedules_that_are_changed_at_once_are_all_written() {
    let names: Vec<String> = (1..=6).map(|number| format!("n{number}")).collect();
    let workspace = visitor::workspace("").env(&format!("PENNY_API_TOKEN={TOKEN}\n"));
    let workspace =
        names.iter().fold(workspace, |workspace, name| workspace.notebook(name, &["1"]));
    let (_service, _) = visitor::start(&workspace);
    let program = Program::of(&workspace);
    std::thread::scope(|scope| {
        for name in &names {
            let (program, path) = (&program, format!("/notebooks/{name}/schedule"));
            scope.spawn(move || program.ask("PUT", &path, Some(json!({"every": "3h"})), 200));
        }
    });
    for name in &names {
        let told = program.ask("GET", &format!("/notebooks/{name}/schedule"), None, 200);
        assert_eq!(told, json!({"every": "3h"}), "{name}");
    }
}

#[test]
fn a_schedule_is_not_written_over_a_file_that_changed_since_it_was_looked_at() {
    let workspace = visitor::workspace("").env(&format!("PENNY_API_TOKEN={TOKEN}\n"));
    let (_service, _) = visitor::start(&workspace);
    let program = Program::of(&workspace);
    let seen = program.send("GET", "/schedule", &[], "").is(200);
    let tag = seen.header("etag").expect("a tag").to_owned();
    let path = workspace.root().join("penny.toml");
    let text = fs::read_to_string(&path).expect("read");
    fs::write(&path, format!("{text}\n# Note de la comptabilité\n")).expect("written");
    let put = |tag: &str, status: u16| {
        let headers = [("If-Match", tag), ("Content-Type", "application/json")];
        program.send("PUT", "/schedule", &headers, "{\"every\": \"3h\"}").is(status)
    };
    put(&tag, 412).says("was changed by somebody else").says("\"hints\"");
    assert_eq!(program.ask("GET", "/schedule", None, 200), json!({"every": "24h"}));
    let tried = [("Content-Type", "application/json")];
    let tried = program.send("POST", "/schedule/preview", &tried, "{\"every\": \"3h\"}").is(200);
    put(tried.header("etag").expect("a tag"), 200);
    assert_eq!(program.ask("GET", "/schedule", None, 200), json!({"every": "3h"}));
    let text = fs::read_to_string(path).expect("read");
    assert!(text.contains("# Note de la comptabilité"), "{text}");
}
