//! What the JSON body of a request says, field by field. What is wrong with it is said with the field and with what is
//! allowed there.

use std::fmt;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Value, error::Category};

use super::Refusal;
use super::answer::say;
use crate::config::{Language, Secrets};
use crate::error::Error;
use crate::web::About;
use crate::web::visit::Visit;

/// No more of a wrong value is shown than this.
const SHOWN_MAX: usize = 60;

/// What the body says.
pub struct Body<T>(pub T);

/// What the body says, where it may be left out.
pub struct MaybeBody<T>(pub T);

/// Something that a body can say.
pub trait Said: Sized {
    /// The fields that it may have.
    const FIELDS: &'static [&'static str];

    /// Reads them.
    fn read(fields: &Fields) -> Result<Self, Refusal>;
}

/// What may be written into a field.
pub struct Expected {
    pub french: &'static str,
    pub english: &'static str,
    /// An example; empty where the words say it.
    pub example: &'static str,
}

/// Names of notebooks.
pub const NAMES: Expected = Expected {
    french: "une liste de noms de notebooks",
    english: "a list of names of notebooks",
    example: "[\"ventes\"]",
};
/// Values by their names.
pub const VALUES: Expected = Expected {
    french: "un objet de noms et de valeurs",
    english: "an object of names and values",
    example: "{\"annee\": 2026}",
};
/// Yes or no.
pub const FLAG: Expected =
    Expected { french: "`true` ou `false`", english: "`true` or `false`", example: "" };

impl<T: Said> FromRequest<Arc<About>> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, about: &Arc<About>) -> Result<Body<T>, Response> {
        let arrived = Arrived::of(request, about).await?;
        arrived.read().map(Body).map_err(|refusal| arrived.told(&refusal))
    }
}

impl<T: Said + Default> FromRequest<Arc<About>> for MaybeBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, about: &Arc<About>) -> Result<MaybeBody<T>, Response> {
        let arrived = Arrived::of(request, about).await?;
        match arrived.is_nothing() {
            true => Ok(MaybeBody(T::default())),
            false => arrived.read().map(MaybeBody).map_err(|refusal| arrived.told(&refusal)),
        }
    }
}

/// A body, whole.
struct Arrived {
    visit: Visit,
    /// What it is, by its header.
    kind: Option<String>,
    bytes: Bytes,
}

impl Arrived {
    async fn of(request: Request, about: &Arc<About>) -> Result<Arrived, Response> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, about).await?;
        let kind = parts.headers.get(header::CONTENT_TYPE);
        let kind = kind.map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned());
        match Bytes::from_request(Request::from_parts(parts, body), about).await {
            Ok(bytes) => Ok(Arrived { visit, kind, bytes }),
            Err(_) => {
                let why = visit
                    .say("le corps n’est pas arrivé en entier", "the body did not arrive whole");
                Err(Refusal::wrong(why).told(&visit).into_response())
            }
        }
    }

    fn is_nothing(&self) -> bool {
        self.kind.is_none() && self.bytes.is_empty()
    }

    fn is_json(&self) -> bool {
        let kind = self.kind.as_deref().and_then(|kind| kind.split(';').next());
        kind.unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
    }

    fn read<T: Said>(&self) -> Result<T, Refusal> {
        let language = self.visit.language;
        match self.is_json() {
            true => read(&self.bytes, language, &self.visit.workspace.secrets),
            false => Err(not_named(language)),
        }
    }

    fn told(&self, refusal: &Refusal) -> Response {
        refusal.told(&self.visit).into_response()
    }
}

fn not_named(language: Language) -> Refusal {
    let why = say(
        language,
        "le corps ne dit pas qu’il est du JSON",
        "the body does not say that it is JSON",
    );
    let hint = say(language, "envoyez-le avec", "send it with");
    Refusal::from(Error::usage(why).hint(format!("{hint} Content-Type: application/json")))
}

fn read<T: Said>(bytes: &[u8], language: Language, secrets: &Secrets) -> Result<T, Refusal> {
    let Pairs(pairs) =
        serde_json::from_slice(bytes).map_err(|why| no_object::<T>(&why, language))?;
    let fields = Fields { pairs, language, secrets: secrets.clone() };
    fields.are_of(T::FIELDS)?;
    T::read(&fields)
}

/// That there are no fields to read.
fn no_object<T: Said>(why: &serde_json::Error, language: Language) -> Refusal {
    let (line, column) = (why.line(), why.column());
    let what = match (why.classify(), language) {
        (Category::Syntax, Language::English) => {
            format!("the body is no JSON: line {line} cannot be read from column {column} on")
        }
        (Category::Syntax, Language::French) => format!(
            "le corps n’est pas du JSON\u{a0}: la ligne {line} ne se lit plus à partir de la colonne {column}"
        ),
        (Category::Eof, Language::English) if column > 0 => {
            format!("the body ends in the middle of its JSON, in line {line}")
        }
        (Category::Eof, Language::French) if column > 0 => {
            format!("le corps s’arrête au milieu de son JSON, à la ligne {line}")
        }
        (_, Language::English) => "the body is no JSON object".to_owned(),
        (_, Language::French) => "le corps n’est pas un objet JSON".to_owned(),
    };
    let hint = say(language, "écrivez {…} avec, ou sans,", "write {…} with none or some of");
    let fields = T::FIELDS.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>();
    Refusal::from(Error::usage(what).hint(format!("{hint} {}", fields.join(", "))))
}

/// The fields of a body.
pub struct Fields {
    pairs: Vec<(String, Value)>,
    language: Language,
    secrets: Secrets,
}

impl Fields {
    /// The language of whoever asks.
    pub fn language(&self) -> Language {
        self.language
    }

    /// What a field says; nothing when it is not there.
    pub fn field<T>(
        &self,
        name: &str,
        expected: &Expected,
        take: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some((_, value)) = self.pairs.iter().find(|(key, _)| key == name) else {
            return Ok(None);
        };
        match take(value) {
            Some(taken) => Ok(Some(taken)),
            None => Err(Refusal::of_field(name, Error::usage(self.unexpected(expected, value)))),
        }
    }

    fn unexpected(&self, expected: &Expected, value: &Value) -> String {
        // Masked before it is cut: half a secret is not known for one.
        let mut shown = self.secrets.mask(&value.to_string());
        if shown.chars().count() > SHOWN_MAX {
            shown = shown.chars().take(SHOWN_MAX).chain(['…']).collect();
        }
        let Expected { french, english, example } = expected;
        match (self.language, example.is_empty()) {
            (Language::French, true) => format!("il faut {french}, et non {shown}"),
            (Language::French, false) => {
                format!("il faut {french}, comme {example}, et non {shown}")
            }
            (Language::English, true) => format!("{english} is expected, and not {shown}"),
            (Language::English, false) => {
                format!("{english} is expected, such as {example}, and not {shown}")
            }
        }
    }

    /// Each field is one of those, and there once.
    fn are_of(&self, known: &'static [&'static str]) -> Result<(), Refusal> {
        for (index, (name, _)) in self.pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                return Err(Refusal::of_unknown_field(name, known, self.language));
            }
            if self.pairs[..index].iter().any(|(before, _)| before == name) {
                return Err(Refusal::of_field_twice(name, self.language));
            }
        }
        Ok(())
    }
}

/// A list of texts.
pub fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

/// An object as it was sent: a name that is there twice is so here, too.
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs, D::Error> {
        struct OfObject;
        impl<'de> Visitor<'de> for OfObject {
            type Value = Pairs;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = object.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(OfObject)
    }
}

#[cfg(test)]
pub mod tests {
    use super::super::acting::{Wanted, Whole, Whose};
    use super::*;

    /// Reads a body in English.
    pub fn read_in_english<T: Said>(body: &str) -> Result<T, Refusal> {
        read(body.as_bytes(), Language::English, &Secrets::default())
    }

    #[track_caller]
    fn check<T: Said>(body: &str, english: &str, french: &str) {
        for (language, expected) in [(Language::English, english), (Language::French, french)] {
            let refused = read::<T>(body.as_bytes(), language, &Secrets::default()).err();
            let told = refused.expect("it is refused").told_in(language, &Secrets::default()).1;
            let hints = told["hints"].as_array().expect("hints").iter().filter_map(Value::as_str);
            let error = [told["error"].as_str().expect("a sentence")];
            let text = error.into_iter().chain(hints).collect::<Vec<_>>().join(" / ");
            assert_eq!(text.replace(['\u{a0}', '\u{202f}'], " "), expected, "{body}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_body_is_said_with_its_field_and_with_what_is_allowed() {
        check::<Whole>(
            "[true]",
            "the body is no JSON object / write {…} with none or some of `sync`",
            "le corps n’est pas un objet JSON / écrivez {…} avec, ou sans, `sync`",
        );
        check::<Whole>(
            "",
            "the body is no JSON object / write {…} with none or some of `sync`",
            "le corps n’est pas un objet JSON / écrivez {…} avec, ou sans, `sync`",
        );
        check::<Wanted>(
            "{\n 'notebooks': []}",
            "the body is no JSON: line 2 cannot be read from column 2 on / write {…} with none or some of \
             `notebooks`, `parameters`",
            "le corps n’est pas du JSON : la ligne 2 ne se lit plus à partir de la colonne 2 / écrivez {…} avec, \
             ou sans, `notebooks`, `parameters`",
        );
        check::<Whose>(
            "{\"notebooks\": [\"vent",
            "the body ends in the middle of its JSON, in line 1 / write {…} with none or some of `notebooks`",
            "le corps s’arrête au milieu de son JSON, à la ligne 1 / écrivez {…} avec, ou sans, `notebooks`",
        );
        check::<Wanted>(
            "{\"notebook\": \"ventes\"}",
            "`notebook`: this field means nothing here / did you mean `notebooks`? / these are: `notebooks`, \
             `parameters`",
            "`notebook` : ce champ n’a pas de sens ici / s’agit-il de `notebooks` ? / il y a : `notebooks`, \
             `parameters`",
        );
        check::<Whose>(
            "{\"notebooks\": [\"a\"], \"notebooks\": []}",
            "`notebooks`: this field is there twice",
            "`notebooks` : ce champ y est deux fois",
        );
        check::<Wanted>(
            "{\"notebooks\": \"ventes\"}",
            "`notebooks`: a list of names of notebooks is expected, such as [\"ventes\"], and not \"ventes\"",
            "`notebooks` : il faut une liste de noms de notebooks, comme [\"ventes\"], et non \"ventes\"",
        );
        check::<Whose>(
            "{\"notebooks\": [\"ventes\", 7]}",
            "`notebooks`: a list of names of notebooks is expected, such as [\"ventes\"], and not [\"ventes\",7]",
            "`notebooks` : il faut une liste de noms de notebooks, comme [\"ventes\"], et non [\"ventes\",7]",
        );
        check::<Wanted>(
            "{\"parameters\": null}",
            "`parameters`: an object of names and values is expected, such as {\"annee\": 2026}, and not null",
            "`parameters` : il faut un objet de noms et de valeurs, comme {\"annee\": 2026}, et non null",
        );
        check::<Whole>(
            "{\"sync\": \"oui\"}",
            "`sync`: `true` or `false` is expected, and not \"oui\"",
            "`sync` : il faut `true` ou `false`, et non \"oui\"",
        );
    }

    #[test]
    fn a_wrong_value_is_shown_short_and_without_secrets() {
        let secret = "s".repeat(40) + "ecret";
        let variables = crate::config::Variables::of_text(&format!("API_TOKEN={secret}"));
        let secrets = Secrets::of(&variables);
        let body = format!("{{\"sync\": \"{}{secret}{}\"}}", "x".repeat(30), "y".repeat(90));
        let refused = read::<Whole>(body.as_bytes(), Language::English, &secrets).err();
        let told = refused.expect("it is refused").told_in(Language::English, &secrets).1;
        let told = told["error"].as_str().expect("a sentence");
        assert!(told.contains("x•••y") && !told.contains("sss"), "{told}");
        assert!(told.ends_with('…') && told.chars().count() < 120, "{told}");
    }
}
