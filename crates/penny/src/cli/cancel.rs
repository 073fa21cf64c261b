//! `penny cancel`: what runs now is ended, and the service goes on.

use clap::Args;

use super::{Context, print};
use crate::daemon::{self, state::State};
use crate::error::{Error, Result};
use crate::run::SyncLock;
use crate::store::Asked;
use crate::workspace::Workspace;

#[derive(Args)]
pub struct CancelOptions {
    /// A run by its number, or a notebook that runs by its name [default: every sync under way]
    #[arg(value_name = "RUN|NAME")]
    pub runs: Vec<String>,
    /// A whole sync, by its number: what has not run of it does not
    #[arg(long, value_name = "SYNC", conflicts_with = "runs")]
    pub sync: Option<i64>,
}

pub async fn cancel(context: &Context, options: &CancelOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    let state = served(&workspace)?;
    let mut asked = Vec::new();
    match (options.sync, options.runs.as_slice()) {
        (Some(sync), _) => asked.push(Asked::CancelSync(sync)),
        (None, []) => asked.extend(syncs(&state).into_iter().map(Asked::CancelSync)),
        (None, words) => {
            for word in words {
                asked.push(Asked::CancelRun(run(&workspace, &state, word)?));
            }
        }
    }
    let is_all = options.sync.is_none() && options.runs.is_empty();
    let mut cancelled = 0;
    let by = context.by("penny cancel");
    let (surroundings, console, stop) = (&context.surroundings, &context.console, &context.stop);
    for what in asked {
        match daemon::ask_to_cancel(&workspace, what, &by, surroundings, console, stop).await {
            Ok(_) => cancelled += 1,
            // What ended a moment ago needs not be cancelled.
            Err(_) if is_all && !stop.is_asked() => continue,
            Err(error) => return Err(error),
        }
        print(&match what {
            Asked::CancelSync(sync) => format!(
                "sync {sync} is cancelled: what runs of it is ended and saved, what has not run does not"
            ),
            Asked::CancelRun(run) | Asked::Retry(run) => {
                format!(
                    "run {run} is cancelled: it is ended, and saved as far as it got (penny show {run})"
                )
            }
            Asked::Run => String::new(),
        });
    }
    if cancelled == 0 {
        print("nothing runs");
    }
    Ok(0)
}

/// What the service does at present.
fn served(workspace: &Workspace) -> Result<State> {
    match SyncLock::holder(&workspace.root) {
        Some(holder) if holder.is_service() => daemon::live_state(workspace).ok_or_else(|| {
            Error::missing(
                "`penny start` has only just begun: nothing runs that could be cancelled",
            )
        }),
        Some(holder) => Err(Error::usage(format!(
            "`{}` is at work in this workspace, and not `penny start`",
            holder.command
        ))
        .hint(format!("Ctrl-C where it runs ends it (process {})", holder.pid))),
        None => Err(Error::usage("nothing runs in this workspace")),
    }
}

/// The syncs of which something runs.
fn syncs(state: &State) -> Vec<i64> {
    let mut syncs: Vec<i64> = state.running.iter().map(|running| running.sync).collect();
    syncs.sort_unstable();
    syncs.dedup();
    syncs
}

/// The run under way that a word means.
fn run(workspace: &Workspace, state: &State, word: &str) -> Result<i64> {
    let is_meant = |run: i64, notebook: &str| notebook == word || run.to_string() == word;
    let running = state.running.iter().find(|running| is_meant(running.run, &running.notebook));
    if let Some(running) = running {
        return Ok(running.run);
    }
    if let Ok(number) = word.parse() {
        // It may have begun a moment ago: the service knows.
        return Ok(number);
    }
    workspace.config.select(&[word.to_owned()])?;
    Err(Error::usage(format!("`{word}` does not run at present"))
        .hint("`penny status` shows what runs; `penny cancel` without a name ends whole syncs"))
}
