//! The arguments of every command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::alerts::AlertsOptions;
use super::cancel::CancelOptions;
use super::dashboard::DashboardOptions;
use super::diff::DiffOptions;
use super::exec_options::ExecOptions;
use super::history::HistoryOptions;
use super::logs::LogsOptions;
use super::parameter_options::ParameterOptions;
use super::pause::PauseOptions;
use super::prune::PruneOptions;
use super::retry::RetryOptions;
use super::service::ServiceCommand;
use super::show::ShowOptions;
use super::status::StatusOptions;
use super::verify::VerifyOptions;
use crate::log::Format;

const EVERYWHERE: &str = "Options of every command";

/// Runs your Jupyter notebooks on time and publishes their tables to PostgreSQL.
#[derive(Parser)]
#[command(name = "penny", version, arg_required_else_help = true)]
#[command(after_help = "Exit status: 0 all well, 1 a notebook failed (the others ran), \
2 wrong usage or configuration, 3 something Penny needs is missing or unreachable, 130 interrupted.")]
pub struct Arguments {
    /// The workspace's folder [default: the nearest one upwards with a penny.toml]
    #[arg(long, short = 'w', global = true, value_name = "DIR", help_heading = EVERYWHERE)]
    pub workspace: Option<PathBuf>,
    /// How the lines of the log look: for people, or one JSON object a line
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    #[arg(value_name = "text|json", help_heading = EVERYWHERE)]
    pub log_format: Format,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Everything from nothing: a workspace, Python, PostgreSQL, a simulated Pennylane, one sync
    Demo(DemoOptions),
    /// A new workspace for your company
    Init(InitOptions),
    /// One sync now, of all notebooks or of those named
    Run(RunOptions),
    /// A run that did not succeed, again: its notebook, and those that were skipped because of it
    Retry(RetryOptions),
    /// Ends what runs now, or one run: its output so far is kept, and the service goes on
    Cancel(CancelOptions),
    /// The service: one sync at once, then each notebook on its schedule, until it is stopped
    Start,
    /// A link that opens the dashboard of the running service, once
    Dashboard(DashboardOptions),
    /// What runs, how each notebook ended last, and when it is due next
    Status(StatusOptions),
    /// Nothing runs on its schedule, or not these notebooks, until `penny resume`
    Pause(PauseOptions),
    /// Lets everything, or these notebooks, run on schedule again
    Resume(PauseOptions),
    /// What ran, newest first
    History(HistoryOptions),
    /// One run: its cells and times, its error, its tables
    Show(ShowOptions),
    /// What changed between two runs: in the notebook, in what it shows, in the data
    Diff(DiffOptions),
    /// Removes the output notebooks that penny.toml no longer wants to be kept
    Prune(PruneOptions),
    /// Proves that nothing of the history was altered, removed or added
    Verify(VerifyOptions),
    /// The last lines of the log, and those that come
    Logs(LogsOptions),
    /// What is wrong now, and who was told; `alerts test` tries each alert of penny.toml
    Alerts(AlertsOptions),
    /// Makes `penny start` a service of systemd, launchd or Windows; starts, stops and removes it
    #[command(subcommand)]
    Service(ServiceCommand),
    /// One notebook, with papermill's arguments and meaning
    Exec(Box<ExecOptions>),
    /// A source as an Arrow stream on standard output (what penny.pennylane and penny.redshift call)
    Fetch(FetchOptions),
    /// An Arrow stream on standard input into a table (what penny.publish calls)
    Load(LoadOptions),
    /// Opens and runs the workspace's notebooks in your own Jupyter
    #[command(subcommand)]
    Kernel(KernelCommand),
    /// Starts, stops and shows Penny's own PostgreSQL
    #[command(subcommand)]
    Db(DbCommand),
    /// The simulated Pennylane: serves it, lets time pass in it
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Writes a .pbids file that opens Power BI Desktop on this database
    Powerbi(PowerbiOptions),
}

#[derive(Args)]
pub struct DemoOptions {
    /// The folder of the demonstration; made when it is not there
    #[arg(default_value = "penny-demo", value_name = "DIR")]
    pub folder: PathBuf,
    /// How many ledger lines the simulated company has, about
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2_000..=5_000_000))]
    pub lines: Option<u64>,
}

#[derive(Args)]
pub struct InitOptions {
    /// The workspace's folder; what is in it already stays as it is
    #[arg(default_value = ".", value_name = "DIR")]
    pub folder: PathBuf,
}

const RUN_PARAMETERS: &str = "Parameters, in the place of those of penny.toml (of a name given twice: -r over -p over -y over -f)";

#[derive(Args)]
pub struct RunOptions {
    /// The notebooks to run, by their names in penny.toml [default: all]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// The summary as JSON on standard output
    #[arg(long)]
    pub json: bool,
    #[command(flatten, next_help_heading = RUN_PARAMETERS)]
    pub parameters: ParameterOptions,
}

#[derive(Args)]
pub struct FetchOptions {
    /// A list of the API (customers, customer_invoices, …), or `redshift` for a query
    pub resource: String,
    /// Pennylane's own filter: a JSON list of {field, operator, value}
    #[arg(long, value_name = "JSON")]
    pub filter: Option<String>,
    /// The field to sort by, with - before it for descending
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// At most so many rows
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Only what changed since then, as in 2026-11-01 or 2026-11-01T08:00:00Z
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// A parameter of the list, as in period_start=2026-01-01
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub parameters: Vec<String>,
    /// The query for `redshift`; - reads it from standard input
    #[arg(long, value_name = "SQL", allow_hyphen_values = true)]
    pub sql: Option<String>,
    /// The format of the result
    #[arg(long, value_parser = ["arrow"], default_value = "arrow")]
    pub format: String,
}

#[derive(Args)]
pub struct LoadOptions {
    /// The table, or schema.table
    pub table: String,
    /// The schema [default: POSTGRES_SCHEMA]
    #[arg(long)]
    pub schema: Option<String>,
    /// The columns of the primary key, with commas between them
    #[arg(long, value_delimiter = ',', value_name = "COLUMNS")]
    pub key: Vec<String>,
    /// Drops the columns that are no longer published (they are kept otherwise)
    #[arg(long)]
    pub drop_missing: bool,
}

#[derive(Subcommand)]
#[command(disable_help_subcommand = true)]
pub enum KernelCommand {
    /// Registers the workspace's Python with your Jupyter
    Install {
        /// The kernel's name, for more than one workspace on a computer
        #[arg(long, default_value = "penny")]
        name: String,
        /// Takes the name over from another workspace
        #[arg(long)]
        replace: bool,
    },
}

#[derive(Subcommand)]
#[command(disable_help_subcommand = true)]
pub enum DbCommand {
    /// Starts PostgreSQL and leaves it running
    Start,
    /// Stops PostgreSQL, whoever uses it
    Stop,
    /// Whether PostgreSQL runs, and where
    Status {
        /// The same as JSON
        #[arg(long)]
        json: bool,
    },
    /// The URL to connect with, password included: for psql, DBeaver and other programs
    Url,
    /// Owns the server's process (Penny starts this by itself)
    #[command(hide = true)]
    Guard {
        #[arg(long)]
        port: u16,
        #[arg(long)]
        bin: PathBuf,
        #[arg(long)]
        folder: PathBuf,
    },
}

#[derive(Subcommand)]
#[command(disable_help_subcommand = true)]
pub enum SandboxCommand {
    /// Serves the simulated API and data share until Ctrl-C
    Serve {
        /// The API's port (0 = any that is free)
        #[arg(long, default_value_t = 8790)]
        port: u16,
    },
    /// Lets the simulated company live for some days
    Advance {
        /// How many days
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=3_650))]
        days: u32,
    },
    /// Makes another company
    Reset {
        /// How many ledger lines it has, about
        #[arg(long, value_name = "N", default_value_t = crate::sources::sandbox::LINES,
              value_parser = clap::value_parser!(u64).range(2_000..=5_000_000))]
        lines: u64,
        /// Another seed, another company
        #[arg(long, default_value_t = crate::sources::sandbox::SEED)]
        seed: u64,
    },
    /// What the simulated company is
    Status {
        /// The same as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub struct PowerbiOptions {
    /// The file to write
    #[arg(default_value = "pennylane.pbids")]
    pub file: PathBuf,
}
