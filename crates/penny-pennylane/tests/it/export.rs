//! Files made on demand.

use std::time::Duration;

use jiff::civil::{Date, date};
use penny_pennylane::{AnalyticalMode, Client, Config, Error, ExportKind};
use serde_json::{Value, json};

use crate::server::{Reply, Server};

const START: Date = date(2026, 1, 1);
const END: Date = date(2026, 12, 31);

fn status(status: &str, file_url: Option<&str>) -> Reply {
    Reply::json(json!({"id": 77, "status": status, "file_url": file_url}))
}

fn created() -> Reply {
    Reply::refusal(201, json!({"id": 77, "status": "pending"}))
}

async fn fec(client: &Client) -> Result<Vec<u8>, Error> {
    client.export(ExportKind::Fec, START, END).await
}

#[tokio::test]
async fn an_export_is_asked_for_awaited_and_downloaded_without_the_token() {
    let files = Server::start([Reply::status(200).body("JournalCode\tJournalLib\n")]).await;
    let link = format!("{}/file.txt?signature=secret", files.origin);
    let server = Server::start([
        created(),
        status("pending", None),
        status("pending", None),
        status("ready", Some(&link)),
    ])
    .await;
    let file = fec(&server.client()).await.expect("a file");
    assert_eq!(file, b"JournalCode\tJournalLib\n");
    let asked = server.asked();
    assert_eq!(
        (asked[0].method.as_str(), asked[0].path.as_str()),
        ("POST", "/api/v2/exports/fecs")
    );
    let body: Value = serde_json::from_str(&asked[0].body).expect("JSON");
    assert_eq!(body, json!({"period_start": "2026-01-01", "period_end": "2026-12-31"}));
    assert!(asked[1..].iter().all(|a| a.path == "/api/v2/exports/fecs/77" && a.method == "GET"));
    assert_eq!(files.asked().len(), 1);
    assert_eq!(files.asked()[0].authorization, None);
}

#[tokio::test]
async fn each_kind_has_its_address_and_mode() {
    let check = async |kind: ExportKind, path: &str, mode: Option<&str>| {
        let server = Server::start([created(), status("error", None)]).await;
        let error = server.client().export(kind, START, END).await.expect_err("failed");
        assert!(matches!(error, Error::ExportFailed { .. }), "{error}");
        assert!(error.to_string().contains("from 2026-01-01 to 2026-12-31"), "{error}");
        let asked = &server.asked()[0];
        assert_eq!(asked.path, path);
        let body: Value = serde_json::from_str(&asked.body).expect("JSON");
        assert_eq!(body.get("mode").and_then(Value::as_str), mode);
    };
    check(ExportKind::GeneralLedger, "/api/v2/exports/general_ledgers", None).await;
    let path = "/api/v2/exports/analytical_general_ledgers";
    let in_line = ExportKind::AnalyticalGeneralLedger(AnalyticalMode::InLine);
    check(in_line, path, Some("in_line")).await;
    let in_column = ExportKind::AnalyticalGeneralLedger(AnalyticalMode::InColumn);
    check(in_column, path, Some("in_column")).await;
}

#[tokio::test]
async fn a_download_that_breaks_off_is_begun_again() {
    let files = Server::start([
        Reply::status(200).body("half of the file").broken(),
        Reply::status(503),
        Reply::status(200).body("the whole file"),
    ])
    .await;
    let link = format!("{}/file", files.origin);
    let server = Server::start([created(), status("ready", Some(&link))]).await;
    assert_eq!(fec(&server.client()).await.expect("a file"), b"the whole file");
    assert_eq!(files.asked().len(), 3);
}

#[tokio::test]
async fn a_link_that_has_expired_or_leads_nowhere_is_told() {
    let files = Server::start([Reply::status(403)]).await;
    let link = format!("{}/file?signature=secret", files.origin);
    let check = async |link: Option<&str>, sentence: &str| {
        let server = Server::start([created(), status("ready", link)]).await;
        let error = fec(&server.client()).await.expect_err("no file");
        assert!(error.to_string().contains(sentence), "{error}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    };
    check(Some(&link), "answered 403").await;
    check(None, "no address").await;
    check(Some("http://files.example.com/a"), "not protected").await;
}

#[tokio::test]
async fn an_export_that_never_gets_ready_has_an_end() {
    let server = Server::start([created(), Reply::never()]).await;
    let export_timeout = Duration::from_millis(200);
    let config = Config { export_timeout, ..server.config() };
    let error = fec(&Client::new(config).expect("a client")).await.expect_err("too slow");
    assert!(matches!(error, Error::ExportTooSlow { .. }), "{error}");
}

#[tokio::test]
async fn a_missing_scope_is_the_exports_own() {
    let server = Server::start([Reply::refusal(403, json!({"error": "forbidden"}))]).await;
    let error = fec(&server.client()).await.expect_err("forbidden");
    assert!(matches!(&error, Error::Forbidden { scope, .. } if scope == "exports:fec"), "{error}");
}
