//! Keeps what the syncs stand on: opened for the first, kept for the next, renewed when it changed or died.
//!
//! It is an actor of its own: installing a library may take minutes, in which the dispatcher goes on. Penny's own
//! PostgreSQL is also opened without a sync: after a restart of the computer Power BI reads what was published before,
//! and one that ended between two syncs is brought back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::config::Entry;
use crate::console::Console;
use crate::database::{self, Settings};
use crate::error::{Error, Kind, Result};
use crate::run::{Equipment, Equipped};
use crate::workspace::Workspace;

use super::tries::Tries;

/// So many notebooks at most are looked at for what their kernels import.
const LOOKED_AT_MAX: usize = 64;
/// So many syncs may wait for what they stand on.
const WAITING_MAX: usize = 64;
/// How long letting everything go may take when Penny is to end.
const CLOSE_MAX: Duration = Duration::from_secs(3);
/// Between two looks at whether Penny's own PostgreSQL is there: each is one try at one lock.
const LOOK: Duration = Duration::from_secs(2);

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
    /// That other settings hold.
    Settings(Arc<Workspace>),
}

impl Keeper {
    /// Nothing is opened before the first sync asks.
    pub fn new(equipment: Equipment, console: Console) -> Keeper {
        let (ask, asked) = mpsc::channel(WAITING_MAX);
        let starts = watch::Sender::new(false);
        let (known, watched, at) = (None, None, None);
        let (tries, starting) = (Tries::default(), starts.clone());
        let kept = Kept { equipment, console, known, watched, at, tries, starts: starting };
        let keeping = tokio::spawn(kept.keep(asked));
        Keeper { asker: Asker { ask }, starts, keeping }
    }

    /// Starts Penny's own PostgreSQL. It is tried until it is there, or a sync begins, which tells what it lacks.
    pub fn host(&self, workspace: &Arc<Workspace>) {
        // Where so many syncs wait already, one of them sees to it.
        let asked = self.asker.ask.try_send(Wanted::Postgresql(Arc::clone(workspace)));
        self.starts.send_replace(asked.is_ok());
    }

    /// The settings are others now.
    pub fn renew(&self, workspace: &Arc<Workspace>) {
        // Where so many syncs wait already, the next of them tells.
        let _ = self.asker.ask.try_send(Wanted::Settings(Arc::clone(workspace)));
    }

    /// Whether it is being started, or brought back, for the first time.
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
    /// The workspace whose own PostgreSQL is looked after; nothing where `.env` names another.
    watched: Option<Arc<Workspace>>,
    /// When that is tried, though no sync needs it.
    at: Option<Instant>,
    tries: Tries,
    /// Whether it is tried for the first time.
    starts: watch::Sender<bool>,
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
                        database::wish_up(&workspace);
                        self.watch(workspace);
                        self.at = Some(Instant::now());
                    }
                    Some(Wanted::Settings(workspace)) => self.watch(workspace),
                    None => break,
                },
                () = due(self.at) => self.host().await,
                () = tokio::time::sleep(LOOK), if self.at.is_none() => self.look(),
            }
        }
        self.equipment.close().await;
    }

    fn watch(&mut self, workspace: Arc<Workspace>) {
        let is_own = Settings::of(&workspace).is_ok_and(|settings| settings.is_own());
        self.watched = is_own.then_some(workspace);
    }

    async fn equip(&mut self, workspace: Arc<Workspace>, mut due: Vec<Entry>) -> Result<Equipped> {
        self.at = None;
        self.starts.send_replace(false);
        self.watch(Arc::clone(&workspace));
        // Of a workspace that is new, the others' imports are learned, too: their kernels come next.
        if !self.known.as_ref().is_some_and(|known| Arc::ptr_eq(known, &workspace)) {
            let others = workspace.config.notebooks.iter().take(LOOKED_AT_MAX);
            let others: Vec<Entry> =
                others.filter(|e| !due.iter().any(|d| d.name == e.name)).cloned().collect();
            due.extend(others);
            self.known = Some(Arc::clone(&workspace));
        }
        let equipped = self.equipment.ready(&workspace, &due).await;
        match &equipped {
            Ok(equipped) if equipped.trouble().is_none() => self.is_up(),
            Ok(_) => self.tries.failed_elsewhere(),
            Err(_) => {}
        }
        equipped
    }

    /// Notices that Penny's own PostgreSQL is gone, which nobody wished.
    fn look(&mut self) {
        let Some(workspace) = &self.watched else { return };
        if self.equipment.is_ending() || !database::is_lost(workspace) {
            return;
        }
        if self.tries.lost(Instant::now()) {
            let said = "Penny's own PostgreSQL is gone: it is started again";
            self.console.warn(said);
            tracing::warn!("{said}");
            self.starts.send_replace(true);
        }
        self.at = Some(Instant::now() + self.tries.pause());
    }

    /// Starts Penny's own PostgreSQL, or finds when to try again; why it does not start is told once.
    async fn host(&mut self) {
        self.at = None;
        let Some(workspace) = self.watched.clone() else { return };
        let hosted = self.equipment.host(&workspace).await;
        self.starts.send_replace(false);
        match hosted {
            Ok(true) => self.is_up(),
            // The user stopped it meanwhile.
            Ok(false) => {}
            Err(error) if error.kind() == Kind::Interrupted => {}
            Err(error) => {
                if self.tries.failed() {
                    self.console.error(&error);
                    tracing::error!("{}", error.sentence());
                }
                self.at = Some(Instant::now() + self.tries.pause());
            }
        }
    }

    fn is_up(&mut self) {
        if self.watched.is_some() && self.tries.came_up(Instant::now()) {
            let said = "Penny's own PostgreSQL runs again";
            self.console.say(said);
            tracing::info!("{said}");
        }
    }
}

/// Comes back when it is time to try.
async fn due(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
