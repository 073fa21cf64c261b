//! Changing the schedule in penny.toml: its lines are edited where they stand, and everything else, comments
//! and layout included, stays byte for byte as the user wrote it.

mod edit;
mod words;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};
use similar::{ChangeTag, TextDiff};

use super::diagnostic::Source;
use super::{Config, parse};
use crate::error::{Error, Result};
use crate::files;

pub use words::{DaysWords, RhythmWords, ScheduleWords};

/// So many unchanged lines are shown around those that change.
const LINES_AROUND: usize = 2;

/// Whose schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of<'a> {
    /// That of `[schedule]`, for all notebooks that say nothing else.
    Workspace,
    /// That of a notebook.
    Notebook(&'a str),
}

/// penny.toml as it is on the disk.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: PathBuf,
    text: String,
}

/// A change that is right as a whole, and not written yet.
pub struct Changed {
    path: PathBuf,
    before: String,
    after: String,
    config: Config,
}

/// A line around a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// What becomes of it.
    pub kind: DiffKind,
    /// Its number, from 1: in the new file, or in the old one for a line that goes.
    pub number: usize,
    /// Its text, without its end.
    pub text: String,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffKind {
    /// It stays.
    Stays,
    /// It goes.
    Goes,
    /// It comes.
    Comes,
}

/// The right to change penny.toml, held from reading it until it is written: of two who have read the same file, the
/// second would undo what the first wrote.
pub fn changing() -> MutexGuard<'static, ()> {
    static CHANGING: Mutex<()> = Mutex::new(());
    CHANGING.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SettingsFile {
    /// Reads it.
    ///
    /// # Errors
    /// It cannot be read, or is not UTF-8.
    pub fn read(path: &Path) -> Result<SettingsFile> {
        let bytes = std::fs::read(path).map_err(|e| Error::file("read", path, e))?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Error::usage(format!("{}: the file is not UTF-8", path.display()))
                .hint("save it as UTF-8 in your editor")
        })?;
        Ok(SettingsFile { path: path.to_owned(), text })
    }

    /// What tells this state of the file from every other one.
    pub fn hash(&self) -> String {
        hash(&self.text)
    }

    /// What it says of a schedule: what is not said is taken from the workspace, or is the usual.
    ///
    /// # Errors
    /// It is no TOML; it lists no such notebook.
    pub fn schedule(&self, of: Of<'_>) -> Result<ScheduleWords> {
        edit::read(&self.text, of)
    }

    /// The file with another schedule, checked as a whole.
    ///
    /// # Errors
    /// Everything that would be wrong in it, with lines and columns; a layout that Penny does not change.
    pub fn with_schedule(&self, of: Of<'_>, wanted: &ScheduleWords) -> Result<Changed> {
        let after = edit::write(&self.text, of, wanted)?;
        let config = parse::parse(&Source::new(&self.path, &after))?;
        if edit::read(&after, of)? != *wanted
            || !edit::differ_in_schedule_only(&self.text, &after, of)?
        {
            return Err(Error::usage("Penny cannot change this schedule where it stands")
                .hint(format!("change it by hand: {}", self.path.display())));
        }
        Ok(Changed { path: self.path.clone(), before: self.text.clone(), after, config })
    }
}

impl Changed {
    /// What the file would mean.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What tells this change from every other one.
    pub fn hash(&self) -> String {
        hash(&self.after)
    }

    /// Whether anything of the file changes.
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }

    /// The lines that change, with a few around them.
    pub fn diff(&self) -> Vec<DiffLine> {
        let diff = TextDiff::from_lines(&*self.before, &*self.after);
        let groups = diff.grouped_ops(LINES_AROUND);
        let changes = groups.iter().flatten().flat_map(|op| diff.iter_changes(op));
        let line = |change: similar::Change<&str>| {
            let (kind, place) = match change.tag() {
                ChangeTag::Equal => (DiffKind::Stays, change.new_index()),
                ChangeTag::Delete => (DiffKind::Goes, change.old_index()),
                ChangeTag::Insert => (DiffKind::Comes, change.new_index()),
            };
            let text = change.value().trim_end_matches(['\r', '\n']).to_owned();
            DiffLine { kind, number: place.unwrap_or(0) + 1, text }
        };
        changes.map(line).collect()
    }

    /// Writes the file in one step, with the rights it has and through the link that it may be.
    ///
    /// # Errors
    /// It was changed by somebody else meanwhile; it cannot be written. It is then as it was.
    pub fn write(&self) -> Result<()> {
        let path = &self.path;
        // A file that is linked to is replaced where it is, not the link.
        let place = std::fs::canonicalize(path).map_err(|e| Error::file("read", path, e))?;
        match files::replace_durably(&place, self.before.as_bytes(), self.after.as_bytes()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::usage("penny.toml was changed by somebody else meanwhile")
                .hint(
                    "nothing was written: look at the schedule as it is now, and change it again",
                )),
            Err(why) => Err(Error::file("write", path, why)),
        }
    }
}

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
