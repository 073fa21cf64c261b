//! Which PostgreSQL: what `.env` says.

use std::time::Duration;

use penny_postgres::connection::{ConnectionError, Secret, SslMode, Target};

use super::{PORT, generated};
use crate::error::{Error, Result, sentence_of};
use crate::workspace::Workspace;

/// Where the tables are.
#[derive(Clone)]
pub enum Place {
    /// Penny's own server on this computer.
    Embedded {
        /// The port it should have.
        port: u16,
    },
    /// A server that the user names.
    Server(Target),
}

/// What `.env` says of PostgreSQL.
pub struct Settings {
    /// Where it is.
    pub place: Place,
    /// The database.
    pub database: String,
    /// The schema of the tables.
    pub schema: String,
    /// Who publishes.
    pub user: String,
    /// Their password.
    pub password: String,
    /// The variable of `.env` that holds that password.
    pub password_variable: &'static str,
    /// The login of Power BI, with its password.
    pub reader: (String, String),
    /// Where Power BI finds a server that `.env` names, when it is told: the login of Power BI is made there, too.
    pub powerbi_server: Option<String>,
}

impl Settings {
    /// Those of a workspace. POSTGRES_HOST or DATABASE_URL in `.env` names a server of the user's.
    ///
    /// # Errors
    /// A value that cannot be understood, by its variable's name.
    pub fn of(workspace: &Workspace) -> Result<Settings> {
        let variables = &workspace.variables;
        // Within a run, the sync has opened the server and says in the environment where it is.
        let within_run = variables.get("PENNY_RUN").is_some();
        let say = |name: &str| {
            let value = if within_run { variables.get(name) } else { variables.named(name) };
            value.map(str::to_owned)
        };
        let text = |name: &str, usual: &str| say(name).unwrap_or_else(|| usual.to_owned());
        let url = if within_run { None } else { say("DATABASE_URL") };
        let host = say("POSTGRES_HOST");
        let own = url.is_none() && host.is_none();
        let mut settings = Settings {
            place: Place::Embedded { port: PORT },
            database: text("POSTGRES_DB", "pennylane_db"),
            schema: text("POSTGRES_SCHEMA", "pennylane"),
            user: text("POSTGRES_USER", if own { "penny" } else { "postgres" }),
            password: text("POSTGRES_PASSWORD", ""),
            password_variable: if url.is_some() { "DATABASE_URL" } else { "POSTGRES_PASSWORD" },
            reader: (text("POWERBI_USER", "powerbi"), text("POWERBI_PASSWORD", "")),
            powerbi_server: None,
        };
        let port = port(workspace, if own { PORT } else { 5432 })?;
        if let Some(url) = url {
            let wrong = |e: ConnectionError| {
                Error::usage(format!("DATABASE_URL in .env: {}", sentence_of(&e))).hint_if(e.hint())
            };
            let mut target = Target::from_url(&url).map_err(wrong)?;
            target.application_name = "penny".to_owned();
            settings.database = target.database.clone();
            settings.user = target.user.clone();
            settings.place = Place::Server(target);
        } else if let Some(host) = host {
            let mut target = settings.target_at(port, &settings.database);
            target.host = host;
            target.sslmode = sslmode(workspace, "POSTGRES_SSLMODE", SslMode::Prefer)?;
            target.sslrootcert = say("POSTGRES_SSLROOTCERT").map(|path| workspace.root.join(path));
            settings.place = Place::Server(target);
        } else {
            settings.place = Place::Embedded { port };
        }
        if let (Place::Server(target), false) = (&settings.place, within_run) {
            settings.powerbi_server = powerbi_server(workspace, target.port)?;
        }
        let has_reader = own || settings.powerbi_server.is_some();
        for (name, value, is_ours) in [
            ("POSTGRES_PASSWORD", &mut settings.password, own),
            ("POWERBI_PASSWORD", &mut settings.reader.1, has_reader),
        ] {
            if is_ours && value.is_empty() {
                *value = generated::password(&workspace.root.join(".env"), name)?;
            }
        }
        Ok(settings)
    }

    /// Whether the tables are in Penny's own server.
    pub fn is_own(&self) -> bool {
        matches!(self.place, Place::Embedded { .. })
    }

    /// A database of the server on this computer.
    pub fn target_at(&self, port: u16, database: &str) -> Target {
        Target {
            host: "127.0.0.1".to_owned(),
            port,
            database: database.to_owned(),
            user: self.user.clone(),
            password: Secret::new(self.password.clone()),
            // The server listens on the loopback interface only, and has no certificate.
            sslmode: SslMode::Disable,
            sslrootcert: None,
            connect_timeout: Duration::from_secs(20),
            application_name: "penny".to_owned(),
        }
    }
}

fn port(workspace: &Workspace, usual: u16) -> Result<u16> {
    let Some(text) = workspace.variables.get("POSTGRES_PORT") else { return Ok(usual) };
    port_number("POSTGRES_PORT", text)
}

/// A port of `.env`.
pub fn port_number(name: &str, text: &str) -> Result<u16> {
    text.trim().parse().ok().filter(|port| *port > 0).ok_or_else(|| {
        Error::usage(format!("{name} in .env is no port number: {text}"))
            .hint("write a number from 1 to 65535")
    })
}

/// POWERBI_SERVER as a name and a port: the server's own where it has none.
fn powerbi_server(workspace: &Workspace, port: u16) -> Result<Option<String>> {
    let text = workspace.variables.get("POWERBI_SERVER").unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.contains(|c: char| c.is_whitespace() || "/@,;".contains(c)) {
        return Err(Error::usage(format!("POWERBI_SERVER in .env is no server: {text}"))
            .hint("write its name and port, such as localhost:5433"));
    }
    // The colons of an address without brackets are its own.
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            let port = port_number("POWERBI_SERVER", port)?;
            Ok(Some(format!("{host}:{port}")))
        }
        Some(_) if !text.ends_with(']') => Ok(Some(format!("[{text}]:{port}"))),
        _ => Ok(Some(format!("{text}:{port}"))),
    }
}

/// A TLS mode of `.env`.
pub fn sslmode(workspace: &Workspace, name: &str, usual: SslMode) -> Result<SslMode> {
    match workspace.variables.get(name) {
        None => Ok(usual),
        Some(text) => text.parse().map_err(|e: ConnectionError| {
            Error::usage(format!("{name} in .env: {e}")).hint_if(e.hint())
        }),
    }
}

/// A failure to connect, with its remedy.
pub fn connect_error(error: &ConnectionError) -> Error {
    let may_pass = error.is_passing() || matches!(error, ConnectionError::UnknownHost { .. });
    Error::missing(sentence_of(error)).hint_if(error.hint()).passing(may_pass)
}
