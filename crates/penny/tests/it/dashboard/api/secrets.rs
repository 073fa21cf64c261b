//! What is a secret of `.env` is told nowhere, also where it was none when it was kept.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use jiff::Timestamp;
use penny::store::{Outcome, Published, RunEnd, RunStart, Store, SyncStart, Trigger};
use serde_json::{Value, json};

use super::super::visitor;
use super::program::{Program, TOKEN};
use crate::past::{run_end, run_start};
use crate::support::{Workspace, wait_for};

/// A secret that was none yesterday.
const SECRET: &str = "mot-de-passe-de-hier";

/// Another one, with marks that part an address.
const PARTED: &str = "c2Vj/cmV0dG9r=ZW4xMjM0";

/// What the history keeps in words: each is planted with the secret.
const TEXTS: [&str; 27] = [
    "alert_events.event",
    "alert_events.subject",
    "alert_messages.alert",
    "alert_messages.answer",
    "alert_messages.message",
    "attempts.cause",
    "attempts.error",
    "attempts.output",
    "chain.about",
    "environments.packages",
    "prunes.output",
    "prunes.why",
    "publish_changes.key",
    "publishes.report",
    "rebuilds.replaced",
    "requests.by",
    "requests.names",
    "requests.parameters",
    "requests.refusal",
    "runs.error",
    "runs.file",
    "runs.kernel_start_reason",
    "runs.output",
    "runs.parameters",
    "runs.version",
    "runs.warnings",
    "syncs.parameters",
];

/// What a secret cannot be in: words of Penny's own, times, seals; names, which a program sends back and has to have to
/// the letter.
const OTHERS: [&str; 47] = [
    "alert_cursor.unfinished",
    "alert_events.kind",
    "alert_messages.at",
    "alert_messages.next",
    "alert_messages.outcome",
    "attempts.ended",
    "attempts.outcome",
    "attempts.output_hash",
    "attempts.started",
    "chain.at",
    "chain.kind",
    "chain.output",
    "due_times.counted_from",
    "due_times.due",
    "due_times.notebook",
    "environments.hash",
    "environments.seen",
    "pauses.at",
    "pauses.notebook",
    "prunes.at",
    "publish_changes.rows",
    "publish_changes.totals",
    "publishes.at",
    "publishes.table",
    "rebuilds.at",
    "rebuilds.head",
    "requests.answered",
    "requests.asked",
    "requests.kind",
    "requests.taken",
    "runs.due",
    "runs.ended",
    "runs.environment_hash",
    "runs.kernel_start",
    "runs.notebook",
    "runs.outcome",
    "runs.output_hash",
    "runs.source_hash",
    "runs.started",
    "runs.timings",
    "runs.token",
    "runs.trigger",
    "syncs.due",
    "syncs.ended",
    "syncs.outcome",
    "syncs.started",
    "syncs.trigger",
];

/// Writes the secret into every text of the history, also within what is kept as JSON; answers the columns.
const PLANT: &str = r#"
import json, sqlite3, sys
path, secret, texts = sys.argv[1], sys.argv[2], set(json.loads(sys.argv[3]))
base = sqlite3.connect(path, timeout=30)
base.create_function("folded", 1, lambda text: text and text.casefold(), deterministic=True)

def within(value):
    if isinstance(value, str): return value + " " + secret
    if isinstance(value, list): return [within(one) for one in value] or [secret]
    if isinstance(value, dict): return {k: within(v) for k, v in value.items()} | {secret: secret}
    return value

def planted(text):
    if text is None: return secret
    try: return json.dumps(within(json.loads(text)))
    except ValueError: return text + " " + secret

base.create_function("planted", 1, planted)
at = "2026-05-04T08:00:00Z"
base.execute("INSERT INTO attempts (run, number, started, ended, outcome, error) VALUES (1, 1, ?, ?, 'failed', 'non')", (at, at))
base.execute("INSERT INTO prunes (run, output, why, at) VALUES (1, 'data/outputs/x.ipynb', 'age', ?)", (at,))
base.execute("INSERT INTO requests (kind, names, parameters, asked, taken, answered, refusal) "
             "VALUES ('run', '[\"ventes\"]', '{}', ?, ?, ?, 'non')", (at, at, at))
for run in (1, 2):
    base.execute("INSERT INTO environments (hash, packages, seen) VALUES (?, ?, ?)", (f"h{run}", f"pandas=={run}.0", at))
    base.execute("UPDATE runs SET environment_hash = ? WHERE id = ?", (f"h{run}", run))
base.execute("UPDATE runs SET parameters = '{}' WHERE parameters IS NULL")
base.execute("UPDATE runs SET warnings = '[]' WHERE warnings IS NULL")
base.execute("UPDATE syncs SET parameters = '{}' WHERE parameters IS NULL")
columns = []
for (table,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
    for (name, kind) in base.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall():
        if kind != "TEXT": continue
        columns.append(f"{table}.{name}")
        if f"{table}.{name}" in texts:
            base.execute(f'UPDATE "{table}" SET "{name}" = planted("{name}")')
base.commit()
print(json.dumps(columns))
"#;

fn past(workspace: &Workspace) {
    let store = Store::open(&workspace.root().join(".penny/history.db")).expect("opened");
    let at: Timestamp = "2026-05-04T08:00:00Z".parse().expect("a time");
    for _ in 0..2 {
        let sync = SyncStart { trigger: Trigger::Manual, due: None, at };
        let sync = store.begin_sync(&sync).expect("written");
        let start = RunStart { file: "notebooks/ventes.ipynb", ..run_start(sync, "ventes", at) };
        let run = store.begin_run(&start).expect("written");
        let warnings = ["attention".to_owned()];
        let error = Some("en panne");
        let end = RunEnd { outcome: Outcome::Failed, error, warnings: &warnings, ..run_end(at) };
        store.end_run(run, &end).expect("written");
        let report =
            json!({"table": "pennylane.ventes", "rows": 2, "warnings": ["lente"]}).to_string();
        let published = Published { table: "pennylane.ventes".into(), rows: 2, at, report };
        store.add_publish(Some(run), &published, None).expect("written");
    }
    store.pause(Some("ventes"), SECRET, at).expect("written");
}

/// Plants the secret; fails on a column of text that is in no list.
fn plant(workspace: &Workspace) {
    let texts = json!(TEXTS.iter().chain(&["pauses.by", "syncs.asked_by"]).collect::<Vec<_>>());
    let output = Command::new(penny_testing::base_python())
        .args(["-c", PLANT])
        .arg(workspace.root().join(".penny/history.db"))
        .args([SECRET, &texts.to_string()])
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let columns: Vec<String> = serde_json::from_slice(&output.stdout).expect(&said);
    let found: BTreeSet<&str> = columns.iter().map(String::as_str).collect();
    let known = texts.as_array().expect("a list").iter().filter_map(Value::as_str);
    let known: BTreeSet<&str> = known.chain(OTHERS).collect();
    assert_eq!(found, known, "a text of the history is planted, or is nothing that holds one");
}

/// Every address that tells something as JSON, of the run, the notebook and the table of the past.
fn addresses(program: &Program) -> Vec<String> {
    let paths = program.description["paths"].as_object().expect("paths");
    let told = paths.iter().filter(|(_, operations)| {
        operations["get"]["responses"]["200"]["content"]["application/json"].is_object()
    });
    let filled = told.map(|(path, _)| {
        let path = path.replace("{run}", "1").replace("{other}", "2").replace("{name}", "ventes");
        path.replace("{table}", "pennylane.ventes").replace("{cell}", "0").replace("{output}", "0")
    });
    filled
        .map(|path| match path.ends_with("/changes") {
            true => format!("{path}?from=2026-05-01"),
            false => path,
        })
        .collect()
}

#[test]
fn a_secret_in_any_text_of_the_history_is_told_by_no_address() {
    let workspace = visitor::workspace("").env(&format!("PENNY_API_TOKEN={TOKEN}\n"));
    let (_service, _) = visitor::start(&workspace);
    past(&workspace);
    plant(&workspace);
    let program = Program::of(&workspace);
    let addresses = addresses(&program);
    let telling = || -> Vec<&String> {
        let tells = |path: &&String| program.send("GET", path, &[], "").body.contains(SECRET);
        addresses.iter().filter(tells).collect()
    };
    let before = telling();
    assert!(before.len() >= 8, "the history tells what it keeps: {before:?}");
    let env = format!("PENNY_API_TOKEN={TOKEN}\nAUTRE_PASSWORD={SECRET}\n");
    fs::write(workspace.root().join(".env"), env).expect("written");
    wait_for("the secret is known", || {
        !program.send("GET", "/runs", &[], "").body.contains(SECRET)
    });
    assert_eq!(telling(), Vec::<&String>::new());
    let run = program.ask("GET", "/runs/1", None, 200);
    assert_eq!((&run["notebook"], &run["outcome"]), (&json!("ventes"), &json!("failed")));
    let json = [("Content-Type", "application/json")];
    for body in [json!({SECRET: 1}), json!({"notebooks": SECRET}), json!({"notebooks": [SECRET]})] {
        let told = program.send("POST", "/runs", &json, &body.to_string()).is(400).body;
        assert!(!told.contains(SECRET) && told.contains("•••"), "{told}");
    }
}

#[test]
fn names_that_hold_a_weak_secret_are_told_to_the_letter_and_texts_are_not() {
    let workspace = visitor::workspace("").env(&format!("PENNY_API_TOKEN={TOKEN}\n"));
    let (_service, _) = visitor::start(&workspace);
    past(&workspace);
    let env = format!(
        "PENNY_API_TOKEN={TOKEN}\nA_PASSWORD=pennylane\nB_PASSWORD=ventes\nC_PASSWORD=en panne\n"
    );
    fs::write(workspace.root().join(".env"), env).expect("written");
    let program = Program::of(&workspace);
    wait_for("the secrets are known", || {
        program.ask("GET", "/runs/1", None, 200)["error"] == "•••"
    });
    let run = program.ask("GET", "/runs/1", None, 200);
    assert_eq!(run["notebook"], "ventes");
    assert_eq!(run["file"], "notebooks/•••.ipynb", "no program sends a path back");
    let tables = program.ask("GET", "/tables", None, 200);
    assert_eq!(tables["tables"][0]["table"], "pennylane.ventes");
    program.ask("GET", "/tables/pennylane.ventes/publishes", None, 200);
}

#[test]
fn what_was_no_secret_when_it_was_logged_is_not_told_once_it_is_one() {
    let workspace = visitor::workspace("").env(&format!("PENNY_API_TOKEN={TOKEN}\n"));
    let logs = workspace.root().join("logs");
    fs::create_dir_all(&logs).expect("made");
    // A text that looks like an address may have a secret across its parts.
    let line = format!(
        "2026-11-22 16:42:03  INFO {SECRET}\n2026-11-22 16:42:04  INFO /x?cle={PARTED}&a=1\n"
    );
    fs::write(logs.join("notebook_scheduler.log"), line).expect("written");
    let (_service, _) = visitor::start(&workspace);
    let program = Program::of(&workspace);
    let tells =
        |secret: &str| program.ask("GET", "/log?lines=500", None, 200).to_string().contains(secret);
    assert!(tells(SECRET) && tells(PARTED), "the log is what was written");
    let env = format!("PENNY_API_TOKEN={TOKEN}\nAUTRE_PASSWORD={SECRET}\nCLE_PASSWORD={PARTED}\n");
    fs::write(workspace.root().join(".env"), env).expect("written");
    wait_for("the secret is known", || !tells(SECRET));
    assert!(!tells(PARTED), "{PARTED}");
}
