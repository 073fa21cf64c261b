//! What a table's columns come to: sums of amounts, by class of account in a ledger, and the span of dates.
//!
//! They are taken from the data as they arrive, a column at a time, and they are exact: an amount is summed as
//! the decimal number that it is written as, so that a total is right to the cent however many rows there are.

use std::collections::BTreeMap;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::cells::{Cells, Integers};
use super::numeric::decimal;
use super::plan::Plan;
use super::span::Span;
use super::sum::Sum;
use super::types::ColumnType;
use super::value::Value;

/// The columns that hold the number of an account, as [`folded`]; the first that is there counts.
const ACCOUNT_COLUMNS: [&str; 8] = [
    "plan_item_number",
    "account_number",
    "compte_num",
    "comptenum",
    "numero_compte",
    "compte",
    "number",
    "pcg_1",
];

/// A table is a ledger or a balance when an amount's name has one of these in it.
const LEDGER_AMOUNTS: [&str; 4] = ["debit", "credit", "solde", "balance"];

/// A column with one of these words in its name is not summed.
const NEVER_SUMMED: [&str; 26] = [
    "id",
    "ids",
    "lettering",
    "lettrage",
    "number",
    "numero",
    "num",
    "code",
    "position",
    "rank",
    "index",
    "siren",
    "siret",
    "year",
    "annee",
    "exercice",
    "month",
    "mois",
    "rate",
    "taux",
    "ratio",
    "weight",
    "percent",
    "percentage",
    "pct",
    "quantile",
];

/// The classes of the French chart of accounts, 1 to 8; whatever is none of them is 0.
const CLASSES: usize = 9;

/// What a table's columns come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many rows there are.
    pub rows: u64,
    /// The columns of numbers, but for those that are ids.
    pub amounts: Vec<AmountTotal>,
    /// The columns of dates and times.
    pub dates: Vec<DateSpan>,
    /// The column of account numbers, for a ledger or a balance.
    pub account: Option<String>,
}

/// What a column of numbers comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmountTotal {
    /// The column.
    pub column: String,
    /// How many of its cells are not empty.
    pub filled: u64,
    /// The sum, as a decimal number; `NaN` or `Infinity` where the column has such values.
    pub sum: String,
    /// Whether it is exact; otherwise some values had more than six decimals, and were summed as floats.
    pub exact: bool,
    /// The sum of each class of accounts (`1` to `8`, and `other`), for a ledger or a balance.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<String, String>,
}

/// From when to when a column of dates goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateSpan {
    /// The column.
    pub column: String,
    /// How many of its cells are not empty.
    pub filled: u64,
    /// The earliest, in ISO 8601.
    pub first: String,
    /// The latest, in ISO 8601.
    pub last: String,
}

/// Adds up the batches as they arrive.
pub(super) struct Adding {
    rows: u64,
    columns: Vec<(usize, Column)>,
    account: Option<usize>,
    /// The class of each row's account, of the present batch.
    classes: Vec<u8>,
}

enum Column {
    /// By class of account; without accounts all is in the first.
    Amount(Box<[Sum; CLASSES]>),
    Date(Span),
}

impl Adding {
    pub(super) fn new(schema: &Schema) -> Adding {
        let account = account_column(schema);
        let columns = schema.fields().iter().enumerate().filter_map(|(index, field)| {
            if Some(index) == account {
                return None;
            }
            let column = match field.data_type() {
                kind if is_number(kind) && !is_pointless(field.name()) => {
                    Column::Amount(Box::new([(); CLASSES].map(|()| Sum::of(kind))))
                }
                kind @ (DataType::Date32 | DataType::Timestamp(..)) => Column::Date(Span::of(kind)),
                _ => return None,
            };
            Some((index, column))
        });
        Adding { rows: 0, columns: columns.collect(), account, classes: Vec::new() }
    }

    /// Adds a batch of that schema.
    pub(super) fn add(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows() as u64;
        if let Some(account) = self.account {
            let cells = Cells::new(batch.column(account).as_ref(), false);
            self.classes.clear();
            self.classes.extend((0..batch.num_rows()).map(|row| class(&cells.get(row))));
        }
        let classes = self.account.map(|_| self.classes.as_slice());
        for (index, column) in &mut self.columns {
            let cells = Cells::new(batch.column(*index).as_ref(), false);
            match column {
                Column::Amount(sums) => add_amounts(&cells, batch.num_rows(), classes, sums),
                Column::Date(span) => add_dates(&cells, batch.num_rows(), span),
            }
        }
    }

    /// What the columns come to, those that are numbers and dates in the table too.
    pub(super) fn end(self, schema: &Schema, plan: &Plan) -> Totals {
        let mut totals = Totals { rows: self.rows, ..Totals::default() };
        totals.account = self.account.map(|index| schema.field(index).name().clone());
        for (index, column) in self.columns {
            let Some(planned) = plan.columns.iter().find(|column| column.source == Some(index))
            else {
                continue;
            };
            let name = planned.name.clone();
            match column {
                Column::Amount(sums) if holds_numbers(&planned.column_type) => {
                    totals.amounts.push(total(name, &sums, self.account.is_some()));
                }
                Column::Date(span) if !planned.column_type.is_text() => {
                    totals.dates.extend(span.end().map(|(filled, first, last)| DateSpan {
                        column: name,
                        filled,
                        first,
                        last,
                    }));
                }
                _ => {}
            }
        }
        totals
    }
}

fn total(column: String, sums: &[Sum; CLASSES], by_class: bool) -> AmountTotal {
    let mut all = sums[0].clone();
    for sum in &sums[1..] {
        all.join(sum);
    }
    let named = |class: usize| match class {
        0 => "other".to_owned(),
        class => class.to_string(),
    };
    let there = sums.iter().enumerate().filter(|(_, sum)| by_class && sum.filled() > 0);
    let classes = there.map(|(class, sum)| (named(class), sum.text())).collect();
    AmountTotal { column, filled: all.filled(), sum: all.text(), exact: all.is_exact(), classes }
}

fn account_column(schema: &Schema) -> Option<usize> {
    let names: Vec<String> = schema.fields().iter().map(|field| folded(field.name())).collect();
    let is_ledger = schema.fields().iter().zip(&names).any(|(field, name)| {
        is_number(field.data_type()) && LEDGER_AMOUNTS.iter().any(|amount| name.contains(amount))
    });
    let holds_numbers_of_accounts = |index: &usize| {
        let kind = schema.field(*index).data_type();
        let kind = if let DataType::Dictionary(_, values) = kind { values } else { kind };
        // pandas turns whole numbers with empty cells into floats.
        is_number(kind) || matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
    };
    let mut there =
        ACCOUNT_COLUMNS.iter().filter_map(|wanted| names.iter().position(|name| name == wanted));
    is_ledger.then(|| there.find(holds_numbers_of_accounts)).flatten()
}

/// A column's name in small letters, without accents.
fn folded(name: &str) -> String {
    name.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

fn is_number(kind: &DataType) -> bool {
    kind.is_integer() || kind.is_floating() || kind.is_decimal()
}

/// Whether a sum of the column says nothing: ids, codes, years and rates are numbers that nobody adds up.
fn is_pointless(name: &str) -> bool {
    let name = folded(name);
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    words.any(|word| NEVER_SUMMED.contains(&word)) || ACCOUNT_COLUMNS.contains(&name.as_str())
}

fn holds_numbers(column_type: &ColumnType) -> bool {
    use ColumnType::*;
    matches!(column_type, Int2 | Int4 | Int8 | Float4 | Float8 | Numeric(_))
}

/// The class of an account: the first digit of its number, if it is 1 to 8.
fn class(number: &Value<'_>) -> u8 {
    let first = match number {
        Value::Text(text) => text.trim_start().bytes().next(),
        Value::Int(number) => number.to_string().bytes().next(),
        Value::Float(number) => number.trunc().to_string().bytes().next(),
        Value::Float32(number) => number.trunc().to_string().bytes().next(),
        Value::Decimal(number, scale) => decimal(*number, *scale).to_string().bytes().next(),
        _ => None,
    };
    first.filter(|digit| (b'1'..=b'8').contains(digit)).map_or(0, |digit| digit - b'0')
}

fn add_amounts(cells: &Cells<'_>, rows: usize, classes: Option<&[u8]>, sums: &mut [Sum; CLASSES]) {
    let place = |row: usize| classes.map_or(0, |classes| usize::from(classes[row]));
    match cells {
        Cells::Float64(array) => {
            for (row, number) in array.values().iter().enumerate() {
                if array.is_valid(row) {
                    sums[place(row)].add_float(*number);
                }
            }
        }
        Cells::Int64(array) => {
            for (row, number) in array.values().iter().enumerate() {
                if array.is_valid(row) {
                    sums[place(row)].add_units(i128::from(*number));
                }
            }
        }
        Cells::Decimal128(array, _) => {
            for (row, number) in array.values().iter().enumerate() {
                if array.is_valid(row) {
                    sums[place(row)].add_units(*number);
                }
            }
        }
        cells => {
            for row in 0..rows {
                sums[place(row)].add(&cells.get(row));
            }
        }
    }
}

fn add_dates(cells: &Cells<'_>, rows: usize, span: &mut Span) {
    match cells {
        Cells::Date32(array) => {
            for row in 0..rows {
                if array.is_valid(row) {
                    span.add(i64::from(array.values()[row]));
                }
            }
        }
        Cells::Timestamp(values @ (Integers::Wide(..) | Integers::Narrow(..)), _, _) => {
            (0..rows).filter_map(|row| values.get(row)).for_each(|value| span.add(value));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use arrow_schema::Field;

    use super::*;

    #[test]
    fn numbers_that_nobody_adds_up_are_known_by_their_names() {
        for name in [
            "id",
            "customer_id",
            "lettering",
            "exchange_rate",
            "Ratio_Debit_Credit",
            "tag_weight",
            "Année",
            "Numéro",
            "Compte",
        ] {
            assert!(is_pointless(name), "{name}");
        }
        for name in [
            "amount",
            "debit",
            "Solde_Cumule",
            "solde_compte",
            "corporate_tax",
            "paid",
            "Delai_Paiement",
        ] {
            assert!(!is_pointless(name), "{name}");
        }
    }

    #[test]
    fn the_accounts_of_a_ledger_are_found_whatever_their_type_and_however_they_are_written() {
        let found = |name: &str, kind: DataType, amount: &str| {
            let fields = [(amount, DataType::Float64), (name, kind)];
            account_column(&Schema::new(
                fields.map(|(name, kind)| Field::new(name, kind, true)).to_vec(),
            ))
        };
        for kind in [DataType::Utf8, DataType::Int64, DataType::Int32, DataType::Float64] {
            assert_eq!(found("compte", kind.clone(), "debit"), Some(1), "{kind}");
        }
        for name in ["Compte", "CompteNum", "Numéro_Compte", "Nume\u{301}ro_Compte", "PCG_1"] {
            assert_eq!(found(name, DataType::Utf8, "Crédit"), Some(1), "{name}");
        }
        assert_eq!(found("compte", DataType::Utf8, "montant"), None, "it is no ledger");
        assert_eq!(found("compte", DataType::Boolean, "debit"), None);
    }

    #[test]
    fn the_class_of_an_account_is_its_first_digit() {
        for (number, class_of_it) in [
            (Value::Text("606400"), 6),
            (Value::Text(" 401LEGAL"), 4),
            (Value::Text("980"), 0),
            (Value::Text("x"), 0),
            (Value::Text(""), 0),
            (Value::Int(512_000), 5),
            (Value::Int(-4), 0),
            (Value::Float(401_000.0), 4),
            (Value::Float32(60.0), 6),
            (Value::Float(0.5), 0),
            (Value::Float(f64::NAN), 0),
            (Value::Decimal(70_710, 1), 7),
            (Value::Decimal(5, 1), 0),
            (Value::Null, 0),
        ] {
            assert_eq!(class(&number), class_of_it, "{number:?}");
        }
    }
}
