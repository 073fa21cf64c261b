//! The parameters of a notebook as fields of a form: read from its parameters cell, in words that need no Python.

use maud::{Markup, html};
use penny_notebook::{Declared, Notebook, Parameters, parameter_value};
use serde_json::{Value, json};

use super::sent::Sent;
use super::tell;
use crate::config::{Entry, Language, nearest};
use crate::error::Error;
use crate::exec;
use crate::web::visit::Visit;

/// So many lines of a long text are in view.
const LINES_MAX: usize = 16;

/// One parameter.
pub struct Field {
    name: String,
    kind: Kind,
    /// The comment beside it in the notebook.
    help: String,
    /// Its value as it is shown first.
    was: String,
    /// Its value as it was typed.
    typed: String,
    /// Whether penny.toml sets it.
    is_of_settings: bool,
    error: Option<String>,
}

/// What can be typed into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Flag,
    /// A list, a table, nothing.
    Other,
    /// What only the notebook can say: a call, a sum. It cannot be changed here.
    Expression,
    /// Its value may not be shown: one that is typed takes its place.
    Secret,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Flag => "flag",
            Kind::Other => "other",
            Kind::Expression => "expression",
            Kind::Secret => "secret",
        }
    }

    /// Whether a program may give it that value.
    fn takes(self, value: &Value) -> bool {
        match self {
            // In a notebook it mostly means all, or none.
            _ if value.is_null() => true,
            Kind::Text => value.is_string(),
            Kind::Number => value.is_number(),
            Kind::Flag => value.is_boolean(),
            // A program can say what no form has room for.
            Kind::Other | Kind::Expression => true,
            // Of which kind the hidden value is may not be shown either.
            Kind::Secret => value.is_string() || value.is_number(),
        }
    }

    /// What is expected of a value, in words.
    fn wrong(self, visit: &Visit) -> &str {
        match self {
            Kind::Number => visit.say(
                "un nombre est attendu ici, comme 1 234,50",
                "a number is expected here, such as 1234.50",
            ),
            Kind::Flag => visit.say("choisissez oui ou non", "choose yes or no"),
            Kind::Text | Kind::Secret => {
                visit.say("un texte est attendu ici", "a text is expected here")
            }
            Kind::Expression => visit.say(
                "calculé par le notebook\u{a0}: se change dans le notebook",
                "computed by the notebook: change it there",
            ),
            Kind::Other => visit.say(
                "une valeur est attendue ici, comme [1, 2] ou {\"a\": 1}",
                "a value is expected here, such as [1, 2] or {\"a\": 1}",
            ),
        }
    }
}

/// The parameters of a notebook; none when it cannot be read, which its run will tell.
pub fn read(visit: &Visit, entry: &Entry) -> Vec<Field> {
    notebook(entry).map(|notebook| of_cell(visit, entry, &notebook)).unwrap_or_default()
}

fn notebook(entry: &Entry) -> Option<Notebook> {
    Notebook::parse(&std::fs::read(&entry.file).ok()?).ok()
}

fn of_cell(visit: &Visit, entry: &Entry, notebook: &Notebook) -> Vec<Field> {
    let declared = notebook.declared_parameters().into_iter();
    declared.map(|declared| field(visit, entry, declared)).collect()
}

/// Holds values for one run of a notebook against its parameters cell, as the form does.
///
/// # Errors
/// What is wrong with the value of a name, or that a name is none of the notebook's; without a name.
pub fn check(
    visit: &Visit,
    entry: &Entry,
    given: &Parameters,
) -> Result<(), (Option<String>, Error)> {
    // One that cannot be read fails of that, and says so.
    let Some(notebook) = notebook(entry) else { return Ok(()) };
    let fields = of_cell(visit, entry, &notebook);
    // A cell in a language whose lines are not known takes what it is given.
    if fields.is_empty() && notebook.parameters_cell().is_some() {
        return Ok(());
    }
    for (name, value) in given {
        let field = fields.iter().find(|field| field.name == *name);
        let kind = field.map(|field| field.kind);
        // penny.toml may set what the cell does not.
        match kind.or_else(|| entry.parameters.get(name).map(|set| of_value(set).0)) {
            None => return Err((None, unknown(visit, entry, name, &fields))),
            Some(kind) if !kind.takes(value) => {
                return Err((Some(name.clone()), Error::usage(kind.wrong(visit))));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn unknown(visit: &Visit, entry: &Entry, name: &str, fields: &[Field]) -> Error {
    let why = tell(
        visit,
        format!("`{name}` n’est pas un paramètre de `{}`", entry.name),
        format!("`{name}` is no parameter of `{}`", entry.name),
    );
    let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let near = nearest(name, known.iter().copied());
    let error = Error::usage(why).hint_if(near.map(|near| format!("did you mean `{near}`?")));
    let known = known.join(", ");
    error.hint(match known.is_empty() {
        true => visit.say("il n’en a aucun", "it has none").to_owned(),
        false => tell(visit, format!("il a\u{a0}: {known}"), format!("it has: {known}")),
    })
}

fn field(visit: &Visit, entry: &Entry, declared: Declared) -> Field {
    let Declared { name, default, help, .. } = declared;
    let set = entry.parameters.get(&name);
    let (mut kind, mut was) = match set {
        Some(value) => of_value(value),
        None => of_source(&default),
    };
    let secrets = &visit.workspace.secrets;
    // A list or a table is nobody's password: it is joined or sorted by.
    let is_list = kind == Kind::Other && was.trim_start().starts_with(['[', '{']);
    if crate::config::names_a_secret(&name) && !is_list || secrets.masked(&was).is_some() {
        (kind, was) = (Kind::Secret, String::new());
    }
    let typed = was.clone();
    Field { name, kind, help, was, typed, is_of_settings: set.is_some(), error: None }
}

/// A value of penny.toml.
fn of_value(value: &Value) -> (Kind, String) {
    match value {
        Value::String(text) => (Kind::Text, text.clone()),
        Value::Number(number) => (Kind::Number, number.to_string()),
        Value::Bool(flag) => (Kind::Flag, if *flag { "True" } else { "False" }.to_owned()),
        other => (Kind::Other, other.to_string()),
    }
}

/// A value as the notebook's source writes it.
fn of_source(source: &str) -> (Kind, String) {
    let source = source.trim();
    if let Some(text) = plain_text(source) {
        return (Kind::Text, text.to_owned());
    }
    let kind = match parameter_value(source) {
        Value::Bool(_) => Kind::Flag,
        Value::Number(_) => Kind::Number,
        Value::Null => Kind::Other,
        _ if source.starts_with(['[', '{']) && exec::value_of_yaml(source).is_ok() => Kind::Other,
        _ => Kind::Expression,
    };
    (kind, source.to_owned())
}

/// The text of a string without escapes.
fn plain_text(source: &str) -> Option<&str> {
    let quote = source.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let text = source.strip_prefix(quote)?.strip_suffix(quote)?;
    (!text.contains([quote, '\\', '\n'])).then_some(text)
}

/// A number as a notebook writes it, of one that people write: `1 234,50` in French, `1,234.50` in English. In English a
/// comma parts thousands, and nothing else: what stands elsewhere could be meant as either.
fn plain_number(typed: &str, language: Language) -> Option<String> {
    let typed = typed.replace([' ', '\u{a0}', '\u{202f}'], "");
    if language == Language::French {
        return Some(typed.replace(',', "."));
    }
    let whole = typed.split('.').next().unwrap_or_default();
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let first = groups.next().unwrap_or_default();
    let are_parted = !whole.contains(',')
        || (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    (are_parted && !typed[whole.len()..].contains(',')).then(|| typed.replace(',', ""))
}

/// The values that were changed; what is wrong with one is noted beside it.
pub fn take(visit: &Visit, fields: &mut [Field], sent: &Sent) -> Parameters {
    let mut given = Parameters::new();
    for field in fields.iter_mut() {
        let Some(typed) = sent.find(&format!("p.{}", field.name)) else { continue };
        // Browsers send the lines of a text with the ends that they have in mail.
        field.typed = typed.replace("\r\n", "\n");
        // What was shown may have been another value than today's.
        let was = sent.find(&format!("was.{}", field.name)).unwrap_or(&field.was);
        if field.typed == was.replace("\r\n", "\n") || field.kind == Kind::Expression {
            continue;
        }
        match field.value(visit.language) {
            Some(value) => _ = given.insert(field.name.clone(), value),
            None => field.error = Some(field.kind.wrong(visit).to_owned()),
        }
    }
    given
}

/// Whether something is wrong with one of them.
pub fn are_wrong(fields: &[Field]) -> bool {
    fields.iter().any(|field| field.error.is_some())
}

impl Field {
    /// The same for programs.
    pub fn json(&self) -> Value {
        // A secret's value is not told, and what only the notebook can compute is its source.
        let (value, source) = match self.kind {
            Kind::Secret => (None, None),
            Kind::Expression => (None, Some(&self.was)),
            _ => (self.value(Language::English), None),
        };
        json!({
            "name": self.name,
            "kind": self.kind.word(),
            "value": value,
            "source": source,
            "help": Some(&self.help).filter(|help| !help.is_empty()),
            "of_settings": self.is_of_settings,
        })
    }

    /// What was typed, as it is written in a language.
    fn value(&self, language: Language) -> Option<Value> {
        match self.kind {
            Kind::Text | Kind::Secret => Some(Value::from(self.typed.clone())),
            Kind::Flag => Some(parameter_value(&self.typed)).filter(Value::is_boolean),
            Kind::Number => {
                let plain = plain_number(self.typed.trim(), language)?;
                Some(parameter_value(&plain)).filter(Value::is_number)
            }
            Kind::Other => match parameter_value(self.typed.trim()) {
                Value::String(text) => exec::value_of_yaml(&text).ok(),
                value => Some(value),
            },
            Kind::Expression => None,
        }
    }

    /// The field in its form.
    pub fn shown(&self, visit: &Visit) -> Markup {
        let (id, name) = (format!("p-{}", self.name), format!("p.{}", self.name));
        let (about, wrong) = (format!("{id}-about"), format!("{id}-error"));
        let described = match self.error {
            Some(_) => format!("{wrong} {about}"),
            None => about.clone(),
        };
        let invalid = self.error.as_ref().map(|_| "true");
        let numeric = (self.kind == Kind::Number).then_some("decimal");
        html! {
            div.field {
                label for=(id) { (self.name) }
                @if let Some(error) = &self.error { p.error id=(wrong) { (error) } }
                @match self.kind {
                    Kind::Flag => select id=(id) name=(name) aria-describedby=(described) aria-invalid=[invalid] {
                        @for (value, label) in [("True", visit.say("oui", "yes")), ("False", visit.say("non", "no"))] {
                            option value=(value) selected[self.typed == value] { (label) }
                        }
                    },
                    Kind::Expression => output id=(id) aria-describedby=(described) { code { (self.was) } },
                    Kind::Secret => input id=(id) name=(name) type="password" autocomplete="off"
                        placeholder="•••" aria-describedby=(described);,
                    // A field of one line would take its line ends out of a text.
                    _ if self.typed.contains('\n') || self.was.contains('\n') => textarea id=(id) name=(name)
                        rows=(self.typed.lines().count().clamp(3, LINES_MAX)) spellcheck="false"
                        aria-describedby=(described) aria-invalid=[invalid] { "\n" (self.typed) },
                    _ => input id=(id) name=(name) value=(self.typed) inputmode=[numeric] autocomplete="off"
                        spellcheck="false" aria-describedby=(described) aria-invalid=[invalid];,
                }
                @if self.kind != Kind::Expression { input type="hidden" name=(format!("was.{}", self.name)) value=(self.was); }
                p.small.soft id=(about) { (self.about(visit)) }
            }
        }
    }

    fn about(&self, visit: &Visit) -> String {
        let mut parts: Vec<&str> = Vec::new();
        if !self.help.is_empty() {
            parts.push(&self.help);
        }
        parts.push(match self.kind {
            Kind::Text => visit.say("texte", "a text"),
            Kind::Number => visit.say("nombre", "a number"),
            Kind::Flag => visit.say("oui ou non", "yes or no"),
            Kind::Other => visit.say("liste ou valeur", "a list or a value"),
            Kind::Expression => Kind::Expression.wrong(visit),
            Kind::Secret => visit.say(
                "secret\u{a0}: laissez vide pour le garder",
                "a secret: leave it empty to keep it",
            ),
        });
        if self.is_of_settings {
            parts.push(visit.say("valeur de penny.toml", "the value of penny.toml"));
        }
        parts.join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_the_source_is_shown_as_what_it_is() {
        #[track_caller]
        fn check(source: &str, kind: Kind, shown: &str) {
            assert_eq!(of_source(source), (kind, shown.to_owned()), "{source}");
        }
        check("2025", Kind::Number, "2025");
        check("-1.5", Kind::Number, "-1.5");
        check("True", Kind::Flag, "True");
        check("\"Clients\"", Kind::Text, "Clients");
        check("'l’été'", Kind::Text, "l’été");
        check("'a' + 'b'", Kind::Expression, "'a' + 'b'");
        check("\"a\\n\"", Kind::Expression, "\"a\\n\"");
        check("None", Kind::Other, "None");
        check("[1, 'a']", Kind::Other, "[1, 'a']");
        check("date.today()", Kind::Expression, "date.today()");
    }

    #[test]
    fn a_value_is_typed_as_people_write_it() {
        #[track_caller]
        fn check_in(language: Language, kind: Kind, typed: &str, expected: Option<Value>) {
            let field = Field {
                name: "n".into(),
                kind,
                help: String::new(),
                was: String::new(),
                typed: typed.into(),
                is_of_settings: false,
                error: None,
            };
            assert_eq!(field.value(language), expected, "{typed}");
        }
        #[track_caller]
        fn check(kind: Kind, typed: &str, expected: Option<Value>) {
            check_in(Language::French, kind, typed, expected);
        }
        let english = |typed, expected| check_in(Language::English, Kind::Number, typed, expected);
        english("10,000", Some(serde_json::json!(10000)));
        english("-1,234,567.5", Some(serde_json::json!(-1_234_567.5)));
        english("1 234.5", Some(serde_json::json!(1234.5)));
        for unclear in ["1234,50", "1,23", ",123", "1,2345", "0.123,456", "12,345,6"] {
            english(unclear, None);
        }
        check(Kind::Number, "1 234,50", Some(serde_json::json!(1234.5)));
        check(Kind::Number, "2025", Some(serde_json::json!(2025)));
        check(Kind::Number, "beaucoup", None);
        check(Kind::Number, "", None);
        check(Kind::Text, "2025", Some("2025".into()));
        check(Kind::Flag, "False", Some(false.into()));
        check(Kind::Flag, "peut-être", None);
        check(Kind::Other, "[1, 2]", Some(serde_json::json!([1, 2])));
        check(Kind::Other, "None", Some(Value::Null));
    }
}
