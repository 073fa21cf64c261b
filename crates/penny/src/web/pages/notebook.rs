//! One notebook: how it stands, how it went, what it publishes.

mod charts;

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::tables::freshness;
use crate::config::Entry;
use crate::daemon;
use crate::error::{Error, Result};
use crate::looking::{self, Habits, Period, Trend, is_bad};
use crate::store::{Outcome, RunFilter, RunPoint, RunRecord, TableState};
use crate::web::links;
use crate::web::look::{Page, Place, strip, time, time_in_sentence};
use crate::web::visit::Visit;

use charts::Charts;

/// So many due times are told.
pub const NEXT: usize = 3;

/// What the address asks for.
#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    period: String,
}

/// `GET /notebooks/{name}`
pub async fn notebook(
    visit: Visit,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let is_listed = entry(&visit, &name).is_some();
    let known = is_listed || matches!(visit.store().last_run(&name, None), Ok(Some(_)));
    if !known {
        let what = visit.say("il n’y a pas de notebook", "there is no notebook");
        let error = Error::usage(format!("{what} `{name}`"));
        return visit.lost(error).await;
    }
    let period = Period::of_word(&asked.period).unwrap_or(Period::Runs);
    visit.show(move |visit| page(visit, &name, period)).await
}

/// What penny.toml says of it.
pub fn entry<'a>(visit: &'a Visit, name: &str) -> Option<&'a Entry> {
    visit.workspace.config.notebooks.iter().find(|entry| entry.name == name)
}

fn page(visit: &Visit, name: &str, period: Period) -> Result<Page> {
    let store = visit.store();
    let habits = Habits::read(store, name)?;
    let trend = Trend::read(store, name, period, visit.now, visit.zone())?;
    let entry = entry(visit, name);
    let tables: Vec<TableState> = store
        .table_states()?
        .into_iter()
        .filter(|table| table.notebook.as_deref() == Some(name))
        .collect();
    let charts = Charts { notebook: name, trend: &trend };
    let body = html! {
        h1.breakable { (name) }
        @if let Some(entry) = entry && !entry.description.is_empty() { p.lead { (entry.description) } }
        (standing(visit, name, entry)?)
        @if habits.is_new() {
            p.card { (visit.say("Ce notebook n’a encore jamais été exécuté.", "This notebook has never run yet.")) }
        } @else {
            div data-live="notebook" {
                (facts(visit, name, &habits))
                @if let Some(run) = last_failure(visit, name)? { (failure(visit, &run, habits.recent())) }
                @if !tables.is_empty() { (list(visit, &tables)) }
            }
            section aria-labelledby="trends" {
                h2 #trends { (visit.say("Évolution", "Trends")) }
                (periods(visit, name, period))
                div.card data-live="trends" { (charts.show(visit)) }
            }
        }
    };
    Ok(Page::new(name, Place::Elsewhere, body))
}

/// When it runs, and what can be done about it.
fn standing(visit: &Visit, name: &str, entry: Option<&Entry>) -> Result<Markup> {
    let Some(entry) = entry else {
        return Ok(html! {
            p.state.idle { (visit.say(
                "n’est plus dans penny.toml\u{a0}: seul son passé est connu",
                "is no longer in penny.toml: only its past is known",
            )) }
        });
    };
    let address = links::notebook(name);
    let store = visit.store();
    let paused = store.paused()?;
    let (is_paused, all) = (paused.holds(name), paused.all);
    let words = capital(&visit.schedule(&entry.rules.schedule));
    let next = if is_paused {
        Vec::new()
    } else {
        daemon::next_times(store, &visit.about.clock, entry, NEXT)?
    };
    let query = [("notebook", name)];
    Ok(html! {
        div data-live="standing" {
            p {
                (words)
                @if entry.on_change { (visit.say(", et quand son fichier est enregistré", ", and when its file is saved")) }
                @if let Some((first, later)) = next.split_first() {
                    (visit.say(". Prochaine exécution ", ". Next run ")) (time_in_sentence(visit, *first))
                    @if !later.is_empty() {
                        span.soft {
                            (visit.say(", puis ", ", then "))
                            @for (index, at) in later.iter().enumerate() {
                                @if index > 0 { ", " }
                                (time_in_sentence(visit, *at))
                            }
                        }
                    }
                }
                "."
            }
            @if let Some(missing) = &entry.missing { p.state.bad { (visit.told(missing.lines().next().unwrap_or_default())) } }
            @if is_paused {
                p.state.warn { (if all {
                    visit.say("tout est en pause", "everything is paused")
                } else {
                    visit.say("en pause", "paused")
                }) }
            }
            div.actions {
                a.button.primary href=(format!("{address}/run")) data-dialog { (visit.say("Exécuter maintenant…", "Run now…")) }
                @if is_paused {
                    a.button href=(links::with_query("/resume", &query)) data-dialog { (visit.say("Reprendre…", "Resume…")) }
                } @else {
                    a.button href=(links::with_query("/pause", &query)) data-dialog { (visit.say("Mettre en pause…", "Pause…")) }
                }
                a.button href=(format!("{address}/schedule")) data-dialog { (visit.say("Changer l’horaire…", "Change the schedule…")) }
                a href=(links::with_query("/history", &query)) { (visit.say("Toutes ses exécutions", "All its runs")) }
            }
        }
    })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// The strip of its last runs, and what they say.
fn facts(visit: &Visit, name: &str, habits: &Habits) -> Markup {
    let recent = habits.recent();
    let told = |run: &RunPoint| {
        let outcome = run.outcome.map_or(visit.say("en cours", "running"), |o| visit.outcome(o));
        (
            format!("/runs/{}", run.id),
            run.outcome,
            format!("{} · {outcome}", visit.on_day(run.started)),
        )
    };
    let told: Vec<_> = recent.iter().map(told).collect();
    let failed = recent.iter().filter(|run| is_bad(run.outcome)).count() as u64;
    let label = format!(
        "{}, {}",
        visit.count(
            recent.len() as u64,
            ["dernière exécution", "dernières exécutions"],
            ["last run", "last runs"]
        ),
        visit.count(failed, ["échec", "échecs"], ["failure", "failures"]),
    );
    html! {
        div.strip-row { (strip(&label, &told)) }
        dl.facts {
            @if let Some(last) = habits.last_success() {
                div {
                    dt { (visit.say("Dernière réussite", "Last success")) }
                    dd { a href=(format!("/runs/{}", last.id)) { (time(visit, last.started)) } }
                }
            }
            @if let Some((median, most)) = habits.usual() {
                div {
                    dt { (visit.say("Durée habituelle", "Usual duration")) }
                    dd { (visit.length(median)) span.small.soft.aside {
                        (visit.say("9 fois sur 10 moins de ", "9 times in 10 under ")) (visit.length(most))
                    } }
                }
            }
            (success_rate(visit, habits))
            (last_edit(visit, name, habits))
        }
    }
}

/// How many of the runs of 30 days succeeded.
fn success_rate(visit: &Visit, habits: &Habits) -> Markup {
    let (good, all) = habits.successes(visit.now);
    html! {
        @if all > 0 {
            div {
                dt { (visit.say("Réussite sur 30 jours", "Success over 30 days")) }
                dd {
                    (percent(visit, good, all))
                    span.small.soft.aside {
                        (visit.number(good as u64)) (visit.say(" sur ", " of ")) (visit.number(all as u64))
                    }
                }
            }
        }
    }
}

/// "98,3 %": 100 only when all did.
fn percent(visit: &Visit, good: usize, all: usize) -> String {
    let tenths = good * 1000 / all;
    let number = if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}{}{}", tenths / 10, visit.say(",", "."), tenths % 10)
    };
    format!("{number}{}", visit.say("\u{a0}%", "%"))
}

/// Since when the notebook's file is as it is.
fn last_edit(visit: &Visit, name: &str, habits: &Habits) -> Markup {
    html! {
        div {
            dt { (visit.say("Fichier inchangé depuis", "File unchanged since")) }
            dd {
                @match habits.unchanged() {
                    Some(unchanged) => {
                        (time(visit, unchanged.since.started))
                        @if let Some(before) = unchanged.before {
                            a.small.aside href=(format!("/compare/{before}/{}", unchanged.since.id)) {
                                (visit.say("voir ce qui a changé", "see what changed"))
                            }
                        }
                    },
                    None => {
                        a href=(links::with_query("/history", &[("notebook", name)])) {
                            (visit.say("plus de 2 000 exécutions", "more than 2,000 runs"))
                        }
                    },
                }
            }
        }
    }
}

/// The last run that failed, took too long or crashed.
///
/// # Errors
/// The history cannot be read.
pub fn last_failure(visit: &Visit, name: &str) -> Result<Option<RunRecord>> {
    let filter = RunFilter {
        notebooks: vec![name.to_owned()],
        outcomes: vec![Outcome::Failed, Outcome::TimedOut, Outcome::Crashed],
        limit: 1,
        ..RunFilter::default()
    };
    Ok(visit.store().runs(&filter)?.pop())
}

/// The last failure; loud only while it is the last word.
fn failure(visit: &Visit, run: &RunRecord, recent: &[RunPoint]) -> Markup {
    let later = recent.iter().filter(|point| point.id > run.id);
    let is_over = later.into_iter().any(|point| point.outcome == Some(Outcome::Succeeded));
    let text = looking::short_error(run);
    let class = if is_over { "card banner" } else { "card banner bad" };
    html! {
        section class=(class) aria-labelledby="error" {
            h2 #error {
                (visit.say("Dernier échec", "Last failure")) ", " (time(visit, run.started))
                @if is_over { span.soft { (visit.say(" (réussie depuis)", " (succeeded since)")) } }
            }
            @if let Some(text) = text { p { (visit.told(&text)) } }
            p.actions {
                a.button href=(format!("/runs/{}", run.id)) { (visit.say("Voir l’exécution", "See the run")) }
            }
        }
    }
}

fn list(visit: &Visit, tables: &[TableState]) -> Markup {
    html! {
        h2 { (visit.say("Ses tables", "Its tables")) }
        div.card {
            table.stack {
                thead {
                    tr {
                        th scope="col" { "Table" }
                        th scope="col" { (visit.say("Publiée", "Published")) }
                        th.number scope="col" { (visit.say("Lignes", "Rows")) }
                    }
                }
                tbody {
                    @for table in tables {
                        tr {
                            th scope="row" { a href=(links::table(&table.table)) { (table.table) } }
                            td data-label=(visit.say("Publiée", "Published")) { span { (freshness(visit, table)) } }
                            td.number data-label=(visit.say("Lignes", "Rows")) { (visit.number(table.rows)) }
                        }
                    }
                }
            }
        }
    }
}

/// The choice of a period.
fn periods(visit: &Visit, name: &str, chosen: Period) -> Markup {
    let label = |period: Period| match period {
        Period::Runs => visit.say("60 dernières exécutions", "last 60 runs"),
        Period::Month => visit.say("30 jours", "30 days"),
        Period::Year => visit.say("un an", "one year"),
    };
    html! {
        form.filters method="get" action=(links::notebook(name)) data-filter {
            div {
                label for="period" { (visit.say("Période", "Period")) }
                select #period name="period" {
                    @for period in Period::ALL {
                        option value=(period.word()) selected[period == chosen] { (label(period)) }
                    }
                }
            }
            button { (visit.say("Montrer", "Show")) }
        }
    }
}
