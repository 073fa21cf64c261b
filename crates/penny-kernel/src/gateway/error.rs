//! What can go wrong with a gateway.

use std::time::Duration;

use crate::death::Death;

/// A body of an answer is shown up to here.
const SAID_CHARS_MAX: usize = 300;

/// Why a gateway could not be used, or a kernel not be started there.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Its address is none.
    #[error("the gateway's address `{url}` is wrong: {reason}")]
    Url {
        /// The address, if it holds no secret.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The token cannot be one.
    #[error("the gateway's token holds a space, an accent or a line break; a token has none")]
    Token,
    /// The certificate to be trusted, or the system's own, cannot be used.
    #[error("a secure connection to the gateway `{url}` cannot be prepared; check its certificate")]
    Certificate {
        /// The gateway's address.
        url: String,
        /// What the TLS library said.
        source: reqwest::Error,
    },
    /// Nobody answers there.
    #[error("the gateway `{url}` cannot be reached; check its address, and that it runs")]
    Unreachable {
        /// The gateway's address.
        url: String,
        /// What the connection said.
        source: reqwest::Error,
    },
    /// It took too long.
    #[error("the gateway `{url}` did not answer within {} s; try again, or ask who runs it", .limit.as_secs())]
    Slow {
        /// The gateway's address.
        url: String,
        /// How long was waited.
        limit: Duration,
    },
    /// It does not accept the token.
    #[error("the gateway `{url}` refuses the token (HTTP {status}); check it, or ask for another")]
    Refused {
        /// The gateway's address.
        url: String,
        /// 401 or 403.
        status: u16,
    },
    /// It refuses, having no token.
    #[error("the gateway `{url}` wants a token (HTTP {status}), and none is set")]
    NoToken {
        /// The gateway's address.
        url: String,
        /// 401 or 403.
        status: u16,
    },
    /// It has no such kernelspec.
    #[error(
        "the gateway `{url}` has no kernel `{kernel}`; it has {}",
        listed(.known)
    )]
    UnknownKernel {
        /// The gateway's address.
        url: String,
        /// The name that was asked for.
        kernel: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// The kernel is no longer there.
    #[error("the gateway `{url}` no longer has the kernel")]
    Gone {
        /// The gateway's address.
        url: String,
    },
    /// Whatever answers there is no gateway, or none that is well.
    #[error(
        "the gateway `{url}` could not {wish}: it answered HTTP {status}{}", in_brackets(.said)
    )]
    Status {
        /// The gateway's address.
        url: String,
        /// What it was asked to do.
        wish: &'static str,
        /// The HTTP status.
        status: u16,
        /// The beginning of its answer.
        said: String,
    },
    /// Its answer cannot be understood.
    #[error(
        "what answers at `{url}` is no Jupyter gateway: it was asked to {wish}, and its answer is \
         not the JSON that a gateway would send; check the address and its path"
    )]
    NotAGateway {
        /// The gateway's address.
        url: String,
        /// What it was asked to do.
        wish: &'static str,
    },
    /// Its websocket cannot be opened.
    #[error(
        "the gateway `{url}` answers, but opens no websocket (HTTP {status}); \
         a proxy between it and this machine may not let websockets pass"
    )]
    NoWebsocket {
        /// The gateway's address.
        url: String,
        /// The HTTP status in place of 101.
        status: u16,
    },
    /// The kernel was started, but was not ready in time.
    #[error(
        "the kernel `{kernel}` on the gateway `{url}` was not ready within {} s; if the gateway is \
         busy, allow more time", .limit.as_secs()
    )]
    Timeout {
        /// The gateway's address.
        url: String,
        /// The kernel's name.
        kernel: String,
        /// How long was waited.
        limit: Duration,
    },
    /// The kernel ended before it was ready.
    #[error("the kernel `{kernel}` did not start on the gateway `{url}`: {death}")]
    Died {
        /// The gateway's address.
        url: String,
        /// The kernel's name.
        kernel: String,
        /// What is known of its end.
        death: Box<Death>,
    },
    /// The kernel could not be given its environment.
    #[error("the kernel `{kernel}` on the gateway `{url}` could not be prepared: {said}")]
    Prepare {
        /// The gateway's address.
        url: String,
        /// The kernel's name.
        kernel: String,
        /// What the kernel said.
        said: String,
    },
}

impl GatewayError {
    /// Whether it may be over in a minute: a gateway that starts again, or has too much to do.
    pub fn may_pass(&self) -> bool {
        match self {
            GatewayError::Unreachable { .. }
            | GatewayError::Slow { .. }
            | GatewayError::Timeout { .. }
            | GatewayError::Died { .. }
            | GatewayError::Gone { .. } => true,
            GatewayError::Status { status, .. } | GatewayError::NoWebsocket { status, .. } => {
                matches!(status, 408 | 429 | 500..)
            }
            _ => false,
        }
    }
}

/// The beginning of an answer's body, on one line.
pub(super) fn beginning(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SAID_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn in_brackets(said: &str) -> String {
    match said {
        "" => String::new(),
        said => format!(" ({said})"),
    }
}

fn listed(known: &[String]) -> String {
    match known {
        [] => "none at all".to_owned(),
        known => known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}
