//! The trial balance of every fiscal year, as the data share groups it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::company::Company;
use crate::company::model::{AccountKind, Cents, FiscalYear, LedgerAccount, VatCode};

/// One account in one fiscal year; all customers are one row, and all suppliers.
#[derive(Debug)]
pub(super) struct BalanceRow<'a> {
    pub(super) year: &'a FiscalYear,
    /// None for the rows 401 and 411.
    pub(super) account_id: Option<u64>,
    pub(super) number: &'a str,
    pub(super) label: &'a str,
    pub(super) vat_code: VatCode,
    pub(super) country_alpha2: &'a str,
    /// Sum of the debits, opening entry included.
    pub(super) debits: Cents,
    /// Sum of the credits, opening entry included.
    pub(super) credits: Cents,
    /// Number of lines.
    pub(super) lines: u64,
    /// Youngest change of a line.
    pub(super) updated_at: Timestamp,
}

/// All rows, by year and account number.
pub(super) fn rows(company: &Company) -> Vec<BalanceRow<'_>> {
    let mut rows: BTreeMap<(i16, &str, VatCode), BalanceRow<'_>> = BTreeMap::new();
    for line in &company.lines {
        let account = company.account(line.account_id).expect("a line's account is in the chart");
        let (account_id, number, label) = grouped(account);
        let row = rows.entry((line.date.year(), number, account.vat_code)).or_insert_with(|| {
            BalanceRow {
                year: company
                    .fiscal_years
                    .iter()
                    .find(|year| year.start <= line.date && line.date <= year.end)
                    .expect("every line lies in a fiscal year"),
                account_id,
                number,
                label,
                vat_code: account.vat_code,
                country_alpha2: account.country_alpha2,
                debits: 0,
                credits: 0,
                lines: 0,
                updated_at: line.updated_at,
            }
        });
        row.debits += line.debit;
        row.credits += line.credit;
        row.lines += 1;
        row.updated_at = row.updated_at.max(line.updated_at);
    }
    rows.into_values().collect()
}

fn grouped(account: &LedgerAccount) -> (Option<u64>, &str, &str) {
    match account.kind {
        AccountKind::Customer => (None, "411", "Clients"),
        AccountKind::Supplier => (None, "401", "Fournisseurs"),
        AccountKind::Custom | AccountKind::Reserved => {
            (Some(account.id), &account.number, &account.label)
        }
    }
}
