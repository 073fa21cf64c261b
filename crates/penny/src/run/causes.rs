//! Why a run failed, as far as it decides whether it is worth another attempt: a rate limit, a network
//! or a server that was away may be better in a minute; a mistake in the notebook is not.

use penny_kernel::{Cause, Death};
use penny_notebook::Failure;

/// A cause that may pass by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// A server asks for fewer requests.
    RateLimit,
    /// The way to a server, or the server itself, was not there.
    Network,
    /// PostgreSQL, or another database, was away or starting.
    Database,
    /// The kernel is gone, or did not start.
    KernelLost,
    /// What Penny's own program or module says so of.
    Told,
}

impl Passing {
    /// The word for it in the history and in what the user is told.
    pub fn word(self) -> &'static str {
        match self {
            Passing::RateLimit => "rate limit",
            Passing::Network => "network",
            Passing::Database => "database",
            Passing::KernelLost => "kernel lost",
            Passing::Told => "temporary",
        }
    }
}

/// Exceptions of requests, urllib3, httpx, aiohttp and Python itself that mean: no connection, or one that
/// broke. Their names are enough; `OSError` and `URLError` are looked at further.
const NETWORK: &[&str] = &[
    "ConnectionError",
    "ConnectionResetError",
    "ConnectionRefusedError",
    "ConnectionAbortedError",
    "BrokenPipeError",
    "RemoteDisconnected",
    "IncompleteRead",
    "gaierror",
    "ConnectTimeout",
    "ReadTimeout",
    "Timeout",
    "ProxyError",
    "ChunkedEncodingError",
    "MaxRetryError",
    "NewConnectionError",
    "NameResolutionError",
    "ProtocolError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ConnectError",
    "ReadError",
    "RemoteProtocolError",
    "PoolTimeout",
    "ClientConnectorError",
    "ClientConnectorDNSError",
    "ClientOSError",
    "ServerDisconnectedError",
    "ServerTimeoutError",
];

/// Exceptions that carry the server's answer in their text.
const ANSWERS: &[&str] = &["HTTPError", "HTTPStatusError", "ClientResponseError", "RetryError"];

/// Exceptions of database drivers that mean a server on its way down or up.
const SERVER_AWAY: &[&str] = &[
    "AdminShutdown",
    "CrashShutdown",
    "CannotConnectNow",
    "ConnectionFailure",
    "DeadlockDetected",
];

/// Exceptions of database drivers that may mean it: their text decides.
const PERHAPS_AWAY: &[&str] = &["OperationalError", "InterfaceError", "DBAPIError", "PGError"];

/// What psycopg, libpq and SQLAlchemy say when a server is away or has gone.
const AWAY: &[&str] = &[
    "connection refused",
    "connection reset",
    "connection timed out",
    "could not connect",
    "could not translate host name",
    "connection already closed",
    "connection is closed",
    "connection not open",
    "the connection is lost",
    "server closed the connection",
    "terminating connection",
    "closed unexpectedly",
    "starting up",
    "shutting down",
    "recovery mode",
    "not yet accepting connections",
    "too many clients",
    "remaining connection slots",
    "timeout expired",
    "no route to host",
    "network is unreachable",
    "ssl syscall error",
    "eof detected",
    "deadlock detected",
];

/// Why an exception may pass, if it may.
pub fn of_failure(failure: &Failure) -> Option<Passing> {
    let name = failure.ename.rsplit('.').next().unwrap_or(&failure.ename);
    let text = failure.evalue.to_lowercase();
    if name == "TemporaryError" {
        return Some(match text.contains("rate limit") {
            true => Passing::RateLimit,
            false => Passing::Told,
        });
    }
    if ANSWERS.contains(&name) {
        return of_answer(&text);
    }
    if NETWORK.contains(&name) || (name == "URLError" && text.contains("urlopen error")) {
        return Some(Passing::Network);
    }
    let is_away = AWAY.iter().any(|words| text.contains(words));
    let of_server = PERHAPS_AWAY.contains(&name) && is_away;
    (SERVER_AWAY.contains(&name) || of_server).then_some(Passing::Database)
}

/// Why the answer of an HTTP server may be another one later: the first number in the text that is a status.
fn of_answer(text: &str) -> Option<Passing> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|number| number.len() == 3);
    match numbers.next()? {
        "429" => Some(Passing::RateLimit),
        "408" | "500" | "502" | "503" | "504" => Some(Passing::Network),
        _ => None,
    }
}

/// Why the end of a kernel may not come again, if it may not: one that used too much memory, or ended
/// itself, would do so again.
pub fn of_death(death: &Death) -> Option<Passing> {
    let by_itself = death.exit_code.is_some() && death.cause.is_none();
    let too_large = matches!(death.cause, Some(Cause::MemoryLimit { .. }));
    (!by_itself && !too_large).then_some(Passing::KernelLost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ename: &str, evalue: &str, expected: Option<Passing>) {
        let failure = Failure {
            cell: 0,
            ename: ename.to_owned(),
            evalue: evalue.to_owned(),
            traceback: Vec::new(),
            line: None,
        };
        assert_eq!(of_failure(&failure), expected, "{ename}: {evalue}");
    }

    #[test]
    fn a_mistake_in_the_notebook_does_not_pass() {
        check("NameError", "name 'df' is not defined", None);
        check("KeyError", "'deadline'", None);
        check("ValueError", "connection refused", None);
        check("PennyError", "there is no customer", None);
        check("FileNotFoundError", "[Errno 2] No such file or directory", None);
        check("KeyboardInterrupt", "", None);
    }

    #[test]
    fn what_the_module_penny_says_passes() {
        let limit = "Pennylane's rate limit is used up: `customers` was refused after 5 attempts";
        check("TemporaryError", limit, Some(Passing::RateLimit));
        check("TemporaryError", "the connection to PostgreSQL was lost", Some(Passing::Told));
    }

    #[test]
    fn a_connection_that_fails_passes() {
        check(
            "ConnectionError",
            "HTTPSConnectionPool(host='app.pennylane.com', port=443)",
            Some(Passing::Network),
        );
        check(
            "ConnectionResetError",
            "[Errno 104] Connection reset by peer",
            Some(Passing::Network),
        );
        check("URLError", "<urlopen error [Errno 111] Connection refused>", Some(Passing::Network));
        check("ReadTimeout", "", Some(Passing::Network));
    }

    #[test]
    fn the_answer_of_a_server_decides() {
        check(
            "HTTPError",
            "429 Client Error: Too Many Requests for url: https://a.fr/1234",
            Some(Passing::RateLimit),
        );
        check("HTTPError", "HTTP Error 503: Service Unavailable", Some(Passing::Network));
        check(
            "HTTPStatusError",
            "Server error '502 Bad Gateway' for url 'https://a.fr'",
            Some(Passing::Network),
        );
        check("HTTPError", "404 Client Error: Not Found for url: https://a.fr/503", None);
        check("HTTPError", "401 Client Error: Unauthorized for url: https://a.fr", None);
    }

    #[test]
    fn a_database_that_is_away_passes_and_one_that_refuses_does_not() {
        let refused = "connection to server at \"127.0.0.1\", port 5433 failed: Connection refused\n\
                       \tIs the server running on that host and accepting TCP/IP connections?";
        check("OperationalError", refused, Some(Passing::Database));
        let gone = "(psycopg2.OperationalError) server closed the connection unexpectedly";
        check("OperationalError", gone, Some(Passing::Database));
        check("InterfaceError", "connection already closed", Some(Passing::Database));
        check(
            "AdminShutdown",
            "terminating connection due to administrator command",
            Some(Passing::Database),
        );
        let password = "connection to server at \"127.0.0.1\", port 5433 failed: FATAL:  password \
                        authentication failed for user \"penny\"";
        check("OperationalError", password, None);
        check("ProgrammingError", "relation \"x\" does not exist", None);
    }

    fn death(exit_code: Option<i32>, signal: Option<i32>, cause: Option<Cause>) -> Death {
        Death {
            exit_code,
            signal,
            signal_name: None,
            cause,
            peak_memory_bytes: None,
            told: None,
            stderr_tail: String::new(),
        }
    }

    #[test]
    fn a_kernel_that_was_killed_is_tried_again_and_one_that_ended_itself_is_not() {
        assert_eq!(of_death(&death(None, Some(9), None)), Some(Passing::KernelLost));
        assert_eq!(of_death(&death(Some(3), None, None)), None);
        let limit = Some(Cause::MemoryLimit { limit_bytes: 1 });
        assert_eq!(of_death(&death(None, Some(9), limit)), None);
        let template = Some(Cause::TemplateEnded);
        assert_eq!(of_death(&death(None, Some(9), template)), Some(Passing::KernelLost));
    }
}
