//! The company's life, day by day.
//!
//! Each day draws its chance from its own stream, `(seed, day)`, and looks only at what the days before it left.
//! So a company that is advanced by three days is the same company with three days more.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::books::{Account, Books, Entry, Line};
use super::calendar;
use super::chance::Chance;
use super::clock::{self, Clock};
use super::log::ChangeLog;
use super::model::{
    BankAccount, BankEstablishment, Category, CategoryGroup, Cents, Company, Customer,
    CustomerInvoice, FiscalYear, Identity, Product, Removed, Supplier, SupplierInvoice,
    TaxDeclaration, Tombstone, Transaction, User, VatReturn,
};
use super::plan::Plan;
use super::vat::VatMonth;
use super::{Settings, founding, ids};

/// Days of changelog and of tombstones; Pennylane keeps four weeks.
const MEMORY_DAYS: i64 = 35;

/// Places in the lists of [`Simulation`].
pub(super) type CustomerAt = usize;
pub(super) type SupplierAt = usize;
pub(super) type CustomerInvoiceAt = usize;
pub(super) type SupplierInvoiceAt = usize;
pub(super) type TransactionAt = usize;

/// Something that will happen on a day already known.
#[derive(Debug, Clone)]
pub(super) enum Event {
    IssueDraft(CustomerInvoiceAt),
    AbandonDraft(CustomerInvoiceAt),
    CustomerPays { invoice: CustomerInvoiceAt, whole: bool },
    Credit { invoice: CustomerInvoiceAt, whole: bool },
    PaySupplier(SupplierInvoiceAt),
    Validate(SupplierInvoiceAt),
    RemoveMistake(SupplierInvoiceAt),
    IdentifyReceipt { transaction: TransactionAt, invoice: CustomerInvoiceAt },
    IdentifyPayment { transaction: TransactionAt, invoice: SupplierInvoiceAt },
    RemoveDuplicate(TransactionAt),
    SendDeclaration(usize),
    AcceptDeclaration(usize),
    PayVat(usize),
    PayCorporateTaxBalance { year: i16 },
    PayDividends { net: Cents },
    PayDividendTax { amount: Cents },
}

/// What is left to settle of an invoice.
#[derive(Debug, Default)]
pub(super) struct OpenItem {
    /// Its lines on the third party's account, payments and credit notes included.
    pub(super) lines: Vec<Line>,
    /// Its own entry.
    pub(super) entry: Entry,
    /// Whether a payment has arrived that nobody has identified yet.
    pub(super) reserved: bool,
}

/// Lines of an account that wait for each other.
pub(super) type OpenLines = HashMap<Account, Vec<Line>>;

/// An asset that loses value.
#[derive(Debug, Clone)]
pub(super) struct Asset {
    pub(super) account: &'static str,
    pub(super) cost: Cents,
    pub(super) in_service: Date,
    pub(super) years: i64,
    pub(super) depreciated: Cents,
}

/// What goes from one year end to the next.
#[derive(Debug, Default)]
pub(super) struct Carried {
    pub(super) stock: Cents,
    /// Sales of the last closed year.
    pub(super) sales: Cents,
    /// Corporate tax of the last closed year; instalments follow from it.
    pub(super) reference_tax: Cents,
    /// Losses of past years not yet set against a profit.
    pub(super) losses: Cents,
    /// Result of the last closed year, until it is allocated.
    pub(super) result: Cents,
    /// Lines on 444 of each tax year.
    pub(super) corporate_tax_lines: BTreeMap<i16, Vec<Line>>,
    pub(super) business_rates: Cents,
}

pub(super) struct Simulation {
    pub(super) settings: Settings,
    pub(super) plan: Plan,
    pub(super) day: Date,
    pub(super) chance: Chance,
    pub(super) clock: Clock,
    pub(super) books: Books,
    pub(super) log: ChangeLog,
    pub(super) agenda: BTreeMap<Date, Vec<Event>>,
    pub(super) identity: Identity,
    pub(super) users: Vec<User>,
    pub(super) fiscal_years: Vec<FiscalYear>,
    pub(super) category_groups: Vec<CategoryGroup>,
    pub(super) categories: Vec<Category>,
    pub(super) products: Vec<Product>,
    pub(super) customers: Vec<Customer>,
    pub(super) businesses: Vec<CustomerAt>,
    pub(super) people: Vec<CustomerAt>,
    /// Invoices of each customer that are not settled.
    pub(super) unpaid: Vec<Vec<CustomerInvoiceAt>>,
    pub(super) customer_invoices: Vec<CustomerInvoice>,
    pub(super) customer_items: Vec<OpenItem>,
    pub(super) customer_lines: usize,
    pub(super) contacts: usize,
    pub(super) invoice_numbers: u32,
    pub(super) credit_note_numbers: u32,
    pub(super) suppliers: Vec<Supplier>,
    /// Suppliers of each kind of purchase.
    pub(super) sellers: Vec<Vec<SupplierAt>>,
    pub(super) supplier_invoices: Vec<SupplierInvoice>,
    pub(super) supplier_items: Vec<OpenItem>,
    pub(super) supplier_lines: usize,
    pub(super) bank_establishments: Vec<BankEstablishment>,
    pub(super) bank_accounts: Vec<BankAccount>,
    pub(super) transactions: Vec<Transaction>,
    pub(super) open_lines: OpenLines,
    pub(super) piece_numbers: u32,
    pub(super) assets: Vec<Asset>,
    pub(super) vat_month: VatMonth,
    pub(super) vat_returns: Vec<VatReturn>,
    pub(super) declarations: Vec<TaxDeclaration>,
    pub(super) loan_principal: Cents,
    pub(super) carried: Carried,
    pub(super) removed: Removed,
}

/// The company of these settings, lived from its foundation to the eve of its present day.
pub(super) fn live(settings: &Settings) -> Company {
    let plan = Plan::new(settings);
    let mut life = founding::found(settings, plan);
    while life.day < life.settings.today {
        life.begin_day();
        life.live_day();
        life.day = calendar::plus(life.day, 1);
    }
    life.finish()
}

/// When the changelog of these settings begins.
pub(super) fn memory_begins(settings: &Settings) -> Timestamp {
    clock::midnight(calendar::plus(settings.today, -MEMORY_DAYS))
}

impl Simulation {
    /// The next instant of the day.
    pub(super) fn now(&mut self) -> Timestamp {
        self.clock.tick(&mut self.chance)
    }

    /// Plans an event; a day in the past is a mistake of this program.
    pub(super) fn plan(&mut self, day: Date, event: Event) {
        assert!(day > self.day, "an event is planned for a day to come");
        self.agenda.entry(day).or_default().push(event);
    }

    /// The number of the next piece of a journal, e.g. `OD-2026-00042`.
    pub(super) fn piece(&mut self, book: &str, date: Date) -> String {
        self.piece_numbers += 1;
        format!("{book}-{}-{:05}", date.year(), self.piece_numbers)
    }

    fn begin_day(&mut self) {
        self.chance =
            Chance::new(self.settings.seed, calendar::day_number(self.day).unsigned_abs());
        self.clock.begin(self.day);
    }

    fn live_day(&mut self) {
        if self.day == self.plan.founded {
            self.start_business();
        } else if self.day.day() == 1 {
            self.prepare_vat_return();
            if self.day.month() == 1 {
                self.close_year();
            }
        }
        for event in self.agenda.remove(&self.day).unwrap_or_default() {
            self.happen(event);
        }
        self.pay_salaries_and_loans();
        self.meet_tax_calendar();
        self.sell();
        self.buy();
        self.keep_treasury();
        self.tidy_up();
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::IssueDraft(invoice) => self.issue(invoice),
            Event::AbandonDraft(invoice) => self.abandon_draft(invoice),
            Event::CustomerPays { invoice, whole } => self.customer_pays(invoice, whole),
            Event::Credit { invoice, whole } => self.credit(invoice, whole),
            Event::PaySupplier(invoice) => self.pay_supplier(invoice),
            Event::Validate(invoice) => self.validate(invoice),
            Event::RemoveMistake(invoice) => self.remove_mistake(invoice),
            Event::IdentifyReceipt { transaction, invoice } => {
                self.identify_receipt(transaction, invoice)
            }
            Event::IdentifyPayment { transaction, invoice } => {
                self.identify_payment(transaction, invoice)
            }
            Event::RemoveDuplicate(transaction) => self.remove_duplicate(transaction),
            Event::SendDeclaration(declaration) => self.send_declaration(declaration),
            Event::AcceptDeclaration(declaration) => self.accept_declaration(declaration),
            Event::PayVat(vat_return) => self.pay_vat(vat_return),
            Event::PayCorporateTaxBalance { year } => self.pay_corporate_tax_balance(year),
            Event::PayDividends { net } => self.pay_dividends(net),
            Event::PayDividendTax { amount } => self.pay_dividend_tax(amount),
        }
    }

    fn finish(mut self) -> Company {
        self.add_vat_returns_to_do();
        let last_night = clock::midnight(self.settings.today) - jiff::SignedDuration::from_mins(47);
        for (account, bank) in self.bank_accounts.iter_mut().enumerate() {
            bank.balance = self.books.balance(if account == 0 { "512001" } else { "512002" });
            bank.last_sync_at = last_night;
        }
        self.books.finish();
        let since = memory_begins(&self.settings);
        let mut removed = self.removed;
        removed.entries = self.books.removed_entries;
        removed.lines = self.books.removed_lines;
        // Ids are read before old tombstones are dropped: what was removed long ago must not come back.
        drop_dead(&mut self.suppliers, &mut removed.suppliers, since, |supplier| supplier.id);
        drop_dead(&mut self.customer_invoices, &mut removed.customer_invoices, since, |invoice| {
            invoice.id
        });
        drop_dead(&mut self.supplier_invoices, &mut removed.supplier_invoices, since, |invoice| {
            invoice.id
        });
        drop_dead(&mut self.transactions, &mut removed.transactions, since, |transaction| {
            transaction.id
        });
        removed.entries.retain(|entry| entry.deleted_at >= since);
        removed.entries.sort_by_key(|entry| entry.record.id);
        removed.lines.retain(|line| line.deleted_at >= since);
        removed.lines.sort_by_key(|line| line.record.id);
        for user in &mut self.users {
            user.last_activity = calendar::plus(self.settings.today, -1);
        }
        Company {
            settings: self.settings,
            identity: self.identity,
            users: self.users,
            fiscal_years: self.fiscal_years,
            journals: founding::journals(),
            accounts: self.books.accounts,
            entries: self.books.entries,
            lines: self.books.lines,
            letterings: self.books.letterings,
            category_groups: self.category_groups,
            categories: self.categories,
            customers: self.customers,
            suppliers: self.suppliers,
            products: self.products,
            customer_invoices: self.customer_invoices,
            supplier_invoices: self.supplier_invoices,
            bank_establishments: self.bank_establishments,
            bank_accounts: self.bank_accounts,
            transactions: self.transactions,
            vat_returns: self.vat_returns,
            tax_declarations: self.declarations,
            changes: self.log.into_changes(),
            removed,
        }
    }
}

/// Takes removed records out of their list, then forgets the tombstones older than `since`.
fn drop_dead<T>(
    records: &mut Vec<T>,
    tombstones: &mut Vec<Tombstone<T>>,
    since: Timestamp,
    id_of: impl Fn(&T) -> u64,
) {
    let dead: HashSet<u64> = tombstones.iter().map(|tombstone| id_of(&tombstone.record)).collect();
    records.retain(|record| !dead.contains(&id_of(record)));
    tombstones.retain(|tombstone| tombstone.deleted_at >= since);
    tombstones.sort_by_key(|tombstone| id_of(&tombstone.record));
}

/// The account of a third party, from the id its record holds.
pub(super) fn account_of(id: u64) -> Account {
    ids::ACCOUNTS.index(id)
}
