//! Banks, bank accounts, transactions, and what is matched with them.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{View, instant};
use crate::api::amount::{plain, two_decimals};
use crate::api::filter::Field;
use crate::api::page::Record;
use crate::company::Company;
use crate::company::model::{BankAccount, BankEstablishment, MatchedInvoice, Transaction};

impl Record for BankEstablishment {
    fn id(&self) -> u64 {
        self.id
    }

    fn field<'a>(&'a self, name: &str, _company: &'a Company) -> Field<'a> {
        if name == "id" { Field::Id(self.id) } else { Field::Empty }
    }
}

impl Record for BankAccount {
    fn id(&self) -> u64 {
        self.id
    }
}

impl Record for Transaction {
    fn id(&self) -> u64 {
        self.id
    }

    fn day(&self) -> Option<Date> {
        Some(self.date)
    }

    fn field<'a>(&'a self, name: &str, company: &'a Company) -> Field<'a> {
        match name {
            "id" => Field::Id(self.id),
            "bank_account_id" => Field::Id(self.bank_account_id),
            "journal_id" => Field::Id(bank_account_of(company, self).journal_id),
            "date" => Field::Date(self.date),
            _ => Field::Empty,
        }
    }
}

impl Record for MatchedInvoice {
    fn id(&self) -> u64 {
        match self {
            MatchedInvoice::Customer(id) | MatchedInvoice::Supplier(id) => *id,
        }
    }
}

/// Which party a list of matched transactions shows beside each transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api) enum Party {
    Customer,
    Supplier,
}

/// A bank.
pub(in crate::api) fn bank_establishment(bank: &BankEstablishment) -> Value {
    json!({
        "id": bank.id,
        "name": bank.name,
        "created_at": instant(bank.created_at),
        "updated_at": instant(bank.updated_at),
    })
}

/// A bank account.
pub(in crate::api) fn bank_account(view: View<'_>, account: &BankAccount) -> Value {
    json!({
        "id": account.id,
        "name": account.name,
        "currency": "EUR",
        "balance": plain(account.balance),
        "bank_establishment": { "id": account.establishment_id },
        "journal": view.reference("journals", account.journal_id),
        "ledger_account": view.reference("ledger_accounts", account.account_id),
        "created_at": instant(account.created_at),
        "updated_at": instant(account.updated_at),
    })
}

/// A transaction as in the list of transactions.
pub(in crate::api) fn transaction(view: View<'_>, transaction: &Transaction) -> Value {
    let mut record = money_movement(view, transaction);
    let journal = bank_account_of(view.company, transaction).journal_id;
    record["journal"] = view.reference("journals", journal);
    record["customer"] = third_party(view, "customers", transaction.customer_id);
    record["supplier"] = third_party(view, "suppliers", transaction.supplier_id);
    record["matched_invoices"] =
        view.link(&format!("/transactions/{}/matched_invoices", transaction.id));
    record["interbank_code"] = transaction.interbank_code.into();
    record
}

/// A transaction as in the list of an invoice's matched transactions.
pub(in crate::api) fn matched_transaction(
    view: View<'_>,
    party: Party,
    transaction: &Transaction,
) -> Value {
    let mut record = money_movement(view, transaction);
    record["journal"] = json!({ "id": bank_account_of(view.company, transaction).journal_id });
    match party {
        Party::Customer => {
            record["customer"] = third_party(view, "customers", transaction.customer_id)
        }
        Party::Supplier => {
            record["supplier"] = third_party(view, "suppliers", transaction.supplier_id)
        }
    }
    record
}

/// An invoice matched with a transaction.
pub(in crate::api) fn matched_invoice(view: View<'_>, matched: &MatchedInvoice) -> Value {
    let (kind, list) = match matched {
        MatchedInvoice::Customer(_) => ("customer", "customer_invoices"),
        MatchedInvoice::Supplier(_) => ("supplier", "supplier_invoices"),
    };
    let mut record = view.reference(list, matched.id());
    record["type"] = kind.into();
    record
}

/// What every form of a transaction has.
fn money_movement(view: View<'_>, transaction: &Transaction) -> Value {
    json!({
        "id": transaction.id,
        "label": transaction.label,
        "attachment_required": transaction.attachment_required,
        "date": transaction.date.to_string(),
        "outstanding_balance": plain(transaction.outstanding),
        "currency": "EUR",
        "currency_amount": two_decimals(transaction.amount),
        "amount": two_decimals(transaction.amount),
        "currency_fee": null,
        "fee": null,
        "journal": null,
        "bank_account": view.reference("bank_accounts", transaction.bank_account_id),
        "pro_account_expense": null,
        "categories": view.weights(&transaction.categories),
        "archived_at": null,
        "created_at": instant(transaction.created_at),
        "updated_at": instant(transaction.updated_at),
    })
}

fn third_party(view: View<'_>, list: &str, id: Option<u64>) -> Value {
    id.map_or(Value::Null, |id| view.reference(list, id))
}

fn bank_account_of<'a>(company: &'a Company, transaction: &Transaction) -> &'a BankAccount {
    let found =
        company.bank_accounts.iter().find(|account| account.id == transaction.bank_account_id);
    found.expect("a transaction belongs to a bank account of the company")
}
