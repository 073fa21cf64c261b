//! One table: its first rows, its columns, who wrote it.

mod first_rows;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::tables::{freshness, notebook, unreachable};
use crate::error::{Error, Result};
use crate::store::{TablePublish, TableState};
use crate::web::links;
use crate::web::look::{Page, Place, time};
use crate::web::tables::{self, Reader, Relation, Sample};
use crate::web::visit::Visit;

/// So many publishes are listed.
pub const PUBLISHES: usize = 30;

/// What the server has of the table: nothing when it is not there.
type Seen = std::result::Result<Option<(Relation, std::result::Result<Sample, String>)>, String>;

/// `GET /tables/{schema.table}`
pub async fn table(visit: Visit, Path(name): Path<String>) -> Response {
    let state = match state(&visit, &name) {
        Ok(state) => state,
        Err(error) => return visit.show(move |_| Err(error)).await,
    };
    let seen = look(&visit, &name, state.as_ref()).await;
    if state.is_none() && matches!(seen, Ok(None)) {
        let error = no_such_table(&visit, &name);
        return visit.lost(error).await;
    }
    visit.show(move |visit| page(visit, &name, state.as_ref(), &seen)).await
}

/// `GET /tables/{schema.table}/csv`
pub async fn csv(visit: Visit, Path(name): Path<String>) -> Response {
    match whole_table(&visit, &name).await {
        Ok(Some(file)) => file,
        Ok(None) => {
            let error = no_such_table(&visit, &name);
            visit.lost(error).await
        }
        Err(why) => unreadable(visit, why).await,
    }
}

/// That the file cannot be made now, on a page that leads back.
async fn unreadable(visit: Visit, why: String) -> Response {
    let shown = visit.show(move |visit| {
        let title = visit.say("La table ne peut pas être lue", "The table cannot be read");
        let body = html! {
            h1 { (title) }
            p { (visit.told(&why)) }
            p { a.button href="/tables" { (visit.say("Toutes les tables", "All tables")) } }
        };
        let page = Page::new(title, Place::Tables, body);
        Ok(Page { status: StatusCode::SERVICE_UNAVAILABLE, ..page })
    });
    shown.await
}

/// The whole table as a file; nothing when it is not there.
///
/// # Errors
/// Why it cannot be read, in a sentence without a secret.
pub async fn whole_table(
    visit: &Visit,
    name: &str,
) -> std::result::Result<Option<Response>, String> {
    let reading = async {
        let is_published = state(visit, name)?.is_some();
        let reader = Reader::open(visit).await?;
        match reader.relation(name, is_published).await? {
            Some(relation) => Ok(Some(tables::download(reader, &relation, visit.language).await?)),
            None => Ok(None),
        }
    };
    tables::within(visit, reading).await
}

/// That a table is neither published nor in the schema.
pub fn no_such_table(visit: &Visit, name: &str) -> Error {
    let what = visit.say("il n’y a pas de table", "there is no table");
    let hint = visit.say(
        "la page Tables montre celles qui ont été publiées, et celles du schéma",
        "the page Tables shows those that were published, and those of the schema",
    );
    Error::usage(format!("{what} `{name}`")).hint(hint.to_owned())
}

/// What the history knows of a table.
///
/// # Errors
/// The history cannot be read.
pub fn state(visit: &Visit, name: &str) -> Result<Option<TableState>> {
    Ok(visit.store().table_states()?.into_iter().find(|state| state.table == name))
}

async fn look(visit: &Visit, name: &str, state: Option<&TableState>) -> Seen {
    let reading = async {
        let reader = Reader::open(visit).await?;
        let Some(relation) = reader.relation(name, state.is_some()).await? else { return Ok(None) };
        Ok(Some((reader, relation)))
    };
    let Some((reader, relation)) = tables::within(visit, reading).await? else { return Ok(None) };
    let rows = state.map(|state| state.rows);
    let sample = tables::within(visit, reader.sample(&relation, rows, visit.language)).await;
    Ok(Some((relation, sample)))
}

fn page(visit: &Visit, name: &str, state: Option<&TableState>, seen: &Seen) -> Result<Page> {
    let publishes = visit.store().publishes_of_table(name, PUBLISHES)?;
    let body = html! {
        p.small { a href="/tables" { "← Tables" } }
        h1.breakable { (name) }
        @match seen {
            Err(why) => (unreachable(visit, why)),
            Ok(None) => p.card.banner.bad { (visit.say(
                "Cette table a été publiée, mais elle n’est plus dans PostgreSQL. La prochaine exécution du notebook la refera.",
                "This table was published, but is no longer in PostgreSQL. The next run of the notebook makes it again.",
            )) },
            Ok(Some(_)) => {},
        }
        (facts(visit, state, seen, publishes.first()))
        (actions(visit, name, state.is_some(), seen))
        @if let Ok(Some((relation, sample))) = seen {
            @match sample {
                Ok(sample) => (first_rows::sections(visit, sample, relation.rows)),
                Err(why) => (unreachable(visit, why)),
            }
        }
        @if !publishes.is_empty() { (history(visit, &publishes)) }
    };
    Ok(Page::new(name, Place::Tables, body))
}

/// What is known at a glance.
fn facts(
    visit: &Visit,
    state: Option<&TableState>,
    seen: &Seen,
    last: Option<&TablePublish>,
) -> Markup {
    let relation = seen.as_ref().ok().and_then(Option::as_ref);
    let counted = relation.and_then(|(_, sample)| sample.as_ref().ok()?.counted);
    let rows = counted.or(state.map(|state| state.rows));
    let about = relation.and_then(|(relation, _)| relation.rows);
    let columns = relation.and_then(|(_, sample)| Some(sample.as_ref().ok()?.columns_all));
    html! {
        dl.facts data-live="table" {
            @if let Some(state) = state {
                div { dt { (visit.say("Publiée", "Published")) } dd { (freshness(visit, state)) } }
                div { dt { "Notebook" } dd { (notebook(visit, state)) } }
            }
            @if let Some((run, _)) = last.and_then(|publish| publish.run.as_ref()) {
                div {
                    dt { (visit.say("Exécution", "Run")) }
                    dd { a href=(format!("/runs/{run}")) { (visit.say("nº ", "no. ")) (run) } }
                }
            }
            @if let Some(rows) = rows {
                div { dt { (visit.say("Lignes", "Rows")) } dd { (visit.number(rows)) } }
            } @else if let Some(rows) = about {
                div { dt { (visit.say("Lignes, environ", "Rows, about")) } dd { (visit.number(rows)) } }
            }
            @if let Some(columns) = columns {
                div { dt { (visit.say("Colonnes", "Columns")) } dd { (visit.number(columns as u64)) } }
            }
            @if let Some((relation, _)) = relation && !relation.is_view {
                div { dt { (visit.say("Taille", "Size")) } dd { (visit.size(relation.bytes)) } }
            }
        }
    }
}

fn actions(visit: &Visit, name: &str, is_published: bool, seen: &Seen) -> Markup {
    let address = links::table(name);
    let is_readable = matches!(seen, Ok(Some((relation, _))) if relation.is_readable);
    html! {
        div.actions {
            @if is_published {
                a.button href=(format!("{address}/changes")) {
                    (visit.say("Ce qui a changé entre deux dates", "What changed between two dates"))
                }
            }
            @if is_readable {
                a.button href=(format!("{address}/csv")) download {
                    (visit.say("Télécharger en CSV (Excel)", "Download as CSV (Excel)"))
                }
            }
            a.button href="/powerbi" { (visit.say("Connecter Power BI", "Connect Power BI")) }
        }
    }
}

/// Who published it, the newest first.
fn history(visit: &Visit, publishes: &[TablePublish]) -> Markup {
    html! {
        section aria-labelledby="publishes" {
            h2 #publishes { (visit.say("Dernières publications", "Last publishes")) }
            div.card data-live="publishes" {
                div.scroll tabindex="0" {
                    table.stack {
                        thead {
                            tr {
                                th scope="col" { (visit.say("Quand", "When")) }
                                th scope="col" { (visit.say("Par", "By")) }
                                th.number scope="col" { (visit.say("Lignes écrites", "Rows written")) }
                                th.number scope="col" { (visit.say("Lignes supprimées", "Rows deleted")) }
                                th.number scope="col" { (visit.say("Lignes avant", "Rows before")) }
                                th.number scope="col" { (visit.say("Lignes après", "Rows after")) }
                            }
                        }
                        tbody { @for publish in publishes { (publish_row(visit, publish)) } }
                    }
                }
            }
        }
    }
}

fn publish_row(visit: &Visit, publish: &TablePublish) -> Markup {
    let count = |name: &str| publish.count(name);
    let before = publish.rows_before();
    let number = |count: Option<u64>| count.map(|count| visit.number(count)).unwrap_or_default();
    html! {
        tr {
            th scope="row" { (time(visit, publish.at)) }
            td data-label=(visit.say("Par", "By")) {
                @match &publish.run {
                    Some((run, notebook)) => a href=(format!("/runs/{run}")) { (notebook) " nº " (run) },
                    None => span.soft { (visit.say("à la main", "by hand")) },
                }
            }
            td.number data-label=(visit.say("Lignes écrites", "Rows written")) { (number(count("rows_inserted"))) }
            td.number data-label=(visit.say("Lignes supprimées", "Rows deleted")) { (number(count("rows_deleted"))) }
            td.number data-label=(visit.say("Lignes avant", "Rows before")) { (number(before)) }
            td.number data-label=(visit.say("Lignes après", "Rows after")) { (visit.number(publish.rows)) }
        }
    }
}
