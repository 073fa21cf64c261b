//! What home shows, read from the history once.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::facts::{Facts, Failure};
use crate::config::{Entry, Freshness};
use crate::daemon::state::{Running, State};
use crate::error::Result;
use crate::store::{LastEnd, Outcome, TableState};
use crate::web::health;
use crate::web::postgres::Answer;
use crate::web::visit::Visit;

/// What home shows.
pub struct Gathered {
    /// What the verdict follows from.
    pub facts: Facts,
    /// How each notebook ended last.
    pub ends: HashMap<String, LastEnd>,
    /// All tables.
    pub tables: Vec<Table>,
    /// The notebooks with which something is wrong.
    problems: HashSet<String>,
}

/// A table, and how old it may get.
pub struct Table {
    /// As its last publish left it.
    pub state: TableState,
    /// How old it may get, if that is limited.
    pub freshness: Option<Freshness>,
    /// Whether it is older.
    pub is_stale: bool,
    /// What its notebook is for.
    pub about: Option<String>,
}

impl Gathered {
    /// Reads it all.
    pub fn new(visit: &Visit, postgres: Option<Answer>) -> Result<Gathered> {
        let (store, workspace, now) = (visit.store(), &visit.workspace, visit.now);
        let config = &workspace.config;
        let state = shown(visit.about.live.borrow().clone(), visit);
        let (ends, tables) = (store.last_ends()?, store.table_states()?);
        let stale = health::stale(workspace, tables.clone(), now);
        let of_notebooks = by_notebook(&tables);
        let mask = |text: &str| workspace.secrets.mask(text);
        let running: HashSet<&str> =
            state.running.iter().map(|run| run.notebook.as_str()).collect();
        let failure = |entry: &Entry| {
            let tables = of_notebooks.get(entry.name.as_str()).cloned().unwrap_or_default();
            let again = running.contains(entry.name.as_str());
            Failure::of(&entry.name, ends.get(&entry.name)?, tables, again, &mask)
        };
        let failures: Vec<Failure> = config.notebooks.iter().filter_map(failure).collect();
        let listed: HashMap<&str, &Entry> =
            config.notebooks.iter().map(|entry| (entry.name.as_str(), entry)).collect();
        let is_new = |entry: &&Entry| {
            !ends.contains_key(&entry.name) && !running.contains(entry.name.as_str())
        };
        let succeeded = config.notebooks.iter().filter_map(|entry| ends.get(&entry.name));
        let succeeded = succeeded.filter(|end| end.outcome == Outcome::Succeeded);
        let of_listed = of_notebooks.iter().filter(|(name, _)| listed.contains_key(*name));
        let facts = Facts {
            postgres: postgres.and_then(Result::err).map(|why| mask(&why)),
            pauses: store.pauses()?,
            held: held(&config.notebooks, &failures),
            failures,
            new: config.notebooks.iter().filter(is_new).map(|e| e.name.clone()).collect(),
            notebooks: config.notebooks.len(),
            success: succeeded.map(|end| end.at).max(),
            oldest: of_listed.flat_map(|(_, published)| published).min().copied(),
            settings: workspace.root.join(crate::workspace::CONFIG_FILE).display().to_string(),
            stale,
            state,
        };
        let too_old: HashSet<String> =
            facts.stale.iter().map(|stale| stale.table.table.clone()).collect();
        let tables = tables.into_iter().map(|state| {
            let entry = state.notebook.as_deref().and_then(|name| listed.get(name));
            let freshness = entry.and_then(|entry| config.freshness(entry));
            let is_stale = too_old.contains(&state.table);
            let about = entry.map(|entry| entry.description.clone());
            let about = about.filter(|about| !about.is_empty());
            Table { state, freshness, is_stale, about }
        });
        let tables = tables.collect();
        Ok(Gathered { problems: problems(&facts), facts, ends, tables })
    }

    /// The run of a notebook that is under way.
    pub fn running(&self, notebook: &str) -> Option<&Running> {
        self.facts.state.running.iter().find(|run| run.notebook == notebook)
    }

    /// Whether something is wrong with a notebook.
    pub fn has_problem(&self, notebook: &str) -> bool {
        self.problems.contains(notebook)
    }
}

/// The notebooks that come after one that failed, directly or not, and did not fail themselves.
fn held(entries: &[Entry], failures: &[Failure]) -> Vec<String> {
    let failed: HashSet<&str> = failures.iter().map(|failure| failure.notebook.as_str()).collect();
    let mut known = failed.clone();
    loop {
        let waits = |entry: &&Entry| entry.after.iter().any(|name| known.contains(name.as_str()));
        let found: HashSet<&str> =
            entries.iter().filter(waits).map(|entry| entry.name.as_str()).collect();
        let before = known.len();
        known.extend(found);
        if known.len() == before {
            break;
        }
    }
    let is_held = |entry: &&Entry| {
        known.contains(entry.name.as_str()) && !failed.contains(entry.name.as_str())
    };
    entries.iter().filter(is_held).map(|entry| entry.name.clone()).collect()
}

/// The notebooks that failed, or a table of which is too old.
fn problems(facts: &Facts) -> HashSet<String> {
    let failed = facts.failures.iter().filter(|failure| !failure.is_wanted());
    let failed = failed.map(|failure| failure.notebook.clone());
    let stale = facts.stale.iter().filter_map(|stale| stale.table.notebook.clone());
    failed.chain(stale).collect()
}

/// The state without secrets.
fn shown(state: State, visit: &Visit) -> State {
    let mask = |text: Option<String>| text.map(|text| visit.workspace.secrets.mask(&text));
    State { trouble: mask(state.trouble), config_error: mask(state.config_error), ..state }
}

/// When the tables of each notebook were published.
fn by_notebook(tables: &[TableState]) -> HashMap<&str, Vec<Timestamp>> {
    let mut published: HashMap<&str, Vec<Timestamp>> = HashMap::new();
    for table in tables {
        if let Some(notebook) = &table.notebook {
            published.entry(notebook).or_default().push(table.published);
        }
    }
    published
}
