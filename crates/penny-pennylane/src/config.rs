//! What a client needs to know, and the token it must not tell.

use std::fmt;
use std::time::Duration;

/// Pennylane's own address; a sandbox company has the same, its token decides.
pub const BASE_URL: &str = "https://app.pennylane.com/api/external/v2";

/// What a [`Client`](crate::Client) needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address of the API, without a slash at its end; `http://` only for this machine.
    pub base_url: String,
    /// The company's token.
    pub token: Secret,
    /// What the client calls itself.
    pub user_agent: String,
    /// Attempts at one page, the first included; at least 1.
    pub attempts_max: u32,
    /// Pause after the first failed attempt; each further one is twice as long, up to 30 s.
    pub pause_first: Duration,
    /// Time limit of making a connection.
    pub connect_timeout: Duration,
    /// Time limit of one attempt, from the connection to the last byte.
    pub request_timeout: Duration,
    /// Time limit of one page with all its attempts and pauses.
    pub total_timeout: Duration,
    /// Time limit of one export, from its creation to the last byte of its file.
    pub export_timeout: Duration,
}

impl Config {
    /// The configuration for Pennylane itself.
    pub fn new(token: Secret) -> Config {
        Config {
            base_url: BASE_URL.to_owned(),
            token,
            user_agent: concat!("penny/", env!("CARGO_PKG_VERSION")).to_owned(),
            attempts_max: 6,
            pause_first: Duration::from_millis(500),
            connect_timeout: Duration::from_secs(15),
            request_timeout: Duration::from_secs(60),
            total_timeout: Duration::from_secs(5 * 60),
            export_timeout: Duration::from_secs(20 * 60),
        }
    }
}

/// A text that is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that must send it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Secret {
        Secret(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_not_in_the_debug_text() {
        let config = Config::new(Secret::from("tok-1234567890"));
        assert!(!format!("{config:?}").contains("1234567890"));
        assert_eq!(config.token.expose(), "tok-1234567890");
    }
}
