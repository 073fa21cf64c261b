//! The notebook of a run for programs: its cells, and where their outputs are.

use std::sync::Arc;

use serde_json::{Value, json};

use super::shown::Shown;
use crate::looking::{Cell, CellKind, OutputFile, PastRun};
use crate::web::visit::Visit;

/// So many cells from one on, as the page shows them: those of the output notebook, else those that will run.
pub fn cells(
    visit: &Visit,
    (past, file): (PastRun, Option<Arc<OutputFile>>),
    from: usize,
    limit: usize,
) -> Value {
    let shown = Shown::new(visit, &past, file, None);
    let all = shown.cells.as_ref().map_or(&[][..], |cells| &cells.cells);
    let file = shown.file.as_ref().filter(|_| !shown.is_source);
    let cells = all.iter().skip(from).take(limit).map(|cell| json_of(cell, file.map(Arc::as_ref)));
    let unknown = past.cells.as_ref().err().filter(|_| shown.cells.is_none());
    json!({
        "run": past.run.id,
        "attempt": past.attempt,
        "executed": !shown.is_source,
        "unknown": unknown,
        "matching": all.len(),
        "cells": cells.collect::<Vec<_>>(),
    })
}

fn json_of(cell: &Cell, file: Option<&OutputFile>) -> Value {
    let outputs = file.map_or(&[][..], |file| file.outputs(cell.place)).iter().enumerate();
    let outputs =
        outputs.map(|(at, place)| json!({"output": at, "kind": place.kind, "bytes": place.bytes}));
    json!({
        "cell": cell.place,
        "kind": match cell.kind {
            CellKind::Code => "code",
            CellKind::Markdown => "markdown",
            CellKind::Raw => "raw",
        },
        "number": cell.number,
        "id": cell.id,
        "heading": cell.heading,
        "source": cell.source,
        "seconds": cell.took.map(|took| took.as_secs_f64()),
        "status": cell.status,
        "showed": outputs.collect::<Vec<_>>(),
    })
}
