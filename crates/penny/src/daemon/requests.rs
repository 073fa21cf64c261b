//! What others ask of the service, the dashboard and other commands: a sync, or that one ends.

use std::sync::Arc;

use penny_schedule::Event;

use super::Daemon;
use crate::run::Asking;
use crate::store::{Answer, Asked, Request, RequestId, RunId, SyncId};

/// A sync that was asked for.
pub(super) struct Wanted {
    id: RequestId,
    names: Vec<String>,
    asking: Arc<Asking>,
}

/// The sync that is being begun, by its notebooks and what was asked for.
pub(super) struct Begins {
    names: Vec<String>,
    asking: Arc<Asking>,
}

impl Begins {
    /// What was asked for, if this notebook is one of those.
    pub fn asked_of(&self, notebook: &str) -> Option<&Arc<Asking>> {
        self.names.iter().any(|name| name == notebook).then_some(&self.asking)
    }

    /// What was asked for.
    pub fn asking(&self) -> &Asking {
        &self.asking
    }
}

impl Daemon {
    /// Takes what was asked since.
    pub(super) fn take_requests(&mut self) {
        let taken = match self.store.take_requests(self.clock.wall()) {
            Ok(taken) => taken,
            Err(e) => return tracing::warn!("{}", e.sentence()),
        };
        for (id, request) in taken {
            let refused = match request.kind {
                Asked::Run => self.want(id, request, None),
                Asked::Retry(run) => self.want(id, request, Some(run)),
                Asked::CancelRun(run) => self.cancel_run(run, &request.by).map(|sync| {
                    self.answer(id, &Answer::Sync(sync));
                }),
                Asked::CancelSync(sync) => self.cancel_sync(sync, &request.by).map(|()| {
                    self.answer(id, &Answer::Sync(sync));
                }),
            };
            if let Err(why) = refused {
                self.answer(id, &Answer::Refused(why));
            }
        }
        self.answer_requests();
    }

    /// Begins what was asked for, as soon as none of its notebooks runs: all of it is one sync.
    pub(super) fn answer_requests(&mut self) {
        let mut waiting = Vec::new();
        for wanted in std::mem::take(&mut self.requests) {
            if !wanted.asking.parameters.is_empty() {
                // What is due at this moment is due with the values of penny.toml.
                self.step(Event::Tick);
            }
            if wanted.names.iter().any(|name| self.sync_of.contains_key(name)) {
                waiting.push(wanted);
                continue;
            }
            let Wanted { id, names, asking } = wanted;
            self.begins = Some(Begins { names: names.clone(), asking });
            self.step(Event::Asked(names.clone()));
            self.begins = None;
            match names.iter().find_map(|name| self.sync_of.get(name)) {
                Some(sync) => {
                    let sync = Answer::Sync(*sync);
                    self.answer(id, &sync);
                }
                None => {
                    let why = "the history cannot be written at the moment: try again later";
                    self.answer(id, &Answer::Refused(why.to_owned()));
                }
            }
        }
        waiting.append(&mut self.requests);
        self.requests = waiting;
    }

    /// What nobody will begin any more.
    pub(super) fn refuse_requests(&mut self) {
        for Wanted { id, .. } in std::mem::take(&mut self.requests) {
            self.answer(
                id,
                &Answer::Refused("`penny start` was stopped before its turn".to_owned()),
            );
        }
    }

    fn want(
        &mut self,
        id: RequestId,
        request: Request,
        retry_of: Option<RunId>,
    ) -> Result<(), String> {
        let selected = self.workspace.config.select(&request.names).map_err(|e| e.sentence())?;
        let names: Vec<String> = selected.into_iter().map(|entry| entry.name.clone()).collect();
        let asking = Asking {
            by: request.by,
            parameters: request.parameters,
            retry_of,
            alone: names.len() == 1,
        };
        self.requests.push(Wanted { id, names, asking: Arc::new(asking) });
        Ok(())
    }

    /// Cancels a run under way: its sync.
    fn cancel_run(&self, run: RunId, by: &str) -> Result<SyncId, String> {
        let running = self.board.running();
        let running = running.iter().find(|running| running.run == run);
        let sync = running.map(|running| running.sync);
        let cancelled = sync.and_then(|sync| self.cancelling.get(&sync));
        if !cancelled.is_some_and(|cancelling| cancelling.cancel_run(run, by)) {
            return Err(format!("run {run} is not under way"));
        }
        let notebook = running.map_or("", |running| running.notebook.as_str());
        self.say(&format!("{notebook}: run {run} is cancelled by {by}"));
        sync.ok_or_else(|| format!("run {run} is not under way"))
    }

    /// Cancels a sync under way.
    fn cancel_sync(&self, sync: SyncId, by: &str) -> Result<(), String> {
        let Some(cancelling) = self.cancelling.get(&sync) else {
            return Err(format!("sync {sync} is not under way"));
        };
        cancelling.cancel_all(by);
        self.say(&format!("sync {sync} is cancelled by {by}"));
        Ok(())
    }

    fn say(&self, text: &str) {
        tracing::info!("{text}");
        self.console.say(text);
    }

    fn answer(&self, id: RequestId, answer: &Answer) {
        if let Err(e) = self.store.answer(id, answer, self.clock.wall()) {
            tracing::warn!("{}", e.sentence());
        }
    }
}
