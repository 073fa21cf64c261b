//! The rate limit: so many requests in a window of time, for each token.

use jiff::{SignedDuration, Timestamp};

/// How much a token may ask for.
#[derive(Debug, Clone, Copy)]
pub struct RateLimit {
    /// Requests allowed in one window.
    pub requests: u32,
    /// Length of a window; it opens with the first request after the one before has ended.
    pub window: SignedDuration,
}

/// Pennylane's own limit: 25 requests in 5 seconds.
impl Default for RateLimit {
    fn default() -> RateLimit {
        RateLimit { requests: 25, window: SignedDuration::from_secs(5) }
    }
}

/// The open window of one token.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    ends: Option<Timestamp>,
    used: u32,
}

/// Where a token stands after one more request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Whether this request is within the limit.
    pub allowed: bool,
    /// Requests allowed in one window.
    pub limit: u32,
    /// Requests left in the window.
    pub remaining: u32,
    /// When the window ends, in Unix seconds, rounded up.
    pub reset_s: i64,
    /// Whole seconds to wait for it, at least 1.
    pub retry_after_s: i64,
}

impl Window {
    /// Counts one request at `now`.
    pub fn count(&mut self, limit: RateLimit, now: Timestamp) -> Standing {
        let ends = match self.ends {
            // A clock that was set back must not leave a window open for longer than its length.
            Some(ends) if now < ends && ends.duration_since(now) <= limit.window => ends,
            _ => {
                self.used = 0;
                now.saturating_add(limit.window).unwrap_or(now)
            }
        };
        self.ends = Some(ends);
        let allowed = self.used < limit.requests;
        if allowed {
            self.used += 1;
        }
        Standing {
            allowed,
            limit: limit.requests,
            remaining: limit.requests - self.used,
            reset_s: ends.as_second() + i64::from(ends.subsec_nanosecond() > 0),
            retry_after_s: whole_seconds_up(ends.duration_since(now)).max(1),
        }
    }
}

fn whole_seconds_up(duration: SignedDuration) -> i64 {
    duration.as_secs() + i64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap()
    }

    #[test]
    fn the_request_after_the_last_allowed_one_is_refused_until_the_window_ends() {
        let limit = RateLimit::default();
        let mut window = Window::default();
        for used in 1..=25 {
            let standing = window.count(limit, at(10 * i64::from(used)));
            assert!(standing.allowed);
            assert_eq!(standing.remaining, 25 - used);
            assert_eq!(
                standing.reset_s, 1_700_000_006,
                "5.01 s after the first request, rounded up"
            );
        }
        let refused = window.count(limit, at(4_200));
        assert!(!refused.allowed);
        assert_eq!((refused.remaining, refused.retry_after_s), (0, 1));
        assert!(window.count(limit, at(5_010)).allowed, "a new window opens");
        assert_eq!(window.count(limit, at(5_020)).remaining, 23);
    }

    #[test]
    fn a_clock_set_back_opens_a_new_window() {
        let limit = RateLimit { requests: 1, window: SignedDuration::from_secs(5) };
        let mut window = Window::default();
        assert!(window.count(limit, at(60_000)).allowed);
        assert!(!window.count(limit, at(60_001)).allowed);
        assert!(window.count(limit, at(0)).allowed);
    }
}
