//! What a program gets wrong ends in a status, and in a sentence that names what is wrong.

use std::fs;

use serde_json::json;

use super::super::visitor::{self, Visitor};
use super::program::{Program, TOKEN};
use crate::support::plain;

#[test]
fn what_a_program_gets_wrong_ends_in_a_sentence_that_names_it() {
    let workspace = visitor::workspace("").env(&format!("PENNY_API_TOKEN={TOKEN}\n"));
    let (_service, _) = visitor::start(&workspace);
    let program = Program::of(&workspace);
    let unreadable = program.send("GET", "/notebooks/%FF", &[], "").is(400);
    assert_eq!(unreadable.json()["error"], "the address cannot be read");
    for (path, status, says) in [
        ("/runs?outcome=gelungen", 400, "`outcome`: `gelungen` is no outcome"),
        ("/runs?trigger=jamais", 400, "`trigger`: `jamais` is no trigger"),
        ("/runs?since=jamais", 400, "`since`: `jamais` is no time"),
        ("/runs?until=jamais", 400, "`until`: `jamais` is no time"),
        ("/runs?notebook=vents", 400, "did you mean `ventes`?"),
        ("/runs?before=x", 400, "`before`: a whole number is expected"),
        ("/runs?limit=-1", 400, "`limit`: a whole number is expected"),
        ("/runs?limit=99999999999999999999999", 400, "`limit`: this number is too large"),
        ("/runs?sinse=7d", 400, "did you mean `since`?"),
        ("/runs/99", 404, "there is no run 99"),
        ("/runs/x", 400, "`x` is no number of a run"),
        ("/runs/99/cells", 404, "there is no run 99"),
        ("/runs/99/cells?from=x", 400, "`from`: a whole number is expected"),
        ("/runs/99/outputs/0/0", 404, "that output is not there"),
        ("/runs/99/notebook", 404, "the notebook of that run is not there"),
        ("/runs/99/tables", 404, "there is no run 99"),
        ("/runs/99/log", 404, "there is no run 99"),
        ("/runs/99/compare/98", 404, "there is no run 99"),
        ("/runs/99/cancel", 404, "there is no run 99"),
        ("/runs/99/retry", 404, "there is no run 99"),
        ("/calendar?month=novembre", 400, "`month`: `novembre` is no month"),
        ("/calendar?month=2026-13", 400, "`month`: `2026-13` is no month"),
        ("/log?level=schlimm", 400, "`level`: `schlimm` is no level"),
        ("/log?lines=many", 400, "`lines`: a whole number is expected"),
        ("/notebooks?page=0", 400, "`page`: this is counted from 1"),
        ("/notebooks?limit=0", 400, "`limit`: this is counted from 1"),
        ("/status?page=0", 400, "`page`: this is counted from 1"),
        ("/status?limit=x", 400, "`limit`: a whole number is expected"),
        ("/status?q=x", 400, "these are: `page`, `limit`"),
        ("/notebooks/vents", 404, "did you mean `ventes`?"),
        ("/notebooks/vents/trends", 404, "did you mean `ventes`?"),
        ("/notebooks/ventes/trends?period=week", 400, "`period`: `week` is no period"),
        ("/notebooks/vents/parameters", 404, "did you mean `ventes`?"),
        ("/notebooks/vents/schedule", 404, "did you mean `ventes`?"),
        ("/tables/rien", 503, "nothing listens"),
        ("/tables/rien/csv", 503, "nothing listens"),
        ("/tables/rien/publishes", 404, "there is no table `rien`"),
        ("/tables/rien/changes?from=7d", 404, "there is no table `rien`"),
        ("/tables/rien/changes", 400, "`from`: this field is missing"),
    ] {
        program.refused("GET", path, None, status, says);
    }
    for (path, body, status, says) in [
        ("/runs/99/cancel", json!({}), 404, "there is no run 99"),
        ("/runs/99/cancel", json!({"all": true}), 400, "`all`: this field means nothing here"),
        ("/runs/99/retry", json!({}), 404, "there is no run 99"),
        ("/runs", json!({"notebooks": ["vents"]}), 400, "did you mean `ventes`?"),
        ("/runs", json!({"notebook": "ventes"}), 400, "did you mean `notebooks`?"),
        ("/runs", json!({"notebooks": "ventes"}), 400, "a list of names of notebooks is expected"),
        ("/runs", json!({"parameters": {"a": 1}}), 400, "of one notebook"),
        ("/pause", json!({"notebooks": ["x"]}), 400, "lists no notebook"),
        ("/resume", json!({"notebooks": ["x"]}), 400, "lists no notebook"),
        ("/notebooks/x/schedule/preview", json!({}), 404, "lists no notebook"),
    ] {
        program.refused("POST", path, Some(body), status, says);
    }
    program.refused("POST", "/runs", None, 400, "Content-Type: application/json");
    for body in ["[]", " [[\"ventes\"]]", "null", "\"ventes\"", "7", ""] {
        for path in ["/runs", "/pause", "/resume", "/schedule/preview"] {
            let json = [("Content-Type", "application/json")];
            program.send("POST", path, &json, body).is(400).says("the body is no JSON object");
        }
    }
    for (body, says) in [
        (
            json!({"notebooks": ["vents"]}),
            "`notebooks` : penny.toml ne contient pas de notebook « vents »",
        ),
        (json!({"notebooks": ["vents"]}), "s’agit-il de `ventes` ?"),
        (json!({"notebooks": 7}), "il faut une liste de noms de notebooks, comme"),
        (json!({"parameters": {"a": 1}}), "ce sont ceux d’un seul notebook"),
    ] {
        let french = [("Content-Type", "application/json"), ("Accept-Language", "fr-FR")];
        let told = program.send("POST", "/runs", &french, &body.to_string()).is(400).json();
        assert!(plain(&told.to_string()).contains(says), "{told}");
    }
    let unnamed = program.send("POST", "/runs/99/cancel", &[], "{\"sync\": true}").is(400);
    unnamed.says("the body does not say that it is JSON");
    program.send("POST", "/runs/99/cancel", &[], "").is(404);
    let large = json!({"notebooks": ["x".repeat(70_000)]});
    program.refused("POST", "/runs", Some(large), 413, "that is more than a form of Penny's holds");
    assert_eq!(
        program.ask("GET", "/runs", None, 200)["matching"],
        0,
        "nothing of this runs anything"
    );
    program.refused("PUT", "/notebooks/x/schedule", Some(json!({})), 404, "lists no notebook");
    let before = fs::read(workspace.root().join("penny.toml")).expect("read");
    for (body, says) in [
        (json!({"every": "souvent"}), "`every`: `souvent` is not a length of time"),
        (json!({"daily_at": ["26:00"]}), "`daily_at`: `26:00` is not a time of day"),
        (json!({"cron": "* *"}), "`cron`: `* *` has 2 fields"),
        (json!({"every": "2h", "cron": "@daily"}), "one of `every`"),
        (json!({"evry": "2h"}), "did you mean `every`?"),
        (json!({"every": 2}), "`every`: a length of time is expected"),
    ] {
        for path in ["/schedule", "/notebooks/ventes/schedule"] {
            program.refused("PUT", path, Some(body.clone()), 400, says);
            program.refused("POST", &format!("{path}/preview"), Some(body.clone()), 400, says);
        }
    }
    assert_eq!(fs::read(workspace.root().join("penny.toml")).expect("read"), before);
}

#[test]
fn nothing_is_told_without_a_token_or_a_session_and_nothing_changed_without_a_proof() {
    let workspace = visitor::workspace("").env(&format!("PENNY_API_TOKEN={TOKEN}\n"));
    let (_service, _) = visitor::start(&workspace);
    let program = Program::of(&workspace);
    let stranger = Visitor::of_proxy(&workspace, "127.0.0.1");
    let browser = Visitor::logged_in(&workspace);
    let paths = program.description["paths"].as_object().expect("paths");
    let mut asked = 0;
    for (described, operations) in paths {
        let path = format!("/api/v1{}", described.replace(['{', '}'], ""));
        for method in operations.as_object().expect("methods").keys() {
            let method = method.to_uppercase();
            let answer = stranger.send(&method, &path, &[], "").is(401);
            assert!(answer.json()["error"].is_string(), "{method} {path}: {answer:?}");
            let wrong = [("Authorization", "Bearer un-autre-jeton-assez-long")];
            stranger.send(&method, &path, &wrong, "").is(401);
            if method != "GET" {
                let origin = format!("http://{}", browser.host);
                let answer = browser.send(&method, &path, &[("Origin", &origin)], "").is(403);
                assert!(answer.json()["error"].is_string(), "{method} {path}: {answer:?}");
            }
            asked += 1;
        }
    }
    assert!(asked > 30, "{asked}");

    // With its pages' proof a session does what a token does.
    let session = Program::of_session(browser);
    session.ask("GET", "/verdict", None, 200);
    let paused = session.ask("POST", "/pause", Some(json!({"notebooks": ["ventes"]})), 200);
    assert_eq!(paused, program.ask("POST", "/pause", Some(json!({"notebooks": ["ventes"]})), 200));

    for path in ["/nothing", "", "/runs/1/nothing", "/../v1/nothing"] {
        let lost = program.send("GET", path, &[], "").is(404);
        assert!(lost.json()["hints"][0].as_str().is_some_and(|h| h.contains("openapi.json")));
        assert!(program.send("POST", path, &[], "").is(404).json()["error"].is_string());
    }
}
