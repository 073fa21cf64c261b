//! What is known of a run beyond what matters each day: how its kernel was started, hashes, versions, the file.

use maud::{Markup, html};

use super::shown::Shown;

/// So many digits of a hash are shown; all of them to whoever points at it.
const HASH_DIGITS: usize = 16;

/// The details, folded.
pub fn facts(shown: &Shown<'_>) -> Markup {
    let (visit, run) = (shown.visit, &shown.past.run);
    html! {
        details.facts id="facts" {
            summary { (visit.say("Détails techniques", "Technical details")) }
            dl {
                @for (name, value) in list(shown) {
                    div { dt { (name) } dd { (value) } }
                }
            }
            @if let Some(output) = &shown.past.output {
                @let place = output.display().to_string();
                p.small {
                    (visit.say("Pour l’ouvrir dans Jupyter\u{a0}: ", "To open it in Jupyter: "))
                    code.path { (place) } " "
                    button.copy type="button" hidden data-copy=(place) data-done=(visit.say("Copié", "Copied")) {
                        (visit.say("Copier le chemin", "Copy the path"))
                    }
                }
            }
            @if run.masked > 0 {
                p.small.soft { (visit.say(
                    "Les secrets de .env sont remplacés par ••• avant que le notebook soit enregistré.",
                    "The secrets of .env are replaced by ••• before the notebook is saved.")) }
            }
        }
    }
}

fn list(shown: &Shown<'_>) -> Vec<(&'static str, Markup)> {
    let (visit, run) = (shown.visit, &shown.past.run);
    let say = |french, english| visit.say(french, english);
    let mut facts = vec![(say("Début", "Started"), html! { (visit.moment(run.started)) })];
    if let Some(due) = run.due {
        facts.push((say("Prévue", "Due"), html! { (visit.moment(due)) }));
    }
    if let Some(ended) = run.ended {
        facts.push((say("Fin", "Ended"), html! { (visit.moment(ended)) }));
    }
    if let (Some(cells), Some(ran)) = (run.cells, run.cells_run) {
        let of = say(" sur ", " of ");
        facts.push((say("Cellules exécutées", "Cells run"), html! { (ran) (of) (cells) }));
    }
    facts.push((
        say("Notebook source", "Source notebook"),
        html! { (run.file) @if !run.source_hash.is_empty() { " · " (hash(&run.source_hash)) } },
    ));
    if let Some(start) = &run.kernel_start {
        let why = run.kernel_start_reason.as_deref().unwrap_or_default();
        let kernel =
            html! { (start) @if !why.is_empty() { span.soft { " · " (visit.sentence(why)) } } };
        facts.push((say("Démarrage du noyau", "Kernel start"), kernel));
    }
    if let Some(bytes) = run.peak_memory_bytes {
        facts.push((say("Mémoire au plus", "Peak memory"), html! { (visit.size(bytes)) }));
    }
    if run.masked > 0 {
        let places = visit.count(run.masked, ["endroit", "endroits"], ["place", "places"]);
        facts.push((say("Secrets masqués", "Masked secrets"), html! { (places) }));
    }
    if let Some(environment) = &run.environment_hash {
        facts.push((say("Paquets Python", "Python packages"), hash(environment)));
    }
    if let (Some(output), bytes) = (&run.output_hash, run.output_bytes) {
        let size = bytes.map(|bytes| format!("{} · ", visit.size(bytes))).unwrap_or_default();
        facts.push((say("Notebook exécuté", "Output notebook"), html! { (size) (hash(output)) }));
    }
    facts.push((say("Version", "Version"), html! { "Penny " (run.version) }));
    facts
}

fn hash(hash: &str) -> Markup {
    html! { code title=(hash) { "SHA-256 " (hash.get(..HASH_DIGITS).unwrap_or(hash)) "…" } }
}
