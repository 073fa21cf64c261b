//! The syncs of the service: begun by the dispatcher, done beside it, and taken note of when they are over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use penny_schedule::{Event, Retry};
use tokio::task::JoinError;

use super::Daemon;
use super::board::Board;
use super::keeper::Asker;
use super::outcome::trigger_of;
use super::state;
use crate::clock::Clock;
use crate::console::{self, Console, Summary};
use crate::error::{Error, Kind, Result};
use crate::retention;
use crate::run::{self, Cancelling, Endings, Kernels, Occasion, Seats, Syncing, parallel_limit};
use crate::stop::Stop;
use crate::store::{Outcome, RunEnd, RunStart, Skip, Store, SyncId, SyncStart, Trigger};
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// A history that cannot be written is waited for: nothing that ran may be lost.
const PATIENCE: Duration = Duration::from_secs(600);

/// A sync that is over.
pub struct SyncOver {
    /// Which; none when its task panicked.
    pub sync: Option<SyncId>,
    /// What it came to.
    pub result: Result<Summary>,
    /// What could not be opened for it.
    pub trouble: Option<String>,
}

/// What a task answers, whole also when it panicked.
pub fn over(joined: Result<SyncOver, JoinError>) -> SyncOver {
    match joined {
        Ok(over) => over,
        Err(e) => SyncOver {
            sync: None,
            result: Err(Error::missing("a sync was broken off by a mistake of Penny's").because(e)),
            trouble: None,
        },
    }
}

/// A sync about to begin.
struct Beginning {
    workspace: Arc<Workspace>,
    surroundings: Arc<Surroundings>,
    console: Console,
    stop: Stop,
    store: Arc<Store>,
    clock: Clock,
    cancelling: Arc<Cancelling>,
    seats: Arc<Seats>,
    board: Arc<Board>,
    asker: Asker,
    retry: Retry,
    occasion: Occasion,
    turns: Vec<run::Turn>,
}

impl Daemon {
    /// Writes that a sync begins, and lets it go its way.
    pub(super) fn begin_sync(
        &mut self,
        turns: &[&penny_schedule::Turn],
        trigger: Trigger,
        due: Option<Timestamp>,
    ) -> Result<()> {
        let start = SyncStart { trigger, due, at: self.clock.wall() };
        let sync = match &self.begins {
            Some(begins) => {
                let asked = begins.asking().told(&self.workspace.secrets);
                self.store.begin_asked_sync(&start, &asked)?
            }
            None => self.store.begin_sync(&start)?,
        };
        let turns: Vec<run::Turn> = turns.iter().filter_map(|turn| self.turn(turn)).collect();
        for turn in &turns {
            self.sync_of.insert(turn.entry.name.clone(), sync);
        }
        let names = turns.iter().map(|turn| turn.entry.name.clone()).collect();
        self.under_way.insert(sync, names);
        if self.syncs.is_empty() {
            // As many at a time as there is memory for at present.
            self.seats.allow(parallel_limit(&self.workspace.config.execution));
        }
        self.console.say(&self.begins(sync, &turns, trigger, due));
        let limit = Some(self.workspace.config.limits.sync);
        let cancelling = Arc::<Cancelling>::default();
        self.cancelling.insert(sync, Arc::clone(&cancelling));
        let beginning = Beginning {
            workspace: Arc::clone(&self.workspace),
            surroundings: Arc::clone(&self.surroundings),
            console: self.console.clone(),
            stop: self.stop.clone(),
            store: Arc::clone(&self.store),
            clock: self.clock.clone(),
            cancelling,
            seats: Arc::clone(&self.seats),
            board: Arc::clone(&self.board),
            asker: self.keeper.asker(),
            retry: self.workspace.config.retry,
            occasion: Occasion { sync, trigger, begun: Instant::now(), limit },
            turns,
        };
        self.syncs.spawn(beginning.run());
        Ok(())
    }

    fn turn(&self, turn: &penny_schedule::Turn) -> Option<run::Turn> {
        let entry = self.entry(&turn.notebook)?.clone();
        let begins = self.begins.as_ref();
        let asked = begins.and_then(|begins| begins.asked_of(&turn.notebook)).cloned();
        Some(run::Turn { entry, trigger: trigger_of(turn.trigger), due: turn.due, asked })
    }

    /// Runs have ended: their notebooks may run again.
    pub(super) fn runs_over(&mut self) {
        let names = self.board.take_over();
        for name in &names {
            if let Some(sync) = self.sync_of.remove(name)
                && let Some(left) = self.under_way.get_mut(&sync)
            {
                left.remove(name);
            }
        }
        if !names.is_empty() {
            self.step(Event::Ended(names));
            self.around.run_ended();
            self.answer_requests();
        }
    }

    /// A sync is over.
    pub(super) fn sync_over(&mut self, over: SyncOver) {
        self.runs_over();
        let Some(sync) = over.sync else {
            return self.sync_broke(over);
        };
        self.cancelling.remove(&sync);
        let left = self.under_way.remove(&sync).unwrap_or_default();
        self.state.send_modify(|state| state.trouble = over.trouble);
        match over.result {
            Ok(summary) => self.tell_over(sync, &summary),
            Err(e) => {
                self.left_open = true;
                self.console.error(&e);
                tracing::error!("sync {sync} was broken off: {}", e.sentence());
            }
        }
        let left: Vec<String> = left.into_iter().collect();
        for name in &left {
            self.sync_of.remove(name);
        }
        self.step(Event::Ended(left));
        self.around.run_ended();
        self.answer_requests();
        self.close_what_was_left_open();
    }

    fn tell_over(&mut self, sync: SyncId, summary: &Summary) {
        let at = self.clock.wall();
        let (succeeded, failed) = (summary.count(Outcome::Succeeded), summary.failures());
        self.state.send_modify(|state| {
            state.last_sync = Some(state::Ended { sync, at, succeeded, failed });
        });
        let passed = console::duration(summary.elapsed);
        let next = self.next_in_words().map(|next| format!("; {next}")).unwrap_or_default();
        self.console.say(&format!("sync {sync} ended in {passed}: {}{next}", summary.totals()));
    }

    /// A sync's task ended without a word. Which it was is told by what no other one is left of.
    fn sync_broke(&mut self, over: SyncOver) {
        if let Err(e) = &over.result {
            self.console.error(e);
            tracing::error!("{}", e.sentence());
        }
        self.left_open = true;
        if self.syncs.is_empty() {
            let left: Vec<String> = self.sync_of.drain().map(|(name, _)| name).collect();
            self.under_way.clear();
            self.cancelling.clear();
            self.step(Event::Ended(left));
            self.close_what_was_left_open();
        }
    }

    /// Marks runs whose end could not be written, once nothing is under way and the history can be written.
    pub(super) fn close_what_was_left_open(&mut self) {
        if !self.left_open || !self.syncs.is_empty() {
            return;
        }
        match self.store.mark_crashed(self.clock.wall()) {
            Ok(_) => self.left_open = false,
            Err(_) => self.try_again = Some(Instant::now() + Duration::from_secs(5)),
        }
    }
}

impl Beginning {
    async fn run(self) -> SyncOver {
        let sync = self.occasion.sync;
        let entries = self.turns.iter().map(|turn| &turn.entry);
        let equipped = tokio::select! {
            equipped = self.asker.equip(&self.workspace, entries) => equipped,
            () = self.cancelling.asked() => Err(Error::interrupted()),
        };
        let (result, trouble) = match equipped {
            Ok(equipped) => {
                let trouble = equipped.trouble().map(str::to_owned);
                let kernels = Kernels::new(
                    Arc::clone(&self.workspace),
                    Arc::clone(&self.surroundings),
                    equipped,
                );
                let (turns, syncing) = self.with(kernels);
                let summary = syncing.run(&turns).await;
                retention::after_sync(&syncing.workspace, &syncing.store, &syncing.clock).await;
                (summary, trouble)
            }
            Err(e) => {
                let is_trouble = e.kind() != Kind::Interrupted;
                (self.fails(&e), is_trouble.then(|| e.sentence()))
            }
        };
        SyncOver { sync: Some(sync), result, trouble }
    }

    fn with(self, kernels: Kernels) -> (Vec<run::Turn>, Syncing) {
        let syncing = Syncing {
            workspace: self.workspace,
            console: self.console,
            stop: self.stop,
            store: self.store,
            clock: self.clock,
            kernels,
            endings: Endings::default(),
            cancelling: self.cancelling,
            seats: self.seats,
            retry: self.retry,
            follow: self.board,
            patience: PATIENCE,
            occasion: self.occasion,
        };
        (self.turns, syncing)
    }

    /// Nothing can run: each notebook has failed of that, or was stopped before its turn.
    fn fails(&self, error: &Error) -> Result<Summary> {
        let stopped = error.kind() == Kind::Interrupted;
        let at = self.clock.wall();
        if stopped {
            let why = match self.cancelling.by() {
                Some(by) => run::cancelled_before_turn(&by),
                None => "Penny was stopped before its turn".to_owned(),
            };
            let skips: Vec<Skip<'_>> = self.turns.iter().map(|turn| turn.as_skip(&why)).collect();
            self.store.record_skipped(Some(self.occasion.sync), &skips, at)?;
        } else {
            self.console.error(error);
            tracing::error!("{}", error.sentence());
            self.turns.iter().try_for_each(|turn| self.fail(turn, error))?;
        }
        let outcome = if stopped { Outcome::Cancelled } else { Outcome::Failed };
        self.store.end_sync(self.occasion.sync, outcome, self.clock.wall())?;
        let line = |turn: &run::Turn| run::ended_before(&turn.entry, stopped, error);
        let lines = self.turns.iter().map(line).collect();
        let outputs = self.workspace.shown(&self.workspace.outputs());
        Ok(Summary { lines, elapsed: self.occasion.begun.elapsed(), outputs })
    }

    fn fail(&self, turn: &run::Turn, error: &Error) -> Result<()> {
        let started = self.clock.wall();
        let run = self.store.begin_run(&RunStart {
            sync: self.occasion.sync,
            notebook: &turn.entry.name,
            file: &turn.entry.file_text,
            trigger: turn.trigger,
            due: turn.due,
            source_hash: "",
            token: None,
            started,
        })?;
        let line = run::ended_before(&turn.entry, false, error);
        let text = line.error.as_deref().map(|e| self.workspace.secrets.mask(e));
        self.store.end_run(
            run,
            &RunEnd {
                outcome: Outcome::Failed,
                error: text.as_deref(),
                output: None,
                output_seal: None,
                cells: 0,
                cells_run: 0,
                timings: &[],
                attempts: 0,
                warnings: &[],
                kernel_start: None,
                masked: 0,
                ended: self.clock.wall(),
            },
        )
    }
}
