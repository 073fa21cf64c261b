//! Changelogs: what happened to the records of a resource, oldest first.

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use super::books::Books;
use super::cursor::Cursor;
use super::page::Page;
use super::query::{ListQuery, Parameters};
use super::records::instant;
use super::refusal::Refusal;
use crate::company::model::Change;

/// One page of the events of `resource`.
///
/// # Errors
/// 400 where a cursor and a start date come together, 422 where the start date lies before what is kept.
pub(super) fn page(
    books: &Books,
    resource: &str,
    query: &ListQuery,
    parameters: &Parameters,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let start_date = parameters.instant("start_date")?;
    if start_date.is_some() && query.cursor.is_some() {
        return Err(Refusal::BadRequest(
            "start_date and cursor cannot be used together".to_owned(),
        ));
    }
    let retained = books.retained_since(now);
    if start_date.is_some_and(|start| start < retained) {
        return Err(Refusal::Unprocessable("start_date cannot be older than 4 weeks".to_owned()));
    }
    let changes = &books.company.changes;
    // Several events may bear the same instant, so a position counts those of its instant already given.
    let (since, skip) = match &query.cursor {
        Some(cursor) => {
            let at: Timestamp =
                cursor.text("processed_at")?.parse().map_err(|_| Cursor::invalid())?;
            let seen = usize::try_from(cursor.number("seen")?).map_err(|_| Cursor::invalid())?;
            if at < retained { (retained, 0) } else { (at, seen) }
        }
        None => (start_date.unwrap_or(retained), 0),
    };
    let first = changes.partition_point(|change| change.processed_at < since);
    let of_resource = |change: &&Change| change.resource.as_str() == resource;
    let given =
        changes[first..].iter().filter(of_resource).skip(skip).take(query.limit + 1).collect();
    let page = Page::cut(given, query.limit, |last: &&Change| {
        let first = changes.partition_point(|change| change.processed_at < last.processed_at);
        let same =
            changes[first..].iter().take_while(|change| change.processed_at == last.processed_at);
        let upto_last =
            same.filter(of_resource).take_while(|change| !std::ptr::eq(*change, *last)).count() + 1;
        Cursor::new([("processed_at", instant(last.processed_at)), ("seen", upto_last.into())])
    });
    Ok(page.envelope(|change| {
        json!({
            "id": change.id,
            "operation": change.operation.as_str(),
            "processed_at": instant(change.processed_at),
            "created_at": instant(change.created_at),
            "updated_at": instant(change.updated_at),
        })
    }))
}
