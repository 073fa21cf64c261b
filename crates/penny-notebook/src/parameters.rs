//! Parameters: values that a run puts in the place of a notebook's own.

use std::str::FromStr;

use serde_json::{Map, Number, Value, json};

/// The parameters of an execution, by name.
pub type Parameters = Map<String, Value>;

/// JSON has no NaN and no infinity; an object with this one key stands for them.
const NUMBER_KEY: &str = "$number";

/// The value that a text on the command line stands for, as papermill's `-p` reads it: `True`, `False`,
/// `None`, a whole number, a decimal number (`nan` and `inf` too), or else the text itself.
///
/// A number that is not finite comes as `{"$number": "NaN"}`, `"Infinity"` or `"-Infinity"`, which the
/// injected cell writes as the notebook's language has it.
pub fn parameter_value(text: &str) -> Value {
    match text {
        "True" => json!(true),
        "False" => json!(false),
        "None" => Value::Null,
        _ => number(text).unwrap_or_else(|| json!(text)),
    }
}

/// The name of a number that is not finite, if the value stands for one.
pub(crate) fn not_finite(value: &Value) -> Option<&str> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object
        .get(NUMBER_KEY)?
        .as_str()
        .filter(|name| matches!(*name, "NaN" | "Infinity" | "-Infinity"))
}

/// The parameters as the notebook's metadata records them, where a number that is not finite is a text.
pub(crate) fn recorded(parameters: &Parameters) -> Value {
    fn record(value: &Value) -> Value {
        match value {
            Value::Array(values) => values.iter().map(record).collect(),
            Value::Object(_) if not_finite(value).is_some() => json!(not_finite(value)),
            Value::Object(values) => {
                values.iter().map(|(key, value)| (key.clone(), record(value))).collect()
            }
            other => other.clone(),
        }
    }
    parameters.iter().map(|(name, value)| (name.clone(), record(value))).collect()
}

/// A number as Python's `int()` and then `float()` read it.
fn number(text: &str) -> Option<Value> {
    let digits = without_underscores(text.trim())?;
    let (sign, unsigned) = match digits.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", digits.strip_prefix('+').unwrap_or(&digits)),
    };
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        let significant = unsigned.trim_start_matches('0');
        let literal =
            if significant.is_empty() { "0".to_owned() } else { format!("{sign}{significant}") };
        return Number::from_str(&literal).ok().map(Value::Number);
    }
    let float: f64 = digits.parse().ok()?;
    let name = match float {
        _ if float.is_nan() => "NaN",
        _ if float.is_infinite() && float > 0.0 => "Infinity",
        _ if float.is_infinite() => "-Infinity",
        _ => return Some(json!(float)),
    };
    Some(json!({ NUMBER_KEY: name }))
}

/// The text without the underscores that Python allows between two digits; none if one stands elsewhere.
fn without_underscores(text: &str) -> Option<String> {
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| text.as_bytes().get(at)).is_some_and(u8::is_ascii_digit)
    };
    let all_between = text
        .bytes()
        .enumerate()
        .filter(|&(_, byte)| byte == b'_')
        .all(|(at, _)| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)));
    all_between.then(|| text.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_papermill_reads_it() {
        #[track_caller]
        fn check(text: &str, expected: Value) {
            assert_eq!(parameter_value(text), expected);
        }
        check("True", json!(true));
        check("true", json!("true"));
        check("None", json!(null));
        check("12", json!(12));
        check(" -007 ", json!(-7));
        check("1_000", json!(1000));
        check("1__000", json!("1__000"));
        check("_1", json!("_1"));
        check("-0", json!(0));
        check("12.50", json!(12.5));
        check("1e3", json!(1000.0));
        check(".5", json!(0.5));
        check("nan", json!({ "$number": "NaN" }));
        check("-inf", json!({ "$number": "-Infinity" }));
        check("2026-01-01", json!("2026-01-01"));
        check("", json!(""));
        check("-", json!("-"));
        check("e", json!("e"));
        assert_eq!(
            parameter_value("123456789012345678901234567890").to_string(),
            "123456789012345678901234567890"
        );
    }
}
