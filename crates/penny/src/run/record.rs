//! What an output notebook says of its own run (`metadata.penny`), so that the history can be made
//! anew from the outputs alone.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::cells::written;
use crate::store::{AskedFor, Outcome, Published, RunId, RunStart};

/// What is known when a run begins.
pub fn of_run(run: RunId, start: &RunStart<'_>) -> Map<String, Value> {
    object(json!({
        "run": run,
        "sync": start.sync,
        "trigger": start.trigger.word(),
        "due": start.due.map(written),
        "notebook": start.notebook,
        "file": start.file,
        "run_started": written(start.started),
        "source_hash": start.source_hash,
        "version": env!("CARGO_PKG_VERSION"),
    }))
}

/// What is told of its sync when somebody asked for that.
pub fn of_asking(asked: Option<AskedFor>) -> Map<String, Value> {
    let asked = asked.map(|asked| {
        json!({ "asked": { "by": asked.by, "parameters": asked.parameters, "retry_of": asked.retry_of } })
    });
    asked.map(object).unwrap_or_default()
}

/// The values that were put into the notebook.
pub fn of_parameters(parameters: &Map<String, Value>) -> Map<String, Value> {
    object(json!({ "parameters": parameters }))
}

/// What is known when one of its attempts begins.
pub fn of_attempt(number: u32, started: Timestamp) -> Map<String, Value> {
    object(
        json!({ "attempt": number, "started": written(started), "ended": null, "outcome": null }),
    )
}

/// What is known when its kernel is.
pub fn of_environment(hash: Option<&str>) -> Map<String, Value> {
    object(json!({ "environment_hash": hash }))
}

/// What is known when it has ended. The error and the cells are as the history has them.
pub fn ended(
    outcome: Outcome,
    error: Option<&str>,
    cells: (usize, usize),
    published: &[Published],
    at: Timestamp,
) -> Map<String, Value> {
    let (of, run) = cells;
    let published = published.iter().map(|p| {
        let report: Value = serde_json::from_str(&p.report).unwrap_or(Value::Null);
        json!({ "table": p.table, "rows": p.rows, "at": written(p.at), "report": report })
    });
    object(json!({
        "ended": written(at),
        "outcome": outcome.word(),
        "error": error,
        "cells": of,
        "cells_run": run,
        "published": published.collect::<Vec<_>>(),
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
