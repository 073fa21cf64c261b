//! How pages look: the frame around each, its style sheet and its script.

mod charts;
mod pieces;

use std::sync::LazyLock;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::visit::Visit;
use crate::config::Language;
use crate::error::Error;

pub use charts::{bars, class, room_for, share, strip, trend};
pub use pieces::{state, time, time_in_sentence};

/// The style sheet, which every page carries: it stands after one request.
pub const STYLE: &str = include_str!("style.css");
/// The script, which adds to a page that is whole without it.
pub const SCRIPT: &str = include_str!("app.js");

/// The style sheet of pages that show notebooks, beside the other.
pub static NOTEBOOK_STYLE: LazyLock<String> =
    LazyLock::new(|| format!("{}{}", penny_html::CSS, include_str!("run.css")));

/// The style sheets in the words of a content security policy.
pub static STYLE_SOURCE: LazyLock<String> = LazyLock::new(|| {
    let hash = |sheet: &str| BASE64_STANDARD.encode(Sha256::digest(sheet.as_bytes()));
    format!("'sha256-{}' 'sha256-{}'", hash(STYLE), hash(&NOTEBOOK_STYLE))
});

/// Where the script is: another text is another address, so that browsers may keep it for good.
pub static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| {
    let hash = Sha256::digest(SCRIPT.as_bytes());
    let hash: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("/app-{hash}.js")
});

/// The places of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Home.
    Home,
    /// The history of runs.
    History,
    /// The calendar of runs.
    Calendar,
    /// The tables.
    Tables,
    /// The log.
    Log,
    /// None of them.
    Elsewhere,
}

/// A page, before its frame.
pub struct Page {
    /// What the tab is called.
    pub title: String,
    /// Where in the navigation it is.
    pub place: Place,
    /// What it shows; its first heading is its `h1`.
    pub body: Markup,
    /// The status of the answer.
    pub status: StatusCode,
    /// Whether it needs the style of notebooks.
    pub shows_notebooks: bool,
}

impl Page {
    /// A page that was found.
    pub fn new(title: impl Into<String>, place: Place, body: Markup) -> Page {
        Page { title: title.into(), place, body, status: StatusCode::OK, shows_notebooks: false }
    }

    /// The same, with notebooks in it.
    #[must_use]
    pub fn with_notebooks(self) -> Page {
        Page { shows_notebooks: true, ..self }
    }

    /// A page that says what the engine found wrong, and what to do.
    pub fn of_error(visit: &Visit, status: StatusCode, error: &Error) -> Page {
        let hints = error.hints().iter().map(|hint| visit.told(hint)).collect();
        Page::of_wrong(visit, status, visit.told(&error.sentence()), hints)
    }

    /// The same, of words that are in the reader's language already.
    pub fn of_words(visit: &Visit, status: StatusCode, error: &Error) -> Page {
        let shown = |text: &str| html! { (visit.workspace.secrets.mask(text)) };
        let hints = error.hints().iter().map(|hint| shown(hint)).collect();
        Page::of_wrong(visit, status, shown(&error.sentence()), hints)
    }

    fn of_wrong(visit: &Visit, status: StatusCode, what: Markup, hints: Vec<Markup>) -> Page {
        let title = match status {
            StatusCode::NOT_FOUND => visit.say("Introuvable", "Not found"),
            StatusCode::FORBIDDEN => visit.say("Refusé", "Refused"),
            _ => visit.say("Un problème", "Something is wrong"),
        };
        let body = html! {
            h1 { (title) }
            p.lead { (what) }
            @for hint in hints { p.soft { (hint) } }
            p { a href="/" { (visit.say("Retour à l’accueil", "Back to the home page")) } }
        };
        Page {
            title: title.to_owned(),
            place: Place::Elsewhere,
            body,
            status,
            shows_notebooks: false,
        }
    }
}

/// A page in its frame.
pub fn whole(visit: &Visit, page: Page) -> Response {
    let language = match visit.language {
        Language::French => "fr",
        Language::English => "en",
    };
    let markup = html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) " · Penny" }
                link rel="icon" href=(ICON);
                style { (PreEscaped(STYLE)) }
                @if page.shows_notebooks { style { (PreEscaped(NOTEBOOK_STYLE.as_str())) } }
                script src=(*SCRIPT_PATH) defer {}
            }
            body {
                a.skip href="#main" { (visit.say("Aller au contenu", "Skip to the content")) }
                (head(visit, page.place))
                p.away hidden data-away { (visit.say(
                    "Penny ne répond plus\u{a0}: cette page montre ce qui était connu avant.",
                    "Penny does not answer: this page shows what was known before.",
                )) }
                p.hidden role="status" data-spoken {}
                main #main tabindex="-1" { (page.body) }
                (foot(visit, language))
            }
        }
    };
    (page.status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], markup.into_string())
        .into_response()
}

/// The bar above every page.
fn head(visit: &Visit, place: Place) -> Markup {
    let places = [
        (Place::Home, "/", visit.say("Accueil", "Home")),
        (Place::History, "/history", visit.say("Historique", "History")),
        (Place::Calendar, "/calendar", visit.say("Calendrier", "Calendar")),
        (Place::Tables, "/tables", "Tables"),
        (Place::Log, "/log", visit.say("Journal", "Log")),
    ];
    let root = &visit.workspace.root;
    let name = root
        .file_name()
        .map_or_else(|| root.display().to_string(), |name| name.to_string_lossy().into_owned());
    html! {
        header.top {
            a.brand href="/" { span.coin aria-hidden="true" {} "Penny" }
            span.workspace title=(root.display()) { (name) }
            nav aria-label=(visit.say("Pages", "Pages")) {
                ul {
                    @for (each, path, label) in places {
                        li { a href=(path) aria-current=[(each == place).then_some("page")] { (label) } }
                    }
                }
            }
        }
    }
}

/// The line below every page.
fn foot(visit: &Visit, language: &str) -> Markup {
    let (other, label) = if language == "fr" { ("en", "English") } else { ("fr", "Français") };
    html! {
        footer.bottom {
            span { "Penny " (env!("CARGO_PKG_VERSION")) }
            span { (visit.say("Fuseau horaire\u{a0}: ", "Time zone: ")) (visit.zone().iana_name().unwrap_or("UTC")) }
            form method="post" action="/language" {
                (visit.proof())
                input type="hidden" name="back" value=(visit.path);
                button.link name="language" value=(other) lang=(other) { (label) }
            }
            form method="post" action="/logout" {
                (visit.proof())
                button.link { (visit.say("Se déconnecter", "Log out")) }
            }
        }
    }
}

/// A coin, as a data URI: no request is made for it.
pub const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
    %3Ccircle cx='8' cy='8' r='7' fill='%23b4652a'/%3E%3Ccircle cx='8' cy='8' r='4.6' fill='none' \
    stroke='%23fff' stroke-width='1.6'/%3E%3C/svg%3E";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_leaves_room_for_the_page() {
        assert!(STYLE.len() + SCRIPT.len() < 60_000, "a page has to stay under 150 kB");
        assert!(!STYLE.contains("</") && !STYLE.contains("//"), "no outside address, no way out");
    }
}
