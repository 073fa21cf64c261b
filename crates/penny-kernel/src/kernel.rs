//! A kernel that runs: one request at a time, and what comes of it.

use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout};

use crate::channels::{Arrival, Channels, ConnectionError};
use crate::connection::Connection;
use crate::death::{Death, Ended};
use crate::kernelspec::InterruptMode;
use crate::launch::Launch;
use crate::process::{Exit, Process};
use crate::start::{self, StartError, Started};
use crate::wire::Incoming;

/// How long iopub may be silent after the reply before the request counts as done without its idle.
///
/// Long, since one message may hold tens of megabytes, and a busy machine takes its time to send it.
const IOPUB_GRACE: Duration = Duration::from_secs(60);
/// How long the reply may be missing once the kernel is idle.
const REPLY_GRACE: Duration = Duration::from_secs(30);
/// How long a dead kernel's sockets are read for what it said before.
const DRAIN_GRACE: Duration = Duration::from_secs(1);
/// How long a killed process may take to be gone, which is no time at all unless a disk hangs.
const KILL_GRACE: Duration = Duration::from_secs(5);

/// A running kernel. Dropping it kills it at once, with all its children.
///
/// Children that leave the kernel's process group by themselves (daemons) are not found again on
/// Unix; on Windows they are.
pub struct Kernel {
    process: Process,
    channels: Channels,
    /// Holds the connection file and the sockets' folder.
    _connection: Connection,
    info: Value,
    interrupt_mode: InterruptMode,
    request: Option<Request>,
    dead: Option<Dead>,
}

/// What a kernel tells about the request under way.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A message on iopub about the request: stream, display_data, execute_result, error, status,
    /// execute_input, clear_output, update_display_data and what else a kernel may send; not the
    /// messages of widgets (`comm_…`).
    Output {
        /// The message's type.
        msg_type: String,
        /// Its content.
        content: Value,
        /// The metadata of the message itself (those of the output are in `content`).
        metadata: Value,
        /// Binary data that goes with it.
        buffers: Vec<Bytes>,
    },
    /// The request is done: the next one can be sent.
    Done {
        /// The content of the reply: `status` is `ok` or `error`, then with ename, evalue, traceback.
        reply: Value,
        /// Whether all output is known to have arrived.
        iopub_complete: bool,
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
struct Request {
    id: String,
    reply: Option<Value>,
    idle: bool,
    /// When the last message about it came.
    last: Instant,
}

#[derive(Debug)]
struct Dead {
    death: Death,
    drain_until: Instant,
}

enum Step {
    Arrival(Arrival),
    Exit(Exit),
    Deadline,
}

impl Kernel {
    /// Starts a kernel and waits until it has answered and its output is known to arrive.
    ///
    /// Must be called within a tokio runtime with time and I/O. If the future is dropped, the process
    /// is killed.
    pub async fn start(launch: Launch) -> Result<Kernel, StartError> {
        let Started { process, channels, connection, info } = start::start(&launch).await?;
        tracing::debug!(kernel = launch.spec.name, pid = process.pid(), "kernel ready");
        Ok(Kernel {
            process,
            channels,
            _connection: connection,
            info,
            interrupt_mode: launch.spec.interrupt_mode,
            request: None,
            dead: None,
        })
    }

    /// What the kernel says about itself: the content of its `kernel_info_reply`.
    pub fn info(&self) -> &Value {
        &self.info
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Sends one cell's code; what comes of it is told by [`Kernel::next_event`].
    pub async fn execute(&mut self, code: &str) -> Result<(), KernelError> {
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
        let id = match self.channels.ask("execute_request", &content).await {
            Ok(id) => id,
            Err(source) => return Err(self.unreachable(source).await),
        };
        self.request = Some(Request { id, reply: None, idle: false, last: Instant::now() });
        Ok(())
    }

    /// The next event of the request under way; without one, waits for the kernel's death.
    ///
    /// Cancel-safe: an event that was not returned is returned by the next call.
    pub async fn next_event(&mut self) -> Event {
        loop {
            if let Some(done) = self.done() {
                return done;
            }
            if let Some(death) = self.nothing_more() {
                return Event::Died(death);
            }
            let deadline = self.deadline();
            // What has arrived comes before the news that no more will.
            let step = tokio::select! {
                biased;
                arrival = self.channels.receive(), if !self.channels.is_closed() => {
                    Step::Arrival(arrival)
                }
                exit = self.process.exited(), if self.dead.is_none() => Step::Exit(exit),
                () = until(deadline), if deadline.is_some() => Step::Deadline,
            };
            match step {
                Step::Arrival(Arrival::Iopub(message)) => {
                    if let Some(output) = self.iopub(message) {
                        return output;
                    }
                }
                Step::Arrival(Arrival::Shell(message)) => self.shell(&message),
                Step::Arrival(Arrival::Closed) => {}
                Step::Exit(exit) => self.dead = Some(Dead::of(&exit)),
                Step::Deadline => {
                    if let Some(event) = self.overdue() {
                        return event;
                    }
                }
            }
        }
    }

    /// Interrupts what runs: by a signal to the kernel and its children (an event on Windows), or by
    /// a message, as the kernelspec wants it. Returns at once; the cell's end comes as an event.
    pub fn interrupt(&mut self) -> Result<(), KernelError> {
        match self.interrupt_mode {
            InterruptMode::Signal => {
                self.process.group().interrupt().map_err(|source| KernelError::Interrupt { source })
            }
            InterruptMode::Message => self
                .channels
                .command("interrupt_request", &json!({}))
                .map_err(|source| KernelError::Send { source }),
        }
    }

    /// Ends the kernel: asks it to, and kills it and its children if it is still there after `grace`.
    pub async fn shutdown(self, grace: Duration) -> Ended {
        let Kernel { mut process, mut channels, _connection, .. } = self;
        if let Err(error) = channels.command("shutdown_request", &json!({"restart": false})) {
            tracing::debug!(%error, "the kernel could not be asked to end");
        }
        // A kernel that ends tries to deliver what it still has, and would wait for us to read it.
        let _control = channels.into_control();
        if let Ok(exit) = timeout(grace, process.exited()).await {
            return ended(&exit, false);
        }
        process.group().kill();
        match timeout(KILL_GRACE, process.exited()).await {
            Ok(exit) => ended(&exit, true),
            Err(_) => {
                Ended { exit_code: None, signal: None, killed: true, peak_memory_bytes: None }
            }
        }
    }

    /// Why a request could not be sent: most often because the process is just ending.
    async fn unreachable(&mut self, source: ConnectionError) -> KernelError {
        match timeout(start::END_PATIENCE, self.process.exited()).await {
            Ok(exit) => KernelError::Died(self.dead.insert(Dead::of(&exit)).death.clone()),
            Err(_) => KernelError::Send { source },
        }
    }

    /// The event of a request whose reply and idle have both come.
    fn done(&mut self) -> Option<Event> {
        let request = self.request.take_if(|request| request.idle && request.reply.is_some())?;
        Some(Event::Done { reply: request.reply?, iopub_complete: true })
    }

    /// How the kernel died, once there is nothing left to say before that.
    fn nothing_more(&self) -> Option<Death> {
        let dead = self.dead.as_ref()?;
        let drained = self.channels.is_closed() || Instant::now() >= dead.drain_until;
        (drained || self.request.is_none()).then(|| dead.death.clone())
    }

    fn deadline(&self) -> Option<Instant> {
        if let Some(dead) = &self.dead {
            return Some(dead.drain_until);
        }
        let request = self.request.as_ref()?;
        match (&request.reply, request.idle) {
            (Some(_), false) => Some(request.last + IOPUB_GRACE),
            (None, true) => Some(request.last + REPLY_GRACE),
            _ => None,
        }
    }

    /// Ends a request of which one half did not come.
    fn overdue(&mut self) -> Option<Event> {
        if self.dead.is_some() {
            return None;
        }
        let request = self.request.take()?;
        let missing =
            || failure("MissingReply", "the kernel is idle, but never answered the request");
        Some(Event::Done {
            reply: request.reply.unwrap_or_else(missing),
            iopub_complete: request.idle,
        })
    }

    fn iopub(&mut self, message: Incoming) -> Option<Event> {
        let request = self.request.as_mut().filter(|request| request.is_of(&message))?;
        request.last = Instant::now();
        if message.msg_type.starts_with("comm_") {
            return None;
        }
        let metadata = message.metadata();
        let content = message
            .content()
            .inspect_err(|error| tracing::warn!(%error, "an output was lost"))
            .ok()?;
        let state = content.get("execution_state").and_then(Value::as_str);
        request.idle |= message.msg_type == "status" && state == Some("idle");
        let Incoming { msg_type, buffers, .. } = message;
        Some(Event::Output { msg_type, content, metadata, buffers })
    }

    fn shell(&mut self, message: &Incoming) {
        let Some(request) = self.request.as_mut().filter(|request| request.is_of(message)) else {
            return;
        };
        request.last = Instant::now();
        request.reply = Some(message.content().unwrap_or_else(|error| {
            failure("UnreadableReply", &format!("the kernel's answer was {error}"))
        }));
    }
}

impl Dead {
    fn of(exit: &Exit) -> Dead {
        Dead { death: exit.death(), drain_until: Instant::now() + DRAIN_GRACE }
    }
}

impl Request {
    fn is_of(&self, message: &Incoming) -> bool {
        message.parent.as_deref() == Some(self.id.as_str())
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kernel").field("pid", &self.pid()).finish_non_exhaustive()
    }
}

/// The reply that a kernel should have sent.
fn failure(ename: &str, evalue: &str) -> Value {
    json!({"status": "error", "ename": ename, "evalue": evalue, "traceback": []})
}

fn ended(exit: &Exit, killed: bool) -> Ended {
    Ended {
        exit_code: exit.status.code,
        signal: exit.status.signal,
        killed,
        peak_memory_bytes: exit.status.peak_memory_bytes,
    }
}

async fn until(deadline: Option<Instant>) {
    if let Some(deadline) = deadline {
        sleep_until(deadline).await;
    }
}
