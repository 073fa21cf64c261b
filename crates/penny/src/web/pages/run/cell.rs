//! A cell of a run, as Jupyter shows it, with the time it took.

use std::time::Duration;

use maud::{Markup, PreEscaped, html};
use penny_html::Limits;
use serde_json::{Map, Value};

use super::notebook::bar;
use super::outputs::drawn;
use super::shown::{Shown, anchor};
use crate::error::Result;
use crate::looking::{Cell, CellKind, Outputs};

/// So many bytes of a source are shown, and of a brief one.
const SOURCE_BYTES_MAX: usize = 60_000;
const BRIEF_BYTES_MAX: usize = 1_000;

/// How cells are drawn.
pub struct Drawn {
    /// How long the longest of all took.
    pub longest: Duration,
    /// Whether the page is full: outputs become links.
    pub is_brief: bool,
}

/// How a cell stands in its run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Ran,
    Failed,
    Running,
    NotYet,
    NotRun,
}

/// A cell, whatever it is.
pub fn cell(
    shown: &Shown<'_>,
    cell: &Cell,
    reading: Option<&mut Outputs<'_>>,
    how: &Drawn,
) -> Result<Markup> {
    let limit = if how.is_brief { BRIEF_BYTES_MAX } else { SOURCE_BYTES_MAX };
    let limits = Limits { text_bytes: limit, html_bytes: limit, ..super::outputs::LIMITS };
    Ok(match cell.kind {
        CellKind::Code => code(shown, cell, reading, how)?,
        CellKind::Markdown => {
            let file = shown.file.as_ref();
            let attachments =
                file.and_then(|file| file.cells()[cell.place]["attachments"].as_object());
            let none = Map::new();
            let rendered =
                penny_html::markdown(&cell.source, attachments.unwrap_or(&none), &limits);
            html! {
                section.cell.text id=(anchor(cell)) data-live=[live(shown, cell)] {
                    (PreEscaped(rendered.html))
                    @if let Some(cut) = rendered.truncated { (left_out(shown, cut)) }
                }
            }
        }
        CellKind::Raw => html! {
            section.cell.text id=(anchor(cell)) data-live=[live(shown, cell)] {
                pre.raw tabindex="0" { (beginning(&cell.source, limit)) }
            }
        },
    })
}

fn code(
    shown: &Shown<'_>,
    cell: &Cell,
    mut reading: Option<&mut Outputs<'_>>,
    how: &Drawn,
) -> Result<Markup> {
    let (visit, standing) = (shown.visit, standing(shown, cell));
    let file = shown.file.as_ref();
    let about = file.map_or(&Value::Null, |file| &file.cells()[cell.place]);
    let hidden = |what: &str| about["metadata"]["jupyter"][what] == true;
    let mut outputs = Vec::new();
    if let (Some(file), Some(reading)) = (file, reading.as_mut()) {
        for (at, place) in file.outputs(cell.place).iter().enumerate() {
            outputs.push(drawn(shown, cell, at, place, reading, how.is_brief)?);
        }
    }
    let number = cell.number.unwrap_or_default();
    let class = match standing {
        Standing::Ran => "cell ran",
        Standing::Failed => "cell ran failed",
        Standing::Running => "cell ran now",
        Standing::NotYet | Standing::NotRun => "cell ran not-run",
    };
    let source = source(shown, cell, standing, how);
    Ok(html! {
        section class=(class) id=(anchor(cell)) data-live=[live(shown, cell)]
            data-in-view[standing == Standing::Failed]
            aria-label=(format!("{} {number}", visit.say("Cellule", "Cell"))) {
            div.gutter {
                span.prompt title=(visit.say("Numéro d’exécution", "Execution count")) {
                    "[" (about["execution_count"].as_u64().map_or(" ".to_owned(), |n| n.to_string())) "]"
                }
                @if let Some(took) = cell.took.filter(|_| standing != Standing::NotYet) {
                    span.took { (visit.length(took)) }
                    (bar(took, how.longest))
                }
            }
            div.body {
                (note(shown, cell, standing))
                @if hidden("source_hidden") {
                    details { summary { "Code" } (source) }
                } @else { (source) }
                @if hidden("outputs_hidden") && !outputs.is_empty() {
                    details { summary { (visit.say("Résultats", "Outputs")) } @for output in &outputs { (output) } }
                } @else { @for output in &outputs { (output) } }
            }
        }
    })
}

/// The code, with the line at fault marked.
fn source(shown: &Shown<'_>, cell: &Cell, standing: Standing, how: &Drawn) -> Markup {
    let limit = if how.is_brief { BRIEF_BYTES_MAX } else { SOURCE_BYTES_MAX };
    let text = beginning(&cell.source, limit);
    let code = penny_html::code(text, &shown.language());
    let fault = shown.past.fault.as_ref().and_then(|fault| fault.line);
    let fault = fault.filter(|_| standing == Standing::Failed);
    let more = cell.source.len() - text.len();
    html! {
        pre.nb.source tabindex="0" { code {
            @for (index, line) in code.split('\n').enumerate() {
                @if index > 0 { "\n" }
                @if fault == Some(index + 1) { span.at-fault { (PreEscaped(line)) } }
                @else { (PreEscaped(line)) }
            }
        } }
        @if more > 0 { (bytes_more(shown, more)) }
    }
}

/// What is to be said of a cell beside what it holds.
fn note(shown: &Shown<'_>, cell: &Cell, standing: Standing) -> Markup {
    let visit = shown.visit;
    let say = |french, english| visit.say(french, english);
    html! {
        @if cell.injected {
            p.cell-note { (say("Paramètres injectés par Penny", "Parameters injected by Penny")) }
        }
        @match standing {
            Standing::Failed => p.cell-note {
                span.state.bad { (say("Cette cellule a échoué", "This cell failed")) }
            },
            Standing::Running => p.cell-note {
                span.state.running { (say("En cours", "Running")) }
            },
            Standing::NotYet => p.cell-note { (say("Pas encore exécutée", "Not run yet")) },
            Standing::NotRun => p.cell-note { (say("Non exécutée", "Not run")) },
            Standing::Ran => {}
        }
    }
}

fn standing(shown: &Shown<'_>, cell: &Cell) -> Standing {
    let is_under_way = shown.is_under_way();
    let is_failed = || shown.failed().is_some_and(|failed| failed.place == cell.place);
    // The output notebook is saved now and then; the service knows the cell of this moment.
    let now = shown.running.as_ref().map(|running| running.cell).filter(|cell| *cell > 0);
    match (cell.status.as_deref(), now) {
        _ if cell.source.trim().is_empty() => Standing::Ran,
        _ if is_failed() => Standing::Failed,
        (_, Some(now)) if is_under_way && cell.number == Some(now) => Standing::Running,
        (Some("running"), None) if is_under_way => Standing::Running,
        (Some("completed" | "failed"), _) => Standing::Ran,
        (_, Some(now)) if is_under_way && cell.number.is_some_and(|number| number < now) => {
            Standing::Ran
        }
        _ if is_under_way => Standing::NotYet,
        (Some(_), _) => Standing::NotRun,
        (None, _) => Standing::Ran,
    }
}

/// The region of a cell that is brought up to date by itself.
fn live(shown: &Shown<'_>, cell: &Cell) -> Option<String> {
    (!shown.is_source).then(|| anchor(cell))
}

/// That something was left out.
pub fn left_out(shown: &Shown<'_>, cut: penny_html::Truncated) -> Markup {
    let visit = shown.visit;
    match cut.unit {
        penny_html::Unit::Bytes => bytes_more(shown, cut.of - cut.shown),
        penny_html::Unit::Rows => html! {
            p.more { "… " (visit.count((cut.of - cut.shown) as u64, ["ligne de plus", "lignes de plus"], ["more row", "more rows"])) }
        },
    }
}

fn bytes_more(shown: &Shown<'_>, more: usize) -> Markup {
    let visit = shown.visit;
    let more =
        visit.count(more as u64, ["octet de plus", "octets de plus"], ["more byte", "more bytes"]);
    html! { p.more { "… " (more) } }
}

/// At most so many bytes of a text.
fn beginning(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}
