//! What the timetable says is done: syncs are started, and what came to no run is written down.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use penny_schedule::{Action, Event, Missed, Pauses, Turn};

use super::Daemon;
use super::outcome::trigger_of;
use crate::console;
use crate::error::Result;
use crate::store::{Skip, Trigger};

/// What could not be written is tried again after this.
const AGAIN: Duration = Duration::from_secs(5);

impl Daemon {
    /// Tells the timetable what has happened, and does what is to be done about it.
    pub(super) fn step(&mut self, event: Event) {
        let actions = self.timetable.step(self.now(), event);
        if !actions.is_empty() {
            self.act(actions);
        }
    }

    /// Time has passed: what is due, what others wrote, what is to be tried again.
    pub(super) fn look(&mut self) {
        self.step(Event::Tick);
        if self.try_again.is_some_and(|at| at <= Instant::now()) {
            self.try_again = None;
            self.act(Vec::new());
            self.close_what_was_left_open();
        }
        match self.store.changed() {
            Ok(true) => {
                self.take_pauses();
                self.take_requests();
            }
            Ok(false) => {}
            Err(e) => tracing::warn!("{}", e.sentence()),
        }
    }

    /// Does it, after what is still to be done; what cannot be written down now stays to be done.
    fn act(&mut self, actions: Vec<Action>) {
        let (mut follows, mut misses) = (Vec::new(), Vec::new());
        let mut runs = Vec::new();
        for action in std::mem::take(&mut self.postponed).into_iter().chain(actions) {
            match action {
                Action::Follow { .. } => follows.push(action),
                Action::Miss { .. } => misses.push(action),
                Action::Run { .. } => runs.push(action),
            }
        }
        if let Err(e) = self.follow(&follows) {
            self.postpone(follows, &e);
        }
        // Due times are accounted for in their order: one that is missed while an earlier one still waits for its
        // turn is written down after that has begun. Were Penny killed in between, both would come again.
        let (early, misses): (Vec<Action>, Vec<Action>) =
            misses.into_iter().partition(|miss| self.is_early(miss, &runs));
        if let Err(e) = self.miss(&misses) {
            self.postpone(misses, &e);
        }
        if self.stop.is_asked() {
            // Their due times are not accounted for: the next start catches up.
            return;
        }
        for action in runs {
            if let Action::Run { turns, trigger, due } = &action
                && let Err(e) = self.start(turns, trigger_of(*trigger), *due)
            {
                let action = self.give_up_asked(action);
                self.postpone(action.into_iter().collect(), &e);
            }
        }
        self.keep(early);
        self.answer_requests();
    }

    /// A sync that could not be begun, without what was asked for: who asked is told, and asks again. Begun
    /// later it would be without the values that were given.
    fn give_up_asked(&mut self, action: Action) -> Option<Action> {
        let Some(begins) = &self.begins else { return Some(action) };
        let Action::Run { turns, trigger, due } = action else { return Some(action) };
        let (asked, rest): (Vec<Turn>, Vec<Turn>) =
            turns.into_iter().partition(|turn| begins.asked_of(&turn.notebook).is_some());
        let asked: Vec<String> = asked.into_iter().map(|turn| turn.notebook).collect();
        if !asked.is_empty() {
            self.step(Event::Ended(asked));
        }
        (!rest.is_empty()).then_some(Action::Run { turns: rest, trigger, due })
    }

    fn postpone(&mut self, actions: Vec<Action>, error: &crate::error::Error) {
        if self.postponed.is_empty() && !actions.is_empty() {
            self.console.error(error);
            tracing::error!("{}", error.sentence());
        }
        self.keep(actions);
    }

    /// Keeps what is to be done later.
    fn keep(&mut self, actions: Vec<Action>) {
        if actions.is_empty() {
            return;
        }
        actions.into_iter().for_each(|action| put(&mut self.postponed, action));
        self.try_again.get_or_insert(Instant::now() + AGAIN);
    }

    /// Whether a missed due time has one before it whose run has not begun, in a sync under way or in one of those
    /// that are to begin.
    fn is_early(&self, miss: &Action, runs: &[Action]) -> bool {
        let Action::Miss { notebook, due, .. } = miss else { return false };
        let is_before =
            |turn: &Turn| turn.notebook == *notebook && turn.due.is_some_and(|d| d < *due);
        let begins = |run: &Action| match run {
            Action::Run { turns, .. } => turns.iter().any(is_before),
            _ => false,
        };
        let waits = self.sync_of.contains_key(notebook) && !self.board.is_running(notebook);
        waits || runs.iter().any(begins)
    }

    /// Due times count from now on: that is kept, so that one which passes before the first run is known.
    fn follow(&self, follows: &[Action]) -> Result<()> {
        let dues = follows.iter().filter_map(|action| match action {
            Action::Follow { notebook, from } => Some((notebook.as_str(), *from)),
            _ => None,
        });
        self.store.set_dues(&dues.collect::<Vec<_>>())
    }

    /// Due times that come to no run are recorded.
    fn miss(&self, misses: &[Action]) -> Result<()> {
        let told: Vec<(&str, Timestamp, String, Missed)> = misses
            .iter()
            .filter_map(|action| match action {
                Action::Miss { notebook, first, due, times, why } => {
                    let zone = &self.workspace.config.zone;
                    let first = first.to_zoned(zone.clone()).strftime("%-d %B, %H:%M").to_string();
                    let sentence = why.sentence();
                    let text = match times {
                        1 => sentence.to_owned(),
                        times => format!("{sentence} ({times} times, the first on {first})"),
                    };
                    Some((notebook.as_str(), *due, text, *why))
                }
                _ => None,
            })
            .collect();
        let skips: Vec<Skip<'_>> = told
            .iter()
            .map(|(notebook, due, why, _)| {
                let file = self.entry(notebook).map_or("", |entry| entry.file_text.as_str());
                Skip { notebook, file, trigger: Trigger::Timer, due: Some(*due), why }
            })
            .collect();
        self.store.record_skipped(None, &skips, self.clock.wall())?;
        for (notebook, _, text, why) in &told {
            tracing::info!("{notebook}: skipped ({}): {text}", why.word());
            if *why != Missed::Paused && told.len() <= 20 {
                self.console.say(&format!("– {notebook}: skipped, since {text}"));
            }
        }
        if told.len() > 20 {
            self.console.say(&format!("– {} skipped", console::count(told.len(), "notebook")));
        }
        Ok(())
    }

    /// One sync begins.
    fn start(&mut self, turns: &[Turn], trigger: Trigger, due: Option<Timestamp>) -> Result<()> {
        let (known, gone): (Vec<&Turn>, Vec<&Turn>) =
            turns.iter().partition(|turn| self.entry(&turn.notebook).is_some());
        let gone: Vec<String> = gone.into_iter().map(|turn| turn.notebook.clone()).collect();
        if !known.is_empty() {
            self.begin_sync(&known, trigger, due)?;
        }
        if !gone.is_empty() {
            self.step(Event::Ended(gone));
        }
        Ok(())
    }

    /// What is paused, as the history has it.
    pub(super) fn take_pauses(&mut self) {
        let paused = match self.store.paused() {
            Ok(paused) => paused,
            Err(e) => return tracing::warn!("{}", e.sentence()),
        };
        let state = self.state.borrow();
        if state.paused == paused.all && state.paused_notebooks == paused.notebooks {
            return;
        }
        let said = tell_pauses(&state.paused_notebooks, state.paused, &paused);
        drop(state);
        self.state.send_modify(|state| {
            (state.paused, state.paused_notebooks) = (paused.all, paused.notebooks.clone());
        });
        self.step(Event::Paused(Pauses { all: paused.all, notebooks: paused.notebooks }));
        tracing::info!("{said}");
        self.console.say(&said);
    }

    /// A notebook of penny.toml.
    pub(super) fn entry(&self, name: &str) -> Option<&crate::config::Entry> {
        self.workspace.config.notebooks.get(self.timetable.place(name)?)
    }
}

/// Puts an action to those that wait; where that can be, into one that says the same of the same notebook: what waits
/// for a disk to have room again must not grow without end. Only the last one of that notebook takes it: a notebook's
/// due times are written down in their order.
fn put(waiting: &mut Vec<Action>, action: Action) {
    let last = waiting.iter_mut().rev().find(|earlier| is_before(earlier, &action));
    if !last.is_some_and(|last| merge(last, &action)) {
        waiting.push(action);
    }
}

/// Whether an action has to be done before a later one, being about the same notebook.
fn is_before(earlier: &Action, later: &Action) -> bool {
    match (earlier, later) {
        (Action::Miss { notebook, .. }, Action::Miss { notebook: of, .. })
        | (Action::Follow { notebook, .. }, Action::Follow { notebook: of, .. }) => notebook == of,
        (Action::Run { turns, .. }, Action::Miss { notebook, .. }) => {
            turns.iter().any(|turn| turn.notebook == *notebook)
        }
        _ => false,
    }
}

/// Puts an action into the one before it, if both say the same; whether it did.
fn merge(earlier: &mut Action, later: &Action) -> bool {
    match (earlier, later) {
        (
            Action::Miss { due, times, why, .. },
            Action::Miss { due: later, times: more, why: reason, .. },
        ) if why == reason => {
            (*due, *times) = (*later, *times + more);
            true
        }
        (Action::Follow { from, .. }, Action::Follow { from: later, .. }) => {
            *from = *later;
            true
        }
        _ => false,
    }
}

/// What changed in what is paused.
fn tell_pauses(before: &[String], all_before: bool, now: &crate::store::Paused) -> String {
    match (all_before, now.all) {
        (false, true) => {
            return "paused: nothing runs on its schedule until `penny resume`".to_owned();
        }
        (true, false) if now.notebooks.is_empty() => return "resumed".to_owned(),
        _ => {}
    }
    let (had, has): (HashSet<&String>, HashSet<&String>) =
        (before.iter().collect(), now.notebooks.iter().collect());
    let list = |names: Vec<&&String>| {
        let mut names: Vec<String> = names.into_iter().map(|n| (*n).clone()).collect();
        names.sort();
        names.join(", ")
    };
    let paused = list(has.difference(&had).collect());
    let resumed = list(had.difference(&has).collect());
    let mut said = Vec::new();
    if !paused.is_empty() {
        said.push(format!("paused: {paused}"));
    }
    if !resumed.is_empty() {
        said.push(format!("resumed: {resumed}"));
    }
    said.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(minute)
    }

    fn miss(notebook: &str, minute: i64, why: Missed) -> Action {
        let due = at(minute);
        Action::Miss { notebook: notebook.into(), first: due, due, times: 1, why }
    }

    fn run(notebook: &str, minute: i64) -> Action {
        let (trigger, due) = (penny_schedule::Trigger::Timer, Some(at(minute)));
        let turns = vec![Turn { notebook: notebook.into(), trigger, due }];
        Action::Run { turns, trigger, due }
    }

    /// What waits in the end, as "a paused 1-3 (2)".
    #[track_caller]
    fn check(actions: Vec<Action>, expected: &[&str]) {
        let mut waiting = Vec::new();
        actions.into_iter().for_each(|action| put(&mut waiting, action));
        let minute = |at: Timestamp| at.as_second() / 60;
        let said = waiting.iter().map(|action| match action {
            Action::Miss { notebook, first, due, times, why } => {
                let word = why.word();
                format!("{notebook} {word} {}-{} ({times})", minute(*first), minute(*due))
            }
            Action::Run { turns, .. } => format!("{} runs", turns[0].notebook),
            Action::Follow { notebook, from } => format!("{notebook} from {}", minute(*from)),
        });
        assert_eq!(said.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn due_times_that_wait_to_be_written_are_put_together_and_stay_in_their_order() {
        use Missed::{Overlap, Paused};
        check(
            vec![miss("a", 1, Paused), miss("b", 1, Overlap), miss("a", 2, Paused)],
            &["a paused 1-2 (2)", "b overlap 1-1 (1)"],
        );
        // Another reason between: the later one of the first reason comes after it.
        check(
            vec![
                miss("a", 1, Paused),
                miss("a", 2, Overlap),
                miss("a", 3, Paused),
                miss("a", 4, Paused),
            ],
            &["a paused 1-1 (1)", "a overlap 2-2 (1)", "a paused 3-4 (2)"],
        );
        // So does one after a run that has yet to begin; another notebook's run is nothing to it.
        check(
            vec![miss("a", 1, Paused), run("a", 2), miss("a", 3, Paused)],
            &["a paused 1-1 (1)", "a runs", "a paused 3-3 (1)"],
        );
        check(
            vec![miss("a", 1, Paused), run("b", 2), miss("a", 3, Paused)],
            &["a paused 1-3 (2)", "b runs"],
        );
        let follow = |minute| Action::Follow { notebook: "a".into(), from: at(minute) };
        check(vec![follow(1), miss("a", 2, Paused), follow(3)], &["a from 3", "a paused 2-2 (1)"]);
    }
}
