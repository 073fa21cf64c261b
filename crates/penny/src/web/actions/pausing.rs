//! Pausing the schedule of a notebook, or of all, and letting it go on.

use axum::extract::{Form, Query};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::running::entry;
use super::{buttons, no_notebook, refused};
use crate::error::Result;
use crate::store::Pause;
use crate::web::look::{Page, Place};
use crate::web::schedule_words::DASHBOARD;
use crate::web::visit::Visit;
use crate::web::{blocking, links};

/// What is paused or goes on.
#[derive(Deserialize)]
pub struct Whose {
    /// A notebook; all when there is none.
    #[serde(default)]
    notebook: String,
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Pause,
    Resume,
}

/// `GET /pause?notebook=…`
pub async fn pause_page(visit: Visit, Query(whose): Query<Whose>) -> Response {
    page(visit, whose, Wish::Pause).await
}

/// `GET /resume?notebook=…`
pub async fn resume_page(visit: Visit, Query(whose): Query<Whose>) -> Response {
    page(visit, whose, Wish::Resume).await
}

/// `POST /pause`
pub async fn pause(visit: Visit, Form(whose): Form<Whose>) -> Response {
    done(visit, whose, Wish::Pause).await
}

/// `POST /resume`
pub async fn resume(visit: Visit, Form(whose): Form<Whose>) -> Response {
    done(visit, whose, Wish::Resume).await
}

impl Whose {
    fn name(&self) -> Option<&str> {
        Some(self.notebook.as_str()).filter(|name| !name.is_empty())
    }

    fn page(&self) -> String {
        self.name().map_or("/".to_owned(), links::notebook)
    }

    fn is_known(&self, visit: &Visit) -> bool {
        self.name().is_none_or(|name| entry(visit, name).is_some())
    }
}

async fn page(visit: Visit, whose: Whose, wish: Wish) -> Response {
    if !whose.is_known(&visit) {
        return no_notebook(visit, &whose.notebook).await;
    }
    visit.show(move |visit| shown(visit, &whose, wish)).await
}

async fn done(visit: Visit, whose: Whose, wish: Wish) -> Response {
    if !whose.is_known(&visit) {
        return no_notebook(visit, &whose.notebook).await;
    }
    let (about, name) = (visit.about.clone(), whose.name().map(str::to_owned));
    let written = blocking(move || match wish {
        Wish::Pause => about.store.pause(name.as_deref(), DASHBOARD, about.clock.wall()),
        Wish::Resume => about.store.resume(name.as_deref()),
    });
    match written.await {
        Ok(_) => Redirect::to(&whose.page()).into_response(),
        Err(error) => refused(visit, error).await,
    }
}

fn shown(visit: &Visit, whose: &Whose, wish: Wish) -> Result<Page> {
    let pauses = visit.store().pauses()?;
    let (action, title, label) = match (wish, whose.name()) {
        (Wish::Pause, Some(name)) => (
            "/pause",
            format!("{} {name}", visit.say("Mettre en pause", "Pause")),
            visit.say("Mettre en pause", "Pause"),
        ),
        (Wish::Pause, None) => (
            "/pause",
            visit.say("Tout mettre en pause", "Pause everything").to_owned(),
            visit.say("Tout mettre en pause", "Pause everything"),
        ),
        (Wish::Resume, Some(name)) => (
            "/resume",
            format!("{} {name}", visit.say("Reprendre", "Resume")),
            visit.say("Reprendre", "Resume"),
        ),
        (Wish::Resume, None) => (
            "/resume",
            visit.say("Tout reprendre", "Resume everything").to_owned(),
            visit.say("Tout reprendre", "Resume everything"),
        ),
    };
    let body = html! {
        h1 { (title) }
        (consequences(visit, whose, wish, &pauses))
        form method="post" action=(action) {
            (visit.proof())
            input type="hidden" name="notebook" value=(whose.notebook);
            (buttons(visit, label, "primary", &whose.page()))
        }
    };
    Ok(Page::new(title, Place::Elsewhere, body))
}

fn consequences(visit: &Visit, whose: &Whose, wish: Wish, pauses: &[Pause]) -> Markup {
    let all = pauses.iter().any(|pause| pause.notebook.is_none());
    html! {
        @if wish == Wish::Pause {
            p { (visit.say(
                "Rien ne s’exécute plus à l’heure prévue, jusqu’à la reprise. Ce qui était prévu entre-temps n’est pas rattrapé. Une exécution demandée à la main a lieu quand même, et ce qui s’exécute en ce moment continue.",
                "Nothing runs on its schedule until it is resumed. What was due meanwhile is not caught up. What is asked for by hand runs all the same, and what runs at this moment goes on.")) }
        } @else {
            p { (visit.say(
                "Les exécutions reprennent à la prochaine heure prévue\u{202f}; rien n’est rattrapé.",
                "Runs begin again at the next due time; nothing is caught up.")) }
            @if all && whose.name().is_some() {
                p.card.banner.warn { (visit.say("Tout est en pause\u{a0}: ce notebook le reste avec le reste, jusqu’à ce que tout soit repris.",
                    "Everything is paused: this notebook stays so with the rest, until everything is resumed.")) }
            }
        }
        @for pause in pauses.iter().filter(|pause| pause.notebook.is_none() || whose.name().is_none() || pause.notebook.as_deref() == whose.name()) {
            p.soft {
                (pause.notebook.as_deref().unwrap_or(visit.say("Tout", "Everything")))
                (visit.say("\u{a0}: en pause depuis ", ": paused since ")) (visit.since(pause.at))
                (visit.say(", par ", ", by ")) (visit.who(&pause.by))
            }
        }
    }
}
