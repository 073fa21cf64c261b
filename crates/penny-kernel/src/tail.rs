//! The end of what a kernel writes to its terminal, kept for the day it dies.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Enough for a long Python traceback.
const TAIL_BYTES_MAX: usize = 16 * 1024;

/// The last bytes written, whatever the amount before them.
#[derive(Debug, Default)]
pub(crate) struct Tail(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    bytes: VecDeque<u8>,
    dropped: bool,
}

impl Tail {
    pub(crate) fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = &bytes[bytes.len().saturating_sub(TAIL_BYTES_MAX)..];
        let excess = (kept.bytes.len() + new.len()).saturating_sub(TAIL_BYTES_MAX);
        kept.dropped |= excess > 0 || new.len() < bytes.len();
        kept.bytes.drain(..excess);
        kept.bytes.extend(new);
    }

    /// What was kept, from the start of a line on if its beginning was not.
    pub(crate) fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = kept.bytes.iter().copied().collect();
        let whole = match bytes.iter().position(|byte| *byte == b'\n') {
            Some(end) if kept.dropped => &bytes[end + 1..],
            _ => &bytes[..],
        };
        String::from_utf8_lossy(whole).trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_kept_whole() {
        let tail = Tail::default();
        tail.push(b"one\n");
        tail.push(b"two\n");
        assert_eq!(tail.text(), "one\ntwo");
    }

    #[test]
    fn of_much_the_last_whole_lines_are_kept() {
        let tail = Tail::default();
        for line in 0..10_000 {
            tail.push(format!("line {line}\n").as_bytes());
        }
        let text = tail.text();
        assert!(text.len() <= TAIL_BYTES_MAX);
        assert!(text.starts_with("line ") && text.ends_with("\nline 9999"), "{text}");
    }

    #[test]
    fn one_piece_larger_than_the_bound_is_cut() {
        let tail = Tail::default();
        tail.push(&[b'a'; 3 * TAIL_BYTES_MAX]);
        assert_eq!(tail.text().len(), TAIL_BYTES_MAX);
    }
}
