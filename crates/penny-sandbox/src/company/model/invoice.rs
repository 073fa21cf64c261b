//! Invoices, both ways.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Cents, Substance, VatCode, WeightedCategory};

/// Where a customer invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceStatus {
    /// Not yet issued.
    Draft,
    /// A credit note.
    CreditNote,
    /// Paid in full.
    Paid,
    /// Paid in part.
    PartiallyPaid,
    /// Cancelled by a credit note of the same amount.
    Cancelled,
    /// Reduced by a credit note.
    PartiallyCancelled,
    /// Not yet due.
    Upcoming,
    /// Due and unpaid.
    Late,
}

impl InvoiceStatus {
    /// The API's word, e.g. `partially_paid`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::CreditNote => "credit_note",
            Self::Paid => "paid",
            Self::PartiallyPaid => "partially_paid",
            Self::Cancelled => "cancelled",
            Self::PartiallyCancelled => "partially_cancelled",
            Self::Upcoming => "upcoming",
            Self::Late => "late",
        }
    }
}

/// A line of a customer invoice. Amounts have the sign of the invoice: negative on a credit note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerInvoiceLine {
    /// Id of the line.
    pub id: u64,
    /// What was sold.
    pub label: String,
    /// More about it; may be empty.
    pub description: String,
    /// The product, unless the line was written by hand.
    pub product_id: Option<u64>,
    /// How many, in thousandths (1 500 is one and a half).
    pub quantity_milli: i64,
    /// What the quantity counts.
    pub unit: &'static str,
    /// Price of one without tax, in cents.
    pub unit_price: Cents,
    /// VAT.
    pub vat_code: VatCode,
    /// Without tax, discount deducted.
    pub amount_before_tax: Cents,
    /// Tax; the lines of one rate add up to the tax of that rate rounded once.
    pub tax: Cents,
    /// With tax.
    pub amount: Cents,
    /// Goods or services.
    pub substance: Substance,
}

/// A customer invoice, a credit note (negative amounts) or a draft (no number, no entry).
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerInvoice {
    /// Id of the invoice.
    pub id: u64,
    /// The customer.
    pub customer_id: u64,
    /// Accounting label, e.g. `Facture Dupont Éclairage - F-2026-00042`.
    pub label: String,
    /// Number in a continuous sequence per year; empty on a draft.
    pub number: String,
    /// Day of issue; on a draft the day it was written.
    pub date: Date,
    /// Day it is due.
    pub deadline: Date,
    /// Lines, at least one.
    pub lines: Vec<CustomerInvoiceLine>,
    /// Total without tax.
    pub amount_before_tax: Cents,
    /// Total tax.
    pub tax: Cents,
    /// Total with tax.
    pub amount: Cents,
    /// With tax, what is still to pay; 0 on credit notes, the whole on drafts.
    pub remaining: Cents,
    /// With tax, what credit notes took off (≥ 0).
    pub credited: Cents,
    /// Whether it is a draft.
    pub draft: bool,
    /// Whether nothing is left to pay. Never on a draft.
    pub paid: bool,
    /// The invoice that this credit note reduces.
    pub credited_invoice_id: Option<u64>,
    /// Its entry; none on a draft.
    pub entry_id: Option<u64>,
    /// Bank transactions matched with it, ascending.
    pub transaction_ids: Vec<u64>,
    /// Analysis; the weights of one group add up to 100 %.
    pub categories: Vec<WeightedCategory>,
    /// Unique, UUID-like.
    pub external_reference: String,
    /// The customer's order number.
    pub purchase_order_reference: Option<String>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl CustomerInvoice {
    /// Where it stands on `today`.
    #[must_use]
    pub fn status(&self, today: Date) -> InvoiceStatus {
        if self.draft {
            InvoiceStatus::Draft
        } else if self.credited_invoice_id.is_some() {
            InvoiceStatus::CreditNote
        } else if self.credited == self.amount {
            InvoiceStatus::Cancelled
        } else if self.remaining == 0 {
            InvoiceStatus::Paid
        } else if self.remaining + self.credited < self.amount {
            InvoiceStatus::PartiallyPaid
        } else if self.deadline < today {
            InvoiceStatus::Late
        } else if self.credited > 0 {
            InvoiceStatus::PartiallyCancelled
        } else {
            InvoiceStatus::Upcoming
        }
    }
}

/// How far a supplier invoice got in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountingStatus {
    /// Waits for the accountant.
    ValidationNeeded,
    /// Validated.
    Complete,
}

impl AccountingStatus {
    /// The API's word, e.g. `validation_needed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ValidationNeeded => "validation_needed",
            Self::Complete => "complete",
        }
    }
}

/// How far the payment of a supplier invoice got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Nobody looked at it yet.
    ToBeProcessed,
    /// To be paid.
    ToBePaid,
    /// Paid in part.
    PartiallyPaid,
    /// Paid.
    FullyPaid,
}

impl PaymentStatus {
    /// The API's word, e.g. `to_be_paid`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ToBeProcessed => "to_be_processed",
            Self::ToBePaid => "to_be_paid",
            Self::PartiallyPaid => "partially_paid",
            Self::FullyPaid => "fully_paid",
        }
    }
}

/// A line of a supplier invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupplierInvoiceLine {
    /// Id of the line.
    pub id: u64,
    /// What was bought.
    pub label: String,
    /// Number of the expense or asset account.
    pub account_number: &'static str,
    /// VAT.
    pub vat_code: VatCode,
    /// Without tax.
    pub amount_before_tax: Cents,
    /// Tax on the invoice; 0 where the buyer owes it.
    pub tax: Cents,
    /// With tax.
    pub amount: Cents,
}

/// A supplier invoice.
#[derive(Debug, Clone, PartialEq)]
pub struct SupplierInvoice {
    /// Id of the invoice.
    pub id: u64,
    /// The supplier.
    pub supplier_id: u64,
    /// Accounting label.
    pub label: String,
    /// The supplier's number.
    pub number: String,
    /// Day of issue.
    pub date: Date,
    /// Day it is due.
    pub deadline: Date,
    /// Lines, at least one.
    pub lines: Vec<SupplierInvoiceLine>,
    /// Total without tax.
    pub amount_before_tax: Cents,
    /// Total tax on the invoice.
    pub tax: Cents,
    /// Total with tax.
    pub amount: Cents,
    /// With tax, what is still to pay.
    pub remaining: Cents,
    /// Whether nothing is left to pay.
    pub paid: bool,
    /// How far the payment got.
    pub payment_status: PaymentStatus,
    /// How far it got in the books.
    pub accounting_status: AccountingStatus,
    /// Its entry.
    pub entry_id: u64,
    /// Bank transactions matched with it, ascending.
    pub transaction_ids: Vec<u64>,
    /// Analysis; the weights of one group add up to 100 %.
    pub categories: Vec<WeightedCategory>,
    /// Name of the scan, e.g. `2026-03-12_Imprimerie_du_Parc.pdf`.
    pub filename: String,
    /// Unique, UUID-like.
    pub external_reference: String,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl SupplierInvoice {
    /// Whether it is matched with the bank.
    #[must_use]
    pub fn reconciled(&self) -> bool {
        self.paid && !self.transaction_ids.is_empty()
    }
}
