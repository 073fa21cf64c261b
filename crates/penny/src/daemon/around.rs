//! What stands around the dispatcher: alerts, the answers over HTTP, and what systemd is told.
//!
//! None of them can end the service, and no run waits for any of them.

use std::sync::Arc;

use tokio::sync::watch;

use super::state::State;
use crate::alerts::{Alerts, Settings};
use crate::clock::Clock;
use crate::console::Console;
use crate::service::Notifier;
use crate::surroundings::Surroundings;
use crate::web::Web;
use crate::workspace::Workspace;

/// What stands around the dispatcher.
#[derive(Default)]
pub(super) struct Around {
    alerts: Option<Alerts>,
    web: Option<Web>,
    notifier: Option<Notifier>,
}

impl Around {
    /// Begins all of it; what cannot be is said, and done without.
    pub async fn start(
        workspace: &Arc<Workspace>,
        surroundings: &Arc<Surroundings>,
        clock: &Clock,
        live: &watch::Receiver<State>,
        console: &Console,
    ) -> Around {
        let settings = Settings::of(workspace);
        for trouble in settings.troubles() {
            console.warn(&trouble);
        }
        let alerts = Alerts::start(settings, clock.clone(), live.clone());
        let alerts = alerts.map_err(|error| console.warn(&error.sentence())).ok();
        let web = Web::start(
            Arc::clone(workspace),
            Arc::clone(surroundings),
            clock.clone(),
            live.clone(),
            console,
        );
        let web = web.await;
        let notifier = Notifier::start(surroundings, clock.clone(), live.clone());
        Around { alerts, web, notifier: Some(notifier) }
    }

    /// Where people find the dashboard.
    pub fn dashboard(&self) -> Option<String> {
        self.web.as_ref().map(Web::url)
    }

    /// A run or a sync has ended.
    pub fn run_ended(&self) {
        if let Some(alerts) = &self.alerts {
            alerts.run_ended();
        }
    }

    /// penny.toml or `.env` has changed.
    pub fn reload(&self, workspace: &Arc<Workspace>, console: &Console) {
        let settings = Settings::of(workspace);
        for trouble in settings.troubles() {
            console.warn(&trouble);
        }
        if let Some(alerts) = &self.alerts {
            alerts.reload(settings);
        }
        if let Some(web) = &self.web {
            web.reload(Arc::clone(workspace));
        }
    }

    /// The service begins to end.
    pub fn stopping(&self) {
        if let Some(notifier) = &self.notifier {
            notifier.stopping();
        }
    }

    /// Ends all of it, once nothing runs any more.
    pub async fn close(self) {
        let alerts = async {
            if let Some(alerts) = self.alerts {
                alerts.close().await;
            }
        };
        let web = async {
            if let Some(web) = self.web {
                web.close().await;
            }
        };
        tokio::join!(alerts, web);
    }
}
