//! `penny sandbox`.

use penny_sandbox::company::Settings as CompanySettings;
use serde_json::json;

use super::arguments::SandboxCommand;
use super::{Context, print};
use crate::console;
use crate::database::{OwnServer, Settings};
use crate::error::{Error, Result};
use crate::sources::sandbox::{self, Api};
use crate::workspace::Workspace;

pub async fn sandbox(context: &Context, command: SandboxCommand) -> Result<u8> {
    let workspace = context.workspace()?;
    if !workspace.config.sandbox {
        return Err(Error::usage("this workspace uses the real Pennylane, not the simulated one")
            .hint("`penny demo` makes a workspace with the simulated one; in this one, write `sandbox = true` \
                   under [pennylane] in penny.toml"));
    }
    let today = jiff::Zoned::now().date();
    match command {
        SandboxCommand::Serve { port } => serve(context, &workspace, port).await,
        SandboxCommand::Advance { days } => {
            let settings = sandbox::settings(&workspace, today)?.advance(days);
            fill(context, &workspace, &settings).await?;
            print(&format!(
                "{} passed: for the simulated company it is now {}. `penny run` brings the tables up to date.",
                console::count(days as usize, "day"),
                settings.today
            ));
            Ok(0)
        }
        SandboxCommand::Reset { lines, seed } => {
            let settings = CompanySettings { seed, lines, today, advanced_days: 0 };
            fill(context, &workspace, &settings).await?;
            print("The simulated company is a new one. `penny run` brings the tables up to date.");
            Ok(0)
        }
        SandboxCommand::Status { json } => {
            let settings = sandbox::settings(&workspace, today)?;
            if json {
                print(&json!(settings).to_string());
            } else {
                print(&format!(
                    "Simulated company: seed {}, about {} ledger lines, its present day is {} \
                     ({} lived since it was made).",
                    settings.seed,
                    console::rows(settings.lines),
                    settings.today,
                    console::count(settings.advanced_days as usize, "day"),
                ));
            }
            Ok(0)
        }
    }
}

/// Fills the data share with the company of these settings, and keeps them: a company whose data
/// could not be written has not moved on.
async fn fill(context: &Context, workspace: &Workspace, settings: &CompanySettings) -> Result<()> {
    let database = Settings::of(workspace)?;
    let own = OwnServer::open(workspace, &context.surroundings, &context.console, &database);
    let own = context.stop.or(own).await?;
    let shared = sandbox::share(workspace, &own, settings, None, &context.console);
    let result = context.stop.or(shared).await;
    own.close().await;
    result?;
    sandbox::keep(workspace, settings)
}

async fn serve(context: &Context, workspace: &Workspace, port: u16) -> Result<u8> {
    let settings = sandbox::settings(workspace, jiff::Zoned::now().date())?;
    let database = Settings::of(workspace)?;
    let own = OwnServer::open(workspace, &context.surroundings, &context.console, &database);
    let own = context.stop.or(own).await?;
    let served = async {
        let company = sandbox::company(&settings).await?;
        sandbox::share(workspace, &own, &settings, Some(&company), &context.console).await?;
        Api::serve(workspace, company, port).await
    };
    let api = match context.stop.or(served).await {
        Ok(api) => api,
        Err(error) => {
            own.close().await;
            return Err(error);
        }
    };
    print(&format!(
        "The simulated Pennylane answers until Ctrl-C:\n  \
         API         {}\n  \
         data share  127.0.0.1:{}, database prod, user {}\n\
         Token and password are in {}.",
        api.url,
        own.port(),
        workspace.variables.get("REDSHIFT_USER").unwrap_or("u_1000001"),
        workspace.root.join(".env").display(),
    ));
    context.stop.asked().await;
    api.close().await;
    own.close().await;
    Ok(0)
}
