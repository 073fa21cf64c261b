//! Records: what the server says is what the company's books say.

use std::collections::{BTreeMap, HashMap};

use penny_sandbox::company::model::AccountKind;
use serde_json::Value;

use super::server::{Server, company};

/// Cents of a decimal in a string, however many digits it has.
#[track_caller]
fn cents(value: &Value) -> i64 {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is not a decimal in a string"));
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(decimals.len() <= 2, "{text}");
    sign * format!("{whole}{decimals:0<2}").parse::<i64>().unwrap()
}

#[tokio::test]
async fn invoices_add_up() {
    let server = Server::start().await;
    let query = [("limit", "100"), ("include", "invoice_lines")];
    let page = server.get_query("/customer_invoices", &query).await.json();
    for invoice in page["items"].as_array().unwrap() {
        let id = invoice["id"].as_u64().unwrap();
        let before_tax = cents(&invoice["currency_amount_before_tax"]);
        assert_eq!(before_tax + cents(&invoice["tax"]), cents(&invoice["amount"]), "invoice {id}");
        let lines = &page["included"]["invoice_lines"][id.to_string()];
        if lines["has_more"] == false {
            let sum = |key: &str| {
                lines["items"].as_array().unwrap().iter().map(|line| cents(&line[key])).sum::<i64>()
            };
            assert_eq!(
                (sum("amount"), sum("tax")),
                (cents(&invoice["amount"]), cents(&invoice["tax"])),
                "invoice {id}"
            );
        }
        let is_draft = invoice["draft"] == true;
        assert_eq!(is_draft, invoice["status"] == "draft");
        assert_eq!(is_draft, invoice["invoice_number"] == "");
        assert_eq!(is_draft, invoice["ledger_entry"].is_null());
        if invoice["status"] == "credit_note" {
            assert!(
                cents(&invoice["amount"]) < 0 && !invoice["credited_invoice"].is_null(),
                "invoice {id}"
            );
        }
        if invoice["paid"] == true && !invoice["remaining_amount_with_tax"].is_null() {
            assert_eq!(cents(&invoice["remaining_amount_with_tax"]), 0, "invoice {id}");
        }
    }
}

#[tokio::test]
async fn amounts_are_written_with_a_varying_number_of_digits() {
    let server = Server::start().await;
    let invoices = server.walk("/customer_invoices", &[("limit", "100")]).await;
    let digits = |key: &str| -> Vec<usize> {
        let texts = invoices.iter().filter_map(|invoice| invoice[key].as_str());
        texts.map(|text| text.split_once('.').expect("at least one decimal").1.len()).collect()
    };
    assert!(digits("tax").contains(&1) && digits("tax").contains(&2));
    let lines = server.get_query("/ledger_entry_lines", &[("limit", "100")]).await.items();
    assert!(
        lines.iter().all(|line| (line["debit"] == "0.00") != (line["credit"] == "0.00")),
        "one side is nothing"
    );
}

#[tokio::test]
async fn a_trial_balance_adds_up_the_lines_of_its_period() {
    let server = Server::start().await;
    let company = company();
    let accounts: HashMap<u64, _> =
        company.accounts.iter().map(|account| (account.id, account)).collect();
    for (start, end, auxiliary) in [
        ("2025-01-01", "2025-12-31", true),
        ("2025-01-01", "2025-12-31", false),
        ("2026-02-01", "2026-02-28", true),
        ("1990-01-01", "1990-12-31", false),
    ] {
        let mut expected: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for line in &company.lines {
            let account = accounts[&line.account_id];
            let is_party = matches!(account.kind, AccountKind::Customer | AccountKind::Supplier);
            let number =
                if is_party && !auxiliary { &account.number[..3] } else { &account.number };
            let sums = expected.entry(number.to_owned()).or_default();
            let day = line.date.to_string();
            if (start..=end).contains(&day.as_str()) {
                sums.0 += line.debit;
                sums.1 += line.credit;
            }
        }
        let flag = auxiliary.to_string();
        let query = [
            ("period_start", start),
            ("period_end", end),
            ("is_auxiliary", &flag),
            ("limit", "11"),
        ];
        let rows = server.walk("/trial_balance", &query).await;
        let found: Vec<(String, (i64, i64))> = rows
            .iter()
            .map(|row| {
                (
                    row["number"].as_str().unwrap().to_owned(),
                    (cents(&row["debits"]), cents(&row["credits"])),
                )
            })
            .collect();
        assert!(
            found == expected.into_iter().collect::<Vec<_>>(),
            "{start} to {end}, auxiliary {auxiliary}"
        );
        let (debits, credits) =
            found.iter().fold((0, 0), |sum, (_, row)| (sum.0 + row.0, sum.1 + row.1));
        assert_eq!(debits, credits);
        assert!(rows.iter().all(|row| {
            row["formatted_number"].as_str().unwrap().starts_with(row["number"].as_str().unwrap())
        }));
        assert_eq!(rows.iter().any(|row| row["number"] == "411"), !auxiliary);
    }
}

#[tokio::test]
async fn entries_show_their_lines_and_lines_their_entry() {
    let server = Server::start().await;
    let listed = &server.get_query("/ledger_entries", &[("limit", "1")]).await.items()[0];
    let id = listed["id"].as_u64().unwrap();
    let entry = server.get(&format!("/ledger_entries/{id}")).await.json();
    let lines = entry["ledger_entry_lines"].as_array().unwrap();
    assert!(lines.len() >= 2);
    assert_eq!(
        lines.iter().map(|line| cents(&line["debit"]) - cents(&line["credit"])).sum::<i64>(),
        0
    );
    for line in lines {
        let alone = server.get(&format!("/ledger_entry_lines/{}", line["id"])).await.json();
        assert_eq!(alone["ledger_entry"]["id"], id);
        assert_eq!(
            (&alone["debit"], &alone["ledger_account"]),
            (&line["debit"], &line["ledger_account"])
        );
        assert_eq!(alone["journal"], listed["journal"]);
    }
}

#[tokio::test]
async fn transactions_and_invoices_name_each_other() {
    let server = Server::start().await;
    let matched = company()
        .transactions
        .iter()
        .filter(|transaction| !transaction.matched_invoices.is_empty());
    for transaction in matched.rev().take(20) {
        let path = format!("/transactions/{}/matched_invoices", transaction.id);
        for invoice in server.get(&path).await.items() {
            let list = format!(
                "/{}_invoices/{}/matched_transactions",
                invoice["type"].as_str().unwrap(),
                invoice["id"]
            );
            let back =
                super::server::ids(&server.get_query(&list, &[("limit", "100")]).await.items());
            assert!(back.contains(&transaction.id), "{list}");
        }
    }
}

#[tokio::test]
async fn weights_of_one_axis_add_up_to_one() {
    let server = Server::start().await;
    let mut seen = 0;
    for line in server.walk("/ledger_entry_lines", &[("limit", "100")]).await {
        let mut axes: BTreeMap<u64, i64> = BTreeMap::new();
        for category in line["categories"].as_array().unwrap() {
            *axes.entry(category["category_group"]["id"].as_u64().unwrap()).or_default() +=
                cents(&category["weight"]);
        }
        assert!(axes.values().all(|weight| *weight == 100), "line {}", line["id"]);
        seen += axes.len();
    }
    assert!(seen > 0, "some line is tagged");
}
