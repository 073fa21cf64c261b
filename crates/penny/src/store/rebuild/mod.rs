//! The history made anew from the output notebooks, when it was lost or damaged.
//!
//! It is made in a file of its own, which takes the place of the present one when it is whole; that
//! one is set aside, never removed.

mod arranged;
mod found;
mod old;

use std::path::{Path, PathBuf};

use jiff::{Timestamp, tz::TimeZone};
use rusqlite::{Transaction, params};
use serde_json::{Value, json};

use super::{Store, chain, text};
use crate::error::{Error, Result};
use arranged::{Run, Sync};
use found::Found;
use old::Old;

/// What a rebuild is made of.
pub struct Rebuild<'a> {
    /// The history's file.
    pub history: &'a Path,
    /// The workspace's folder.
    pub root: &'a Path,
    /// The folders with output notebooks.
    pub outputs: &'a [PathBuf],
    /// The zone of the times in their names.
    pub zone: &'a TimeZone,
    /// Now.
    pub at: Timestamp,
}

/// What a rebuild came to.
#[derive(Debug, Default)]
pub struct Rebuilt {
    /// How many syncs the history has.
    pub syncs: usize,
    /// How many runs.
    pub runs: usize,
    /// How many publishes.
    pub publishes: usize,
    /// How many of the runs are known by papermill's metadata and their file's name alone.
    pub by_papermill: usize,
    /// Files that tell nothing: their path, and why.
    pub unreadable: Vec<(String, String)>,
    /// Where the history is that was there before.
    pub replaced: Option<PathBuf>,
    /// How many runs that one knew, if it could be read.
    pub runs_before: Option<u64>,
}

impl Rebuilt {
    /// For programs.
    pub fn json(&self) -> Value {
        let unreadable =
            self.unreadable.iter().map(|(path, why)| json!({"path": path, "why": why}));
        json!({
            "syncs": self.syncs,
            "runs": self.runs,
            "publishes": self.publishes,
            "by_papermill": self.by_papermill,
            "unreadable": unreadable.collect::<Vec<_>>(),
            "replaced": self.replaced.as_ref().map(|path| path.display().to_string()),
            "runs_before": self.runs_before,
        })
    }
}

/// Makes the history anew. The caller holds the workspace's lock.
///
/// # Errors
/// A file cannot be written or put in its place: the present history is then as it was.
pub fn rebuild(rebuild: &Rebuild<'_>, progress: &mut dyn FnMut(usize, usize)) -> Result<Rebuilt> {
    let mut rebuilt = Rebuilt::default();
    let found = look(rebuild, &mut rebuilt, progress);
    let (syncs, runs) = arranged::arrange(found);
    let old = Old::read(rebuild.history);
    let fresh = rebuild.history.with_extension("db.rebuilding");
    remove(&fresh)?;
    let store = Store::open(&fresh)?;
    let aside = aside(rebuild.history, rebuild.at);
    store.write(|tx| {
        let record = text(rebuild.at);
        let replaced = aside.as_deref().and_then(Path::file_name).map(|n| n.to_string_lossy());
        tx.execute(
            "INSERT INTO rebuilds (at, runs, replaced, head) VALUES (?1, ?2, ?3, ?4)",
            params![record, runs.len() as i64, replaced, old.head],
        )?;
        chain::seal(tx, &chain::REBUILD, tx.last_insert_rowid())?;
        syncs.iter().try_for_each(|sync| add_sync(tx, sync))?;
        runs.iter().try_for_each(|run| add_run(tx, run))?;
        old.keep(tx, &runs)
    })?;
    store.settle()?;
    drop(store);
    take_place(&fresh, rebuild.history, aside.as_deref())?;
    rebuilt.syncs = syncs.len();
    rebuilt.runs = runs.len();
    rebuilt.publishes = runs.iter().map(|run| run.last().published.len()).sum();
    rebuilt.by_papermill = runs.iter().filter(|run| run.last().place.is_none()).count();
    rebuilt.replaced = aside;
    rebuilt.runs_before = old.runs;
    Ok(rebuilt)
}

/// Reads every output notebook.
fn look(
    rebuild: &Rebuild<'_>,
    rebuilt: &mut Rebuilt,
    progress: &mut dyn FnMut(usize, usize),
) -> Vec<Found> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in rebuild.outputs {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let notebooks =
            entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "ipynb"));
        paths.extend(notebooks);
    }
    paths.sort();
    let mut found = Vec::with_capacity(paths.len());
    for (index, path) in paths.iter().enumerate() {
        let shown = path.strip_prefix(rebuild.root).unwrap_or(path);
        let shown = shown.display().to_string().replace('\\', "/");
        match found::read(path, shown.clone(), rebuild.zone) {
            Ok(one) => found.push(one),
            Err(why) => rebuilt.unreadable.push((shown, why)),
        }
        progress(index + 1, paths.len());
    }
    found
}

fn add_sync(tx: &Transaction<'_>, sync: &Sync) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO syncs (id, trigger, due, started, ended, outcome) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            sync.id,
            sync.trigger.word(),
            sync.due.map(text),
            text(sync.started),
            text(sync.ended),
            sync.outcome.word()
        ],
    )?;
    if let Some(asked) = &sync.asked {
        super::syncs::note_asked(tx, sync.id, asked)?;
    }
    chain::seal(tx, &chain::SYNC, sync.id)
}

fn add_run(tx: &Transaction<'_>, run: &Run) -> rusqlite::Result<()> {
    let last = run.last();
    let timings = serde_json::to_string(&last.timings).unwrap_or_default();
    tx.execute(
        "INSERT INTO runs (id, sync, notebook, file, source_hash, version, started, ended, outcome,
         error, output, cells, cells_run, warnings, trigger, due, attempts, environment_hash,
         timings, output_hash, output_bytes, parameters)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, '[]', ?14, ?15, ?16, ?17,
         ?18, ?19, ?20, ?21)",
        params![
            run.id,
            run.sync,
            last.notebook,
            last.file,
            last.source_hash,
            last.version,
            text(last.run_started),
            text(last.ended),
            last.outcome.word(),
            last.error,
            last.output,
            last.cells as i64,
            last.cells_run as i64,
            last.trigger.word(),
            last.due.map(text),
            last.attempt,
            last.environment_hash,
            timings,
            last.seal.hash,
            last.seal.bytes as i64,
            super::syncs::written(&last.parameters)
        ],
    )?;
    if last.place.is_some() {
        run.tries.iter().try_for_each(|one| add_attempt(tx, run.id, one))?;
    }
    for published in &last.published {
        super::publishes::insert(tx, Some(run.id), published)?;
    }
    chain::seal(tx, &chain::RUN, run.id)
}

fn add_attempt(tx: &Transaction<'_>, run: i64, one: &Found) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO attempts (run, number, started, ended, outcome, error, output, output_hash,
         output_bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            run,
            one.attempt,
            text(one.started),
            text(one.ended),
            one.outcome.word(),
            one.error,
            one.output,
            one.seal.hash,
            one.seal.bytes as i64
        ],
    )?;
    chain::seal(tx, &chain::ATTEMPT, tx.last_insert_rowid())
}

/// The files that SQLite keeps beside a database.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Where the present history goes; nothing when there is none.
fn aside(history: &Path, at: Timestamp) -> Option<PathBuf> {
    let stamp = at.strftime("%Y%m%d-%H%M%S");
    let name = |number: u32| match number {
        1 => format!("history-{stamp}.db"),
        _ => format!("history-{stamp}-{number}.db"),
    };
    let free = (1..).map(|n| history.with_file_name(name(n))).find(|path| !path.exists());
    free.filter(|_| history.exists())
}

/// Removes what a rebuild that was cut off left.
fn remove(fresh: &Path) -> Result<()> {
    for path in BESIDE.iter().map(|end| beside(fresh, end)).chain([fresh.to_owned()]) {
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::file("remove", &path, e));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Sets the present history aside, and puts the new one in its place.
fn take_place(fresh: &Path, history: &Path, aside: Option<&Path>) -> Result<()> {
    let moved = |from: &Path, to: &Path| {
        std::fs::rename(from, to).map_err(|e| {
            Error::file("move", from, e)
                .hint("close whatever has it open (another penny command), then try again")
        })
    };
    if let Some(aside) = aside {
        moved(history, aside)?;
    }
    for end in BESIDE {
        // What is left of a history that is gone must not be taken for the new one's.
        let from = beside(history, end);
        if from.exists() {
            let to = beside(aside.unwrap_or(&history.with_extension("db.lost")), end);
            moved(&from, &to)?;
        }
    }
    moved(fresh, history)
}
