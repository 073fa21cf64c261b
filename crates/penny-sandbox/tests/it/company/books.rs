//! Double entry, opening, control accounts, lettering, bank, analysis.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use penny_sandbox::company::model::{AccountKind, Cents, FiscalYearStatus};

use super::{balance, balances, holds, is_opening, number};

#[test]
fn every_entry_balances_in_one_journal_on_one_day_of_one_year() {
    holds(6, |company| {
        let mut lines = 0;
        for entry in &company.entries {
            let of_entry = company.entry_lines(entry);
            assert!(of_entry.len() >= 2, "{entry:?}");
            assert_eq!(
                of_entry.iter().map(|line| line.debit - line.credit).sum::<Cents>(),
                0,
                "{entry:?}"
            );
            for line in of_entry {
                assert!(
                    (line.debit > 0) != (line.credit > 0) && line.debit >= 0 && line.credit >= 0,
                    "{line:?}"
                );
                assert_eq!(
                    (line.entry_id, line.journal_id, line.date),
                    (entry.id, entry.journal_id, entry.date)
                );
                assert!(company.account(line.account_id).is_some(), "{line:?}");
            }
            let years = company
                .fiscal_years
                .iter()
                .filter(|year| year.start <= entry.date && entry.date <= year.end);
            assert_eq!(years.count(), 1, "{entry:?}");
            assert!(
                entry.date < company.settings.today && !entry.piece_number.is_empty(),
                "{entry:?}"
            );
            lines += of_entry.len();
        }
        assert_eq!(lines, company.lines.len(), "no line without entry");
    });
}

#[test]
fn ids_ascend_in_every_list() {
    holds(4, |company| {
        fn ascending<T>(name: &str, records: &[T], id: impl Fn(&T) -> u64) {
            assert!(records.windows(2).all(|pair| id(&pair[0]) < id(&pair[1])), "{name}");
        }
        ascending("accounts", &company.accounts, |record| record.id);
        ascending("entries", &company.entries, |record| record.id);
        ascending("lines", &company.lines, |record| record.id);
        ascending("letterings", &company.letterings, |record| record.id);
        ascending("customers", &company.customers, |record| record.id);
        ascending("suppliers", &company.suppliers, |record| record.id);
        ascending("products", &company.products, |record| record.id);
        ascending("customer invoices", &company.customer_invoices, |record| record.id);
        ascending("supplier invoices", &company.supplier_invoices, |record| record.id);
        ascending("transactions", &company.transactions, |record| record.id);
        ascending("declarations", &company.tax_declarations, |record| record.id);
        ascending("journals", &company.journals, |record| record.id);
        ascending("fiscal years", &company.fiscal_years, |record| record.id);
        ascending("categories", &company.categories, |record| record.id);
    });
}

#[test]
fn a_year_opens_with_what_the_year_before_left() {
    holds(6, |company| {
        for pair in
            company.fiscal_years.windows(2).filter(|pair| pair[1].start < company.settings.today)
        {
            let closing = balances(company, pair[0].start, pair[0].end);
            let result: Cents = closing
                .iter()
                .filter(|(number, _)| number.starts_with(['6', '7']))
                .map(|(_, sum)| sum)
                .sum();
            let mut expected: BTreeMap<&str, Cents> = closing
                .into_iter()
                .filter(|(number, sum)| !number.starts_with(['6', '7']) && *sum != 0)
                .collect();
            *expected.entry(if result <= 0 { "120" } else { "129" }).or_default() += result;
            expected.retain(|_, sum| *sum != 0);
            let mut opening: BTreeMap<&str, Cents> = BTreeMap::new();
            for line in company
                .lines
                .iter()
                .filter(|line| line.date == pair[1].start && is_opening(company, line))
            {
                *opening.entry(number(company, line)).or_default() += line.debit - line.credit;
            }
            assert_eq!(opening, expected, "{}", pair[1].start);
        }
    });
}

#[test]
fn years_are_contiguous_and_close_in_order() {
    holds(6, |company| {
        let years = &company.fiscal_years;
        assert!(
            years
                .windows(2)
                .all(|pair| pair[0].end.tomorrow().expect("a next day") == pair[1].start)
        );
        assert!(
            years.last().expect("a year").start
                > company.settings.today.yesterday().expect("a day")
        );
        let closed =
            years.iter().take_while(|year| year.status == FiscalYearStatus::Closed).count();
        for (place, year) in years.iter().enumerate() {
            assert_eq!(year.status == FiscalYearStatus::Closed, place < closed);
            assert_eq!(year.closed_at.is_some(), place < closed);
            let Some(closed_at) = year.closed_at else { continue };
            let late = company.entries.iter().filter(|entry| {
                year.start <= entry.date && entry.date <= year.end && entry.created_at >= closed_at
            });
            assert_eq!(late.count(), 0, "nothing is posted to a closed year");
        }
    });
}

#[test]
fn customers_owe_what_their_invoices_say() {
    holds(6, |company| {
        let mut owed: HashMap<u64, Cents> = HashMap::new();
        for invoice in company.customer_invoices.iter().filter(|invoice| !invoice.draft) {
            *owed.entry(invoice.customer_id).or_default() += invoice.remaining;
        }
        let expected = |third_party: u64| owed.get(&third_party).copied().unwrap_or_default();
        third_parties_agree(company, AccountKind::Customer, expected);
        let total: Cents = owed.values().sum();
        assert_eq!(
            balance(company, |line, number| number.starts_with("411")
                && !is_opening(company, line)),
            total
        );
    });
}

#[test]
fn suppliers_are_owed_what_their_invoices_say() {
    holds(6, |company| {
        let mut owed: HashMap<u64, Cents> = HashMap::new();
        for invoice in &company.supplier_invoices {
            *owed.entry(invoice.supplier_id).or_default() -= invoice.remaining;
        }
        third_parties_agree(company, AccountKind::Supplier, |id| {
            owed.get(&id).copied().unwrap_or_default()
        });
    });
}

/// The balance of each auxiliary account, and the sum of its open items, is what its invoices leave.
fn third_parties_agree(
    company: &penny_sandbox::company::Company,
    kind: AccountKind,
    expected: impl Fn(u64) -> Cents,
) {
    let mut sums: HashMap<u64, (Cents, Cents)> = HashMap::new();
    for line in company.lines.iter().filter(|line| !is_opening(company, line)) {
        let (all, open) = sums.entry(line.account_id).or_default();
        *all += line.debit - line.credit;
        if line.lettering_id.is_none() {
            *open += line.debit - line.credit;
        }
    }
    for account in company.accounts.iter().filter(|account| account.kind == kind) {
        let (all, open) = sums.get(&account.id).copied().unwrap_or_default();
        let expected =
            expected(account.third_party_id.expect("an auxiliary account has a third party"));
        assert_eq!((all, open), (expected, expected), "{}", account.number);
    }
}

#[test]
fn the_bank_says_what_the_books_say() {
    holds(6, |company| {
        for bank in &company.bank_accounts {
            let moved: Cents = company
                .transactions
                .iter()
                .filter(|moved| moved.bank_account_id == bank.id)
                .map(|moved| moved.amount)
                .sum();
            assert_eq!(bank.balance, moved);
            let booked = balance(company, |line, _| {
                line.account_id == bank.account_id && !is_opening(company, line)
            });
            assert_eq!(bank.balance, booked);
        }
        let outstanding: Cents = company.transactions.iter().map(|moved| moved.outstanding).sum();
        assert_eq!(
            balance(company, |line, number| number.starts_with("471")
                && !is_opening(company, line)),
            -outstanding
        );
        assert_eq!(balance(company, |_, number| number == "58"), 0);
        for moved in &company.transactions {
            let entry = company.entry(moved.entry_id).expect("a transaction's entry");
            assert_eq!(
                (entry.date, moved.outstanding == 0 || moved.outstanding == moved.amount),
                (moved.date, true)
            );
        }
    });
}

#[test]
fn a_lettering_settles_lines_of_one_account() {
    holds(6, |company| {
        let mut members = 0;
        let mut codes = BTreeSet::new();
        for group in &company.letterings {
            let lines: Vec<_> = group
                .line_ids
                .iter()
                .map(|id| {
                    let place = company
                        .lines
                        .binary_search_by_key(id, |line| line.id)
                        .expect("a lettered line exists");
                    &company.lines[place]
                })
                .collect();
            assert!(lines.len() >= 2 && group.line_ids.is_sorted());
            assert!(
                lines.iter().all(|line| line.account_id == group.account_id
                    && line.lettering_id == Some(group.id))
            );
            assert_eq!(lines.iter().map(|line| line.debit - line.credit).sum::<Cents>(), 0);
            assert!(lines.iter().all(|line| line.date <= group.date));
            assert!(company.account(group.account_id).expect("an account").letterable);
            assert!(
                codes.insert((group.account_id, &group.code)),
                "a code is used once per account"
            );
            members += lines.len();
        }
        let lettered = company.lines.iter().filter(|line| line.lettering_id.is_some()).count();
        assert_eq!(lettered, members);
    });
}

#[test]
fn weights_of_one_axis_add_up_to_the_whole() {
    holds(4, |company| {
        let group_of: HashMap<u64, u64> =
            company.categories.iter().map(|category| (category.id, category.group_id)).collect();
        let lines = company.lines.iter().map(|line| &line.categories);
        let mut tagged = 0;
        for tags in lines.chain(company.customer_invoices.iter().map(|invoice| &invoice.categories))
        {
            let mut sums: BTreeMap<u64, u32> = BTreeMap::new();
            for tag in tags {
                *sums.entry(group_of[&tag.category_id]).or_default() += u32::from(tag.percent);
            }
            assert!(sums.values().all(|sum| *sum == 100), "{tags:?}");
            tagged += usize::from(!tags.is_empty());
        }
        assert!(tagged > 50);
        assert!(company.lines.iter().all(
            |line| line.categories.is_empty() || number(company, line).starts_with(['6', '7'])
        ));
    });
}

#[test]
fn the_size_is_about_what_was_asked_for() {
    for (lines, seed) in [(2_000, 1), (4_000, 2), (9_000, 3), (40_000, 4)] {
        let today = jiff::civil::date(2026, 10, 15);
        let settings = penny_sandbox::company::Settings { seed, lines, today, advanced_days: 0 };
        let found = penny_sandbox::company::Company::generate(&settings).lines.len() as u64;
        assert!(
            (lines * 85 / 100..lines * 115 / 100).contains(&found),
            "{lines} asked for, {found} found"
        );
    }
}

#[test]
fn the_bank_is_never_overdrawn() {
    holds(6, |company| {
        let mut days: BTreeMap<jiff::civil::Date, Cents> = BTreeMap::new();
        for moved in &company.transactions {
            *days.entry(moved.date).or_default() += moved.amount;
        }
        let mut balance = 0;
        for (day, amount) in days {
            balance += amount;
            assert!(balance >= 0, "{balance} on {day}");
        }
    });
}
