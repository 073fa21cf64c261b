//! Changelogs: every event once, oldest first, for four weeks.

use jiff::{SignedDuration, Timestamp};
use penny_sandbox::company::Company;
use penny_sandbox::company::model::{Change, Resource};
use serde_json::{Value, json};

use super::server::{Server, company, noon, settings};

const RESOURCES: [Resource; 9] = [
    Resource::CustomerInvoices,
    Resource::SupplierInvoices,
    Resource::Customers,
    Resource::Suppliers,
    Resource::Products,
    Resource::Transactions,
    Resource::LedgerEntryLines,
    Resource::LedgerEntriesCategories,
    Resource::LedgerEntryLinesCategories,
];

fn four_weeks_ago() -> Timestamp {
    noon() - SignedDuration::from_hours(4 * 7 * 24)
}

fn events(resource: Resource, since: Timestamp) -> Vec<&'static Change> {
    company()
        .changes
        .iter()
        .filter(|change| change.resource == resource && change.processed_at >= since)
        .collect()
}

#[track_caller]
fn assert_events(found: &[Value], expected: &[&Change], place: &str) {
    assert_eq!(found.len(), expected.len(), "{place}");
    for (found, change) in found.iter().zip(expected) {
        assert_eq!(found["id"], change.id, "{place}");
        assert_eq!(found["operation"], change.operation.as_str(), "{place}");
        assert_eq!(found["processed_at"], format!("{:.6}", change.processed_at), "{place}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_gives_every_event_of_four_weeks_once_oldest_first() {
    let server = Server::start().await;
    for resource in RESOURCES {
        let expected = events(resource, four_weeks_ago());
        let name = resource.as_str();
        for limit in ["7", "1000"] {
            let found = server.walk(&format!("/changelogs/{name}"), &[("limit", limit)]).await;
            assert_events(&found, &expected, name);
        }
    }
    assert!(
        company().changes.iter().any(|change| change.processed_at < four_weeks_ago()),
        "older events exist"
    );
}

#[tokio::test]
async fn a_start_date_cuts_off_what_is_older_and_the_cursor_goes_on_alone() {
    let server = Server::start().await;
    let resource = Resource::LedgerEntryLines;
    let all = events(resource, four_weeks_ago());
    let since = all[all.len() / 2].processed_at;
    let expected = events(resource, since);
    let start = format!("{since}");
    let mut page = server
        .get_query("/changelogs/ledger_entry_lines", &[("start_date", &start), ("limit", "9")])
        .await
        .json();
    let mut found = page["items"].as_array().unwrap().clone();
    while let Some(cursor) = page["next_cursor"].as_str().map(str::to_owned) {
        page = server
            .get_query("/changelogs/ledger_entry_lines", &[("cursor", &cursor), ("limit", "9")])
            .await
            .json();
        found.extend(page["items"].as_array().unwrap().clone());
    }
    assert_events(&found, &expected, "from the middle on");
}

#[tokio::test]
async fn the_rules_of_start_date_are_enforced() {
    let server = Server::start().await;
    let path = "/changelogs/customer_invoices";
    let just_kept = four_weeks_ago().to_string();
    assert_eq!(server.get_query(path, &[("start_date", &just_kept)]).await.status, 200);
    let too_old = (four_weeks_ago() - SignedDuration::from_micros(1)).to_string();
    let answer = server.get_query(path, &[("start_date", &too_old)]).await;
    let expected = json!({ "error": "start_date cannot be older than 4 weeks", "status": 422 });
    assert_eq!((answer.status.as_u16(), answer.json()), (422, expected));

    let cursor = server.get_query(path, &[("limit", "1")]).await.json()["next_cursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let both = server.get_query(path, &[("start_date", &just_kept), ("cursor", &cursor)]).await;
    assert_eq!(both.status, 400);
    for text in ["yesterday", "2026-06-10", "2026-06-10T10:00:00"] {
        let answer = server.get_query(path, &[("start_date", text)]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].clone()),
            (400, "InvalidDateTimeFormat".into()),
            "{text}"
        );
    }
    let offset = server.get_query(path, &[("start_date", "2026-06-10T10:00:00+02:00")]).await;
    assert_eq!(offset.status, 200, "an offset is as good as Z");
}

#[tokio::test]
async fn the_events_lead_to_the_company_as_it_is() {
    let server = Server::start().await;
    for (resource, list) in
        [("customers", "/customers"), ("customer_invoices", "/customer_invoices")]
    {
        let events = server.walk(&format!("/changelogs/{resource}"), &[("limit", "1000")]).await;
        let mut last = std::collections::BTreeMap::new();
        for event in &events {
            last.insert(event["id"].as_u64().unwrap(), event["operation"].as_str().unwrap());
        }
        let ids: Vec<u64> = last.keys().copied().collect();
        let filter = super::server::condition("id", "in", ids);
        let there = super::server::ids(
            &server.walk(list, &[("filter", &filter), ("limit", "100"), ("sort", "id")]).await,
        );
        let expected: Vec<u64> = last
            .iter()
            .filter(|(_, operation)| **operation != "delete")
            .map(|(id, _)| *id)
            .collect();
        assert_eq!(there, expected, "{resource}");
    }
}

#[tokio::test]
async fn the_days_that_a_company_lives_on_appear_behind_a_kept_cursor() {
    let server = Server::start().await;
    let path = "/changelogs/ledger_entry_lines";
    let known = server.walk(path, &[("limit", "1000")]).await;
    let last = known.last().unwrap()["processed_at"].as_str().unwrap().to_owned();
    let later = Company::generate(&settings().advance(3));
    let since: Timestamp = last.parse().unwrap();
    let newer = later
        .changes
        .iter()
        .filter(|change| {
            change.resource == Resource::LedgerEntryLines && change.processed_at > since
        })
        .count();
    assert!(newer > 0, "three days bring events");
    server.sandbox.replace(later);
    let found = server.get_query(path, &[("start_date", &last), ("limit", "1000")]).await;
    let repeated = known.iter().filter(|event| event["processed_at"] == last.as_str()).count();
    assert_eq!(found.items().len().min(1000), (newer + repeated).min(1000));
}
