//! Whether the history is what it was.

use std::path::Path;

use super::chain::{self, Head, Progress, Tampering, Verification};
use super::{Finding, Store};
use crate::error::Result;

/// A head that was written down is told from others by so many of its characters at least.
pub const HEAD_MIN: usize = 16;

impl Store {
    /// Walks the whole chain: every record, every row that one covers, every output notebook. With a
    /// `head` that was seen earlier, or at least [`HEAD_MIN`] characters of its beginning, also whether
    /// that is still in the chain.
    ///
    /// # Errors
    /// The file cannot be read. What was altered is in the answer.
    pub fn verify(
        &self,
        outputs: &Path,
        head: Option<&str>,
        progress: Progress<'_>,
    ) -> Result<Verification> {
        let mut found = self.read(|c| chain::verify(c, self.root(), outputs, progress))?;
        if let Some(head) = head
            && self.read(|c| chain::find_head(c, head))?.is_none()
        {
            found.findings.push(not_in_chain(head));
        }
        Ok(found)
    }

    /// The end of the chain, which changes with every record; nothing when there is none yet.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn head(&self) -> Result<Option<Head>> {
        self.read(chain::head_of)
    }
}

fn not_in_chain(head: &str) -> Finding {
    Finding {
        what: Tampering::Removed,
        record: None,
        kind: "head".to_owned(),
        of: None,
        about: head.to_owned(),
        at: None,
        places: Vec::new(),
        sentence: "it is not in the chain: records at its end were removed, or the whole chain is \
                   another one"
            .to_owned(),
    }
}
