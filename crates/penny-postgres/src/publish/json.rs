//! Lists, structs and maps as JSON text, and JSON text in one form that can be compared.

use arrow_array::cast::AsArray;
use arrow_array::{Array, FixedSizeListArray};
use arrow_schema::DataType;
use serde_json::Value as Json;

use super::cells::Cells;
use super::numeric;
use super::text;
use super::value::Value;

/// A nested Arrow array, its shape found out once.
pub(super) enum Nested<'a> {
    Scalar(Cells<'a>),
    List {
        offsets: Vec<usize>,
        array: &'a dyn Array,
        item: Box<Nested<'a>>,
    },
    Struct {
        array: &'a dyn Array,
        fields: Vec<(String, Nested<'a>)>,
    },
    Map {
        offsets: Vec<usize>,
        array: &'a dyn Array,
        keys: Box<Nested<'a>>,
        values: Box<Nested<'a>>,
    },
}

impl<'a> Nested<'a> {
    pub(super) fn new(array: &'a dyn Array) -> Nested<'a> {
        match array.data_type() {
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                Nested::list(array, to_usize(list.offsets()), list.values().as_ref())
            }
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                Nested::list(array, to_usize(list.offsets()), list.values().as_ref())
            }
            DataType::FixedSizeList(..) => {
                let list: &FixedSizeListArray = array.as_fixed_size_list();
                let length = usize::try_from(list.value_length()).unwrap_or(0);
                let offsets = (0..=list.len()).map(|row| row * length).collect();
                Nested::list(array, offsets, list.values().as_ref())
            }
            DataType::Struct(fields) => {
                let columns = array.as_struct().columns();
                let fields = fields.iter().zip(columns);
                let fields = fields
                    .map(|(field, column)| (field.name().clone(), Nested::new(column.as_ref())))
                    .collect();
                Nested::Struct { array, fields }
            }
            DataType::Map(..) => {
                let map = array.as_map();
                Nested::Map {
                    offsets: to_usize(map.offsets()),
                    array,
                    keys: Box::new(Nested::new(map.keys().as_ref())),
                    values: Box::new(Nested::new(map.values().as_ref())),
                }
            }
            _ => Nested::Scalar(Cells::new(array, false)),
        }
    }

    fn list(array: &'a dyn Array, offsets: Vec<usize>, values: &'a dyn Array) -> Nested<'a> {
        Nested::List { offsets, array, item: Box::new(Nested::new(values)) }
    }

    /// The row as JSON text.
    pub(super) fn text(&self, row: usize) -> String {
        let mut out = String::new();
        self.write(row, &mut out);
        out
    }

    fn write(&self, row: usize, out: &mut String) {
        match self {
            Nested::Scalar(cells) => write_scalar(&cells.get(row), out),
            Nested::List { array, .. }
            | Nested::Struct { array, .. }
            | Nested::Map { array, .. }
                if array.is_null(row) =>
            {
                out.push_str("null");
            }
            Nested::List { offsets, item, .. } => {
                out.push('[');
                for index in offsets[row]..offsets[row + 1] {
                    if index > offsets[row] {
                        out.push(',');
                    }
                    item.write(index, out);
                }
                out.push(']');
            }
            Nested::Struct { fields, .. } => {
                out.push('{');
                for (index, (name, field)) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_string(name, out);
                    out.push(':');
                    field.write(row, out);
                }
                out.push('}');
            }
            Nested::Map { offsets, keys, values, .. } => {
                out.push('{');
                for index in offsets[row]..offsets[row + 1] {
                    if index > offsets[row] {
                        out.push(',');
                    }
                    keys.write_key(index, out);
                    out.push(':');
                    values.write(index, out);
                }
                out.push('}');
            }
        }
    }

    /// JSON has text keys only: any other key is its JSON text in quotes.
    fn write_key(&self, row: usize, out: &mut String) {
        let mut key = String::new();
        self.write(row, &mut key);
        if key.starts_with('"') {
            out.push_str(&key);
        } else {
            write_string(&key, out);
        }
    }
}

fn to_usize<O: Copy + TryInto<usize>>(offsets: &[O]) -> Vec<usize> {
    offsets.iter().map(|offset| (*offset).try_into().unwrap_or(0)).collect()
}

fn write_scalar(value: &Value<'_>, out: &mut String) {
    match value {
        Value::Json(text) => out.push_str(text),
        Value::Float(number) if !number.is_finite() => out.push_str("null"),
        Value::Float32(number) if !number.is_finite() => out.push_str("null"),
        Value::Null => out.push_str("null"),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Float32(_)
        | Value::Decimal(..)
        | Value::BigDecimal(..) => text::write(value, out),
        _ => {
            let mut plain = String::new();
            text::write(value, &mut plain);
            write_string(&plain, out);
        }
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push_str(&Json::from(text).to_string());
}

/// One form of a JSON text for all that PostgreSQL's jsonb takes for equal: keys in order, numbers without
/// superfluous zeros, no spaces. `None` when it is not JSON.
pub(super) fn canonical(text: &str) -> Option<String> {
    let value: Json = serde_json::from_str(text).ok()?;
    let mut out = String::with_capacity(text.len());
    write_canonical(&value, &mut out);
    Some(out)
}

fn write_canonical(value: &Json, out: &mut String) {
    match value {
        Json::Number(number) => numeric::write_canonical(&number.to_string(), out),
        Json::Array(items) => {
            out.push('[');
            for item in items {
                write_canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| name.as_str());
            out.push('{');
            for (name, member) in members {
                write_string(name, out);
                out.push(':');
                write_canonical(member, out);
                out.push(',');
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

/// Whether jsonb accepts the text. It is parsed whole, since skipping over it would let half surrogates pass.
pub(super) fn is_valid(text: &str) -> bool {
    serde_json::from_str::<Json>(text).is_ok()
}

/// Takes out the escaped NUL characters, which jsonb refuses; the number of them comes with the text.
pub(super) fn without_nul(text: &str) -> (std::borrow::Cow<'_, str>, u64) {
    const ESCAPE: &str = "\\u0000";
    if !text.contains(ESCAPE) {
        return (text.into(), 0);
    }
    let (mut out, mut count, mut rest) = (String::with_capacity(text.len()), 0, text);
    while let Some(at) = rest.find(ESCAPE) {
        let before = &rest[..at];
        out.push_str(before);
        // An odd number of backslashes before means that this one is escaped itself: text, not NUL.
        let backslashes = before.bytes().rev().take_while(|byte| *byte == b'\\').count();
        if backslashes % 2 == 1 {
            out.push_str(ESCAPE);
        } else {
            count += 1;
        }
        rest = &rest[at + ESCAPE.len()..];
    }
    out.push_str(rest);
    (out.into(), count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_jsonb_takes_for_equal_has_one_form() {
        for (left, right) in [
            (r#"{"b": 1.0, "a": [1e2, null]}"#, r#"{"a":[100,null],"b":1}"#),
            (r#"{"a":1,"a":2}"#, r#"{"a": 2}"#),
            (r#""\u00e9""#, "\"é\""),
            ("0.10", "1e-1"),
            ("-0.0", "0"),
        ] {
            assert_eq!(canonical(left).unwrap(), canonical(right).unwrap(), "{left} {right}");
        }
        assert_ne!(canonical("[1,2]"), canonical("[2,1]"));
        assert_ne!(canonical("1"), canonical("\"1\""));
        assert_eq!(canonical("{"), None);
    }

    #[test]
    fn only_a_true_nul_is_taken_out_of_json() {
        assert_eq!(without_nul(r#"{"a":"x\u0000y"}"#), (r#"{"a":"xy"}"#.into(), 1));
        assert_eq!(without_nul(r#""\\u0000""#), (r#""\\u0000""#.into(), 0));
        assert_eq!(without_nul(r#""\u0000\u0000""#), ("\"\"".into(), 2));
    }
}
