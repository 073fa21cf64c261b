//! `penny run`, and the sync that `penny demo` and `penny retry` share with it.

use super::arguments::RunOptions;
use super::{Context, print};
use crate::console::Summary;
use crate::daemon;
use crate::error::{Kind, Result};
use crate::exec;
use crate::run::{self, Asking, ByHand, SyncLock};
use crate::workspace::Workspace;

pub async fn run(context: &Context, options: RunOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    let selected = workspace.config.select(&options.names)?;
    let given = options.parameters.given();
    let parameters = exec::parameters_of(&given, &context.surroundings, &context.stop).await?;
    if selected.len() > 1 {
        run::unknown_to_all(&selected, &parameters).iter().for_each(|s| context.console.warn(s));
    }
    let asking = Asking { parameters, ..Asking::default() };
    let summary = sync(context, &workspace, &options.names, "penny run", asking).await?;
    show(context, &workspace, &summary, options.json)
}

/// Shows what a sync came to; the exit status that it means.
pub fn show(context: &Context, workspace: &Workspace, summary: &Summary, json: bool) -> Result<u8> {
    if json {
        print(&format!("{:#}", summary.json()));
    } else {
        print(&format!("\n{}\n\nExecuted notebooks: {}/", summary.text(), summary.outputs));
    }
    Ok(status(context, workspace, summary))
}

/// The exit status that a sync means.
pub fn status(context: &Context, workspace: &Workspace, summary: &Summary) -> u8 {
    let missing = |name: &str| {
        workspace.config.notebooks.iter().any(|e| e.name == name && e.missing.is_some())
    };
    if context.stop.is_asked() {
        Kind::Interrupted.status()
    } else if summary.lines.iter().any(|l| missing(&l.name)) {
        // The others ran; but penny.toml names a file that is not there.
        Kind::Usage.status()
    } else if summary.failures() > 0 {
        Kind::Notebook.status()
    } else {
        0
    }
}

/// One sync; whatever was started for it has ended when this is back.
pub async fn sync(
    context: &Context,
    workspace: &Workspace,
    names: &[String],
    command: &str,
    asking: Asking,
) -> Result<Summary> {
    let alone = workspace.config.select(names)?.len() == 1;
    let asking = Asking { alone, by: context.by(command), ..asking };
    let (surroundings, console) = (&context.surroundings, &context.console);
    if SyncLock::holder(&workspace.root)
        .is_some_and(|holder| holder.is_service() && holder.is_here())
    {
        return daemon::ask(workspace, names, asking, surroundings, console, &context.stop).await;
    }
    let by = ByHand {
        command,
        surroundings,
        console,
        stop: &context.stop,
        log_format: context.log_format,
    };
    run::sync(&by, workspace, names, asking).await
}
