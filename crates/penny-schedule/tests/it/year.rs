//! A year of a finance team's laptop, with both changes of the clocks, in a few seconds.
//!
//! The due times are listed by walking through the year minute by minute, with the rule for summer time and the
//! holidays of 2026 written out: nothing of the crate, nor of its library for times, is in the listing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use penny_schedule::{Calendar, Event, Now, Overlap, Pauses, Rules, Schedule, Trigger};

use crate::ledger::{Ledger, Listing, plain};
use crate::support::at;

const NOTEBOOKS: usize = 2_000;
const MINUTES_OF_DAY: i64 = 24 * 60;
/// The first minute of 2026 in Paris, counted from 1970, and the moments at which summer begins and ends.
const YEAR_BEGINS: i64 = 29_453_700;
const SUMMER_BEGINS: i64 = YEAR_BEGINS + 87 * MINUTES_OF_DAY + 120;
const SUMMER_ENDS: i64 = YEAR_BEGINS + 297 * MINUTES_OF_DAY + 120;
const HOLIDAYS: [(i64, i64); 11] = [
    (1, 1),
    (4, 6),
    (5, 1),
    (5, 8),
    (5, 14),
    (5, 25),
    (7, 14),
    (8, 15),
    (11, 1),
    (11, 11),
    (12, 25),
];
const MONTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// What a clock in Paris shows.
#[derive(Clone, Copy)]
struct Shown {
    month: i64,
    day: i64,
    /// 0 is Sunday.
    weekday: i64,
    /// Which working day of the month it is, if it is one.
    working: Option<i64>,
    minute: i64,
}

/// The days of 2026 and the two months after it, without their minutes.
fn days() -> Vec<Shown> {
    let mut days = Vec::new();
    let months = (1..).zip(MONTHS);
    for (month, length) in months.clone().chain(months.take(2)) {
        let mut working = 0;
        for day in 1..=length {
            // The year begins on a Thursday.
            let weekday = (i64::try_from(days.len()).unwrap() + 4) % 7;
            let is_working = (1..=5).contains(&weekday) && !HOLIDAYS.contains(&(month, day));
            working += i64::from(is_working);
            days.push(Shown {
                month,
                day,
                weekday,
                working: is_working.then_some(working),
                minute: 0,
            });
        }
    }
    days
}

/// The moments of the year at which the clock shows what is asked for. Fixed times come once each, others
/// whenever they are shown.
fn listed(fixed: bool, is_due: impl Fn(&Shown) -> bool) -> Listing {
    let days = days();
    let shown = |local: i64| {
        let day = usize::try_from(local.div_euclid(MINUTES_OF_DAY)).ok()?;
        Some(Shown { minute: local.rem_euclid(MINUTES_OF_DAY), ..*days.get(day)? })
    };
    let mut moments = Vec::new();
    for minute in YEAR_BEGINS + 1..YEAR_BEGINS + i64::try_from(days.len()).unwrap() * MINUTES_OF_DAY
    {
        let is_summer = (SUMMER_BEGINS..SUMMER_ENDS).contains(&minute);
        let local = minute - YEAR_BEGINS + if is_summer { 60 } else { 0 };
        let is_second_time = (SUMMER_ENDS..SUMMER_ENDS + 60).contains(&minute);
        let is_shown = shown(local).is_some_and(|shown| is_due(&shown));
        let was_jumped_over = fixed
            && minute == SUMMER_BEGINS
            && (local - 60..local).any(|local| shown(local).is_some_and(|shown| is_due(&shown)));
        if (is_shown && !(fixed && is_second_time)) || was_jumped_over {
            moments.push(Timestamp::from_second(minute * 60).expect("in range"));
        }
    }
    Listing::Moments(Rc::new(moments))
}

/// The schedules of the year, each with how many of two hundred notebooks have it.
fn kinds() -> Vec<(usize, Schedule, Listing)> {
    let daily = |times: &[&str]| Schedule::daily_at(times).unwrap();
    let cron = |text: &str| Schedule::cron(text).unwrap();
    let interval = |minutes| Listing::Interval(SignedDuration::from_mins(minutes));
    let france = Calendar::France;
    vec![
        (12, daily(&["08:00"]), listed(true, |shown| shown.minute == 480)),
        (6, daily(&["02:30"]), listed(true, |shown| shown.minute == 150)),
        (4, daily(&["13:30", "06:15"]), listed(true, |shown| [375, 810].contains(&shown.minute))),
        (
            8,
            cron("30 8 * * 1-5"),
            listed(true, |shown| (1..=5).contains(&shown.weekday) && shown.minute == 510),
        ),
        (
            3,
            cron("*/15 2 * * *"),
            listed(true, |shown| (120..180).contains(&shown.minute) && shown.minute % 15 == 0),
        ),
        (1, cron("@hourly"), listed(false, |shown| shown.minute % 60 == 0)),
        (
            40,
            cron("0 8 13 * 5"),
            listed(true, |shown| (shown.day == 13 || shown.weekday == 5) && shown.minute == 480),
        ),
        (
            56,
            cron("0 18 L * *"),
            listed(true, |shown| {
                shown.day == MONTHS[usize::try_from(shown.month - 1).unwrap()]
                    && shown.minute == 1080
            }),
        ),
        (
            56,
            Schedule::on_working_day(&[3], france, &["08:00"]).unwrap(),
            listed(true, |shown| shown.working == Some(3) && shown.minute == 480),
        ),
        (
            8,
            daily(&["07:45"]).on_working_days(france).unwrap(),
            listed(true, |shown| shown.working.is_some() && shown.minute == 465),
        ),
        (2, Schedule::every("2h").unwrap(), interval(120)),
        (1, Schedule::every("90m").unwrap(), interval(90)),
        (5, Schedule::every("1d").unwrap(), interval(1440)),
    ]
}

fn notebooks() -> Vec<(String, Arc<Rules>, Listing)> {
    let mut notebooks = Vec::new();
    for (share, schedule, listing) in kinds() {
        for (overlap, catch_up) in
            [(Overlap::Skip, true), (Overlap::Queue, true), (Overlap::Skip, false)]
        {
            let rules = Arc::new(Rules { overlap, catch_up, ..plain(schedule.clone()) });
            for number in 0..(NOTEBOOKS * share).div_ceil(600) {
                let rule = if catch_up { "catches up" } else { "does not catch up" };
                let name = format!("{number} {overlap:?} {rule}, {}", schedule.describe());
                notebooks.push((name, rules.clone(), listing.clone()));
            }
        }
    }
    notebooks
}

/// Numbers by chance, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn one_in(&mut self, number: u64) -> bool {
        self.below(number) == 0
    }

    /// A length of time in seconds and a fraction, from one to another.
    fn seconds(&mut self, from: u64, to: u64) -> SignedDuration {
        SignedDuration::from_millis((from * 1_000 + self.below((to - from) * 1_000)).cast_signed())
    }
}

/// The laptop and the runs in progress on it.
struct Laptop {
    ledger: Ledger,
    chance: Chance,
    /// All notebooks that there ever are.
    notebooks: Vec<(String, Arc<Rules>, Listing)>,
    /// When each run in progress ends, in real time.
    ends: BinaryHeap<Reverse<(Duration, String)>>,
}

impl Laptop {
    fn step(&mut self, event: Event) {
        self.ledger.step(event);
        self.begin_runs();
    }

    /// Says when what has just begun will end.
    fn begin_runs(&mut self) {
        for name in std::mem::take(&mut self.ledger.begun) {
            // Most runs are short; one that fails and is tried again takes longer, and some take hours.
            let (from, to) = match self.chance.below(40) {
                0 => (3_600, 3 * 3_600),
                1..5 => (300, 1_800),
                _ => (2, 60),
            };
            let length = Duration::try_from(self.chance.seconds(from, to)).expect("positive");
            self.ends.push(Reverse((self.ledger.now.running + length, name)));
        }
    }

    /// Sleeps as long as the timetable allows, or until a run ends, then takes a step.
    fn go_on(&mut self) {
        let wake = self.ledger.timetable.wake(self.ledger.now).expect("there are notebooks");
        let end =
            self.ends.peek().map(|Reverse((end, _))| end.saturating_sub(self.ledger.now.running));
        let wait = end.map_or(wake, |end| end.min(wake));
        self.ledger.wait(SignedDuration::try_from(wait).expect("half a minute at most"));
        let mut ended = Vec::new();
        while let Some(Reverse((end, _))) = self.ends.peek()
            && *end <= self.ledger.now.running
        {
            ended.extend(self.ends.pop().map(|Reverse((_, name))| name));
        }
        self.step(if ended.is_empty() { Event::Tick } else { Event::Ended(ended) });
    }

    fn awake_until(&mut self, wall: Timestamp) {
        while self.ledger.now.wall < wall {
            self.go_on();
        }
    }

    fn asleep_until(&mut self, wall: Timestamp) {
        if wall > self.ledger.now.wall {
            self.ledger.now.wall = wall;
            self.step(Event::Tick);
        }
    }

    /// What befalls a laptop now and then.
    fn mishap(&mut self) {
        let all = self.ledger.accounts.len() as u64;
        match self.chance.below(12) {
            0 => {
                let back = self.chance.seconds(1, 3 * 3_600);
                self.ledger.set_back(back);
                self.begin_runs();
            }
            1 => {
                // An hour with a clock that is three days behind.
                let wrong = self.chance.seconds(3 * 86_400, 3 * 86_400 + 60);
                self.ledger.set_back(wrong);
                self.begin_runs();
                let hour = self.ledger.now.wall + SignedDuration::from_hours(1);
                self.awake_until(hour);
                self.ledger.notice();
                // It is put right, and has jumped over nothing.
                self.asleep_until(self.ledger.now.wall + wrong);
            }
            2 => {
                let forward = self.chance.seconds(1, 5 * 3_600);
                self.asleep_until(self.ledger.now.wall + forward);
            }
            3 => {
                // Penny is killed; what ran is gone.
                self.ends.clear();
                let off = self.chance.seconds(1, 2 * 86_400);
                self.ledger.restart(off);
                self.begin_runs();
            }
            4 => {
                let some = self.chance.below(all) as usize;
                let notebooks = self.ledger.accounts.keys().skip(some).take(100).cloned().collect();
                let all = self.chance.one_in(4);
                self.step(Event::Paused(Pauses { all, notebooks }));
            }
            5 => self.step(Event::Paused(Pauses::default())),
            6 => {
                let left_out = self.chance.below(all) as usize;
                let mut list = self.notebooks.clone();
                list.truncate(NOTEBOOKS.max(left_out) - left_out / 4);
                self.ledger.thorough = true;
                self.ledger.reload(list);
                self.ledger.thorough = false;
                self.begin_runs();
            }
            _ => {}
        }
    }
}

#[test]
fn in_a_year_of_sleeps_and_mishaps_every_due_time_is_accounted_for_once() {
    let now = Now { wall: at("2026-01-01T00:00:00+01:00"), running: Duration::from_secs(60) };
    assert_eq!(now.wall.as_second(), YEAR_BEGINS * 60);
    let notebooks = notebooks();
    assert!(notebooks.len() >= NOTEBOOKS);
    let mut ledger = Ledger::begun(now, notebooks.clone());
    ledger.thorough = false;
    let chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut laptop = Laptop { ledger, chance, notebooks, ends: BinaryHeap::new() };
    let hour = SignedDuration::from_hours(1);
    let end = at("2026-12-31T20:00:00+01:00");
    let mut morning = now.wall + hour * 7;
    while laptop.ledger.now.wall < end {
        let noon = morning + hour * 4 + laptop.chance.seconds(0, 3_600);
        laptop.awake_until(noon);
        // Not in the first days: a clock that is days behind would be in a year that is not listed.
        if morning > now.wall + hour * 24 * 4 {
            laptop.mishap();
        }
        let evening = morning + hour * 11 + laptop.chance.seconds(0, 7_200);
        laptop.awake_until(evening);
        morning += hour * 24;
        // In between only the notebooks of a step are looked at; now and then, all of them.
        if laptop.chance.one_in(10) {
            laptop.ledger.notice();
            laptop.ledger.check();
        }
        // The clocks change in front of a laptop that is awake; so it is on some other nights.
        let is_change = [SUMMER_BEGINS, SUMMER_ENDS].iter().any(|change| {
            let change = Timestamp::from_second(change * 60).expect("in range");
            morning > change && morning - hour * 24 < change
        });
        if !is_change && !laptop.chance.one_in(8) {
            let days_off = if laptop.chance.one_in(10) { 48 } else { 0 };
            morning += hour * days_off;
            let woken = morning - laptop.chance.seconds(0, 3_600);
            laptop.asleep_until(woken);
        }
    }
    laptop.ledger.close();
    let totals = &laptop.ledger.totals;
    let accounted = totals.missed.values().sum::<u64>() + totals.runs.values().sum::<u64>();
    assert_eq!(accounted, totals.due, "{totals:?}");
    for trigger in [Trigger::Timer, Trigger::CatchUp] {
        assert!(laptop.ledger.runs(trigger) > 20_000, "{totals:?}");
    }
    for why in ["overlap", "paused", "off"] {
        assert!(totals.missed.get(why).is_some_and(|times| *times > 1_000), "{totals:?}");
    }
}

#[test]
fn ten_thousand_notebooks_cost_what_is_due_and_no_more() {
    let mut rules = Vec::new();
    for number in 0..10_000_usize {
        let time = format!("{:02}:{:02}", number / 60 % 24, number % 60);
        rules.push((
            format!("n{number}"),
            Arc::new(plain(Schedule::daily_at(&[time]).unwrap())),
            None,
        ));
    }
    let now = Now { wall: at("2026-06-01T00:00:30+02:00"), running: Duration::ZERO };
    let mut timetable = penny_schedule::Timetable::new(rules, now);
    timetable.step(now, Event::Begin);
    let begun = timetable.looked_at();
    let mut now = now;
    let mut turns = 0;
    // A day, step by step as often as it wants.
    while now.wall < at("2026-06-02T00:00:30+02:00") {
        let wait = timetable.wake(now).expect("there are notebooks");
        now = Now {
            wall: now.wall + SignedDuration::try_from(wait).unwrap(),
            running: now.running + wait,
        };
        for action in timetable.step(now, Event::Tick) {
            if let penny_schedule::Action::Run { turns: due, .. } = action {
                turns += due.len() as u64;
            }
        }
    }
    assert_eq!(turns, 10_000);
    assert_eq!(timetable.looked_at() - begun, 10_000);
}
