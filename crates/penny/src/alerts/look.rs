//! One look at the history: what is new becomes events, events become messages, and both are kept.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::event::{Event, Key};
use super::ledger::{self, Age, Ledger, News};
use super::{Settings, Shared};
use crate::config::{Alert, AlertKind};
use crate::error::Result;
use crate::store::{Cursor, KeptEvent, NewMessage, RunningRun, Seen, TableState};

/// A run must take this long before anyone asks how long it usually takes.
const SLOW_LOOK: Duration = Duration::from_secs(60);
/// Two looks further apart than this: the computer slept, or its clock was set.
const SLEPT: Duration = Duration::from_secs(180);

/// What is known between two looks.
pub(super) struct Looking {
    ledger: Ledger,
    cursor: Cursor,
    /// Until then no table counts as too old.
    quiet_until: Timestamp,
    looked: Timestamp,
}

impl Looking {
    /// Goes on where the last service left off; the very first time, from now on.
    pub fn begin(shared: &Shared) -> Result<Looking> {
        let now = shared.clock.wall();
        let (kept, cursor) = shared.store.alert_state()?;
        let present = shared.store.present_cursor()?;
        let cursor = match cursor {
            // A history that was made anew has other numbers.
            Some(cursor) if cursor.newest <= present.newest => cursor,
            _ => {
                // Kept at once: what ends from now on is told, whatever happens to the service.
                shared.store.save_alerts(None, &present, &[], now)?;
                present
            }
        };
        let ledger = Ledger::new(events(&kept));
        Ok(Looking { ledger, cursor, quiet_until: after(now, shared.pace.grace), looked: now })
    }

    /// Looks, and keeps what was found; whether there are messages to send. The `last` look of a
    /// service waits for no more failures.
    pub fn look(&mut self, shared: &Shared, now: Timestamp, last: bool) -> Result<bool> {
        let settings = shared.settings();
        if now.duration_since(self.looked).unsigned_abs() > SLEPT.max(shared.pace.look * 3) {
            self.quiet_until = after(now, shared.pace.grace);
        }
        self.looked = now;
        let before = self.ledger.clone();
        let Seen { ended, under_way, cursor } = shared.store.since(&self.cursor)?;
        for run in &ended {
            self.ledger.run_ended(run);
        }
        self.judge(shared, &settings, now)?;
        let gather = if last { Duration::ZERO } else { shared.pace.gather };
        let news = self.ledger.news(&under_way, gather, now);
        let messages = self.tell(&settings, news, now);
        if self.ledger == before && cursor == self.cursor && messages.is_empty() {
            return Ok(false);
        }
        let events = (self.ledger != before).then(|| keep(&self.ledger));
        match shared.store.save_alerts(events.as_deref(), &cursor, &messages, now) {
            Ok(()) => {
                self.cursor = cursor;
                Ok(!messages.is_empty())
            }
            Err(error) => {
                // Nothing of it is kept: the next look finds it all again.
                self.ledger = before;
                Err(error)
            }
        }
    }

    /// Tables that are too old, runs that take too long, a service that cannot do its work.
    fn judge(&mut self, shared: &Shared, settings: &Settings, now: Timestamp) -> Result<()> {
        let running = shared.store.runs_under_way()?;
        for run in &running {
            if now.duration_since(run.started) < signed(SLOW_LOOK) {
                continue;
            }
            if let Some(usual) = ledger::usual(shared.store.lengths_of_runs(&run.notebook)?) {
                self.ledger.running(run, usual, now);
            }
        }
        self.ledger.keep_failures(&|notebook| settings.listed.contains(notebook));
        self.tables(shared, settings, &running, now)?;
        self.service(shared, settings, now);
        Ok(())
    }

    fn service(&mut self, shared: &Shared, settings: &Settings, now: Timestamp) {
        let state = shared.live.borrow();
        // What is stopped cannot do its work, and need not.
        if state.stopping {
            return;
        }
        match state.trouble.as_ref().or(state.config_error.as_ref()) {
            Some(trouble) => {
                let trouble = settings.secrets().mask(trouble);
                self.ledger.service(Some(&trouble), now);
            }
            // A service that has only just begun cannot know yet.
            None if state.last_sync.is_some() => self.ledger.service(None, now),
            None => {}
        }
    }

    fn tables(
        &mut self,
        shared: &Shared,
        settings: &Settings,
        running: &[RunningRun],
        now: Timestamp,
    ) -> Result<()> {
        self.ledger.keep_stale(&|stale| settings.stale.contains_key(&stale.notebook));
        if settings.stale.is_empty() {
            return Ok(());
        }
        let tables = shared.store.table_states()?;
        let quiet = now < self.quiet_until && self.quiet_until <= after(now, shared.pace.grace);
        let judged = |state: &TableState| {
            let notebook = state.notebook.as_deref().unwrap_or_default();
            let Some(freshness) = settings.stale.get(notebook) else { return Age::Unknown };
            if !freshness.is_too_old(state.published, now) {
                return Age::Fresh;
            }
            // While it runs, or has yet to run after a pause, nobody need be told that it is old.
            match quiet || running.iter().any(|run| run.notebook == notebook) {
                true => Age::Unknown,
                false => Age::TooOld(freshness.limit),
            }
        };
        self.ledger.tables(&tables, &judged);
        Ok(())
    }

    /// Messages for all who want to know.
    fn tell(&mut self, settings: &Settings, news: Vec<News>, now: Timestamp) -> Vec<NewMessage> {
        let mut messages = Vec::new();
        for News { kind, keys } in news {
            let mut told: BTreeMap<Key, BTreeMap<String, String>> =
                keys.iter().map(|key| (key.clone(), BTreeMap::new())).collect();
            for alert in &settings.alerts {
                let wanted: Vec<&Event> = keys
                    .iter()
                    .filter_map(|key| self.ledger.get(key))
                    .filter(|event| wants(alert, kind, event))
                    .collect();
                if wanted.is_empty() {
                    continue;
                }
                let message = settings.letterhead.message(alert, kind, &wanted, now);
                for event in &wanted {
                    let to = told.entry(event.key()).or_default();
                    to.insert(alert.name.clone(), message.id.clone());
                }
                let text = serde_json::to_string(&message).expect("a message has only texts");
                messages.push(NewMessage { alert: alert.name.clone(), message: text });
            }
            for (key, to) in told {
                self.ledger.told(&key, to);
            }
        }
        messages
    }
}

/// Whether an alert is told of this event now.
fn wants(alert: &Alert, kind: AlertKind, event: &Event) -> bool {
    let told_before = || event.told.as_ref().is_some_and(|told| told.contains_key(&alert.name));
    alert.wants(kind, event.notebook()) && (kind != AlertKind::Recovery || told_before())
}

fn keep(ledger: &Ledger) -> Vec<KeptEvent> {
    let kept = |event: &Event| {
        let (kind, subject) = event.key();
        let event = serde_json::to_string(event).expect("an event has only texts and numbers");
        KeptEvent { kind: kind.word().to_owned(), subject, event }
    };
    ledger.events().map(kept).collect()
}

/// The events as they are kept; one that another version wrote otherwise is left out.
pub(super) fn events(kept: &[KeptEvent]) -> Vec<Event> {
    kept.iter().filter_map(|kept| serde_json::from_str(&kept.event).ok()).collect()
}

fn signed(length: Duration) -> SignedDuration {
    SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX)
}

fn after(at: Timestamp, length: Duration) -> Timestamp {
    at.saturating_add(signed(length)).unwrap_or(Timestamp::MAX)
}
