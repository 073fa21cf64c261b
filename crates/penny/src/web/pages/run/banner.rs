//! Why a run did not succeed: the sentence, the cell, the lines around the fault; and what its user should know
//! though it did.

use maud::{Markup, html};

use super::shown::{Shown, anchor};
use crate::language::{self, Said};
use crate::looking::{Cell, Fault};
use crate::store::Outcome;
use crate::web::visit::Visit;
use crate::web::words;

/// An error of more lines is folded.
const LINES_MAX: usize = 12;

/// What is wrong, and what should be known.
pub fn banner(shown: &Shown<'_>) -> Markup {
    let run = &shown.past.run;
    html! {
        @if run.cut_off { (cut_off(shown)) }
        @if let Some(error) = &run.error { (wrong(shown, error)) }
        @if let Some(what) = missing(shown) { p.card.banner.warn { (what) } }
        @if !run.warnings.is_empty() { (warnings(shown)) }
    }
}

fn cut_off(shown: &Shown<'_>) -> Markup {
    let visit = shown.visit;
    html! {
        section.card.banner.bad {
            h2 { (visit.say("Penny s’est arrêté au milieu de cette exécution", "Penny was ended in the middle of this run")) }
            p { (visit.say(
                "L’ordinateur s’est éteint, ou Penny a été fermé de force. Les tables gardent leur dernière version entière.",
                "The computer went off, or Penny was killed. The tables keep their last whole version.")) }
        }
    }
}

/// The error: its sentence, what was raised, where, and what to do.
fn wrong(shown: &Shown<'_>, error: &str) -> Markup {
    let (visit, run) = (shown.visit, &shown.past.run);
    let told = Told::of(visit, &run.notebook, error);
    let class = match run.outcome {
        Some(Outcome::Skipped) => "card banner",
        Some(Outcome::Cancelled) => "card banner warn",
        _ => "card banner bad",
    };
    html! {
        section class=(class) {
            h2 { (capital(visit, &told.sentence)) }
            @if !told.raised.is_empty() {
                @let (first, rest) = told.raised.split_at(told.raised.len().min(LINES_MAX));
                @let raised = |lines: &[String]| raised(visit, &told, lines);
                p.raised { (raised(first)) }
                @if !rest.is_empty() {
                    details {
                        summary { (visit.say("La suite", "More")) }
                        p.raised { (raised(rest)) }
                    }
                }
            }
            @if let Some(fault) = &shown.past.fault { (around(visit, fault)) }
            @for hint in &told.hints { p.hint { (capital(visit, hint)) } }
            @if let Some(cell) = shown.failed() {
                p { a href=(format!("#{}", anchor(cell))) {
                    (visit.say("Voir la ", "See ")) (cell_name(visit, cell))
                } }
            }
        }
    }
}

/// The sentence with a capital letter, unless it begins with a path or the name of a file.
fn capital(visit: &Visit, english: &str) -> Markup {
    let said = language::said(english, visit.language);
    let text = said.to_string();
    let word = text.split_whitespace().next().unwrap_or_default();
    if !said.is_known() || !word.chars().all(char::is_alphabetic) {
        return words::said(&said);
    }
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    html! { (first) (letters.as_str()) }
}

/// Lines of what was raised: Penny's own sentences in the language of the page, a notebook's as they are, in whatever
/// language that is.
fn raised(visit: &Visit, told: &Told, lines: &[String]) -> Markup {
    let text = lines.join("\n");
    words::said(&match told.raised.first() {
        // Only its first line names an exception's class.
        Some(first) if language::is_exception(first) => Said::plain(text),
        _ => language::raised(&text, visit.language),
    })
}

/// What an error says, part by part.
struct Told {
    sentence: String,
    raised: Vec<String>,
    hints: Vec<String>,
}

impl Told {
    fn of(visit: &Visit, notebook: &str, error: &str) -> Told {
        let error = visit.workspace.secrets.mask(error);
        let own_name = format!("notebook `{notebook}` ");
        let error = error.strip_prefix(&own_name).unwrap_or(&error);
        let mut lines = error.lines();
        let sentence = lines.next().unwrap_or_default().to_owned();
        let (mut raised, mut hints) = (Vec::new(), Vec::new());
        for line in lines {
            let line = line.strip_prefix("  ").unwrap_or(line);
            let is_source = line
                .split_once(" │")
                .is_some_and(|(number, _)| number.trim().parse::<u32>().is_ok());
            if let Some(hint) = line.trim().strip_prefix("hint: ") {
                hints.push(hint.to_owned());
            } else if !is_source {
                raised.push(line.to_owned());
            }
        }
        Told { sentence, raised, hints }
    }
}

/// The line at fault with its neighbours.
fn around(visit: &Visit, fault: &Fault) -> Markup {
    if fault.lines.is_empty() {
        return html! {};
    }
    html! {
        pre.around tabindex="0" aria-label=(visit.say("Les lignes en cause", "The lines at fault")) {
            @for (number, text) in &fault.lines {
                @let at_fault = fault.line == Some(*number);
                span.at-fault[at_fault] {
                    span.soft { (if at_fault { "→" } else { " " }) (format!("{number:>4} │ ")) }
                    (visit.workspace.secrets.mask(text)) "\n"
                }
            }
        }
    }
}

/// Why the notebook cannot be shown.
fn missing(shown: &Shown<'_>) -> Option<Markup> {
    let (visit, past) = (shown.visit, shown.past);
    if past.cells.is_ok() || past.run.outcome == Some(Outcome::Skipped) || shown.is_under_way() {
        return None;
    }
    if let Some(pruned) = &past.pruned {
        let at = visit.on_day(pruned.at);
        return Some(html! {
            (visit.say("Le notebook exécuté a été supprimé (", "The output notebook was removed (")) (at)
            (visit.say(") pour respecter la durée de conservation. ", ") to keep to the retention. "))
            (visit.say("Ce que l’historique en sait reste.", "What the history knows of it stays."))
        });
    }
    let Some(output) = &past.output else {
        return Some(html! { (visit.say(
        "Cette exécution n’a pas laissé de notebook.", "This run left no output notebook.")) });
    };
    let place = visit.workspace.shown(output);
    Some(match output.exists() {
        false => html! {
            (visit.say("Le notebook exécuté n’est plus là\u{a0}: ", "The output notebook is no longer there: "))
            code { (place) }
        },
        true => html! {
            (visit.say("Le notebook exécuté ne peut pas être lu\u{a0}: ", "The output notebook cannot be read: "))
            (visit.told(past.cells.as_ref().err().map_or("", String::as_str)))
        },
    })
}

fn warnings(shown: &Shown<'_>) -> Markup {
    let visit = shown.visit;
    html! {
        section.card.banner.warn {
            h2 { (visit.say("À savoir", "Worth knowing")) }
            ul { @for text in &shown.past.run.warnings { li { (visit.told(text)) } } }
        }
    }
}

/// "cellule 4 (Extraction)".
pub fn cell_name(visit: &Visit, cell: &Cell) -> String {
    let number = match cell.number {
        Some(number) => format!("{} {number}", visit.say("cellule", "cell")),
        None => visit.say("texte", "text").to_owned(),
    };
    match &cell.heading {
        _ if cell.injected => {
            format!("{number} ({})", visit.say("paramètres injectés", "injected parameters"))
        }
        Some(heading) => format!("{number} ({})", heading.trim()),
        None => number,
    }
}
