//! `penny run` while the service is at work: the service is asked, and its sync is followed to its end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::bell::ring;
use super::presence;
use crate::clock::Clock;
use crate::console::{Console, Line, Step, Summary};
use crate::error::{Error, Result};
use crate::run::{self, Asking, SyncLock};
use crate::stop::Stop;
use crate::store::{Answer, Asked, Outcome, Request, RequestId, RunRecord, Store, SyncId};
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// How often the history is looked at: often at first, and seldom when it has taken long already.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_millis(200);
/// A pause is this part of the time that has passed.
const PAUSE_PART: u32 = 20;
/// What has not begun by then waits for something.
const SOON: Duration = Duration::from_secs(2);
/// A service that has not even taken a request by then does not work as it should. One that was taken begins when
/// what it waits for has ended, and each sync has a limit.
const TAKEN_MAX: Duration = Duration::from_secs(60);

/// Someone who asks the service for a sync.
struct Asker<'a> {
    workspace: &'a Workspace,
    console: &'a Console,
    stop: &'a Stop,
    store: Store,
    clock: Clock,
    begun: Instant,
}

/// Asks the service that is at work to cancel a run, or a sync: the sync that it was.
///
/// # Errors
/// It is not under way any more; the service does not answer.
pub async fn ask_to_cancel(
    workspace: &Workspace,
    what: Asked,
    by: &str,
    surroundings: &Surroundings,
    console: &Console,
    stop: &Stop,
) -> Result<SyncId> {
    let store = Store::open(&workspace.history())?;
    let clock = Clock::new(surroundings);
    let begun = Instant::now();
    let asker = Asker { workspace, console, stop, store, clock, begun };
    let request = asker.store.ask(&Request {
        kind: what,
        names: Vec::new(),
        parameters: Default::default(),
        by: by.to_owned(),
        asked: asker.clock.wall(),
    })?;
    ring(&workspace.root);
    asker.answer(request).await
}

/// Asks the service that is at work for a sync of these notebooks (none: of all), and follows it to its end.
///
/// # Errors
/// The service refuses, or has ended; the user does not want to wait any longer, and the service goes on.
pub async fn ask(
    workspace: &Workspace,
    names: &[String],
    asking: Asking,
    surroundings: &Surroundings,
    console: &Console,
    stop: &Stop,
) -> Result<Summary> {
    let store = Store::open(&workspace.history())?;
    let clock = Clock::new(surroundings);
    let begun = Instant::now();
    let asker = Asker { workspace, console, stop, store, clock, begun };
    let asked = asker.clock.wall();
    let request = asker.store.ask(&Request {
        kind: asking.retry_of.map_or(Asked::Run, Asked::Retry),
        names: names.to_vec(),
        parameters: asking.parameters,
        by: asking.by,
        asked,
    })?;
    ring(&workspace.root);
    console.say("`penny start` is at work in this workspace: it is asked to do this");
    let sync = asker.answer(request).await?;
    let lines = asker.follow(sync).await?;
    Ok(Summary { lines, elapsed: begun.elapsed(), outputs: workspace.shown(&workspace.outputs()) })
}

impl Asker<'_> {
    /// The sync that the service does for it.
    async fn answer(&self, request: RequestId) -> Result<SyncId> {
        let (begun, mut told, mut looked) = (Instant::now(), false, false);
        loop {
            let served = self.is_served();
            match self.store.answer_of(request)? {
                Some(Answer::Sync(sync)) => return Ok(sync),
                Some(Answer::Refused(why)) => {
                    return Err(Error::missing(format!("`penny start` does not do it: {why}")));
                }
                None => {}
            }
            if self.pause().await.is_err() {
                if self.store.withdraw(request)? {
                    return Err(Error::interrupted());
                }
                self.console
                    .say("`penny start` has taken it and will do it; `penny status` shows it");
                return Err(Error::interrupted());
            }
            if let Err(ended) = served {
                // The next service would do it as well, at a moment when nobody expects it. One that has taken it
                // already does it now, and is waited for.
                if self.store.withdraw(request)? || self.is_served().is_err() {
                    return Err(ended);
                }
            }
            if begun.elapsed() >= TAKEN_MAX
                && !std::mem::replace(&mut looked, true)
                && self.store.withdraw(request)?
            {
                return Err(Error::missing(
                    "`penny start` is at work in this workspace and does not answer",
                )
                .hint("`penny status` shows what it does; end it, and start it again"));
            }
            if !told && begun.elapsed() >= SOON {
                told = true;
                self.console.say("a notebook of it is running now: it begins when that has ended");
            }
        }
    }

    /// Shows the runs of the sync until it has ended.
    async fn follow(&self, sync: SyncId) -> Result<Vec<Line>> {
        let mut steps: HashMap<i64, Step> = HashMap::new();
        let mut told: Vec<i64> = Vec::new();
        loop {
            let served = self.is_served();
            let over = self.store.end_of_sync(sync)?.is_some();
            let runs = self.store.runs_of(sync)?;
            for run in &runs {
                match run.outcome {
                    Some(_) if told.contains(&run.id) => {}
                    Some(_) => {
                        told.push(run.id);
                        let line = run::ended(&self.line(run)?);
                        match steps.remove(&run.id) {
                            Some(step) => step.end(&line),
                            None => self.console.say(&line),
                        }
                    }
                    None => {
                        let step =
                            steps.entry(run.id).or_insert_with(|| self.console.step(&run.notebook));
                        self.show_progress(run.id, step);
                    }
                }
            }
            if over {
                return self.in_order(&runs);
            }
            if self.pause().await.is_err() {
                steps.values().for_each(Step::clear);
                self.console.say(
                    "`penny start` goes on with it; `penny status` shows how far it is, and Ctrl-C there ends it",
                );
                return Err(Error::interrupted());
            }
            served?;
        }
    }

    fn show_progress(&self, run: i64, step: &Step) {
        let Some(state) = presence::last(self.workspace) else { return };
        let Some(running) = state.running.iter().find(|running| running.run == run) else { return };
        if running.cells > 0 {
            step.detail(&format!("cell {} of {}", running.cell, running.cells));
        }
    }

    /// The lines in the order of penny.toml.
    fn in_order(&self, runs: &[RunRecord]) -> Result<Vec<Line>> {
        let notebooks = &self.workspace.config.notebooks;
        let place = |name: &str| notebooks.iter().position(|entry| entry.name == name);
        let mut runs: Vec<&RunRecord> = runs.iter().collect();
        runs.sort_by_key(|run| (place(&run.notebook), run.id));
        runs.into_iter().map(|run| self.line(run)).collect()
    }

    fn line(&self, run: &RunRecord) -> Result<Line> {
        let notebooks = &self.workspace.config.notebooks;
        let entry = notebooks.iter().find(|entry| entry.name == run.notebook);
        let elapsed = run.ended.unwrap_or(run.started).duration_since(run.started);
        Ok(Line {
            name: run.notebook.clone(),
            description: entry.map(|entry| entry.description.clone()).unwrap_or_default(),
            outcome: run.outcome.unwrap_or(Outcome::Crashed),
            elapsed: Duration::try_from(elapsed).unwrap_or_default(),
            published: self.store.published_by(run.id)?,
            error: run.error.clone(),
            warnings: run.warnings.clone(),
            output: run.output.clone(),
            kernel: run.kernel_start.clone().zip(run.kernel_start_reason.clone()),
            masked: run.masked,
        })
    }

    /// Waits a moment, unless the user does not want to any more.
    async fn pause(&self) -> Result<()> {
        let pause = (self.begun.elapsed() / PAUSE_PART).clamp(PAUSE_MIN, PAUSE_MAX);
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.stop.asked() => Err(Error::interrupted()),
        }
    }

    fn is_served(&self) -> Result<()> {
        if SyncLock::holder(&self.workspace.root).is_some_and(|holder| holder.is_service()) {
            return Ok(());
        }
        Err(Error::missing("`penny start`, which was asked to do this, has ended")
            .hint("`penny status` shows what it did; run the command again to do the rest here"))
    }
}
