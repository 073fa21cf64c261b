//! The books that a test keeps of a timetable: every due time is entered once, and a notebook runs once at a time.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use penny_schedule::{
    Action, Event, Listed, Missed, Now, Overlap, Pauses, Rules, Timetable, Trigger,
};

/// Where the due times of a notebook come from.
#[derive(Clone, Debug)]
pub enum Listing {
    /// Listed by other means than the schedule.
    Moments(Rc<Vec<Timestamp>>),
    /// One after the other.
    Interval(SignedDuration),
    /// By the schedule, which other tests prove.
    Schedule,
}

/// What is known of one notebook.
#[derive(Clone, Debug)]
pub struct Account {
    pub rules: Arc<Rules>,
    listing: Listing,
    /// The due times up to this one have been noticed.
    edge: Timestamp,
    /// Those that are in nobody's report yet.
    open: VecDeque<Timestamp>,
    /// The last one that a history has.
    kept: Timestamp,
    /// Before the clock was set back by more than a day: up to where they had been noticed, and by how much it was
    /// ahead of real time.
    before: Option<(Timestamp, SignedDuration)>,
    /// From where they count again after that, which is to be told.
    again: Option<Timestamp>,
    pub running: bool,
    /// One that is not runs to its end, and has no due times.
    listed: bool,
}

/// How often each thing happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub due: u64,
    pub runs: BTreeMap<Trigger, u64>,
    pub missed: BTreeMap<&'static str, u64>,
}

/// A timetable with its books.
pub struct Ledger {
    pub timetable: Timetable,
    pub now: Now,
    pub accounts: BTreeMap<String, Account>,
    pub pauses: Pauses,
    pub totals: Totals,
    /// What began to run in the last step.
    pub begun: Vec<String>,
    /// Whether all books are looked at after each step, not only those that it is about.
    pub thorough: bool,
}

impl Account {
    fn new(rules: Arc<Rules>, listing: Listing, edge: Timestamp) -> Account {
        Account {
            rules,
            listing,
            edge,
            open: VecDeque::new(),
            kept: edge,
            before: None,
            again: None,
            running: false,
            listed: true,
        }
    }

    fn next(&self) -> Timestamp {
        match &self.listing {
            Listing::Moments(moments) => {
                let place = moments.partition_point(|moment| *moment <= self.edge);
                moments.get(place).copied().unwrap_or(Timestamp::MAX)
            }
            Listing::Interval(length) => self.edge + *length,
            Listing::Schedule => self.rules.schedule.next(self.edge, &self.rules.zone),
        }
    }

    fn notice(&mut self, now: Timestamp) -> u64 {
        let before = self.open.len();
        loop {
            let next = self.next();
            if next > now {
                return u64::try_from(self.open.len() - before).expect("fewer than there are");
            }
            self.open.push_back(next);
            self.edge = next;
        }
    }

    fn close(&mut self, name: &str, due: Timestamp) {
        assert_eq!(self.open.pop_front(), Some(due), "`{name}`: the due time that comes next");
        self.kept = due;
    }
}

impl Ledger {
    pub fn begun(now: Now, notebooks: Vec<(String, Arc<Rules>, Listing)>) -> Ledger {
        let listed = notebooks.iter().map(|(name, rules, _)| (name.clone(), rules.clone(), None));
        let timetable = Timetable::new(listed.collect(), now);
        let accounts = notebooks
            .into_iter()
            .map(|(name, rules, listing)| (name, Account::new(rules, listing, now.wall)));
        let mut ledger = Ledger {
            timetable,
            now,
            accounts: accounts.collect(),
            pauses: Pauses::default(),
            totals: Totals::default(),
            begun: Vec::new(),
            thorough: true,
        };
        ledger.step(Event::Begin);
        ledger
    }

    /// Real time passes.
    pub fn wait(&mut self, length: SignedDuration) {
        self.now.wall += length;
        self.now.running += std::time::Duration::try_from(length).expect("time goes forward");
    }

    /// A step, and what it says entered in the books.
    pub fn step(&mut self, event: Event) {
        let is_reload = matches!(event, Event::Reloaded(_));
        self.trust_again();
        if self.thorough || is_reload {
            self.notice();
        }
        if let Event::Ended(names) = &event {
            for name in names {
                self.account(name).running = false;
            }
        }
        if let Event::Paused(pauses) = &event {
            self.pauses = pauses.clone();
        }
        self.enter(event);
        if self.thorough && !is_reload {
            self.check();
        }
    }

    /// Once the clock shows what it would show had it not been set back, nothing of before is due again.
    fn trust_again(&mut self) {
        let (ahead, now) = (self.ahead(), self.now.wall);
        // A clock that is put right may be a little behind what it was.
        let near = SignedDuration::from_hours(1);
        for account in self.accounts.values_mut().filter(|account| account.listed) {
            if let Some((edge, _)) = account.before.take_if(|(_, before)| ahead >= *before - near) {
                let is_interval = matches!(account.listing, Listing::Interval(_));
                let edge = if is_interval { edge.min(now) } else { edge };
                account.edge = account.edge.max(edge);
                account.again = Some(account.edge);
            }
        }
    }

    fn ahead(&self) -> SignedDuration {
        let running = SignedDuration::try_from(self.now.running).expect("not that long");
        self.now.wall.as_duration() - running
    }

    /// Takes note of all due times that have passed.
    pub fn notice(&mut self) {
        for account in self.accounts.values_mut().filter(|account| account.listed) {
            self.totals.due += account.notice(self.now.wall);
        }
    }

    fn enter(&mut self, event: Event) {
        self.begun.clear();
        let was_asked = matches!(event, Event::Asked(_) | Event::Ended(_));
        let mut has_run = false;
        for action in self.timetable.step(self.now, event) {
            match action {
                Action::Follow { notebook, from } => self.follow(&notebook, from),
                Action::Miss { notebook, first, due, times, why } => {
                    assert!(!has_run, "what is missed comes before what runs");
                    self.miss(&notebook, first, due, times, why);
                }
                Action::Run { turns, trigger, .. } => {
                    assert!(!has_run, "a step has one sync at most");
                    assert_eq!(turns.iter().map(|turn| turn.trigger).max(), Some(trigger));
                    has_run = true;
                    for turn in turns {
                        self.run(&turn.notebook, turn.trigger, turn.due, was_asked);
                    }
                }
            }
        }
    }

    /// The account of a notebook, with the due times that have passed.
    fn account(&mut self, name: &str) -> &mut Account {
        let account = self.accounts.get_mut(name).expect("a notebook of the list");
        if account.listed {
            self.totals.due += account.notice(self.now.wall);
        }
        account
    }

    fn follow(&mut self, name: &str, from: Timestamp) {
        let now = self.now.wall;
        let account = self.account(name);
        match account.again.take() {
            Some(again) => assert_eq!(from, again, "`{name}` counts from where it was"),
            None => {
                assert_eq!(from, now, "`{name}` counts from now");
                account.edge = from;
            }
        }
        // A later one is kept until a run or a miss tells.
        account.kept = account.kept.max(from);
    }

    fn miss(&mut self, name: &str, first: Timestamp, due: Timestamp, times: u64, why: Missed) {
        *self.totals.missed.entry(why.word()).or_default() += times;
        let account = self.account(name);
        assert_eq!(account.open.front(), Some(&first), "`{name}`: the first that is missed");
        for _ in 1..times {
            let next = *account.open.front().expect("as many as there are");
            account.close(name, next);
        }
        account.close(name, due);
    }

    fn run(&mut self, name: &str, trigger: Trigger, due: Option<Timestamp>, was_asked: bool) {
        *self.totals.runs.entry(trigger).or_default() += 1;
        let is_paused = self.is_paused(name);
        self.begun.push(name.to_owned());
        let account = self.account(name);
        assert!(!account.running, "`{name}` runs twice at a time");
        account.running = true;
        assert!(!is_paused || (was_asked && trigger == Trigger::Manual), "`{name}` is paused");
        assert_eq!(
            matches!(trigger, Trigger::Timer | Trigger::CatchUp),
            due.is_some() && trigger != Trigger::Manual
        );
        if let Some(due) = due {
            account.close(name, due);
        }
    }

    fn is_paused(&self, name: &str) -> bool {
        self.pauses.all || self.pauses.notebooks.iter().any(|paused| paused == name)
    }

    /// After each step nothing is left that has passed, but what waits for a run in progress.
    pub fn check(&self) {
        let listed = self.accounts.values().filter(|account| account.listed).count();
        assert_eq!(self.timetable.next_times().count(), listed);
        for standing in self.timetable.next_times() {
            let account = &self.accounts[standing.notebook];
            let waiting = usize::from(standing.queued);
            assert!(account.open.len() <= waiting, "`{}`: {:?}", standing.notebook, account.open);
            assert_eq!(standing.running, account.running, "`{}`", standing.notebook);
            assert_eq!(standing.next, account.next(), "`{}`", standing.notebook);
            assert!(standing.next > self.now.wall);
        }
        if let Some(wait) = self.timetable.wake(self.now) {
            let next = self.timetable.next_due().expect("there is something to wait for");
            let until = SignedDuration::try_from(wait).expect("at most half a minute");
            assert!(self.now.wall + until <= next && until <= SignedDuration::from_secs(30));
        }
    }

    /// The clock is set back after a step in which everything was noticed.
    pub fn set_back(&mut self, back: SignedDuration) {
        self.notice();
        let ahead = self.ahead();
        self.now.wall -= back;
        for account in self.accounts.values_mut() {
            let is_later = account.before.is_none_or(|(_, before)| before < ahead);
            if back > SignedDuration::from_hours(24) && account.listed && is_later {
                account.before = Some((account.edge, ahead));
            }
            if back <= SignedDuration::from_hours(24)
                && matches!(account.listing, Listing::Interval(_))
            {
                account.edge -= back + SignedDuration::from_secs(1);
            }
        }
        self.step(Event::Tick);
    }

    /// Another list; each notebook as it is to be from now on.
    pub fn reload(&mut self, notebooks: Vec<(String, Arc<Rules>, Listing)>) {
        let listed: Vec<Listed> =
            notebooks.iter().map(|(name, rules, _)| (name.clone(), rules.clone())).collect();
        // The step accounts for what has passed by the old rules, then tells from when the new ones count.
        for (name, rules, listing) in &notebooks {
            let new = || Account::new(rules.clone(), listing.clone(), self.now.wall);
            self.accounts.entry(name.clone()).or_insert_with(new);
        }
        self.step(Event::Reloaded(listed));
        for account in self.accounts.values_mut() {
            account.listed = false;
        }
        for (name, rules, listing) in notebooks {
            let account = self.account(&name);
            (account.rules, account.listing, account.listed) = (rules, listing, true);
        }
        for account in self.accounts.values_mut().filter(|account| !account.listed) {
            account.before = None;
        }
        self.accounts.retain(|name, account| {
            assert!(
                account.listed || account.open.is_empty(),
                "`{name}` is gone, its books are open"
            );
            account.listed || account.running
        });
        self.check();
    }

    /// Penny is killed, and started again after a while: it knows what the history has.
    pub fn restart(&mut self, off: SignedDuration) {
        self.now.wall += off;
        self.now.running = std::time::Duration::from_secs(5);
        self.accounts.retain(|_, account| account.listed);
        let known = self.accounts.iter();
        let known =
            known.map(|(name, account)| (name.clone(), account.rules.clone(), Some(account.kept)));
        self.timetable = Timetable::new(known.collect(), self.now);
        for account in self.accounts.values_mut() {
            // What waited for a run in progress is in no history: it is due still.
            self.totals.due -= u64::try_from(account.open.len()).expect("one at most");
            account.open.clear();
            account.running = false;
            account.edge = account.kept;
            let ahead = account.kept.duration_since(self.now.wall);
            let shown = account.kept.as_duration() - SignedDuration::from_secs(5);
            let is_far = ahead > SignedDuration::from_hours(24);
            account.before = is_far.then_some((account.kept, shown));
        }
        let pauses = self.pauses.clone();
        self.timetable.step(self.now, Event::Paused(pauses));
        self.step(Event::Begin);
    }

    /// Nothing is paused, everything has ended: the books can be closed.
    pub fn close(&mut self) {
        self.thorough = true;
        self.step(Event::Paused(Pauses::default()));
        for _ in 0..2 {
            let running: Vec<String> = self
                .accounts
                .iter()
                .filter(|(_, account)| account.running)
                .map(|(name, _)| name.clone())
                .collect();
            self.step(Event::Ended(running));
        }
        for (name, account) in &self.accounts {
            assert!(account.open.is_empty(), "`{name}`: {:?}", account.open);
        }
        let accounted: u64 = self.totals.missed.values().sum::<u64>()
            + self.runs(Trigger::Timer)
            + self.runs(Trigger::CatchUp);
        // An asked run may have taken a due time with it.
        assert!(
            accounted <= self.totals.due
                && accounted + self.runs(Trigger::Manual) >= self.totals.due
        );
    }

    pub fn runs(&self, trigger: Trigger) -> u64 {
        self.totals.runs.get(&trigger).copied().unwrap_or(0)
    }
}

/// Rules in which only the schedule matters.
pub fn plain(schedule: penny_schedule::Schedule) -> Rules {
    Rules {
        schedule,
        zone: crate::support::paris(),
        overlap: Overlap::Skip,
        catch_up: true,
        at_start: false,
    }
}
