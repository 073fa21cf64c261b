//! What alerts keep in the history: the open events, how far was looked, the messages on their way.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use super::{Cursor, Store, moment, text};
use crate::error::Result;

/// How many messages that were sent, or given up, are kept to look at.
const MESSAGES_KEPT: i64 = 1000;

/// An event as it is kept: its kind, the notebook or table, and what the alerts know of it, as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvent {
    /// `failure`, `stale`, `slow` or `service`.
    pub kind: String,
    /// The notebook, the table, or nothing.
    pub subject: String,
    /// The event, as JSON.
    pub event: String,
}

/// A message to be sent, for the alert of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// The alert's name.
    pub alert: String,
    /// The message, as JSON.
    pub message: String,
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptMessage {
    /// Identifies it.
    pub id: i64,
    /// The alert's name.
    pub alert: String,
    /// The message, as JSON.
    pub message: String,
    /// When it was written.
    pub at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, while it waits.
    pub next: Option<Timestamp>,
    /// `sent` or `given up`; nothing while it waits.
    pub outcome: Option<String>,
    /// What the server answered last.
    pub answer: Option<String>,
}

/// What became of an attempt to send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// It was sent.
    Sent,
    /// It is tried again then.
    Again(Timestamp),
    /// It is not tried again.
    GivenUp,
}

impl Store {
    /// The open events, and how far the runs were looked at; no cursor when they never were.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn alert_state(&self) -> Result<(Vec<KeptEvent>, Option<Cursor>)> {
        self.read(|c| {
            let mut query = c.prepare("SELECT kind, subject, event FROM alert_events")?;
            let event = |r: &Row<'_>| {
                Ok(KeptEvent { kind: r.get(0)?, subject: r.get(1)?, event: r.get(2)? })
            };
            let events = query.query_map([], event)?.collect::<rusqlite::Result<_>>()?;
            let cursor = c.query_row("SELECT newest, unfinished FROM alert_cursor", [], |r| {
                let unfinished: String = r.get(1)?;
                let unfinished = serde_json::from_str(&unfinished).unwrap_or_default();
                Ok(Cursor { newest: r.get(0)?, unfinished })
            });
            Ok((events, cursor.optional()?))
        })
    }

    /// Writes events, how far was looked, and new messages: all of it or nothing, so that nothing is
    /// told twice or never.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save_alerts(
        &self,
        events: Option<&[KeptEvent]>,
        cursor: &Cursor,
        messages: &[NewMessage],
        at: Timestamp,
    ) -> Result<()> {
        let unfinished = serde_json::to_string(&cursor.unfinished).unwrap_or_default();
        self.write(|tx| {
            if let Some(events) = events {
                replace_events(tx, events)?;
            }
            tx.execute(
                "INSERT INTO alert_cursor (one, newest, unfinished) VALUES (1, ?1, ?2)
                 ON CONFLICT (one) DO UPDATE SET newest = ?1, unfinished = ?2",
                params![cursor.newest, unfinished],
            )?;
            for message in messages {
                tx.execute(
                    "INSERT INTO alert_messages (alert, message, at, next) VALUES (?1, ?2, ?3, ?3)",
                    params![message.alert, message.message, text(at)],
                )?;
            }
            Ok(())
        })
    }

    /// The messages that were not sent yet, oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn messages_waiting(&self) -> Result<Vec<KeptMessage>> {
        self.messages("WHERE outcome IS NULL ORDER BY id")
    }

    /// The last messages that were sent or given up, newest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn messages_done(&self, most: usize) -> Result<Vec<KeptMessage>> {
        self.messages(&format!("WHERE outcome IS NOT NULL ORDER BY id DESC LIMIT {most}"))
    }

    /// Writes what became of an attempt to send a message, and what the server answered.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn note_sending(&self, id: i64, sending: Sending, answer: &str) -> Result<()> {
        let (next, outcome) = match sending {
            Sending::Sent => (None, Some("sent")),
            Sending::Again(at) => (Some(text(at)), None),
            Sending::GivenUp => (None, Some("given up")),
        };
        self.write(|tx| {
            tx.execute(
                "UPDATE alert_messages SET attempts = attempts + 1, next = ?2, outcome = ?3,
                 answer = ?4 WHERE id = ?1",
                params![id, next, outcome, answer],
            )?;
            tx.execute(
                "DELETE FROM alert_messages WHERE outcome IS NOT NULL AND id <= ?1 - ?2",
                params![id, MESSAGES_KEPT],
            )?;
            Ok(())
        })
    }

    fn messages(&self, which: &str) -> Result<Vec<KeptMessage>> {
        let sql = format!(
            "SELECT id, alert, message, at, attempts, next, outcome, answer
             FROM alert_messages {which}"
        );
        self.read(|c| c.prepare_cached(&sql)?.query_map([], message)?.collect())
    }
}

fn replace_events(tx: &Transaction<'_>, events: &[KeptEvent]) -> rusqlite::Result<()> {
    tx.execute("DELETE FROM alert_events", [])?;
    let mut insert =
        tx.prepare_cached("INSERT INTO alert_events (kind, subject, event) VALUES (?1, ?2, ?3)")?;
    for event in events {
        insert.execute(params![event.kind, event.subject, event.event])?;
    }
    Ok(())
}

fn message(row: &Row<'_>) -> rusqlite::Result<KeptMessage> {
    let at: String = row.get(3)?;
    let next: Option<String> = row.get(5)?;
    Ok(KeptMessage {
        id: row.get(0)?,
        alert: row.get(1)?,
        message: row.get(2)?,
        at: moment(&at),
        attempts: row.get(4)?,
        next: next.as_deref().map(moment),
        outcome: row.get(6)?,
        answer: row.get(7)?,
    })
}
