//! Questions that a list does not answer are refused before anything is sent.

use std::collections::BTreeMap;

use penny_pennylane::{Error, Filter, Operator, Query, QueryError, Resource};
use serde_json::{Value, json};

use crate::server::Server;

fn refused(name: &str, query: &Query) -> String {
    let resource = Resource::find(name).expect("a list");
    query.check(resource).expect_err("refused").to_string()
}

fn filtered(field: &str, operator: Operator, value: Value) -> Query {
    Query { filters: vec![Filter::new(field, operator, value)], ..Query::default() }
}

fn with_parameters(pairs: &[(&str, &str)]) -> Query {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Query { parameters: pairs.iter().map(owned).collect::<BTreeMap<_, _>>(), ..Query::default() }
}

#[test]
fn a_field_that_cannot_be_filtered_names_those_that_can() {
    let found = refused("transactions", &filtered("amount", Operator::Gt, json!(100)));
    assert_eq!(
        found,
        "`transactions` cannot be filtered on `amount`; it can be on `id`, `bank_account_id`, \
         `journal_id`, `date`"
    );
    let found = refused("bank_accounts", &filtered("id", Operator::Eq, json!(1)));
    assert_eq!(found, "`bank_accounts` cannot be filtered on `id`; it has no filters at all");
}

#[test]
fn an_operator_that_a_field_does_not_know_names_those_it_does() {
    let found = refused("suppliers", &filtered("name", Operator::Eq, json!("ACME")));
    assert_eq!(
        found,
        "`suppliers` cannot be filtered on `name` with `eq`; it accepts `start_with`"
    );
}

#[test]
fn the_value_of_a_filter_fits_its_operator_and_field() {
    let check = |field: &str, operator: Operator, value: Value, fits: bool| {
        let query = filtered(field, operator, value.clone());
        let resource = Resource::find("customer_invoices").expect("a list");
        assert_eq!(query.check(resource).is_ok(), fits, "{field} {operator} {value}");
    };
    check("id", Operator::In, json!([1, 2]), true);
    check("id", Operator::In, json!([]), false);
    check("id", Operator::In, json!(1), false);
    check("id", Operator::Eq, json!([1]), false);
    check("id", Operator::Eq, Value::Null, false);
    check("draft", Operator::Eq, json!(true), true);
    check("date", Operator::Gteq, json!("2026-01-31"), true);
    check("date", Operator::Gteq, json!("31/01/2026"), false);
    check("date", Operator::Gteq, json!("2026-02-30"), false);
    check("date", Operator::Gteq, json!("2026-01-31T00:00:00Z"), false);
    check("date", Operator::In, json!(["2026-01-31", "2026-02-28"]), true);
    check("date", Operator::In, json!(["2026-01-31", 5]), false);
}

#[test]
fn a_sort_names_a_field_of_the_list() {
    let sorted = |sort: &str| Query { sort: Some(sort.to_owned()), ..Query::default() };
    for sort in ["id", "-id", "+id", "-date"] {
        let resource = Resource::find("supplier_invoices").expect("a list");
        assert_eq!(sorted(sort).check(resource), Ok(()), "{sort}");
    }
    assert_eq!(
        refused("customers", &sorted("-name")),
        "`customers` cannot be sorted by `name`; it can be by `id`"
    );
    assert_eq!(
        refused("category_groups", &sorted("id")),
        "`category_groups` cannot be sorted by `id`; its order is fixed"
    );
}

#[test]
fn the_trial_balance_needs_its_period() {
    let check = |pairs: &[(&str, &str)], sentence: &str| {
        assert_eq!(refused("trial_balance", &with_parameters(pairs)), sentence);
    };
    check(&[], "`trial_balance` needs the parameter `period_start`, a day like 2026-01-31");
    check(
        &[("period_start", "2026-01-01")],
        "`trial_balance` needs the parameter `period_end`, a day like 2026-01-31",
    );
    check(
        &[("period_start", "1/1/2026"), ("period_end", "2026-12-31")],
        "the parameter `period_start` of `trial_balance` needs a day like 2026-01-31, not `1/1/2026`",
    );
    check(
        &[("period", "2026")],
        "`trial_balance` has no parameter `period`; it has `period_start`, `period_end`, `is_auxiliary`",
    );
    let whole =
        [("period_start", "2026-01-01"), ("period_end", "2026-12-31"), ("is_auxiliary", "true")];
    let resource = Resource::find("trial_balance").expect("a list");
    assert_eq!(with_parameters(&whole).check(resource), Ok(()));
}

#[test]
fn filters_are_read_in_pennylanes_own_notation() {
    let text = r#"[{"field":"id","operator":"in","value":[1,2]},{"field":"name","operator":"start_with","value":"A"}]"#;
    let filters = Filter::parse_list(text).expect("filters");
    assert_eq!(
        filters,
        [
            Filter::new("id", Operator::In, json!([1, 2])),
            Filter::new("name", Operator::StartWith, "A"),
        ]
    );
    let unknown = Filter::parse_list(r#"[{"field":"id","operator":"=","value":1}]"#);
    assert_eq!(unknown, Err(QueryError::UnknownOperator { operator: "=".to_owned() }));
    for text in ["", "date>=2026", "[1]", r#"[{"field":"id","operator":"eq"}]"#] {
        assert!(matches!(Filter::parse_list(text), Err(QueryError::Syntax { .. })), "{text}");
    }
}

#[test]
fn every_operator_has_one_name() {
    for operator in Operator::ALL {
        assert_eq!(operator.name().parse(), Ok(*operator));
    }
}

#[tokio::test]
async fn nothing_is_sent_for_a_question_that_is_refused() {
    let server = Server::start([]).await;
    let client = server.client();
    let resource = Resource::find("trial_balance").expect("a list");
    let mut pages = client.list(resource, &Query::default());
    let error = pages.next().await.expect("an error").expect_err("no period");
    assert!(matches!(error, Error::Query(QueryError::ParameterMissing { .. })), "{error}");
    assert!(pages.next().await.is_none());
    assert!(server.asked().is_empty());
}
