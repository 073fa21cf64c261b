//! Which run is meant by a number or a notebook's name.

use super::runs::find_cut_off;
use crate::config::{Config, nearest};
use crate::error::{Error, Result};
use crate::store::{RunRecord, Store};
use crate::workspace::Workspace;

/// The run of that number, or the last one of the notebook of that name.
///
/// # Errors
/// There is none; the name that was probably meant.
pub fn chosen(store: &Store, workspace: &Workspace, word: &str) -> Result<RunRecord> {
    let mut run = found(store, &workspace.config, word)?;
    find_cut_off([&mut run], workspace);
    Ok(run)
}

fn found(store: &Store, config: &Config, word: &str) -> Result<RunRecord> {
    if let Ok(number) = word.parse()
        && let Some(run) = store.run(number)?
    {
        return Ok(run);
    }
    if let Some(run) = store.last_run(word, None)? {
        return Ok(run);
    }
    if config.notebooks.iter().any(|entry| entry.name == word) {
        return Err(Error::usage(format!("the notebook `{word}` has not run yet"))
            .hint(format!("run it: penny run {word}")));
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::usage(format!("there is no run {word}"))
            .hint("`penny history` shows the runs with their numbers"));
    }
    Err(unknown(store, config, word)?)
}

/// The notebooks that these names mean, whether they ran or not.
///
/// # Errors
/// A name that neither penny.toml nor the history knows.
pub fn names(store: &Store, config: &Config, words: &[String]) -> Result<Vec<String>> {
    for word in words {
        let configured = config.notebooks.iter().any(|entry| entry.name == *word);
        if !configured && store.last_run(word, None)?.is_none() {
            return Err(unknown(store, config, word)?);
        }
    }
    Ok(words.to_vec())
}

fn unknown(store: &Store, config: &Config, word: &str) -> Result<Error> {
    let ran = store.notebooks()?;
    let known = config.notebooks.iter().map(|entry| entry.name.as_str());
    let known = known.chain(ran.iter().map(String::as_str));
    let error = Error::usage(format!(
        "there is no notebook `{word}`, neither in penny.toml nor in the history"
    ));
    Ok(match nearest(word, known) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`penny history` shows what ran"),
    })
}
