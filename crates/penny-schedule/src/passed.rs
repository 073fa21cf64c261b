//! The due times that have passed since one that is accounted for.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::interval;
use crate::schedule::{Days, Schedule};

/// So many times are counted one by one; of more, the first and the last are known and the rest is not counted.
const COUNTED_MAX: u64 = 10_000;

/// Due times that have passed: at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) first: Timestamp,
    /// The one before the last, when there are two or more.
    pub(crate) before_last: Option<Timestamp>,
    pub(crate) last: Timestamp,
    /// How many there are; at least so many when there are more than can be counted.
    pub(crate) times: u64,
    /// The due time after them.
    pub(crate) next: Timestamp,
}

impl Schedule {
    /// The due times after `accounted`, from which an interval counts, up to and with `until`.
    pub(crate) fn passed(
        &self,
        accounted: Timestamp,
        until: Timestamp,
        zone: &TimeZone,
    ) -> Option<Passed> {
        if let (Some(length), Days::All) = (self.interval(), &self.days) {
            return intervals(length, accounted, until);
        }
        let next = |after| self.next_in_phase(accounted, after, zone);
        let first = next(accounted);
        if first > until || first == Timestamp::MAX {
            return None;
        }
        let mut passed =
            Passed { first, before_last: None, last: first, times: 1, next: next(first) };
        while passed.next <= until && passed.next != Timestamp::MAX {
            if passed.times == COUNTED_MAX {
                passed.skip_to_end(until, next);
                break;
            }
            passed.before_last = Some(passed.last);
            passed.last = passed.next;
            passed.times += 1;
            passed.next = next(passed.last);
        }
        Some(passed)
    }
}

impl Passed {
    /// Finds the last two without going through all: in the last hour, or in a longer and longer end.
    fn skip_to_end(&mut self, until: Timestamp, next: impl Fn(Timestamp) -> Timestamp) {
        for hours in [1, 24, 32 * 24, 366 * 24, 50 * 366 * 24] {
            let from = until.saturating_sub(SignedDuration::from_hours(hours));
            let from = from.unwrap_or(Timestamp::MIN).max(self.last);
            let (mut last, mut before_last) = (next(from), None);
            if last > until {
                continue;
            }
            let mut following = next(last);
            while following <= until {
                before_last = Some(last);
                last = following;
                following = next(following);
            }
            if before_last.is_some() || from == self.last {
                self.before_last = before_last.or(Some(self.last));
                (self.last, self.next) = (last, following);
                return;
            }
        }
    }
}

fn intervals(length: SignedDuration, accounted: Timestamp, until: Timestamp) -> Option<Passed> {
    let times = interval::count(length, accounted, until);
    let number = |which| interval::advanced(length, accounted, which);
    Some(Passed {
        times: u64::try_from(times).ok().filter(|times| *times > 0)?,
        first: number(1)?,
        before_last: if times > 1 { number(times - 1) } else { None },
        last: number(times)?,
        next: number(times + 1).unwrap_or(Timestamp::MAX),
    })
}
