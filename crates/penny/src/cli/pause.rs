//! `penny pause` and `penny resume`.

use clap::Args;

use super::{Context, print};
use crate::clock::Clock;
use crate::error::Result;
use crate::store::Store;

#[derive(Args)]
pub struct PauseOptions {
    /// The notebooks, by their names in penny.toml [default: everything]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
}

pub fn pause(context: &Context, options: &PauseOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    workspace.config.select(&options.names)?;
    let store = Store::open(&workspace.history())?;
    let at = Clock::new(&context.surroundings).wall();
    let by = context.by("penny pause");
    if options.names.is_empty() {
        store.pause(None, &by, at)?;
        print("paused: nothing runs on its schedule until `penny resume` (`penny run` still does)");
    }
    for name in &options.names {
        let said = match store.pause(Some(name), &by, at)? {
            true => {
                format!("paused: {name} does not run on its schedule until `penny resume {name}`")
            }
            false => format!("{name} was paused already"),
        };
        print(&said);
    }
    Ok(0)
}

pub fn resume(context: &Context, options: &PauseOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    workspace.config.select(&options.names)?;
    let store = Store::open(&workspace.history())?;
    if options.names.is_empty() {
        let said = match store.resume(None)? {
            true => "resumed: everything runs on its schedule again",
            false => "nothing was paused",
        };
        print(said);
    }
    let all = store.paused()?.all;
    for name in &options.names {
        let resumed = store.resume(Some(name))?;
        print(&match (resumed, all) {
            (_, true) => {
                format!("{name} stays paused with everything else: `penny resume` ends that")
            }
            (true, false) => format!("resumed: {name} runs on its schedule again"),
            (false, false) => format!("{name} was not paused"),
        });
    }
    Ok(0)
}
