//! One execution of a notebook, from its parameters to its last cell.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::area::{Area, Place};
use crate::failure::Failure;
use crate::limits::{Dropped, Limits};
use crate::notebook::{Notebook, object_at};
use crate::papermill::{self, Status};
use crate::parameters::Parameters;
use crate::prepare;
use crate::translate::TranslateError;
use crate::widgets::Widgets;

/// A tag that lets the notebook go on after this cell's exception.
const RAISES_EXCEPTION_TAG: &str = "raises-exception";

/// One execution of a notebook as a pure state machine: messages in, executed notebook out.
///
/// Cells are counted from 0 in [`Execution::notebook`], whose first cells may be others than those of
/// the file that was read: see [`Execution::input_cell`]. A cell that does not exist is never an error,
/// nothing happens to it. Times are RFC 3339.
#[derive(Clone, Debug)]
pub struct Execution {
    pub(crate) notebook: Notebook,
    pub(crate) limits: Limits,
    /// As long as the notebook's cells.
    pub(crate) cells: Vec<CellState>,
    /// Where each display that can be updated is shown: the place and the number of the output there.
    pub(crate) displays: HashMap<String, Vec<(Place, usize)>>,
    pub(crate) widgets: Widgets,
    started: String,
    /// Whether a cell asked to end the notebook, so that the cells after it do not count as run.
    exit_requested: bool,
    /// Whether the execution has ended, so that no more output comes.
    pub(crate) finished: bool,
}

/// What is known of a cell beside what is in the notebook.
#[derive(Clone, Debug, Default)]
pub(crate) struct CellState {
    /// The cell's number in the notebook that was read, if it was there.
    pub input: Option<usize>,
    pub area: Area,
    /// Whether the cell has ended; what comes for it afterwards is late.
    pub ended: bool,
    /// What it raised first, as far as it was shown: the kernel's answer does not tell every exception.
    pub raised: Option<Box<Failure>>,
    /// The source without the secrets in it, if it has some; nothing as long as it was not searched.
    pub masked_source: Option<Option<Value>>,
    /// Whether something came late, so that its outputs are to be closed once more.
    pub late: bool,
}

/// What the executed notebook says of its own execution.
#[derive(Clone, Debug, PartialEq)]
pub struct RunInfo {
    /// The notebook that was read, as the user names it.
    pub input_path: String,
    /// Where the executed notebook is saved.
    pub output_path: String,
    /// The version of the program that executes it.
    pub version: String,
    /// Always empty, as papermill has it.
    pub environment_variables: Map<String, Value>,
}

/// How a cell ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellEnd {
    /// Well, or with an exception that its tag `raises-exception` allows: the next cell follows.
    Succeeded,
    /// With an exception, also one that the kernel only showed: the notebook ends here.
    Failed(Failure),
    /// With `sys.exit()`, `sys.exit(0)`, `exit()` or `quit()`: the notebook ends here, and well.
    ExitRequested,
}

impl Execution {
    /// Prepares a notebook: format 4.5, no outputs, no marks of an earlier failure, parameters in their
    /// cell, every cell pending. `language` is that of the kernel that will run it; empty, it is the notebook's own.
    ///
    /// # Errors
    /// When there are parameters that cannot be written in that language.
    pub fn new(
        notebook: Notebook,
        parameters: &Parameters,
        language: &str,
        info: RunInfo,
        limits: Limits,
        started: &str,
    ) -> Result<Execution, TranslateError> {
        let prepared = prepare::prepare(notebook, parameters, language)?;
        let cells = prepared
            .inputs
            .into_iter()
            .map(|input| CellState { input, ..CellState::default() })
            .collect();
        let mut execution = Execution {
            cells,
            notebook: prepared.notebook,
            limits,
            displays: HashMap::new(),
            widgets: Widgets::default(),
            started: started.to_owned(),
            exit_requested: false,
            finished: false,
        };
        for cell in execution.notebook.cells_mut().iter_mut().filter_map(Value::as_object_mut) {
            clear_cell(cell);
            papermill::mark_pending(cell);
        }
        execution.forget_record();
        prepare::describe(&mut execution.notebook, parameters, info);
        object_at(execution.notebook.metadata_mut(), "papermill")
            .insert("start_time".to_owned(), json!(started));
        Ok(execution)
    }

    /// Hides the sources of the code cells from the reader; see [`Notebook::hide_sources`].
    pub fn hide_sources(&mut self) {
        self.notebook.hide_sources();
    }

    fn insert(&mut self, at: usize, cell: Value) {
        self.notebook.cells_mut().insert(at, cell);
        self.cells.insert(at, CellState::default());
    }

    /// The cells that have code to run, in their order; one tagged `skip-execution` has none.
    pub fn cells_to_run(&self) -> Vec<usize> {
        (0..self.notebook.cell_count())
            .filter(|&cell| self.notebook.has_code_to_run(cell))
            .collect()
    }

    /// The number of this cell (counted from 0) in the notebook that was read; none for a cell that
    /// was added to it, as the one with the parameters.
    pub fn input_cell(&self, cell: usize) -> Option<usize> {
        self.cells.get(cell)?.input
    }

    /// Marks a cell as running, and the texts above it as done.
    pub fn start_cell(&mut self, cell: usize, now: &str) {
        self.complete_texts(cell, now);
        if let Some(cell) = self.notebook.cell_mut(cell) {
            object_at(cell, "metadata").insert("execution".to_owned(), json!({}));
            papermill::mark_running(cell, now);
        }
    }

    /// Folds the content of the shell's reply in: the cell has ended.
    pub fn finish_cell(&mut self, cell: usize, reply: &Value, now: &str) -> CellEnd {
        self.record_time(cell, "shell.execute_reply", now);
        if self.execution_count(cell).is_none() {
            self.set_execution_count(cell, reply);
        }
        let failure = match reply.get("status").and_then(Value::as_str) {
            Some("ok") => self.untold_failure(cell, reply),
            _ => Some(self.failure(cell, reply)),
        };
        self.end_cell(cell);
        let is_allowed = self.notebook.tags(cell).contains(&RAISES_EXCEPTION_TAG);
        let end = match failure.filter(|failure| failure.is_exit() || !is_allowed) {
            Some(failure) if failure.is_exit() => CellEnd::ExitRequested,
            Some(failure) => CellEnd::Failed(failure),
            // The kernel ends, whatever else the cell did.
            None if exit_of(cell, reply).is_some_and(|exit| exit.is_exit()) => {
                CellEnd::ExitRequested
            }
            None => CellEnd::Succeeded,
        };
        self.exit_requested |= end == CellEnd::ExitRequested;
        match end {
            CellEnd::Failed(_) => self.mark_failed(cell, now),
            CellEnd::Succeeded | CellEnd::ExitRequested => self.mark_completed(cell, now),
        }
        end
    }

    /// What a cell raised although the kernel answers that all is well: IPython shows the exception of a script below
    /// `%run`, of a cell below `%%capture` or of its own `run_cell`, and goes on; and `exit(1)` says, as a program
    /// does, that something went wrong.
    fn untold_failure(&mut self, cell: usize, reply: &Value) -> Option<Failure> {
        let raised = self.cells.get_mut(cell).and_then(|state| state.raised.take());
        let shown = self.outputs(Place::Cell(cell)).map_or(&[][..], |(outputs, _)| outputs);
        // A cell that cleared its output has taken the exception away as well: its reader needs it.
        let is_shown = raised.is_some() && shown.iter().any(is_error);
        let unclean_exit = || exit_of(cell, reply).filter(|exit| !exit.is_exit());
        let mut failure = raised.map(|raised| *raised).or_else(unclean_exit)?;
        if !is_shown {
            self.error(Place::Cell(cell), &failure);
        }
        failure.locate(&self.notebook.source(cell), self.execution_count(cell));
        Some(failure)
    }

    /// What the reply says of an exception, completed from the cell's outputs, and the other way round.
    fn failure(&mut self, cell: usize, reply: &Value) -> Failure {
        let mut failure = Failure::read(cell, reply);
        let outputs = self.outputs(Place::Cell(cell)).map_or(&[][..], |(outputs, _)| outputs);
        let shown = outputs
            .iter()
            .rfind(|output| is_error(output))
            .map(|output| Failure::read(cell, output));
        match shown {
            Some(shown) if failure.ename.is_empty() => failure = shown,
            Some(shown) if failure.traceback.is_empty() => failure.traceback = shown.traceback,
            Some(_) => {}
            None => {
                if failure.ename.is_empty() {
                    failure.ename = "Aborted".to_owned();
                    failure.evalue = "the kernel did not run this cell to its end".to_owned();
                }
                self.error(Place::Cell(cell), &failure);
            }
        }
        failure.locate(&self.notebook.source(cell), self.execution_count(cell));
        failure
    }

    /// Ends a cell that did not get to its end for a cause outside the notebook (the kernel died, an
    /// interruption, a time limit): it has failed, with this text as an error output.
    pub fn break_off(&mut self, cell: usize, ename: &str, evalue: &str, now: &str) -> Failure {
        let failure = Failure {
            cell,
            ename: ename.to_owned(),
            evalue: evalue.to_owned(),
            traceback: vec![format!("{ename}: {evalue}")],
            line: None,
        };
        self.error(Place::Cell(cell), &failure);
        self.end_cell(cell);
        self.mark_failed(cell, now);
        failure
    }

    /// Ends the execution. After a failure, a cell at the top and one before the failed cell point at
    /// it, as papermill has them: the cells' numbers are others afterwards.
    pub fn finish(&mut self, failure: Option<&Failure>, now: &str) {
        self.complete_texts(self.notebook.cell_count(), now);
        self.close_late();
        self.widgets.write_again();
        self.write_widgets();
        self.finished = true;
        // The places of displays may be others now; nothing is folded in after the end.
        self.displays.clear();
        papermill::mark_notebook_ended(&mut self.notebook, &self.started, now);
        let Some(failure) = failure else {
            return;
        };
        papermill::mark_notebook_failed(&mut self.notebook);
        let failed = self.notebook.cell(failure.cell);
        let count =
            failed.and_then(|cell| cell.get("execution_count")).cloned().unwrap_or(Value::Null);
        if failed.is_some() {
            let anchor = papermill::error_anchor(self.notebook.cells());
            self.insert(failure.cell, anchor);
        }
        let marker = papermill::error_marker(self.notebook.cells(), &count);
        self.insert(0, marker);
    }

    /// Records the language as the kernel describes it (`language_info` of its kernel_info_reply).
    pub fn set_language_info(&mut self, info: &Value) {
        if info.is_object() {
            self.notebook.metadata_mut().insert("language_info".to_owned(), info.clone());
        }
    }

    /// The notebook as it is at this moment.
    pub fn notebook(&self) -> &Notebook {
        &self.notebook
    }

    /// The executed notebook.
    pub fn into_notebook(self) -> Notebook {
        self.notebook
    }

    /// What the limit cut off this cell's output, if anything.
    pub fn dropped(&self, cell: usize) -> Option<Dropped> {
        self.cells.get(cell)?.area.weight.dropped()
    }

    /// Completes the cells without code to run from the top down to that cell, or to the first that has
    /// code and did not get to its end.
    fn complete_texts(&mut self, end: usize, now: &str) {
        for cell in 0..end.min(self.notebook.cell_count()) {
            match self.status(cell) {
                Some("pending") if self.exit_requested || self.notebook.has_code_to_run(cell) => {
                    return;
                }
                Some("pending") => {
                    if let Some(cell) = self.notebook.cell_mut(cell) {
                        papermill::mark_running(cell, now);
                    }
                    self.mark_completed(cell, now);
                }
                Some("failed" | "running") => return,
                _ => {}
            }
        }
    }

    fn status(&self, cell: usize) -> Option<&str> {
        self.notebook.cell(cell)?.get("metadata")?.get("papermill")?.get("status")?.as_str()
    }

    fn execution_count(&self, cell: usize) -> Option<u64> {
        self.notebook.cell(cell)?.get("execution_count")?.as_u64()
    }

    fn mark_completed(&mut self, cell: usize, now: &str) {
        if let Some(cell) = self.notebook.cell_mut(cell) {
            papermill::mark_ended(cell, Status::Completed, now);
        }
    }

    fn mark_failed(&mut self, cell: usize, now: &str) {
        if let Some(cell) = self.notebook.cell_mut(cell) {
            papermill::mark_ended(cell, Status::Failed, now);
        }
        papermill::mark_notebook_failed(&mut self.notebook);
    }
}

/// Takes out what an earlier execution left in a code cell.
fn clear_cell(cell: &mut Map<String, Value>) {
    if cell.get("cell_type").and_then(Value::as_str) == Some("code") {
        cell.insert("execution_count".to_owned(), Value::Null);
        cell.insert("outputs".to_owned(), json!([]));
        if let Some(metadata) = cell.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.shift_remove("execution");
        }
    }
}

fn is_error(output: &Value) -> bool {
    output.get("output_type").and_then(Value::as_str) == Some("error")
}

/// The end that the cell asked for with IPython's `exit()` or `quit()`, as `sys.exit` would tell it; nothing when it
/// called neither. The kernel answers that all is well, and takes the value for the wish to be kept: `True` says that it
/// and the notebook go on.
fn exit_of(cell: usize, reply: &Value) -> Option<Failure> {
    let parts = reply.get("payload").and_then(Value::as_array);
    let is_exit = |part: &&Value| part.get("source").and_then(Value::as_str) == Some("ask_exit");
    let value = match parts.into_iter().flatten().find(is_exit)?.get("keepkernel") {
        Some(Value::Bool(true)) => return None,
        None | Some(Value::Null | Value::Bool(false)) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    Some(Failure::exit(cell, &value))
}
