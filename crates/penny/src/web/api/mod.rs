//! The same as the pages, for programs: JSON under `/api/v1`, described by `openapi.json`.
//!
//! What is read has the form that the commands print with `--json`; what is asked for is done as the pages do it.
//! A failure is `{"error": "what is wrong", "hints": ["what to do"]}`.

mod acting;
mod answer;
mod asked;
mod body;
mod calendar;
mod mask;
mod notebooks;
mod powerbi;
mod run;
mod runs;
mod schedules;
mod service;
mod tables;

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use serde_json::json;

use super::About;
use super::visit::Visit;
use crate::error::Error;

use answer::{Answer, Refusal, answer};

/// The description of the whole.
const DESCRIPTION: &str = include_str!("openapi.json");

/// What is answered under `/api/v1`; each path is one of the description.
fn routes() -> Vec<(&'static str, MethodRouter<Arc<About>>)> {
    vec![
        ("/verdict", get(service::verdict)),
        ("/status", get(service::status)),
        ("/health", get(service::health)),
        ("/events", get(service::events)),
        ("/log", get(service::log)),
        ("/notebooks", get(notebooks::notebooks)),
        ("/notebooks/{name}", get(notebooks::notebook)),
        ("/notebooks/{name}/trends", get(notebooks::trends)),
        ("/notebooks/{name}/parameters", get(notebooks::parameters)),
        ("/notebooks/{name}/schedule", get(schedules::read).put(schedules::change)),
        ("/notebooks/{name}/schedule/preview", post(schedules::preview)),
        ("/schedule", get(schedules::read).put(schedules::change)),
        ("/schedule/preview", post(schedules::preview)),
        ("/pause", post(acting::pause)),
        ("/resume", post(acting::resume)),
        ("/runs", get(runs::runs).post(acting::run)),
        ("/runs/{run}", get(run::run)),
        ("/runs/{run}/cells", get(run::cells)),
        ("/runs/{run}/outputs/{cell}/{output}", get(run::output)),
        ("/runs/{run}/notebook", get(run::notebook)),
        ("/runs/{run}/tables", get(run::tables)),
        ("/runs/{run}/log", get(run::log)),
        ("/runs/{run}/compare/{other}", get(run::comparison)),
        ("/runs/{run}/cancel", get(acting::cancellation).post(acting::cancel)),
        ("/runs/{run}/retry", get(acting::repetition).post(acting::retry)),
        ("/calendar", get(calendar::calendar)),
        ("/tables", get(tables::tables)),
        ("/tables/{table}", get(tables::table)),
        ("/tables/{table}/csv", get(tables::csv)),
        ("/tables/{table}/publishes", get(tables::publishes)),
        ("/tables/{table}/changes", get(tables::changes)),
        ("/powerbi", get(powerbi::powerbi)),
        ("/powerbi/pbids", get(powerbi::file)),
    ]
}

/// All of it.
pub fn router() -> Router<Arc<About>> {
    let router = Router::new().route("/openapi.json", get(description));
    let router =
        routes().into_iter().fold(router, |router, (path, answers)| router.route(path, answers));
    let router = router.method_not_allowed_fallback(not_that).fallback(lost);
    let router = router.layer(map_response(in_json));
    Router::new().nest("/api/v1", router).route("/api", any(lost)).route("/api/{*path}", any(lost))
}

async fn description() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION)
}

/// A name in an address that is no text is refused before anybody knows who asks, and in what language.
async fn in_json(answer: Response) -> Response {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let is_text = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !is_text || answer.status() != StatusCode::BAD_REQUEST {
        return answer;
    }
    let told = json!({ "error": "the address cannot be read", "hints": [] });
    Answer(StatusCode::BAD_REQUEST, told).into_response()
}

async fn lost(visit: Visit) -> Answer {
    let error = Error::usage("there is nothing under this address");
    Refusal::lost(error.hint("/api/v1/openapi.json lists what there is")).told(&visit)
}

async fn not_that(visit: Visit) -> Answer {
    let error = Error::usage("this address does not take that method");
    let error = error.hint("/api/v1/openapi.json lists what it takes");
    Refusal::with(StatusCode::METHOD_NOT_ALLOWED, error).told(&visit)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

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
