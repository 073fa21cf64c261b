//! The last lines of the service's log, which holds no secret.

use axum::extract::Query;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::looking::{LogFile, log_line_json};
use crate::web::links;
use crate::web::look::{Page, Place};
use crate::web::visit::Visit;

/// So many lines are shown.
const SHOWN: usize = 300;
/// An entry is cut after so many characters: the file has it whole.
const ENTRY_MAX: usize = 2_000;

/// What may be asked of the log.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The lines about this notebook alone.
    notebook: String,
    /// The entries of this level and those that are worse.
    level: String,
}

/// `GET /log`
pub async fn log(visit: Visit, Query(asked): Query<Asked>) -> Response {
    visit.show(move |visit| page(visit, &asked)).await
}

fn page(visit: &Visit, asked: &Asked) -> Result<Page> {
    let entries = entries(visit, asked)?;
    let title = visit.say("Journal", "Log");
    let body = html! {
        h1 { (title) }
        (filters(visit, asked))
        div data-live="log" data-often {
            @if entries.is_empty() {
                p.soft { (visit.say("Aucune ligne.", "No lines.")) }
            } @else {
                div.card.log tabindex="0" role="log" aria-live="off" aria-label=(title) data-end {
                    @for entry in &entries { (shown(visit, entry)) }
                }
            }
        }
        p.soft.small {
            (visit.say("Fichier\u{a0}: ", "File: ")) code { (visit.workspace.log().display()) }
        }
    };
    Ok(Page::new(title, Place::Log, body))
}

/// An entry with the lines that continue it.
struct Entry {
    time: String,
    level: String,
    text: String,
}

/// The last entries that are wanted, the oldest first.
fn entries(visit: &Visit, asked: &Asked) -> Result<Vec<Entry>> {
    let path = visit.workspace.log();
    let notebook = Some(asked.notebook.as_str()).filter(|name| !name.is_empty());
    let file = LogFile::new(&path, notebook);
    // Of what is no level, all is shown.
    let file = file.of_level(&asked.level).unwrap_or_else(|| LogFile::new(&path, notebook));
    let (last, _) = file.last(SHOWN).map_err(|e| Error::file("read", &path, e))?;
    let mut entries: Vec<Entry> = Vec::new();
    for line in &last {
        let line = log_line_json(line);
        let text = line["fields"]["message"].as_str().unwrap_or_default();
        match (line["timestamp"].as_str(), entries.last_mut()) {
            (None, Some(entry)) => entry.text = format!("{}\n{text}", entry.text),
            (time, _) => entries.push(Entry {
                time: time.map(|time| clock(visit, time)).unwrap_or_default(),
                level: line["level"].as_str().unwrap_or_default().to_ascii_uppercase(),
                text: text.to_owned(),
            }),
        }
    }
    Ok(entries)
}

/// The time of a line on the workspace's clock, which need not be the computer's.
fn clock(visit: &Visit, time: &str) -> String {
    let at = time.parse::<Timestamp>().map(|at| at.to_zoned(visit.zone().clone()));
    at.map_or_else(|_| time.to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

fn shown(visit: &Visit, entry: &Entry) -> Markup {
    let (class, word) = match entry.level.as_str() {
        "ERROR" => ("bad", visit.say("erreur", "error")),
        "WARN" => ("warn", visit.say("attention", "warning")),
        _ => ("", ""),
    };
    // What was written before a variable was a secret may still be there.
    let text = visit.workspace.secrets.mask(&entry.text);
    let cut = text.char_indices().nth(ENTRY_MAX).map(|(at, _)| at);
    html! {
        div.entry.(class) {
            span.at { (entry.time) }
            @if !word.is_empty() { span.level { (word) } }
            span.text lang="en" { (&text[..cut.unwrap_or(text.len())]) @if cut.is_some() { "…" } }
        }
    }
}

fn filters(visit: &Visit, asked: &Asked) -> Markup {
    let levels = [
        ("", visit.say("tous", "all")),
        ("warn", visit.say("avertissements et erreurs", "warnings and errors")),
        ("error", visit.say("erreurs", "errors")),
    ];
    html! {
        form.filters method="get" action="/log" data-filter {
            div {
                label for="notebook" { "Notebook" }
                select #notebook name="notebook" {
                    option value="" { (visit.say("tous", "all")) }
                    @for entry in &visit.workspace.config.notebooks {
                        option value=(entry.name) selected[entry.name == asked.notebook] { (entry.name) }
                    }
                }
            }
            div {
                label for="level" { (visit.say("Niveau", "Level")) }
                select #level name="level" {
                    @for (value, label) in levels {
                        option value=(value) selected[value == asked.level] { (label) }
                    }
                }
            }
            button { (visit.say("Filtrer", "Filter")) }
            @if !asked.notebook.is_empty() {
                a href=(links::notebook(&asked.notebook)) { (visit.say("Voir le notebook", "See the notebook")) }
            }
        }
    }
}
