//! penny.toml and `.env`, read again when they have changed; and what the service shows of itself.

use std::sync::Arc;

use penny_schedule::{Event, coming};

use super::state::{Next, State};
use super::{Daemon, plan};
use crate::console;
use crate::database::Settings;
use crate::error::Error;
use crate::log;
use crate::run::{self, parallel_limit};
use crate::store::{SyncId, Trigger};
use crate::web::access;
use crate::workspace::Workspace;

impl Daemon {
    /// Reads the settings again. Those that are wrong are refused, and the good ones hold on.
    pub(super) fn reload(&mut self) {
        let opened = Workspace::open(&self.workspace.root, &self.surroundings);
        let opened = opened.and_then(|workspace| Settings::of(&workspace).map(|_| workspace));
        let opened = opened.and_then(|workspace| access::check(&workspace).map(|()| workspace));
        match opened {
            Ok(workspace) => self.take(workspace),
            Err(e) => self.refuse(&e),
        }
    }

    fn take(&mut self, workspace: Workspace) {
        log::renew(workspace.secrets.clone());
        self.workspace = Arc::new(workspace);
        // Before the alerts look: they would tell of a mistake that has just been mended.
        self.state.send_modify(|state| {
            state.config_error = None;
            state.notebooks = self.workspace.config.notebooks.len();
        });
        self.around.reload(&self.workspace, &self.console);
        self.keeper.renew(&self.workspace);
        self.files.change(plan::watched(&self.workspace));
        if let Some(parallel) = self.workspace.config.execution.parallel {
            self.seats.allow(parallel);
        } else if self.syncs.is_empty() {
            self.seats.allow(parallel_limit(&self.workspace.config.execution));
        }
        self.step(Event::Reloaded(plan::listed(&self.workspace)));
        let notebooks = console::count(self.workspace.config.notebooks.len(), "notebook");
        let next = self.next_in_words().map(|next| format!("; {next}")).unwrap_or_default();
        let said = format!("penny.toml and .env were read again: {notebooks}{next}");
        tracing::info!("{said}");
        self.console.say(&said);
    }

    fn refuse(&mut self, error: &Error) {
        let sentence = error.sentence();
        if self.state.borrow().config_error.as_ref() == Some(&sentence) {
            return;
        }
        self.console.error(error);
        self.console.say("penny.toml or .env is not right: the settings from before hold on");
        tracing::error!("the settings from before hold on: {}", sentence.replace('\n', " | "));
        self.state.send_modify(|state| state.config_error = Some(sentence));
    }

    /// Shows what is going on, when something has changed.
    pub(super) fn publish(&mut self, at_once: bool) {
        let running = self.board.running();
        let begun: usize = running.len();
        let listed: usize = self.under_way.values().map(std::collections::HashSet::len).sum();
        let next = self.timetable.next_due();
        let known = self.state.borrow().next.as_ref().map(|next| next.at);
        let next = (next != known).then(|| self.next_sync());
        let beat = self.clock.wall();
        self.state.send_modify(|state| {
            state.beat = beat;
            state.postgresql_starts = self.keeper.starts_postgresql();
            state.running = running;
            state.waiting = listed.saturating_sub(begun);
            if let Some(next) = next {
                state.next = next;
            }
        });
        self.presence.show(&self.state.borrow(), at_once);
    }

    /// The next due time, and who is due then.
    fn next_sync(&self) -> Option<Next> {
        let at = self.timetable.next_due().filter(|at| *at < jiff::Timestamp::MAX)?;
        let mut next = Next { at, count: 0, notebooks: Vec::new() };
        for standing in self.timetable.next_times().filter(|standing| standing.next == at) {
            next.count += 1;
            if next.notebooks.len() < State::NAMES_MAX {
                next.notebooks.push(standing.notebook.to_owned());
            }
        }
        Some(next)
    }

    /// "the next in 2 hours, at 16:00".
    pub(super) fn next_in_words(&self) -> Option<String> {
        if self.state.borrow().paused {
            return Some("paused: nothing runs on its schedule until `penny resume`".to_owned());
        }
        let at = self.timetable.next_due().filter(|at| *at < jiff::Timestamp::MAX)?;
        Some(format!("the next {}", coming(at, self.clock.wall(), &self.workspace.config.zone)))
    }

    /// What the service says first.
    pub(super) fn greeting(&self) -> String {
        format!(
            "Penny {} runs {} of {} (process {})",
            env!("CARGO_PKG_VERSION"),
            console::count(self.workspace.config.notebooks.len(), "notebook"),
            self.workspace.root.display(),
            std::process::id()
        )
    }

    /// "sync 12 (timer, due at 14:00): customers, suppliers".
    pub(super) fn begins(
        &self,
        sync: SyncId,
        turns: &[run::Turn],
        trigger: Trigger,
        due: Option<jiff::Timestamp>,
    ) -> String {
        let due = due.filter(|_| matches!(trigger, Trigger::Timer | Trigger::CatchUp));
        let due = due.map(|due| due.to_zoned(self.workspace.config.zone.clone()));
        let due = due.map(|due| format!(", due {}", due.strftime("%-d %B, %H:%M")));
        let names: Vec<&str> = turns.iter().map(|turn| turn.entry.name.as_str()).collect();
        let names = match names.as_slice() {
            few if few.len() <= 4 => few.join(", "),
            many => console::count(many.len(), "notebook"),
        };
        format!("sync {sync} ({}{}): {names}", trigger.word(), due.unwrap_or_default())
    }
}
