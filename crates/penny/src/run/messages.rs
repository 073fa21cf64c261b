//! How a run's end is told.

use penny_kernel::{Cause, Death};
use penny_notebook::{Dropped, Execution, Failure, Masked};

use super::cells::PassedLimit;
use crate::config::Entry;
use crate::console::{self, Line};
use crate::error::Error;
use crate::store::{Outcome, evalue_told};

/// A run has nobody to ask.
const NOBODY_ANSWERS: &str =
    "the cell waits for an answer (input), and nobody is there to give one";
const ANSWER_BEFORE: &str =
    "write the value into the notebook, or into `parameters` under it in penny.toml";
const LESS_AT_A_TIME: &str = "load fewer rows or columns at a time";
const MEMORY_LIMIT: &str =
    "load fewer rows or columns at a time, or give it more with `memory` in penny.toml";
/// What mostly lies behind a SIGKILL.
const OUT_OF_MEMORY: &str =
    "the system does that when memory runs out: load fewer rows or columns at a time";

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
    let mut text = format!("failed in {}{}", cell_name(execution, failure.cell), raised(failure));
    if failure.ename == "StdinNotImplementedError" {
        text.push_str(&format!("\n  hint: {ANSWER_BEFORE}"));
    }
    with_name(entry, &text)
}

/// What a cell raised, and at which of its lines: below the sentence that names the cell.
pub fn raised(failure: &Failure) -> String {
    let evalue = evalue_told(&failure.evalue);
    let what = match failure.ename.as_str() {
        // The module's own errors are whole sentences: their class name would only be in the way.
        "PennyError" | "TemporaryError" => evalue,
        "StdinNotImplementedError" => NOBODY_ANSWERS.to_owned(),
        ename if evalue.is_empty() => ename.to_owned(),
        ename => format!("{ename}: {evalue}"),
    };
    let lines: String = what.lines().map(|line| format!("\n  {line}")).collect();
    lines + &line_at_fault(failure)
}

/// The line of the cell that was at fault, or under way.
pub fn line_at_fault(failure: &Failure) -> String {
    match &failure.line {
        Some((number, line)) => format!("\n  {number} │ {}", line.trim_end()),
        None => String::new(),
    }
}

/// The kernel is gone.
pub fn died(entry: &Entry, execution: &Execution, failure: &Failure, why: &str) -> String {
    let mut text = format!("crashed in {}", cell_name(execution, failure.cell));
    for line in why.lines() {
        text.push_str(&format!("\n  {line}"));
    }
    with_name(entry, &text)
}

/// That a cell's output is not all there; `lost` messages are known to be missing.
pub fn output_lost(lost: u64) -> String {
    match lost {
        0 => "the kernel did not say that all output of this cell had been sent".to_owned(),
        1 => "a message of this cell's output was lost on its way from the kernel, or could not be read"
            .to_owned(),
        _ => format!(
            "{lost} messages of this cell's output were lost on their way from the kernel, or could not be read"
        ),
    }
}

/// How a kernel's process ended, with what it said last.
pub fn death(death: &Death) -> String {
    let mut text = death.to_string();
    let advice = match death.cause {
        Some(Cause::MemoryLimit { .. }) => Some(MEMORY_LIMIT),
        Some(Cause::OutOfMemory) => Some(LESS_AT_A_TIME),
        Some(Cause::TemplateEnded | Cause::ConnectionsClosed) => None,
        None => (death.signal_name.as_deref() == Some("SIGKILL")).then_some(OUT_OF_MEMORY),
    };
    if let Some(advice) = advice {
        text.push_str(&format!("\n{advice}"));
    }
    for line in last_words(&death.stderr_tail) {
        text.push_str(&format!("\n{}", line.trim()));
    }
    if let Some(bytes) = death.peak_memory_bytes {
        text.push_str(&format!("\nit had used up to {} of memory", console::size(bytes)));
    }
    text
}

/// Of what a kernel wrote before it died, what tells most: of Python's own report of a crash in
/// compiled code, the error and where the cell was; else the last line.
fn last_words(tail: &str) -> Vec<&str> {
    let Some((_, report)) = tail.split_once("Fatal Python error: ") else {
        return tail.lines().rev().find(|line| tells(line)).into_iter().collect();
    };
    let (_, thread) = report.split_once("Current thread").unwrap_or(("", report));
    let mut frames = thread.lines().map(str::trim).filter(|l| l.starts_with("File "));
    let innermost = frames.clone().next();
    // IPython runs a cell as a file of this folder's.
    let of_cell = frames.find(|frame| frame.contains("ipykernel_"));
    let mut said: Vec<&str> = report.lines().take(1).chain(innermost).chain(of_cell).collect();
    said.dedup();
    said
}

/// It ran too long.
pub fn timed_out(
    entry: &Entry,
    execution: &Execution,
    failure: &Failure,
    passed: PassedLimit,
) -> String {
    let place = cell_name(execution, failure.cell);
    let line = line_at_fault(failure);
    let text = match passed {
        PassedLimit::Notebook(limit) => format!(
            "took longer than its limit, {}, and was ended in {place}{line}\n  \
             hint: `timeout` under this notebook in penny.toml sets its limit",
            console::duration(limit)
        ),
        PassedLimit::Cell(limit) => format!(
            "was ended in {place}, which took longer than the limit of a cell, {}{line}\n  \
             hint: `cell_timeout` under this notebook in penny.toml sets that limit",
            console::duration(limit)
        ),
        PassedLimit::Sync(limit) => format!(
            "was ended in {place}: the whole sync took longer than its limit, {}{line}\n  \
             hint: `sync` under [limits] in penny.toml sets that limit",
            console::duration(limit)
        ),
    };
    with_name(entry, &text)
}

/// The user stopped it, or somebody cancelled it.
pub fn cancelled(
    entry: &Entry,
    execution: &Execution,
    failure: Option<&Failure>,
    by: Option<&str>,
) -> String {
    let what = if by.is_some() { "cancelled" } else { "stopped" };
    let by = by.map(|by| format!(" by {by}")).unwrap_or_default();
    match failure {
        Some(f) => {
            let place = cell_name(execution, f.cell);
            with_name(entry, &format!("was {what} in {place}{by}{}", line_at_fault(f)))
        }
        None => with_name(entry, &format!("was {what} between two cells{by}")),
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

/// Whether a line can be the reason of an end: not a warning, nor the line of code below one.
fn tells(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with(char::is_whitespace) && !line.contains("Warning: ")
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
        "{}: the first {} bytes of its output were kept, {} more were not \
         (`output_mb_per_cell` under [limits] in penny.toml sets how much)",
        cell_name(execution, cell),
        console::rows(dropped.bytes_kept),
        console::rows(dropped.bytes)
    )
}

/// Secrets that the notebook showed, and that are masked in its output.
pub fn masked(masked: &[Masked]) -> Option<String> {
    let places: u64 = masked.iter().map(|m| m.places).sum();
    let mut names: Vec<&str> = masked.iter().map(|m| m.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let times = console::count(usize::try_from(places).unwrap_or(usize::MAX), "time");
    (places > 0)
        .then(|| format!("it shows {}: masked {times} in the output notebook", names.join(", ")))
}

fn with_name(entry: &Entry, text: &str) -> String {
    format!("notebook `{}` {text}", entry.name)
}

/// What the console shows when a run has ended.
pub fn ended(line: &Line) -> String {
    let passed = console::duration(line.elapsed);
    let mut text = match line.outcome {
        Outcome::Succeeded => {
            let tables: Vec<String> =
                line.published.iter().map(|p| format!("{} → {}", rows(p.rows), p.table)).collect();
            let tables = if tables.is_empty() { "no table".to_owned() } else { tables.join(", ") };
            format!("✓ {} ({passed}): {tables}", line.name)
        }
        Outcome::Skipped => {
            format!("– {}: skipped, since {}", line.name, line.error.as_deref().unwrap_or_default())
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

/// "1 row", "41,210 rows".
fn rows(count: u64) -> String {
    console::count(usize::try_from(count).unwrap_or(usize::MAX), "row")
}

/// The same in the log.
pub fn log(line: &Line) {
    let passed = console::duration(line.elapsed);
    for warning in &line.warnings {
        tracing::warn!("{}: {warning}", line.name);
    }
    match line.outcome {
        Outcome::Succeeded => {
            let published = line.published.iter().map(|p| p.rows).sum();
            tracing::info!("{}: succeeded in {passed}, {}", line.name, rows(published));
        }
        outcome => {
            let error = line.error.as_deref().unwrap_or_default();
            let error: Vec<&str> = error.lines().map(str::trim).collect();
            let error = error.join(" | ");
            tracing::error!("{}: {} after {passed}: {error}", line.name, outcome.word());
        }
    }
    if let Some(output) = &line.output {
        tracing::info!("{}: saved {output}", line.name);
    }
}
