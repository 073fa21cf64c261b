//! Moments as the tests write them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use penny_schedule::{Schedule, time_zone};

pub fn paris() -> TimeZone {
    time_zone("Europe/Paris").expect("the database knows Paris")
}

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// The moments at which a schedule is due after another, one after the other.
#[track_caller]
pub fn check_next(schedule: &Schedule, zone: &str, after: &str, expected: &[&str]) {
    let zone = time_zone(zone).expect("a known zone");
    let mut moment = at(after);
    for expected in expected {
        moment = schedule.next(moment, &zone);
        assert_eq!(moment, at(expected), "{}", moment.to_zoned(zone.clone()));
    }
}
