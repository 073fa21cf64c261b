//! A run: how it went, its notebook as Jupyter shows it, and what the log says.

mod banner;
mod beside;
mod cell;
mod cells;
mod choosing;
mod download;
mod facts;
mod frame;
mod head;
mod notebook;
mod outputs;
mod plotly;
mod published;
mod scripts;
mod shown;
mod whole;

use std::sync::Arc;

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::looking::{self, Cells, OutputFile, PastRun};
use crate::store::{RunId, RunRecord};
use crate::web::look::{Page, Place};
use crate::web::visit::Visit;

pub use banner::cell_name;
pub use cells::cells;
pub use choosing::{others, select};
pub use download::{download, output_notebook};
pub use frame::frame;
pub use outputs::{output, whole_output};

use shown::Shown;

/// What the address of a run's page may ask.
#[derive(Clone, Default, Deserialize)]
pub struct Wanted {
    /// One of its attempts.
    attempt: Option<String>,
    /// The first cell that is shown, from 0.
    from: Option<String>,
}

impl Wanted {
    fn attempt(&self) -> Option<u32> {
        self.attempt.as_deref()?.parse().ok()
    }
}

/// `GET /runs/{id}`
pub async fn run(visit: Visit, Path(id): Path<String>, Query(wanted): Query<Wanted>) -> Response {
    let seat = visit.about.notebooks.seat().await;
    // The seat is taken until the page is made, even when nobody waits for it any more.
    let made = visit.show(move |visit| {
        let _seat = seat;
        page(visit, &id, &wanted)
    });
    made.await
}

fn page(visit: &Visit, id: &str, wanted: &Wanted) -> Result<Page> {
    let Some(run) = found(visit, id)? else { return Ok(none(visit, id)) };
    let (past, file) = match looked_at(visit, run, wanted.attempt()) {
        Ok(looked_at) => looked_at,
        Err(error) => return Ok(Page::of_error(visit, StatusCode::NOT_FOUND, &error)),
    };
    let from = wanted.from.as_deref().and_then(|from| from.parse().ok());
    let shown = Shown::new(visit, &past, file, from);
    let title =
        format!("{} · {} {}", past.run.notebook, visit.say("exécution", "run"), past.run.id);
    let body = html! {
        (head::head(&shown)?)
        div.beside data-shape=(shown.shape()) data-follow=[shown.is_under_way().then_some(past.run.id)]
            data-often[shown.is_under_way() && shown.running.is_none()] {
            (notebook::notebook(&shown)?)
            (beside::beside(&shown))
        }
    };
    Ok(Page::new(title, Place::History, body).with_notebooks())
}

/// The run of a number.
pub fn found(visit: &Visit, id: &str) -> Result<Option<RunRecord>> {
    let Ok(id) = id.parse::<RunId>() else { return Ok(None) };
    let Some(mut run) = visit.store().run(id)? else { return Ok(None) };
    looking::find_cut_off([&mut run], &visit.workspace);
    Ok(Some(run))
}

/// That there is no such run.
pub fn none(visit: &Visit, id: &str) -> Page {
    let known = id.len() < 20 && id.bytes().all(|byte| byte.is_ascii_digit());
    let what = match known {
        true => format!("{} {id}", visit.say("il n’y a pas d’exécution", "there is no run")),
        false => visit
            .say("ce n’est pas le numéro d’une exécution", "that is no run’s number")
            .to_owned(),
    };
    let hint = visit.say("l’historique montre les exécutions", "the history shows the runs");
    Page::of_words(visit, StatusCode::NOT_FOUND, &Error::usage(what).hint(hint))
}

/// A visit that nobody else holds any more.
fn owned(visit: Arc<Visit>) -> Visit {
    Arc::into_inner(visit).expect("what read for it has ended")
}

/// What is known of a run, with its output notebook if that can be read: of its outputs, only what was raised.
///
/// # Errors
/// The history cannot be read; there is no such attempt.
pub fn looked_at(
    visit: &Visit,
    run: RunRecord,
    attempt: Option<u32>,
) -> Result<(PastRun, Option<Arc<OutputFile>>)> {
    let mut file = None;
    let past = PastRun::with(visit.store(), &visit.workspace, run, attempt, |path| {
        for _ in 0..OPENINGS_MAX {
            let opened = visit.about.notebooks.open(&visit.workspace, path)?;
            if let Some(cells) = Cells::of(&opened, |output| output.kind == "error")? {
                file = Some(opened);
                return Ok(cells);
            }
        }
        Err(Error::missing(format!("{} is being written", path.display())))
    })?;
    Ok((past, file))
}

/// A notebook that is saved at this moment is opened again.
const OPENINGS_MAX: usize = 3;
