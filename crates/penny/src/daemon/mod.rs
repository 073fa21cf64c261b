//! The service, `penny start`: runs what is due, when it is due, until it is stopped.
//!
//! The dispatcher owns all live state. It tells the timetable what has happened, and does what that says: starts
//! syncs, and writes down what came to no run. Syncs are tasks of the runtime that report back; nothing else starts one.

mod around;
mod ask;
mod bell;
mod board;
mod coming;
mod dispatch;
mod files;
mod keeper;
mod outcome;
mod plan;
mod presence;
mod reload;
mod requests;
pub mod state;
mod status;
mod stopping;
mod syncs;
mod tries;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use penny_schedule::{Action, Event, Now, Timetable};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::console::Console;
use crate::database::{Settings, has_own, wish_up};
use crate::error::Result;
use crate::log::{self, Format};
use crate::platform;
use crate::run::{
    Cancelling, Equipment, Rigour, SERVICE, Seats, SyncLock, parallel_limit, tell_crashed,
};
use crate::stop::{Stop, Wish};
use crate::store::{Store, SyncId};
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

pub use ask::{ask, ask_to_cancel};
pub use bell::ring;
pub use coming::{Coming, coming, following, next_times};
pub use status::{Standing, Status, live_state, status};

use around::Around;
use bell::Bell;
use board::Board;
use files::{Files, Known};
use keeper::Keeper;
use presence::Presence;
use requests::{Begins, Wanted};
use state::State;
use syncs::SyncOver;

/// The dispatcher looks around at least this often: at what others wrote into the history, and at the time.
const LOOK: Duration = Duration::from_millis(250);

/// What `penny start` needs.
pub struct Service {
    /// The system around.
    pub surroundings: Surroundings,
    /// The wish to end.
    pub stop: Stop,
    /// How the log's lines look.
    pub log_format: Format,
}

/// Runs the service until it is asked to end: by whom.
///
/// # Errors
/// Another process works in the workspace; penny.toml or `.env` is wrong; the history cannot be written.
pub async fn serve(service: Service, workspace: Workspace) -> Result<Wish> {
    let console = Console::log();
    check(&workspace)?;
    let lock = SyncLock::take(&workspace, SERVICE, &console, &service.stop);
    let _lock = service.stop.or(lock).await?;
    // What was saved while that was waited for counts, and the passwords that .env lacked are known for the secrets
    // they are. What is saved from here on differs from what is known of the files, and is read by the watch.
    let known = Known::of(plan::settings(&workspace));
    let workspace = Workspace::open(&workspace.root, &service.surroundings)?;
    check(&workspace)?;
    if let Err(error) = log::open(&workspace.log(), service.log_format, workspace.secrets.clone()) {
        // A full disk must not keep the service from its work; the log begins as soon as it can.
        console.warn(&error.sentence());
    }
    let store = Arc::new(Store::open(&workspace.history())?);
    let clock = Clock::new(&service.surroundings);
    tell_crashed(&store, &clock, &console)?;
    let workspace = Arc::new(workspace);
    Daemon::new(service, workspace, known, store, clock, console).await?.run().await
}

/// What is wrong in penny.toml or `.env` is said before anything begins. The passwords that `.env` lacks are made.
fn check(workspace: &Workspace) -> Result<()> {
    workspace.config.select(&[])?;
    crate::web::access::check(workspace)?;
    Settings::of(workspace).map(drop)
}

/// The dispatcher.
struct Daemon {
    surroundings: Arc<Surroundings>,
    console: Console,
    stop: Stop,
    store: Arc<Store>,
    clock: Clock,
    workspace: Arc<Workspace>,
    timetable: Timetable,
    /// What could not be written down yet: the history cannot be written at the moment, or something else comes
    /// before it.
    postponed: Vec<Action>,
    /// When it is tried again.
    try_again: Option<Instant>,
    keeper: Keeper,
    seats: Arc<Seats>,
    board: Arc<Board>,
    syncs: JoinSet<SyncOver>,
    /// The notebooks of each sync under way that have not ended.
    under_way: HashMap<SyncId, HashSet<String>>,
    /// The sync that each of them belongs to.
    sync_of: HashMap<String, SyncId>,
    /// What was asked for and has not begun, since a notebook of it still runs.
    requests: Vec<Wanted>,
    /// What was asked for of the sync that begins in this step.
    begins: Option<Begins>,
    /// How each sync under way is cancelled.
    cancelling: HashMap<SyncId, Arc<Cancelling>>,
    files: Files,
    bell: Bell,
    presence: Presence,
    state: watch::Sender<State>,
    around: Around,
    /// Whether a sync ended without being able to write that down.
    left_open: bool,
    /// When it looks around next, however much else there is to do.
    look_at: Instant,
}

/// What the dispatcher wakes up for.
enum News {
    Stop,
    SyncOver(SyncOver),
    RunsOver,
    Files(files::News),
    Time,
}

impl Daemon {
    async fn new(
        service: Service,
        workspace: Arc<Workspace>,
        known: Known,
        store: Arc<Store>,
        clock: Clock,
        console: Console,
    ) -> Result<Daemon> {
        let surroundings = Arc::new(service.surroundings);
        let now = Now { wall: clock.wall(), running: clock.running() };
        let mut dues = store.last_dues()?;
        let listed = plan::listed(&workspace).into_iter();
        let listed = listed.map(|(name, rules)| (dues.remove(&name), name, rules));
        let listed = listed.map(|(due, name, rules)| (name, rules, due)).collect();
        let mut timetable = Timetable::new(listed, now);
        timetable.recount(&store.counted_from()?);
        let equipment = Equipment::new(
            Arc::clone(&surroundings),
            console.clone(),
            service.stop.clone(),
            Rigour::Lenient,
        );
        let mut state = State::new(platform::host_name().unwrap_or_default(), now.wall);
        state.notebooks = workspace.config.notebooks.len();
        Ok(Daemon {
            timetable,
            keeper: Keeper::new(equipment, console.clone()),
            seats: Seats::new(parallel_limit(&workspace.config.execution)),
            board: Arc::new(Board::new(clock.clone())),
            files: Files::watch(plan::watched(&workspace), known),
            bell: Bell::hang(&workspace).await,
            presence: Presence::new(&workspace),
            around: Around::default(),
            state: watch::Sender::new(state),
            syncs: JoinSet::new(),
            under_way: HashMap::new(),
            sync_of: HashMap::new(),
            requests: Vec::new(),
            begins: None,
            cancelling: HashMap::new(),
            postponed: Vec::new(),
            try_again: None,
            left_open: false,
            look_at: Instant::now(),
            stop: service.stop,
            surroundings,
            console,
            store,
            clock,
            workspace,
        })
    }

    async fn run(mut self) -> Result<Wish> {
        self.console.say(&self.greeting());
        tracing::info!("penny start: {}", self.greeting());
        self.around = Around::start(
            &self.workspace,
            &self.surroundings,
            &self.clock,
            &self.state.subscribe(),
            &self.console,
        )
        .await;
        let dashboard = self.around.dashboard();
        self.state.send_modify(|state| state.dashboard = dashboard);
        self.take_pauses();
        // Asked of the service before this one, by who may still wait: done now, and not at an odd moment later.
        self.take_requests();
        self.step(Event::Begin);
        self.host();
        self.publish(true);
        loop {
            match self.next().await {
                News::Stop => break,
                News::SyncOver(over) => self.sync_over(over),
                News::RunsOver => self.runs_over(),
                News::Files(files::News::Settings) => self.reload(),
                News::Files(files::News::Notebooks(names)) => self.step(Event::Changed(names)),
                News::Time => {
                    self.look();
                    self.look_at = Instant::now() + LOOK;
                }
            }
            self.publish(false);
        }
        let wish = self.stop.wish().unwrap_or(Wish::System);
        self.end(wish).await;
        Ok(wish)
    }

    /// Whoever reads the tables finds Penny's own PostgreSQL before the first sync, too; one that begins now
    /// sees to that. Should it end before it comes to that, the server is missed, whatever the user wished before
    /// this start.
    fn host(&self) {
        match has_own(&self.workspace) {
            Ok(true) if self.syncs.is_empty() => self.keeper.host(&self.workspace),
            Ok(true) => wish_up(&self.workspace),
            Ok(false) => {}
            Err(e) => tracing::warn!("{}", e.sentence()),
        }
    }

    /// What comes next.
    async fn next(&mut self) -> News {
        let Daemon { stop, syncs, board, files, timetable, clock, look_at, bell, .. } = self;
        let now = Now { wall: clock.wall(), running: clock.running() };
        let due = Instant::now() + timetable.wake(now).unwrap_or(LOOK);
        let time = tokio::time::sleep_until(due.min(*look_at).into());
        tokio::select! {
            biased;
            () = stop.asked() => News::Stop,
            () = time => News::Time,
            () = bell.rung() => News::Time,
            () = board.news() => News::RunsOver,
            Some(over) = syncs.join_next() => News::SyncOver(syncs::over(over)),
            news = files.next() => News::Files(news),
        }
    }

    fn now(&self) -> Now {
        Now { wall: self.clock.wall(), running: self.clock.running() }
    }
}
