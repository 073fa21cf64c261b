//! The simulated Pennylane of a workspace: its company's settings on disk, its servers in this process.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;
use penny_sandbox::api::{self, Sandbox, Token};
use penny_sandbox::company::{Company, Settings};
use penny_sandbox::share::{self, Login};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::console::{self, Console};
use crate::database::{self, OwnServer};
use crate::error::{Error, Result, sentence_of};
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// How many ledger lines the demonstration's company has, about.
pub const LINES: u64 = 8_000;
/// The demonstration's company is the same on every computer.
pub const SEED: u64 = 20_250_101;
/// The path of the API on its server.
const API_PATH: &str = "/api/external/v2";

/// Where the company's settings are kept.
fn file(workspace: &Workspace) -> PathBuf {
    workspace.own().join("sandbox.json")
}

/// The company's settings; those of a new company of today when there are none yet.
///
/// # Errors
/// The file cannot be read or written.
pub fn settings(workspace: &Workspace, today: Date) -> Result<Settings> {
    let path = file(workspace);
    match std::fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).map_err(|e| {
            Error::usage(format!("{} is not understood", path.display()))
                .because(e)
                .hint("remove the file: a new company is then made")
        }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let settings = Settings { seed: SEED, lines: LINES, today, advanced_days: 0 };
            keep(workspace, &settings)?;
            Ok(settings)
        }
        Err(e) => Err(Error::file("read", &path, e)),
    }
}

/// Keeps the settings.
///
/// # Errors
/// The file cannot be written.
pub fn keep(workspace: &Workspace, settings: &Settings) -> Result<()> {
    let path = file(workspace);
    let folder = workspace.own();
    crate::platform::private_folder(&folder)
        .map_err(|e| Error::file("make the folder", &folder, e))?;
    let text = serde_json::to_string_pretty(settings).unwrap_or_default();
    crate::files::write_atomically(&path, text.as_bytes())
        .map_err(|e| Error::file("write", &path, e))
}

/// Generates the company, off the threads that wait on sockets.
///
/// # Errors
/// The generation was broken off.
pub async fn company(settings: &Settings) -> Result<Company> {
    let settings = settings.clone();
    tokio::task::spawn_blocking(move || Company::generate(&settings))
        .await
        .map_err(|e| Error::missing("the simulated company could not be made").because(e))
}

/// The simulated API, served by this process.
pub struct Api {
    /// Its base URL.
    pub url: String,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Api {
    /// Serves the company on a loopback port (0 = any that is free).
    ///
    /// # Errors
    /// The port is taken; there is no token.
    pub async fn serve(workspace: &Workspace, company: Company, port: u16) -> Result<Api> {
        let token = workspace.variables.get("PENNYLANE_API_TOKEN").ok_or_else(|| {
            Error::missing("PENNYLANE_API_TOKEN is empty in .env")
                .hint("write any word there: the simulated Pennylane takes it as its token")
        })?;
        let tokens = vec![Token::reading_everything(token, "penny")];
        let sandbox = Arc::new(Sandbox::new(company, tokens));
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|e| {
            Error::missing(format!("port {port} of this computer cannot be used"))
                .because(e)
                .hint("choose another with --port")
        })?;
        let port = listener.local_addr().map_err(|e| Error::missing("no port").because(e))?.port();
        let (stop, stopped) = oneshot::channel();
        let stopped = async move { drop(stopped.await) };
        let served = tokio::spawn(api::serve(listener, sandbox, stopped));
        let url = format!("http://127.0.0.1:{port}{API_PATH}");
        Ok(Api { url, stop: Some(stop), served })
    }

    /// Ends it.
    pub async fn close(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        // A client that keeps its connection open must not keep Penny.
        let end =
            tokio::time::timeout(std::time::Duration::from_millis(300), &mut self.served).await;
        if end.is_err() {
            self.served.abort();
        }
    }
}

/// Fills the data share on Penny's own server, unless it holds this company already.
///
/// # Errors
/// The server refuses; `.env` lacks the login.
pub async fn share(
    workspace: &Workspace,
    own: &OwnServer,
    settings: &Settings,
    company: Option<&Company>,
    console: &Console,
) -> Result<()> {
    let login = login(workspace)?;
    let connect = |database: &str| {
        let target = own.admin_target(database);
        async move { raw_connection(&target).await }
    };
    let current = share::is_current(&connect, settings, &login).await;
    if current.map_err(share_error)? {
        // The password of `.env` may have been edited since.
        return share::renew_login(&connect, &login).await.map_err(share_error);
    }
    let step = console.step("Simulated Pennylane");
    step.detail("filling the data share");
    let generated;
    let company = match company {
        Some(company) => company,
        None => {
            generated = self::company(settings).await?;
            &generated
        }
    };
    let installed = share::install(&connect, company, &login).await.map_err(share_error)?;
    let lines = installed.rows.iter().find(|(table, _)| *table == "general_ledger");
    step.done(&format!(
        "{}, {} ledger lines",
        company.identity.name,
        console::rows(lines.map_or(0, |(_, rows)| *rows))
    ));
    Ok(())
}

fn login(workspace: &Workspace) -> Result<Login> {
    let get = |name: &str| {
        workspace.variables.get(name).map(str::to_owned).ok_or_else(|| {
            Error::missing(format!("{name} is empty in .env"))
                .hint("write any value there: the simulated data share takes it")
        })
    };
    Ok(Login { user: get("REDSHIFT_USER")?, password: get("REDSHIFT_PASSWORD")? })
}

async fn raw_connection(
    target: &penny_postgres::connection::Target,
) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let mut config = tokio_postgres::Config::new();
    config.host(&target.host).port(target.port).dbname(&target.database).user(&target.user);
    config.password(target.password.expose());
    let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

fn share_error(error: share::ShareError) -> Error {
    Error::missing(sentence_of(&error))
}

/// What a sync, or a fetch by hand, needs of the simulated Pennylane.
pub struct Simulated {
    /// The API.
    pub api: Option<Api>,
    /// The server with the data share.
    pub own: Option<OwnServer>,
}

impl Simulated {
    /// Opens what is asked for; nothing when the workspace uses the real Pennylane.
    ///
    /// # Errors
    /// What keeps it from being served.
    pub async fn open(
        workspace: &Workspace,
        surroundings: &Surroundings,
        console: &Console,
        parts: Parts,
        today: Date,
    ) -> Result<Simulated> {
        let mut simulated = Simulated { api: None, own: None };
        if !workspace.config.sandbox {
            return Ok(simulated);
        }
        let settings = settings(workspace, today)?;
        let served_elsewhere = workspace.variables.get("PENNYLANE_API_URL").is_some();
        let company = match parts.api && !served_elsewhere {
            true => Some(company(&settings).await?),
            false => None,
        };
        if parts.share {
            let database = database::Settings::of(workspace)?;
            let own = OwnServer::open(workspace, surroundings, console, &database).await?;
            share(workspace, &own, &settings, company.as_ref(), console).await?;
            simulated.own = Some(own);
        }
        if let Some(company) = company {
            simulated.api = Some(Api::serve(workspace, company, 0).await?);
        }
        Ok(simulated)
    }

    /// Ends it.
    pub async fn close(self) {
        if let Some(api) = self.api {
            api.close().await;
        }
        if let Some(own) = self.own {
            own.close().await;
        }
    }
}

/// Which parts of the simulated Pennylane are needed.
#[derive(Clone, Copy)]
pub struct Parts {
    /// The API.
    pub api: bool,
    /// The data share.
    pub share: bool,
}
