//! Why no answer came at all: told apart so that the reader knows whom to ask.

use std::error::Error as StdError;
use std::fmt;
use std::io;

/// Why no answer came from a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The host's name leads to no address.
    Dns,
    /// The host refuses connections.
    Refused,
    /// There is no way to the host.
    Network,
    /// The host's certificate or its TLS is not accepted.
    Tls,
    /// The proxy does not let the connection through.
    Proxy,
    /// The time limit has passed.
    Timeout,
    /// The connection ended before the answer did.
    Cut,
}

impl Trouble {
    /// Whether the same request may fare better a moment later.
    pub fn may_pass(self) -> bool {
        !matches!(self, Trouble::Tls)
    }

    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Trouble::Dns => "check the internet connection (VPN, Wi-Fi) and the API's base URL",
            Trouble::Refused => "check that the server runs, and the host and port of the base URL",
            Trouble::Network => "check the internet connection, the VPN and the firewall",
            Trouble::Tls => {
                "check this machine's date and time; if a company proxy inspects traffic, its root \
                 certificate must be trusted by the system"
            }
            Trouble::Proxy => "check the proxy settings (HTTPS_PROXY, NO_PROXY) with your IT team",
            Trouble::Timeout => "try again later; a slow VPN or proxy can also be the cause",
            Trouble::Cut => "try again; if it happens often, a proxy or firewall cuts long answers",
        }
    }

    /// Reads the chain of causes of a failed request.
    pub(crate) fn of(error: &reqwest::Error) -> Trouble {
        if error.is_timeout() {
            return Trouble::Timeout;
        }
        let mut connection = None;
        let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
        while let Some(current) = cause {
            if let Some(found) = named(current) {
                return found;
            }
            if let Some(io) = current.downcast_ref::<io::Error>() {
                connection = of_kind(io.kind()).or(connection);
                // An I/O error passes over the error that it holds when asked for its source.
                if let Some(inner) = io.get_ref() {
                    cause = Some(inner);
                    continue;
                }
            }
            cause = current.source();
        }
        let unknown = if error.is_connect() { Trouble::Network } else { Trouble::Cut };
        connection.unwrap_or(unknown)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Trouble::Dns => "its name leads to no address (DNS)",
            Trouble::Refused => "it refuses connections",
            Trouble::Network => "there is no network connection to it",
            Trouble::Tls => "its certificate is not accepted (TLS)",
            Trouble::Proxy => "the proxy does not let the connection through",
            Trouble::Timeout => "it did not answer in time",
            Trouble::Cut => "the connection ended in the middle of the answer",
        })
    }
}

/// Causes that have no kind of their own, known by type or by the words of the layer that made them.
fn named(cause: &(dyn StdError + 'static)) -> Option<Trouble> {
    if cause.is::<rustls::Error>() {
        return Some(Trouble::Tls);
    }
    let text = cause.to_string();
    if text.contains("dns error") || text.contains("failed to lookup address") {
        return Some(Trouble::Dns);
    }
    let of_proxy = ["tunnel", "proxy"].iter().any(|word| text.to_lowercase().contains(word));
    of_proxy.then_some(Trouble::Proxy)
}

fn of_kind(kind: io::ErrorKind) -> Option<Trouble> {
    match kind {
        io::ErrorKind::ConnectionRefused => Some(Trouble::Refused),
        io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable => Some(Trouble::Network),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some(Trouble::Cut),
        io::ErrorKind::TimedOut => Some(Trouble::Timeout),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::client::trusting_nobody;

    /// A server that answers the first bytes of each connection with `answer`, and its address.
    async fn server(answer: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound").to_string();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer).await;
            }
        });
        address
    }

    fn client() -> reqwest::ClientBuilder {
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .tls_backend_preconfigured(trusting_nobody())
    }

    async fn trouble(client: reqwest::ClientBuilder, url: &str) -> Trouble {
        let answer = client.build().expect("a client").get(url).send().await;
        Trouble::of(&answer.expect_err("no answer"))
    }

    #[tokio::test]
    async fn a_name_without_address_is_a_matter_of_dns() {
        assert_eq!(trouble(client(), "http://penny-test.invalid/").await, Trouble::Dns);
    }

    #[tokio::test]
    async fn a_closed_port_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        drop(listener);
        assert_eq!(trouble(client(), &format!("http://{address}/")).await, Trouble::Refused);
    }

    #[tokio::test]
    async fn an_answer_without_tls_to_https_is_a_matter_of_tls() {
        let address = server(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        assert_eq!(trouble(client(), &format!("https://{address}/")).await, Trouble::Tls);
    }

    #[tokio::test]
    async fn a_connection_that_ends_without_a_word_was_cut() {
        let address = server(b"").await;
        assert_eq!(trouble(client(), &format!("http://{address}/")).await, Trouble::Cut);
    }

    #[tokio::test]
    async fn a_proxy_that_wants_a_login_is_named() {
        let address = server(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
        let proxy = reqwest::Proxy::all(format!("http://{address}")).expect("an address");
        let client = client().proxy(proxy);
        assert_eq!(trouble(client, "https://app.pennylane.com/").await, Trouble::Proxy);
    }
}
