//! One notebook of a timetable: where it stands, and what a due time of it comes to.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::action::{Missed, Now, Overlap, Rules, Trigger};
use super::outcome::Outcome;
use crate::interval;
use crate::passed::Passed;

/// A due time that is noticed later than this was slept through: a service looks twice a minute at least.
const LATE: SignedDuration = SignedDuration::from_secs(60);
/// A clock that is set back by more than this was wrong; what it said is then forgotten.
pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);
/// A clock that is put right may show a little less than it would have: it went wrong by itself before.
const NEAR: SignedDuration = SignedDuration::from_hours(1);

/// One notebook.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) rules: Arc<Rules>,
    /// The last due time that is accounted for; an interval counts from it.
    pub(super) accounted: Timestamp,
    /// The due time after it.
    pub(super) next: Timestamp,
    /// What was accounted for before the clock was set back by more than a day. Maybe it was right then, and is wrong
    /// now.
    pub(super) before: Option<Before>,
    pub(super) running: bool,
    pub(super) queued: Option<Queued>,
    pub(super) paused: bool,
    /// Its due times count from now on, which is to be told.
    pub(super) is_new: bool,
    /// It is still in penny.toml; one that is not stays until its run has ended.
    pub(super) listed: bool,
}

/// Where a notebook stood by another clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Before {
    /// The last due time that was accounted for.
    accounted: Timestamp,
    /// By how much that clock was ahead of real time, at least.
    ahead: SignedDuration,
}

/// The run that follows the one in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Queued {
    pub(super) trigger: Trigger,
    pub(super) due: Option<Timestamp>,
}

impl Line {
    /// A notebook whose due times count from a moment.
    pub(super) fn new(name: String, rules: Arc<Rules>, from: Timestamp) -> Line {
        let next = rules.schedule.next(from, &rules.zone);
        Line {
            name,
            rules,
            accounted: from,
            next,
            before: None,
            running: false,
            queued: None,
            paused: false,
            is_new: true,
            listed: true,
        }
    }

    /// A notebook of which a due time is accounted for already, maybe by a clock that was ahead.
    pub(super) fn known(name: String, rules: Arc<Rules>, last: Timestamp, now: Now) -> Line {
        let ahead = last.duration_since(now.wall);
        // An interval is real time: it is not waited for longer because a clock was wrong.
        let is_usable =
            if rules.schedule.interval().is_some() { !ahead.is_positive() } else { ahead <= DAY };
        let from = if is_usable { last } else { now.wall };
        let shown = super::ahead(Now { wall: last, ..now });
        let before = (ahead > DAY).then_some(Before { accounted: last, ahead: shown });
        Line { is_new: !is_usable, before, ..Line::new(name, rules, from) }
    }

    /// The due times that have passed until now.
    pub(super) fn passed(&self, now: Timestamp) -> Option<Passed> {
        let Rules { schedule, zone, .. } = &*self.rules;
        schedule.passed(self.accounted, now, zone)
    }

    /// Accounts for due times that have passed.
    pub(super) fn account(
        &mut self,
        passed: &Passed,
        now: Timestamp,
        beginning: bool,
        outcome: &mut Outcome,
    ) {
        self.accounted = passed.last;
        self.next = passed.next;
        let is_fresh = !beginning && now.duration_since(passed.last) <= LATE;
        let catches_up = self.rules.catch_up && !(is_fresh && passed.times == 1);
        let trigger = if catches_up { Trigger::CatchUp } else { Trigger::Timer };
        // A due time that waits for the run in progress gives its place to the later one.
        let waited = self.queued.and_then(|queued| queued.due);
        if let Some(due) = waited {
            let why = if self.paused { Missed::Paused } else { Missed::Overlap };
            outcome.miss(&self.name, due, why);
        }
        let is_missed = if self.paused {
            self.forget_due();
            Some(Missed::Paused)
        } else if waited.is_some() {
            None
        } else if !is_fresh && !self.rules.catch_up {
            Some(Missed::Off)
        } else {
            // What was slept through is caught up after the run in progress, which began before the sleep.
            let is_skipped = self.running && self.rules.overlap == Overlap::Skip && !catches_up;
            is_skipped.then_some(Missed::Overlap)
        };
        if let Some(why) = is_missed {
            return outcome.miss_all(&self.name, passed, why);
        }
        outcome.miss_before_last(&self.name, passed);
        if self.running {
            self.queue(trigger, passed.last);
        } else {
            self.run(trigger, Some(passed.last), outcome);
        }
    }

    /// Begins a run.
    pub(super) fn run(&mut self, trigger: Trigger, due: Option<Timestamp>, outcome: &mut Outcome) {
        self.running = true;
        outcome.turn(&self.name, trigger, due);
    }

    /// Puts a due time behind the run in progress. Who asked for a run still waits for it.
    fn queue(&mut self, trigger: Trigger, due: Timestamp) {
        let asked = self.queued.filter(|before| before.trigger == Trigger::Manual);
        let trigger = asked.map_or(trigger, |before| before.trigger);
        self.queued = Some(Queued { trigger, due: Some(due) });
    }

    /// No due time waits any longer; who asked for a run does.
    fn forget_due(&mut self) {
        self.queued = self.queued.filter(|queued| queued.trigger == Trigger::Manual);
        if let Some(queued) = &mut self.queued {
            queued.due = None;
        }
    }

    /// Runs because somebody asked, or its file was saved: at once, or once after the run in progress.
    pub(super) fn want(&mut self, trigger: Trigger, outcome: &mut Outcome) {
        if !self.running {
            return self.run(trigger, None, outcome);
        }
        if outcome.has_turn(&self.name) {
            return;
        }
        match &mut self.queued {
            None => self.queued = Some(Queued { trigger, due: None }),
            Some(queued) if trigger == Trigger::Manual => queued.trigger = trigger,
            Some(_) => {}
        }
    }

    /// The run in progress has ended: what waits for that begins.
    pub(super) fn ended(&mut self, outcome: &mut Outcome) {
        self.running = false;
        let Some(Queued { trigger, due }) = self.queued.take() else { return };
        if !self.paused || trigger == Trigger::Manual {
            self.run(trigger, due, outcome);
        } else if let Some(due) = due {
            outcome.miss(&self.name, due, Missed::Paused);
        }
    }

    /// The clock was set back by `back` after it had shown `last`: an interval keeps its real time.
    pub(super) fn set_back(&mut self, back: SignedDuration, last: Timestamp) {
        let Some(length) = self.rules.schedule.interval() else {
            // The clock shows these times again, and those that were accounted for stay so.
            return;
        };
        // A second more, so that no due time bears the name of one that has been.
        let back = back.saturating_add(SignedDuration::from_secs(1));
        let earlier = |moment: Timestamp| moment.saturating_sub(back).unwrap_or(Timestamp::MIN);
        let (phase, last) = (earlier(self.accounted), earlier(last));
        let times = interval::count(length, phase, last).max(0);
        self.accounted = interval::advanced(length, phase, times).unwrap_or(phase);
        self.next = self.rules.schedule.next(self.accounted, &self.rules.zone);
    }

    /// The clock, which was ahead of real time by so much, was set back by more than a day: it was wrong, or it is now.
    pub(super) fn doubt(&mut self, ahead: SignedDuration, now: Timestamp) {
        let before = Before { accounted: self.accounted, ahead };
        let is_later = self.before.is_none_or(|earlier| earlier.ahead < ahead);
        self.before = if is_later { Some(before) } else { self.before };
        self.count_from(now);
    }

    /// The clock was set forward, or the computer slept: whether it shows again what it would have shown by now, had it
    /// not been set back. Then it was wrong only meanwhile, and what was accounted for before stays so.
    ///
    /// A clock that was wrong before never gets there in good time, however long the computer sleeps.
    pub(super) fn trust_again(&mut self, now: Now) -> bool {
        let Some(before) = self.before.filter(|b| super::ahead(now) >= b.ahead - NEAR) else {
            return false;
        };
        self.before = None;
        // An interval is real time: it is not waited for longer because a clock was wrong.
        let is_interval = self.rules.schedule.interval().is_some();
        let accounted = if is_interval { before.accounted.min(now.wall) } else { before.accounted };
        self.count_from(self.accounted.max(accounted));
        true
    }

    /// Its due times count from a moment on, whatever was before.
    pub(super) fn count_from(&mut self, from: Timestamp) {
        self.accounted = from;
        self.next = self.rules.schedule.next(from, &self.rules.zone);
        self.is_new = true;
    }
}
