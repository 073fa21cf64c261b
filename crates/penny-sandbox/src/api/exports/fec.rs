//! The FEC (fichier des écritures comptables): eighteen fields, tab between them, one line per ledger line.

use std::collections::HashMap;
use std::fmt::Write;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::api::amount::decimal_comma;
use crate::api::books::Books;
use crate::api::trial_balance::{general_number, label_of};
use crate::company::model::{FiscalYear, Journal, JournalKind, LedgerEntry, LedgerLine};

const HEADER: &str = "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\tCompAuxLib\t\
    PieceRef\tPieceDate\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\tMontantdevise\tIdevise\r\n";

/// The entries from `start` to `end`, both included, in UTF-8: year by year, opening entries first, then by day.
///
/// `EcritureNum` counts the entries of each journal of a year, so that a part of a year has the same numbers
/// as the whole. `ValidDate` is the day the year was closed, and empty while it is open.
pub(super) fn write(books: &Books, start: Date, end: Date) -> String {
    let mut text = String::from(HEADER);
    let accounts = account_texts(books);
    for year in &books.company.fiscal_years {
        if year.end < start || year.start > end {
            continue;
        }
        let mut numbers: HashMap<&str, u64> = HashMap::new();
        for (entry, journal) in entries_of(books, year) {
            let number = numbers.entry(journal.code).or_default();
            *number += 1;
            if entry.date < start || entry.date > end {
                continue;
            }
            let number = format!("{}-{number:06}", journal.code);
            for line in books.company.entry_lines(entry) {
                write_line(
                    &mut text,
                    &Piece { books, year, journal, entry, number: &number },
                    line,
                    &accounts,
                );
            }
        }
    }
    text
}

/// What the lines of one entry share.
struct Piece<'a> {
    books: &'a Books,
    year: &'a FiscalYear,
    journal: &'a Journal,
    entry: &'a LedgerEntry,
    number: &'a str,
}

/// The four fields of an account: general number and label, auxiliary number and label.
type AccountTexts = HashMap<u64, String>;

fn account_texts(books: &Books) -> AccountTexts {
    let texts = books.company.accounts.iter().map(|account| {
        let number = general_number(account);
        let label = field(&label_of(books, number, account));
        let auxiliary = if number == account.number {
            "\t".to_owned()
        } else {
            format!("{}\t{}", field(&account.number), field(&account.label))
        };
        // The first three digits are those of the official chart: 58 is written 580.
        (account.id, format!("{number:0<3}\t{label}\t{auxiliary}"))
    });
    texts.collect()
}

/// The entries of a year with their journals: opening entries, then all others by day and order of creation.
fn entries_of<'a>(books: &'a Books, year: &FiscalYear) -> Vec<(&'a LedgerEntry, &'a Journal)> {
    let company = &books.company;
    let of_year =
        company.entries.iter().filter(|entry| (year.start..=year.end).contains(&entry.date));
    let with_journal = of_year.map(|entry| {
        let journal =
            company.journal(entry.journal_id).expect("an entry is in a journal of the company");
        (entry, journal)
    });
    let mut entries: Vec<_> = with_journal.collect();
    entries.sort_by_key(|(entry, journal)| {
        (journal.kind != JournalKind::Carryover, entry.date, entry.id)
    });
    entries
}

fn write_line(text: &mut String, piece: &Piece<'_>, line: &LedgerLine, accounts: &AccountTexts) {
    let account =
        accounts.get(&line.account_id).expect("a line is booked on an account of the chart");
    let lettering = line.lettering_id.and_then(|id| piece.books.company.lettering(id));
    let (letters, lettered_on) = lettering
        .map_or((String::new(), String::new()), |group| (field(&group.code), compact(group.date)));
    let (date, debit, credit) =
        (compact(piece.entry.date), decimal_comma(line.debit), decimal_comma(line.credit));
    let valid = piece.year.closed_at.map(|at| compact(day_of(at))).unwrap_or_default();
    writeln!(
        text,
        "{}\t{}\t{}\t{date}\t{account}\t{}\t{date}\t{}\t{debit}\t{credit}\t{letters}\t{lettered_on}\t{valid}\t\t\r",
        piece.journal.code,
        field(piece.journal.label),
        piece.number,
        field(&piece.entry.piece_number),
        field(&line.label),
    )
    .expect("writing to a string does not fail");
}

fn compact(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// A field holds neither the separator nor the end of a line.
fn field(text: &str) -> String {
    text.replace(['\t', '\r', '\n'], " ")
}
