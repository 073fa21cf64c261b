//! What does not run on its schedule until it is resumed.

use jiff::Timestamp;
use rusqlite::params;

use super::Store;
use super::{moment, text};
use crate::error::Result;

/// What stands for all notebooks; no notebook can be called that.
const ALL: &str = "*";

/// What is paused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paused {
    /// Whether everything is.
    pub all: bool,
    /// The notebooks that are paused by themselves.
    pub notebooks: Vec<String>,
}

/// One pause: of everything, or of a notebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The notebook; nothing for everything.
    pub notebook: Option<String>,
    /// Who paused it, and by what, for people.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Paused {
    /// Whether a notebook is paused, by itself or with all.
    pub fn holds(&self, notebook: &str) -> bool {
        self.all || self.notebooks.iter().any(|n| n == notebook)
    }
}

impl Store {
    /// Pauses a notebook, or all of them; whether it was not paused before. `by` says who, for people.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn pause(&self, notebook: Option<&str>, by: &str, at: Timestamp) -> Result<bool> {
        self.write(|tx| {
            let added = tx.execute(
                "INSERT OR IGNORE INTO pauses (notebook, \"by\", at) VALUES (?1, ?2, ?3)",
                params![notebook.unwrap_or(ALL), by, text(at)],
            )?;
            Ok(added > 0)
        })
    }

    /// Lets a notebook run again; without one, everything, also what was paused by itself. Whether
    /// something was paused.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn resume(&self, notebook: Option<&str>) -> Result<bool> {
        self.write(|tx| {
            let removed = match notebook {
                Some(notebook) => {
                    tx.execute("DELETE FROM pauses WHERE notebook = ?1", [notebook])?
                }
                None => tx.execute("DELETE FROM pauses", [])?,
            };
            Ok(removed > 0)
        })
    }

    /// Each pause with who made it and when: that of everything first, then by the notebooks' names.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn pauses(&self) -> Result<Vec<Pause>> {
        self.read(|c| {
            let mut query = c.prepare_cached(
                "SELECT notebook, \"by\", at FROM pauses ORDER BY notebook <> ?1, notebook",
            )?;
            let pauses = query.query_map([ALL], |r| {
                let notebook: String = r.get(0)?;
                let notebook = Some(notebook).filter(|name| name != ALL);
                Ok(Pause { notebook, by: r.get(1)?, at: moment(&r.get::<_, String>(2)?) })
            })?;
            pauses.collect()
        })
    }

    /// What is paused.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn paused(&self) -> Result<Paused> {
        let mut notebooks = self.read(|c| {
            let mut query = c.prepare_cached("SELECT notebook FROM pauses ORDER BY notebook")?;
            query.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
        })?;
        let before = notebooks.len();
        notebooks.retain(|n| n != ALL);
        Ok(Paused { all: notebooks.len() < before, notebooks })
    }
}
