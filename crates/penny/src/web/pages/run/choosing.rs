//! What can be done with a run: compare it with another, keep its file, run it again, end it.

use maud::{Markup, html};

use super::shown::Shown;
use crate::error::Result;
use crate::store::{Outcome, RunFilter, RunRecord};
use crate::web::links;
use crate::web::visit::Visit;

/// So many other runs are offered to compare with.
const OTHERS_MAX: usize = 40;

/// The buttons.
pub fn actions(shown: &Shown<'_>) -> Result<Markup> {
    let (visit, past) = (shown.visit, shown.past);
    let run = &past.run;
    let others = others(visit, run)?;
    let before = others.iter().find(|other| other.id < run.id);
    let failed = run.cut_off
        || matches!(
            run.outcome,
            Some(Outcome::Failed | Outcome::TimedOut | Outcome::Crashed | Outcome::Cancelled)
        );
    let again = format!("{}/run", links::notebook(&run.notebook));
    let is_listed = visit.workspace.config.notebooks.iter().any(|entry| entry.name == run.notebook);
    Ok(html! {
        div.actions.run-actions {
            @if shown.is_under_way() {
                a.button.danger href=(format!("/runs/{}/cancel", run.id)) data-dialog {
                    (visit.say("Annuler…", "Cancel…"))
                }
            } @else if is_listed && failed {
                a.button.primary href=(format!("/runs/{}/retry", run.id)) data-dialog {
                    (visit.say("Relancer…", "Retry…"))
                }
            } @else if is_listed {
                a.button href=(again) data-dialog { (visit.say("Lancer à nouveau…", "Run again…")) }
            }
            @if let Some(before) = before {
                a.button href=(format!("/compare/{}/{}", before.id, run.id)) {
                    (visit.say("Comparer avec la précédente", "Compare with the run before"))
                }
            }
            @if past.output.as_ref().is_some_and(|path| path.exists()) {
                a.button href=(shown.address("/download")) download { (visit.say("Télécharger (.ipynb)", "Download (.ipynb)")) }
            }
            @if !others.is_empty() {
                form.compare-with method="get" action="/compare" {
                    input type="hidden" name="run" value=(run.id);
                    label.hidden for="other" { (visit.say("Comparer avec", "Compare with")) }
                    (select(visit, "other", "run", &others, before.map(|before| before.id)))
                    button { (visit.say("Comparer", "Compare")) }
                }
            }
        }
    })
}

/// A choice among runs.
pub fn select(
    visit: &Visit,
    id: &str,
    name: &str,
    runs: &[RunRecord],
    chosen: Option<i64>,
) -> Markup {
    html! {
        select id=(id) name=(name) {
            @for run in runs {
                option value=(run.id) selected[chosen == Some(run.id)] {
                    (visit.say("n° ", "no. ")) (run.id) " · " (visit.on_day(run.started)) " · " (visit.standing(run))
                }
            }
        }
    }
}

/// Other runs of the same notebook that did something, the newest first.
pub fn others(visit: &Visit, run: &RunRecord) -> Result<Vec<RunRecord>> {
    let filter = RunFilter {
        notebooks: vec![run.notebook.clone()],
        limit: OTHERS_MAX + 1,
        ..RunFilter::default()
    };
    let mut others = visit.store().runs(&filter)?;
    // An old run is looked at with those just before it.
    if others.iter().all(|other| other.id > run.id)
        && let Some(before) = visit.store().last_run(&run.notebook, Some(run.id))?
    {
        others.push(before);
    }
    others.retain(|other| other.id != run.id && other.outcome != Some(Outcome::Skipped));
    Ok(others)
}
