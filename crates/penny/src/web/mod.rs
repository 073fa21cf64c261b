//! What the running service answers over HTTP, on this computer alone unless penny.toml says otherwise.
//!
//! `/health` says whether it can do its work, `/metrics` the same and more for Prometheus. No request is served under a name that is not this computer's: a page in a browser must
//! not read the figures by a name that somebody points at 127.0.0.1.

mod health;
mod host;
mod live;
mod look;
mod metrics;
mod pages;
mod postgres;
mod visit;
mod words;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, Query, Request, State as Shown};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::console::Console;
use crate::daemon::state::State;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

use metrics::Recorder;
use postgres::Postgres;

/// The usual port, or the first to try.
pub const PORT: u16 = 8787;
/// How many ports are tried after a taken one, when penny.toml names none.
const PORTS_TRIED: u16 = 10;
/// An answer that takes longer is not waited for.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// A server that is asked to end has this long for the answers under way.
const END_MAX: Duration = Duration::from_secs(1);

/// The server, until it is closed.
pub struct Web {
    address: SocketAddr,
    about: Arc<About>,
    end: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

/// What the server shows.
struct About {
    workspace: Mutex<Arc<Workspace>>,
    surroundings: Arc<Surroundings>,
    clock: Clock,
    live: watch::Receiver<State>,
    store: Store,
    recorder: Mutex<Recorder>,
    postgres: Postgres,
}

impl Web {
    /// Begins to serve, where penny.toml says or on the first free port from 8787 on; nothing when it
    /// shall not, or when no port is free: that is said, and the service does its work without.
    pub async fn start(
        workspace: Arc<Workspace>,
        surroundings: Arc<Surroundings>,
        clock: Clock,
        live: watch::Receiver<State>,
        console: &Console,
    ) -> Option<Web> {
        if !workspace.config.web.enabled {
            return None;
        }
        match Web::open(workspace, surroundings, clock, live).await {
            Ok(web) => {
                let said = format!("http://{}: /health, /metrics", web.address);
                tracing::info!("{said}");
                console.say(&said);
                Some(web)
            }
            Err(error) => {
                console.warn(&error.sentence());
                None
            }
        }
    }

    async fn open(
        workspace: Arc<Workspace>,
        surroundings: Arc<Surroundings>,
        clock: Clock,
        live: watch::Receiver<State>,
    ) -> Result<Web> {
        let (listener, address) = listen(&workspace).await?;
        let store = Store::open(&workspace.history())?;
        let recorder = Mutex::new(Recorder::begin(&store)?);
        let about = Arc::new(About {
            workspace: Mutex::new(workspace),
            surroundings,
            clock,
            live,
            store,
            recorder,
            postgres: Postgres::default(),
        });
        let router = router(Arc::clone(&about));
        let (end, mut ended) = watch::channel(false);
        let serving = tokio::spawn(async move {
            let served = axum::serve(listener, router).with_graceful_shutdown(async move {
                let _ = ended.wait_for(|end| *end).await;
            });
            if let Err(error) = served.await {
                tracing::warn!("the answers over HTTP ended: {error}");
            }
        });
        Ok(Web { address, about, end, serving })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// penny.toml or `.env` has changed. Another address holds from the next start on.
    pub fn reload(&self, workspace: Arc<Workspace>) {
        *self.about.workspace.lock().unwrap_or_else(PoisonError::into_inner) = workspace;
    }

    /// Ends it.
    pub async fn close(self) {
        self.end.send_replace(true);
        let mut serving = self.serving;
        if tokio::time::timeout(END_MAX, &mut serving).await.is_err() {
            serving.abort();
        }
    }
}

impl About {
    fn workspace(&self) -> Arc<Workspace> {
        Arc::clone(&self.workspace.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A port to listen on.
async fn listen(workspace: &Workspace) -> Result<(TcpListener, SocketAddr)> {
    let settings = &workspace.config.web;
    let tried = if settings.is_said { 1 } else { PORTS_TRIED };
    let mut trouble = None;
    for port in (settings.listen.port()..=u16::MAX).take(usize::from(tried)) {
        let place = SocketAddr::new(settings.listen.ip(), port);
        match TcpListener::bind(place).await {
            Ok(listener) => {
                let address = listener.local_addr().unwrap_or(place);
                return Ok((listener, address));
            }
            Err(error) => trouble = Some((place, error)),
        }
    }
    let (place, error) = trouble.expect("a port was tried");
    let what = format!("nothing answers over HTTP: {place} cannot be used");
    let hint = "name another address in penny.toml: [web] listen = \"127.0.0.1:8790\"";
    Err(Error::missing(what).because(error).hint(hint))
}

fn router(about: Arc<About>) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/events", get(live::events))
        .route("/language", post(choose_language))
        .route(&look::SCRIPT_PATH, get(script))
        .route("/health", get(health_page))
        .route("/metrics", get(metrics_page))
        .layer(middleware::from_fn_with_state(Arc::clone(&about), guarded))
        .with_state(about)
}

/// Who may ask, and what, and for how long.
async fn guarded(Shown(about): Shown<Arc<About>>, request: Request, next: Next) -> Response {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if !host::is_ours(named.unwrap_or_default(), &about.workspace().config.web.hosts) {
        let why = "this name is not one of this computer's: use localhost, or list the name under \
                   `hosts` of [web] in penny.toml\n";
        return (StatusCode::MISDIRECTED_REQUEST, why).into_response();
    }
    let answered = tokio::time::timeout(ANSWER_MAX, next.run(request)).await;
    let mut response = answered.unwrap_or_else(|_| {
        (StatusCode::SERVICE_UNAVAILABLE, "the answer took too long\n").into_response()
    });
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The script, under an address that changes with it.
async fn script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=31536000, immutable"),
    ];
    (headers, look::SCRIPT)
}

/// What the form of the languages sends.
#[derive(Deserialize)]
struct Chosen {
    language: String,
    /// The page to go back to.
    back: String,
}

/// `POST /language`: the reader wants another language than the browser's.
async fn choose_language(Form(chosen): Form<Chosen>) -> Response {
    let language = if chosen.language == "fr" { "fr" } else { "en" };
    let cookie = format!(
        "{}={language}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
        visit::LANGUAGE_COOKIE
    );
    ([(header::SET_COOKIE, cookie)], Redirect::to(own_path(&chosen.back))).into_response()
}

/// A path of this server to go back to; home for what is none: `//elsewhere` would be another server.
fn own_path(path: &str) -> &str {
    let is_own = path.starts_with('/')
        && !path[1..].starts_with(['/', '\\'])
        && path.bytes().all(|b| b.is_ascii_graphic());
    if is_own { path } else { "/" }
}

/// What a request for `/health` may ask.
#[derive(Deserialize)]
struct Asked {
    /// Whether tables that are too old count as ill health too.
    #[serde(default)]
    strict: bool,
}

async fn health_page(Shown(about): Shown<Arc<About>>, Query(asked): Query<Asked>) -> Response {
    let postgres = postgres::answers(&about).await;
    let report = blocking(move || health::report(&about, postgres)).await;
    match report {
        Ok(report) => {
            let well = report.can_work() && !(asked.strict && report.has_stale());
            let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            (status, axum::Json(report.json())).into_response()
        }
        Err(error) => failed(&error),
    }
}

async fn metrics_page(Shown(about): Shown<Arc<About>>) -> Response {
    let postgres = postgres::answers(&about).await;
    let page = blocking(move || metrics::page(&about, postgres.is_ok())).await;
    match page {
        Ok(page) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], page).into_response(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &Error) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", error.sentence())).into_response()
}

/// SQLite blocks its thread; the service's other work must not wait for that.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Error::missing("the answer could not be made").because(error)),
    }
}
