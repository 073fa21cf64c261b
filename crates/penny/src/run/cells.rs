//! The cells of one notebook on a kernel: their outputs folded in, their time kept, their end told.
//!
//! No workspace is known here: a run of a sync and a notebook of `penny exec` execute the same way.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use penny_kernel::{Death, Event, Kernel, KernelError, RequestId};
use penny_notebook::{CellEnd, Execution, Failure};
use serde_json::Value;

use super::{Output, messages};
use crate::config::Secrets;
use crate::error::sentence_of;
use crate::stop::Stop;

/// A kernel that was interrupted gets this long to end its cell before it is killed.
const INTERRUPT_GRACE: Duration = Duration::from_secs(5);
/// And this long when Penny is to end: all of it has to be over in ten seconds.
const STOP_GRACE: Duration = Duration::from_secs(3);

/// Of the last line that a cell printed, at most so many characters are told.
const LAST_LINE_MAX: usize = 200;

/// How long things may take; nothing is no limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimeLimits {
    /// All cells together.
    pub notebook: Option<Duration>,
    /// Each cell.
    pub cell: Option<Duration>,
    /// The sync that the notebook is a part of: when it has to have ended, and how long all of it may take.
    pub sync: Option<(Instant, Duration)>,
}

/// Someone who is told how far the cells are.
pub trait Watch: Sync {
    /// A cell begins: the `index`th (from 1) of `of` that have code.
    fn cell_begins(&self, index: usize, of: usize);

    /// A cell ended, well or not.
    fn cell_ended(&self, _index: usize, _of: usize) {}

    /// A cell printed: `stream` is `stdout` or `stderr`. The text may hold secrets.
    fn printed(&self, _stream: &str, _text: &str) {}

    /// A cell showed a value, or raised: the text of it. It may hold secrets.
    fn showed(&self, _text: &str) {}

    /// A cell is interrupted since the user wants to end.
    fn stopping(&self) {}
}

/// Why the cells ended before the last one.
pub enum Break {
    /// A cell raised.
    Failed(Failure),
    /// The kernel is gone, or can no longer be trusted: why, and how it died if it did.
    Died(Failure, String, Option<Death>),
    /// A time limit passed.
    TimedOut(Failure, PassedLimit),
    /// The user stopped it.
    Cancelled(Option<Failure>),
}

/// The time limit that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassedLimit {
    /// That of the whole notebook.
    Notebook(Duration),
    /// That of one cell.
    Cell(Duration),
    /// That of the sync.
    Sync(Duration),
}

/// The cells of one execution, as far as they got.
pub struct Cells<'a> {
    /// The notebook with its outputs.
    pub execution: Execution,
    /// Where it is saved as it grows.
    pub output: Output,
    /// How long it may take.
    pub limits: TimeLimits,
    /// What is masked in what is saved.
    pub secrets: &'a Secrets,
    /// The wish to end.
    pub stop: &'a Stop,
    /// Who watches.
    pub watch: &'a dyn Watch,
    /// How many cells ran to their end.
    pub run: usize,
    /// How many have code.
    pub total: usize,
    /// The cell that ended the notebook by itself, and well.
    pub exit: Option<usize>,
    /// Which cell each request to the kernel was about.
    requests: HashMap<RequestId, usize>,
    /// The last line that the cell under way printed.
    last_line: Option<String>,
}

impl<'a> Cells<'a> {
    /// Cells of which none has run.
    pub fn new(
        execution: Execution,
        output: Output,
        limits: TimeLimits,
        secrets: &'a Secrets,
        stop: &'a Stop,
        watch: &'a dyn Watch,
    ) -> Cells<'a> {
        let total = execution.cells_to_run().len();
        Cells {
            execution,
            output,
            limits,
            secrets,
            stop,
            watch,
            run: 0,
            total,
            exit: None,
            requests: HashMap::new(),
            last_line: None,
        }
    }

    /// Saves what there is.
    pub fn save(&mut self) {
        self.output.save(&mut self.execution, self.secrets);
    }

    /// Runs every cell on the kernel; nothing when all ran, or one ended the notebook well.
    pub async fn run(&mut self, kernel: &mut Kernel) -> Option<Break> {
        let info = kernel.info().get("language_info").cloned().unwrap_or(Value::Null);
        self.execution.set_language_info(&info);
        let end_of_notebook = self.limits.notebook.map(|limit| Instant::now() + limit);
        for (index, cell) in self.execution.cells_to_run().into_iter().enumerate() {
            if self.stop.is_asked() {
                return Some(Break::Cancelled(None));
            }
            self.watch.cell_begins(index + 1, self.total);
            self.last_line = None;
            self.execution.start_cell(cell, &now());
            self.output.cell_begins(&mut self.execution, self.secrets);
            let end = self.one(kernel, cell, self.deadline(end_of_notebook)).await;
            self.watch.cell_ended(index + 1, self.total);
            match end {
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

    /// When a cell that begins now has to have ended, and by which limit.
    fn deadline(&self, end_of_notebook: Option<Instant>) -> Option<(Instant, PassedLimit)> {
        let notebook = end_of_notebook.zip(self.limits.notebook.map(PassedLimit::Notebook));
        let cell = self.limits.cell.map(|limit| (Instant::now() + limit, PassedLimit::Cell(limit)));
        let sync = self.limits.sync.map(|(at, limit)| (at, PassedLimit::Sync(limit)));
        [notebook, cell, sync].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// One cell, to its end or to the end of everything.
    async fn one(
        &mut self,
        kernel: &mut Kernel,
        cell: usize,
        deadline: Option<(Instant, PassedLimit)>,
    ) -> Result<CellEnd, Break> {
        let code = self.execution.notebook().source(cell);
        match kernel.execute(&code).await {
            Ok(request) => _ = self.requests.insert(request, cell),
            Err(KernelError::Died(death)) => return Err(self.dead(cell, death)),
            Err(e) => return Err(self.died(cell, &sentence_of(&e), None)),
        }
        let stop = self.stop;
        loop {
            let due = self.output.due();
            tokio::select! {
                event = kernel.next_event() => {
                    if let Some(end) = self.event(cell, event) {
                        return end;
                    }
                }
                () = until(due) => self.output.save_when_due(&mut self.execution, self.secrets),
                passed = passed(deadline) => {
                    return Err(self.interrupted(kernel, cell, Interruption::TimeLimit(passed)).await);
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
            Event::Output { request, msg_type, content, buffers, .. } => {
                self.fold(self.cell_of(request, cell), &msg_type, &content, &buffers);
                None
            }
            Event::Done { reply, iopub_complete, lost } => {
                self.output.touch();
                let end = self.execution.finish_cell(cell, &reply, &now());
                let whole = iopub_complete && lost == 0;
                if !whole && end == CellEnd::Succeeded {
                    // A run whose output is not all there has not done what it was asked.
                    let why = messages::output_lost(lost);
                    let failure = self.execution.break_off(cell, "OutputLostError", &why, &now());
                    return Some(Ok(CellEnd::Failed(failure)));
                }
                Some(Ok(end))
            }
            Event::Died(death) => Some(Err(self.dead(cell, death))),
        }
    }

    /// The cell that a request was about: what a thread prints later belongs to the cell that began it.
    fn cell_of(&self, request: RequestId, otherwise: usize) -> usize {
        self.requests.get(&request).copied().unwrap_or(otherwise)
    }

    fn fold(&mut self, cell: usize, msg_type: &str, content: &Value, buffers: &[Bytes]) {
        self.tell(msg_type, content);
        if msg_type == "stream" {
            let line = content["text"].as_str().and_then(|text| last_line(text));
            self.last_line = line.map(str::to_owned).or(self.last_line.take());
        }
        self.execution.apply_with(cell, msg_type, content, buffers, &now());
        if msg_type != "status" {
            self.output.touch();
        }
    }

    /// Tells the one who watches what a cell says.
    fn tell(&self, msg_type: &str, content: &Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match msg_type {
            "stream" => {
                if let (Some(name), Some(text)) =
                    (content["name"].as_str(), content["text"].as_str())
                {
                    self.watch.printed(name, text);
                }
            }
            "display_data" | "execute_result" => {
                if let Some(text) = text(&content["data"]["text/plain"]) {
                    self.watch.showed(&text);
                }
            }
            "error" => {
                let lines = content["traceback"].as_array().into_iter().flatten();
                self.watch.showed(&lines.filter_map(text).collect::<Vec<_>>().join("\n"));
            }
            _ => {}
        }
    }

    /// The kernel is gone.
    fn dead(&mut self, cell: usize, death: Death) -> Break {
        self.died(cell, &messages::death(&death), Some(death))
    }

    /// The kernel is gone, or out of reach: what is known of it, and the last thing that the cell printed.
    fn died(&mut self, cell: usize, why: &str, death: Option<Death>) -> Break {
        let why = match &self.last_line {
            Some(line) => format!("{why}\nit last printed: {line}"),
            None => why.to_owned(),
        };
        let why = why.as_str();
        let failure = self.execution.break_off(cell, "DeadKernelError", why, &now());
        Break::Died(failure, why.to_owned(), death)
    }

    /// Interrupts the cell, and takes in what it still says within the grace.
    async fn interrupted(&mut self, kernel: &mut Kernel, cell: usize, by: Interruption) -> Break {
        if let Interruption::User = by {
            self.watch.stopping();
        }
        // Whatever comes now, a second Ctrl-C included, what there is so far is kept.
        self.save();
        let said = match kernel.interrupt() {
            Ok(()) => self.last_words(kernel, cell, self.grace(by)).await,
            Err(_) => None,
        };
        if said.is_none() {
            // It is asked once more, more firmly; what ends the kernel kills it in a second.
            kernel.terminate();
        }
        let failure = match said {
            // The traceback of its KeyboardInterrupt says where it was.
            Some(CellEnd::Failed(failure)) => failure,
            _ => self.execution.break_off(cell, by.ename(), by.evalue(), &now()),
        };
        match by {
            Interruption::TimeLimit(passed) => Break::TimedOut(failure, passed),
            Interruption::User => Break::Cancelled(Some(failure)),
        }
    }

    /// How long an interrupted cell may take to end by itself.
    fn grace(&self, by: Interruption) -> Duration {
        match by {
            // Penny goes on when a run alone is cancelled: there is no haste.
            Interruption::User if self.stop.wish().is_some() => STOP_GRACE,
            _ => INTERRUPT_GRACE,
        }
    }

    /// What an interrupted cell still says, and how it ends if it does in time.
    async fn last_words(
        &mut self,
        kernel: &mut Kernel,
        cell: usize,
        grace: Duration,
    ) -> Option<CellEnd> {
        let grace = Instant::now() + grace;
        // A cell that prints without end always has a next event: the time is asked for each.
        while Instant::now() < grace
            && let Ok(event) = tokio::time::timeout_at(grace.into(), kernel.next_event()).await
        {
            match event {
                Event::Output { request, msg_type, content, buffers, .. } => {
                    self.fold(self.cell_of(request, cell), &msg_type, &content, &buffers);
                }
                Event::Done { reply, .. } => {
                    return Some(self.execution.finish_cell(cell, &reply, &now()));
                }
                Event::Died(_) => break,
            }
        }
        None
    }
}

/// Who interrupts a cell.
#[derive(Clone, Copy)]
enum Interruption {
    TimeLimit(PassedLimit),
    User,
}

impl Interruption {
    fn ename(self) -> &'static str {
        match self {
            Interruption::TimeLimit(_) => "TimeoutError",
            Interruption::User => "KeyboardInterrupt",
        }
    }

    fn evalue(self) -> &'static str {
        match self {
            Interruption::TimeLimit(PassedLimit::Notebook(_)) => {
                "the notebook ran longer than its limit and was ended"
            }
            Interruption::TimeLimit(PassedLimit::Cell(_)) => {
                "the cell ran longer than its limit and was ended"
            }
            Interruption::TimeLimit(PassedLimit::Sync(_)) => {
                "the whole sync ran longer than its limit and was ended"
            }
            Interruption::User => "the run was stopped",
        }
    }
}

/// The last line of a text that says something, shortened.
fn last_line(text: &str) -> Option<&str> {
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty())?;
    let end = line.char_indices().nth(LAST_LINE_MAX).map_or(line.len(), |(end, _)| end);
    Some(&line[..end])
}

/// RFC 3339 with microseconds, as Jupyter and papermill write it: Python reads no finer times.
pub fn written(at: Timestamp) -> String {
    format!("{at:.6}")
}

/// The present time, as a notebook has it.
pub fn now() -> String {
    written(Timestamp::now())
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}

async fn passed(deadline: Option<(Instant, PassedLimit)>) -> PassedLimit {
    until(deadline.map(|(at, _)| at)).await;
    deadline.expect("without a deadline the line above never ends").1
}
