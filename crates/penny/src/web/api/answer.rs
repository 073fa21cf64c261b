//! How the API answers: JSON with a status, and a sentence where there is nothing to answer.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::mask::without_secrets;
use crate::config::{Language, Secrets, nearest};
use crate::error::{Error, Kind, Result};
use crate::language;
use crate::web::blocking;
use crate::web::visit::Visit;

/// An answer of the API.
pub struct Answer(pub StatusCode, pub Value);

/// Why what was asked for is not answered.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    /// The field of the request that is wrong.
    field: Option<String>,
    error: Error,
}

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
        Refusal::with(status, error)
    }
}

impl Refusal {
    /// One of that status.
    pub fn with(status: StatusCode, error: Error) -> Refusal {
        Refusal { status, field: None, error }
    }

    /// What was asked for is wrong.
    pub fn wrong(why: impl Into<String>) -> Refusal {
        Refusal::from(Error::usage(why))
    }

    /// What a field of the request says is wrong, if that is what the error says.
    pub fn of_field(field: impl Into<String>, error: Error) -> Refusal {
        let field = (error.kind() == Kind::Usage).then(|| field.into());
        Refusal { field, ..Refusal::from(error) }
    }

    /// The request has a field that means nothing.
    pub fn of_unknown_field(field: &str, known: &[&str], language: Language) -> Refusal {
        let why = say(language, "ce champ n’a pas de sens ici", "this field means nothing here");
        let near = nearest(field, known.iter().copied());
        let near = near.map(|near| format!("did you mean `{near}`?"));
        let these = say(language, "il y a\u{a0}:", "these are:");
        let known = known.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
        let error = Error::usage(why).hint_if(near).hint(format!("{these} {known}"));
        Refusal::of_field(field, error)
    }

    /// The request says something twice.
    pub fn of_field_twice(field: &str, language: Language) -> Refusal {
        let why = say(language, "ce champ y est deux fois", "this field is there twice");
        Refusal::of_field(field, Error::usage(why))
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
        Refusal::with(StatusCode::NOT_FOUND, error)
    }

    /// As things stand it is not done.
    pub fn conflict(error: Error) -> Refusal {
        Refusal::with(StatusCode::CONFLICT, error)
    }

    /// The answer that says so.
    pub fn told(&self, visit: &Visit) -> Answer {
        self.told_in(visit.language, &visit.workspace.secrets)
    }

    /// The same in a language, as far as the sentence is Penny's own.
    pub fn told_in(&self, language: Language, secrets: &Secrets) -> Answer {
        let tell = |english: &str| language::sentence(&secrets.mask(english), language);
        let sentence = self.error.sentence();
        let (what, _) = sentence.split_once("\nhint: ").unwrap_or((&sentence, ""));
        // A field that means nothing may have any name.
        let field = self.field.as_ref().map(|field| secrets.mask(field));
        let what = match (field, language) {
            (None, _) => tell(what),
            (Some(field), Language::English) => format!("`{field}`: {}", tell(what)),
            (Some(field), Language::French) => format!("`{field}`\u{a0}: {}", tell(what)),
        };
        let hints: Vec<String> = self.error.hints().iter().map(|hint| tell(hint)).collect();
        Answer(self.status, json!({ "error": what, "hints": hints }))
    }
}

/// A text in a language.
pub fn say<'a>(language: Language, french: &'a str, english: &'a str) -> &'a str {
    match language {
        Language::French => french,
        Language::English => english,
    }
}

/// Makes an answer where the service does not wait for it.
pub async fn answer(
    visit: Visit,
    make: impl FnOnce(&Visit) -> Result<Value, Refusal> + Send + 'static,
) -> Answer {
    let visit = Arc::new(visit);
    let made = {
        let visit = Arc::clone(&visit);
        blocking(move || Ok(make(&visit).map(|value| without_secrets(value, &visit)))).await
    };
    match made.unwrap_or_else(|error| Err(error.into())) {
        Ok(value) => Answer(StatusCode::OK, value),
        Err(refusal) => refusal.told(&visit),
    }
}
