//! Who may see the dashboard, and act: a login link that works once, or a password; sessions; programs with a token;
//! and what no request may do.
//!
//! Every request goes through [`gate`]: its name is this computer's, it is small, and its answer forbids the browser
//! what it should. Behind the login, [`guard`] also asks for a session, and for the proof that a page of ours sent a
//! form. Nothing of a request names a file: there is no path to climb out of.

mod gate;
mod guard;
mod headers;
mod key;
mod login;
mod origin;
mod patience;
mod session;
mod settings;
mod spent;
mod token;
mod watch;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;

use crate::clock::Clock;
use crate::daemon;
use crate::error::{Error, Result};
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

pub use gate::{Peer, gate};
pub use guard::guard;
pub use headers::FRAME as FRAME_POLICY;
pub use login::{log_in, log_out, login};
pub use session::{Session, Way};
pub use watch::watch;

use key::{Key, Purpose};
use patience::Patience;
use settings::Settings;
use spent::Spent;

/// A request's body may have so many bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Who may come in, as the running service knows it.
pub struct Access {
    key: PathBuf,
    spent: Spent,
    patience: Patience,
    clock: Clock,
    settings: RwLock<Arc<Settings>>,
    page_policy: HeaderValue,
}

impl Access {
    /// For a workspace whose pages carry a style sheet of this hash, `'sha256-…'`.
    ///
    /// # Errors
    /// What [`check`] finds wrong; the key cannot be read or made.
    pub fn open(workspace: &Workspace, clock: Clock, sheet: &str) -> Result<Arc<Access>> {
        let settings = Settings::of(workspace)?;
        let key = Key::path(workspace);
        Key::ensure(&key)?;
        let spent = Spent::open(&workspace.own().join("web.spent"), clock.wall());
        Ok(Arc::new(Access {
            key,
            spent,
            patience: Patience::default(),
            clock,
            settings: RwLock::new(Arc::new(settings)),
            page_policy: headers::of_pages(sheet),
        }))
    }

    /// penny.toml or `.env` has changed. Where it listens stays as it began; settings that are wrong do not come here.
    pub fn reload(&self, workspace: &Workspace) {
        if let Ok(mut settings) = Settings::of(workspace) {
            settings.listen = self.settings().listen;
            *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
        }
    }

    /// What should be known before others come in.
    pub fn warning(&self) -> Option<String> {
        self.settings().warning()
    }

    /// The link that the service shows at its start, for a server that listens there.
    ///
    /// # Errors
    /// The key cannot be read or made.
    pub fn first_link(&self, address: SocketAddr) -> Result<String> {
        let key = Key::ensure(&self.key)?;
        let (token, _) = token::make(&key, self.clock.wall(), token::OF_START);
        Ok(format!("{}/login?token={token}", self.url(address)))
    }

    /// Where people find a server that listens there: by the proxy's name, or on this computer.
    pub fn url(&self, address: SocketAddr) -> String {
        let settings = self.settings();
        match settings.hosts.first().filter(|_| settings.proxy) {
            Some(host) => format!("https://{host}"),
            None => url_of(address),
        }
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key as it is now: `penny dashboard --end-sessions` takes effect at once. It is 32 bytes that the system
    /// has in memory; without them nobody is let in.
    fn key(&self) -> Option<Key> {
        Key::read(&self.key)
    }

    /// The session of a request's cookie, and the key that it holds with.
    fn session(&self, headers: &HeaderMap) -> Option<(Key, Session)> {
        let key = self.key()?;
        let settings = self.settings();
        let password = settings.password.as_deref().unwrap_or_default();
        let name = cookie_name(&key);
        let mut cookies = cookies(headers).filter(|(known, _)| *known == name);
        let session = cookies
            .find_map(|(_, value)| Session::read(&key, value, password, self.clock.wall()))?;
        (!self.spent.has(session.id())).then_some((key, session))
    }

    /// Whether the request came by TLS, as a proxy tells it that penny.toml knows of.
    fn is_https(&self, headers: &HeaderMap) -> bool {
        let told = headers.get("x-forwarded-proto").and_then(|told| told.to_str().ok());
        self.settings().proxy && told.is_some_and(|told| told.eq_ignore_ascii_case("https"))
    }

    /// Whose tries of a password count together: the address that connects, or the one that the proxy connected for.
    fn address(&self, headers: &HeaderMap, peer: Peer) -> IpAddr {
        let last = headers.get_all("x-forwarded-for").iter().next_back();
        let told =
            last.and_then(|list| list.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        told.filter(|_| self.settings().proxy).unwrap_or(peer.0.ip())
    }

    /// The header that gives a session to the browser. `Lax`: a link in a mail opens the dashboard with the session
    /// that is there, and what acts is no link but a form, which proves where it comes from.
    fn set_cookie(&self, key: &Key, session: &Session, https: bool) -> HeaderValue {
        let settings = self.settings();
        let value = session.cookie(key, settings.password.as_deref().unwrap_or_default());
        let seconds = session.until().duration_since(self.clock.wall()).as_secs();
        cookie(key, &value, seconds, https)
    }
}

/// What is wrong in penny.toml or `.env` about who may see the dashboard.
///
/// # Errors
/// Others than this computer could come in without a password; a password or token that is too short.
pub fn check(workspace: &Workspace) -> Result<()> {
    Settings::of(workspace).map(drop)
}

/// A link to the running service's dashboard, which logs in once.
pub struct Link {
    /// The whole of it.
    pub url: String,
    /// Until when it works.
    pub until: Timestamp,
}

/// A fresh link to the dashboard of a workspace.
///
/// # Errors
/// penny.toml switches the dashboard off; no service is at work, or it serves nothing; the key cannot be read or made.
pub fn open_link(workspace: &Workspace, surroundings: &Surroundings) -> Result<Link> {
    if !workspace.config.web.enabled {
        return Err(Error::usage("penny.toml switches the dashboard off: [web] enabled = false")
            .hint("remove that line, and start the service again"));
    }
    let Some(state) = daemon::live_state(workspace) else {
        return Err(Error::missing("no service is at work in this workspace")
            .hint("start it with `penny start`"));
    };
    let Some(url) = state.dashboard else {
        return Err(Error::missing("`penny start` is at work, but nobody answers over HTTP").hint(
            "it said why at its start: `penny logs` shows it; mostly the port is another program's",
        ));
    };
    let key = Key::ensure(&Key::path(workspace))?;
    let (token, until) = token::make(&key, Clock::new(surroundings).wall(), token::ASKED_FOR);
    Ok(Link { url: format!("{url}/login?token={token}"), until })
}

/// Ends all sessions of a workspace, and the links that were not used: everybody has to log in again.
///
/// # Errors
/// The new key cannot be written; the sessions then go on.
pub fn end_sessions(workspace: &Workspace) -> Result<()> {
    Key::renew(&Key::path(workspace)).map(drop)
}

/// How a browser on this computer reaches a server that listens there.
fn url_of(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from(std::net::Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

/// The cookie's name is each workspace's own: the browser sends a cookie to every port of this computer.
fn cookie_name(key: &Key) -> String {
    let seal = key.seal(Purpose::Cookie, &[]);
    let name: String = seal.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("penny_session_{name}")
}

fn cookie(key: &Key, value: &str, seconds: i64, https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let name = cookie_name(key);
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).expect("letters of ASCII")
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lists = headers.get_all(header::COOKIE).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(';')).filter_map(|cookie| cookie.trim().split_once('='))
}
