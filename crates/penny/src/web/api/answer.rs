//! How the API answers: JSON with a status, and a sentence where there is nothing to answer.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::config::Secrets;
use crate::error::{Error, Kind, Result};
use crate::web::blocking;
use crate::web::visit::Visit;

/// What people, notebooks and servers wrote: a secret may stand in it that was none when it was kept.
const TEXTS: [&str; 13] = [
    "error",
    "evalue",
    "warnings",
    "message",
    "text",
    "said",
    "title",
    "source",
    "outputs",
    "first_line",
    "trouble",
    "config_error",
    "why",
];

/// An answer of the API.
pub struct Answer(pub StatusCode, pub Value);

/// Why what was asked for is not answered.
pub struct Refusal(pub StatusCode, pub Error);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.0, axum::Json(self.1)).into_response()
    }
}

impl From<Error> for Refusal {
    /// What was asked for is wrong, or something that is needed is not there.
    fn from(error: Error) -> Refusal {
        let status = match error.kind() {
            Kind::Usage => StatusCode::BAD_REQUEST,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        Refusal(status, error)
    }
}

impl Refusal {
    /// What was asked for is wrong.
    pub fn wrong(why: impl Into<String>) -> Refusal {
        Refusal::from(Error::usage(why))
    }

    /// What a field of the request says is wrong.
    pub fn of_field(field: &str, error: Error) -> Refusal {
        if error.kind() != Kind::Usage {
            return Refusal::from(error);
        }
        let named = Error::usage(format!("`{field}`: {}", error.sentence()));
        let hints = error.hints().iter();
        Refusal::from(hints.fold(named, |named, hint| named.hint(hint.clone())))
    }

    /// There is nothing of that name or number, if that is what the error says.
    pub fn unknown(error: Error) -> Refusal {
        match error.kind() {
            Kind::Usage => Refusal::lost(error),
            _ => error.into(),
        }
    }

    /// There is nothing of that name or number.
    pub fn lost(error: Error) -> Refusal {
        Refusal(StatusCode::NOT_FOUND, error)
    }

    /// As things stand it is not done.
    pub fn conflict(error: Error) -> Refusal {
        Refusal(StatusCode::CONFLICT, error)
    }

    /// The answer that says so.
    pub fn told(&self, visit: &Visit) -> Answer {
        let Answer(status, mut value) = told(&self.1, self.0);
        mask(&mut value, &visit.workspace.secrets, false);
        Answer(status, value)
    }
}

/// An error as the API tells it.
pub fn told(error: &Error, status: StatusCode) -> Answer {
    let sentence = error.sentence();
    let (what, _) = sentence.split_once("\nhint: ").unwrap_or((&sentence, ""));
    Answer(status, json!({ "error": what, "hints": error.hints() }))
}

/// Makes an answer where the service does not wait for it.
pub async fn answer(
    visit: Visit,
    make: impl FnOnce(&Visit) -> Result<Value, Refusal> + Send + 'static,
) -> Answer {
    let visit = Arc::new(visit);
    let made = {
        let visit = Arc::clone(&visit);
        blocking(move || Ok(make(&visit))).await
    };
    match made.unwrap_or_else(|error| Err(error.into())) {
        Ok(mut value) => {
            mask(&mut value, &visit.workspace.secrets, false);
            Answer(StatusCode::OK, value)
        }
        Err(refusal) => refusal.told(&visit),
    }
}

/// Takes the secrets out of what people, notebooks and servers wrote; `is_text` says that this is such a text.
fn mask(value: &mut Value, secrets: &Secrets, is_text: bool) {
    match value {
        Value::String(text) if is_text => {
            if let Some(masked) = secrets.masked(text) {
                *text = masked;
            }
        }
        Value::Array(values) => {
            values.iter_mut().for_each(|value| mask(value, secrets, is_text));
        }
        Value::Object(object) => {
            for (key, value) in object {
                mask(value, secrets, is_text || TEXTS.contains(&key.as_str()));
            }
        }
        _ => {}
    }
}
