//! Whether a PostgreSQL answers on a port of this machine, and which port is free.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a server on this machine may take to say something.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(2);

/// An error message of a starting server is far shorter.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// What a StartupMessage brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// A PostgreSQL that takes connections.
    Ready,
    /// A PostgreSQL that is starting, recovering or shutting down.
    NotYet,
    /// Nothing, or something else.
    Nothing,
}

/// Whether a PostgreSQL that takes connections answers a StartupMessage on this port of 127.0.0.1.
pub async fn answers(port: u16) -> bool {
    ask(port).await == Answer::Ready
}

/// Whether a PostgreSQL answers there that takes no connections yet, or none any more: it is starting, recovering or
/// shutting down.
pub async fn is_starting(port: u16) -> bool {
    ask(port).await == Answer::NotYet
}

/// The first port from `from` on, among `tries`, on which nothing listens on 127.0.0.1.
pub fn free_port(from: u16, tries: u16) -> Option<u16> {
    (from..=from.saturating_add(tries.saturating_sub(1)))
        .take(usize::from(tries))
        .find(|port| is_free(*port))
}

pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

pub(super) async fn ask(port: u16) -> Answer {
    timeout(ANSWER_TIME_MAX, exchange(port))
        .await
        .ok()
        .and_then(Result::ok)
        .unwrap_or(Answer::Nothing)
}

async fn exchange(port: u16) -> io::Result<Answer> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.write_all(&startup_message("penny", "postgres")).await?;
    match stream.read_u8().await? {
        b'R' => Ok(Answer::Ready),
        b'E' => {
            let length = stream.read_u32().await? as usize;
            let mut fields = vec![0; length.saturating_sub(4).min(ANSWER_BYTES_MAX)];
            stream.read_exact(&mut fields).await?;
            Ok(judge(&fields))
        }
        _ => Ok(Answer::Nothing),
    }
}

/// SQLSTATE 57P03 is "cannot connect now"; any other refusal comes from a server that is up.
fn judge(fields: &[u8]) -> Answer {
    let code = fields.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"C"));
    match code {
        Some(b"57P03") => Answer::NotYet,
        Some(_) => Answer::Ready,
        None => Answer::Nothing,
    }
}

fn startup_message(user: &str, database: &str) -> Vec<u8> {
    let mut body = 196_608_u32.to_be_bytes().to_vec();
    for text in ["user", user, "database", database] {
        body.extend_from_slice(text.as_bytes());
        body.push(0);
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).expect("the message is short");
    [&length.to_be_bytes()[..], &body].concat()
}
