//! The server against the contract: shapes, scopes, limits, filters and sorts of all ninety operations.

use std::collections::{BTreeMap, BTreeSet};

use penny_sandbox::company::Company;
use serde_json::{Value, json};

use super::schema::{operations, violations};
use super::server::{Server, Setup, company, condition, ids};

/// Lists that this company has nothing in.
const EMPTY: &[&str] = &[
    "/billing_subscriptions",
    "/pa_registrations",
    "/file_attachments",
    "/customer_invoice_templates",
    "/quotes",
    "/commercial_documents",
    "/sepa_mandates",
    "/gocardless_mandates",
    "/pro_account/mandate_migrations",
    "/pro_account/mandates",
    "/purchase_requests",
    "/changelogs/quotes",
    "/customer_invoices/{customer_invoice_id}/invoice_line_sections",
    "/customer_invoices/{customer_invoice_id}/payments",
    "/customer_invoices/{customer_invoice_id}/appendices",
    "/customer_invoices/{customer_invoice_id}/custom_header_fields",
    "/supplier_invoices/{supplier_invoice_id}/payments",
];

/// Records that nobody has, so that their own addresses cannot be asked.
const ABSENT: &[&str] = &[
    "/billing_subscriptions/",
    "/quotes/",
    "/commercial_documents/",
    "/sepa_mandates/",
    "/gocardless_mandates/",
    "/purchase_requests/",
];

const PERIOD: [(&str, &str); 2] = [("period_start", "2025-01-01"), ("period_end", "2025-12-31")];

/// How many records are asked for one by one.
const SAMPLE: usize = 40;

fn query_of(path: &str) -> &'static [(&'static str, &'static str)] {
    if path == "/trial_balance" { &PERIOD } else { &[] }
}

fn tagged_customer(company: &Company) -> Option<u64> {
    company
        .customers
        .iter()
        .find(|customer| !customer.categories.is_empty())
        .map(|customer| customer.id)
}

fn tagged_supplier(company: &Company) -> Option<u64> {
    company
        .suppliers
        .iter()
        .find(|supplier| !supplier.categories.is_empty())
        .map(|supplier| supplier.id)
}

/// Whether a list, or all lists of one kind, have nothing in them.
fn is_empty(path: &str) -> bool {
    match path {
        "/customers/{customer_id}/categories" => tagged_customer(company()).is_none(),
        "/suppliers/{supplier_id}/categories" => tagged_supplier(company()).is_none(),
        path => EMPTY.contains(&path),
    }
}

/// The list that the id in a path is taken from, with its filter.
fn parent_of(path: &str) -> (String, Vec<(&'static str, String)>) {
    let list = path.split("/{").next().unwrap();
    match list {
        "/company_customers" => {
            ("/customers".to_owned(), vec![("filter", condition("customer_type", "eq", "company"))])
        }
        "/individual_customers" => (
            "/customers".to_owned(),
            vec![("filter", condition("customer_type", "eq", "individual"))],
        ),
        list => (list.to_owned(), vec![]),
    }
}

fn with_id(path: &str, id: u64) -> String {
    let start = path.find('{').unwrap();
    let end = path.find('}').unwrap();
    format!("{}{id}{}", &path[..start], &path[end + 1..])
}

/// Up to `SAMPLE` ids, first and last among them.
fn sample(ids: &[u64]) -> impl Iterator<Item = u64> {
    let step = ids.len().div_ceil(SAMPLE).max(1);
    ids.iter().copied().step_by(step).chain(ids.last().copied())
}

#[track_caller]
fn assert_shape(name: &str, value: &Value, schema: &Value) {
    let found = violations(value, schema);
    assert!(found.is_empty(), "{name}: {:#?}", &found[..found.len().min(10)]);
}

/// Paths that answer an operation: itself, or itself for a number of ids.
async fn concrete_paths(server: &Server, path: &str) -> Vec<String> {
    if !path.contains('{') {
        return vec![path.to_owned()];
    }
    if path.starts_with("/exports/") {
        let body = r#"{"period_start":"2026-01-01","period_end":"2026-01-31"}"#;
        let list = path.trim_end_matches("/{id}");
        let started = server.send(reqwest::Method::POST, list, body).await;
        assert_eq!(started.status, 201, "{}", started.text);
        return vec![with_id(path, started.json()["id"].as_u64().unwrap())];
    }
    let (list, query) = parent_of(path);
    let mut query: Vec<_> = query.iter().map(|(key, value)| (*key, value.as_str())).collect();
    query.push(("limit", "100"));
    let mut ids = ids(&server.get_query(&list, &query).await.items());
    // The oldest ones too, where the list can be turned round.
    query.push(("sort", "id"));
    ids.extend(super::server::ids(&server.get_query(&list, &query).await.items()));
    let mut wanted: Vec<_> = sample(&ids).collect();
    // A sample may miss the few that have something below them.
    let company = company();
    match list.as_str() {
        "/ledger_entry_lines" => {
            let lines = company.lines.iter();
            wanted
                .extend(lines.clone().find(|line| line.lettering_id.is_some()).map(|line| line.id));
            wanted
                .extend(lines.clone().find(|line| !line.categories.is_empty()).map(|line| line.id));
        }
        "/customers" => wanted.extend(tagged_customer(company)),
        "/suppliers" => wanted.extend(tagged_supplier(company)),
        "/transactions" => {
            wanted.extend(
                company
                    .transactions
                    .iter()
                    .find(|record| !record.categories.is_empty())
                    .map(|record| record.id),
            );
        }
        _ => {}
    }
    wanted.into_iter().map(|id| with_id(path, id)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_of_every_operation_has_the_shape_of_the_contract() {
    let server = Server::start().await;
    for (name, path, operation) in operations() {
        if ABSENT.iter().any(|absent| path.starts_with(absent)) {
            continue;
        }
        let is_list = operation["response"]["properties"].get("items").is_some();
        let paths = concrete_paths(&server, path).await;
        assert!(!paths.is_empty(), "{name}: no record to ask for");
        let mut records = 0;
        for path in &paths {
            let answer = server.get_query(path, query_of(path)).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
            let value = answer.json();
            assert_shape(name, &value, &operation["response"]);
            records += value["items"].as_array().map_or(1, Vec::len);
        }
        assert_eq!(is_list && is_empty(path), records == 0, "{name} gave {records} records");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_record_of_the_main_lists_has_the_shape_of_the_contract() {
    let server = Server::start().await;
    for (name, path, operation) in operations().filter(|(_, path, _)| !path.contains('{')) {
        let Some(max) = operation["params"]["limit"]["maximum"].as_u64() else { continue };
        let max = max.to_string();
        let mut query = query_of(path).to_vec();
        query.push(("limit", &max));
        for item in server.walk(path, &query).await {
            assert_shape(name, &item, &operation["response"]["properties"]["items"]["items"]);
        }
    }
}

#[tokio::test]
async fn what_nobody_has_is_not_found() {
    let server = Server::start().await;
    for (_, path, _) in
        operations().filter(|(_, path, _)| ABSENT.iter().any(|absent| path.starts_with(absent)))
    {
        let answer = server.get(&with_id(path, 1)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (404, json!({ "error": "Not Found", "status": 404 })),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_limit_outside_its_range_is_refused_and_its_ends_are_not() {
    let server = Server::start().await;
    for (name, path, operation) in operations().filter(|(_, path, _)| !path.contains('{')) {
        let Some(max) = operation["params"]["limit"]["maximum"].as_i64() else { continue };
        let cases = [
            ("1".to_owned(), None),
            (max.to_string(), None),
            ((max + 1).to_string(), Some("MoreThanMaximum")),
            ("0".to_owned(), Some("LessThanMinimum")),
            ("-5".to_owned(), Some("LessThanMinimum")),
            ("many".to_owned(), Some("ValidateError")),
        ];
        for (limit, code) in cases {
            let mut query = query_of(path).to_vec();
            query.push(("limit", &limit));
            let answer = server.get_query(path, &query).await;
            let expected = if code.is_some() { 400 } else { 200 };
            assert_eq!(answer.status, expected, "{name} limit={limit}: {}", answer.text);
            if let Some(code) = code {
                assert_eq!(
                    (answer.json()["code"].as_str(), answer.json()["field"].as_str()),
                    (Some(code), Some("limit"))
                );
            } else {
                assert!(answer.items().len() <= limit.parse().unwrap());
            }
        }
    }
}

#[tokio::test]
async fn a_page_has_twenty_records_unless_asked_otherwise() {
    let server = Server::start().await;
    assert_eq!(server.get("/customer_invoices").await.items().len(), 20);
    assert_eq!(server.get("/ledger_entry_lines").await.items().len(), 20);
    let page_params =
        server.get_query("/ledger_entry_lines", &[("per_page", "50"), ("page", "2")]).await;
    assert_eq!(
        page_params.text,
        server.get("/ledger_entry_lines").await.text,
        "they are parameters of the past"
    );
}

const OPERATORS: [&str; 9] =
    ["lt", "lteq", "gt", "gteq", "eq", "not_eq", "in", "not_in", "start_with"];

/// A value that a filter on this field takes.
fn value_for(field: &str, operator: &str) -> Value {
    let one: Value = match field {
        "date" | "start" => "2026-03-01".into(),
        "draft" | "credit_note" | "enabled" => true.into(),
        "id" => 1.into(),
        field if field.ends_with("_id") && field != "flow_id" => 1.into(),
        _ => "a".into(),
    };
    if matches!(operator, "in" | "not_in") { json!([one]) } else { one }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_field_is_filtered_by_its_own_operators_and_no_others() {
    let server = Server::start().await;
    for (name, path, operation) in operations() {
        let Some(fields) = operation["params"]["filter"]["fields"].as_object() else { continue };
        let path = &concrete_paths(&server, path).await[0];
        for (field, allowed) in fields {
            for operator in OPERATORS {
                let filter = condition(field, operator, value_for(field, operator));
                let answer = server.get_query(path, &[("filter", &filter)]).await;
                let expected =
                    if allowed.as_array().unwrap().contains(&operator.into()) { 200 } else { 400 };
                assert_eq!(answer.status, expected, "{name} {filter}: {}", answer.text);
            }
        }
        let by_update = condition("updated_at", "gt", "2026-01-01T00:00:00Z");
        assert_eq!(server.get_query(path, &[("filter", &by_update)]).await.status, 400, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_is_sorted_by_its_own_fields_and_no_others() {
    let server = Server::start().await;
    for (name, path, operation) in operations() {
        let Some(fields) = operation["params"]["sort"]["fields"].as_array() else { continue };
        if ABSENT.iter().any(|absent| path.starts_with(absent)) {
            continue;
        }
        let path = &concrete_paths(&server, path).await[0];
        for field in ["id", "date", "start", "rank", "updated_at", "name"] {
            for direction in ["", "-", "+"] {
                let sort = format!("{direction}{field}");
                let answer = server.get_query(path, &[("sort", &sort)]).await;
                let expected = if fields.contains(&field.into()) { 200 } else { 400 };
                assert_eq!(answer.status, expected, "{name} sort={sort}: {}", answer.text);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_its_scopes_opens_an_operation_and_all_the_others_do_not() {
    let mut accepted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, _, operation) in operations() {
        let scopes = operation["scopes_any_of"].as_array().unwrap();
        accepted.insert(name, scopes.iter().map(|scope| scope.as_str().unwrap()).collect());
    }
    let every: BTreeSet<&str> = accepted.values().flatten().copied().collect();
    let mut setup = Setup::new();
    for scope in &every {
        setup = setup.token(&format!("only {scope}"), &[scope]);
    }
    for (name, scopes) in &accepted {
        let others: Vec<&str> = every.difference(scopes).copied().collect();
        setup = setup.token(&format!("all but {name}"), &others);
    }
    let server = setup.start().await;
    for (name, path, _) in operations() {
        let path = if path.contains('{') { with_id(path, 1) } else { path.to_owned() };
        let scopes = &accepted[name];
        for scope in scopes {
            let status = server.get_as(Some(&format!("only {scope}")), &path).await.status;
            assert!(status != 401 && status != 403, "{name} with {scope}: {status}");
        }
        let refused = server.get_as(Some(&format!("all but {name}")), &path).await;
        if scopes.is_empty() {
            assert_eq!(refused.status, 200, "{name} needs no scope");
            continue;
        }
        assert_eq!(refused.status, 403, "{name}");
        let body = refused.json();
        let named = body["error"].as_str().unwrap();
        assert!(
            scopes.iter().any(
                |scope| named == format!("Access to this resource requires scope \"{scope}\".")
            ),
            "{named}"
        );
        assert_eq!(body["status"], 403);
    }
}
