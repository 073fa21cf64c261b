//! The client: one connection pool, one token, one pace.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::Url;
use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;

use crate::call::Call;
use crate::config::Config;
use crate::error::Error;
use crate::me::Me;
use crate::pace::Pace;

/// A client of one company's API. Cheap to clone; clones share connections and pace.
///
/// Dropping a future of it ends the request at once; nothing goes on behind.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) config: Config,
    pub(crate) base: Url,
    pub(crate) authorization: HeaderValue,
    /// Sends the token, follows nothing.
    pub(crate) http: reqwest::Client,
    /// Knows no token: for files that lie with others.
    pub(crate) downloads: reqwest::Client,
    pace: Arc<Mutex<Pace>>,
}

impl Client {
    /// A client; fails on a base URL or token that cannot be used, sends nothing.
    pub fn new(config: Config) -> Result<Client, Error> {
        let base = base_url(&config.base_url)?;
        let authorization = authorization(config.token.expose())?;
        let http = http(&config, &base)
            .redirect(Policy::none())
            .build()
            .map_err(|source| Error::Setup { source })?;
        let downloads = http_for_files(&config, &base)?;
        Ok(Client { config, base, authorization, http, downloads, pace: Arc::default() })
    }

    /// Whose token this is and what it may read; the best test of a connection.
    pub async fn me(&self) -> Result<Me, Error> {
        let answer = self.send(&Call::get("/me", "")).await?;
        serde_json::from_value(answer).map_err(|source| Error::Unexpected {
            path: "/me".to_owned(),
            what: source.to_string(),
        })
    }

    /// The address of a call.
    pub(crate) fn url(&self, call: &Call<'_>) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{}", self.base.path().trim_end_matches('/'), call.path));
        if !call.pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.pairs);
        }
        url
    }

    /// The pace that all requests of this client share; never held across an await.
    pub(crate) fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn base_url(text: &str) -> Result<Url, Error> {
    let wrong = |reason| {
        // What stands before an @ may be a password.
        let url = text.rsplit_once('@').map_or(text, |(_, host)| host).to_owned();
        Err(Error::BaseUrl { url, reason })
    };
    let Ok(url) = Url::parse(text.trim().trim_end_matches('/')) else {
        return wrong("it is no web address; it begins with https://");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("it holds a user or password; the token belongs in .env");
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return wrong("http:// would send the token unprotected; use https://"),
        _ => return wrong("it begins with https://"),
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("it ends before any ? or #");
    }
    Ok(url)
}

fn authorization(token: &str) -> Result<HeaderValue, Error> {
    let token = token.trim();
    if token.is_empty() {
        return Err(Error::Token { reason: "it is empty" });
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        let reason = "it holds a space, an accent or a line break; a token has none";
        return Err(Error::Token { reason });
    }
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))
        .expect("printable ASCII makes a header value");
    value.set_sensitive(true);
    Ok(value)
}

fn http(config: &Config, base: &Url) -> reqwest::ClientBuilder {
    // Fails only when a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(config.user_agent.clone())
        .connect_timeout(config.connect_timeout);
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    if base.scheme() == "http" {
        // No need for the system's certificates, which a bare machine may lack.
        builder = builder.tls_backend_preconfigured(trusting_nobody());
    }
    builder
}

/// A TLS that accepts no certificate.
pub(crate) fn trusting_nobody() -> rustls::ClientConfig {
    rustls::ClientConfig::builder()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

/// For files of exports: long, with other hosts, without the token.
fn http_for_files(config: &Config, base: &Url) -> Result<reqwest::Client, Error> {
    http(config, base)
        .redirect(Policy::limited(5))
        .https_only(base.scheme() == "https")
        .read_timeout(config.request_timeout)
        .build()
        .map_err(|source| Error::Setup { source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    fn local_client(base_url: &str, token: &str) -> Client {
        let config = Config { base_url: base_url.to_owned(), ..Config::new(Secret::from(token)) };
        Client::new(config).expect("a client")
    }

    #[test]
    fn a_token_travels_unprotected_only_within_this_machine() {
        for url in [
            "http://127.0.0.1:4010/api",
            "http://localhost:1/",
            "http://[::1]:80",
            " https://app.pennylane.com/api/external/v2/ ",
        ] {
            assert!(base_url(url).is_ok(), "{url}");
        }
        for url in
            ["http://app.pennylane.com/api", "http://127.0.0.1.example.com", "http://10.0.0.1"]
        {
            let error = base_url(url).expect_err(url).to_string();
            assert!(error.contains("unprotected"), "{error}");
        }
    }

    #[test]
    fn a_base_url_that_cannot_be_used_says_why() {
        let check = |url: &str, reason: &str| {
            let error = base_url(url).expect_err(url);
            assert!(error.to_string().contains(reason), "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
            assert!(error.hint().is_some());
        };
        check("app.pennylane.com", "begins with https://");
        check("ftp://app.pennylane.com", "begins with https://");
        check("https://me:secret@app.pennylane.com", "user or password");
        check("me:secret@app.pennylane.com", "begins with https://");
        check("https://app.pennylane.com/?a=b", "before any ?");
    }

    #[test]
    fn a_token_that_cannot_be_sent_is_refused_without_being_told() {
        for token in ["", "  \n", "hidden hidden", "hidden\nhidden", "hiddén"] {
            let error = authorization(token).expect_err("refused");
            assert!(matches!(error, Error::Token { .. }), "{error}");
            assert!(!error.to_string().contains("hidd"), "{error}");
        }
        assert_eq!(authorization(" abc.def-123 \n").expect("fine"), "Bearer abc.def-123");
    }

    #[test]
    fn the_debug_text_of_a_client_does_not_tell_the_token() {
        let client = local_client("http://127.0.0.1:9", "tok-1234567890");
        assert!(!format!("{client:?}").contains("1234567890"));
    }

    #[test]
    fn the_path_of_a_call_follows_the_base_urls_own() {
        let client = local_client("http://127.0.0.1:9/api/v2/", "t");
        let mut call = Call::get("/customers", "");
        call.pairs.push(("filter", "[{\"value\":\"é&=\"}]".to_owned()));
        let url = client.url(&call);
        assert_eq!(url.path(), "/api/v2/customers");
        let pairs: Vec<_> = url.query_pairs().collect();
        assert_eq!(pairs, [("filter".into(), "[{\"value\":\"é&=\"}]".into())]);
    }
}
