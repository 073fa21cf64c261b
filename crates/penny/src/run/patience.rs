//! Writing to a history that cannot be written at the moment: a full disk, a locked file. A service waits for
//! a while before it gives the sync up, for nothing of what its runs did may be lost.

use std::time::{Duration, Instant};

use super::Syncing;
use crate::error::Result;

/// How long is waited until it is tried again.
const PAUSE: Duration = Duration::from_secs(2);
/// What is to end at once waits no longer than this.
const LAST: Duration = Duration::from_millis(1500);

impl Syncing {
    /// Writes, again and again for as long as this sync has patience.
    ///
    /// # Errors
    /// It could not be written in all that time.
    pub(super) async fn written<T>(&self, write: impl Fn() -> Result<T>) -> Result<T> {
        let begun = Instant::now();
        let mut told = false;
        loop {
            let error = match write() {
                Ok(written) => return Ok(written),
                Err(error) => error,
            };
            let patience =
                if self.stop.is_asked() { self.patience.min(LAST) } else { self.patience };
            if begun.elapsed() >= patience {
                return Err(error);
            }
            if !std::mem::replace(&mut told, true) {
                self.console.error(&error);
            }
            tokio::time::sleep(PAUSE.min(patience)).await;
        }
    }
}
