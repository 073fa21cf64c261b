//! The `filter` parameter: a JSON array of `{"field", "operator", "value"}`, all of which must hold.

use std::borrow::Cow;

use jiff::civil::Date;
use serde_json::Value;

use super::refusal::Refusal;

/// A way to compare, named as in the parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Lt,
    LtEq,
    Gt,
    GtEq,
    In,
    NotIn,
    /// Prefix, whatever the case.
    StartWith,
}

use Operator::{Equal, Gt, GtEq, In, Lt, LtEq, NotEqual, NotIn, StartWith};

/// Everything that makes sense for a number or a day.
pub(super) const COMPARISONS: &[Operator] = &[Lt, LtEq, Gt, GtEq, Equal, NotEqual, In, NotIn];
/// The same without lists.
pub(super) const ORDER: &[Operator] = &[Lt, LtEq, Gt, GtEq, Equal, NotEqual];
/// One of several values, or none of them.
pub(super) const MEMBERSHIP: &[Operator] = &[Equal, NotEqual, In, NotIn];
/// One value.
pub(super) const EQ: &[Operator] = &[Equal];

impl Operator {
    fn parse(text: &str) -> Option<Operator> {
        Some(match text {
            "eq" => Equal,
            "not_eq" => NotEqual,
            "lt" => Lt,
            "lteq" => LtEq,
            "gt" => Gt,
            "gteq" => GtEq,
            "in" => In,
            "not_in" => NotIn,
            "start_with" => StartWith,
            _ => return None,
        })
    }
}

/// What a field's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Date,
    Text,
    Bool,
}

/// A field that a list can be filtered by, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    field: &'static str,
    kind: Kind,
    operators: &'static [Operator],
}

impl Rule {
    /// A rule of the contract's table.
    pub const fn new(field: &'static str, kind: Kind, operators: &'static [Operator]) -> Rule {
        Rule { field, kind, operators }
    }
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(super) enum Operand {
    Integer(i64),
    Date(Date),
    Text(String),
    Bool(bool),
}

/// What a record has in a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field<'a> {
    /// Nothing: only a condition that asks for something else than a value could hold, and as in SQL not even that.
    Empty,
    Id(u64),
    Date(Date),
    Text(&'a str),
    Bool(bool),
    /// Several values, of which one is enough for `in`.
    Texts(Vec<&'a str>),
    Ids(Vec<u64>),
}

impl<'a> From<Option<&'a str>> for Field<'a> {
    fn from(text: Option<&'a str>) -> Field<'a> {
        text.map_or(Field::Empty, Field::Text)
    }
}

/// One condition on one field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    /// The field, as in the contract.
    pub field: &'static str,
    /// How it is compared.
    pub operator: Operator,
    /// With what: one value, or several for `in` and `not_in`.
    pub operands: Vec<Operand>,
}

/// Conditions that must all hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Filter {
    conditions: Vec<Condition>,
}

impl Filter {
    /// Reads the parameter's text against what the list allows.
    pub fn parse(text: &str, rules: &[Rule]) -> Result<Filter, Refusal> {
        if text.trim().is_empty() {
            return Ok(Filter::default());
        }
        let malformed = || {
            Refusal::BadRequest(
                "Invalid filter: it must be a JSON array of objects with the keys field, operator and value".to_owned(),
            )
        };
        let Ok(Value::Array(items)) = serde_json::from_str(text) else { return Err(malformed()) };
        let conditions = items
            .iter()
            .map(|item| match (&item["field"], &item["operator"], item.get("value")) {
                (Value::String(field), Value::String(operator), Some(value)) => {
                    condition(field, operator, value, rules)
                }
                _ => Err(malformed()),
            })
            .collect::<Result<_, _>>()?;
        Ok(Filter { conditions })
    }

    /// The conditions, in the order they were given.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Whether a record with these fields passes.
    pub fn admits<'a>(&self, field: impl Fn(&'static str) -> Field<'a>) -> bool {
        self.conditions.iter().all(|condition| condition.holds(&field(condition.field)))
    }
}

fn condition(
    field: &str,
    operator: &str,
    value: &Value,
    rules: &[Rule],
) -> Result<Condition, Refusal> {
    let refuse = |text: String| Err(Refusal::BadRequest(format!("Invalid filter: {text}")));
    let Some(rule) = rules.iter().find(|rule| rule.field == field) else {
        return refuse(format!("field '{field}' is not allowed here"));
    };
    let known = Operator::parse(operator).filter(|operator| rule.operators.contains(operator));
    let Some(operator) = known else {
        return refuse(format!("operator '{operator}' is not allowed for field '{field}'"));
    };
    let values: Cow<'_, [Value]> = match (operator, value) {
        (In | NotIn, Value::Array(values)) => Cow::Borrowed(values),
        (In | NotIn, _) => {
            return refuse(format!(
                "'in' and 'not_in' need an array as the value of field '{field}'"
            ));
        }
        (_, value) => Cow::Owned(vec![value.clone()]),
    };
    let operands = values.iter().map(|value| operand(rule, value)).collect::<Result<_, _>>()?;
    Ok(Condition { field: rule.field, operator, operands })
}

/// Numbers and booleans may come as strings: Pennylane's own samples have both.
fn operand(rule: &Rule, value: &Value) -> Result<Operand, Refusal> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(bool) => bool.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    };
    let parsed = match rule.kind {
        Kind::Integer => text.parse().ok().map(Operand::Integer),
        Kind::Bool => text.parse().ok().map(Operand::Bool),
        Kind::Date => text.parse().ok().map(Operand::Date),
        Kind::Text => value.is_string().then_some(Operand::Text(text)),
    };
    parsed.ok_or_else(|| {
        let field = rule.field;
        match rule.kind {
            Kind::Date => Refusal::schema(
                field,
                "InvalidDateFormat",
                format!("{value} is not a date (YYYY-MM-DD)"),
            ),
            Kind::Integer | Kind::Text | Kind::Bool => Refusal::BadRequest(format!(
                "Invalid filter: {value} is not a value for field '{field}'"
            )),
        }
    })
}

impl Condition {
    fn holds(&self, field: &Field<'_>) -> bool {
        match self.operator {
            In => self.operands.iter().any(|operand| equals(field, operand)),
            NotIn => {
                *field != Field::Empty
                    && !self.operands.iter().any(|operand| equals(field, operand))
            }
            Equal => equals(field, &self.operands[0]),
            NotEqual => *field != Field::Empty && !equals(field, &self.operands[0]),
            Lt => compares(field, &self.operands[0], |order| order.is_lt()),
            LtEq => compares(field, &self.operands[0], |order| order.is_le()),
            Gt => compares(field, &self.operands[0], |order| order.is_gt()),
            GtEq => compares(field, &self.operands[0], |order| order.is_ge()),
            StartWith => starts_with(field, &self.operands[0]),
        }
    }
}

fn equals(field: &Field<'_>, operand: &Operand) -> bool {
    match (field, operand) {
        (Field::Id(id), Operand::Integer(number)) => u64::try_from(*number) == Ok(*id),
        (Field::Ids(ids), Operand::Integer(number)) => {
            u64::try_from(*number).is_ok_and(|number| ids.contains(&number))
        }
        (Field::Date(date), Operand::Date(other)) => date == other,
        (Field::Text(text), Operand::Text(other)) => text == other,
        (Field::Texts(texts), Operand::Text(other)) => texts.contains(&other.as_str()),
        (Field::Bool(bool), Operand::Bool(other)) => bool == other,
        _ => false,
    }
}

fn compares(
    field: &Field<'_>,
    operand: &Operand,
    wanted: impl Fn(std::cmp::Ordering) -> bool,
) -> bool {
    match (field, operand) {
        (Field::Id(id), Operand::Integer(number)) => {
            wanted(i128::from(*id).cmp(&i128::from(*number)))
        }
        (Field::Date(date), Operand::Date(other)) => wanted(date.cmp(other)),
        (Field::Text(text), Operand::Text(other)) => wanted(text.cmp(&other.as_str())),
        _ => false,
    }
}

fn starts_with(field: &Field<'_>, operand: &Operand) -> bool {
    let (Field::Text(text), Operand::Text(prefix)) = (field, operand) else { return false };
    text.to_lowercase().starts_with(&prefix.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &[Rule] = &[
        Rule::new("id", Kind::Integer, COMPARISONS),
        Rule::new("name", Kind::Text, &[StartWith, Equal]),
        Rule::new("date", Kind::Date, ORDER),
        Rule::new("draft", Kind::Bool, EQ),
        Rule::new("emails", Kind::Text, &[In]),
        Rule::new("reference", Kind::Text, MEMBERSHIP),
    ];

    fn fields(name: &'static str) -> Field<'static> {
        match name {
            "id" => Field::Id(42),
            "name" => Field::Text("Éclairages Martin"),
            "date" => Field::Date(jiff::civil::date(2026, 3, 1)),
            "draft" => Field::Bool(true),
            "emails" => Field::Texts(vec!["a@example.fr", "b@example.fr"]),
            _ => Field::Empty,
        }
    }

    #[test]
    fn a_record_passes_when_every_condition_holds() {
        #[track_caller]
        fn check(filter: &str, expected: bool) {
            assert_eq!(Filter::parse(filter, RULES).unwrap().admits(fields), expected, "{filter}");
        }
        check("[]", true);
        check("", true);
        check(r#"[{"field":"id","operator":"in","value":[1,"42"]}]"#, true);
        check(r#"[{"field":"id","operator":"in","value":[]}]"#, false);
        check(r#"[{"field":"id","operator":"not_in","value":[1,42]}]"#, false);
        check(
            r#"[{"field":"id","operator":"gt","value":41},{"field":"id","operator":"lteq","value":42}]"#,
            true,
        );
        check(r#"[{"field":"id","operator":"gt","value":-1}]"#, true);
        check(
            r#"[{"field":"id","operator":"gt","value":41},{"field":"id","operator":"lt","value":42}]"#,
            false,
        );
        check(r#"[{"field":"name","operator":"start_with","value":"éCLAIR"}]"#, true);
        check(r#"[{"field":"name","operator":"eq","value":"éclairages martin"}]"#, false);
        check(r#"[{"field":"date","operator":"gteq","value":"2026-03-01"}]"#, true);
        check(r#"[{"field":"draft","operator":"eq","value":"true"}]"#, true);
        check(r#"[{"field":"draft","operator":"eq","value":false}]"#, false);
        check(r#"[{"field":"emails","operator":"in","value":["b@example.fr"]}]"#, true);
        check(r#"[{"field":"reference","operator":"not_eq","value":"x"}]"#, false);
    }

    #[test]
    fn what_the_list_does_not_allow_is_refused() {
        #[track_caller]
        fn check(filter: &str, expected: &str) {
            let refusal = Filter::parse(filter, RULES).expect_err(filter);
            assert!(format!("{refusal:?}").contains(expected), "{filter} gave {refusal:?}");
        }
        check("{}", "must be a JSON array");
        check("[1]", "must be a JSON array");
        check("[{", "must be a JSON array");
        check(r#"[{"field":"id","operator":"eq"}]"#, "must be a JSON array");
        check(
            r#"[{"field":"updated_at","operator":"gt","value":"2026-01-01"}]"#,
            "'updated_at' is not allowed",
        );
        check(
            r#"[{"field":"draft","operator":"not_eq","value":true}]"#,
            "'not_eq' is not allowed for field 'draft'",
        );
        check(r#"[{"field":"id","operator":"like","value":1}]"#, "'like' is not allowed");
        check(r#"[{"field":"id","operator":"in","value":1}]"#, "need an array");
        check(r#"[{"field":"id","operator":"eq","value":"abc"}]"#, "is not a value for field 'id'");
        check(r#"[{"field":"date","operator":"eq","value":"01/03/2026"}]"#, "InvalidDateFormat");
    }
}
