//! What holds for every request, whoever sends it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::host;
use super::{Access, BODY_BYTES_MAX, headers};

/// An answer that takes longer to begin is not waited for.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// Who is connected.
#[derive(Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Lets requests through that name this computer and are small, and tells the browser what to forbid.
pub async fn gate(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    let of_api = is_of_api(request.uri());
    let mut response = match refusal(&access, &request) {
        Some(why) => refused(why, of_api),
        None => match tokio::time::timeout(ANSWER_MAX, next.run(request)).await {
            Ok(response) => response,
            Err(_) => refused(TOO_LONG, of_api),
        },
    };
    headers::add(response.headers_mut(), &access.page_policy);
    response
}

/// Why a request is not even looked at.
fn refusal(access: &Access, request: &Request) -> Option<(StatusCode, &'static str)> {
    if !names_us(request.headers(), request.uri(), &access.settings().hosts) {
        return Some((
            StatusCode::MISDIRECTED_REQUEST,
            "this name is not one of this computer's: use localhost, or list the name under `hosts` of [web] in \
             penny.toml\n",
        ));
    }
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    length.filter(|length| *length > BODY_BYTES_MAX).map(|_| TOO_LARGE)
}

/// Whether it is a program that asks.
pub(super) fn is_of_api(uri: &Uri) -> bool {
    uri.path() == "/api" || uri.path().starts_with("/api/")
}

/// The answer that says why there is no other; a program gets it as it gets every failure.
pub(super) fn refused((status, why): (StatusCode, &'static str), of_api: bool) -> Response {
    match of_api {
        true => {
            (status, axum::Json(json!({ "error": why.trim_end(), "hints": [] }))).into_response()
        }
        false => (status, why).into_response(),
    }
}

const TOO_LONG: (StatusCode, &str) =
    (StatusCode::SERVICE_UNAVAILABLE, "the answer took too long\n");
/// A body that nobody has a use for.
pub(super) const TOO_LARGE: (StatusCode, &str) =
    (StatusCode::PAYLOAD_TOO_LARGE, "that is more than a form of Penny's holds\n");

/// A page of another host must not read the figures by a name that somebody points at this computer.
fn names_us(headers: &HeaderMap, uri: &Uri, listed: &[String]) -> bool {
    let mut named = headers.get_all(header::HOST).iter();
    let first = named.next().and_then(|host| host.to_str().ok());
    let of_uri = uri.authority().map(axum::http::uri::Authority::as_str);
    named.next().is_none()
        && first.is_some_and(|host| host::is_ours(host, listed))
        && of_uri.is_none_or(|host| Some(host) == first)
}
