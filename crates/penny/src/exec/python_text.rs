//! Values as Python's `str()` and `repr()` write them: what `{}` in a path is filled with.

use serde_json::Value;

/// `str(value)`.
pub fn str(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    }
}

/// `repr(value)`.
pub fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => match whole(number.as_str()) {
            true => number.to_string(),
            false => number.as_f64().map_or_else(|| number.to_string(), float),
        },
        Value::String(text) => quoted(text),
        Value::Array(values) => {
            format!("[{}]", values.iter().map(repr).collect::<Vec<_>>().join(", "))
        }
        Value::Object(values) => match not_finite(value) {
            Some(word) => word.to_owned(),
            None => {
                let pairs = values.iter().map(|(k, v)| format!("{}: {}", quoted(k), repr(v)));
                format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
            }
        },
    }
}

/// Whether a number's literal is one of Python's `int`.
pub fn whole(literal: &str) -> bool {
    !literal.contains(['.', 'e', 'E'])
}

/// What Python calls a number that JSON has none for, if the value stands for one.
pub fn not_finite(value: &Value) -> Option<&'static str> {
    ["nan", "inf", "-inf"].into_iter().find(|word| penny_notebook::parameter_value(word) == *value)
}

/// `repr` of a float: the shortest digits that mean the same, with an exponent where Python has one.
pub fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return format!("{number:?}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// A text in the quotes that Python chooses, with its escapes.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_look_as_in_python() {
        #[track_caller]
        fn check(value: Value, as_str: &str, as_repr: &str) {
            assert_eq!((str(&value).as_str(), repr(&value).as_str()), (as_str, as_repr));
        }
        check(json!("l'été"), "l'été", "\"l'été\"");
        check(json!("a\"b'\n\u{1}"), "a\"b'\n\u{1}", "'a\"b\\'\\n\\x01'");
        check(json!(null), "None", "None");
        check(
            json!([true, 1, 1.0, {"k": "v"}]),
            "[True, 1, 1.0, {'k': 'v'}]",
            "[True, 1, 1.0, {'k': 'v'}]",
        );
        check(penny_notebook::parameter_value("-inf"), "-inf", "-inf");
        for (number, text) in [
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e-5, "1.5e-05"),
            (0.0001, "0.0001"),
            (0.1, "0.1"),
            (1e300, "1e+300"),
        ] {
            assert_eq!(float(number), text);
        }
    }
}
