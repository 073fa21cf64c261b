//! An address of PostgreSQL with its credentials.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::{ConnectionError, url};

/// A password: neither Debug nor a log shows it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Keeps `value` out of sight.
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(value.into())
    }

    /// The value itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How much TLS a connection wants, as libpq names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// TLS only if the server insists.
    Allow,
    /// TLS if the server has it.
    Prefer,
    /// Always TLS; the certificate is checked only when `sslrootcert` is given.
    Require,
    /// Always TLS, with a certificate of a trusted authority. Without `sslrootcert` the authorities of
    /// the operating system are trusted, and then the name is checked too, since anyone can have such a
    /// certificate.
    VerifyCa,
    /// Always TLS, with a certificate of a trusted authority that bears the host's name.
    VerifyFull,
}

impl SslMode {
    /// The mode as libpq writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            SslMode::Disable => "disable",
            SslMode::Allow => "allow",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
            SslMode::VerifyCa => "verify-ca",
            SslMode::VerifyFull => "verify-full",
        }
    }
}

impl fmt::Display for SslMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SslMode {
    type Err = ConnectionError;

    fn from_str(text: &str) -> Result<SslMode, ConnectionError> {
        use SslMode::*;
        [Disable, Allow, Prefer, Require, VerifyCa, VerifyFull]
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or_else(|| ConnectionError::UnknownSslMode { mode: text.to_owned() })
    }
}

/// Where a PostgreSQL is, and who connects to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A name, an address, or (on Unix) the folder of a socket.
    pub host: String,
    /// The TCP port, 5432 by convention.
    pub port: u16,
    /// The database to connect to.
    pub database: String,
    /// The role to connect as.
    pub user: String,
    /// Its password; empty when the server asks for none.
    pub password: Secret,
    /// How much TLS is wanted.
    pub sslmode: SslMode,
    /// A PEM file with the authorities to trust; `None` = those of the operating system.
    pub sslrootcert: Option<PathBuf>,
    /// How long a connection may take to open, all in all.
    pub connect_timeout: Duration,
    /// What `pg_stat_activity` shows.
    pub application_name: String,
}

impl Target {
    /// Reads `postgresql://user:password@host:port/database?sslmode=…&sslrootcert=…` (also `postgres://`
    /// and SQLAlchemy's `postgresql+psycopg2://`). Other parameters than `sslmode`, `sslrootcert`,
    /// `connect_timeout` (seconds), `application_name`, `host` and `port` are ignored.
    ///
    /// # Errors
    /// A sentence that says which part is wrong and never repeats the URL, since it holds the password.
    pub fn from_url(url: &str) -> Result<Target, ConnectionError> {
        url::parse(url)
    }

    /// The URL with the password, percent-encoded, for programs that connect by themselves.
    pub fn to_url(&self) -> String {
        url::write(self, true)
    }

    /// The URL without the password, to be shown.
    pub fn to_url_without_password(&self) -> String {
        url::write(self, false)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}/{}", self.host, self.port, self.database)
        } else {
            write!(f, "{}:{}/{}", self.host, self.port, self.database)
        }
    }
}
