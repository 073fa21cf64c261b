//! How much of a cell's output is kept.

use serde_json::{Value, json};

use crate::text::{self, size};

/// What one execution may keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of output that a cell may hold at any one time. What a progress bar or `clear_output`
    /// has wiped out counts no more. Errors are kept beyond it.
    pub output_bytes_per_cell: usize,
}

impl Default for Limits {
    /// 20 MB of output per cell.
    fn default() -> Limits {
        Limits { output_bytes_per_cell: 20_000_000 }
    }
}

/// What the limit cut off a cell's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Bytes of output that were not kept.
    pub bytes: u64,
    /// Bytes of output that were.
    pub bytes_kept: u64,
}

impl Dropped {
    /// The output that tells the reader of the notebook.
    pub(crate) fn output(&self) -> Value {
        json!({ "name": "stderr", "output_type": "stream", "text": text::lines(&self.sentence()) })
    }

    fn sentence(&self) -> String {
        let (kept, dropped) = (size(self.bytes_kept), size(self.bytes));
        format!(
            "[Penny kept the first {kept} of this cell's output; {dropped} more were not kept]\n"
        )
    }
}

/// What a cell's outputs weigh.
///
/// Beside the bytes of text there is what a line and an output cost in memory and in the file: it is
/// counted too, so that a flood of empty lines or of tiny outputs has a bound.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weight {
    /// Bytes of text, images and values that are in the outputs.
    pub text_bytes: usize,
    /// What is taken of the limit.
    pub used: usize,
    /// Bytes that were not kept.
    pub dropped_bytes: u64,
}

impl Weight {
    /// What an output takes beside its content.
    pub const OUTPUT: usize = 200;
    /// What a line takes at least.
    pub const LINE: usize = 16;

    pub fn line(bytes: usize) -> usize {
        bytes.max(Weight::LINE)
    }

    pub fn left(&self, limits: Limits) -> usize {
        limits.output_bytes_per_cell.saturating_sub(self.used)
    }

    pub fn add(&mut self, text_bytes: usize, used: usize) {
        self.text_bytes += text_bytes;
        self.used += used;
    }

    pub fn remove(&mut self, text_bytes: usize, used: usize) {
        self.text_bytes = self.text_bytes.saturating_sub(text_bytes);
        self.used = self.used.saturating_sub(used);
    }

    pub fn drop_bytes(&mut self, bytes: usize) {
        self.dropped_bytes += bytes as u64;
    }

    pub fn dropped(&self) -> Option<Dropped> {
        (self.dropped_bytes > 0)
            .then_some(Dropped { bytes: self.dropped_bytes, bytes_kept: self.text_bytes as u64 })
    }
}
