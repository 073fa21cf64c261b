//! The ledger while it is written: accounts, entries, lines, lettering, running balances.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::chart;
use super::ids;
use super::log::ChangeLog;
use super::model::{
    AccountKind, Cents, EntryStatus, LedgerAccount, LedgerEntry, LedgerLine, Lettering, Resource,
    Tombstone, VatCode, WeightedCategory,
};

/// The journals that are written to; they come first, and in this order, in [`super::founding::journals`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Book {
    Sales,
    Purchases,
    Misc,
    Carryover,
    CurrentAccount,
    SavingsAccount,
    Vat,
    Payroll,
}

/// Places in the lists of [`Books`].
pub(super) type Account = usize;
pub(super) type Entry = usize;
pub(super) type Line = usize;

/// What an entry says besides its lines.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    pub(super) book: Book,
    pub(super) date: Date,
    pub(super) label: Arc<str>,
    pub(super) piece: Arc<str>,
    pub(super) due_date: Option<Date>,
    pub(super) invoice_number: Option<Arc<str>>,
    pub(super) invoice_id: Option<u64>,
    pub(super) status: Option<EntryStatus>,
    pub(super) filename: Option<String>,
    pub(super) created_by: Option<&'static str>,
    pub(super) categories: Vec<WeightedCategory>,
}

impl Heading {
    /// An entry that comes from neither invoice nor transaction.
    pub(super) fn plain(book: Book, date: Date, label: &str, piece: String) -> Heading {
        Heading {
            book,
            date,
            label: label.into(),
            piece: piece.into(),
            due_date: None,
            invoice_number: None,
            invoice_id: None,
            status: None,
            filename: None,
            created_by: None,
            categories: Vec::new(),
        }
    }
}

/// A line to post: an amount on an account, debits positive, credits negative.
#[derive(Debug, Clone)]
pub(super) struct Leg {
    pub(super) account: Account,
    pub(super) amount: Cents,
    pub(super) categories: Vec<WeightedCategory>,
}

impl Leg {
    pub(super) fn debit(account: Account, amount: Cents) -> Leg {
        Leg { account, amount, categories: Vec::new() }
    }

    pub(super) fn credit(account: Account, amount: Cents) -> Leg {
        Leg::debit(account, -amount)
    }

    pub(super) fn tagged(mut self, categories: &[WeightedCategory]) -> Leg {
        self.categories = categories.to_vec();
        self
    }
}

#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) accounts: Vec<LedgerAccount>,
    pub(super) entries: Vec<LedgerEntry>,
    pub(super) lines: Vec<LedgerLine>,
    pub(super) letterings: Vec<Lettering>,
    pub(super) removed_entries: Vec<Tombstone<LedgerEntry>>,
    pub(super) removed_lines: Vec<Tombstone<LedgerLine>>,
    /// Debits less credits of each account: since the foundation for classes 1 to 5, of the year for 6 and 7.
    balances: Vec<Cents>,
    groups_per_account: HashMap<u64, u32>,
    places: HashMap<(String, VatCode), Account>,
    gone: HashSet<u64>,
}

impl Books {
    /// Books with the whole chart and no entry.
    pub(super) fn new(at: Timestamp) -> Books {
        let mut books = Books::default();
        for row in chart::CHART {
            books.open_account(row.number, row.label, row.vat_code, row.kind, None, at);
        }
        books
    }

    /// Adds an account; number and VAT code must be new together.
    pub(super) fn open_account(
        &mut self,
        number: &str,
        label: &str,
        vat_code: VatCode,
        kind: AccountKind,
        third_party_id: Option<u64>,
        at: Timestamp,
    ) -> Account {
        let account = self.accounts.len();
        self.accounts.push(LedgerAccount {
            id: ids::ACCOUNTS.id(account),
            number: number.to_owned(),
            label: label.to_owned(),
            vat_code,
            country_alpha2: if vat_code == VatCode::Any { "any" } else { "FR" },
            enabled: true,
            kind,
            letterable: chart::is_letterable(number),
            third_party_id,
            created_at: at,
            updated_at: at,
        });
        self.balances.push(0);
        let previous = self.places.insert((number.to_owned(), vat_code), account);
        assert!(previous.is_none(), "account {number} exists already");
        account
    }

    /// Takes an account without lines out of the chart.
    pub(super) fn close_account(&mut self, account: Account) {
        assert_eq!(self.balances[account], 0, "only an unused account is closed");
        let closed = &self.accounts[account];
        self.gone.insert(closed.id);
        self.places.remove(&(closed.number.clone(), closed.vat_code));
    }

    /// Whether a number is taken (by an account without VAT code).
    pub(super) fn has_number(&self, number: &str) -> bool {
        self.places.contains_key(&(number.to_owned(), VatCode::Any))
    }

    /// The account of the chart with this number and no VAT code.
    pub(super) fn account(&self, number: &str) -> Account {
        self.taxed_account(number, VatCode::Any)
    }

    /// The account of this number for this VAT code, else the one for any.
    pub(super) fn taxed_account(&self, number: &str, vat_code: VatCode) -> Account {
        let place = |code| self.places.get(&(number.to_owned(), code));
        *place(vat_code).or_else(|| place(VatCode::Any)).unwrap_or_else(|| {
            panic!("the chart has an account {number} for {}", vat_code.as_str())
        })
    }

    /// Debits less credits of an account of the chart.
    pub(super) fn balance(&self, number: &str) -> Cents {
        self.balances[self.account(number)]
    }

    /// Debits less credits of an account.
    pub(super) fn balance_of(&self, account: Account) -> Cents {
        self.balances[account]
    }

    /// Debits less credits of all accounts whose number begins so.
    pub(super) fn balance_under(&self, prefix: &str) -> Cents {
        self.accounts_under(prefix).map(|account| self.balances[account]).sum()
    }

    /// All accounts whose number begins so.
    pub(super) fn accounts_under(&self, prefix: &str) -> impl Iterator<Item = Account> {
        (0..self.accounts.len())
            .filter(move |account| self.accounts[*account].number.starts_with(prefix))
    }

    /// Writes an entry. Legs of amount 0 are left out; the others must balance.
    pub(super) fn post(
        &mut self,
        heading: Heading,
        legs: &[Leg],
        at: Timestamp,
        log: &mut ChangeLog,
    ) -> Entry {
        for leg in legs {
            self.balances[leg.account] += leg.amount;
        }
        self.write(heading, legs, at, log)
    }

    /// Writes an opening entry: balances stay what they are, as the entry repeats them.
    pub(super) fn carry_over(
        &mut self,
        heading: Heading,
        legs: &[Leg],
        at: Timestamp,
        log: &mut ChangeLog,
    ) -> Entry {
        self.write(heading, legs, at, log)
    }

    fn write(
        &mut self,
        heading: Heading,
        legs: &[Leg],
        at: Timestamp,
        log: &mut ChangeLog,
    ) -> Entry {
        let sum: Cents = legs.iter().map(|leg| leg.amount).sum();
        assert_eq!(
            sum, 0,
            "entry `{}` of {} does not balance: {legs:?}",
            heading.label, heading.date
        );
        let entry = self.entries.len();
        let (entry_id, journal_id) =
            (ids::ENTRIES.id(entry), ids::JOURNALS.id(heading.book as usize));
        let first = self.lines.len();
        for leg in legs.iter().filter(|leg| leg.amount != 0) {
            let id = ids::LINES.id(self.lines.len());
            log.inserted(Resource::LedgerEntryLines, id, at);
            if !leg.categories.is_empty() {
                log.inserted(Resource::LedgerEntryLinesCategories, id, at);
            }
            self.lines.push(LedgerLine {
                id,
                entry_id,
                journal_id,
                account_id: self.accounts[leg.account].id,
                date: heading.date,
                debit: leg.amount.max(0),
                credit: (-leg.amount).max(0),
                label: heading.label.clone(),
                lettering_id: None,
                categories: leg.categories.clone(),
                created_at: at,
                updated_at: at,
            });
        }
        let line_count = self.lines.len() - first;
        assert!(line_count >= 2, "entry `{}` of {} has no two lines", heading.label, heading.date);
        if !heading.categories.is_empty() {
            log.inserted(Resource::LedgerEntriesCategories, entry_id, at);
        }
        self.entries.push(LedgerEntry {
            id: entry_id,
            journal_id,
            date: heading.date,
            label: heading.label,
            piece_number: heading.piece,
            due_date: heading.due_date,
            invoice_number: heading.invoice_number,
            invoice_id: heading.invoice_id,
            status: heading.status,
            filename: heading.filename,
            created_by: heading.created_by,
            first_line_id: ids::LINES.id(first),
            line_count: line_count as u32,
            categories: heading.categories,
            created_at: at,
            updated_at: at,
        });
        entry
    }

    /// Places of an entry's lines.
    pub(super) fn lines_of(&self, entry: Entry) -> std::ops::Range<Line> {
        let first = ids::LINES.index(self.entries[entry].first_line_id);
        first..first + self.entries[entry].line_count as usize
    }

    /// The line of an entry on this account.
    pub(super) fn line_on(&self, entry: Entry, account: Account) -> Line {
        let id = self.accounts[account].id;
        self.lines_of(entry)
            .find(|line| self.lines[*line].account_id == id)
            .expect("the entry was posted with a line on this account")
    }

    /// Letters lines of one account that settle each other. A single line of amount 0 can't exist, so ≥ 2.
    pub(super) fn letter(&mut self, lines: &[Line], at: Timestamp, log: &mut ChangeLog) {
        let account_id = self.lines[lines[0]].account_id;
        let sum: Cents =
            lines.iter().map(|line| self.lines[*line].debit - self.lines[*line].credit).sum();
        assert_eq!(sum, 0, "a lettering balances");
        let id = ids::LETTERINGS.id(self.letterings.len());
        let mut date = Date::MIN;
        let mut line_ids = Vec::with_capacity(lines.len());
        for &place in lines {
            let line = &mut self.lines[place];
            assert!(
                line.account_id == account_id && line.lettering_id.is_none(),
                "a lettering is of one account"
            );
            line.lettering_id = Some(id);
            date = date.max(line.date);
            line_ids.push(line.id);
            self.touch_line(place, at, log);
        }
        line_ids.sort_unstable();
        let rank = self.groups_per_account.entry(account_id).or_default();
        let code = letters(*rank);
        *rank += 1;
        self.letterings.push(Lettering { id, account_id, code, date, line_ids });
    }

    /// Letters all lines of an account that are not lettered yet, if they settle each other.
    pub(super) fn letter_all(
        &mut self,
        account: Account,
        open: &mut Vec<Line>,
        at: Timestamp,
        log: &mut ChangeLog,
    ) {
        if open.len() >= 2 && self.balances[account] == 0 {
            self.letter(open, at, log);
            open.clear();
        }
    }

    /// Moves a line to another account: an operation was identified.
    pub(super) fn move_line(
        &mut self,
        line: Line,
        account: Account,
        at: Timestamp,
        log: &mut ChangeLog,
    ) {
        let amount = self.lines[line].debit - self.lines[line].credit;
        self.balances[ids::ACCOUNTS.index(self.lines[line].account_id)] -= amount;
        self.balances[account] += amount;
        self.lines[line].account_id = self.accounts[account].id;
        self.touch_line(line, at, log);
    }

    /// Gives an entry and its lines another label.
    pub(super) fn relabel(
        &mut self,
        entry: Entry,
        label: Arc<str>,
        at: Timestamp,
        log: &mut ChangeLog,
    ) {
        for line in self.lines_of(entry) {
            self.lines[line].label = label.clone();
            self.touch_line(line, at, log);
        }
        self.entries[entry].label = label;
    }

    /// Gives the tagged lines of an entry another analysis.
    pub(super) fn retag(
        &mut self,
        entry: Entry,
        tags: &[WeightedCategory],
        at: Timestamp,
        log: &mut ChangeLog,
    ) {
        for place in self.lines_of(entry) {
            if self.lines[place].categories.is_empty() {
                continue;
            }
            self.lines[place].categories = tags.to_vec();
            let line = &self.lines[place];
            log.updated(Resource::LedgerEntryLinesCategories, line.id, line.created_at, at);
            self.touch_line(place, at, log);
        }
        let (id, created_at) = (self.entries[entry].id, self.entries[entry].created_at);
        if !self.entries[entry].categories.is_empty() {
            self.entries[entry].categories = tags.to_vec();
            log.updated(Resource::LedgerEntriesCategories, id, created_at, at);
        }
    }

    /// Removes an entry with its lines, as if it had never been; it must not be lettered.
    pub(super) fn remove(&mut self, entry: Entry, at: Timestamp, log: &mut ChangeLog) {
        for place in self.lines_of(entry) {
            let line = &self.lines[place];
            assert!(line.lettering_id.is_none(), "a lettered entry is not removed");
            self.balances[ids::ACCOUNTS.index(line.account_id)] -= line.debit - line.credit;
            if !line.categories.is_empty() {
                log.deleted(Resource::LedgerEntryLinesCategories, line.id, line.created_at, at);
            }
            log.deleted(Resource::LedgerEntryLines, line.id, line.created_at, at);
            self.removed_lines.push(Tombstone { record: line.clone(), deleted_at: at });
        }
        let record = self.entries[entry].clone();
        if !record.categories.is_empty() {
            log.deleted(Resource::LedgerEntriesCategories, record.id, record.created_at, at);
        }
        self.removed_entries.push(Tombstone { record, deleted_at: at });
    }

    /// Forgets the year's expenses and income, once they are the result.
    pub(super) fn begin_year(&mut self) {
        for (account, balance) in self.accounts.iter().zip(&mut self.balances) {
            if account.number.starts_with(['6', '7']) {
                *balance = 0;
            }
        }
    }

    /// Adds to a running balance what no entry of the year said: the result of the year before.
    pub(super) fn take_result(&mut self, account: Account, amount: Cents) {
        self.balances[account] += amount;
    }

    /// Drops what was removed, for good.
    pub(super) fn finish(&mut self) {
        let entries: HashSet<u64> =
            self.removed_entries.iter().map(|entry| entry.record.id).collect();
        if !entries.is_empty() {
            self.entries.retain(|entry| !entries.contains(&entry.id));
            self.lines.retain(|line| !entries.contains(&line.entry_id));
        }
        self.accounts.retain(|account| !self.gone.contains(&account.id));
    }

    fn touch_line(&mut self, place: Line, at: Timestamp, log: &mut ChangeLog) {
        let line = &mut self.lines[place];
        line.updated_at = at;
        log.updated(Resource::LedgerEntryLines, line.id, line.created_at, at);
        self.entries[ids::ENTRIES.index(line.entry_id)].updated_at = at;
    }
}

/// The FEC's letters of the group of this rank: AAA, AAB, ….
fn letters(rank: u32) -> String {
    let letter = |place: u32| char::from(b'A' + (rank / 26_u32.pow(place) % 26) as u8);
    let width = if rank < 26_u32.pow(3) { 3 } else { 5 };
    (0..width).rev().map(letter).collect()
}
