//! The changelog while the company lives.

use jiff::Timestamp;

use super::model::{Change, Operation, Resource};

/// Keeps the events since a day, in order; earlier ones are forgotten at once.
#[derive(Debug)]
pub(super) struct ChangeLog {
    since: Timestamp,
    changes: Vec<Change>,
}

impl ChangeLog {
    pub(super) fn new(since: Timestamp) -> ChangeLog {
        ChangeLog { since, changes: Vec::new() }
    }

    /// Whether an event of this instant is kept.
    pub(super) fn keeps(&self, at: Timestamp) -> bool {
        at >= self.since
    }

    pub(super) fn inserted(&mut self, resource: Resource, id: u64, at: Timestamp) {
        self.push(resource, id, Operation::Insert, at, at);
    }

    pub(super) fn updated(
        &mut self,
        resource: Resource,
        id: u64,
        created_at: Timestamp,
        at: Timestamp,
    ) {
        self.push(resource, id, Operation::Update, created_at, at);
    }

    pub(super) fn deleted(
        &mut self,
        resource: Resource,
        id: u64,
        created_at: Timestamp,
        at: Timestamp,
    ) {
        self.push(resource, id, Operation::Delete, created_at, at);
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    fn push(
        &mut self,
        resource: Resource,
        id: u64,
        operation: Operation,
        created_at: Timestamp,
        at: Timestamp,
    ) {
        if self.keeps(at) {
            self.changes.push(Change {
                resource,
                id,
                operation,
                processed_at: at,
                created_at,
                updated_at: at,
            });
        }
    }
}
