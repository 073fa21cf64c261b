//! The installed packages that runs ran on, each state once.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::{Store, chain, text};
use crate::error::Result;

/// The name of a state of an environment: the SHA-256 of what [`Store::keep_environment`] is given.
pub fn environment_hash(packages: &str) -> String {
    chain::hex(&Sha256::digest(packages.as_bytes()))
}

impl Store {
    /// Keeps what is installed, a line a package, and answers its hash, by which runs name it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_environment(&self, packages: &str, at: Timestamp) -> Result<String> {
        let hash = environment_hash(packages);
        if self.packages_of(&hash)?.is_none() {
            self.write(|tx| {
                tx.execute(
                    "INSERT OR IGNORE INTO environments (hash, packages, seen) VALUES (?1, ?2, ?3)",
                    params![hash, packages, text(at)],
                )
            })?;
        }
        Ok(hash)
    }

    /// What was installed in the state of that hash, a line a package.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn packages_of(&self, hash: &str) -> Result<Option<String>> {
        self.read(|c| {
            c.query_row("SELECT packages FROM environments WHERE hash = ?1", [hash], |r| r.get(0))
                .optional()
        })
    }
}
