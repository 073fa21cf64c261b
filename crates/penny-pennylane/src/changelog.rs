//! What changed since a moment: the changelog of a list, and the records behind it.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::call::Call;
use crate::client::Client;
use crate::error::Error;
use crate::pages::{Cursors, Page};
use crate::query::{Filter, Operator as Comparison, Query};
use crate::resource::Resource;

/// Every changelog gives this many events in a page.
const LIMIT: &str = "1000";
/// Records asked for by id in one request, so that they fit one page.
const IDS_PER_REQUEST: usize = 100;

/// One event of a changelog; a record can have several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The record that changed.
    pub id: i64,
    /// What happened to it.
    pub operation: Operation,
    /// When; events come in this order.
    pub processed_at: Timestamp,
}

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// It is new.
    Insert,
    /// It changed.
    Update,
    /// It is gone.
    Delete,
}

/// What changed in a list, with its content as it is now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changed {
    /// New and changed records.
    pub records: Vec<Map<String, Value>>,
    /// Records that are gone, including those that went while the others were read.
    pub deleted_ids: Vec<i64>,
    /// The last event: the `since` of the next time. None if nothing happened.
    pub last_event: Option<Timestamp>,
}

/// The events of a changelog, oldest first, asked for one page at a time.
#[derive(Debug)]
#[must_use = "nothing is asked before `next`"]
pub struct ChangelogPages<'a> {
    client: &'a Client,
    resource: &'static Resource,
    path: String,
    since: Option<Timestamp>,
    cursors: Cursors,
}

impl Client {
    /// Reads the changelog of a list, from `since` or from its beginning (Pennylane keeps four weeks).
    pub fn changelog(
        &self,
        resource: &'static Resource,
        since: Option<Timestamp>,
    ) -> ChangelogPages<'_> {
        let path = format!("/changelogs{}", resource.path);
        ChangelogPages { client: self, resource, path, since, cursors: Cursors::default() }
    }

    /// What changed in a list since a moment, each record once, as it is now.
    pub async fn changed(
        &self,
        resource: &'static Resource,
        since: Option<Timestamp>,
    ) -> Result<Changed, Error> {
        // The events are read before the records: what changes in between is in the records already,
        // and in the changelog of the next time.
        let mut events = self.changelog(resource, since);
        let mut last: HashMap<i64, Operation> = HashMap::new();
        let mut order = Vec::new();
        let mut changed = Changed::default();
        while let Some(page) = events.next().await {
            for change in page? {
                if last.insert(change.id, change.operation).is_none() {
                    order.push(change.id);
                }
                changed.last_event = changed.last_event.max(Some(change.processed_at));
            }
        }
        let (deleted, alive): (Vec<i64>, Vec<i64>) =
            order.into_iter().partition(|id| last[id] == Operation::Delete);
        changed.deleted_ids = deleted;
        for ids in alive.chunks(IDS_PER_REQUEST) {
            self.collect(resource, ids, &mut changed).await?;
        }
        Ok(changed)
    }

    /// Adds the records of these ids; those that the list no longer has are gone.
    async fn collect(
        &self,
        resource: &'static Resource,
        ids: &[i64],
        changed: &mut Changed,
    ) -> Result<(), Error> {
        let by_id = Filter::new("id", Comparison::In, ids);
        let mut pages = self.list(resource, &Query { filters: vec![by_id], ..Query::default() });
        let mut missing: Vec<i64> = ids.to_vec();
        while let Some(page) = pages.next().await {
            for record in page? {
                let id = record.get("id").and_then(Value::as_i64);
                let before = missing.len();
                missing.retain(|wanted| Some(*wanted) != id);
                // A record that moved between two pages comes twice.
                if missing.len() < before {
                    changed.records.push(record);
                }
            }
        }
        changed.deleted_ids.extend(missing);
        Ok(())
    }
}

impl Change {
    fn read(item: &Map<String, Value>) -> Option<Change> {
        let operation = match item.get("operation")?.as_str()? {
            "insert" => Operation::Insert,
            "update" => Operation::Update,
            "delete" => Operation::Delete,
            _ => return None,
        };
        let processed_at = item.get("processed_at")?.as_str()?.parse().ok()?;
        Some(Change { id: item.get("id")?.as_i64()?, operation, processed_at })
    }
}

impl ChangelogPages<'_> {
    /// The next events; none after the last page or an error.
    pub async fn next(&mut self) -> Option<Result<Vec<Change>, Error>> {
        if self.cursors.ended {
            return None;
        }
        let page = self.page().await;
        if page.is_err() {
            self.cursors.ended = true;
        }
        Some(page)
    }

    async fn page(&mut self) -> Result<Vec<Change>, Error> {
        if !self.resource.changelog {
            return Err(Error::NoChangelog { resource: self.resource.name });
        }
        let mut call = Call::get(&self.path, self.resource.scope);
        call.pairs.push(("limit", LIMIT.to_owned()));
        // A start and a cursor in one request are refused.
        match (&self.cursors.next, self.since) {
            (Some(cursor), _) => call.pairs.push(("cursor", cursor.clone())),
            (None, Some(since)) => call.pairs.push(("start_date", since.to_string())),
            (None, None) => {}
        }
        let answer = self.client.send(&call).await.map_err(|error| self.too_old(error))?;
        let page = Page::read(&self.path, answer)?;
        self.cursors.advance(self.resource, page.next)?;
        page.items.iter().map(|item| self.change(item)).collect()
    }

    fn change(&self, item: &Map<String, Value>) -> Result<Change, Error> {
        Change::read(item).ok_or_else(|| Error::Unexpected {
            path: self.path.clone(),
            what: format!("an event is not understood: {}", Value::Object(item.clone())),
        })
    }

    /// The one business rule of changelogs is how far back they go.
    fn too_old(&self, error: Error) -> Error {
        match (error, self.since) {
            (Error::Refused { status: 422, .. }, Some(since)) => {
                Error::ChangelogTooOld { resource: self.resource.name, since }
            }
            (error, _) => error,
        }
    }
}
