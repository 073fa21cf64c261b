//! Whether the service can do its work, and what else a person would want to know.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::About;
use crate::config::Freshness;
use crate::daemon::state::State;
use crate::error::Result;
use crate::store::{LastSync, TableState};
use crate::workspace::Workspace;

/// A service that has not looked at what is due for so long is stuck: it looks every 30 seconds.
const TICK_MAX: SignedDuration = SignedDuration::from_secs(90);

/// How the service is.
pub struct Report {
    state: State,
    now: Timestamp,
    postgres: Result<String, String>,
    last_sync: Option<LastSync>,
    stale: Vec<Stale>,
}

/// A table that is older than it may be.
pub struct Stale {
    /// The table.
    pub table: TableState,
    /// How old it may be.
    pub allowed: Duration,
}

/// How the service is now.
///
/// # Errors
/// The history cannot be read.
pub fn report(about: &About, postgres: Result<String, String>) -> Result<Report> {
    let workspace = about.workspace();
    let now = about.clock.wall();
    let tables = about.store.table_states()?;
    Ok(Report {
        state: about.live.borrow().clone(),
        now,
        postgres,
        last_sync: about.store.last_sync()?,
        stale: stale(&workspace, tables, now),
    })
}

/// The tables that are older than penny.toml allows.
pub fn stale(workspace: &Workspace, tables: Vec<TableState>, now: Timestamp) -> Vec<Stale> {
    let config = &workspace.config;
    let limits = config.notebooks.iter();
    let limits = limits.filter_map(|entry| Some((entry.name.as_str(), config.freshness(entry)?)));
    let limits: HashMap<&str, Freshness> = limits.collect();
    let too_old = tables.into_iter().filter_map(|table| {
        let freshness = limits.get(table.notebook.as_deref()?)?;
        let allowed = freshness.limit;
        freshness.is_too_old(table.published, now).then_some(Stale { table, allowed })
    });
    too_old.collect()
}

/// For how long the service has not looked at what is due, when that is too long.
pub fn silent(state: &State, now: Timestamp) -> Option<SignedDuration> {
    Some(now.duration_since(state.beat)).filter(|silent| *silent > TICK_MAX)
}

impl Report {
    /// Whether the service can do its work.
    pub fn can_work(&self) -> bool {
        self.problems().is_empty()
    }

    /// Whether a table is older than it may be.
    pub fn has_stale(&self) -> bool {
        !self.stale.is_empty()
    }

    /// What keeps it from its work, in sentences.
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if let Some(silent) = silent(&self.state, self.now) {
            problems.push(format!(
                "the service has not looked at what is due for {} seconds",
                silent.as_secs()
            ));
        }
        if let Err(why) = &self.postgres {
            problems.push(why.clone());
        }
        problems.extend(self.state.trouble.clone());
        if self.state.stopping {
            problems.push("the service is ending".to_owned());
        }
        problems
    }

    /// The whole of it.
    pub fn json(&self) -> Value {
        let state = &self.state;
        let problems = self.problems();
        let status = match (problems.is_empty(), self.stale.is_empty()) {
            (false, _) => "failing",
            (true, false) => "stale",
            (true, true) => "ok",
        };
        let stale = self.stale.iter().map(|stale| {
            json!({
                "table": stale.table.table,
                "notebook": stale.table.notebook,
                "published": stale.table.published.to_string(),
                "age_seconds": self.now.duration_since(stale.table.published).as_secs(),
                "stale_after_seconds": stale.allowed.as_secs(),
            })
        });
        json!({
            "status": status,
            "problems": problems,
            "version": state.version,
            "pid": state.pid,
            "host": state.host,
            "since": state.since.to_string(),
            "last_tick": state.beat.to_string(),
            "seconds_since_last_tick": self.now.duration_since(state.beat).as_secs().max(0),
            "postgresql": match &self.postgres {
                Ok(place) => json!({ "answers": true, "place": place }),
                Err(why) => json!({ "answers": false, "why": why }),
            },
            "last_sync": self.last_sync.as_ref().map(|sync| json!({
                "sync": sync.id,
                "trigger": sync.trigger,
                "outcome": sync.outcome,
                "ended": sync.ended.to_string(),
            })),
            "running": state.running.iter().map(|run| &run.notebook).collect::<Vec<_>>(),
            "next": state.next.as_ref().map(|next| json!({
                "at": next.at.to_string(),
                "notebooks": next.count,
            })),
            "paused": state.paused,
            "config_error": state.config_error,
            "stale_tables": stale.collect::<Vec<_>>(),
        })
    }
}
