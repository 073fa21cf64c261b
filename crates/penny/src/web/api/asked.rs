//! What a request says: its query and its body, each refused with the name of the field that is wrong.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Json, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::answer::{Answer, told};
use crate::error::Error;
use crate::web::About;

/// What the query says.
pub struct Asked<T>(pub T);

/// What the body says.
pub struct Body<T>(pub T);

/// What the body says, where it may be left out.
pub struct MaybeBody<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<About>> for Asked<T> {
    type Rejection = Answer;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<About>) -> Result<Asked<T>, Answer> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(asked)) => Ok(Asked(asked)),
            Err(why) => Err(wrong("the query", &why.body_text())),
        }
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<About>> for Body<T> {
    type Rejection = Answer;

    async fn from_request(request: Request, about: &Arc<About>) -> Result<Body<T>, Answer> {
        if !is_json(request.headers()) {
            let error = Error::usage("the body is no JSON by its name");
            let hint = "send it with Content-Type: application/json";
            return Err(told(&error.hint(hint), StatusCode::BAD_REQUEST));
        }
        let bytes = Bytes::from_request(request, about).await;
        let bytes = bytes.map_err(|why| wrong("the body", &why.body_text()))?;
        // A list would be taken for the fields in their order, and an empty one for all that may be left out.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(wrong("the body", "it is no object: {…}"));
        }
        match Json::from_bytes(&bytes) {
            Ok(Json(body)) => Ok(Body(body)),
            Err(why) => Err(wrong("the body", &why.body_text())),
        }
    }
}

impl<T: DeserializeOwned + Default> FromRequest<Arc<About>> for MaybeBody<T> {
    type Rejection = Answer;

    async fn from_request(request: Request, about: &Arc<About>) -> Result<MaybeBody<T>, Answer> {
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(MaybeBody(T::default()));
        }
        Body::from_request(request, about).await.map(|Body(body)| MaybeBody(body))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

/// What is wrong with a part of the request, in a sentence that names the field.
fn wrong(part: &str, why: &str) -> Answer {
    let known = [
        "Failed to deserialize query string: ",
        "Failed to deserialize the JSON body into the target type: ",
        "Failed to parse the request body as JSON: ",
    ];
    let why = known.iter().find_map(|known| why.strip_prefix(known)).unwrap_or(why);
    // `limit: invalid digit found in string`, as the library says it.
    let sentence = match why.split_once(": ") {
        Some((field, "number too large to fit in target type")) => {
            format!("`{field}` is too large")
        }
        Some((
            field,
            "invalid digit found in string" | "cannot parse integer from empty string",
        )) => {
            format!("`{field}` is no whole number")
        }
        _ => format!("{part} cannot be understood: {why}"),
    };
    told(&Error::usage(sentence), StatusCode::BAD_REQUEST)
}
