//! Kernels that run elsewhere: on a Jupyter Kernel Gateway, Jupyter Server or Enterprise Gateway.

mod api;
mod error;
mod framing;
mod link;
mod remote;

use std::fmt;
use std::time::Duration;

pub use api::RemoteKernelspec;
pub use error::GatewayError;
pub(crate) use remote::{Remote, start};
use reqwest::Url;

use api::Api;

/// Where kernels run that do not run here.
#[derive(Clone)]
pub struct Gateway {
    url: Url,
    token: Option<Token>,
    /// A certificate to trust beside those of the system, as PEM.
    certificate: Option<Vec<u8>>,
}

/// What a gateway knows its clients by; never shown.
#[derive(Clone)]
struct Token(String);

/// A kernel to be started on a gateway.
///
/// It is deleted there when its [`crate::Kernel`] is shut down or dropped. If Penny is killed before
/// it can do that, the kernel stays until the gateway's own rule for idle kernels ends it
/// (`--MappingKernelManager.cull_idle_timeout`): note [`crate::Kernel::remote_id`] and call
/// [`Gateway::end_kernel`] at the next start.
#[derive(Clone)]
pub struct GatewayLaunch {
    /// Where.
    pub gateway: Gateway,
    /// The name of the kernelspec there.
    pub kernel: String,
    /// Variables for the kernel's environment there. A Python kernel gets them whatever the gateway
    /// allows; of others a gateway may take only those whose names begin with `KERNEL_`.
    pub env: Vec<(String, String)>,
    /// The folder to work in, if there is one of that name there.
    pub cwd: Option<String>,
    /// How long the kernel may take until it answers.
    pub start_timeout: Duration,
    /// How long a connection that broke is tried to be made again, before the kernel is given up.
    pub reconnect_limit: Duration,
}

impl Gateway {
    /// A sensible [`GatewayLaunch::reconnect_limit`]: a gateway that is restarted, or a laptop that
    /// changes its network.
    pub const RECONNECT_LIMIT: Duration = Duration::from_secs(120);

    /// `url` is the gateway's address, with the path it lives under if there is one; `token` is sent
    /// in the header of every request. Over `http://` everybody on the way can read it.
    ///
    /// Fails if the address is none, or the token cannot be one.
    pub fn new(url: &str, token: Option<&str>) -> Result<Gateway, GatewayError> {
        let wrong = |reason| GatewayError::Url { url: url.to_owned(), reason };
        let mut parsed = Url::parse(url.trim()).map_err(|_| wrong("it is no web address"))?;
        if !["http", "https"].contains(&parsed.scheme()) || parsed.cannot_be_a_base() {
            return Err(wrong("it begins with http:// or https://"));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(GatewayError::Url {
                url: "…".to_owned(),
                reason: "it holds a user or password, and only a token is known here",
            });
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(GatewayError::Url {
                url: "…".to_owned(),
                reason: "it ends before any ? or #; the token does not belong there",
            });
        }
        let path = parsed.path().trim_end_matches('/').to_owned();
        parsed.set_path(&path);
        let token = token.map(str::trim).filter(|token| !token.is_empty());
        if token.is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(GatewayError::Token);
        }
        let token = token.map(|token| Token(token.to_owned()));
        Ok(Gateway { url: parsed, token, certificate: None })
    }

    /// Trusts a certificate, or the authority that signs it, beside those of the system. `pem` is
    /// looked at when the gateway is first asked something.
    #[must_use]
    pub fn trusting(mut self, pem: &[u8]) -> Gateway {
        self.certificate = Some(pem.to_owned());
        self
    }

    /// The address, without a slash at its end.
    pub fn url(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The kernelspecs that the gateway offers, by name.
    pub async fn kernelspecs(&self) -> Result<Vec<RemoteKernelspec>, GatewayError> {
        Api::new(self)?.kernelspecs().await
    }

    /// Ends a kernel that was left over; false if it was gone already.
    pub async fn end_kernel(&self, id: &str) -> Result<bool, GatewayError> {
        Api::new(self)?.delete(id).await
    }

    /// The address of `path`, given in its parts.
    fn at(&self, path: &[&str]) -> Url {
        let mut url = self.url.clone();
        let mut segments = url.path_segments_mut().expect("the scheme was checked");
        segments.pop_if_empty().extend(path);
        drop(segments);
        url
    }
}

/// Shows where it is and nothing of the token.
impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("url", &self.url())
            .field("token", &self.token.as_ref().map(|_| ".."))
            .finish_non_exhaustive()
    }
}

/// Shows the names of the environment variables only: their values may be secrets.
impl fmt::Debug for GatewayLaunch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("GatewayLaunch")
            .field("gateway", &self.gateway)
            .field("kernel", &self.kernel)
            .field("env", &names)
            .field("cwd", &self.cwd)
            .field("start_timeout", &self.start_timeout)
            .field("reconnect_limit", &self.reconnect_limit)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_path_and_a_slash_at_its_end() {
        #[track_caller]
        fn check(url: &str, expected: &str) {
            let gateway = Gateway::new(url, None).unwrap();
            assert_eq!(gateway.at(&["api", "kernels", "a b"]).as_str(), expected);
        }
        check("http://h:8888", "http://h:8888/api/kernels/a%20b");
        check(" https://h/ ", "https://h/api/kernels/a%20b");
        check("https://h/user/x//", "https://h/user/x/api/kernels/a%20b");
        assert_eq!(Gateway::new("https://h/user/x/", None).unwrap().url(), "https://h/user/x");
    }

    #[test]
    fn an_address_that_is_none_is_refused_with_the_reason() {
        #[track_caller]
        fn check(url: &str, token: Option<&str>, sentence: &str) {
            assert_eq!(Gateway::new(url, token).unwrap_err().to_string(), sentence);
        }
        check("gateway", None, "the gateway's address `gateway` is wrong: it is no web address");
        check(
            "ws://h",
            None,
            "the gateway's address `ws://h` is wrong: it begins with http:// or https://",
        );
        check(
            "http://h?token=s3cret",
            None,
            "the gateway's address `…` is wrong: it ends before any ? or #; the token does not \
             belong there",
        );
        check(
            "http://u:s3cret@h",
            None,
            "the gateway's address `…` is wrong: it holds a user or password, and only a token is \
             known here",
        );
        check(
            "http://h",
            Some("a b"),
            "the gateway's token holds a space, an accent or a line break; a token has none",
        );
    }

    #[test]
    fn secrets_stay_out_of_debug() {
        let launch = GatewayLaunch {
            gateway: Gateway::new("http://h", Some("s3cret")).unwrap(),
            kernel: "python3".to_owned(),
            env: vec![("PASSWORD".to_owned(), "s3cret".to_owned())],
            cwd: None,
            start_timeout: Duration::from_secs(1),
            reconnect_limit: Gateway::RECONNECT_LIMIT,
        };
        let shown = format!("{launch:?}");
        assert!(shown.contains("PASSWORD") && !shown.contains("s3cret"), "{shown}");
    }
}
