//! The company goes on living: additions, changes, deletions, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use penny_sandbox::company::Company;
use penny_sandbox::company::model::{Operation, Resource};

use super::{holds, usual};

fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).expect("a day").timestamp()
}

/// Every record of a resource with its instants, as text, so that nothing of it escapes the comparison.
fn records(company: &Company, resource: Resource) -> BTreeMap<u64, (Timestamp, Timestamp, String)> {
    macro_rules! list {
        ($records:expr) => {
            $records
                .iter()
                .map(|record| {
                    (record.id, (record.created_at, record.updated_at, format!("{record:?}")))
                })
                .collect()
        };
    }
    match resource {
        Resource::CustomerInvoices => list!(company.customer_invoices),
        Resource::SupplierInvoices => list!(company.supplier_invoices),
        Resource::Customers => list!(company.customers),
        Resource::Suppliers => list!(company.suppliers),
        Resource::Products => list!(company.products),
        Resource::Transactions => list!(company.transactions),
        Resource::LedgerEntryLines => list!(company.lines),
        Resource::LedgerEntriesCategories | Resource::LedgerEntryLinesCategories => BTreeMap::new(),
    }
}

const RESOURCES: [Resource; 7] = [
    Resource::CustomerInvoices,
    Resource::SupplierInvoices,
    Resource::Customers,
    Resource::Suppliers,
    Resource::Products,
    Resource::Transactions,
    Resource::LedgerEntryLines,
];

#[test]
fn the_same_settings_give_the_same_company() {
    holds(2, |company| {
        let again = Company::generate(&company.settings);
        assert_eq!(format!("{company:?}"), format!("{again:?}"));
    });
}

#[test]
fn advancing_changes_exactly_what_the_changelog_says() {
    holds(6, |before| {
        let after = Company::generate(&before.settings.advance(3));
        let noon_of_change = midnight(before.settings.today);
        for resource in RESOURCES {
            let (old, new) = (records(before, resource), records(&after, resource));
            let events = |operation| -> BTreeSet<u64> {
                let of = |change: &&penny_sandbox::company::model::Change| {
                    change.resource == resource
                        && change.operation == operation
                        && change.processed_at >= noon_of_change
                };
                after.changes.iter().filter(of).map(|change| change.id).collect()
            };
            let (inserted, updated, deleted) =
                (events(Operation::Insert), events(Operation::Update), events(Operation::Delete));
            for (id, (created_at, updated_at, text)) in &new {
                match old.get(id) {
                    None => assert!(
                        inserted.contains(id) && *created_at >= noon_of_change,
                        "{resource:?} {id}"
                    ),
                    Some((_, _, before)) if before != text => {
                        assert!(
                            updated.contains(id) && *updated_at >= noon_of_change,
                            "{resource:?} {before} → {text}"
                        );
                    }
                    Some(_) => assert!(!updated.contains(id), "{resource:?} {id} did not change"),
                }
            }
            for id in old.keys().filter(|id| !new.contains_key(id)) {
                assert!(deleted.contains(id), "{resource:?} {id} vanished");
            }
            for id in &deleted {
                assert!(
                    !new.contains_key(id) && (old.contains_key(id) || inserted.contains(id)),
                    "{resource:?} {id}"
                );
            }
        }
    });
}

#[test]
fn advancing_in_steps_is_advancing_at_once() {
    holds(2, |company| {
        let settings = &company.settings;
        assert_eq!(settings.advance(2).advance(3), settings.advance(5));
        assert_eq!(settings.advance(9).created(), settings.created());
    });
}

#[test]
fn three_days_bring_additions_changes_and_deletions() {
    let before = usual();
    let after = Company::generate(&before.settings.advance(3));
    let since = midnight(before.settings.today);
    for operation in [Operation::Insert, Operation::Update, Operation::Delete] {
        let of = after
            .changes
            .iter()
            .filter(|change| change.processed_at >= since && change.operation == operation);
        let resources: BTreeSet<Resource> = of.map(|change| change.resource).collect();
        assert!(
            resources.contains(&Resource::CustomerInvoices),
            "{operation:?} among {resources:?}"
        );
    }
}

#[test]
fn the_changelog_ascends_and_reaches_back_four_weeks() {
    holds(6, |company| {
        let changes = &company.changes;
        assert!(changes.is_sorted_by_key(|change| change.processed_at));
        let today = company.settings.today;
        let four_weeks_ago = midnight(today) - jiff::SignedDuration::from_hours(28 * 24);
        assert!(changes.first().expect("something happened").processed_at < four_weeks_ago);
        assert!(changes.iter().all(|change| change.processed_at < midnight(today)));
        assert!(changes.iter().all(|change| change.created_at <= change.updated_at));
        // Whatever was created or changed in these weeks has its event.
        let known: BTreeSet<(Resource, u64)> =
            changes.iter().map(|change| (change.resource, change.id)).collect();
        for resource in RESOURCES {
            for (id, (created_at, updated_at, _)) in records(company, resource) {
                assert!(
                    created_at <= updated_at && updated_at < midnight(today),
                    "{resource:?} {id}"
                );
                assert!(
                    updated_at < four_weeks_ago || known.contains(&(resource, id)),
                    "{resource:?} {id}"
                );
            }
        }
    });
}

#[test]
fn an_event_follows_the_life_of_its_record() {
    holds(4, |company| {
        let mut alive: BTreeMap<(Resource, u64), bool> = BTreeMap::new();
        for change in &company.changes {
            let key = (change.resource, change.id);
            match (alive.get(&key), change.operation) {
                (None, Operation::Insert) => assert_eq!(change.created_at, change.processed_at),
                (None | Some(true), Operation::Update | Operation::Delete) => {}
                (state, operation) => panic!("{operation:?} of {key:?}, which is {state:?}"),
            }
            alive.insert(key, change.operation != Operation::Delete);
        }
        for resource in RESOURCES {
            let records = records(company, resource);
            for ((_, id), alive) in alive.iter().filter(|((of, _), _)| *of == resource) {
                assert_eq!(records.contains_key(id), *alive, "{resource:?} {id}");
            }
        }
    });
}

#[test]
fn what_was_removed_is_remembered_and_gone() {
    holds(4, |company| {
        let drafts = &company.removed.customer_invoices;
        assert!(!drafts.is_empty() && drafts.iter().all(|gone| gone.record.draft));
        for gone in &company.removed.entries {
            assert!(company.entry(gone.record.id).is_none());
            let lines =
                company.removed.lines.iter().filter(|line| line.record.entry_id == gone.record.id);
            assert_eq!(
                lines.count(),
                gone.record.line_count as usize,
                "an entry is removed as a whole"
            );
        }
        for gone in &company.removed.suppliers {
            let id = gone.record.id;
            assert!(company.supplier_invoices.iter().all(|invoice| invoice.supplier_id != id));
            assert!(company.accounts.iter().all(|account| account.third_party_id != Some(id)));
        }
    });
}
