//! `penny status`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::rc::Rc;

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use penny_schedule::{coming, past};

use super::{Context, print};
use crate::console;
use crate::daemon::state::Running;
use crate::daemon::{Standing, Status, status as standing};
use crate::error::Result;
use crate::store::{Outcome, Pause};

#[derive(Args)]
pub struct StatusOptions {
    /// The same as JSON
    #[arg(long)]
    pub json: bool,
}

pub fn status(context: &Context, options: &StatusOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    let status = standing(&workspace, &context.surroundings)?;
    match options.json {
        true => print(&format!("{:#}", status.json())),
        false => print(&text(&status, &workspace.config.zone)),
    }
    Ok(0)
}

fn text(status: &Status, zone: &TimeZone) -> String {
    let mut out = service(status, zone);
    if status.paused {
        let all = status.pauses.iter().find(|pause| pause.notebook.is_none());
        let by = all.map(|pause| by(pause, status.now, zone)).unwrap_or_default();
        let _ = write!(out, "\npaused{by}: nothing runs on its schedule until `penny resume`");
    }
    if let Some(state) = &status.state {
        for running in &state.running {
            let _ = write!(out, "\n  ▶ {}", self::running(running, status.now));
        }
        if state.waiting > 0 {
            let _ = write!(
                out,
                "\n  … {} wait for their turn",
                console::count(state.waiting, "notebook")
            );
        }
        if state.postgresql_starts {
            out.push_str("\n  … Penny's own PostgreSQL is starting");
        }
        for trouble in state.trouble.iter().chain(&state.config_error) {
            let _ = write!(out, "\nwarning: {trouble}");
        }
    }
    out.push_str("\n\n");
    out.push_str(&table(status, zone));
    out
}

fn service(status: &Status, zone: &TimeZone) -> String {
    let Some(holder) = &status.holder else {
        return "`penny start` does not run: nothing is run before it does".to_owned();
    };
    let since = past(holder.since, status.now, zone);
    let of = format!("process {} on {}, begun {since}", holder.pid, holder.host);
    match (holder.is_service(), status.state.as_ref().is_some_and(|state| state.stopping)) {
        (true, false) => format!("`penny start` is at work ({of})"),
        (true, true) => format!("`penny start` is ending ({of})"),
        (false, _) => {
            format!("`penny start` does not run; `{}` is under way ({of})", holder.command)
        }
    }
}

/// "customers: cell 3 of 7, for 12 s (sync 42, timer)".
fn running(running: &Running, now: Timestamp) -> String {
    let passed =
        std::time::Duration::try_from(now.duration_since(running.since)).unwrap_or_default();
    let what = match (running.again_at, running.cells) {
        (Some(_), _) => format!("waits for attempt {}", running.attempt + 1),
        (None, 0) => "its kernel starts".to_owned(),
        (None, cells) => format!("cell {} of {cells}", running.cell),
    };
    let attempt = match running.attempt {
        1 => String::new(),
        number => format!(", attempt {number}"),
    };
    format!(
        "{}: {what}, for {}{attempt} (sync {}, {})",
        running.notebook,
        console::duration(passed),
        running.sync,
        running.trigger
    )
}

fn table(status: &Status, zone: &TimeZone) -> String {
    // Notebooks with the same schedule are mostly due together: what is said of one is not made up again.
    let mut said: HashMap<_, Rc<str>> = HashMap::new();
    let pauses = status.pauses.iter();
    let pauses: HashMap<&str, &Pause> =
        pauses.filter_map(|pause| Some((pause.notebook.as_deref()?, pause))).collect();
    let rows: Vec<(String, Rc<str>)> = status
        .notebooks
        .iter()
        .map(|n| {
            let pause = pauses.get(n.name.as_str()).copied();
            let next = said.entry((n.next, n.paused, n.on_change, pause.map(|p| (&p.by, p.at))));
            let next = next.or_insert_with(|| next_in_words(status, n, pause, zone).into());
            (last(n, status.now, zone), Rc::clone(next))
        })
        .collect();
    fn width<'a>(column: impl Iterator<Item = &'a str>, title: &str) -> usize {
        column.map(|text| text.chars().count()).max().unwrap_or(0).max(title.len())
    }
    let name = width(status.notebooks.iter().map(|n| n.name.as_str()), "notebook");
    let ended = width(rows.iter().map(|(last, _)| last.as_str()), "last run");
    let mut out = format!("  {:name$}  {:ended$}  next run\n", "notebook", "last run");
    for ((last, next), notebook) in rows.iter().zip(&status.notebooks) {
        let well = notebook.last.as_ref().is_none_or(|last| last.outcome == Outcome::Succeeded);
        let mark = if well { ' ' } else { '✗' };
        let _ = writeln!(out, "{mark} {:name$}  {last:ended$}  {next}", notebook.name);
    }
    out.truncate(out.trim_end().len());
    out
}

/// " by claire (penny pause), yesterday at 18:00".
fn by(pause: &Pause, now: Timestamp, zone: &TimeZone) -> String {
    format!(" by {}, {}", pause.by, past(pause.at, now, zone))
}

fn last(notebook: &Standing, now: Timestamp, zone: &TimeZone) -> String {
    match &notebook.last {
        Some(last) => format!("{} {}", last.outcome.word(), past(last.at, now, zone)),
        None => "–".to_owned(),
    }
}

fn next_in_words(
    status: &Status,
    notebook: &Standing,
    pause: Option<&Pause>,
    zone: &TimeZone,
) -> String {
    if notebook.paused {
        return format!("paused{}", pause.map(|p| by(p, status.now, zone)).unwrap_or_default());
    }
    let serves = status.state.is_some();
    let when = match notebook.next {
        None => "never".to_owned(),
        Some(next) if next <= status.now && serves => "now".to_owned(),
        Some(next) if next <= status.now => {
            format!("it was due {}: `penny start` catches up", past(next, status.now, zone))
        }
        Some(next) => coming(next, status.now, zone),
    };
    if notebook.on_change { format!("{when}, and when it is saved") } else { when }
}
