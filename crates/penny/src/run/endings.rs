//! Kernels that have run their last cell and are ending, while the next notebook runs already.
//!
//! ipykernel takes up to a second to end by itself. Nobody needs to wait for that but the sync's end,
//! before which every kernel, with everything that it started, is gone.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use penny_kernel::Kernel;
use tokio::task::JoinSet;

/// ipykernel may hang in its own end; by then every output has arrived.
const GRACE: Duration = Duration::from_secs(1);

/// The kernels that are ending. Dropping this kills them at once.
#[derive(Default)]
pub struct Endings {
    kernels: Mutex<JoinSet<()>>,
}

impl Endings {
    /// Lets a kernel end, and kills it if it does not within a second.
    pub fn add(&self, kernel: Kernel) {
        let mut kernels = self.kernels.lock().unwrap_or_else(PoisonError::into_inner);
        while kernels.try_join_next().is_some() {}
        kernels.spawn(async move {
            kernel.shutdown(GRACE).await;
        });
    }

    /// Waits until all have ended.
    pub async fn all(&self) {
        let mut kernels = {
            let mut held = self.kernels.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *held)
        };
        while kernels.join_next().await.is_some() {}
    }
}
