//! The published tables: how fresh they are, what is in them, who wrote them, what changed.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::ToSpan as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::Asked;
use super::{Answer, Refusal, answer};
use crate::error::{Error, Result};
use crate::looking;
use crate::store::{TablePublish, TableState};
use crate::web::pages::{table as page, tables as pages};
use crate::web::tables::{self, Column, FirstRows, Nulls, Reader, Relation};
use crate::web::visit::Visit;

/// No more publishes than this are told at once.
const PUBLISHES_MAX: usize = 1000;

/// `GET /tables`: the tables that were published, and the others of the schema.
pub async fn tables(visit: Visit) -> Answer {
    let seen = pages::look(&visit).await;
    answer(visit, move |visit| {
        let states = visit.store().table_states()?;
        let told = states.iter().map(|state| {
            let mut told = json_of(visit, state);
            let relation = seen.as_ref().ok().and_then(|seen| seen.get(&state.table));
            told["bytes"] = json!(relation.map(|relation| relation.bytes));
            told
        });
        Ok(json!({
            "tables": told.collect::<Vec<_>>(),
            "others": seen.as_ref().ok().map(|_| {
                pages::others(&seen, &states).into_iter().map(relation_json).collect::<Vec<_>>()
            }),
            "trouble": seen.as_ref().err(),
        }))
    })
    .await
}

/// A published table, as its last publish left it.
pub fn json_of(visit: &Visit, state: &TableState) -> Value {
    let config = &visit.workspace.config;
    let entry = config.notebooks.iter().find(|entry| Some(&entry.name) == state.notebook.as_ref());
    let limit = entry.and_then(|entry| config.freshness(entry));
    json!({
        "table": state.table,
        "notebook": state.notebook,
        "rows": state.rows,
        "published": state.published.to_string(),
        "age_seconds": visit.now.duration_since(state.published).as_secs().max(0),
        "stale_after_seconds": limit.as_ref().map(|limit| limit.limit.as_secs()),
        "stale": limit.as_ref().is_some_and(|limit| limit.is_too_old(state.published, visit.now)),
    })
}

/// A table as PostgreSQL knows it.
fn relation_json(relation: &Relation) -> Value {
    json!({
        "table": relation.name(),
        "view": relation.is_view,
        "rows_about": relation.rows,
        "bytes": (!relation.is_view).then_some(relation.bytes),
        "readable": relation.is_readable,
    })
}

/// `GET /tables/{table}`: its columns and its first rows, as PostgreSQL writes them.
pub async fn table(visit: Visit, Path(name): Path<String>) -> Answer {
    let made = content(&visit, &name).await;
    // What is in a table is told as it is, with its columns' names: a company's figures, which nobody masks.
    made.map_or_else(|refusal| refusal.told(&visit), |told| Answer(StatusCode::OK, told))
}

async fn content(visit: &Visit, name: &str) -> Result<Value, Refusal> {
    let state = page::state(visit, name)?;
    let read = tables::within(visit, async {
        let reader = Reader::open(visit).await?;
        let Some(relation) = reader.relation(name, state.is_some()).await? else { return Ok(None) };
        let known = state.as_ref().map(|state| state.rows);
        let first = reader.first_rows(&relation, known).await?;
        Ok(Some((relation, first)))
    });
    let read = read.await.map_err(|why| Refusal::from(Error::missing(why)))?;
    let (relation, first) = read.ok_or_else(|| no_table(name))?;
    let mut told = relation_json(&relation);
    let FirstRows { columns, columns_all, rows, has_more, counted } = first;
    told["published"] = json!(state.map(|state| json_of(visit, &state)));
    told["rows"] = json!(counted);
    told["columns"] = columns.iter().map(column_json).collect();
    told["columns_all"] = json!(columns_all);
    told["first_rows"] = json!(rows);
    told["has_more"] = json!(has_more);
    Ok(told)
}

fn column_json(column: &Column) -> Value {
    json!({
        "name": column.name,
        "type": column.type_name,
        "key": column.is_key,
        "nulls": match column.nulls {
            Some(Nulls::Counted(count)) => Some(count),
            _ => None,
        },
        "nulls_share": match column.nulls {
            Some(Nulls::About(share)) => Some(share),
            _ => None,
        },
    })
}

/// `GET /tables/{table}/csv`: the whole of it as a file that Excel opens.
pub async fn csv(visit: Visit, Path(name): Path<String>) -> Response {
    let refusal = match page::whole_table(&visit, &name).await {
        Ok(Some(file)) => return file,
        Ok(None) => no_table(&name),
        Err(why) => Error::missing(why).into(),
    };
    refusal.told(&visit).into_response()
}

/// How many publishes are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    limit: Option<usize>,
}

/// `GET /tables/{table}/publishes`: who published it, the newest first.
pub async fn publishes(
    visit: Visit,
    Path(name): Path<String>,
    Asked(count): Asked<Count>,
) -> Answer {
    answer(visit, move |visit| {
        let limit = count.limit.unwrap_or(page::PUBLISHES).min(PUBLISHES_MAX);
        published(visit, &name)?;
        let publishes = visit.store().publishes_of_table(&name, limit)?;
        let publishes = publishes.iter().map(publish_json).collect::<Vec<_>>();
        Ok(json!({ "table": name, "publishes": publishes }))
    })
    .await
}

fn publish_json(publish: &TablePublish) -> Value {
    json!({
        "at": publish.at.to_string(),
        "run": publish.run.as_ref().map(|(run, _)| run),
        "notebook": publish.run.as_ref().map(|(_, notebook)| notebook),
        "rows": publish.rows,
        "rows_before": publish.rows_before(),
        "rows_inserted": publish.count("rows_inserted"),
        "rows_deleted": publish.count("rows_deleted"),
    })
}

/// The moments between which the changes are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    from: String,
    to: Option<String>,
}

/// `GET /tables/{table}/changes`: what changed in its data between two moments.
pub async fn changes(
    visit: Visit,
    Path(name): Path<String>,
    Asked(between): Asked<Between>,
) -> Answer {
    answer(visit, move |visit| {
        published(visit, &name)?;
        let (now, zone) = (visit.now, visit.zone());
        let from = looking::since(&between.from, now, zone)
            .map_err(|error| Refusal::of_field("from", error))?;
        let to = match &between.to {
            Some(to) => looking::until(to, now, zone).map_err(|e| Refusal::of_field("to", e))?,
            None => now,
        };
        if from > to {
            let error = Error::usage("it is after `to`").hint("name the earlier time first");
            return Err(Refusal::of_field("from", error));
        }
        // What was published in the first moment of a day belongs to that day.
        let before = |at: jiff::Timestamp| at.saturating_sub(1.microsecond()).unwrap_or(at);
        Ok(looking::table_change(visit.store(), &name, before(from), before(to))?.json())
    })
    .await
}

/// Fails unless a table was ever published.
fn published(visit: &Visit, name: &str) -> Result<TableState, Refusal> {
    page::state(visit, name)?.ok_or_else(|| no_table(name))
}

fn no_table(name: &str) -> Refusal {
    let error = Error::usage(format!("there is no table `{name}`"));
    Refusal::lost(error.hint("/api/v1/tables lists them"))
}
