//! A program that asks the API, and holds every answer against `/api/v1/openapi.json`.

use serde_json::Value;

use super::super::visitor::{Answer, Visitor};
use crate::support::Workspace;

/// A token.
pub const TOKEN: &str = "un-jeton-assez-long-pour-un-programme";

/// A program.
pub struct Program {
    /// Who it is.
    pub visitor: Visitor,
    /// What the API says of itself.
    pub description: Value,
    /// What it proves itself by.
    headers: Vec<(String, String)>,
}

impl Program {
    /// One that shows the token of `.env`.
    pub fn of(workspace: &Workspace) -> Program {
        let bearer = ("Authorization".to_owned(), format!("Bearer {TOKEN}"));
        Program::with(Visitor::of_proxy(workspace, "127.0.0.1"), vec![bearer])
    }

    /// One in a browser: with a session, and the proof of its pages.
    pub fn of_session(visitor: Visitor) -> Program {
        let origin = ("Origin".to_owned(), format!("http://{}", visitor.host));
        let proof = ("X-CSRF-Token".to_owned(), visitor.proof());
        Program::with(visitor, vec![origin, proof])
    }

    fn with(visitor: Visitor, headers: Vec<(String, String)>) -> Program {
        let mut program = Program { visitor, description: Value::Null, headers };
        program.description = program.send("GET", "/openapi.json", &[], "").is(200).json();
        program
    }

    /// Sends anything.
    #[track_caller]
    pub fn send(&self, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> Answer {
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let headers: Vec<_> = own.chain(more.iter().copied()).collect();
        self.visitor.send(method, &format!("/api/v1{path}"), &headers, body)
    }

    /// Asks, and holds the answer against the description of that address.
    #[track_caller]
    pub fn ask(&self, method: &str, path: &str, body: Option<Value>, status: u16) -> Value {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let kind = [("Content-Type", "application/json")];
        let headers = if body.is_empty() { &[][..] } else { &kind[..] };
        let value = self.send(method, path, headers, &body).is(status).json();
        let (described, operation) = self.operation(method, path);
        let answer = self.meant(&operation["responses"][status.to_string()]);
        let schema = &answer["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{method} {described} does not describe {status}");
        self.check(schema, &value, &format!("{method} {path}"));
        value
    }

    /// Asks for something that is no JSON, and holds what it is against the description.
    #[track_caller]
    pub fn fetch(&self, path: &str, kind: &str) -> Answer {
        let answer = self.send("GET", path, &[], "").is(200);
        let (_, operation) = self.operation("GET", path);
        let described = operation["responses"]["200"]["content"].as_object().expect("kinds");
        let found = answer.header("content-type").expect("a kind").split(';').next();
        assert_eq!(found, Some(kind), "{path}");
        assert!(described.contains_key(kind), "{path}: {kind} is not described");
        answer
    }

    /// Asks, and looks whether the refusal says that.
    #[track_caller]
    pub fn refused(&self, method: &str, path: &str, body: Option<Value>, status: u16, says: &str) {
        let answer = self.ask(method, path, body, status);
        let error = answer["error"].as_str().expect("a sentence");
        let text = format!("{error} {}", answer["hints"]);
        assert!(text.contains(says), "{method} {path}: {text}");
    }

    /// What a reference means.
    pub fn meant<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.description.pointer(&reference[1..]).expect("described"),
            None => value,
        }
    }

    /// The description of an address: the one with the fewest places to fill in.
    pub fn operation(&self, method: &str, path: &str) -> (&str, &Value) {
        let path = path.split('?').next().expect("a path");
        let fits = |described: &str| {
            let (these, those) = (described.split('/'), path.split('/'));
            these.clone().count() == those.clone().count()
                && these.zip(those).all(|(one, other)| one.starts_with('{') || one == other)
        };
        let paths = self.description["paths"].as_object().expect("paths");
        let found = paths.iter().filter(|(described, _)| fits(described));
        let (described, operations) =
            found.min_by_key(|(path, _)| path.matches('{').count()).expect("described");
        (described, &operations[method.to_lowercase()])
    }

    /// Fails where a value is not what its schema says.
    #[track_caller]
    pub fn check(&self, schema: &Value, value: &Value, place: &str) {
        let schema = self.meant(schema);
        if let Some(object) = value.as_object()
            && let Some(known) = self.properties(schema)
        {
            let unknown = object.keys().find(|key| !known.contains(&key.as_str()));
            assert_eq!(unknown, None, "{place}: it is not described in {value}");
        }
        self.check_parts(schema, value, place);
    }

    /// The names that an object may have; nothing where it may have any.
    fn properties<'a>(&'a self, schema: &'a Value) -> Option<Vec<&'a str>> {
        let schema = self.meant(schema);
        if let Some(one) = schema["oneOf"].as_array() {
            return one.iter().find_map(|one| self.properties(one));
        }
        let mut known: Vec<&str> = Vec::new();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            known.extend(self.properties(part)?);
        }
        let is_open =
            !schema["additionalProperties"].is_null() && schema["additionalProperties"] != false;
        let own = schema["properties"].as_object();
        if is_open || (own.is_none() && known.is_empty()) {
            return None;
        }
        known.extend(own.into_iter().flatten().map(|(name, _)| name.as_str()));
        Some(known)
    }

    #[track_caller]
    fn check_parts(&self, schema: &Value, value: &Value, place: &str) {
        let schema = self.meant(schema);
        if let Some(one) = schema["oneOf"].as_array() {
            let one = one.iter().find(|one| (one["type"] == "null") == value.is_null());
            return self.check(one.expect("one of them"), value, place);
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.check_parts(part, value, place);
        }
        if !schema["type"].is_null() {
            let types = schema["type"].as_array().cloned();
            let types = types.unwrap_or_else(|| vec![schema["type"].clone()]);
            assert!(types.iter().any(|kind| is(value, kind)), "{place}: {value} is not {types:?}");
        }
        if let Some(words) = schema["enum"].as_array() {
            assert!(words.contains(value), "{place}: {value} is not one of {words:?}");
        }
        // What may be null need not be an object.
        let required = schema["required"].as_array().filter(|_| value.is_object());
        for name in required.into_iter().flatten() {
            let name = name.as_str().expect("a name");
            assert!(value.get(name).is_some(), "{place}: `{name}` is missing in {value}");
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = value.get(name) {
                self.check(schema, value, &format!("{place}.{name}"));
            }
        }
        if schema["additionalProperties"].is_object() {
            for (name, value) in value.as_object().into_iter().flatten() {
                self.check(&schema["additionalProperties"], value, &format!("{place}.{name}"));
            }
        }
        for (index, value) in value.as_array().into_iter().flatten().enumerate() {
            self.check(&schema["items"], value, &format!("{place}[{index}]"));
        }
    }
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().expect("a kind") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}"),
    }
}
