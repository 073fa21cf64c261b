//! Home: whether the figures are fresh, and if not, why.

use axum::response::Response;
use maud::html;

use crate::error::Result;
use crate::web::look::{Page, Place};
use crate::web::visit::Visit;

/// `GET /`
pub async fn home(visit: Visit) -> Response {
    visit.show(page).await
}

fn page(visit: &Visit) -> Result<Page> {
    let title = visit.say("Accueil", "Home");
    let body = html! {
        h1 { (title) }
    };
    Ok(Page::new(title, Place::Home, body))
}
