//! Why a connection could not be opened, in sentences.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;

use tokio_postgres::error::SqlState;

use super::{Target, io_source};

/// Why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The URL is not one of PostgreSQL.
    #[error("the address of PostgreSQL is not right: {reason}")]
    WrongUrl {
        /// What is wrong with it, without the URL itself.
        reason: String,
    },
    /// `sslmode` is none of libpq's.
    #[error("sslmode `{mode}` is unknown")]
    UnknownSslMode {
        /// What was written.
        mode: String,
    },
    /// The file of certificates cannot be used.
    #[error("the certificates in {} cannot be read", path.display())]
    CertificateFile {
        /// The file that `sslrootcert` names.
        path: PathBuf,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The host's name has no address.
    #[error("the host `{host}` is unknown")]
    UnknownHost {
        /// The name.
        host: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// Nothing listens at that host and port.
    #[error("nothing listens at {target}")]
    Refused {
        /// The address.
        target: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// The server does not accept the user with this password.
    #[error("PostgreSQL at {target} does not accept the password of user `{user}`")]
    Password {
        /// The address.
        target: String,
        /// The role.
        user: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// The server asks for a password and there is none.
    #[error("PostgreSQL at {target} wants a password of user `{user}`, and none is configured")]
    PasswordMissing {
        /// The address.
        target: String,
        /// The role.
        user: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// The server's own rules (`pg_hba.conf`, rights, the role itself) refuse this connection.
    #[error("PostgreSQL at {target} does not let user `{user}` in: {reason}")]
    NotAllowed {
        /// The address.
        target: String,
        /// The role.
        user: String,
        /// The server's words.
        reason: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// The server has no such database.
    #[error("the database `{database}` does not exist at {target}")]
    DatabaseMissing {
        /// The address.
        target: String,
        /// The database.
        database: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// The server is starting up, shutting down or recovering.
    #[error("PostgreSQL at {target} is not ready: {reason}")]
    NotReady {
        /// The address.
        target: String,
        /// The server's words.
        reason: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// Every connection slot is taken.
    #[error("PostgreSQL at {target} has no connection left")]
    TooManyConnections {
        /// The address.
        target: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// The TLS handshake failed, or the server has no TLS.
    #[error("PostgreSQL at {target} and Penny cannot agree on TLS: {reason}")]
    Tls {
        /// The address.
        target: String,
        /// What failed.
        reason: String,
        /// The failure.
        source: tokio_postgres::Error,
    },
    /// The server's certificate is not trusted.
    #[error("the certificate of PostgreSQL at {target} is not trusted: {reason}")]
    Certificate {
        /// The address.
        target: String,
        /// Why not.
        reason: String,
        /// The failure.
        source: tokio_postgres::Error,
    },
    /// TLS could not be prepared on this side.
    #[error("TLS cannot be prepared")]
    TlsSetup {
        /// Why not.
        source: rustls::Error,
    },
    /// No answer came in time.
    #[error("PostgreSQL at {target} did not answer within {seconds} s")]
    Timeout {
        /// The address.
        target: String,
        /// The limit, in seconds.
        seconds: f64,
    },
    /// Something answered, but not as PostgreSQL does, or the connection broke.
    #[error("the connection to {target} broke while it was opened")]
    Broken {
        /// The address.
        target: String,
        /// The failure.
        source: tokio_postgres::Error,
    },
    /// The server refused for another reason.
    #[error("PostgreSQL at {target} refused the connection: {reason}")]
    Refusal {
        /// The address.
        target: String,
        /// The server's words.
        reason: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
}

impl ConnectionError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            ConnectionError::WrongUrl { .. } => {
                "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE".to_owned()
            }
            ConnectionError::UnknownSslMode { .. } => {
                "it is one of disable, allow, prefer, require, verify-ca, verify-full".to_owned()
            }
            ConnectionError::CertificateFile { .. } => {
                "sslrootcert names a PEM file, with -----BEGIN CERTIFICATE----- in it".to_owned()
            }
            ConnectionError::UnknownHost { .. } => {
                "check how the host is spelled, and the network or VPN".to_owned()
            }
            ConnectionError::Refused { .. } => {
                "check the host and the port, and that PostgreSQL is running there".to_owned()
            }
            ConnectionError::Password { .. } => "check the user and the password".to_owned(),
            ConnectionError::PasswordMissing { .. } => "configure the password".to_owned(),
            ConnectionError::NotAllowed { user, .. } => format!(
                "check the user's name; if it is right, whoever looks after the server grants it, with \
                 GRANT CONNECT ON DATABASE … TO {user} or a line in pg_hba.conf"
            ),
            ConnectionError::DatabaseMissing { database, .. } => {
                format!("check its name, or create it with: CREATE DATABASE \"{database}\"")
            }
            ConnectionError::NotReady { .. } => "try again in a moment".to_owned(),
            ConnectionError::TooManyConnections { .. } => {
                "close other programs that are connected, or raise max_connections".to_owned()
            }
            ConnectionError::Tls { .. } => {
                "if the server is yours and local, sslmode=prefer or disable does without TLS".to_owned()
            }
            ConnectionError::Certificate { .. } => {
                "name the file of the authority that signed it with sslrootcert, and connect by the name \
                 that the certificate bears"
                    .to_owned()
            }
            ConnectionError::TlsSetup { .. } => return None,
            ConnectionError::Timeout { .. } => {
                "check the network, the VPN and the firewall between here and the server".to_owned()
            }
            ConnectionError::Broken { .. } => {
                "check that it is PostgreSQL that listens at this port".to_owned()
            }
            ConnectionError::Refusal { .. } => return None,
        })
    }

    /// Whether trying again in a moment may succeed: the server is starting, stopping, busy or out of reach.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            ConnectionError::Refused { .. }
                | ConnectionError::NotReady { .. }
                | ConnectionError::TooManyConnections { .. }
                | ConnectionError::Timeout { .. }
                | ConnectionError::Broken { .. }
        )
    }

    /// Names the reason that an error of tokio-postgres stands for.
    pub(super) fn classify(to: &Target, source: tokio_postgres::Error) -> ConnectionError {
        let target = to.to_string();
        let user = to.user.clone();
        if let Some(refusal) = source.as_db_error() {
            let reason = refusal.message().to_owned();
            let code = refusal.code().clone();
            return match code {
                SqlState::INVALID_PASSWORD => ConnectionError::Password { target, user, source },
                SqlState::INVALID_AUTHORIZATION_SPECIFICATION
                | SqlState::INSUFFICIENT_PRIVILEGE => {
                    ConnectionError::NotAllowed { target, user, reason, source }
                }
                SqlState::INVALID_CATALOG_NAME => ConnectionError::DatabaseMissing {
                    target,
                    database: to.database.clone(),
                    source,
                },
                SqlState::CANNOT_CONNECT_NOW
                | SqlState::ADMIN_SHUTDOWN
                | SqlState::CRASH_SHUTDOWN => ConnectionError::NotReady { target, reason, source },
                SqlState::TOO_MANY_CONNECTIONS => {
                    ConnectionError::TooManyConnections { target, source }
                }
                _ => ConnectionError::Refusal { target, reason, source },
            };
        }
        if let Some(error) = tls_source(&source) {
            let reason = error.to_string();
            return match error {
                rustls::Error::InvalidCertificate(_) => {
                    ConnectionError::Certificate { target, reason, source }
                }
                _ => ConnectionError::Tls { target, reason, source },
            };
        }
        let text = source.to_string();
        let reason = source.source().map_or_else(String::new, ToString::to_string);
        if text.contains("TLS handshake") {
            return ConnectionError::Tls { target, reason, source };
        }
        if reason.contains("password missing") || text.contains("password missing") {
            return ConnectionError::PasswordMissing { target, user, source };
        }
        match io_source(&source).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound) => {
                ConnectionError::Refused { target, source }
            }
            Some(io::ErrorKind::TimedOut) => {
                ConnectionError::Timeout { target, seconds: to.connect_timeout.as_secs_f64() }
            }
            _ => ConnectionError::Broken { target, source },
        }
    }
}

/// The error of rustls at the root, which travels inside an input/output error.
fn tls_source(error: &tokio_postgres::Error) -> Option<&rustls::Error> {
    io_source(error)?.get_ref()?.downcast_ref::<rustls::Error>()
}
