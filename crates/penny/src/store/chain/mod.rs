//! The tamper-evident chain: every record is sealed with a hash of its content, of its output
//! notebook and of the seal before it.
//!
//! A seal is written in the transaction that writes what it covers: there is no moment at which one
//! is there without the other.

mod findings;
mod kinds;
mod outputs;
mod strangers;
mod verify;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use sha2::{Digest as _, Sha256};

pub use findings::{Finding, Head, Tampering, Verification};
#[cfg(test)]
pub(super) use kinds::ALL;
pub(super) use kinds::{ATTEMPT, CHANGES, Kind, MEMORY, PRUNE, PUBLISH, REBUILD, RUN, SYNC};
pub use verify::Progress;
pub(super) use verify::{find_head, head_of, verify};

/// SHA-256 of something.
pub type Hash = [u8; 32];

/// How many bytes of a column's own hash are kept, to name the column that was altered. That it was
/// altered is known by the hash of the whole.
const MARK_BYTES: usize = 4;

/// What a seal covers, as its row says it at this moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub about: String,
    pub at: String,
    pub output: Option<String>,
    pub hash: Hash,
    /// A few bytes of the hash of each column, in their order.
    pub marks: Vec<u8>,
}

/// A seal as it is in the table.
pub(super) struct Link {
    pub number: i64,
    pub kind: String,
    pub of: i64,
    pub format: i64,
    pub about: String,
    pub at: String,
    pub content: Vec<u8>,
    pub marks: Vec<u8>,
    pub output: Option<String>,
    pub previous: Vec<u8>,
    pub hash: Vec<u8>,
}

impl Link {
    /// The columns in the order in which [`Link::read`] takes them.
    pub const COLUMNS: &str =
        "number, kind, of, format, about, at, content, fields, output, previous, hash";

    pub fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Link> {
        Ok(Link {
            number: row.get(0)?,
            kind: row.get(1)?,
            of: row.get(2)?,
            format: row.get(3)?,
            about: row.get(4)?,
            at: row.get(5)?,
            content: row.get(6)?,
            marks: row.get(7)?,
            output: row.get(8)?,
            previous: row.get(9)?,
            hash: row.get(10)?,
        })
    }

    /// The hash that this seal has when nothing of it was altered.
    pub fn expected_hash(&self) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(b"penny seal 1\n");
        let numbers = [self.number, self.of, self.format];
        numbers.iter().for_each(|n| hasher.update(n.to_be_bytes()));
        let output = self.output.as_deref().unwrap_or_default();
        let texts = [&self.kind, &self.about, &self.at, output].map(str::as_bytes);
        for part in texts.into_iter().chain([&*self.content, &*self.marks, &*self.previous]) {
            // The length first: no two different seals are the same bytes.
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

/// Seals a row as it is now, at the end of the chain.
pub(super) fn seal(tx: &Transaction<'_>, kind: &Kind, of: i64) -> rusqlite::Result<()> {
    seal_as(tx, kind, kind.format(), of)
}

fn seal_as(tx: &Transaction<'_>, kind: &Kind, format: usize, of: i64) -> rusqlite::Result<()> {
    let content = content(tx, kind, format, of)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let last = tx
        .prepare_cached("SELECT number, hash FROM chain ORDER BY number DESC LIMIT 1")?
        .query_row([], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let (last, previous) = last.unwrap_or((0, vec![0; 32]));
    let mut link = Link {
        number: last + 1,
        kind: kind.word.to_owned(),
        of,
        format: format as i64,
        about: content.about,
        at: content.at,
        content: content.hash.to_vec(),
        marks: content.marks,
        output: content.output,
        previous,
        hash: Vec::new(),
    };
    link.hash = link.expected_hash().to_vec();
    let insert = format!(
        "INSERT INTO chain ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        Link::COLUMNS
    );
    tx.prepare_cached(&insert)?.execute(params![
        link.number,
        link.kind,
        link.of,
        link.format,
        link.about,
        link.at,
        link.content,
        link.marks,
        link.output,
        link.previous,
        link.hash
    ])?;
    Ok(())
}

/// What a row says at this moment in the columns of a format; nothing when there is no such row.
pub(super) fn content(
    connection: &Connection,
    kind: &Kind,
    format: usize,
    of: i64,
) -> rusqlite::Result<Option<Content>> {
    let columns = kind.columns(format).unwrap_or_default();
    let listed: Vec<String> = columns.iter().map(|c| format!("\"{c}\"")).collect();
    let sql = format!(
        "SELECT {}, {}, {}, {} FROM {} WHERE {} = ?1",
        kind.about,
        kind.at,
        kind.output,
        listed.join(", "),
        kind.table,
        kind.id
    );
    let mut query = connection.prepare_cached(&sql)?;
    query.query_row([of], |row| read(row, &columns)).optional()
}

fn read(row: &rusqlite::Row<'_>, columns: &[&str]) -> rusqlite::Result<Content> {
    let mut whole = Sha256::new();
    let mut marks = Vec::with_capacity(columns.len() * MARK_BYTES);
    for (index, column) in columns.iter().enumerate() {
        let one = column_hash(column, row.get_ref(index + 3)?);
        whole.update(one);
        marks.extend_from_slice(&one[..MARK_BYTES]);
    }
    Ok(Content {
        about: row.get::<_, Option<String>>(0)?.unwrap_or_default(),
        at: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
        output: row.get(2)?,
        hash: whole.finalize().into(),
        marks,
    })
}

/// The hash of one column: its name, its type and its value.
fn column_hash(name: &str, value: ValueRef<'_>) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(name);
    match value {
        ValueRef::Null => hasher.update("\nnull"),
        ValueRef::Integer(number) => hasher.update(format!("\ninteger {number}")),
        ValueRef::Real(number) => {
            hasher.update("\nreal ");
            hasher.update(number.to_bits().to_be_bytes());
        }
        ValueRef::Text(text) => {
            hasher.update("\ntext ");
            hasher.update(text);
        }
        ValueRef::Blob(bytes) => {
            hasher.update("\nbytes ");
            hasher.update(bytes);
        }
    }
    hasher.finalize().into()
}

/// Begins the chain in a history that had none: what it has so far is sealed as it is now, in the
/// first format, whatever columns later versions add.
pub(super) fn begin(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    for kind in [&SYNC, &RUN, &MEMORY, &PUBLISH] {
        let sql = format!("SELECT id FROM {} WHERE {} ORDER BY id", kind.table, kind.sealed_when);
        let ids: Vec<i64> =
            tx.prepare(&sql)?.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
        for id in ids {
            seal_as(tx, kind, 1, id)?;
        }
    }
    Ok(())
}

/// SHA-256 as people write it.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
