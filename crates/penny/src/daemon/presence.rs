//! What the service is doing, in a file: `penny status` and a `penny run` that waits read it there, without a port.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::state::State;
use crate::files;
use crate::workspace::Workspace;

/// The file is written no more often than this, and at least this often.
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// The file, for as long as the service runs.
pub struct Presence {
    path: PathBuf,
    written: Option<(Instant, State)>,
}

impl Presence {
    /// That of a workspace; nothing is written yet.
    pub fn new(workspace: &Workspace) -> Presence {
        Presence { path: path(workspace), written: None }
    }

    /// Writes the state if it is new, or has not been written for a while. A disk that is full is no reason to
    /// end: what is shown is then old.
    pub fn show(&mut self, state: &State, at_once: bool) {
        if let Some((at, written)) = &self.written {
            let same = is_same(written, state);
            let pause = if same { PAUSE_MAX } else { PAUSE_MIN };
            if !at_once && at.elapsed() < pause {
                return;
            }
        }
        if let Err(e) =
            files::write_private(&self.path, &serde_json::to_vec(state).unwrap_or_default())
        {
            tracing::debug!("{} could not be written: {e}", self.path.display());
        }
        self.written = Some((Instant::now(), state.clone()));
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// What the service of a workspace wrote last; of one that was killed, too.
pub fn last(workspace: &Workspace) -> Option<State> {
    serde_json::from_slice(&std::fs::read(path(workspace)).ok()?).ok()
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.own().join("service.json")
}

/// Whether two states differ in nothing but when they were taken.
fn is_same(one: &State, other: &State) -> bool {
    State { beat: other.beat, ..one.clone() } == *other
}
