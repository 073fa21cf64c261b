//! What another command asks of the service: through the history, so that no port is needed.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension as _, params};
use serde_json::{Map, Value};

use super::{RunId, Store, SyncId, moment, text};
use crate::error::Result;

/// What was asked so long ago has nobody any more who waits for it.
const AGE_MAX: SignedDuration = SignedDuration::from_mins(10);
/// An answer is kept so long.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Identifies a request.
pub type RequestId = i64;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A sync.
    Run,
    /// The same, since a run did not succeed: this one.
    Retry(RunId),
    /// That a run under way ends; the others of its sync go on.
    CancelRun(RunId),
    /// That a sync under way ends.
    CancelSync(SyncId),
}

/// A request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What is asked for.
    pub kind: Asked,
    /// The notebooks of the sync that is asked for; none is all.
    pub names: Vec<String>,
    /// Values for their parameters cells, instead of those of penny.toml. The history forgets them when the
    /// request is taken.
    pub parameters: Map<String, Value>,
    /// Who asks, and by what, for people: "claire (penny run)".
    pub by: String,
    /// When it is asked.
    pub asked: Timestamp,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is this sync, or it was about this one.
    Sync(SyncId),
    /// It is not done: why.
    Refused(String),
}

impl Asked {
    /// The word for it, and the run or the sync that it is about.
    fn written(self) -> (&'static str, Option<i64>) {
        match self {
            Asked::Run => ("run", None),
            Asked::Retry(run) => ("retry", Some(run)),
            Asked::CancelRun(run) => ("cancel run", Some(run)),
            Asked::CancelSync(sync) => ("cancel sync", Some(sync)),
        }
    }

    fn of(word: &str, about: Option<i64>) -> Option<Asked> {
        match (word, about) {
            ("run", _) => Some(Asked::Run),
            ("retry", Some(run)) => Some(Asked::Retry(run)),
            ("cancel run", Some(run)) => Some(Asked::CancelRun(run)),
            ("cancel sync", Some(sync)) => Some(Asked::CancelSync(sync)),
            _ => None,
        }
    }
}

impl Store {
    /// Asks something of the service.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn ask(&self, request: &Request) -> Result<RequestId> {
        let (kind, about) = request.kind.written();
        let names = serde_json::to_string(&request.names).unwrap_or_default();
        let parameters = serde_json::to_string(&request.parameters).unwrap_or_default();
        self.write(|tx| {
            let old = text(request.asked.saturating_sub(KEPT).unwrap_or(Timestamp::MIN));
            tx.execute("DELETE FROM requests WHERE asked < ?1", [old])?;
            tx.execute(
                "INSERT INTO requests (kind, about, names, parameters, \"by\", asked)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![kind, about, names, parameters, request.by, text(request.asked)],
            )?;
            Ok(tx.last_insert_rowid())
        })
    }

    /// Takes what was asked since; nobody else gets it. What was asked too long ago is refused.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn take_requests(&self, at: Timestamp) -> Result<Vec<(RequestId, Request)>> {
        let any: bool = self.read(|c| {
            c.prepare_cached("SELECT EXISTS (SELECT 1 FROM requests WHERE taken IS NULL)")?
                .query_row([], |r| r.get(0))
        })?;
        if !any {
            return Ok(Vec::new());
        }
        self.write(|tx| {
            let old = text(at.saturating_sub(AGE_MAX).unwrap_or(Timestamp::MIN));
            // A value may be a secret: nothing of it stays here.
            tx.execute(
                "UPDATE requests SET taken = ?1, answered = ?1, parameters = '{}',
                 refusal = 'no service took it in time' WHERE taken IS NULL AND asked < ?2",
                params![text(at), old],
            )?;
            let mut query = tx.prepare(
                "SELECT id, kind, about, names, parameters, \"by\", asked FROM requests
                 WHERE taken IS NULL ORDER BY id",
            )?;
            let taken = query.query_map([], request)?.collect::<rusqlite::Result<Vec<_>>>()?;
            tx.execute(
                "UPDATE requests SET taken = ?1, parameters = '{}' WHERE taken IS NULL",
                [text(at)],
            )?;
            Ok(taken.into_iter().flatten().collect())
        })
    }

    /// Says what becomes of a request.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn answer(&self, request: RequestId, answer: &Answer, at: Timestamp) -> Result<()> {
        let (sync, refusal) = match answer {
            Answer::Sync(sync) => (Some(*sync), None),
            Answer::Refused(why) => (None, Some(why)),
        };
        self.write(|tx| {
            tx.execute(
                "UPDATE requests SET answered = ?2, sync = ?3, refusal = ?4 WHERE id = ?1",
                params![request, text(at), sync, refusal],
            )
            .map(drop)
        })
    }

    /// What became of a request, as soon as that is known.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn answer_of(&self, request: RequestId) -> Result<Option<Answer>> {
        self.read(|c| {
            let row = c
                .prepare_cached(
                    "SELECT sync, refusal FROM requests WHERE id = ?1 AND answered IS NOT NULL",
                )?
                .query_row([request], |r| {
                    Ok((r.get::<_, Option<SyncId>>(0)?, r.get::<_, Option<String>>(1)?))
                })
                .optional()?;
            Ok(row.map(|(sync, refusal)| match sync {
                Some(sync) => Answer::Sync(sync),
                None => Answer::Refused(refusal.unwrap_or_default()),
            }))
        })
    }

    /// Takes a request back; whether nobody had taken it yet.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn withdraw(&self, request: RequestId) -> Result<bool> {
        self.write(|tx| {
            let gone =
                tx.execute("DELETE FROM requests WHERE id = ?1 AND taken IS NULL", [request])?;
            Ok(gone > 0)
        })
    }
}

/// A request; nothing for one of a kind that a newer Penny asks for.
fn request(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<(RequestId, Request)>> {
    let (names, parameters): (String, String) = (row.get("names")?, row.get("parameters")?);
    let kind: String = row.get("kind")?;
    let Some(kind) = Asked::of(&kind, row.get("about")?) else { return Ok(None) };
    let request = Request {
        kind,
        names: serde_json::from_str(&names).unwrap_or_default(),
        parameters: serde_json::from_str(&parameters).unwrap_or_default(),
        by: row.get("by")?,
        asked: moment(&row.get::<_, String>("asked")?),
    };
    Ok(Some((row.get("id")?, request)))
}
