//! The history: what ran, newest first, with filters.

mod filters;

use axum::extract::{Query, RawQuery};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use crate::error::{Error, Result};
use crate::looking;
use crate::store::{Outcome, PublishRecord, RunFilter, RunId, RunRecord, Store};
use crate::web::links;
use crate::web::look::{Page, Place, state, time};
use crate::web::visit::Visit;

use filters::{Asked, Filters};

/// So many runs are on a page.
const SHOWN: usize = 50;

/// `GET /history`
pub async fn history(visit: Visit, Query(asked): Query<Asked>) -> Response {
    visit.show(move |visit| page(visit, asked)).await
}

/// `GET /compare?run=7&run=9`: what the checkboxes of the history send.
pub async fn compare_chosen(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let chosen = query.split('&').filter_map(|pair| pair.strip_prefix("run=")?.parse().ok());
    let mut runs: Vec<RunId> = chosen.collect();
    runs.sort_unstable();
    runs.dedup();
    if let [before, after] = runs[..] {
        return Redirect::to(&format!("/compare/{before}/{after}")).into_response();
    }
    let what = visit.say(
        "Pour comparer, cochez exactement deux exécutions",
        "To compare, tick exactly two runs",
    );
    let hint = visit.say("revenez à l’historique", "go back to the history");
    let error = Error::usage(what.to_owned()).hint(hint.to_owned());
    visit.lost(error).await
}

fn page(visit: &Visit, asked: Asked) -> Result<Page> {
    let store = visit.store();
    let filters = Filters::read(visit, asked)?;
    let filter = RunFilter { limit: SHOWN + 1, ..filters.filter.clone() };
    let mut runs = store.runs(&filter)?;
    let has_more = runs.len() > SHOWN;
    runs.truncate(SHOWN);
    looking::find_cut_off(&mut runs, &visit.workspace);
    let count = store.count_runs(&RunFilter { before: None, ..filter.clone() })?;
    let newest = store.runs(&RunFilter { limit: 1, ..RunFilter::default() })?;
    let older = match (has_more, runs.last()) {
        (true, Some(last)) => Some(last.id),
        _ => filters.filter.further(newest.first().map_or(0, |run| run.id)),
    };
    let title = visit.say("Historique", "History");
    let body = html! {
        h1 { (title) }
        (filters.form(visit))
        div data-live="history" {
            div.history-head {
                (sum(visit, &filters, count))
                @if runs.len() > 1 {
                    button form="compare" {
                        (visit.say("Comparer les deux exécutions cochées", "Compare the two ticked runs"))
                    }
                }
            }
            @for wrong in &filters.wrong {
                p.state.warn { (wrong) }
            }
            @if runs.is_empty() {
                p.card { (nothing(visit, &filters)) }
            } @else {
                (list(visit, store, &runs)?)
            }
            (paging(visit, &filters, older, has_more))
        }
    };
    Ok(Page::new(title, Place::History, body))
}

/// How many runs there are.
fn sum(visit: &Visit, filters: &Filters, count: u64) -> Markup {
    let runs = visit.count(count, ["exécution", "exécutions"], ["run", "runs"]);
    html! {
        p.soft role="status" {
            (runs)
            @if filters.filter.is_bounded() {
                (visit.say(
                    " parmi les 100 000 dernières",
                    " among the last 100,000",
                ))
            }
            @if filters.is_any() {
                ". " a href="/history" { (visit.say("Tout afficher", "Show all")) }
            }
        }
    }
}

fn nothing<'a>(visit: &'a Visit, filters: &Filters) -> &'a str {
    if filters.is_any() {
        visit.say("Aucune exécution ne correspond à ces filtres.", "No run matches these filters.")
    } else {
        visit.say("Rien n’a encore été exécuté.", "Nothing has run yet.")
    }
}

fn list(visit: &Visit, store: &Store, runs: &[RunRecord]) -> Result<Markup> {
    let mut rows = Vec::with_capacity(runs.len());
    for run in runs {
        rows.push(row(visit, run, &store.publishes_of(run.id)?));
    }
    Ok(html! {
        form #compare .card method="get" action="/compare" {
            div.scroll {
                table.stack.history {
                    caption.hidden { (visit.say("Exécutions, la plus récente d’abord", "Runs, the newest first")) }
                    thead {
                        tr {
                            th scope="col" { span.hidden { (visit.say("À comparer", "To compare")) } }
                            th scope="col" { (visit.say("Issue", "Outcome")) }
                            th scope="col" { "Notebook" }
                            th scope="col" { (visit.say("Début", "Started")) }
                            th.number scope="col" { (visit.say("Durée", "Duration")) }
                            th.number scope="col" { (visit.say("Lignes publiées", "Rows published")) }
                        }
                    }
                    tbody { @for row in rows { (row) } }
                }
            }
        }
    })
}

fn row(visit: &Visit, run: &RunRecord, publishes: &[PublishRecord]) -> Markup {
    let name = format!("{} {}", visit.say("Comparer l’exécution", "Compare run"), run.id);
    let error = looking::short_error(run);
    let trigger = visit.trigger(&run.trigger);
    html! {
        tr {
            td { input type="checkbox" name="run" value=(run.id) aria-label=(name); }
            td data-label=(visit.say("Issue", "Outcome")) { (state(visit, run)) }
            th scope="row" {
                a href=(format!("/runs/{}", run.id)) { (run.notebook) }
                @if let Some(error) = error {
                    p.small.soft.cut { (visit.told(&error)) }
                }
            }
            td data-label=(visit.say("Début", "Started")) {
                span { (time(visit, run.started)) span.about { (trigger) } }
            }
            td.number data-label=(visit.say("Durée", "Duration")) {
                @if run.outcome != Some(Outcome::Skipped) { (visit.length(visit.took(run))) }
            }
            td.number data-label=(visit.say("Lignes publiées", "Rows published")) {
                (published(visit, publishes))
            }
        }
    }
}

/// What a run published: its rows, and what came and went.
fn published(visit: &Visit, publishes: &[PublishRecord]) -> Markup {
    let is_last = |index: &usize| {
        publishes[index + 1..].iter().all(|later| later.table != publishes[*index].table)
    };
    let last: Vec<&PublishRecord> =
        (0..publishes.len()).filter(is_last).map(|index| &publishes[index]).collect();
    if last.is_empty() {
        return html! {};
    }
    let rows: u64 = last.iter().map(|publish| publish.rows).sum();
    let sum = |name: &str| publishes.iter().map(|publish| publish.count(name)).sum::<u64>();
    let (written, deleted) = (sum("rows_inserted"), sum("rows_deleted"));
    let tables: Vec<&str> = last.iter().map(|publish| publish.table.as_str()).collect();
    html! {
        span title=(tables.join(", ")) {
            (visit.number(rows)) " "
            span.small.soft.aside {
                @if written + deleted == 0 {
                    (visit.say("inchangé", "unchanged"))
                } @else {
                    @if written > 0 { "+" (visit.number(written)) } " "
                    @if deleted > 0 { "−" (visit.number(deleted)) }
                }
            }
        }
    }
}

fn paging(visit: &Visit, filters: &Filters, older: Option<RunId>, has_more: bool) -> Markup {
    let older_label = match has_more {
        true => visit.say("Plus anciennes", "Older"),
        false => visit.say("Chercher plus loin", "Search further back"),
    };
    html! {
        nav.actions aria-label=(visit.say("Pages de l’historique", "Pages of the history")) {
            @if filters.filter.before.is_some() {
                a.button href=(filters.address(None)) { (visit.say("Les plus récentes", "Newest")) }
            }
            @if let Some(run) = older {
                a.button rel="next" href=(filters.address(Some(run))) { (older_label) " →" }
            }
        }
    }
}

/// The history of one day, of a notebook or of all.
pub fn of_days(notebook: &str, first: jiff::civil::Date, last: jiff::civil::Date) -> String {
    let (since, until) = (first.to_string(), last.to_string());
    links::with_query("/history", &[("notebook", notebook), ("since", &since), ("until", &until)])
}
