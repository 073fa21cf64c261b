//! Retention: the output notebooks that penny.toml no longer wants are removed, and the history says so.
//!
//! Only the file goes; the record stays with everything it said. That it is gone is a sealed record
//! itself, written before the file is removed: what is missing without one was removed by somebody else.

mod plan;
mod presence;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::console;
use crate::error::Result;
use crate::store::{KeptOutput, OutputSeal, Prune, Store};
use crate::workspace::Workspace;

use presence::Looked;

pub use plan::{Going, Rules, plan};

/// What was altered is evidence, and stays.
const ALTERED: &str = "it was altered since it was written, and stays: `penny verify` tells more";

/// An output notebook that was removed, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// What it is.
    pub output: KeptOutput,
    /// Why it goes.
    pub why: String,
    /// Why it could not be removed, if that is so; the next time will try again.
    pub trouble: Option<String>,
}

/// What a pruning came to.
#[derive(Clone, Debug, Default)]
pub struct Pruned {
    /// What goes, oldest first.
    pub removals: Vec<Removal>,
    /// How many output notebooks are left.
    pub left: usize,
    /// How many bytes they take.
    pub left_bytes: u64,
}

impl Pruned {
    /// How many bytes are free, or would be.
    pub fn bytes(&self) -> u64 {
        self.removals.iter().filter(|r| r.trouble.is_none()).map(|r| r.output.bytes).sum()
    }

    /// "3 output notebooks removed, 12 MB".
    pub fn words(&self) -> String {
        let removed = self.removals.iter().filter(|r| r.trouble.is_none()).count();
        let removed = console::count(removed, "output notebook");
        format!("{removed} removed, {}", console::file_size(self.bytes()))
    }

    /// For programs.
    pub fn json(&self, dry_run: bool) -> Value {
        let removals = self.removals.iter().map(|removal| {
            let output = &removal.output;
            json!({
                "run": output.run,
                "attempt": output.attempt,
                "notebook": output.notebook,
                "started": output.started.to_string(),
                "outcome": output.outcome.word(),
                "output": output.path,
                "bytes": output.bytes,
                "why": removal.why,
                "error": removal.trouble,
            })
        });
        json!({
            "dry_run": dry_run,
            "removals": removals.collect::<Vec<_>>(),
            "bytes": self.bytes(),
            "left": self.left,
            "left_bytes": self.left_bytes,
        })
    }
}

/// The rules of a workspace.
pub fn rules(workspace: &Workspace) -> Rules {
    let config = &workspace.config;
    let keep = config.notebooks.iter().filter_map(|n| Some((n.name.clone(), n.keep?)));
    Rules { everywhere: config.retention, keep: keep.collect(), zone: config.zone.clone() }
}

/// What would go at this moment, of the files that are there: one that somebody else moved away stands for no other,
/// and is not Penny's to record as removed.
///
/// # Errors
/// The history cannot be read.
pub fn would_prune(workspace: &Workspace, store: &Store, now: Timestamp) -> Result<Pruned> {
    let there = presence::look(&workspace.root, store.kept_outputs()?).there;
    Ok(decide(workspace, &there, now))
}

/// What goes of the output notebooks that are there.
fn decide(workspace: &Workspace, there: &[KeptOutput], now: Timestamp) -> Pruned {
    let going = plan(there, &rules(workspace), now);
    let mut pruned = Pruned {
        left: there.len(),
        left_bytes: there.iter().map(|o| o.bytes).sum(),
        removals: Vec::with_capacity(going.len()),
    };
    for Going { place, why } in going {
        let output = there[place].clone();
        let is_altered = is_altered(&workspace.root.join(&output.path), output.hash.as_deref());
        let trouble = is_altered.then(|| ALTERED.to_owned());
        if trouble.is_none() {
            pruned.left -= 1;
            pruned.left_bytes -= output.bytes;
        }
        pruned.removals.push(Removal { output, why, trouble });
    }
    pruned
}

/// Removes what has to go by penny.toml; nothing, and at no cost, when it says nothing of retention.
///
/// A file that cannot be removed is told in the answer, and tried again the next time.
///
/// # Errors
/// The history cannot be read or written.
pub fn prune(workspace: &Workspace, store: &Store, now: Timestamp) -> Result<Pruned> {
    if !rules(workspace).remove_something() {
        return Ok(Pruned::default());
    }
    let Looked { there, gone } = presence::look(&workspace.root, store.kept_outputs()?);
    let mut pruned = decide(workspace, &there, now);
    let prunes: Vec<Prune<'_>> = pruned
        .removals
        .iter()
        .filter(|removal| removal.trouble.is_none())
        .map(|removal| Prune { output: &removal.output, why: &removal.why })
        .collect();
    store.record_pruned(&prunes, now)?;
    for removal in pruned.removals.iter_mut().filter(|r| r.trouble.is_none()) {
        if let Err(e) = remove(workspace, &removal.output.path) {
            removal.trouble = Some(e.to_string());
            pruned.left += 1;
            pruned.left_bytes += removal.output.bytes;
        }
    }
    // What somebody puts back from now on, from a backup, is theirs: it is not removed a second time.
    let removed = pruned.removals.iter().filter(|r| r.trouble.is_none()).map(|r| &r.output);
    let removed: Vec<&KeptOutput> =
        removed.chain(gone.iter().filter(|output| output.is_recorded)).collect();
    store.removed(&removed)?;
    tell(&pruned);
    Ok(pruned)
}

fn tell(pruned: &Pruned) {
    if !pruned.removals.is_empty() {
        tracing::info!("retention: {}", pruned.words());
    }
    for removal in pruned.removals.iter().filter(|r| r.trouble.is_some()) {
        let why = removal.trouble.as_deref().unwrap_or_default();
        tracing::warn!("retention: {} could not be removed: {why}", removal.output.path);
    }
}

/// What the service does after each sync. What goes wrong is logged: a sync is not the worse for it.
pub async fn after_sync(workspace: &Arc<Workspace>, store: &Arc<Store>, clock: &Clock) {
    if !rules(workspace).remove_something() {
        return;
    }
    let (workspace, store, now) = (Arc::clone(workspace), Arc::clone(store), clock.wall());
    // It reads each file that goes, which may take a while.
    let pruned = tokio::task::spawn_blocking(move || prune(&workspace, &store, now)).await;
    match pruned {
        Ok(Ok(_)) => {}
        Ok(Err(e)) => tracing::warn!("retention: {}", e.sentence()),
        Err(e) => tracing::warn!("retention: {e}"),
    }
}

/// Whether a file is not what it was when its run was sealed, as far as that is known.
fn is_altered(path: &Path, hash: Option<&str>) -> bool {
    hash.is_some_and(|hash| OutputSeal::of_file(path).is_ok_and(|seal| seal.hash != hash))
}

/// Removes an output notebook; one that is gone already is no trouble.
fn remove(workspace: &Workspace, path: &str) -> std::io::Result<()> {
    match std::fs::remove_file(workspace.root.join(path)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
