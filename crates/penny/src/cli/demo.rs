//! `penny demo`: everything from nothing, and one sync.

use std::path::Path;

use super::arguments::DemoOptions;
use super::run::{status, sync};
use super::{Context, print};
use crate::console::Summary;
use crate::database::{Settings, own_port};
use crate::error::Result;
use crate::powerbi::PowerBi;
use crate::sources::sandbox;
use crate::workspace::{Purpose, Workspace, create};

pub async fn demo(context: &Context, options: DemoOptions) -> Result<u8> {
    super::init::no_workspace_option(context, "demo")?;
    let folder = context.surroundings.folder.join(&options.folder);
    let created = create(&folder, Purpose::Demo)?;
    let console = &context.console;
    console.say(&match created.written.is_empty() {
        true => format!("✓ Workspace: {} (there already)", created.root.display()),
        false => format!("✓ Workspace: {}", created.root.display()),
    });
    let workspace = Workspace::open(&created.root, &context.surroundings)?;
    if let Some(lines) = options.lines {
        resize(&workspace, lines)?;
    }
    let summary = sync(context, &workspace, &[], "demo").await?;
    let port = own_port(&workspace, &context.surroundings).await?;
    let there =
        (created.root != context.surroundings.folder.as_path()).then_some(options.folder.as_path());
    print(&report(&workspace, &summary, port, there)?);
    Ok(status(context, &workspace, &summary))
}

/// Another size, another company; the same size keeps the one there is.
fn resize(workspace: &Workspace, lines: u64) -> Result<()> {
    let mut settings = sandbox::settings(workspace, jiff::Zoned::now().date())?;
    if settings.lines != lines {
        settings.lines = lines;
        sandbox::keep(workspace, &settings)?;
    }
    Ok(())
}

fn report(
    workspace: &Workspace,
    summary: &Summary,
    port: Option<u16>,
    folder: Option<&Path>,
) -> Result<String> {
    let powerbi = PowerBi::of(&Settings::of(workspace)?, port);
    let enter = folder.map(|f| format!("  cd {}\n", f.display())).unwrap_or_default();
    Ok(format!(
        "\n{}\n\n\
         Executed notebooks   {}\n\
         Power BI             {}\n\
         \u{20}                    `penny powerbi` writes a file that opens Power BI Desktop on it\n\n\
         Next\n{enter}  \
           penny kernel install                           the notebooks then open and run in your Jupyter\n  \
           penny run customers                            one notebook again, after you have edited it\n  \
           penny db start                                 PostgreSQL stays up, for Power BI\n  \
           penny sandbox advance --days 3 && penny run    three days later",
        summary.text(),
        workspace.outputs().display(),
        powerbi.line(),
    ))
}
