//! Everything the server refuses, in the words it uses for it.

use reqwest::Method;
use serde_json::{Value, json};

use super::server::{SECRET, Server, Setup, company, read};

#[tokio::test]
async fn a_missing_or_unknown_token_gets_401() {
    let server = Server::start().await;
    let expected = json!({ "error": "The access token is invalid", "status": 401 });
    for secret in [None, Some("wrong"), Some("")] {
        let answer = server.get_as(secret, "/me").await;
        assert_eq!((answer.status.as_u16(), answer.json()), (401, expected.clone()), "{secret:?}");
    }
    let basic =
        read(server.client.get(server.url("/me")).basic_auth("user", Some(SECRET))).await.unwrap();
    assert_eq!(basic.status, 401);
}

#[tokio::test]
async fn what_does_not_exist_gets_404_in_the_words_of_its_model() {
    let server = Server::start().await;
    let unknown = 999_999_999_999_u64;
    for (list, model) in [
        ("journals", Some("Journal")),
        ("ledger_accounts", Some("LedgerAccount")),
        ("ledger_entries", Some("LedgerEntry")),
        ("ledger_entry_lines", Some("LedgerEntryLine")),
        ("customers", Some("Customer")),
        ("suppliers", Some("Supplier")),
        ("customer_invoices", None),
        ("supplier_invoices", None),
        ("transactions", None),
        ("products", None),
        ("categories", None),
        ("category_groups", None),
        ("bank_accounts", None),
        ("exports/fecs", None),
        ("nonsense", None),
    ] {
        let text = model.map_or("Not Found".to_owned(), |model| {
            format!("Couldn't find {model} with 'id'={unknown}")
        });
        let answer = server.get(&format!("/{list}/{unknown}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (404, json!({ "error": text, "status": 404 })),
            "{list}"
        );
    }
    for path in [
        "/customers/abc",
        "/customers/",
        "/customers/1/2/3",
        "/exports/fec/1",
        "/",
        "",
        "/changelogs/journals",
    ] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
    let below_nothing = server.get(&format!("/customers/{unknown}/contacts")).await;
    assert_eq!(
        below_nothing.json()["error"],
        format!("Couldn't find Customer with 'id'={unknown}")
    );
    let outside =
        read(server.client.get(format!("{}/api/v1/customers", server.origin)).bearer_auth(SECRET))
            .await
            .unwrap();
    assert_eq!(outside.status, 404);
}

#[tokio::test]
async fn a_customer_is_only_found_under_its_own_type() {
    let server = Server::start().await;
    let customer = &server.get("/customers").await.items()[0];
    let (id, kind) =
        (customer["id"].as_u64().unwrap(), customer["customer_type"].as_str().unwrap());
    for path in ["company_customers", "individual_customers"] {
        let answer = server.get(&format!("/{path}/{id}")).await;
        assert_eq!(answer.status == 200, path.starts_with(kind), "{path} {kind}");
    }
}

#[tokio::test]
async fn nothing_is_written_but_exports() {
    let server = Server::start().await;
    let one = format!("/customers/{}", company().customers[0].id);
    for (method, path, expected) in [
        (Method::POST, "/customers", 404),
        (Method::POST, "/company_customers", 404),
        (Method::POST, "/customer_invoices", 405),
        (Method::PUT, &one, 405),
        (Method::DELETE, "/ledger_entry_lines/1", 405),
        (Method::POST, "/exports/fec", 404),
        (Method::POST, "/exports/fecs/1", 405),
    ] {
        let answer = server.send(method.clone(), path, "{}").await;
        assert_eq!(answer.status, expected, "{method} {path}");
        let body = answer.json();
        assert_eq!(body["status"], expected);
        assert!(body["error"].is_string());
    }
    assert_eq!(server.get(&one).await.status, 200, "and it is still there");
}

#[tokio::test]
async fn a_trial_balance_needs_both_ends_of_its_period() {
    let server = Server::start().await;
    for (query, field, code) in [
        ("", "period_start", "NotExistRequiredKey"),
        ("?period_start=2026-01-01", "period_end", "NotExistRequiredKey"),
        ("?period_start=2026-01-01&period_end=31/01/2026", "period_end", "InvalidDateFormat"),
        (
            "?period_start=2026-01-01T00:00:00Z&period_end=2026-01-31",
            "period_start",
            "InvalidDateFormat",
        ),
        (
            "?period_start=2026-01-01&period_end=2026-01-31&is_auxiliary=perhaps",
            "is_auxiliary",
            "ValidateError",
        ),
    ] {
        let answer = server.get(&format!("/trial_balance{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        let body = answer.json();
        assert_eq!(
            (&body["field"], &body["code"]),
            (&Value::from(field), &Value::from(code)),
            "{query}"
        );
        assert!(body["message"].as_str().unwrap().len() > 10);
    }
}

#[tokio::test]
async fn the_headers_and_parameters_of_the_past_change_nothing() {
    let server = Server::start().await;
    let usual = server.get("/customers").await;
    for value in ["true", "false"] {
        let request =
            server.client.get(server.url("/customers?use_2026_api_changes=true&colour=blue"));
        let answer = read(request.bearer_auth(SECRET).header("X-Use-2026-API-Changes", value))
            .await
            .unwrap();
        assert_eq!((answer.status, &answer.text), (usual.status, &usual.text));
    }
}

#[tokio::test]
async fn me_tells_the_company_and_the_scopes_of_the_token() {
    let server = Setup::new().token("narrow", &["journals:readonly"]).start().await;
    let me = server.get_as(Some("narrow"), "/me").await.json();
    assert_eq!(me["scopes"], json!(["journals:readonly"]));
    assert_eq!(me["company"]["name"], company().identity.name);
    assert_eq!(me["company"]["reg_no"], company().identity.siren);
    let all = server.get("/me").await.json();
    assert!(all["scopes"].as_array().unwrap().contains(&"exports:fec".into()));
}
