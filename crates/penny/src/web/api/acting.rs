//! What can be asked for: run, cancel, run again, pause, go on; and what that would do.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::body::{Body, FLAG, Fields, MaybeBody, NAMES, Said, VALUES, texts};
use super::run::found;
use super::{Answer, Refusal, answer};
use crate::error::{Error, Result};
use crate::run::{Again, again};
use crate::store::{self, Asked};
use crate::web::actions::{after, ask, check_parameters, others};
use crate::web::visit::Visit;
use crate::web::{About, blocking};

/// Who asks, for those who look back.
const BY: &str = "the API";

/// What a request to run says.
pub struct Wanted {
    /// Names of notebooks; none is all.
    notebooks: Vec<String>,
    /// Values for the parameters of a single notebook.
    parameters: Map<String, Value>,
}

impl Said for Wanted {
    const FIELDS: &'static [&'static str] = &["notebooks", "parameters"];

    fn read(fields: &Fields) -> Result<Wanted, Refusal> {
        let notebooks = fields.field("notebooks", &NAMES, texts)?.unwrap_or_default();
        let parameters = fields.field("parameters", &VALUES, |value| value.as_object().cloned())?;
        Ok(Wanted { notebooks, parameters: parameters.unwrap_or_default() })
    }
}

/// `POST /runs`: a sync now.
pub async fn run(visit: Visit, Body(wanted): Body<Wanted>) -> Answer {
    let visit = Arc::new(visit);
    // The parameters cell is read where the service does not wait for it.
    let checked = {
        let visit = Arc::clone(&visit);
        blocking(move || Ok(check(&visit, &wanted).map(|()| wanted))).await
    };
    match checked.unwrap_or_else(|error| Err(error.into())) {
        Ok(wanted) => asked(&visit, Asked::Run, wanted.notebooks, wanted.parameters).await,
        Err(refusal) => refusal.told(&visit),
    }
}

/// Whether what is wanted can be run: known notebooks, and values that the parameters cell of one takes.
fn check(visit: &Visit, Wanted { notebooks, parameters }: &Wanted) -> Result<(), Refusal> {
    let selected = visit.workspace.config.select(notebooks);
    let selected = selected.map_err(|error| Refusal::of_field("notebooks", error))?;
    if parameters.is_empty() {
        return Ok(());
    }
    let ([entry], false) = (selected.as_slice(), notebooks.is_empty()) else {
        let why = visit.say(
            "ce sont ceux d’un seul notebook\u{a0}: nommez-le dans `notebooks`",
            "these are those of one notebook: name it under `notebooks`",
        );
        return Err(Refusal::of_field("parameters", Error::usage(why)));
    };
    check_parameters(visit, entry, parameters).map_err(|(name, error)| {
        let field = name.map_or("parameters".to_owned(), |name| format!("parameters.{name}"));
        Refusal::of_field(field, error)
    })
}

/// `GET /runs/{run}/cancel`: what cancelling it would do.
pub async fn cancellation(visit: Visit, Path(id): Path<String>) -> Answer {
    answer(visit, move |visit| {
        let run = found(visit, &id)?;
        let under_way = run.ended.is_none() && !run.cut_off;
        let held = match under_way {
            true => after(&visit.workspace.config, &run.notebook),
            false => Vec::new(),
        };
        Ok(json!({
            "run": run.id,
            "notebook": run.notebook,
            "sync": run.sync,
            "under_way": under_way,
            "held": held,
            "sync_has_others": under_way && others(visit, &run),
        }))
    })
    .await
}

/// What a request to cancel says.
#[derive(Default)]
pub struct Whole {
    /// Whether the whole sync of the run ends.
    sync: bool,
}

impl Said for Whole {
    const FIELDS: &'static [&'static str] = &["sync"];

    fn read(fields: &Fields) -> Result<Whole, Refusal> {
        let sync = fields.field("sync", &FLAG, Value::as_bool)?;
        Ok(Whole { sync: sync.unwrap_or_default() })
    }
}

/// `POST /runs/{run}/cancel`: ends a run under way.
pub async fn cancel(
    visit: Visit,
    Path(id): Path<String>,
    MaybeBody(whole): MaybeBody<Whole>,
) -> Answer {
    match found(&visit, &id) {
        Ok(run) => {
            let what =
                if whole.sync { Asked::CancelSync(run.sync) } else { Asked::CancelRun(run.id) };
            asked(&visit, what, Vec::new(), Map::new()).await
        }
        Err(refusal) => refusal.told(&visit),
    }
}

/// `GET /runs/{run}/retry`: what running it again would run, and with which parameters.
pub async fn repetition(visit: Visit, Path(id): Path<String>) -> Answer {
    answer(visit, move |visit| {
        let run = found(visit, &id)?;
        let Again { names, parameters } =
            again(visit.store(), &visit.workspace.config, &run).map_err(Refusal::conflict)?;
        Ok(json!({ "run": run.id, "notebooks": names, "parameters": parameters }))
    })
    .await
}

/// `POST /runs/{run}/retry`: a run that did not succeed, and those that were skipped for it, once more.
pub async fn retry(visit: Visit, Path(id): Path<String>) -> Answer {
    let found = found(&visit, &id).and_then(|run| {
        let again = again(visit.store(), &visit.workspace.config, &run);
        Ok((run.id, again.map_err(Refusal::conflict)?))
    });
    match found {
        Ok((id, Again { names, parameters })) => {
            asked(&visit, Asked::Retry(id), names, parameters).await
        }
        Err(refusal) => refusal.told(&visit),
    }
}

/// Asks the service, and tells what becomes of it.
async fn asked(
    visit: &Visit,
    kind: Asked,
    names: Vec<String>,
    parameters: Map<String, Value>,
) -> Answer {
    let told = |sync: Option<_>| {
        Answer(StatusCode::ACCEPTED, json!({ "sync": sync, "begun": sync.is_some() }))
    };
    match ask(&visit.about, kind, names, parameters, BY).await {
        Ok(Some(store::Answer::Sync(sync))) => told(Some(sync)),
        // It waits until a notebook that it is about has ended.
        Ok(None) => told(None),
        Ok(Some(store::Answer::Refused(why))) => Refusal::conflict(Error::usage(why)).told(visit),
        Err(error) => Refusal::from(error).told(visit),
    }
}

/// Which schedules a request to pause or to go on is about.
pub struct Whose {
    /// Names of notebooks; none is all.
    notebooks: Vec<String>,
}

impl Said for Whose {
    const FIELDS: &'static [&'static str] = &["notebooks"];

    fn read(fields: &Fields) -> Result<Whose, Refusal> {
        let notebooks = fields.field("notebooks", &NAMES, texts)?;
        Ok(Whose { notebooks: notebooks.unwrap_or_default() })
    }
}

/// `POST /pause`: schedules do not run until they are resumed.
pub async fn pause(visit: Visit, Body(whose): Body<Whose>) -> Answer {
    paused(visit, whose, |about, name| about.store.pause(name, BY, about.clock.wall())).await
}

/// `POST /resume`: schedules go on.
pub async fn resume(visit: Visit, Body(whose): Body<Whose>) -> Answer {
    paused(visit, whose, |about, name| about.store.resume(name)).await
}

async fn paused(
    visit: Visit,
    Whose { notebooks: names }: Whose,
    change: impl Fn(&About, Option<&str>) -> Result<bool> + Send + 'static,
) -> Answer {
    answer(visit, move |visit| {
        let known = visit.workspace.config.select(&names);
        known.map_err(|error| Refusal::of_field("notebooks", error))?;
        if names.is_empty() {
            change(&visit.about, None)?;
        }
        for name in &names {
            change(&visit.about, Some(name))?;
        }
        let paused = visit.store().paused()?;
        Ok(json!({ "all": paused.all, "notebooks": paused.notebooks }))
    })
    .await
}
