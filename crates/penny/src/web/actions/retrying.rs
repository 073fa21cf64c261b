//! Doing again what did not succeed.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::ending::no_run;
use super::running::cost;
use super::{ask, buttons, lead_to_sync, refused, tell};
use crate::config::Config;
use crate::error::Result;
use crate::looking::chosen;
use crate::run::{Again, again};
use crate::store::{Asked, RunId, RunRecord, Store};
use crate::web::look::{Page, Place};
use crate::web::schedule_words::DASHBOARD;
use crate::web::visit::Visit;

/// `GET /runs/{id}/retry`
pub async fn page(visit: Visit, Path(id): Path<RunId>) -> Response {
    match found(&visit, id) {
        Ok(Some(run)) => visit.show(move |visit| shown(visit, &run)).await,
        Ok(None) => no_run(visit, id).await,
        Err(error) => refused(visit, error).await,
    }
}

/// `POST /runs/{id}/retry`
pub async fn retry(visit: Visit, Path(id): Path<RunId>) -> Response {
    let run = match found(&visit, id) {
        Ok(Some(run)) => run,
        Ok(None) => return no_run(visit, id).await,
        Err(error) => return refused(visit, error).await,
    };
    let Again { names, parameters } = match of(visit.store(), &visit.workspace.config, &run) {
        Ok(again) => again,
        Err(error) => return refused(visit, error).await,
    };
    let answer = ask(&visit.about, Asked::Retry(id), names, parameters, DASHBOARD).await;
    // Those after it wait for it: what shows is how the first of them goes.
    lead_to_sync(visit, answer, std::slice::from_ref(&run.notebook)).await
}

fn found(visit: &Visit, id: RunId) -> Result<Option<RunRecord>> {
    match visit.store().run(id)? {
        Some(_) => chosen(visit.store(), &visit.workspace, &id.to_string()).map(Some),
        None => Ok(None),
    }
}

fn of(store: &Store, config: &Config, run: &RunRecord) -> Result<Again> {
    again(store, config, run)
}

fn shown(visit: &Visit, run: &RunRecord) -> Result<Page> {
    let Again { names, parameters } = match of(visit.store(), &visit.workspace.config, run) {
        Ok(again) => again,
        Err(error) => return Ok(Page::of_error(visit, StatusCode::CONFLICT, &error)),
    };
    let (id, name) = (run.id, &run.notebook);
    let title = tell(visit, format!("Relancer {name}\u{202f}?"), format!("Run {name} again?"));
    let others: Vec<&String> = names.iter().filter(|other| *other != name).collect();
    let body = html! {
        h1 { (title) }
        p { (visit.say(
            "Le notebook recommence depuis sa première cellule\u{a0}: ce que les cellules d’avant avaient calculé a disparu avec la fin de l’exécution.",
            "The notebook begins again with its first cell: what the cells before had computed went with the end of the run.")) }
        @if !others.is_empty() {
            p { (visit.say("Ensuite, ceux qui ne s’étaient pas exécutés à cause de lui\u{a0}: ", "Then those that did not run because of it: "))
                @for (index, other) in others.iter().enumerate() { @if index > 0 { ", " } strong { (other) } } "." }
        }
        @if !parameters.is_empty() {
            p { (visit.say("Avec les mêmes paramètres\u{a0}: ", "With the same parameters: "))
                @for (index, (name, value)) in parameters.iter().enumerate() { @if index > 0 { ", " } code { (name) " = " (value) } } "." }
        }
        (cost(visit, name)?)
        form method="post" action=(format!("/runs/{id}/retry")) {
            (visit.proof())
            (buttons(visit, visit.say("Relancer", "Run again"), "primary", &format!("/runs/{id}")))
        }
    };
    Ok(Page::new(title, Place::Elsewhere, body))
}
