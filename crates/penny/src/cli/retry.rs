//! `penny retry`: what did not succeed, again.

use clap::Args;

use super::{Context, run as running};
use crate::error::Result;
use crate::looking;
use crate::run::{self, Again, Asking};
use crate::store::Store;

#[derive(Args)]
pub struct RetryOptions {
    /// A run's number, or a notebook's name for its last run
    #[arg(value_name = "RUN")]
    pub run: String,
    /// The summary as JSON on standard output
    #[arg(long)]
    pub json: bool,
}

pub async fn retry(context: &Context, options: &RetryOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    let store = Store::open(&workspace.history())?;
    let run = looking::chosen(&store, &workspace, &options.run)?;
    let Again { names, parameters } = run::again(&store, &workspace.config, &run)?;
    drop(store);
    context.console.say(&format!("again after run {}: {}", run.id, names.join(", ")));
    let retry_of = Some(run.id);
    let asking = Asking { parameters, retry_of, ..Asking::default() };
    let summary = running::sync(context, &workspace, &names, "penny retry", asking).await?;
    running::show(context, &workspace, &summary, options.json)
}
