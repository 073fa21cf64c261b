//! What holds for every schedule and every timetable, whatever happens.

use std::sync::Arc;

use jiff::civil::{Date, Time, time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use penny_schedule::{Calendar, Event, Now, Overlap, Pauses, Rules, Schedule, time_zone};
use proptest::prelude::*;

use crate::ledger::{Ledger, Listing, plain};
use crate::support::at;

/// Zones whose clocks change in all ways there are: by an hour, by half an hour, at midnight, not at all.
const ZONES: [&str; 5] =
    ["Europe/Paris", "Australia/Lord_Howe", "Asia/Beirut", "America/New_York", "UTC"];

/// The parts of a cron expression that are drawn; none is a star.
#[derive(Clone, Debug)]
struct Parts {
    minutes: Vec<i8>,
    hours: Option<Vec<i8>>,
    days: Option<Vec<i8>>,
    weekdays: Option<Vec<i8>>,
}

impl Parts {
    fn text(&self) -> String {
        let listed =
            |numbers: &[i8]| numbers.iter().map(i8::to_string).collect::<Vec<_>>().join(",");
        let field =
            |numbers: &Option<Vec<i8>>| numbers.as_ref().map_or("*".to_owned(), |n| listed(n));
        let (hours, days, weekdays) =
            (field(&self.hours), field(&self.days), field(&self.weekdays));
        format!("{} {hours} {days} * {weekdays}", listed(&self.minutes))
    }

    fn has_day(&self, date: Date) -> bool {
        let by_number = self.days.as_ref().map(|days| days.contains(&date.day()));
        let weekday = date.weekday().to_sunday_zero_offset();
        let by_weekday = self.weekdays.as_ref().map(|days| days.contains(&weekday));
        match (by_number, by_weekday) {
            (Some(number), Some(weekday)) => number || weekday,
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => true,
        }
    }

    fn has_time(&self, time: Time) -> bool {
        self.minutes.contains(&time.minute())
            && self.hours.as_ref().is_none_or(|hours| hours.contains(&time.hour()))
    }

    /// The moments of a day, each found by asking the zone about that very time.
    fn moments(&self, date: Date, zone: &TimeZone) -> Vec<Timestamp> {
        let mut moments = Vec::new();
        for minute in 0..24 * 60_i16 {
            let at = time((minute / 60) as i8, (minute % 60) as i8, 0, 0);
            if !self.has_time(at) {
                continue;
            }
            let shown = date.to_datetime(at);
            let moment = |offset: jiff::tz::Offset| offset.to_timestamp(shown).expect("in range");
            match (zone.to_ambiguous_timestamp(shown).offset(), self.hours.is_none()) {
                (AmbiguousOffset::Unambiguous { offset }, _) => moments.push(moment(offset)),
                (AmbiguousOffset::Fold { before, after }, true) => {
                    moments.extend([moment(before), moment(after)]);
                }
                (AmbiguousOffset::Fold { before, .. }, false) => moments.push(moment(before)),
                (AmbiguousOffset::Gap { .. }, true) => {}
                (AmbiguousOffset::Gap { after, .. }, false) => {
                    let change = zone.following(moment(after)).next().expect("a gap ends");
                    moments.push(change.timestamp());
                }
            }
        }
        moments
    }

    /// The next moment, by looking at day after day.
    fn next(&self, after: Timestamp, zone: &TimeZone) -> Timestamp {
        let mut day = zone.to_datetime(after).date() - 1.day();
        let mut found: Vec<Timestamp> = Vec::new();
        let mut more = 3;
        while more > 0 {
            if self.has_day(day) {
                found.extend(self.moments(day, zone).into_iter().filter(|moment| *moment > after));
            }
            more -= i32::from(!found.is_empty());
            day = day.tomorrow().expect("time goes on");
        }
        found.into_iter().min().expect("something was found")
    }
}

fn some_of(numbers: std::ops::Range<i8>) -> impl Strategy<Value = Vec<i8>> {
    proptest::collection::btree_set(numbers, 1..4).prop_map(|set| set.into_iter().collect())
}

fn parts() -> impl Strategy<Value = Parts> {
    let minutes = some_of(0..60);
    // The small hours are those in which clocks change.
    let hours = proptest::option::of(prop_oneof![some_of(0..4), some_of(0..24)]);
    let days = proptest::option::weighted(0.3, some_of(1..32));
    let weekdays = proptest::option::weighted(0.3, some_of(0..7));
    (minutes, hours, days, weekdays).prop_map(|(minutes, hours, days, weekdays)| Parts {
        minutes,
        hours,
        days,
        weekdays,
    })
}

/// A moment of a zone, mostly within two days of a change of its clocks.
fn moment(zone: &TimeZone) -> impl Strategy<Value = Timestamp> + use<> {
    let zone = zone.clone();
    let anywhere = 1_700_000_000_i64..2_000_000_000;
    (anywhere, any::<bool>(), -172_800_i64..172_800).prop_map(move |(second, near, offset)| {
        let moment = Timestamp::from_second(second).expect("in range");
        let change = zone.following(moment).next().filter(|_| near);
        change.map_or(moment, |change| change.timestamp() + SignedDuration::from_secs(offset))
    })
}

fn zone_and_moment() -> impl Strategy<Value = (TimeZone, Timestamp)> {
    proptest::sample::select(&ZONES[..]).prop_flat_map(|name| {
        let zone = time_zone(name).expect("a known zone");
        moment(&zone).prop_map(move |moment| (zone.clone(), moment))
    })
}

/// What may happen to a timetable.
#[derive(Clone, Debug)]
enum Happening {
    Wait(i64),
    Sleep(i64),
    SetForward(i64),
    SetBack(i64),
    End(usize),
    Ask(usize),
    Save(usize),
    Pause(Vec<usize>, bool),
    Reload(Vec<(usize, usize)>),
    Restart(i64),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::{Ask, End, Pause, Reload, Restart, Save, SetBack, SetForward, Sleep, Wait};
    let day = 24 * 3_600_000_i64;
    let some = || proptest::collection::vec(0..NAMES.len(), 0..3);
    let list = proptest::collection::btree_map(0..NAMES.len(), 0..SCHEDULES, 0..NAMES.len());
    prop_oneof![
        8 => (1..40_000_i64).prop_map(Wait),
        8 => (60_000..3 * 3_600_000_i64).prop_map(Wait),
        2 => (60_000..3 * day).prop_map(Sleep),
        1 => (1..2 * day).prop_map(SetForward),
        2 => prop_oneof![1_000..4 * 3_600_000_i64, 1_000..=day].prop_map(SetBack),
        1 => (day + 1..400 * day).prop_map(SetBack),
        8 => (0..NAMES.len()).prop_map(End),
        2 => (0..NAMES.len()).prop_map(Ask),
        2 => (0..NAMES.len()).prop_map(Save),
        1 => (some(), proptest::bool::weighted(0.2)).prop_map(|(some, all)| Pause(some, all)),
        1 => list.prop_map(|list| Reload(list.into_iter().collect())),
        1 => (0..2 * day).prop_map(Restart),
    ]
}

const NAMES: [&str; 6] = ["clients", "factures", "grand_livre", "balance", "banque", "tva"];
const SCHEDULES: usize = 8;

/// One of the schedules that the tests draw from, with its due times.
fn rules(number: usize) -> (Arc<Rules>, Listing) {
    let interval = |text: &str, minutes| {
        (Schedule::every(text).unwrap(), Listing::Interval(SignedDuration::from_mins(minutes)))
    };
    let (schedule, listing) = match number {
        0 => interval("1m", 1),
        1 => interval("37m", 37),
        2 => interval("2h", 120),
        3 => interval("1d", 1440),
        4 => (Schedule::daily_at(&["02:30", "08:00"]).unwrap(), Listing::Schedule),
        5 => (Schedule::cron("*/20 * * * *").unwrap(), Listing::Schedule),
        6 => {
            let daily = Schedule::daily_at(&["08:00"]).unwrap();
            (daily.on_working_days(Calendar::France).unwrap(), Listing::Schedule)
        }
        _ => (Schedule::cron("0 6 1,15 * 1").unwrap(), Listing::Schedule),
    };
    let overlap = if number.is_multiple_of(2) { Overlap::Queue } else { Overlap::Skip };
    let rules = Rules {
        overlap,
        catch_up: !number.is_multiple_of(3),
        at_start: number.is_multiple_of(4),
        ..plain(schedule)
    };
    (Arc::new(rules), listing)
}

fn notebook((name, number): (usize, usize)) -> (String, Arc<Rules>, Listing) {
    let (rules, listing) = rules(number);
    (NAMES[name].to_owned(), rules, listing)
}

fn happen(ledger: &mut Ledger, happening: Happening) {
    let one = |place: usize| vec![NAMES[place].to_owned()];
    let tick = |ledger: &mut Ledger| ledger.step(Event::Tick);
    match happening {
        Happening::Wait(milliseconds) => {
            ledger.wait(SignedDuration::from_millis(milliseconds));
            tick(ledger);
        }
        Happening::Sleep(milliseconds) | Happening::SetForward(milliseconds) => {
            ledger.now.wall += SignedDuration::from_millis(milliseconds);
            tick(ledger);
        }
        Happening::SetBack(milliseconds) => {
            ledger.set_back(SignedDuration::from_millis(milliseconds));
        }
        Happening::End(place) if ledger.accounts.contains_key(NAMES[place]) => {
            ledger.step(Event::Ended(one(place)));
        }
        Happening::End(_) => {}
        Happening::Ask(place) => ledger.step(Event::Asked(one(place))),
        Happening::Save(place) => ledger.step(Event::Changed(one(place))),
        Happening::Pause(places, all) => {
            let notebooks = places.into_iter().flat_map(one).collect();
            ledger.step(Event::Paused(Pauses { all, notebooks }));
        }
        Happening::Reload(list) => ledger.reload(list.into_iter().map(notebook).collect()),
        Happening::Restart(milliseconds) => {
            ledger.restart(SignedDuration::from_millis(milliseconds))
        }
    }
}

proptest! {
    #[test]
    fn cron_is_next_due_when_a_look_at_each_day_says_so(parts in parts(), (zone, after) in zone_and_moment()) {
        let Ok(schedule) = Schedule::cron(&parts.text()) else {
            // A day that no month has.
            return Ok(());
        };
        let mut moment = after;
        for _ in 0..4 {
            let next = schedule.next(moment, &zone);
            prop_assert!(next > moment);
            prop_assert_eq!(next, parts.next(moment, &zone), "{} after {}", parts.text(), moment);
            moment = next;
        }
    }

    #[test]
    fn an_interval_on_working_days_leaves_out_the_days_off_and_nothing_else(
        minutes in 60_i64..=1440,
        (zone, after) in zone_and_moment(),
    ) {
        let interval = Schedule::every(&format!("{minutes}m")).unwrap();
        let schedule = interval.on_working_days(Calendar::France).unwrap();
        let length = SignedDuration::from_mins(minutes);
        let mut expected = after + length;
        while !Calendar::France.is_working_day(zone.to_datetime(expected).date()) {
            expected += length;
        }
        prop_assert_eq!(schedule.next(after, &zone), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_due_time_is_accounted_for_once_whatever_happens(
        list in proptest::collection::btree_map(0..NAMES.len(), 0..SCHEDULES, 1..NAMES.len()),
        happenings in proptest::collection::vec(happening(), 1..80),
    ) {
        let wall = at("2026-03-27T18:00:00+01:00");
        let now = Now { wall, running: std::time::Duration::from_secs(1_000_000) };
        let mut ledger = Ledger::begun(now, list.into_iter().map(notebook).collect());
        for happening in happenings {
            happen(&mut ledger, happening);
        }
        ledger.close();
    }
}
