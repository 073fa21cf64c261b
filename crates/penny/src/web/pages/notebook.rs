//! One notebook: how it stands, how it went, what it publishes.

mod charts;
mod trends;

use axum::extract::{Path, Query};
use axum::response::Response;
use jiff::{Timestamp, ToSpan as _};
use maud::{Markup, html};
use penny_schedule::{Event, Now, Pauses, Timetable};
use serde::Deserialize;

use super::tables::freshness;
use crate::config::Entry;
use crate::error::{Error, Result};
use crate::language;
use crate::looking;
use crate::store::{Outcome, RunFilter, RunPoint, RunRecord, TableState};
use crate::web::links;
use crate::web::look::{Page, Place, strip, time};
use crate::web::visit::Visit;

use charts::Charts;
use trends::Period;

/// So many runs are on the strip, and tell how long the notebook usually takes.
const RECENT: usize = 60;
/// So many are looked at for the last edit and the share of successes.
const LOOKED_AT: usize = 2000;
/// More runs than this are not drawn: a year of one every half an hour.
const DRAWN_MAX: usize = 20_000;
/// So many due times are told.
const NEXT: usize = 3;

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
    visit.show(move |visit| page(visit, &name, Period::of_word(&asked.period))).await
}

fn entry<'a>(visit: &'a Visit, name: &str) -> Option<&'a Entry> {
    visit.workspace.config.notebooks.iter().find(|entry| entry.name == name)
}

fn page(visit: &Visit, name: &str, period: Period) -> Result<Page> {
    let store = visit.store();
    let runs = store.run_points(name, None, LOOKED_AT)?;
    let recent = &runs[runs.len().saturating_sub(RECENT)..];
    let drawn = drawn(visit, name, period, recent)?;
    let rows = match drawn.first() {
        Some(first) => store.rows_points(name, first.id)?,
        None => Vec::new(),
    };
    let entry = entry(visit, name);
    let tables: Vec<TableState> = store
        .table_states()?
        .into_iter()
        .filter(|table| table.notebook.as_deref() == Some(name))
        .collect();
    let charts = Charts { notebook: name, period, runs: &drawn, rows: &rows };
    let body = html! {
        h1.breakable { (name) }
        @if let Some(entry) = entry && !entry.description.is_empty() { p.lead { (entry.description) } }
        (standing(visit, name, entry)?)
        @if runs.is_empty() {
            p.card { (visit.say("Ce notebook n’a encore jamais été exécuté.", "This notebook has never run yet.")) }
        } @else {
            div data-live="notebook" {
                (facts(visit, name, &runs, recent))
                @if let Some(run) = last_error(visit, name)? { (error(visit, &run, recent)) }
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

/// The runs of a period.
fn drawn(visit: &Visit, name: &str, period: Period, recent: &[RunPoint]) -> Result<Vec<RunPoint>> {
    let today = visit.now.to_zoned(visit.zone().clone()).date();
    let Some(first) = period.first_day(today) else { return Ok(recent.to_vec()) };
    let since = first.to_zoned(visit.zone().clone()).ok().map(|zoned| zoned.timestamp());
    visit.store().run_points(name, since, DRAWN_MAX)
}

/// When it runs, and what can be done about it.
fn standing(visit: &Visit, name: &str, entry: Option<&Entry>) -> Result<Markup> {
    let Some(entry) = entry else {
        return Ok(html! {
            p.state.idle { (visit.say(
                "n’est plus dans penny.toml : seul son passé est connu",
                "is no longer in penny.toml: only its past is known",
            )) }
        });
    };
    let address = links::notebook(name);
    let paused = visit.store().paused()?;
    let (is_paused, all) = (paused.holds(name), paused.all);
    let words = capital(&visit.schedule(&entry.rules.schedule));
    let next = if is_paused { Vec::new() } else { next_times(visit, entry)? };
    let query = [("notebook", name)];
    Ok(html! {
        div data-live="standing" {
            p {
                (words)
                @if entry.on_change { (visit.say(", et quand son fichier est enregistré", ", and when its file is saved")) }
                @if let Some((first, later)) = next.split_first() {
                    (visit.say(". Prochaine exécution ", ". Next run ")) (time(visit, *first))
                    @if !later.is_empty() {
                        span.soft {
                            (visit.say(", puis ", ", then "))
                            @for (index, at) in later.iter().enumerate() {
                                @if index > 0 { ", " }
                                (time(visit, *at))
                            }
                        }
                    }
                }
                "."
            }
            @if let Some(missing) = &entry.missing { p.state.bad { (missing.lines().next().unwrap_or_default()) } }
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

/// When it is due next, by the same timetable as the service's.
fn next_times(visit: &Visit, entry: &Entry) -> Result<Vec<Timestamp>> {
    let now = Now { wall: visit.now, running: visit.about.clock.running() };
    let last = visit.store().last_due(&entry.name)?;
    let mut timetable = Timetable::new(vec![(entry.name.clone(), entry.rules.clone(), last)], now);
    timetable.step(now, Event::Paused(Pauses::default()));
    let rules = &entry.rules;
    let first = timetable.next_times().next().map(|standing| standing.next);
    let times = std::iter::successors(first, |at| Some(rules.schedule.next(*at, &rules.zone)));
    Ok(times.take_while(|at| *at < Timestamp::MAX).take(NEXT).collect())
}

/// The strip of its last runs, and what they say.
fn facts(visit: &Visit, name: &str, runs: &[RunPoint], recent: &[RunPoint]) -> Markup {
    let told = |run: &RunPoint| {
        let outcome = run.outcome.map_or(visit.say("en cours", "running"), |o| visit.outcome(o));
        (
            format!("/runs/{}", run.id),
            run.outcome,
            format!("{} · {outcome}", visit.on_day(run.started)),
        )
    };
    let told: Vec<_> = recent.iter().map(told).collect();
    let failed = recent.iter().filter(|run| trends::is_bad(run.outcome)).count() as u64;
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
            @if let Some(last) = runs.iter().rev().find(|run| run.outcome == Some(Outcome::Succeeded)) {
                div {
                    dt { (visit.say("Dernière réussite", "Last success")) }
                    dd { a href=(format!("/runs/{}", last.id)) { (time(visit, last.started)) } }
                }
            }
            @if let Some((median, most)) = trends::usual(recent) {
                div {
                    dt { (visit.say("Durée habituelle", "Usual duration")) }
                    dd { (visit.length(median)) span.small.soft.aside {
                        (visit.say("9 fois sur 10 moins de ", "9 times in 10 under ")) (visit.length(most))
                    } }
                }
            }
            (success_rate(visit, runs))
            (last_edit(visit, name, runs))
        }
    }
}

/// How many of the runs of 30 days succeeded.
fn success_rate(visit: &Visit, runs: &[RunPoint]) -> Markup {
    let since = visit.now.saturating_sub((30 * 24).hours()).unwrap_or(Timestamp::MIN);
    let ended = runs.iter().filter(|run| run.started >= since);
    let ended =
        ended.filter(|run| run.outcome == Some(Outcome::Succeeded) || trends::is_bad(run.outcome));
    let ended: Vec<&RunPoint> = ended.collect();
    let good = ended.iter().filter(|run| run.outcome == Some(Outcome::Succeeded)).count();
    html! {
        @if !ended.is_empty() {
            div {
                dt { (visit.say("Réussite sur 30 jours", "Success over 30 days")) }
                dd {
                    (percent(visit, good, ended.len()))
                    span.small.soft.aside {
                        (visit.number(good as u64)) (visit.say(" sur ", " of ")) (visit.number(ended.len() as u64))
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
fn last_edit(visit: &Visit, name: &str, runs: &[RunPoint]) -> Markup {
    let edits = trends::edits(runs);
    let edit = edits.last().and_then(|id| runs.iter().find(|run| run.id == *id));
    let since = edit.or_else(|| runs.first().filter(|_| runs.len() < LOOKED_AT));
    html! {
        div {
            dt { (visit.say("Fichier inchangé depuis", "File unchanged since")) }
            dd {
                @match since {
                    Some(run) => {
                        (time(visit, run.started))
                        @if edit.is_some() && let Some(before) = runs.iter().rev().find(|before| before.id < run.id) {
                            a.small.aside href=(format!("/compare/{}/{}", before.id, run.id)) {
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

fn last_error(visit: &Visit, name: &str) -> Result<Option<RunRecord>> {
    let filter = RunFilter {
        notebooks: vec![name.to_owned()],
        outcomes: vec![Outcome::Failed, Outcome::TimedOut, Outcome::Crashed],
        limit: 1,
        ..RunFilter::default()
    };
    Ok(visit.store().runs(&filter)?.pop())
}

/// The last failure; loud only while it is the last word.
fn error(visit: &Visit, run: &RunRecord, recent: &[RunPoint]) -> Markup {
    let later = recent.iter().filter(|point| point.id > run.id);
    let is_over = later.into_iter().any(|point| point.outcome == Some(Outcome::Succeeded));
    let text = looking::short_error(run).map(|error| language::sentence(&error, visit.language));
    let class = if is_over { "card banner" } else { "card banner bad" };
    html! {
        section class=(class) aria-labelledby="error" {
            h2 #error {
                (visit.say("Dernier échec", "Last failure")) ", " (time(visit, run.started))
                @if is_over { span.soft { (visit.say(" (réussie depuis)", " (succeeded since)")) } }
            }
            @if let Some(text) = text { p { (visit.workspace.secrets.mask(&text)) } }
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
            button data-without-script { (visit.say("Montrer", "Show")) }
        }
    }
}
