//! What changed since a moment.

use jiff::Timestamp;
use penny_pennylane::{Change, Error, Operation, Resource};
use serde_json::{Value, json};

use crate::server::{Reply, Server};

fn customers() -> &'static Resource {
    Resource::find("customers").expect("a list")
}

fn since() -> Timestamp {
    "2026-09-01T08:00:00Z".parse().expect("a moment")
}

/// A page of events: id, operation, minute of the day.
fn events(events: &[(i64, &str, u32)], next_cursor: Option<&str>) -> Reply {
    let event = |(id, operation, minute): &(i64, &str, u32)| {
        let at = format!("2026-09-01T10:{minute:02}:00.123456Z");
        json!({"id": id, "operation": operation, "processed_at": at, "created_at": at, "updated_at": null})
    };
    let items: Vec<Value> = events.iter().map(event).collect();
    Reply::json(json!({
        "items": items, "has_more": next_cursor.is_some(), "next_cursor": next_cursor,
    }))
}

#[tokio::test]
async fn the_start_is_sent_once_and_the_cursor_alone_after_it() {
    let server = Server::start([
        events(&[(1, "insert", 1)], Some("a")),
        events(&[(1, "update", 2), (2, "delete", 3)], None),
    ])
    .await;
    let client = server.client();
    let mut pages = client.changelog(customers(), Some(since()));
    let mut changes: Vec<Change> = Vec::new();
    while let Some(page) = pages.next().await {
        changes.extend(page.expect("events"));
    }
    let operations: Vec<(i64, Operation)> = changes.iter().map(|c| (c.id, c.operation)).collect();
    assert_eq!(
        operations,
        [(1, Operation::Insert), (1, Operation::Update), (2, Operation::Delete)]
    );
    assert_eq!(server.values("start_date"), [Some("2026-09-01T08:00:00Z".to_owned()), None]);
    assert_eq!(server.values("cursor"), [None, Some("a".to_owned())]);
    assert!(server.asked().iter().all(|asked| asked.path == "/api/v2/changelogs/customers"));
    assert!(server.values("limit").iter().flatten().all(|limit| limit == "1000"));
}

#[tokio::test]
async fn each_changed_record_is_read_once_as_it_is_now() {
    let server = Server::start([
        events(
            &[(1, "insert", 1), (2, "insert", 2), (1, "update", 3), (3, "update", 4)],
            Some("a"),
        ),
        events(&[(2, "delete", 5), (4, "delete", 6), (4, "insert", 7)], None),
        Reply::page([4, 1], None),
    ])
    .await;
    let changed = server.client().changed(customers(), Some(since())).await.expect("changes");
    let ids: Vec<i64> = changed.records.iter().map(|r| r["id"].as_i64().expect("an id")).collect();
    assert_eq!(ids, [4, 1]);
    // 2 was deleted; 3 went away while the others were read.
    assert_eq!(changed.deleted_ids, [2, 3]);
    assert_eq!(changed.last_event, Some("2026-09-01T10:07:00.123456Z".parse().expect("a moment")));
    let filter: Value = serde_json::from_str(&server.asked()[2].query["filter"]).expect("JSON");
    assert_eq!(filter, json!([{"field": "id", "operator": "in", "value": [1, 3, 4]}]));
}

#[tokio::test]
async fn many_changed_records_are_read_by_the_hundred() {
    let many: Vec<(i64, &str, u32)> = (1..=250).map(|id| (id, "update", 1)).collect();
    let server = Server::start([
        events(&many, None),
        Reply::page(1..=100, None),
        Reply::page(101..=200, None),
        Reply::page(201..=250, None),
    ])
    .await;
    let changed = server.client().changed(customers(), None).await.expect("changes");
    assert_eq!(changed.records.len(), 250);
    assert!(changed.deleted_ids.is_empty());
    for (asked, ids) in server.asked()[1..].iter().zip([100, 100, 50]) {
        let filter: Value = serde_json::from_str(&asked.query["filter"]).expect("JSON");
        assert_eq!(filter[0]["value"].as_array().expect("ids").len(), ids);
        assert_eq!(asked.query["limit"], "100");
    }
}

#[tokio::test]
async fn nothing_changed_is_no_question_to_the_list() {
    let server = Server::start([events(&[], None)]).await;
    let changed = server.client().changed(customers(), Some(since())).await.expect("no changes");
    assert_eq!(changed, penny_pennylane::Changed::default());
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_start_before_the_four_weeks_is_told() {
    let refusal = json!({"error": "start_date must be within the last 4 weeks", "status": 422});
    let server = Server::start([Reply::refusal(422, refusal)]).await;
    let error = server.client().changed(customers(), Some(since())).await.expect_err("too old");
    assert!(matches!(error, Error::ChangelogTooOld { resource: "customers", .. }), "{error}");
    assert!(error.hint().expect("a hint").contains("whole list"));
}

#[tokio::test]
async fn a_list_without_changelog_says_so_and_nothing_is_sent() {
    let server = Server::start([]).await;
    let journals = Resource::find("journals").expect("a list");
    let error = server.client().changed(journals, None).await.expect_err("no changelog");
    assert_eq!(error.to_string(), "Pennylane keeps no changelog of `journals`");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn events_that_are_not_understood_are_not_passed_over() {
    let server = Server::start([events(&[(1, "merge", 1)], None)]).await;
    let error = server.client().changed(customers(), None).await.expect_err("an odd event");
    assert!(error.to_string().contains("merge"), "{error}");
}

#[tokio::test]
async fn a_changelog_that_goes_in_circles_ends() {
    let server =
        Server::start([events(&[(1, "insert", 1)], Some("a")), events(&[], Some("a"))]).await;
    let error = server.client().changed(customers(), None).await.expect_err("a circle");
    assert!(matches!(error, Error::CursorRepeated { .. }), "{error}");
}
