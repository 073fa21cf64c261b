//! Which of the table's rows are among the new ones already.
//!
//! Both are multisets: of three equal new rows and two equal old ones, two stay and one is written.

use std::collections::HashMap;

use super::copy::{Address, OldRow};
use super::delta::MARKS_MAX;
use super::fingerprint::Fingerprint;

/// How far one side may be ahead of the other where they are gone through side by side.
const AHEAD_MAX: usize = 8;

/// What is to be done so that the table has the new rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// The table's rows that go.
    pub doomed: Vec<Address>,
    /// What they hold, as far as it is marked.
    pub doomed_rows: Vec<Fingerprint>,
    /// The new rows.
    pub new: Vec<Fingerprint>,
    /// By new row, whether the table has it already.
    pub unchanged: Vec<bool>,
    /// Whether so few rows stay that deleting all and writing all is less work.
    pub rewrite: bool,
}

impl Difference {
    /// Whether the table has the new rows already, and no others.
    pub(super) fn is_empty(&self) -> bool {
        self.doomed.is_empty() && self.unchanged.iter().all(|unchanged| *unchanged)
    }
}

/// Compares the rows of the table with the new ones, at most [`u32::MAX`] of them.
///
/// A table that Penny wrote has its rows nearly in the order in which they come again. So both are gone
/// through side by side first, and only what found no partner that way is looked for everywhere.
pub(super) fn difference(new: Vec<Fingerprint>, old: &[OldRow]) -> Difference {
    let mut unchanged = vec![false; new.len()];
    let mut single = Vec::new();
    let (mut row, mut at) = (0, 0);
    while row < new.len() && at < old.len() {
        if new[row] == old[at].0 {
            unchanged[row] = true;
            (row, at) = (row + 1, at + 1);
        } else if let Some(skipped) = ahead(&new[row..], |other| *other == old[at].0) {
            row += skipped;
        } else if let Some(skipped) = ahead(&old[at..], |other| other.0 == new[row]) {
            single.extend(at..at + skipped);
            at += skipped;
        } else {
            single.push(at);
            (row, at) = (row + 1, at + 1);
        }
    }
    single.extend(at..old.len());
    let mut set = RowSet::of_others(&new, unchanged);
    single.retain(|at| !set.take(old[*at].0));
    let doomed = single.iter().map(|at| old[*at].1).collect();
    let marked = if single.len() > MARKS_MAX { &[] } else { single.as_slice() };
    let doomed_rows = marked.iter().map(|at| old[*at].0).collect();
    Difference { doomed, doomed_rows, unchanged: set.unchanged, new, rewrite: false }
}

/// How many are to be skipped to come to the wanted one, if it is near.
fn ahead<T>(rows: &[T], is_wanted: impl Fn(&T) -> bool) -> Option<usize> {
    rows.iter().take(AHEAD_MAX).position(is_wanted)
}

/// New rows by fingerprint: a multiset from which the table's rows are taken one by one.
struct RowSet {
    /// Sorted by fingerprint, each with its row.
    entries: Vec<(Fingerprint, u32)>,
    /// For the first entry of each group of equal rows, how many of the group are taken.
    taken: HashMap<u32, u32>,
    /// By row, whether the table has it already.
    unchanged: Vec<bool>,
}

impl RowSet {
    /// The rows that are not `unchanged`.
    fn of_others(new: &[Fingerprint], unchanged: Vec<bool>) -> RowSet {
        let others = new.iter().zip(0..).zip(&unchanged).filter(|(_, unchanged)| !**unchanged);
        let mut entries: Vec<(Fingerprint, u32)> =
            others.map(|((fingerprint, row), _)| (*fingerprint, row)).collect();
        entries.sort_unstable();
        RowSet { entries, taken: HashMap::new(), unchanged }
    }

    /// Takes one new row with this fingerprint, if one is left: the table has it already.
    fn take(&mut self, fingerprint: Fingerprint) -> bool {
        let first = self.entries.partition_point(|(other, _)| *other < fingerprint);
        let is_equal =
            |at: usize| self.entries.get(at).is_some_and(|(other, _)| *other == fingerprint);
        if !is_equal(first) {
            return false;
        }
        let at = if is_equal(first + 1) {
            let taken = self.taken.entry(first as u32).or_insert(0);
            let at = first + *taken as usize;
            *taken += 1;
            at
        } else {
            first
        };
        match self.entries.get(at) {
            Some((other, row)) if *other == fingerprint && !self.unchanged[*row as usize] => {
                self.unchanged[*row as usize] = true;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compare(new: &[u64], old: &[u64]) -> Difference {
        let new: Vec<Fingerprint> = new.iter().map(|row| [*row, 0]).collect();
        let old: Vec<OldRow> = old.iter().zip(0..).map(|(row, at)| ([*row, 0], (at, 1))).collect();
        difference(new, &old)
    }

    #[test]
    fn rows_that_were_moved_inserted_or_removed_are_found() {
        let unchanged = |new: &[u64], old: &[u64]| {
            let difference = compare(new, old);
            let stay = difference.unchanged.iter().filter(|unchanged| **unchanged).count();
            (stay, difference.doomed.iter().map(|address| address.0).collect::<Vec<_>>())
        };
        let rows: Vec<u64> = (0..100).collect();
        assert_eq!(unchanged(&rows, &rows), (100, vec![]));
        assert_eq!(unchanged(&rows[3..], &rows), (97, vec![0, 1, 2]));
        assert_eq!(unchanged(&rows, &rows[50..]), (50, vec![]));
        let backwards: Vec<u64> = (0..100).rev().collect();
        assert_eq!(unchanged(&backwards, &rows), (100, vec![]));
        assert_eq!(unchanged(&[], &[7]), (0, vec![0]));
    }

    proptest! {
        #[test]
        fn exactly_the_common_rows_stay(
            new in proptest::collection::vec(0u64..8, 0..40),
            old in proptest::collection::vec(0u64..8, 0..40),
        ) {
            let difference = compare(&new, &old);
            let mut written: Vec<u64> = new
                .iter()
                .zip(&difference.unchanged)
                .filter(|(_, unchanged)| !**unchanged)
                .map(|(row, _)| *row)
                .collect();
            // What is left of the old rows, with what is written, is the new rows.
            let doomed: Vec<usize> = difference.doomed.iter().map(|at| at.0 as usize).collect();
            let stay = old.iter().enumerate().filter(|(at, _)| !doomed.contains(at));
            let mut after: Vec<u64> = stay.map(|(_, row)| *row).chain(written.clone()).collect();
            after.sort_unstable();
            let mut sorted = new.clone();
            sorted.sort_unstable();
            prop_assert_eq!(after, sorted);
            // And no row is both written and deleted.
            written.retain(|row| doomed.iter().any(|at| old[*at] == *row));
            prop_assert_eq!(written, Vec::<u64>::new());
        }
    }
}
