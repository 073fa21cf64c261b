//! The sources: what is fetched of the API and of the data share, and what is said when it cannot be.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use penny_sandbox::api::{self, BrokenPage, Faults, Outage, RateLimit, Sandbox, Token};
use penny_sandbox::company::{Company, Settings};
use serde_json::json;

use crate::server;
use crate::support::{Ended, Workspace, end, free_port};

/// The smallest company there is.
const SMALL: &str = r#"{"seed": 5, "lines": 2000, "today": "2026-03-12", "advanced_days": 0}"#;

/// A workspace of the smallest company.
pub fn small() -> Workspace {
    let workspace = Workspace::new();
    fs::create_dir_all(workspace.root().join(".penny")).expect("made");
    workspace.append(".penny/sandbox.json", SMALL)
}

/// A workspace that uses the real Pennylane, which no test reaches.
pub fn without_sandbox() -> Workspace {
    let workspace = Workspace::new();
    let config = fs::read_to_string(workspace.root().join("penny.toml")).expect("read");
    fs::write(workspace.root().join("penny.toml"), config.replace("sandbox = true", ""))
        .expect("written");
    workspace
}

/// A simulated API in this process, whose faults the test chooses.
pub struct Pennylane {
    pub url: String,
    pub sandbox: Arc<Sandbox>,
    _runtime: tokio::runtime::Runtime,
}

impl Pennylane {
    pub fn start() -> Pennylane {
        let settings: Settings = serde_json::from_str(SMALL).expect("settings");
        let customers_only = Token {
            secret: "customers-only".to_owned(),
            scopes: vec!["customers:readonly".to_owned()],
            label: "narrow".to_owned(),
        };
        let tokens = vec![Token::reading_everything("everything", "full"), customers_only];
        // Penny's own pace is tested elsewhere.
        let patient = RateLimit { requests: 1_000_000, ..RateLimit::default() };
        let sandbox =
            Arc::new(Sandbox::new(Company::generate(&settings), tokens).with_rate_limit(patient));
        let runtime = server::runtime();
        let bound = tokio::net::TcpListener::bind(("127.0.0.1", 0));
        let listener = runtime.block_on(bound).expect("a port is free");
        let port = listener.local_addr().expect("an address").port();
        runtime.spawn(api::serve(listener, Arc::clone(&sandbox), std::future::pending()));
        let url = format!("http://127.0.0.1:{port}{}", api::BASE_PATH);
        Pennylane { url, sandbox, _runtime: runtime }
    }

    /// A workspace that asks it with this token.
    fn workspace(&self, token: &str) -> Workspace {
        small().variable("PENNYLANE_API_URL", &self.url).variable("PENNYLANE_API_TOKEN", token)
    }
}

/// Runs the command with its standard output in a file.
fn into_file(workspace: &Workspace, arguments: &[&str], path: &Path) -> Ended {
    let file = File::create(path).expect("written");
    end(workspace
        .command(arguments)
        .stdout(file)
        .stderr(Stdio::piped())
        .spawn()
        .expect("penny starts"))
}

/// What Python prints; it fails the test when it fails.
pub fn python(code: &str, arguments: &[&str]) -> String {
    let output = Command::new(penny_testing::python())
        .args(["-c", code])
        .args(arguments)
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Walks the API page by page and compares each plain field of each record with the Arrow stream.
const COMPARE: &str = r#"
import datetime, json, sys, urllib.parse, urllib.request
import pyarrow as pa
base, path, arrow = sys.argv[1:4]
records, cursor = [], None
while True:
    query = {"limit": "20", **json.loads(sys.argv[4]), **({"cursor": cursor} if cursor else {})}
    request = urllib.request.Request(f"{base}/{path}?{urllib.parse.urlencode(query)}",
                                     headers={"Authorization": "Bearer everything"})
    page = json.load(urllib.request.urlopen(request))
    records += page["items"]
    cursor = page["next_cursor"]
    if not cursor:
        break
rows = pa.ipc.open_stream(open(arrow, "rb")).read_all().to_pylist()
assert len(rows) == len(records), (len(rows), len(records))
def same(api, ours):
    if api is None or ours is None:
        return api is None and ours is None
    if isinstance(ours, bool):
        return api is ours
    if isinstance(ours, float):
        return abs(float(api) - ours) < 1e-9
    if isinstance(ours, datetime.datetime):
        return datetime.datetime.fromisoformat(api.replace("Z", "+00:00")) == ours
    return api == (ours.isoformat() if isinstance(ours, datetime.date) else ours)
compared = 0
for record, row in zip(records, rows):
    for field, value in record.items():
        if isinstance(value, dict) and set(value) <= {"id", "url"}:
            field, value = field + "_id", value.get("id")
        if isinstance(value, (dict, list)) or (value is None and field not in row):
            continue
        assert field in row, (field, list(row))
        assert same(value, row[field]), (field, value, row[field])
        compared += 1
print(len(records), compared)
"#;

#[test]
fn a_fetched_list_is_what_the_api_says_even_when_a_page_breaks_off() {
    let pennylane = Pennylane::start();
    let workspace = pennylane.workspace("everything");
    let since = r#"[{"field":"date","operator":"gteq","value":"2025-06-01"}]"#;
    for (resource, path, filter, sort) in [
        ("customers", "customers", None, None),
        ("customer_invoices", "customer_invoices", Some(since), Some("-date")),
        ("bank_transactions", "transactions", None, None),
    ] {
        let broken = BrokenPage { list: path.to_owned(), page: 1, times: 1 };
        pennylane.sandbox.set_faults(Faults { broken_page: Some(broken), ..Faults::default() });
        let mut arguments = vec!["fetch", resource];
        let mut query = json!({});
        if let Some(filter) = filter {
            arguments.extend(["--filter", filter]);
            query["filter"] = json!(filter);
        }
        if let Some(sort) = sort {
            arguments.extend(["--sort", sort]);
            query["sort"] = json!(sort);
        }
        let file = workspace.root().join("fetched.arrow");
        into_file(&workspace, &arguments, &file).status(0);
        let compared = python(
            COMPARE,
            &[&pennylane.url, path, &file.display().to_string(), &query.to_string()],
        );
        let (records, fields) = compared.split_once(' ').expect("two numbers");
        let (records, fields): (u32, u32) = (records.parse().unwrap(), fields.parse().unwrap());
        assert!(records > 20 && fields > 8 * records, "{resource}: {compared}");
    }
    let limited = workspace.root().join("limited.arrow");
    into_file(&workspace, &["fetch", "customers", "--limit", "7"], &limited).status(0);
    let rows = "import sys, pyarrow as pa; print(pa.ipc.open_stream(open(sys.argv[1],'rb')).read_all().num_rows)";
    assert_eq!(python(rows, &[&limited.display().to_string()]), "7");
}

#[test]
fn what_the_api_refuses_is_told_in_words() {
    let pennylane = Pennylane::start();
    #[track_caller]
    fn check(pennylane: &Pennylane, token: &str, arguments: &[&str], status: i32, words: &[&str]) {
        let workspace = pennylane.workspace(token);
        let mut ended = workspace.run(arguments).status(status).never_says(token);
        assert_eq!(ended.stdout, "", "{arguments:?}");
        for word in words {
            ended = ended.says(word);
        }
    }
    let check = |token, arguments: &[&str], status, words: &[&str]| {
        check(&pennylane, token, arguments, status, words);
    };
    check(
        "wrong-token",
        &["fetch", "customers"],
        3,
        &["401", "does not accept the token", "hint: ", "Développeurs"],
    );
    check(
        "customers-only",
        &["fetch", "suppliers"],
        3,
        &["403", "`suppliers:readonly`", "hint: ", "Développeurs"],
    );
    let all = "everything";
    check(all, &["fetch", "custmers"], 2, &["custmers", "customers"]);
    check(all, &["fetch", "factures"], 2, &["factures", "customer_invoices"]);
    check(
        all,
        &["fetch", "customers", "--filter", "date > 2026"],
        2,
        &["filter", "is not understood", "\"operator\""],
    );
    let unknown_field = r#"[{"field":"colour","operator":"eq","value":"red"}]"#;
    check(
        all,
        &["fetch", "customers", "--filter", unknown_field],
        2,
        &["`colour`", "it can be on"],
    );
    let unknown_operator = r#"[{"field":"id","operator":"like","value":"1"}]"#;
    check(all, &["fetch", "customers", "--filter", unknown_operator], 2, &["`like`", "gteq"]);
    check(all, &["fetch", "customers", "--sort", "-colour"], 2, &["sorted", "`colour`"]);
    check(
        all,
        &["fetch", "customers", "--since", "hier"],
        2,
        &["`hier`", "hint: write 2026-11-01"],
    );
    check(all, &["fetch", "trial_balance"], 2, &["period_start"]);
    check(all, &["fetch", "trial_balance", "--param", "period_start"], 2, &["has no `=`"]);
    check(all, &["fetch", "customers", "--since", "2020-01-01"], 3, &["four weeks"]);
    check(all, &["fetch", "redshift"], 2, &["there is no query", "hint: write --sql"]);
}

#[test]
fn an_api_that_goes_down_in_the_middle_of_a_page_or_is_not_there_is_told_in_words() {
    let pennylane = Pennylane::start();
    let broken = BrokenPage { list: "customers".to_owned(), page: 1, times: 1_000 };
    pennylane.sandbox.set_faults(Faults { broken_page: Some(broken), ..Faults::default() });
    let out_of_order = Pennylane::start();
    let outage = Outage { every: 1, status: 503 };
    out_of_order.sandbox.set_faults(Faults { outage: Some(outage), ..Faults::default() });
    let nobody = format!("http://127.0.0.1:{}/api/external/v2", free_port());
    // Each asks again and again for a while: they do so together.
    std::thread::scope(|threads| {
        for (url, words) in [
            (pennylane.url.as_str(), "the connection ended in the middle of the answer"),
            (out_of_order.url.as_str(), "503"),
            (nobody.as_str(), "it refuses connections"),
        ] {
            threads.spawn(move || {
                let workspace = small()
                    .variable("PENNYLANE_API_URL", url)
                    .variable("PENNYLANE_API_TOKEN", "everything");
                let ended = workspace.run(&["fetch", "customers"]);
                ended
                    .status(3)
                    .says(words)
                    .says("after 6 attempts")
                    .says("hint: ")
                    .never_says("everything");
            });
        }
    });
}

#[test]
fn what_the_data_share_refuses_is_told_in_words() {
    let workspace = small();
    workspace.run(&["db", "start"]).status(0);
    let check = |sql: &str, status: i32, words: &[&str]| {
        let mut ended = workspace.run(&["fetch", "redshift", "--sql", sql]).status(status);
        for word in words {
            ended = ended.says(word);
        }
    };
    check(
        "SELECT * FROM pennylane.customer",
        3,
        &["`pennylane.customer`", "hint: write pennylane.customers"],
    );
    check("SELECT * FRM pennylane.customers", 3, &["line 1, column 10"]);
    check("SELECT nme FROM pennylane.customers", 3, &["nme", "name"]);
    check("DELETE FROM pennylane.customers", 3, &["error: "]);
    check("SELECT 1; SELECT 2", 3, &["error: "]);
    check("  ", 2, &["there is no query"]);
    let file = workspace.root().join("years.arrow");
    let sql = "SELECT count(*) AS n, sum(debit) - sum(credit) AS d FROM pennylane.general_ledger";
    into_file(&workspace, &["fetch", "redshift", "--sql", sql], &file).status(0);
    let rows = "import sys, pyarrow as pa; print(pa.ipc.open_stream(open(sys.argv[1],'rb')).read_all().to_pylist())";
    let rows = python(rows, &[&file.display().to_string()]);
    assert!(rows.starts_with("[{'n': ") && rows.contains("'d': "), "{rows}");
    workspace.run(&["db", "stop"]).status(0);
    workspace.no_process_is_left();
}

#[test]
fn a_data_share_that_is_not_there_is_told_in_words() {
    let workspace = without_sandbox();
    let fetch = ["fetch", "redshift", "--sql", "SELECT 1"];
    workspace.run(&fetch).status(3).says("REDSHIFT_HOST is empty in .env").says("Data sharing");
    let port = free_port();
    let workspace = workspace.env(&format!("REDSHIFT_HOST=127.0.0.1\nREDSHIFT_PORT={port}\n"));
    let said = format!("nothing listens at 127.0.0.1:{port}");
    workspace.run(&fetch).status(3).says(&said).says("hint: ").never_says("share-password");
}
