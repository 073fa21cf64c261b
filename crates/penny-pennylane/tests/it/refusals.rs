//! What each refusal says, and what it tells to do.

use penny_pennylane::{Client, Config, Error, Query, Resource};
use serde_json::json;

use crate::server::{Reply, Server, TOKEN};

async fn refusal(name: &str, reply: Reply) -> Error {
    let server = Server::start([reply]).await;
    let resource = Resource::find(name).expect("a list");
    let client = server.client();
    let mut pages = client.list(resource, &Query::default());
    let error = pages.next().await.expect("a first page").expect_err("refused");
    assert!(pages.next().await.is_none(), "an error is the end");
    let all = format!("{error} {error:?} {:?}", error.hint());
    assert!(!all.contains(TOKEN), "{all}");
    error
}

async fn check(reply: Reply, sentence: &str, hint: &str) {
    let error = refusal("customers", reply).await;
    assert_eq!(error.to_string(), sentence);
    let found = error.hint().unwrap_or_default();
    assert!(found.contains(hint), "{found}");
}

#[tokio::test]
async fn a_token_that_is_not_accepted() {
    check(
        Reply::refusal(401, json!({"error": "The access token is invalid", "status": 401})),
        "Pennylane does not accept the token (401): The access token is invalid",
        "Paramètres > Connectivité > Développeurs",
    )
    .await;
}

#[tokio::test]
async fn a_missing_scope_is_named_from_either_form_of_body() {
    let official = json!({
        "error": "Access to this resource requires scope \"customers:readonly\".", "status": 403,
    });
    let guide = json!({"error": "forbidden", "message": "Missing scope: customers:readonly"});
    let mute = json!({});
    for body in [official, guide, mute] {
        check(
            Reply::refusal(403, body),
            "the Pennylane token may not read `/customers` (403): it lacks the scope `customers:readonly`",
            "a token that has the scope customers:readonly",
        )
        .await;
    }
}

#[tokio::test]
async fn an_address_where_nothing_is() {
    check(
        Reply::refusal(404, json!({"error": "Not Found", "status": 404})),
        "Pennylane has nothing at `/customers`: Not Found",
        "https://app.pennylane.com/api/external/v2",
    )
    .await;
}

#[tokio::test]
async fn a_question_that_is_not_accepted_names_field_and_code() {
    check(
        Reply::refusal(
            400,
            json!({"message": "limit is too big", "field": "limit", "code": "MoreThanMaximum"}),
        ),
        "Pennylane refuses `/customers` (400): limit is too big (field `limit`, MoreThanMaximum)",
        "filter",
    )
    .await;
    check(
        Reply::refusal(400, json!({"message": "no date", "code": "InvalidDateFormat"})),
        "Pennylane refuses `/customers` (400): no date (InvalidDateFormat)",
        "2026-01-31",
    )
    .await;
    check(
        Reply::refusal(422, json!({"error": "Numbering is not configured", "status": 422})),
        "Pennylane refuses `/customers` (422): Numbering is not configured",
        "",
    )
    .await;
}

#[tokio::test]
async fn a_web_page_instead_of_data_is_recognised() {
    let page = "<!DOCTYPE html><html><head><title>Connexion au proxy</title></head></html>";
    for status in [200, 401, 403, 404] {
        let error = refusal("customers", Reply::status(status).body(page)).await;
        assert!(
            matches!(&error, Error::WebPage { title, .. } if title == "Connexion au proxy"),
            "{error}"
        );
        assert!(error.hint().expect("a hint").contains("proxy"));
    }
}

#[tokio::test]
async fn a_redirect_is_told_and_the_token_stays_here() {
    let elsewhere = Server::start([Reply::page([1], None)]).await;
    let to = format!("{}/customers", elsewhere.origin);
    let error = refusal("customers", Reply::status(302).header("location", &to)).await;
    assert!(matches!(error, Error::Redirected { .. }), "{error}");
    assert!(
        to.contains(&error.to_string().rsplit(' ').next().expect("words").to_owned()),
        "{error}"
    );
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn long_and_odd_refusals_still_make_one_line() {
    let reply = Reply::status(400).body(&"very\nlong ".repeat(500));
    let text = refusal("customers", reply).await.to_string();
    assert!(text.chars().count() < 400 && !text.contains('\n'), "{text}");
}

#[tokio::test]
async fn https_that_is_none_is_a_matter_of_tls() {
    let server = Server::start([]).await;
    let base_url = server.origin.replace("http://", "https://");
    let error = match Client::new(Config { base_url, ..server.config() }) {
        Ok(client) => client.me().await.expect_err("no TLS there"),
        // A machine without root certificates says so before it asks anyone.
        Err(error) => error,
    };
    let hint = error.hint().expect("a hint");
    match &error {
        Error::Unreachable { attempts: 1, .. } => {
            assert!(error.to_string().contains("TLS"), "{error}");
            assert!(hint.contains("certificate"), "{hint}");
        }
        Error::Setup { .. } => assert!(hint.contains("ca-certificates"), "{hint}"),
        other => panic!("{other}"),
    }
}
