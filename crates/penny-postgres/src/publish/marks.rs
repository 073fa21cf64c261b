//! Marks as bytes, to be kept.

use super::delta::{Key, Mark, Marks};

/// The present form; another one is not read.
const FORM: u8 = 1;
const KEYED: u8 = 1;
const UNIQUE: u8 = 2;

impl Marks {
    /// The marks as bytes: 16 a row, or 8 where there is no key. The names of the key's columns are not among
    /// them.
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = self.removed.len() + self.added.len();
        let mut out = Vec::with_capacity(26 + 16 * count);
        let (kind, unique) = self.key.as_ref().map_or((0, false), |key| (key.kind, key.unique));
        let keyed = self.key.is_some();
        out.push(FORM);
        out.push(if keyed { KEYED } else { 0 } | if unique { UNIQUE } else { 0 });
        out.extend_from_slice(&self.columns.to_le_bytes());
        out.extend_from_slice(&kind.to_le_bytes());
        for marks in [&self.removed, &self.added] {
            // At most MARKS_MAX of them.
            out.extend_from_slice(&(marks.len() as u32).to_le_bytes());
        }
        for mark in self.removed.iter().chain(&self.added) {
            if keyed {
                out.extend_from_slice(&mark.key.to_le_bytes());
            }
            out.extend_from_slice(&mark.row.to_le_bytes());
        }
        out
    }

    /// Reads what [`Marks::to_bytes`] wrote, with the names of the key's columns; `None` for anything else.
    pub fn from_bytes(bytes: &[u8], key_columns: Vec<String>) -> Option<Marks> {
        let mut bytes = bytes;
        let ([form, flags], rest) = bytes.split_first_chunk::<2>()?;
        if *form != FORM {
            return None;
        }
        bytes = rest;
        let columns = number(&mut bytes)?;
        let kind = number(&mut bytes)?;
        let mut count = || -> Option<usize> {
            let (count, rest) = bytes.split_first_chunk::<4>()?;
            bytes = rest;
            usize::try_from(u32::from_le_bytes(*count)).ok()
        };
        let (removed, added) = (count()?, count()?);
        let keyed = flags & KEYED != 0;
        let width = if keyed { 16 } else { 8 };
        if bytes.len() != removed.checked_add(added)?.checked_mul(width)? {
            return None;
        }
        let mut marks = bytes.chunks_exact(width).map(|mut mark| {
            let key = if keyed { number(&mut mark) } else { Some(0) };
            Some(Mark { key: key?, row: number(&mut mark)? })
        });
        let removed = marks.by_ref().take(removed).collect::<Option<Vec<_>>>()?;
        let added = marks.collect::<Option<Vec<_>>>()?;
        let unique = flags & UNIQUE != 0;
        let key = keyed.then_some(Key { columns: key_columns, kind, unique });
        Some(Marks { columns, key, removed, added })
    }
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk::<8>()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(marks: &Marks) {
        let columns = marks.key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
        let bytes = marks.to_bytes();
        assert_eq!(Marks::from_bytes(&bytes, columns.clone()).as_ref(), Some(marks));
        for end in 0..bytes.len() {
            assert_eq!(Marks::from_bytes(&bytes[..end], columns.clone()), None, "cut at {end}");
        }
    }

    proptest! {
        #[test]
        fn marks_are_read_back_whole_or_not_at_all(
            columns: u64,
            removed in proptest::collection::vec(any::<(u64, u64)>(), 0..4),
            added in proptest::collection::vec(any::<(u64, u64)>(), 0..4),
            kind in proptest::option::of(any::<u64>()),
            unique: bool,
        ) {
            let keyed = kind.is_some();
            let marks = |rows: Vec<(u64, u64)>| {
                rows.into_iter().map(|(key, row)| Mark { key: if keyed { key } else { 0 }, row }).collect()
            };
            check(&Marks {
                columns,
                key: kind.map(|kind| Key { columns: vec!["id".into()], kind, unique }),
                removed: marks(removed),
                added: marks(added),
            });
        }
    }

    #[test]
    fn bytes_of_another_form_are_not_read() {
        assert_eq!(Marks::from_bytes(&[9; 40], Vec::new()), None);
    }
}
