//! The output notebooks that pages show: looked through once, kept for a while, a few at a time.

use std::path::{Component, Path};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};
use crate::looking::OutputFile;
use crate::workspace::{Workspace, plain};

/// So many notebooks are shown at the same time: each may take the memory of its largest output.
const SEATS: usize = 2;
/// So many are kept.
const KEPT_MAX: usize = 8;
/// Together they take no more memory than this.
const WEIGHT_MAX: usize = 64_000_000;

/// The output notebooks that were shown last.
pub struct Notebooks {
    seats: Arc<Semaphore>,
    /// The last one that was asked for is the last.
    kept: Mutex<Vec<Arc<OutputFile>>>,
}

impl Default for Notebooks {
    fn default() -> Notebooks {
        Notebooks { seats: Arc::new(Semaphore::new(SEATS)), kept: Mutex::default() }
    }
}

impl Notebooks {
    /// Waits until a notebook may be shown.
    pub async fn seat(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.seats).acquire_owned().await.ok()
    }

    /// Looks a notebook through, or takes what is known of it if it is as it was.
    ///
    /// # Errors
    /// It cannot be read, or is no notebook; it is not in the workspace.
    pub fn open(&self, workspace: &Workspace, path: &Path) -> Result<Arc<OutputFile>> {
        if !is_within(&workspace.root, path) {
            let what = format!("{} is not in the workspace", path.display());
            return Err(Error::missing(what));
        }
        let known = self.kept().iter().position(|file| file.path() == path);
        if let Some(at) = known {
            let file = self.kept().remove(at);
            if file.is_current() {
                self.keep(Arc::clone(&file));
                return Ok(file);
            }
        }
        let file = Arc::new(OutputFile::open(path)?);
        self.keep(Arc::clone(&file));
        Ok(file)
    }

    fn keep(&self, file: Arc<OutputFile>) {
        let mut kept = self.kept();
        kept.retain(|other| other.path() != file.path());
        kept.push(file);
        let mut weight = 0;
        let mut fits = |file: &Arc<OutputFile>| {
            weight += file.weight();
            weight <= WEIGHT_MAX
        };
        let count = kept.iter().rev().take(KEPT_MAX).take_while(|file| fits(file)).count();
        let gone = kept.len() - count;
        kept.drain(..gone);
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Arc<OutputFile>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a path of the history is a notebook in the workspace: nothing else of this computer is shown.
pub fn is_within(root: &Path, path: &Path) -> bool {
    let is_notebook = path.extension().is_some_and(|extension| extension == "ipynb");
    let climbs = path.components().any(|part| part == Component::ParentDir);
    is_notebook && !climbs && plain(path).starts_with(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_notebooks_of_the_workspace_are_shown() {
        #[track_caller]
        fn check(path: &str, expected: bool) {
            let root = Path::new("/books");
            assert_eq!(is_within(root, &root.join(path)), expected, "{path}");
        }
        check("data/outputs/a.ipynb", true);
        check(".penny/rescued/a.ipynb", true);
        check("data/../../etc/a.ipynb", false);
        check("/etc/a.ipynb", false);
        check(".env", false);
        check("data/outputs/a.ipynb/..", false);
    }

    #[test]
    fn a_few_notebooks_are_kept_and_those_that_changed_are_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |number: usize| folder.path().join(format!("{number}.ipynb"));
        let write = |number: usize, cells: &str| {
            let text = format!(
                r#"{{"cells": [{cells}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}"#
            );
            std::fs::write(path(number), text).expect("written");
        };
        let kept = Notebooks::default();
        let open = |number: usize| {
            let path = path(number);
            let root = folder.path();
            assert!(is_within(root, &path));
            let file = Arc::new(OutputFile::open(&path).expect("read"));
            kept.keep(Arc::clone(&file));
            file
        };
        for number in 0..KEPT_MAX + 3 {
            write(number, "");
            open(number);
        }
        assert_eq!(kept.kept().len(), KEPT_MAX);
        let last = open(KEPT_MAX + 2);
        assert_eq!(kept.kept().len(), KEPT_MAX, "one that is there already is there once");
        write(
            KEPT_MAX + 2,
            r#"{"cell_type": "markdown", "id": "a", "metadata": {}, "source": ""}"#,
        );
        assert!(!last.is_current());
    }
}
