//! A run that did not succeed, done again: its notebook, and those that did not run because of it.
//!
//! Not from the cell that failed: what the cells before it had made went with their kernel.

use std::collections::HashSet;

use penny_notebook::Parameters;

use super::asking::is_masked;
use crate::config::{Config, Entry};
use crate::error::{Error, Result};
use crate::store::{Outcome, RunRecord, Store};

/// What is done again.
#[derive(Clone, Debug, PartialEq)]
pub struct Again {
    /// The notebooks, in the order of penny.toml.
    pub names: Vec<String>,
    /// The values that were given for their parameters.
    pub parameters: Parameters,
}

/// What is to be done again since a run did not succeed.
///
/// # Errors
/// It succeeded, is under way, is no longer in penny.toml, or was given a value that was not kept.
pub fn again(store: &Store, config: &Config, run: &RunRecord) -> Result<Again> {
    match run.outcome {
        Some(Outcome::Succeeded) => {
            return Err(Error::usage(format!("run {} of `{}` succeeded", run.id, run.notebook))
                .hint(format!("`penny run {}` runs the notebook once more", run.notebook)));
        }
        None if !run.cut_off => {
            return Err(Error::usage(format!("run {} is still under way", run.id))
                .hint("wait until it has ended"));
        }
        _ => {}
    }
    config.select(std::slice::from_ref(&run.notebook))?;
    let asked = run.asked.clone().unwrap_or_default().parameters;
    if let Some((name, _)) = asked.iter().find(|(_, value)| is_masked(value)) {
        let names = &run.notebook;
        return Err(Error::usage(format!(
            "run {} was given a secret for `{name}`, which Penny does not keep",
            run.id
        ))
        .hint(format!("run it anew with that value: penny run {names} -p {name} …")));
    }
    let runs = store.runs_of(run.sync)?;
    let names = with_skipped(config, run, &runs, |name| {
        Ok(store.last_run(name, None)?.is_some_and(|last| last.outcome == Some(Outcome::Succeeded)))
    })?;
    Ok(Again { names, parameters: asked })
}

/// The notebook of a run, and those of its sync that were skipped because of it: each that comes after one of
/// them, unless it waits for another one, too, which has not succeeded since.
fn with_skipped(
    config: &Config,
    run: &RunRecord,
    runs: &[RunRecord],
    has_succeeded: impl Fn(&str) -> Result<bool>,
) -> Result<Vec<String>> {
    let in_sync: HashSet<&str> = runs.iter().map(|run| run.notebook.as_str()).collect();
    let skipped: HashSet<&str> = runs
        .iter()
        .filter(|run| run.outcome == Some(Outcome::Skipped))
        .map(|run| run.notebook.as_str())
        .collect();
    let mut again: HashSet<&str> = HashSet::from([run.notebook.as_str()]);
    loop {
        let before = again.len();
        for entry in &config.notebooks {
            if skipped.contains(entry.name.as_str())
                && !again.contains(entry.name.as_str())
                && comes_after(entry, &again)
                && waits_for_no_other(entry, &again, &in_sync, &has_succeeded)?
            {
                again.insert(&entry.name);
            }
        }
        if again.len() == before {
            break;
        }
    }
    let names = config.notebooks.iter().map(|entry| &entry.name);
    Ok(names.filter(|name| again.contains(name.as_str())).cloned().collect())
}

fn comes_after(entry: &Entry, again: &HashSet<&str>) -> bool {
    entry.after.iter().any(|name| again.contains(name.as_str()))
}

fn waits_for_no_other(
    entry: &Entry,
    again: &HashSet<&str>,
    in_sync: &HashSet<&str>,
    has_succeeded: impl Fn(&str) -> Result<bool>,
) -> Result<bool> {
    for name in entry.after.iter().map(String::as_str) {
        if !again.contains(name) && in_sync.contains(name) && !has_succeeded(name)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{RunEnd, Skip, Trigger, tests};

    /// Writes a run of a sync; `-` is one that was skipped, `✓` one that succeeded, anything else one that failed.
    fn write(store: &Store, sync: i64, notebook: &str, end: &str) {
        if end == "-" {
            let why = "it comes after another";
            let trigger = Trigger::Manual;
            let skip = Skip { notebook, file: "n.ipynb", trigger, due: None, why };
            store.record_skipped(Some(sync), &[skip], tests::at(0)).expect("written");
            return;
        }
        let run = store.begin_run(&tests::start(sync, notebook)).expect("written");
        let outcome = if end == "✓" { Outcome::Succeeded } else { Outcome::Failed };
        let end = RunEnd { outcome, ..tests::end() };
        store.end_run(run, &end).expect("written");
    }

    /// What is done again after `a` failed, of notebooks given as `b:a,c` for one that comes after two.
    #[track_caller]
    fn check(notebooks: &[&str], syncs: &[&[(&str, &str)]], expected: &[&str]) {
        let (folder, store) = tests::store();
        let text: String = notebooks
            .iter()
            .map(|notebook| {
                let (name, after) = notebook.split_once(':').unwrap_or((notebook, ""));
                let after: Vec<&str> = after.split(',').filter(|name| !name.is_empty()).collect();
                format!(
                    "[[notebook]]\nname = \"{name}\"\nfile = \"{name}.ipynb\"\nafter = {after:?}\n"
                )
            })
            .collect();
        let path = folder.path().join("penny.toml");
        std::fs::write(&path, text).expect("written");
        let config = Config::read(&path).expect("right");
        for runs in syncs {
            let sync = tests::sync(&store);
            runs.iter().for_each(|(notebook, end)| write(&store, sync, notebook, end));
        }
        let run = store.run(1).expect("read").expect("there is one");
        assert_eq!(run.notebook, "a");
        let again = again(&store, &config, &run).expect("it failed");
        assert_eq!(again.names, expected);
    }

    #[test]
    fn what_was_skipped_because_of_a_failure_is_done_again_with_it() {
        let all = &["a", "b:a", "c:b", "d", "e:d"];
        check(
            all,
            &[&[("a", "✗"), ("b", "-"), ("c", "-"), ("d", "✓"), ("e", "✓")]],
            &["a", "b", "c"],
        );
        check(
            all,
            &[&[("a", "✗"), ("b", "-"), ("c", "-"), ("d", "✗"), ("e", "-")]],
            &["a", "b", "c"],
        );
        check(all, &[&[("a", "✗")]], &["a"]);
    }

    #[test]
    fn what_waits_for_another_failure_too_waits_on_until_that_is_mended() {
        let all = &["a", "b", "c:a,b"];
        let first: &[(&str, &str)] = &[("a", "✗"), ("b", "✗"), ("c", "-")];
        check(all, &[first], &["a"]);
        check(all, &[first, &[("b", "✓")]], &["a", "c"]);
    }
}
