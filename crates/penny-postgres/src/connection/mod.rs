//! Where a PostgreSQL is and how to connect to it.
//!
//! [`Target`] is the address with its credentials, [`connect`] opens a connection and tells apart, in
//! words, the reasons for which it cannot.

mod error;
mod target;
mod tls;
mod url;

use std::error::Error as _;
use std::io;

use tokio_postgres::config::SslMode as Negotiation;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

pub use error::ConnectionError;
pub use target::{Secret, SslMode, Target};
use tls::Trust;

/// Opens a connection; its input and output run on the current tokio runtime until the client is dropped.
///
/// # Errors
/// A sentence for each reason: nothing listens there, the host is unknown, the password is wrong, the
/// database is missing, the server is starting up or shutting down, TLS or the certificate is refused,
/// or no answer came within [`Target::connect_timeout`].
pub async fn connect(target: &Target) -> Result<Client, ConnectionError> {
    match tokio::time::timeout(target.connect_timeout, connect_as_configured(target)).await {
        Ok(result) => result,
        Err(_) => Err(ConnectionError::Timeout {
            target: target.to_string(),
            seconds: target.connect_timeout.as_secs_f64(),
        }),
    }
}

/// Whether the cause passes by itself, so that the same work may succeed a moment later: the server is
/// stopping or starting, the connection was cut, a deadlock or a serialization failure was broken, a lock
/// was not to be had in time, or every connection slot was taken.
pub fn is_passing(error: &tokio_postgres::Error) -> bool {
    if error.is_closed() {
        return true;
    }
    if let Some(code) = error.code() {
        const PASSING: [SqlState; 7] = [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::TOO_MANY_CONNECTIONS,
        ];
        return PASSING.contains(code) || code.code().starts_with("08");
    }
    io_source(error).is_some_and(|error| {
        use io::ErrorKind::*;
        matches!(
            error.kind(),
            ConnectionRefused
                | ConnectionReset
                | ConnectionAborted
                | BrokenPipe
                | UnexpectedEof
                | TimedOut
        )
    })
}

/// Follows what libpq does for each mode: `allow` begins without TLS, `prefer` with it, and both try the
/// other way once when the server will not have the first.
async fn connect_as_configured(target: &Target) -> Result<Client, ConnectionError> {
    look_up(target).await?;
    match target.sslmode {
        SslMode::Disable => connect_plain(target).await,
        SslMode::Allow => match connect_plain(target).await {
            Err(ConnectionError::NotAllowed { .. }) => {
                connect_tls(target, Negotiation::Require, Trust::Anyone).await
            }
            result => result,
        },
        SslMode::Prefer => match connect_tls(target, Negotiation::Prefer, Trust::Anyone).await {
            Err(ConnectionError::NotAllowed { .. } | ConnectionError::Tls { .. }) => {
                connect_plain(target).await
            }
            result => result,
        },
        SslMode::Require => {
            // As in libpq: a certificate authority that is named is also checked.
            let trust = if target.sslrootcert.is_some() { Trust::Chain } else { Trust::Anyone };
            connect_tls(target, Negotiation::Require, trust).await
        }
        SslMode::VerifyCa => connect_tls(target, Negotiation::Require, Trust::Chain).await,
        SslMode::VerifyFull => connect_tls(target, Negotiation::Require, Trust::ChainAndName).await,
    }
}

/// Resolves the name first, since an unknown host looks like any other input/output error afterwards.
async fn look_up(target: &Target) -> Result<(), ConnectionError> {
    if target.host.starts_with('/') {
        return Ok(());
    }
    match tokio::net::lookup_host((target.host.as_str(), target.port)).await {
        Ok(mut addresses) => match addresses.next() {
            Some(_) => Ok(()),
            None => Err(ConnectionError::UnknownHost {
                host: target.host.clone(),
                source: io::Error::new(io::ErrorKind::NotFound, "the name has no address"),
            }),
        },
        Err(source) => Err(ConnectionError::UnknownHost { host: target.host.clone(), source }),
    }
}

async fn connect_plain(target: &Target) -> Result<Client, ConnectionError> {
    let config = configuration(target, Negotiation::Disable);
    let (client, connection) =
        config.connect(NoTls).await.map_err(|error| ConnectionError::classify(target, error))?;
    drive(connection);
    Ok(client)
}

async fn connect_tls(
    target: &Target,
    negotiation: Negotiation,
    trust: Trust,
) -> Result<Client, ConnectionError> {
    let connector = tls::connector(target, trust)?;
    let config = configuration(target, negotiation);
    let (client, connection) = config
        .connect(connector)
        .await
        .map_err(|error| ConnectionError::classify(target, error))?;
    drive(connection);
    Ok(client)
}

fn configuration(target: &Target, negotiation: Negotiation) -> Config {
    let mut config = Config::new();
    config
        .host(&target.host)
        .port(target.port)
        .dbname(&target.database)
        .user(&target.user)
        .password(target.password.expose())
        .application_name(&target.application_name)
        .ssl_mode(negotiation)
        .connect_timeout(target.connect_timeout)
        .keepalives_idle(std::time::Duration::from_secs(30));
    config
}

/// Runs the connection until the client is dropped or the server goes; the client reports what went wrong.
fn drive<S, T>(connection: tokio_postgres::Connection<S, T>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to PostgreSQL ended");
        }
    });
}

/// The input/output error at the root, if there is one.
fn io_source(error: &tokio_postgres::Error) -> Option<&io::Error> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            return Some(error);
        }
        source = cause.source();
    }
    None
}
