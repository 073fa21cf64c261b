//! Invoices: totals, taxes, numbers, payments.

use std::collections::{BTreeMap, HashMap};

use penny_sandbox::company::model::{
    Cents, CustomerInvoice, InvoiceStatus, MatchedInvoice, VatCode,
};

use super::{holds, number, usual};

#[test]
fn totals_are_sums_of_lines_and_taxes_are_rounded_once_per_rate() {
    holds(6, |company| {
        for invoice in &company.customer_invoices {
            let mut bases: BTreeMap<VatCode, (Cents, Cents)> = BTreeMap::new();
            for line in &invoice.lines {
                let (base, tax) = bases.entry(line.vat_code).or_default();
                *base += line.amount_before_tax;
                *tax += line.tax;
                assert_eq!(line.amount, line.amount_before_tax + line.tax);
            }
            for (code, (base, tax)) in &bases {
                // Whole credit notes repeat the rounding of the invoice they cancel.
                assert_eq!(*tax, code.tax(*base), "{} {}", invoice.number, code.as_str());
            }
            assert_eq!(
                invoice.amount_before_tax,
                bases.values().map(|(base, _)| base).sum::<Cents>()
            );
            assert_eq!(invoice.tax, bases.values().map(|(_, tax)| tax).sum::<Cents>());
            assert_eq!(invoice.amount, invoice.amount_before_tax + invoice.tax);
        }
        for invoice in &company.supplier_invoices {
            let line = &invoice.lines[0];
            assert_eq!(invoice.tax, line.vat_code.tax(invoice.amount_before_tax));
            assert_eq!(invoice.amount, invoice.amount_before_tax + invoice.tax);
        }
    });
}

#[test]
fn an_entry_has_the_amounts_of_its_invoice() {
    holds(6, |company| {
        let sum = |entry_id: u64, prefixes: &[&str]| -> Cents {
            let entry = company.entry(entry_id).expect("an invoice's entry");
            company
                .entry_lines(entry)
                .iter()
                .filter(|line| {
                    prefixes.iter().any(|prefix| number(company, line).starts_with(prefix))
                })
                .map(|line| line.debit - line.credit)
                .sum()
        };
        for invoice in company.customer_invoices.iter().filter(|invoice| !invoice.draft) {
            let entry = invoice.entry_id.expect("an issued invoice has an entry");
            assert_eq!(sum(entry, &["411"]), invoice.amount);
            assert_eq!(sum(entry, &["70"]), -invoice.amount_before_tax);
            assert_eq!(sum(entry, &["44571"]), -invoice.tax);
            assert_eq!(company.entry(entry).expect("it").date, invoice.date);
        }
        for invoice in &company.supplier_invoices {
            assert_eq!(sum(invoice.entry_id, &["401"]), -invoice.amount);
            assert_eq!(sum(invoice.entry_id, &["6", "2"]), invoice.amount_before_tax);
            let reverse_charged = invoice.lines[0].vat_code == VatCode::Crossborder;
            let due =
                if reverse_charged { VatCode::Fr200.tax(invoice.amount_before_tax) } else { 0 };
            assert_eq!(sum(invoice.entry_id, &["4456"]), invoice.tax + due);
            assert_eq!(sum(invoice.entry_id, &["4452"]), -due);
        }
    });
}

#[test]
fn numbers_are_continuous_and_chronological() {
    holds(6, |company| {
        let mut series: BTreeMap<(char, i16), Vec<&CustomerInvoice>> = BTreeMap::new();
        for invoice in &company.customer_invoices {
            let Some(kind) = invoice.number.chars().next() else {
                assert!(invoice.draft && invoice.entry_id.is_none(), "only drafts have no number");
                continue;
            };
            assert_eq!(kind == 'A', invoice.credited_invoice_id.is_some());
            assert_eq!(kind == 'A', invoice.amount < 0);
            series.entry((kind, invoice.date.year())).or_default().push(invoice);
        }
        for ((kind, year), mut invoices) in series {
            invoices.sort_by(|left, right| left.number.cmp(&right.number));
            for (place, invoice) in invoices.iter().enumerate() {
                let width = if kind == 'A' { 4 } else { 5 };
                assert_eq!(invoice.number, format!("{kind}-{year}-{:0width$}", place + 1));
            }
            assert!(invoices.windows(2).all(|pair| pair[0].date <= pair[1].date));
        }
    });
}

#[test]
fn an_invoice_is_settled_by_its_payments_and_credit_notes() {
    holds(6, |company| {
        let mut credited: HashMap<u64, Cents> = HashMap::new();
        for note in
            company.customer_invoices.iter().filter(|note| note.credited_invoice_id.is_some())
        {
            *credited.entry(note.credited_invoice_id.expect("filtered")).or_default() -=
                note.amount;
        }
        let mut transactions: HashMap<u64, Vec<u64>> = HashMap::new();
        for moved in &company.transactions {
            for matched in &moved.matched_invoices {
                let (MatchedInvoice::Customer(id) | MatchedInvoice::Supplier(id)) = matched;
                transactions.entry(*id).or_default().push(moved.id);
            }
        }
        let of = |id: &u64| transactions.get(id).cloned().unwrap_or_default();
        for invoice in company.customer_invoices.iter().filter(|invoice| !invoice.draft) {
            assert_eq!(invoice.credited, credited.get(&invoice.id).copied().unwrap_or_default());
            assert_eq!(invoice.paid, invoice.remaining == 0);
            assert!(
                (0..=invoice.amount.max(0) - invoice.credited).contains(&invoice.remaining),
                "{invoice:?}"
            );
            assert_eq!(invoice.transaction_ids, of(&invoice.id));
        }
        for invoice in &company.supplier_invoices {
            assert_eq!(invoice.paid, invoice.remaining == 0);
            assert!(invoice.remaining == 0 || invoice.remaining == invoice.amount);
            assert_eq!(invoice.transaction_ids, of(&invoice.id));
        }
        for moved in company.transactions.iter().filter(|moved| moved.matched_invoices.len() > 1) {
            let whole: Cents = company
                .customer_invoices
                .iter()
                .filter(|invoice| {
                    moved.matched_invoices.contains(&MatchedInvoice::Customer(invoice.id))
                })
                .map(|invoice| invoice.amount - invoice.credited)
                .sum();
            assert!(moved.amount <= whole, "a transfer pays no more than its invoices");
        }
    });
}

#[test]
fn a_usual_company_has_every_kind_of_invoice() {
    let company = usual();
    let today = company.settings.today;
    for status in [
        InvoiceStatus::Draft,
        InvoiceStatus::CreditNote,
        InvoiceStatus::Paid,
        InvoiceStatus::Cancelled,
        InvoiceStatus::Upcoming,
        InvoiceStatus::Late,
    ] {
        let found = company.customer_invoices.iter().any(|invoice| invoice.status(today) == status);
        assert!(found, "{}", status.as_str());
    }
    let codes =
        [VatCode::Fr200, VatCode::Fr100, VatCode::Fr55, VatCode::Extracom, VatCode::Crossborder];
    for code in codes {
        let found = company
            .customer_invoices
            .iter()
            .flat_map(|invoice| &invoice.lines)
            .any(|line| line.vat_code == code);
        assert!(found, "a sale at {}", code.as_str());
    }
    for code in [
        VatCode::Fr200,
        VatCode::Fr100,
        VatCode::Fr55,
        VatCode::Fr21,
        VatCode::Exempt,
        VatCode::Crossborder,
    ] {
        let found =
            company.supplier_invoices.iter().any(|invoice| invoice.lines[0].vat_code == code);
        assert!(found, "a purchase at {}", code.as_str());
    }
    assert!(
        company.transactions.iter().any(|moved| moved.outstanding != 0),
        "a transaction nobody knows"
    );
    assert!(
        company.transactions.iter().any(|moved| moved.matched_invoices.len() > 1),
        "one transfer, many invoices"
    );
    let kept: Vec<&str> = company.journals.iter().map(|journal| journal.code).collect();
    for code in ["VT", "HA", "OD", "AN", "BQ1", "BQ2", "TVA", "PA"] {
        let journal = company.journals[kept.iter().position(|kept| *kept == code).expect(code)].id;
        assert!(
            company.entries.iter().any(|entry| entry.journal_id == journal),
            "an entry in {code}"
        );
    }
}
