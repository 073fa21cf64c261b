//! Banks, accounts and transactions.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Cents, WeightedCategory};

/// A bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankEstablishment {
    /// Id of the bank.
    pub id: u64,
    /// Name.
    pub name: String,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// A bank account of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankAccount {
    /// Id of the account.
    pub id: u64,
    /// Name.
    pub name: String,
    /// The bank.
    pub establishment_id: u64,
    /// The bank journal.
    pub journal_id: u64,
    /// Id of the ledger account, 512….
    pub account_id: u64,
    /// IBAN.
    pub iban: String,
    /// Sum of its transactions, which is the balance of its ledger account.
    pub balance: Cents,
    /// Last time transactions were fetched from the bank.
    pub last_sync_at: Timestamp,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// An invoice matched with a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchedInvoice {
    /// A customer invoice, by id.
    Customer(u64),
    /// A supplier invoice, by id.
    Supplier(u64),
}

/// A bank transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    /// Id of the transaction.
    pub id: u64,
    /// The bank account.
    pub bank_account_id: u64,
    /// Bank wording.
    pub label: String,
    /// Day of execution.
    pub date: Date,
    /// Signed: money in is positive.
    pub amount: Cents,
    /// Part not yet justified, signed as `amount`; such a part is booked on 471.
    pub outstanding: Cents,
    /// The customer, once known.
    pub customer_id: Option<u64>,
    /// The supplier, once known.
    pub supplier_id: Option<u64>,
    /// Invoices it pays, in order of their matching.
    pub matched_invoices: Vec<MatchedInvoice>,
    /// Whether an invoice has to justify it.
    pub attachment_required: bool,
    /// Whether the bank connection may have delivered it twice.
    pub potential_duplicate: bool,
    /// CFONB code of the operation, e.g. `B1D`.
    pub interbank_code: Option<&'static str>,
    /// Its entry.
    pub entry_id: u64,
    /// Analysis; the weights of one group add up to 100 %. Often empty.
    pub categories: Vec<WeightedCategory>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}
