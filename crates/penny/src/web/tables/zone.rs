//! The workspace's time zone by a name that PostgreSQL knows.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// Zones that agree between these years are taken for one.
const YEARS: [&str; 2] = ["2000-01-01T00:00:00Z", "2038-01-01T00:00:00Z"];

/// The name of a time zone. A computer's own may have none (`/etc/localtime` is a copy, `TZ` a rule): then it is that of
/// a zone with the same clock, and UTC when there is none.
pub fn name(zone: &TimeZone) -> &str {
    static OF_THE_COMPUTER: OnceLock<Option<String>> = OnceLock::new();
    let alike = || OF_THE_COMPUTER.get_or_init(|| alike(zone)).as_deref();
    zone.iana_name().or_else(alike).unwrap_or("UTC")
}

fn alike(zone: &TimeZone) -> Option<String> {
    let clock = clock(zone);
    let named = jiff::tz::db();
    let alike = |name: &str| named.get(name).is_ok_and(|other| self::clock(&other) == clock);
    // `Europe/Paris` says more than `CET`, and both may be there.
    let mut names: Vec<String> = named.available().map(|name| name.to_string()).collect();
    names.sort_by_key(|name| !name.contains('/'));
    names.into_iter().find(|name| alike(name))
}

/// How far the clock is from UTC, and when that changes.
fn clock(zone: &TimeZone) -> Vec<(Timestamp, Offset)> {
    let [from, until] = YEARS.map(|year| year.parse::<Timestamp>().expect("a moment"));
    let mut clock = vec![(from, zone.to_offset(from))];
    for change in zone.following(from).take_while(|change| change.timestamp() < until) {
        if clock.last().is_some_and(|(_, before)| *before != change.offset()) {
            clock.push((change.timestamp(), change.offset()));
        }
    }
    clock
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_without_a_name_has_that_of_one_with_the_same_clock() {
        let paris = TimeZone::get("Europe/Paris").expect("a zone");
        assert_eq!(name(&paris), "Europe/Paris");
        let rule = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a rule");
        assert_eq!(rule.iana_name(), None);
        let found = alike(&rule).expect("a name");
        let found = TimeZone::get(&found).expect("a zone");
        assert_eq!(clock(&found), clock(&paris));
        let nobodys = TimeZone::posix("XYZ-01:23").expect("a rule");
        assert_eq!(alike(&nobodys), None);
    }
}
