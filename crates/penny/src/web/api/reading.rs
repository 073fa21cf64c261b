//! What can be read: the same values that the commands print with `--json`.

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State as Shown};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, answer, no_run, refused};
use crate::daemon;
use crate::error::{Error, Result};
use crate::looking::{self, LogFile, PastRun};
use crate::store::{Outcome, RunFilter, RunId, RunRecord};
use crate::web::{About, health as health_report, postgres};

/// No more runs than this are told at once.
const RUNS_MAX: usize = 1000;
/// So many when the request does not say.
const RUNS: usize = 25;
/// No more lines of the log than this are told at once.
const LINES_MAX: usize = 10_000;
/// So many when the request does not say.
const LINES: usize = 50;

/// `GET /status`: how the service and each notebook stand.
pub async fn status(Shown(about): Shown<Arc<About>>) -> Answer {
    answer(about, |about| Ok(daemon::status(&about.workspace(), &about.surroundings)?.json())).await
}

/// `GET /health`: whether the service can do its work.
pub async fn health(Shown(about): Shown<Arc<About>>) -> Answer {
    let postgres = postgres::answers(&about).await;
    answer(about, |about| Ok(health_report::report(about, postgres)?.json())).await
}

/// What a request for runs may ask.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedRuns {
    /// Names of notebooks, with commas between them.
    notebook: Option<String>,
    /// Outcomes, with commas between them.
    outcome: Option<String>,
    since: Option<String>,
    limit: Option<usize>,
}

/// `GET /runs`: the runs of the past, newest first.
pub async fn runs(
    Shown(about): Shown<Arc<About>>,
    asked: Result<Query<AskedRuns>, QueryRejection>,
) -> Answer {
    match asked {
        Ok(Query(asked)) => answer(about, move |about| list(about, &asked)).await,
        Err(why) => refused(&why.body_text()),
    }
}

fn list(about: &About, asked: &AskedRuns) -> Result<Value> {
    let workspace = about.workspace();
    let words = |text: &Option<String>| -> Vec<String> {
        let words = text.iter().flat_map(|text| text.split(',')).map(str::trim);
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let outcome = |word: String| {
        Outcome::of_word(&word.replace('-', " "))
            .ok_or_else(|| Error::usage(format!("`{word}` is no outcome")))
    };
    let zone = &workspace.config.zone;
    let since = |text: &String| looking::since(text, about.clock.wall(), zone);
    let filter = RunFilter {
        notebooks: looking::names(&about.store, &workspace.config, &words(&asked.notebook))?,
        outcomes: words(&asked.outcome).into_iter().map(outcome).collect::<Result<_>>()?,
        since: asked.since.as_ref().map(since).transpose()?,
        limit: asked.limit.unwrap_or(RUNS).min(RUNS_MAX),
        ..RunFilter::default()
    };
    let mut runs = about.store.runs(&filter)?;
    looking::find_cut_off(&mut runs, &workspace);
    let published = |run: RunRecord| about.store.publishes_of(run.id).map(|all| (run, all));
    let runs = runs.into_iter().map(published).collect::<Result<Vec<_>>>()?;
    Ok(looking::runs_json(&runs, about.store.count_runs(&filter)?))
}

/// `GET /runs/{run}`: all that is known of a run.
pub async fn run(
    Shown(about): Shown<Arc<About>>,
    run: Result<Path<RunId>, PathRejection>,
) -> Answer {
    let Ok(Path(id)) = run else { return refused("the number of a run is asked for") };
    found(about, vec![id], move |about, mut runs| {
        let run = runs.remove(0);
        Ok(PastRun::read(&about.store, &about.workspace(), run, None)?.json())
    })
    .await
}

/// `GET /runs/{run}/compare/{other}`: what changed from one run to another.
pub async fn comparison(
    Shown(about): Shown<Arc<About>>,
    runs: Result<Path<(RunId, RunId)>, PathRejection>,
) -> Answer {
    let Ok(Path((before, after))) = runs else {
        return refused("the numbers of two runs are asked for");
    };
    found(about, vec![before, after], move |about, mut runs| {
        let after = runs.remove(1);
        Ok(looking::compare(
            &about.store,
            &about.workspace(),
            runs.remove(0),
            after,
            about.clock.wall(),
        )?
        .json())
    })
    .await
}

/// Answers about these runs, once all of them are found.
async fn found(
    about: Arc<About>,
    ids: Vec<RunId>,
    make: impl FnOnce(&About, Vec<RunRecord>) -> Result<Value> + Send + 'static,
) -> Answer {
    let made = answer(about, move |about| {
        let mut runs = Vec::new();
        for id in ids {
            match about.store.run(id)? {
                Some(run) => runs.push(run),
                None => return Ok(Value::Null),
            }
        }
        looking::find_cut_off(&mut runs, &about.workspace());
        make(about, runs)
    });
    match made.await {
        Answer(_, Value::Null) => no_run(),
        answer => answer,
    }
}

/// What a request for the log may ask.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedLog {
    notebook: Option<String>,
    lines: Option<usize>,
}

/// `GET /log`: the last lines of the service's log.
pub async fn log(
    Shown(about): Shown<Arc<About>>,
    asked: Result<Query<AskedLog>, QueryRejection>,
) -> Answer {
    let Query(asked) = match asked {
        Ok(asked) => asked,
        Err(why) => return refused(&why.body_text()),
    };
    answer(about, move |about| {
        let path = about.workspace().log();
        let log = LogFile::new(&path, asked.notebook.as_deref());
        let (last, _) = log
            .last(asked.lines.unwrap_or(LINES).min(LINES_MAX))
            .map_err(|e| Error::file("read", &path, e))?;
        let lines: Vec<Value> = last.iter().map(|line| looking::log_line_json(line)).collect();
        Ok(json!({ "lines": lines }))
    })
    .await
}
