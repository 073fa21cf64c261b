//! How an execution's end is told.

use penny_notebook::{Dropped, Execution, Failure};

use crate::console;
use crate::run::{self, Break, PassedLimit};
use crate::store::Outcome;

/// Outcome, text and failure of cells that ended before the last one; `what` names the notebook.
pub fn broken(
    what: &str,
    execution: &Execution,
    ended: Break,
) -> (Outcome, String, Option<Failure>) {
    let place = |failure: &Failure| cell_name(execution, failure.cell);
    let line = run::line_at_fault;
    let (outcome, text, failure) = match ended {
        Break::Failed(f) => {
            let hint = answer_hint(&f);
            (Outcome::Failed, format!("failed in {}{}{hint}", place(&f), run::raised(&f)), Some(f))
        }
        Break::Died(f, why, _) => {
            let why: String = why.lines().map(|line| format!("\n  {line}")).collect();
            (Outcome::Crashed, format!("crashed in {}{why}", place(&f)), Some(f))
        }
        Break::TimedOut(
            f,
            PassedLimit::Cell(limit) | PassedLimit::Notebook(limit) | PassedLimit::Sync(limit),
        ) => {
            let text = format!(
                "was ended in {}, which took longer than --execution-timeout allows, {}{}",
                place(&f),
                console::duration(limit),
                line(&f)
            );
            (Outcome::TimedOut, text, Some(f))
        }
        Break::Cancelled(Some(f)) => {
            let text = format!("was stopped in {}{}", place(&f), line(&f));
            (Outcome::Cancelled, text, Some(f))
        }
        Break::Cancelled(None) => {
            (Outcome::Cancelled, "was stopped before its next cell".to_owned(), None)
        }
    };
    (outcome, format!("notebook `{what}` {text}"), failure)
}

fn answer_hint(failure: &Failure) -> &'static str {
    match failure.ename.as_str() {
        "StdinNotImplementedError" => {
            "\n  hint: give the value as a parameter, with `-p NAME VALUE`"
        }
        _ => "",
    }
}

/// "cell 4 (Extraction)": counted as a reader of the notebook counts its code cells.
fn cell_name(execution: &Execution, cell: usize) -> String {
    match execution.input_cell(cell) {
        Some(_) => run::cell_name(execution, cell),
        None => "the cell of the parameters that were given".to_owned(),
    }
}

/// A cell that ended the notebook by itself, and how many others that left out.
pub fn exited(execution: &Execution, cell: usize, left_out: usize) -> String {
    let name = cell_name(execution, cell);
    if left_out == 0 {
        return format!("{name} ended the notebook with exit(): it is the last one");
    }
    let others = console::count(left_out, "cell");
    format!("{name} ended the notebook with exit(): {others} after it did not run")
}

/// Output that was not kept.
pub fn dropped(execution: &Execution, cell: usize, dropped: &Dropped) -> String {
    format!(
        "{}: the first {} bytes of its output were kept, {} more were not",
        cell_name(execution, cell),
        console::rows(dropped.bytes_kept),
        console::rows(dropped.bytes)
    )
}
