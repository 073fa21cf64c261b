//! A list, page by page.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::call::Call;
use crate::client::Client;
use crate::error::Error;
use crate::query::{Query, QueryError};
use crate::resource::Resource;

/// One page as it comes.
pub(crate) struct Page {
    pub(crate) items: Vec<Map<String, Value>>,
    /// Where the next page is; none after the last.
    pub(crate) next: Option<String>,
}

/// The pages of a list, asked for one at a time.
#[derive(Debug)]
#[must_use = "nothing is asked before `next`"]
pub struct Pages<'a> {
    client: &'a Client,
    resource: &'static Resource,
    pairs: Result<Vec<(String, String)>, QueryError>,
    rows_left: u64,
    cursors: Cursors,
}

impl Client {
    /// Reads a list. A question that the list does not answer is refused by the first page.
    pub fn list<'a>(&'a self, resource: &'static Resource, query: &Query) -> Pages<'a> {
        let rows_left = query.rows_max.unwrap_or(u64::MAX);
        let pairs = query.check(resource).map(|()| {
            let limit = u64::from(resource.limit_max).min(rows_left);
            let limit = (limit > 0).then(|| ("limit".to_owned(), limit.to_string()));
            let asked = query.pairs().into_iter().map(|(name, value)| (name.to_owned(), value));
            limit.into_iter().chain(asked).collect()
        });
        Pages { client: self, resource, pairs, rows_left, cursors: Cursors::default() }
    }
}

impl Pages<'_> {
    /// The next page's records; none after the last page or an error.
    pub async fn next(&mut self) -> Option<Result<Vec<Map<String, Value>>, Error>> {
        if self.cursors.ended || self.rows_left == 0 {
            return None;
        }
        let page = self.page().await;
        if page.is_err() {
            self.cursors.ended = true;
        }
        Some(page)
    }

    async fn page(&mut self) -> Result<Vec<Map<String, Value>>, Error> {
        let pairs = self.pairs.as_ref().map_err(|error| Error::Query(error.clone()))?;
        let mut call = Call::get(self.resource.path, self.resource.scope);
        // The cursor is a position only: filter and sort go with it every time.
        call.pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        call.pairs.extend(self.cursors.next.clone().map(|cursor| ("cursor", cursor)));
        let Page { mut items, next } = Page::read(call.path, self.client.send(&call).await?)?;
        self.cursors.advance(self.resource, next)?;
        items.truncate(usize::try_from(self.rows_left).unwrap_or(usize::MAX));
        self.rows_left -= items.len() as u64;
        Ok(items)
    }
}

impl Page {
    /// Takes an answer apart: `{"items": […], "has_more": …, "next_cursor": …}`.
    pub(crate) fn read(path: &str, answer: Value) -> Result<Page, Error> {
        let unexpected =
            |what: &str| Error::Unexpected { path: path.to_owned(), what: what.to_owned() };
        let Value::Object(mut answer) = answer else {
            return Err(unexpected("it is no object"));
        };
        let Some(Value::Array(items)) = answer.remove("items") else {
            return Err(unexpected("it has no `items`"));
        };
        let record = |item| match item {
            Value::Object(record) => Ok(record),
            _ => Err(unexpected("an item is no object")),
        };
        let items = items.into_iter().map(record).collect::<Result<_, _>>()?;
        let cursor =
            answer.get("next_cursor").and_then(Value::as_str).filter(|text| !text.is_empty());
        let next = match (answer.get("has_more").and_then(Value::as_bool), cursor) {
            (Some(false), _) | (None, None) => None,
            (_, Some(cursor)) => Some(cursor.to_owned()),
            (Some(true), None) => return Err(unexpected("there is more, but no `next_cursor`")),
        };
        Ok(Page { items, next })
    }
}

/// Where a walk through a list is. A cursor that comes back would make it endless.
#[derive(Debug, Default)]
pub(crate) struct Cursors {
    pub(crate) next: Option<String>,
    pub(crate) ended: bool,
    seen: HashSet<String>,
    pages: u64,
}

impl Cursors {
    pub(crate) fn advance(
        &mut self,
        resource: &Resource,
        next: Option<String>,
    ) -> Result<(), Error> {
        self.pages += 1;
        self.ended = next.is_none();
        if let Some(cursor) = &next
            && !self.seen.insert(cursor.clone())
        {
            return Err(Error::CursorRepeated { resource: resource.name, page: self.pages });
        }
        self.next = next;
        Ok(())
    }
}
