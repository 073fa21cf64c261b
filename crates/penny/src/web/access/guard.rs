//! What holds behind the login: a session, or a program's token; and for whatever changes something, the proof that
//! a page of ours asks for it.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::gate::{TOO_LARGE, is_of_api, refused};
use super::key::Key;
use super::session::{Session, Way};
use super::{Access, BODY_BYTES_MAX, login, origin};

/// The header that proves where a request of our script comes from.
const PROOF: &str = "x-csrf-token";
/// The field of a form that does.
const PROOF_FIELD: &str = "csrf";

/// Lets in who has logged in; handlers find a [`Session`] in the request's extensions.
pub async fn guard(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    let (key, session) = match visitor(&access, request.headers()) {
        Visitor::Known(key, session) => (key, session),
        Visitor::Refused => {
            return unauthorized("this token opens nothing", "show the PENNY_API_TOKEN of .env");
        }
        Visitor::Stranger => return stranger(&request),
    };
    let by_cookie = session.way() != Way::Api;
    if by_cookie && !origin::may_have(request.method(), request.headers()) {
        return forbidden(
            &request,
            "another page asks for this: only a link leads here from outside",
        );
    }
    let of_api = is_of_api(request.uri());
    let Some(request) = whole(request).await else { return refused(TOO_LARGE, of_api) };
    if by_cookie && let Some(why) = missing_proof(&access, &key, &session, &request) {
        return forbidden(&request, why);
    }
    let https = access.is_https(request.headers());
    let mut request = request;
    request.extensions_mut().insert(session.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // Whoever has just logged out keeps no session.
    if !headers.contains_key(header::SET_COOKIE)
        && let Some(renewed) = session.renewed(access.clock.wall())
    {
        // With the key that it came with: a new one has ended it meanwhile.
        headers.append(header::SET_COOKIE, access.set_cookie(&key, &renewed, https));
    }
    response
}

/// Who a request is from.
pub(super) enum Visitor {
    Known(Key, Session),
    /// Somebody with a token that is wrong.
    Refused,
    Stranger,
}

/// Who it is. A token that is shown counts alone: a program with a wrong one is told so.
pub(super) fn visitor(access: &Access, headers: &HeaderMap) -> Visitor {
    let Some(shown) = bearer(headers) else {
        let known = access.session(headers);
        return known.map_or(Visitor::Stranger, |(key, session)| Visitor::Known(key, session));
    };
    let settings = access.settings();
    match (access.key(), &settings.api_token) {
        (Some(key), Some(token)) if key.same(shown, token) => {
            let session = Session::begin(&key, Way::Api, access.clock.wall());
            Visitor::Known(key, session)
        }
        _ => Visitor::Refused,
    }
}

/// The token of `Authorization: Bearer …`, if it is one or pretends to be.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let shown = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (kind, token) = shown.split_once(' ').unwrap_or((shown, ""));
    kind.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Somebody who has not logged in: a page leads to the login, and back; a program is told.
fn stranger(request: &Request) -> Response {
    if is_of_api(request.uri()) || !origin::is_page(request.headers()) {
        return unauthorized(
            "nobody is logged in",
            "`penny dashboard` prints a link; a program shows the PENNY_API_TOKEN of .env (Authorization: Bearer …)",
        );
    }
    let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
    if let Some(named) = as_in_links(request.headers()) {
        return login::see(&format!("http://{named}{asked}"));
    }
    let back = (request.method() == Method::GET && asked != "/").then_some(asked);
    login::lead_to(back)
}

/// This computer as our links name it. A browser keeps the cookies of `localhost` apart from those of `127.0.0.1`:
/// whoever types the one is led to where the session is.
fn as_in_links(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let port = host.get("localhost".len()..)?;
    let is_local = host.to_ascii_lowercase().starts_with("localhost:");
    is_local.then(|| format!("127.0.0.1{port}"))
}

/// The request with its body in memory, when it may change something: forms are small. Nothing when it is not.
async fn whole(request: Request) -> Option<Request> {
    if is_safe(request.method()) {
        return Some(request);
    }
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, BODY_BYTES_MAX).await.ok()?;
    let mut request = Request::from_parts(parts, Body::from(bytes.clone()));
    request.extensions_mut().insert(Sent(bytes));
    Some(request)
}

/// A body that was read.
#[derive(Clone)]
struct Sent(bytes::Bytes);

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Why a request that may change something is not believed.
fn missing_proof(
    access: &Access,
    key: &Key,
    session: &Session,
    request: &Request,
) -> Option<&'static str> {
    if is_safe(request.method()) {
        return None;
    }
    let headers = request.headers();
    if !origin::is_ours(headers, access.is_https(headers)) {
        return Some(login::NOT_OURS);
    }
    let given = headers.get(PROOF).and_then(|proof| proof.to_str().ok()).map(str::to_owned);
    let given = given.or_else(|| field(request, PROOF_FIELD)).unwrap_or_default();
    (!key.same(&given, &session.csrf())).then_some(
        "this form is not of your session any more: open the page again, and send it from there",
    )
}

/// A field of the form that was sent.
fn field(request: &Request, wanted: &str) -> Option<String> {
    let kind = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    let Sent(bytes) = request.extensions().get::<Sent>()?;
    let mut fields = form_urlencoded::parse(bytes);
    fields.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}

/// Nobody may see this without saying who they are: the error, and what to do.
pub(super) fn unauthorized(error: &str, hint: &str) -> Response {
    let headers = [(header::WWW_AUTHENTICATE, "Bearer realm=\"penny\"")];
    let body = axum::Json(json!({ "error": error, "hints": [hint] }));
    (StatusCode::UNAUTHORIZED, headers, body).into_response()
}

fn forbidden(request: &Request, why: &'static str) -> Response {
    if is_of_api(request.uri()) || !origin::is_page(request.headers()) {
        let body = axum::Json(json!({ "error": why, "hints": [] }));
        return (StatusCode::FORBIDDEN, body).into_response();
    }
    login::refused(request.headers(), why)
}
