//! Counting what a kernel says, so that nothing is lost without a word.
//!
//! There are two counts. A kernel that Penny prepared numbers what it sends on iopub, in the very order
//! in which it is sent: a number left out is a message lost, without doubt. Other kernels that use
//! `jupyter_client` number all messages of their process in `msg_id`, over all channels and at the
//! moment they are made, of which some are never sent: there a gap has to be looked at twice.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::message::Incoming;

/// So many gaps are remembered; those before them can no longer be filled.
const GAPS_MAX: usize = 10_000;
/// Some numbers are taken and never sent, as by IPython for the result of a value that displays itself:
/// so many that are missing one by one count for nothing. What is dropped is dropped in rows.
const FORGIVEN_MAX: u64 = 4;
/// A notice is shorter than that; longer texts need not be looked at.
const NOTICE_BYTES_MAX: usize = 4096;
/// How a gateway says, on stderr, that it threw output away.
const NOTICES: [&str; 2] = ["IOPub data rate exceeded", "IOPub message rate exceeded"];

/// What came of all that was sent.
#[derive(Debug, Default)]
pub(crate) struct Count {
    /// The last number of a kernel that numbers, and how many were left out.
    last: Option<u64>,
    lost: u64,
    ids: Ids,
    /// How often a gateway said that it threw output away.
    notices: u64,
    /// How many came that could not be read.
    unread: u64,
    /// Whether the connection broke while a cell ran: then every number counts.
    strict: bool,
}

/// Whose request a message on iopub belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// A cell of Penny's.
    Cell,
    /// Another question of Penny's.
    Own,
    /// Somebody else's, or nobody's.
    Other,
}

/// The numbers in the ids of messages.
#[derive(Debug, Default)]
struct Ids {
    /// The session and the process whose numbers are counted.
    origin: Option<String>,
    last: u64,
    /// Numbers that have not come: the first and the last of each run.
    gaps: BTreeMap<u64, u64>,
    /// Numbers of gaps that are no longer remembered.
    forgotten: u64,
    /// Numbers that messages to others have taken.
    elsewhere: u64,
    /// How many requests of others are being answered.
    busy_elsewhere: u64,
}

impl Count {
    pub(crate) fn new() -> Count {
        Count::default()
    }

    /// Takes note of a message on iopub.
    pub(crate) fn iopub(&mut self, message: &Incoming, whose: Whose) {
        if let Some(number) = message.number {
            if let Some(last) = self.last {
                self.lost += number.saturating_sub(last + 1);
            }
            self.last = Some(number.max(self.last.unwrap_or(0)));
        } else if self.last.is_none() {
            let state = message.state();
            self.ids.note(message, state.is_some());
            match (state.as_deref(), whose) {
                (Some("busy"), Whose::Cell) => self.ids.begin(),
                (Some("busy"), Whose::Other) => self.ids.answers_other(),
                (Some("idle"), Whose::Other) => self.ids.answered_other(),
                _ => {}
            }
        }
        let foreign = match self.last {
            Some(_) => message.number.is_none(),
            None => !self.ids.is_of_kernel(message),
        };
        self.notices += u64::from(foreign && is_notice(message));
    }

    /// The connection was made again while no cell ran: of what came meanwhile nothing is wanted.
    pub(crate) fn reconnected_while_idle(&mut self) {
        self.ids = Ids::default();
    }

    /// The connection was made again while a cell ran.
    pub(crate) fn reconnected_while_busy(&mut self) {
        self.strict = true;
    }

    /// A message came that cannot be read.
    pub(crate) fn unreadable(&mut self) {
        self.unread += 1;
    }

    /// Takes note of a message on another channel.
    pub(crate) fn answer(&mut self, message: &Incoming) {
        self.ids.note(message, true);
    }

    /// An answer will come which nobody reads.
    pub(crate) fn unread(&mut self) {
        self.ids.elsewhere += 1;
    }

    /// Whether numbers are missing that may still come.
    pub(crate) fn is_open(&self) -> bool {
        self.last.is_none() && self.missing() > 0
    }

    /// How many messages were lost since this was last asked.
    pub(crate) fn settle(&mut self) -> u64 {
        let counted = if self.last.is_some() { self.lost } else { self.missing() };
        let lost = counted.max(self.notices) + self.unread;
        (self.lost, self.notices, self.unread, self.strict) = (0, 0, 0, false);
        self.ids.begin();
        lost
    }

    fn missing(&self) -> u64 {
        let missing = self.ids.missing();
        let alone =
            self.ids.forgotten == 0 && self.ids.gaps.iter().all(|(first, last)| first == last);
        if !self.strict && alone && missing <= FORGIVEN_MAX { 0 } else { missing }
    }
}

impl Ids {
    /// `main` tells that it is the kernel's main process which speaks, and no child of it.
    fn note(&mut self, message: &Incoming, main: bool) {
        let Some((origin, number)) = numbered(message) else { return };
        match &self.origin {
            None if main => (self.origin, self.last) = (Some(origin.to_owned()), number),
            Some(known) if known == origin => self.came(number),
            _ => {}
        }
    }

    fn came(&mut self, number: u64) {
        if number > self.last {
            if number > self.last + 1 {
                self.gaps.insert(self.last + 1, number - 1);
            }
            self.last = number;
            while self.gaps.len() > GAPS_MAX {
                let oldest = self.gaps.pop_first();
                self.forgotten += oldest.map_or(0, |(first, last)| last - first + 1);
            }
            return;
        }
        // It was overtaken by others: its gap was none.
        let gap = self.gaps.range(..=number).next_back().map(|(first, last)| (*first, *last));
        if let Some((first, last)) = gap.filter(|(_, last)| number <= *last) {
            self.gaps.remove(&first);
            if first < number {
                self.gaps.insert(first, number - 1);
            }
            if number < last {
                self.gaps.insert(number + 1, last);
            }
        }
    }

    fn missing(&self) -> u64 {
        let open: u64 = self.gaps.iter().map(|(first, last)| last - first + 1).sum();
        (open + self.forgotten).saturating_sub(self.elsewhere)
    }

    /// Counts anew from here: what is missing of what was before is of no interest any more.
    fn begin(&mut self) {
        self.gaps.clear();
        (self.forgotten, self.elsewhere) = (0, self.busy_elsewhere);
    }

    /// A request of somebody else's is being answered, to them.
    fn answers_other(&mut self) {
        self.elsewhere += 1;
        self.busy_elsewhere += 1;
    }

    /// It was. One whose beginning was not heard has its answer among the numbers all the same.
    fn answered_other(&mut self) {
        self.elsewhere += u64::from(self.busy_elsewhere == 0);
        self.busy_elsewhere = self.busy_elsewhere.saturating_sub(1);
    }

    /// Whether a message is known to be the kernel's, and not made by a gateway.
    fn is_of_kernel(&self, message: &Incoming) -> bool {
        let origin = numbered(message).map(|(origin, _)| origin);
        self.origin.is_some() && origin == self.origin.as_deref()
    }
}

/// Session and process, and the number, of an id as `jupyter_client` makes them:
/// `{session}_{process}_{number}`.
fn numbered(message: &Incoming) -> Option<(&str, u64)> {
    let (origin, number) = message.msg_id.as_deref()?.rsplit_once('_')?;
    let (session, process) = origin.rsplit_once('_')?;
    let is_process = !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit());
    let plain = is_process && message.session.as_deref() == Some(session);
    Some((origin, number.parse().ok().filter(|_| plain)?))
}

fn is_notice(message: &Incoming) -> bool {
    message.msg_type == "stream"
        && message.is_shorter_than(NOTICE_BYTES_MAX)
        && message.content().is_ok_and(|content| {
            let text = content.get("text").and_then(Value::as_str).unwrap_or_default();
            content.get("name").and_then(Value::as_str) == Some("stderr")
                && NOTICES.iter().any(|notice| text.contains(notice))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(msg_type: &str, id: &str, content: &Value) -> Incoming {
        let mut message = Incoming::of_test(msg_type, Some("parent"), content);
        message.session = id.split('_').next().map(str::to_owned);
        message.msg_id = Some(id.to_owned());
        message
    }

    fn status(id: &str) -> Incoming {
        message("status", id, &json!({"execution_state": "busy"}))
    }

    #[test]
    fn a_number_left_out_is_a_message_lost() {
        #[track_caller]
        fn check(numbers: &[u64], lost: u64) {
            let mut count = Count::new();
            for number in numbers {
                let mut message = status("k_1_1");
                message.number = Some(*number);
                count.iopub(&message, Whose::Cell);
            }
            assert!(!count.is_open());
            assert_eq!((count.settle(), count.settle()), (lost, 0), "{numbers:?}");
        }
        check(&[7, 8, 9], 0);
        check(&[7, 9], 1);
        check(&[1, 1000, 1001, 1003], 999);
        check(&[5], 0);
    }

    /// What is counted of messages with these numbers in their ids, the first of them a status.
    fn counted(strict: bool, numbers: &[u64]) -> (bool, u64) {
        let mut count = Count::new();
        count.iopub(&status(&format!("k_1_{}", numbers[0])), Whose::Cell);
        if strict {
            count.reconnected_while_busy();
        }
        for number in &numbers[1..] {
            count.iopub(&message("stream", &format!("k_1_{number}"), &json!({})), Whose::Cell);
        }
        (count.is_open(), count.settle())
    }

    #[test]
    fn a_gap_in_the_ids_is_closed_by_a_message_that_was_overtaken() {
        assert_eq!(counted(true, &[4, 5, 6]), (false, 0));
        assert_eq!(counted(true, &[4, 6, 5]), (false, 0));
        assert_eq!(counted(true, &[4, 9, 6, 5, 8, 7]), (false, 0));
        assert_eq!(counted(true, &[4, 9, 6]), (true, 3));
        assert_eq!(counted(true, &[4, 3, 2, 5]), (false, 0));
        assert_eq!(counted(true, &[4, 6]), (true, 1));
    }

    #[test]
    fn single_numbers_that_are_skipped_are_no_loss() {
        assert_eq!(counted(false, &[4, 6, 8]), (false, 0));
        assert_eq!(counted(false, &[4, 7]), (true, 2));
        assert_eq!(counted(false, &[4, 6, 8, 10, 12, 14]), (true, 5));
    }

    #[test]
    fn however_many_gaps_there_are_they_are_counted_and_the_memory_is_bounded() {
        let numbers: Vec<u64> = (0..30_000).map(|index| index * 2).collect();
        assert_eq!(counted(false, &numbers), (true, 29_999));
    }

    #[test]
    fn numbers_of_answers_to_others_are_no_loss() {
        let mut count = Count::new();
        count.iopub(&status("k_1_4"), Whose::Cell);
        count.iopub(&status("k_1_5"), Whose::Other);
        let idle = |id| message("status", id, &json!({"execution_state": "idle"}));
        count.iopub(&idle("k_1_7"), Whose::Other);
        count.unread();
        count.answer(&message("execute_reply", "k_1_9", &json!({})));
        // One more, of which the beginning was not heard.
        count.iopub(&idle("k_1_11"), Whose::Other);
        count.reconnected_while_busy();
        assert_eq!((count.is_open(), count.settle()), (false, 0));
    }

    #[test]
    fn children_and_ids_of_another_form_are_not_counted() {
        let mut count = Count::new();
        count.iopub(&status("k_1_4"), Whose::Cell);
        for id in ["k_2_99", "other_1_50", "2bb3c0e0-6a32", "k_1_x", "k_x_9", ""] {
            count.iopub(&message("stream", id, &json!({})), Whose::Cell);
        }
        assert_eq!(count.settle(), 0);
    }

    #[test]
    fn what_a_gateway_says_it_threw_away_is_lost() {
        let mut count = Count::new();
        count.iopub(&status("k_1_4"), Whose::Cell);
        let text = "IOPub data rate exceeded.\nThe Jupyter server will temporarily stop";
        let content = json!({"name": "stderr", "text": text});
        count.iopub(&message("stream", "gateway_9_1", &content), Whose::Cell);
        assert_eq!(count.settle(), 1);
        let content = json!({"name": "stdout", "text": text});
        count.iopub(&message("stream", "k_1_5", &content), Whose::Cell);
        assert_eq!(count.settle(), 0);
    }
}
