//! The two lives a kernel can have: a process of this machine, or one behind a gateway.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout, timeout_at};

use crate::channels::{Arrival, Channels, ConnectionError};
use crate::connection::Connection;
use crate::death::{Cause, Death, Ended};
use crate::gateway::Remote;
use crate::kernel::KernelError;
use crate::kernelspec::InterruptMode;
use crate::message::{Incoming, RequestId, Session};
use crate::process::{Exit, Process};

/// How long a kernel may live on without its connections.
const CLOSED_GRACE: Duration = Duration::from_millis(1500);
/// How long a kernel that was asked to end, and its children, get to obey the signal for it.
const TERMINATE_GRACE: Duration = Duration::from_millis(300);
/// How long a killed process may take to be gone, which is no time at all unless a disk hangs.
const KILL_GRACE: Duration = Duration::from_secs(5);

pub(crate) enum Life {
    Local(Local),
    Remote(Remote),
}

/// What comes next.
pub(crate) enum News {
    Arrival(Arrival),
    Death(Death),
}

/// A kernel that is a process of this machine. Dropping it kills it.
pub(crate) struct Local {
    pub(crate) process: Process,
    pub(crate) channels: Channels,
    /// Holds the connection file and the sockets' folder.
    pub(crate) connection: Connection,
    pub(crate) interrupt_mode: InterruptMode,
    /// Since when nobody can speak with it any more.
    pub(crate) closed_since: Option<Instant>,
}

impl Life {
    pub(crate) fn session(&self) -> &Session {
        match self {
            Life::Local(local) => local.channels.session(),
            Life::Remote(remote) => remote.session(),
        }
    }

    /// Sends a request on the shell channel; returns its id.
    pub(crate) async fn ask(
        &mut self,
        msg_type: &str,
        content: &Value,
    ) -> Result<String, ConnectionError> {
        match self {
            Life::Local(local) => local.channels.ask(msg_type, content).await,
            Life::Remote(remote) => remote.ask(msg_type, content).await,
        }
    }

    /// Sends a cell.
    pub(crate) async fn execute(&mut self, content: &Value) -> Result<RequestId, ConnectionError> {
        match self {
            Life::Local(local) => local.channels.execute(content).await,
            Life::Remote(remote) => remote.execute(content).await,
        }
    }

    /// Answers a question on stdin, at once.
    pub(crate) fn reply(
        &mut self,
        question: &Incoming,
        content: &Value,
    ) -> Result<(), ConnectionError> {
        match self {
            Life::Local(local) => local.channels.reply(question, content),
            Life::Remote(remote) => remote.reply(question, content),
        }
    }

    /// The next message, or the news of the kernel's end unless that is known; for ever nothing once
    /// there is neither. Cancel-safe.
    pub(crate) async fn next(&mut self, end_is_known: bool) -> News {
        let closed = self.is_closed();
        // What has arrived comes before the news that no more will.
        match self {
            Life::Local(Local { process, channels, .. }) if !closed => tokio::select! {
                biased;
                arrival = channels.receive() => News::Arrival(arrival),
                exit = process.exited(), if !end_is_known => News::Death(exit.death()),
            },
            Life::Local(local) if !end_is_known => News::Death(local.died().await),
            Life::Remote(remote) if !closed => News::Arrival(remote.receive().await),
            Life::Remote(remote) if !end_is_known => News::Death(remote.died().await),
            Life::Local(_) | Life::Remote(_) => std::future::pending().await,
        }
    }

    /// Whether [`Arrival::Closed`] was told.
    pub(crate) fn is_closed(&self) -> bool {
        match self {
            Life::Local(local) => local.channels.is_closed(),
            Life::Remote(remote) => remote.is_closed(),
        }
    }

    /// Waits for the kernel's end. Cancel-safe, and at once if it has ended.
    pub(crate) async fn died(&mut self) -> Death {
        match self {
            Life::Local(local) => local.died().await,
            Life::Remote(remote) => remote.died().await,
        }
    }

    /// Interrupts what runs, without waiting for it to happen. Tells whether an answer to that will
    /// come which nobody reads.
    pub(crate) fn interrupt(&mut self) -> Result<bool, KernelError> {
        match self {
            Life::Local(local) => local.interrupt(),
            Life::Remote(remote) => {
                remote.interrupt();
                Ok(false)
            }
        }
    }

    /// Ends it: asks it to, and kills it if it is still there after `grace`.
    pub(crate) async fn end(self, grace: Duration) -> Ended {
        match self {
            Life::Local(local) => local.end(grace).await,
            Life::Remote(remote) => remote.end(grace).await,
        }
    }
}

impl Local {
    /// Waits for the process's end, and brings it about where it has let go of its connections: nobody
    /// can speak with it any more.
    async fn died(&mut self) -> Death {
        if !self.channels.is_closed() {
            return self.process.exited().await.death();
        }
        // Counted from the first time: this is asked again and again.
        let since = *self.closed_since.get_or_insert_with(Instant::now);
        if timeout_at(since + CLOSED_GRACE, self.process.exited()).await.is_err() {
            tracing::debug!(pid = self.process.pid(), "a kernel without connections is ended");
            self.process.group().kill();
            let death = self.process.exited().await.death();
            return Death { cause: death.cause.or(Some(Cause::ConnectionsClosed)), ..death };
        }
        self.process.exited().await.death()
    }

    fn interrupt(&mut self) -> Result<bool, KernelError> {
        match self.interrupt_mode {
            InterruptMode::Signal => {
                let sent = self.process.group().interrupt();
                sent.map_err(|source| KernelError::Interrupt { source })?;
                Ok(false)
            }
            InterruptMode::Message => {
                let sent = self.channels.command("interrupt_request", &json!({}));
                sent.map_err(|source| KernelError::Send { source })?;
                Ok(true)
            }
        }
    }

    async fn end(self, grace: Duration) -> Ended {
        let Local { mut process, mut channels, connection: _connection, .. } = self;
        process.group().note();
        if let Err(error) = channels.command("shutdown_request", &json!({"restart": false})) {
            tracing::debug!(%error, "the kernel could not be asked to end");
        }
        // A kernel that ends tries to deliver what it still has, and would wait for us to read it.
        let _control = channels.into_control();
        if let Ok(exit) = timeout(grace, process.exited()).await {
            return ended(&exit, false);
        }
        process.group().terminate();
        timeout(TERMINATE_GRACE, process.exited()).await.ok();
        process.group().kill();
        match timeout(KILL_GRACE, process.exited()).await {
            Ok(exit) => ended(&exit, true),
            Err(_) => {
                Ended { exit_code: None, signal: None, killed: true, peak_memory_bytes: None }
            }
        }
    }
}

fn ended(exit: &Exit, killed: bool) -> Ended {
    Ended {
        exit_code: exit.status.code,
        signal: exit.status.signal,
        killed,
        peak_memory_bytes: exit.status.peak_memory_bytes,
    }
}
