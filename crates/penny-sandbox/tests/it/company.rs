//! The laws of the books, over many companies.

mod books;
mod change;
mod identifiers;
mod invoices;
mod taxes;

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use penny_sandbox::company::model::{Cents, JournalKind, LedgerLine};
use penny_sandbox::company::{Company, Settings};
use proptest::prelude::*;

/// Companies of many seeds, sizes and days, some of them advanced.
fn settings() -> impl Strategy<Value = Settings> {
    (any::<u64>(), 2_000_u64..9_000, 0_i32..1_100, 0_u32..40).prop_map(
        |(seed, lines, day, advanced_days)| Settings {
            seed,
            lines,
            today: date(2024, 2, 1)
                .checked_add(jiff::Span::new().days(day))
                .expect("a day of these years"),
            advanced_days,
        },
    )
}

/// Proves a law for so many companies.
fn holds(cases: u32, law: impl Fn(&Company)) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(settings in settings())| {
        law(&Company::generate(&settings));
    });
}

/// A company as the demonstration has it.
fn usual() -> Company {
    Company::generate(&Settings {
        seed: 1,
        lines: 20_000,
        today: date(2026, 10, 15),
        advanced_days: 0,
    })
}

/// The number of a line's account.
fn number<'a>(company: &'a Company, line: &LedgerLine) -> &'a str {
    &company.account(line.account_id).expect("a line's account is in the chart").number
}

/// Debits less credits of all lines that match.
fn balance(company: &Company, matches: impl Fn(&LedgerLine, &str) -> bool) -> Cents {
    company
        .lines
        .iter()
        .filter(|line| matches(line, number(company, line)))
        .map(|line| line.debit - line.credit)
        .sum()
}

/// Whether a line repeats balances of the year before.
fn is_opening(company: &Company, line: &LedgerLine) -> bool {
    company.journal(line.journal_id).expect("a line's journal").kind == JournalKind::Carryover
}

/// Balance of each account number over the lines of a period.
fn balances(company: &Company, from: Date, to: Date) -> BTreeMap<&str, Cents> {
    let mut balances = BTreeMap::new();
    for line in company.lines.iter().filter(|line| from <= line.date && line.date <= to) {
        *balances.entry(number(company, line)).or_default() += line.debit - line.credit;
    }
    balances
}
