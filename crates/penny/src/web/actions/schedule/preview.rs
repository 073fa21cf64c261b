//! What a change of the schedule means and writes, before it is saved.

use std::sync::Arc;

use jiff::Timestamp;
use maud::{Markup, html};
use penny_schedule::Rules;

use crate::config::{Changed, DiffKind, Language};
use crate::daemon;
use crate::language;
use crate::web::visit::Visit;

/// So many due times are told.
const TIMES: usize = 5;

/// What a change of the schedule means.
pub struct Preview<'a> {
    /// When notebooks run then.
    pub rules: &'a Rules,
    /// Whether they also run when they are saved.
    pub on_change: bool,
    /// How many notebooks have this schedule, being without one of their own; of one notebook that is not asked.
    pub notebooks: Option<usize>,
    /// The next times, counted from now.
    pub times: Vec<Timestamp>,
}

impl<'a> Preview<'a> {
    /// That of a change to the schedule of a notebook, or of all.
    pub fn of(changed: &'a Changed, notebook: Option<&str>, now: Timestamp) -> Preview<'a> {
        let config = changed.config();
        let entry = notebook.and_then(|name| config.notebooks.iter().find(|e| e.name == name));
        let rules = entry.map_or(&config.schedule.rules, |entry| &entry.rules);
        let on_change = entry.map_or(config.schedule.on_change, |entry| entry.on_change);
        let same = || config.notebooks.iter().filter(|e| Arc::ptr_eq(&e.rules, rules)).count();
        let first = rules.schedule.next(now, &rules.zone);
        Preview {
            rules,
            on_change,
            notebooks: notebook.is_none().then(same),
            times: daemon::following(rules, Some(first), TIMES),
        }
    }
}

/// "; prochaine exécution mardi 24 novembre à 8 h 00".
fn next_time(visit: &Visit, at: Timestamp) -> String {
    let when = day_and_hour(visit, at);
    match visit.language {
        Language::French => format!("\u{202f}; prochaine exécution {when}"),
        Language::English => format!("; next run {when}"),
    }
}

/// "mardi 24 novembre à 8 h 00": with its date, since a schedule is checked against a calendar.
fn day_and_hour(visit: &Visit, at: Timestamp) -> String {
    let at = at.to_zoned(visit.zone().clone());
    let this_year = visit.now.to_zoned(visit.zone().clone()).year();
    let date = language::date(at.date(), at.year() != this_year, visit.language);
    let hour = language::hour(at.time(), visit.language);
    format!("{} {date}{}{hour}", visit.weekday(at.weekday()), visit.say(" à ", " at "))
}

/// The new schedule in words, its next times, and the lines of penny.toml that change.
pub fn preview(visit: &Visit, notebook: Option<&str>, changed: &Changed) -> Markup {
    let Preview { rules, on_change, notebooks, times } = Preview::of(changed, notebook, visit.now);
    html! {
        section.card aria-live="polite" {
            h2 { (visit.say("Ce qui change", "What changes")) }
            @if !changed.is_change() {
                p { (visit.say("Rien\u{a0}: penny.toml le dit déjà.", "Nothing: penny.toml says so already.")) }
            }
            p.capital { strong { (visit.schedule(&rules.schedule)) }
                @if on_change { (visit.say(", et quand son fichier est enregistré", ", and when its file is saved")) }
                @if let Some(next) = times.first() { (next_time(visit, *next)) } "." }
            @if let Some(same) = notebooks {
                p { (visit.say("Cela concerne ", "This is about "))
                    (visit.count(same as u64, ["notebook", "notebooks"], ["notebook", "notebooks"]))
                    (visit.say("\u{202f}; les autres ont leur propre horaire.", "; the others have a schedule of their own.")) }
            }
            @match times.as_slice() {
                [] => p { (visit.say("Plus jamais.", "Never again.")) },
                [_] => {},
                [_, later @ ..] => {
                    p { (visit.say("Et ensuite\u{a0}:", "And then:")) }
                    ul { @for at in later { li { (day_and_hour(visit, *at)) } } }
                }
            }
            @if changed.is_change() {
                h3 { "penny.toml" }
                div.scroll { pre.diff tabindex="0" { @for line in changed.diff() {
                    @let (sign, word) = match line.kind {
                        DiffKind::Stays => (" ", ""),
                        DiffKind::Goes => ("-", visit.say("retiré\u{a0}: ", "removed: ")),
                        DiffKind::Comes => ("+", visit.say("ajouté\u{a0}: ", "added: ")),
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
