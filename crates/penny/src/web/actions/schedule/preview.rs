//! What a change of the schedule means and writes, before it is saved.

use std::sync::Arc;

use jiff::Timestamp;
use maud::{Markup, html};

use crate::config::{Changed, DiffKind};
use crate::web::look::time;
use crate::web::visit::Visit;

/// So many due times are told.
const TIMES: usize = 5;

/// The new schedule in words, its next times, and the lines of penny.toml that change.
pub fn preview(visit: &Visit, notebook: Option<&str>, changed: &Changed) -> Markup {
    let config = changed.config();
    let entry = notebook.and_then(|name| config.notebooks.iter().find(|e| e.name == name));
    let rules = entry.map_or(&config.schedule.rules, |entry| &entry.rules);
    let on_change = entry.map_or(config.schedule.on_change, |entry| entry.on_change);
    let first = Some(rules.schedule.next(visit.now, &rules.zone));
    let times = std::iter::successors(first, |at| Some(rules.schedule.next(*at, &rules.zone)));
    let times: Vec<Timestamp> = times.take_while(|at| *at < Timestamp::MAX).take(TIMES).collect();
    let same = config.notebooks.iter().filter(|e| Arc::ptr_eq(&e.rules, &config.schedule.rules));
    html! {
        section.card aria-live="polite" {
            h2 { (visit.say("Ce qui change", "What changes")) }
            @if !changed.is_change() {
                p { (visit.say("Rien : penny.toml le dit déjà.", "Nothing: penny.toml says so already.")) }
            }
            p { strong { (visit.schedule(&rules.schedule)) }
                @if on_change { (visit.say(", et quand son fichier est enregistré", ", and when its file is saved")) } "." }
            @if notebook.is_none() {
                p { (visit.say("Cela concerne ", "This is about "))
                    (visit.count(same.count() as u64, ["notebook", "notebooks"], ["notebook", "notebooks"]))
                    (visit.say(" ; les autres ont leur propre horaire.", "; the others have a schedule of their own.")) }
            }
            @if times.is_empty() {
                p { (visit.say("Plus jamais.", "Never again.")) }
            } @else {
                p { (visit.say("Les prochaines fois, comptées à partir de maintenant :", "The next times, counted from now:")) }
                ul { @for at in &times { li { (time(visit, *at)) } } }
            }
            @if changed.is_change() {
                h3 { "penny.toml" }
                div.scroll { pre.diff tabindex="0" { @for line in changed.diff() {
                    @let (sign, word) = match line.kind {
                        DiffKind::Stays => (" ", ""),
                        DiffKind::Goes => ("-", visit.say("retiré : ", "removed: ")),
                        DiffKind::Comes => ("+", visit.say("ajouté : ", "added: ")),
                    };
                    span.hidden { (word) }
                    @match line.kind {
                        DiffKind::Goes => del { (sign) " " (line.text) },
                        DiffKind::Comes => ins { (sign) " " (line.text) },
                        DiffKind::Stays => { (sign) " " (line.text) },
                    }
                    "\n"
                } } }
            }
            input type="hidden" name="checked" value=(changed.hash());
        }
    }
}
