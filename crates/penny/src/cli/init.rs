//! `penny init`.

use super::arguments::InitOptions;
use super::{Context, print};
use crate::error::Result;
use crate::workspace::{CATALOGUE, Created, Purpose, create};

pub async fn init(context: &Context, options: &InitOptions) -> Result<u8> {
    let created = create(&context.surroundings.folder.join(&options.folder), Purpose::Company)?;
    print(&report(&created));
    Ok(0)
}

fn report(created: &Created) -> String {
    let folder = created.root.display();
    let mut text = match created.written.len() {
        0 => format!("The workspace {folder} was complete already; nothing was changed."),
        _ => format!("Workspace {folder}: {} files written, {} notebooks.", created.written.len(), CATALOGUE.len()),
    };
    if !created.kept.is_empty() && !created.written.is_empty() {
        text.push_str(&format!("\nKept as they were: {}", created.kept.join(", ")));
    }
    text.push_str(
        "\n\nNext\n  1. Write your Pennylane API token and data-share login into .env\n  \
         2. penny kernel install      your notebooks then open and run in your Jupyter\n  \
         3. penny run                 one sync of all notebooks",
    );
    text
}
