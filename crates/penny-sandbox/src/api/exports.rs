//! Exports: files that are made in the background, asked after with polls, and fetched without a token.

mod fec;
mod sheets;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::books::Books;
use super::contract::ExportKind;
use super::query::{missing, parse_date};
use super::records::instant;
use super::refusal::Refusal;
use super::sandbox::{Sandbox, lock};

/// How long a link to a file works.
const LINK_LIFE: SignedDuration = SignedDuration::from_mins(30);

/// How many polls find an export still pending, however small it is.
const PENDING_POLLS: u32 = 2;

/// How many exports are kept; older ones are forgotten with their files.
const EXPORTS_MAX: usize = 50;

/// All exports that were started and not forgotten.
#[derive(Default)]
pub(super) struct Exports {
    last_id: u64,
    by_id: BTreeMap<u64, Export>,
}

struct Export {
    kind: ExportKind,
    state: State,
    polls: u32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

enum State {
    /// Being made.
    Pending,
    /// Made; the link is renewed by every poll.
    Ready { file: ExportFile, key: Uuid, link_ends_at: Timestamp },
    /// Could not be made.
    Error,
}

/// A file as it is sent.
#[derive(Debug, Clone)]
pub(super) struct ExportFile {
    /// Its name, such as `732829320FEC20251231.txt`.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What is in it.
    pub content: Bytes,
}

/// What an export is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    kind: ExportKind,
    start: Date,
    end: Date,
    layout: Layout,
}

/// How the analytical ledger shows its categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One row per line and category.
    InLine,
    /// One row per line, one column per axis.
    InColumn,
}

impl Order {
    /// Reads the body of a request for an export.
    pub fn parse(kind: ExportKind, body: &[u8]) -> Result<Order, Refusal> {
        let Ok(body @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else {
            return Err(Refusal::BadRequest("The body must be a JSON object".to_owned()));
        };
        let date = |name: &str| match &body[name] {
            Value::Null => Err(missing(name)),
            Value::String(text) => parse_date(name, text),
            other => {
                Err(Refusal::schema(name, "ValidateError", format!("{other} is not a string")))
            }
        };
        let (start, end) = (date("period_start")?, date("period_end")?);
        if end < start {
            return Err(Refusal::Unprocessable(
                "period_end must be on or after period_start".to_owned(),
            ));
        }
        let layout = match (kind, &body["mode"]) {
            (ExportKind::AnalyticalGeneralLedger, Value::String(mode)) if mode == "in_column" => {
                Layout::InColumn
            }
            (ExportKind::AnalyticalGeneralLedger, Value::String(mode)) if mode != "in_line" => {
                return Err(Refusal::schema(
                    "mode",
                    "NotEnumInclude",
                    format!("{mode} isn't part of the enum: in_line, in_column"),
                ));
            }
            _ => Layout::InLine,
        };
        Ok(Order { kind, start, end, layout })
    }
}

/// Starts an export; the answer says that it is pending.
pub(super) fn start(sandbox: &Arc<Sandbox>, order: Order) -> Value {
    let now = sandbox.now();
    let id = lock(&sandbox.exports).open(order.kind, now);
    let (sandbox, books) = (Arc::clone(sandbox), sandbox.books());
    tokio::task::spawn_blocking(move || {
        let made = make(&books, order);
        if let Err(error) = &made {
            tracing::warn!(export = id, %error, "an export could not be made");
        }
        let now = sandbox.now();
        lock(&sandbox.exports).finish(id, made.ok(), now);
    });
    json!({ "id": id, "status": "pending", "created_at": instant(now), "updated_at": instant(now) })
}

/// Tells how far an export is; once ready, where its file is.
pub(super) fn poll(sandbox: &Sandbox, kind: ExportKind, id: u64, origin: &str) -> Option<Value> {
    let now = sandbox.now();
    let mut exports = lock(&sandbox.exports);
    let export = exports.by_id.get_mut(&id).filter(|export| export.kind == kind)?;
    export.polls = export.polls.saturating_add(1);
    let (status, file_url) = match &mut export.state {
        State::Ready { file, key, link_ends_at } if export.polls > PENDING_POLLS => {
            *link_ends_at = now.saturating_add(LINK_LIFE).unwrap_or(now);
            ("ready", Some(format!("{origin}{FILES}{key}/{}", file.name)))
        }
        State::Error if export.polls > PENDING_POLLS => ("error", None),
        State::Pending | State::Ready { .. } | State::Error => ("pending", None),
    };
    Some(json!({
        "id": id,
        "file_url": file_url,
        "status": status,
        "created_at": instant(export.created_at),
        "updated_at": instant(export.updated_at),
    }))
}

/// Where files are, outside the API: whoever has the link may fetch them.
pub(super) const FILES: &str = "/exported-files/";

/// The file behind a link.
pub(super) fn fetch(sandbox: &Sandbox, path_below_files: &str) -> Result<ExportFile, Refusal> {
    let now = sandbox.now();
    let (key, name) = path_below_files.split_once('/').ok_or(Refusal::NotFound)?;
    let exports = lock(&sandbox.exports);
    let link = exports.by_id.values().find_map(|export| match &export.state {
        State::Ready { file, key: own, link_ends_at }
            if own.to_string() == key && file.name == name =>
        {
            Some((file, *link_ends_at))
        }
        State::Ready { .. } | State::Pending | State::Error => None,
    });
    match link {
        Some((file, ends_at)) if now < ends_at => Ok(file.clone()),
        Some(_) => Err(Refusal::Forbidden(
            "The link has expired; ask for the export again to get a new one".to_owned(),
        )),
        None => Err(Refusal::NotFound),
    }
}

impl Exports {
    fn open(&mut self, kind: ExportKind, now: Timestamp) -> u64 {
        self.last_id += 1;
        let export =
            Export { kind, state: State::Pending, polls: 0, created_at: now, updated_at: now };
        self.by_id.insert(self.last_id, export);
        if self.by_id.len() > EXPORTS_MAX {
            self.by_id.pop_first();
        }
        self.last_id
    }

    fn finish(&mut self, id: u64, made: Option<ExportFile>, now: Timestamp) {
        let Some(export) = self.by_id.get_mut(&id) else { return };
        export.updated_at = now;
        export.state = match made {
            Some(file) => State::Ready { file, key: Uuid::new_v4(), link_ends_at: now },
            None => State::Error,
        };
    }
}

fn make(books: &Books, order: Order) -> Result<ExportFile, rust_xlsxwriter::XlsxError> {
    let (start, end) = (order.start, order.end);
    let siren = &books.company.identity.siren;
    Ok(match order.kind {
        ExportKind::Fec => ExportFile {
            name: format!("{siren}FEC{}.txt", end.strftime("%Y%m%d")),
            media_type: "text/plain; charset=utf-8",
            content: fec::write(books, start, end).into(),
        },
        ExportKind::GeneralLedger => ExportFile {
            name: format!("{siren}_grand_livre_{start}_{end}.xlsx"),
            media_type: SPREADSHEET,
            content: sheets::general_ledger(books, start, end)?.into(),
        },
        ExportKind::AnalyticalGeneralLedger => ExportFile {
            name: format!("{siren}_grand_livre_analytique_{start}_{end}.xlsx"),
            media_type: SPREADSHEET,
            content: sheets::analytical_general_ledger(books, start, end, order.layout)?.into(),
        },
    })
}

const SPREADSHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
