//! What the pages tell of the past and the present, a program is told, too.

use jiff::{Timestamp, ToSpan as _};
use penny::store::{Outcome, Published, RunId, Trigger};
use serde_json::{Value, json};

use super::super::looking_back::{Past, Ran};
use super::super::visitor;
use super::program::{Program, TOKEN};
use crate::service::history;
use crate::support::{plain, wait_for};

fn runs(told: &Value) -> Vec<i64> {
    let runs = told["runs"].as_array().expect("runs").iter();
    runs.map(|run| run["run"].as_i64().expect("a number")).collect()
}

#[test]
fn runs_are_found_by_the_filters_of_the_history_and_told_in_pages_of_which_none_is_lost() {
    let past = Past::new();
    let error = Some("notebook `achats` failed in cell 2 (Export)\nKeyError: 'été'");
    past.run(&Ran::new("ventes", "2026-05-03T08:00:00Z", Outcome::Succeeded));
    past.run(&Ran { error, ..Ran::new("achats", "2026-05-04T08:00:00Z", Outcome::Failed) });
    // Already the 6th in Paris.
    let trigger = Trigger::FileChange;
    past.run(&Ran { trigger, ..Ran::new("ventes", "2026-05-05T22:30:00Z", Outcome::TimedOut) });
    let program = Program::of_session(past.visitor.clone());
    let check = |query: &str, expected: &[i64], matching: u64| {
        let told = program.ask("GET", &format!("/runs?{query}"), None, 200);
        assert_eq!(
            (runs(&told), &told["matching"]),
            (expected.to_vec(), &json!(matching)),
            "{query}"
        );
        told["older"].clone()
    };
    check("", &[3, 2, 1], 3);
    check("notebook=ventes,achats&outcome=failed,timed-out", &[3, 2], 2);
    check("trigger=file-change", &[3], 1);
    check("trigger=file%20change,timer", &[3, 2, 1], 3);
    check("since=2026-05-04&until=2026-05-05", &[2], 1);
    check("until=2026-05-06", &[3, 2, 1], 3);
    check("until=2026-05-04T08:00:00Z", &[1], 1);
    check("text=KEYERROR", &[2], 1);
    check("limit=0", &[], 3);
    assert_eq!(check("limit=2", &[3, 2], 3), json!(2));
    assert_eq!(check("limit=2&before=2", &[1], 3), Value::Null);
    assert_eq!(check("limit=18446744073709551615", &[3, 2, 1], 3), Value::Null);
}

#[test]
fn the_calendar_has_the_numbers_of_its_page() {
    let past = Past::new();
    past.run(&Ran::new("ventes", "2026-05-04T08:00:00Z", Outcome::Succeeded));
    past.run(&Ran::new("ventes", "2026-05-04T10:00:00Z", Outcome::Failed));
    past.run(&Ran::new("ventes", "2026-05-04T22:30:00Z", Outcome::Cancelled));
    past.run(&Ran::new("ventes", "2026-05-31T21:59:59Z", Outcome::Succeeded));
    past.run(&Ran::new("ventes", "2026-05-31T22:00:00Z", Outcome::Succeeded));
    let program = Program::of_session(past.visitor.clone());
    let told = program.ask("GET", "/calendar?month=2026-05", None, 200);
    past.visitor.get("/calendar?month=2026-05").is(200).says("4 runs, 1 failure.");
    assert_eq!(told["total"], json!({"runs": 4, "succeeded": 2, "failed": 1}));
    assert_eq!(
        (&told["month"], &told["last_working_day"]),
        (&json!("2026-05"), &json!("2026-05-29"))
    );
    let days = told["days"].as_array().expect("days");
    assert_eq!(days.len(), 31);
    let expected = json!({
        "date": "2026-05-04", "runs": 2, "succeeded": 1, "failed": 1, "working_day": true, "holiday": null,
    });
    assert_eq!(days[3], expected);
    // By the clock of Paris it is the 5th.
    assert_eq!((&days[4]["runs"], &days[4]["failed"]), (&json!(1), &json!(0)));
    assert_eq!(
        (&days[0]["working_day"], &days[0]["holiday"]),
        (&json!(false), &json!("Labour Day"))
    );
    let french = [("Accept-Language", "fr")];
    let french = program.send("GET", "/calendar?month=2026-05", &french, "").is(200).json();
    assert_eq!(french["days"][0]["holiday"], "fête du Travail");
    let months = told["months"].as_array().expect("months");
    assert_eq!(months.len(), 12);
    let june = program.ask("GET", "/calendar?month=2026-06", None, 200);
    assert_eq!(june["total"]["runs"], 1);
    let present = program.ask("GET", "/calendar", None, 200);
    assert!(
        present["today"]
            .as_str()
            .expect("a day")
            .starts_with(present["month"].as_str().expect("a month"))
    );
    assert_eq!(present["months"][11]["month"], present["month"]);
}

#[test]
fn a_notebook_has_the_numbers_and_the_bars_of_its_page() {
    let past = Past::new();
    let program = Program::of_session(past.visitor.clone());
    let new = program.ask("GET", "/notebooks/ventes", None, 200);
    assert_eq!(
        (&new["last_success"], &new["usual"], &new["recent"]),
        (&json!(null), &json!(null), &json!([]))
    );
    assert_eq!(new["settings"]["next"].as_array().map(Vec::len), Some(3));
    let now = Timestamp::now();
    let ago = |days: i64| now.saturating_sub((days * 24).hours()).expect("a time").to_string();
    let (good, bad) = (Outcome::Succeeded, Outcome::Failed);
    for (days, outcome, hash) in [(200, good, "a"), (20, good, "a"), (12, bad, "b"), (5, good, "b")]
    {
        let run = past.run(&Ran { hash, ..Ran::new("ventes", &ago(days), outcome) });
        publish(&past, run, 40_000 + days.unsigned_abs(), &ago(days));
    }
    let told = program.ask("GET", "/notebooks/ventes", None, 200);
    past.visitor.get("/notebooks/ventes").is(200).says("66.6%").says("2 of 3").says("1 min 15 s");
    assert_eq!(told["last_30_days"], json!({"succeeded": 2, "ended": 3}));
    assert_eq!(told["usual"]["seconds"], 75.0);
    assert_eq!(
        (&told["last_success"]["run"], &told["last_failure"]["run"]),
        (&json!(4), &json!(3))
    );
    assert_eq!(
        (&told["file_unchanged_since"]["run"], &told["file_unchanged_since"]["run_before"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(told["tables"][0]["rows"], 40_005);

    for (period, bars, single) in [("runs", 4, 4), ("month", 30, 3), ("year", 53, 4)] {
        let told =
            program.ask("GET", &format!("/notebooks/ventes/trends?period={period}"), None, 200);
        let all = told["bars"].as_array().expect("bars");
        assert_eq!(
            (all.len(), all.iter().filter(|bar| bar["run"].is_i64()).count()),
            (bars, single)
        );
        let rows = told["tables"][0]["bars"].as_array().expect("bars");
        assert_eq!((rows.len(), &rows[bars - 1]["rows"]), (bars, &json!(40_005)), "{period}");
    }
    let told = program.ask("GET", "/notebooks/ventes/trends", None, 200);
    let bar = &told["bars"][2];
    assert_eq!(
        (&bar["outcome"], &bar["seconds"], &bar["edited"]),
        (&json!("failed"), &json!(75.0), &json!(true))
    );

    // A notebook that penny.toml no longer lists still has a past, and nothing to be given.
    past.run(&Ran::new("ancien nom", &ago(3), good));
    let old = program.ask("GET", "/notebooks/ancien%20nom", None, 200);
    assert_eq!((&old["settings"], old["recent"].as_array().map(Vec::len)), (&json!(null), Some(1)));
    program.ask("GET", "/notebooks/ancien%20nom/trends?period=month", None, 200);
    program.refused("GET", "/notebooks/ancien%20nom/parameters", None, 404, "lists no notebook");
}

#[track_caller]
fn values_that_its_parameters_cell_does_not_take_are_refused(program: &Program) {
    for (parameters, says) in [
        (json!({"anee": 2024}), "`parameters`: `anee` is no parameter of `echoue`"),
        (json!({"anee": 2024}), "did you mean `annee`?"),
        (json!({"tout": 1}), "it has: annee, token, libelle, jour"),
        (
            json!({"annee": "2024"}),
            "`parameters.annee`: a number is expected here, such as 1234.50",
        ),
        (json!({"annee": true}), "`parameters.annee`: a number is expected here"),
        (json!({"annee": 2024, "libelle": 3}), "`parameters.libelle`: a text is expected here"),
        (json!({"token": ["a"]}), "`parameters.token`: a text is expected here"),
    ] {
        let body = json!({"notebooks": ["echoue"], "parameters": parameters});
        program.refused("POST", "/runs", Some(body), 400, says);
    }
    let body = json!({"notebooks": ["ventes"], "parameters": {"annee": 2024}});
    program.refused("POST", "/runs", Some(body), 400, "it has none");
    let body = json!({"notebooks": ["echoue"], "parameters": {"annee": "beaucoup"}}).to_string();
    let french = [("Content-Type", "application/json"), ("Accept-Language", "fr")];
    let told = program.send("POST", "/runs", &french, &body).is(400).json();
    let says = "`parameters.annee` : un nombre est attendu ici, comme 1 234,50";
    assert_eq!(plain(told["error"].as_str().expect("a sentence")), says);
}

fn publish(past: &Past, run: RunId, rows: u64, at: &str) {
    let at = at.parse().expect("a time");
    let table = "pennylane.ventes";
    let report = json!({"table": table, "rows": rows}).to_string();
    let published = Published { table: table.into(), rows, at, report };
    past.store.add_publish(Some(run), &published, None).expect("written");
}

#[test]
fn a_run_is_told_with_its_cells_outputs_and_log_and_what_doing_it_again_would_do() {
    let parameters =
        "annee = 2025  # l'exercice\ntoken = 'caché'\nlibelle = 'Clients'\njour = __import__('os')";
    let workspace = visitor::workspace("")
        .env(&format!("PENNY_API_TOKEN={TOKEN}\nPENNYLANE_API_TOKEN=tres-secret-de-test\n"))
        .notebook("echoue", &[parameters, "print('bonjour' * 3)", "1 / 0"]);
    let file = workspace.root().join("notebooks/echoue.ipynb");
    let text = std::fs::read_to_string(&file).expect("read");
    let mut tree: Value = serde_json::from_str(&text).expect("JSON");
    tree["cells"][0]["metadata"]["tags"] = json!(["parameters"]);
    std::fs::write(&file, tree.to_string()).expect("written");
    let (_service, _) = visitor::start(&workspace);
    let program = Program::of(&workspace);

    let told = program.ask("GET", "/notebooks/echoue/parameters", None, 200);
    let field = |at: usize, name: &str| told["parameters"][at][name].clone();
    assert_eq!(
        (field(0, "name"), field(0, "value"), field(0, "help")),
        (json!("annee"), json!(2025), json!("l'exercice"))
    );
    assert_eq!((field(1, "kind"), field(1, "value")), (json!("secret"), json!(null)));
    assert_eq!((field(2, "kind"), field(2, "value")), (json!("text"), json!("Clients")));
    assert_eq!(
        (field(3, "kind"), field(3, "source")),
        (json!("expression"), json!("__import__('os')"))
    );

    values_that_its_parameters_cell_does_not_take_are_refused(&program);
    assert_eq!(
        history(&workspace, "SELECT count(*) FROM requests"),
        json!([[0]]),
        "nothing is asked"
    );
    let body = json!({"notebooks": ["echoue"], "parameters": {"annee": 2024}});
    program.ask("POST", "/runs", Some(body), 202);
    wait_for("the run has failed", || {
        program.ask("GET", "/runs?outcome=failed", None, 200)["matching"] == 1
    });
    let run = program.ask("GET", "/runs/1", None, 200);
    assert_eq!(
        (&run["asked_by"], &run["fault"]["ename"]),
        (&json!("the API"), &json!("ZeroDivisionError"))
    );
    let cells = program.ask("GET", "/runs/1/cells", None, 200);
    let all = cells["cells"].as_array().expect("cells");
    assert_eq!((&cells["executed"], &cells["matching"], all.len()), (&json!(true), &json!(4), 4));
    let printed =
        all.iter().find(|cell| cell["source"] == "print('bonjour' * 3)").expect("the cell");
    assert_eq!(printed["showed"][0]["kind"], "stream");
    let output = format!("/runs/1/outputs/{}/0", printed["cell"]);
    assert_eq!(program.fetch(&output, "text/plain").body, "bonjourbonjourbonjour\n");
    program.refused(
        "GET",
        &format!("/runs/1/outputs/{}/1", printed["cell"]),
        None,
        404,
        "is not there",
    );
    let part = program.ask("GET", "/runs/1/cells?from=3&limit=1", None, 200);
    assert_eq!(part["cells"], json!([all[3]]));
    assert_eq!(program.ask("GET", "/runs/1/cells?from=99999999999", None, 200)["cells"], json!([]));
    program.refused("GET", "/runs/1?attempt=7", None, 404, "has no attempt 7");
    program.refused("GET", "/runs/1/cells?attempt=7", None, 404, "has no attempt 7");
    program.refused("GET", "/runs/1/compare/1", None, 400, "is not compared with itself");

    // A run is in the history a moment before the log tells of its end.
    wait_for("the log tells why", || {
        let log = program.ask("GET", "/runs/1/log", None, 200);
        let entries = log["entries"].as_array().expect("entries");
        let mut messages = entries.iter().filter_map(|entry| entry["message"].as_str());
        messages.any(|message| message.contains("ZeroDivisionError"))
    });
    let errors = program.ask("GET", "/log?level=error&lines=99999999", None, 200);
    let lines = errors["lines"].as_array().expect("lines");
    assert!(lines.iter().any(|line| line["level"] == "ERROR"), "{errors}");
    assert!(
        lines.iter().all(|line| line["level"] == "ERROR" || line["level"].is_null()),
        "{errors}"
    );
    assert_eq!(program.ask("GET", "/runs/1/tables", None, 200), json!({"tables": []}));

    let again = program.ask("GET", "/runs/1/retry", None, 200);
    assert_eq!(again, json!({"run": 1, "notebooks": ["echoue"], "parameters": {"annee": 2024}}));
    let cancel = program.ask("GET", "/runs/1/cancel", None, 200);
    assert_eq!((&cancel["under_way"], &cancel["held"]), (&json!(false), &json!([])));
    let found = program.ask("GET", "/verdict", None, 200);
    assert!(
        found["findings"][0]["title"]
            .as_str()
            .is_some_and(|title| title.contains("“echoue” failed")),
        "{found}"
    );
    let french = program.send("GET", "/verdict", &[("Accept-Language", "fr")], "").is(200).json();
    assert!(
        french["findings"][0]["title"].as_str().is_some_and(|title| title.contains("a échoué")),
        "{french}"
    );

    let whole = program.ask("GET", "/status", None, 200);
    assert_eq!(
        (&whole["matching"], &whole["page"], &whole["pages"]),
        (&json!(2), &json!(1), &json!(1))
    );
    let second = program.ask("GET", "/status?limit=1&page=2", None, 200);
    assert_eq!(
        (&second["pages"], &second["notebooks"]),
        (&json!(2), &json!([whole["notebooks"][1]]))
    );
    let after = program.ask("GET", "/status?page=18446744073709551615&limit=999999", None, 200);
    assert_eq!((&after["matching"], &after["notebooks"]), (&json!(2), &json!([])));

    let all = program.ask("GET", "/notebooks", None, 200);
    assert_eq!((&all["matching"], &all["pages"]), (&json!(2), &json!(1)));
    let found = program.ask("GET", "/notebooks?q=ECHOUE", None, 200);
    let row = &found["notebooks"][0];
    assert_eq!(
        (&found["matching"], &row["problem"], &row["runs"][0]["outcome"]),
        (&json!(1), &json!(true), &json!("failed"))
    );
    let second = program.ask("GET", "/notebooks?limit=1&page=2", None, 200);
    assert_eq!(
        (&second["pages"], &second["notebooks"][0]["name"]),
        (&json!(2), &all["notebooks"][1]["name"])
    );
    assert_eq!(
        program.ask("GET", "/notebooks?page=18446744073709551615&limit=999999", None, 200)["notebooks"],
        json!([])
    );
}
