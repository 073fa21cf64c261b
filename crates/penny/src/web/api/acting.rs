//! What can be asked for: run, cancel, run again, pause, go on.

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Json, Path, State as Shown};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Answer, answer, masked, refused, told};
use crate::error::{Error, Result};
use crate::looking::chosen;
use crate::run::{Again, again};
use crate::store::{self, Asked, RunId};
use crate::web::actions::ask;
use crate::web::{About, blocking};

/// Who asks, for those who look back.
const BY: &str = "the API";

/// What a request to run says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Names of notebooks; none is all.
    #[serde(default)]
    notebooks: Vec<String>,
    /// Values for the parameters of a single notebook.
    #[serde(default)]
    parameters: Map<String, Value>,
}

/// `POST /runs`: a sync now.
pub async fn run(
    Shown(about): Shown<Arc<About>>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Answer {
    let wanted = match wanted {
        Ok(Json(wanted)) => wanted,
        Err(why) => return refused(&why.body_text()),
    };
    if let Err(error) = about.workspace().config.select(&wanted.notebooks) {
        return Answer(StatusCode::BAD_REQUEST, told(&error));
    }
    if !wanted.parameters.is_empty() && wanted.notebooks.len() != 1 {
        return refused("parameters are those of one notebook: name it under `notebooks`");
    }
    asked(&about, Asked::Run, wanted.notebooks, wanted.parameters).await
}

/// What a request to cancel says.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whole {
    /// Whether the whole sync of the run ends.
    #[serde(default)]
    sync: bool,
}

/// `POST /runs/{run}/cancel`: ends a run under way.
pub async fn cancel(
    Shown(about): Shown<Arc<About>>,
    run: Result<Path<RunId>, PathRejection>,
    whole: Result<Json<Whole>, JsonRejection>,
) -> Answer {
    let Ok(Path(id)) = run else { return refused("the number of a run is asked for") };
    let whole = match whole {
        Ok(Json(whole)) => whole,
        Err(JsonRejection::MissingJsonContentType(_)) => Whole::default(),
        Err(why) => return refused(&why.body_text()),
    };
    let read = Arc::clone(&about);
    match blocking(move || read.store.run(id)).await {
        Ok(Some(run)) => {
            let what = if whole.sync { Asked::CancelSync(run.sync) } else { Asked::CancelRun(id) };
            asked(&about, what, Vec::new(), Map::new()).await
        }
        Ok(None) => super::no_run(),
        Err(error) => super::failed(&about, &error),
    }
}

/// `POST /runs/{run}/retry`: a run that did not succeed, and those that were skipped for it, once more.
pub async fn retry(
    Shown(about): Shown<Arc<About>>,
    run: Result<Path<RunId>, PathRejection>,
) -> Answer {
    let Ok(Path(id)) = run else { return refused("the number of a run is asked for") };
    let read = Arc::clone(&about);
    let found = blocking(move || {
        if read.store.run(id)?.is_none() {
            return Ok(None);
        }
        let workspace = read.workspace();
        let run = chosen(&read.store, &workspace, &id.to_string())?;
        again(&read.store, &workspace.config, &run).map(Some)
    });
    match found.await {
        Ok(Some(Again { names, parameters })) => {
            asked(&about, Asked::Retry(id), names, parameters).await
        }
        Ok(None) => super::no_run(),
        Err(error) => Answer(StatusCode::CONFLICT, masked(&about, told(&error))),
    }
}

/// Asks the service, and tells what becomes of it.
async fn asked(
    about: &Arc<About>,
    kind: Asked,
    names: Vec<String>,
    parameters: Map<String, Value>,
) -> Answer {
    match ask(about, kind, names, parameters).await {
        Ok(Some(store::Answer::Sync(sync))) => {
            Answer(StatusCode::ACCEPTED, json!({ "sync": sync, "begun": true }))
        }
        // It waits until a notebook that it is about has ended.
        Ok(None) => Answer(StatusCode::ACCEPTED, json!({ "sync": null, "begun": false })),
        Ok(Some(store::Answer::Refused(why))) => {
            Answer(StatusCode::CONFLICT, masked(about, told(&Error::usage(why))))
        }
        Err(error) => super::failed(about, &error),
    }
}

/// Which schedules a request to pause or to go on is about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whose {
    /// Names of notebooks; none is all.
    #[serde(default)]
    notebooks: Vec<String>,
}

/// `POST /pause`: schedules do not run until they are resumed.
pub async fn pause(
    Shown(about): Shown<Arc<About>>,
    whose: Result<Json<Whose>, JsonRejection>,
) -> Answer {
    paused(about, whose, |about, name| about.store.pause(name, BY, about.clock.wall())).await
}

/// `POST /resume`: schedules go on.
pub async fn resume(
    Shown(about): Shown<Arc<About>>,
    whose: Result<Json<Whose>, JsonRejection>,
) -> Answer {
    paused(about, whose, |about, name| about.store.resume(name)).await
}

async fn paused(
    about: Arc<About>,
    whose: Result<Json<Whose>, JsonRejection>,
    change: impl Fn(&About, Option<&str>) -> Result<bool> + Send + 'static,
) -> Answer {
    let names = match whose {
        Ok(Json(whose)) => whose.notebooks,
        Err(why) => return refused(&why.body_text()),
    };
    answer(about, move |about| {
        about.workspace().config.select(&names)?;
        match names.as_slice() {
            [] => {
                change(about, None)?;
            }
            names => {
                for name in names {
                    change(about, Some(name))?;
                }
            }
        }
        let paused = about.store.paused()?;
        Ok(json!({ "all": paused.all, "notebooks": paused.notebooks }))
    })
    .await
}
