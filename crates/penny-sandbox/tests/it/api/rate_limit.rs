//! The rate limit: 25 requests in 5 seconds, each token for itself.

use jiff::SignedDuration;

use super::server::{SECRET, Setup, noon};

#[tokio::test]
async fn the_twenty_sixth_request_is_told_to_wait() {
    let server = Setup::new().usual_rate_limit().token("other", &[]).start().await;
    let reset = (noon().as_second() + 5).to_string();
    for remaining in (0..25).rev() {
        // Refusals of any kind count as well.
        let path = if remaining % 2 == 0 { "/me" } else { "/nonsense" };
        let answer = server.get(path).await;
        assert_eq!(answer.status, if remaining % 2 == 0 { 200 } else { 404 });
        assert_eq!(answer.header("ratelimit-limit"), "25");
        assert_eq!(answer.header("ratelimit-remaining"), remaining.to_string());
        assert_eq!(answer.header("ratelimit-reset"), reset);
        assert!(answer.headers.get("retry-after").is_none());
    }
    server.advance(SignedDuration::from_millis(1_500));
    let refused = server.get("/me").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.text, "Rate limit exceeded. Please retry in 4 seconds.");
    assert_eq!(refused.header("content-type"), "text/plain");
    assert_eq!(refused.header("retry-after"), "4");
    assert_eq!(refused.header("ratelimit-limit"), "25");
    assert_eq!(refused.header("ratelimit-remaining"), "0");
    assert_eq!(refused.header("ratelimit-reset"), reset);
    assert_eq!(
        server.get_as(Some("other"), "/me").await.status,
        200,
        "another token has its own window"
    );

    server.advance(SignedDuration::from_millis(3_499));
    assert_eq!(server.get("/me").await.status, 429, "a millisecond too early");
    server.advance(SignedDuration::from_millis(1));
    let answer = server.get("/me").await;
    assert_eq!((answer.status.as_u16(), answer.header("ratelimit-remaining")), (200, "24"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_at_the_same_time_share_the_limit() {
    let server = std::sync::Arc::new(Setup::new().usual_rate_limit().start().await);
    let requests = (0..60).map(|_| {
        let server = std::sync::Arc::clone(&server);
        tokio::spawn(async move { server.get_as(Some(SECRET), "/me").await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for request in requests.collect::<Vec<_>>() {
        statuses.push(request.await.unwrap());
    }
    let count = |status| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((count(200), count(429)), (25, 35));
}
