//! What the simulated company's records look like: plain values, in euro cents, UTC and calendar days.
//!
//! Every list of [`Company`] is ascending by `id`, so a record is found by binary search.
//! A list holds the records that exist today; those that were removed lately are in [`Company::removed`].

mod analytics;
mod bank;
mod change;
mod identity;
mod invoice;
mod ledger;
mod party;
mod product;
mod tax;

pub use analytics::{Category, CategoryGroup, Direction, WeightedCategory};
pub use bank::{BankAccount, BankEstablishment, MatchedInvoice, Transaction};
pub use change::{Change, Operation, Removed, Resource, Tombstone};
pub use identity::{Address, Identity, User};
pub use invoice::{
    AccountingStatus, CustomerInvoice, CustomerInvoiceLine, InvoiceStatus, PaymentStatus,
    SupplierInvoice, SupplierInvoiceLine,
};
pub use ledger::{
    AccountKind, EntryStatus, FiscalYear, FiscalYearStatus, Journal, JournalKind, LedgerAccount,
    LedgerEntry, LedgerLine, Lettering,
};
pub use party::{
    Contact, Customer, CustomerKind, DueRule, Language, PaymentConditions, Supplier,
    SupplierPaymentMethod,
};
pub use product::{Product, Substance, VatCode};
pub use tax::{Ca3, DeclarationStatus, TaxDeclaration, TaxKind, VatReturn, VatReturnStatus};

use super::Settings;

/// An amount in euro cents; money out, credit notes and the like are negative.
pub type Cents = i64;

/// A whole company with its books, as it stands at the first instant of `settings.today` (UTC):
/// every day before `today` is complete, and no timestamp lies on or after it.
#[derive(Debug, Clone)]
pub struct Company {
    /// What the company was generated from.
    pub settings: Settings,
    /// Name, SIREN, VAT number, address.
    pub identity: Identity,
    /// People with a login.
    pub users: Vec<User>,
    /// Calendar years, contiguous, oldest first; the last one is in the future and open.
    pub fiscal_years: Vec<FiscalYear>,
    /// Journals: VT, HA, OD, AN, BQ1, BQ2, TVA, PA, EMP, RT, SIT.
    pub journals: Vec<Journal>,
    /// Chart of accounts; one number may exist several times, once per VAT rate.
    pub accounts: Vec<LedgerAccount>,
    /// Entries in the order of their creation; not in the order of their date.
    pub entries: Vec<LedgerEntry>,
    /// Lines of all entries; the lines of one entry are adjacent (see [`Company::entry_lines`]).
    pub lines: Vec<LedgerLine>,
    /// Lettering groups.
    pub letterings: Vec<Lettering>,
    /// Axes of the analysis.
    pub category_groups: Vec<CategoryGroup>,
    /// Categories of all axes.
    pub categories: Vec<Category>,
    /// Customers, companies and individuals.
    pub customers: Vec<Customer>,
    /// Suppliers.
    pub suppliers: Vec<Supplier>,
    /// Products and services sold.
    pub products: Vec<Product>,
    /// Customer invoices, credit notes and drafts.
    pub customer_invoices: Vec<CustomerInvoice>,
    /// Supplier invoices.
    pub supplier_invoices: Vec<SupplierInvoice>,
    /// Banks.
    pub bank_establishments: Vec<BankEstablishment>,
    /// The company's bank accounts.
    pub bank_accounts: Vec<BankAccount>,
    /// Bank transactions.
    pub transactions: Vec<Transaction>,
    /// VAT returns, one per month, oldest first; the last ones may be still to do.
    pub vat_returns: Vec<VatReturn>,
    /// All tax declarations, VAT included.
    pub tax_declarations: Vec<TaxDeclaration>,
    /// What happened to the resources that have a changelog in the five weeks before `today`,
    /// ascending by `processed_at`; several events of one record are normal.
    pub changes: Vec<Change>,
    /// Records deleted in these five weeks, as they were.
    pub removed: Removed,
}

impl Company {
    /// The lines of an entry of this company, in order. At least two; they balance.
    #[must_use]
    pub fn entry_lines(&self, entry: &LedgerEntry) -> &[LedgerLine] {
        let first = self.lines.partition_point(|line| line.id < entry.first_line_id);
        let count = entry.line_count as usize;
        &self.lines[first..first + count]
    }

    /// The account with this id, if there is one.
    #[must_use]
    pub fn account(&self, id: u64) -> Option<&LedgerAccount> {
        find(&self.accounts, id, |account| account.id)
    }

    /// The entry with this id, if there is one.
    #[must_use]
    pub fn entry(&self, id: u64) -> Option<&LedgerEntry> {
        find(&self.entries, id, |entry| entry.id)
    }

    /// The journal with this id, if there is one.
    #[must_use]
    pub fn journal(&self, id: u64) -> Option<&Journal> {
        find(&self.journals, id, |journal| journal.id)
    }

    /// The lettering group with this id, if there is one.
    #[must_use]
    pub fn lettering(&self, id: u64) -> Option<&Lettering> {
        find(&self.letterings, id, |lettering| lettering.id)
    }
}

/// Binary search by id in a list that is ascending by id.
fn find<T>(records: &[T], id: u64, id_of: impl Fn(&T) -> u64) -> Option<&T> {
    records.binary_search_by_key(&id, id_of).ok().map(|index| &records[index])
}
