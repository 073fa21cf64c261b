//! A cell under way: what has come of it, and when to stop waiting for the rest.
//!
//! A cell is done when its reply and its idle have both come. Where one of them stays away, the kernel
//! is asked something else, the *barrier*: kernels answer in order, so what has not come before the
//! barrier's own reply and idle will not come at all.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::message::{Incoming, RequestId};

/// How long the other half of an end may be missing before the kernel is asked.
const HALF_PATIENCE: Duration = Duration::from_secs(2);
/// How long iopub may be silent after the reply before the request counts as done without its idle.
///
/// Long, since one message may hold tens of megabytes, and a busy machine takes its time to send it.
const IOPUB_GRACE: Duration = Duration::from_secs(60);
/// How long the reply may be missing once the kernel is idle.
const REPLY_GRACE: Duration = Duration::from_secs(30);
/// How long messages are waited for that others have overtaken.
const GAP_GRACE: Duration = Duration::from_secs(10);
/// How long a cell that asked for input, and was told that there is none, may go on.
const INPUT_GRACE: Duration = Duration::from_secs(1);
/// A question is shown up to here.
const PROMPT_CHARS_MAX: usize = 200;

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) id: RequestId,
    reply: Option<Value>,
    idle: bool,
    /// When the last message about it came.
    last: Instant,
    barrier: Barrier,
    input: Option<Input>,
}

/// A question to the kernel that tells when nothing more can come of what was before it.
#[derive(Debug, PartialEq)]
enum Barrier {
    No,
    /// The connection broke: it is due at once, and for as long as the cell runs.
    Due,
    Sent {
        id: String,
        replied: bool,
        idle: bool,
    },
}

/// The cell asked for input.
#[derive(Debug)]
struct Input {
    prompt: String,
    /// When the cell is to be interrupted; none once it was.
    interrupt_at: Option<Instant>,
}

/// How a request stands.
#[derive(Debug, PartialEq)]
pub(crate) enum Standing {
    /// Waits for messages, and at the latest until then looks again.
    Waits(Option<Instant>),
    /// The kernel has to be asked, see [`Request::asked`].
    Ask,
    /// The cell has to be interrupted, see [`Request::interrupted`].
    Interrupt,
    /// Done: the reply, and whether the idle came.
    Done { reply: Value, idle: bool },
}

impl Request {
    pub(crate) fn new(id: RequestId) -> Request {
        let last = Instant::now();
        Request { id, reply: None, idle: false, last, barrier: Barrier::No, input: None }
    }

    /// How it stands at `now`; `gaps` tells whether messages are missing that may still come.
    pub(crate) fn standing(&self, now: Instant, gaps: bool) -> Standing {
        let silence = now.saturating_duration_since(self.last);
        let at = |patience: Duration| Standing::Waits(Some(self.last + patience));
        let passed = matches!(self.barrier, Barrier::Sent { replied: true, idle: true, .. });
        let (patience, grace) = match (&self.reply, self.idle) {
            (Some(_), true) if !gaps => return self.done(),
            (Some(_), true) => (Duration::ZERO, GAP_GRACE),
            (Some(_), false) => (HALF_PATIENCE, IOPUB_GRACE),
            (None, true) => (HALF_PATIENCE, REPLY_GRACE),
            (None, false) => match (&self.barrier, self.interrupt_at()) {
                (Barrier::Due, _) => return Standing::Ask,
                (Barrier::Sent { .. }, _) if passed => return self.done(),
                (_, Some(instant)) if instant <= now => return Standing::Interrupt,
                (_, instant) => return Standing::Waits(instant),
            },
        };
        match self.barrier {
            _ if passed || silence >= grace => self.done(),
            Barrier::Due => Standing::Ask,
            Barrier::No if silence >= patience => Standing::Ask,
            Barrier::No => at(patience),
            Barrier::Sent { .. } => at(grace),
        }
    }

    /// The connection broke and was made again.
    pub(crate) fn reconnected(&mut self) {
        self.barrier = Barrier::Due;
    }

    /// The kernel was asked under this id.
    pub(crate) fn asked(&mut self, id: String) {
        self.last = Instant::now();
        self.barrier = Barrier::Sent { id, replied: false, idle: false };
    }

    pub(crate) fn interrupted(&mut self) {
        if let Some(input) = &mut self.input {
            input.interrupt_at = None;
        }
    }

    /// The cell asked for input, and was told that there is none.
    pub(crate) fn asks_for_input(&mut self, prompt: &str) {
        let interrupt_at = Some(Instant::now() + INPUT_GRACE);
        let prompt = prompt.trim().chars().take(PROMPT_CHARS_MAX).collect();
        self.input.get_or_insert(Input { prompt, interrupt_at });
    }

    /// Takes note of a message about it on iopub, in `state` if it is a status.
    pub(crate) fn iopub(&mut self, state: Option<&str>) {
        self.last = Instant::now();
        self.idle |= state == Some("idle");
    }

    pub(crate) fn replied(&mut self, reply: Value) {
        self.last = Instant::now();
        self.reply = Some(reply);
    }

    /// Takes note of a message of Penny's own that is not about the cell.
    pub(crate) fn other(&mut self, message: &Incoming, on_shell: bool) {
        if let Barrier::Sent { id, replied, idle } = &mut self.barrier
            && message.parent.as_deref() == Some(id.as_str())
        {
            *replied |= on_shell;
            *idle |= message.state().as_deref() == Some("idle");
        }
    }

    fn interrupt_at(&self) -> Option<Instant> {
        self.input.as_ref()?.interrupt_at
    }

    fn done(&self) -> Standing {
        let missing = || {
            let text = "the kernel is idle, but its answer to this cell never came; \
                        whether the cell ran to its end is not known";
            failure("MissingReply", text)
        };
        let reply = self.reply.clone().unwrap_or_else(missing);
        let reply = match &self.input {
            Some(input) => without_input(&input.prompt, &reply),
            None => reply,
        };
        Standing::Done { reply, idle: self.idle }
    }
}

/// The reply that a kernel should have sent.
pub(crate) fn failure(ename: &str, evalue: &str) -> Value {
    json!({"status": "error", "ename": ename, "evalue": evalue, "traceback": []})
}

/// The reply of a cell that asked for input: failed, whatever it made of the answer.
fn without_input(prompt: &str, reply: &Value) -> Value {
    let prompt = match prompt {
        "" => String::new(),
        prompt => format!(" (`{prompt}`)"),
    };
    let text = format!("the cell asked for input{prompt}, but there is nobody to answer");
    let mut failed = failure("StdinNotImplementedError", &text);
    for name in ["traceback", "execution_count"] {
        if let Some(value) = reply.get(name) {
            failed[name] = value.clone();
        }
    }
    failed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Session;

    fn request() -> Request {
        Request::new(Session::new().cell(&json!({})).0)
    }

    fn later(request: &Request, patience: Duration) -> Instant {
        request.last + patience
    }

    fn about(id: &str) -> Incoming {
        Incoming::of_test("status", Some(id), &json!({"execution_state": "idle"}))
    }

    #[tokio::test]
    async fn reply_and_idle_together_are_the_end() {
        let mut request = request();
        let now = later(&request, Duration::from_secs(100_000));
        assert_eq!(request.standing(now, false), Standing::Waits(None));
        request.iopub(Some("busy"));
        request.replied(json!({"status": "ok"}));
        let now = request.last;
        assert_eq!(request.standing(now, false), Standing::Waits(Some(now + HALF_PATIENCE)));
        request.iopub(Some("idle"));
        let done = Standing::Done { reply: json!({"status": "ok"}), idle: true };
        assert_eq!(request.standing(request.last, false), done);
    }

    #[tokio::test]
    async fn a_missing_half_is_given_up_once_the_barrier_has_passed() {
        let mut request = request();
        request.replied(json!({"status": "ok"}));
        assert_eq!(request.standing(later(&request, HALF_PATIENCE), false), Standing::Ask);
        request.asked("b".to_owned());
        request.other(&about("b"), true);
        let waits = Standing::Waits(Some(request.last + IOPUB_GRACE));
        request.other(&about("a"), false);
        let mut unanswered = self::request();
        unanswered.replied(json!({}));
        unanswered.asked("b".to_owned());
        unanswered.other(&about("a"), true);
        let still = Standing::Waits(Some(unanswered.last + IOPUB_GRACE));
        assert_eq!(unanswered.standing(unanswered.last, false), still);
        let done = Standing::Done { reply: json!({"status": "ok"}), idle: false };
        assert_eq!(request.standing(request.last, false), done);
        assert_ne!(waits, done);
        assert_eq!(
            unanswered.standing(later(&unanswered, IOPUB_GRACE), false),
            Standing::Done { reply: json!({}), idle: false }
        );
    }

    #[tokio::test]
    async fn a_broken_connection_is_followed_by_a_question_however_long_the_cell_runs() {
        let mut request = request();
        request.reconnected();
        assert_eq!(request.standing(request.last, false), Standing::Ask);
        request.asked("b".to_owned());
        let years = later(&request, Duration::from_secs(1_000_000));
        assert_eq!(request.standing(years, false), Standing::Waits(None));
        request.other(&about("b"), true);
        let Standing::Done { reply, idle: false } = request.standing(years, false) else {
            panic!("{request:?}");
        };
        assert_eq!(reply["ename"], "MissingReply");
    }

    #[tokio::test]
    async fn gaps_are_given_time_and_then_the_cell_is_done() {
        let mut request = request();
        request.replied(json!({}));
        request.iopub(Some("idle"));
        assert_eq!(request.standing(request.last, true), Standing::Ask);
        request.asked("b".to_owned());
        let waits = Standing::Waits(Some(request.last + GAP_GRACE));
        assert_eq!(request.standing(request.last, true), waits);
        let done = Standing::Done { reply: json!({}), idle: true };
        assert_eq!(request.standing(later(&request, GAP_GRACE), true), done);
        request.other(&about("b"), true);
        assert_eq!(request.standing(request.last, true), done);
    }

    #[tokio::test]
    async fn a_cell_that_asks_for_input_is_interrupted_once_and_fails() {
        let mut request = request();
        request.asks_for_input("Nom ? ");
        let due = request.interrupt_at().unwrap();
        assert_eq!(request.standing(due - INPUT_GRACE / 2, false), Standing::Waits(Some(due)));
        assert_eq!(request.standing(due, false), Standing::Interrupt);
        request.interrupted();
        request.asks_for_input("again");
        assert_eq!(request.standing(due, false), Standing::Waits(None));
        request.replied(json!({"status": "ok", "execution_count": 3}));
        request.iopub(Some("idle"));
        let Standing::Done { reply, .. } = request.standing(due, false) else { panic!() };
        assert_eq!(reply["status"], "error");
        assert_eq!(
            reply["evalue"],
            "the cell asked for input (`Nom ?`), but there is nobody to answer"
        );
        assert_eq!(reply["execution_count"], 3);
    }
}
