//! One notebook in the list.

use std::time::Duration;

use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::{Value, json};

use crate::config::Entry;
use crate::daemon::Coming;
use crate::daemon::state::Running;
use crate::store::{BriefRun, LastEnd, Outcome, Past};
use crate::web::links;
use crate::web::look;
use crate::web::visit::Visit;

/// What is known of a notebook.
pub struct Row<'a> {
    /// Its entry of penny.toml.
    pub entry: &'a Entry,
    /// Its last runs.
    pub past: Past,
    /// Its run under way.
    pub running: Option<&'a Running>,
    /// How it ended last.
    pub end: Option<&'a LastEnd>,
    /// When it runs next.
    pub coming: Option<Coming>,
    /// Whether something is wrong with it.
    pub has_problem: bool,
}

impl Row<'_> {
    /// The same for programs.
    pub fn json(&self) -> Value {
        let coming = self.coming.unwrap_or(Coming { next: None, paused: false });
        json!({
            "name": self.entry.name,
            "description": self.entry.description,
            "problem": self.has_problem,
            "running": self.running,
            "last": self.end.map(|end| json!({
                "run": end.run, "outcome": end.outcome.word(), "ended": end.at.to_string(), "error": end.error,
            })),
            "last_success": self.past.success.map(|(run, at)| json!({"run": run, "ended": at.to_string()})),
            "next": coming.next.map(|next| next.to_string()),
            "paused": coming.paused,
            "runs": self.past.runs.iter().map(run_json).collect::<Vec<_>>(),
        })
    }
}

fn run_json(run: &BriefRun) -> Value {
    json!({
        "run": run.id,
        "outcome": run.outcome.map_or("running", Outcome::word),
        "started": run.started.to_string(),
        "ended": run.ended.map(|ended| ended.to_string()),
        "rows": run.rows,
    })
}

/// Its row.
pub fn row(visit: &Visit, row: &Row<'_>) -> Markup {
    let (name, page) = (&row.entry.name, links::notebook(&row.entry.name));
    html! {
        tr.problem[row.has_problem] {
            th scope="row" {
                a href=(page) { (name) }
                @if !row.entry.description.is_empty() { span.about { (row.entry.description) } }
            }
            td.first data-label=(visit.say("État", "State")) { div { (state(visit, row)) } }
            td data-label=(visit.say("Dernières exécutions", "Last runs")) { (strip(visit, &row.past.runs)) }
            td.nowrap data-label=(visit.say("Dernier succès", "Last success")) { (success(visit, row)) }
            td data-label=(visit.say("Durée", "Duration")) { (durations(visit, &row.past.runs)) }
            td data-label=(visit.say("Lignes", "Rows")) { (rows(visit, &row.past.runs)) }
            td data-label=(visit.say("Prochaine", "Next")) { (next(visit, row)) }
            td.end {
                a.button href=(format!("{page}/run")) data-dialog
                    aria-label=(format!("{} {name}", visit.say("Lancer", "Run"))) {
                    (visit.say("Lancer", "Run"))
                }
            }
        }
    }
}

/// How it ended last, or how far it is.
fn state(visit: &Visit, row: &Row<'_>) -> Markup {
    if let Some(running) = row.running {
        return progress(visit, running);
    }
    let Some(end) = row.end else {
        return html! { span.state.idle { (visit.say("jamais exécuté", "never run")) } };
    };
    html! {
        a.state.(look::class(Some(end.outcome))) href=(format!("/runs/{}", end.run)) {
            (visit.outcome(end.outcome))
        }
        @if end.outcome != Outcome::Succeeded { span.about { (look::time(visit, end.at)) } }
    }
}

fn progress(visit: &Visit, running: &Running) -> Markup {
    let words = visit.say("cellule {cell} sur {cells}", "cell {cell} of {cells}");
    let told = match (running.again_at, running.cells) {
        (Some(_), _) => visit.say("attend de réessayer", "waits to try again").to_owned(),
        (None, 0) => visit.say("démarrage…", "starting…").to_owned(),
        (None, cells) => words
            .replace("{cells}", &cells.to_string())
            .replace("{cell}", &running.cell.to_string()),
    };
    let label = format!("{} {}", visit.say("Avancement de", "Progress of"), running.notebook);
    html! {
        a.state.running href=(format!("/runs/{}", running.run)) { (visit.say("en cours", "running")) }
        @if running.cells == 0 {
            progress data-run=(running.run) aria-label=(label) {}
        } @else {
            progress data-run=(running.run) value=(running.cell) max=(running.cells) aria-label=(label) {}
        }
        span.about data-cell-of=(running.run) data-words=(words) { (told) }
        @if running.attempt > 1 || running.again_at.is_some() {
            span.about {
                (visit.say("tentative ", "attempt ")) (running.attempt)
                @if let Some(at) = running.again_at {
                    (visit.say("\u{202f}; la suivante ", "; the next ")) (soon(visit, at))
                }
            }
        }
    }
}

/// "dans 30 s": nearer than words for minutes.
fn soon(visit: &Visit, at: Timestamp) -> String {
    let wait = at.duration_since(visit.now);
    if wait.as_mins() > 0 {
        return visit.when(at);
    }
    let seconds = wait.as_secs().max(0);
    format!("{} {seconds} s", visit.say("dans", "in"))
}

fn strip(visit: &Visit, runs: &[BriefRun]) -> Markup {
    if runs.is_empty() {
        return html! {};
    }
    let shown: Vec<(String, Option<Outcome>, String)> = runs
        .iter()
        .map(|run| {
            let word = run.outcome.map_or(visit.say("en cours", "running"), |o| visit.outcome(o));
            let took = took(run).map(|took| format!(", {}", visit.length(took)));
            let told = format!("{word}, {}{}", visit.when(run.started), took.unwrap_or_default());
            (format!("/runs/{}", run.id), run.outcome, told)
        })
        .collect();
    let count = |wanted: &dyn Fn(&Outcome) -> bool| {
        runs.iter().filter_map(|run| run.outcome).filter(|outcome| wanted(outcome)).count() as u64
    };
    let good = count(&|outcome| *outcome == Outcome::Succeeded);
    let bad = count(&|o| matches!(o, Outcome::Failed | Outcome::TimedOut | Outcome::Crashed));
    let good = visit.count(good, ["réussie", "réussies"], ["succeeded", "succeeded"]);
    let bad = visit.count(bad, ["échouée", "échouées"], ["failed", "failed"]);
    look::strip(&format!("{good}, {bad}"), &shown)
}

fn success(visit: &Visit, row: &Row<'_>) -> Markup {
    match row.past.success {
        Some((_, at)) => look::time(visit, at),
        None => html! { span.soft { (visit.say("jamais", "never")) } },
    }
}

fn durations(visit: &Visit, runs: &[BriefRun]) -> Markup {
    let succeeded = runs.iter().filter(|run| run.outcome == Some(Outcome::Succeeded));
    let lengths: Vec<f64> = succeeded.filter_map(took).map(|length| length.as_secs_f64()).collect();
    trend(visit, &lengths, |seconds| visit.length(Duration::from_secs_f64(seconds)))
}

fn rows(visit: &Visit, runs: &[BriefRun]) -> Markup {
    let counts: Vec<f64> = runs.iter().filter_map(|run| run.rows).map(|rows| rows as f64).collect();
    trend(visit, &counts, |rows| visit.number(rows as u64))
}

/// The last value, with a line through those before it.
fn trend(visit: &Visit, values: &[f64], tell: impl Fn(f64) -> String) -> Markup {
    let Some(last) = values.last() else { return html! { span.soft { "–" } } };
    let least = values.iter().copied().fold(f64::MAX, f64::min);
    let most = values.iter().copied().fold(f64::MIN, f64::max);
    let label = match tell(least) == tell(most) {
        true => format!("{} {}", visit.say("toujours", "always"), tell(*last)),
        false => format!(
            "{} {} {} {}",
            visit.say("de", "from"),
            tell(least),
            visit.say("à", "to"),
            tell(most)
        ),
    };
    html! {
        span.trended title=(label) {
            span.number { (tell(*last)) }
            (look::trend(&label, values))
        }
    }
}

fn next(visit: &Visit, row: &Row<'_>) -> Markup {
    let Some(coming) = row.coming else { return html! {} };
    if coming.paused {
        return html! { span.state.warn.paused { (visit.say("en pause", "paused")) } };
    }
    match coming.next {
        _ if row.running.is_some() => html! { span.soft { (visit.say("en cours", "running")) } },
        None => html! { span.soft { (visit.say("à la demande", "by hand")) } },
        Some(next) if next <= visit.now => html! { (visit.say("maintenant", "now")) },
        Some(next) => look::time(visit, next),
    }
}

fn took(run: &BriefRun) -> Option<Duration> {
    run.ended.map(|ended| ended.duration_since(run.started).try_into().unwrap_or_default())
}
