//! `penny db`.

use serde_json::json;

use super::arguments::DbCommand;
use super::{Context, print};
use crate::database::{
    Database, GuardArguments, Place, Rooms, Settings, guard, own_port, stop_own,
};
use crate::error::{Error, Result};
use crate::workspace::Workspace;

pub async fn database(context: &Context, command: DbCommand) -> Result<u8> {
    match command {
        DbCommand::Guard { port, bin, folder } => {
            guard(GuardArguments { port, bin, folder }).await.map(|()| 0)
        }
        DbCommand::Start => start(context, &context.workspace()?).await,
        DbCommand::Stop => stop(context, &context.workspace()?).await,
        DbCommand::Status { json } => status(context, &context.workspace()?, json).await,
        DbCommand::Url => url(context, &context.workspace()?).await,
    }
}

/// A server of the user's own is not Penny's to start or stop.
fn only_own(workspace: &Workspace, verb: &str) -> Result<()> {
    match Settings::of(workspace)?.place {
        Place::Embedded { .. } => Ok(()),
        Place::Server(target) => Err(Error::usage(format!(
            "this workspace uses the PostgreSQL that .env names, {target}: Penny does not {verb} it"
        ))),
    }
}

async fn start(context: &Context, workspace: &Workspace) -> Result<u8> {
    only_own(workspace, "start")?;
    let opened = Database::open(workspace, &context.surroundings, &context.console);
    let database = context.stop.or(opened).await?;
    let keep = Rooms::of(workspace).keep();
    std::fs::write(&keep, b"").map_err(|e| Error::file("write", &keep, e))?;
    print(&format!("PostgreSQL runs on {} and stays up until `penny db stop`.", database.target));
    database.close().await;
    Ok(0)
}

async fn stop(context: &Context, workspace: &Workspace) -> Result<u8> {
    only_own(workspace, "stop")?;
    let stopped = stop_own(workspace, &context.surroundings).await?;
    print(if stopped { "PostgreSQL has stopped." } else { "PostgreSQL was not running." });
    Ok(0)
}

async fn status(context: &Context, workspace: &Workspace, as_json: bool) -> Result<u8> {
    let settings = Settings::of(workspace)?;
    let port = own_port(workspace, &context.surroundings).await?;
    let (place, running) = match &settings.place {
        Place::Embedded { port: usual } => {
            (format!("127.0.0.1:{}/{}", port.unwrap_or(*usual), settings.database), port.is_some())
        }
        Place::Server(target) => {
            let client = crate::database::connect(target).await;
            (target.to_string(), client.is_ok())
        }
    };
    let own = matches!(settings.place, Place::Embedded { .. });
    let kept = Rooms::of(workspace).keep().exists();
    if as_json {
        print(&json!({"own": own, "running": running, "stays": kept, "place": place}).to_string());
        return Ok(0);
    }
    let state = match (own, running) {
        (true, true) if kept => "runs, and stays up until `penny db stop`",
        (true, true) => "runs while a penny command uses it",
        (true, false) => "does not run (Penny starts it when it needs it)",
        (false, true) => "answers",
        (false, false) => "does not answer",
    };
    let whose = if own { "Penny's own PostgreSQL" } else { "The PostgreSQL that .env names" };
    print(&format!("{whose}, {place}, {state}."));
    Ok(0)
}

async fn url(context: &Context, workspace: &Workspace) -> Result<u8> {
    let settings = Settings::of(workspace)?;
    let target = match &settings.place {
        Place::Embedded { port } => {
            let port = own_port(workspace, &context.surroundings).await?.unwrap_or(*port);
            settings.target_at(port, &settings.database)
        }
        Place::Server(target) => target.clone(),
    };
    print(&target.to_url());
    Ok(0)
}
