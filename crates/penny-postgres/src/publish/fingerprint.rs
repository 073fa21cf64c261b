//! Fingerprints of rows.
//!
//! Both sides pass through the same normalization of the binary format, so that what PostgreSQL takes for
//! the same value has the same fingerprint: 1.50 and 1.5, -0.0 and 0.0, a JSON text and the one that jsonb
//! made of it.

use sha2::{Digest, Sha256};

use super::json;
use super::types::ColumnType;

/// 128 bits of SHA-256: two different rows never share one in practice.
pub(super) type Fingerprint = [u64; 2];

/// Takes fingerprints of rows of the given column types.
pub(super) struct Hasher {
    normal_forms: Vec<NormalForm>,
    buffer: Vec<u8>,
}

/// How a column's bytes are brought to one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NormalForm {
    AsIs,
    Float4,
    Float8,
    /// Without the number of decimals to show.
    Numeric,
    /// Without the spaces that fill it up.
    Padded,
    Jsonb,
}

impl Hasher {
    pub(super) fn new<'a>(types: impl Iterator<Item = &'a ColumnType>) -> Hasher {
        let normal_forms = types.map(|column_type| match column_type {
            ColumnType::Float4 => NormalForm::Float4,
            ColumnType::Float8 => NormalForm::Float8,
            ColumnType::Numeric(_) => NormalForm::Numeric,
            ColumnType::Char(_) => NormalForm::Padded,
            ColumnType::Jsonb => NormalForm::Jsonb,
            _ => NormalForm::AsIs,
        });
        Hasher { normal_forms: normal_forms.collect(), buffer: Vec::new() }
    }

    /// The fingerprint of a row's fields, each with its length in front; `None` when they are not as many
    /// as there are columns.
    pub(super) fn fingerprint(&mut self, mut fields: &[u8]) -> Option<Fingerprint> {
        self.buffer.clear();
        for form in &self.normal_forms {
            let (length, rest) = fields.split_first_chunk::<4>()?;
            let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
                self.buffer.push(0);
                fields = rest;
                continue;
            };
            let (bytes, rest) = rest.split_at_checked(length)?;
            self.buffer.push(1);
            let at = self.buffer.len();
            self.buffer.extend_from_slice(&[0; 4]);
            form.append(bytes, &mut self.buffer);
            let written = (self.buffer.len() - at - 4) as u32;
            self.buffer[at..at + 4].copy_from_slice(&written.to_be_bytes());
            fields = rest;
        }
        if !fields.is_empty() {
            return None;
        }
        let digest = Sha256::digest(&self.buffer);
        let half = |at: usize| {
            u64::from_be_bytes(digest[at..at + 8].try_into().expect("eight bytes are eight bytes"))
        };
        Some([half(0), half(8)])
    }
}

impl NormalForm {
    fn append(self, bytes: &[u8], out: &mut Vec<u8>) {
        match self {
            NormalForm::AsIs => out.extend_from_slice(bytes),
            NormalForm::Float4 => {
                let number = f32::from_be_bytes(bytes.try_into().unwrap_or_default());
                out.extend_from_slice(&(if number == 0.0 { 0.0 } else { number }).to_be_bytes());
            }
            NormalForm::Float8 => {
                let number = f64::from_be_bytes(bytes.try_into().unwrap_or_default());
                out.extend_from_slice(&(if number == 0.0 { 0.0 } else { number }).to_be_bytes());
            }
            NormalForm::Numeric => {
                let (head, digits) = bytes.split_at(bytes.len().min(8));
                out.extend_from_slice(&head[..head.len().min(6)]);
                out.extend_from_slice(digits);
            }
            NormalForm::Padded => {
                let end = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
                out.extend_from_slice(&bytes[..end]);
            }
            NormalForm::Jsonb => {
                let text = bytes.split_first().and_then(|(_, text)| std::str::from_utf8(text).ok());
                match text.and_then(json::canonical) {
                    Some(canonical) => out.extend_from_slice(canonical.as_bytes()),
                    None => out.extend_from_slice(bytes),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(bytes: &[u8]) -> Vec<u8> {
        [&(bytes.len() as i32).to_be_bytes(), bytes].concat()
    }

    fn check(column_type: ColumnType, left: &[u8], right: &[u8], same: bool) {
        let mut hasher = Hasher::new([&column_type].into_iter());
        let (left, right) = (hasher.fingerprint(&field(left)), hasher.fingerprint(&field(right)));
        assert!(left.is_some());
        assert_eq!(left == right, same, "{column_type}");
    }

    #[test]
    fn equal_values_have_equal_fingerprints_however_they_are_written() {
        check(ColumnType::Float8, &0f64.to_be_bytes(), &(-0f64).to_be_bytes(), true);
        check(ColumnType::Float4, &0f32.to_be_bytes(), &(-0f32).to_be_bytes(), true);
        check(ColumnType::Float8, &0f64.to_be_bytes(), &1f64.to_be_bytes(), false);
        check(ColumnType::Char(5), b"ab", b"ab   ", true);
        check(ColumnType::Text, b"ab", b"ab   ", false);
        check(ColumnType::Jsonb, b"\x01{\"a\":1.0}", b"\x01{\"a\": 1}", true);
        check(ColumnType::Json, b"{\"a\":1}", b"{\"a\": 1}", false);
    }

    #[test]
    fn the_border_between_fields_counts() {
        let mut hasher = Hasher::new([&ColumnType::Text, &ColumnType::Text].into_iter());
        let left = hasher.fingerprint(&[field(b"ab"), field(b"c")].concat());
        let right = hasher.fingerprint(&[field(b"a"), field(b"bc")].concat());
        assert_ne!(left, right);
        let null = hasher.fingerprint(&[(-1i32).to_be_bytes().to_vec(), field(b"")].concat());
        let empty = hasher.fingerprint(&[field(b""), field(b"")].concat());
        assert_ne!(null, empty);
    }

    #[test]
    fn a_row_with_another_number_of_fields_has_no_fingerprint() {
        let mut hasher = Hasher::new([&ColumnType::Text].into_iter());
        assert_eq!(hasher.fingerprint(b""), None);
        assert_eq!(hasher.fingerprint(&[field(b"a"), field(b"b")].concat()), None);
        assert_eq!(hasher.fingerprint(&[0, 0, 0, 9, 1]), None);
    }
}
