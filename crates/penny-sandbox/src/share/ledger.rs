//! Rows of the ledger, of its analysis and of the trial balance.

use jiff::Timestamp;

use super::records::company;
use super::row::Rows;
use super::source::Source;
use super::table::{Filler, each};
use crate::company::model::{JournalKind, LedgerEntry, LedgerLine};

pub(super) fn general_ledger<'a>(source: &'a Source<'a>) -> Filler<'a> {
    let live = source.company.lines.iter().map(|line| (line, None));
    let gone = source
        .recent(&source.company.removed.lines)
        .map(|gone| (&gone.record, Some(gone.deleted_at)));
    // Lines of one entry follow each other: it is looked up once.
    let mut entry: Option<&LedgerEntry> = None;
    each(live.chain(gone), move |(line, deleted_at): (&LedgerLine, Option<Timestamp>), rows| {
        let of_line = match entry {
            Some(known) if known.id == line.entry_id => known,
            _ => source.entry(line.entry_id),
        };
        entry = Some(of_line);
        write_line(source, line, of_line, rows);
        source.end(rows, deleted_at);
    })
}

fn write_line(source: &Source<'_>, line: &LedgerLine, entry: &LedgerEntry, rows: &mut Rows) {
    company(source, rows);
    rows.int(line.id).date(line.date).int_or_null(line.lettering_id).text(&line.label);
    rows.cents(line.debit).cents(line.credit);
    match source.company.account(line.account_id) {
        Some(account) => rows.text(&account.number).text(&account.label),
        // Only the auxiliary account of a supplier entered by mistake is gone.
        None => rows.text("401").text("Fournisseurs"),
    };
    let journal = source.company.journal(line.journal_id).expect("a line's journal exists");
    rows.text(journal.code).text(journal.label).int(entry.id).text(&entry.label);
    rows.text_or_null(entry.invoice_number.as_deref()).text(&entry.piece_number);
    match source.third_party(line) {
        Some(account) => {
            rows.int_or_null(account.third_party_id).text(&account.number).text(&account.label)
        }
        None => rows.null().null().null(),
    };
    match entry.invoice_id {
        Some(invoice) => rows.text(&invoice_link(source, journal.kind, invoice)),
        None => rows.null(),
    };
    rows.text_or_null(entry.created_by).timestamp(entry.created_at).timestamp(entry.updated_at);
}

fn invoice_link(source: &Source<'_>, journal: JournalKind, invoice: u64) -> String {
    let list = match journal {
        JournalKind::Sales => "clients/customer_invoices",
        _ => "suppliers/supplier_invoices",
    };
    format!(
        "https://app.pennylane.com/companies/{}/{list}?invoice_id={invoice}",
        source.company.identity.id
    )
}

/// One row per line and category.
pub(super) fn tags<'a>(source: &'a Source<'a>) -> Filler<'a> {
    let company = source.company;
    each(&source.tags, move |(line, tag), rows| {
        let line = &company.lines[*line];
        let weighted = line.categories[*tag];
        let place =
            company.categories.binary_search_by_key(&weighted.category_id, |category| category.id);
        let category = &company.categories[place.expect("a line's category exists")];
        let place =
            company.category_groups.binary_search_by_key(&category.group_id, |group| group.id);
        let group = &company.category_groups[place.expect("a category's group exists")];
        rows.int(line.id).text(&group.label).text(&category.label);
        rows.text_or_null(category.analytical_code.as_deref());
        // A per cent is a hundredth, which is what `cents` writes.
        rows.cents(weighted.percent.into());
        source.end(rows, None);
    })
}

pub(super) fn trial_balance<'a>(source: &'a Source<'a>) -> Filler<'a> {
    each(&source.balances, |row, rows| {
        company(source, rows);
        rows.int_or_null(row.account_id)
            .text(row.number)
            .text(row.vat_code.as_str())
            .text(row.country_alpha2);
        rows.text(row.label)
            .text("true")
            .cents(row.debits)
            .cents(row.credits)
            .cents(row.debits - row.credits);
        rows.int(row.lines)
            .int(0)
            .date(row.year.start)
            .date(row.year.end)
            .timestamp(row.updated_at);
        source.end(rows, None);
    })
}
