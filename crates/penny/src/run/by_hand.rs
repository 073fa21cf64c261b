//! One sync with everything that it needs, by a command that ends with it.

use std::sync::Arc;
use std::time::Instant;

use penny_schedule::Retry;

use super::{
    Alone, Asking, Endings, Equipment, Kernels, Occasion, Rigour, Seats, SyncLock, Syncing, Turn,
    parallel_limit,
};
use crate::clock::Clock;
use crate::config::Entry;
use crate::console::{Console, Summary};
use crate::database::Settings;
use crate::error::Result;
use crate::log::{self, Format};
use crate::stop::Stop;
use crate::store::{Store, SyncStart, Trigger};
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// A command that does one sync.
pub struct ByHand<'a> {
    /// Its words, for others who find the workspace taken.
    pub command: &'a str,
    /// The system around.
    pub surroundings: &'a Surroundings,
    /// Where progress is shown.
    pub console: &'a Console,
    /// The wish to end.
    pub stop: &'a Stop,
    /// How the log's lines look.
    pub log_format: Format,
}

/// Syncs the notebooks of these names, or all; whatever was started for it has ended when this is back.
///
/// # Errors
/// Something that every notebook needs is missing; another process works in the workspace.
pub async fn sync(
    by: &ByHand<'_>,
    workspace: &Workspace,
    names: &[String],
    asking: Asking,
) -> Result<Summary> {
    workspace.config.select(names)?;
    // What is wrong in .env is told before anything is installed or started. The passwords that it
    // lacks are made here: read again, so that they are known for the secrets they are.
    Settings::of(workspace)?;
    let workspace = Arc::new(Workspace::open(&workspace.root, by.surroundings)?);
    let entries: Vec<Entry> = workspace.config.select(names)?.into_iter().cloned().collect();
    let _lock = by.stop.or(SyncLock::take(&workspace, by.command, by.console, by.stop)).await?;
    log::open(&workspace.log(), by.log_format, workspace.secrets.clone())?;
    let store = Arc::new(Store::open(&workspace.history())?);
    let clock = Clock::new(by.surroundings);
    tell_crashed(&store, &clock, by.console)?;
    let surroundings = Arc::new(by.surroundings.clone());
    let mut equipment = Equipment::new(
        Arc::clone(&surroundings),
        by.console.clone(),
        by.stop.clone(),
        Rigour::Strict,
    );
    let summary = equipped(by, workspace, entries, asking, store, clock, &mut equipment).await;
    equipment.close().await;
    summary
}

async fn equipped(
    by: &ByHand<'_>,
    workspace: Arc<Workspace>,
    entries: Vec<Entry>,
    asking: Asking,
    store: Arc<Store>,
    clock: Clock,
    equipment: &mut Equipment,
) -> Result<Summary> {
    let equipped = equipment.ready(&workspace, &entries).await?;
    let trigger = Trigger::Manual;
    let start = SyncStart { trigger, due: None, at: clock.wall() };
    let sync = store.begin_asked_sync(&start, &asking.told(&workspace.secrets))?;
    let limit = Some(workspace.config.limits.sync);
    let syncing = Syncing {
        console: by.console.clone(),
        stop: by.stop.clone(),
        kernels: Kernels::new(Arc::clone(&workspace), Arc::new(by.surroundings.clone()), equipped),
        endings: Endings::default(),
        cancelling: Arc::default(),
        seats: Seats::new(parallel_limit(&workspace.config.execution)),
        // Whoever started it looks on, and knows better.
        retry: Retry::ONCE,
        follow: Arc::new(Alone),
        patience: std::time::Duration::ZERO,
        occasion: Occasion { sync, trigger, begun: Instant::now(), limit },
        workspace,
        store,
        clock,
    };
    let asked = Some(Arc::new(asking));
    let turn = |entry: Entry| Turn { entry, trigger, due: None, asked: asked.clone() };
    let turns: Vec<Turn> = entries.into_iter().map(turn).collect();
    syncing.run(&turns).await
}

/// Marks what an earlier process left unfinished, and says so.
///
/// # Errors
/// The history cannot be written.
pub fn tell_crashed(store: &Store, clock: &Clock, console: &Console) -> Result<()> {
    for crashed in store.mark_crashed(clock.wall())? {
        let kept = crashed.output.map(|output| format!("; what it had done is kept in {output}"));
        console.warn(&format!(
            "{}: its last run was cut off (Penny was ended in the middle of it){}",
            crashed.notebook,
            kept.unwrap_or_default()
        ));
    }
    Ok(())
}
