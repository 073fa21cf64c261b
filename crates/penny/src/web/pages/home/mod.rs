//! Home: whether the figures are fresh, and if not, why; then every notebook and every table.

mod banner;
mod facts;
mod gathered;
mod notebooks;
mod row;
mod tables;
mod verdict;

use axum::extract::Query;
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use crate::error::Result;
use crate::web::look::{Page, Place};
use crate::web::postgres::{self, Answer};
use crate::web::visit::Visit;

pub use gathered::Gathered;
pub use notebooks::{Wanted, listed};
pub use verdict::findings;

/// What may be asked of a long list of notebooks.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// What the name or the description contains.
    q: String,
    /// Which page of the list, from 1.
    page: String,
}

/// `GET /`
pub async fn home(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let postgres = postgres::known(&visit.about).await;
    visit.show(move |visit| page(visit, &asked, postgres)).await
}

fn page(visit: &Visit, asked: &Asked, postgres: Option<Answer>) -> Result<Page> {
    let gathered = Gathered::new(visit, postgres)?;
    let findings = verdict::findings(visit, &gathered.facts);
    let body = html! {
        div data-live="verdict" { (banner::findings(&findings)) }
        div data-live="notebooks" { (notebooks::section(visit, asked, &gathered)?) }
        div data-live="tables" { (tables::section(visit, &gathered)) }
    };
    let title = findings.first().map_or_else(String::new, |finding| finding.title.clone());
    Ok(Page::new(title, Place::Home, body))
}
