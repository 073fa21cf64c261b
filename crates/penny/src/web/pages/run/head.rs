//! What a reader wants to know of a run first: how it stands, why, what it published, and what can be done.

use maud::{Markup, html};

use super::shown::Shown;
use super::{banner, choosing, facts, published};
use crate::error::Result;
use crate::store::{AttemptRecord, Outcome};
use crate::web::links;
use crate::web::look::{class, state, time};

/// The head of the page.
pub fn head(shown: &Shown<'_>) -> Result<Markup> {
    let (visit, run) = (shown.visit, &shown.past.run);
    Ok(html! {
        nav.trail aria-label=(visit.say("Fil d’Ariane", "Breadcrumb")) {
            a href="/history" { (visit.say("Historique", "History")) }
            " › "
            a href=(links::notebook(&run.notebook)) { (run.notebook) }
        }
        div.run-head data-live="head" data-still[!shown.is_under_way()] {
            h1 {
                (run.notebook) " "
                span.soft { (visit.say("n° ", "no. ")) (run.id) }
            }
            p.run-line {
                (state(visit, run))
                @for part in line(shown) { span { (part) } }
            }
            @if shown.is_under_way() { (progress(shown)) }
            (attempts(shown))
            (banner::banner(shown))
            (published::published(shown)?)
            (parameters(shown))
            (choosing::actions(shown)?)
            (facts::facts(shown))
        }
    })
}

/// When, how long and why, each in a few words.
fn line(shown: &Shown<'_>) -> Vec<Markup> {
    let (visit, run) = (shown.visit, &shown.past.run);
    let mut parts = vec![html! { (time(visit, run.started)) }];
    if run.outcome != Some(Outcome::Skipped) && !run.cut_off {
        let took = visit.length(shown.past.took(visit.now));
        parts.push(match run.outcome {
            Some(_) => html! { (visit.say("en ", "in ")) (took) },
            None => html! { (visit.say("depuis ", "for ")) (took) },
        });
    }
    let asked = run.asked.as_ref().map(|asked| visit.who(&asked.by));
    parts.push(html! {
        (visit.trigger(&run.trigger))
        @if let Some(by) = asked { (visit.say(", par ", ", by ")) (by) }
    });
    if let Some(first) = run.asked.as_ref().and_then(|asked| asked.retry_of) {
        parts.push(html! {
            (visit.say("après l’échec de la ", "after "))
            a href=(format!("/runs/{first}")) { (visit.say("n° ", "no. ")) (first) }
        });
    }
    parts
}

/// How far a run is that is under way.
fn progress(shown: &Shown<'_>) -> Markup {
    let visit = shown.visit;
    let Some(running) = &shown.running else {
        return html! {
            p.soft { (visit.say("Exécutée par une autre commande de Penny.", "Run by another command of Penny.")) }
        };
    };
    let words = visit.say("cellule {cell} sur {cells}", "cell {cell} of {cells}");
    let told = match (running.again_at, running.cells) {
        (Some(at), _) => {
            format!("{} {}", visit.say("nouvel essai", "next attempt"), visit.when(at))
        }
        (None, 0) => visit.say("démarrage du noyau", "the kernel is starting").to_owned(),
        (None, cells) => words
            .replace("{cells}", &cells.to_string())
            .replace("{cell}", &running.cell.to_string()),
    };
    html! {
        p {
            progress data-run=(running.run) max=(running.cells.max(1)) value=(running.cell)
                aria-label=(visit.say("Avancement", "Progress")) {}
            " "
            span data-cell-of=(running.run) data-words=(words) { (told) }
            @if running.attempt > 1 {
                span.soft { " · " (visit.say("tentative ", "attempt ")) (running.attempt) }
            }
        }
    }
}

/// The tries of a run that took more than one.
fn attempts(shown: &Shown<'_>) -> Markup {
    let (visit, past) = (shown.visit, shown.past);
    if past.attempts.len() < 2 {
        return html! {};
    }
    let last = past.attempts.last().map(|attempt| attempt.number);
    let looked_at = past.attempt.or(last);
    html! {
        nav.attempts aria-label=(visit.say("Tentatives", "Attempts")) {
            ol {
                @for attempt in &past.attempts {
                    li {
                        a href=(address(past.run.id, attempt, last))
                            aria-current=[(looked_at == Some(attempt.number)).then_some("page")] {
                            (attempt_words(shown, attempt))
                        }
                    }
                }
            }
        }
    }
}

fn address(run: i64, attempt: &AttemptRecord, last: Option<u32>) -> String {
    match last == Some(attempt.number) {
        true => format!("/runs/{run}"),
        false => format!("/runs/{run}?attempt={}", attempt.number),
    }
}

fn attempt_words(shown: &Shown<'_>, attempt: &AttemptRecord) -> Markup {
    let visit = shown.visit;
    let word = match attempt.outcome {
        Some(outcome) => visit.outcome(outcome),
        None => visit.say("en cours", "running"),
    };
    let took = attempt
        .ended
        .map(|at| visit.length(at.duration_since(attempt.started).try_into().unwrap_or_default()));
    let cause = attempt.cause.as_deref().map(|cause| match cause {
        "rate limit" => visit.say("limite de débit", cause),
        "network" => visit.say("réseau", cause),
        "database" => visit.say("base de données", cause),
        "kernel lost" => visit.say("noyau perdu", cause),
        "temporary" => visit.say("temporaire", cause),
        other => other,
    });
    html! {
        (visit.say("Tentative ", "Attempt ")) (attempt.number) " "
        span class=(format!("state {}", class(attempt.outcome))) { (word) }
        span.soft {
            @if let Some(took) = took { (visit.say(" après ", " after ")) (took) }
            @if let Some(cause) = cause { " (" (cause) ")" }
        }
    }
}

/// The values that were put into the notebook.
fn parameters(shown: &Shown<'_>) -> Markup {
    let (visit, run) = (shown.visit, &shown.past.run);
    if run.parameters.is_empty() {
        return html! {};
    }
    let given = run.asked.as_ref().map(|asked| &asked.parameters);
    html! {
        section.card.parameters aria-label=(visit.say("Paramètres", "Parameters")) {
            h2.small-title { (visit.say("Paramètres", "Parameters")) }
            dl {
                @for (name, value) in &run.parameters {
                    div {
                        dt { code { (name) } }
                        dd {
                            code { (visit.workspace.secrets.mask(&value.to_string())) }
                            @if given.is_some_and(|given| given.contains_key(name)) {
                                span.soft.small { " " (visit.say("donné à la demande", "given by hand")) }
                            }
                        }
                    }
                }
            }
        }
    }
}
