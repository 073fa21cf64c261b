//! How old a table may get.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use penny_schedule::Rules;

use super::{Config, Entry};

/// A run that is due may take so long to begin.
const BEGINS_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// How old the tables of a notebook may get.
#[derive(Clone)]
pub struct Freshness {
    /// How old.
    pub limit: Duration,
    rules: Arc<Rules>,
}

impl Config {
    /// How old the tables of a notebook may get, if that is limited.
    pub fn freshness(&self, entry: &Entry) -> Option<Freshness> {
        let limit = entry.stale_after.or(self.limits.stale_after)?;
        Some(Freshness { limit, rules: Arc::clone(&entry.rules) })
    }
}

impl Freshness {
    /// Whether a table that was published then is too old now. One whose notebook rests on days off is not
    /// while those last: it was not due since.
    pub fn is_too_old(&self, published: Timestamp, now: Timestamp) -> bool {
        let limit = SignedDuration::try_from(self.limit).unwrap_or(SignedDuration::MAX);
        if now.duration_since(published) <= limit {
            return false;
        }
        let Rules { schedule, zone, .. } = self.rules.as_ref();
        if !schedule.has_days_off() {
            return true;
        }
        let due = schedule.next(published, zone);
        due.saturating_add(BEGINS_WITHIN).is_ok_and(|late| late <= now)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::diagnostic::Source;

    /// Whether a table published at one moment is too old at another, both in Paris.
    #[track_caller]
    fn check(schedule: &str, published: &str, now: &str, too_old: bool) {
        let text = format!(
            "[schedule]\ntimezone = \"Europe/Paris\"\n{schedule}\n[limits]\nstale_after = \"6h\"\n\
             [[notebook]]\nname = \"n\"\nfile = \"Cargo.toml\"\n"
        );
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("penny.toml");
        let source = Source::new(&path, &text);
        let config =
            crate::config::parse::parse(&source).unwrap_or_else(|e| panic!("{}", e.sentence()));
        let freshness = config.freshness(&config.notebooks[0]).expect("a limit");
        let moment = |text: &str| {
            let text = format!("{text}[Europe/Paris]");
            text.parse::<jiff::Zoned>().unwrap_or_else(|e| panic!("{text}: {e}")).timestamp()
        };
        let found = freshness.is_too_old(moment(published), moment(now));
        assert_eq!(found, too_old, "{schedule}: {published}, {now}");
    }

    #[test]
    fn a_table_is_too_old_after_its_limit() {
        check("every = \"2h\"", "2026-11-20T08:00", "2026-11-20T14:00", false);
        check("every = \"2h\"", "2026-11-20T08:00", "2026-11-20T14:01", true);
        check("every = \"2h\"", "2026-11-20T18:00", "2026-11-21T12:00", true);
    }

    #[test]
    fn a_table_is_not_too_old_on_days_off() {
        let schedule = "daily_at = [\"08:00\"]\nworking_days = \"FR\"";
        // Friday to Monday.
        check(schedule, "2026-11-20T08:01", "2026-11-22T20:00", false);
        check(schedule, "2026-11-20T08:01", "2026-11-23T08:03", false);
        check(schedule, "2026-11-20T08:01", "2026-11-23T08:05", true);
        // A Thursday to its next working day: 1 May is a holiday.
        check(schedule, "2026-04-30T08:01", "2026-05-02T20:00", false);
    }
}
