//! The one clock of the service: the time on the wall, and time that only ever goes on.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::surroundings::Surroundings;

/// A variable that names a file with a number of seconds: the wall clock is set forward (or back) by so many
/// for as long as they stand there. Only tests set it, since nobody can set the clock of the computer that they
/// run on.
const SHIFT: &str = "PENNY_TEST_CLOCK";

/// Tells the time.
#[derive(Clone, Debug)]
pub struct Clock {
    begun: Instant,
    shift: Option<PathBuf>,
}

impl Clock {
    /// The computer's own clock.
    pub fn new(surroundings: &Surroundings) -> Clock {
        Clock { begun: Instant::now(), shift: surroundings.text(SHIFT).map(PathBuf::from) }
    }

    /// The time on the wall.
    pub fn wall(&self) -> Timestamp {
        let now = Timestamp::now();
        let Some(path) = &self.shift else { return now };
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let shift = SignedDuration::from_secs(text.trim().parse().unwrap_or(0));
        now.saturating_add(shift).unwrap_or(now)
    }

    /// How long Penny has run: nobody can set that.
    pub fn running(&self) -> Duration {
        self.begun.elapsed()
    }
}
