//! What penny.toml means for the service: when each notebook is due, and which files are watched.

use std::path::PathBuf;

use penny_schedule::Listed;

use super::files::{Notebook, Watched};
use crate::workspace::{CONFIG_FILE, Workspace};

/// The notebooks with their rules.
pub fn listed(workspace: &Workspace) -> Vec<Listed> {
    let config = &workspace.config;
    config.notebooks.iter().map(|entry| (entry.name.clone(), config.rules_of(entry))).collect()
}

/// The files in which the settings are.
pub fn settings(workspace: &Workspace) -> Vec<PathBuf> {
    vec![workspace.root.join(CONFIG_FILE), workspace.root.join(".env")]
}

/// The files that are watched.
pub fn watched(workspace: &Workspace) -> Watched {
    let config = &workspace.config;
    let notebooks = config.notebooks.iter().filter(|entry| entry.on_change).map(|entry| Notebook {
        name: entry.name.clone(),
        file: entry.file.clone(),
        quiet: config.schedule.quiet,
    });
    Watched { settings: settings(workspace), notebooks: notebooks.collect() }
}
