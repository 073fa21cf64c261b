//! Records as Arrow batches.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use penny_pennylane::{Kind, ROWS_PER_BATCH, Resource, Table};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn records(values: Value) -> Vec<Map<String, Value>> {
    let Value::Array(values) = values else { panic!("a list") };
    values.into_iter().map(|value| value.as_object().expect("an object").clone()).collect()
}

fn table(name: &str, values: Value) -> (SchemaRef, Vec<RecordBatch>) {
    let mut table = Table::new(Resource::find(name).expect("a list"));
    table.push(&records(values));
    table.finish().expect("a table")
}

/// The only batch's column.
fn column(batches: &[RecordBatch], name: &str) -> ArrayRef {
    assert_eq!(batches.len(), 1);
    Arc::clone(batches[0].column_by_name(name).unwrap_or_else(|| panic!("no column {name}")))
}

fn texts(array: &ArrayRef) -> Vec<Option<&str>> {
    array.as_string::<i32>().iter().collect()
}

fn integers(array: &ArrayRef) -> Vec<Option<i64>> {
    array.as_primitive::<Int64Type>().iter().collect()
}

fn decimals(array: &ArrayRef) -> Vec<Option<f64>> {
    array.as_primitive::<Float64Type>().iter().collect()
}

#[test]
fn the_columns_of_the_contract_are_there_without_any_record() {
    for resource in Resource::all() {
        let (schema, batches) = Table::new(resource).finish().expect("a table");
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let expected: Vec<&str> = resource.columns.iter().map(|column| column.name).collect();
        assert_eq!(names, expected);
        assert!(batches.is_empty());
    }
}

#[test]
fn each_kind_has_its_arrow_type() {
    let schema =
        Table::new(Resource::find("transactions").expect("a list")).finish().expect("a table").0;
    let check = |name: &str, expected: DataType| {
        assert_eq!(schema.field_with_name(name).expect(name).data_type(), &expected);
    };
    check("id", DataType::Int64);
    check("amount", DataType::Float64);
    check("attachment_required", DataType::Boolean);
    check("label", DataType::Utf8);
    check("date", DataType::Date32);
    check("created_at", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
    check("categories", DataType::Utf8);
    check("bank_account_id", DataType::Int64);
    let metadata = schema.field_with_name("categories").expect("there").metadata();
    assert_eq!(metadata["penny.type"], "jsonb");
    assert!(schema.field_with_name("label").expect("there").metadata().is_empty());
}

#[test]
fn a_transaction_becomes_a_row() {
    let (schema, batches) = table(
        "transactions",
        json!([{
            "id": 42, "label": "VIR SEPA", "attachment_required": true, "date": "2026-01-31",
            "outstanding_balance": null, "currency": "EUR", "amount": "-120.50", "fee": "0.0",
            "journal": {"id": 7, "url": "https://x/7"}, "bank_account": {"id": 8},
            "pro_account_expense": {"employee": {"id": 3, "first_name": "Ada"}, "card_masked_number": "*1"},
            "customer": null, "categories": [{"id": 1, "weight": "0.25"}],
            "matched_invoices": {"url": "https://x"}, "created_at": "2023-08-30T10:08:08.146343Z",
        }]),
    );
    assert!(schema.metadata().is_empty(), "{:?}", schema.metadata());
    let get = |name| column(&batches, name);
    assert_eq!(integers(&get("id")), [Some(42)]);
    assert_eq!(texts(&get("label")), [Some("VIR SEPA")]);
    assert_eq!(get("attachment_required").as_boolean().iter().collect::<Vec<_>>(), [Some(true)]);
    assert_eq!(get("date").as_primitive::<Date32Type>().value(0), 20_484);
    assert_eq!(decimals(&get("amount")), [Some(-120.5)]);
    assert_eq!(decimals(&get("outstanding_balance")), [None]);
    assert_eq!(integers(&get("journal_id")), [Some(7)]);
    assert_eq!(integers(&get("customer_id")), [None]);
    assert_eq!(integers(&get("pro_account_expense_employee_id")), [Some(3)]);
    assert_eq!(texts(&get("pro_account_expense_card_masked_number")), [Some("*1")]);
    assert_eq!(texts(&get("categories")), [Some(r#"[{"id":1,"weight":"0.25"}]"#)]);
    let created = get("created_at").as_primitive::<TimestampMicrosecondType>().value(0);
    assert_eq!(created, 1_693_390_088_146_343);
    assert_eq!(
        schema.fields().len(),
        Resource::find("transactions").expect("a list").columns.len()
    );
}

#[test]
fn lists_of_texts_are_joined_and_addresses_flattened() {
    let (_, batches) = table(
        "customers",
        json!([
            {"id": 1, "emails": ["a@b.fr", "c@d.fr"], "billing_address": {"city": "Lyon"}},
            {"id": 2, "emails": [], "billing_address": null, "mandates": {"url": "https://x"}},
        ]),
    );
    assert_eq!(texts(&column(&batches, "emails")), [Some("a@b.fr, c@d.fr"), None]);
    assert_eq!(texts(&column(&batches, "billing_address_city")), [Some("Lyon"), None]);
    assert!(batches[0].column_by_name("mandates").is_none());
}

#[test]
fn an_old_key_beside_a_new_one_fills_the_same_column() {
    let (schema, batches) = table(
        "ledger_entries",
        json!([
            {"id": 1, "journal_id": 5, "journal": {"id": 5, "url": "u"}},
            {"id": 2, "journal_id": 6, "journal": null},
            {"id": 3, "journal": {"id": 7, "url": "u"}},
        ]),
    );
    assert_eq!(integers(&column(&batches, "journal_id")), [Some(5), Some(6), Some(7)]);
    assert_eq!(schema.fields().iter().filter(|field| field.name() == "journal_id").count(), 1);
}

#[test]
fn keys_that_the_contract_has_not_are_appended_and_typed_by_all_rows() {
    let (schema, batches) = table(
        "journals",
        json!([
            {"id": 1, "position": 1, "share": "0.5", "closed_on": null, "extra": {"a": 1}},
            {"id": 2, "position": 2.5, "share": "3", "closed_on": "2026-01-31", "owner": {"id": 9, "url": "u"}},
            {"id": 3, "links": {"url": "u"}, "always_null": null, "tags": ["x", "y"]},
        ]),
    );
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(
        names,
        [
            "id",
            "code",
            "label",
            "type",
            "position",
            "share",
            "extra",
            "closed_on",
            "owner_id",
            "tags"
        ]
    );
    assert_eq!(decimals(&column(&batches, "position")), [Some(1.0), Some(2.5), None]);
    assert_eq!(decimals(&column(&batches, "share")), [Some(0.5), Some(3.0), None]);
    assert_eq!(texts(&column(&batches, "extra")), [Some(r#"{"a":1}"#), None, None]);
    assert_eq!(column(&batches, "closed_on").data_type(), &DataType::Date32);
    assert_eq!(integers(&column(&batches, "owner_id")), [None, Some(9), None]);
    assert_eq!(texts(&column(&batches, "tags")), [None, None, Some("x, y")]);
    let metadata = schema.field_with_name("extra").expect("there").metadata();
    assert_eq!(metadata["penny.type"], "jsonb");
}

#[test]
fn two_keys_that_lead_to_one_new_name_make_one_column() {
    let (_, batches) = table(
        "journals",
        json!([
            {"id": 1, "owner": {"id": 9, "url": "u"}, "owner_id": 9},
            {"id": 2, "owner": {"id": 8, "url": "u"}, "owner_id": 8},
        ]),
    );
    assert_eq!(integers(&column(&batches, "owner_id")), [Some(9), Some(8)]);
}

#[test]
fn a_new_key_of_a_known_object_is_appended_under_its_name() {
    let (_, batches) = table(
        "suppliers",
        json!([{"id": 1, "postal_address": {"city": "Lyon", "region": "ARA", "url": "u"}}]),
    );
    assert_eq!(texts(&column(&batches, "postal_address_region")), [Some("ARA")]);
    assert!(batches[0].column_by_name("postal_address_url").is_none());
}

#[test]
fn what_does_not_fit_becomes_null_and_is_told() {
    let mut table = Table::new(Resource::find("transactions").expect("a list"));
    table.push(&records(json!([
        {"id": 1, "date": "2026-13-01", "amount": "12,50", "journal": 5},
        {"id": 2, "date": "31/01/2026", "amount": "nan", "journal": {"id": 6}},
        {"id": 3, "date": "", "amount": "1e2", "journal": null},
        {"id": 4, "date": "2026-01-31T00:00:00Z", "amount": 12.5, "attachment_required": "true"},
    ])));
    let warnings = table.warnings();
    assert_eq!(
        warnings,
        [
            "column `date`: 3 values are no day and were left empty, the first is \"2026-13-01\" (record 1)",
            "column `amount`: 2 values are no number and were left empty, the first is \"12,50\" (record 1)",
        ]
    );
    let (schema, batches) = table.finish().expect("a table");
    assert_eq!(decimals(&column(&batches, "amount")), [None, None, Some(100.0), Some(12.5)]);
    // A bare number where a link was is still the id.
    assert_eq!(integers(&column(&batches, "journal_id")), [Some(5), Some(6), None, None]);
    let told: Vec<String> =
        serde_json::from_str(&schema.metadata()["penny.warnings"]).expect("JSON");
    assert_eq!(told, warnings);
}

#[test]
fn ids_of_sixty_four_bits_are_exact() {
    let ids = [i64::MAX, i64::MIN, 9_007_199_254_740_993];
    let (_, batches) = table("journals", json!([{"id": ids[0]}, {"id": ids[1]}, {"id": ids[2]}]));
    assert_eq!(integers(&column(&batches, "id")), ids.map(Some));
}

#[test]
fn days_before_1970_and_other_time_zones_are_right() {
    let (_, batches) = table(
        "fiscal_years",
        json!([
            {"start": "1969-12-31", "created_at": "1969-12-31T23:59:59.999999Z"},
            {"start": "2024-02-29", "created_at": "2026-01-01T00:30:00+01:00"},
            {"start": "1970-01-01", "created_at": "2026-01-01T00:00:00"},
        ]),
    );
    let days: Vec<_> = column(&batches, "start").as_primitive::<Date32Type>().iter().collect();
    assert_eq!(days, [Some(-1), Some(19_782), Some(0)]);
    let created = column(&batches, "created_at");
    let created: Vec<_> = created.as_primitive::<TimestampMicrosecondType>().iter().collect();
    assert_eq!(created, [Some(-1), Some(1_767_223_800_000_000), Some(1_767_225_600_000_000)]);
}

#[test]
fn batches_are_bounded_and_keep_late_columns() {
    let rows = 2 * ROWS_PER_BATCH + 7;
    let mut table = Table::new(Resource::find("journals").expect("a list"));
    for start in (0..rows).step_by(100) {
        let page: Vec<Value> =
            (start..rows.min(start + 100))
                .map(|id| {
                    if id == rows - 1 { json!({"id": id, "late": true}) } else { json!({"id": id}) }
                })
                .collect();
        table.push(&records(Value::Array(page)));
    }
    assert_eq!(table.rows(), rows);
    let (_, batches) = table.finish().expect("a table");
    let sizes: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
    assert_eq!(sizes, [ROWS_PER_BATCH, ROWS_PER_BATCH, 7]);
    let late = batches[2].column_by_name("late").expect("there").as_boolean().clone();
    assert!(late.value(6) && late.null_count() == 6);
    assert_eq!(batches[0].column_by_name("late").expect("there").null_count(), ROWS_PER_BATCH);
}

#[test]
fn a_full_last_batch_is_the_last_batch() {
    let mut table = Table::new(Resource::find("journals").expect("a list"));
    let page: Vec<Value> = (0..ROWS_PER_BATCH).map(|id| json!({ "id": id })).collect();
    table.push(&records(Value::Array(page)));
    let (_, batches) = table.finish().expect("a table");
    assert_eq!(batches.len(), 1);
}

/// Any JSON value, of few levels.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("2026-01-31")),
        Just(json!("12.50")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// Keys of the contract, keys beside it, and those of links.
fn key() -> impl Strategy<Value = String> {
    let known = Resource::find("transactions").expect("a list").columns;
    prop_oneof![
        (0..known.len()).prop_map(|index| known[index].path[0].to_owned()),
        (0..known.len()).prop_map(|index| known[index].name.to_owned()),
        prop_oneof![Just("id"), Just("url"), Just("new"), Just("new_id"), Just("employee")]
            .prop_map(str::to_owned),
        "[a-z]{1,3}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_row_is_lost_and_the_order_is_kept(
        rows in prop::collection::vec(prop::collection::vec((key(), any_value()), 0..6), 0..40),
        page_size in 1_usize..20,
    ) {
        let records: Vec<Map<String, Value>> = rows
            .into_iter()
            .enumerate()
            .map(|(number, pairs)| {
                let mut record: Map<String, Value> = pairs.into_iter().collect();
                record.insert("id".to_owned(), json!(number));
                record
            })
            .collect();
        let resource = Resource::find("transactions").expect("a list");
        let mut table = Table::new(resource);
        for page in records.chunks(page_size) {
            table.push(page);
        }
        let (schema, batches) = table.finish().expect("a table");
        let ids: Vec<Option<i64>> = batches.iter().flat_map(|b| integers(b.column(0))).collect();
        let expected: Vec<Option<i64>> = (0..records.len() as i64).map(Some).collect();
        prop_assert_eq!(ids, expected);
        let mut names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), schema.fields().len(), "names are unique");
    }

    #[test]
    fn a_text_of_the_contract_arrives_as_it_was(labels in prop::collection::vec(".*", 1..20)) {
        let records: Vec<Map<String, Value>> = labels
            .iter()
            .map(|label| Map::from_iter([("label".to_owned(), json!(label))]))
            .collect();
        let mut table = Table::new(Resource::find("transactions").expect("a list"));
        table.push(&records);
        let (_, batches) = table.finish().expect("a table");
        let found = column(&batches, "label");
        let expected: Vec<Option<&str>> = labels.iter().map(|label| Some(label.as_str())).collect();
        prop_assert_eq!(texts(&found), expected);
    }

    #[test]
    fn a_new_column_loses_no_value(values in prop::collection::vec(any_value(), 1..30)) {
        let records: Vec<Map<String, Value>> = values
            .iter()
            .map(|value| Map::from_iter([("brand_new".to_owned(), json!([value]))]))
            .collect();
        let mut table = Table::new(Resource::find("journals").expect("a list"));
        table.push(&records);
        prop_assert!(table.warnings().is_empty());
        let (_, batches) = table.finish().expect("a table");
        prop_assert_eq!(column(&batches, "brand_new").null_count(), 0);
    }
}

#[test]
fn every_kind_is_used_by_some_list() {
    use Kind::{Boolean, Date, Decimal, Integer, Json, Text, Texts, Timestamp};
    let kinds = [Boolean, Date, Decimal, Integer, Json, Text, Texts, Timestamp];
    let columns = || Resource::all().iter().flat_map(|resource| resource.columns);
    assert!(kinds.iter().all(|kind| columns().any(|column| column.kind == *kind)));
}
