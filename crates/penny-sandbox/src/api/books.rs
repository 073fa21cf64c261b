//! A company with the indexes that pages need, each built when it is first asked for.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, OnceLock};

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::page::{DayOrder, Rows};
use super::sandbox::lock;
use super::trial_balance::{self, Balance, Period};
use crate::company::Company;
use crate::company::model::{CustomerInvoice, LedgerEntry, LedgerLine, SupplierInvoice};

/// How long the changelogs keep an event.
const RETENTION: SignedDuration = SignedDuration::from_hours(4 * 7 * 24);

/// How many trial balances are kept: a walk asks for the same one page after page.
const BALANCES_MAX: usize = 8;

/// A company as it is read.
pub(super) struct Books {
    /// The company itself.
    pub company: Company,
    customer_invoices_by_day: DayOrder,
    supplier_invoices_by_day: DayOrder,
    entries_by_day: DayOrder,
    lines_by_day: DayOrder,
    used_accounts: OnceLock<HashSet<u64>>,
    balances: Mutex<VecDeque<(Period, Arc<Vec<Balance>>)>>,
}

impl Books {
    /// Takes a company in; nothing is computed yet.
    pub fn new(company: Company) -> Books {
        // Every look-up and every page rests on this.
        debug_assert!(company.lines.is_sorted_by_key(|line| line.id), "lines are ascending by id");
        debug_assert!(
            company.entries.is_sorted_by_key(|entry| entry.id),
            "entries are ascending by id"
        );
        debug_assert!(
            company.changes.is_sorted_by_key(|change| change.processed_at),
            "changes are ascending by time"
        );
        Books {
            company,
            customer_invoices_by_day: DayOrder::default(),
            supplier_invoices_by_day: DayOrder::default(),
            entries_by_day: DayOrder::default(),
            lines_by_day: DayOrder::default(),
            used_accounts: OnceLock::new(),
            balances: Mutex::default(),
        }
    }

    /// Customer invoices, drafts and credit notes among them.
    pub fn customer_invoices(&self) -> Rows<'_, CustomerInvoice> {
        Rows::with_days(&self.company.customer_invoices, &self.customer_invoices_by_day)
    }

    /// Supplier invoices.
    pub fn supplier_invoices(&self) -> Rows<'_, SupplierInvoice> {
        Rows::with_days(&self.company.supplier_invoices, &self.supplier_invoices_by_day)
    }

    /// Ledger entries.
    pub fn entries(&self) -> Rows<'_, LedgerEntry> {
        Rows::with_days(&self.company.entries, &self.entries_by_day)
    }

    /// Lines of all entries.
    pub fn lines(&self) -> Rows<'_, LedgerLine> {
        Rows::with_days(&self.company.lines, &self.lines_by_day)
    }

    /// Lines of the days from `start` to `end`, both included, by day and id.
    pub fn lines_between(&self, start: Date, end: Date) -> impl Iterator<Item = &LedgerLine> {
        let lines = &self.company.lines;
        let by_day = self.lines_by_day.of(lines);
        let day = |position: &u32| lines[*position as usize].date;
        let from = by_day.partition_point(|position| day(position) < start);
        let past = by_day.partition_point(|position| day(position) <= end);
        by_day[from..past.max(from)].iter().map(|position| &lines[*position as usize])
    }

    /// Ids of the accounts that have at least one line, whenever.
    pub fn used_accounts(&self) -> &HashSet<u64> {
        self.used_accounts
            .get_or_init(|| self.company.lines.iter().map(|line| line.account_id).collect())
    }

    /// The trial balance of a period, computed once for all its pages.
    pub fn trial_balance(&self, period: Period) -> Arc<Vec<Balance>> {
        if let Some((_, rows)) = lock(&self.balances).iter().find(|(known, _)| *known == period) {
            return Arc::clone(rows);
        }
        let rows = Arc::new(trial_balance::compute(self, period));
        let mut balances = lock(&self.balances);
        balances.push_back((period, Arc::clone(&rows)));
        if balances.len() > BALANCES_MAX {
            balances.pop_front();
        }
        rows
    }

    /// The oldest instant whose events the changelogs still have, seen from the company's present:
    /// its own `today` at the time of day that `now` shows. A company may live ahead of the machine's
    /// clock (days were simulated) or behind it (it was set up last week); its changelogs follow it.
    pub fn retained_since(&self, now: Timestamp) -> Timestamp {
        let time = now.to_zoned(TimeZone::UTC).time();
        let today = self.company.settings.today;
        let present = at(today, time);
        present.saturating_sub(RETENTION).unwrap_or(Timestamp::MIN)
    }
}

fn at(day: Date, time: Time) -> Timestamp {
    day.to_datetime(time).to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}
