//! One run: a notebook's cells on a kernel, their outputs into the output notebook.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use penny_kernel::{Event, Kernel, Launch};
use penny_notebook::{CellEnd, Execution, Failure, Limits, Notebook, RunInfo};
use serde_json::Value;

use super::{Output, Syncing, choice, messages};
use crate::config::Entry;
use crate::console::Step;
use crate::error::{Error, sentence_of};
use crate::store::{Outcome, RunId};

/// A kernel that was interrupted gets this long to end its cell before it is killed.
const INTERRUPT_GRACE: Duration = Duration::from_secs(5);

/// One run to be done.
pub struct Execute<'a> {
    /// What all runs of the sync share.
    pub syncing: &'a Syncing<'a>,
    /// The notebook.
    pub entry: &'a Entry,
    /// The run's number in the history.
    pub run: RunId,
    /// When it started: its output is called after that.
    pub started: Timestamp,
    /// Where its progress is shown.
    pub step: &'a Step,
    /// The folder of its output notebook.
    pub output_folder: PathBuf,
}

/// What a run came to.
pub struct Executed {
    /// How it ended.
    pub outcome: Outcome,
    /// Why it did not succeed, as it is shown: a sentence and lines below it.
    pub error: Option<String>,
    /// What the user should know though it went well.
    pub warnings: Vec<String>,
    /// How many code cells there are.
    pub cells: usize,
    /// How many of them ran to their end.
    pub cells_run: usize,
    /// The output notebook.
    pub output: Option<PathBuf>,
}

impl Execute<'_> {
    /// How long the notebook may run.
    fn time_limit(&self) -> Duration {
        self.entry.timeout.unwrap_or(self.syncing.workspace.config.limits.timeout)
    }
}

impl Executed {
    /// A run that failed before its first cell.
    pub fn not_begun(error: String) -> Executed {
        Executed {
            outcome: Outcome::Failed,
            error: Some(error),
            warnings: Vec::new(),
            cells: 0,
            cells_run: 0,
            output: None,
        }
    }
}

/// Why the cells ended before the last one.
enum Break {
    /// A cell raised.
    Failed(Failure),
    /// The kernel is gone.
    Died(Failure, String),
    /// The time limit passed.
    TimedOut(Failure),
    /// The user stopped it.
    Cancelled(Option<Failure>),
}

/// Executes the notebook; whatever happens is in the result.
pub async fn execute(execute: &Execute<'_>, source: &[u8]) -> Executed {
    let Execute { syncing, entry, .. } = execute;
    let (notebook, spec) = match prepare(execute, source) {
        Ok(prepared) => prepared,
        Err(error) => return Executed::not_begun(messages::refused(entry, &error)),
    };
    let mut warnings = notebook.notes().to_vec();
    let mut output = Output::new(
        &execute.output_folder,
        syncing.workspace.own().join("rescued"),
        &entry.name,
        execute.started,
        &syncing.workspace.config.zone,
    );
    let info = RunInfo {
        input_path: entry.file_text.clone(),
        output_path: syncing.workspace.shown(output.path()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        environment_variables: serde_json::Map::new(),
    };
    let limits =
        Limits { output_bytes_per_cell: syncing.workspace.config.limits.output_bytes_per_cell };
    let language = spec.language.clone();
    let began = written(execute.started);
    let execution = Execution::new(notebook, &entry.parameters, &language, info, limits, &began);
    let mut execution = match execution {
        Ok(execution) => execution,
        Err(e) => {
            return Executed::not_begun(messages::refused(entry, &Error::usage(sentence_of(&e))));
        }
    };
    // Written before it runs: whoever looks in the outputs' folder sees that it has begun.
    output.save(&mut execution, &syncing.workspace.secrets);
    let mut cells = Cells { execute, execution, output, run: 0, total: 0, exit: None };
    let end = cells.on_kernel(spec).await;
    let Cells { mut execution, mut output, run, total, exit, .. } = cells;
    warnings.extend(exit.and_then(|cell| messages::exited(&execution, cell, total - run)));
    let (outcome, error, failure) = match end {
        Err(error) => (Outcome::Failed, Some(messages::refused(entry, &error)), None),
        Ok(None) => (Outcome::Succeeded, None, None),
        Ok(Some(ended)) => describe(execute, &execution, ended),
    };
    for cell in execution.cells_to_run() {
        if let Some(dropped) = execution.dropped(cell) {
            warnings.push(messages::dropped(&execution, cell, &dropped));
        }
    }
    execution.finish(failure.as_ref(), &now());
    output.save(&mut execution, &syncing.workspace.secrets);
    let (outcome, error) = match output.trouble() {
        // An output that is not where it belongs is a failure even when every cell ran.
        Some(trouble) if outcome == Outcome::Succeeded => (Outcome::Failed, Some(trouble)),
        Some(trouble) => (outcome, Some(format!("{}\n{trouble}", error.unwrap_or_default()))),
        None => (outcome, error),
    };
    Executed { outcome, error, warnings, cells: total, cells_run: run, output: output.place() }
}

fn prepare(
    execute: &Execute<'_>,
    source: &[u8],
) -> Result<(Notebook, penny_kernel::Kernelspec), Error> {
    let Execute { syncing, entry, .. } = execute;
    let notebook = Notebook::parse(source)
        .map_err(|e| Error::usage(format!("{}: {}", entry.file_text, sentence_of(&e))))?;
    let spec = choice::kernelspec(
        entry,
        &notebook,
        syncing.environment,
        syncing.workspace,
        syncing.surroundings,
    )?;
    Ok((notebook, spec))
}

/// How it is told that the cells ended before the last one.
fn describe(
    execute: &Execute<'_>,
    execution: &Execution,
    ended: Break,
) -> (Outcome, Option<String>, Option<Failure>) {
    let entry = execute.entry;
    match ended {
        Break::Failed(f) => {
            (Outcome::Failed, Some(messages::failed(entry, execution, &f)), Some(f))
        }
        Break::Died(f, why) => {
            let text = messages::died(entry, execution, &f, &why);
            (Outcome::Crashed, Some(text), Some(f))
        }
        Break::TimedOut(f) => {
            let text = messages::timed_out(entry, execution, &f, execute.time_limit());
            (Outcome::TimedOut, Some(text), Some(f))
        }
        Break::Cancelled(f) => {
            let text = messages::cancelled(entry, execution, f.as_ref());
            (Outcome::Cancelled, Some(text), f)
        }
    }
}

/// RFC 3339 with microseconds, as Jupyter and papermill write it: Python reads no finer times.
fn written(at: Timestamp) -> String {
    format!("{at:.6}")
}

fn now() -> String {
    written(Timestamp::now())
}

/// The cells of one run, as far as they got.
struct Cells<'a> {
    execute: &'a Execute<'a>,
    execution: Execution,
    output: Output,
    run: usize,
    total: usize,
    /// The cell that ended the notebook by itself, and well.
    exit: Option<usize>,
}

impl Cells<'_> {
    /// Starts a kernel, runs the cells on it, and ends it with everything that it started.
    async fn on_kernel(&mut self, spec: penny_kernel::Kernelspec) -> Result<Option<Break>, Error> {
        let syncing = self.execute.syncing;
        let entry = self.execute.entry;
        self.execute.step.detail("starting the kernel");
        let folder = entry.file.parent().map(PathBuf::from).unwrap_or_default();
        let launch = Launch {
            spec,
            cwd: folder,
            env: syncing.variables.of_run(self.execute.run),
            runtime_dir: syncing.workspace.own().join("kernels"),
            start_timeout: syncing.workspace.config.limits.kernel_start,
            prelude: Some(syncing.environment.module.join("penny").join("_kernel.py")),
        };
        let mut kernel = tokio::select! {
            started = Kernel::start(launch) => {
                started.map_err(|e| Error::missing(sentence_of(&e)))?
            }
            () = syncing.stop.asked() => return Ok(Some(Break::Cancelled(None))),
        };
        let info = kernel.info().get("language_info").cloned().unwrap_or(Value::Null);
        self.execution.set_language_info(&info);
        let end = self.all(&mut kernel).await;
        syncing.endings.add(kernel);
        Ok(end)
    }

    async fn all(&mut self, kernel: &mut Kernel) -> Option<Break> {
        let deadline = Instant::now() + self.execute.time_limit();
        let cells = self.execution.cells_to_run();
        self.total = cells.len();
        for (index, cell) in cells.into_iter().enumerate() {
            if self.execute.syncing.stop.is_asked() {
                return Some(Break::Cancelled(None));
            }
            self.execute.step.detail(&format!("cell {} of {}", index + 1, self.total));
            self.execution.start_cell(cell, &now());
            self.output.touch();
            self.output.save_when_due(&mut self.execution, &self.execute.syncing.workspace.secrets);
            match self.one(kernel, cell, deadline).await {
                Ok(CellEnd::Succeeded) => self.run += 1,
                Ok(CellEnd::ExitRequested) => {
                    self.run += 1;
                    self.exit = Some(cell);
                    return None;
                }
                Ok(CellEnd::Failed(failure)) => return Some(Break::Failed(failure)),
                Err(ended) => return Some(ended),
            }
        }
        None
    }

    /// One cell, to its end or to the end of everything.
    async fn one(
        &mut self,
        kernel: &mut Kernel,
        cell: usize,
        deadline: Instant,
    ) -> Result<CellEnd, Break> {
        let code = self.execution.notebook().source(cell);
        if let Err(e) = kernel.execute(&code).await {
            return Err(self.died(cell, &sentence_of(&e)));
        }
        let stop = self.execute.syncing.stop.clone();
        loop {
            let due = self.output.due();
            tokio::select! {
                event = kernel.next_event() => {
                    if let Some(end) = self.event(cell, event) {
                        return end;
                    }
                }
                () = until(due) => {
                    let secrets = &self.execute.syncing.workspace.secrets;
                    self.output.save_when_due(&mut self.execution, secrets);
                }
                () = until(Some(deadline)) => {
                    return Err(self.interrupted(kernel, cell, Interruption::TimeLimit).await);
                }
                () = stop.asked() => {
                    return Err(self.interrupted(kernel, cell, Interruption::User).await);
                }
            }
        }
    }

    /// Folds one event in; the cell's end, if that is what it was.
    fn event(&mut self, cell: usize, event: Event) -> Option<Result<CellEnd, Break>> {
        match event {
            Event::Output { msg_type, content, .. } => {
                self.execution.apply(cell, &msg_type, &content, &now());
                if msg_type != "status" {
                    self.output.touch();
                }
                None
            }
            Event::Done { reply, iopub_complete } => {
                self.output.touch();
                let end = self.execution.finish_cell(cell, &reply, &now());
                if !iopub_complete && end == CellEnd::Succeeded {
                    let why = "the kernel did not say that all output of this cell had been sent";
                    return Some(Err(self.died(cell, why)));
                }
                Some(Ok(end))
            }
            Event::Died(death) => Some(Err(self.died(cell, &messages::death(&death)))),
        }
    }

    fn died(&mut self, cell: usize, why: &str) -> Break {
        let failure = self.execution.break_off(cell, "DeadKernelError", why, &now());
        Break::Died(failure, why.to_owned())
    }

    /// Interrupts the cell, and takes in what it still says within the grace.
    async fn interrupted(&mut self, kernel: &mut Kernel, cell: usize, by: Interruption) -> Break {
        if let Interruption::User = by {
            let console = self.execute.syncing.console;
            console.say(
                "stopping: the cell is interrupted (Ctrl-C once more ends everything at once)",
            );
        }
        // Whatever comes now, a second Ctrl-C included, what there is so far is kept.
        self.output.save(&mut self.execution, &self.execute.syncing.workspace.secrets);
        let grace = Instant::now() + INTERRUPT_GRACE;
        let mut said = None;
        if kernel.interrupt().is_ok() {
            // A cell that prints without end always has a next event: the time is asked for each.
            while Instant::now() < grace
                && let Ok(event) = tokio::time::timeout_at(grace.into(), kernel.next_event()).await
            {
                match event {
                    Event::Output { msg_type, content, .. } => {
                        self.execution.apply(cell, &msg_type, &content, &now());
                    }
                    Event::Done { reply, .. } => {
                        said = Some(self.execution.finish_cell(cell, &reply, &now()));
                        break;
                    }
                    Event::Died(_) => break,
                }
            }
        }
        let failure = match said {
            // The traceback of its KeyboardInterrupt says where it was.
            Some(CellEnd::Failed(failure)) => failure,
            _ => self.execution.break_off(cell, by.ename(), by.evalue(), &now()),
        };
        match by {
            Interruption::TimeLimit => Break::TimedOut(failure),
            Interruption::User => Break::Cancelled(Some(failure)),
        }
    }
}

/// Who interrupts a cell.
#[derive(Clone, Copy)]
enum Interruption {
    TimeLimit,
    User,
}

impl Interruption {
    fn ename(self) -> &'static str {
        match self {
            Interruption::TimeLimit => "TimeoutError",
            Interruption::User => "KeyboardInterrupt",
        }
    }

    fn evalue(self) -> &'static str {
        match self {
            Interruption::TimeLimit => "the notebook ran longer than its limit and was ended",
            Interruption::User => "the run was stopped",
        }
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}
