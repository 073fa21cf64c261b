//! A checker for the format that `schemas.json` describes answers in.

use std::sync::LazyLock;

use serde_json::Value;

/// The contract: enums, and for every operation its scopes, parameters and response.
pub static CONTRACT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../schemas.json")).expect("schemas.json is JSON")
});

/// The operations of the contract: name such as `GET /customers/{id}`, path, description.
pub fn operations() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    let operations = CONTRACT["operations"].as_object().expect("operations are an object");
    operations.iter().map(|(name, operation)| {
        let path = name.strip_prefix("GET ").expect("every operation reads");
        (name.as_str(), path, operation)
    })
}

/// Everything in `value` that does not agree with `schema`, as sentences that name the place.
pub fn violations(value: &Value, schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(value, schema, "", &mut found);
    found
}

fn check(value: &Value, schema: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(variants) = schema["oneOf"].as_array() {
        let tries: Vec<_> = variants.iter().map(|variant| violations(value, variant)).collect();
        if tries.iter().filter(|violations| violations.is_empty()).count() != 1 {
            found.push(format!("{place}: not exactly one variant fits: {tries:?}"));
        }
        return;
    }
    if value.is_null() {
        if schema["nullable"] != true {
            found.push(format!("{place}: null is not allowed"));
        }
        return;
    }
    match schema["type"].as_str() {
        Some("object") => check_object(value, schema, place, found),
        Some("array") => match value.as_array() {
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    check(item, &schema["items"], &format!("{place}[{index}]"), found);
                }
            }
            None => found.push(format!("{place}: {value} is not an array")),
        },
        Some("string") => check_string(value, schema, place, found),
        Some("integer") if value.as_i64().is_none() => {
            found.push(format!("{place}: {value} is not an integer"))
        }
        Some("number") if !value.is_number() => {
            found.push(format!("{place}: {value} is not a number"))
        }
        Some("boolean") if !value.is_boolean() => {
            found.push(format!("{place}: {value} is not a boolean"))
        }
        Some("integer" | "number" | "boolean") => {}
        other => panic!("{place}: the checker does not know type {other:?}"),
    }
}

fn check_object(value: &Value, schema: &Value, place: &str, found: &mut Vec<String>) {
    let Some(object) = value.as_object() else {
        found.push(format!("{place}: {value} is not an object"));
        return;
    };
    let Some(properties) = schema["properties"].as_object() else { return };
    for (key, schema) in properties {
        match object.get(key) {
            // The contract forgot that drafts are not booked.
            Some(Value::Null)
                if key == "ledger_entry" && object.get("draft") == Some(&Value::Bool(true)) => {}
            Some(value) => check(value, schema, &format!("{place}.{key}"), found),
            None if schema["optional"] == true => {}
            None => found.push(format!("{place}: key {key} is missing")),
        }
    }
    // Schemas are closed.
    for key in object.keys().filter(|key| !properties.contains_key(*key)) {
        found.push(format!("{place}: key {key} is not in the contract"));
    }
}

fn check_string(value: &Value, schema: &Value, place: &str, found: &mut Vec<String>) {
    let Some(text) = value.as_str() else {
        found.push(format!("{place}: {value} is not a string"));
        return;
    };
    let is_date = |text: &str| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    let is_instant = |text: &str| {
        text.len() == 27 && text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()
    };
    let fits = match schema["format"].as_str() {
        Some("date") => is_date(text),
        Some("date-time") => is_instant(text),
        Some("email") => text.contains('@'),
        Some("uuid") => text.len() == 36,
        Some("uri") => text.starts_with("http"),
        Some(other) => panic!("{place}: the checker does not know format {other}"),
        None => true,
    };
    if !fits {
        found.push(format!("{place}: {text:?} is not a {}", schema["format"]));
    }
    let allowed = match schema["enum_ref"].as_str() {
        Some(name) => &CONTRACT["enums"][name],
        None => &schema["enum"],
    };
    if allowed.as_array().is_some_and(|allowed| !allowed.contains(value)) {
        found.push(format!("{place}: {text:?} is not one of {allowed}"));
    }
}

#[test]
fn the_checker_finds_what_is_wrong() {
    #[track_caller]
    fn check(value: Value, expected: &[&str]) {
        let schema = &CONTRACT["operations"]["GET /fiscal_years"]["response"];
        let found = violations(&value, schema);
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found} lacks {expected}");
        }
    }
    let year = serde_json::json!({
        "id": 1, "start": "2026-01-01", "finish": "2026-12-31", "status": "open",
        "created_at": "2026-01-01T00:00:00.000000Z", "updated_at": "2026-01-01T00:00:00.000000Z",
    });
    let page = |year: Value| serde_json::json!({ "items": [year], "has_more": false, "next_cursor": null });
    let with = |key: &str, value: Value| {
        let mut year = year.clone();
        year[key] = value;
        page(year)
    };
    check(page(year.clone()), &[]);
    check(with("id", "1".into()), &["is not an integer"]);
    check(with("start", "01/01/2026".into()), &["is not a \"date\""]);
    check(with("created_at", "2026-01-01T00:00:00Z".into()), &["is not a \"date-time\""]);
    check(with("status", "ajar".into()), &["is not one of"]);
    check(with("finish", Value::Null), &["null is not allowed"]);
    check(with("colour", 1.into()), &["key colour is not in the contract"]);
    check(
        serde_json::json!({ "items": {} }),
        &["is not an array", "key has_more", "key next_cursor"],
    );
}
