//! Two runs side by side: what changed in the cells, in what they showed, in the packages and in the data.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::alignment::{CellChange, Changed, align};
use super::cells::{CellKind, Cells};
use super::data::{self, TableChange};
use super::lines::{Line, Mark};
use super::packages::{self, PackageChange};
use super::past_run::PastRun;
use crate::error::Result;
use crate::store::{RunRecord, Store};
use crate::workspace::Workspace;

/// Two runs side by side.
pub struct Comparison {
    /// The earlier run.
    pub before: RunRecord,
    /// The later run.
    pub after: RunRecord,
    /// Their cells.
    pub notebooks: Notebooks,
    /// The packages that changed; none when one of the states is not known.
    pub packages: Option<Vec<PackageChange>>,
    /// The tables that either published.
    pub tables: Vec<TableChange>,
}

/// The cells of two runs.
pub enum Notebooks {
    /// All of them, with what became of each.
    Compared(Vec<CellChange>),
    /// One of the output notebooks cannot be read: why.
    Unreadable(String),
}

/// Compares two runs, the earlier one with the later one.
///
/// # Errors
/// The history cannot be read.
pub fn compare(
    store: &Store,
    workspace: &Workspace,
    one: RunRecord,
    other: RunRecord,
    now: Timestamp,
) -> Result<Comparison> {
    let (before, after) = if one.id <= other.id { (one, other) } else { (other, one) };
    let cells = |run: &RunRecord| -> Result<std::result::Result<Cells, String>> {
        let past = PastRun::read(store, workspace, run.clone(), None)?;
        Ok(past.cells.map_err(|why| format!("run {}: {why}", run.id)))
    };
    let notebooks = match (cells(&before)?, cells(&after)?) {
        (Ok(before), Ok(after)) => Notebooks::Compared(align(&before, &after)),
        (Err(why), _) | (_, Err(why)) => Notebooks::Unreadable(why),
    };
    let packages = packages_of(store, &before)?.zip(packages_of(store, &after)?);
    let packages = packages.map(|(before, after)| packages::changes(&before, &after));
    let tables = data::changes(store, &before, &after, now)?;
    Ok(Comparison { before, after, notebooks, packages, tables })
}

fn packages_of(store: &Store, run: &RunRecord) -> Result<Option<String>> {
    match &run.environment_hash {
        Some(hash) => store.packages_of(hash),
        None => Ok(None),
    }
}

impl Comparison {
    /// The cells of which the source changed, came or went, or that were moved.
    pub fn changed_sources(&self) -> Vec<&CellChange> {
        self.changes(|change| !change.source.is_empty() || change.moved)
    }

    /// The cells that are in both and showed something else.
    pub fn changed_outputs(&self) -> Vec<&CellChange> {
        self.changes(|change| !change.outputs.is_empty())
    }

    fn changes(&self, wanted: impl Fn(&CellChange) -> bool) -> Vec<&CellChange> {
        match &self.notebooks {
            Notebooks::Compared(changes) => {
                changes.iter().filter(|change| wanted(change)).collect()
            }
            Notebooks::Unreadable(_) => Vec::new(),
        }
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let (cells, why) = match &self.notebooks {
            Notebooks::Compared(changes) => {
                let changed = changes.iter().filter(|change| change.changed != Changed::Same);
                (Some(changed.map(cell_json).collect::<Vec<_>>()), None)
            }
            Notebooks::Unreadable(why) => (None, Some(why)),
        };
        let packages = self.packages.as_ref().map(|packages| {
            let one =
                |p: &PackageChange| json!({"name": p.name, "before": p.before, "after": p.after});
            packages.iter().map(one).collect::<Vec<_>>()
        });
        json!({
            "before": side_json(&self.before),
            "after": side_json(&self.after),
            "cells": cells,
            "cells_unknown": why,
            "packages": packages,
            "tables": self.tables.iter().map(TableChange::json).collect::<Vec<_>>(),
        })
    }
}

fn side_json(run: &RunRecord) -> Value {
    json!({
        "run": run.id,
        "notebook": run.notebook,
        "started": run.started.to_string(),
        "outcome": run.word(),
        "output": run.output,
    })
}

fn cell_json(change: &CellChange) -> Value {
    let kind = match change.cell.kind {
        CellKind::Code => "code",
        CellKind::Markdown => "markdown",
        CellKind::Raw => "raw",
    };
    json!({
        "id": change.cell.id,
        "number": change.cell.number,
        "kind": kind,
        "heading": change.cell.heading,
        "change": change.changed.word(),
        "moved": change.moved,
        "source": lines_json(&change.source),
        "outputs": lines_json(&change.outputs),
    })
}

/// The lines as a patch has them; none where nothing changed.
fn lines_json(lines: &[Line]) -> Option<Vec<String>> {
    let kept = lines.iter().filter(|line| line.mark != Mark::Gap);
    let texts = kept.map(|line| match line.mark {
        Mark::More => format!("… {} more lines, not compared one by one", line.text),
        mark => format!("{}{}", mark.sign(), line.text),
    });
    let texts = texts.collect();
    (!lines.is_empty()).then_some(texts)
}
