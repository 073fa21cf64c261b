//! How long to pause before the next attempt.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// The longest pause that grows by itself.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// The pause after failed attempt number `attempt` (from 1): doubling, and a little uneven, so that
/// programs that failed together do not come back together.
pub(crate) fn growing(first: Duration, attempt: u32) -> Duration {
    let doubled = first.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    doubled.min(PAUSE_MAX).mul_f64(0.75 + 0.5 * fraction())
}

/// Something between nothing and `most`.
pub(crate) fn up_to(most: Duration) -> Duration {
    most.mul_f64(fraction())
}

/// A number in 0..1, different each time: the standard library seeds its hash maps with random keys.
fn fraction() -> f64 {
    let drawn = RandomState::new().build_hasher().finish();
    (drawn >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_within_a_quarter_and_stop_growing() {
        let check = |attempt, middle_ms: u64| {
            let pause = growing(Duration::from_millis(500), attempt);
            let middle = Duration::from_millis(middle_ms);
            assert!(pause >= middle.mul_f64(0.75) && pause <= middle.mul_f64(1.25), "{pause:?}");
        };
        check(1, 500);
        check(2, 1_000);
        check(5, 8_000);
        check(10, 30_000);
        check(u32::MAX, 30_000);
    }

    #[test]
    fn fractions_differ_and_stay_below_one() {
        let drawn: Vec<f64> = (0..100).map(|_| fraction()).collect();
        assert!(drawn.iter().all(|part| (0.0..1.0).contains(part)));
        assert!(drawn.windows(2).any(|pair| pair[0] != pair[1]));
    }
}
