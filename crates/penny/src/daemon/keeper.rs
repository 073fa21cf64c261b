//! Keeps what the syncs stand on: opened for the first, kept for the next, renewed when it changed or died.
//!
//! It is an actor of its own: installing a library may take minutes, in which the dispatcher goes on. Penny's own
//! PostgreSQL is also opened without a sync: after a restart of the computer Power BI reads what was published before.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::config::Entry;
use crate::console::Console;
use crate::error::{Error, Kind, Result};
use crate::run::{Equipment, Equipped};
use crate::workspace::Workspace;

/// So many notebooks at most are looked at for what their kernels import.
const LOOKED_AT_MAX: usize = 64;
/// So many syncs may wait for what they stand on.
const WAITING_MAX: usize = 64;
/// How long letting everything go may take when Penny is to end.
const CLOSE_MAX: Duration = Duration::from_secs(3);
/// A PostgreSQL that does not start is tried again after this, and then after longer and longer.
const AGAIN_MIN: Duration = Duration::from_secs(5);
const AGAIN_MAX: Duration = Duration::from_secs(300);

/// The one who keeps it.
pub struct Keeper {
    asker: Asker,
    starts: watch::Sender<bool>,
    keeping: JoinHandle<()>,
}

/// The way to ask for it.
#[derive(Clone)]
pub struct Asker {
    ask: mpsc::Sender<Wanted>,
}

enum Wanted {
    /// What a sync stands on.
    Sync { workspace: Arc<Workspace>, due: Vec<Entry>, answer: oneshot::Sender<Result<Equipped>> },
    /// Penny's own PostgreSQL.
    Postgresql(Arc<Workspace>),
}

impl Keeper {
    /// Nothing is opened before the first sync asks.
    pub fn new(equipment: Equipment, console: Console) -> Keeper {
        let (ask, asked) = mpsc::channel(WAITING_MAX);
        let starts = watch::Sender::new(false);
        let kept = Kept { equipment, console, known: None, hosting: None, starts: starts.clone() };
        let keeping = tokio::spawn(kept.keep(asked));
        Keeper { asker: Asker { ask }, starts, keeping }
    }

    /// Starts Penny's own PostgreSQL. It is tried until it is there, or a sync begins, which tells what it lacks.
    pub fn host(&self, workspace: &Arc<Workspace>) {
        // Where so many syncs wait already, one of them sees to it.
        let asked = self.asker.ask.try_send(Wanted::Postgresql(Arc::clone(workspace)));
        self.starts.send_replace(asked.is_ok());
    }

    /// Whether that is being done for the first time.
    pub fn starts_postgresql(&self) -> bool {
        *self.starts.borrow()
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
        let wanted = Wanted::Sync { workspace: Arc::clone(workspace), due, answer };
        self.ask.send(wanted).await.map_err(|_| Error::interrupted())?;
        answered.await.map_err(|_| Error::interrupted())?
    }
}

/// What is kept.
struct Kept {
    equipment: Equipment,
    console: Console,
    /// The workspace whose notebooks' imports are known.
    known: Option<Arc<Workspace>>,
    hosting: Option<Hosting>,
    /// Whether Penny's own PostgreSQL is tried for the first time.
    starts: watch::Sender<bool>,
}

/// Penny's own PostgreSQL, wanted before any sync.
struct Hosting {
    workspace: Arc<Workspace>,
    /// When it is tried.
    at: Instant,
    /// How long it was waited for that; nothing at the first try.
    pause: Option<Duration>,
}

impl Kept {
    async fn keep(mut self, mut asked: mpsc::Receiver<Wanted>) {
        loop {
            tokio::select! {
                biased;
                wanted = asked.recv() => match wanted {
                    Some(Wanted::Sync { workspace, due, answer }) => {
                        let equipped = self.equip(workspace, due).await;
                        // Who asked may have been stopped meanwhile.
                        let _ = answer.send(equipped);
                    }
                    Some(Wanted::Postgresql(workspace)) => {
                        self.hosting = Some(Hosting { workspace, at: Instant::now(), pause: None });
                    }
                    None => break,
                },
                () = due(self.hosting.as_ref()) => self.host().await,
            }
        }
        self.equipment.close().await;
    }

    async fn equip(&mut self, workspace: Arc<Workspace>, mut due: Vec<Entry>) -> Result<Equipped> {
        self.hosting = None;
        self.starts.send_replace(false);
        // Of a workspace that is new, the others' imports are learned, too: their kernels come next.
        if !self.known.as_ref().is_some_and(|known| Arc::ptr_eq(known, &workspace)) {
            let others = workspace.config.notebooks.iter().take(LOOKED_AT_MAX);
            let others: Vec<Entry> =
                others.filter(|e| !due.iter().any(|d| d.name == e.name)).cloned().collect();
            due.extend(others);
            self.known = Some(Arc::clone(&workspace));
        }
        self.equipment.ready(&workspace, &due).await
    }

    /// Starts Penny's own PostgreSQL, or finds when to try again; why it does not start is told once.
    async fn host(&mut self) {
        let Some(Hosting { workspace, pause, .. }) = self.hosting.take() else { return };
        let hosted = self.equipment.host(&workspace).await;
        self.starts.send_replace(false);
        let Err(error) = hosted else { return };
        if error.kind() == Kind::Interrupted {
            return;
        }
        if pause.is_none() {
            self.console.error(&error);
            tracing::error!("{}", error.sentence());
        }
        let pause = pause.map_or(AGAIN_MIN, |pause| (pause * 2).min(AGAIN_MAX));
        self.hosting = Some(Hosting { workspace, at: Instant::now() + pause, pause: Some(pause) });
    }
}

/// Comes back when it is time to try.
async fn due(hosting: Option<&Hosting>) {
    match hosting {
        Some(hosting) => tokio::time::sleep_until(hosting.at).await,
        None => std::future::pending().await,
    }
}
