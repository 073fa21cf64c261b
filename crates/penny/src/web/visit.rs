//! A visit: what a page knows of the request that it answers.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::access::Session;
use super::look::{self, Page};
use super::words::Words;
use super::{About, blocking};
use crate::config::Language;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::workspace::Workspace;

/// The cookie that keeps a language chosen by hand.
pub const LANGUAGE_COOKIE: &str = "penny_language";

/// A request for a page, and what every page needs for its answer.
pub struct Visit {
    /// What the server shows.
    pub about: Arc<About>,
    /// penny.toml as it holds now.
    pub workspace: Arc<Workspace>,
    /// Its language, its time zone and its time: what is said of `Words` can be said of a visit.
    pub words: Words,
    /// The path and query that were asked for, `/history?outcome=failed`.
    pub path: String,
    /// What a form sends back to prove that it is a page of ours, in the field `csrf`.
    pub csrf: String,
}

impl Deref for Visit {
    type Target = Words;

    fn deref(&self) -> &Words {
        &self.words
    }
}

impl Visit {
    /// The history.
    pub fn store(&self) -> &Store {
        &self.about.store
    }

    /// What the engine, a server or the system said, without secrets, and in the language of the page as far as it is
    /// Penny's own.
    pub fn told(&self, text: &str) -> Markup {
        self.words.sentence(&self.workspace.secrets.mask(text))
    }

    /// The hidden field that every form needs.
    pub fn proof(&self) -> Markup {
        html! { input type="hidden" name="csrf" value=(self.csrf); }
    }

    /// Answers with a page, which is made where the service does not wait for it.
    pub async fn show(
        self,
        make: impl FnOnce(&Visit) -> Result<Page> + Send + 'static,
    ) -> Response {
        let made = blocking(move || {
            let made = make(&self);
            Ok(made.map(|page| look::whole(&self, page)).unwrap_or_else(|error| {
                look::whole(&self, Page::of_error(&self, StatusCode::SERVICE_UNAVAILABLE, &error))
            }))
        });
        made.await.unwrap_or_else(|error| super::failed(&error))
    }

    /// Answers that there is no such page, in words of the reader's language.
    pub async fn lost(self, what: Error) -> Response {
        self.show(move |visit| Ok(Page::of_words(visit, StatusCode::NOT_FOUND, &what))).await
    }
}

impl FromRequestParts<Arc<About>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        about: &Arc<About>,
    ) -> std::result::Result<Visit, Response> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        if path.len() > PATH_MAX {
            return Err(StatusCode::URI_TOO_LONG.into_response());
        }
        let workspace = about.workspace();
        let words = Words {
            language: language(&parts.headers),
            zone: workspace.config.zone.clone(),
            now: about.clock.wall(),
        };
        Ok(Visit {
            workspace,
            words,
            path: path.to_owned(),
            csrf: parts.extensions.get::<Session>().map(Session::csrf).unwrap_or_default(),
            about: Arc::clone(about),
        })
    }
}

/// A longer address is nothing that a page of ours links to.
const PATH_MAX: usize = 4096;

/// The language that was chosen by hand, else the first of the browser's that Penny speaks, else English.
pub fn language(headers: &HeaderMap) -> Language {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let chosen = text(header::COOKIE).split(';').find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == LANGUAGE_COOKIE).then_some(value)
    });
    chosen.and_then(of_tag).unwrap_or_else(|| preferred(text(header::ACCEPT_LANGUAGE)))
}

/// The best of `fr-FR,fr;q=0.9,en;q=0.8`.
fn preferred(accepted: &str) -> Language {
    let mut wishes: Vec<(f32, Language)> = accepted
        .split(',')
        .filter_map(|wish| {
            let (tag, quality) = wish.split_once(";q=").unwrap_or((wish, "1"));
            let quality = quality.trim().parse::<f32>().ok().filter(|quality| *quality > 0.0)?;
            Some((quality, of_tag(tag.trim())?))
        })
        .collect();
    // The sort is stable: of equal wishes the first wins.
    wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
    wishes.first().map_or(Language::English, |wish| wish.1)
}

fn of_tag(tag: &str) -> Option<Language> {
    match tag.split('-').next()?.to_ascii_lowercase().as_str() {
        "fr" => Some(Language::French),
        "en" => Some(Language::English),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_speaks_the_language_of_its_reader() {
        #[track_caller]
        fn check(cookie: &str, accepted: &str, expected: Language) {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().expect("a header"));
            headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().expect("a header"));
            assert_eq!(language(&headers), expected, "{cookie} {accepted}");
        }
        check("", "fr-FR,fr;q=0.9,en;q=0.8", Language::French);
        check("", "en;q=0.8, fr;q=0.9", Language::French);
        check("", "de, fr", Language::French);
        check("", "de", Language::English);
        check("", "fr;q=0, en", Language::English);
        check("", "", Language::English);
        check("", ";;;q=x,,", Language::English);
        check("a=b; penny_language=fr", "en", Language::French);
        check("penny_language=xx", "fr", Language::French);
    }
}
