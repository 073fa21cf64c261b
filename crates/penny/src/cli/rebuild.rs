//! `penny history --rebuild`.

use jiff::Timestamp;

use super::{Context, print};
use crate::console;
use crate::error::Result;
use crate::run::SyncLock;
use crate::store::{Rebuild, Rebuilt, rebuild as make_anew};
use crate::workspace::Workspace;

/// Makes the history anew from the output notebooks.
pub async fn rebuild(context: &Context, as_json: bool) -> Result<u8> {
    let workspace = context.workspace()?;
    let command = "penny history --rebuild";
    let _lock = SyncLock::take(&workspace, command, &context.console, &context.stop).await?;
    crate::log::open(&workspace.log(), context.log_format, workspace.secrets.clone())?;
    let step = context.console.step("reading the output notebooks");
    let rebuilt = make_anew(
        &Rebuild {
            history: &workspace.history(),
            root: &workspace.root,
            outputs: &[workspace.outputs(), workspace.own().join("rescued")],
            zone: &workspace.config.zone,
            at: Timestamp::now(),
        },
        &mut |done, of| step.detail(&format!("{} of {}", done, console::count(of, "file"))),
    )?;
    step.clear();
    let runs = console::count(rebuilt.runs, "run");
    tracing::info!("the history was made anew from the output notebooks: {runs}");
    if as_json {
        print(&format!("{:#}", rebuilt.json()));
    } else {
        print(&text(&rebuilt, &workspace));
    }
    Ok(0)
}

fn text(rebuilt: &Rebuilt, workspace: &Workspace) -> String {
    let mut lines = vec![format!(
        "The history was made anew: {} in {}, {} published.",
        console::count(rebuilt.runs, "run"),
        console::count(rebuilt.syncs, "sync"),
        console::count(rebuilt.publishes, "table")
    )];
    if rebuilt.by_papermill > 0 {
        let runs = console::count(rebuilt.by_papermill, "run");
        lines.push(format!("{runs} known by the file's name and papermill's metadata alone."));
    }
    if !rebuilt.unreadable.is_empty() {
        let files = console::count(rebuilt.unreadable.len(), "file");
        lines.push(format!("{files} left out:"));
        lines.extend(rebuilt.unreadable.iter().map(|(path, why)| format!("  {path}: {why}")));
    }
    if let Some(before) = rebuilt.runs_before {
        let before = console::rows(before);
        lines.push(format!(
            "The history before knew {before}, skipped runs and removed outputs included."
        ));
    }
    if let Some(replaced) = &rebuilt.replaced {
        lines.push(format!("It was set aside as {}.", workspace.shown(replaced)));
    }
    lines.join("\n")
}
