//! Runs: one sync passes over its notebooks, and each run becomes a record.
//!
//! A failing notebook is an outcome, never an error of Penny's: the next one runs.

mod asking;
mod by_hand;
mod cancelling;
mod causes;
mod cells;
mod choice;
mod endings;
mod equipment;
mod execution;
mod follow;
mod gateway;
mod kernels;
mod lines;
mod lock;
mod messages;
mod needs;
mod one;
mod order;
mod output;
mod parallel;
mod patience;
mod record;
mod retry;
mod seats;
mod templates;
mod variables;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use penny_kernel::Ended;
use penny_schedule::Retry;

use crate::clock::Clock;
use crate::config::Entry;
use crate::console::{self, Console, Line, Summary};
use crate::error::Result;
use crate::stop::Stop;
use crate::store::{Outcome, RunId, Skip, Store, SyncId, Trigger};
use crate::workspace::Workspace;
use order::Order;

pub use asking::{Asking, is_masked, shown as shown_parameters, unknown_to, unknown_to_all};
pub use by_hand::{ByHand, sync, tell_crashed};
pub use cancelling::{Cancelled, Cancelling};
pub use causes::Passing;
pub use cells::{Break, Cells, PassedLimit, TimeLimits, Watch, now};
pub use choice::{kernelspec, kernelspec_named};
pub use endings::Endings;
pub use equipment::{Equipment, Equipped, Rigour};
pub use execution::{Execute, Executed, execute};
pub use follow::{Alone, Follow, RunBegins};
pub use kernels::{Begun, Kernels, Origin};
pub use lines::{cancelled_before_turn, ended_before};
pub use lock::{Holder, SERVICE, SyncLock};
pub use messages::{cell_name, ended, line_at_fault, raised};
pub use output::{Output, Saving};
pub use parallel::limit as parallel_limit;
pub use retry::{Again, again};
pub use seats::{Seat, Seats};
pub use variables::KernelVariables;

/// How many kernels are started ahead of the notebooks that will need them.
const AHEAD: usize = 2;

/// Everything that the runs of one sync share.
pub struct Syncing {
    /// The workspace as it was when the sync began.
    pub workspace: Arc<Workspace>,
    /// Where progress is shown.
    pub console: Console,
    /// The wish to end.
    pub stop: Stop,
    /// The history.
    pub store: Arc<Store>,
    /// The time.
    pub clock: Clock,
    /// Where kernels come from.
    pub kernels: Kernels,
    /// The kernels that are ending.
    pub endings: Endings,
    /// How the sync, or a run of it, is cancelled.
    pub cancelling: Arc<Cancelling>,
    /// How many notebooks run at a time, in all syncs of the workspace.
    pub seats: Arc<Seats>,
    /// How often a run is tried.
    pub retry: Retry,
    /// Who follows the runs.
    pub follow: Arc<dyn Follow>,
    /// How long it may wait for a history that cannot be written at the moment.
    pub patience: Duration,
    /// The sync.
    pub occasion: Occasion,
}

/// One notebook's part in a sync.
#[derive(Clone)]
pub struct Turn {
    /// The notebook.
    pub entry: Entry,
    /// Why it runs.
    pub trigger: Trigger,
    /// The due time that its run accounts for, for one that a schedule began.
    pub due: Option<Timestamp>,
    /// What was asked for, when somebody asked.
    pub asked: Option<Arc<Asking>>,
}

/// One sync in the history: which, and why.
#[derive(Clone, Copy, Debug)]
pub struct Occasion {
    /// Its number.
    pub sync: SyncId,
    /// Why it began.
    pub trigger: Trigger,
    /// When it began.
    pub begun: Instant,
    /// How long all of it may take.
    pub limit: Option<Duration>,
}

impl Occasion {
    /// When the sync has to have ended, and how long it may take.
    fn deadline(&self) -> Option<(Instant, Duration)> {
        self.limit.map(|limit| (self.begun + limit, limit))
    }
}

/// Why the notebooks whose turn has not come will not run.
#[derive(Clone)]
enum Cut {
    Stopped,
    Cancelled(Arc<str>),
    TookTooLong(Duration),
}

impl Turn {
    /// Its record, should it not run.
    pub fn as_skip<'a>(&'a self, why: &'a str) -> Skip<'a> {
        let Turn { entry, trigger, due, .. } = self;
        let (trigger, due) = (*trigger, *due);
        Skip { notebook: &entry.name, file: &entry.file_text, trigger, due, why }
    }
}

impl Syncing {
    /// Runs the notebooks, some at a time; their kernels are gone when this is back.
    ///
    /// # Errors
    /// The history cannot be written. A notebook's failure is in the summary.
    pub async fn run(&self, turns: &[Turn]) -> Result<Summary> {
        let summary = self.pass(turns).await;
        self.kernels.end().await;
        self.note(self.endings.all().await);
        summary
    }

    async fn pass(&self, turns: &[Turn]) -> Result<Summary> {
        let Occasion { sync, trigger, begun, .. } = self.occasion;
        tracing::info!(
            "sync {sync} ({}): {}, {} at a time",
            trigger.word(),
            console::count(turns.len(), "notebook"),
            self.seats.limit()
        );
        let lines = self.dispatch(turns).await?;
        let outputs = self.workspace.shown(&self.workspace.outputs());
        let summary = Summary { lines, elapsed: begun.elapsed(), outputs };
        let is_ended = self.stop.is_asked() || self.cancelling.by().is_some();
        let outcome = match (is_ended, summary.failures()) {
            (true, _) => Outcome::Cancelled,
            (false, 0) => Outcome::Succeeded,
            _ => Outcome::Failed,
        };
        self.written(|| self.store.end_sync(sync, outcome, self.clock.wall())).await?;
        tracing::info!("sync {sync} ended: {}", summary.totals());
        Ok(summary)
    }

    /// Starts each notebook when its turn has come; answers their lines in the order of penny.toml.
    async fn dispatch(&self, turns: &[Turn]) -> Result<Vec<Line>> {
        let mut order = Order::new(turns.iter().map(|turn| &turn.entry));
        let mut lines: Vec<Option<Line>> = turns.iter().map(|_| None).collect();
        let mut running = FuturesUnordered::new();
        let mut cut = None;
        loop {
            while let Some((place, before)) = order.skipped() {
                lines[place] = Some(self.fell(&turns[place], &turns[before].entry).await?);
            }
            cut = cut
                .or_else(|| self.stop.is_asked().then_some(Cut::Stopped))
                .or_else(|| self.cancelling.by().map(Cut::Cancelled));
            let goes_on = cut.is_none() && order.is_ready();
            if cut.is_none() {
                // What comes next is got ready while those that were started run.
                for place in order.upcoming(AHEAD) {
                    self.kernels.prepare(&turns[place].entry);
                }
            }
            if !goes_on && running.is_empty() {
                break;
            }
            tokio::select! {
                seat = self.seats.take(), if goes_on => {
                    let place = order.start().expect("one was ready");
                    let run = self.one(&turns[place], place + 1, turns.len(), seat);
                    running.push(async move { (place, run.await) });
                }
                Some((place, line)) = running.next(), if !running.is_empty() => {
                    let line = line?;
                    order.ended(place, line.outcome == Outcome::Succeeded);
                    lines[place] = Some(line);
                    self.note(self.endings.ended());
                }
                () = self.stop.asked(), if cut.is_none() => {}
                () = self.cancelling.asked(), if cut.is_none() => {}
                limit = self.took_too_long(), if cut.is_none() => cut = Some(Cut::TookTooLong(limit)),
            }
        }
        self.whole(turns, lines, cut).await
    }

    /// The lines of all, once those whose turn did not come are in the history, too.
    async fn whole(
        &self,
        turns: &[Turn],
        mut lines: Vec<Option<Line>>,
        cut: Option<Cut>,
    ) -> Result<Vec<Line>> {
        let why = match cut {
            Some(Cut::TookTooLong(limit)) => format!(
                "the whole sync took longer than its limit, {}, before its turn came",
                console::duration(limit)
            ),
            Some(Cut::Cancelled(by)) => lines::cancelled_before_turn(&by),
            _ => "Penny was stopped before its turn".to_owned(),
        };
        let left: Vec<usize> = (0..turns.len()).filter(|&place| lines[place].is_none()).collect();
        let skips: Vec<Skip<'_>> = left.iter().map(|&place| turns[place].as_skip(&why)).collect();
        let runs = self.record_skipped(&skips).await?;
        for (place, run) in left.into_iter().zip(runs) {
            let line = lines::skipped(&turns[place].entry, &why);
            messages::log(&line);
            self.follow.run_ended(run, &line);
            lines[place] = Some(line);
        }
        Ok(lines.into_iter().flatten().collect())
    }

    /// A notebook whose turn does not come since one before it did not succeed: that is in the history.
    async fn fell(&self, turn: &Turn, before: &Entry) -> Result<Line> {
        self.kernels.forget(&turn.entry);
        let why = format!("it comes after `{}`, which did not succeed", before.name);
        let skips = [turn.as_skip(&why)];
        let runs = self.record_skipped(&skips).await?;
        let line = lines::skipped(&turn.entry, &why);
        self.console.say(&messages::ended(&line));
        messages::log(&line);
        runs.into_iter().for_each(|run| self.follow.run_ended(run, &line));
        Ok(line)
    }

    async fn record_skipped(&self, skips: &[Skip<'_>]) -> Result<Vec<RunId>> {
        let sync = Some(self.occasion.sync);
        self.written(|| self.store.record_skipped(sync, skips, self.clock.wall())).await
    }

    async fn took_too_long(&self) -> Duration {
        match self.occasion.deadline() {
            Some((at, limit)) => {
                tokio::time::sleep_until(at.into()).await;
                limit
            }
            None => std::future::pending().await,
        }
    }

    /// What is known of kernels once they have ended, in the history. That is nice to know and no more.
    fn note(&self, ended: Vec<(RunId, Ended)>) {
        for (run, ended) in ended {
            if let Some(bytes) = ended.peak_memory_bytes
                && let Err(e) = self.store.set_peak_memory(run, bytes)
            {
                tracing::warn!("the memory that a run used could not be noted: {}", e.sentence());
            }
        }
    }
}
