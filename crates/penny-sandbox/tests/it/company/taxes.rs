//! VAT returns, corporate tax, declarations.

use std::collections::BTreeMap;

use jiff::civil::date;
use penny_sandbox::company::model::{Cents, JournalKind, TaxKind, VatCode, VatReturnStatus};
use penny_sandbox::company::{Company, Settings};

use super::{balance, balances, holds, is_opening, number, usual};

/// Whole euros, halves away from zero.
fn euros(cents: Cents) -> i64 {
    (cents.abs() + 50) / 100 * cents.signum()
}

#[test]
fn a_return_adds_up_and_carries_its_credit() {
    holds(6, |company| {
        let mut carried = 0;
        for vat_return in company
            .vat_returns
            .iter()
            .filter(|vat_return| vat_return.status != VatReturnStatus::NotDone)
        {
            let form = &vat_return.ca3;
            assert_eq!(form.line_16, form.tax_20 + form.tax_10 + form.tax_55 + form.line_15);
            assert_eq!(form.line_23, form.line_19 + form.line_20 + form.line_21 + form.line_22);
            assert_eq!(form.line_28 - form.line_25, form.line_16 - form.line_23);
            assert!(
                form.line_28 >= 0 && form.line_25 >= 0 && (form.line_28 == 0 || form.line_25 == 0)
            );
            assert_eq!(form.line_27, form.line_25 - form.line_26);
            assert_eq!(form.line_22, carried, "{}", vat_return.period_end);
            carried = form.line_27;
        }
        assert_eq!(
            balance(company, |line, number| number == "44567" && !is_opening(company, line)),
            carried * 100,
            "the credit in the books is the one to carry"
        );
    });
}

#[test]
fn a_return_declares_the_month_s_invoices() {
    holds(6, |company| {
        for vat_return in company
            .vat_returns
            .iter()
            .filter(|vat_return| vat_return.status != VatReturnStatus::NotDone)
        {
            let within = |day| vat_return.period_start <= day && day <= vat_return.period_end;
            let (mut bases, mut taxes): (BTreeMap<VatCode, Cents>, BTreeMap<VatCode, Cents>) =
                Default::default();
            for invoice in company
                .customer_invoices
                .iter()
                .filter(|invoice| !invoice.draft && within(invoice.date))
            {
                for line in &invoice.lines {
                    *bases.entry(line.vat_code).or_default() += line.amount_before_tax;
                    *taxes.entry(line.vat_code).or_default() += line.tax;
                }
            }
            let (mut on_assets, mut on_others, mut from_eu, mut owed) = (0, 0, 0, 0);
            for invoice in company.supplier_invoices.iter().filter(|invoice| within(invoice.date)) {
                if invoice.lines[0].vat_code == VatCode::Crossborder {
                    from_eu += invoice.amount_before_tax;
                    owed += VatCode::Fr200.tax(invoice.amount_before_tax);
                } else if invoice.lines[0].account_number.starts_with('2') {
                    on_assets += invoice.tax;
                } else {
                    on_others += invoice.tax;
                }
            }
            // Bank fees bear VAT without an invoice.
            on_others += bank_fee_tax(company, within);
            let of = |sums: &BTreeMap<VatCode, Cents>, code| {
                sums.get(&code).copied().unwrap_or_default()
            };
            let form = &vat_return.ca3;
            let expected = [
                euros(of(&taxes, VatCode::Fr200) + owed),
                euros(of(&taxes, VatCode::Fr100)),
                euros(of(&taxes, VatCode::Fr55)),
            ];
            assert_eq!([form.tax_20, form.tax_10, form.tax_55], expected.map(|tax| tax.max(0)));
            assert_eq!(form.line_21, expected.iter().map(|tax| (-tax).max(0)).sum::<i64>());
            assert_eq!(form.base_20, euros(of(&bases, VatCode::Fr200) + from_eu).max(0));
            assert_eq!((form.b2_eu_purchases, form.line_17), (euros(from_eu), euros(owed)));
            assert_eq!(form.e1_exports, euros(of(&bases, VatCode::Extracom)).max(0));
            assert_eq!(form.f2_eu_sales, euros(of(&bases, VatCode::Crossborder)).max(0));
            assert_eq!((form.line_19, form.line_20), (euros(on_assets), euros(on_others + owed)));
        }
    });
}

/// VAT on purchases booked straight from the bank.
fn bank_fee_tax(company: &Company, within: impl Fn(jiff::civil::Date) -> bool) -> Cents {
    let from_bank = |line: &penny_sandbox::company::model::LedgerLine| {
        company.journal(line.journal_id).expect("a journal").kind == JournalKind::Finances
    };
    balance(company, |line, number| {
        within(line.date) && number.starts_with("44566") && from_bank(line)
    })
}

#[test]
fn a_return_clears_the_vat_accounts_and_owes_line_28() {
    holds(6, |company| {
        for vat_return in company
            .vat_returns
            .iter()
            .filter(|vat_return| vat_return.status != VatReturnStatus::NotDone)
        {
            for prefix in ["44571", "44566", "44562", "4452"] {
                let left = balance(company, |line, number| {
                    number.starts_with(prefix)
                        && line.date <= vat_return.period_end
                        && !is_opening(company, line)
                });
                assert_eq!(left, 0, "{prefix} after {}", vat_return.period_end);
            }
            let Some(entry) =
                vat_return.entry_id.map(|id| company.entry(id).expect("the return's entry"))
            else {
                continue;
            };
            let sum = |prefix: &str| -> Cents {
                let of_account = |line: &&_| number(company, line).starts_with(prefix);
                company
                    .entry_lines(entry)
                    .iter()
                    .filter(of_account)
                    .map(|line| line.debit - line.credit)
                    .sum()
            };
            assert_eq!(sum("44551"), -vat_return.ca3.line_28 * 100);
            assert!((sum("658") + sum("758")).abs() <= 400, "rounding stays within a few euros");
            let declaration =
                vat_return.declaration_id.expect("a return that is done was declared");
            let declaration =
                company.tax_declarations.iter().find(|declared| declared.id == declaration);
            let declaration = declaration.expect("the return's declaration");
            assert_eq!(declaration.kind, TaxKind::Vat);
            assert_eq!(
                declaration.payment_amount.unwrap_or_default(),
                vat_return.ca3.line_28 * 100
            );
            let paid = company.transactions.iter().any(|moved| {
                moved.label.contains("TVA")
                    && moved.date == vat_return.due
                    && moved.amount == -vat_return.ca3.line_28 * 100
            });
            assert_eq!(
                vat_return.status == VatReturnStatus::Paid,
                paid && vat_return.ca3.line_28 > 0
            );
        }
    });
}

#[test]
fn corporate_tax_follows_the_profit_and_its_instalments_the_tax() {
    for (seed, lines) in [(1, 20_000), (2, 60_000), (3, 3_000)] {
        let company = Company::generate(&Settings {
            seed,
            lines,
            today: date(2026, 10, 15),
            advanced_days: 0,
        });
        let (mut losses, mut reference) = (0, 0);
        for year in company.fiscal_years.iter().filter(|year| year.end < company.settings.today) {
            let of_year = balances(&company, year.start, year.end);
            let tax = of_year.get("695").copied().unwrap_or_default();
            let profit: Cents = -of_year
                .iter()
                .filter(|(number, _)| number.starts_with(['6', '7']) && **number != "695")
                .map(|(_, sum)| sum)
                .sum::<Cents>();
            let used = losses.min(profit.max(0));
            losses = losses - used + (-profit).max(0);
            let taxable = profit.max(0) - used;
            let low = taxable.min(4_250_000);
            assert_eq!(
                tax,
                euros(low * 15 / 100 + (taxable - low) * 25 / 100) * 100,
                "{}",
                year.start
            );
            let instalments: Vec<Cents> = company
                .transactions
                .iter()
                .filter(|moved| {
                    moved.label.contains("IS ACOMPTE") && moved.date.year() == year.start.year()
                })
                .map(|moved| -moved.amount)
                .collect();
            let expected =
                if reference >= 300_000 { vec![euros(reference / 4) * 100; 4] } else { Vec::new() };
            assert_eq!(instalments, expected, "{}", year.start);
            reference = tax;
        }
        let open_year = date(2026, 1, 1);
        let before = balances(&company, open_year, date(2026, 10, 14));
        let prepaid: Cents = company
            .transactions
            .iter()
            .filter(|moved| moved.label.contains("IS ACOMPTE") && moved.date >= open_year)
            .map(|moved| -moved.amount)
            .sum();
        assert_eq!(
            before.get("444").copied().unwrap_or_default(),
            prepaid,
            "older years are settled by May"
        );
    }
}

#[test]
fn a_usual_company_declares_everything() {
    let company = usual();
    for kind in [
        TaxKind::Vat,
        TaxKind::Das2,
        TaxKind::CorporateTax,
        TaxKind::Cvae,
        TaxKind::Rcm,
        TaxKind::Accounts,
    ] {
        assert!(
            company.tax_declarations.iter().any(|declared| declared.kind == kind),
            "{}",
            kind.as_str()
        );
    }
    let to_do = company
        .vat_returns
        .iter()
        .filter(|vat_return| vat_return.status == VatReturnStatus::NotDone);
    assert_eq!(to_do.count(), 3, "October, November and December are still to do");
}
