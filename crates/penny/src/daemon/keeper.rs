//! Keeps what the syncs stand on: opened for the first, kept for the next, renewed when it changed or died.
//!
//! It is an actor of its own: installing a library may take minutes, in which the dispatcher goes on.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::config::Entry;
use crate::error::{Error, Result};
use crate::run::{Equipment, Equipped};
use crate::workspace::Workspace;

/// So many notebooks at most are looked at for what their kernels import.
const LOOKED_AT_MAX: usize = 64;
/// So many syncs may wait for what they stand on.
const WAITING_MAX: usize = 64;
/// How long letting everything go may take when Penny is to end.
const CLOSE_MAX: Duration = Duration::from_secs(3);

/// The one who keeps it.
pub struct Keeper {
    asker: Asker,
    keeping: JoinHandle<()>,
}

/// The way to ask for it.
#[derive(Clone)]
pub struct Asker {
    ask: mpsc::Sender<Wanted>,
}

struct Wanted {
    workspace: Arc<Workspace>,
    due: Vec<Entry>,
    answer: oneshot::Sender<Result<Equipped>>,
}

impl Keeper {
    /// Nothing is opened before the first sync asks.
    pub fn new(equipment: Equipment) -> Keeper {
        let (ask, asked) = mpsc::channel(WAITING_MAX);
        let keeping = tokio::spawn(keep(equipment, asked));
        Keeper { asker: Asker { ask }, keeping }
    }

    /// The way to ask for it.
    pub fn asker(&self) -> Asker {
        self.asker.clone()
    }

    /// Lets everything go; the syncs have ended before.
    pub async fn close(self) {
        drop(self.asker);
        if tokio::time::timeout(CLOSE_MAX, self.keeping).await.is_err() {
            tracing::warn!(
                "PostgreSQL or a template takes long to end: it ends without being waited for"
            );
        }
    }
}

impl Asker {
    /// What a sync of these notebooks stands on.
    ///
    /// # Errors
    /// There is no Python; `.env` cannot be understood; Penny is ending.
    pub async fn equip<'e>(
        &self,
        workspace: &Arc<Workspace>,
        entries: impl Iterator<Item = &'e Entry>,
    ) -> Result<Equipped> {
        let (answer, answered) = oneshot::channel();
        let due = entries.take(LOOKED_AT_MAX).cloned().collect();
        let wanted = Wanted { workspace: Arc::clone(workspace), due, answer };
        self.ask.send(wanted).await.map_err(|_| Error::interrupted())?;
        answered.await.map_err(|_| Error::interrupted())?
    }
}

async fn keep(mut equipment: Equipment, mut asked: mpsc::Receiver<Wanted>) {
    let mut known: Option<Arc<Workspace>> = None;
    while let Some(Wanted { workspace, mut due, answer }) = asked.recv().await {
        // Of a workspace that is new, the others' imports are learned, too: their kernels come next.
        if !known.as_ref().is_some_and(|known| Arc::ptr_eq(known, &workspace)) {
            let others = workspace.config.notebooks.iter().take(LOOKED_AT_MAX);
            let others: Vec<Entry> =
                others.filter(|e| !due.iter().any(|d| d.name == e.name)).cloned().collect();
            due.extend(others);
            known = Some(Arc::clone(&workspace));
        }
        let equipped = equipment.ready(&workspace, &due).await;
        // Who asked may have been stopped meanwhile.
        let _ = answer.send(equipped);
    }
    equipment.close().await;
}
