//! `penny demo`: everything from nothing, and one sync.

use super::arguments::DemoOptions;
use super::run::{status, sync};
use super::{Context, print};
use crate::console::Summary;
use crate::database::{Settings, own_port};
use crate::error::Result;
use crate::platform;
use crate::powerbi::PowerBi;
use crate::run::Asking;
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
    let summary = sync(context, &workspace, &[], "penny demo", Asking::default()).await?;
    let port = own_port(&workspace, &context.surroundings).await?;
    let there =
        (created.root != context.surroundings.folder.as_path()).then_some(options.folder.as_path());
    let mut first = there.map(|f| format!("  cd {}\n", f.display())).unwrap_or_default();
    first.push_str(&alias(context));
    print(&report(&workspace, &summary, port, &first)?);
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

/// `penny` as a word for this binary, when it is not on PATH: what follows can then be typed as it stands.
fn alias(context: &Context) -> String {
    let surroundings = &context.surroundings;
    let same = |path: std::path::PathBuf| {
        path.canonicalize().ok() == surroundings.penny.canonicalize().ok()
    };
    match surroundings.program("penny").is_some_and(same) {
        true => String::new(),
        false => format!("  {}\n", platform::alias("penny", &surroundings.penny)),
    }
}

fn report(
    workspace: &Workspace,
    summary: &Summary,
    port: Option<u16>,
    first: &str,
) -> Result<String> {
    let powerbi = PowerBi::of(&Settings::of(workspace)?, port);
    Ok(format!(
        "\n{}\n\n\
         Executed notebooks   {}\n\
         Power BI             {}\n\
         \u{20}                    `penny powerbi` writes a file that opens Power BI Desktop on it\n\n\
         Next\n{first}  \
           penny kernel install                           the notebooks then open and run in your Jupyter\n  \
           penny run customers                            one notebook again, after you have edited it\n  \
           penny start                                    from now on by itself, every two hours\n  \
           penny db start                                 PostgreSQL stays up, for Power BI\n  \
           penny sandbox advance --days 3 && penny run    three days later",
        summary.text(),
        workspace.outputs().display(),
        powerbi.line(),
    ))
}
