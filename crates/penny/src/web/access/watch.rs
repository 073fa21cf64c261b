//! `/health` and `/metrics`: open to this computer, and to others for whoever shows a session, the password or the
//! token; a stranger learns of the health in one word, which is enough for a container to be restarted.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::guard::{Visitor, unauthorized, visitor};
use super::{Access, Peer};

/// An answer about the health is never as long.
const HEALTH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// What a proxy adds: then the request is not of this computer, wherever it comes from.
const OF_PROXIES: &[&str] =
    &["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/// Lets in who may look at the figures.
pub async fn watch(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    let settings = access.settings();
    let headers = request.headers();
    let outside = settings.is_open()
        || settings.proxy
        || OF_PROXIES.iter().any(|name| headers.contains_key(*name));
    if !outside || may_look(&access, &request) {
        return next.run(request).await;
    }
    if request.uri().path() != "/health" {
        return unauthorized(
            "figures are shown to this computer alone",
            "show the PENNY_API_TOKEN of .env (Authorization: Bearer …), or the PENNY_WEB_PASSWORD (Basic)",
        );
    }
    in_a_word(next.run(request).await).await
}

fn may_look(access: &Access, request: &Request) -> bool {
    let headers = request.headers();
    if matches!(visitor(access, headers), Visitor::Known(..)) {
        return true;
    }
    let settings = access.settings();
    let (Some(given), Some(password)) = (basic(headers), &settings.password) else { return false };
    let Some(peer) = request.extensions().get::<Peer>() else { return false };
    let Some(key) = access.key() else { return false };
    let from = access.address(headers, *peer);
    let now = access.clock.running();
    access.patience.attempt(from, now, || key.same(&given, password)) == Ok(true)
}

/// The password of `Authorization: Basic …`, whatever the name before it.
fn basic(headers: &HeaderMap) -> Option<String> {
    let (kind, shown) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !kind.eq_ignore_ascii_case("basic") {
        return None;
    }
    let shown = String::from_utf8(STANDARD.decode(shown.trim()).ok()?).ok()?;
    shown.split_once(':').map(|(_, password)| password.to_owned())
}

/// The same answer without its details.
async fn in_a_word(response: Response) -> Response {
    let status = response.status();
    let body = to_bytes(response.into_body(), HEALTH_BYTES_MAX).await.unwrap_or_default();
    let whole: Value = serde_json::from_slice(&body).unwrap_or_default();
    let word = whole["status"].as_str().unwrap_or("failing");
    (status, axum::Json(json!({ "status": word }))).into_response()
}
