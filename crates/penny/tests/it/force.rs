//! The service under force: killed, starved of disk and misled about the time at random moments, it keeps what
//! it promises. No half table, no lost or doubled record, no process left behind, and the next sync runs.
//!
//! `PENNY_FORCE_ROUNDS=300 cargo test -p penny --test it force::` goes on for as long as wanted;
//! `PENNY_FORCE_SEED` repeats the choices of an earlier test, which it prints.

mod history;
mod reader;
mod violence;

use std::time::{Duration, Instant};

use crate::service::Service;
use crate::support::Workspace;
use history::History;
use reader::Reader;
use violence::Chance;

const ROUNDS: u32 = 16;

/// How long the service may take to have all its notebooks succeed again.
const RECOVERY_MAX: Duration = Duration::from_secs(150);

/// How long it may take to end when it is asked to.
const END_MAX: Duration = Duration::from_secs(10);

/// The notebooks: two that publish, one of them for a while, and one that does not.
const NOTEBOOKS: [(&str, u32); 3] = [("ventes", 500), ("achats", 40_000), ("calme", 0)];

#[test]
fn whatever_is_killed_filled_or_set_wrong_nothing_is_lost_and_the_next_sync_runs() {
    let chance = Chance::new();
    let workspace = workspace();
    let rounds = number("PENNY_FORCE_ROUNDS").unwrap_or(ROUNDS);
    let disk = violence::small_disk(&workspace, rounds);
    let mut place = Place::start(&workspace);
    place.recovers("the first sync");
    let reader = Reader::start(&workspace);
    for round in 1..=rounds {
        let violence = chance.violence(disk.is_some());
        eprintln!("round {round}: {violence:?}");
        place.something_is_due(&chance);
        std::thread::sleep(Duration::from_millis(chance.below(2_500)));
        violence.happens(&mut place, &chance);
        place.recovers(&format!("round {round}: {violence:?}"));
        History::of(&workspace).has_nothing_twice();
    }
    reader.end();
    place.ends();
    History::of(&workspace).holds();
    workspace.run(&["verify"]).status(0);
}

/// What a variable says, when it says a number.
fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Each table's rows all carry the moment of their publish: a mixture shows.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    let config = "[web]\nenabled = false\n\n[schedule]\nevery = \"1m\"\n\n[retry]\nfirst_pause = \"1s\"\n\
                  longest_pause = \"2s\"\n";
    let workspace = crate::service::told_the_time(workspace).config(config);
    NOTEBOOKS.iter().fold(workspace, |workspace, (name, rows)| {
        let publish = format!(
            "import pandas as pd, time, penny\nversion = time.time_ns()\n\
             df = pd.DataFrame({{'id': range({rows}), 'version': version}})\n\
             df['libelle'] = 'écriture ' + df['id'].astype(str)\n\
             penny.publish(df, '{name}', key='id')"
        );
        let quiet =
            "import time\nfor i in range(10):\n    print(i, flush=True)\n    time.sleep(0.05)";
        workspace.notebook(name, &["1", if *rows == 0 { quiet } else { &publish }])
    })
}

/// The workspace, its service, and the time that the service is told.
pub struct Place<'a> {
    workspace: &'a Workspace,
    service: Option<Service>,
    shift: i64,
}

impl<'a> Place<'a> {
    fn start(workspace: &'a Workspace) -> Place<'a> {
        let mut place = Place { workspace, service: None, shift: 0 };
        place.begin();
        place
    }

    /// Starts the service, if it does not run.
    fn begin(&mut self) {
        self.service.get_or_insert_with(|| Service::start(self.workspace));
    }

    /// The service's process.
    fn pid(&self) -> u32 {
        self.service.as_ref().expect("it was started").pid()
    }

    /// Ends the service at once, with its children left to themselves.
    fn killed(&mut self) {
        if let Some(service) = self.service.take() {
            service.end("-KILL");
        }
    }

    /// Sets the clock on the wall forward, or back.
    fn set_clock(&mut self, by: i64) {
        self.shift += by;
        crate::service::set_clock(self.workspace, self.shift);
    }

    /// Brings on the next due time, or goes past some.
    fn something_is_due(&mut self, chance: &Chance) {
        let seconds = 61 + chance.below(240);
        self.set_clock(i64::try_from(seconds).expect("minutes"));
    }

    /// Waits until every notebook has succeeded in a run that begins from now on.
    #[track_caller]
    fn recovers(&mut self, after: &str) {
        self.begin();
        let newest = History::newest_run(self.workspace);
        let begun = Instant::now();
        let mut due = Instant::now();
        while !History::all_succeeded_since(self.workspace, newest) {
            if due.elapsed() > Duration::from_secs(12) {
                self.set_clock(61);
                due = Instant::now();
            }
            let said = || self.service.as_ref().map(Service::said).unwrap_or_default();
            assert!(
                begun.elapsed() < RECOVERY_MAX,
                "after {after}, no sync went well:\n{}",
                said()
            );
            std::thread::sleep(Duration::from_millis(150));
        }
    }

    /// Asks the service to end: it does, in time, and nothing is left.
    #[track_caller]
    fn ends(&mut self) {
        let service = self.service.take().expect("it was started");
        let begun = Instant::now();
        assert_eq!(service.end("-TERM"), 0);
        assert!(begun.elapsed() < END_MAX, "it took {:?} to end", begun.elapsed());
        self.workspace.no_process_is_left();
    }
}
