//! What a publish changed, in a form that can be kept: marks of rows, never what is in them.
//!
//! A mark is 64 bits of a row's fingerprint, with 64 bits of its key's where there is a key. The marks of one
//! publish after the other add up: a row that came and went again cancels out, and one that went and came
//! with the same key has changed.

use sha2::{Digest, Sha256};
use tokio_postgres::Transaction;

use super::catalog::Table;
use super::copy::{self, Address};
use super::difference::Difference;
use super::encode::Notes;
use super::fingerprint::{Fingerprint, Hasher};
use super::plan::{Plan, PlannedColumn};
use super::rows::Rows;
use super::totals::Totals;
use super::{Publication, PublishError};

/// So many rows that came or went are marked one by one; of more, only how many they were is known.
pub const MARKS_MAX: usize = 200_000;

/// The column that is taken for the key of a table that has none.
const USUAL_KEY: &str = "id";

/// What a publish changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Delta {
    /// Which rows came and went.
    pub rows: RowChanges,
    /// What the table's columns of amounts and dates come to since.
    pub totals: Totals,
}

/// Which rows came and went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RowChanges {
    /// None: the table had them all, and nothing else.
    #[default]
    Same,
    /// The table was made: all its rows came.
    Made,
    /// These.
    Marked(Marks),
    /// More than [`MARKS_MAX`].
    TooMany,
    /// Every row was written anew without being compared, since a column's type changed, or since most of a
    /// large table did.
    Rewritten,
}

/// The rows that came and went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Says by which columns and types the rows were fingerprinted: those of other columns do not compare.
    pub columns: u64,
    /// What tells one row from another, if something does.
    pub key: Option<Key>,
    /// The rows that went, those of changed rows included.
    pub removed: Vec<Mark>,
    /// The rows that came, those of changed rows included.
    pub added: Vec<Mark>,
}

/// What tells one row from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its columns.
    pub columns: Vec<String>,
    /// Says of which columns and types it is: those of another key do not compare.
    pub kind: u64,
    /// Whether the server sees to it that no two rows have the same.
    pub unique: bool,
}

/// A row, unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// Of its key; 0 where there is none.
    pub key: u64,
    /// Of all that it holds.
    pub row: u64,
}

/// Marks the rows that a publish removes and adds, while it does.
pub(super) struct Noting {
    marks: Marks,
    key_columns: Vec<PlannedColumn>,
    key_hasher: Hasher,
    /// Of each row that will be sent, its fingerprint; `None` for one that the table had before.
    sent: std::vec::IntoIter<Option<Fingerprint>>,
    /// Room for the encoded key of one row.
    key: Vec<u8>,
    notes: Vec<Notes>,
}

impl Noting {
    /// Begins before anything is deleted; `None` when there is nothing to mark, or too much.
    pub(super) async fn begin(
        transaction: &Transaction<'_>,
        publication: &Publication,
        plan: &Plan,
        table: &Table,
        difference: &mut Difference,
    ) -> Result<Option<Noting>, PublishError> {
        let added = difference.unchanged.iter().filter(|unchanged| !**unchanged).count();
        let changes = difference.doomed.len() + added;
        let new = std::mem::take(&mut difference.new);
        if changes == 0 || changes > MARKS_MAX {
            return Ok(None);
        }
        let (key_columns, unique) = key_of(publication, plan, table);
        let key = (!key_columns.is_empty()).then(|| Key {
            columns: key_columns.iter().map(|column| column.name.clone()).collect(),
            kind: kind_of(&key_columns),
            unique,
        });
        let removed = removed_marks(transaction, publication, &key_columns, difference).await?;
        let rewrite = difference.rewrite;
        let sent = new.into_iter().zip(&difference.unchanged).filter_map(
            |(fingerprint, unchanged)| match (unchanged, rewrite) {
                (false, _) => Some(Some(fingerprint)),
                (true, true) => Some(None),
                (true, false) => None,
            },
        );
        let sent: Vec<Option<Fingerprint>> = sent.collect();
        let marks = Marks {
            columns: kind_of(&plan.columns),
            key,
            removed,
            added: Vec::with_capacity(added),
        };
        Ok(Some(Noting {
            marks,
            key_hasher: Hasher::new(key_columns.iter().map(|column| &column.column_type)),
            sent: sent.into_iter(),
            key: Vec::new(),
            notes: vec![Notes::default(); key_columns.len()],
            key_columns,
        }))
    }

    /// Marks the next row that is sent.
    pub(super) fn sent(&mut self, rows: &Rows<'_>, row: usize) {
        let Some(fingerprint) = self.sent.next().flatten() else { return };
        let mut key = 0;
        if !self.key_columns.is_empty() {
            self.key.clear();
            rows.encode(row, &self.key_columns, &mut self.key, &mut self.notes)
                .expect("the row was encoded for the same columns when it arrived");
            let fingerprint = self.key_hasher.fingerprint(&self.key[2..]);
            key = fingerprint.expect("the key was just encoded for these columns")[0];
        }
        self.marks.added.push(Mark { key, row: fingerprint[0] });
    }

    /// The marks, once everything is sent.
    pub(super) fn end(self) -> Marks {
        self.marks
    }
}

/// What became of the rows, when they were compared.
pub(super) fn changes(noting: Option<Noting>, difference: &Difference) -> RowChanges {
    match noting {
        Some(noting) => RowChanges::Marked(noting.end()),
        None if difference.is_empty() => RowChanges::Same,
        None => RowChanges::TooMany,
    }
}

async fn removed_marks(
    transaction: &Transaction<'_>,
    publication: &Publication,
    key_columns: &[PlannedColumn],
    difference: &Difference,
) -> Result<Vec<Mark>, PublishError> {
    let rows = difference.doomed.iter().zip(&difference.doomed_rows);
    if key_columns.is_empty() || difference.doomed.is_empty() {
        return Ok(rows.map(|(_, row)| Mark { key: 0, row: row[0] }).collect());
    }
    let keys = copy::keys_at(transaction, publication, key_columns, &difference.doomed).await?;
    let key = |address: &Address| keys.get(address).map_or(0, |key| key[0]);
    Ok(rows.map(|(address, row)| Mark { key: key(address), row: row[0] }).collect())
}

/// The columns that tell rows apart, and whether the server sees to it: the table's own key, else the one that
/// is asked for, else `id`. The table and the data must have them, or there is none.
fn key_of(publication: &Publication, plan: &Plan, table: &Table) -> (Vec<PlannedColumn>, bool) {
    let find = |names: &[String]| -> Vec<PlannedColumn> {
        let columns = names.iter().map(|name| {
            let column = plan.columns.iter().find(|column| column.name == *name)?;
            let stays = column.source.is_some() && column.existing.is_some() && !column.retyped;
            stays.then(|| column.clone())
        });
        columns.collect::<Option<Vec<_>>>().unwrap_or_default()
    };
    let own = find(&table.key);
    if !own.is_empty() {
        return (own, true);
    }
    let asked = find(&publication.key);
    if !asked.is_empty() {
        return (asked, false);
    }
    (find(&[USUAL_KEY.to_owned()]), false)
}

/// A number for these columns and types, in this order.
fn kind_of(columns: &[PlannedColumn]) -> u64 {
    let mut digest = Sha256::new();
    for column in columns {
        digest.update(column.name.as_bytes());
        digest.update([0]);
        digest.update(column.column_type.to_string().as_bytes());
        digest.update([0]);
    }
    let digest = digest.finalize();
    u64::from_be_bytes(digest[..8].try_into().expect("eight bytes are eight bytes"))
}
