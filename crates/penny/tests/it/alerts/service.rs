//! The whole of it: `penny start` on a workspace with a notebook that fails, and what it answers meanwhile.

use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::Receiver;
use crate::support::{Workspace, free_port, notebook, wait_for};

/// A running `penny start`, ended with its test.
struct Service(Option<Child>);

impl Service {
    fn start(workspace: &Workspace) -> Service {
        let mut command = workspace.command(&["start"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Service(Some(command.spawn().expect("penny starts")))
    }

    fn end(&mut self) {
        let child = self.0.take().expect("it runs");
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(told.expect("kill is there").success());
        let ended = crate::support::end(child);
        assert_eq!(ended.status, 0);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

struct Answer {
    status: u16,
    body: String,
}

async fn ask(port: u16, path: &str, host: &str) -> Option<Answer> {
    let client = reqwest::Client::builder().no_proxy();
    let nobody = rustls::ClientConfig::builder()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = client.tls_backend_preconfigured(nobody).build().expect("a client");
    let request = client.get(format!("http://127.0.0.1:{port}{path}")).header("host", host);
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    Some(Answer { status, body: response.text().await.ok()? })
}

/// What Prometheus's own Python library reads in a page: each sample with its labels.
fn read_metrics(page: &str) -> Vec<(String, Value, f64)> {
    let code = "import sys, json; from prometheus_client.parser import text_string_to_metric_families as f; \
                print(json.dumps([[s.name, s.labels, s.value] for m in f(sys.stdin.read()) for s in m.samples]))";
    let python = penny_testing::python_with("prometheus", &["prometheus_client==0.22.*"]);
    let mut child = Command::new(python)
        .args(["-c", code])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), page.as_bytes())
        .expect("written");
    let output = child.wait_with_output().expect("it ends");
    let samples: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    samples
        .iter()
        .map(|sample| {
            let name = sample[0].as_str().expect("a name").to_owned();
            (name, sample[1].clone(), sample[2].as_f64().unwrap_or(f64::NAN))
        })
        .collect()
}

/// What promtool would find wrong: families without help or type, wrong names and units.
fn lint(page: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let families = |word: &str| -> Vec<String> {
        let begins = format!("# {word} ");
        let names = page.lines().filter_map(|line| line.strip_prefix(&begins));
        names.map(|rest| rest.split(' ').next().unwrap_or_default().to_owned()).collect()
    };
    let (helped, typed) = (families("HELP"), families("TYPE"));
    if helped != typed {
        wrong.push(format!("{helped:?} have help, {typed:?} a type"));
    }
    let mut once = typed.clone();
    once.sort();
    once.dedup();
    if once.len() != typed.len() {
        wrong.push("a family comes twice".to_owned());
    }
    for line in page.lines().filter(|line| line.starts_with("# TYPE ")) {
        let words: Vec<&str> = line.split(' ').collect();
        let (name, kind) = (words[2], words[3]);
        if (kind == "counter") != name.ends_with("_total") {
            wrong.push(format!("{name} is a {kind}"));
        }
        let units = ["_milliseconds", "_minutes", "_hours", "_days", "_kilobytes", "_megabytes"];
        if units.iter().any(|unit| name.contains(unit)) || name.contains(char::is_uppercase) {
            wrong.push(format!("{name} has no base unit, or capitals"));
        }
        if kind != "histogram" && ["_bucket", "_count", "_sum"].iter().any(|s| name.ends_with(s)) {
            wrong.push(format!("{name} looks like part of a histogram"));
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_tells_a_failure_once_and_answers_how_it_is() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let receiver = Receiver::start().await;
    let port = free_port();
    let workspace = Workspace::without_server()
        .notebook("ventes", &["total = 1", "raise KeyError('montant')"])
        .notebook("achats", &["1 + 1"])
        .config(&format!("[web]\nlisten = \"127.0.0.1:{port}\"\nhosts = [\"penny.local\"]\n"))
        .config("[schedule]\nevery = \"2h\"\n[[alert]]\nto = \"webhook\"\n")
        .env(&format!("WEBHOOK_URL={}/T0K3N", receiver.url));
    let mut service = Service::start(&workspace);
    wait_for("the failure is told", || !receiver.posts().is_empty());
    let body: Value = serde_json::from_str(&receiver.posts()[0].body).expect("JSON");
    let event = &body["events"][0];
    assert_eq!(event["notebook"], "ventes");
    assert_eq!(event["happened"], "failed in cell 2");
    assert_eq!(event["error"], "KeyError: 'montant'");
    assert_eq!(event["line"], "1 │ raise KeyError('montant')");
    let output = event["output"].as_str().expect("a path");
    assert!(std::path::Path::new(output).is_file(), "{output}");

    // Nothing of it is served under a name that somebody else may point here.
    let host = format!("localhost:{port}");
    let foreign = ask(port, "/metrics", "evil.example").await.expect("an answer");
    assert_eq!(foreign.status, 421);
    assert_eq!(ask(port, "/health", "penny.local").await.expect("an answer").status, 503);

    // The PostgreSQL of .env does not answer: that is said, and is ill health.
    let health = ask(port, "/health", &host).await.expect("an answer");
    assert_eq!(health.status, 503);
    let health: Value = serde_json::from_str(&health.body).expect("JSON");
    assert_eq!(health["status"], "failing");
    assert_eq!(health["postgresql"]["answers"], false);
    assert!(health["last_sync"]["outcome"].is_string(), "{health}");

    let page = ask(port, "/metrics", &host).await.expect("an answer");
    assert_eq!(page.status, 200);
    assert_eq!(lint(&page.body), Vec::<String>::new(), "{}", page.body);
    let samples = read_metrics(&page.body);
    let value = |name: &str, label: &str, is: &str| {
        let found = samples
            .iter()
            .find(|(n, labels, _)| n == name && (label.is_empty() || labels[label] == is));
        found.unwrap_or_else(|| panic!("{name} {label} {is}: {}", page.body)).2
    };
    assert_eq!(value("penny_runs_total", "notebook", "ventes"), 1.0);
    assert_eq!(value("penny_runs_total", "outcome", "succeeded"), 1.0);
    assert_eq!(value("penny_notebooks", "", ""), 2.0);
    assert_eq!(value("penny_alerts_open", "kind", "failure"), 1.0);
    assert_eq!(value("penny_postgres_up", "", ""), 0.0);
    assert!(value("process_resident_memory_bytes", "", "") > 1e6);
    assert!(value("penny_notebook_last_success_timestamp_seconds", "notebook", "achats") > 1.7e9);

    // Mended, and run again by asking the service: told once, too.
    let file = workspace.root().join("notebooks/ventes.ipynb");
    std::fs::write(file, notebook(&["total = 1"])).expect("written");
    tokio::task::block_in_place(|| workspace.run(&["run", "ventes"])).status(0);
    wait_for("its end is told", || receiver.posts().iter().any(|p| p.body.contains("works again")));
    let shown = tokio::task::block_in_place(|| workspace.run(&["alerts"])).status(0);
    shown.says("webhook: [Penny · books] ventes failed (sent)").never_says("T0K3N");
    tokio::task::block_in_place(|| service.end());
    assert!(!workspace.log().contains("T0K3N"));
    assert!(workspace.log().contains("alert `webhook`: told"), "{}", workspace.log());
    tokio::task::block_in_place(|| workspace.no_process_is_left());
}
