//! What one step comes to, gathered: what is missed before what runs, and one sync at most.

use std::collections::HashSet;

use jiff::Timestamp;

use super::action::{Action, Missed, Trigger, Turn};
use crate::passed::Passed;

/// The actions of a step.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    told: Vec<Action>,
    turns: Vec<(usize, Turn)>,
    running: HashSet<String>,
    /// The place in the list of the notebook that is looked at.
    pub(super) place: usize,
}

impl Outcome {
    /// The due times of a notebook count from a moment on.
    pub(super) fn follow(&mut self, notebook: &str, from: Timestamp) {
        self.told.push(Action::Follow { notebook: notebook.to_owned(), from });
    }

    /// One due time comes to no run.
    pub(super) fn miss(&mut self, notebook: &str, due: Timestamp, why: Missed) {
        self.miss_times(notebook, due, due, 1, why);
    }

    /// None of the due times comes to a run.
    pub(super) fn miss_all(&mut self, notebook: &str, passed: &Passed, why: Missed) {
        self.miss_times(notebook, passed.first, passed.last, passed.times, why);
    }

    /// The last of the due times comes to a run for all of them.
    pub(super) fn miss_before_last(&mut self, notebook: &str, passed: &Passed) {
        if let Some(before_last) = passed.before_last {
            self.miss_times(notebook, passed.first, before_last, passed.times - 1, Missed::Off);
        }
    }

    fn miss_times(
        &mut self,
        notebook: &str,
        first: Timestamp,
        due: Timestamp,
        times: u64,
        why: Missed,
    ) {
        self.told.push(Action::Miss { notebook: notebook.to_owned(), first, due, times, why });
    }

    /// A notebook runs.
    pub(super) fn turn(&mut self, notebook: &str, trigger: Trigger, due: Option<Timestamp>) {
        self.running.insert(notebook.to_owned());
        self.turns.push((self.place, Turn { notebook: notebook.to_owned(), trigger, due }));
    }

    /// Whether a notebook begins to run in this step.
    pub(super) fn has_turn(&self, notebook: &str) -> bool {
        self.running.contains(notebook)
    }

    /// The actions in the order in which they are to be done. What is missed comes first: its due times are
    /// earlier than those that run.
    pub(super) fn actions(mut self) -> Vec<Action> {
        self.turns.sort_by_key(|(place, _)| *place);
        let turns: Vec<Turn> = self.turns.into_iter().map(|(_, turn)| turn).collect();
        if let Some(trigger) = turns.iter().map(|turn| turn.trigger).max() {
            let due = turns.iter().filter_map(|turn| turn.due).max();
            self.told.push(Action::Run { turns, trigger, due });
        }
        self.told
    }
}
