//! One run: how it went, its notebook, what it showed and published, what the log says, and what differs from another.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::Asked;
use super::{Answer, Refusal, answer};
use crate::error::{Error, Result};
use crate::looking::{self, PastRun, log_of_run, rows_moved};
use crate::store::{RunId, RunRecord};
use crate::web::pages::run as page;
use crate::web::visit::Visit;

/// No more cells than this are told at once.
const CELLS_MAX: usize = 500;
/// So many when the request does not say.
const CELLS: usize = 100;

/// Which try of a run is asked for: its last, when that is not said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    attempt: Option<u32>,
}

/// `GET /runs/{run}`: all that is known of a run.
pub async fn run(visit: Visit, Path(id): Path<String>, Asked(which): Asked<Which>) -> Answer {
    let seat = visit.about.notebooks.seat().await;
    answer(visit, move |visit| {
        let _seat = seat;
        Ok(past(visit, &id, which.attempt)?.json())
    })
    .await
}

/// What a request for cells may ask.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    attempt: Option<u32>,
    /// The first cell, from 0.
    from: Option<usize>,
    limit: Option<usize>,
}

/// `GET /runs/{run}/cells`: its notebook cell by cell, and where their outputs are.
pub async fn cells(visit: Visit, Path(id): Path<String>, Asked(part): Asked<Part>) -> Answer {
    let seat = visit.about.notebooks.seat().await;
    answer(visit, move |visit| {
        let _seat = seat;
        let (from, limit) = (part.from.unwrap_or(0), part.limit.unwrap_or(CELLS).min(CELLS_MAX));
        let run = found(visit, &id)?;
        let looked_at = page::looked_at(visit, run, part.attempt).map_err(Refusal::unknown)?;
        Ok(page::cells(visit, looked_at, from, limit))
    })
    .await
}

/// `GET /runs/{run}/outputs/{cell}/{output}`: all of an output, as text or as a picture.
pub async fn output(
    visit: Visit,
    Path(address): Path<(String, String, String)>,
    Asked(which): Asked<Which>,
) -> Response {
    let visit = Arc::new(visit);
    let error = Error::usage("that output is not there");
    let lost = error.hint(format!("/api/v1/runs/{}/cells lists its cells and outputs", address.0));
    file(&visit, page::whole_output(&visit, address, which.attempt).await, lost)
}

/// `GET /runs/{run}/notebook`: its output notebook.
pub async fn notebook(
    visit: Visit,
    Path(id): Path<String>,
    Asked(which): Asked<Which>,
) -> Response {
    let visit = Arc::new(visit);
    let lost = Error::usage("the notebook of that run is not there");
    let lost = lost.hint(format!("/api/v1/runs/{id} tells whether it was removed"));
    file(&visit, page::output_notebook(&visit, id, which.attempt).await, lost)
}

/// A file, or why there is none.
fn file(visit: &Visit, made: Result<Option<Response>>, lost: Error) -> Response {
    match made {
        Ok(Some(file)) => file,
        Ok(None) => Refusal::lost(lost).told(visit).into_response(),
        Err(error) => Refusal::from(error).told(visit).into_response(),
    }
}

/// `GET /runs/{run}/tables`: what it published, and the rows that came, went and changed.
pub async fn tables(visit: Visit, Path(id): Path<String>) -> Answer {
    answer(visit, move |visit| {
        let store = visit.store();
        let publishes = store.publishes_of(found(visit, &id)?.id)?;
        let tables = looking::last_of_each_table(&publishes).into_iter().map(|publish| {
            Ok(json!({
                "table": publish.table,
                "published": publish.at.to_string(),
                "rows": publish.rows,
                "moved": rows_moved(store, publish)?.json(),
                "report": publish.report,
            }))
        });
        Ok(json!({ "tables": tables.collect::<Result<Vec<Value>>>()? }))
    })
    .await
}

/// `GET /runs/{run}/log`: what the log says of it.
pub async fn log(visit: Visit, Path(id): Path<String>) -> Answer {
    answer(visit, move |visit| {
        let path = visit.workspace.log();
        let entries = log_of_run(&path, &found(visit, &id)?);
        let entries = entries.map_err(|error| Error::file("read", &path, error))?;
        let entries = entries.iter().map(|entry| {
            json!({"at": entry.at.to_string(), "level": entry.level, "message": entry.message})
        });
        Ok(json!({ "entries": entries.collect::<Vec<_>>() }))
    })
    .await
}

/// `GET /runs/{run}/compare/{other}`: what changed from one run to another.
pub async fn comparison(visit: Visit, Path((one, other)): Path<(String, String)>) -> Answer {
    let seat = visit.about.notebooks.seat().await;
    answer(visit, move |visit| {
        let _seat = seat;
        let (one, other) = (found(visit, &one)?, found(visit, &other)?);
        if one.id == other.id {
            let error = Error::usage("a run is not compared with itself");
            return Err(Refusal::from(error.hint("name two runs")));
        }
        let workspace = &visit.workspace;
        Ok(looking::compare(visit.store(), workspace, one, other, visit.now)?.json())
    })
    .await
}

/// The run of a number.
pub fn found(visit: &Visit, id: &str) -> Result<RunRecord, Refusal> {
    if id.parse::<RunId>().is_err() {
        return Err(Refusal::wrong(format!("`{id}` is no number of a run")));
    }
    page::found(visit, id)?.ok_or_else(|| {
        let error = Error::usage(format!("there is no run {id}"));
        Refusal::lost(error.hint("/api/v1/runs lists the runs"))
    })
}

fn past(visit: &Visit, id: &str, attempt: Option<u32>) -> Result<PastRun, Refusal> {
    let run = found(visit, id)?;
    PastRun::read(visit.store(), &visit.workspace, run, attempt).map_err(Refusal::unknown)
}
