//! What can be done from the pages: run, cancel, run again, pause, change the schedule.
//!
//! Each is a page that says what will happen and what it costs, with a button that asks the service for it.
//! It works without a script; the script may show the page above the one that leads there.

mod ending;
mod fields;
mod pausing;
mod retrying;
mod running;
mod schedule;
mod sent;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};
use penny_notebook::Parameters;

use super::look::Page;
use super::visit::Visit;
use super::{About, blocking, links};
use crate::config::Language;
use crate::daemon;
use crate::error::{Error, Result};
use crate::store::{Answer, Asked, Request, RunId, SyncId};

pub use ending::{after, others};
pub use fields::{check as check_parameters, read as parameters};
pub use schedule::{Mistake as ScheduleMistake, Preview, mistake as schedule_mistake};

/// The service looks at what is asked four times a second; what it has not begun by then waits for something.
const ANSWER_MAX: Duration = Duration::from_secs(4);
/// A run begins soon after its sync, unless something has to be installed or started first.
const RUN_MAX: Duration = Duration::from_secs(2);
/// How often is looked.
const LOOK: Duration = Duration::from_millis(50);

/// The addresses.
pub fn router() -> Router<Arc<About>> {
    Router::new()
        .route("/run", get(running::many).post(running::ask))
        .route("/notebooks/{name}/run", get(running::one))
        .route("/runs/{id}/cancel", get(ending::page).post(ending::cancel))
        .route("/runs/{id}/retry", get(retrying::page).post(retrying::retry))
        .route("/pause", get(pausing::pause_page).post(pausing::pause))
        .route("/resume", get(pausing::resume_page).post(pausing::resume))
        .route("/schedule", get(schedule::of_all).post(schedule::change_all))
        .route("/notebooks/{name}/schedule", get(schedule::of_one).post(schedule::change_one))
}

/// Asks the service for something in somebody's name, and waits a moment for what becomes of it; nothing while it
/// waits itself.
///
/// # Errors
/// The history cannot be read or written.
pub async fn ask(
    about: &Arc<About>,
    kind: Asked,
    names: Vec<String>,
    parameters: Parameters,
    by: &str,
) -> Result<Option<Answer>> {
    let asked = about.clock.wall();
    let request = Request { kind, names, parameters, by: by.to_owned(), asked };
    let store = Arc::clone(about);
    let id = blocking(move || store.store.ask(&request)).await?;
    daemon::ring(&about.workspace().root);
    until(about, ANSWER_MAX, move |about| about.store.answer_of(id)).await
}

/// Looks for something until it is there, for so long at most.
async fn until<T: Send + 'static>(
    about: &Arc<About>,
    most: Duration,
    look: impl Fn(&About) -> Result<Option<T>> + Send + Sync + 'static,
) -> Result<Option<T>> {
    let begun = std::time::Instant::now();
    let look = Arc::new(look);
    loop {
        let (about, look) = (Arc::clone(about), Arc::clone(&look));
        let found = blocking(move || look(&about)).await?;
        if found.is_some() || begun.elapsed() >= most {
            return Ok(found);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Leads to where the result of a sync that was asked for shows.
async fn lead_to_sync(visit: Visit, answer: Result<Option<Answer>>, names: &[String]) -> Response {
    let alone = if let [name] = names { Some(name.clone()) } else { None };
    let other = alone.as_deref().map_or("/".to_owned(), links::notebook);
    match answer {
        Ok(Some(Answer::Sync(sync))) => {
            let run = match alone {
                Some(name) => run_of(&visit.about, sync, name).await,
                None => None,
            };
            Redirect::to(&run.map_or(other, |run| format!("/runs/{run}"))).into_response()
        }
        Ok(Some(Answer::Refused(why))) => refused(visit, Error::usage(why)).await,
        Ok(None) => Redirect::to(&other).into_response(),
        Err(error) => refused(visit, error).await,
    }
}

/// The run of a notebook in a sync, as soon as it has begun.
async fn run_of(about: &Arc<About>, sync: SyncId, name: String) -> Option<RunId> {
    let found = until(about, RUN_MAX, move |about| {
        let runs = about.store.runs_of(sync)?;
        Ok(runs.iter().find(|run| run.notebook == name).map(|run| run.id))
    });
    found.await.ok().flatten()
}

/// Answers that what was asked for is not done.
async fn refused(visit: Visit, error: Error) -> Response {
    visit.show(move |visit| Ok(Page::of_error(visit, StatusCode::CONFLICT, &error))).await
}

/// Answers that there is no such notebook.
async fn no_notebook(visit: Visit, name: &str) -> Response {
    let what = tell(
        &visit,
        format!("penny.toml ne contient pas de notebook «\u{a0}{name}\u{a0}»"),
        format!("penny.toml lists no notebook called “{name}”"),
    );
    visit.lost(Error::usage(what)).await
}

/// A sentence with names in it, in the language of the page.
fn tell(visit: &Visit, french: String, english: String) -> String {
    match visit.language {
        Language::French => french,
        Language::English => english,
    }
}

/// The buttons at the end of a form: the one that does it, and the way back.
fn buttons(visit: &Visit, label: &str, class: &str, back: &str) -> Markup {
    html! {
        div.actions {
            button class=(class) { (label) }
            a.button href=(back) data-close { (visit.say("Ne rien faire", "Do nothing")) }
        }
    }
}
