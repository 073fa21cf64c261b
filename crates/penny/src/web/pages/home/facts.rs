//! What is known of how everything stands, from which the verdict follows.

use jiff::Timestamp;

use crate::alerts::Told;
use crate::daemon::state::State;
use crate::store::{LastEnd, Outcome, Pause, RunId};
use crate::web::health::Stale;

/// How everything stands. Its texts hold no secret.
pub struct Facts {
    /// What the service does.
    pub state: State,
    /// What PostgreSQL says when it does not answer.
    pub postgres: Option<String>,
    /// What is paused, and since when.
    pub pauses: Vec<Pause>,
    /// The notebooks whose last run did not succeed, in the order of penny.toml.
    pub failures: Vec<Failure>,
    /// The notebooks that run after one of those, and do not while it fails.
    pub held: Vec<String>,
    /// The tables that are older than they may be.
    pub stale: Vec<Stale>,
    /// The notebooks that have not run yet.
    pub new: Vec<String>,
    /// How many notebooks penny.toml lists.
    pub notebooks: usize,
    /// When a notebook last succeeded.
    pub success: Option<Timestamp>,
    /// When the table was published that was so longest ago.
    pub oldest: Option<Timestamp>,
    /// Where penny.toml is.
    pub settings: String,
}

/// A notebook whose last run did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The notebook.
    pub notebook: String,
    /// The run.
    pub run: RunId,
    /// How it ended.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub told: Told,
    /// When each of its tables was last published.
    pub tables: Vec<Timestamp>,
    /// Whether it is running again.
    pub again: bool,
}

impl Failure {
    /// What a run that ended so means; nothing if it succeeded.
    pub fn of(
        notebook: &str,
        end: &LastEnd,
        tables: Vec<Timestamp>,
        again: bool,
        mask: &dyn Fn(&str) -> String,
    ) -> Option<Failure> {
        if end.outcome == Outcome::Succeeded {
            return None;
        }
        let told = Told::of(&mask(end.error.as_deref().unwrap_or_default()), notebook);
        Some(Failure {
            notebook: notebook.to_owned(),
            run: end.run,
            outcome: end.outcome,
            at: end.at,
            told,
            tables,
            again,
        })
    }

    /// Whether somebody wanted it to end so.
    pub fn is_wanted(&self) -> bool {
        self.outcome == Outcome::Cancelled
    }
}

impl Facts {
    /// The pause of everything.
    pub fn pause_of_all(&self) -> Option<&Pause> {
        self.pauses.iter().find(|pause| pause.notebook.is_none())
    }

    /// The notebooks that are paused by themselves.
    pub fn paused_notebooks(&self) -> Vec<&str> {
        self.pauses.iter().filter_map(|pause| pause.notebook.as_deref()).collect()
    }

    /// Whether a sync is under way.
    pub fn is_syncing(&self) -> bool {
        !self.state.running.is_empty() || self.state.waiting > 0
    }
}
