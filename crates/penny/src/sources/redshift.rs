//! A query on the data share as an Arrow stream, batch by batch.

use std::io::Write;
use std::time::Duration;

use penny_postgres::connection::{Secret, SslMode, Target};
use penny_postgres::read::{self, Options};

use super::ArrowOut;
use crate::database::{connect, port_number, sslmode};
use crate::error::{Error, Result, sentence_of};
use crate::workspace::Workspace;

/// The port of Redshift.
const PORT: u16 = 5439;

/// Where the data share is, as `.env` says; `sandbox_port` when the simulated one is used.
///
/// # Errors
/// A value of `.env` that is missing or not understood, by its name.
pub fn target(workspace: &Workspace, sandbox_port: Option<u16>) -> Result<Target> {
    let variables = &workspace.variables;
    let wanted = |name: &str| {
        variables.get(name).map(str::to_owned).ok_or_else(|| {
            Error::missing(format!("the data share is not configured: {name} is empty in .env"))
                .hint("Pennylane shows the values under Paramètres > Connectivité > Data sharing")
        })
    };
    let host = match sandbox_port {
        Some(_) => "127.0.0.1".to_owned(),
        None => wanted("REDSHIFT_HOST")?,
    };
    let port = match (sandbox_port, variables.get("REDSHIFT_PORT")) {
        (Some(port), _) => port,
        (None, None) => PORT,
        (None, Some(text)) => port_number("REDSHIFT_PORT", text)?,
    };
    let usual = if sandbox_port.is_some() { SslMode::Disable } else { SslMode::Require };
    Ok(Target {
        host,
        port,
        database: variables.get("REDSHIFT_DB").unwrap_or("prod").to_owned(),
        user: wanted("REDSHIFT_USER")?,
        password: Secret::new(wanted("REDSHIFT_PASSWORD")?),
        sslmode: sslmode(workspace, "REDSHIFT_SSLMODE", usual)?,
        sslrootcert: variables.named("REDSHIFT_SSLROOTCERT").map(|path| workspace.root.join(path)),
        connect_timeout: Duration::from_secs(30),
        application_name: "penny".to_owned(),
    })
}

/// Writes the query's result to `out` as an Arrow stream.
///
/// # Errors
/// What the server refuses, in words.
pub async fn fetch_redshift(target: &Target, sql: &str, out: impl Write) -> Result<()> {
    use read::ReadError::{ConnectionLost, NoAnswer, ServerLeft};
    let client = connect(target).await?;
    let failed = |e: read::ReadError| {
        let may_pass = matches!(e, ConnectionLost { .. } | NoAnswer { .. } | ServerLeft { .. });
        Error::missing(sentence_of(&e)).hint_if(e.hint()).passing(may_pass)
    };
    let mut rows = read::query(&client, sql, &Options::default()).await.map_err(failed)?;
    let mut writer = ArrowOut::begin(out, &rows.schema())?;
    while let Some(batch) = rows.next().await {
        writer.write(&batch.map_err(failed)?)?;
    }
    writer.end()
}
