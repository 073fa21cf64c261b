//! `{}` in a path, filled in with the parameters as Python's `str.format` does it.

use jiff::Zoned;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::format_spec;
use super::python_text::{repr, str};
use crate::error::{Error, Result};

/// What paths can be filled in with: the parameters, and papermill's own `pm`.
pub struct Template<'a> {
    parameters: &'a Map<String, Value>,
    run_uuid: String,
    now: Zoned,
}

/// A value on its way into a path.
enum Found<'a> {
    Value(&'a Value),
    Text(String),
    Time(Zoned),
    /// `pm` itself.
    Own,
}

const PARAMETERS_HINT: &str =
    "give it with `-p NAME VALUE`; a brace that is part of a name is written twice, {{ or }}";

impl<'a> Template<'a> {
    /// For one execution, begun now.
    pub fn new(parameters: &'a Map<String, Value>, now: Zoned) -> Template<'a> {
        Template { parameters, run_uuid: uuid::Uuid::new_v4().to_string(), now }
    }

    /// The path with its `{}` filled in.
    ///
    /// # Errors
    /// A parameter that was not given, or braces that say nothing.
    pub fn fill(&self, path: &str) -> Result<String> {
        let mut filled = String::new();
        let mut rest = path;
        while let Some(at) = rest.find(['{', '}']) {
            filled.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                filled.push_str(brace);
                rest = after;
            } else if brace == "{" {
                let end = rest.find('}').ok_or_else(|| lone(path, '{'))?;
                filled.push_str(&self.field(path, &rest[..end])?);
                rest = &rest[end + 1..];
            } else {
                return Err(lone(path, '}'));
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// `name[key].attribute!r:spec`.
    fn field(&self, path: &str, field: &str) -> Result<String> {
        let (name, spec) = field.split_once(':').unwrap_or((field, ""));
        let (name, conversion) = match name.split_once('!') {
            Some((name, conversion)) => (name, Some(conversion)),
            None => (name, None),
        };
        let found = self.find(path, name)?;
        let wrong = |why: String| Error::usage(format!("`{{{field}}}` in the path {path}: {why}"));
        match (found, conversion) {
            (Found::Own, _) => Err(wrong("`pm` is no value".to_owned()).hint(
                "write {pm[run_uuid]}, {pm[current_datetime_local]} or {pm[current_datetime_utc]}",
            )),
            (Found::Value(value), None) => format_spec::value(value, spec).map_err(wrong),
            (Found::Time(time), None) if !spec.is_empty() => Ok(time.strftime(spec).to_string()),
            (Found::Value(value), Some("r" | "a")) => {
                format_spec::text(&repr(value), spec).map_err(wrong)
            }
            (found, None | Some("s" | "r" | "a")) => {
                format_spec::text(&found.text(), spec).map_err(wrong)
            }
            (_, Some(other)) => Err(wrong(format!("`!{other}` is no conversion"))),
        }
    }

    fn find(&self, path: &str, name: &str) -> Result<Found<'_>> {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, mut steps) = name.split_at(end);
        if first.is_empty() || first.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::usage(format!(
                "`{{{name}}}` in the path {path} names no parameter"
            ))
            .hint(PARAMETERS_HINT));
        }
        let mut found = match self.parameters.get(first) {
            Some(value) => Found::Value(value),
            None if first == "pm" => Found::Own,
            None => return Err(missing(path, first)),
        };
        while !steps.is_empty() {
            let (key, rest) = step(steps).ok_or_else(|| {
                Error::usage(format!("`{{{name}}}` in the path {path} cannot be read"))
                    .hint("write {name} or {name[key]}")
            })?;
            found = self.within(found, key).ok_or_else(|| missing(path, name))?;
            steps = rest;
        }
        Ok(found)
    }

    fn within<'b>(&'b self, found: Found<'b>, key: &str) -> Option<Found<'b>> {
        match (found, key) {
            (Found::Own, "run_uuid") => Some(Found::Text(self.run_uuid.clone())),
            (Found::Own, "current_datetime_local") => Some(Found::Time(self.now.clone())),
            (Found::Own, "current_datetime_utc") => {
                Some(Found::Time(self.now.with_time_zone(TimeZone::UTC)))
            }
            (Found::Value(Value::Object(values)), key) => values.get(key).map(Found::Value),
            (Found::Value(Value::Array(values)), key) => {
                values.get(key.parse::<usize>().ok()?).map(Found::Value)
            }
            (Found::Time(time), key) => Some(Found::Text(match key {
                "year" => time.year().to_string(),
                "month" => time.month().to_string(),
                "day" => time.day().to_string(),
                "hour" => time.hour().to_string(),
                "minute" => time.minute().to_string(),
                "second" => time.second().to_string(),
                _ => return None,
            })),
            _ => None,
        }
    }
}

impl Found<'_> {
    fn text(&self) -> String {
        match self {
            Found::Value(value) => str(value),
            Found::Text(text) => text.clone(),
            // As Python writes a datetime; the one in UTC carries its offset, the local one none.
            Found::Time(time) if time.time_zone() == &TimeZone::UTC => {
                time.strftime("%Y-%m-%d %H:%M:%S.%6f+00:00").to_string()
            }
            Found::Time(time) => time.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string(),
            Found::Own => String::new(),
        }
    }
}

/// The first of `.key` and `[key]`, and what follows.
fn step(steps: &str) -> Option<(&str, &str)> {
    if let Some(rest) = steps.strip_prefix('[') {
        return rest.split_once(']').filter(|(key, _)| !key.is_empty());
    }
    let rest = steps.strip_prefix('.')?;
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    Some(rest.split_at(end)).filter(|(key, _)| !key.is_empty())
}

fn missing(path: &str, name: &str) -> Error {
    Error::usage(format!("the path {path} needs a parameter `{name}`, which was not given"))
        .hint(PARAMETERS_HINT)
}

fn lone(path: &str, brace: char) -> Error {
    Error::usage(format!("the path {path} has a `{brace}` without its other half"))
        .hint("{name} stands for the parameter `name`; a brace that is part of a name is written twice, {{ or }}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(path: &str) -> Result<String> {
        let parameters = json!({
            "name": "Été", "n": 7, "x": 1.5, "yes": true, "none": null, "list": ["a", {"b": 2}],
            "day": "2026-01-31",
        });
        let now: Zoned = "2026-11-22T19:05:09.5+01:00[Europe/Paris]".parse().expect("a time");
        Template::new(parameters.as_object().expect("an object"), now).fill(path)
    }

    #[test]
    fn paths_are_filled_in_as_python_does() {
        #[track_caller]
        fn check(path: &str, expected: &str) {
            assert_eq!(filled(path).map_err(|e| e.sentence()), Ok(expected.to_owned()), "{path}");
        }
        check("plain.ipynb", "plain.ipynb");
        check("{name}_{n}_{x}_{yes}_{none}.ipynb", "Été_7_1.5_True_None.ipynb");
        check("{{name}}{{}}", "{name}{}");
        check("{n:03d}|{x:.2f}|{name:>5}|{day:.7}", "007|1.50|  Été|2026-01");
        check("{list[0]}{list[1][b]}{list}", "a2['a', {'b': 2}]");
        check("{name!r}{name!s:-^7}", "'Été'--Été--");
        check("{pm[current_datetime_utc]}", "2026-11-22 18:05:09.500000+00:00");
        check("{pm.current_datetime_local:%Y%m%d_%H%M%S}", "20261122_190509");
        check("{pm[current_datetime_local].year}", "2026");
        assert_eq!(filled("{pm[run_uuid]}").expect("filled").len(), 36);
    }

    #[test]
    fn what_cannot_be_filled_in_is_told() {
        #[track_caller]
        fn check(path: &str, why: &str) {
            let error = filled(path).expect_err(path);
            assert!(error.sentence().contains(why), "{}", error.sentence());
        }
        check(
            "{other}.ipynb",
            "the path {other}.ipynb needs a parameter `other`, which was not given",
        );
        check("{list[7]}", "needs a parameter `list[7]`");
        check("{pm[nothing]}", "needs a parameter `pm[nothing]`");
        check("{}", "names no parameter");
        check("{0}", "names no parameter");
        check("{name", "a `{` without its other half");
        check("name}", "a `}` without its other half");
        check("{name:d}", "`Été` is a text, and `d` is for numbers");
        check("{pm}", "`pm` is no value");
        check("{name[}", "cannot be read");
        check("{name!x}", "`!x` is no conversion");
    }
}
