//! What a publish keeps for looking back: marks of the rows that came and went, and totals that are right to
//! the cent.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Decimal128Array, RecordBatch};
use penny_postgres::publish::{
    AmountTotal, Delta, MARKS_MAX, Mark, Marks, Publication, Report, RowChanges, publish,
};

use super::{announcing, floats, frame, ints, publication, texts};
use crate::server::Place;

impl Place {
    /// Publishes the frame as a DataFrame is sent, and answers what that changed.
    async fn note(&mut self, publication: &Publication, frame: RecordBatch) -> (Report, Delta) {
        let schema = announcing(&frame.schema(), frame.num_rows());
        let batches = futures_util::stream::iter([Ok(frame)]);
        publish(&mut self.client, publication, schema, batches)
            .await
            .unwrap_or_else(|error| panic!("{error}: {error:?}"))
    }

    /// The same by the usual rules.
    async fn noted(&mut self, table: &str, frame: RecordBatch) -> Delta {
        let publication = publication(&self.schema, table);
        self.note(&publication, frame).await.1
    }

    /// The same as a stream of unknown length, which goes another way.
    async fn noted_of_a_stream(&mut self, table: &str, frame: RecordBatch) -> Delta {
        let publication = publication(&self.schema, table);
        let schema = frame.schema();
        let batches = futures_util::stream::iter([Ok(frame)]);
        let noted = publish(&mut self.client, &publication, schema, batches).await;
        noted.expect("published").1
    }
}

/// A ledger of these lines: id, account, debit, credit.
fn ledger(lines: &[(i64, &str, f64, f64)]) -> RecordBatch {
    frame(&[
        ("id", ints(lines.iter().map(|line| line.0))),
        ("plan_item_number", texts(lines.iter().map(|line| line.1))),
        ("debit", floats(lines.iter().map(|line| line.2))),
        ("credit", floats(lines.iter().map(|line| line.3))),
    ])
}

#[track_caller]
fn marks(delta: &Delta) -> &Marks {
    match &delta.rows {
        RowChanges::Marked(marks) => marks,
        other => panic!("no marks but {other:?}"),
    }
}

/// How many keys only went, only came, and did both.
fn removed_added_changed(marks: &Marks) -> (usize, usize, usize) {
    let keys = |marks: &[Mark]| -> Vec<u64> { marks.iter().map(|mark| mark.key).collect() };
    let (removed, added) = (keys(&marks.removed), keys(&marks.added));
    let changed = removed.iter().filter(|key| added.contains(key)).count();
    (removed.len() - changed, added.len() - changed, changed)
}

#[tokio::test]
async fn the_rows_that_came_went_and_changed_are_marked_by_their_key() {
    let mut place = Place::new().await;
    let before = [(1, "606400", 10.0, 0.0), (2, "401000", 0.0, 10.0), (3, "706000", 0.0, 7.5)];
    let delta = place.noted("t", ledger(&before)).await;
    assert_eq!(delta.rows, RowChanges::Made);
    assert_eq!(place.noted("t", ledger(&before)).await.rows, RowChanges::Same);

    let after = [(1, "606400", 12.0, 0.0), (3, "706000", 0.0, 7.5), (4, "706000", 0.0, 1.0)];
    let delta = place.noted("t", ledger(&after)).await;
    let key = marks(&delta).key.as_ref().expect("id is taken for the key");
    assert_eq!((key.columns.as_slice(), key.unique), (["id".to_owned()].as_slice(), false));
    assert_eq!(removed_added_changed(marks(&delta)), (1, 1, 1));

    // Back again: the marks are the same the other way round.
    let back = place.noted_of_a_stream("t", ledger(&before)).await;
    let sorted = |mut marks: Vec<Mark>| {
        marks.sort_unstable();
        marks
    };
    assert_eq!(sorted(marks(&back).removed.clone()), sorted(marks(&delta).added.clone()));
    assert_eq!(sorted(marks(&back).added.clone()), sorted(marks(&delta).removed.clone()));
    assert_eq!(marks(&back).columns, marks(&delta).columns);
    assert_eq!(marks(&back).key, marks(&delta).key);
}

#[tokio::test]
async fn the_primary_key_of_the_table_tells_its_rows_apart() {
    let mut place = Place::new().await;
    let mut publication = publication(&place.schema.clone(), "t");
    publication.key = vec!["company".into(), "day".into()];
    let rows = |amounts: [f64; 2]| {
        let days: ArrayRef = Arc::new(Date32Array::from(vec![20_000, 20_001]));
        frame(&[("company", texts(["A", "A"])), ("day", days), ("amount", floats(amounts))])
    };
    place.note(&publication, rows([1.0, 2.0])).await;
    let (_, delta) = place.note(&publication, rows([1.0, 3.0])).await;
    let key = marks(&delta).key.as_ref().expect("there is a key");
    assert_eq!(key.columns, ["company", "day"]);
    assert!(key.unique);
    assert_eq!(removed_added_changed(marks(&delta)), (0, 0, 1));
}

#[tokio::test]
async fn rows_without_a_key_are_marked_as_a_whole() {
    let mut place = Place::new().await;
    let rows = |labels: &[&str]| frame(&[("label", texts(labels.to_vec()))]);
    place.noted("t", rows(&["a", "b", "b"])).await;
    let delta = place.noted("t", rows(&["a", "b", "c"])).await;
    let marks = marks(&delta);
    assert_eq!((marks.key.as_ref(), marks.removed.len(), marks.added.len()), (None, 1, 1));
    assert!(marks.removed.iter().chain(&marks.added).all(|mark| mark.key == 0));
}

#[tokio::test]
async fn a_new_column_changes_every_row_and_a_new_type_compares_none() {
    let mut place = Place::new().await;
    let two = || ("id", ints([1, 2]));
    place.noted("t", frame(&[two(), ("n", ints([1, 2]))])).await;
    let added = frame(&[two(), ("n", ints([1, 2])), ("x", texts(["a", "b"]))]);
    let delta = place.noted("t", added).await;
    assert_eq!(removed_added_changed(marks(&delta)), (0, 0, 2));
    let widened = frame(&[two(), ("n", floats([1.5, 2.0])), ("x", texts(["a", "b"]))]);
    assert_eq!(place.noted("t", widened).await.rows, RowChanges::Rewritten);
}

#[tokio::test]
async fn a_table_that_changes_nearly_everywhere_is_marked_row_by_row_all_the_same() {
    const ROWS: i64 = 30_000;
    let mut place = Place::new().await;
    let rows = |version: i64| {
        let mark = (0..ROWS).map(move |row| if row % 50 == 0 { 0 } else { version });
        frame(&[("id", ints(0..ROWS)), ("mark", ints(mark))])
    };
    place.noted("t", rows(1)).await;
    for (version, of_a_stream) in [(2, false), (3, true)] {
        let delta = if of_a_stream {
            place.noted_of_a_stream("t", rows(version)).await
        } else {
            place.noted("t", rows(version)).await
        };
        assert_eq!(removed_added_changed(marks(&delta)), (0, 0, 29_400), "version {version}");
    }
}

#[tokio::test]
async fn more_rows_than_are_marked_are_counted_only() {
    let rows = MARKS_MAX as i64 + 1;
    let mut place = Place::new().await;
    place.noted("t", frame(&[("id", ints(0..2))])).await;
    let delta = place.noted("t", frame(&[("id", ints(0..rows + 2))])).await;
    assert_eq!(delta.rows, RowChanges::TooMany);
    assert_eq!(delta.totals.rows, rows as u64 + 2);
}

fn amount<'a>(delta: &'a Delta, column: &str) -> &'a AmountTotal {
    delta.totals.amounts.iter().find(|total| total.column == column).expect("it is summed")
}

#[tokio::test]
async fn the_totals_are_those_of_postgresql_to_the_cent() {
    const ROWS: i64 = 20_000;
    let mut place = Place::new().await;
    // Cents that no float is exactly, large and small, and the noise that a subtraction leaves.
    let cents = |row: i64| (row * 7_919 + 13) % 10_000_019 - 5_000_000;
    let debit = (0..ROWS).map(|row| Some(cents(row) as f64 / 100.0).filter(|_| row % 97 != 0));
    let credit = (0..ROWS).map(|row| (row % 1000) as f64 / 10.0 + 0.2);
    let solde = (0..ROWS).map(|row| 1_234_567.89 + row as f64 / 100.0 - 1_234_567.80);
    let rate = (0..ROWS).map(|row| 1.0 / (row + 3) as f64);
    let exact = (0..ROWS).map(|row| i128::from(cents(row)) * 1_000_003);
    let exact: ArrayRef = Arc::new(
        Decimal128Array::from_iter_values(exact).with_precision_and_scale(30, 6).expect("fits"),
    );
    let accounts: Vec<String> =
        (0..ROWS).map(|row| format!("{}{:05}", row % 9, row % 71)).collect();
    let batch = frame(&[
        ("id", ints(0..ROWS)),
        ("plan_item_number", texts(accounts.iter().map(String::as_str))),
        ("debit", floats(debit)),
        ("credit", floats(credit)),
        ("solde", floats(solde)),
        ("tiers", floats(rate)),
        ("exchange_rate", floats((0..ROWS).map(|_| 1.1))),
        ("exact", exact),
        ("lines", ints((0..ROWS).map(|row| row % 7))),
    ]);
    let delta = place.noted("t", batch).await;
    assert_eq!(delta.totals.account.as_deref(), Some("plan_item_number"));
    let columns: Vec<&str> = delta.totals.amounts.iter().map(|t| t.column.as_str()).collect();
    assert_eq!(
        columns,
        ["debit", "credit", "solde", "tiers", "exact", "lines"],
        "no ids, no rates"
    );
    for column in ["debit", "credit", "exact", "lines"] {
        let total = amount(&delta, column);
        assert!(total.exact, "{column}");
        // A float is the decimal that PostgreSQL shows for it, which the cast to numeric is.
        let sql = format!("SELECT trim_scale(sum({column}::numeric))::text FROM t");
        assert_eq!(total.sum, place.value(&sql).await, "{column}");
        let sql = format!("SELECT count({column}) FROM t");
        assert_eq!(total.filled.to_string(), place.value(&sql).await, "{column}");
        let sql =
            format!("SELECT round(sum({column})::numeric, 2) = round({}, 2) FROM t", total.sum);
        assert_eq!(
            place.value(&sql).await,
            "t",
            "{column}: PostgreSQL's own sum of floats, in cents"
        );
        for (class, sum) in &total.classes {
            let condition = match class.as_str() {
                "other" => "plan_item_number !~ '^[1-8]'".to_owned(),
                class => format!("plan_item_number LIKE '{class}%'"),
            };
            let sql =
                format!("SELECT trim_scale(sum({column}::numeric))::text FROM t WHERE {condition}");
            assert_eq!(*sum, place.value(&sql).await, "{column} of class {class}");
        }
        assert_eq!(total.classes.len(), 9, "{column}");
    }
    for column in ["solde", "tiers"] {
        let total = amount(&delta, column);
        assert!(!total.exact, "{column}");
        let sql = format!("SELECT abs(sum({column}::numeric) - {}) < 0.00001 FROM t", total.sum);
        assert_eq!(place.value(&sql).await, "t", "{column}: {}", total.sum);
    }
}

#[tokio::test]
async fn the_totals_of_a_table_are_the_same_whichever_way_it_was_published() {
    let mut place = Place::new().await;
    let lines = [(1, "606400", 10.1, 0.0), (2, "401000", 0.0, 10.2), (3, "x", 0.3, f64::NAN)];
    let made = place.noted("t", ledger(&lines)).await;
    let again = place.noted("t", ledger(&lines)).await;
    let streamed = place.noted_of_a_stream("t", ledger(&lines)).await;
    assert_eq!(made.totals, again.totals);
    assert_eq!(made.totals, streamed.totals);
    let credit = amount(&made, "credit");
    assert_eq!((credit.filled, credit.sum.as_str()), (2, "10.2"));
    assert_eq!(credit.classes["4"], "10.2");
    assert!(!credit.classes.contains_key("other"), "an empty cell is not in a class");
}

#[tokio::test]
async fn dates_are_kept_as_their_first_and_last_day_and_text_in_no_form() {
    let mut place = Place::new().await;
    let days: ArrayRef = Arc::new(Date32Array::from(vec![Some(20_400), None, Some(20_039)]));
    let batch = frame(&[
        ("date", days),
        ("number", texts(["F-1", "F-2", "F-3"])),
        ("amount", floats([1.0, 2.0, 3.0])),
    ]);
    let totals = place.noted("t", batch).await.totals;
    assert_eq!(totals.account, None, "an invoice's number is no account");
    let dates = &totals.dates[0];
    assert_eq!(
        (dates.first.as_str(), dates.last.as_str(), dates.filled),
        ("2024-11-12", "2025-11-08", 2)
    );
    assert_eq!(
        place.value("SELECT min(date) || ' ' || max(date) FROM t").await,
        "2024-11-12 2025-11-08"
    );
    let kept = format!("{totals:?}");
    assert!(!kept.contains("F-1"), "{kept}");
}
