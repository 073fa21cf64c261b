//! `penny prune`.

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Context, print};
use crate::console;
use crate::error::Result;
use crate::retention::{self, Pruned};
use crate::store::Store;

/// So many removals are shown; `--json` has all.
const SHOWN: usize = 40;

#[derive(Args)]
pub struct PruneOptions {
    /// Says what would go, and removes nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The result as JSON on standard output
    #[arg(long)]
    pub json: bool,
}

pub async fn prune(context: &Context, options: &PruneOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    crate::log::open(&workspace.log(), context.log_format, workspace.secrets.clone())?;
    let store = Store::open(&workspace.history())?;
    let now = Timestamp::now();
    let pruned = if options.dry_run {
        retention::would_prune(&workspace, &store, now)?
    } else {
        retention::prune(&workspace, &store, now)?
    };
    if options.json {
        print(&format!("{:#}", pruned.json(options.dry_run)));
    } else if !retention::rules(&workspace).remove_something() {
        print(
            "Nothing goes: penny.toml says nothing of retention, so every output notebook stays.\n\
             To change that: [retention] with max_age, max_runs or max_size (see docs/history.md).",
        );
    } else {
        print(&text(&pruned, options.dry_run, &workspace.config.zone));
    }
    Ok(0)
}

fn text(pruned: &Pruned, dry_run: bool, zone: &TimeZone) -> String {
    let mut lines: Vec<String> = Vec::new();
    for removal in pruned.removals.iter().take(SHOWN) {
        let output = &removal.output;
        let at = output.started.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let size = console::file_size(output.bytes);
        let mut line = format!("  {at}  {:>8}  {}  ({})", size, output.path, removal.why);
        if let Some(trouble) = &removal.trouble {
            line.push_str(&format!("\n      stays: {trouble}"));
        }
        lines.push(line);
    }
    if let Some(more) = pruned.removals.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!("  … and {more} more: --json has all"));
    }
    let count = pruned.removals.iter().filter(|r| r.trouble.is_none()).count();
    let (count, freed) =
        (console::count(count, "output notebook"), console::file_size(pruned.bytes()));
    let left = console::count(pruned.left, "output notebook");
    let left = format!("{left} stay, {}", console::file_size(pruned.left_bytes));
    lines.push(match (pruned.removals.is_empty(), dry_run) {
        (true, _) => format!("Nothing has to go: {left}."),
        (false, true) => {
            format!("{count} would go, which frees {freed}; {left}. Nothing was removed.")
        }
        (false, false) => format!("{count} removed, which freed {freed}; {left}."),
    });
    lines.join("\n")
}
