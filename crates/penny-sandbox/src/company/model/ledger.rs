//! The books: years, journals, accounts, entries, lines, lettering.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Cents, VatCode, WeightedCategory};

/// State of a fiscal year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FiscalYearStatus {
    /// Entries may be posted.
    Open,
    /// Entries are final.
    Closed,
}

impl FiscalYearStatus {
    /// The API's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// A fiscal year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiscalYear {
    /// Id of the year.
    pub id: u64,
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// Open or closed.
    pub status: FiscalYearStatus,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// Kind of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalKind {
    /// VT.
    Sales,
    /// HA.
    Purchases,
    /// OD.
    Misc,
    /// AN.
    Carryover,
    /// BQ1, BQ2.
    Finances,
    /// TVA.
    Vat,
    /// RT: VAT released at payment; unused by a company that pays VAT on debits.
    PendingVat,
    /// SIT.
    Situation,
    /// PA.
    Payroll,
    /// EMP.
    Loans,
}

impl JournalKind {
    /// The API's word, e.g. `pending_vat`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sales => "sales",
            Self::Purchases => "purchases",
            Self::Misc => "misc",
            Self::Carryover => "carryover",
            Self::Finances => "finances",
            Self::Vat => "vat",
            Self::PendingVat => "pending_vat",
            Self::Situation => "situation",
            Self::Payroll => "payroll",
            Self::Loans => "loans",
        }
    }
}

/// A journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// Id of the journal.
    pub id: u64,
    /// Code, e.g. `VT`.
    pub code: &'static str,
    /// Name, e.g. `Ventes`.
    pub label: &'static str,
    /// Kind.
    pub kind: JournalKind,
}

/// Kind of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// An ordinary account.
    Custom,
    /// Auxiliary account of a customer.
    Customer,
    /// Auxiliary account of a supplier.
    Supplier,
    /// Used by Pennylane itself: bank, VAT, pending.
    Reserved,
}

impl AccountKind {
    /// The API's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Customer => "customer",
            Self::Supplier => "supplier",
            Self::Reserved => "reserved",
        }
    }
}

/// An account of the chart; unique by number × VAT code × country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerAccount {
    /// Id of the account.
    pub id: u64,
    /// Number, e.g. `6135` or `411NORAUTO`.
    pub number: String,
    /// Label.
    pub label: String,
    /// VAT of the lines booked here, or any.
    pub vat_code: VatCode,
    /// `FR` or `any`.
    pub country_alpha2: &'static str,
    /// Whether it may be used.
    pub enabled: bool,
    /// Kind.
    pub kind: AccountKind,
    /// Whether its lines can be lettered.
    pub letterable: bool,
    /// The customer or supplier whose auxiliary account it is.
    pub third_party_id: Option<u64>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// State of an entry that comes from an invoice or a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryStatus {
    /// Something is missing (a transaction not yet identified).
    Entry,
    /// Waits for the accountant.
    ValidationNeeded,
    /// Validated.
    Complete,
}

impl EntryStatus {
    /// The API's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::ValidationNeeded => "validation_needed",
            Self::Complete => "complete",
        }
    }
}

/// An entry: at least two lines that balance, in one journal, on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerEntry {
    /// Id of the entry, the data share's `document_id`.
    pub id: u64,
    /// The journal.
    pub journal_id: u64,
    /// Day.
    pub date: Date,
    /// Label.
    pub label: Arc<str>,
    /// Reference of the piece; never empty, the FEC's PieceRef.
    pub piece_number: Arc<str>,
    /// When the invoice behind it is due.
    pub due_date: Option<Date>,
    /// Number of the invoice behind it.
    pub invoice_number: Option<Arc<str>>,
    /// Customer invoice or supplier invoice behind it.
    pub invoice_id: Option<u64>,
    /// State; none where it comes from neither invoice nor transaction.
    pub status: Option<EntryStatus>,
    /// Name of the attached file.
    pub filename: Option<String>,
    /// Who created it, an e-mail; none where Pennylane did.
    pub created_by: Option<&'static str>,
    /// Id of its first line.
    pub first_line_id: u64,
    /// Number of its lines, adjacent in [`super::Company::lines`].
    pub line_count: u32,
    /// Analysis of the whole entry. Often empty.
    pub categories: Vec<WeightedCategory>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change of the entry or of one of its lines, lettering included.
    pub updated_at: Timestamp,
}

/// A line of an entry: a debit or a credit, the other is 0.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerLine {
    /// Id of the line.
    pub id: u64,
    /// Its entry.
    pub entry_id: u64,
    /// The entry's journal.
    pub journal_id: u64,
    /// The account.
    pub account_id: u64,
    /// The entry's day.
    pub date: Date,
    /// Debit, ≥ 0.
    pub debit: Cents,
    /// Credit, ≥ 0.
    pub credit: Cents,
    /// Label.
    pub label: Arc<str>,
    /// Its lettering group.
    pub lettering_id: Option<u64>,
    /// Analysis; the weights of one group add up to 100 %. Classes 6 and 7 only.
    pub categories: Vec<WeightedCategory>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// Lines of one account that settle each other: their debits equal their credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lettering {
    /// Id of the group.
    pub id: u64,
    /// The account of all its lines.
    pub account_id: u64,
    /// The FEC's letters, e.g. `AAB`; unique per account.
    pub code: String,
    /// Day of the lettering, on or after the day of the youngest line.
    pub date: Date,
    /// Ids of its lines, ascending.
    pub line_ids: Vec<u64>,
}
