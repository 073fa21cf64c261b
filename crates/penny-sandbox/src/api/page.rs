//! A page of a list: where it starts is found by binary search, and only what it needs is looked at.

use std::ops::Range;
use std::sync::OnceLock;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::cursor::Cursor;
use super::filter::{Condition, Field, Operand, Operator};
use super::query::{ListQuery, Sort, SortField};
use super::refusal::Refusal;
use crate::company::Company;

/// Something that a list is made of.
pub(super) trait Record {
    /// Its id, unique in its list.
    fn id(&self) -> u64;

    /// Its day, where the list can be sorted by `date` or `start`.
    fn day(&self) -> Option<Date> {
        None
    }

    /// Its rank, where the list can be sorted by `rank`.
    fn rank(&self) -> u64 {
        0
    }

    /// What it has in a field of the contract's filters.
    fn field<'a>(&'a self, _name: &str, _company: &'a Company) -> Field<'a> {
        Field::Empty
    }
}

impl<R: Record> Record for &R {
    fn id(&self) -> u64 {
        R::id(self)
    }

    fn day(&self) -> Option<Date> {
        R::day(self)
    }

    fn rank(&self) -> u64 {
        R::rank(self)
    }

    fn field<'a>(&'a self, name: &str, company: &'a Company) -> Field<'a> {
        R::field(self, name, company)
    }
}

/// All records of a list, ascending by id, with the order of days if it is a long one.
pub(super) struct Rows<'a, R> {
    records: &'a [R],
    by_day: Option<&'a DayOrder>,
}

/// The positions of records ascending by (day, id), found out when first needed.
#[derive(Default)]
pub(super) struct DayOrder(OnceLock<Vec<u32>>);

impl DayOrder {
    /// The order of these records, which must be the same each time.
    pub fn of<R: Record>(&self, records: &[R]) -> &[u32] {
        self.0.get_or_init(|| all_sorted(records, SortField::Date))
    }
}

impl<R> Clone for Rows<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Rows<'_, R> {}

impl<'a, R: Record> Rows<'a, R> {
    /// Records that are ascending by id.
    pub fn new(records: &'a [R]) -> Rows<'a, R> {
        Rows { records, by_day: None }
    }

    /// The same with a place to keep the order of days.
    pub fn with_days(records: &'a [R], by_day: &'a DayOrder) -> Rows<'a, R> {
        Rows { by_day: Some(by_day), ..Rows::new(records) }
    }

    /// The record with this id.
    pub fn find(self, id: u64) -> Option<&'a R> {
        self.records.binary_search_by_key(&id, Record::id).ok().map(|index| &self.records[index])
    }
}

/// A page as it was cut out of a list.
#[derive(Debug)]
pub(super) struct Page<T> {
    /// Its records, in order.
    pub items: Vec<T>,
    /// Where the next page starts, if there is one.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// The envelope around the written records.
    pub fn envelope(&self, write: impl FnMut(&T) -> Value) -> Value {
        json!({
            "items": self.items.iter().map(write).collect::<Vec<_>>(),
            "has_more": self.next.is_some(),
            "next_cursor": self.next.as_ref().map(Cursor::encode),
        })
    }

    /// The first `limit` of `rows`, of which the caller gathered one more than fits if there is one more.
    pub fn cut(mut rows: Vec<T>, limit: usize, position: impl Fn(&T) -> Cursor) -> Page<T> {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(position);
        Page { items: rows, next }
    }
}

/// The order of records: a primary value, then the id.
type Key = (u64, u64);

/// Cuts the page that `query` asks for.
pub(super) fn page<'a, R: Record>(
    rows: Rows<'a, R>,
    query: &ListQuery,
    company: &'a Company,
) -> Result<Page<&'a R>, Refusal> {
    let sort = query.sort;
    let after =
        query.cursor.as_ref().map(|cursor| key_of_cursor(cursor, sort.field)).transpose()?;
    let positions = Positions::choose(rows, query);
    let found = positions.after(after, sort).map(|position| &rows.records[position]);
    let passing = found.filter(|record| query.filter.admits(|name| record.field(name, company)));
    Ok(Page::cut(passing.take(query.limit + 1).collect(), query.limit, |record| {
        cursor_of(*record, sort.field)
    }))
}

/// Which records come into question, ascending in the order asked for.
struct Positions<'a, R> {
    rows: Rows<'a, R>,
    order: Order<'a>,
    field: SortField,
    range: Range<usize>,
}

enum Order<'a> {
    ById,
    Given(&'a [u32]),
    Sorted(Vec<u32>),
}

impl<'a, R: Record> Positions<'a, R> {
    fn choose(rows: Rows<'a, R>, query: &ListQuery) -> Positions<'a, R> {
        let field = query.sort.field;
        let order = match (wanted_ids(query), field, rows.by_day) {
            (Some(ids), ..) => Order::Sorted(positions_of(rows, ids, field)),
            (None, SortField::Id, _) => Order::ById,
            (None, SortField::Date | SortField::Start, Some(by_day)) => {
                Order::Given(by_day.of(rows.records))
            }
            (None, ..) => Order::Sorted(all_sorted(rows.records, field)),
        };
        let len = match &order {
            Order::ById => rows.records.len(),
            Order::Given(positions) => positions.len(),
            Order::Sorted(positions) => positions.len(),
        };
        let mut positions = Positions { rows, order, field, range: 0..len };
        positions.narrow(query.filter.conditions());
        positions
    }

    fn position(&self, index: usize) -> usize {
        match &self.order {
            Order::ById => index,
            Order::Given(positions) => positions[index] as usize,
            Order::Sorted(positions) => positions[index] as usize,
        }
    }

    fn key(&self, index: usize) -> Key {
        key(&self.rows.records[self.position(index)], self.field)
    }

    /// The first index whose key is not below, by binary search.
    fn first_where(&self, reached: impl Fn(Key) -> bool) -> usize {
        let (mut low, mut high) = (self.range.start, self.range.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if reached(self.key(middle)) { high = middle } else { low = middle + 1 }
        }
        low
    }

    /// Conditions on the very field that orders the list cut both ends off.
    fn narrow(&mut self, conditions: &[Condition]) {
        for condition in conditions {
            let [operand] = condition.operands.as_slice() else { continue };
            let value = match (self.field, condition.field, operand) {
                (SortField::Id, "id", Operand::Integer(id)) => u64::try_from(*id).unwrap_or(0),
                (SortField::Date, "date", Operand::Date(date)) => day_number(*date),
                _ => continue,
            };
            let primary =
                |(primary, id): Key| if self.field == SortField::Id { id } else { primary };
            let from = self.first_where(|key| primary(key) >= value);
            let past = self.first_where(|key| primary(key) > value);
            match condition.operator {
                Operator::Equal => self.range = from..past,
                Operator::Lt => self.range.end = from,
                Operator::LtEq => self.range.end = past,
                Operator::GtEq => self.range.start = from,
                Operator::Gt => self.range.start = past,
                Operator::NotEqual | Operator::In | Operator::NotIn | Operator::StartWith => {}
            }
        }
    }

    /// Positions that follow `after` in the order asked for.
    fn after(self, after: Option<Key>, sort: Sort) -> impl Iterator<Item = usize> {
        let Range { mut start, mut end } = self.range.clone();
        match after {
            Some(after) if sort.descending => end = self.first_where(|key| key >= after),
            Some(after) => start = self.first_where(|key| key > after),
            None => {}
        }
        let count = end.saturating_sub(start);
        (0..count).map(move |step| {
            self.position(if sort.descending { end - 1 - step } else { start + step })
        })
    }
}

/// The ids of an `eq` or `in` condition on `id`: they are looked up rather than searched for.
fn wanted_ids(query: &ListQuery) -> Option<Vec<u64>> {
    let condition = query.filter.conditions().iter().find(|condition| {
        condition.field == "id" && matches!(condition.operator, Operator::Equal | Operator::In)
    })?;
    let id = |operand: &Operand| match operand {
        Operand::Integer(id) => u64::try_from(*id).ok(),
        Operand::Date(_) | Operand::Text(_) | Operand::Bool(_) => None,
    };
    Some(condition.operands.iter().filter_map(id).collect())
}

fn positions_of<R: Record>(rows: Rows<'_, R>, mut ids: Vec<u64>, field: SortField) -> Vec<u32> {
    ids.sort_unstable();
    ids.dedup();
    let found =
        ids.into_iter().filter_map(|id| rows.records.binary_search_by_key(&id, Record::id).ok());
    sorted(rows.records, found.map(narrow_position).collect(), field)
}

fn all_sorted<R: Record>(records: &[R], field: SortField) -> Vec<u32> {
    sorted(records, (0..records.len()).map(narrow_position).collect(), field)
}

fn sorted<R: Record>(records: &[R], mut positions: Vec<u32>, field: SortField) -> Vec<u32> {
    positions.sort_unstable_by_key(|position| key(&records[*position as usize], field));
    positions
}

/// Positions are kept in 32 bits: no list of one company holds four billion records.
fn narrow_position(position: usize) -> u32 {
    u32::try_from(position).expect("a list holds fewer than 2^32 records")
}

fn key<R: Record>(record: &R, field: SortField) -> Key {
    let primary = match field {
        SortField::Id => 0,
        SortField::Date | SortField::Start => record.day().map_or(0, day_number),
        SortField::Rank => record.rank(),
    };
    (primary, record.id())
}

/// Days as numbers that keep their order.
fn day_number(date: Date) -> u64 {
    let (year, month, day) = (date.year(), date.month(), date.day());
    u64::from(year.unsigned_abs()) * 10_000
        + u64::from(month.unsigned_abs()) * 100
        + u64::from(day.unsigned_abs())
}

fn cursor_of<R: Record>(record: &R, field: SortField) -> Cursor {
    let id = ("id", Value::from(record.id()));
    match field {
        SortField::Id => Cursor::new([id]),
        SortField::Date | SortField::Start => {
            Cursor::new([("day", record.day().map(|day| day.to_string()).into()), id])
        }
        SortField::Rank => Cursor::new([("rank", record.rank().into()), id]),
    }
}

fn key_of_cursor(cursor: &Cursor, field: SortField) -> Result<Key, Refusal> {
    let primary = match field {
        SortField::Id => 0,
        SortField::Date | SortField::Start => {
            day_number(cursor.text("day")?.parse().map_err(|_| Cursor::invalid())?)
        }
        SortField::Rank => cursor.number("rank")?,
    };
    Ok((primary, cursor.number("id")?))
}
