//! The published tables: how fresh they are, what is in them, what changed.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Shown};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, answer, refused, told};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::looking;
use crate::store::TableState;
use crate::web::About;
use crate::web::tables::{self, Reader};
use crate::web::visit::Visit;

/// `GET /tables`: the tables that were published, as their last publish left them.
pub async fn tables(Shown(about): Shown<Arc<About>>) -> Answer {
    answer(about, |about| {
        let (workspace, now) = (about.workspace(), about.clock.wall());
        let states = about.store.table_states()?;
        let told = states.iter().map(|table| json_of(table, &workspace.config, now));
        Ok(json!({ "tables": told.collect::<Vec<_>>() }))
    })
    .await
}

fn json_of(table: &TableState, config: &Config, now: Timestamp) -> Value {
    let entry = config.notebooks.iter().find(|entry| Some(&entry.name) == table.notebook.as_ref());
    let limit = entry.and_then(|entry| config.freshness(entry));
    json!({
        "table": table.table,
        "notebook": table.notebook,
        "rows": table.rows,
        "published": table.published.to_string(),
        "age_seconds": now.duration_since(table.published).as_secs().max(0),
        "stale_after_seconds": limit.as_ref().map(|limit| limit.limit.as_secs()),
        "stale": limit.as_ref().is_some_and(|limit| limit.is_too_old(table.published, now)),
    })
}

/// `GET /tables/{table}`: its columns and its first rows, as PostgreSQL writes them.
pub async fn table(visit: Visit, Path(name): Path<String>) -> Answer {
    let states = match visit.store().table_states() {
        Ok(states) => states,
        Err(error) => return super::failed(&visit.about, &error),
    };
    let state = states.iter().find(|state| state.table == name);
    let read = tables::within(&visit, async {
        let reader = Reader::open(&visit).await?;
        match reader.relation(&name, state.is_some()).await? {
            Some(relation) => reader.first_values(&relation).await.map(Some),
            None => Ok(None),
        }
    });
    let (columns, rows) = match read.await {
        Ok(Some(read)) => read,
        Ok(None) => {
            let error = Error::usage(format!("there is no table `{name}`"));
            return Answer(StatusCode::NOT_FOUND, told(&error.hint("/api/v1/tables lists them")));
        }
        Err(why) => return Answer(StatusCode::SERVICE_UNAVAILABLE, told(&Error::missing(why))),
    };
    let columns = columns
        .iter()
        .map(|column| json!({"name": column.name, "type": column.type_name, "key": column.is_key}));
    Answer(
        StatusCode::OK,
        json!({
            "table": name,
            "published": state.map(|state| json_of(state, &visit.workspace.config, visit.now)),
            "columns": columns.collect::<Vec<_>>(),
            "first_rows": rows,
        }),
    )
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
    Shown(about): Shown<Arc<About>>,
    Path(name): Path<String>,
    between: std::result::Result<Query<Between>, QueryRejection>,
) -> Answer {
    let Query(between) = match between {
        Ok(between) => between,
        Err(why) => return refused(&why.body_text()),
    };
    answer(about, move |about| {
        let (workspace, now) = (about.workspace(), about.clock.wall());
        let moment =
            |text: &str| -> Result<Timestamp> { looking::since(text, now, &workspace.config.zone) };
        let from = moment(&between.from)?;
        let to = between.to.as_deref().map_or(Ok(now), moment)?;
        Ok(looking::table_change(&about.store, &name, from, to)?.json())
    })
    .await
}
