//! What an output notebook is, byte by byte.

use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::chain::hex;

/// What an output notebook is, byte by byte: one that is not that any more was altered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputSeal {
    /// SHA-256 in hex.
    pub hash: String,
    /// How long it is.
    pub bytes: u64,
}

impl OutputSeal {
    /// That of a file's content.
    pub fn of(content: &[u8]) -> OutputSeal {
        OutputSeal { hash: hex(&Sha256::digest(content)), bytes: content.len() as u64 }
    }

    /// That of a file, which is read in pieces.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn of_file(path: &Path) -> io::Result<OutputSeal> {
        let mut file = std::fs::File::open(path)?;
        let (mut hasher, mut bytes) = (Sha256::new(), 0);
        let mut piece = vec![0; 256 * 1024];
        loop {
            match file.read(&mut piece)? {
                0 => break,
                read => {
                    hasher.update(&piece[..read]);
                    bytes += read as u64;
                }
            }
        }
        Ok(OutputSeal { hash: hex(&hasher.finalize()), bytes })
    }
}
