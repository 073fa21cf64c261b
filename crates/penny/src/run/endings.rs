//! Kernels that have run their last cell and are ending, while the next notebook runs already.
//!
//! ipykernel takes up to a second to end by itself. Nobody needs to wait for that but the sync's end,
//! before which every kernel, with everything that it started, is gone.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use penny_kernel::{Ended, Kernel};
use tokio::task::JoinSet;

use crate::store::RunId;

/// ipykernel may hang in its own end; by then every output has arrived.
const GRACE: Duration = Duration::from_secs(1);

/// The kernels that are ending. Dropping this kills them at once.
#[derive(Default)]
pub struct Endings {
    kernels: Mutex<JoinSet<(RunId, Ended)>>,
}

impl Endings {
    /// Lets the kernel of a run end, and kills it if it does not within a second.
    pub fn add(&self, run: RunId, kernel: Kernel) {
        self.kernels().spawn(async move { (run, kernel.shutdown(GRACE).await) });
    }

    /// Those that have ended by now and were not told yet.
    pub fn ended(&self) -> Vec<(RunId, Ended)> {
        let mut kernels = self.kernels();
        std::iter::from_fn(|| kernels.try_join_next()).flatten().collect()
    }

    /// Waits until all have ended.
    pub async fn all(&self) -> Vec<(RunId, Ended)> {
        let mut kernels = std::mem::take(&mut *self.kernels());
        let mut ended = Vec::new();
        while let Some(one) = kernels.join_next().await {
            ended.extend(one);
        }
        ended
    }

    fn kernels(&self) -> MutexGuard<'_, JoinSet<(RunId, Ended)>> {
        self.kernels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
