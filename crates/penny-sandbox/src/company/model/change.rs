//! What happened lately: the changelogs.

use jiff::Timestamp;

use super::{
    Customer, CustomerInvoice, LedgerEntry, LedgerLine, Product, Supplier, SupplierInvoice,
    Transaction,
};

/// A resource that has a changelog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Customer invoices, credit notes, drafts.
    CustomerInvoices,
    /// Supplier invoices.
    SupplierInvoices,
    /// Customers.
    Customers,
    /// Suppliers.
    Suppliers,
    /// Products.
    Products,
    /// Bank transactions.
    Transactions,
    /// Lines of the ledger.
    LedgerEntryLines,
    /// Categories given to whole entries; ids are those of entries.
    LedgerEntriesCategories,
    /// Categories given to lines; ids are those of lines.
    LedgerEntryLinesCategories,
}

impl Resource {
    /// The last part of the changelog's path, e.g. `customer_invoices`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CustomerInvoices => "customer_invoices",
            Self::SupplierInvoices => "supplier_invoices",
            Self::Customers => "customers",
            Self::Suppliers => "suppliers",
            Self::Products => "products",
            Self::Transactions => "transactions",
            Self::LedgerEntryLines => "ledger_entry_lines",
            Self::LedgerEntriesCategories => "ledger_entries_categories",
            Self::LedgerEntryLinesCategories => "ledger_entry_lines_categories",
        }
    }
}

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// It was created.
    Insert,
    /// It was changed.
    Update,
    /// It was removed.
    Delete,
}

impl Operation {
    /// The API's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One event of a changelog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Whose changelog.
    pub resource: Resource,
    /// The record.
    pub id: u64,
    /// What happened.
    pub operation: Operation,
    /// When.
    pub processed_at: Timestamp,
    /// Creation of the record.
    pub created_at: Timestamp,
    /// Last change of the record at the time of the event.
    pub updated_at: Timestamp,
}

/// A record as it was when it was removed.
#[derive(Debug, Clone, PartialEq)]
pub struct Tombstone<T> {
    /// The record.
    pub record: T,
    /// When it was removed.
    pub deleted_at: Timestamp,
}

/// Records removed in the last five weeks; each list ascending by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Removed {
    /// Customers.
    pub customers: Vec<Tombstone<Customer>>,
    /// Suppliers.
    pub suppliers: Vec<Tombstone<Supplier>>,
    /// Products.
    pub products: Vec<Tombstone<Product>>,
    /// Customer invoices: drafts that were given up.
    pub customer_invoices: Vec<Tombstone<CustomerInvoice>>,
    /// Supplier invoices entered by mistake.
    pub supplier_invoices: Vec<Tombstone<SupplierInvoice>>,
    /// Bank transactions: duplicates of the bank connection.
    pub transactions: Vec<Tombstone<Transaction>>,
    /// Entries.
    pub entries: Vec<Tombstone<LedgerEntry>>,
    /// Lines of these entries.
    pub lines: Vec<Tombstone<LedgerLine>>,
}
