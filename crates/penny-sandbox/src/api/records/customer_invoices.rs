//! Customer invoices, credit notes and drafts, and their lines.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::{View, instant};
use crate::api::amount::{bare, plain};
use crate::api::filter::Field;
use crate::api::page::Record;
use crate::company::Company;
use crate::company::model::{Cents, CustomerInvoice, CustomerInvoiceLine};

impl Record for CustomerInvoice {
    fn id(&self) -> u64 {
        self.id
    }

    fn day(&self) -> Option<Date> {
        Some(self.date)
    }

    fn field<'a>(&'a self, name: &str, _company: &'a Company) -> Field<'a> {
        match name {
            "id" => Field::Id(self.id),
            "date" => Field::Date(self.date),
            "customer_id" => Field::Id(self.customer_id),
            "invoice_number" => Field::Text(&self.number),
            "draft" => Field::Bool(self.draft),
            "credit_note" => Field::Bool(self.credited_invoice_id.is_some()),
            "external_reference" => Field::Text(&self.external_reference),
            "category_id" => {
                Field::Ids(self.categories.iter().map(|weighted| weighted.category_id).collect())
            }
            // Neither subscriptions nor quotes nor electronic flows: nothing to compare with.
            _ => Field::Empty,
        }
    }
}

/// A line with its place in the invoice, counted from 1.
pub(in crate::api) struct RankedLine<'a> {
    rank: u64,
    line: &'a CustomerInvoiceLine,
}

impl Record for RankedLine<'_> {
    fn id(&self) -> u64 {
        self.line.id
    }

    fn rank(&self) -> u64 {
        self.rank
    }
}

/// The lines of an invoice, ascending by id.
pub(in crate::api) fn ranked_lines(invoice: &CustomerInvoice) -> Vec<RankedLine<'_>> {
    let mut lines: Vec<_> =
        (1..).zip(&invoice.lines).map(|(rank, line)| RankedLine { rank, line }).collect();
    lines.sort_by_key(Record::id);
    lines
}

/// An invoice.
pub(in crate::api) fn customer_invoice(view: View<'_>, invoice: &CustomerInvoice) -> Value {
    let mut record = own_values(view, invoice);
    record.extend(references(view, invoice));
    Value::Object(record)
}

fn own_values(view: View<'_>, invoice: &CustomerInvoice) -> Map<String, Value> {
    let settled = invoice.credited_invoice_id.is_some();
    object(json!({
        "id": invoice.id,
        "label": invoice.label,
        "invoice_number": invoice.number,
        "currency": "EUR",
        "amount": plain(invoice.amount),
        "currency_amount": plain(invoice.amount),
        "currency_amount_before_tax": plain(invoice.amount_before_tax),
        "exchange_rate": "1.0",
        "date": invoice.date.to_string(),
        "deadline": invoice.deadline.to_string(),
        "currency_tax": plain(invoice.tax),
        "tax": plain(invoice.tax),
        "language": language(view, invoice),
        "paid": invoice.paid,
        "status": invoice.status(view.company.settings.today).as_str(),
        "discount": { "type": "absolute", "value": "0.0" },
        "filename": (!invoice.draft).then(|| format!("{}.pdf", invoice.number)),
        // Documents themselves are not simulated.
        "public_file_url": null,
        "remaining_amount_with_tax": (!settled).then(|| plain(invoice.remaining)),
        "remaining_amount_without_tax": (!settled).then(|| plain(remaining_before_tax(invoice))),
        "draft": invoice.draft,
        "special_mention": null,
        "pdf_invoice_free_text": "",
        "pdf_invoice_subject": "",
        "pdf_description": null,
        "external_reference": invoice.external_reference,
        "purchase_order_reference": invoice.purchase_order_reference,
        "sales_order_reference": null,
        "factur_x": false,
        "schematron_validation_status": null,
        "archived_at": null,
        "created_at": instant(invoice.created_at),
        "updated_at": instant(invoice.updated_at),
    }))
}

fn references(view: View<'_>, invoice: &CustomerInvoice) -> Map<String, Value> {
    let below = |list: &str| view.link(&format!("/customer_invoices/{}/{list}", invoice.id));
    object(json!({
        // A draft is not booked.
        "ledger_entry": invoice.entry_id.map(|entry| json!({ "id": entry })),
        "customer": view.reference("customers", invoice.customer_id),
        "payment_method_ledger_account": null,
        "invoice_line_sections": below("invoice_line_sections"),
        "invoice_lines": below("invoice_lines"),
        "custom_header_fields": below("custom_header_fields"),
        "categories": below("categories"),
        "billing_subscription": null,
        "credited_invoice": invoice.credited_invoice_id.map(|id| view.reference("customer_invoices", id)),
        "customer_invoice_template": null,
        "transaction_reference": null,
        "payments": below("payments"),
        "matched_transactions": below("matched_transactions"),
        "appendices": below("appendices"),
        "installments": null,
        "quote": null,
        "e_invoicing": null,
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => unreachable!("{other} is not an object"),
    }
}

/// A line of an invoice.
pub(in crate::api) fn line(
    view: View<'_>,
    invoice: &CustomerInvoice,
    ranked: &RankedLine<'_>,
) -> Value {
    let line = ranked.line;
    json!({
        "id": line.id,
        "label": line.label,
        "unit": line.unit,
        "quantity": bare(line.quantity_milli, 3),
        "amount": plain(line.amount),
        "currency_amount": plain(line.amount),
        "description": line.description,
        "product": line.product_id.map(|product| view.reference("products", product)),
        "vat_rate": line.vat_code.as_str(),
        "currency_amount_before_tax": plain(line.amount_before_tax),
        "currency_tax": plain(line.tax),
        "tax": plain(line.tax),
        "raw_currency_unit_price": plain(line.unit_price),
        "discount": { "type": "absolute", "value": "0.0" },
        "section_rank": null,
        "imputation_dates": null,
        "created_at": instant(invoice.created_at),
        "updated_at": instant(invoice.updated_at),
        "substance": line.substance.as_str(),
        "custom_fields": [],
    })
}

fn language(view: View<'_>, invoice: &CustomerInvoice) -> &'static str {
    let customers = &view.company.customers;
    let index = customers.binary_search_by_key(&invoice.customer_id, |customer| customer.id);
    index.map_or("fr_FR", |index| customers[index].language.as_str())
}

fn remaining_before_tax(invoice: &CustomerInvoice) -> Cents {
    share_before_tax(invoice.remaining, invoice.amount_before_tax, invoice.amount)
}

/// The part of `remaining` that is not tax, in the proportion of the whole, rounded to the nearest cent.
pub(super) fn share_before_tax(remaining: Cents, before_tax: Cents, amount: Cents) -> Cents {
    if amount == 0 {
        return 0;
    }
    let product = i128::from(remaining) * i128::from(before_tax);
    let (whole, sign) = (i128::from(amount).abs(), product.signum() * i128::from(amount).signum());
    let rounded = (2 * product.abs() + whole) / (2 * whole) * sign;
    Cents::try_from(rounded).expect("a part of an amount is no larger than the amount")
}

#[cfg(test)]
mod tests {
    use super::share_before_tax;

    #[test]
    fn what_remains_before_tax_keeps_the_proportion_of_the_whole() {
        assert_eq!(share_before_tax(12_000, 10_000, 12_000), 10_000);
        assert_eq!(share_before_tax(6_000, 10_000, 12_000), 5_000);
        assert_eq!(share_before_tax(0, 10_000, 12_000), 0);
        assert_eq!(share_before_tax(-6_000, -10_000, -12_000), -5_000);
        assert_eq!(share_before_tax(1, 10_000, 12_000), 1, "0.83 of a cent");
        assert_eq!(share_before_tax(5, 0, 0), 0);
    }
}
