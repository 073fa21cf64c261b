//! A long secret that a line's end cuts in two.

use std::ops::Range;

use super::common_length;
use super::forms::Form;

/// What a line ended with: the beginning of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wrap {
    /// The secret, by the number of its form.
    pub form: usize,
    /// How many of its bytes were there.
    bytes: usize,
}

impl Wrap {
    /// The wrap of a secret of which this much was found, if the line ends there.
    pub fn at_end(line: &str, range: &Range<usize>, form: usize) -> Option<Wrap> {
        is_between(&line[range.end..]).then_some(Wrap { form, bytes: range.len() })
    }

    /// Where the line goes on with the secret, and whether the next one does.
    pub fn continue_in(self, line: &str, forms: &[Form]) -> Option<(Range<usize>, Option<Wrap>)> {
        let start = line.len() - line.trim_start_matches(stands_between).len();
        let rest = &forms[self.form].whole()[self.bytes..];
        let bytes = common_length(&line[start..], rest);
        let is_all = bytes == rest.len();
        let range = start..start + bytes;
        if bytes == 0 || !is_all && !is_between(&line[range.end..]) {
            return None;
        }
        let goes_on = Wrap { form: self.form, bytes: self.bytes + bytes };
        Some((range, (!is_all).then_some(goes_on)))
    }
}

fn is_between(text: &str) -> bool {
    text.chars().all(stands_between)
}

/// What may stand between the parts of a text on two lines: space, quotes, a frame, a sign.
fn stands_between(c: char) -> bool {
    c.is_whitespace() || "'\"\\+│|↵".contains(c)
}
