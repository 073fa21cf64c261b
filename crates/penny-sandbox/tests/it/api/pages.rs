//! Pages: a walk gives every record once, in order, whatever the size of its pages.

use penny_sandbox::api::Token;
use penny_sandbox::company::Company;
use serde_json::{Value, json};

use super::server::{SECRET, Server, company, condition, ids, settings};

#[track_caller]
fn sorted_by<K: Ord>(mut records: Vec<(K, u64)>, descending: bool) -> Vec<u64> {
    records.sort();
    if descending {
        records.reverse();
    }
    records.into_iter().map(|(_, id)| id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_gives_every_record_once_in_the_order_asked_for() {
    async fn check(server: &Server, path: &str, query: &[(&str, &str)], expected: Vec<u64>) {
        let found = ids(&server.walk(path, query).await);
        assert_eq!(found.len(), expected.len(), "{path} {query:?}");
        assert_eq!(found, expected, "{path} {query:?}");
    }
    let server = Server::start().await;
    let Company {
        customers,
        customer_invoices,
        supplier_invoices,
        entries,
        accounts,
        fiscal_years,
        transactions,
        ..
    } = company();
    let by_id = |ids: &mut dyn Iterator<Item = u64>, descending| {
        sorted_by(ids.map(|id| ((), id)).collect(), descending)
    };
    let customer_ids = || customers.iter().map(|customer| customer.id);
    check(&server, "/customers", &[("limit", "7")], by_id(&mut customer_ids(), true)).await;
    check(
        &server,
        "/customers",
        &[("limit", "1"), ("sort", "id")],
        by_id(&mut customer_ids(), false),
    )
    .await;
    check(
        &server,
        "/customers",
        &[("limit", "100"), ("sort", "+id")],
        by_id(&mut customer_ids(), false),
    )
    .await;
    check(
        &server,
        "/transactions",
        &[("limit", "99")],
        by_id(&mut transactions.iter().map(|record| record.id), true),
    )
    .await;
    check(
        &server,
        "/ledger_accounts",
        &[("limit", "1000")],
        by_id(&mut accounts.iter().map(|record| record.id), true),
    )
    .await;

    let by_date: Vec<_> =
        customer_invoices.iter().map(|invoice| (invoice.date, invoice.id)).collect();
    check(
        &server,
        "/customer_invoices",
        &[("sort", "date"), ("limit", "3")],
        sorted_by(by_date.clone(), false),
    )
    .await;
    check(
        &server,
        "/customer_invoices",
        &[("sort", "-date"), ("limit", "50")],
        sorted_by(by_date, true),
    )
    .await;
    let by_date: Vec<_> =
        supplier_invoices.iter().map(|invoice| (invoice.date, invoice.id)).collect();
    check(&server, "/supplier_invoices", &[("sort", "-date")], sorted_by(by_date, true)).await;
    let by_date: Vec<_> = entries.iter().map(|entry| (entry.date, entry.id)).collect();
    check(
        &server,
        "/ledger_entries",
        &[("sort", "date"), ("limit", "100")],
        sorted_by(by_date, false),
    )
    .await;
    let by_start: Vec<_> = fiscal_years.iter().map(|year| (year.start, year.id)).collect();
    check(
        &server,
        "/fiscal_years",
        &[("sort", "start"), ("limit", "1")],
        sorted_by(by_start, false),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_through_the_whole_ledger_gives_every_line_once() {
    let server = Server::start().await;
    let lines = server.walk("/ledger_entry_lines", &[("limit", "100")]).await;
    let expected: Vec<u64> = company().lines.iter().rev().map(|line| line.id).collect();
    assert_eq!(ids(&lines), expected);
    let cents = |side: &str| -> i64 {
        lines
            .iter()
            .map(|line| line[side].as_str().unwrap().replace('.', "").parse::<i64>().unwrap())
            .sum()
    };
    assert_eq!(cents("debit"), cents("credit"), "the ledger balances");
}

#[tokio::test]
async fn the_lists_below_a_record_are_pages_too() {
    let server = Server::start().await;
    let invoice =
        company().customer_invoices.iter().max_by_key(|invoice| invoice.lines.len()).unwrap();
    assert!(invoice.lines.len() > 1, "some invoice has several lines");
    let path = format!("/customer_invoices/{}/invoice_lines", invoice.id);
    let by_rank: Vec<_> = invoice.lines.iter().map(|line| line.id).collect();
    let found = server.walk(&path, &[("sort", "rank"), ("limit", "1")]).await;
    assert_eq!(ids(&found), by_rank);
    let found = server.walk(&path, &[("sort", "-rank"), ("limit", "1")]).await;
    assert_eq!(ids(&found), by_rank.iter().rev().copied().collect::<Vec<_>>());

    let entry = company().entries.iter().max_by_key(|entry| entry.line_count).unwrap();
    let found = server
        .walk(&format!("/ledger_entries/{}/ledger_entry_lines", entry.id), &[("limit", "2")])
        .await;
    let expected: Vec<_> = company().entry_lines(entry).iter().rev().map(|line| line.id).collect();
    assert_eq!(ids(&found), expected);

    let group = company().letterings.iter().max_by_key(|group| group.line_ids.len()).unwrap();
    let path = format!("/ledger_entry_lines/{}/lettered_ledger_entry_lines", group.line_ids[0]);
    let found = server.walk(&path, &[("sort", "id"), ("limit", "1")]).await;
    assert_eq!(ids(&found), group.line_ids, "the line itself is one of them");
}

#[tokio::test]
async fn a_cursor_holds_the_position_and_neither_filter_nor_sort() {
    let server = Server::start().await;
    let drafts = condition("draft", "eq", false);
    let first =
        server.get_query("/customer_invoices", &[("filter", &drafts), ("limit", "5")]).await;
    let (last, cursor) =
        (ids(&first.items())[4], first.json()["next_cursor"].as_str().unwrap().to_owned());
    let newest_first = company().customer_invoices.iter().rev();
    let unfiltered: Vec<u64> =
        newest_first.map(|invoice| invoice.id).filter(|id| *id < last).take(20).collect();
    let second = server.get_query("/customer_invoices", &[("cursor", &cursor)]).await;
    assert_eq!(ids(&second.items()), unfiltered, "twenty invoices, drafts among them");
    let back = server
        .get_query("/customer_invoices", &[("cursor", &cursor), ("sort", "id"), ("limit", "1")])
        .await;
    assert!(ids(&back.items())[0] > last, "the same position the other way round");
}

#[tokio::test]
async fn a_cursor_that_is_none_is_refused() {
    let server = Server::start().await;
    let by_id = server.get_query("/customer_invoices", &[("limit", "1")]).await.json();
    let by_id = by_id["next_cursor"].as_str().unwrap();
    for (path, cursor) in [
        ("/customers", "abc"),
        ("/customers", ""),
        ("/customers", "eyJpZCI6ImEifQ"),
        ("/customer_invoices?sort=date", by_id),
        ("/trial_balance?period_start=2026-01-01&period_end=2026-12-31", by_id),
        ("/changelogs/customers", by_id),
    ] {
        let answer = server.get_query(path, &[("cursor", cursor)]).await;
        assert_eq!(answer.status, 400, "{path} {cursor}");
        assert_eq!(answer.json(), json!({ "error": "The cursor is invalid", "status": 400 }));
    }
}

#[tokio::test]
async fn a_walk_goes_on_in_the_company_that_replaced_the_one_it_began_in() {
    let server = Server::start().await;
    let first = server.get_query("/customer_invoices", &[("sort", "id"), ("limit", "50")]).await;
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(server.sandbox.settings(), settings());
    let later = Company::generate(&server.sandbox.settings().advance(30));
    let expected: Vec<u64> = later.customer_invoices.iter().map(|invoice| invoice.id).collect();
    assert!(expected.len() > company().customer_invoices.len(), "a month brings invoices");
    server.sandbox.replace(later);
    let mut walked = ids(&first.items());
    let mut cursor = Some(cursor);
    while let Some(at) = cursor {
        let page = server
            .get_query("/customer_invoices", &[("sort", "id"), ("limit", "50"), ("cursor", &at)])
            .await;
        walked.extend(ids(&page.items()));
        cursor = page.json()["next_cursor"].as_str().map(str::to_owned);
    }
    walked.retain(|id| expected.binary_search(id).is_ok());
    let seen_too_early = expected.iter().filter(|id| !walked.contains(id)).count();
    assert_eq!(seen_too_early, 0, "every invoice of the later company was met");
    assert!(walked.is_sorted() && walked.windows(2).all(|pair| pair[0] != pair[1]), "none twice");
}

#[tokio::test]
async fn links_lead_back_to_the_server_they_came_from() {
    let server = Server::start().await;
    let invoice =
        &server.get_query("/customer_invoices", &[("limit", "1"), ("sort", "id")]).await.items()[0];
    for link in
        [&invoice["customer"]["url"], &invoice["invoice_lines"]["url"], &invoice["payments"]["url"]]
    {
        let link = link.as_str().unwrap();
        assert!(link.starts_with(&server.url("/")), "{link}");
        let answer =
            super::server::read(server.client.get(link).bearer_auth(SECRET)).await.unwrap();
        assert_eq!(answer.status, 200, "{link}");
    }
    let customer = &server.get("/customers").await.items()[0];
    for link in [
        &customer["mandates"]["url"],
        &customer["pro_account_mandates"]["url"],
        &customer["contacts"]["url"],
    ] {
        let answer =
            super::server::read(server.client.get(link.as_str().unwrap()).bearer_auth(SECRET))
                .await
                .unwrap();
        assert_eq!(answer.status, 200, "{link}");
    }
}

#[tokio::test]
async fn invoices_come_with_their_lines_when_asked() {
    let server = Server::start().await;
    let query = [("include", "invoice_lines"), ("limit", "100")];
    let page = server.get_query("/customer_invoices", &query).await.json();
    let included = page["included"]["invoice_lines"].as_object().unwrap();
    assert_eq!(included.len(), page["items"].as_array().unwrap().len());
    for (id, lines) in included {
        let alone =
            server.get_query(&format!("/customer_invoices/{id}/invoice_lines"), &[]).await.json();
        assert_eq!(lines["items"], alone["items"], "invoice {id}");
        assert_eq!(lines["has_more"], alone["has_more"]);
    }
    let without = server.get("/customer_invoices").await.json();
    assert_eq!(without.get("included"), None::<&Value>);
}

#[test]
fn a_token_keeps_its_secret() {
    let token = Token::reading_everything("hunter2", "demo");
    let shown = format!("{token:?}");
    assert!(shown.contains("demo") && !shown.contains("hunter2"), "{shown}");
}
