//! Alerts: who is told of what went wrong, once, and that it is over.
//!
//! They are made of what the history says, not of what the service does: whatever ends a run, and however
//! the service itself ended, the next look finds it. Each event is told once, since open events are in the
//! history too; a message that is written stays there until it is sent. Looking and sending are apart from
//! the runs, and no run ever waits for either.

mod delivery;
mod email;
mod event;
mod ledger;
mod look;
mod message;
mod outbox;
mod phrases;
mod slack;
mod teams;
mod told;
mod webhook;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config::{Alert, AlertKind, Freshness, Secrets, Variables};
use crate::daemon::state::State;
use crate::error::Result;
use crate::platform;
use crate::store::{KeptMessage, Store};
use crate::workspace::Workspace;

use delivery::Taken;
use look::Looking;
use message::Letterhead;

pub use event::{Event, Facts};
pub use told::Told;

/// The pauses of looking and telling.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The history is looked at so often, and at once when something is said to have ended.
    pub look: Duration,
    /// Failures of a sync are gathered until its end, but for no longer than this.
    pub gather: Duration,
    /// For so long after a start, or after the computer slept, no table counts as too old: the sync
    /// that was missed comes first.
    pub grace: Duration,
    /// A message may take so long on its way, whatever the server does.
    pub sending_max: Duration,
    /// A message that could not be sent is tried again after the usual pauses, but no later than this.
    pub pause_max: Duration,
    /// What waits to be sent at the end gets so much time; the next start sends the rest.
    pub last_words: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            look: Duration::from_secs(15),
            gather: Duration::from_secs(120),
            grace: Duration::from_secs(600),
            sending_max: delivery::SENDING_MAX,
            pause_max: delivery::PAUSE_MAX,
            last_words: Duration::from_secs(2),
        }
    }
}

/// What penny.toml and `.env` say of alerts.
#[derive(Clone)]
pub struct Settings {
    alerts: Vec<Alert>,
    /// The notebooks of penny.toml.
    listed: std::collections::HashSet<String>,
    /// How old the tables of each notebook may get; those that are not listed may get any age.
    stale: std::collections::HashMap<String, Freshness>,
    variables: Variables,
    letterhead: Letterhead,
    history: PathBuf,
}

impl Settings {
    /// Those of a workspace.
    pub fn of(workspace: &Workspace) -> Settings {
        let config = &workspace.config;
        let limits = config
            .notebooks
            .iter()
            .filter_map(|entry| Some((entry.name.clone(), config.freshness(entry)?)));
        // Without an alert no message names a file.
        let told = if config.alerts.is_empty() { &[] } else { config.notebooks.as_slice() };
        let files = told.iter().map(|entry| (entry.name.clone(), entry.file_text.clone()));
        let host = platform::host_name().unwrap_or_else(|| "localhost".to_owned());
        let domain = email::Server::domain(&workspace.variables);
        Settings {
            alerts: config.alerts.clone(),
            listed: config.notebooks.iter().map(|entry| entry.name.clone()).collect(),
            stale: limits.collect(),
            variables: workspace.variables.clone(),
            letterhead: Letterhead {
                root: workspace.root.clone(),
                domain: domain.unwrap_or_else(|| "penny.localhost".to_owned()),
                host,
                zone: config.zone.clone(),
                secrets: workspace.secrets.clone(),
                files: files.collect(),
            },
            history: workspace.history(),
        }
    }

    /// What is missing in `.env`, or wrong there, for the alerts of penny.toml: a sentence each.
    pub fn troubles(&self) -> Vec<String> {
        let trouble = |alert: &Alert| {
            let trouble = delivery::check(alert, self).err()?;
            Some(format!("the alert `{}` cannot be sent: {}", alert.name, trouble.sentence))
        };
        self.alerts.iter().filter_map(trouble).collect()
    }

    fn secrets(&self) -> &Secrets {
        &self.letterhead.secrets
    }

    /// Whether messages go other ways than by these: penny.toml's alerts or `.env` are not the same.
    fn send_otherwise(&self, before: &Settings) -> bool {
        self.alerts != before.alerts
            || !self.variables.as_written().eq(before.variables.as_written())
    }

    /// The workspace's folder.
    fn root(&self) -> &Path {
        &self.letterhead.root
    }
}

/// The alerts of a running service.
pub struct Alerts {
    shared: Arc<Shared>,
    watching: JoinHandle<()>,
    sending: JoinHandle<()>,
}

/// What looking and sending share.
struct Shared {
    settings: Mutex<Arc<Settings>>,
    store: Store,
    clock: Clock,
    pace: Pace,
    /// What the service is doing.
    live: watch::Receiver<State>,
    look: Notify,
    send: Notify,
    stage: watch::Sender<Stage>,
}

/// How far the end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// It has not.
    Working,
    /// The history is looked at a last time.
    Looking,
    /// What waits is sent a last time.
    Sending,
}

impl Alerts {
    /// Begins to look and to send. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// The history cannot be opened.
    pub fn start(settings: Settings, clock: Clock, live: watch::Receiver<State>) -> Result<Alerts> {
        Alerts::at_pace(settings, clock, live, Pace::default())
    }

    /// The same with other pauses.
    ///
    /// # Errors
    /// The history cannot be opened.
    pub fn at_pace(
        settings: Settings,
        clock: Clock,
        live: watch::Receiver<State>,
        pace: Pace,
    ) -> Result<Alerts> {
        let store = Store::open(&settings.history)?;
        let shared = Arc::new(Shared {
            settings: Mutex::new(Arc::new(settings)),
            clock,
            pace,
            live,
            look: Notify::new(),
            send: Notify::new(),
            stage: watch::Sender::new(Stage::Working),
            store,
        });
        // What was told before is known before the first run ends.
        let looking = Looking::begin(&shared)?;
        let watching = tokio::spawn(watch_history(Arc::clone(&shared), looking));
        let sending = tokio::spawn(outbox::send_all(Arc::clone(&shared)));
        Ok(Alerts { shared, watching, sending })
    }

    /// A run or a sync has ended: the history is looked at now.
    pub fn run_ended(&self) {
        self.shared.look.notify_one();
    }

    /// penny.toml or `.env` has changed.
    pub fn reload(&self, settings: Settings) {
        *lock(&self.shared.settings) = Arc::new(settings);
        self.shared.look.notify_one();
        self.shared.send.notify_one();
    }

    /// Looks a last time, and sends what waits as far as that goes quickly.
    pub async fn close(self) {
        self.shared.stage.send_replace(Stage::Looking);
        let last_words = self.shared.pace.last_words;
        let mut sending = self.sending;
        // The last look is short, unless somebody holds the history.
        let _ = tokio::time::timeout(last_words, self.watching).await;
        self.shared.stage.send_replace(Stage::Sending);
        if tokio::time::timeout(last_words, &mut sending).await.is_err() {
            sending.abort();
        }
    }
}

impl Shared {
    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&lock(&self.settings))
    }

    fn is_at(&self, stage: Stage) -> bool {
        *self.stage.borrow() >= stage
    }

    /// Comes back when the end has come so far.
    async fn reached(&self, stage: Stage) {
        let mut present = self.stage.subscribe();
        let _ = present.wait_for(|present| *present >= stage).await;
    }
}

/// Looks at the history now and then, until the end, and once more then.
async fn watch_history(shared: Arc<Shared>, mut looking: Looking) {
    loop {
        let last = shared.is_at(Stage::Looking);
        let now = shared.clock.wall();
        let of_look = Arc::clone(&shared);
        // SQLite blocks its thread; the service's other work must not wait for that.
        let looked = tokio::task::spawn_blocking(move || {
            let looked = looking.look(&of_look, now, last);
            (looking, looked)
        });
        let Ok((returned, looked)) = looked.await else { return };
        looking = returned;
        match looked {
            Ok(true) => shared.send.notify_one(),
            Ok(false) => {}
            Err(error) => tracing::warn!("alerts: {}", error.sentence()),
        }
        if last {
            return;
        }
        tokio::select! {
            () = shared.look.notified() => {}
            () = tokio::time::sleep(shared.pace.look) => {}
            () = shared.reached(Stage::Looking) => {}
        }
    }
}

/// What `penny alerts` shows.
pub struct Overview {
    /// What is wrong now.
    pub events: Vec<Event>,
    /// The messages that wait to be sent.
    pub waiting: Vec<Letter>,
    /// The last messages that were sent, or given up, newest first.
    pub done: Vec<Letter>,
}

/// A message as `penny alerts` shows it.
pub struct Letter {
    /// What is known of its way.
    pub kept: KeptMessage,
    /// What it is about.
    pub subject: String,
}

/// What is wrong now, and what of it was told.
///
/// # Errors
/// The history cannot be read.
pub fn overview(store: &Store) -> Result<Overview> {
    const DONE_SHOWN: usize = 20;
    let (events, _) = store.alert_state()?;
    let letter = |kept: KeptMessage| {
        let message: Option<message::Message> = serde_json::from_str(&kept.message).ok();
        Letter { subject: message.map(|m| m.subject).unwrap_or_default(), kept }
    };
    Ok(Overview {
        events: look::events(&events),
        waiting: store.messages_waiting()?.into_iter().map(letter).collect(),
        done: store.messages_done(DONE_SHOWN)?.into_iter().map(letter).collect(),
    })
}

/// Sends a test by one alert: what the server answered, or why it did not take it.
pub async fn test(settings: &Settings, alert: &Alert, clock: &Clock) -> Result<String, String> {
    let message = settings.letterhead.test(alert, clock.wall());
    let sent = delivery::send(alert, &message, settings, delivery::SENDING_MAX).await;
    match sent {
        Ok(Taken { answer, left_out: None }) => Ok(answer),
        // The others have it, but whoever tries the way wants to know that it reaches everybody.
        Ok(Taken { left_out: Some(left_out), .. }) => Err(left_out),
        Err(refusal) => Err(refusal.sentence),
    }
}

/// The kinds of events, for whoever counts them.
pub const KINDS: [AlertKind; 4] =
    [AlertKind::Failure, AlertKind::Stale, AlertKind::Slow, AlertKind::Service];

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
