//! What changed in a table from one run to a later one: rows, totals, dates, columns.

use std::collections::BTreeSet;

use jiff::Timestamp;
use penny_postgres::publish::{AmountTotal, Totals};
use serde_json::{Value, json};

use super::amounts::Amount;
use super::netting::{Rows, net};
use crate::error::Result;
use crate::store::{Change, RunId, RunRecord, Store};

/// What changed in a table.
#[derive(Clone, Debug)]
pub struct TableChange {
    /// `schema.table`.
    pub table: String,
    /// The table as the earlier run left it; none when it had not been published yet.
    pub before: Option<TableSide>,
    /// The table as the later run left it; none when it had not been published yet.
    pub after: Option<TableSide>,
    /// The rows that came, went and changed.
    pub rows: Rows,
    /// The columns of amounts, whether they changed or not.
    pub amounts: Vec<AmountChange>,
    /// The columns of dates, whether they changed or not.
    pub dates: Vec<DateChange>,
    /// The column of account numbers, for a ledger or a balance.
    pub account: Option<String>,
    /// The columns that came.
    pub columns_added: Vec<String>,
    /// The columns that went.
    pub columns_dropped: Vec<String>,
    /// The columns that have another type, as `amount: bigint → double precision`.
    pub columns_widened: Vec<String>,
    /// How many publishes led from one to the other.
    pub publishes: usize,
    /// How many of them neither run did.
    pub publishes_of_others: usize,
    /// Whether someone changed the table in between without Penny: then the rows do not add up.
    pub changed_outside: bool,
}

/// A table as a run left it.
#[derive(Clone, Debug)]
pub struct TableSide {
    /// Its last publish by then.
    pub publish: i64,
    /// When that was.
    pub at: Timestamp,
    /// How many rows it had.
    pub rows: u64,
    /// What its columns came to, if that was kept.
    pub totals: Option<Totals>,
}

/// The total of a column of amounts, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountChange {
    /// The column.
    pub column: String,
    /// The total before and after.
    pub sums: ClassChange,
    /// The same by class of account, for a ledger or a balance.
    pub classes: Vec<ClassChange>,
}

/// A total before and after, of a class of accounts or of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassChange {
    /// `1` to `8`, or `other`; `all` for the whole column.
    pub class: String,
    /// The total before, as a decimal number; none when the column was not there.
    pub before: Option<String>,
    /// The total after.
    pub after: Option<String>,
}

/// The first and last day of a column of dates, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateChange {
    /// The column.
    pub column: String,
    /// The first and last before.
    pub before: Option<(String, String)>,
    /// The first and last after.
    pub after: Option<(String, String)>,
}

/// Compares the tables that either run published.
pub(super) fn changes(
    store: &Store,
    before: &RunRecord,
    after: &RunRecord,
    now: Timestamp,
) -> Result<Vec<TableChange>> {
    let mut tables = Vec::new();
    for run in [after, before] {
        for publish in store.publishes_of(run.id)? {
            if !tables.contains(&publish.table) {
                tables.push(publish.table);
            }
        }
    }
    tables.into_iter().map(|table| change(store, table, before, after, now)).collect()
}

fn change(
    store: &Store,
    table: String,
    before: &RunRecord,
    after: &RunRecord,
    now: Timestamp,
) -> Result<TableChange> {
    let earlier = last_publish(store, &table, before, now)?;
    let later = last_publish(store, &table, after, now)?;
    from_to(store, table, earlier, later, &[before.id, after.id])
}

/// What changed in a table from one moment to another: from its last publish by the first to its last by the
/// second.
///
/// # Errors
/// The history cannot be read.
pub fn table_change(
    store: &Store,
    table: &str,
    from: Timestamp,
    to: Timestamp,
) -> Result<TableChange> {
    let earlier = store.last_publish(table, from)?;
    let later = store.last_publish(table, to)?;
    from_to(store, table.to_owned(), earlier, later, &[])
}

/// From one publish to another, of which these runs are `ours`.
fn from_to(
    store: &Store,
    table: String,
    earlier: Option<i64>,
    later: Option<i64>,
    ours: &[RunId],
) -> Result<TableChange> {
    let between = match later {
        Some(until) => store.changes(&table, earlier, until)?,
        None => Vec::new(),
    };
    let first = match earlier {
        Some(id) => store.changes(&table, Some(id - 1), id)?.pop(),
        None => None,
    };
    let side = |change: Option<&Change>| -> Result<Option<TableSide>> {
        let Some(change) = change else { return Ok(None) };
        let totals = store.totals_after(&table, change.publish)?;
        Ok(Some(TableSide { publish: change.publish, at: change.at, rows: change.rows, totals }))
    };
    let (before_side, after_side) =
        (side(first.as_ref())?, side(between.last().or(first.as_ref()))?);
    let after_side = if later.is_some() { after_side } else { None };
    let totals = |side: &Option<TableSide>| side.as_ref().and_then(|side| side.totals.clone());
    let (old, new) = (totals(&before_side), totals(&after_side));
    let is_ours = |change: &&Change| change.run.is_some_and(|run| ours.contains(&run));
    Ok(TableChange {
        rows: net(&between),
        amounts: amounts(old.as_ref(), new.as_ref()),
        dates: dates(old.as_ref(), new.as_ref()),
        account: new.or(old).and_then(|totals| totals.account),
        columns_added: named(&between, "columns_added"),
        columns_dropped: named(&between, "columns_dropped"),
        columns_widened: widened(&between),
        publishes: between.len(),
        publishes_of_others: between.iter().filter(|change| !is_ours(change)).count(),
        changed_outside: changed_outside(first.as_ref(), &between, store.made_anew()?),
        table,
        before: before_side,
        after: after_side,
    })
}

/// The publish that a run left a table with: its own, or the last one of anybody by then.
fn last_publish(
    store: &Store,
    table: &str,
    run: &RunRecord,
    now: Timestamp,
) -> Result<Option<i64>> {
    let publishes = store.publishes_of(run.id)?;
    match publishes.iter().rfind(|publish| publish.table == table) {
        Some(publish) => Ok(Some(publish.id)),
        None => store.last_publish(table, run.ended.unwrap_or(now)),
    }
}

fn report(change: &Change) -> Value {
    serde_json::from_str(&change.report).unwrap_or_default()
}

fn named(between: &[Change], list: &str) -> Vec<String> {
    let all = between.iter().flat_map(|change| {
        let report = report(change);
        // All columns of a new table are new, and nobody wants to read that.
        let names =
            if report["created"] == json!(true) { None } else { report[list].as_array().cloned() };
        names.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned))
    });
    let unique: BTreeSet<String> = all.collect();
    unique.into_iter().collect()
}

fn widened(between: &[Change]) -> Vec<String> {
    let all = between.iter().flat_map(|change| {
        let changes = report(change)["columns_widened"].as_array().cloned().unwrap_or_default();
        changes.into_iter().map(|change| {
            let word = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
            format!("{}: {} → {}", word("column"), word("from"), word("to"))
        })
    });
    all.collect()
}

/// Whether a publish found another number of rows than the one before it had left. Of the time before the
/// history was made anew that cannot be said: publishes may be missing between two that it knows.
fn changed_outside(
    first: Option<&Change>,
    between: &[Change],
    made_anew: Option<Timestamp>,
) -> bool {
    let mut before = first;
    for change in between {
        let report = report(change);
        let count = |name: &str| report[name].as_u64();
        let found = count("rows_unchanged").zip(count("rows_deleted")).map(|(a, b)| a + b);
        let created = report["created"].as_bool().unwrap_or(true);
        let left = before.filter(|before| made_anew.is_none_or(|made_anew| before.at > made_anew));
        if let (Some(left), Some(found), false) = (left.map(|left| left.rows), found, created)
            && left != found
        {
            return true;
        }
        before = Some(change);
    }
    false
}

fn amounts(before: Option<&Totals>, after: Option<&Totals>) -> Vec<AmountChange> {
    let list = |totals: Option<&Totals>| totals.map(|t| t.amounts.clone()).unwrap_or_default();
    let (before, after) = (list(before), list(after));
    let find = |list: &[AmountTotal], name: &str| list.iter().find(|t| t.column == name).cloned();
    let gone = before.iter().filter(|total| find(&after, &total.column).is_none());
    let columns = after.iter().chain(gone).map(|total| total.column.clone());
    let changes = columns.map(|column| {
        let (old, new) = (find(&before, &column), find(&after, &column));
        let sum = |total: &Option<AmountTotal>| total.as_ref().map(|total| total.sum.clone());
        let sums = ClassChange { class: "all".into(), before: sum(&old), after: sum(&new) };
        AmountChange { classes: classes(old.as_ref(), new.as_ref()), column, sums }
    });
    changes.collect()
}

fn classes(before: Option<&AmountTotal>, after: Option<&AmountTotal>) -> Vec<ClassChange> {
    let names = [before, after].into_iter().flatten().flat_map(|total| total.classes.keys());
    let names: BTreeSet<&String> = names.collect();
    let sum = |total: Option<&AmountTotal>, name: &String| {
        // A class without any line comes to nothing.
        total.map(|total| total.classes.get(name).cloned().unwrap_or_else(|| "0".to_owned()))
    };
    let changes = names.into_iter().map(|name| ClassChange {
        class: name.clone(),
        before: sum(before, name),
        after: sum(after, name),
    });
    changes.collect()
}

fn dates(before: Option<&Totals>, after: Option<&Totals>) -> Vec<DateChange> {
    let span = |totals: Option<&Totals>, name: &str| {
        let spans = totals.map(|totals| totals.dates.as_slice()).unwrap_or_default();
        let span = spans.iter().find(|span| span.column == name)?;
        Some((span.first.clone(), span.last.clone()))
    };
    let names = [before, after].into_iter().flatten().flat_map(|totals| &totals.dates);
    let names: BTreeSet<&str> = names.map(|span| span.column.as_str()).collect();
    let changes = names.into_iter().map(|name| DateChange {
        column: name.to_owned(),
        before: span(before, name),
        after: span(after, name),
    });
    changes.collect()
}

impl ClassChange {
    /// The total after without that before; none when one of them is no number or not known.
    pub fn difference(&self) -> Option<Amount> {
        let amount = |text: &Option<String>| Amount::parse(text.as_deref()?);
        amount(&self.after)?.minus(amount(&self.before)?)
    }

    /// Whether the two differ.
    pub fn is_changed(&self) -> bool {
        match self.difference() {
            Some(difference) => !difference.is_zero(),
            None => self.before != self.after,
        }
    }

    fn json(&self) -> Value {
        json!({
            "before": self.before,
            "after": self.after,
            "difference": self.difference().map(|difference| difference.to_string()),
        })
    }
}

impl TableChange {
    /// Whether anything of it changed.
    pub fn is_changed(&self) -> bool {
        let rows = match &self.rows {
            Rows::Known { added, removed, changed, .. } => {
                added + removed + changed.unwrap_or(0) > 0
            }
            Rows::Counted { .. } => true,
        };
        rows || self.changed_outside
            || self.before.is_some() != self.after.is_some()
            || self.amounts.iter().any(|amount| amount.sums.is_changed())
            || !self.columns_added.is_empty()
            || !self.columns_dropped.is_empty()
            || !self.columns_widened.is_empty()
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let side = |side: &Option<TableSide>| {
            side.as_ref().map(|side| json!({"rows": side.rows, "published": side.at.to_string()}))
        };
        let amounts: Vec<Value> = self.amounts.iter().map(AmountChange::json).collect();
        let dates: Vec<Value> = self
            .dates
            .iter()
            .map(|date| {
                let span = |span: &Option<(String, String)>| {
                    span.as_ref().map(|(first, last)| json!({"first": first, "last": last}))
                };
                json!({"column": date.column, "before": span(&date.before), "after": span(&date.after)})
            })
            .collect();
        json!({
            "table": self.table,
            "changed": self.is_changed(),
            "before": side(&self.before),
            "after": side(&self.after),
            "rows": rows_json(&self.rows),
            "amounts": amounts,
            "dates": dates,
            "account_column": self.account,
            "columns_added": self.columns_added,
            "columns_dropped": self.columns_dropped,
            "columns_widened": self.columns_widened,
            "publishes": self.publishes,
            "publishes_of_others": self.publishes_of_others,
            "changed_outside": self.changed_outside,
        })
    }
}

impl AmountChange {
    fn json(&self) -> Value {
        let mut json = self.sums.json();
        json["column"] = json!(self.column);
        let classes = self.classes.iter().map(|class| (class.class.clone(), class.json()));
        json["classes"] = Value::Object(classes.collect());
        json
    }
}

fn rows_json(rows: &Rows) -> Value {
    match rows {
        Rows::Known { added, removed, changed, key } => json!({
            "known": true, "added": added, "removed": removed, "changed": changed, "key": key,
        }),
        Rows::Counted { why, written, deleted } => json!({
            "known": false, "why": why.word(), "written": written, "deleted": deleted,
        }),
    }
}
