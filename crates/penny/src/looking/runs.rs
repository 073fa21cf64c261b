//! Runs for programs, and their errors in a line.

use serde_json::{Value, json};

use super::moments::between;
use crate::run::SyncLock;
use crate::store::{PublishRecord, RunRecord};
use crate::workspace::Workspace;

/// Tells runs that are under way from those that nobody runs any more, though they have not ended.
pub fn find_cut_off<'a>(runs: impl IntoIterator<Item = &'a mut RunRecord>, workspace: &Workspace) {
    let mut open = runs.into_iter().filter(|run| run.ended.is_none()).peekable();
    if open.peek().is_some() && SyncLock::holder(&workspace.root).is_none() {
        open.for_each(|run| run.cut_off = true);
    }
}

/// A run as JSON, with what it published.
pub fn run_json(run: &RunRecord, publishes: &[PublishRecord]) -> Value {
    let last = last_of_each_table(publishes);
    let sum = |name: &str| publishes.iter().map(|publish| publish.count(name)).sum::<u64>();
    let tables: Vec<&Value> = last.iter().map(|publish| &publish.report).collect();
    json!({
        "run": run.id,
        "sync": run.sync,
        "notebook": run.notebook,
        "file": run.file,
        "trigger": run.trigger,
        "due": run.due.map(|at| at.to_string()),
        "started": run.started.to_string(),
        "ended": run.ended.map(|at| at.to_string()),
        "elapsed_ms": run.ended.map(|at| between(run.started, at).as_millis() as u64),
        "outcome": run.word(),
        "error": run.error,
        "warnings": run.warnings,
        "parameters": run.parameters,
        "asked_by": run.asked.as_ref().map(|asked| &asked.by),
        "asked_parameters": run.asked.as_ref().map(|asked| &asked.parameters),
        "retry_of": run.asked.as_ref().and_then(|asked| asked.retry_of),
        "cells": run.cells,
        "cells_run": run.cells_run,
        "attempts": run.attempts,
        "kernel_start": run.kernel_start,
        "kernel_start_reason": run.kernel_start_reason,
        "peak_memory_bytes": run.peak_memory_bytes,
        "masked": run.masked,
        "version": run.version,
        "source_hash": Some(&run.source_hash).filter(|hash| !hash.is_empty()),
        "environment_hash": run.environment_hash,
        "output": run.output,
        "output_hash": run.output_hash,
        "output_bytes": run.output_bytes,
        "rows": last.iter().map(|publish| publish.rows).sum::<u64>(),
        "rows_inserted": sum("rows_inserted"),
        "rows_deleted": sum("rows_deleted"),
        "tables": tables,
    })
}

/// Runs as JSON, with what each published, and how many match what was asked for.
pub fn runs_json(runs: &[(RunRecord, Vec<PublishRecord>)], matching: u64) -> Value {
    let runs: Vec<Value> = runs.iter().map(|(run, publishes)| run_json(run, publishes)).collect();
    json!({"matching": matching, "runs": runs})
}

/// Of several publishes of a table, the last.
pub fn last_of_each_table(publishes: &[PublishRecord]) -> Vec<&PublishRecord> {
    let is_last = |index: &usize| {
        !publishes[index + 1..].iter().any(|later| later.table == publishes[*index].table)
    };
    (0..publishes.len()).filter(is_last).map(|index| &publishes[index]).collect()
}

/// "failed in cell 4 (Extraction): KeyError: 'dateline'": what an error says first, in a line.
pub fn short_error(run: &RunRecord) -> Option<String> {
    let error = run.error.as_deref()?;
    let own_name = format!("notebook `{}` ", run.notebook);
    let error = error.strip_prefix(&own_name).unwrap_or(error);
    let mut lines = error.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?;
    let more = lines.next().filter(|line| !is_source(line) && !line.starts_with("hint: "));
    Some(match more {
        Some(more) => format!("{first}: {more}"),
        None => first.to_owned(),
    })
}

/// Whether a line of an error shows a line of the notebook: `5 │ df["x"]`.
pub(super) fn is_source(line: &str) -> bool {
    source_line(line).is_some()
}

/// The number of the line of the notebook that a line of an error shows.
pub(super) fn source_line(line: &str) -> Option<usize> {
    let (number, _) = line.trim_start().split_once(" │")?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_notebook_are_known_in_an_error() {
        assert_eq!(source_line("  5 │ df['x']"), Some(5));
        assert_eq!(source_line("KeyError: 'x'"), None);
        assert_eq!(source_line("a │ b"), None);
    }
}
