//! How everything stands: the verdict of the first page, the service, its log, what happens meanwhile.

use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::{Asked, Page};
use super::{Answer, Refusal, answer};
use crate::daemon;
use crate::error::Error;
use crate::looking::{self, LogFile};
use crate::web::pages::home::{Gathered, findings};
use crate::web::visit::Visit;
use crate::web::{health as health_report, live, postgres};

/// No more lines of the log than this are told at once.
const LINES_MAX: usize = 10_000;
/// So many when the request does not say.
const LINES: usize = 50;

/// `GET /verdict`: whether the figures are fresh, and if not, why: what the first page says.
pub async fn verdict(visit: Visit) -> Answer {
    let postgres = postgres::known(&visit.about).await;
    answer(visit, move |visit| {
        let gathered = Gathered::new(visit, postgres)?;
        let found = findings(visit, &gathered.facts);
        Ok(json!({ "findings": found.iter().map(|finding| finding.json()).collect::<Vec<_>>() }))
    })
    .await
}

/// `GET /status`: how the service stands, and the notebooks of a page.
pub async fn status(visit: Visit, Asked(page): Asked<Page>) -> Answer {
    answer(visit, move |visit| {
        let paging = page.paging(visit.language)?;
        let status = daemon::status(&visit.workspace, &visit.about.surroundings)?;
        let count = status.notebooks.len();
        let mut told = status.json_of(paging.part(&status.notebooks));
        told["matching"] = json!(count);
        told["page"] = json!(paging.page);
        told["pages"] = json!(paging.pages(count));
        Ok(told)
    })
    .await
}

/// `GET /health`: whether the service can do its work.
pub async fn health(visit: Visit) -> Answer {
    let postgres = postgres::answers(&visit.about).await;
    answer(visit, |visit| Ok(health_report::report(&visit.about, postgres)?.json())).await
}

/// `GET /events`: what changes, as it does.
pub async fn events(visit: Visit) -> Response {
    match live::follow(&visit.about) {
        Ok(events) => events,
        Err(error) => Refusal::from(error).told(&visit).into_response(),
    }
}

/// What a request for the log may ask.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    notebook: Option<String>,
    level: Option<String>,
    lines: Option<usize>,
}

/// `GET /log`: the last lines of the service's log.
pub async fn log(visit: Visit, Asked(asked): Asked<Lines>) -> Answer {
    answer(visit, move |visit| {
        let path = visit.workspace.log();
        let mut log = LogFile::new(&path, asked.notebook.as_deref());
        if let Some(level) = &asked.level {
            log = log.of_level(level).ok_or_else(|| {
                let error = Error::usage(format!("`{level}` is no level of the log"));
                let error = error.hint("these are: error, warn, info, debug, trace");
                Refusal::of_field("level", error)
            })?;
        }
        let count = asked.lines.unwrap_or(LINES).min(LINES_MAX);
        let (last, _) = log.last(count).map_err(|e| Error::file("read", &path, e))?;
        let lines: Vec<Value> = last.iter().map(|line| looking::log_line_json(line)).collect();
        Ok(json!({ "lines": lines }))
    })
    .await
}
