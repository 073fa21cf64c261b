//! A kernel that runs: one request at a time, and what comes of it.

use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout};

use crate::channels::{Arrival, ConnectionError};
use crate::count::{Count, Whose};
use crate::death::{Death, Ended};
use crate::gateway::{self, GatewayError, GatewayLaunch};
use crate::launch::Launch;
use crate::life::{Life, Local, News};
use crate::message::{Incoming, RequestId};
use crate::request::{Request, Standing, failure};
use crate::start::{self, StartError, Started};

/// How long a dead kernel's sockets are read for what it said before.
const DRAIN_GRACE: Duration = Duration::from_secs(1);
/// What a terminal sends when there is no more input.
const END_OF_INPUT: &str = "\u{4}";

/// A running kernel. Dropping it kills it at once, with all its children.
///
/// Children that leave the kernel's process group by themselves (daemons) are found on Linux and on
/// Windows; on macOS they are not. A kernel on a gateway is deleted there instead, see [`GatewayLaunch`].
pub struct Kernel {
    life: Life,
    info: Value,
    count: Count,
    request: Option<Request>,
    dead: Option<Dead>,
}

/// What a kernel tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A message on iopub about a request: stream, display_data, execute_result, error, status,
    /// execute_input, clear_output, update_display_data, comm_open, comm_msg, comm_close and what
    /// else a kernel may send.
    Output {
        /// The request it belongs to, mostly the one under way; an earlier one if a thread that it
        /// started speaks later, or a display of it is made anew.
        request: RequestId,
        /// The message's type.
        msg_type: String,
        /// Its content.
        content: Value,
        /// The metadata of the message itself (those of the output are in `content`).
        metadata: Value,
        /// Binary data that goes with it.
        buffers: Vec<Bytes>,
    },
    /// The request under way is done: the next one can be sent. Its output is whole if
    /// `iopub_complete` and nothing is `lost`.
    Done {
        /// The content of the reply: `status` is `ok` or `error`, then with ename, evalue, traceback.
        reply: Value,
        /// Whether the kernel's word came that the request has no more output.
        iopub_complete: bool,
        /// How many messages on iopub, of this request or since the one before, are known to have
        /// been sent and not to have arrived: dropped by the kernel or by a gateway, or lost with a
        /// connection. At least 1 if a gateway said that it threw output away.
        lost: u64,
    },
    /// The process ended; all it had sent was delivered before. From now on nothing else comes.
    Died(Death),
}

/// Why a kernel could not be given a request.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    /// A request is under way: its [`Event::Done`] has not come yet.
    #[error("the kernel is still busy with the cell before")]
    Busy,
    /// The process has ended.
    #[error("{0}")]
    Died(Death),
    /// The connection is broken.
    #[error("the connection to the kernel is broken")]
    Send {
        /// What the connection said.
        source: ConnectionError,
    },
    /// The system refused to interrupt the process.
    #[error("the kernel could not be interrupted")]
    Interrupt {
        /// What the system said.
        source: io::Error,
    },
}

#[derive(Debug)]
struct Dead {
    death: Death,
    drain_until: Instant,
}

impl Kernel {
    /// Starts a kernel and waits until it has answered and its output is known to arrive.
    ///
    /// Must be called within a tokio runtime with time and I/O. If the future is dropped, the process
    /// is killed.
    pub async fn start(launch: Launch) -> Result<Kernel, StartError> {
        let Started { process, channels, connection, info } = start::start(&launch).await?;
        tracing::debug!(kernel = launch.spec.name, pid = process.pid(), "kernel ready");
        let interrupt_mode = launch.spec.interrupt_mode;
        let life = Life::Local(Local {
            process,
            channels,
            connection,
            interrupt_mode,
            closed_since: None,
        });
        Ok(Kernel::new(life, info))
    }

    /// Starts a kernel on a gateway and waits until it has answered.
    ///
    /// Must be called within a tokio runtime with time and I/O. If the future is dropped, the kernel
    /// is deleted.
    pub async fn start_on(launch: GatewayLaunch) -> Result<Kernel, GatewayError> {
        let (remote, info) = gateway::start(&launch).await?;
        tracing::debug!(kernel = launch.kernel, id = remote.id(), "kernel ready on the gateway");
        Ok(Kernel::new(Life::Remote(remote), info))
    }

    fn new(life: Life, info: Value) -> Kernel {
        Kernel { life, count: Count::new(), info, request: None, dead: None }
    }

    /// What the kernel says about itself: the content of its `kernel_info_reply`.
    pub fn info(&self) -> &Value {
        &self.info
    }

    /// The process's id, if it runs on this machine.
    pub fn pid(&self) -> Option<u32> {
        match &self.life {
            Life::Local(local) => Some(local.process.pid()),
            Life::Remote(_) => None,
        }
    }

    /// Whether it was forked from a template ([`Launch::template`]).
    pub fn is_forked(&self) -> bool {
        matches!(&self.life, Life::Local(local) if local.process.is_forked())
    }

    /// Asks the kernel's process and its children to end at once, by SIGTERM where there is such a thing
    /// (nothing on Windows): what follows an interrupt that was not obeyed. [`Kernel::shutdown`] does it
    /// before it kills.
    pub fn terminate(&mut self) {
        if let Life::Local(local) = &self.life {
            local.process.group().terminate();
        }
    }

    /// The kernel's id on its gateway, with which [`crate::Gateway::end_kernel`] ends it also later.
    pub fn remote_id(&self) -> Option<&str> {
        match &self.life {
            Life::Local(_) => None,
            Life::Remote(remote) => Some(remote.id()),
        }
    }

    /// Sends one cell's code; what comes of it is told by [`Kernel::next_event`], under the id that
    /// is returned.
    pub async fn execute(&mut self, code: &str) -> Result<RequestId, KernelError> {
        if let Some(dead) = &self.dead {
            return Err(KernelError::Died(dead.death.clone()));
        }
        if self.request.is_some() {
            return Err(KernelError::Busy);
        }
        let content = json!({
            "code": code,
            "silent": false,
            "store_history": true,
            "user_expressions": {},
            "allow_stdin": false,
            "stop_on_error": true,
        });
        let id = match self.life.execute(&content).await {
            Ok(id) => id,
            Err(source) => return Err(self.unreachable(source).await),
        };
        self.request = Some(Request::new(id));
        Ok(id)
    }

    /// The next event: of the request under way, or of an earlier one. Without any under way it waits
    /// for a late message or for the kernel's death.
    ///
    /// Cancel-safe: an event that was not returned is returned by the next call.
    pub async fn next_event(&mut self) -> Event {
        loop {
            let deadline = match self.standing() {
                Standing::Done { reply, idle } => return self.done(reply, idle),
                Standing::Interrupt => {
                    self.interrupt_for_input();
                    continue;
                }
                Standing::Ask if self.dead.is_none() => {
                    self.ask().await;
                    continue;
                }
                Standing::Ask => None,
                Standing::Waits(deadline) => deadline,
            };
            if let Some(death) = self.nothing_more() {
                return Event::Died(death);
            }
            let deadline = self.dead.as_ref().map(|dead| dead.drain_until).or(deadline);
            tokio::select! {
                biased;
                news = self.life.next(self.dead.is_some()) => match news {
                    News::Arrival(arrival) => {
                        if let Some(output) = self.arrived(arrival) {
                            return output;
                        }
                    }
                    News::Death(death) => self.dead = Some(Dead::of(death)),
                },
                () = until(deadline), if deadline.is_some() => {}
            }
        }
    }

    /// Interrupts what runs: by a signal to the kernel and its children (an event on Windows), by
    /// a message, as the kernelspec wants it, or through the gateway. Returns at once; the cell's end
    /// comes as an event.
    pub fn interrupt(&mut self) -> Result<(), KernelError> {
        if self.life.interrupt()? {
            self.count.unread();
        }
        Ok(())
    }

    /// Ends the kernel: asks it to, and kills it and its children if it is still there after `grace`.
    /// On a gateway it is deleted, which may take as long as `grace`.
    pub async fn shutdown(self, grace: Duration) -> Ended {
        self.life.end(grace).await
    }

    /// Why a request could not be sent: most often because the process is just ending.
    async fn unreachable(&mut self, source: ConnectionError) -> KernelError {
        match timeout(start::END_PATIENCE, self.life.died()).await {
            Ok(death) => KernelError::Died(self.dead.insert(Dead::of(death)).death.clone()),
            Err(_) => KernelError::Send { source },
        }
    }

    fn standing(&self) -> Standing {
        let gaps = self.count.is_open() && self.dead.is_none();
        match &self.request {
            Some(request) => match (request.standing(Instant::now(), gaps), &self.dead) {
                // Whoever is dead answers no more; what it had said is still read.
                (Standing::Done { idle: false, .. }, Some(_)) => Standing::Waits(None),
                (standing, _) => standing,
            },
            None => Standing::Waits(None),
        }
    }

    fn done(&mut self, reply: Value, idle: bool) -> Event {
        self.request = None;
        Event::Done { reply, iopub_complete: idle, lost: self.count.settle() }
    }

    /// How the kernel died, once there is nothing left to say before that.
    fn nothing_more(&self) -> Option<Death> {
        let dead = self.dead.as_ref()?;
        let drained = self.life.is_closed() || Instant::now() >= dead.drain_until;
        (drained || self.request.is_none()).then(|| dead.death.clone())
    }

    /// Asks the kernel something that it answers after all that came before.
    async fn ask(&mut self) {
        // A connection that cannot be written to breaks, and then ends or is made again.
        let asked = self.life.ask("kernel_info_request", &json!({})).await;
        if let Some(request) = &mut self.request {
            request.asked(asked.unwrap_or_default());
        }
    }

    fn interrupt_for_input(&mut self) {
        if let Err(error) = self.interrupt() {
            tracing::warn!(%error, "a cell that asks for input could not be interrupted");
        }
        if let Some(request) = &mut self.request {
            request.interrupted();
        }
    }

    fn arrived(&mut self, arrival: Arrival) -> Option<Event> {
        match arrival {
            Arrival::Iopub(message) => return self.iopub(message),
            Arrival::Shell(message) => self.shell(&message),
            Arrival::Stdin(message) => self.stdin(&message),
            Arrival::Reconnected => match &mut self.request {
                Some(request) => {
                    request.reconnected();
                    self.count.reconnected_while_busy();
                }
                None => self.count.reconnected_while_idle(),
            },
            Arrival::Closed => {}
        }
        None
    }

    fn iopub(&mut self, message: Incoming) -> Option<Event> {
        let session = self.life.session();
        let cell = session.cell_of(&message);
        let whose = match cell {
            Some(_) => Whose::Cell,
            None if session.owns(&message) => Whose::Own,
            None => Whose::Other,
        };
        self.count.iopub(&message, whose);
        let Some(cell) = cell else {
            if let Some(request) = &mut self.request {
                request.other(&message, false);
            }
            return None;
        };
        let metadata = message.metadata();
        let content = message
            .content()
            .inspect_err(|error| tracing::warn!(%error, "an output was lost"))
            .ok();
        if let Some(request) = self.request.as_mut().filter(|request| request.id == cell) {
            let state = content.as_ref().and_then(|content| content.get("execution_state"));
            let is_status = message.msg_type == "status";
            request.iopub(state.and_then(Value::as_str).filter(|_| is_status));
        }
        let Some(content) = content else {
            self.count.unreadable();
            return None;
        };
        let Incoming { msg_type, buffers, .. } = message;
        Some(Event::Output { request: cell, msg_type, content, metadata, buffers })
    }

    fn shell(&mut self, message: &Incoming) {
        self.count.answer(message);
        let cell = self.life.session().cell_of(message);
        let Some(request) = &mut self.request else { return };
        if cell != Some(request.id) {
            return request.other(message, true);
        }
        request.replied(message.content().unwrap_or_else(|error| {
            failure("UnreadableReply", &format!("the kernel's answer was {error}"))
        }));
    }

    /// A kernel asks for input though it was told that there is none: the answer is the end of it.
    fn stdin(&mut self, message: &Incoming) {
        self.count.answer(message);
        if message.msg_type != "input_request" {
            return;
        }
        let content = message.content().unwrap_or_default();
        let prompt = content.get("prompt").and_then(Value::as_str).unwrap_or_default();
        let answer = json!({"status": "error", "ename": "EOFError", "evalue": "there is no input",
                            "traceback": [], "value": END_OF_INPUT});
        if let Err(error) = self.life.reply(message, &answer) {
            tracing::debug!(%error, "a question for input could not be answered");
        }
        if let Some(request) = &mut self.request {
            request.asks_for_input(prompt);
        }
    }
}

impl Dead {
    fn of(death: Death) -> Dead {
        Dead { death, drain_until: Instant::now() + DRAIN_GRACE }
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kernel")
            .field("pid", &self.pid())
            .field("remote_id", &self.remote_id())
            .finish_non_exhaustive()
    }
}

async fn until(deadline: Option<Instant>) {
    if let Some(deadline) = deadline {
        sleep_until(deadline).await;
    }
}
