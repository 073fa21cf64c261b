//! What stands beside the notebook: its headings, and what the log says of the run.

use maud::{Markup, html};

use super::notebook::contents;
use super::shown::Shown;
use crate::looking::{LogEntry, log_of_run};
use crate::store::Outcome;

/// A notebook of fewer headings needs no list of them.
const HEADINGS_MIN: usize = 4;
/// So many headings are listed.
const HEADINGS_MAX: usize = 80;
/// So many entries of the log are shown, the last ones.
const ENTRIES_MAX: usize = 100;

/// The column beside the notebook.
pub fn beside(shown: &Shown<'_>) -> Markup {
    html! {
        aside.column {
            (headings(shown))
            (log(shown))
        }
    }
}

fn headings(shown: &Shown<'_>) -> Markup {
    let visit = shown.visit;
    let headings = contents(shown);
    if headings.len() < HEADINGS_MIN {
        return html! {};
    }
    let top = headings.iter().map(|heading| heading.0).min().unwrap_or(1);
    html! {
        nav.contents aria-labelledby="contents" {
            h2 id="contents" { (visit.say("Sommaire", "Contents")) }
            ol {
                @for (level, text, address) in headings.iter().take(HEADINGS_MAX) {
                    li class=[(*level > top).then_some("deeper")] { a href=(address) { (text) } }
                }
            }
        }
    }
}

fn log(shown: &Shown<'_>) -> Markup {
    let (visit, run) = (shown.visit, &shown.past.run);
    // A log that cannot be read is told of where it is shown whole.
    let entries = log_of_run(&visit.workspace.log(), run).unwrap_or_default();
    if entries.is_empty() && run.outcome == Some(Outcome::Skipped) {
        return html! {};
    }
    let left_out = entries.len().saturating_sub(ENTRIES_MAX);
    html! {
        section.log-of-run data-live="log" aria-labelledby="log" {
            h2 id="log" { (visit.say("Journal", "Log")) }
            @if entries.is_empty() {
                p.soft.small { (visit.say(
                    "Le journal ne dit rien (ou plus rien) de cette exécution.",
                    "The log says nothing (or nothing any more) of this run.")) }
            } @else {
                @if left_out > 0 {
                    p.soft.small { "… " (visit.count(left_out as u64, ["ligne avant", "lignes avant"], ["line before", "lines before"])) }
                }
                ol { @for entry in &entries[left_out..] { (line(shown, entry)) } }
            }
        }
    }
}

fn line(shown: &Shown<'_>, entry: &LogEntry) -> Markup {
    let visit = shown.visit;
    let at = entry.at.to_zoned(visit.zone().clone());
    let class = match entry.level.as_str() {
        "ERROR" => Some("bad"),
        "WARN" => Some("warn"),
        _ => None,
    };
    html! {
        li {
            time.soft datetime=(entry.at.to_string()) { (at.strftime("%H:%M:%S")) }
            @if let Some(class) = class {
                span class=(format!("state {class}")) {
                    (if class == "bad" { visit.say("erreur", "error") } else { visit.say("attention", "warning") })
                }
            }
            span lang="en" { (visit.workspace.secrets.mask(&entry.message)) }
        }
    }
}
