//! How often a run is tried, and how long is waited in between.

use std::time::Duration;

/// The rule for trying again after a cause that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How many attempts there are in all: at least one.
    pub attempts: u32,
    /// How long is waited after the first attempt, about.
    pub first_pause: Duration,
    /// No pause is longer, however many attempts there were.
    pub longest_pause: Duration,
}

impl Default for Retry {
    fn default() -> Retry {
        Retry {
            attempts: 3,
            first_pause: Duration::from_secs(30),
            longest_pause: Duration::from_secs(600),
        }
    }
}

impl Retry {
    /// One attempt and no more.
    pub const ONCE: Retry =
        Retry { attempts: 1, first_pause: Duration::ZERO, longest_pause: Duration::ZERO };

    /// How long to wait after the failure of an attempt (from 1) until the next one; none when it was the last.
    ///
    /// Pauses double from the first up to the longest; of each, the second half is left to chance (`random`,
    /// from 0 to 1), so that notebooks which failed together do not come back together.
    pub fn pause_after(&self, attempt: u32, random: f64) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(31);
        let whole = self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause);
        let random = if random.is_finite() { random.clamp(0.0, 1.0) } else { 0.5 };
        Some(whole.mul_f64(0.5 + random / 2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_the_last_attempt_has_none() {
        let retry = Retry {
            attempts: 6,
            first_pause: Duration::from_secs(30),
            longest_pause: Duration::from_secs(200),
        };
        let pauses: Vec<Option<u64>> =
            (1..=6).map(|attempt| Some(retry.pause_after(attempt, 1.0)?.as_secs())).collect();
        assert_eq!(pauses, [Some(30), Some(60), Some(120), Some(200), Some(200), None]);
        assert_eq!(Retry::ONCE.pause_after(1, 0.3), None);
    }

    #[test]
    fn chance_takes_at_most_half_of_a_pause() {
        let retry = Retry::default();
        for random in [0.0, 0.25, 0.999, 1.0, -3.0, 7.0, f64::NAN] {
            let pause = retry.pause_after(1, random).expect("three attempts");
            assert!(
                (Duration::from_secs(15)..=Duration::from_secs(30)).contains(&pause),
                "{random}"
            );
        }
    }

    #[test]
    fn very_many_attempts_are_no_overflow() {
        let retry = Retry { attempts: u32::MAX, ..Retry::default() };
        assert_eq!(retry.pause_after(u32::MAX - 1, 1.0), Some(Duration::from_secs(600)));
    }
}
