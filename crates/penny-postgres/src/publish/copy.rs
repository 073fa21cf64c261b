//! The table's rows: read back through COPY in its binary form, and deleted by their addresses.

use std::collections::HashMap;
use std::pin::pin;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::StreamExt;
use tokio_postgres::Transaction;

use super::delta::MARKS_MAX;
use super::fingerprint::{Fingerprint, Hasher};
use super::plan::PlannedColumn;
use super::table_name::quote;
use super::types::ColumnType;
use super::{Publication, PublishError};

/// How COPY's binary form begins; eight bytes follow that say nothing more.
pub(super) const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";

/// Addresses in one statement: 300 KB of it, or 700 KB as text.
const ADDRESSES_AT_ONCE: usize = 50_000;

/// The address of a row in a table: block and place in it.
pub(super) type Address = (u32, u16);

/// A row of the table: what it holds, and where it is.
pub(super) type OldRow = (Fingerprint, Address);

/// The rows of the table, as the columns of the plan have them.
pub(super) async fn old_rows(
    transaction: &Transaction<'_>,
    publication: &Publication,
    columns: &[PlannedColumn],
) -> Result<Vec<OldRow>, PublishError> {
    let mut rows = Vec::new();
    read_back(transaction, publication, columns, "", |address, fingerprint| {
        rows.push((fingerprint, address));
    })
    .await?;
    Ok(rows)
}

/// Whether hardly any row of a large table is among the new ones, judged by a hundred of its pages: then
/// reading it all back would only cost time.
pub(super) async fn is_mostly_new(
    transaction: &Transaction<'_>,
    publication: &Publication,
    columns: &[PlannedColumn],
    new: &[Fingerprint],
    table: u32,
) -> Result<bool, PublishError> {
    const PAGES_MIN: i64 = 500;
    /// With so few rows it is worth knowing which of them changed.
    const PAGES_MIN_OF_FEW_ROWS: i64 = 8000;
    const PAGES_TAKEN: f64 = 100.0;
    const SHARE_MAX: f64 = 0.1;
    let failed = |error| PublishError::server(&publication.table, "look at", error);
    let size = "SELECT pg_catalog.pg_relation_size($1::oid) \
                / pg_catalog.current_setting('block_size')::int8";
    let pages: i64 = transaction.query_one(size, &[&table]).await.map_err(failed)?.get(0);
    let pages_min = if new.len() > MARKS_MAX { PAGES_MIN } else { PAGES_MIN_OF_FEW_ROWS };
    if pages < pages_min {
        return Ok(false);
    }
    let sample = format!("TABLESAMPLE SYSTEM ({:.6})", PAGES_TAKEN * 100.0 / pages as f64);
    let (mut read, mut sampled) = (0usize, HashMap::new());
    read_back(transaction, publication, columns, &sample, |_, fingerprint| {
        read += 1;
        *sampled.entry(fingerprint).or_insert(0usize) += 1;
    })
    .await?;
    let found: usize = new.iter().filter_map(|fingerprint| sampled.remove(fingerprint)).sum();
    Ok(read > 0 && (found as f64) < read as f64 * SHARE_MAX)
}

/// The fingerprints of the keys of the rows at these addresses.
pub(super) async fn keys_at(
    transaction: &Transaction<'_>,
    publication: &Publication,
    key: &[PlannedColumn],
    addresses: &[Address],
) -> Result<HashMap<Address, Fingerprint>, PublishError> {
    let mut keys = HashMap::with_capacity(addresses.len());
    for some in addresses.chunks(ADDRESSES_AT_ONCE) {
        let some: Vec<String> =
            some.iter().map(|(block, place)| format!("\"({block},{place})\"")).collect();
        let chosen = format!("WHERE ctid = ANY('{{{}}}'::tid[])", some.join(","));
        read_back(transaction, publication, key, &chosen, |address, key| {
            keys.insert(address, key);
        })
        .await?;
    }
    Ok(keys)
}

/// Reads the table's rows (only those `chosen`, when it is not empty), with their fingerprints.
async fn read_back(
    transaction: &Transaction<'_>,
    publication: &Publication,
    columns: &[PlannedColumn],
    chosen: &str,
    mut row: impl FnMut(Address, Fingerprint),
) -> Result<(), PublishError> {
    let failed = |error| PublishError::server(&publication.table, "read back", error);
    let expressions: Vec<String> = columns.iter().map(read_back_expression).collect();
    let statement = format!(
        "COPY (SELECT ctid, {} FROM {} {chosen}) TO STDOUT (FORMAT binary)",
        expressions.join(", "),
        publication.table.sql()
    );
    let mut hasher = Hasher::new(columns.iter().map(|column| &column.column_type));
    let mut tuples = Tuples::default();
    let mut chunks = pin!(transaction.copy_out(&statement).await.map_err(failed)?);
    while let Some(chunk) = chunks.next().await {
        tuples.push(chunk.map_err(failed)?);
        while let Some((address, fields)) = tuples.next() {
            let fingerprint = hasher.fingerprint(&fields);
            row(address, fingerprint.expect("the server sends the columns that were asked for"));
        }
    }
    Ok(())
}

/// A new column is NULL in every row that is there; a type that Penny does not write is read as text, since
/// not every type has a binary form.
fn read_back_expression(column: &PlannedColumn) -> String {
    match (&column.existing, &column.column_type) {
        (None, _) => "NULL::text".to_owned(),
        (Some(_), ColumnType::Other(_)) => format!("{}::text", quote(&column.name)),
        (Some(_), _) => quote(&column.name),
    }
}

/// Deletes the rows at these addresses.
pub(super) async fn delete_rows(
    transaction: &Transaction<'_>,
    publication: &Publication,
    addresses: &[Address],
) -> Result<u64, PublishError> {
    let failed = |error| PublishError::server(&publication.table, "remove old rows from", error);
    if addresses.is_empty() {
        return Ok(0);
    }
    let statement = format!("DELETE FROM {} WHERE ctid = ANY($1::tid[])", publication.table.sql());
    let statement = transaction.prepare(&statement).await.map_err(failed)?;
    let mut deleted = 0;
    for some in addresses.chunks(ADDRESSES_AT_ONCE) {
        deleted +=
            transaction.execute(&statement, &[&address::Addresses(some)]).await.map_err(failed)?;
    }
    Ok(deleted)
}

/// Deletes every row.
pub(super) async fn delete_all(
    transaction: &Transaction<'_>,
    publication: &Publication,
) -> Result<u64, PublishError> {
    let statement = format!("DELETE FROM {}", publication.table.sql());
    let failed = |error| PublishError::server(&publication.table, "remove old rows from", error);
    transaction.execute(&statement, &[]).await.map_err(failed)
}

/// Cuts the stream of COPY into tuples, wherever its chunks begin and end.
#[derive(Default)]
struct Tuples {
    pending: BytesMut,
    begun: bool,
}

impl Tuples {
    fn push(&mut self, chunk: Bytes) {
        self.pending.extend_from_slice(&chunk);
    }

    /// The next tuple that is there whole: the address in its first field, and the bytes of the others.
    fn next(&mut self) -> Option<(Address, Bytes)> {
        if !self.begun {
            let extension = self.pending.get(SIGNATURE.len() + 4..SIGNATURE.len() + 8)?;
            let extension =
                u32::from_be_bytes(extension.try_into().expect("four bytes are four bytes"));
            let header = SIGNATURE.len() + 8 + extension as usize;
            if self.pending.len() < header {
                return None;
            }
            self.pending.advance(header);
            self.begun = true;
        }
        let count = self.pending.get(..2)?;
        let count = i16::from_be_bytes(count.try_into().expect("two bytes are two bytes"));
        // The trailer counts -1 fields, and nothing follows it.
        let count = usize::try_from(count).ok()?;
        let mut end = 2;
        for _ in 0..count {
            let length = self.pending.get(end..end + 4)?;
            let length = i32::from_be_bytes(length.try_into().expect("four bytes are four bytes"));
            end += 4 + usize::try_from(length).unwrap_or(0);
        }
        if self.pending.len() < end {
            return None;
        }
        let mut tuple = self.pending.split_to(end);
        // The count of fields, then the length of the address.
        tuple.advance(6);
        let address = (tuple.get_u32(), tuple.get_u16());
        Some((address, tuple.freeze()))
    }
}

mod address {
    //! Row addresses as a parameter of a statement.

    use std::error::Error;

    use bytes::{BufMut, BytesMut};
    use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

    use super::Address;

    /// An array of `tid`.
    #[derive(Debug)]
    pub(super) struct Addresses<'a>(pub(super) &'a [Address]);

    impl ToSql for Addresses<'_> {
        fn to_sql(
            &self,
            _: &Type,
            out: &mut BytesMut,
        ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
            // One dimension, no nulls, elements of type tid, so many of them, counted from 1.
            out.put_i32(1);
            out.put_i32(0);
            out.put_u32(Type::TID.oid());
            out.put_i32(i32::try_from(self.0.len())?);
            out.put_i32(1);
            for (block, place) in self.0 {
                out.put_i32(6);
                out.put_u32(*block);
                out.put_u16(*place);
            }
            Ok(IsNull::No)
        }

        fn accepts(ty: &Type) -> bool {
            *ty == Type::TID_ARRAY
        }

        to_sql_checked!();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stream(addresses: &[(u32, u16, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = [SIGNATURE.as_slice(), &[0; 8]].concat();
        for (block, place, field) in addresses {
            bytes.extend_from_slice(&2i16.to_be_bytes());
            bytes.extend_from_slice(&6i32.to_be_bytes());
            bytes.extend_from_slice(&block.to_be_bytes());
            bytes.extend_from_slice(&place.to_be_bytes());
            bytes.extend_from_slice(&(field.len() as i32).to_be_bytes());
            bytes.extend_from_slice(field);
        }
        bytes.extend_from_slice(&(-1i16).to_be_bytes());
        bytes
    }

    proptest! {
        #[test]
        fn tuples_come_whole_however_the_stream_is_cut(
            rows in proptest::collection::vec((0u32.., 0u16.., proptest::collection::vec(0u8.., 0..9)), 0..20),
            cut in 1usize..40,
        ) {
            let mut tuples = Tuples::default();
            let mut read = Vec::new();
            for chunk in stream(&rows).chunks(cut) {
                tuples.push(Bytes::copy_from_slice(chunk));
                while let Some(((block, place), fields)) = tuples.next() {
                    read.push((block, place, fields[4..].to_vec()));
                }
            }
            prop_assert_eq!(read, rows);
        }
    }
}
