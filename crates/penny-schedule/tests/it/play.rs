//! A computer with two clocks, on which a timetable is played through.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use penny_schedule::{Action, Event, Now, Overlap, Rules, Schedule, Timetable};

use crate::support::{at, paris};

/// A timetable and the clocks of its computer.
pub struct Play {
    pub timetable: Timetable,
    pub now: Now,
}

/// The rules of most tests: due by a schedule, and nothing at the start.
pub fn rules(schedule: Schedule) -> Rules {
    Rules { schedule, zone: paris(), overlap: Overlap::Skip, catch_up: true, at_start: false }
}

pub fn every(interval: &str) -> Rules {
    rules(Schedule::every(interval).expect("an interval"))
}

pub fn daily(times: &[&str]) -> Rules {
    rules(Schedule::daily_at(times).expect("times of day"))
}

impl Play {
    /// A timetable that has not begun; notebooks with the last due time that is accounted for.
    pub fn new(start: &str, notebooks: &[(&str, &Rules, Option<&str>)]) -> Play {
        let now = Now { wall: at(start), running: Duration::from_secs(1_000) };
        let notebooks = notebooks.iter().map(|(name, rules, last)| {
            ((*name).to_owned(), Arc::new((*rules).clone()), last.map(at))
        });
        Play { timetable: Timetable::new(notebooks.collect(), now), now }
    }

    /// One that has begun with notebooks whose due times count from the start.
    pub fn begun(start: &str, notebooks: &[(&str, &Rules)]) -> Play {
        let notebooks: Vec<_> =
            notebooks.iter().map(|(name, rules)| (*name, *rules, None)).collect();
        let mut play = Play::new(start, &notebooks);
        play.step(Event::Begin);
        play
    }

    /// Real time passes until the clock shows this.
    pub fn until(&mut self, wall: &str) -> &mut Play {
        let passed = at(wall).duration_since(self.now.wall);
        self.now.running += Duration::try_from(passed).expect("time goes forward");
        self.now.wall = at(wall);
        self
    }

    /// The clock is set to this, or the computer sleeps until then: no real time that it knows of passes.
    pub fn jump(&mut self, wall: &str) -> &mut Play {
        self.now.wall = at(wall);
        self
    }

    /// The actions of a step, each in a line.
    pub fn step(&mut self, event: Event) -> Vec<String> {
        self.timetable.step(self.now, event).iter().flat_map(line).collect()
    }

    #[track_caller]
    pub fn check(&mut self, event: Event, expected: &[&str]) {
        assert_eq!(self.step(event), expected, "at {}", clock(self.now.wall));
    }

    #[track_caller]
    pub fn check_tick(&mut self, wall: &str, expected: &[&str]) {
        self.until(wall).check(Event::Tick, expected);
    }

    /// How long it may sleep, in seconds.
    pub fn wake(&self) -> Option<u64> {
        self.timetable.wake(self.now).map(|wait| wait.as_secs())
    }

    /// The next due time of a notebook, as the clock shows it.
    pub fn next(&self, notebook: &str) -> String {
        let standing = self.timetable.next_times().find(|standing| standing.notebook == notebook);
        clock(standing.expect("a notebook of the list").next)
    }
}

pub fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn clock(moment: Timestamp) -> String {
    moment.to_zoned(paris()).strftime("%d %H:%M:%S").to_string()
}

fn line(action: &Action) -> Vec<String> {
    match action {
        Action::Follow { notebook, from } => {
            vec![format!("follow {notebook} from {}", clock(*from))]
        }
        Action::Miss { notebook, first, due, times, why } => {
            let span = if first == due { String::new() } else { format!("{} to ", clock(*first)) };
            vec![format!("miss {notebook} {span}{} ({times}, {})", clock(*due), why.word())]
        }
        Action::Run { turns, trigger, due } => {
            let due = due.map_or_else(|| "not due".to_owned(), clock);
            let whole = format!("sync {} {due}", trigger.word());
            let turns = turns.iter().map(|turn| {
                let due = turn.due.map_or_else(|| "not due".to_owned(), clock);
                format!("  {} {} {due}", turn.notebook, turn.trigger.word())
            });
            std::iter::once(whole).chain(turns).collect()
        }
    }
}
