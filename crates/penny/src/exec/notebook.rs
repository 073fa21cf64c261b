//! One notebook, from its parameters to the report.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use penny_kernel::{Kernel, Launch};
use penny_notebook::{Execution, Limits, Notebook, Parameters, RunInfo};

use super::ground::{Ground, Start};
use super::paths::{Destination, Paths};
use super::watch::{Copy, Log, Shown, Watching, usual_progress};
use super::{Around, Report, Request, is_stdout, messages};
use crate::console;
use crate::error::{Error, Result, sentence_of};
use crate::run::{Break, Cells, Output, TimeLimits, now};
use crate::store::Outcome;

/// ipykernel may hang in its own end; by then every output has arrived.
const END_GRACE: Duration = Duration::from_secs(1);

/// All that is known before the notebook is touched.
pub struct Wanted<'a> {
    pub around: &'a Around<'a>,
    pub request: Request,
    pub paths: Paths,
    pub parameters: Parameters,
    pub log: Log<'a>,
    pub ground: Ground,
}

/// How far the cells came.
struct Far {
    execution: Execution,
    output: Output,
    run: usize,
    total: usize,
    exit: Option<usize>,
}

impl Wanted<'_> {
    /// Executes it, or only prepares it.
    ///
    /// # Errors
    /// It could not begin, or its kernel did not start.
    pub async fn execute(&self, notebook: Notebook) -> Result<Report> {
        match self.request.prepare_only {
            true => self.prepare(notebook),
            false => self.run(notebook).await,
        }
    }

    async fn run(&self, notebook: Notebook) -> Result<Report> {
        let begun = Instant::now();
        let start =
            self.ground.start(self.around, &self.request, &notebook, &self.paths.folder).await?;
        let kernel = start.launch.spec.name.clone();
        let execution = self.execution(notebook, &start.launch.spec.language)?;
        let watching = self.watching(execution.cells_to_run().len())?;
        let limits = TimeLimits { cell: self.request.cell_timeout, ..TimeLimits::default() };
        let secrets = &self.ground.secrets;
        let mut cells =
            Cells::new(execution, self.output(), limits, secrets, self.around.stop, &watching);
        self.first_save(&mut cells)?;
        cells.output = cells.output.rescued_in(self.ground.rescue_folder());
        let Start { launch, scratch } = start;
        let end = self.on_kernel(&mut cells, launch).await;
        drop(scratch);
        let Cells { execution, output, run, total, exit, .. } = cells;
        let mut far = Far { execution, output, run, total, exit };
        let end = match end {
            Ok(end) => end,
            Err(error) => {
                far.execution.finish(None, &now());
                far.output.save(&mut far.execution, secrets);
                return Err(error);
            }
        };
        let mut report = self.ended(far, end, begun.elapsed());
        report.kernel = Some(kernel);
        let untold: Vec<String> =
            report.trouble.take().into_iter().chain(watching.troubles()).collect();
        report.trouble = (!untold.is_empty()).then(|| untold.join("\n"));
        drop(watching);
        self.tell(&report);
        Ok(report)
    }

    /// Writes the notebook with its parameters, and runs nothing.
    fn prepare(&self, notebook: Notebook) -> Result<Report> {
        let begun = Instant::now();
        let language = notebook.language().unwrap_or("python").to_owned();
        let language = self.request.language.clone().unwrap_or(language);
        let mut prepared = notebook
            .prepared(&self.parameters, &language, self.info())
            .map_err(|e| Error::usage(sentence_of(&e)))?;
        if self.request.report_mode {
            prepared.hide_sources();
        }
        let bytes = prepared.to_bytes();
        let trouble = match &self.paths.output {
            Destination::File(_, path) | Destination::Pipe(_, path) => {
                write_file(path, &bytes).map_err(|e| Error::file("write", path, e))?;
                None
            }
            Destination::Stdout | Destination::Nowhere => to_stdout(&bytes),
        };
        let cells = (0..prepared.cell_count()).filter(|&cell| prepared.is_code(cell)).count();
        let report = Report {
            outcome: None,
            masked: 0,
            error: None,
            warnings: Vec::new(),
            cells,
            cells_run: 0,
            elapsed: begun.elapsed(),
            kernel: None,
            output: (!is_stdout(&self.paths.output)).then(|| self.paths.output.to_string()),
            trouble,
        };
        self.tell(&report);
        Ok(report)
    }

    /// The notebook ready to run; `language` is that of its kernel.
    fn execution(&self, notebook: Notebook, language: &str) -> Result<Execution> {
        let limits = Limits { output_bytes_per_cell: self.ground.output_bytes_per_cell() };
        let language = self.request.language.as_deref().unwrap_or(language);
        let execution =
            Execution::new(notebook, &self.parameters, language, self.info(), limits, &now());
        let mut execution = execution.map_err(|e| Error::usage(sentence_of(&e)))?;
        if self.request.report_mode {
            execution.hide_sources();
        }
        Ok(execution)
    }

    /// What the notebook says of its own execution.
    fn info(&self) -> RunInfo {
        RunInfo {
            input_path: self.paths.input.clone(),
            output_path: self.paths.output.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            environment_variables: serde_json::Map::new(),
        }
    }

    fn watching(&self, cells: usize) -> Result<Watching<'_>> {
        let request = &self.request;
        let here = &self.around.surroundings.folder;
        let copy = |path: &Option<std::path::PathBuf>| {
            path.as_deref().map(|path| Copy::open(path, here)).transpose()
        };
        let progress = request
            .progress
            .unwrap_or_else(|| usual_progress(request.log_output, &self.paths.output));
        let shown = Shown {
            log_output: request.log_output,
            bar: progress.then(|| self.around.console.bar("Executing", cells)),
            stdout: copy(&request.stdout_file)?,
            stderr: copy(&request.stderr_file)?,
        };
        Ok(Watching::new(&self.log, &self.ground.secrets, shown))
    }

    /// The output notebook on its way; one for standard output, or for a pipe, is written at the end alone.
    fn output(&self) -> Output {
        match &self.paths.output {
            Destination::File(_, path) => Output::at(path.clone(), self.request.saving),
            Destination::Stdout | Destination::Pipe(..) | Destination::Nowhere => Output::nowhere(),
        }
    }

    /// Whoever looks sees that it has begun; and a place that cannot be written to is known before
    /// hours of work, not after.
    fn first_save(&self, cells: &mut Cells<'_>) -> Result<()> {
        if self.request.saving.between_cells {
            cells.save();
        }
        match cells.output.trouble() {
            Some(trouble) => {
                let trouble = trouble.split("; ").next().unwrap_or_default();
                Err(Error::missing(format!("{trouble}; nothing was run"))
                    .hint("name another OUTPUT, or make that place writable"))
            }
            None => Ok(()),
        }
    }

    async fn on_kernel(&self, cells: &mut Cells<'_>, launch: Launch) -> Result<Option<Break>> {
        let name = launch.spec.name.clone();
        let mut kernel = tokio::select! {
            kernel = Kernel::start(launch) => {
                kernel.map_err(|e| Error::missing(sentence_of(&e)))?
            }
            () = self.around.stop.asked() => return Ok(Some(Break::Cancelled(None))),
        };
        self.log.info(&format!("Executing notebook with kernel: {name}"));
        let end = cells.run(&mut kernel).await;
        // All outputs have arrived: they are safe before the kernel's own end is waited for.
        cells.save();
        kernel.shutdown(END_GRACE).await;
        Ok(end)
    }

    /// Marks the notebook as ended, and writes it where it belongs.
    fn ended(&self, far: Far, end: Option<Break>, elapsed: Duration) -> Report {
        let Far { mut execution, mut output, run, total, exit } = far;
        let mut warnings = Vec::new();
        warnings.extend(exit.map(|cell| messages::exited(&execution, cell, total - run)));
        for cell in execution.cells_to_run() {
            if let Some(dropped) = execution.dropped(cell) {
                warnings.push(messages::dropped(&execution, cell, &dropped));
            }
        }
        let (outcome, error, failure) = match end {
            None => (Outcome::Succeeded, None, None),
            Some(ended) => {
                let (outcome, text, failure) = messages::broken(self.name(), &execution, ended);
                (outcome, Some(self.ground.secrets.mask(&text)), failure)
            }
        };
        execution.finish(failure.as_ref(), &now());
        let (place, trouble) = self.write(&mut execution, &mut output);
        let masked = execution.masked().iter().map(|masked| masked.places).sum();
        Report {
            outcome: Some(outcome),
            masked,
            error,
            warnings,
            cells: total,
            cells_run: run,
            elapsed,
            kernel: None,
            output: place,
            trouble,
        }
    }

    /// Writes the notebook where it belongs: where it is then, and what kept it from being there.
    fn write(
        &self,
        execution: &mut Execution,
        output: &mut Output,
    ) -> (Option<String>, Option<String>) {
        output.save(execution, &self.ground.secrets);
        if let Destination::Pipe(name, path) = &self.paths.output {
            let bytes = execution.save_copy(self.ground.secrets.masker());
            return match write_file(path, &bytes) {
                Ok(()) => (Some(name.clone()), None),
                Err(e) => (None, Some(format!("the notebook could not be written to {name}: {e}"))),
            };
        }
        if !is_stdout(&self.paths.output) {
            let name = self.paths.output.to_string();
            let rescued = output.place().filter(|place| output.path() != Some(place));
            let place = match rescued {
                Some(place) => Some(place.display().to_string()),
                None => output.place().map(|_| name),
            };
            return (place, output.trouble());
        }
        (None, to_stdout(&execution.save_copy(self.ground.secrets.masker())))
    }

    /// The notebook as sentences name it.
    fn name(&self) -> &str {
        match self.paths.input.as_str() {
            "-" => "standard input",
            input => input,
        }
    }

    /// Tells how it ended.
    fn tell(&self, report: &Report) {
        let console = self.around.console;
        for warning in &report.warnings {
            self.log.warn(warning);
        }
        if report.masked > 0 {
            self.log.info(&format!(
                "{} that held a secret, or what looks like one: masked (•••)",
                console::count(usize::try_from(report.masked).unwrap_or(usize::MAX), "place")
            ));
        }
        if let Some(error) = &report.error {
            console.say(&format!("error: {error}"));
        }
        if let Some(trouble) = &report.trouble {
            console.say(&format!("error: {trouble}"));
        }
        match (&report.error, &report.output) {
            (Some(_), Some(output)) => console.say(&format!("saved: {output}")),
            (None, _) if report.trouble.is_none() && report.outcome.is_some() => {
                let ran = console::count(report.cells_run, "cell");
                self.log.info(&format!("✓ {ran} ran in {}", console::duration(report.elapsed)));
            }
            _ => {}
        }
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    crate::files::write_atomically(path, bytes)
}

/// Writes a whole notebook to standard output; what kept it from being written, if anything did.
fn to_stdout(bytes: &[u8]) -> Option<String> {
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
    written.err().map(|e| format!("the notebook could not be written to standard output: {e}"))
}
