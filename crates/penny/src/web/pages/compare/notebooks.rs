//! What changed in the cells of two runs, and in what they showed: line by line, in marks and words.

use maud::{Markup, html};

use crate::looking::{CellChange, Changed, Comparison, Line, Mark, Notebooks};
use crate::web::pages::run::cell_name;
use crate::web::visit::Visit;

/// So many lines of a change are shown.
const LINES_MAX: usize = 120;
/// So many letters of a line are.
const LETTERS_MAX: usize = 400;
/// So many changed cells are shown.
const CELLS_MAX: usize = 100;

/// The cells of which the source changed.
pub fn sources(visit: &Visit, comparison: &Comparison) -> Markup {
    let changes = comparison.changed_sources();
    html! {
        section aria-labelledby="source" {
            h2 id="source" { "Notebook" }
            @match &comparison.notebooks {
                Notebooks::Unreadable(why) => p.card.banner.warn {
                    (visit.say("Les cellules ne peuvent pas être comparées\u{a0}: ", "The cells cannot be compared: "))
                    (unreadable(visit, comparison, why))
                },
                Notebooks::Compared(_) if changes.is_empty() => p.soft {
                    (visit.say("Les mêmes cellules.", "The same cells."))
                },
                Notebooks::Compared(_) => { (list(visit, &changes, |change| &change.source)) }
            }
        }
    }
}

/// The cells that are in both and showed something else.
pub fn outputs(visit: &Visit, comparison: &Comparison) -> Markup {
    if matches!(comparison.notebooks, Notebooks::Unreadable(_)) {
        return html! { section id="outputs" {} };
    }
    let changes = comparison.changed_outputs();
    html! {
        section aria-labelledby="outputs" {
            h2 id="outputs" { (visit.say("Résultats des cellules", "Outputs of the cells")) }
            @if changes.is_empty() {
                p.soft { (visit.say("Les mêmes (les durées ne comptent pas).", "The same (durations do not count).")) }
            } @else { (list(visit, &changes, |change| &change.outputs)) }
        }
    }
}

/// Why a notebook is not there, in the reader's language as far as it is Penny's own reason.
fn unreadable(visit: &Visit, comparison: &Comparison, why: &str) -> String {
    let reasons = [
        ("it left no output notebook", "elle n’a pas laissé de notebook"),
        (
            "its output notebook was removed to keep to the retention",
            "son notebook a été supprimé pour respecter la durée de conservation",
        ),
        ("is no longer there", "son notebook n’est plus là"),
    ];
    let known = reasons.iter().find(|(english, _)| why.contains(english));
    let of = |run: i64| why.starts_with(&format!("run {run}:")).then_some(run);
    let run = of(comparison.before.id).or_else(|| of(comparison.after.id));
    match (known, run) {
        (Some((_, french)), Some(run)) => {
            visit.say(&format!("n° {run}\u{a0}: {french}"), why).to_owned()
        }
        _ => why.to_owned(),
    }
}

fn list(
    visit: &Visit,
    changes: &[&CellChange],
    lines: impl Fn(&CellChange) -> &Vec<Line>,
) -> Markup {
    html! {
        @for change in changes.iter().take(CELLS_MAX) {
            div.card.difference {
                h3 { (title(visit, change)) }
                (difference(visit, lines(change)))
            }
        }
        @if changes.len() > CELLS_MAX {
            p.more { "… " (visit.count((changes.len() - CELLS_MAX) as u64, ["autre cellule", "autres cellules"], ["more cell", "more cells"])) }
        }
    }
}

/// "Cellule 4 (Extraction) : modifiée".
fn title(visit: &Visit, change: &CellChange) -> Markup {
    let moved = visit.say("déplacée", "moved");
    let what = match change.changed {
        Changed::Added => visit.say("ajoutée", "added"),
        Changed::Removed => visit.say("supprimée", "removed"),
        Changed::Altered if change.source.is_empty() && change.outputs.is_empty() => moved,
        Changed::Altered => visit.say("modifiée", "changed"),
        Changed::Same => visit.say("inchangée", "unchanged"),
    };
    let also = (change.moved && what != moved).then_some(moved);
    html! {
        (cell_name(visit, &change.cell)) " "
        span.soft { (what) @if let Some(moved) = also { ", " (moved) } }
    }
}

/// The lines as a patch has them: a sign for the eye, a word for who listens.
fn difference(visit: &Visit, lines: &[Line]) -> Markup {
    let more = lines.len().saturating_sub(LINES_MAX);
    html! {
        @if !lines.is_empty() {
            pre.diff tabindex="0" aria-label=(visit.say("Lignes retirées et ajoutées", "Lines removed and added")) {
                @for line in lines.iter().take(LINES_MAX) { (self::line(visit, line)) }
            }
        }
        @if more > 0 {
            p.more { "… " (visit.count(more as u64, ["ligne de plus", "lignes de plus"], ["more line", "more lines"])) }
        }
    }
}

fn line(visit: &Visit, line: &Line) -> Markup {
    let text = shown(visit, &line.text);
    let text = visit.workspace.secrets.mask(&text);
    match line.mark {
        Mark::Same => html! { span { "  " (text) } },
        Mark::Gap => html! { span.soft { "⋮" } },
        Mark::More => {
            let french = [
                "ligne de plus, non comparée",
                "lignes de plus, qui ne sont pas comparées une à une",
            ];
            let english =
                ["more line, not compared", "more lines, which are not compared one by one"];
            let more = visit.count(line.text.parse().unwrap_or(0), french, english);
            html! { span.soft { "… " (more) } }
        }
        Mark::Removed => html! {
            del { span.hidden { (visit.say("retirée\u{a0}: ", "removed: ")) } "− " (text) }
        },
        Mark::Added => html! {
            ins { span.hidden { (visit.say("ajoutée\u{a0}: ", "added: ")) } "+ " (text) }
        },
    }
}

/// A line as far as it is shown; an output that is no text, in words.
fn shown(visit: &Visit, text: &str) -> String {
    if let Some(image) = text.strip_prefix("[image/").and_then(|rest| rest.strip_suffix(']')) {
        return format!("[{}, {image}]", visit.say("une image", "an image"));
    }
    if let Some((bytes, hash)) = text
        .strip_prefix("[and ")
        .and_then(|rest| rest.strip_suffix(']')?.split_once(" bytes more, "))
        && let Ok(bytes) = bytes.parse()
    {
        let (more, print) = (visit.say("de plus", "more"), visit.say("empreinte", "hash"));
        return format!("[… {} {more}, {print} {hash}]", visit.size(bytes));
    }
    match text.char_indices().nth(LETTERS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
