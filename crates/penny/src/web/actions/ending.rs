//! Cancelling a run under way, or its whole sync.

use std::time::Duration;

use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use penny_notebook::Parameters;

use super::sent::Sent;
use super::{ask, buttons, refused, tell, until};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::store::{Answer, Asked, RunId, RunRecord};
use crate::web::look::{Page, Place};
use crate::web::schedule_words::DASHBOARD;
use crate::web::visit::Visit;

/// A cell that obeys ends within this; the page of the run shows the end of one that does not.
const END_MAX: Duration = Duration::from_millis(1500);

/// `GET /runs/{id}/cancel`
pub async fn page(visit: Visit, Path(id): Path<RunId>) -> Response {
    match visit.store().run(id) {
        Ok(Some(run)) => visit.show(move |visit| shown(visit, &run)).await,
        Ok(None) => no_run(visit, id).await,
        Err(error) => refused(visit, error).await,
    }
}

/// `POST /runs/{id}/cancel`
pub async fn cancel(
    visit: Visit,
    Path(id): Path<RunId>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Response {
    let run = match visit.store().run(id) {
        Ok(Some(run)) => run,
        Ok(None) => return no_run(visit, id).await,
        Err(error) => return refused(visit, error).await,
    };
    let what = match Sent(sent).find("whole") {
        Some(_) => Asked::CancelSync(run.sync),
        None => Asked::CancelRun(id),
    };
    match ask(&visit.about, what, Vec::new(), Parameters::new(), DASHBOARD).await {
        Ok(Some(Answer::Refused(why))) if run.ended.is_none() => {
            refused(visit, Error::usage(why)).await
        }
        Ok(_) => {
            let ended = move |about: &crate::web::About| {
                Ok(about.store.run(id)?.filter(|run| run.ended.is_some()).map(drop))
            };
            // Whether it has ended or not by then, its page tells.
            let _ = until(&visit.about, END_MAX, ended).await;
            Redirect::to(&format!("/runs/{id}")).into_response()
        }
        Err(error) => refused(visit, error).await,
    }
}

/// Answers that there is no such run.
pub async fn no_run(visit: Visit, id: RunId) -> Response {
    let what =
        tell(&visit, format!("il n’y a pas d’exécution n° {id}"), format!("there is no run {id}"));
    visit.lost(Error::usage(what)).await
}

fn shown(visit: &Visit, run: &RunRecord) -> Result<Page> {
    let (id, name) = (run.id, &run.notebook);
    let title = tell(
        visit,
        format!("Annuler l’exécution de {name}\u{202f}?"),
        format!("Cancel the run of {name}?"),
    );
    let back = format!("/runs/{id}");
    let body = html! {
        h1 { (title) }
        @if run.ended.is_some() {
            p { (visit.say("Elle est déjà terminée\u{a0}: ", "It has ended already: ")) a href=(back) { (visit.standing(run)) } "." }
        } @else {
            (consequences(visit, run))
            form method="post" action=(format!("/runs/{id}/cancel")) {
                (visit.proof())
                (buttons(visit, visit.say("Annuler cette exécution", "Cancel this run"), "danger", &back))
            }
            @if others(visit, run) {
                form method="post" action=(format!("/runs/{id}/cancel")) {
                    (visit.proof())
                    p { (visit.say(
                        "Ou toute la synchronisation\u{a0}: ce qui s’exécute est interrompu de même, et ce qui attend son tour ne s’exécute pas.",
                        "Or the whole sync: what runs of it is interrupted in the same way, and what waits for its turn does not run.")) }
                    button.danger name="whole" value="1" { (visit.say("Annuler toute la synchronisation", "Cancel the whole sync")) }
                }
            }
        }
    };
    Ok(Page::new(title, Place::Elsewhere, body))
}

/// What becomes of it, and of others.
fn consequences(visit: &Visit, run: &RunRecord) -> Markup {
    let after = after(&visit.workspace.config, &run.notebook);
    html! {
        p { (visit.say("Elle s’exécute depuis ", "It has run for ")) strong { (visit.length(visit.took(run))) } "." }
        ul {
            li { (visit.say(
                "La cellule en cours est interrompue\u{202f}; ce qui a été fait jusque-là est enregistré dans le notebook exécuté.",
                "The cell under way is interrupted; what was done until then is saved in the output notebook.")) }
            li { (visit.say(
                "Ses tables gardent leur dernière version entière, à moins qu’elle ne les ait déjà publiées.",
                "Its tables keep their last whole version, unless it has published them already.")) }
            @if !after.is_empty() {
                li { (visit.say("Ne s’exécuteront pas, car ils viennent après elle\u{a0}: ", "These do not run, since they come after it: ")) (after.join(", ")) "." }
            }
            li { (visit.say("Les autres notebooks continuent.", "The other notebooks go on.")) }
        }
    }
}

/// The notebooks that come after one, directly or not.
pub fn after(config: &Config, name: &str) -> Vec<String> {
    let mut found = vec![name.to_owned()];
    let mut at = 0;
    while at < found.len() {
        let later = config.notebooks.iter().filter(|e| e.after.contains(&found[at]));
        let later: Vec<String> = later.map(|entry| entry.name.clone()).collect();
        found.extend(later.into_iter().filter(|name| !found.contains(name)).collect::<Vec<_>>());
        at += 1;
    }
    found.split_off(1)
}

/// Whether the sync of a run under way has more than this run.
pub fn others(visit: &Visit, run: &RunRecord) -> bool {
    let state = visit.about.live.borrow();
    let in_sync = state.running.iter().filter(|running| running.sync == run.sync);
    state.waiting > 0 || in_sync.count() > 1
}
