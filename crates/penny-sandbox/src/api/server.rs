//! From a request to a response.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HOST, RETRY_AFTER,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::contract::{self, ExportKind};
use super::exports::{self, ExportFile, FILES};
use super::faults::Faults;
use super::limit::Standing;
use super::operations::{self, Asked};
use super::query::Parameters;
use super::refusal::Refusal;
use super::sandbox::Sandbox;
use super::token::Token;

/// Path under which the API is served.
pub const BASE_PATH: &str = "/api/external/v2";

/// How long open connections may go on once the server was told to stop.
const FAREWELL: Duration = Duration::from_secs(5);

/// Largest body of a request, in bytes; those of exports are tiny.
const BODY_MAX: usize = 64 * 1024;

/// Everything the simulated Pennylane answers, as a service.
pub fn router(sandbox: Arc<Sandbox>) -> Router {
    Router::new().fallback(respond).with_state(sandbox)
}

/// Serves `sandbox` on `listener` until `stop` is done; open connections then have five seconds to finish.
///
/// # Errors
/// What the listener reports.
pub async fn serve(
    listener: TcpListener,
    sandbox: Arc<Sandbox>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopped, was_stopped) = oneshot::channel();
    let listener = listener.tap_io(|connection| {
        // Without it a small answer may wait for an acknowledgement. It is only slower then.
        let _ = connection.set_nodelay(true);
    });
    let server = axum::serve(listener, router(sandbox)).with_graceful_shutdown(async move {
        stop.await;
        // Nobody listens any more once the server has ended by itself.
        let _ = stopped.send(());
    });
    let too_long = async {
        if was_stopped.await.is_ok() {
            tokio::time::sleep(FAREWELL).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        result = server.into_future() => result,
        () = too_long => Ok(()),
    }
}

async fn respond(State(sandbox): State<Arc<Sandbox>>, request: Request) -> Response {
    let path = request.uri().path();
    if let Some(path) = path.strip_prefix(FILES) {
        return exports::fetch(&sandbox, path).map_or_else(IntoResponse::into_response, file);
    }
    let Some((token_index, token)) =
        bearer(request.headers()).and_then(|secret| sandbox.recognise(secret))
    else {
        return Refusal::Unauthorized.into_response();
    };
    let faults = sandbox.faults();
    if !faults.latency.is_zero() {
        tokio::time::sleep(faults.latency).await;
    }
    let standing = sandbox.count(token_index);
    tracing::debug!(token = %token.label, method = %request.method(), path, remaining = standing.remaining, "request");
    let mut response = if !standing.allowed {
        too_many(standing)
    } else if let Some(status) = sandbox.outage() {
        Refusal::Outage(status).into_response()
    } else {
        let visit = Visit { sandbox: &sandbox, token_index, token, faults: &faults };
        visit.answer(request).await.unwrap_or_else(IntoResponse::into_response)
    };
    add_standing(response.headers_mut(), standing);
    response
}

/// A request of a known token, within its limit.
struct Visit<'a> {
    sandbox: &'a Arc<Sandbox>,
    token_index: usize,
    token: &'a Token,
    faults: &'a Faults,
}

impl Visit<'_> {
    async fn answer(&self, request: Request) -> Result<Response, Refusal> {
        let (parts, body) = request.into_parts();
        let Some(path) = parts.uri.path().strip_prefix(BASE_PATH) else {
            return Err(Refusal::NotFound);
        };
        if let (&Method::POST, Some(kind)) = (&parts.method, ExportKind::of_path(path)) {
            return self.start_export(kind, body).await;
        }
        let (route, id) = contract::find(path).ok_or(Refusal::NotFound)?;
        match parts.method {
            Method::GET => {}
            // Customers are created under the address of their type; this one only reads.
            _ if path == "/customers" => return Err(Refusal::NotFound),
            _ => return Err(Refusal::ReadOnly),
        }
        self.enter(route.scopes)?;
        let parameters = Parameters::of(&parts.uri)?;
        let origin = origin(&parts.headers, &parts.uri);
        let asked = Asked {
            route,
            id,
            parameters: &parameters,
            token: self.token,
            sandbox: self.sandbox,
            books: &self.sandbox.books(),
            base: &format!("{origin}{BASE_PATH}"),
            origin: &origin,
        };
        let mut value = operations::answer(&asked)?;
        add_unknown_key(&mut value, self.faults);
        let list = path.trim_start_matches('/');
        let is_broken = route.list.is_some() && {
            let is_first = parameters.get("cursor").is_none();
            self.sandbox.breaks(self.token_index, list, is_first)
        };
        let text = value.to_string();
        Ok(if is_broken { broken_off(&text) } else { json(StatusCode::OK, text) })
    }

    async fn start_export(&self, kind: ExportKind, body: Body) -> Result<Response, Refusal> {
        self.enter(kind.scopes())?;
        let too_large = || Refusal::BadRequest("The body is too large or broke off".to_owned());
        let body = to_bytes(body, BODY_MAX).await.map_err(|_| too_large())?;
        let order = exports::Order::parse(kind, &body)?;
        Ok(json(StatusCode::CREATED, exports::start(self.sandbox, order).to_string()))
    }

    /// Lets the token in where it has one of `scopes`; the refusal names the one that can do least.
    fn enter(&self, scopes: &'static [&'static str]) -> Result<(), Refusal> {
        match scopes.first() {
            Some(least) if !self.token.opens(scopes) => Err(Refusal::MissingScope(least)),
            _ => Ok(()),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

/// The address that the client used, which links lead back to.
fn origin(headers: &HeaderMap, uri: &Uri) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(|authority| authority.as_str()));
    format!("http://{}", host.unwrap_or("localhost"))
}

fn json(status: StatusCode, text: String) -> Response {
    (status, [(CONTENT_TYPE, "application/json; charset=utf-8")], text).into_response()
}

fn file(file: ExportFile) -> Response {
    let disposition = format!("attachment; filename=\"{}\"", file.name);
    ([(CONTENT_TYPE, file.media_type), (CONTENT_DISPOSITION, disposition.as_str())], file.content)
        .into_response()
}

fn too_many(standing: Standing) -> Response {
    let seconds = standing.retry_after_s;
    let text = format!("Rate limit exceeded. Please retry in {seconds} seconds.");
    let headers = [(CONTENT_TYPE, "text/plain".to_owned()), (RETRY_AFTER, seconds.to_string())];
    (StatusCode::TOO_MANY_REQUESTS, headers, text).into_response()
}

fn add_standing(headers: &mut HeaderMap, standing: Standing) {
    let values = [
        ("ratelimit-limit", i64::from(standing.limit)),
        ("ratelimit-remaining", i64::from(standing.remaining)),
        ("ratelimit-reset", standing.reset_s),
    ];
    for (name, value) in values {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
}

/// Adds the key of [`Faults::unknown_key`] to the records of a list.
fn add_unknown_key(value: &mut Value, faults: &Faults) {
    let Some((key, added)) = &faults.unknown_key else { return };
    for item in value.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
        item[key] = added.clone();
    }
}

/// How long the connection stays open after the first half of a broken page, so that this half is sent.
const BEFORE_THE_BREAK: Duration = Duration::from_millis(20);

/// Announces the whole text, sends the first half of it, and hangs up.
fn broken_off(text: &str) -> Response {
    let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    let cut = async {
        tokio::time::sleep(BEFORE_THE_BREAK).await;
        Err(io::Error::new(io::ErrorKind::ConnectionAborted, "broken off on purpose"))
    };
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
        (CONTENT_LENGTH, text.len().to_string()),
    ];
    let body = stream::iter([Ok(half)]).chain(stream::once(cut));
    (headers, Body::from_stream(body)).into_response()
}
