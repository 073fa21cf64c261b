//! What a plain word of YAML 1.1 means, as PyYAML's safe loader resolves it.

use penny_notebook::parameter_value;
use serde_json::{Number, Value};

/// The value of a word without quotes.
pub fn plain(text: &str) -> Value {
    ["null", "bool", "int", "float"]
        .into_iter()
        .find_map(|kind| resolved(kind, text))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// The value of a text that a tag such as `!!int` says the kind of; none when it is not of that kind.
pub fn tagged(kind: &str, text: &str) -> Option<Value> {
    match kind {
        "null" => Some(Value::Null),
        // `!!float 1` is a number although a plain `1` would be another.
        "float" => {
            resolved("float", text).or_else(|| text.replace('_', "").parse().ok().and_then(float))
        }
        kind => resolved(kind, text),
    }
}

fn resolved(kind: &str, text: &str) -> Option<Value> {
    match kind {
        "null" => matches!(text, "" | "~" | "null" | "Null" | "NULL").then_some(Value::Null),
        "bool" => boolean(text).map(Value::Bool),
        "int" => integer(text),
        "float" => decimal(text),
        _ => None,
    }
}

fn boolean(text: &str) -> Option<bool> {
    let lower = text.to_lowercase();
    let upper = text.to_uppercase();
    let capital = |word: &str| format!("{}{}", word[..1].to_uppercase(), &word[1..]);
    // Written small, large or with a capital; `yEs` is a text.
    if text != lower && text != upper && (lower.is_empty() || text != capital(&lower)) {
        return None;
    }
    match lower.as_str() {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// Sign and the rest.
fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(|b| b == b'_' || allowed(b))
}

/// Decimal, `0b`, octal with a leading zero, `0x`, and to the base of sixty.
fn integer(text: &str) -> Option<Value> {
    let (negative, digits) = signed(text);
    let based = |digits: &str, base| {
        let number = i128::from_str_radix(&digits.replace('_', ""), base).ok()?;
        whole(&(if negative { -number } else { number }).to_string())
    };
    if let Some(rest) = digits.strip_prefix("0b").filter(|r| all(r, |b| matches!(b, b'0' | b'1'))) {
        return based(rest, 2);
    }
    if let Some(rest) = digits.strip_prefix("0x").filter(|r| all(r, |b| b.is_ascii_hexdigit())) {
        return based(rest, 16);
    }
    if let Some(rest) = digits.strip_prefix('0') {
        return match rest {
            "" => whole("0"),
            rest if all(rest, |b| matches!(b, b'0'..=b'7')) => based(rest, 8),
            _ => None,
        };
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if all(digits, |b| b.is_ascii_digit()) {
        let plain = digits.replace('_', "");
        return whole(&if negative { format!("-{plain}") } else { plain });
    }
    let number = sixties(digits, |first| {
        all(first, |b| b.is_ascii_digit()).then(|| first.replace('_', "").parse().ok())?
    })?;
    whole(&(if negative { -number } else { number }).to_string())
}

/// `1:30` to the base of sixty; the first part by `first`.
fn sixties(text: &str, first: impl Fn(&str) -> Option<i128>) -> Option<i128> {
    let (head, rest) = text.split_once(':')?;
    rest.split(':').try_fold(first(head)?, |sum, part| {
        sum.checked_mul(60)?.checked_add(i128::from(below_sixty(part)?))
    })
}

fn below_sixty(part: &str) -> Option<u8> {
    let digits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    part.parse().ok().filter(|n| digits && *n < 60)
}

/// `1.5`, `1.`, `.5`, `1.5e+3` (PyYAML wants the dot and the sign), `1:30.5`, `.inf`, `.nan`.
fn decimal(text: &str) -> Option<Value> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(parameter_value("nan")),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Some(parameter_value("inf"));
        }
        "-.inf" | "-.Inf" | "-.INF" => return Some(parameter_value("-inf")),
        _ => {}
    }
    let (negative, rest) = signed(text);
    let (before, after) = rest.split_once('.')?;
    let is_digits = |text: &str| all(text, |b| b.is_ascii_digit());
    let (fraction, exponent) = match after.split_once(['e', 'E']) {
        Some((fraction, exponent)) => {
            let digits = exponent.strip_prefix(['+', '-'])?;
            (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some(())?;
            (fraction, exponent)
        }
        None => (after, "0"),
    };
    if !fraction.is_empty() && !is_digits(fraction) {
        return None;
    }
    let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let plain = |text: &str| text.replace('_', "");
    let number = if before.is_empty() {
        (begins(fraction) && text.starts_with('.')).then_some(())?;
        format!("0.{}e{exponent}", plain(fraction)).parse::<f64>().ok()?
    } else if begins(before) && is_digits(before) {
        format!("{}.{}0e{exponent}", plain(before), plain(fraction)).parse::<f64>().ok()?
    } else {
        let whole =
            (begins(before) && exponent == "0" && !after.contains(['e', 'E'])).then(|| {
                sixties(before, |first| is_digits(first).then(|| plain(first).parse().ok())?)
            })??;
        whole as f64 + format!("0.{}0", plain(fraction)).parse::<f64>().ok()?
    };
    float(if negative { -number } else { number })
}

fn whole(digits: &str) -> Option<Value> {
    let trimmed = digits.strip_prefix('-').unwrap_or(digits).trim_start_matches('0');
    let literal = match trimmed {
        "" => "0".to_owned(),
        trimmed if digits.starts_with('-') => format!("-{trimmed}"),
        trimmed => trimmed.to_owned(),
    };
    literal.parse::<Number>().ok().map(Value::Number)
}

fn float(number: f64) -> Option<Value> {
    match Number::from_f64(number) {
        Some(number) => Some(Value::Number(number)),
        None if number.is_nan() => Some(parameter_value("nan")),
        None => Some(parameter_value(if number > 0.0 { "inf" } else { "-inf" })),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(words: &[&str], expected: &Value) {
        for word in words {
            assert_eq!(plain(word), *expected, "{word}");
        }
    }

    #[test]
    fn words_mean_what_they_mean_to_pyyaml() {
        check(&["yes", "Yes", "YES", "true", "True", "on", "ON"], &json!(true));
        check(&["no", "No", "NO", "false", "FALSE", "off", "Off"], &json!(false));
        check(&["", "~", "null", "Null", "NULL"], &json!(null));
        check(&["30", "+30", "3_0", "0b11110", "036", "0x1e", "0x1E"], &json!(30));
        check(&["0", "-0", "00", "0x0"], &json!(0));
        check(&["90", "1:30"], &json!(90));
        check(&["-5430", "-1:30:30"], &json!(-5430));
        check(&["1.5", "+1.5", "1.5_0", "15.0e-1", ".15e+1"], &json!(1.5));
        check(&["1.", "1.0", "01.0"], &json!(1.0));
        check(&["90.5", "1:30.5"], &json!(90.5));
        check(&[".inf", "+.Inf"], &json!({"$number": "Infinity"}));
        check(&[".nan"], &json!({"$number": "NaN"}));
    }

    #[test]
    fn what_only_looks_like_a_value_is_a_text() {
        for word in [
            "y",
            "n",
            "yEs",
            "tRUE",
            "nULL",
            "none",
            "08",
            "0o17",
            "1e3",
            "1.5e3",
            "-.5",
            "1:60",
            "1:2:345",
            "0b2",
            "0xg",
            "_1",
            "1_a",
            ".",
            "..",
            "1.2.3",
            "2026-01-31",
            "nan",
            "inf",
            "-",
            "+",
            "0:30",
            "1,5",
            "é",
        ] {
            assert_eq!(plain(word), json!(word), "{word}");
        }
    }

    #[test]
    fn a_number_of_any_length_keeps_its_digits() {
        let digits = "123456789012345678901234567890123456789012345678901234567890";
        assert_eq!(plain(digits).to_string(), digits);
    }
}
