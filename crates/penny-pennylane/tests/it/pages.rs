//! Walking through a list.

use penny_pennylane::{Client, Error, Filter, Operator, Query, Resource};
use serde_json::{Value, json};

use crate::server::{Reply, Server, TOKEN};

fn resource(name: &str) -> &'static Resource {
    Resource::find(name).expect("a list")
}

/// The ids of a whole list, or what went wrong on the way.
async fn ids(client: &Client, name: &str, query: &Query) -> Result<Vec<i64>, Error> {
    let mut pages = client.list(resource(name), query);
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await {
        ids.extend(page?.iter().map(|record| record["id"].as_i64().expect("an id")));
    }
    assert!(pages.next().await.is_none(), "nothing comes after the end");
    Ok(ids)
}

#[tokio::test]
async fn every_page_is_read_once_and_in_order() {
    let server = Server::start([
        Reply::page([9, 8], Some("a")),
        Reply::page([7, 6], Some("b")),
        Reply::page([5], None),
    ])
    .await;
    let found = ids(&server.client(), "customers", &Query::default()).await.expect("a list");
    assert_eq!(found, [9, 8, 7, 6, 5]);
    assert_eq!(server.values("cursor"), [None, Some("a".to_owned()), Some("b".to_owned())]);
    let asked = server.asked();
    assert!(asked.iter().all(|asked| asked.path == "/api/v2/customers" && asked.method == "GET"));
    let bearer = format!("Bearer {TOKEN}");
    assert!(asked.iter().all(|asked| asked.authorization.as_deref() == Some(&bearer)));
}

#[tokio::test]
async fn filter_sort_and_page_size_are_sent_again_with_each_cursor() {
    let server = Server::start([Reply::page([1], Some("a")), Reply::page([2], None)]).await;
    let query = Query {
        filters: vec![Filter::new("date", Operator::Gteq, "2026-01-01")],
        sort: Some("-date".to_owned()),
        ..Query::default()
    };
    ids(&server.client(), "customer_invoices", &query).await.expect("a list");
    let expected = json!([{"field": "date", "operator": "gteq", "value": "2026-01-01"}]);
    for asked in server.asked() {
        let filter: Value = serde_json::from_str(&asked.query["filter"]).expect("JSON");
        assert_eq!(filter, expected);
        assert_eq!(asked.query["sort"], "-date");
        assert_eq!(asked.query["limit"], "100");
    }
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn the_largest_page_of_each_list_is_asked_for() {
    let server = Server::start((0..3).map(|_| Reply::page([], None))).await;
    let client = server.client();
    for name in ["customers", "ledger_accounts", "pa_registrations"] {
        ids(&client, name, &Query::default()).await.expect("a list");
    }
    let limits = [Some("100".to_owned()), Some("1000".to_owned()), None];
    assert_eq!(server.values("limit"), limits);
}

#[tokio::test]
async fn no_more_rows_come_than_wanted_and_no_page_is_read_in_vain() {
    let check = async |rows_max: u64, pages: usize, limit: &str| {
        let server = Server::start([
            Reply::page([1, 2], Some("a")),
            Reply::page([3, 4], Some("b")),
            Reply::page([5], None),
        ])
        .await;
        let query = Query { rows_max: Some(rows_max), ..Query::default() };
        let found = ids(&server.client(), "customers", &query).await.expect("a list");
        let expected: Vec<i64> = (1..=5).take(usize::try_from(rows_max).expect("small")).collect();
        assert_eq!(found, expected);
        assert_eq!(server.asked().len(), pages, "{rows_max} rows");
        assert!(server.values("limit").iter().flatten().all(|sent| sent == limit));
    };
    check(0, 0, "").await;
    check(2, 1, "2").await;
    check(3, 2, "3").await;
    check(500, 3, "100").await;
}

#[tokio::test]
async fn a_cursor_that_comes_back_ends_the_walk_with_an_error() {
    let check = async |cursors: &[&str], page_of_error: u64| {
        let pages = cursors.iter().map(|cursor| Reply::page([1], Some(cursor)));
        let server = Server::start(pages).await;
        let error =
            ids(&server.client(), "customers", &Query::default()).await.expect_err("a circle");
        assert!(
            matches!(&error, Error::CursorRepeated { resource: "customers", page } if *page == page_of_error),
            "{error}"
        );
        assert_eq!(server.left(), 0);
    };
    check(&["a", "a"], 2).await;
    check(&["a", "b", "a"], 3).await;
}

#[tokio::test]
async fn answers_of_another_shape_are_told_and_not_repeated() {
    let check = async |reply: Reply, what: &str| {
        let server = Server::start([reply]).await;
        let error = ids(&server.client(), "customers", &Query::default()).await.expect_err("odd");
        assert!(error.to_string().contains(what), "{error}");
        assert_eq!(server.asked().len(), 1);
    };
    check(Reply::json(json!([])), "no object").await;
    check(Reply::json(json!({"has_more": false})), "no `items`").await;
    check(Reply::json(json!({"items": [1]})), "an item is no object").await;
    check(Reply::json(json!({"items": [], "has_more": true})), "no `next_cursor`").await;
    check(Reply::status(200).body("items: none"), "cannot be read").await;
}

#[tokio::test]
async fn keys_that_the_envelope_did_not_have_are_no_trouble() {
    let server = Server::start([Reply::json(json!({
        "items": [{"id": 1, "new": {"a": 1}}], "has_more": false, "next_cursor": null,
        "current_page": null, "total_items": null,
    }))])
    .await;
    let found = ids(&server.client(), "journals", &Query::default()).await.expect("a list");
    assert_eq!(found, [1]);
}

#[tokio::test]
async fn me_tells_the_company_and_the_scopes() {
    let server = Server::start([Reply::json(json!({
        "user": {"id": 1, "first_name": "Ada", "last_name": "L", "email": "a@b.fr", "locale": "fr"},
        "company": {"id": 22, "name": "Essai SAS", "reg_no": "sandbox-22", "accounting_logic": "FR_PCG"},
        "scopes": ["customers:readonly"],
    }))])
    .await;
    let me = server.client().me().await.expect("an answer");
    assert_eq!((me.company.name.as_str(), me.company.id), ("Essai SAS", 22));
    assert!(me.is_sandbox());
    assert_eq!(me.scopes, ["customers:readonly"]);
    assert_eq!(server.asked()[0].path, "/api/v2/me");
}
