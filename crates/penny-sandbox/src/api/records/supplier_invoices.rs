//! Supplier invoices and their lines.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::customer_invoices::share_before_tax;
use super::{View, instant};
use crate::api::amount::plain;
use crate::api::filter::Field;
use crate::api::page::Record;
use crate::company::Company;
use crate::company::model::{SupplierInvoice, SupplierInvoiceLine};

impl Record for SupplierInvoice {
    fn id(&self) -> u64 {
        self.id
    }

    fn day(&self) -> Option<Date> {
        Some(self.date)
    }

    fn field<'a>(&'a self, name: &str, _company: &'a Company) -> Field<'a> {
        match name {
            "id" => Field::Id(self.id),
            "supplier_id" => Field::Id(self.supplier_id),
            "invoice_number" => Field::Text(&self.number),
            "date" => Field::Date(self.date),
            "category_id" => {
                Field::Ids(self.categories.iter().map(|weighted| weighted.category_id).collect())
            }
            "external_reference" => Field::Text(&self.external_reference),
            "payment_status" => Field::Text(self.payment_status.as_str()),
            _ => Field::Empty,
        }
    }
}

impl Record for SupplierInvoiceLine {
    fn id(&self) -> u64 {
        self.id
    }
}

/// An invoice.
pub(in crate::api) fn supplier_invoice(view: View<'_>, invoice: &SupplierInvoice) -> Value {
    let id = invoice.id;
    let below = |list: &str| view.link(&format!("/supplier_invoices/{id}/{list}"));
    json!({
        "id": id,
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
        "reconciled": invoice.reconciled(),
        "accounting_status": invoice.accounting_status.as_str(),
        "filename": invoice.filename,
        // Documents themselves are not simulated.
        "public_file_url": null,
        "remaining_amount_with_tax": plain(invoice.remaining),
        "remaining_amount_without_tax": plain(share_before_tax(invoice.remaining, invoice.amount_before_tax, invoice.amount)),
        "ledger_entry": { "id": invoice.entry_id },
        "supplier": view.reference("suppliers", invoice.supplier_id),
        "payment_method_ledger_account": null,
        "invoice_lines": below("invoice_lines"),
        "categories": below("categories"),
        "transaction_reference": null,
        "payment_status": invoice.payment_status.as_str(),
        "paid": invoice.paid,
        "payments": below("payments"),
        "matched_transactions": below("matched_transactions"),
        "external_reference": invoice.external_reference,
        "import_source": null,
        "e_invoicing": null,
        "archived_at": null,
        "created_at": instant(invoice.created_at),
        "updated_at": instant(invoice.updated_at),
    })
}

/// A line of an invoice.
pub(in crate::api) fn line(invoice: &SupplierInvoice, line: &SupplierInvoiceLine) -> Value {
    json!({
        "id": line.id,
        "label": line.label,
        "amount": plain(line.amount),
        "currency_amount": plain(line.amount),
        "description": "",
        "vat_rate": line.vat_code.as_str(),
        "currency_amount_before_tax": plain(line.amount_before_tax),
        "currency_tax": plain(line.tax),
        "tax": plain(line.tax),
        "imputation_dates": null,
        "created_at": instant(invoice.created_at),
        "updated_at": instant(invoice.updated_at),
    })
}
