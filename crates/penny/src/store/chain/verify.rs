//! Walking the chain: every seal, the row that it covers, and the output notebook of that row.

use std::collections::HashSet;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::findings::{Finding, Head, Tampering, Verification};
use super::kinds::{self, Kind};
use super::outputs::pruned_meanwhile;
use super::{Hash, Link, MARK_BYTES, content, hex, strangers};

/// How far a verification is: records done, of how many.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Verifies everything as it is at one moment. Paths of output notebooks are told from `root`.
pub(in crate::store) fn verify(
    connection: &Connection,
    root: &Path,
    outputs: &Path,
    progress: Progress<'_>,
) -> rusqlite::Result<Verification> {
    // Before what is read of the history: a run is there before its output notebook is.
    let there = strangers::listed(outputs);
    // What others write meanwhile is not seen: rows and seals belong together.
    let snapshot = connection.unchecked_transaction()?;
    let found = Verification::default();
    let mut walk = Walk { connection: &snapshot, root, files: HashSet::new(), found };
    walk.chain(progress)?;
    for kind in kinds::ALL {
        walk.unsealed(kind)?;
    }
    walk.environments()?;
    walk.found.strangers = strangers::look(&snapshot, root, there, &mut walk.found.findings)?;
    let mut found = walk.found;
    found.head = head_of(&snapshot)?;
    snapshot.finish()?;
    pruned_meanwhile(connection, &mut found)?;
    Ok(found)
}

/// The end of the chain.
pub(in crate::store) fn head_of(connection: &Connection) -> rusqlite::Result<Option<Head>> {
    let last = "SELECT number, hash FROM chain ORDER BY number DESC LIMIT 1";
    let head =
        |r: &rusqlite::Row<'_>| Ok(Head { number: r.get(0)?, hash: hex(&r.get::<_, Vec<u8>>(1)?) });
    connection.query_row(last, [], head).optional()
}

/// Whether a head that was seen earlier, or the beginning of one, is in the chain: its record.
pub(in crate::store) fn find_head(
    connection: &Connection,
    head: &str,
) -> rusqlite::Result<Option<i64>> {
    connection
        .query_row(
            "SELECT number FROM chain WHERE substr(hex(hash), 1, length(?1)) = upper(?1)",
            [head],
            |r| r.get(0),
        )
        .optional()
}

/// A walk under way.
pub(super) struct Walk<'a> {
    pub connection: &'a Connection,
    pub root: &'a Path,
    /// The output notebooks that were compared.
    pub files: HashSet<(String, String)>,
    pub found: Verification,
}

impl Walk<'_> {
    fn chain(&mut self, progress: Progress<'_>) -> rusqlite::Result<()> {
        let all: i64 = self.connection.query_row("SELECT count(*) FROM chain", [], |r| r.get(0))?;
        let sql = format!("SELECT {} FROM chain ORDER BY number", Link::COLUMNS);
        let connection = self.connection;
        let mut query = connection.prepare(&sql)?;
        let mut links = query.query_map([], Link::read)?;
        let mut before: Option<Link> = None;
        while let Some(link) = links.next().transpose()? {
            self.found.records += 1;
            self.place(before.as_ref(), &link);
            self.row(&link)?;
            progress(self.found.records, all.unsigned_abs());
            before = Some(link);
        }
        Ok(())
    }

    /// Whether the seal is whole, and follows the one before it.
    fn place(&mut self, before: Option<&Link>, link: &Link) {
        let last = before.map_or(0, |b| b.number);
        if link.number != last + 1 {
            let (first, end) = (last + 1, link.number - 1);
            let which = if first == end {
                format!("record {first} is gone")
            } else {
                format!("records {first} to {end} are gone")
            };
            let around = before.map_or_else(
                || format!("before {}", link.at),
                |b| format!("between {} and {}", b.at, link.at),
            );
            let sentence = format!("{which} from the chain ({around})");
            self.found.findings.push(Finding {
                what: Tampering::Removed,
                record: Some(first),
                kind: "seal".into(),
                of: None,
                about: String::new(),
                at: None,
                places: Vec::new(),
                sentence,
            });
        } else {
            let nothing = vec![0; 32];
            let expected = before.map_or(&nothing, |b| &b.hash);
            // A seal that does not fit by itself says nothing of the one before it.
            if link.previous != *expected && link.hash == link.expected_hash() {
                let sentence = match before {
                    Some(b) => format!(
                        "the seal of record {} is not the one that record {} followed",
                        b.number, link.number
                    ),
                    None => "the chain does not begin with its first record".to_owned(),
                };
                self.note(
                    before.unwrap_or(link),
                    Tampering::Altered,
                    vec!["seal".into()],
                    sentence,
                );
            }
        }
        if link.hash != link.expected_hash() {
            let sentence = "its seal does not fit: the seal itself was altered".to_owned();
            self.note(link, Tampering::Altered, vec!["seal".into()], sentence);
        }
    }

    /// Whether the row says what it said when it was sealed.
    fn row(&mut self, link: &Link) -> rusqlite::Result<()> {
        let known = Kind::of_word(&link.kind);
        let format = usize::try_from(link.format).unwrap_or_default();
        let Some((kind, columns)) = known.and_then(|k| Some((k, k.columns(format)?))) else {
            let sentence = "it is sealed in a way that this Penny does not know".to_owned();
            self.note(link, Tampering::Altered, vec!["seal".into()], sentence);
            return Ok(());
        };
        if self.is_sealed_again(link)? {
            if !kind.may_change {
                let sentence = "it was sealed a second time, which Penny never does".to_owned();
                self.note(link, Tampering::Altered, vec!["seal".into()], sentence);
            }
            return Ok(());
        }
        let Some(now) = content(self.connection, kind, format, link.of)? else {
            self.note(link, Tampering::Removed, Vec::new(), "it is gone from the history".into());
            return Ok(());
        };
        if now.hash[..] != link.content[..] {
            let fields = altered(&columns, &now.marks, &link.marks);
            let listed = fields.iter().map(|f| format!("`{f}`")).collect::<Vec<_>>().join(", ");
            let sentence = match fields.len() {
                0 => "it does not say what it said".to_owned(),
                1 => format!("its {listed} is not what it was"),
                _ => format!("its {listed} are not what they were"),
            };
            self.note(link, Tampering::Altered, fields, sentence);
        }
        self.output(kind, link)
    }

    fn is_sealed_again(&self, link: &Link) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM chain WHERE kind = ?1 AND of = ?2 AND number > ?3)",
            )?
            .query_row(params![link.kind, link.of, link.number], |r| r.get(0))
    }

    /// Rows that should be sealed and are not.
    fn unsealed(&mut self, kind: &'static Kind) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT {id}, {}, {} FROM {table} WHERE {} AND NOT EXISTS
             (SELECT 1 FROM chain WHERE kind = ?1 AND of = {table}.{id}) ORDER BY {id}",
            kind.about,
            kind.at,
            kind.sealed_when,
            id = kind.id,
            table = kind.table
        );
        let mut query = self.connection.prepare(&sql)?;
        let rows = query.query_map([kind.word], |r| {
            Ok((
                r.get::<_, i64>(0)?,
                r.get::<_, Option<String>>(1)?,
                r.get::<_, Option<String>>(2)?,
            ))
        })?;
        for row in rows {
            let (of, about, at) = row?;
            self.found.findings.push(Finding {
                what: Tampering::Added,
                record: None,
                kind: kind.word.to_owned(),
                of: Some(of),
                about: about.unwrap_or_default(),
                at: at.and_then(|at| at.parse().ok()),
                places: Vec::new(),
                sentence: "it is in the history without a seal".to_owned(),
            });
        }
        Ok(())
    }

    /// Whether the packages of an environment are those that its hash names, and are there.
    fn environments(&mut self) -> rusqlite::Result<()> {
        let mut query = self.connection.prepare("SELECT hash, packages, seen FROM environments")?;
        let rows = query.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        let mut known: HashSet<String> = HashSet::new();
        let mut altered: Vec<(String, String)> = Vec::new();
        for row in rows {
            let (hash, packages, seen): (String, String, String) = row?;
            if crate::store::environment_hash(&packages) != hash {
                altered.push((hash.clone(), seen));
            }
            known.insert(hash);
        }
        let mut query = self.connection.prepare(
            // Output notebooks tell the hash alone: of an earlier history, the lists may be lost.
            "SELECT environment_hash, min(started) FROM runs WHERE environment_hash IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM rebuilds) GROUP BY environment_hash",
        )?;
        let named = query.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let mut gone: Vec<(String, String)> = Vec::new();
        for row in named {
            let (hash, at): (String, String) = row?;
            if !known.contains(&hash) {
                gone.push((hash, at));
            }
        }
        let altered = altered.into_iter().map(|found| (Tampering::Altered, found));
        let gone = gone.into_iter().map(|found| (Tampering::Removed, found));
        for (what, (hash, at)) in altered.chain(gone) {
            let sentence = match what {
                Tampering::Removed => "the list of its packages is gone, and runs name it",
                _ => "the list of its packages is not what it was",
            };
            self.found.findings.push(Finding {
                what,
                record: None,
                kind: "environment".to_owned(),
                of: None,
                about: hash,
                at: at.parse().ok(),
                places: vec!["packages".into()],
                sentence: sentence.to_owned(),
            });
        }
        Ok(())
    }

    pub(super) fn note(
        &mut self,
        link: &Link,
        what: Tampering,
        places: Vec<String>,
        sentence: String,
    ) {
        self.found.findings.push(Finding {
            what,
            record: Some(link.number),
            kind: link.kind.clone(),
            of: Some(link.of),
            about: link.about.clone(),
            at: link.at.parse::<Timestamp>().ok(),
            places,
            sentence,
        });
    }
}

/// The columns whose hash is not the one that was sealed.
fn altered(columns: &[&str], now: &[u8], sealed: &[u8]) -> Vec<String> {
    let pairs = now.chunks(MARK_BYTES).zip(sealed.chunks(MARK_BYTES)).zip(columns);
    pairs.filter(|((now, sealed), _)| now != sealed).map(|(_, c)| (*c).to_owned()).collect()
}

const _: () = assert!(size_of::<Hash>() >= MARK_BYTES);
