//! Faults: each goes wrong in its own way, and only when asked for.

use std::time::{Duration, Instant};

use penny_sandbox::api::{BrokenPage, Faults, Outage};
use serde_json::json;

use super::server::{SECRET, Server, Setup};

#[tokio::test]
async fn a_broken_page_breaks_in_the_middle_as_often_as_asked() {
    let broken_page = BrokenPage { list: "customer_invoices".to_owned(), page: 2, times: 2 };
    let server = Setup::new()
        .faults(Faults { broken_page: Some(broken_page), ..Faults::default() })
        .start()
        .await;
    let first = server.get("/customer_invoices").await;
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    let query = [("cursor", cursor.as_str())];
    for attempt in 1..=2 {
        let request =
            server.client.get(server.url("/customer_invoices")).query(&query).bearer_auth(SECRET);
        let mut response = request.send().await.unwrap();
        let announced = response.content_length().unwrap();
        let mut arrived = 0;
        let error = loop {
            match response.chunk().await {
                Ok(chunk) => {
                    arrived +=
                        chunk.expect("the page does not end as if it were whole").len() as u64
                }
                Err(error) => break error,
            }
        };
        assert_eq!(
            (response.status().as_u16(), arrived),
            (200, announced / 2),
            "attempt {attempt}: {error}"
        );
    }
    let second = server.get_query("/customer_invoices", &query).await;
    assert_eq!(second.items().len(), 20, "then it arrives whole");
    assert_eq!(server.get("/customers").await.status, 200, "other lists are not concerned");
}

#[tokio::test]
async fn every_third_request_fails_during_an_outage() {
    for status in [500, 503] {
        let outage = Outage { every: 3, status };
        let server =
            Setup::new().faults(Faults { outage: Some(outage), ..Faults::default() }).start().await;
        for number in 1..=9 {
            let answer = server.get("/me").await;
            let expected = if number % 3 == 0 { status } else { 200 };
            assert_eq!(answer.status, expected, "request {number}");
            assert_eq!(answer.header("ratelimit-limit"), "1000000");
        }
        server.sandbox.set_faults(Faults::default());
        for _ in 0..3 {
            assert_eq!(server.get("/me").await.status, 200, "the outage is over");
        }
    }
}

#[tokio::test]
async fn latency_makes_answers_later() {
    let server = Setup::new()
        .faults(Faults { latency: Duration::from_millis(80), ..Faults::default() })
        .start()
        .await;
    let asked_at = Instant::now();
    assert_eq!(server.get("/me").await.status, 200);
    assert!(asked_at.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn an_unknown_key_is_on_every_record_of_a_list() {
    let unknown_key = Some(("mood".to_owned(), json!({ "today": "sunny" })));
    let server = Setup::new().faults(Faults { unknown_key, ..Faults::default() }).start().await;
    for path in ["/customers", "/journals", "/changelogs/customers"] {
        let items = server.get(path).await.items();
        assert!(
            !items.is_empty() && items.iter().all(|item| item["mood"]["today"] == "sunny"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_stops() {
    let server = Server::start().await;
    assert_eq!(server.get("/me").await.status, 200);
    let origin = server.origin.clone();
    server.stop().await;
    let error = super::server::client().get(origin).send().await.expect_err("nobody listens");
    assert!(error.is_connect(), "{error:?}");
}
