//! One run of the past: all that is known of it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::cells::{Cell, Cells};
use super::moments::between;
use super::runs::{last_of_each_table, run_json, source_line};
use crate::error::{Error, Result};
use crate::store::{AttemptRecord, Outcome, Pruned, PublishRecord, RunRecord, Store};
use crate::workspace::Workspace;

/// So many lines before and after the one at fault are shown.
const LINES_AROUND: usize = 2;

/// A run of the past.
pub struct PastRun {
    /// What the history says.
    pub run: RunRecord,
    /// Its tries.
    pub attempts: Vec<AttemptRecord>,
    /// The try that is looked at, when it is not the last.
    pub attempt: Option<u32>,
    /// The tables that it published, each once.
    pub tables: Vec<PublishRecord>,
    /// All its publishes.
    publishes: Vec<PublishRecord>,
    /// Its output notebook.
    pub output: Option<PathBuf>,
    /// That its output notebook was removed.
    pub pruned: Option<Pruned>,
    /// Its cells, or why they are not known.
    pub cells: std::result::Result<Cells, String>,
    /// Where it failed.
    pub fault: Option<Fault>,
}

/// Where a run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The cell, by its name.
    pub cell: String,
    /// The exception's name.
    pub ename: String,
    /// The exception's text.
    pub evalue: String,
    /// The line of the cell at fault, from 1.
    pub line: Option<usize>,
    /// That line with those around it: their numbers and texts.
    pub lines: Vec<(usize, String)>,
}

impl PastRun {
    /// Gathers what is known of a run, or of one of its tries.
    ///
    /// # Errors
    /// The history cannot be read; there is no such try.
    pub fn read(
        store: &Store,
        workspace: &Workspace,
        run: RunRecord,
        attempt: Option<u32>,
    ) -> Result<PastRun> {
        PastRun::with(store, workspace, run, attempt, Cells::read)
    }

    /// The same, with cells that are read in another way.
    ///
    /// # Errors
    /// As [`PastRun::read`].
    pub fn with(
        store: &Store,
        workspace: &Workspace,
        mut run: RunRecord,
        attempt: Option<u32>,
        read: impl FnOnce(&Path) -> Result<Cells>,
    ) -> Result<PastRun> {
        let attempts = store.attempts_of(run.id)?;
        if let Some(number) = attempt {
            let found = attempts.iter().find(|attempt| attempt.number == number);
            let Some(found) = found else {
                return Err(Error::usage(format!("run {} has no attempt {number}", run.id))
                    .hint(format!("it was tried {} times", attempts.len())));
            };
            run.output = found.output.clone();
            run.error = found.error.clone();
            run.outcome = found.outcome;
            (run.started, run.ended) = (found.started, found.ended);
        }
        let publishes = store.publishes_of(run.id)?;
        let tables = last_of_each_table(&publishes).into_iter().cloned().collect();
        let output = run.output.as_ref().map(|output| workspace.root.join(output));
        let pruned = match &run.output {
            Some(output) => store.pruned(output, run.id)?,
            None => None,
        };
        let cells = cells(output.as_deref(), pruned.as_ref(), read);
        let fault = cells.as_ref().ok().and_then(|cells| fault(&run, cells));
        Ok(PastRun { run, attempts, attempt, tables, publishes, output, pruned, cells, fault })
    }

    /// How long it took, or has taken so far.
    pub fn took(&self, now: Timestamp) -> std::time::Duration {
        between(self.run.started, self.run.ended.unwrap_or(now))
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let mut json = run_json(&self.run, &self.publishes);
        json["attempt"] = json!(self.attempt);
        json["tries"] = self.attempts.iter().map(attempt_json).collect();
        json["output_path"] = json!(self.output.as_ref().map(|path| path.display().to_string()));
        json["pruned"] = json!(
            self.pruned
                .as_ref()
                .map(|pruned| json!({"why": pruned.why, "at": pruned.at.to_string()}))
        );
        let cells =
            self.cells.as_ref().ok().map(|cells| cells.code().map(cell_json).collect::<Vec<_>>());
        json["cell_list"] = json!(cells);
        json["fault"] = json!(self.fault.as_ref().map(fault_json));
        json
    }
}

fn cells(
    output: Option<&Path>,
    pruned: Option<&Pruned>,
    read: impl FnOnce(&Path) -> Result<Cells>,
) -> std::result::Result<Cells, String> {
    let Some(output) = output else { return Err("it left no output notebook".to_owned()) };
    match read(output) {
        Ok(cells) => Ok(cells),
        Err(_) if pruned.is_some() => {
            Err("its output notebook was removed to keep to the retention".to_owned())
        }
        Err(_) if !output.exists() => {
            Err(format!("its output notebook {} is no longer there", output.display()))
        }
        Err(error) => Err(error.sentence()),
    }
}

/// The cell that raised, and the line at fault, which the history tells.
fn fault(run: &RunRecord, cells: &Cells) -> Option<Fault> {
    if matches!(run.outcome, None | Some(Outcome::Succeeded | Outcome::Skipped)) {
        return None;
    }
    let failed = |cell: &&Cell| cell.status.as_deref() == Some("failed");
    let raised = |cell: &&Cell| cell.error().is_some();
    let cell = cells.code().find(failed).or_else(|| cells.code().filter(raised).last())?;
    let line = run.error.as_deref().and_then(|error| error.lines().find_map(source_line));
    let (ename, evalue) = cell.error().unwrap_or_default();
    let around =
        line.map_or(0..0, |line| line.saturating_sub(LINES_AROUND + 1)..line + LINES_AROUND);
    let source = cell.source.lines().enumerate().filter(|(index, _)| around.contains(index));
    Some(Fault {
        cell: cell.name(),
        ename: ename.to_owned(),
        evalue: evalue.to_owned(),
        line,
        lines: source.map(|(index, text)| (index + 1, text.to_owned())).collect(),
    })
}

fn attempt_json(attempt: &AttemptRecord) -> Value {
    json!({
        "number": attempt.number,
        "started": attempt.started.to_string(),
        "ended": attempt.ended.map(|at| at.to_string()),
        "elapsed_ms": attempt.ended.map(|at| between(attempt.started, at).as_millis() as u64),
        "outcome": attempt.outcome.map_or("running", |outcome| outcome.word()),
        "error": attempt.error,
        "cause": attempt.cause,
        "output": attempt.output,
    })
}

fn cell_json(cell: &Cell) -> Value {
    json!({
        "number": cell.number,
        "id": cell.id,
        "heading": cell.heading,
        "first_line": cell.first_line(),
        "seconds": cell.took.map(|took| took.as_secs_f64()),
        "status": cell.status,
        "outputs": cell.outputs.len(),
    })
}

fn fault_json(fault: &Fault) -> Value {
    let lines: Vec<Value> =
        fault.lines.iter().map(|(number, text)| json!({"number": number, "text": text})).collect();
    json!({
        "cell": fault.cell, "ename": fault.ename, "evalue": fault.evalue,
        "line": fault.line, "lines": lines,
    })
}
