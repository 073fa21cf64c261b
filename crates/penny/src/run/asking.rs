//! A sync that somebody asked for: who, with which values for the notebooks' parameters, and why.

use penny_notebook::{Notebook, Parameters};
use serde_json::{Map, Value};

use crate::config::{self, Entry, Secrets};
use crate::store::{AskedFor, RunId};

/// What stands in the place of a value that may not be shown.
const MASK: &str = "•••";

/// What somebody asks of a sync.
#[derive(Clone, Default)]
pub struct Asking {
    /// Who, and by what: "claire (penny run)".
    pub by: String,
    /// Values for parameters cells, in the place of those of penny.toml.
    pub parameters: Parameters,
    /// The run that did not succeed, which is why it is asked for.
    pub retry_of: Option<RunId>,
    /// Whether it is asked for one notebook alone, which is then given all values.
    pub alone: bool,
}

impl Asking {
    /// What the history tells of it.
    pub fn told(&self, secrets: &Secrets) -> AskedFor {
        AskedFor {
            by: self.by.clone(),
            parameters: shown(&self.parameters, secrets),
            retry_of: self.retry_of,
        }
    }
}

/// The values for a notebook: those of penny.toml, and in their place those that were asked for. Where
/// several notebooks are asked for, each is given what its parameters cell sets.
pub fn parameters_of(
    entry: &Entry,
    asked: Option<&Asking>,
    notebook: &Notebook,
    warnings: &mut Vec<String>,
) -> Parameters {
    let mut values = entry.parameters.clone();
    let Some(asked) = asked.filter(|asked| !asked.parameters.is_empty()) else { return values };
    let declared = notebook.declared_parameters();
    let is_known =
        |name: &str| declared.iter().any(|d| d.name == name) || entry.parameters.contains_key(name);
    for (name, value) in &asked.parameters {
        if asked.alone || is_known(name) {
            values.insert(name.clone(), value.clone());
        }
    }
    if asked.alone {
        let unknown = asked.parameters.keys().map(String::as_str).filter(|name| !is_known(name));
        warnings.extend(unknown_to(notebook, &unknown.collect::<Vec<_>>()));
    }
    values
}

/// What the user should know of values for these parameters: one that nothing in the notebook reads is most
/// often a slip in its name.
pub fn unknown_to(notebook: &Notebook, names: &[&str]) -> Vec<String> {
    if names.is_empty() {
        return Vec::new();
    }
    if notebook.parameters_cell().is_none() {
        let why = "no cell of the notebook has the tag `parameters`: the values go to its top, and a cell below \
                   that sets the same names wins";
        return vec![why.to_owned()];
    }
    let declared = notebook.declared_parameters();
    let known = || declared.iter().map(|d| d.name.as_str());
    let unknown = names.iter().filter(|name| !known().any(|k| k == **name));
    let sentences = unknown.map(|name| {
        let hint = config::nearest(name, known());
        let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        format!("the notebook's parameters cell does not set `{name}`{hint}")
    });
    sentences.collect()
}

/// Of values for several notebooks, the names that none of their parameters cells sets.
pub fn unknown_to_all(entries: &[&Entry], parameters: &Parameters) -> Vec<String> {
    let mut unknown: Vec<&String> = parameters.keys().collect();
    for entry in entries {
        if unknown.is_empty() {
            break;
        }
        let read = std::fs::read(&entry.file).ok().and_then(|bytes| Notebook::parse(&bytes).ok());
        // One that cannot be read fails of that, and says so.
        let declared = read.map(|notebook| notebook.declared_parameters()).unwrap_or_default();
        unknown.retain(|name| {
            !declared.iter().any(|d| d.name == **name) && !entry.parameters.contains_key(*name)
        });
    }
    unknown.into_iter().map(|name| format!("no notebook's parameters cell sets `{name}`")).collect()
}

/// Parameters as they may be shown.
pub fn shown(parameters: &Parameters, secrets: &Secrets) -> Map<String, Value> {
    let one = |(name, value): (&String, &Value)| match config::names_a_secret(name) {
        true => (name.clone(), Value::from(MASK)),
        false => (name.clone(), masked(value, secrets)),
    };
    parameters.iter().map(one).collect()
}

/// Whether a value is not the one that was given, since that may not be shown.
pub fn is_masked(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MASK),
        Value::Array(values) => values.iter().any(is_masked),
        Value::Object(values) => values.values().any(is_masked),
        _ => false,
    }
}

fn masked(value: &Value, secrets: &Secrets) -> Value {
    match value {
        Value::String(text) => Value::from(secrets.mask(text)),
        Value::Array(values) => values.iter().map(|value| masked(value, secrets)).collect(),
        Value::Object(values) => {
            values.iter().map(|(key, value)| (key.clone(), masked(value, secrets))).collect()
        }
        // A password may be a number.
        Value::Number(number) => match secrets.masked(&number.to_string()) {
            Some(text) => Value::from(text),
            None => value.clone(),
        },
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Variables;

    #[test]
    fn what_may_not_be_shown_is_masked_wherever_it_stands() {
        #[track_caller]
        fn check(given: Value, expected: Value) {
            let secrets = Secrets::of(&Variables::of_text("A_TOKEN=abcdef123\nB_PASSWORD=1234567"));
            let given = given.as_object().expect("an object").clone();
            let shown = Value::Object(shown(&given, &secrets));
            assert_eq!(shown, expected);
        }
        check(json!({"exercice": 2025, "b": true}), json!({"exercice": 2025, "b": true}));
        check(json!({"x": "le abcdef123"}), json!({"x": "le •••"}));
        check(json!({"x": 1234567}), json!({"x": "•••"}));
        check(json!({"x": [{"y": "abcdef123"}]}), json!({"x": [{"y": "•••"}]}));
        check(json!({"mot_de_passe": "rien"}), json!({"mot_de_passe": "•••"}));
        assert!(is_masked(&json!(["un", {"y": "•••"}])) && !is_masked(&json!(["un", 2])));
    }
}
