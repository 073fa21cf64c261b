//! The same as the pages, for programs: JSON under `/api/v1`, described by `openapi.json`.
//!
//! What is read has the form that the commands print with `--json`; what is asked for is done as the pages do it.
//! A failure is `{"error": "what is wrong", "hints": ["what to do"]}`.

mod acting;
mod reading;
mod schedules;
mod tables;

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use serde_json::{Value, json};

use super::{About, blocking, pages};
use crate::error::{Error, Kind, Result};

/// The description of the whole.
pub const DESCRIPTION: &str = include_str!("openapi.json");

/// What is answered under `/api/v1`; each path is one of the description.
fn routes() -> Vec<(&'static str, MethodRouter<Arc<About>>)> {
    vec![
        ("/status", get(reading::status)),
        ("/health", get(reading::health)),
        ("/runs", get(reading::runs).post(acting::run)),
        ("/runs/{run}", get(reading::run)),
        ("/runs/{run}/notebook", get(pages::download)),
        ("/runs/{run}/compare/{other}", get(reading::comparison)),
        ("/runs/{run}/cancel", post(acting::cancel)),
        ("/runs/{run}/retry", post(acting::retry)),
        ("/pause", post(acting::pause)),
        ("/resume", post(acting::resume)),
        ("/schedule", get(schedules::of_all).put(schedules::change_all)),
        ("/notebooks/{name}/schedule", get(schedules::of_one).put(schedules::change_one)),
        ("/tables", get(tables::tables)),
        ("/tables/{table}", get(tables::table)),
        ("/tables/{table}/changes", get(tables::changes)),
        ("/log", get(reading::log)),
    ]
}

/// All of it.
pub fn router() -> Router<Arc<About>> {
    let router = Router::new().route("/api/v1/openapi.json", get(description));
    let router = routes()
        .into_iter()
        .fold(router, |router, (path, answers)| router.route(&format!("/api/v1{path}"), answers));
    router.route("/api/{*path}", get(lost))
}

async fn description() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION)
}

async fn lost() -> Answer {
    Answer(
        StatusCode::NOT_FOUND,
        told(
            &Error::usage("there is nothing under this address")
                .hint("/api/v1/openapi.json lists what there is"),
        ),
    )
}

/// An answer of the API.
pub struct Answer(pub StatusCode, pub Value);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.0, axum::Json(self.1)).into_response()
    }
}

/// Makes an answer where the service does not wait for it.
pub async fn answer(
    about: Arc<About>,
    make: impl FnOnce(&About) -> Result<Value> + Send + 'static,
) -> Answer {
    let mask = Arc::clone(&about);
    match blocking(move || make(&about)).await {
        Ok(value) => Answer(StatusCode::OK, value),
        Err(error) => failed(&mask, &error),
    }
}

/// An error as an answer: what was asked for is wrong, or something that is needed is not there.
pub fn failed(about: &About, error: &Error) -> Answer {
    let status = match error.kind() {
        Kind::Usage => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    Answer(status, masked(about, told(error)))
}

/// Answers that what was asked for cannot be understood.
pub fn refused(why: &str) -> Answer {
    Answer(StatusCode::BAD_REQUEST, told(&Error::usage(why)))
}

/// Answers that there is no such run.
pub fn no_run() -> Answer {
    let error = Error::usage("there is no such run").hint("/api/v1/runs lists the runs");
    Answer(StatusCode::NOT_FOUND, told(&error))
}

/// An error as the API tells it.
pub fn told(error: &Error) -> Value {
    let sentence = error.sentence();
    let (what, _) = sentence.split_once("\nhint: ").unwrap_or((&sentence, ""));
    json!({ "error": what, "hints": error.hints() })
}

pub fn masked(about: &About, mut told: Value) -> Value {
    let secrets = &about.workspace().secrets;
    if let Some(text) = told["error"].as_str() {
        told["error"] = json!(secrets.mask(text));
    }
    told
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_address_is_described_and_every_description_answers() {
        let description: Value = serde_json::from_str(DESCRIPTION).expect("JSON");
        let described = description["paths"].as_object().expect("paths").keys();
        let described: BTreeSet<&str> = described.map(String::as_str).collect();
        let answered: BTreeSet<&str> = routes().into_iter().map(|(path, _)| path).collect();
        assert_eq!(described, answered);
    }

    #[test]
    fn every_reference_of_the_description_leads_somewhere() {
        let description: Value = serde_json::from_str(DESCRIPTION).expect("JSON");
        let mut waiting = vec![&description];
        let mut references = 0;
        while let Some(value) = waiting.pop() {
            match value {
                Value::Object(object) => {
                    if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                        let place = reference.strip_prefix('#').expect("within the file");
                        assert!(description.pointer(place).is_some(), "{reference}");
                        references += 1;
                    }
                    waiting.extend(object.values());
                }
                Value::Array(values) => waiting.extend(values),
                _ => {}
            }
        }
        assert!(references > 10, "{references}");
    }
}
