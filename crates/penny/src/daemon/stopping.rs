//! The end of the service: what runs is interrupted, saved and recorded, and nothing is left behind.

use std::time::Duration;

use super::{Daemon, syncs};
use crate::console;
use crate::stop::Wish;

/// By then every sync has ended by itself; one that has not is dropped, and its kernels with it.
const SYNCS_MAX: Duration = Duration::from_millis(6500);

impl Daemon {
    /// Ends everything that runs.
    pub(super) async fn end(mut self, wish: Wish) {
        let by = match wish {
            Wish::Keyboard => "Ctrl-C",
            Wish::System => "the system asks for it",
            Wish::TakenOver => "another one works in this workspace",
        };
        let running = self.board.running().len();
        let said = match running {
            0 => format!("stopping ({by})"),
            running => format!(
                "stopping ({by}): {} interrupted, and saved as far as they got (once more ends everything at once)",
                match running {
                    1 => "1 notebook is".to_owned(),
                    many => format!("{} are", console::count(many, "notebook")),
                }
            ),
        };
        tracing::info!("{said}");
        self.console.say(&said);
        self.state.send_modify(|state| state.stopping = true);
        self.publish(true);
        self.around.stopping();
        self.refuse_requests();
        if tokio::time::timeout(SYNCS_MAX, self.drain()).await.is_err() {
            tracing::warn!("a sync did not end in time: it is cut off");
            self.syncs.shutdown().await;
        }
        let Daemon { keeper, console, presence, around, .. } = self;
        tokio::join!(keeper.close(), around.close());
        drop(presence);
        tracing::info!("penny start ended");
        console.say("ended");
    }

    /// Waits until every sync is over.
    async fn drain(&mut self) {
        while let Some(over) = self.syncs.join_next().await {
            self.sync_over(syncs::over(over));
            self.publish(false);
        }
    }
}
