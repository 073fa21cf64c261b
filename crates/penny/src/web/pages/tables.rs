//! The tables: how fresh each is, and who wrote it.

use std::collections::HashMap;

use axum::response::Response;
use maud::{Markup, html};

use crate::error::Result;
use crate::store::TableState;
use crate::web::links;
use crate::web::look::{Page, Place, time};
use crate::web::tables::{self, Reader, Relation};
use crate::web::visit::Visit;

/// What the server knows of the tables, or why nothing can be asked.
pub type Seen = std::result::Result<HashMap<String, Relation>, String>;

/// `GET /tables`
pub async fn tables(visit: Visit) -> Response {
    let seen = look(&visit).await;
    visit.show(move |visit| page(visit, &seen)).await
}

/// What the server knows of the tables.
pub async fn look(visit: &Visit) -> Seen {
    let reading = async {
        let published: Vec<String> =
            visit.store().table_states()?.into_iter().map(|state| state.table).collect();
        Reader::open(visit).await?.relations(&published).await
    };
    let relations = tables::within(visit, reading).await?;
    Ok(relations.into_iter().map(|relation| (relation.name(), relation)).collect())
}

fn page(visit: &Visit, seen: &Seen) -> Result<Page> {
    let states = visit.store().table_states()?;
    let others = others(seen, &states);
    let title = "Tables";
    let body = html! {
        h1 { (title) }
        p.soft {
            (visit.say(
                "Ce que les notebooks ont publié dans PostgreSQL, et que Power BI y lit. ",
                "What the notebooks published to PostgreSQL, where Power BI reads it. ",
            ))
            a href="/powerbi" { (visit.say("Connecter Power BI", "Connect Power BI")) }
        }
        @if let Err(why) = seen { (unreachable(visit, why)) }
        @if states.is_empty() {
            p.card { (visit.say("Aucune table n’a encore été publiée.", "No table has been published yet.")) }
        } @else {
            (list(visit, &states, seen))
        }
        @if !others.is_empty() {
            h2 { (visit.say("Autres tables du schéma", "Other tables of the schema")) }
            p.soft { (visit.say(
                "Penny ne les a pas publiées\u{a0}: une vue, ou l’œuvre de quelqu’un d’autre.",
                "Penny did not publish them: a view, or somebody else’s work.",
            )) }
            (list_of_others(visit, &others))
        }
    };
    Ok(Page::new(title, Place::Tables, body))
}

/// That the server does not answer, and what still stands.
pub fn unreachable(visit: &Visit, why: &str) -> Markup {
    html! {
        section.card.banner.warn role="status" {
            h2 { (visit.say("Les données ne peuvent pas être lues", "The data cannot be read")) }
            p.lead { (visit.sentence(why)) }
            p { (visit.say(
                "Ce que l’historique sait des tables est montré tout de même.",
                "What the history knows of the tables is shown all the same.",
            )) }
        }
    }
}

/// Whether a table is older than penny.toml allows; nothing where that is not limited.
pub fn is_too_old(visit: &Visit, state: &TableState) -> Option<bool> {
    let config = &visit.workspace.config;
    let notebook = state.notebook.as_deref()?;
    let entry = config.notebooks.iter().find(|entry| entry.name == notebook)?;
    Some(config.freshness(entry)?.is_too_old(state.published, visit.now))
}

/// How fresh a table is: a mark where that is limited, and when it was published.
pub fn freshness(visit: &Visit, state: &TableState) -> Markup {
    html! {
        @match is_too_old(visit, state) {
            Some(true) => { span.state.warn { (visit.say("trop ancienne", "too old")) } " " },
            Some(false) => { span.state.good { (visit.say("à jour", "fresh")) } " " },
            None => {},
        }
        (time(visit, state.published))
    }
}

fn list(visit: &Visit, states: &[TableState], seen: &Seen) -> Markup {
    let relation = |name: &str| seen.as_ref().ok().map(|seen| seen.get(name));
    html! {
        div.card data-live="tables" {
            div.scroll {
                table.stack {
                    caption.hidden { (visit.say("Tables publiées", "Published tables")) }
                    thead {
                        tr {
                            th scope="col" { "Table" }
                            th scope="col" { (visit.say("Publiée", "Published")) }
                            th scope="col" { "Notebook" }
                            th.number scope="col" { (visit.say("Lignes", "Rows")) }
                            th.number scope="col" { (visit.say("Taille", "Size")) }
                        }
                    }
                    tbody {
                        @for state in states {
                            @let relation = relation(&state.table);
                            tr {
                                th scope="row" { a href=(links::table(&state.table)) { (state.table) } }
                                td data-label=(visit.say("Publiée", "Published")) {
                                    span {
                                        @if relation == Some(None) {
                                            span.state.bad { (visit.say("supprimée", "dropped")) } " "
                                        }
                                        (freshness(visit, state))
                                    }
                                }
                                td data-label="Notebook" { (notebook(visit, state)) }
                                td.number data-label=(visit.say("Lignes", "Rows")) { (visit.number(state.rows)) }
                                td.number data-label=(visit.say("Taille", "Size")) {
                                    @if let Some(Some(relation)) = relation { (visit.size(relation.bytes)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The notebook that published a table, if one did.
pub fn notebook(visit: &Visit, state: &TableState) -> Markup {
    html! {
        @match &state.notebook {
            Some(name) => a href=(links::notebook(name)) { (name) },
            None => span.soft { (visit.say("à la main", "by hand")) },
        }
    }
}

/// The tables of the schema that the history does not know.
pub fn others<'a>(seen: &'a Seen, states: &[TableState]) -> Vec<&'a Relation> {
    let Ok(seen) = seen else { return Vec::new() };
    let mut others: Vec<&Relation> = seen
        .iter()
        .filter(|(name, _)| states.iter().all(|state| state.table != **name))
        .map(|(_, relation)| relation)
        .collect();
    others.sort_by_key(|relation| relation.name());
    others
}

fn list_of_others(visit: &Visit, others: &[&Relation]) -> Markup {
    html! {
        div.card {
            div.scroll {
                table.stack {
                    thead {
                        tr {
                            th scope="col" { "Table" }
                            th scope="col" { (visit.say("Sorte", "Kind")) }
                            th.number scope="col" { (visit.say("Lignes, environ", "Rows, about")) }
                            th.number scope="col" { (visit.say("Taille", "Size")) }
                        }
                    }
                    tbody {
                        @for relation in others {
                            @let name = relation.name();
                            tr {
                                th scope="row" { a href=(links::table(&name)) { (name) } }
                                td data-label=(visit.say("Sorte", "Kind")) {
                                    (if relation.is_view { visit.say("vue", "view") } else { "table" })
                                }
                                td.number data-label=(visit.say("Lignes, environ", "Rows, about")) {
                                    @if let Some(rows) = relation.rows { (visit.number(rows)) }
                                }
                                td.number data-label=(visit.say("Taille", "Size")) {
                                    @if !relation.is_view { (visit.size(relation.bytes)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
