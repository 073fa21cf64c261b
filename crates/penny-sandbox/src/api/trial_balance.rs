//! The trial balance: debits and credits of every account over a period.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde_json::{Value, json};

use super::amount::plain;
use super::books::Books;
use super::cursor::Cursor;
use super::page::Page;
use super::query::ListQuery;
use super::refusal::Refusal;
use crate::company::model::{AccountKind, Cents, LedgerAccount};

/// Digits that an account number is padded to for `formatted_number`.
const NUMBER_LENGTH: usize = 10;

/// What a trial balance is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    /// First day.
    pub start: Date,
    /// Last day, included.
    pub end: Date,
    /// Whether customers and suppliers are shown one by one rather than as 411 and 401.
    pub auxiliary: bool,
}

/// A row: one account number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Balance {
    number: String,
    label: String,
    debits: Cents,
    credits: Cents,
}

/// Adds up the period's lines. Accounts that have lines in other periods only are listed with zeros,
/// as in Pennylane; accounts never used are not listed.
pub(super) fn compute(books: &Books, period: Period) -> Vec<Balance> {
    let company = &books.company;
    let mut sums: HashMap<u64, (Cents, Cents)> =
        books.used_accounts().iter().map(|id| (*id, (0, 0))).collect();
    for line in books.lines_between(period.start, period.end) {
        let (debits, credits) = sums.entry(line.account_id).or_default();
        *debits += line.debit;
        *credits += line.credit;
    }
    let mut rows: BTreeMap<&str, Balance> = BTreeMap::new();
    // The chart's own order decides which label a number keeps that exists once per VAT rate.
    for account in &company.accounts {
        let Some((debits, credits)) = sums.get(&account.id) else { continue };
        let number =
            if period.auxiliary { account.number.as_str() } else { general_number(account) };
        let row = rows.entry(number).or_insert_with(|| Balance {
            number: number.to_owned(),
            label: label_of(books, number, account),
            debits: 0,
            credits: 0,
        });
        row.debits += debits;
        row.credits += credits;
    }
    rows.into_values().collect()
}

/// The number under which third parties are summed up: 401, 404, 411.
pub(super) fn general_number(account: &LedgerAccount) -> &str {
    match account.kind {
        AccountKind::Customer | AccountKind::Supplier => {
            account.number.get(..3).unwrap_or(&account.number)
        }
        AccountKind::Custom | AccountKind::Reserved => &account.number,
    }
}

/// The label of a general account: the chart's own, or the usual one for the accounts of third parties.
pub(super) fn label_of(books: &Books, number: &str, account: &LedgerAccount) -> String {
    if account.number == number {
        return account.label.clone();
    }
    let own = books.company.accounts.iter().find(|candidate| candidate.number == number);
    own.map_or_else(
        || match number {
            "401" => "Fournisseurs".to_owned(),
            "404" => "Fournisseurs d'immobilisations".to_owned(),
            "411" => "Clients".to_owned(),
            _ => account.label.clone(),
        },
        |own| own.label.clone(),
    )
}

/// One page of rows, ascending by number.
pub(super) fn page(rows: &[Balance], query: &ListQuery) -> Result<Value, Refusal> {
    let start = match &query.cursor {
        Some(cursor) => {
            let after = cursor.text("number")?;
            rows.partition_point(|row| row.number.as_str() <= after)
        }
        None => 0,
    };
    let gathered = rows[start..].iter().take(query.limit + 1).collect();
    let page = Page::cut(gathered, query.limit, |row: &&Balance| {
        Cursor::new([("number", row.number.as_str().into())])
    });
    Ok(page.envelope(|row| {
        json!({
            "number": row.number,
            "formatted_number": format!("{:0<NUMBER_LENGTH$}", row.number),
            "label": row.label,
            "debits": plain(row.debits),
            "credits": plain(row.credits),
        })
    }))
}
