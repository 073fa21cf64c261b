//! The tables that Power BI reads, and how fresh each is.

use jiff::SignedDuration;
use maud::{Markup, html};

use super::gathered::{Gathered, Table};
use super::verdict::plain_name;
use crate::web::links;
use crate::web::look;
use crate::web::visit::Visit;

/// More tables than this are on a page of their own.
const TABLES_MAX: usize = 50;

/// The section of the tables.
pub fn section(visit: &Visit, gathered: &Gathered) -> Markup {
    let mut tables: Vec<&Table> = gathered.tables.iter().collect();
    tables.sort_by_key(|table| !table.is_stale);
    if tables.is_empty() {
        return html! {};
    }
    html! {
        section.card.tables aria-labelledby="tables" {
            div.title {
                h2 #tables { "Tables" }
                p.actions { a.button href="/powerbi" { (visit.say("Connecter Power BI", "Connect Power BI")) } }
            }
            table.stack {
                thead {
                    tr {
                        th scope="col" { "Table" }
                        th.number scope="col" { (visit.say("Lignes", "Rows")) }
                        th scope="col" { (visit.say("Mise à jour", "Brought up to date")) }
                        th scope="col" { (visit.say("Par le notebook", "By the notebook")) }
                    }
                }
                tbody { @for table in tables.iter().take(TABLES_MAX) { (row(visit, table)) } }
            }
            @if tables.len() > TABLES_MAX {
                p.pages {
                    a href="/tables" { (visit.say("Toutes les tables", "All tables")) " (" (visit.number(tables.len() as u64)) ")" }
                }
            }
        }
    }
}

fn row(visit: &Visit, table: &Table) -> Markup {
    let state = &table.state;
    html! {
        tr.problem[table.is_stale] {
            th scope="row" {
                a href=(links::table(&state.table)) title=(state.table) { (plain_name(&state.table)) }
            }
            td.number data-label=(visit.say("Lignes", "Rows")) { (visit.number(state.rows)) }
            td data-label=(visit.say("Mise à jour", "Brought up to date")) { (age(visit, table)) }
            td data-label=(visit.say("Par le notebook", "By the notebook")) {
                @match &state.notebook {
                    Some(notebook) => {
                        a href=(links::notebook(notebook)) { (notebook) }
                        @if let Some(about) = &table.about { " " span.soft.small { (about) } }
                    }
                    None => span.soft { (visit.say("à la main", "by hand")) },
                }
            }
        }
    }
}

/// How old it is, and how old it may be.
fn age(visit: &Visit, table: &Table) -> Markup {
    let published = table.state.published;
    let Some(freshness) = &table.freshness else {
        return html! { span.state.good.age { (look::time(visit, published)) } };
    };
    let age = visit.now.duration_since(published).max(SignedDuration::ZERO).as_secs_f64();
    let used = age / freshness.limit.as_secs_f64().max(1.0);
    // A table may rest on days off, however old it is.
    let used = if table.is_stale { used.max(1.01) } else { used.min(1.0) };
    let class = if table.is_stale { "warn" } else { "good" };
    html! {
        span.aged {
            span.state.age.(class) { (look::time(visit, published)) }
            (look::share(used))
            span.soft.small {
                @if table.is_stale { (visit.say("trop ancienne\u{a0}: ", "too old: ")) }
                (visit.say("au plus ", "at most ")) (visit.length(freshness.limit))
            }
        }
    }
}
