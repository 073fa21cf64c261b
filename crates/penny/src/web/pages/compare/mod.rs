//! Two runs side by side: what changed in the notebook, in what it showed, in the packages and in the data.

mod notebooks;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::run::{found, none, others, select};
use super::table_change::table_change;
use crate::error::{Error, Result};
use crate::looking::{self, Comparison, Notebooks};
use crate::store::RunRecord;
use crate::web::links;
use crate::web::look::{Page, Place, state, time};
use crate::web::visit::Visit;

/// So many packages are listed.
const PACKAGES_MAX: usize = 200;

/// `GET /compare/{a}/{b}`
pub async fn compare(visit: Visit, Path((one, other)): Path<(String, String)>) -> Response {
    let seat = visit.about.notebooks.seat().await;
    let made = visit.show(move |visit| {
        let _seat = seat;
        page(visit, &one, &other)
    });
    made.await
}

fn page(visit: &Visit, one: &str, other: &str) -> Result<Page> {
    let Some(first) = found(visit, one)? else { return Ok(none(visit, one)) };
    let Some(second) = found(visit, other)? else { return Ok(none(visit, other)) };
    if first.id == second.id {
        let what = visit.say(
            "une exécution ne se compare pas à elle-même",
            "a run is not compared with itself",
        );
        let hint = visit.say("choisissez-en deux", "choose two");
        let error = Error::usage(what).hint(hint);
        return Ok(Page::of_words(visit, StatusCode::BAD_REQUEST, &error));
    }
    let comparison = looking::compare(visit.store(), &visit.workspace, first, second, visit.now)?;
    let (before, after) = (&comparison.before, &comparison.after);
    let title = format!("{} {} → {}", visit.say("Comparaison", "Comparison"), before.id, after.id);
    let body = html! {
        nav.trail aria-label=(visit.say("Fil d’Ariane", "Breadcrumb")) {
            a href="/history" { (visit.say("Historique", "History")) }
            " › "
            a href=(links::notebook(&after.notebook)) { (after.notebook) }
        }
        h1 { (visit.say("Ce qui a changé", "What changed")) }
        (sides(visit, &comparison))
        (summary(visit, &comparison))
        (data(visit, &comparison))
        (notebooks::sources(visit, &comparison))
        (notebooks::outputs(visit, &comparison))
        (packages(visit, &comparison))
        (choose(visit, &comparison)?)
    };
    Ok(Page::new(title, Place::History, body).with_notebooks())
}

/// The two runs.
fn sides(visit: &Visit, comparison: &Comparison) -> Markup {
    let side = |label: &str, run: &RunRecord| {
        html! {
            div.card {
                p.soft.small { (label) }
                p { a href=(format!("/runs/{}", run.id)) { strong { (run.notebook) } " " (visit.say("n° ", "no. ")) (run.id) } }
                p.run-line { (state(visit, run)) span { (time(visit, run.started)) }
                    @if run.ended.is_some() { span { (visit.length(visit.took(run))) } } }
            }
        }
    };
    let is_other = comparison.before.notebook != comparison.after.notebook;
    html! {
        div.sides {
            (side(visit.say("Avant", "Before"), &comparison.before))
            span.arrow aria-hidden="true" { "→" }
            (side(visit.say("Après", "After"), &comparison.after))
        }
        @if is_other {
            p.card.banner.warn { (visit.say(
                "Ce sont deux notebooks différents\u{a0}: presque tout y diffère.",
                "These are two different notebooks: nearly everything in them differs.")) }
        }
    }
}

/// The whole in a line, with where each part is told.
fn summary(visit: &Visit, comparison: &Comparison) -> Markup {
    let tables = comparison.tables.iter().filter(|table| table.is_changed()).count() as u64;
    let mut parts = vec![(
        "#data",
        visit.count(
            tables,
            ["table modifiée", "tables modifiées"],
            ["table changed", "tables changed"],
        ),
    )];
    if matches!(comparison.notebooks, Notebooks::Compared(_)) {
        let cells = comparison.changed_sources().len() as u64;
        let outputs = comparison.changed_outputs().len() as u64;
        let french = ["cellule modifiée", "cellules modifiées"];
        parts.push(("#source", visit.count(cells, french, ["cell changed", "cells changed"])));
        let french = ["résultat différent", "résultats différents"];
        let english = ["output differs", "outputs differ"];
        parts.push(("#outputs", visit.count(outputs, french, english)));
    }
    if let Some(packages) = &comparison.packages {
        let french = ["paquet changé", "paquets changés"];
        let english = ["package changed", "packages changed"];
        parts.push(("#packages", visit.count(packages.len() as u64, french, english)));
    }
    html! {
        p.run-line.parts { @for (address, text) in &parts { a href=(address) { (text) } } }
    }
}

/// The tables, each with its rows and totals.
fn data(visit: &Visit, comparison: &Comparison) -> Markup {
    let (changed, same): (Vec<_>, Vec<_>) =
        comparison.tables.iter().partition(|table| table.is_changed());
    html! {
        section aria-labelledby="data" {
            h2 id="data" { (visit.say("Données", "Data")) }
            @if comparison.tables.is_empty() {
                p.soft { (visit.say("Aucune des deux n’a publié de table.", "Neither run published a table.")) }
            }
            @for table in changed {
                div.card {
                    h3 { a href=(links::table(&table.table)) { (table.table) } }
                    (table_change(visit, table))
                    @if table.publishes_of_others > 0 {
                        p.soft.small {
                            (visit.count(table.publishes_of_others as u64, ["publication", "publications"], ["publish", "publishes"]))
                            (visit.say(" d’autres exécutions ou à la main y sont comprises.", " by other runs or by hand are in it."))
                        }
                    }
                }
            }
            @if !same.is_empty() {
                ul.plain { @for table in same {
                    li {
                        a href=(links::table(&table.table)) { (table.table) } "\u{a0}: "
                        (visit.count(table.after.as_ref().map_or(0, |side| side.rows), ["ligne", "lignes"], ["row", "rows"]))
                        (visit.say(", inchangée", ", unchanged"))
                    }
                } }
            }
        }
    }
}

fn packages(visit: &Visit, comparison: &Comparison) -> Markup {
    let version = |version: &Option<String>| version.clone().unwrap_or_else(|| "–".to_owned());
    html! {
        section aria-labelledby="packages" {
            h2 id="packages" { (visit.say("Paquets Python", "Python packages")) }
            @match &comparison.packages {
                None => p.soft { (visit.say("L’historique ne sait pas ce qui était installé.", "The history does not know what was installed.")) },
                Some(packages) if packages.is_empty() => p.soft { (visit.say("Les mêmes.", "The same.")) },
                Some(packages) => {
                    div.card { table {
                        thead { tr {
                            th scope="col" { (visit.say("Paquet", "Package")) }
                            th scope="col" { (visit.say("Avant", "Before")) }
                            th scope="col" { (visit.say("Après", "After")) }
                        } }
                        tbody { @for package in packages.iter().take(PACKAGES_MAX) { tr {
                            th scope="row" { (package.name) }
                            td { (version(&package.before)) }
                            td { (version(&package.after)) }
                        } } }
                    } }
                    @if packages.len() > PACKAGES_MAX {
                        p.more { "… " (visit.count((packages.len() - PACKAGES_MAX) as u64, ["autre", "autres"], ["more", "more"])) }
                    }
                }
            }
        }
    }
}

/// Other runs to compare.
fn choose(visit: &Visit, comparison: &Comparison) -> Result<Markup> {
    let runs = |run: &RunRecord| -> Result<Vec<RunRecord>> {
        let mut runs = others(visit, run)?;
        runs.push(run.clone());
        runs.sort_by_key(|run| std::cmp::Reverse(run.id));
        Ok(runs)
    };
    let (before, after) = (&comparison.before, &comparison.after);
    Ok(html! {
        section aria-labelledby="other-runs" {
            h2 id="other-runs" { (visit.say("Comparer d’autres exécutions", "Compare other runs")) }
            form.filters method="get" action="/compare" {
                div {
                    label for="before" { (visit.say("Avant", "Before")) }
                    (select(visit, "before", "run", &runs(before)?, Some(before.id)))
                }
                div {
                    label for="after" { (visit.say("Après", "After")) }
                    (select(visit, "after", "run", &runs(after)?, Some(after.id)))
                }
                button { (visit.say("Comparer", "Compare")) }
            }
        }
    })
}
