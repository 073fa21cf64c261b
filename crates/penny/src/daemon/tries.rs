//! When a PostgreSQL that ended, or does not start, is tried again, and what of that is news.

use std::time::Duration;

use tokio::time::Instant;

/// After the first try the second comes after this, and then after longer and longer.
const AGAIN_MIN: Duration = Duration::from_secs(5);
const AGAIN_MAX: Duration = Duration::from_secs(300);
/// A server that stayed up for so long is well: when it ends later, that is another matter.
const WELL: Duration = Duration::from_secs(600);

/// The tries since the server was last well.
#[derive(Default)]
pub struct Tries {
    /// How long is waited for the next one; nothing while the server is well.
    pause: Option<Duration>,
    /// Since when it is up.
    up: Option<Instant>,
    /// Whether it was said that it does not start.
    is_failure_told: bool,
    /// Whether its return is news.
    is_missed: bool,
}

impl Tries {
    /// How long is waited for the next one.
    pub fn pause(&self) -> Duration {
        self.pause.unwrap_or_default()
    }

    /// It is gone, which nobody wished: whether that is news.
    pub fn lost(&mut self, now: Instant) -> bool {
        if self.up.is_some_and(|up| now.duration_since(up) >= WELL) {
            *self = Tries::default();
        }
        let is_news = self.pause.is_none();
        self.pause = Some(self.pause.map_or(Duration::ZERO, longer));
        let was_up = self.up.take().is_some();
        self.is_missed |= is_news || !was_up;
        is_news
    }

    /// It did not start: whether that is news.
    pub fn failed(&mut self) -> bool {
        self.pause = Some(self.pause.map_or(AGAIN_MIN, longer));
        self.is_missed = true;
        !std::mem::replace(&mut self.is_failure_told, true)
    }

    /// It may be that a sync tried in vain; if so, that was told.
    pub fn failed_elsewhere(&mut self) {
        self.pause = self.pause.or(Some(Duration::ZERO));
        self.is_failure_told = true;
        self.up = None;
    }

    /// It is up: whether that is news.
    pub fn came_up(&mut self, now: Instant) -> bool {
        self.up = self.up.or(Some(now));
        std::mem::take(&mut self.is_missed)
    }
}

fn longer(pause: Duration) -> Duration {
    (pause * 2).clamp(AGAIN_MIN, AGAIN_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(tries: &Tries) -> u64 {
        tries.pause().as_secs()
    }

    #[test]
    fn a_server_that_ends_again_and_again_is_waited_for_longer_and_told_of_once() {
        let (mut tries, mut now) = (Tries::default(), Instant::now());
        assert!(!tries.came_up(now), "that it started is no news");
        let mut pauses = Vec::new();
        for round in 0..9 {
            now += Duration::from_secs(20);
            assert_eq!(tries.lost(now), round == 0);
            pauses.push(seconds(&tries));
            assert_eq!(tries.came_up(now), round == 0);
        }
        assert_eq!(pauses, [0, 5, 10, 20, 40, 80, 160, 300, 300]);
        now += WELL;
        assert!(tries.lost(now), "after a while of being well it is news again");
        assert_eq!(seconds(&tries), 0);
    }

    #[test]
    fn a_server_that_does_not_start_is_told_of_once_until_it_is_well_again() {
        let (mut tries, now) = (Tries::default(), Instant::now());
        assert!(tries.failed());
        assert_eq!(seconds(&tries), 5);
        assert!(!tries.failed());
        assert_eq!(seconds(&tries), 10);
        assert!(tries.came_up(now), "its return is news");
        assert!(!tries.lost(now + Duration::from_secs(1)));
        assert_eq!(seconds(&tries), 20);
        assert!(!tries.failed());
        assert!(tries.came_up(now));
        assert!(tries.lost(now + WELL));
        assert!(tries.failed());
    }

    #[test]
    fn what_a_sync_told_is_not_told_again() {
        let (mut tries, now) = (Tries::default(), Instant::now());
        tries.failed_elsewhere();
        assert!(!tries.came_up(now), "perhaps it was something else that failed");
        tries.failed_elsewhere();
        assert!(!tries.lost(now));
        assert_eq!(seconds(&tries), 5);
        assert!(!tries.failed());
        assert!(tries.came_up(now));
    }
}
