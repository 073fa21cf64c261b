//! What each address answers.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::books::Books;
use super::contract::{ExportKind, Operation, Route};
use super::page::{Page, Record, Rows, page};
use super::query::{ListQuery, Parameters};
use super::records::bank::Party;
use super::records::{
    View, analytics, bank, customer_invoices, ledger, parties, products, supplier_invoices,
};
use super::refusal::Refusal;
use super::sandbox::Sandbox;
use super::token::Token;
use super::trial_balance::Period;
use super::{changelog, exports, trial_balance};
use crate::company::Company;
use crate::company::model::{CustomerInvoice, CustomerKind, Transaction};

/// A request that found its route and holds a token that opens it.
pub(super) struct Asked<'a> {
    /// Where it went.
    pub route: &'static Route,
    /// The id in its path.
    pub id: Option<&'a str>,
    /// Its query.
    pub parameters: &'a Parameters,
    /// Who asks.
    pub token: &'a Token,
    /// Whom it asks.
    pub sandbox: &'a Arc<Sandbox>,
    /// The books as they were when it came.
    pub books: &'a Books,
    /// The server's own address, such as `http://127.0.0.1:8080`.
    pub origin: &'a str,
    /// The base of all links.
    pub base: &'a str,
}

type Answer = Result<Value, Refusal>;

/// Answers with a record or a page of records: one arm per address.
pub(super) fn answer(asked: &Asked<'_>) -> Answer {
    let company = &asked.books.company;
    let view = asked.view();
    match asked.route.operation {
        Operation::Me => Ok(me(company, asked.token)),
        Operation::Nothing => asked.list(Rows::new(NO_ROWS), |_| Value::Null),
        Operation::NoneOfThem => Err(Refusal::NotFound),
        Operation::Changelog(resource) => changelog::page(
            asked.books,
            resource,
            &asked.query()?,
            asked.parameters,
            asked.sandbox.now(),
        ),
        Operation::Export(kind) => export(asked, kind),
        Operation::TrialBalance => trial_balance(asked),
        Operation::FiscalYears => asked.list(Rows::new(&company.fiscal_years), ledger::fiscal_year),
        Operation::Journals => asked.list(Rows::new(&company.journals), ledger::journal),
        Operation::Journal => asked.one("Journal", &company.journals).map(ledger::journal),
        Operation::LedgerAccounts => asked.list(Rows::new(&company.accounts), ledger::account),
        Operation::LedgerAccount => {
            asked.one("LedgerAccount", &company.accounts).map(ledger::account)
        }
        Operation::LedgerEntries => {
            asked.list(asked.books.entries(), |entry| ledger::listed_entry(view, entry))
        }
        Operation::LedgerEntry => {
            asked.one("LedgerEntry", &company.entries).map(|entry| ledger::entry(view, entry))
        }
        Operation::LedgerEntryOwnLines => {
            let lines = company.entry_lines(asked.one("LedgerEntry", &company.entries)?);
            asked.list(Rows::new(lines), |line| ledger::own_line(view, line))
        }
        Operation::LedgerEntryLines => {
            asked.list(asked.books.lines(), |line| ledger::line(view, line))
        }
        Operation::LedgerEntryLine => {
            asked.one("LedgerEntryLine", &company.lines).map(|line| ledger::line(view, line))
        }
        Operation::LetteredLines => lettered_lines(asked),
        Operation::LedgerEntryLineCategories => asked
            .sorted_list(&asked.one("LedgerEntryLine", &company.lines)?.categories, |weighted| {
                view.weight(weighted)
            }),
        Operation::Customers => {
            asked.list(Rows::new(&company.customers), |customer| parties::customer(view, customer))
        }
        Operation::Customer => asked
            .one("Customer", &company.customers)
            .map(|customer| parties::customer(view, customer)),
        Operation::CompanyCustomer => {
            typed_customer(asked, |kind| matches!(kind, CustomerKind::Company { .. }))
        }
        Operation::IndividualCustomer => {
            typed_customer(asked, |kind| matches!(kind, CustomerKind::Individual { .. }))
        }
        Operation::CustomerContacts => {
            let customer = asked.one("Customer", &company.customers)?;
            asked.sorted_list(&customer.contacts, |contact| parties::contact(customer, contact))
        }
        Operation::CustomerCategories => asked
            .sorted_list(&asked.one("Customer", &company.customers)?.categories, |weighted| {
                view.weight(weighted)
            }),
        Operation::Suppliers => asked.list(Rows::new(&company.suppliers), parties::supplier),
        Operation::Supplier => asked.one("Supplier", &company.suppliers).map(parties::supplier),
        Operation::SupplierCategories => asked
            .sorted_list(&asked.one("Supplier", &company.suppliers)?.categories, |weighted| {
                view.weight(weighted)
            }),
        Operation::Products => asked.list(Rows::new(&company.products), products::product),
        Operation::Product => asked.any(&company.products).map(products::product),
        Operation::CustomerInvoices => customer_invoices(asked),
        Operation::CustomerInvoice => asked
            .any(&company.customer_invoices)
            .map(|invoice| customer_invoices::customer_invoice(view, invoice)),
        Operation::CustomerInvoiceLines => {
            let invoice = asked.any(&company.customer_invoices)?;
            let lines = customer_invoices::ranked_lines(invoice);
            asked.list(Rows::new(&lines), |line| customer_invoices::line(view, invoice, line))
        }
        Operation::CustomerInvoiceTransactions => {
            let invoice = asked.any(&company.customer_invoices)?;
            matched_transactions(asked, &invoice.transaction_ids, Party::Customer)
        }
        Operation::CustomerInvoiceCategories => asked
            .sorted_list(&asked.any(&company.customer_invoices)?.categories, |weighted| {
                view.weight(weighted)
            }),
        Operation::CustomerInvoiceSections
        | Operation::CustomerInvoicePayments
        | Operation::CustomerInvoiceAppendices
        | Operation::CustomerInvoiceHeaderFields => {
            asked.any(&company.customer_invoices)?;
            asked.list(Rows::new(NO_ROWS), |_| Value::Null)
        }
        Operation::SupplierInvoices => asked.list(asked.books.supplier_invoices(), |invoice| {
            supplier_invoices::supplier_invoice(view, invoice)
        }),
        Operation::SupplierInvoice => asked
            .any(&company.supplier_invoices)
            .map(|invoice| supplier_invoices::supplier_invoice(view, invoice)),
        Operation::SupplierInvoiceLines => {
            let invoice = asked.any(&company.supplier_invoices)?;
            asked.sorted_list(&invoice.lines, |line| supplier_invoices::line(invoice, line))
        }
        Operation::SupplierInvoiceTransactions => {
            let invoice = asked.any(&company.supplier_invoices)?;
            matched_transactions(asked, &invoice.transaction_ids, Party::Supplier)
        }
        Operation::SupplierInvoiceCategories => asked
            .sorted_list(&asked.any(&company.supplier_invoices)?.categories, |weighted| {
                view.weight(weighted)
            }),
        Operation::SupplierInvoicePayments => {
            asked.any(&company.supplier_invoices)?;
            asked.list(Rows::new(NO_ROWS), |_| Value::Null)
        }
        Operation::Transactions => asked.list(Rows::new(&company.transactions), |transaction| {
            bank::transaction(view, transaction)
        }),
        Operation::Transaction => {
            asked.any(&company.transactions).map(|transaction| bank::transaction(view, transaction))
        }
        Operation::TransactionCategories => asked
            .sorted_list(&asked.any(&company.transactions)?.categories, |weighted| {
                view.weight(weighted)
            }),
        Operation::TransactionInvoices => asked
            .sorted_list(&asked.any(&company.transactions)?.matched_invoices, |matched| {
                bank::matched_invoice(view, matched)
            }),
        Operation::BankAccounts => asked
            .list(Rows::new(&company.bank_accounts), |account| bank::bank_account(view, account)),
        Operation::BankAccount => {
            asked.any(&company.bank_accounts).map(|account| bank::bank_account(view, account))
        }
        Operation::BankEstablishments => {
            asked.list(Rows::new(&company.bank_establishments), bank::bank_establishment)
        }
        Operation::Categories => asked.list(Rows::new(&company.categories), analytics::category),
        Operation::Category => asked.any(&company.categories).map(analytics::category),
        Operation::CategoryGroups => asked.list(Rows::new(&company.category_groups), |group| {
            analytics::category_group(view, group)
        }),
        Operation::CategoryGroup => {
            asked.any(&company.category_groups).map(|group| analytics::category_group(view, group))
        }
        Operation::CategoryGroupCategories => {
            let group = asked.any(&company.category_groups)?.id;
            let own: Vec<_> =
                company.categories.iter().filter(|category| category.group_id == group).collect();
            asked.list(Rows::new(&own), |category| analytics::category_of_group(category))
        }
    }
}

/// The rows of a list that this company has nothing in; they only need some type.
const NO_ROWS: &[Transaction] = &[];

impl<'a> Asked<'a> {
    fn view(&self) -> View<'a> {
        View { company: &self.books.company, base: self.base }
    }

    fn query(&self) -> Result<ListQuery, Refusal> {
        let rules = self.route.list.as_ref().expect("only lists read a list's parameters");
        self.parameters.list(rules)
    }

    /// A page of `rows`.
    fn list<R: Record>(&self, rows: Rows<'_, R>, write: impl Fn(&R) -> Value) -> Answer {
        let page = page(rows, &self.query()?, &self.books.company)?;
        Ok(page.envelope(|record| write(record)))
    }

    /// A page of the few records that hang on another one.
    fn sorted_list<R: Record>(&self, records: &[R], write: impl Fn(&R) -> Value) -> Answer {
        let mut sorted: Vec<&R> = records.iter().collect();
        sorted.sort_by_key(Record::id);
        self.list(Rows::new(&sorted), |record| write(record))
    }

    /// The record of the path; a missing one is named by its model.
    fn one<R: Record>(&self, model: &'static str, records: &'a [R]) -> Result<&'a R, Refusal> {
        self.find(records).ok_or_else(|| {
            let id = self.id.unwrap_or_default().to_owned();
            Refusal::NoSuchRecord { model, id }
        })
    }

    /// The record of the path; a missing one is simply not found.
    fn any<R: Record>(&self, records: &'a [R]) -> Result<&'a R, Refusal> {
        self.find(records).ok_or(Refusal::NotFound)
    }

    fn find<R: Record>(&self, records: &'a [R]) -> Option<&'a R> {
        let id = self.id?.parse().ok()?;
        Rows::new(records).find(id)
    }
}

fn me(company: &Company, token: &Token) -> Value {
    let user = company.users.first().map(|user| {
        json!({
            "id": user.id,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "locale": "fr",
        })
    });
    let identity = &company.identity;
    json!({
        "user": user,
        "company": {
            "id": identity.id,
            "name": identity.name,
            "reg_no": identity.siren,
            "accounting_logic": "FR_PCG",
        },
        "scopes": token.scopes,
    })
}

fn export(asked: &Asked<'_>, kind: ExportKind) -> Answer {
    let id = asked.id.and_then(|id| id.parse().ok()).ok_or(Refusal::NotFound)?;
    exports::poll(asked.sandbox, kind, id, asked.origin).ok_or(Refusal::NotFound)
}

fn trial_balance(asked: &Asked<'_>) -> Answer {
    let parameters = asked.parameters;
    let period = Period {
        start: parameters.date("period_start")?,
        end: parameters.date("period_end")?,
        auxiliary: parameters.flag("is_auxiliary")?,
    };
    trial_balance::page(&asked.books.trial_balance(period), &asked.query()?)
}

fn typed_customer(asked: &Asked<'_>, is_of_type: impl Fn(&CustomerKind) -> bool) -> Answer {
    let customer = asked.one("Customer", &asked.books.company.customers)?;
    if is_of_type(&customer.kind) {
        Ok(parties::typed_customer(asked.view(), customer))
    } else {
        Err(Refusal::NotFound)
    }
}

/// The lines that a line is lettered with, itself among them.
fn lettered_lines(asked: &Asked<'_>) -> Answer {
    let company = &asked.books.company;
    let line = asked.one("LedgerEntryLine", &company.lines)?;
    let ids = line
        .lettering_id
        .and_then(|id| company.lettering(id))
        .map_or(&[][..], |group| &group.line_ids);
    let all = Rows::new(&company.lines);
    let lines: Vec<_> = ids.iter().filter_map(|id| all.find(*id)).collect();
    let view = asked.view();
    asked.list(Rows::new(&lines), |line| ledger::line(view, line))
}

fn matched_transactions(asked: &Asked<'_>, ids: &[u64], party: Party) -> Answer {
    let all = Rows::new(&asked.books.company.transactions);
    let found: Vec<_> = ids.iter().filter_map(|id| all.find(*id)).collect();
    let view = asked.view();
    asked.sorted_list(&found, |transaction| bank::matched_transaction(view, party, transaction))
}

/// Most lines of an invoice that come with it in the list.
const INCLUDED_LINES_MAX: usize = 20;

/// The list of customer invoices, with their lines where `include=invoice_lines` asks for them.
fn customer_invoices(asked: &Asked<'_>) -> Answer {
    let view = asked.view();
    let found: Page<&CustomerInvoice> =
        page(asked.books.customer_invoices(), &asked.query()?, &asked.books.company)?;
    let mut envelope = found.envelope(|invoice| customer_invoices::customer_invoice(view, invoice));
    let wanted = asked
        .parameters
        .get("include")
        .is_some_and(|names| names.split(',').any(|name| name == "invoice_lines"));
    if wanted {
        let lines: Map<_, _> = found
            .items
            .iter()
            .map(|invoice| (invoice.id.to_string(), included_lines(view, invoice)))
            .collect();
        envelope["included"] = json!({ "invoice_lines": lines });
    }
    Ok(envelope)
}

fn included_lines(view: View<'_>, invoice: &CustomerInvoice) -> Value {
    let lines = customer_invoices::ranked_lines(invoice);
    let shown = lines.iter().rev().take(INCLUDED_LINES_MAX);
    let more = lines.len() > INCLUDED_LINES_MAX;
    json!({
        "items": shown.map(|line| customer_invoices::line(view, invoice, line)).collect::<Vec<_>>(),
        "has_more": more,
        "next_url": more.then(|| format!("{}/customer_invoices/{}/invoice_lines", view.base, invoice.id)),
    })
}
