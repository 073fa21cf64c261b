//! What other commands ask of the service: a `penny run` while it is at work.

use penny_schedule::Event;

use super::Daemon;
use crate::store::{Answer, Request, RequestId};

impl Daemon {
    /// Takes what was asked since.
    pub(super) fn take_requests(&mut self) {
        let taken = match self.store.take_requests(self.clock.wall()) {
            Ok(taken) => taken,
            Err(e) => return tracing::warn!("{}", e.sentence()),
        };
        for (id, request) in taken {
            match self.names_of(&request) {
                Ok(names) => self.requests.push((id, names)),
                Err(why) => self.answer(id, &Answer::Refused(why)),
            }
        }
        self.answer_requests();
    }

    /// Begins what was asked for, as soon as none of its notebooks runs: all of it is one sync.
    pub(super) fn answer_requests(&mut self) {
        let mut waiting = Vec::new();
        for (id, names) in std::mem::take(&mut self.requests) {
            if names.iter().any(|name| self.sync_of.contains_key(name)) {
                waiting.push((id, names));
                continue;
            }
            self.step(Event::Asked(names.clone()));
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
        for (id, _) in std::mem::take(&mut self.requests) {
            self.answer(
                id,
                &Answer::Refused("`penny start` was stopped before its turn".to_owned()),
            );
        }
    }

    fn names_of(&self, request: &Request) -> Result<Vec<String>, String> {
        let selected = self.workspace.config.select(&request.names).map_err(|e| e.sentence())?;
        Ok(selected.into_iter().map(|entry| entry.name.clone()).collect())
    }

    fn answer(&self, id: RequestId, answer: &Answer) {
        if let Err(e) = self.store.answer(id, answer, self.clock.wall()) {
            tracing::warn!("{}", e.sentence());
        }
    }
}
