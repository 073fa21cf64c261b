//! Every way the server says no, in the shapes that Pennylane's contract documents.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An answer other than the one that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// 400 in the form of the contract check: a value that breaks the schema.
    Schema { message: String, field: String, code: &'static str },
    /// 400 in the plain form.
    BadRequest(String),
    /// 401: the token is missing, unknown or expired; the three look the same.
    Unauthorized,
    /// 403: the token lacks the named scope.
    MissingScope(&'static str),
    /// 403 with a text of its own.
    Forbidden(String),
    /// 404 for an address that leads nowhere.
    NotFound,
    /// 404 for a record, with the model's name as Pennylane gives it.
    NoSuchRecord { model: &'static str, id: String },
    /// 405: the address exists, but not for this method.
    ReadOnly,
    /// 422: understood, and against a rule of the business.
    Unprocessable(String),
    /// 500 or 503, only ever on purpose.
    Outage(u16),
}

impl Refusal {
    /// A parameter that does not have the form the contract asks for.
    pub fn schema(field: &str, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal::Schema { message: message.into(), field: field.to_owned(), code }
    }

    fn status(&self) -> StatusCode {
        match self {
            Refusal::Schema { .. } | Refusal::BadRequest(_) => StatusCode::BAD_REQUEST,
            Refusal::Unauthorized => StatusCode::UNAUTHORIZED,
            Refusal::MissingScope(_) | Refusal::Forbidden(_) => StatusCode::FORBIDDEN,
            Refusal::NotFound | Refusal::NoSuchRecord { .. } => StatusCode::NOT_FOUND,
            Refusal::ReadOnly => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::Outage(503) => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Outage(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn body(&self) -> Value {
        let text = match self {
            Refusal::Schema { message, field, code } => {
                return json!({ "message": message, "field": field, "code": code });
            }
            Refusal::BadRequest(text) | Refusal::Forbidden(text) | Refusal::Unprocessable(text) => {
                text.clone()
            }
            Refusal::Unauthorized => "The access token is invalid".to_owned(),
            Refusal::MissingScope(scope) => {
                format!("Access to this resource requires scope \"{scope}\".")
            }
            Refusal::NotFound => "Not Found".to_owned(),
            Refusal::NoSuchRecord { model, id } => format!("Couldn't find {model} with 'id'={id}"),
            Refusal::ReadOnly => {
                "Method Not Allowed: the simulated Pennylane does not take writes".to_owned()
            }
            Refusal::Outage(503) => "Service Unavailable".to_owned(),
            Refusal::Outage(_) => "Internal Server Error".to_owned(),
        };
        json!({ "error": text, "status": self.status().as_u16() })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status(), Json(self.body())).into_response()
    }
}
