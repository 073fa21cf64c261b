//! The company as the tables read it: what exists, what was deleted in the last week, and what is looked up often.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::balance::{self, BalanceRow};
use super::row::Rows;
use crate::company::Company;
use crate::company::model::{
    Customer, LedgerAccount, LedgerEntry, LedgerLine, Supplier, Tombstone,
};

/// `etl` is rebuilt about once a week: what was deleted earlier has vanished.
const DELETED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A company ready to be read table by table.
pub(super) struct Source<'a> {
    pub(super) company: &'a Company,
    pub(super) synchronised_at: Timestamp,
    pub(super) balances: Vec<BalanceRow<'a>>,
    /// Place of a line in the ledger, and of one of its categories.
    pub(super) tags: Vec<(usize, usize)>,
    /// The account of the only third party of an entry.
    third_parties: HashMap<u64, u64>,
    removed_entries: HashMap<u64, &'a LedgerEntry>,
    deleted_since: Timestamp,
}

impl<'a> Source<'a> {
    pub(super) fn new(company: &'a Company) -> Source<'a> {
        let synchronised_at = company.bank_accounts[0].last_sync_at;
        let tags = company
            .lines
            .iter()
            .enumerate()
            .flat_map(|(place, line)| (0..line.categories.len()).map(move |tag| (place, tag)))
            .collect();
        Source {
            company,
            synchronised_at,
            balances: balance::rows(company),
            tags,
            third_parties: third_parties(company),
            removed_entries: company
                .removed
                .entries
                .iter()
                .map(|entry| (entry.record.id, &entry.record))
                .collect(),
            deleted_since: synchronised_at - DELETED_FOR,
        }
    }

    /// The tombstones that `etl` still knows.
    pub(super) fn recent<T>(
        &self,
        tombstones: &'a [Tombstone<T>],
    ) -> impl Iterator<Item = &'a Tombstone<T>> {
        let since = self.deleted_since;
        tombstones.iter().filter(move |tombstone| tombstone.deleted_at >= since)
    }

    /// The two last columns of every private table: when it was deleted and when it was read.
    pub(super) fn end(&self, rows: &mut Rows, deleted_at: Option<Timestamp>) {
        rows.timestamp_or_null(deleted_at).timestamp(self.synchronised_at).end();
    }

    pub(super) fn customer(&self, id: u64) -> &'a Customer {
        let place = self.company.customers.binary_search_by_key(&id, |customer| customer.id);
        &self.company.customers[place.expect("an invoice's customer exists")]
    }

    /// The supplier, who may have been deleted together with the invoice.
    pub(super) fn supplier(&self, id: u64) -> &'a Supplier {
        match self.company.suppliers.binary_search_by_key(&id, |supplier| supplier.id) {
            Ok(place) => &self.company.suppliers[place],
            Err(_) => {
                let gone = self.company.removed.suppliers.iter().find(|gone| gone.record.id == id);
                &gone.expect("an invoice's supplier exists or was deleted with it").record
            }
        }
    }

    pub(super) fn entry(&self, id: u64) -> &'a LedgerEntry {
        self.company
            .entry(id)
            .or_else(|| self.removed_entries.get(&id).copied())
            .expect("a line's entry exists or was deleted with it")
    }

    /// The account of a line's third party: its own, or that of the entry when it has only one.
    pub(super) fn third_party(&self, line: &LedgerLine) -> Option<&'a LedgerAccount> {
        let own = self
            .company
            .account(line.account_id)
            .filter(|account| account.third_party_id.is_some());
        own.or_else(|| self.company.account(*self.third_parties.get(&line.entry_id)?))
    }
}

/// Entries with exactly one third party.
fn third_parties(company: &Company) -> HashMap<u64, u64> {
    let mut found: HashMap<u64, u64> = HashMap::new();
    for entry in &company.entries {
        let mut accounts = company
            .entry_lines(entry)
            .iter()
            .filter_map(|line| company.account(line.account_id))
            .filter(|account| account.third_party_id.is_some())
            .map(|account| account.id);
        if let (Some(only), None) = (accounts.next(), accounts.next()) {
            found.insert(entry.id, only);
        }
    }
    found
}
