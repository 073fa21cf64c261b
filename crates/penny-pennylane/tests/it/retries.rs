//! What is asked again, how often, and what is not.

use std::time::{Duration, Instant};

use penny_pennylane::{Client, Config, Error, Query, Resource, Trouble};
use serde_json::json;

use crate::server::{Reply, Server};

async fn first_page(client: &Client) -> Result<usize, Error> {
    let customers = Resource::find("customers").expect("a list");
    let page = client.list(customers, &Query::default()).next().await;
    Ok(page.expect("a first page")?.len())
}

#[tokio::test]
async fn what_passes_by_itself_is_asked_again_with_the_same_question() {
    let check = async |reply: Reply| {
        let server =
            Server::start([Reply::page([1, 2], Some("a")), reply, Reply::page([3], None)]).await;
        let client = server.client();
        let customers = Resource::find("customers").expect("a list");
        let mut pages = client.list(customers, &Query::default());
        let mut rows = 0;
        while let Some(page) = pages.next().await {
            rows += page.expect("a page").len();
        }
        assert_eq!(rows, 3);
        let again = Some("a".to_owned());
        assert_eq!(server.values("cursor"), [None, again.clone(), again]);
    };
    for status in [500, 502, 503, 504] {
        check(Reply::status(status).body("<html>out of order</html>")).await;
    }
    check(Reply::status(429).header("retry-after", "0").body("Rate limit exceeded.")).await;
    check(Reply::page(1..50, None).broken()).await;
    check(Reply::page(1..50, None).shortened()).await;
    check(Reply::page(1..50, None).header("content-length", "4000").broken()).await;
    check(Reply::status(200).broken()).await;
}

#[tokio::test]
async fn what_does_not_pass_is_asked_once() {
    for status in [400, 401, 403, 404, 409, 422, 302, 418] {
        let server = Server::start([Reply::refusal(status, json!({"error": "no"}))]).await;
        first_page(&server.client()).await.expect_err("refused");
        assert_eq!(server.asked().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn attempts_are_counted_and_told() {
    let server = Server::start((0..9).map(|_| Reply::status(503))).await;
    let error = first_page(&server.client()).await.expect_err("out of order");
    assert!(matches!(error, Error::Unavailable { status: 503, attempts: 6, .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "Pennylane is out of order: `/customers` answered 503 after 6 attempts"
    );
    assert!(error.hint().is_some() && error.may_pass());
    assert_eq!(server.asked().len(), 6);
}

#[tokio::test]
async fn a_single_attempt_can_be_asked_for() {
    let server = Server::start([Reply::status(500)]).await;
    let client = Client::new(Config { attempts_max: 1, ..server.config() }).expect("a client");
    let error = first_page(&client).await.expect_err("out of order");
    assert!(matches!(error, Error::Unavailable { attempts: 1, .. }), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_body_that_is_always_cut_off_is_told_as_such() {
    let server = Server::start((0..2).map(|_| Reply::page(1..50, None).broken())).await;
    let client = Client::new(Config { attempts_max: 2, ..server.config() }).expect("a client");
    let error = first_page(&client).await.expect_err("cut off");
    assert!(
        matches!(error, Error::Unreachable { trouble: Trouble::Cut, attempts: 2, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_not_waited_for() {
    let server = Server::start([Reply::never(), Reply::never()]).await;
    let request_timeout = Duration::from_millis(100);
    let config = Config { attempts_max: 2, request_timeout, ..server.config() };
    let error = first_page(&Client::new(config).expect("a client")).await.expect_err("too late");
    assert!(
        matches!(error, Error::Unreachable { trouble: Trouble::Timeout, attempts: 2, .. }),
        "{error}"
    );
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_and_told_with_its_address() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    drop(listener);
    let server = Server::start([]).await;
    let config =
        Config { base_url: format!("http://{address}"), attempts_max: 3, ..server.config() };
    let error = first_page(&Client::new(config).expect("a client")).await.expect_err("closed");
    assert_eq!(
        error.to_string(),
        format!("no answer from {address} after 3 attempts: it refuses connections")
    );
}

#[tokio::test]
async fn the_pause_that_a_refusal_asks_for_is_kept() {
    let server = Server::start([
        Reply::status(429)
            .header("retry-after", "1")
            .body("Rate limit exceeded. Please retry in 1 seconds."),
        Reply::page([1], None),
    ])
    .await;
    assert_eq!(first_page(&server.client()).await.expect("a page"), 1);
    let asked = server.asked();
    assert!(asked[1].at - asked[0].at >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_refusal_without_a_pause_waits_for_the_end_of_the_window() {
    let refused = Reply::status(429)
        .header("ratelimit-limit", "25")
        .header("ratelimit-remaining", "0")
        .header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
        .header("ratelimit-reset", "784111778");
    let server = Server::start([refused, Reply::page([1], None)]).await;
    assert_eq!(first_page(&server.client()).await.expect("a page"), 1);
    let asked = server.asked();
    assert!(asked[1].at - asked[0].at >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_pause_longer_than_the_time_left_is_not_begun() {
    let server = Server::start([Reply::status(429).header("retry-after", "3600")]).await;
    let started = Instant::now();
    let error = first_page(&server.client()).await.expect_err("refused");
    assert!(started.elapsed() < Duration::from_secs(60));
    let hour = Some(Duration::from_secs(3600));
    assert!(
        matches!(error, Error::RateLimited { retry_after, .. } if retry_after == hour),
        "{error}"
    );
}

#[tokio::test]
async fn the_last_requests_of_a_window_are_left_and_the_next_window_awaited() {
    let nearly_used_up = Reply::page([1], Some("a"))
        .header("ratelimit-limit", "25")
        .header("ratelimit-remaining", "2")
        .header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
        .header("ratelimit-reset", "784111778");
    let server = Server::start([nearly_used_up, Reply::page([2], None)]).await;
    let client = server.client();
    let customers = Resource::find("customers").expect("a list");
    let mut pages = client.list(customers, &Query::default());
    while let Some(page) = pages.next().await {
        page.expect("a page");
    }
    let asked = server.asked();
    assert!(asked[1].at - asked[0].at >= Duration::from_secs(1));
}

#[tokio::test]
async fn clones_of_a_client_share_one_pace() {
    let server = Server::start([
        Reply::status(429).header("retry-after", "1"),
        Reply::page([1], None),
        Reply::page([2], None),
    ])
    .await;
    let client = Client::new(Config { attempts_max: 1, ..server.config() }).expect("a client");
    let clone = client.clone();
    first_page(&client).await.expect_err("refused, with no attempt left");
    first_page(&clone).await.expect("a page");
    let asked = server.asked();
    assert!(asked[1].at - asked[0].at >= Duration::from_secs(1));
}

#[tokio::test]
async fn dropping_the_future_ends_the_request() {
    let server = Server::start([Reply::never()]).await;
    let client = server.client();
    let asking = tokio::spawn(async move { first_page(&client).await });
    while server.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    asking.abort();
    tokio::time::timeout(Duration::from_secs(30), server.given_up()).await.expect("given up");
}
