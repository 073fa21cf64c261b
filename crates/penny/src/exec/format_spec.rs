//! The part after the colon in `{n:03d}`: Python's format specification, as far as paths need it.

use serde_json::Value;

use super::python_text::{float, not_finite, str, whole};

/// A path is no place for a thousand blanks.
const WIDTH_MAX: usize = 500;

/// `[[fill]align][sign][#][0][width][grouping][.precision][type]`
struct Spec {
    fill: char,
    align: Option<char>,
    sign: char,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// A value by its specification.
///
/// # Errors
/// Why it cannot be written so.
pub fn value(value: &Value, spec: &str) -> Result<String, String> {
    if spec.is_empty() {
        return Ok(str(value));
    }
    match value {
        Value::String(text) => self::text(text, spec),
        Value::Bool(flag) if Spec::read(spec)?.kind.is_none() => {
            self::text(if *flag { "True" } else { "False" }, spec)
        }
        Value::Bool(flag) => integer(if *flag { 1 } else { 0 }, &Spec::read(spec)?),
        Value::Number(number) if whole(number.as_str()) => match number.as_str().parse() {
            Ok(number) => integer(number, &Spec::read(spec)?),
            Err(_) => decimal(number.as_f64().unwrap_or(f64::NAN), &Spec::read(spec)?),
        },
        Value::Number(number) => decimal(number.as_f64().unwrap_or(f64::NAN), &Spec::read(spec)?),
        other => match not_finite(other) {
            Some(word) => self::text(word, spec),
            None => Err(format!("{} has no format `{spec}`", str(other))),
        },
    }
}

/// A text by its specification.
///
/// # Errors
/// Why it cannot be written so.
pub fn text(text: &str, spec: &str) -> Result<String, String> {
    let spec = Spec::read(spec)?;
    match spec.kind {
        None | Some('s') => {}
        Some(kind) => return Err(format!("`{text}` is a text, and `{kind}` is for numbers")),
    }
    let cut: String = match spec.precision {
        Some(most) => text.chars().take(most).collect(),
        None => text.to_owned(),
    };
    Ok(spec.aligned("", &cut, '<'))
}

fn integer(number: i128, spec: &Spec) -> Result<String, String> {
    let size = number.unsigned_abs();
    let digits = match spec.kind {
        None | Some('d' | 'n') => grouped(&size.to_string(), spec.grouping),
        Some('b') => format!("{size:b}"),
        Some('o') => format!("{size:o}"),
        Some('x') => format!("{size:x}"),
        Some('X') => format!("{size:X}"),
        Some(_) => return decimal(number as f64, spec),
    };
    Ok(spec.aligned(spec.sign(number < 0), &digits, '>'))
}

fn decimal(number: f64, spec: &Spec) -> Result<String, String> {
    let size = number.abs();
    let precision = spec.precision.unwrap_or(6);
    let digits = match spec.kind {
        _ if !number.is_finite() => float(size),
        Some('f' | 'F') => format!("{size:.precision$}"),
        Some('%') => format!("{:.precision$}%", size * 100.0),
        Some(kind @ ('e' | 'E')) => exponent(&format!("{size:.precision$e}"), kind),
        None | Some('g' | 'G' | 'n') => match (spec.precision, spec.kind) {
            (None, None) => float(size),
            (most, _) => significant(size, most.unwrap_or(6).max(1)),
        },
        Some(kind) => return Err(format!("`{kind}` is no format of a number")),
    };
    let (whole, fraction) = match digits.find(['.', 'e', 'E', '%']) {
        Some(at) => digits.split_at(at),
        None => (digits.as_str(), ""),
    };
    let digits = format!("{}{fraction}", grouped(whole, spec.grouping));
    Ok(spec.aligned(spec.sign(number.is_sign_negative() && !number.is_nan()), &digits, '>'))
}

/// Rust's `1.5e3` as Python's `1.5e+03`.
fn exponent(text: &str, kind: char) -> String {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}{kind}{sign}{:02}", exponent.abs())
}

/// So many digits that count, without the zeros that say nothing.
fn significant(number: f64, most: usize) -> String {
    let scientific = format!("{number:.*e}", most - 1);
    let (digits, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let shortened = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    match usize::try_from(most as i32 - 1 - power) {
        Ok(decimals) if power >= -4 => shortened(&format!("{number:.decimals$}")),
        _ => exponent(&format!("{}e{power}", shortened(digits)), 'e'),
    }
}

fn grouped(digits: &str, grouping: Option<char>) -> String {
    let Some(separator) = grouping else { return digits.to_owned() };
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

impl Spec {
    fn read(spec: &str) -> Result<Spec, String> {
        let wrong = || format!("`{spec}` is no format");
        let chars: Vec<char> = spec.chars().collect();
        let is_align = |at: usize| matches!(chars.get(at), Some('<' | '>' | '^' | '='));
        let mut at = 0;
        let mut fill = ' ';
        let mut align = None;
        if is_align(1) {
            (fill, align, at) = (chars[0], Some(chars[1]), 2);
        } else if is_align(0) {
            (align, at) = (Some(chars[0]), 1);
        }
        let mut take = |allowed: &str| {
            let found = chars.get(at).copied().filter(|c| allowed.contains(*c));
            at += usize::from(found.is_some());
            found
        };
        let sign = take("+- ").unwrap_or('-');
        take("#");
        if take("0").is_some() && align.is_none() {
            (fill, align) = ('0', Some('='));
        }
        let mut number = |first: Option<char>| {
            let mut digits: String = first.into_iter().collect();
            while let Some(digit) = take("0123456789") {
                digits.push(digit);
            }
            digits
        };
        let width = number(None);
        let grouping = take(",_");
        let precision = match take(".") {
            Some(_) => {
                let mut digits = String::new();
                while let Some(digit) = take("0123456789") {
                    digits.push(digit);
                }
                Some(digits.parse::<usize>().ok().filter(|p| *p <= WIDTH_MAX).ok_or_else(wrong)?)
            }
            None => None,
        };
        let kind = take("bdeEfFgGnosxX%");
        if at != chars.len() {
            return Err(wrong());
        }
        let width = if width.is_empty() { 0 } else { width.parse().map_err(|_| wrong())? };
        if width > WIDTH_MAX {
            return Err(wrong());
        }
        Ok(Spec { fill, align, sign, width, grouping, precision, kind })
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.sign) {
            (true, _) => "-",
            (false, '+') => "+",
            (false, ' ') => " ",
            (false, _) => "",
        }
    }

    fn aligned(&self, sign: &str, body: &str, usual: char) -> String {
        let length = sign.chars().count() + body.chars().count();
        let missing = self.width.saturating_sub(length);
        let fill = |count: usize| self.fill.to_string().repeat(count);
        match self.align.unwrap_or(usual) {
            '<' => format!("{sign}{body}{}", fill(missing)),
            '^' => format!("{}{sign}{body}{}", fill(missing / 2), fill(missing - missing / 2)),
            '=' if usual == '>' => format!("{sign}{}{body}", fill(missing)),
            '=' => format!("{sign}{body}{}", fill(missing)),
            _ => format!("{}{sign}{body}", fill(missing)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_formatted_as_in_python() {
        #[track_caller]
        fn check(given: Value, spec: &str, expected: &str) {
            assert_eq!(value(&given, spec), Ok(expected.to_owned()), "{given} {spec}");
        }
        check(json!(7), "03d", "007");
        check(json!(-7), "04", "-007");
        check(json!(7), "+", "+7");
        check(json!(1234567), ",", "1,234,567");
        check(json!(255), "x", "ff");
        check(json!(7), "*^5", "**7**");
        check(json!(7), ".1f", "7.0");
        check(json!(1234.5), "_.2f", "1_234.50");
        check(json!(0.256), ".1%", "25.6%");
        check(json!(1500.0), ".1e", "1.5e+03");
        check(json!(1500.0), "g", "1500");
        check(json!(0.00001234), ".2g", "1.2e-05");
        check(json!(1.5), "8", "     1.5");
        check(json!("ab"), "4", "ab  ");
        check(json!("ab"), ">4", "  ab");
        check(json!("abc"), ".2", "ab");
        check(json!(true), "d", "1");
        check(json!(true), "", "True");
    }

    #[test]
    fn what_is_no_format_is_told() {
        #[track_caller]
        fn check(given: Value, spec: &str) {
            assert!(value(&given, spec).is_err(), "{given} {spec}");
        }
        check(json!("a"), "d");
        check(json!(1), "y");
        check(json!(1), "9999999999999999999999");
        check(json!([1]), "d");
        check(json!(null), ">9");
    }
}
