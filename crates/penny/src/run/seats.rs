//! How many notebooks run at a time, over all syncs of a workspace.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The places where notebooks may run: as many as are allowed at a time.
pub struct Seats {
    count: Mutex<Count>,
    freed: Notify,
}

#[derive(Clone, Copy)]
struct Count {
    taken: usize,
    limit: usize,
}

/// One notebook's place, free again when this is dropped.
pub struct Seat {
    seats: Arc<Seats>,
}

impl Seats {
    /// So many, at least one.
    pub fn new(limit: usize) -> Arc<Seats> {
        let count = Mutex::new(Count { taken: 0, limit: limit.max(1) });
        Arc::new(Seats { count, freed: Notify::new() })
    }

    /// Allows another number from now on; those that run go on.
    pub fn allow(&self, limit: usize) {
        self.count().limit = limit.max(1);
        self.freed.notify_waiters();
    }

    /// How many are allowed.
    pub fn limit(&self) -> usize {
        self.count().limit
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.count().taken
    }

    /// Waits for a free one, and takes it. Cancel-safe.
    pub async fn take(self: &Arc<Seats>) -> Seat {
        loop {
            // Registered before it is looked, so that one which is freed meanwhile is not missed.
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if let Some(seat) = self.try_take() {
                return seat;
            }
            freed.await;
        }
    }

    fn try_take(self: &Arc<Seats>) -> Option<Seat> {
        let mut count = self.count();
        if count.taken >= count.limit {
            return None;
        }
        count.taken += 1;
        Some(Seat { seats: Arc::clone(self) })
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.count().taken -= 1;
        self.seats.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn no_more_than_allowed_are_taken_and_one_that_is_freed_is_given_on() {
        let seats = Seats::new(1);
        let first = seats.take().now_or_never().expect("it is free");
        let mut second = Box::pin(seats.take());
        assert!((&mut second).now_or_never().is_none());
        drop(first);
        let second = second.now_or_never().expect("it was freed");
        assert_eq!(seats.taken(), 1);
        drop(second);
        assert_eq!(seats.taken(), 0);
    }

    #[test]
    fn a_higher_limit_lets_those_who_wait_begin() {
        let seats = Seats::new(1);
        let _first = seats.take().now_or_never().expect("it is free");
        let mut second = Box::pin(seats.take());
        assert!((&mut second).now_or_never().is_none());
        seats.allow(2);
        assert!(second.now_or_never().is_some());
    }
}
