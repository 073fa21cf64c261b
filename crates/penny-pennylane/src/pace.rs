//! Staying under the rate limit: 25 requests per 5 seconds and token, which other programs may share.
//!
//! The rules are a plain state with the time as an argument; whoever sends a request waits until the
//! moment that [`Pace::reserve`] gives it.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The server counts requests over this time.
pub(crate) const WINDOW: Duration = Duration::from_secs(5);
/// This client alone sends no more than this in any such time.
const REQUESTS_MAX: usize = 20;
/// What the server says is left, but is left to others.
const SLACK: u32 = 3;

/// When requests were sent, and when the next one may be.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// The last [`REQUESTS_MAX`] starts, oldest first.
    starts: VecDeque<Instant>,
    /// From the last answer's budget.
    spaced_until: Option<Instant>,
    /// From the last refusal.
    held_until: Option<Instant>,
}

/// What an answer's headers say about the current window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    /// Requests per window.
    pub(crate) limit: u32,
    /// Requests left in this window, whoever sends them.
    pub(crate) remaining: u32,
    /// Time until the window ends.
    pub(crate) reset_in: Duration,
}

impl Pace {
    /// The moment at which the next request may start, which is then taken.
    pub(crate) fn reserve(&mut self, now: Instant) -> Instant {
        let mut start = now;
        for bound in [self.spaced_until, self.held_until].into_iter().flatten() {
            start = start.max(bound);
        }
        if self.starts.len() == REQUESTS_MAX {
            let oldest = self.starts.pop_front().expect("the queue is full");
            start = start.max(oldest + WINDOW);
        }
        if let Some(last) = self.starts.back() {
            start = start.max(*last);
        }
        self.starts.push_back(start);
        start
    }

    /// Spreads what is left of the window, once half of it is used; stops short of its end.
    pub(crate) fn learn(&mut self, now: Instant, budget: Budget, jitter: Duration) {
        let reset_in = budget.reset_in.min(WINDOW);
        self.spaced_until = if budget.remaining > budget.limit / 2 {
            None
        } else if budget.remaining > SLACK {
            Some(now + reset_in / (budget.remaining - SLACK))
        } else {
            Some(now + reset_in + jitter)
        };
    }

    /// No request before `until`, whatever answers to earlier ones say.
    pub(crate) fn hold(&mut self, until: Instant) {
        self.held_until = Some(self.held_until.map_or(until, |held| held.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn budget(remaining: u32, reset_in: Duration) -> Budget {
        Budget { limit: 25, remaining, reset_in }
    }

    #[test]
    fn no_window_holds_more_requests_than_the_client_allows_itself() {
        let mut pace = Pace::default();
        let mut now = Instant::now();
        let mut starts = Vec::new();
        for step in 0..200 {
            let start = pace.reserve(now);
            assert!(start >= now);
            starts.push(start);
            now = start + Duration::from_millis(step % 7 * 10);
        }
        for pair in starts.windows(REQUESTS_MAX + 1) {
            assert!(pair[REQUESTS_MAX] - pair[0] >= WINDOW);
        }
    }

    #[test]
    fn a_fresh_window_is_used_at_once() {
        let mut pace = Pace::default();
        let now = Instant::now();
        pace.learn(now, budget(24, 5 * SECOND), SECOND);
        assert_eq!(pace.reserve(now), now);
    }

    #[test]
    fn the_second_half_of_a_window_is_spread_over_its_rest() {
        let mut pace = Pace::default();
        let now = Instant::now();
        pace.learn(now, budget(11, 4 * SECOND), SECOND);
        assert_eq!(pace.reserve(now), now + SECOND / 2);
    }

    #[test]
    fn the_last_requests_of_a_window_are_left_to_others() {
        let mut pace = Pace::default();
        let now = Instant::now();
        pace.learn(now, budget(3, 2 * SECOND), SECOND / 4);
        assert_eq!(pace.reserve(now), now + 2 * SECOND + SECOND / 4);
    }

    #[test]
    fn a_clock_far_off_makes_no_long_wait() {
        let mut pace = Pace::default();
        let now = Instant::now();
        pace.learn(now, budget(0, 3600 * SECOND), Duration::ZERO);
        assert_eq!(pace.reserve(now), now + WINDOW);
    }

    #[test]
    fn a_refusal_outlasts_the_good_news_of_earlier_requests() {
        let mut pace = Pace::default();
        let now = Instant::now();
        pace.hold(now + 3 * SECOND);
        pace.hold(now + SECOND);
        pace.learn(now, budget(24, 5 * SECOND), SECOND);
        assert_eq!(pace.reserve(now), now + 3 * SECOND);
    }
}
