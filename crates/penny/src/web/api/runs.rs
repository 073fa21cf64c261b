//! The runs of the past, with the filters of the history's page.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::Asked;
use super::{Answer, Refusal, answer};
use crate::error::{Error, Result};
use crate::looking;
use crate::store::{Outcome, RunFilter, RunId, RunRecord, Trigger};
use crate::web::visit::Visit;

/// No more runs than this are told at once.
const RUNS_MAX: usize = 1000;
/// So many when the request does not say.
const RUNS: usize = 25;

/// What a request for runs may ask.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Names of notebooks, with commas between them.
    notebook: Option<String>,
    /// Outcomes, with commas between them.
    outcome: Option<String>,
    /// Triggers, with commas between them.
    trigger: Option<String>,
    since: Option<String>,
    until: Option<String>,
    /// What the notebook's name or the error contains.
    text: Option<String>,
    /// Runs older than this one.
    before: Option<RunId>,
    limit: Option<usize>,
}

/// `GET /runs`: the runs of the past, newest first.
pub async fn runs(visit: Visit, Asked(asked): Asked<Which>) -> Answer {
    answer(visit, move |visit| list(visit, &asked)).await
}

fn list(visit: &Visit, asked: &Which) -> Result<Value, Refusal> {
    let (store, workspace) = (visit.store(), &visit.workspace);
    let filter = filter(visit, asked)?;
    let mut runs = store.runs(&RunFilter { limit: filter.limit + 1, ..filter.clone() })?;
    let has_more = runs.len() > filter.limit;
    runs.truncate(filter.limit);
    looking::find_cut_off(&mut runs, workspace);
    let older = match runs.last() {
        Some(last) if has_more => Some(last.id),
        _ => {
            let newest = store.runs(&RunFilter { limit: 1, ..RunFilter::default() })?;
            filter.further(newest.first().map_or(0, |run| run.id))
        }
    };
    let matching = store.count_runs(&RunFilter { before: None, ..filter })?;
    let published = |run: RunRecord| store.publishes_of(run.id).map(|all| (run, all));
    let runs = runs.into_iter().map(published).collect::<Result<Vec<_>>>()?;
    let mut told = looking::runs_json(&runs, matching);
    told["older"] = json!(older);
    Ok(told)
}

fn filter(visit: &Visit, asked: &Which) -> Result<RunFilter, Refusal> {
    let (config, zone) = (&visit.workspace.config, visit.zone());
    let moment = |field: &str, text: &Option<String>, read: Moment| {
        let read = |text| read(text, visit.now, zone).map_err(|e| Refusal::of_field(field, e));
        text.as_deref().map(read).transpose()
    };
    let notebooks = looking::names(visit.store(), config, &words(&asked.notebook));
    Ok(RunFilter {
        notebooks: notebooks.map_err(|error| Refusal::of_field("notebook", error))?,
        outcomes: words(&asked.outcome)
            .iter()
            .map(|word| outcome(word))
            .collect::<Result<_, _>>()?,
        triggers: words(&asked.trigger)
            .iter()
            .map(|word| trigger(word))
            .collect::<Result<_, _>>()?,
        since: moment("since", &asked.since, looking::since)?,
        until: moment("until", &asked.until, looking::until)?,
        text: asked.text.clone().filter(|text| !text.is_empty()),
        before: asked.before,
        limit: asked.limit.unwrap_or(RUNS).min(RUNS_MAX),
    })
}

/// How the words for a time are read.
type Moment = fn(&str, Timestamp, &TimeZone) -> Result<Timestamp>;

/// What stands between commas.
fn words(text: &Option<String>) -> Vec<String> {
    let words = text.iter().flat_map(|text| text.split(',')).map(str::trim);
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// An outcome by its word; `timed-out` is one of an address.
fn outcome(word: &str) -> Result<Outcome, Refusal> {
    Outcome::of_word(&word.replace('-', " ")).ok_or_else(|| {
        let known: Vec<&str> = Outcome::ALL.iter().map(|outcome| outcome.word()).collect();
        unknown("outcome", word, "no outcome", &known)
    })
}

fn trigger(word: &str) -> Result<String, Refusal> {
    let known: Vec<&str> = Trigger::ALL.iter().map(|trigger| trigger.word()).collect();
    let said = word.replace('-', " ");
    let found = known.iter().find(|known| known.replace('-', " ") == said);
    let found = found.ok_or_else(|| unknown("trigger", word, "no trigger", &known))?;
    Ok((*found).to_owned())
}

fn unknown(field: &str, word: &str, what: &str, known: &[&str]) -> Refusal {
    let error = Error::usage(format!("`{word}` is {what}"));
    Refusal::of_field(field, error.hint(format!("these are: {}", known.join(", "))))
}
