//! A sync now: of one notebook with its parameters, of several, of all.

use axum::extract::{Form, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use penny_notebook::Parameters;

use super::fields::{self, Field};
use super::sent::Sent;
use super::{ask as ask_service, buttons, lead_to_sync, no_notebook, tell};
use crate::config::Entry;
use crate::error::Result;
use crate::folding::folded;
use crate::store::{Asked, Outcome, RunFilter};
use crate::web::links;
use crate::web::look::{Page, Place};
use crate::web::schedule_words::DASHBOARD;
use crate::web::visit::Visit;

/// No more notebooks than this are listed to choose from; a search finds the others.
const LISTED_MAX: usize = 200;

/// `GET /notebooks/{name}/run`
pub async fn one(visit: Visit, Path(name): Path<String>) -> Response {
    let Some(entry) = entry(&visit, &name) else { return no_notebook(visit, &name).await };
    visit
        .show(move |visit| {
            let fields = fields::read(visit, &entry);
            page_of_one(visit, &entry, &fields, StatusCode::OK)
        })
        .await
}

/// `GET /run?notebook=…`
pub async fn many(visit: Visit, Query(sent): Query<Vec<(String, String)>>) -> Response {
    visit.show(move |visit| Ok(page_of_many(visit, &Sent(sent), None))).await
}

/// `POST /run`
pub async fn ask(visit: Visit, Form(sent): Form<Vec<(String, String)>>) -> Response {
    let sent = Sent(sent);
    let names = match sent.find("all") {
        Some(_) => Vec::new(),
        None => sent.all("notebook"),
    };
    if sent.find("all").is_none() && names.is_empty() {
        let why = visit.say("Choisissez au moins un notebook.", "Choose at least one notebook.");
        let why = why.to_owned();
        return visit.show(move |visit| Ok(page_of_many(visit, &sent, Some(why)))).await;
    }
    if let Some(unknown) = names.iter().find(|name| entry(&visit, name).is_none()) {
        let unknown = unknown.clone();
        return no_notebook(visit, &unknown).await;
    }
    let mut parameters = Parameters::new();
    if let [name] = names.as_slice()
        && let Some(entry) = entry(&visit, name)
    {
        let mut fields = fields::read(&visit, &entry);
        parameters = fields::take(&visit, &mut fields, &sent);
        if fields::are_wrong(&fields) {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return visit.show(move |visit| page_of_one(visit, &entry, &fields, status)).await;
        }
    }
    let answer = ask_service(&visit.about, Asked::Run, names.clone(), parameters, DASHBOARD).await;
    lead_to_sync(visit, answer, &names).await
}

/// A notebook of penny.toml.
pub fn entry(visit: &Visit, name: &str) -> Option<Entry> {
    visit.workspace.config.notebooks.iter().find(|entry| entry.name == name).cloned()
}

fn page_of_one(visit: &Visit, entry: &Entry, fields: &[Field], status: StatusCode) -> Result<Page> {
    let name = &entry.name;
    let title = tell(visit, format!("Lancer {name}"), format!("Run {name}"));
    let body = html! {
        h1 { (title) }
        @if !entry.description.is_empty() { p.soft { (entry.description) } }
        (cost(visit, name)?)
        (circumstances(visit, entry)?)
        form method="post" action="/run" {
            (visit.proof())
            input type="hidden" name="notebook" value=(name);
            @if !fields.is_empty() {
                h2 { (visit.say("Paramètres, pour cette exécution seulement", "Parameters, for this run alone")) }
                @for field in fields { (field.shown(visit)) }
            }
            (buttons(visit, visit.say("Lancer maintenant", "Run now"), "primary", &links::notebook(name)))
        }
    };
    Ok(Page { status, ..Page::new(title, Place::Elsewhere, body) })
}

/// How long it took last time, and which tables it replaced.
pub fn cost(visit: &Visit, name: &str) -> Result<Markup> {
    let filter = RunFilter {
        notebooks: vec![name.to_owned()],
        outcomes: vec![Outcome::Succeeded],
        limit: 1,
        ..RunFilter::default()
    };
    let Some(last) = visit.store().runs(&filter)?.into_iter().next() else {
        return Ok(
            html! { p { (visit.say("Il n’a encore jamais réussi.", "It has never succeeded yet.")) } },
        );
    };
    let tables = visit.store().published_by(last.id)?;
    Ok(html! {
        p {
            (visit.say("La dernière fois\u{a0}: ", "Last time: ")) strong { (visit.length(visit.took(&last))) }
            " (" (visit.on_day(last.started)) ")."
        }
        @if !tables.is_empty() {
            p {
                (visit.say("Tables remplacées\u{a0}: ", "Tables that are replaced: "))
                @for (index, table) in tables.iter().enumerate() {
                    @if index > 0 { ", " }
                    code { (table.table) } " ("
                    (visit.count(table.rows, ["ligne", "lignes"], ["row", "rows"])) ")"
                }
                (visit.say(
                    ". Elles gardent leur version d’avant jusqu’à ce que la nouvelle soit entière.",
                    ". They keep their present version until the new one is whole."))
            }
        }
    })
}

/// What it should be known of a notebook before it is run.
fn circumstances(visit: &Visit, entry: &Entry) -> Result<Markup> {
    let name = &entry.name;
    let runs = visit.about.live.borrow().running.iter().any(|running| running.notebook == *name);
    let is_paused = visit.store().paused()?.holds(name);
    Ok(html! {
        @if runs { p.card.banner.warn { (visit.say(
            "Il s’exécute en ce moment\u{a0}: la nouvelle exécution commencera quand celle-ci sera terminée.",
            "It runs at this moment: the new run begins when that one has ended.")) } }
        @if is_paused { p.soft { (visit.say(
            "Il est en pause\u{a0}: il s’exécute quand même, cette fois.",
            "It is paused: it runs all the same, this once.")) } }
        @if let Some(missing) = &entry.missing { p.card.banner.bad { (visit.told(missing.lines().next().unwrap_or_default())) } }
    })
}

fn page_of_many(visit: &Visit, sent: &Sent, error: Option<String>) -> Page {
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = visit.say("Synchroniser", "Sync");
    let (chosen, search) = (sent.all("notebook"), folded(sent.text("q")));
    let notebooks = &visit.workspace.config.notebooks;
    let fits = |entry: &&Entry| {
        let text = folded(&format!("{} {}", entry.name, entry.description));
        search.is_empty() || text.contains(&search) || chosen.contains(&entry.name)
    };
    let found: Vec<&Entry> = notebooks.iter().filter(fits).collect();
    let all =
        visit.count(notebooks.len() as u64, ["notebook", "notebooks"], ["notebook", "notebooks"]);
    let body = html! {
        h1 { (title) }
        p { (visit.say(
            "Tous les notebooks s’exécutent maintenant, ou ceux que vous choisissez, dans l’ordre de leurs dépendances. Leurs tables gardent leur version d’avant jusqu’à ce que la nouvelle soit entière.",
            "All notebooks run now, or those that you choose, in the order of what they come after. Their tables keep their present version until the new one is whole.")) }
        @if notebooks.len() > LISTED_MAX {
            form.filters method="get" action="/run" {
                div { label for="q" { (visit.say("Chercher", "Search")) } input #q name="q" type="search" value=(sent.text("q")); }
                button { (visit.say("Chercher", "Search")) }
            }
        }
        form method="post" action="/run" {
            (visit.proof())
            fieldset aria-describedby=[error.as_ref().map(|_| "choice-error")] {
                legend { (visit.say("Notebooks", "Notebooks")) }
                div.field { @if let Some(error) = &error { p.error #choice-error { (error) } } }
                @for entry in found.iter().take(LISTED_MAX) {
                    div {
                        label {
                            input type="checkbox" name="notebook" value=(entry.name) checked[chosen.contains(&entry.name)];
                            " " (entry.name)
                        }
                        @if !entry.description.is_empty() { " " span.soft { (entry.description) } }
                    }
                }
                @if found.len() > LISTED_MAX { p.soft { (visit.say(
                    "La liste est longue\u{a0}: cherchez les autres par leur nom.",
                    "The list is long: search for the others by name.")) } }
            }
            div.actions {
                button.primary name="all" value="1" { (visit.say("Tout synchroniser", "Sync all")) " (" (all) ")" }
                button { (visit.say("Lancer les notebooks choisis", "Run the chosen notebooks")) }
                a.button href="/" data-close { (visit.say("Ne rien faire", "Do nothing")) }
            }
        }
    };
    Page { status, ..Page::new(title, Place::Elsewhere, body) }
}
