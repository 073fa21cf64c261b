//! The books: journals, accounts, entries, lines, fiscal years.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{View, instant};
use crate::api::amount::two_decimals;
use crate::api::filter::Field;
use crate::api::page::Record;
use crate::company::Company;
use crate::company::model::{FiscalYear, Journal, LedgerAccount, LedgerEntry, LedgerLine};

impl Record for Journal {
    fn id(&self) -> u64 {
        self.id
    }

    fn field<'a>(&'a self, name: &str, _company: &'a Company) -> Field<'a> {
        if name == "type" { Field::Text(self.kind.as_str()) } else { Field::Empty }
    }
}

impl Record for LedgerAccount {
    fn id(&self) -> u64 {
        self.id
    }

    fn field<'a>(&'a self, name: &str, _company: &'a Company) -> Field<'a> {
        match name {
            "id" => Field::Id(self.id),
            "number" => Field::Text(&self.number),
            "enabled" => Field::Bool(self.enabled),
            _ => Field::Empty,
        }
    }
}

impl Record for LedgerEntry {
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
            "journal_id" => Field::Id(self.journal_id),
            _ => Field::Empty,
        }
    }
}

impl Record for LedgerLine {
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
            "journal_id" => Field::Id(self.journal_id),
            "ledger_account_id" => Field::Id(self.account_id),
            _ => Field::Empty,
        }
    }
}

impl Record for FiscalYear {
    fn id(&self) -> u64 {
        self.id
    }

    fn day(&self) -> Option<Date> {
        Some(self.start)
    }
}

/// A journal.
pub(in crate::api) fn journal(journal: &Journal) -> Value {
    json!({ "id": journal.id, "code": journal.code, "label": journal.label, "type": journal.kind.as_str() })
}

/// An account of the chart.
pub(in crate::api) fn account(account: &LedgerAccount) -> Value {
    json!({
        "id": account.id,
        "number": account.number,
        "label": account.label,
        "vat_rate": account.vat_code.as_str(),
        "country_alpha2": account.country_alpha2,
        "enabled": account.enabled,
        "type": account.kind.as_str(),
        "letterable": account.letterable,
        "created_at": instant(account.created_at),
        "updated_at": instant(account.updated_at),
    })
}

/// An entry as in the list, with the keys that are kept for older clients.
pub(in crate::api) fn listed_entry(view: View<'_>, entry: &LedgerEntry) -> Value {
    let mut record = entry_without_lines(view, entry);
    record["journal_id"] = entry.journal_id.into();
    record["ledger_attachment_filename"] = entry.filename.as_deref().into();
    record
}

/// An entry at its own address, with its lines.
pub(in crate::api) fn entry(view: View<'_>, entry: &LedgerEntry) -> Value {
    let mut record = entry_without_lines(view, entry);
    let lines = view.company.entry_lines(entry).iter();
    record["ledger_entry_lines"] = lines
        .map(|line| {
            json!({
                "id": line.id,
                "debit": two_decimals(line.debit),
                "credit": two_decimals(line.credit),
                "ledger_account": account_of(view, line),
                "label": &*line.label,
            })
        })
        .collect();
    record
}

/// A line in the list of one entry's lines.
pub(in crate::api) fn own_line(view: View<'_>, line: &LedgerLine) -> Value {
    json!({
        "id": line.id,
        "debit": two_decimals(line.debit),
        "credit": two_decimals(line.credit),
        "label": &*line.label,
        "ledger_account_id": line.account_id,
        "ledger_account": account_of(view, line),
    })
}

/// A line in the list of all lines.
pub(in crate::api) fn line(view: View<'_>, line: &LedgerLine) -> Value {
    let lettering = line.lettering_id.and_then(|id| view.company.lettering(id));
    let lettered_url =
        format!("{}/ledger_entry_lines/{}/lettered_ledger_entry_lines", view.base, line.id);
    json!({
        "id": line.id,
        "debit": two_decimals(line.debit),
        "credit": two_decimals(line.credit),
        "label": &*line.label,
        "categories": view.weights(&line.categories),
        "ledger_account": account_of(view, line),
        "journal": view.reference("journals", line.journal_id),
        "date": line.date.to_string(),
        "ledger_entry": { "id": line.entry_id },
        "lettered_ledger_entry_lines": {
            "ids": lettering.map_or(&[][..], |lettering| &lettering.line_ids),
            "url": lettered_url,
        },
        "created_at": instant(line.created_at),
        "updated_at": instant(line.updated_at),
    })
}

/// A fiscal year.
pub(in crate::api) fn fiscal_year(year: &FiscalYear) -> Value {
    json!({
        "id": year.id,
        "start": year.start.to_string(),
        "finish": year.end.to_string(),
        "status": year.status.as_str(),
        "created_at": instant(year.created_at),
        "updated_at": instant(year.updated_at),
    })
}

fn entry_without_lines(view: View<'_>, entry: &LedgerEntry) -> Value {
    json!({
        "id": entry.id,
        "label": &*entry.label,
        "piece_number": &*entry.piece_number,
        "date": entry.date.to_string(),
        "due_date": entry.due_date.map(|date| date.to_string()),
        "invoice_number": entry.invoice_number.as_deref(),
        "journal": view.reference("journals", entry.journal_id),
        "status": entry.status.map(|status| status.as_str()),
        "categories": view.weights(&entry.categories),
        // Documents themselves are not simulated.
        "attachment": null,
        "created_at": instant(entry.created_at),
        "updated_at": instant(entry.updated_at),
    })
}

fn account_of(view: View<'_>, line: &LedgerLine) -> Value {
    let account =
        view.company.account(line.account_id).expect("a line is booked on an account of the chart");
    json!({
        "id": account.id,
        "number": account.number,
        "url": format!("{}/ledger_accounts/{}", view.base, account.id),
    })
}
