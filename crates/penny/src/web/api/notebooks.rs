//! The notebooks: how each stands, how it went, what it takes.

use axum::extract::Path;
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::{Asked, Page, Paging};
use super::{Answer, Refusal, answer, tables};
use crate::config::Entry;
use crate::daemon;
use crate::error::{Error, Result};
use crate::looking::{self, Habits, Period, Trend};
use crate::store::{Outcome, RunFilter, RunPoint, RunRecord};
use crate::web::actions;
use crate::web::pages::home::{Gathered, Wanted, listed};
use crate::web::pages::notebook as page;
use crate::web::postgres;
use crate::web::visit::Visit;

/// Which notebooks are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// What the name or the description contains.
    q: Option<String>,
    /// Which page of them, from 1.
    page: Option<usize>,
    /// How many are on a page.
    limit: Option<usize>,
}

/// `GET /notebooks`: how each stands, in the order of penny.toml.
pub async fn notebooks(visit: Visit, Asked(which): Asked<Which>) -> Answer {
    let postgres = postgres::known(&visit.about).await;
    answer(visit, move |visit| {
        let Paging { page, size } = Page::new(which.page, which.limit).paging(visit.language)?;
        let search = which.q.as_deref().unwrap_or_default();
        let wanted = Wanted { search, page, size, problems_first: false };
        Ok(listed(visit, &wanted, &Gathered::new(visit, postgres)?)?)
    })
    .await
}

/// `GET /notebooks/{name}`: how it stands, what is usual of it, its last success and failure, its tables.
pub async fn notebook(visit: Visit, Path(name): Path<String>) -> Answer {
    answer(visit, move |visit| {
        let entry = listed_or_past(visit, &name)?;
        Ok(json_of(visit, &name, entry)?)
    })
    .await
}

fn json_of(visit: &Visit, name: &str, entry: Option<&Entry>) -> Result<Value> {
    let store = visit.store();
    let habits = Habits::read(store, name)?;
    let (good, all) = habits.successes(visit.now);
    let success = RunFilter {
        notebooks: vec![name.to_owned()],
        outcomes: vec![Outcome::Succeeded],
        limit: 1,
        ..RunFilter::default()
    };
    let success = store.runs(&success)?.pop();
    let failure = page::last_failure(visit, name)?;
    let mut states = store.table_states()?;
    states.retain(|state| state.notebook.as_deref() == Some(name));
    let told = |run: Option<RunRecord>| -> Result<Option<Value>> {
        run.map(|run| Ok(looking::run_json(&run, &store.publishes_of(run.id)?))).transpose()
    };
    Ok(json!({
        "name": name,
        "settings": entry.map(|entry| settings(visit, entry)).transpose()?,
        "last_success": told(success)?,
        "last_failure": told(failure)?,
        "usual": habits.usual().map(|(median, most)| json!({
            "seconds": median.as_secs_f64(), "nine_in_ten_under_seconds": most.as_secs_f64(),
        })),
        "last_30_days": { "succeeded": good, "ended": all },
        "file_unchanged_since": habits.unchanged().map(|unchanged| json!({
            "run": unchanged.since.id,
            "started": unchanged.since.started.to_string(),
            "run_before": unchanged.before,
        })),
        "tables": states.iter().map(|state| tables::json_of(visit, state)).collect::<Vec<_>>(),
        "recent": habits.recent().iter().map(point).collect::<Vec<_>>(),
    }))
}

/// What penny.toml says of a notebook, and when it runs next for it.
fn settings(visit: &Visit, entry: &Entry) -> Result<Value> {
    let paused = visit.store().paused()?;
    let next = daemon::next_times(visit.store(), &visit.about.clock, entry, page::NEXT)?;
    Ok(json!({
        "description": entry.description,
        "file": entry.file.display().to_string(),
        "missing": entry.missing,
        "after": entry.after,
        "schedule": visit.schedule(&entry.rules.schedule),
        "on_change": entry.on_change,
        "paused": paused.holds(&entry.name),
        "next": next.iter().map(|at| at.to_string()).collect::<Vec<_>>(),
    }))
}

fn point(run: &RunPoint) -> Value {
    json!({
        "run": run.id,
        "outcome": run.outcome.map_or("running", Outcome::word),
        "started": run.started.to_string(),
        "ended": run.ended.map(|ended| ended.to_string()),
    })
}

/// How far back a trend reaches.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    period: Option<String>,
}

/// `GET /notebooks/{name}/trends`: how long it took and what it published, run by run, by day or by week.
pub async fn trends(visit: Visit, Path(name): Path<String>, Asked(reach): Asked<Reach>) -> Answer {
    answer(visit, move |visit| {
        listed_or_past(visit, &name)?;
        let period = match reach.period.as_deref() {
            None => Period::Runs,
            Some(word) => Period::of_word(word).ok_or_else(|| {
                let error = Error::usage(format!("`{word}` is no period"));
                Refusal::of_field("period", error.hint("these are: runs, month, year"))
            })?,
        };
        let trend = Trend::read(visit.store(), &name, period, visit.now, visit.zone())?;
        let mut told = json!({ "notebook": name, "period": period.word() });
        if let (Some(told), Value::Object(trend)) = (told.as_object_mut(), trend.json()) {
            told.extend(trend);
        }
        Ok(told)
    })
    .await
}

/// `GET /notebooks/{name}/parameters`: what may be given to a run of it.
pub async fn parameters(visit: Visit, Path(name): Path<String>) -> Answer {
    answer(visit, move |visit| {
        visit.workspace.config.select(std::slice::from_ref(&name)).map_err(Refusal::lost)?;
        let fields = page::entry(visit, &name).map(|entry| actions::parameters(visit, entry));
        let fields = fields.unwrap_or_default();
        Ok(json!({ "parameters": fields.iter().map(|field| field.json()).collect::<Vec<_>>() }))
    })
    .await
}

/// What penny.toml says of a notebook; nothing of one that only the history knows.
fn listed_or_past<'v>(visit: &'v Visit, name: &str) -> Result<Option<&'v Entry>, Refusal> {
    let entry = page::entry(visit, name);
    if entry.is_none() {
        let known = looking::names(visit.store(), &visit.workspace.config, &[name.to_owned()]);
        known.map_err(Refusal::unknown)?;
    }
    Ok(entry)
}
