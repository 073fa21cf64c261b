//! What the running service answers over HTTP, on this computer alone unless penny.toml says otherwise: the dashboard,
//! its API, `/health`, which says whether the service can do its work, and `/metrics`, the same and more for Prometheus.
//!
//! No request is served under a name that is not this computer's: a page in a browser must not read the figures by a name
//! that somebody points at 127.0.0.1.

pub mod access;
mod actions;
mod api;
mod health;
mod host;
mod links;
mod live;
mod look;
mod metrics;
mod notebooks;
mod pages;
mod postgres;
mod schedule_words;
mod serving;
mod tables;
mod visit;
mod words;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Query, State as Shown};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
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

use access::Access;
use metrics::Recorder;
use notebooks::Notebooks;
use postgres::Postgres;
use serving::Limits;
use visit::Visit;

/// The usual port, or the first to try.
pub const PORT: u16 = 8787;
/// How many ports are tried after a taken one, when penny.toml names none.
const PORTS_TRIED: u16 = 10;
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
    readers: live::Live,
    access: Arc<Access>,
    notebooks: Notebooks,
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
                tracing::info!("{}: the dashboard, /health, /metrics", web.url());
                // Whoever reads the log may not be who may see the dashboard: the link is shown, not written down.
                match web.about.access.first_link(web.address) {
                    Ok(link) => console.say(&format!("the dashboard: {link}")),
                    Err(error) => console.warn(&error.sentence()),
                }
                if let Some(warning) = web.about.access.warning() {
                    tracing::warn!("{warning}");
                    console.warn(&warning);
                }
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
        let access = Access::open(&workspace, clock.clone(), &look::STYLE_SOURCE)?;
        let (end, ended) = watch::channel(false);
        let about = Arc::new(About {
            workspace: Mutex::new(workspace),
            surroundings,
            clock,
            live,
            store,
            recorder,
            postgres: Postgres::default(),
            readers: live::Live::new(ended.clone()),
            access,
            notebooks: Notebooks::default(),
        });
        let router = router(Arc::clone(&about));
        let serving = tokio::spawn(serving::serve(listener, router, Limits::default(), ended));
        Ok(Web { address, about, end, serving })
    }

    /// Where people find it.
    pub fn url(&self) -> String {
        self.about.access.url(self.address)
    }

    /// penny.toml or `.env` has changed. Another address holds from the next start on.
    pub fn reload(&self, workspace: Arc<Workspace>) {
        self.about.access.reload(&workspace);
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
    let access = Arc::clone(&about.access);
    let inside = Router::new()
        .route("/", get(pages::home))
        .route("/history", get(pages::history))
        .route("/compare", get(pages::compare_chosen))
        .route("/calendar", get(pages::calendar))
        .route("/notebooks/{name}", get(pages::notebook))
        .route("/tables", get(pages::tables))
        .route("/tables/{table}", get(pages::table))
        .route("/tables/{table}/csv", get(pages::csv))
        .route("/tables/{table}/changes", get(pages::changes))
        .route("/powerbi", get(pages::powerbi))
        .route("/powerbi/{file}", get(pages::powerbi_file))
        .route("/log", get(pages::log))
        .route("/events", get(live::events))
        .route("/runs/{id}", get(pages::run))
        .route("/runs/{id}/download", get(pages::download))
        .route("/runs/{id}/outputs/{cell}/{output}", get(pages::output))
        .route("/runs/{id}/frame/{cell}/{output}", get(pages::frame))
        .route("/compare/{a}/{b}", get(pages::compare))
        .route("/language", post(choose_language))
        .merge(actions::router())
        .merge(api::router())
        .fallback(lost)
        .with_state(Arc::clone(&about))
        .merge(
            Router::new().route("/logout", post(access::log_out)).with_state(Arc::clone(&access)),
        )
        .layer(from_fn_with_state(Arc::clone(&access), access::guard));
    let watched = Router::new()
        .route("/health", get(health_page))
        .route("/metrics", get(metrics_page))
        .with_state(about)
        .layer(from_fn_with_state(Arc::clone(&access), access::watch));
    let open = Router::new()
        .route("/login", get(access::login).post(access::log_in))
        .route(&look::SCRIPT_PATH, get(script))
        .with_state(Arc::clone(&access));
    inside
        .merge(watched)
        .merge(open)
        .layer(DefaultBodyLimit::max(access::BODY_BYTES_MAX))
        .layer(from_fn_with_state(access, access::gate))
}

/// The script, under an address that changes with it.
async fn script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=31536000, immutable"),
    ];
    (headers, look::SCRIPT)
}

/// There is nothing under this address.
async fn lost(visit: Visit) -> Response {
    let what =
        visit.say("il n’y a pas de page à cette adresse", "there is no page at this address");
    let what = Error::usage(what);
    visit.lost(what).await
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
pub(crate) fn own_path(path: &str) -> &str {
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
