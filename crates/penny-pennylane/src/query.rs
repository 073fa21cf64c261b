//! What a list is asked: filters, sort, parameters; checked against the list before anything is sent.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use crate::resource::{Parameter, ParameterKind, Resource};

/// What a list is asked. The default asks for everything, newest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Conditions that must all hold.
    pub filters: Vec<Filter>,
    /// A field to sort by; `-` before it for descending order.
    pub sort: Option<String>,
    /// Stop after so many records.
    pub rows_max: Option<u64>,
    /// Further parameters, such as `period_start` of the trial balance.
    pub parameters: BTreeMap<String, String>,
}

/// One condition on one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// The field's name.
    pub field: String,
    /// The comparison.
    pub operator: Operator,
    /// What it is compared with: a list for `in` and `not_in`, else one value.
    pub value: Value,
}

/// A comparison, by Pennylane's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `lt`: smaller.
    Lt,
    /// `lteq`: smaller or equal.
    Lteq,
    /// `gt`: greater.
    Gt,
    /// `gteq`: greater or equal.
    Gteq,
    /// `eq`: equal.
    Eq,
    /// `not_eq`: different.
    NotEq,
    /// `in`: one of a list.
    In,
    /// `not_in`: none of a list.
    NotIn,
    /// `start_with`: begins with, whatever the capitals.
    StartWith,
}

/// A question that a list does not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The filter is no list of conditions.
    #[error(
        "the filter `{text}` is not understood: it is a list like \
         [{{\"field\": \"date\", \"operator\": \"gteq\", \"value\": \"2026-01-01\"}}]"
    )]
    Syntax {
        /// The filter, or the part of it that is not understood.
        text: String,
    },
    /// A word that is no comparison.
    #[error("`{operator}` is no filter operator; there are {}", listed(Operator::ALL))]
    UnknownOperator {
        /// The word.
        operator: String,
    },
    /// The list cannot be filtered on this field.
    #[error(
        "`{resource}` cannot be filtered on `{field}`; {}",
        available(allowed, "it can be on", "it has no filters at all")
    )]
    FilterField {
        /// The list.
        resource: &'static str,
        /// The field that was asked for.
        field: String,
        /// The fields that it can be filtered on.
        allowed: Vec<&'static str>,
    },
    /// The list does not compare this field in this way.
    #[error(
        "`{resource}` cannot be filtered on `{field}` with `{operator}`; it accepts {}",
        listed(allowed)
    )]
    FilterOperator {
        /// The list.
        resource: &'static str,
        /// The field.
        field: String,
        /// The operator that was asked for.
        operator: Operator,
        /// The operators that it accepts for this field.
        allowed: &'static [Operator],
    },
    /// The value does not go with the operator or the field.
    #[error("the filter `{field} {operator}` of `{resource}` needs {needs}, not {value}")]
    FilterValue {
        /// The list.
        resource: &'static str,
        /// The field.
        field: String,
        /// The operator.
        operator: Operator,
        /// What it needs.
        needs: &'static str,
        /// The value that was given, as JSON.
        value: String,
    },
    /// The list cannot be sorted by this field.
    #[error(
        "`{resource}` cannot be sorted by `{field}`; {}",
        available(allowed, "it can be by", "its order is fixed")
    )]
    Sort {
        /// The list.
        resource: &'static str,
        /// The field that was asked for.
        field: String,
        /// The fields that it can be sorted by.
        allowed: &'static [&'static str],
    },
    /// The list does not answer without this parameter.
    #[error("`{resource}` needs the parameter `{name}`, {needs}")]
    ParameterMissing {
        /// The list.
        resource: &'static str,
        /// The parameter.
        name: &'static str,
        /// What it looks like.
        needs: &'static str,
    },
    /// The list has no such parameter.
    #[error(
        "`{resource}` has no parameter `{name}`; {}",
        available(allowed, "it has", "it has none")
    )]
    ParameterUnknown {
        /// The list.
        resource: &'static str,
        /// The name that was given.
        name: String,
        /// The parameters that it has.
        allowed: Vec<&'static str>,
    },
    /// The parameter's value does not look as it should.
    #[error("the parameter `{name}` of `{resource}` needs {needs}, not `{value}`")]
    ParameterValue {
        /// The list.
        resource: &'static str,
        /// The parameter.
        name: &'static str,
        /// What it looks like.
        needs: &'static str,
        /// The value that was given.
        value: String,
    },
}

impl Query {
    /// Whether the list answers this question; an error says what it does answer.
    pub fn check(&self, resource: &Resource) -> Result<(), QueryError> {
        for filter in &self.filters {
            filter.check(resource)?;
        }
        self.check_sort(resource)?;
        self.check_parameters(resource)
    }

    /// The pairs of the query string, without page size and cursor.
    pub(crate) fn pairs(&self) -> Vec<(&str, String)> {
        let mut pairs = Vec::new();
        if !self.filters.is_empty() {
            let filters = self.filters.iter().map(Filter::to_json).collect();
            pairs.push(("filter", Value::Array(filters).to_string()));
        }
        if let Some(sort) = &self.sort {
            pairs.push(("sort", sort.trim_start_matches('+').to_owned()));
        }
        pairs.extend(self.parameters.iter().map(|(name, value)| (name.as_str(), value.clone())));
        pairs
    }

    fn check_sort(&self, resource: &Resource) -> Result<(), QueryError> {
        let Some(sort) = &self.sort else { return Ok(()) };
        let field = sort.strip_prefix(['-', '+']).unwrap_or(sort);
        if resource.sorts.contains(&field) {
            return Ok(());
        }
        Err(QueryError::Sort {
            resource: resource.name,
            field: field.to_owned(),
            allowed: resource.sorts,
        })
    }

    fn check_parameters(&self, resource: &Resource) -> Result<(), QueryError> {
        for (name, value) in &self.parameters {
            let Some(parameter) = resource.parameters.iter().find(|known| known.name == name)
            else {
                return Err(QueryError::ParameterUnknown {
                    resource: resource.name,
                    name: name.clone(),
                    allowed: resource.parameters.iter().map(|known| known.name).collect(),
                });
            };
            if !parameter.accepts(value) {
                return Err(QueryError::ParameterValue {
                    resource: resource.name,
                    name: parameter.name,
                    needs: parameter.kind.needs(),
                    value: value.clone(),
                });
            }
        }
        let missing =
            |known: &&Parameter| known.required && !self.parameters.contains_key(known.name);
        match resource.parameters.iter().find(missing) {
            None => Ok(()),
            Some(parameter) => Err(QueryError::ParameterMissing {
                resource: resource.name,
                name: parameter.name,
                needs: parameter.kind.needs(),
            }),
        }
    }
}

impl Filter {
    /// A condition.
    pub fn new(field: impl Into<String>, operator: Operator, value: impl Into<Value>) -> Filter {
        Filter { field: field.into(), operator, value: value.into() }
    }

    /// Reads Pennylane's own notation: a JSON list of `{field, operator, value}`.
    pub fn parse_list(text: &str) -> Result<Vec<Filter>, QueryError> {
        let not_understood = || QueryError::Syntax { text: text.to_owned() };
        match serde_json::from_str(text) {
            Ok(Value::Array(conditions)) => conditions.iter().map(Filter::from_json).collect(),
            Ok(condition @ Value::Object(_)) => Ok(vec![Filter::from_json(&condition)?]),
            _ => Err(not_understood()),
        }
    }

    fn from_json(condition: &Value) -> Result<Filter, QueryError> {
        let not_understood = || QueryError::Syntax { text: condition.to_string() };
        let text =
            |key: &str| condition.get(key).and_then(Value::as_str).ok_or_else(not_understood);
        Ok(Filter {
            field: text("field")?.to_owned(),
            operator: text("operator")?.parse()?,
            value: condition.get("value").cloned().ok_or_else(not_understood)?,
        })
    }

    fn to_json(&self) -> Value {
        json!({ "field": self.field, "operator": self.operator.name(), "value": self.value })
    }

    fn check(&self, resource: &Resource) -> Result<(), QueryError> {
        let Some(field) = resource.filters.iter().find(|known| known.name == self.field) else {
            return Err(QueryError::FilterField {
                resource: resource.name,
                field: self.field.clone(),
                allowed: resource.filters.iter().map(|known| known.name).collect(),
            });
        };
        if !field.operators.contains(&self.operator) {
            return Err(QueryError::FilterOperator {
                resource: resource.name,
                field: self.field.clone(),
                operator: self.operator,
                allowed: field.operators,
            });
        }
        self.needs_another_value().map_or(Ok(()), |needs| {
            Err(QueryError::FilterValue {
                resource: resource.name,
                field: self.field.clone(),
                operator: self.operator,
                needs,
                value: self.value.to_string(),
            })
        })
    }

    /// What the value should have been, when it is something else.
    fn needs_another_value(&self) -> Option<&'static str> {
        let dates = matches!(self.field.as_str(), "date" | "start");
        let fits = |value: &Value| match value {
            Value::String(text) => !dates || is_date(text),
            Value::Number(_) | Value::Bool(_) => !dates,
            _ => false,
        };
        let several = matches!(self.operator, Operator::In | Operator::NotIn);
        match (&self.value, several, dates) {
            (Value::Array(values), true, _) if !values.is_empty() && values.iter().all(fits) => {
                None
            }
            (value, false, _) if fits(value) => None,
            (_, true, true) => Some("a list of days like [\"2026-01-31\"]"),
            (_, true, false) => Some("a list of at least one value"),
            (_, false, true) => Some("a day like 2026-01-31"),
            (_, false, false) => Some("one value"),
        }
    }
}

impl Operator {
    /// Every operator.
    pub const ALL: &'static [Operator] = &[
        Operator::Eq,
        Operator::NotEq,
        Operator::Lt,
        Operator::Lteq,
        Operator::Gt,
        Operator::Gteq,
        Operator::In,
        Operator::NotIn,
        Operator::StartWith,
    ];

    /// Pennylane's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Operator::Lt => "lt",
            Operator::Lteq => "lteq",
            Operator::Gt => "gt",
            Operator::Gteq => "gteq",
            Operator::Eq => "eq",
            Operator::NotEq => "not_eq",
            Operator::In => "in",
            Operator::NotIn => "not_in",
            Operator::StartWith => "start_with",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Operator {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Operator, QueryError> {
        let found = Operator::ALL.iter().find(|operator| operator.name() == text);
        found.copied().ok_or_else(|| QueryError::UnknownOperator { operator: text.to_owned() })
    }
}

impl Parameter {
    fn accepts(&self, value: &str) -> bool {
        match self.kind {
            ParameterKind::Date => is_date(value),
            ParameterKind::Boolean => matches!(value, "true" | "false"),
        }
    }
}

impl ParameterKind {
    fn needs(self) -> &'static str {
        match self {
            ParameterKind::Date => "a day like 2026-01-31",
            ParameterKind::Boolean => "true or false",
        }
    }
}

/// Whether a text is a day as the API writes them, and nothing more.
fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

fn listed<T: fmt::Display>(words: &[T]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn available(words: &[&str], some: &str, none: &str) -> String {
    if words.is_empty() { none.to_owned() } else { format!("{some} {}", listed(words)) }
}
