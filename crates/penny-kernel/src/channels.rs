//! The four ZeroMQ sockets of a kernel that Penny holds.
//!
//! Nothing reads them in the background: what is not asked for stays in the system's buffers and then
//! in the kernel's, so a notebook that prints gigabytes does not fill Penny's memory.
//!
//! The stdin channel is held for kernels that ask though requests say that there is nobody to answer.
//! The heartbeat is left out, since the process itself is watched.

use std::time::Duration;

use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use serde_json::Value;
use tokio::time::timeout;
use zeromq::util::PeerIdentity;
use zeromq::{
    DealerSocket, Socket, SocketEvent, SocketOptions, SocketRecv, SocketSend, SubSocket, ZmqError,
    ZmqMessage, ZmqResult,
};

use crate::connection::{Channel, Connection};
use crate::message::{Incoming, Outgoing, RequestId, Session};
use crate::wire::Wire;

/// A kernel may do without a stdin channel; the others are open by then.
const STDIN_PATIENCE: Duration = Duration::from_secs(1);

/// Sockets of one kernel, with the signature of its messages.
pub(crate) struct Channels {
    wire: Wire,
    session: Session,
    shell: DealerSocket,
    control: DealerSocket,
    iopub: SubSocket,
    stdin: Option<DealerSocket>,
    shell_life: Life,
    iopub_life: Life,
}

/// What went wrong between Penny and a kernel.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// A socket of a kernel on this machine.
    #[error(transparent)]
    Socket(#[from] ZmqError),
    /// The connection to a gateway is gone.
    #[error("the connection to the gateway has ended")]
    Gateway,
}

/// What came from a kernel.
#[derive(Debug)]
pub(crate) enum Arrival {
    Iopub(Incoming),
    Shell(Incoming),
    /// The kernel asks for a line of input.
    Stdin(Incoming),
    /// The connection broke and was made again: what came in between may be lost.
    Reconnected,
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
        let session = Session::new();
        // A kernel addresses its question on stdin to whom the request on shell came from.
        let identity = || PeerIdentity::try_from(session.id().as_bytes().to_vec());
        let mut own = options(patience);
        own.peer_identity(identity()?);
        let mut shell = DealerSocket::with_options(own);
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
        let stdin = timeout(STDIN_PATIENCE, stdin(connection, identity()?)).await;
        let stdin = stdin.ok().and_then(Result::ok);
        let wire = Wire::new(connection.key());
        Ok(Channels { wire, session, shell, control, iopub, stdin, shell_life, iopub_life })
    }

    /// Whose requests these are.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Sends a request on the shell channel; returns its id.
    pub(crate) async fn ask(
        &mut self,
        msg_type: &str,
        content: &Value,
    ) -> Result<String, ConnectionError> {
        let request = self.session.request(msg_type, content);
        let id = request.id.clone();
        self.shell.send(self.wire.write(request)).await?;
        Ok(id)
    }

    /// Sends a cell.
    pub(crate) async fn execute(&mut self, content: &Value) -> Result<RequestId, ConnectionError> {
        let (id, request) = self.session.cell(content);
        self.shell.send(self.wire.write(request)).await?;
        Ok(id)
    }

    /// Answers what came on the stdin channel, at once.
    pub(crate) fn reply(
        &mut self,
        request: &Incoming,
        content: &Value,
    ) -> Result<(), ConnectionError> {
        let answer = self.session.answer("input_reply", request, content);
        match &mut self.stdin {
            Some(stdin) => at_once(stdin, self.wire.write(answer)),
            None => Ok(()),
        }
    }

    /// Sends a request on the control channel, at once; its reply is of no interest.
    pub(crate) fn command(
        &mut self,
        msg_type: &str,
        content: &Value,
    ) -> Result<(), ConnectionError> {
        let request: Outgoing = self.session.request(msg_type, content);
        at_once(&mut self.control, self.wire.write(request))
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
                message = received(&mut self.stdin) => (message, Arrival::Stdin),
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

/// Connects the stdin channel under the identity of the shell channel.
async fn stdin(connection: &Connection, identity: PeerIdentity) -> ZmqResult<DealerSocket> {
    let mut own = options(STDIN_PATIENCE);
    own.peer_identity(identity);
    let mut stdin = DealerSocket::with_options(own);
    connection.listening(Channel::Stdin).await;
    stdin.connect(&connection.endpoint(Channel::Stdin)).await?;
    Ok(stdin)
}

/// What comes on a socket, for ever nothing without one. One that broke is let go.
async fn received(socket: &mut Option<DealerSocket>) -> ZmqResult<ZmqMessage> {
    let Some(open) = socket else { return std::future::pending().await };
    let message = open.recv().await;
    if message.is_err() {
        *socket = None;
    }
    message
}

fn at_once(socket: &mut DealerSocket, message: ZmqMessage) -> Result<(), ConnectionError> {
    let full = ZmqError::Other("the channel is blocked");
    Ok(socket.send(message).now_or_never().unwrap_or(Err(full))?)
}

fn options(patience: Duration) -> SocketOptions {
    let mut options = SocketOptions::default();
    options.connect_timeout(patience);
    options
}
