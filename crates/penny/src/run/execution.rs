//! One run: a notebook's cells on a kernel, their outputs into the output notebook.

use std::path::PathBuf;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use penny_kernel::{Event, Kernel};
use penny_notebook::{Execution, Failure, Limits, Notebook, RunInfo};
use serde_json::{Map, Value};

use super::causes::{self, Passing};
use super::cells::{Break, Cells, TimeLimits, Watch, now, written};
use super::kernels::{Begun, Origin};
use super::{Asking, Output, Syncing, asking, messages, record};
use crate::config::Entry;
use crate::console::Step;
use crate::error::{Error, sentence_of};
use crate::stop::Stop;
use crate::store::{CellTiming, Outcome, OutputSeal, RunId};

/// One run to be done.
pub struct Execute<'a> {
    /// What all runs of the sync share.
    pub syncing: &'a Syncing,
    /// The notebook.
    pub entry: &'a Entry,
    /// The wish that the run ends.
    pub stop: &'a Stop,
    /// What was asked for, when somebody asked.
    pub asked: Option<&'a Asking>,
    /// The run's number in the history.
    pub run: RunId,
    /// What the output notebook says of its run from its beginning.
    pub record: Map<String, Value>,
    /// What the processes that it starts know it by.
    pub token: String,
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
    /// How long each of its cells took.
    pub timings: Vec<CellTiming>,
    /// The output notebook.
    pub output: Option<PathBuf>,
    /// What the output notebook is, byte by byte.
    pub output_seal: Option<OutputSeal>,
    /// How its kernel was started, if one was.
    pub origin: Option<Origin>,
    /// How many places of its outputs held a secret.
    pub masked: u64,
    /// Why it failed, when that may pass by itself.
    pub passing: Option<Passing>,
}

impl Execute<'_> {
    /// How long the notebook and each of its cells may run.
    fn time_limits(&self) -> TimeLimits {
        let everywhere = &self.syncing.workspace.config.limits;
        TimeLimits {
            notebook: Some(self.entry.timeout.unwrap_or(everywhere.timeout)),
            cell: self.entry.cell_timeout.or(everywhere.cell_timeout),
            sync: self.syncing.occasion.deadline(),
        }
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
            timings: Vec::new(),
            output: None,
            output_seal: None,
            origin: None,
            masked: 0,
            passing: None,
        }
    }

    /// One that would have been tried again, had Penny not been stopped.
    pub fn stopped_between_attempts(mut self, stop: &Stop) -> Executed {
        self.outcome = Outcome::Cancelled;
        let error = self.error.take().unwrap_or_default();
        let why = match stop.cancelled_by() {
            Some(by) => format!("it was cancelled before the next attempt by {by}"),
            None => "Penny was stopped before the next attempt".to_owned(),
        };
        self.error = Some(format!("{error}\n  {why}"));
        self
    }
}

/// Executes the notebook; whatever happens is in the result.
pub async fn execute(execute: &Execute<'_>, source: &[u8]) -> Executed {
    let Execute { syncing, entry, .. } = execute;
    let (notebook, begun) = match prepare(execute, source) {
        Ok(prepared) => prepared,
        Err(error) => return Executed::not_begun(messages::refused(entry, &error)),
    };
    let mut warnings = notebook.notes().to_vec();
    let output = Output::of_run(
        &execute.output_folder,
        syncing.workspace.own().join("rescued"),
        &entry.name,
        execute.started,
        &syncing.workspace.config.zone,
    );
    let info = RunInfo {
        input_path: entry.file_text.clone(),
        output_path: output.path().map(|p| syncing.workspace.shown(p)).unwrap_or_default(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        environment_variables: serde_json::Map::new(),
    };
    let limits =
        Limits { output_bytes_per_cell: syncing.workspace.config.limits.output_bytes_per_cell };
    let language = begun.spec.language.clone();
    let began = written(execute.started);
    let parameters = asking::parameters_of(entry, execute.asked, &notebook, &mut warnings);
    let execution = Execution::new(notebook, &parameters, &language, info, limits, &began);
    let mut execution = match execution {
        Ok(execution) => execution,
        Err(e) => {
            return Executed::not_begun(messages::refused(entry, &Error::usage(sentence_of(&e))));
        }
    };
    execution.tell(execute.record.clone());
    let environment_hash = environment_hash(execute, &begun);
    execution.tell(record::of_environment(environment_hash.as_deref()));
    let parameters = asking::shown(&parameters, &syncing.workspace.secrets);
    execution.tell(record::of_parameters(&parameters));
    let watch = OnStep { execute };
    let secrets = &syncing.workspace.secrets;
    let limits = execute.time_limits();
    let mut cells = Cells::new(execution, output, limits, secrets, execute.stop, &watch);
    // Written before it runs: whoever looks in the outputs' folder sees that it has begun.
    cells.save();
    note_output(execute, &cells.output, environment_hash.as_deref());
    note_parameters(execute, &parameters);
    let mut origin = None;
    let end = on_kernel(execute, &mut cells, begun, &mut origin).await;
    let Cells { mut execution, mut output, run, total, exit, .. } = cells;
    warnings.extend(exit.map(|cell| messages::exited(&execution, cell, total - run)));
    let passing = passing(&end);
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
    execution.tell(record_of_end(execute, outcome, error.as_deref(), (total, run)));
    output.save(&mut execution, secrets);
    let masked = execution.masked();
    warnings.extend(messages::masked(&masked));
    let (outcome, error) = match output.trouble() {
        // An output that is not where it belongs is a failure even when every cell ran.
        Some(trouble) if outcome == Outcome::Succeeded => (Outcome::Failed, Some(trouble)),
        Some(trouble) => (outcome, Some(format!("{}\n{trouble}", error.unwrap_or_default()))),
        None => (outcome, error),
    };
    Executed {
        outcome,
        error,
        warnings,
        cells: total,
        cells_run: run,
        timings: CellTiming::of(execution.notebook()),
        output_seal: output.seal(),
        output: output.place(),
        origin,
        masked: masked.iter().map(|m| m.places).sum(),
        passing,
    }
}

/// By which name the history knows what is installed where the kernel runs.
fn environment_hash(execute: &Execute<'_>, begun: &Begun) -> Option<String> {
    let syncing = execute.syncing;
    let packages = syncing.kernels.packages(&begun.spec)?;
    let kept = syncing.store.keep_environment(packages, syncing.clock.wall());
    kept.inspect_err(|e| tracing::warn!("{}: {}", execute.entry.name, e.sentence())).ok()
}

/// Writes on what the run runs and where its output notebook grows: what is cut off is found there.
fn note_output(execute: &Execute<'_>, output: &Output, environment_hash: Option<&str>) {
    let syncing = execute.syncing;
    let Some(place) = output.place() else { return };
    let shown = syncing.workspace.shown(&place);
    if let Err(e) = syncing.store.set_output(execute.run, &shown, environment_hash) {
        // Its end is written all the same, and says where the output is again.
        tracing::warn!("{}: {}", execute.entry.name, e.sentence());
    }
}

/// Writes on with which values the run runs.
fn note_parameters(execute: &Execute<'_>, parameters: &Map<String, Value>) {
    if parameters.is_empty() {
        return;
    }
    if let Err(e) = execute.syncing.store.set_parameters(execute.run, parameters) {
        // Its output notebook tells them.
        tracing::warn!("{}: {}", execute.entry.name, e.sentence());
    }
}

/// What the output notebook says of the end of its run.
fn record_of_end(
    execute: &Execute<'_>,
    outcome: Outcome,
    error: Option<&str>,
    cells: (usize, usize),
) -> Map<String, Value> {
    let syncing = execute.syncing;
    let secrets = &syncing.workspace.secrets;
    let mut published = syncing.store.published_by(execute.run).unwrap_or_default();
    // A warning may quote the data.
    published.iter_mut().for_each(|p| p.report = secrets.mask(&p.report));
    let error = error.map(|e| secrets.mask(e));
    record::ended(outcome, error.as_deref(), cells, &published, syncing.clock.wall())
}

/// The notebook, and the kernel that is being started for it.
fn prepare(execute: &Execute<'_>, source: &[u8]) -> Result<(Notebook, Begun), Error> {
    let Execute { syncing, entry, .. } = execute;
    let notebook = Notebook::parse(source)
        .map_err(|e| Error::usage(format!("{}: {}", entry.file_text, sentence_of(&e))))?;
    let begun = syncing.kernels.take(entry, &notebook, &execute.token)?;
    Ok((notebook, begun))
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
        Break::Died(f, why, _) => {
            let text = messages::died(entry, execution, &f, &why);
            (Outcome::Crashed, Some(text), Some(f))
        }
        Break::TimedOut(f, passed) => {
            let text = messages::timed_out(entry, execution, &f, passed);
            (Outcome::TimedOut, Some(text), Some(f))
        }
        Break::Cancelled(f) => {
            let by = execute.stop.cancelled_by();
            let text = messages::cancelled(entry, execution, f.as_ref(), by.as_deref());
            (Outcome::Cancelled, Some(text), f)
        }
    }
}

/// Why the end of the cells may not come again, if it may not.
fn passing(end: &Result<Option<Break>, Error>) -> Option<Passing> {
    match end {
        Err(error) => error.may_pass().then_some(Passing::KernelLost),
        Ok(Some(Break::Failed(failure))) => causes::of_failure(failure),
        Ok(Some(Break::Died(_, _, death))) => death.as_ref().and_then(causes::of_death),
        Ok(_) => None,
    }
}

/// Waits for the kernel, runs the cells on it, and ends it with everything that it started.
async fn on_kernel(
    execute: &Execute<'_>,
    cells: &mut Cells<'_>,
    begun: Begun,
    origin: &mut Option<Origin>,
) -> Result<Option<Break>, Error> {
    let syncing = execute.syncing;
    execute.step.detail("starting the kernel");
    let (mut kernel, how) = tokio::select! {
        kernel = alive(execute, begun) => kernel?,
        () = execute.stop.asked() => return Ok(Some(Break::Cancelled(None))),
    };
    *origin = Some(how);
    let end = cells.run(&mut kernel).await;
    syncing.endings.add(execute.run, kernel);
    Ok(end)
}

/// A kernel that lives. One that was started ahead of need may have died since: another takes its place, as
/// nothing was executed on it yet.
async fn alive(execute: &Execute<'_>, begun: Begun) -> Result<(Kernel, Origin), Error> {
    let Begun { is_ahead, spec, .. } = &begun;
    if !is_ahead {
        return begun.ready().await;
    }
    let spec = spec.clone();
    match begun.ready().await {
        Ok((mut kernel, origin)) => match kernel.next_event().now_or_never() {
            Some(Event::Died(death)) => {
                tracing::warn!(
                    "{}: {death}, before its first cell: another is started",
                    execute.entry.name
                );
            }
            _ => return Ok((kernel, origin)),
        },
        Err(error) if error.may_pass() => {
            tracing::warn!("{}: {}; another is started", execute.entry.name, error.sentence());
        }
        Err(error) => return Err(error),
    }
    execute.syncing.kernels.again(execute.entry, spec, &execute.token).ready().await
}

/// Shows how far a run is.
struct OnStep<'a> {
    execute: &'a Execute<'a>,
}

impl Watch for OnStep<'_> {
    fn cell_begins(&self, index: usize, of: usize) {
        self.execute.step.detail(&format!("cell {index} of {of}"));
        self.execute.syncing.follow.cell_begins(self.execute.run, index, of);
    }

    fn stopping(&self) {
        if self.execute.stop.cancelled_by().is_none() {
            self.execute.syncing.console.stopping();
        }
    }
}
