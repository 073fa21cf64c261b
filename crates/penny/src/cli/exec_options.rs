//! The arguments of `penny exec`: papermill's, by their names, and a few more.

use std::path::PathBuf;

use clap::Args;

use super::parameter_options::ParameterOptions;
use crate::exec::LogLevel;

const PARAMETERS: &str = "Parameters (of a name given twice: -r over -p over -y over -f over -b)";
const KERNEL: &str = "Execution";
const OUTPUT: &str = "Output";
const AS_PAPERMILL: &str = "Paths may hold {name} for a parameter, and {pm[run_uuid]}, \
{pm[current_datetime_local]}, {pm[current_datetime_utc]}.

Exit status: 0 all cells ran, 1 the notebook failed, 2 wrong usage, 3 something is missing or cannot be \
reached, 130 interrupted.";

/// papermill lets the last of several decide; `--x` and `--no-x` undo each other.
#[derive(Args)]
#[command(args_override_self = true, after_help = AS_PAPERMILL, disable_version_flag = true)]
pub struct ExecOptions {
    /// The notebook to execute: a file, an http(s) URL, or - for standard input
    #[arg(value_name = "INPUT")]
    pub input: Option<String>,
    /// Where the executed notebook goes, or - for standard output [default: - when that is no terminal]
    #[arg(value_name = "OUTPUT")]
    pub output: Option<String>,
    /// Shows the notebook's parameters, with types and defaults, and runs nothing
    #[arg(long)]
    pub help_notebook: bool,

    #[command(flatten, next_help_heading = PARAMETERS)]
    pub parameters: ParameterOptions,
    /// Values in YAML, in base64
    #[arg(
        short = 'b',
        long = "parameters_base64",
        alias = "parameters-base64",
        value_name = "BASE64"
    )]
    #[arg(allow_hyphen_values = true, help_heading = PARAMETERS)]
    pub parameters_base64: Vec<String>,
    /// Gives the notebook INPUT as PAPERMILL_INPUT_PATH
    #[arg(long, help_heading = PARAMETERS)]
    pub inject_input_path: bool,
    /// Gives the notebook OUTPUT as PAPERMILL_OUTPUT_PATH
    #[arg(long, help_heading = PARAMETERS)]
    pub inject_output_path: bool,
    /// Both of these
    #[arg(long, help_heading = PARAMETERS)]
    pub inject_paths: bool,

    /// The kernel, instead of the notebook's own
    #[arg(short, long, value_name = "NAME", help_heading = KERNEL)]
    pub kernel: Option<String>,
    /// The language that parameters are written in, instead of the notebook's own
    #[arg(short, long, value_name = "NAME", help_heading = KERNEL)]
    pub language: Option<String>,
    /// The folder that the notebook runs in [default: this one]
    #[arg(long, value_name = "DIR", help_heading = KERNEL)]
    pub cwd: Option<String>,
    /// How many seconds the kernel may take to start
    #[arg(long, alias = "start_timeout", value_name = "SECONDS", default_value_t = 60, help_heading = KERNEL)]
    pub start_timeout: u64,
    /// How many seconds each cell may take [default: no limit]
    #[arg(long, value_name = "SECONDS", help_heading = KERNEL)]
    pub execution_timeout: Option<u64>,
    /// Writes the notebook with its parameters, and runs nothing
    #[arg(long, overrides_with = "prepare_execute", help_heading = KERNEL)]
    pub prepare_only: bool,
    /// The opposite
    #[arg(long, hide = true, overrides_with = "prepare_only")]
    pub prepare_execute: bool,
    /// For papermill's sake: `nbclient`, which is what Penny does by itself
    #[arg(long, value_name = "NAME", hide = true)]
    pub engine: Option<String>,

    /// Saves the notebook only at the end
    #[arg(long, overrides_with = "request_save_on_cell_execute", help_heading = OUTPUT)]
    pub no_request_save_on_cell_execute: bool,
    /// The opposite
    #[arg(long, hide = true, overrides_with = "no_request_save_on_cell_execute")]
    pub request_save_on_cell_execute: bool,
    /// How many seconds between two saves while a cell runs; 0 saves between cells alone [default: 1]
    #[arg(long, value_name = "SECONDS", help_heading = OUTPUT)]
    pub autosave_cell_every: Option<u64>,
    /// Hides the code in the executed notebook
    #[arg(long, overrides_with = "no_report_mode", help_heading = OUTPUT)]
    pub report_mode: bool,
    /// The opposite
    #[arg(long, hide = true, overrides_with = "report_mode")]
    pub no_report_mode: bool,
    /// Writes what the cells print to standard error as it comes
    #[arg(long, overrides_with = "no_log_output", help_heading = OUTPUT)]
    pub log_output: bool,
    /// The opposite
    #[arg(long, hide = true, overrides_with = "log_output")]
    pub no_log_output: bool,
    /// A file for what the cells print to standard output (- for Penny's own)
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub stdout_file: Option<String>,
    /// A file for what the cells print to standard error
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub stderr_file: Option<String>,
    /// Shows how far the cells are [default: unless --log-output, or OUTPUT is -]
    #[arg(long, overrides_with = "no_progress_bar", help_heading = OUTPUT)]
    pub progress_bar: bool,
    /// Does not
    #[arg(long, overrides_with = "progress_bar", help_heading = OUTPUT)]
    pub no_progress_bar: bool,
    /// What is told on standard error at least: DEBUG, INFO, WARNING, ERROR [default: INFO, ERROR when OUTPUT is -]
    #[arg(long, value_name = "LEVEL", value_enum, hide_possible_values = true, help_heading = OUTPUT)]
    pub log_level: Option<LogLevel>,
    /// Leaves what looks like a token or a password as the cells wrote it
    #[arg(long, help_heading = OUTPUT)]
    pub show_secrets: bool,
    /// How it ended, as JSON on standard output
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
    /// The version of Penny
    #[arg(long, action = clap::ArgAction::SetTrue)]
    pub version: bool,
}

impl ExecOptions {
    /// A pair of flags where nothing is said when neither is given.
    pub fn progress(&self) -> Option<bool> {
        match (self.progress_bar, self.no_progress_bar) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    /// The files of `--stdout-file` and `--stderr-file`; `-` stays a `-`.
    pub fn stream_files(&self) -> [Option<PathBuf>; 2] {
        [&self.stdout_file, &self.stderr_file].map(|file| file.as_ref().map(PathBuf::from))
    }
}
