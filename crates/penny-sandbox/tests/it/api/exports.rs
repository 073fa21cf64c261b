//! Exports: pending for a while, then a file that needs no token.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Cursor, Read};
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::Value;

use super::server::{Answer, Server, Setup, company};

const YEAR: &str = r#"{"period_start":"2025-01-01","period_end":"2025-12-31"}"#;

/// Starts an export and polls until it is no longer pending, within a minute.
async fn finished(server: &Server, kind: &str, body: &str) -> (Vec<String>, Value) {
    let path = format!("/exports/{kind}");
    let started = server.send(Method::POST, &path, body).await;
    assert_eq!(started.status, 201, "{}", started.text);
    let started = started.json();
    assert_eq!(started["status"], "pending");
    assert!(started.get("file_url").is_none());
    let mut statuses = Vec::new();
    let wait = async {
        loop {
            let polled = server.get(&format!("{path}/{}", started["id"])).await.json();
            statuses.push(polled["status"].as_str().unwrap().to_owned());
            assert_eq!(polled["file_url"].is_null(), polled["status"] != "ready");
            if polled["status"] != "pending" {
                return polled;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let polled = tokio::time::timeout(Duration::from_secs(60), wait)
        .await
        .expect("an export takes less than a minute");
    (statuses, polled)
}

async fn download(server: &Server, export: &Value) -> Answer {
    let url = export["file_url"].as_str().expect("a ready export has a link");
    super::server::read(server.client.get(url)).await.unwrap()
}

#[tokio::test]
async fn a_fec_holds_every_line_of_the_year_in_eighteen_fields() {
    let server = Server::start().await;
    for (year, is_closed) in [(2025, true), (2026, false)] {
        let body = format!(r#"{{"period_start":"{year}-01-01","period_end":"{year}-12-31"}}"#);
        let (statuses, export) = finished(&server, "fecs", &body).await;
        assert!(statuses.len() >= 3 && statuses[..2] == ["pending", "pending"], "{statuses:?}");
        assert_eq!(statuses.last().unwrap(), "ready");
        let name = format!("{}FEC{year}1231.txt", company().identity.siren);
        assert!(export["file_url"].as_str().unwrap().ends_with(&name));
        let file = download(&server, &export).await;
        assert_eq!(file.header("content-disposition"), format!("attachment; filename=\"{name}\""));

        let (header, body) = file.text.split_once("\r\n").unwrap();
        let names: Vec<_> = header.split('\t').collect();
        assert_eq!(names.len(), 18);
        assert_eq!(
            (names[0], names[11], names[16], names[17]),
            ("JournalCode", "Debit", "Montantdevise", "Idevise")
        );
        let rows: Vec<Vec<&str>> =
            body.split_terminator("\r\n").map(|row| row.split('\t').collect()).collect();
        let of_year = company().lines.iter().filter(|line| line.date.year() == year).count();
        assert_eq!(rows.len(), of_year);
        check_entries(&rows, &year.to_string());
        check_letters(&rows);
        assert!(
            rows.iter().all(|row| row[15].is_empty() != is_closed),
            "validated when the year is closed"
        );
        assert_eq!(
            rows[0][0] == "AN",
            year == 2026,
            "the second year has opening entries, and they come first"
        );
    }
}

fn cents(text: &str) -> i64 {
    let (euros, cents) = text.split_once(',').expect("an amount has a decimal comma");
    assert_eq!(cents.len(), 2);
    euros.parse::<i64>().unwrap() * 100 + cents.parse::<i64>().unwrap()
}

/// Every entry balances and has one day; numbers follow each other in each journal; opening entries come first.
fn check_entries(rows: &[Vec<&str>], year: &str) {
    let mut entries: BTreeMap<&str, (i64, HashSet<&str>)> = BTreeMap::new();
    let mut numbers: HashMap<&str, Vec<&str>> = HashMap::new();
    for row in rows {
        assert_eq!(row.len(), 18, "{row:?}");
        for mandatory in [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12] {
            assert!(!row[mandatory].is_empty(), "field {} of {row:?}", mandatory + 1);
        }
        assert!(row[4].as_bytes()[..3].iter().all(u8::is_ascii_digit), "{row:?}");
        assert_eq!(row[6].is_empty(), row[7].is_empty(), "{row:?}");
        assert!(row[3].len() == 8 && row[3].starts_with(year), "{row:?}");
        let entry = entries.entry(row[2]).or_default();
        entry.0 += cents(row[11]) - cents(row[12]);
        entry.1.insert(row[3]);
        let of_journal = numbers.entry(row[0]).or_default();
        if of_journal.last() != Some(&row[2]) {
            of_journal.push(row[2]);
        }
    }
    for (number, (balance, days)) in entries {
        assert_eq!((balance, days.len()), (0, 1), "entry {number}");
    }
    for (journal, numbers) in numbers {
        let expected: Vec<_> =
            (1..=numbers.len()).map(|number| format!("{journal}-{number:06}")).collect();
        assert_eq!(numbers, expected, "journal {journal}");
    }
    if let Some(last_opening) = rows.iter().rposition(|row| row[0] == "AN") {
        assert!(
            rows[..last_opening].iter().all(|row| row[0] == "AN"),
            "opening entries come first"
        );
    }
    assert!(
        rows.iter().any(|row| row[4] == "411" && !row[6].is_empty()),
        "customers are auxiliary accounts"
    );
}

/// Letters come with a day, and never with one without the other.
fn check_letters(rows: &[Vec<&str>]) {
    assert!(rows.iter().all(|row| row[13].is_empty() == row[14].is_empty()));
    assert!(rows.iter().any(|row| !row[13].is_empty()), "something is lettered");
    assert!(
        rows.iter().all(|row| row[14].is_empty() || row[14] >= row[3]),
        "lettered on or after its day"
    );
    assert!(
        rows.iter().all(|row| row[15].is_empty() || row[15] >= row[3]),
        "validated on or after its day"
    );
}

#[tokio::test]
async fn a_part_of_the_year_has_the_numbers_of_the_whole() {
    let server = Server::start().await;
    let (_, whole) = finished(&server, "fecs", YEAR).await;
    let (_, part) =
        finished(&server, "fecs", r#"{"period_start":"2025-03-01","period_end":"2025-03-31"}"#)
            .await;
    let whole = download(&server, &whole).await.text;
    let part = download(&server, &part).await.text;
    let march: Vec<&str> = whole
        .lines()
        .skip(1)
        .filter(|row| row.split('\t').nth(3).unwrap().starts_with("202503"))
        .collect();
    assert!(!march.is_empty());
    assert_eq!(part.lines().skip(1).collect::<Vec<_>>(), march);
}

#[tokio::test]
async fn the_general_ledgers_are_spreadsheets() {
    let server = Server::start().await;
    let of_year: Vec<_> = company().lines.iter().filter(|line| line.date.year() == 2025).collect();
    let tags = |line: &&&penny_sandbox::company::model::LedgerLine| line.categories.len().max(1);
    let in_line: usize = of_year.iter().map(|line| tags(&line)).sum();
    assert!(in_line > of_year.len(), "some line has several categories");
    for (kind, mode, expected) in [
        ("general_ledgers", "", of_year.len()),
        ("analytical_general_ledgers", "", in_line),
        ("analytical_general_ledgers", r#","mode":"in_line""#, in_line),
        ("analytical_general_ledgers", r#","mode":"in_column""#, of_year.len()),
    ] {
        let body = format!(r#"{{"period_start":"2025-01-01","period_end":"2025-12-31"{mode}}}"#);
        let (_, export) = finished(&server, kind, &body).await;
        assert!(export["file_url"].as_str().unwrap().ends_with(".xlsx"));
        let bytes = server
            .client
            .get(export["file_url"].as_str().unwrap())
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap();
        let mut archive =
            zip::ZipArchive::new(Cursor::new(&bytes)).expect("an .xlsx is a zip archive");
        let mut sheet = String::new();
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
        assert_eq!(
            sheet.matches("<row ").count(),
            expected + 1,
            "{kind} {mode}: the lines and a heading"
        );
        let mut texts = String::new();
        archive.by_name("xl/sharedStrings.xml").unwrap().read_to_string(&mut texts).unwrap();
        assert!(texts.contains("Libellé du compte") && texts.contains("Lettrage"));
    }
}

#[tokio::test]
async fn a_link_works_for_half_an_hour_and_a_poll_renews_it() {
    let server = Server::start().await;
    let (_, export) = finished(&server, "fecs", YEAR).await;
    server.advance(SignedDuration::from_mins(29));
    assert_eq!(download(&server, &export).await.status, 200);
    server.advance(SignedDuration::from_mins(1));
    assert_eq!(download(&server, &export).await.status, 403);
    let renewed = server.get(&format!("/exports/fecs/{}", export["id"])).await.json();
    assert_eq!(download(&server, &renewed).await.status, 200);
    let guessed = format!("{}x", renewed["file_url"].as_str().unwrap());
    assert_eq!(super::server::read(server.client.get(guessed)).await.unwrap().status, 404);
}

#[tokio::test]
async fn an_export_that_makes_no_sense_is_refused() {
    let server = Setup::new().token("reader", &["exports:gl"]).start().await;
    for (kind, body, status) in [
        ("fecs", "", 400),
        ("fecs", "[]", 400),
        ("fecs", "{}", 400),
        ("fecs", r#"{"period_start":"2025-01-01"}"#, 400),
        ("fecs", r#"{"period_start":"2025-01-01","period_end":20251231}"#, 400),
        ("fecs", r#"{"period_start":"01/01/2025","period_end":"2025-12-31"}"#, 400),
        ("fecs", r#"{"period_start":"2025-12-31","period_end":"2025-01-01"}"#, 422),
        (
            "analytical_general_ledgers",
            r#"{"period_start":"2025-01-01","period_end":"2025-12-31","mode":"in_circles"}"#,
            400,
        ),
    ] {
        let answer = server.send(Method::POST, &format!("/exports/{kind}"), body).await;
        assert_eq!(answer.status, status, "{kind} {body}: {}", answer.text);
    }
    let request = server.client.post(server.url("/exports/fecs")).bearer_auth("reader").body(YEAR);
    assert_eq!(super::server::read(request).await.unwrap().status, 403);
    let (_, ledger) = finished(&server, "general_ledgers", YEAR).await;
    let as_fec = server.get(&format!("/exports/fecs/{}", ledger["id"])).await;
    assert_eq!(as_fec.status, 404, "an export is only found under its own kind");
}
