//! The timetable: which notebook runs when, as a state machine that knows no clock.
//!
//! Every due time of every notebook is accounted for once: it runs, one run catches up for it, or it is missed
//! for a reason that is told. A notebook never runs twice at a time.

mod action;
mod line;
mod outcome;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use action::{Action, Event, Listed, Missed, Now, Overlap, Pauses, Rules, Trigger, Turn};
use line::{DAY, Line};
use outcome::Outcome;

use crate::passed::Passed;

/// A clock is looked at again after this at the latest, so that one that jumped is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(30);
/// A clock that lags by less than this has not been set: computers adjust theirs all the time.
const STEADY: SignedDuration = SignedDuration::from_secs(1);

/// When each notebook of a workspace runs next, and which runs now.
#[derive(Clone, Debug)]
pub struct Timetable {
    lines: Vec<Line>,
    places: HashMap<String, usize>,
    /// The next due time of each notebook with its place; every listed notebook is in it once.
    due: BinaryHeap<Reverse<(Timestamp, usize)>>,
    pauses: Pauses,
    begun: bool,
    /// What the wall's clock showed in the last step.
    wall: Timestamp,
    /// By how much it was ahead of real time.
    ahead: SignedDuration,
    /// Whether some notebook's due times were accounted for by a clock that was ahead of this one by more than a day.
    is_doubted: bool,
    looked_at: u64,
}

/// Where a notebook stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    /// The notebook.
    pub notebook: &'a str,
    /// Its next due time.
    pub next: Timestamp,
    /// Whether it is paused, by itself or with all.
    pub paused: bool,
    /// Whether it runs.
    pub running: bool,
    /// Whether it runs once more when it has ended.
    pub queued: bool,
}

impl Timetable {
    /// The timetable of these notebooks, each with the last due time that is accounted for, if one is known.
    /// Names are there once. Nothing is due before [`Event::Begin`].
    pub fn new(notebooks: Vec<(String, Arc<Rules>, Option<Timestamp>)>, now: Now) -> Timetable {
        let lines = notebooks.into_iter().map(|(name, rules, last)| match last {
            Some(last) => Line::known(name, rules, last, now),
            None => Line::new(name, rules, now.wall),
        });
        let mut timetable = Timetable {
            lines: Vec::new(),
            places: HashMap::new(),
            due: BinaryHeap::new(),
            pauses: Pauses::default(),
            begun: false,
            wall: now.wall,
            ahead: ahead(now),
            is_doubted: false,
            looked_at: 0,
        };
        timetable.list(lines.collect());
        timetable.is_doubted = timetable.lines.iter().any(|line| line.before.is_some());
        timetable
    }

    /// Counts due times from these moments on, where the last one that is accounted for says nothing: a clock that was
    /// wrong told it, and these are what [`Action::Follow`] told when it was put right.
    pub fn recount(&mut self, from: &[(String, Timestamp)]) {
        for (name, from) in from.iter().filter(|(_, from)| *from <= self.wall) {
            let line = self.places.get(name).map(|&place| &mut self.lines[place]);
            if let Some(line) = line.filter(|line| line.is_new) {
                line.count_from(*from);
                line.is_new = false;
            }
        }
        self.order();
    }

    /// Takes note of what has happened, and says what is to be done about it.
    ///
    /// A step costs what is due: it looks at no notebook that is neither due nor named, but for those that
    /// come when a clock is set back, what is paused changes, or the list does.
    pub fn step(&mut self, now: Now, event: Event) -> Vec<Action> {
        let mut outcome = Outcome::default();
        self.mind_the_clock(now, &mut outcome);
        // A run that has ended before a due time is noticed does not overlap with it.
        if let Event::Ended(names) = &event {
            self.each(names, &mut outcome, Line::ended);
        }
        if self.begun {
            self.pass(now.wall, &mut outcome);
        }
        match event {
            Event::Begin => self.begin(now.wall, &mut outcome),
            Event::Tick | Event::Ended(_) => {}
            Event::Asked(names) => {
                self.each(&names, &mut outcome, |line, outcome| {
                    line.want(Trigger::Manual, outcome)
                });
            }
            Event::Changed(names) => self.each(&names, &mut outcome, |line, outcome| {
                if !line.paused {
                    line.want(Trigger::FileChange, outcome);
                }
            }),
            Event::Paused(pauses) => {
                self.pauses = pauses;
                self.mark_paused();
            }
            Event::Reloaded(notebooks) => self.reload(notebooks, now.wall, &mut outcome),
        }
        self.wall = now.wall;
        outcome.actions()
    }

    /// How long one may sleep until the next step, at most; none when nothing will ever be due.
    pub fn wake(&self, now: Now) -> Option<Duration> {
        if !self.begun {
            return Some(Duration::ZERO);
        }
        let Reverse((due, _)) = self.due.peek()?;
        let wait = due.duration_since(now.wall);
        Some(Duration::try_from(wait).unwrap_or(Duration::ZERO).min(SLEEP_MAX))
    }

    /// Where each notebook stands, in the order of the list.
    pub fn next_times(&self) -> impl Iterator<Item = Standing<'_>> {
        self.lines.iter().filter(|line| line.listed).map(|line| Standing {
            notebook: &line.name,
            next: line.next,
            paused: line.paused,
            running: line.running,
            queued: line.queued.is_some(),
        })
    }

    /// Where a notebook is in the list; one that is gone from it and still runs comes after all of the list.
    pub fn place(&self, notebook: &str) -> Option<usize> {
        self.places.get(notebook).copied()
    }

    /// The next due time of all notebooks.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.peek().map(|Reverse((due, _))| *due)
    }

    /// How many notebooks all steps until now have looked at: what they cost, in a unit that is the same on
    /// every computer.
    pub fn looked_at(&self) -> u64 {
        self.looked_at
    }

    /// Takes the list, and puts each notebook's next due time in order.
    fn list(&mut self, lines: Vec<Line>) {
        self.places.clear();
        self.lines.clear();
        self.places.reserve(lines.len());
        self.lines.reserve(lines.len());
        for line in lines {
            let place = self.lines.len();
            if let std::collections::hash_map::Entry::Vacant(free) =
                self.places.entry(line.name.clone())
            {
                free.insert(place);
                self.lines.push(line);
            }
        }
        self.mark_paused();
        self.order();
    }

    fn order(&mut self) {
        let due = self.lines.iter().enumerate().filter(|(_, line)| line.listed);
        self.due = due.map(|(place, line)| Reverse((line.next, place))).collect();
        self.looked_at += self.lines.len() as u64;
    }

    fn mark_paused(&mut self) {
        let names: HashSet<&str> = self.pauses.notebooks.iter().map(String::as_str).collect();
        for line in &mut self.lines {
            line.paused = self.pauses.all || names.contains(line.name.as_str());
        }
        self.looked_at += self.lines.len() as u64;
    }

    /// Does something with each notebook of these names that is there.
    fn each(
        &mut self,
        names: &[String],
        outcome: &mut Outcome,
        act: impl Fn(&mut Line, &mut Outcome),
    ) {
        for name in names {
            let Some(&place) = self.places.get(name) else { continue };
            self.looked_at += 1;
            outcome.place = place;
            act(&mut self.lines[place], outcome);
        }
    }

    /// Notices a clock that was set back. One that was set forward is like a computer that slept: the due
    /// times that it jumped over have passed. But one that was set back by more than a day, and is put right, jumped
    /// over nothing.
    fn mind_the_clock(&mut self, now: Now, outcome: &mut Outcome) {
        let before = self.ahead;
        let back = before - ahead(now);
        if back < STEADY {
            // What is slowly lost adds up until it is noticed; what is gained is taken as it is.
            self.ahead = before.max(ahead(now));
            if self.is_doubted && back <= -STEADY {
                self.change(outcome, |line| line.trust_again(now));
                self.is_doubted = self.lines.iter().any(|line| line.before.is_some());
            }
            return;
        }
        self.ahead = ahead(now);
        if back > DAY {
            self.is_doubted = true;
            self.change(outcome, |line| {
                line.doubt(before, now.wall);
                true
            });
            return;
        }
        for line in self.lines.iter_mut().filter(|line| line.listed) {
            line.set_back(back, self.wall);
        }
        self.order();
    }

    /// Changes from when the due times count, and tells of which notebooks it has.
    fn change(&mut self, outcome: &mut Outcome, change: impl Fn(&mut Line) -> bool) {
        for line in self.lines.iter_mut().filter(|line| line.listed) {
            // Before the beginning, that tells.
            if change(line) && self.begun {
                line.is_new = false;
                outcome.follow(&line.name, line.accounted);
            }
        }
        self.order();
    }

    /// Accounts for every due time that has passed.
    fn pass(&mut self, now: Timestamp, outcome: &mut Outcome) {
        let mut memory = Memory::default();
        while let Some(Reverse((due, place))) = self.due.peek().copied() {
            if due > now || due == Timestamp::MAX {
                break;
            }
            self.due.pop();
            if !self.account(place, now, false, &mut memory, outcome) {
                let line = &mut self.lines[place];
                line.next = line.rules.schedule.next(now, &line.rules.zone);
            }
            self.due.push(Reverse((self.lines[place].next, place)));
        }
    }

    /// Accounts for what one notebook missed; whether it had missed something.
    fn account(
        &mut self,
        place: usize,
        now: Timestamp,
        beginning: bool,
        memory: &mut Memory,
        outcome: &mut Outcome,
    ) -> bool {
        let line = &mut self.lines[place];
        self.looked_at += 1;
        outcome.place = place;
        let Some(passed) = memory.passed(line, now) else { return false };
        line.account(&passed, now, beginning, outcome);
        true
    }

    /// What passed while Penny was off is caught up; the others run if they run at each start.
    fn begin(&mut self, now: Timestamp, outcome: &mut Outcome) {
        if self.begun {
            return;
        }
        self.begun = true;
        let mut memory = Memory::default();
        for place in 0..self.lines.len() {
            self.introduce(place, outcome);
            if self.lines[place].next <= now {
                self.account(place, now, true, &mut memory, outcome);
            }
            self.start(place, outcome);
        }
        self.order();
    }

    /// Tells that a notebook's due times count from now on, if they do.
    fn introduce(&mut self, place: usize, outcome: &mut Outcome) {
        let line = &mut self.lines[place];
        if std::mem::take(&mut line.is_new) {
            outcome.follow(&line.name, line.accounted);
        }
    }

    /// Runs a notebook that runs at each start, unless it runs already.
    fn start(&mut self, place: usize, outcome: &mut Outcome) {
        let line = &mut self.lines[place];
        outcome.place = place;
        if line.rules.at_start && line.listed && !line.paused && !line.running {
            line.run(Trigger::Start, None, outcome);
        }
    }

    /// Takes a new list. Runs in progress go on, those of notebooks that are gone too.
    fn reload(&mut self, notebooks: Vec<Listed>, now: Timestamp, outcome: &mut Outcome) {
        let mut before: HashMap<String, Line> =
            self.lines.drain(..).map(|line| (line.name.clone(), line)).collect();
        let mut added = HashSet::new();
        let mut lines: Vec<Line> = Vec::with_capacity(notebooks.len());
        for (name, rules) in notebooks {
            let kept = before.remove(&name).filter(|line| line.listed || line.running);
            let Some(mut line) = kept else {
                added.insert(name.clone());
                lines.push(Line::new(name, rules, now));
                continue;
            };
            let is_same = line.listed
                && line.rules.schedule == rules.schedule
                && line.rules.zone == rules.zone;
            line.rules = rules;
            line.listed = true;
            if !is_same {
                line.count_from(now);
            }
            lines.push(line);
        }
        let mut gone: Vec<Line> = before.into_values().filter(|line| line.running).collect();
        gone.sort_by(|one, other| one.name.cmp(&other.name));
        for mut line in gone {
            if let Some(due) = line.queued.take().and_then(|queued| queued.due) {
                outcome.miss(&line.name, due, Missed::Overlap);
            }
            (line.listed, line.before) = (false, None);
            lines.push(line);
        }
        self.list(lines);
        if self.begun {
            for place in 0..self.lines.len() {
                self.introduce(place, outcome);
                if added.contains(&self.lines[place].name) {
                    self.start(place, outcome);
                }
            }
        }
    }
}

/// By how much the clock on the wall is ahead of real time.
fn ahead(now: Now) -> SignedDuration {
    let running = SignedDuration::try_from(now.running).unwrap_or(SignedDuration::MAX);
    now.wall.as_duration().saturating_sub(running)
}

/// Which due times have passed, by the rules and the last due time of those that were asked about in a step:
/// notebooks that share their rules are mostly due together.
#[derive(Default)]
struct Memory(HashMap<(*const Rules, Timestamp), Option<Passed>>);

impl Memory {
    /// The due times of a notebook that have passed.
    fn passed(&mut self, line: &Line, now: Timestamp) -> Option<Passed> {
        // The rules live as long as the step: a notebook has them.
        let question = (Arc::as_ptr(&line.rules), line.accounted);
        *self.0.entry(question).or_insert_with(|| line.passed(now))
    }
}
