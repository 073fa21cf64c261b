//! How a run's end is told.

use penny_notebook::{Dropped, Execution, Failure, without_ansi};

use crate::config::Entry;
use crate::console::{self, Line};
use crate::error::Error;
use crate::store::Outcome;

/// A text of an exception is shown up to here; the output notebook has all of it.
const EVALUE_MAX: usize = 600;

/// "cell 4 (Extraction)": counted as a reader of the notebook counts its code cells.
pub fn cell_name(execution: &Execution, cell: usize) -> String {
    let number = (0..=cell).filter(|&c| execution.notebook().is_code(c)).count();
    let injected = execution.input_cell(cell).is_none();
    let place = match execution.notebook().heading_before(cell) {
        _ if injected => " (the parameters that penny.toml gives)".to_owned(),
        Some(heading) => format!(" ({})", heading.trim()),
        None => String::new(),
    };
    format!("cell {number}{place}")
}

/// A cell raised.
pub fn failed(entry: &Entry, execution: &Execution, failure: &Failure) -> String {
    let evalue = without_ansi(&failure.evalue);
    let evalue = shortened(evalue.trim());
    // The module's own errors are whole sentences: their class name would only be in the way.
    let what = match failure.ename.as_str() {
        "PennyError" => evalue,
        ename if evalue.is_empty() => ename.to_owned(),
        ename => format!("{ename}: {evalue}"),
    };
    let mut text = format!("failed in {}", cell_name(execution, failure.cell));
    for line in what.lines() {
        text.push_str(&format!("\n  {line}"));
    }
    if let Some((number, line)) = &failure.line {
        text.push_str(&format!("\n  {number} │ {}", line.trim_end()));
    }
    with_name(entry, &text)
}

/// The kernel is gone.
pub fn died(entry: &Entry, execution: &Execution, failure: &Failure, why: &str) -> String {
    with_name(entry, &format!("crashed in {}\n  {why}", cell_name(execution, failure.cell)))
}

/// It ran too long.
pub fn timed_out(entry: &Entry, execution: &Execution, failure: &Failure) -> String {
    with_name(
        entry,
        &format!(
            "took longer than its limit and was ended in {}\n  \
             `timeout` in penny.toml sets the limit",
            cell_name(execution, failure.cell)
        ),
    )
}

/// The user stopped it.
pub fn cancelled(entry: &Entry, execution: &Execution, failure: Option<&Failure>) -> String {
    match failure {
        Some(f) => with_name(entry, &format!("was stopped in {}", cell_name(execution, f.cell))),
        None => with_name(entry, "was stopped"),
    }
}

/// It could not be executed at all.
pub fn refused(entry: &Entry, error: &Error) -> String {
    let mut text = format!("could not run\n  {}", error.sentence());
    for hint in error.hints() {
        text.push_str(&format!("\n  hint: {hint}"));
    }
    with_name(entry, &text)
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

fn with_name(entry: &Entry, text: &str) -> String {
    format!("notebook `{}` {text}", entry.name)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(EVALUE_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What the console shows when a run has ended.
pub fn ended(line: &Line) -> String {
    let passed = console::duration(line.elapsed);
    let mut text = match line.outcome {
        Outcome::Succeeded => {
            let tables: Vec<String> = line
                .published
                .iter()
                .map(|p| format!("{} rows → {}", console::rows(p.rows), p.table))
                .collect();
            let tables = if tables.is_empty() { "no table".to_owned() } else { tables.join(", ") };
            format!("✓ {} ({passed}): {tables}", line.name)
        }
        outcome => {
            let error = line.error.as_deref().unwrap_or(outcome.word());
            format!("✗ {} ({passed})\nerror: {error}", line.name)
        }
    };
    if let (true, Some(output)) = (line.outcome != Outcome::Succeeded, &line.output) {
        text.push_str(&format!("\n  saved: {output}"));
    }
    for warning in &line.warnings {
        text.push_str(&format!("\n  warning: {warning}"));
    }
    text
}

/// The same in the log.
pub fn log(line: &Line) {
    let passed = console::duration(line.elapsed);
    for warning in &line.warnings {
        tracing::warn!("{}: {warning}", line.name);
    }
    match line.outcome {
        Outcome::Succeeded => {
            let rows: u64 = line.published.iter().map(|p| p.rows).sum();
            tracing::info!("{}: succeeded in {passed}, {} rows", line.name, console::rows(rows));
        }
        outcome => {
            let error = line.error.as_deref().unwrap_or_default().replace('\n', " | ");
            tracing::error!("{}: {} after {passed}: {error}", line.name, outcome.word());
        }
    }
    if let Some(output) = &line.output {
        tracing::info!("{}: saved {output}", line.name);
    }
}
