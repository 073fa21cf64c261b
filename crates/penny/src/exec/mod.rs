//! `penny exec`: one notebook, with papermill's arguments and meaning, in a workspace or without one.

mod format_spec;
mod ground;
mod help;
mod kernels;
mod messages;
mod notebook;
mod parameters;
mod paths;
mod python_text;
mod read;
mod report;
mod template;
mod watch;
mod yaml;

use std::path::{Path, PathBuf};
use std::time::Duration;

use penny_notebook::{Notebook, Parameters};

use crate::console::Console;
use crate::error::{Error, Result, sentence_of};
use crate::run::{Saving, unknown_to};
use crate::stop::Stop;
use crate::surroundings::Surroundings;
use ground::Ground;
use paths::{Destination, Paths};
use read::Reader;
use template::Template;
use watch::Log;

pub use parameters::Given;
pub use report::Report;
pub use watch::LogLevel;

/// What every command has around it.
pub struct Around<'a> {
    /// The system.
    pub surroundings: &'a Surroundings,
    /// Where progress and warnings go.
    pub console: &'a Console,
    /// The wish to end.
    pub stop: &'a Stop,
    /// The workspace that the command line names.
    pub workspace: Option<&'a Path>,
}

/// What the user asks for.
#[derive(Debug)]
pub struct Request {
    /// INPUT, if it was given.
    pub input: Option<String>,
    /// OUTPUT, if it was given.
    pub output: Option<String>,
    /// Whether the notebook's parameters are shown, and nothing else happens.
    pub help: bool,
    /// The parameters.
    pub given: Given,
    /// The kernel's name, instead of the notebook's own.
    pub kernel: Option<String>,
    /// The language of the parameters' cell, instead of the notebook's own.
    pub language: Option<String>,
    /// The folder that the notebook runs in.
    pub cwd: Option<String>,
    /// How long the kernel may take to start.
    pub start_timeout: Duration,
    /// How long each cell may take.
    pub cell_timeout: Option<Duration>,
    /// Whether the notebook is written with its parameters, and not run.
    pub prepare_only: bool,
    /// papermill's name for what executes.
    pub engine: Option<String>,
    /// When the notebook is saved while it runs.
    pub saving: Saving,
    /// Whether the sources of code cells are hidden.
    pub report_mode: bool,
    /// Whether what cells print is shown on standard error.
    pub log_output: bool,
    /// Where what cells print to standard output goes besides.
    pub stdout_file: Option<PathBuf>,
    /// The same of standard error.
    pub stderr_file: Option<PathBuf>,
    /// What is told at least; nothing for the usual.
    pub log_level: Option<LogLevel>,
    /// Whether progress is shown; nothing for the usual.
    pub progress: Option<bool>,
    /// Whether what only looks like a secret stays as it is.
    pub show_secrets: bool,
    /// Whether standard output is wanted for the report.
    pub json: bool,
}

/// What came of it.
pub enum Done {
    /// Something to show, and the exit status.
    Shown(String, u8),
    /// The notebook was executed, or prepared; how that ended has been told.
    Executed(Report),
}

/// Does what the user asks for.
///
/// # Errors
/// It could not begin: what is wrong, and what to do. A notebook that fails is in the report.
pub async fn exec(around: &Around<'_>, request: Request) -> Result<Done> {
    refuse_other_engines(request.engine.as_deref())?;
    let named = paths::named(&request, around.surroundings)?;
    let mut reader = Reader::new(&around.surroundings.folder, around.stop);
    let parameters = request.given.merged(&mut reader, &named.input, &named.output).await?;
    let mut paths = Paths::fill(&named, &request, &Template::new(&parameters, jiff::Zoned::now()))?;
    paths.check(around.surroundings)?;
    let log = Log::new(around.console, request.log_level, &paths.output);
    log.info(&format!("Input Notebook:  {}", paths.input));
    let bytes = reader.read(&paths.input, "INPUT").await?;
    let notebook = parse(&paths.input, &bytes)
        .map_err(|e| e.hint_if(paths::pipe_hint(&request, &paths.input)))?;
    if request.help {
        return Ok(help::of(&paths.input, &notebook));
    }
    log.info(&format!("Output Notebook: {}", paths.output));
    if let Some(cwd) = &paths.cwd {
        log.info(&format!("Working directory: {cwd}"));
    }
    for note in notebook.notes() {
        log.warn(&format!("{}: {note}", paths.input));
    }
    warn_of_unknown(&log, &notebook, &parameters);
    let ground = Ground::find(around, &paths.input, request.show_secrets)?;
    let wanted = notebook::Wanted { around, request, paths, parameters, log, ground };
    Ok(Done::Executed(wanted.execute(notebook).await?))
}

/// The parameters of a command line that names no file to execute.
///
/// # Errors
/// A file that cannot be read; what is no YAML or no mapping.
pub async fn parameters_of(
    given: &Given,
    surroundings: &Surroundings,
    stop: &Stop,
) -> Result<Parameters> {
    given.merged(&mut Reader::new(&surroundings.folder, stop), "", "").await
}

/// A value in YAML, as in `-y`.
///
/// # Errors
/// It is no YAML.
pub fn value_of_yaml(text: &str) -> Result<serde_json::Value> {
    yaml::parse(text).map_err(|e| Error::usage("this is not YAML").because(e))
}

fn refuse_other_engines(engine: Option<&str>) -> Result<()> {
    match engine {
        None | Some("nbclient") => Ok(()),
        Some(other) => Err(Error::usage(format!(
            "there is no engine `{other}`: engines are Python classes of papermill's, and Penny executes by itself"
        ))
        .hint("leave --engine out, or write `--engine nbclient`, which means the same")),
    }
}

fn parse(input: &str, bytes: &[u8]) -> Result<Notebook> {
    let what = if input == "-" { "standard input" } else { input };
    Notebook::parse(bytes).map_err(|e| Error::usage(format!("{what}: {}", sentence_of(&e))))
}

/// A parameter that nothing in the notebook reads is most often a slip in its name.
fn warn_of_unknown(log: &Log<'_>, notebook: &Notebook, parameters: &Parameters) {
    let names: Vec<&str> = parameters.keys().map(String::as_str).collect();
    unknown_to(notebook, &names).iter().for_each(|sentence| log.warn(sentence));
}

/// Whether the notebook goes to standard output.
fn is_stdout(output: &Destination) -> bool {
    matches!(output, Destination::Stdout)
}
