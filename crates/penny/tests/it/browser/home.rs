//! Home: are the figures fresh, and if not, why.

use super::{Dashboard, ENGLISH, FRENCH};
use crate::service::{begun, go, history_says, waits};
use crate::support::Workspace;
use serde_json::json;

#[test]
fn home_says_in_one_sentence_how_the_figures_are_and_follows_what_runs() {
    let workspace = Workspace::without_server()
        .config("[schedule]\nevery = \"2h\"\ntimezone = \"Europe/Paris\"")
        .notebook("clients", &["print('ok')"]);
    let Some(dashboard) = Dashboard::open(workspace, FRENCH) else { return };
    dashboard.hold_what_every_page_does(&["/"]);
}
