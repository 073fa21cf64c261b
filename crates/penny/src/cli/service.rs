//! `penny service`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Context, print};
use crate::error::{Kind, Result};
use crate::platform;
use crate::run::SyncLock;
use crate::service::{self, Plan, Scope, Service, Verb, service_of};
use crate::workspace::{Workspace, log_of};

/// What to do with the service.
#[derive(Subcommand)]
#[command(disable_help_subcommand = true)]
pub enum ServiceCommand {
    /// Makes `penny start` of this workspace a service of the system, and starts it
    Install(ServiceOptions),
    /// Stops it, and removes it from the system
    Uninstall(ServiceOptions),
    /// Starts it
    Start(ServiceOptions),
    /// Stops it, until the next start of the computer or session
    Stop(ServiceOptions),
    /// Whether it is installed, and runs
    Status {
        #[command(flatten)]
        options: WhichOptions,
        /// The same as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Which service, and whether to do it.
#[derive(Args)]
pub struct ServiceOptions {
    #[command(flatten)]
    which: WhichOptions,
    /// Shows what would be written and run, and does nothing
    #[arg(long)]
    dry_run: bool,
}

/// Which service.
#[derive(Args)]
pub struct WhichOptions {
    /// For you, while you are logged in [default]
    #[arg(long, conflicts_with = "system")]
    user: bool,
    /// For the computer, from its start on; needs an administrator
    #[arg(long)]
    system: bool,
    /// The service's name [default: penny- and the workspace's folder]
    #[arg(long)]
    name: Option<String>,
}

pub fn service(context: &Context, command: ServiceCommand) -> Result<u8> {
    match command {
        ServiceCommand::Install(options) => act(context, Verb::Install, &options)?,
        ServiceCommand::Uninstall(options) => act(context, Verb::Uninstall, &options)?,
        ServiceCommand::Start(options) => act(context, Verb::Start, &options)?,
        ServiceCommand::Stop(options) => act(context, Verb::Stop, &options)?,
        ServiceCommand::Status { options, json } => {
            return status(&of(context, &options)?, json);
        }
    }
    Ok(0)
}

fn of(context: &Context, which: &WhichOptions) -> Result<Service> {
    let named = context.workspace_option.as_deref();
    let root = Workspace::folder_of_command(named, &context.surroundings)?;
    let scope = if which.system { Scope::System } else { Scope::User };
    service_of(&root, &context.surroundings, scope, which.name.as_deref())
}

fn act(context: &Context, verb: Verb, options: &ServiceOptions) -> Result<()> {
    // What could not start is not started; stopped and removed is it whatever its penny.toml says.
    if matches!(verb, Verb::Install | Verb::Start) {
        context.workspace()?;
    }
    let service = of(context, &options.which)?;
    let plan = platform::SERVICES.plan(verb, &service);
    if options.dry_run {
        show(&plan);
        return Ok(());
    }
    service::check_owner(&service)?;
    service::carry_out(&plan)?;
    let title = platform::SERVICES.title();
    print(&match verb {
        Verb::Install => format!("{} is a service of {title}, and runs.", service.name),
        Verb::Uninstall => format!("{} is no service of {title} any more.", service.name),
        Verb::Start => format!("{} has been started.", service.name),
        Verb::Stop => format!("{} has been stopped.", service.name),
    });
    if verb == Verb::Install {
        plan.notes.iter().for_each(|note| print(note));
        tell_logs(&service);
        print("How it is: penny service status, penny status");
    }
    Ok(())
}

/// Where people look for the log.
fn tell_logs(service: &Service) {
    print(&format!("The log: {}", log_of(&service.workspace).display()));
    print(&format!("What it prints: {}", platform::SERVICES.log(service)));
}

fn show(plan: &Plan) {
    for file in &plan.files {
        print(&format!(
            "--- {}\n{}",
            file.path.display(),
            file.text.replace("\r\n", "\n").trim_end()
        ));
    }
    let run = |commands: &[service::Command]| {
        commands.iter().for_each(|command| print(&format!("$ {}", command.shown())));
    };
    run(&plan.commands);
    plan.remove.iter().for_each(|path| print(&format!("remove {}", path.display())));
    run(&plan.afterwards);
}

/// Exit status 0 when it runs, 3 when not.
fn status(service: &Service, as_json: bool) -> Result<u8> {
    let services = platform::SERVICES;
    let file = services.file(service);
    let installed = file.is_file();
    let answer = match installed {
        true => service::run(&services.question(service)).unwrap_or_default(),
        false => String::new(),
    };
    let holder = SyncLock::holder(&service.workspace).filter(|holder| holder.is_service());
    let runs = services.runs(&answer).unwrap_or(holder.is_some());
    if as_json {
        print(
            &json!({
                "name": service.name, "installed": installed, "runs": runs,
                "file": file.display().to_string(),
                "service": services.title(),
                "works": holder.as_ref().map(|h| json!({
                    "pid": h.pid, "host": h.host, "since": h.since.to_string(),
                })),
                "log": log_of(&service.workspace).display().to_string(),
            })
            .to_string(),
        );
    } else {
        let state = match (installed, runs) {
            (false, _) => "is not installed (penny service install does that)",
            (true, true) => "is installed, and runs",
            (true, false) => "is installed, and does not run (penny service start starts it)",
        };
        print(&format!("{} {state}.", service.name));
        match &holder {
            Some(holder) => {
                print(&format!("penny start works in this workspace: {}", holder.words()))
            }
            None => print("No penny start works in this workspace."),
        }
        if installed {
            print(&format!("Its description: {}", file.display()));
            tell_logs(service);
        }
    }
    Ok(if installed && runs { 0 } else { Kind::Missing.status() })
}
