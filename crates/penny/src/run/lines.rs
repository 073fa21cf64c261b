//! What a run came to, as it is told.

use std::time::Duration;

use crate::config::Entry;
use crate::console::{self, Line};
use crate::store::{Outcome, Published};
use crate::workspace::Workspace;

/// A notebook whose turn did not come.
pub fn skipped(entry: &Entry, why: &str) -> Line {
    Line {
        name: entry.name.clone(),
        description: entry.description.clone(),
        outcome: Outcome::Skipped,
        elapsed: Duration::ZERO,
        published: Vec::new(),
        error: Some(why.to_owned()),
        warnings: Vec::new(),
        output: None,
        kernel: None,
        masked: 0,
    }
}

/// What `penny load` wanted the user to know.
pub fn publish_warnings(published: &Published) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&published.report).unwrap_or_default();
    let texts = report["warnings"].as_array().cloned().unwrap_or_default();
    texts.iter().filter_map(|t| t.as_str()).map(|t| format!("{}: {t}", published.table)).collect()
}

/// That a notebook does not publish a table any more.
pub fn no_longer(gone: &Published, workspace: &Workspace) -> String {
    let at = gone.at.to_zoned(workspace.config.zone.clone());
    format!(
        "it no longer publishes {}, which keeps its {} of {}: is its export cell gone?",
        gone.table,
        console::count(usize::try_from(gone.rows).unwrap_or(usize::MAX), "row"),
        at.strftime("%-d %B %Y, %H:%M")
    )
}

/// Why a notebook did not run in a sync that somebody cancelled.
pub fn cancelled_before_turn(by: &str) -> String {
    format!("the sync was cancelled before its turn by {by}")
}

/// A notebook whose sync could not begin: something that all notebooks need is missing, or Penny was stopped.
pub fn ended_before(entry: &Entry, stopped: bool, error: &crate::error::Error) -> Line {
    if stopped {
        return skipped(entry, "Penny was stopped before its turn");
    }
    let why = super::messages::refused(entry, error);
    Line { outcome: Outcome::Failed, ..skipped(entry, &why) }
}
