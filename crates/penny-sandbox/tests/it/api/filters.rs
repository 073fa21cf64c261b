//! Filters: what passes is what the company's own records say.

use jiff::civil::date;
use serde_json::{Value, json};

use super::server::{Server, company, condition, ids};
use penny_sandbox::company::model::CustomerKind;

/// Asks for everything that passes, ascending, and compares with what should.
async fn check(server: &Server, path: &str, filter: &str, expected: Vec<u64>) {
    let found =
        ids(&server.walk(path, &[("filter", filter), ("sort", "id"), ("limit", "30")]).await);
    assert_eq!(found, expected, "{path} {filter}");
    // The same from the other end, with pages of another size.
    let mut backwards = ids(&server.walk(path, &[("filter", filter), ("limit", "7")]).await);
    backwards.reverse();
    assert_eq!(backwards, expected, "{path} {filter} backwards");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_are_compared_as_numbers() {
    let server = Server::start().await;
    let all: Vec<u64> = company().customers.iter().map(|customer| customer.id).collect();
    let middle = all[all.len() / 2];
    let where_id =
        |keep: &dyn Fn(u64) -> bool| all.iter().copied().filter(|id| keep(*id)).collect::<Vec<_>>();
    for (operator, expected) in [
        ("eq", where_id(&|id| id == middle)),
        ("not_eq", where_id(&|id| id != middle)),
        ("lt", where_id(&|id| id < middle)),
        ("lteq", where_id(&|id| id <= middle)),
        ("gt", where_id(&|id| id > middle)),
        ("gteq", where_id(&|id| id >= middle)),
    ] {
        check(&server, "/customers", &condition("id", operator, middle), expected.clone()).await;
        check(&server, "/customers", &condition("id", operator, middle.to_string()), expected)
            .await;
    }
    let some = [all[0], middle, u64::from(u32::MAX), *all.last().unwrap(), middle];
    let known = where_id(&|id| some.contains(&id));
    check(&server, "/customers", &condition("id", "in", some.to_vec()), known.clone()).await;
    check(
        &server,
        "/customers",
        &condition("id", "not_in", some.to_vec()),
        where_id(&|id| !known.contains(&id)),
    )
    .await;
    check(&server, "/customers", &condition("id", "in", Vec::<u64>::new()), vec![]).await;
    check(&server, "/customers", &condition("id", "gt", -1), all.clone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_are_compared_as_days() {
    let server = Server::start().await;
    let day = company().customer_invoices[company().customer_invoices.len() / 2].date;
    let text = day.to_string();
    let invoices = |keep: &dyn Fn(jiff::civil::Date) -> bool| -> Vec<u64> {
        company()
            .customer_invoices
            .iter()
            .filter(|invoice| keep(invoice.date))
            .map(|invoice| invoice.id)
            .collect()
    };
    for (operator, expected) in [
        ("eq", invoices(&|date| date == day)),
        ("not_eq", invoices(&|date| date != day)),
        ("lt", invoices(&|date| date < day)),
        ("lteq", invoices(&|date| date <= day)),
        ("gt", invoices(&|date| date > day)),
        ("gteq", invoices(&|date| date >= day)),
    ] {
        assert!(!expected.is_empty(), "{operator} {day} must have something to find");
        let filter = condition("date", operator, text.as_str());
        check(&server, "/customer_invoices", &filter, expected.clone()).await;
        let by_date = server
            .walk("/customer_invoices", &[("filter", &filter), ("sort", "date"), ("limit", "30")])
            .await;
        let mut found = ids(&by_date);
        found.sort_unstable();
        assert_eq!(found, expected, "{operator} in the order of days");
        let days: Vec<_> =
            by_date.iter().map(|invoice| invoice["date"].as_str().unwrap()).collect();
        assert!(days.is_sorted());
    }
    let (from, to) = (date(2026, 1, 1), date(2026, 3, 31));
    let filter = json!([
        { "field": "date", "operator": "gteq", "value": from.to_string() },
        { "field": "date", "operator": "lteq", "value": to.to_string() },
    ]);
    check(
        &server,
        "/customer_invoices",
        &filter.to_string(),
        invoices(&|date| (from..=to).contains(&date)),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_fields_are_compared_with_the_record() {
    let server = Server::start().await;
    let company = company();
    let customers = |keep: &dyn Fn(&penny_sandbox::company::model::Customer) -> bool| -> Vec<u64> {
        company
            .customers
            .iter()
            .filter(|customer| keep(customer))
            .map(|customer| customer.id)
            .collect()
    };
    let is_company = |kind: &CustomerKind| matches!(kind, CustomerKind::Company { .. });
    let path = "/customers";
    check(
        &server,
        path,
        &condition("customer_type", "eq", "company"),
        customers(&|customer| is_company(&customer.kind)),
    )
    .await;
    check(
        &server,
        path,
        &condition("customer_type", "not_eq", "company"),
        customers(&|customer| !is_company(&customer.kind)),
    )
    .await;
    let one = &company.customers[3];
    let prefix: String = one.name.to_uppercase().chars().take(3).collect();
    let lower = prefix.to_lowercase();
    check(
        &server,
        path,
        &condition("name", "start_with", prefix.as_str()),
        customers(&|customer| customer.name.to_lowercase().starts_with(&lower)),
    )
    .await;
    check(
        &server,
        path,
        &condition("emails", "in", vec![one.emails[0].clone()]),
        customers(&|customer| customer.emails.contains(&one.emails[0])),
    )
    .await;
    check(&server, path, &condition("ledger_account_id", "eq", one.account_id), vec![one.id]).await;
    check(
        &server,
        path,
        &condition("external_reference", "eq", one.external_reference.as_str()),
        vec![one.id],
    )
    .await;

    let invoices = &company.customer_invoices;
    let credit_notes = invoices.iter().filter(|invoice| invoice.credited_invoice_id.is_some());
    let credit_notes: Vec<u64> = credit_notes.map(|invoice| invoice.id).collect();
    assert!(!credit_notes.is_empty());
    check(
        &server,
        "/customer_invoices",
        &condition("credit_note", "eq", true),
        credit_notes.clone(),
    )
    .await;
    check(&server, "/customer_invoices", &condition("credit_note", "eq", "true"), credit_notes)
        .await;
    let drafts =
        invoices.iter().filter(|invoice| invoice.draft).map(|invoice| invoice.id).collect();
    check(&server, "/customer_invoices", &condition("draft", "eq", true), drafts).await;
    check(&server, "/customer_invoices", &condition("quote_id", "not_eq", 1), vec![]).await;
    let category =
        invoices.iter().find_map(|invoice| invoice.categories.first()).unwrap().category_id;
    let tagged = invoices.iter().filter(|invoice| {
        invoice.categories.iter().any(|weighted| weighted.category_id == category)
    });
    let tagged = tagged.map(|invoice| invoice.id).collect();
    check(&server, "/customer_invoices", &condition("category_id", "in", vec![category]), tagged)
        .await;

    let journal = company.bank_accounts[0].journal_id;
    let of_account = company
        .transactions
        .iter()
        .filter(|record| record.bank_account_id == company.bank_accounts[0].id);
    check(
        &server,
        "/transactions",
        &condition("journal_id", "eq", journal),
        of_account.map(|record| record.id).collect(),
    )
    .await;
    let account = company.lines[company.lines.len() / 2].account_id;
    let of_account = company
        .lines
        .iter()
        .filter(|line| line.account_id == account)
        .map(|line| line.id)
        .collect();
    check(
        &server,
        "/ledger_entry_lines",
        &condition("ledger_account_id", "eq", account),
        of_account,
    )
    .await;
    let purchases = company.accounts.iter().filter(|account| account.number.starts_with("60"));
    check(
        &server,
        "/ledger_accounts",
        &condition("number", "start_with", "60"),
        purchases.map(|account| account.id).collect(),
    )
    .await;
    let sales = company
        .journals
        .iter()
        .filter(|journal| journal.kind.as_str() == "sales")
        .map(|journal| journal.id)
        .collect();
    check(&server, "/journals", &condition("type", "eq", "sales"), sales).await;
}

#[tokio::test]
async fn a_malformed_filter_is_refused_with_a_sentence() {
    let server = Server::start().await;
    for (filter, expected) in [
        ("updated_at=gte:2026-01-01", "must be a JSON array"),
        (r#"{"field":"id","operator":"eq","value":1}"#, "must be a JSON array"),
        (r#"[{"field":"id","operator":"eq"}]"#, "keys field, operator and value"),
        (
            r#"[{"field":"created_at","operator":"gt","value":"2026-01-01"}]"#,
            "'created_at' is not allowed",
        ),
        (r#"[{"field":"id","operator":"in","value":3}]"#, "need an array"),
        (r#"[{"field":"id","operator":"start_with","value":"3"}]"#, "'start_with' is not allowed"),
    ] {
        let answer = server.get_query("/customers", &[("filter", filter)]).await;
        assert_eq!(answer.status, 400, "{filter}");
        let body = answer.json();
        assert!(body["error"].as_str().unwrap().contains(expected), "{filter}: {body}");
        assert_eq!(body["status"], 400);
    }
    let hash = server.get_query("/customers", &[("filter[0][field]", "id")]).await;
    assert_eq!(hash.status, 400);
    assert!(hash.json()["error"].as_str().unwrap().contains("received a hash"));
    let day = condition("date", "gt", "01/02/2026");
    let answer = server.get_query("/customer_invoices", &[("filter", &day)]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].clone()),
        (400, Value::from("InvalidDateFormat"))
    );
}
