//! What a column holds, judged by all its values.

use serde_json::Value;

use super::value;
use crate::resource::Kind;

/// The narrowest kind that fits every value; text or JSON when none does. Nulls are not asked.
pub(super) fn kind_of<'a>(values: impl Iterator<Item = &'a Value> + Clone) -> Kind {
    let all = |fits: fn(&Value) -> bool| values.clone().all(fits);
    if values.clone().any(Value::is_object) {
        Kind::Json
    } else if values.clone().any(Value::is_array) {
        if all(is_list_of_texts) { Kind::Texts } else { Kind::Json }
    } else if all(Value::is_boolean) {
        Kind::Boolean
    } else if all(|value| value.as_i64().is_some()) {
        Kind::Integer
    } else if all(Value::is_number) {
        Kind::Decimal
    } else if all(|value| value.as_str().and_then(value::day).is_some()) {
        Kind::Date
    } else if all(|value| value.as_str().and_then(value::moment).is_some()) {
        Kind::Timestamp
    } else if all(is_plain_decimal) && values.clone().any(has_point) {
        Kind::Decimal
    } else {
        Kind::Text
    }
}

fn is_list_of_texts(value: &Value) -> bool {
    value.as_array().is_some_and(|parts| parts.iter().all(Value::is_string))
}

/// An amount as the API writes them. A number with leading zeros is a reference, not an amount, and
/// so may be digits alone: among them at least one must have a point.
fn is_plain_decimal(value: &Value) -> bool {
    let Some(text) = value.as_str() else { return false };
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(part) && (whole == "0" || !whole.starts_with('0'))
}

fn has_point(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains('.'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_kind_of_a_column_fits_all_its_values() {
        let check = |values: Value, kind: Kind| {
            let values = values.as_array().expect("a list");
            assert_eq!(kind_of(values.iter()), kind, "{values:?}");
        };
        check(json!([true, false]), Kind::Boolean);
        check(json!([1, -2]), Kind::Integer);
        check(json!([1, 2.5]), Kind::Decimal);
        check(json!([1, 18446744073709551615_u64]), Kind::Decimal);
        check(json!(["2026-01-31"]), Kind::Date);
        check(json!(["2026-01-31", "2026-13-01"]), Kind::Text);
        check(json!(["2026-01-31T10:00:00.123456Z"]), Kind::Timestamp);
        check(json!(["12.50", "30"]), Kind::Decimal);
        check(json!(["30", "5"]), Kind::Text);
        check(json!(["007", "1.5"]), Kind::Text);
        check(json!(["a", 1]), Kind::Text);
        check(json!([["a"], []]), Kind::Texts);
        check(json!([["a"], [1]]), Kind::Json);
        check(json!([{"a": 1}, "b"]), Kind::Json);
        check(json!([true, 1]), Kind::Text);
    }
}
