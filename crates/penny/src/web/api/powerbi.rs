//! Connecting Power BI: the values, and the file that types them.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{Answer, Refusal};
use crate::powerbi::PowerBi;
use crate::web::pages::powerbi as page;
use crate::web::visit::Visit;

/// `GET /powerbi`: what Power BI asks for; where the password stands, and never the password. The values are those of
/// the settings, which have to be typed to the letter: nothing else wrote them, and nothing in them is masked.
pub async fn powerbi(visit: Visit) -> Answer {
    match page::values(&visit) {
        Ok((powerbi, runs)) => Answer(StatusCode::OK, json_of(&visit, &powerbi, runs)),
        Err(error) => Refusal::from(error).told(&visit),
    }
}

/// `GET /powerbi/pbids`: the file that Power BI Desktop opens with a double click.
pub async fn file(visit: Visit) -> Response {
    match page::values(&visit) {
        Ok((powerbi, _)) => page::file(&powerbi),
        Err(error) => Refusal::from(error).told(&visit).into_response(),
    }
}

fn json_of(visit: &Visit, powerbi: &PowerBi, runs: bool) -> Value {
    let (host, port) = powerbi.server.rsplit_once(':').unwrap_or((&powerbi.server, ""));
    json!({
        "server": powerbi.server,
        "host": host,
        "port": port.parse::<u16>().ok(),
        "database": powerbi.database,
        "schema": powerbi.schema,
        "user": powerbi.user,
        "password": {
            "file": visit.workspace.root.join(".env").display().to_string(),
            "variable": powerbi.password_variable,
        },
        "own_server": powerbi.own,
        "runs": runs,
        "file_name": powerbi.file_name(),
        "pbids": powerbi.file(),
    })
}
