//! The command line: it asks and shows; no rule of the product lives here.

mod alerts;
mod arguments;
mod cancel;
mod dashboard;
mod database;
mod demo;
mod diff;
mod diff_data;
mod exec;
mod exec_options;
mod fetch;
mod history;
mod init;
mod kernel;
mod load;
mod logs;
mod parameter_options;
mod pause;
mod powerbi;
mod prune;
mod rebuild;
mod retry;
mod run;
mod sandbox;
mod service;
mod show;
mod start;
mod status;
mod verify;

use std::process::ExitCode;

use clap::Parser as _;

use crate::console::Console;
use crate::error::{Error, Kind, Result};
use crate::stop::Stop;
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

use arguments::{Arguments, Command};

/// What every command has.
pub(crate) struct Context {
    pub surroundings: Surroundings,
    pub console: Console,
    pub stop: Stop,
    pub workspace_option: Option<std::path::PathBuf>,
    pub log_format: crate::log::Format,
}

impl Context {
    /// Who asks for something, by this command: "claire (penny run)".
    pub fn by(&self, command: &str) -> String {
        format!("{} ({command})", self.surroundings.user())
    }

    /// The workspace that the command is about.
    pub fn workspace(&self) -> Result<Workspace> {
        Workspace::of_command(self.workspace_option.as_deref(), &self.surroundings)
    }
}

/// Runs the command of the process's arguments; the exit status is the product's.
pub fn main() -> ExitCode {
    if let Some(status) = crate::platform::as_first_process(crate::surroundings::arguments()) {
        return status;
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; a wrong argument is exit status 2, as clap has it too.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    // One provider of cryptography for all of TLS; a second installation changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the system gives Penny no threads: {error}");
            return ExitCode::from(Kind::Missing.status());
        }
    };
    let status = runtime.block_on(whole(arguments));
    // A thread that still reads standard input must not keep the process.
    runtime.shutdown_background();
    ExitCode::from(status)
}

async fn whole(arguments: Arguments) -> u8 {
    let surroundings = match Surroundings::read() {
        Ok(surroundings) => surroundings,
        Err(error) => {
            Console::new(false).error(&error);
            return error.kind().status();
        }
    };
    let console = Console::new(surroundings.progress_is_terminal);
    let context = Context {
        stop: Stop::listen(),
        console: console.clone(),
        surroundings,
        workspace_option: arguments.workspace,
        log_format: arguments.log_format,
    };
    match dispatch(&context, arguments.command).await {
        Ok(status) => status,
        Err(error) if error.kind() == Kind::Interrupted => {
            console.say("interrupted");
            Kind::Interrupted.status()
        }
        Err(error) => {
            console.error(&error);
            error.kind().status()
        }
    }
}

async fn dispatch(context: &Context, command: Command) -> Result<u8, Error> {
    match command {
        Command::Demo(options) => demo::demo(context, options).await,
        Command::Init(options) => init::init(context, &options).await,
        Command::Run(options) => run::run(context, options).await,
        Command::Retry(options) => retry::retry(context, &options).await,
        Command::Cancel(options) => cancel::cancel(context, &options).await,
        Command::Start => start::start(context).await,
        Command::Dashboard(options) => dashboard::dashboard(context, &options),
        Command::Status(options) => status::status(context, &options),
        Command::Pause(options) => pause::pause(context, &options),
        Command::Resume(options) => pause::resume(context, &options),
        Command::History(options) => history::history(context, &options).await,
        Command::Show(options) => show::show(context, &options).await,
        Command::Diff(options) => diff::diff(context, &options).await,
        Command::Prune(options) => prune::prune(context, &options).await,
        Command::Verify(options) => verify::verify(context, &options).await,
        Command::Logs(options) => logs::logs(context, &options).await,
        Command::Alerts(options) => alerts::alerts(context, options).await,
        Command::Service(command) => service::service(context, command),
        Command::Exec(options) => exec::exec(context, *options).await,
        Command::Fetch(options) => fetch::fetch(context, options).await,
        Command::Load(options) => load::load(context, options).await,
        Command::Kernel(command) => kernel::kernel(context, command).await,
        Command::Db(command) => database::database(context, command).await,
        Command::Sandbox(command) => sandbox::sandbox(context, command).await,
        Command::Powerbi(options) => powerbi::powerbi(context, &options).await,
    }
}

/// Prints a result on standard output. A reader that went away (`| head`) is no error.
pub(crate) fn print(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{text}");
}
