//! `penny init`.

use std::path::Path;

use super::arguments::InitOptions;
use super::{Context, print};
use crate::error::{Error, Result};
use crate::workspace::{CATALOGUE, Created, Purpose, create};

pub async fn init(context: &Context, options: &InitOptions) -> Result<u8> {
    no_workspace_option(context, "init")?;
    let created = create(&context.surroundings.folder.join(&options.folder), Purpose::Company)?;
    if created.git_would_take_secrets() {
        context.console.warn(
            "the .gitignore that was there does not name .env: add the lines .env and .penny/ to it, \
             or git will keep your secrets",
        );
    }
    print(&report(&created, &context.surroundings.folder, &options.folder));
    Ok(0)
}

/// A new workspace is named by its own argument; `--workspace` would be passed over in silence.
pub fn no_workspace_option(context: &Context, command: &str) -> Result<()> {
    match &context.workspace_option {
        None => Ok(()),
        Some(folder) => Err(Error::usage(format!(
            "`penny {command}` makes a workspace, and takes no --workspace"
        ))
        .hint(format!("write: penny {command} {}", folder.display()))),
    }
}

fn report(created: &Created, here: &Path, named: &Path) -> String {
    let folder = created.root.display();
    let mut text = match created.written.len() {
        0 => format!("The workspace {folder} was complete already; nothing was changed."),
        _ => format!(
            "Workspace {folder}: {} files written, {} notebooks.",
            created.written.len(),
            CATALOGUE.len()
        ),
    };
    if !created.kept.is_empty() && !created.written.is_empty() {
        text.push_str(&format!("\nKept as they were: {}", created.kept.join(", ")));
    }
    text.push_str("\n\nNext");
    if created.root != here {
        text.push_str(&format!("\n  cd \"{}\"", named.display()));
    }
    text.push_str(
        "\n  Write your Pennylane API token and data-share login into the file .env\n  \
         penny kernel install      your notebooks then open and run in your Jupyter\n  \
         penny run                 one sync of all notebooks",
    );
    text
}
