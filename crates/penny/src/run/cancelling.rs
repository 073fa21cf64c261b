//! Runs and syncs that somebody ends before their time, while Penny goes on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::store::RunId;

/// Who cancelled something, and by what, for people; nothing until somebody does.
pub type Cancelled = Option<Arc<str>>;

/// How one sync, or a run of it, is cancelled.
pub struct Cancelling {
    whole: watch::Sender<Cancelled>,
    runs: Mutex<HashMap<RunId, watch::Sender<Cancelled>>>,
}

impl Default for Cancelling {
    fn default() -> Cancelling {
        Cancelling { whole: watch::Sender::new(None), runs: Mutex::default() }
    }
}

impl Cancelling {
    /// A run begins; what is back tells when it is cancelled.
    pub(super) fn begin(&self, run: RunId) -> watch::Receiver<Cancelled> {
        let mut runs = self.runs();
        // Looked at with the runs locked, so that a sync which is cancelled at this moment takes it along.
        let told = watch::Sender::new(self.by());
        let receiver = told.subscribe();
        runs.insert(run, told);
        receiver
    }

    /// A run has ended.
    pub(super) fn ended(&self, run: RunId) {
        self.runs().remove(&run);
    }

    /// Cancels a run; whether it was under way.
    pub fn cancel_run(&self, run: RunId, by: &str) -> bool {
        match self.runs().get(&run) {
            Some(told) => {
                tell(told, by);
                true
            }
            None => false,
        }
    }

    /// Cancels all runs of the sync that are under way, and those that would come after them.
    pub fn cancel_all(&self, by: &str) {
        let runs = self.runs();
        tell(&self.whole, by);
        runs.values().for_each(|told| tell(told, by));
    }

    /// Who cancelled the whole sync, if somebody did.
    pub fn by(&self) -> Cancelled {
        self.whole.borrow().clone()
    }

    /// Comes back when the whole sync is cancelled.
    pub async fn asked(&self) {
        let mut whole = self.whole.subscribe();
        if whole.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<RunId, watch::Sender<Cancelled>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever was first is the one who did it.
fn tell(told: &watch::Sender<Cancelled>, by: &str) {
    told.send_if_modified(|cancelled| {
        let is_first = cancelled.is_none();
        cancelled.get_or_insert_with(|| by.into());
        is_first
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_cancelled_alone_and_a_sync_with_all_its_runs() {
        let cancelling = Cancelling::default();
        let (one, two) = (cancelling.begin(1), cancelling.begin(2));
        assert!(cancelling.cancel_run(1, "claire") && cancelling.cancel_run(1, "paul"));
        assert!(!cancelling.cancel_run(3, "claire"));
        let by = |told: &watch::Receiver<Cancelled>| told.borrow().clone();
        assert_eq!((by(&one).as_deref(), by(&two), cancelling.by()), (Some("claire"), None, None));
        cancelling.cancel_all("paul");
        assert_eq!((by(&one).as_deref(), by(&two).as_deref()), (Some("claire"), Some("paul")));
        // One that begins at this moment is cancelled, too.
        assert_eq!(by(&cancelling.begin(4)).as_deref(), Some("paul"));
        cancelling.ended(4);
        assert!(!cancelling.cancel_run(4, "paul"));
    }
}
