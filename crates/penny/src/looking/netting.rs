//! What several publishes, one after the other, come to in rows.
//!
//! Each left marks of the rows that came and of those that went. A row that came and went again cancels out;
//! one that went and came with the same key has changed.

use std::collections::HashMap;

use penny_postgres::publish::Marks;

use crate::store::{Change, RowsChanged};

/// The rows that came, went and changed from one version of a table to a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// They are known one by one.
    Known {
        /// So many came.
        added: u64,
        /// So many went.
        removed: u64,
        /// So many have another content; nothing where rows have no key, when such a row went and came.
        changed: Option<u64>,
        /// The columns that tell one row from another.
        key: Vec<String>,
    },
    /// Only how many were written and deleted on the way is known.
    Counted {
        /// Why no more is known.
        why: Why,
        /// Rows that publishes wrote.
        written: u64,
        /// Rows that publishes deleted.
        deleted: u64,
    },
}

/// Why rows cannot be compared one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The table was made in between.
    Made,
    /// More rows changed than are marked.
    TooMany,
    /// A column's type changed, or most of a large table did.
    Rewritten,
    /// Columns came or went, and rows have no key by which they could be followed.
    Columns,
    /// An earlier Penny published, or the marks had to go since.
    Unknown,
}

impl Why {
    /// The word for it, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Why::Made => "made",
            Why::TooMany => "too many",
            Why::Rewritten => "rewritten",
            Why::Columns => "columns",
            Why::Unknown => "unknown",
        }
    }
}

/// Adds the publishes up, oldest first.
pub fn net(changes: &[Change]) -> Rows {
    let marked = changes.iter().filter_map(|change| match &change.changed {
        RowsChanged::Marked(marks) => Some(marks),
        _ => None,
    });
    let marked: Vec<&Marks> = marked.collect();
    let why = changes.iter().find_map(|change| match change.changed {
        RowsChanged::Made => Some(Why::Made),
        RowsChanged::TooMany => Some(Why::TooMany),
        RowsChanged::Rewritten => Some(Why::Rewritten),
        RowsChanged::Unknown => Some(Why::Unknown),
        RowsChanged::Same | RowsChanged::Marked(_) => None,
    });
    let why = why.or_else(|| (!are_comparable(&marked)).then_some(Why::Columns));
    if let Some(why) = why {
        let sum = |name: &str| changes.iter().map(|change| count(&change.report, name)).sum();
        return Rows::Counted { why, written: sum("rows_inserted"), deleted: sum("rows_deleted") };
    }
    let key = marked.first().and_then(|marks| marks.key.as_ref());
    let mut board = Board::default();
    for marks in &marked {
        board.play(marks, key.is_some());
    }
    let (added, removed, changed) = board.count();
    Rows::Known {
        added,
        removed,
        changed: (key.is_some() || marked.is_empty()).then_some(changed),
        key: key.map(|key| key.columns.clone()).unwrap_or_default(),
    }
}

/// Whether all have the same key; or none, and then the same columns.
fn are_comparable(marked: &[&Marks]) -> bool {
    let same_key = marked.windows(2).all(|pair| {
        pair[0].key.as_ref().map(|key| key.kind) == pair[1].key.as_ref().map(|key| key.kind)
    });
    let keyed = marked.first().is_some_and(|marks| marks.key.is_some());
    let same_columns = marked.windows(2).all(|pair| pair[0].columns == pair[1].columns);
    same_key && (keyed || same_columns)
}

fn count(report: &str, name: &str) -> u64 {
    let report: serde_json::Value = serde_json::from_str(report).unwrap_or_default();
    report[name].as_u64().unwrap_or(0)
}

/// By key (by row, where there is none), the rows that went and that came so far, all things cancelled.
#[derive(Default)]
struct Board {
    rows: HashMap<u64, Place>,
    /// The columns of the publish before.
    columns: Option<u64>,
}

#[derive(Default)]
struct Place {
    removed: Vec<u64>,
    added: Vec<u64>,
}

impl Board {
    fn play(&mut self, marks: &Marks, keyed: bool) {
        let unique = marks.key.as_ref().is_some_and(|key| key.unique);
        // With other columns a row has another mark though it is the same: its key finds it.
        let other_columns = self.columns.is_some_and(|columns| columns != marks.columns);
        self.columns = Some(marks.columns);
        for mark in &marks.removed {
            let place = self.rows.entry(if keyed { mark.key } else { mark.row }).or_default();
            if let Some(at) = place.added.iter().position(|row| *row == mark.row) {
                place.added.swap_remove(at);
            } else if unique || other_columns {
                // It came in an earlier publish, and someone else changed it since, or it was there before.
                match place.added.pop() {
                    Some(_) => {}
                    None => place.removed.push(mark.row),
                }
            } else {
                place.removed.push(mark.row);
            }
        }
        for mark in &marks.added {
            let place = self.rows.entry(if keyed { mark.key } else { mark.row }).or_default();
            match place.removed.iter().position(|row| *row == mark.row) {
                Some(at) => drop(place.removed.swap_remove(at)),
                None => place.added.push(mark.row),
            }
        }
    }

    /// How many were added, removed and changed.
    fn count(&self) -> (u64, u64, u64) {
        let mut counts = (0, 0, 0);
        for place in self.rows.values() {
            let changed = place.removed.len().min(place.added.len());
            counts.0 += (place.added.len() - changed) as u64;
            counts.1 += (place.removed.len() - changed) as u64;
            counts.2 += changed as u64;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use penny_postgres::publish::{Key, Mark};

    use super::*;

    /// A publish that removes and adds rows (key, content) of these columns.
    fn change(columns: u64, keyed: bool, removed: &[(u64, u64)], added: &[(u64, u64)]) -> Change {
        let marks = |rows: &[(u64, u64)]| {
            rows.iter()
                .map(|(key, row)| Mark { key: if keyed { *key } else { 0 }, row: *row })
                .collect()
        };
        let key = keyed.then(|| Key { columns: vec!["id".into()], kind: 1, unique: false });
        let report =
            format!("{{\"rows_inserted\":{},\"rows_deleted\":{}}}", added.len(), removed.len());
        Change {
            publish: 1,
            run: None,
            at: Timestamp::UNIX_EPOCH,
            rows: 0,
            report,
            changed: RowsChanged::Marked(Marks {
                columns,
                key,
                removed: marks(removed),
                added: marks(added),
            }),
        }
    }

    fn known(added: u64, removed: u64, changed: Option<u64>) -> Rows {
        let key = if changed.is_some() { vec!["id".to_owned()] } else { Vec::new() };
        Rows::Known { added, removed, changed, key }
    }

    #[test]
    fn publishes_add_up() {
        let one = change(7, true, &[(1, 10), (2, 20)], &[(1, 11), (3, 30)]);
        assert_eq!(net(std::slice::from_ref(&one)), known(1, 1, Some(1)));
        // Row 1 goes back to what it was, row 3 goes, row 2 comes again with another content.
        let two = change(7, true, &[(1, 11), (3, 30)], &[(1, 10), (2, 21)]);
        assert_eq!(net(&[one.clone(), two]), known(0, 0, Some(1)));
        let back = change(7, true, &[(1, 11), (3, 30)], &[(1, 10), (2, 20)]);
        assert_eq!(net(&[one, back]), known(0, 0, Some(0)));
    }

    /// A version of a table: content by key.
    type Version = std::collections::BTreeMap<u64, u64>;

    fn difference(columns: u64, keyed: bool, before: &Version, after: &Version) -> Change {
        let only = |one: &Version, other: &Version| -> Vec<(u64, u64)> {
            let here = one.iter().filter(|(key, row)| other.get(key) != Some(row));
            here.map(|(key, row)| (*key, *row)).collect()
        };
        change(columns, keyed, &only(before, after), &only(after, before))
    }

    #[test]
    fn any_number_of_publishes_comes_to_what_the_first_and_the_last_version_differ_in() {
        use rand::rngs::StdRng;
        use rand::{RngExt as _, SeedableRng as _};
        let mut random = StdRng::seed_from_u64(4);
        for _ in 0..2000 {
            let mut version = || -> Version {
                (0..6).filter(|_| random.random_bool(0.6)).map(|key| (key, 0)).collect()
            };
            let mut versions: Vec<Version> = (0..4).map(|_| version()).collect();
            for version in &mut versions {
                // Without a key a row is its content: no two rows have the same here.
                version
                    .iter_mut()
                    .for_each(|(key, row)| *row = key * 10 + random.random_range(0..3));
            }
            for keyed in [true, false] {
                let pairs =
                    versions.windows(2).map(|pair| difference(7, keyed, &pair[0], &pair[1]));
                let steps: Vec<Change> = pairs.collect();
                let whole = difference(7, keyed, &versions[0], &versions[3]);
                let counts = |rows: &Rows| match rows {
                    Rows::Known { added, removed, changed, .. } => (*added, *removed, *changed),
                    Rows::Counted { .. } => panic!("the rows are known"),
                };
                assert_eq!(counts(&net(&steps)), counts(&net(&[whole])), "{versions:?}");
            }
        }
    }

    #[test]
    fn rows_without_a_key_come_and_go() {
        let one = change(7, false, &[(0, 10)], &[(0, 11), (0, 12)]);
        assert_eq!(net(std::slice::from_ref(&one)), known(2, 1, None));
        assert_eq!(net(&[one, change(7, false, &[(0, 12)], &[(0, 10)])]), known(1, 0, None));
    }

    #[test]
    fn equal_rows_are_counted_as_many_as_they_are() {
        let twice = change(7, false, &[], &[(0, 5), (0, 5)]);
        assert_eq!(net(&[twice, change(7, false, &[(0, 5)], &[])]), known(1, 0, None));
    }

    #[test]
    fn a_new_column_does_not_hide_which_rows_came() {
        let came = change(7, true, &[], &[(1, 10)]);
        // Every row is removed as it looks with the empty column, and added with its value.
        let widened = change(8, true, &[(1, 100), (2, 200)], &[(1, 101), (2, 201)]);
        assert_eq!(net(&[came.clone(), widened.clone()]), known(1, 0, Some(1)));
        let unkeyed = change(7, false, &[], &[(1, 10)]);
        let other = change(8, false, &[(0, 1)], &[(0, 2)]);
        assert_eq!(
            net(&[unkeyed, other]),
            Rows::Counted { why: Why::Columns, written: 2, deleted: 1 }
        );
    }

    #[test]
    fn what_cannot_be_followed_is_counted_and_why_is_said() {
        let marked = change(7, true, &[(1, 1)], &[(1, 2)]);
        for (changed, why) in [
            (RowsChanged::Made, Why::Made),
            (RowsChanged::TooMany, Why::TooMany),
            (RowsChanged::Rewritten, Why::Rewritten),
            (RowsChanged::Unknown, Why::Unknown),
        ] {
            let all = [marked.clone(), Change { changed, ..marked.clone() }];
            assert_eq!(net(&all), Rows::Counted { why, written: 2, deleted: 2 });
        }
        let same = Change { changed: RowsChanged::Same, ..marked };
        let nothing = Rows::Known { added: 0, removed: 0, changed: Some(0), key: vec![] };
        assert_eq!(net(&[same]), nothing);
        assert_eq!(net(&[]), nothing);
    }
}
