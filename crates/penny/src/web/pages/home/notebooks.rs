//! The list of notebooks: how each stands, how it went, when it runs next.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::Asked;
use super::gathered::Gathered;
use super::row::{Row, row};
use crate::config::Entry;
use crate::daemon;
use crate::error::Result;
use crate::folding::folded;
use crate::web::links;
use crate::web::visit::Visit;

/// More notebooks than this come in pages: a page stays below 150 kB.
const PAGE: usize = 25;
/// So many runs make the strip of a notebook.
const RUNS: usize = 20;

/// Which notebooks are wanted of all.
pub struct Wanted<'a> {
    /// What the name or the description contains.
    pub search: &'a str,
    /// Which page of them, from 1.
    pub page: usize,
    /// How many are on a page.
    pub size: usize,
    /// Whether those with a problem come first; otherwise they stand in the order of penny.toml.
    pub problems_first: bool,
}

/// The notebooks that are shown of all.
struct Shown<'a> {
    entries: Vec<&'a Entry>,
    /// How many were found.
    found: usize,
    page: usize,
    pages: usize,
}

/// The section of the notebooks.
pub fn section(visit: &Visit, asked: &Asked, gathered: &Gathered) -> Result<Markup> {
    let all = &visit.workspace.config.notebooks;
    let page = asked.page.parse().unwrap_or(1).max(1);
    let mut wanted =
        Wanted { search: &asked.q, page, size: PAGE, problems_first: all.len() > PAGE };
    let mut shown = choose(all, &wanted, gathered);
    if page > shown.pages {
        wanted.page = shown.pages;
        shown = choose(all, &wanted, gathered);
    }
    let rows = rows(visit, &shown.entries, gathered)?;
    let paused = gathered.facts.pause_of_all().is_some();
    Ok(html! {
        section.card.notebooks aria-labelledby="notebooks" {
            div.title {
                h2 #notebooks { (visit.say("Notebooks", "Notebooks")) }
                @if all.len() > PAGE { (search(visit, asked, &shown)) }
                p.actions {
                    a.button href="/run" data-dialog { (visit.say("Synchroniser…", "Sync…")) }
                    @if paused {
                        a.button href="/resume" data-dialog { (visit.say("Reprendre…", "Resume…")) }
                    } @else {
                        a.button href="/pause" data-dialog { (visit.say("Mettre en pause…", "Pause…")) }
                    }
                }
            }
            @if all.is_empty() {
                p.soft { (visit.say("penny.toml ne liste aucun notebook.", "penny.toml lists no notebook.")) }
            } @else if rows.is_empty() {
                p.soft { (visit.say("Aucun notebook ne correspond.", "No notebook matches.")) }
            } @else {
                (table(visit, &rows))
            }
            @if shown.pages > 1 { (pages(visit, asked, &shown)) }
        }
    })
}

fn table(visit: &Visit, rows: &[Row<'_>]) -> Markup {
    html! {
        table.stack {
            thead {
                tr {
                    th scope="col" { "Notebook" }
                    th scope="col" { (visit.say("État", "State")) }
                    th scope="col" { (visit.say("Dernières exécutions", "Last runs")) }
                    th scope="col" { (visit.say("Dernier succès", "Last success")) }
                    th scope="col" { (visit.say("Durée", "Duration")) }
                    th scope="col" { (visit.say("Lignes", "Rows")) }
                    th scope="col" { (visit.say("Prochaine", "Next")) }
                    th scope="col" { span.hidden { (visit.say("Lancer", "Run")) } }
                }
            }
            tbody { @for one in rows { (row(visit, one)) } }
        }
    }
}

fn rows<'a>(visit: &Visit, entries: &[&'a Entry], gathered: &'a Gathered) -> Result<Vec<Row<'a>>> {
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let pasts = visit.store().pasts(&names, RUNS)?;
    let mut coming = daemon::coming(visit.store(), &visit.about.clock, entries.iter().copied())?;
    let rows = entries.iter().zip(pasts).map(|(entry, past)| Row {
        entry,
        past,
        running: gathered.running(&entry.name),
        end: gathered.ends.get(&entry.name),
        coming: coming.remove(&entry.name),
        has_problem: gathered.has_problem(&entry.name),
    });
    Ok(rows.collect())
}

/// The notebooks of a page; none on a page after the last.
fn choose<'a>(all: &'a [Entry], wanted: &Wanted<'_>, gathered: &Gathered) -> Shown<'a> {
    let search = folded(wanted.search.trim());
    let matches = |entry: &&Entry| {
        search.is_empty()
            || folded(&entry.name).contains(&search)
            || folded(&entry.description).contains(&search)
    };
    let mut entries: Vec<&Entry> = all.iter().filter(matches).collect();
    if wanted.problems_first {
        entries.sort_by_cached_key(|entry| !gathered.has_problem(&entry.name));
    }
    let Wanted { page, size, .. } = *wanted;
    let (found, pages) = (entries.len(), entries.len().div_ceil(size).max(1));
    let before = page.saturating_sub(1).saturating_mul(size);
    let entries = entries.into_iter().skip(before).take(size).collect();
    Shown { entries, found, page, pages }
}

/// The notebooks of a page, for programs.
///
/// # Errors
/// The history cannot be read.
pub fn listed(visit: &Visit, wanted: &Wanted<'_>, gathered: &Gathered) -> Result<Value> {
    let shown = choose(&visit.workspace.config.notebooks, wanted, gathered);
    let rows = rows(visit, &shown.entries, gathered)?;
    Ok(json!({
        "matching": shown.found,
        "page": shown.page,
        "pages": shown.pages,
        "notebooks": rows.iter().map(Row::json).collect::<Vec<_>>(),
    }))
}

fn search(visit: &Visit, asked: &Asked, shown: &Shown<'_>) -> Markup {
    html! {
        form.filters method="get" action="/" data-filter role="search" {
            div {
                label.hidden for="q" { (visit.say("Chercher un notebook", "Search for a notebook")) }
                input #q type="search" name="q" value=(asked.q)
                    placeholder=(visit.say("Chercher un notebook", "Search for a notebook"));
            }
            button { (visit.say("Chercher", "Search")) }
            span.soft {
                (visit.count(shown.found as u64, ["notebook", "notebooks"], ["notebook", "notebooks"]))
            }
        }
    }
}

fn pages(visit: &Visit, asked: &Asked, shown: &Shown<'_>) -> Markup {
    let to = |page: usize| {
        format!(
            "{}#notebooks",
            links::with_query("/", &[("q", &asked.q), ("page", &page.to_string())])
        )
    };
    html! {
        nav.pages aria-label=(visit.say("Pages de notebooks", "Pages of notebooks")) {
            @if shown.page > 1 { a.button href=(to(shown.page - 1)) rel="prev" { (visit.say("Précédents", "Previous")) } }
            span.soft { "Page " (shown.page) (visit.say(" sur ", " of ")) (shown.pages) }
            @if shown.page < shown.pages { a.button href=(to(shown.page + 1)) rel="next" { (visit.say("Suivants", "Next")) } }
        }
    }
}
