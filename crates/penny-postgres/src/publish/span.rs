//! From when to when a column of dates goes.

use arrow_schema::{DataType, TimeUnit};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

/// The earliest and the latest of a column.
pub(super) struct Span {
    kind: Kind,
    filled: u64,
    first: i64,
    last: i64,
}

/// What its numbers count.
#[derive(Clone, Copy)]
enum Kind {
    Days,
    /// So many of them in a second; whether they are moments of the world's time.
    Ticks(i64, bool),
}

impl Span {
    /// Nothing yet, of a column of dates or of timestamps.
    pub(super) fn of(kind: &DataType) -> Span {
        let kind = match kind {
            DataType::Timestamp(unit, zone) => {
                let in_a_second = match unit {
                    TimeUnit::Second => 1,
                    TimeUnit::Millisecond => 1000,
                    TimeUnit::Microsecond => 1_000_000,
                    TimeUnit::Nanosecond => 1_000_000_000,
                };
                Kind::Ticks(in_a_second, zone.is_some())
            }
            _ => Kind::Days,
        };
        Span { kind, filled: 0, first: i64::MAX, last: i64::MIN }
    }

    #[inline]
    pub(super) fn add(&mut self, value: i64) {
        self.filled += 1;
        self.first = self.first.min(value);
        self.last = self.last.max(value);
    }

    /// How many there were, the earliest and the latest; none when there were none, or none that a calendar has.
    pub(super) fn end(&self) -> Option<(u64, String, String)> {
        if self.filled == 0 {
            return None;
        }
        Some((self.filled, self.text(self.first)?, self.text(self.last)?))
    }

    fn text(&self, value: i64) -> Option<String> {
        match self.kind {
            Kind::Days => {
                let days = value.clamp(-4_000_000, 4_000_000).days();
                Some(Date::constant(1970, 1, 1).checked_add(days).ok()?.to_string())
            }
            Kind::Ticks(in_a_second, zoned) => {
                let moment = Timestamp::from_second(value.div_euclid(in_a_second)).ok()?;
                if zoned {
                    return Some(moment.to_string());
                }
                let clock = moment.to_zoned(jiff::tz::TimeZone::UTC).datetime();
                // pandas has no dates: those at midnight are.
                let is_day = clock.time() == jiff::civil::Time::midnight();
                Some(if is_day { clock.date().to_string() } else { clock.to_string() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn check(kind: DataType, values: &[i64], expected: Option<(u64, &str, &str)>) {
        let mut span = Span::of(&kind);
        values.iter().for_each(|value| span.add(*value));
        let expected = expected.map(|(n, first, last)| (n, first.to_owned(), last.to_owned()));
        assert_eq!(span.end(), expected, "{kind}");
    }

    #[test]
    fn the_first_and_last_of_a_column_are_told_as_its_kind_is_written() {
        let micros = || DataType::Timestamp(TimeUnit::Microsecond, None);
        let zoned = DataType::Timestamp(TimeUnit::Second, Some(Arc::from("Europe/Paris")));
        check(DataType::Date32, &[], None);
        check(DataType::Date32, &[20_000, -1], Some((2, "1969-12-31", "2024-10-04")));
        check(micros(), &[0, 86_400_000_000], Some((2, "1970-01-01", "1970-01-02")));
        check(micros(), &[3_600_000_000], Some((1, "1970-01-01T01:00:00", "1970-01-01T01:00:00")));
        check(zoned, &[0], Some((1, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z")));
        check(DataType::Date32, &[i64::MAX], None);
    }
}
