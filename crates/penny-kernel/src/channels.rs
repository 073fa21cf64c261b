//! The three ZeroMQ sockets of a kernel that Penny holds.
//!
//! Nothing reads them in the background: what is not asked for stays in the system's buffers and then
//! in the kernel's, so a notebook that prints gigabytes does not fill Penny's memory.
//!
//! The stdin channel is left out, since requests say that there is nobody to ask; and the heartbeat,
//! since the process itself is watched.

use std::time::Duration;

use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use serde_json::Value;
use zeromq::{
    DealerSocket, Socket, SocketEvent, SocketOptions, SocketRecv, SocketSend, SubSocket, ZmqError,
};

use crate::connection::{Channel, Connection};
use crate::wire::{Incoming, Wire};

/// Sockets of one kernel, with the signature of its messages.
pub(crate) struct Channels {
    wire: Wire,
    shell: DealerSocket,
    control: DealerSocket,
    iopub: SubSocket,
    shell_life: Life,
    iopub_life: Life,
}

/// What went wrong between Penny and a kernel.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ConnectionError(#[from] ZmqError);

/// What came from a kernel.
#[derive(Debug)]
pub(crate) enum Arrival {
    Iopub(Incoming),
    Shell(Incoming),
    /// The kernel's end of both sockets is closed: nothing will come any more. Told once.
    Closed,
}

/// Whether the other end of a socket is still there.
struct Life {
    events: BoxStream<'static, SocketEvent>,
    ended: bool,
}

impl Channels {
    /// Connects as soon as the kernel listens, each socket within `patience` from then on.
    pub(crate) async fn connect(
        connection: &Connection,
        patience: Duration,
    ) -> Result<Channels, ConnectionError> {
        let mut shell = DealerSocket::with_options(options(patience));
        let mut control = DealerSocket::with_options(options(patience));
        let mut iopub = SubSocket::with_options(options(patience));
        let shell_life = Life::new(shell.monitor());
        let iopub_life = Life::new(iopub.monitor());
        iopub.subscribe("").await?;

        connection.listening(Channel::Iopub).await;
        iopub.connect(&connection.endpoint(Channel::Iopub)).await?;
        connection.listening(Channel::Shell).await;
        shell.connect(&connection.endpoint(Channel::Shell)).await?;
        connection.listening(Channel::Control).await;
        control.connect(&connection.endpoint(Channel::Control)).await?;
        let wire = Wire::new(connection.key());
        Ok(Channels { wire, shell, control, iopub, shell_life, iopub_life })
    }

    /// Sends a request on the shell channel; returns its id.
    pub(crate) async fn ask(
        &mut self,
        msg_type: &str,
        content: &Value,
    ) -> Result<String, ConnectionError> {
        let (id, message) = self.wire.request(msg_type, content);
        self.shell.send(message).await?;
        Ok(id)
    }

    /// Sends a request on the control channel, at once; its reply is of no interest.
    pub(crate) fn command(
        &mut self,
        msg_type: &str,
        content: &Value,
    ) -> Result<(), ConnectionError> {
        let (_, message) = self.wire.request(msg_type, content);
        let full = ZmqError::Other("the control channel is blocked");
        Ok(self.control.send(message).now_or_never().unwrap_or(Err(full))?)
    }

    /// Whether [`Arrival::Closed`] was told.
    pub(crate) fn is_closed(&self) -> bool {
        self.shell_life.ended && self.iopub_life.ended
    }

    /// The next message, those of iopub first. Cancel-safe: a message leaves its socket only as the
    /// value of this. A message that cannot be read is noted in the log and passed over.
    ///
    /// Must not be asked again once it has told [`Arrival::Closed`].
    pub(crate) async fn receive(&mut self) -> Arrival {
        loop {
            // The order matters: an end is told only after all that came before it.
            let (message, arrival): (_, fn(Incoming) -> Arrival) = tokio::select! {
                biased;
                message = self.iopub.recv(), if !self.iopub_life.ended => (message, Arrival::Iopub),
                message = self.shell.recv(), if !self.shell_life.ended => (message, Arrival::Shell),
                () = self.iopub_life.end(), if !self.iopub_life.ended => {
                    self.iopub_life.ended = true;
                    if self.is_closed() { return Arrival::Closed } else { continue }
                }
                () = self.shell_life.end(), if !self.shell_life.ended => {
                    self.shell_life.ended = true;
                    if self.is_closed() { return Arrival::Closed } else { continue }
                }
            };
            let message = match message {
                Ok(message) => message,
                Err(error) => {
                    tracing::debug!(%error, "the connection to a kernel broke");
                    continue;
                }
            };
            match self.wire.read(message) {
                Ok(incoming) => return arrival(incoming),
                Err(error) => tracing::warn!(%error, "a kernel's message was passed over"),
            }
        }
    }

    /// Lets go of all but the control channel, so that a kernel that ends does not wait for a reader.
    pub(crate) fn into_control(self) -> DealerSocket {
        self.control
    }
}

impl Life {
    fn new(events: impl futures_util::Stream<Item = SocketEvent> + Send + 'static) -> Life {
        Life { events: events.boxed(), ended: false }
    }

    async fn end(&mut self) {
        while let Some(event) = self.events.next().await {
            if let SocketEvent::Disconnected(_) = event {
                return;
            }
        }
    }
}

fn options(patience: Duration) -> SocketOptions {
    let mut options = SocketOptions::default();
    options.connect_timeout(patience);
    options
}
