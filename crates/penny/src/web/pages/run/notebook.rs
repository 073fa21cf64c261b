//! The notebook of a run: its cells in their order, as much of them as a browser takes well.

use std::time::Duration;

use maud::{Markup, html};

use super::cell::{Drawn, cell};
use super::shown::{Shown, anchor};
use crate::error::Result;
use crate::looking::{Cell, Cells};
use crate::store::Outcome;

/// So many cells are on a page.
pub const CELLS_MAX: usize = 200;
/// After so many bytes of HTML, outputs are links, and sources their beginnings.
const HTML_BYTES_MAX: usize = 1_400_000;

/// The cells that are shown, or what the history knows of them.
pub fn notebook(shown: &Shown<'_>) -> Result<Markup> {
    let Some(cells) = &shown.cells else { return Ok(timings(shown)) };
    let visit = shown.visit;
    let (from, until) = page(shown, cells);
    let longest = cells.code().filter_map(|cell| cell.took).max().unwrap_or_default();
    let mut reading = match &shown.file {
        Some(file) if !shown.is_source => file.reading()?,
        _ => None,
    };
    let mut bytes = 0;
    let mut drawn = Vec::with_capacity(until - from);
    for one in &cells.cells[from..until] {
        let how = Drawn { longest, is_brief: bytes > HTML_BYTES_MAX };
        let markup = cell(shown, one, reading.as_mut(), &how)?.into_string();
        bytes += markup.len();
        drawn.push(maud::PreEscaped(markup));
    }
    Ok(html! {
        section.notebook aria-label="Notebook" data-live=[shown.is_source.then_some("notebook")] {
            h2.hidden { "Notebook" }
            @if shown.is_source {
                p.soft { (visit.say("Le notebook tel qu’il va s’exécuter\u{202f}; ses résultats paraissent ici.",
                                    "The notebook as it is going to run; its outputs appear here.")) }
            }
            (pages(shown, cells, from, until))
            @for markup in &drawn { (markup) }
            (pages(shown, cells, from, until))
        }
    })
}

/// Which cells are on the page: those asked for, else those around the one that failed, else the first.
fn page(shown: &Shown<'_>, cells: &Cells) -> (usize, usize) {
    let count = cells.cells.len();
    let failed = || {
        let failed = shown.failed()?.place;
        cells.cells.iter().position(|cell| cell.place == failed)
    };
    let wanted = shown.from.or_else(failed).unwrap_or(0);
    let from = wanted.min(count.saturating_sub(1)) / CELLS_MAX * CELLS_MAX;
    (from, (from + CELLS_MAX).min(count))
}

/// Links to the other cells of a long notebook.
fn pages(shown: &Shown<'_>, cells: &Cells, from: usize, until: usize) -> Markup {
    let (visit, count) = (shown.visit, cells.cells.len());
    if count <= CELLS_MAX {
        return html! {};
    }
    let address = |from: usize| {
        let path = shown.address("");
        format!("{path}{}from={from}", if path.contains('?') { '&' } else { '?' })
    };
    html! {
        nav.pages aria-label=(visit.say("Cellules", "Cells")) {
            @if from > 0 {
                a href=(address(from - CELLS_MAX)) { (visit.say("← Cellules précédentes", "← Earlier cells")) }
            }
            span.soft {
                (visit.say("Cellules ", "Cells ")) (visit.number(from as u64 + 1)) "–" (visit.number(until as u64))
                (visit.say(" sur ", " of ")) (visit.number(count as u64))
            }
            @if until < count {
                a href=(address(until)) { (visit.say("Cellules suivantes →", "Later cells →")) }
            }
        }
    }
}

/// What the history knows of cells whose output notebook is gone.
fn timings(shown: &Shown<'_>) -> Markup {
    let (visit, run) = (shown.visit, &shown.past.run);
    if run.timings.is_empty() || run.outcome == Some(Outcome::Skipped) {
        return html! { section.notebook data-live="notebook" {} };
    }
    let seconds = |seconds: Option<f64>| {
        Duration::try_from_secs_f64(seconds.unwrap_or(0.0)).unwrap_or_default()
    };
    let longest = run.timings.iter().map(|cell| seconds(cell.seconds)).max().unwrap_or_default();
    html! {
        section.notebook data-live="notebook" {
            h2 { (visit.say("Durée des cellules", "Time per cell")) }
            div.card { div.scroll tabindex="0" { table {
                thead { tr {
                    th scope="col" { (visit.say("Cellule", "Cell")) }
                    th.number scope="col" { (visit.say("Durée", "Time")) }
                    th scope="col" { span.hidden { (visit.say("Part", "Share")) } }
                } }
                tbody { @for cell in &run.timings {
                    tr {
                        th scope="row" { code { (cell.id) } }
                        td.number { @match cell.seconds {
                            Some(_) => (visit.length(seconds(cell.seconds))),
                            None => (visit.say("interrompue", "cut off")),
                        } }
                        td { (bar(seconds(cell.seconds), longest)) }
                    }
                } }
            } } }
        }
    }
}

/// A bar that is as long as its part of the longest.
pub fn bar(took: Duration, longest: Duration) -> Markup {
    if longest.is_zero() {
        return html! {};
    }
    let share = (took.as_secs_f64() / longest.as_secs_f64() * 100.0).clamp(1.0, 100.0);
    html! {
        svg.share viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" {
            rect.room width="100" height="4" {}
            rect width=(format!("{share:.1}")) height="4" {}
        }
    }
}

/// The headings of the notebook, of one that has enough to be lost in.
pub fn contents(shown: &Shown<'_>) -> Vec<(usize, String, String)> {
    let (Some(file), Some(cells)) = (&shown.file, &shown.cells) else { return Vec::new() };
    let (from, until) = page(shown, cells);
    let heading = |cell: &Cell| {
        let (level, text) = super::shown::heading(file.notebook(), cell)?;
        Some((level, text, format!("#{}", anchor(cell))))
    };
    let is_text = |cell: &&Cell| cell.number.is_none();
    cells.cells[from..until].iter().filter(is_text).filter_map(heading).collect()
}
