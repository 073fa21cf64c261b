//! What the query of a request asks, refused with the name of the field that is wrong.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Refusal;
use super::answer::say;
use crate::config::Language;
use crate::error::Error;
use crate::web::About;
use crate::web::visit::Visit;

/// What the query says.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<About>> for Asked<T> {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        about: &Arc<About>,
    ) -> Result<Asked<T>, Response> {
        let why = match Query::try_from_uri(&parts.uri) {
            Ok(Query(asked)) => return Ok(Asked(asked)),
            Err(why) => why.body_text(),
        };
        let visit = Visit::from_request_parts(parts, about).await?;
        Err(wrong(&why, visit.language).told(&visit).into_response())
    }
}

/// What is wrong with a query, of which the library tells in its own words.
fn wrong(why: &str, language: Language) -> Refusal {
    let why = why.strip_prefix("Failed to deserialize query string: ").unwrap_or(why);
    let of_field = |field: &str, french: &str, english: &str| {
        Refusal::of_field(field, Error::usage(say(language, french, english)))
    };
    // unknown field `sinse`, expected one of `since`, `until`
    let mut named = why.split('`').skip(1).step_by(2);
    let first = named.next().unwrap_or_default();
    if why.contains("unknown field `") {
        return Refusal::of_unknown_field(first, &named.collect::<Vec<_>>(), language);
    }
    if why.contains("duplicate field `") {
        return Refusal::of_field_twice(first, language);
    }
    if why.contains("missing field `") {
        return of_field(first, "il faut ce champ", "this field is missing");
    }
    match why.split_once(": ") {
        Some((field, "number too large to fit in target type")) => {
            of_field(field, "ce nombre est trop grand", "this number is too large")
        }
        Some((field, _)) => {
            of_field(field, "il faut un nombre entier", "a whole number is expected")
        }
        None => Refusal::wrong(say(
            language,
            "ce qui suit «\u{a0}?\u{a0}» dans l’adresse ne se lit pas",
            "what follows “?” in the address cannot be read",
        )),
    }
}

/// Which page of a list is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// From 1.
    page: Option<usize>,
    /// How many are on a page.
    limit: Option<usize>,
}

/// A page of a list.
pub struct Paging {
    /// From 1.
    pub page: usize,
    /// How many are on a page.
    pub size: usize,
}

impl Page {
    /// No more than this are on a page.
    const SIZE_MAX: usize = 200;
    /// So many when the request does not say.
    const SIZE: usize = 25;

    /// Of what a query says.
    pub fn new(page: Option<usize>, limit: Option<usize>) -> Page {
        Page { page, limit }
    }

    /// The page that is meant.
    pub fn paging(&self, language: Language) -> Result<Paging, Refusal> {
        let (page, size) = (self.page.unwrap_or(1), self.limit.unwrap_or(Page::SIZE));
        for (field, value) in [("page", page), ("limit", size)] {
            if value == 0 {
                let why = say(language, "cela se compte à partir de 1", "this is counted from 1");
                return Err(Refusal::of_field(field, Error::usage(why)));
            }
        }
        Ok(Paging { page, size: size.min(Page::SIZE_MAX) })
    }
}

impl Paging {
    /// What is on the page; nothing after the last one.
    pub fn part<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let first = (self.page - 1).saturating_mul(self.size).min(all.len());
        &all[first..all.len().min(first.saturating_add(self.size))]
    }

    /// How many pages there are; a list of nothing has one.
    pub fn pages(&self, count: usize) -> usize {
        count.div_ceil(self.size).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secrets;

    #[test]
    fn what_is_wrong_with_a_query_is_said_in_our_words() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "what is wrong is all that is read")]
        struct Which {
            from: String,
            limit: Option<u8>,
        }
        #[track_caller]
        fn check(query: &str, expected: &str) {
            let uri = format!("/x?{query}").parse().expect("an address");
            let why = Query::<Which>::try_from_uri(&uri).expect_err("it is refused");
            let refusal = wrong(&why.body_text(), Language::English);
            let told = refusal.told_in(Language::English, &Secrets::default()).1;
            assert_eq!(format!("{} {}", told["error"], told["hints"]).replace('"', ""), expected);
        }
        check(
            "frm=1",
            "`frm`: this field means nothing here [did you mean `from`?,these are: `from`, `limit`]",
        );
        check("limit=1", "`from`: this field is missing []");
        check("from=1&from=2", "`from`: this field is there twice []");
        check("from=1&limit=x", "`limit`: a whole number is expected []");
        check("from=1&limit=-1", "`limit`: a whole number is expected []");
        check("from=1&limit=", "`limit`: a whole number is expected []");
        check("from=1&limit=256", "`limit`: this number is too large []");
    }

    #[test]
    fn the_pages_of_a_list_are_the_list() {
        #[track_caller]
        fn check(count: usize, page: usize, size: usize, part: &[usize], pages: usize) {
            let all: Vec<usize> = (0..count).collect();
            let paging = Page::new(Some(page), Some(size)).paging(Language::English).expect("fits");
            assert_eq!((paging.part(&all), paging.pages(count)), (part, pages));
        }
        check(0, 1, 3, &[], 1);
        check(3, 1, 3, &[0, 1, 2], 1);
        check(4, 1, 3, &[0, 1, 2], 2);
        check(4, 2, 3, &[3], 2);
        check(4, 3, 3, &[], 2);
        check(4, usize::MAX, usize::MAX, &[], 1);
        assert!(Page::new(Some(0), None).paging(Language::English).is_err());
    }
}
