//! The websocket to one kernel: read and written by a task of its own, which makes it again when it
//! breaks.
//!
//! What came and was not taken yet is two messages at most: a kernel that prints gigabytes waits for
//! the gateway, and the gateway for Penny.

use std::ops::ControlFlow;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout, timeout_at};
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};

use super::GatewayError;
use super::api::{Api, Socket};
use super::framing::{Arrived, Framing};
use crate::channels::Arrival;
use crate::death::Death;
use crate::message::Outgoing;

/// How many messages are kept for whoever reads them, and for the gateway.
const ARRIVALS_MAX: usize = 2;
const OUTGOING_MAX: usize = 16;
/// How often the gateway is asked for a sign of life, and how long it may give none.
const PING_PAUSE: Duration = Duration::from_secs(10);
const SILENCE_LIMIT: Duration = Duration::from_secs(60);
/// How long the gateway may take to read what is sent to it.
const SEND_LIMIT: Duration = Duration::from_secs(30);
/// The pauses between attempts to connect again.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What is sent on a kernel's channel.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) channel: &'static str,
    pub(super) request: Outgoing,
}

/// The ends of a link that its kernel holds. Dropping them ends the link.
pub(super) struct Ends {
    pub(super) outgoing: mpsc::Sender<Sent>,
    pub(super) arrivals: mpsc::Receiver<Arrival>,
    pub(super) death: watch::Receiver<Option<Death>>,
}

struct Link {
    api: Api,
    id: String,
    session: String,
    /// The session of the kernel itself, once it has answered.
    kernel: Option<String>,
    socket: Socket,
    framing: Framing,
    outgoing: mpsc::Receiver<Sent>,
    arrivals: mpsc::Sender<Arrival>,
    reconnect_limit: Duration,
}

/// Why a conversation ended.
enum End {
    /// The kernel is gone, and another may have taken its place.
    Died(Death),
    /// The connection is broken, for this reason.
    Broken(String),
    /// Nobody wants it any more.
    Unwanted,
}

/// Starts the task for a websocket that is open.
pub(super) fn start(
    api: Api,
    id: &str,
    session: &str,
    (socket, framing): (Socket, Framing),
    reconnect_limit: Duration,
) -> Ends {
    let (outgoing_in, outgoing) = mpsc::channel(OUTGOING_MAX);
    let (arrivals, arrivals_out) = mpsc::channel(ARRIVALS_MAX);
    let (tell, death) = watch::channel(None);
    let unwanted = arrivals.clone();
    let link = Link {
        api,
        id: id.to_owned(),
        session: session.to_owned(),
        kernel: None,
        socket,
        framing,
        outgoing,
        arrivals,
        reconnect_limit,
    };
    tokio::spawn(async move {
        // The death is known before the end of the arrivals is.
        let ended = tokio::select! {
            death = link.live() => death,
            () = unwanted.closed() => None,
        };
        tell.send(ended).ok();
        drop(unwanted);
    });
    Ends { outgoing: outgoing_in, arrivals: arrivals_out, death }
}

impl Link {
    /// Talks until the kernel is gone, or nobody listens any more.
    async fn live(mut self) -> Option<Death> {
        loop {
            let why = match self.converse().await {
                End::Died(death) => return Some(death),
                End::Unwanted => return None,
                End::Broken(why) => why,
            };
            tracing::warn!(id = self.id, why, "the connection to the gateway broke");
            if let Err(death) = self.reconnect(&why).await {
                return Some(death);
            }
            tracing::info!(id = self.id, "the connection to the gateway was made again");
            if self.arrivals.send(Arrival::Reconnected).await.is_err() {
                return None;
            }
        }
    }

    async fn converse(&mut self) -> End {
        let mut ping = interval(PING_PAUSE);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        // Some gateways leave the websocket of a kernel open that is no more, so they are asked for
        // the kernel itself; about one that speaks there is no doubt.
        let mut spoke = true;
        let mut doubt: Option<BoxFuture<'static, bool>> = None;
        loop {
            let next = async {
                let place = self.arrivals.reserve().await.ok()?;
                Some((place, self.socket.next().await))
            };
            let sending = tokio::select! {
                next = next => {
                    let Some((place, received)) = next else { return End::Unwanted };
                    heard = Instant::now();
                    spoke |= !matches!(received, Some(Ok(Message::Ping(_) | Message::Pong(_))));
                    let arrival = match take(self.framing, &mut self.kernel, received) {
                        ControlFlow::Continue(arrival) => arrival,
                        ControlFlow::Break(end) => return end,
                    };
                    if let Some(arrival) = arrival {
                        place.send(arrival);
                    }
                    continue;
                }
                sent = self.outgoing.recv() => match sent {
                    Some(sent) => self.framing.write(sent.channel, &sent.request),
                    None => return End::Unwanted,
                },
                gone = async { doubt.as_mut().expect("asked only if there is one").await },
                    if doubt.is_some() =>
                {
                    doubt = None;
                    if gone {
                        let gone = GatewayError::Gone { url: self.api.url() };
                        return End::Died(Death::told(gone.to_string()));
                    }
                    continue;
                }
                _ = ping.tick() => {
                    // While nobody takes what came, nothing can be heard.
                    if self.arrivals.capacity() == 0 {
                        (heard, spoke) = (Instant::now(), true);
                    }
                    if !std::mem::take(&mut spoke) && doubt.is_none() {
                        let (api, id) = (self.api.clone(), self.id.clone());
                        doubt = Some(async move { api.is_gone(&id).await }.boxed());
                    }
                    if heard.elapsed() >= SILENCE_LIMIT {
                        return End::Broken("it gave no sign of life any more".to_owned());
                    }
                    Message::Ping(bytes::Bytes::new())
                }
            };
            match timeout(SEND_LIMIT, self.socket.send(sending)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return End::Broken(error.to_string()),
                Err(_) => return End::Broken("it took nothing any more".to_owned()),
            }
        }
    }

    /// Opens the websocket again, in growing pauses, within the limit.
    async fn reconnect(&mut self, why: &str) -> Result<(), Death> {
        let deadline = Instant::now() + self.reconnect_limit;
        let mut pause = FIRST_PAUSE;
        let mut last = None;
        loop {
            let opening = self.api.open(&self.id, &self.session);
            match timeout_at(deadline, opening).await {
                Ok(Ok((socket, framing))) => {
                    (self.socket, self.framing) = (socket, framing);
                    return Ok(());
                }
                Ok(Err(error)) if is_final(&error) => {
                    let told = format!("the connection to the kernel broke ({why}), and {error}");
                    return Err(Death::told(told));
                }
                Ok(Err(error)) => last = Some(error),
                Err(_) => {}
            }
            if Instant::now() + pause >= deadline {
                return Err(self.given_up(why, last));
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn given_up(&self, why: &str, last: Option<GatewayError>) -> Death {
        let last = last.map_or_else(|| "no answer came".to_owned(), |error| error.to_string());
        Death::told(format!(
            "the connection to the kernel broke ({why}), and could not be made again within {} s: \
             {last}",
            self.reconnect_limit.as_secs()
        ))
    }
}

/// Whether a gateway that says so will not say otherwise a moment later.
fn is_final(error: &GatewayError) -> bool {
    matches!(
        error,
        GatewayError::Gone { .. } | GatewayError::Refused { .. } | GatewayError::NoToken { .. }
    )
}

/// What came on the websocket, for whoever reads it, if it is for them.
fn take(
    framing: Framing,
    kernel: &mut Option<String>,
    received: Option<Result<Message, SocketError>>,
) -> ControlFlow<End, Option<Arrival>> {
    let message = match received {
        None => return ControlFlow::Break(End::Broken("it was closed".to_owned())),
        Some(Err(error)) => return ControlFlow::Break(End::Broken(error.to_string())),
        Some(Ok(Message::Close(frame))) => {
            let reason = frame.map(|frame| frame.reason.to_string());
            let reason = reason.filter(|reason| !reason.is_empty());
            let why = reason.unwrap_or_else(|| "the gateway closed it".to_owned());
            return ControlFlow::Break(End::Broken(why));
        }
        Some(Ok(message)) => message,
    };
    let arrived = match framing.read(message) {
        None => return ControlFlow::Continue(None),
        Some(Ok(arrived)) => arrived,
        Some(Err(error)) => {
            tracing::warn!(%error, "a kernel's message was passed over");
            return ControlFlow::Continue(None);
        }
    };
    match death(kernel, &arrived) {
        Some(told) => ControlFlow::Break(End::Died(Death::told(told.to_owned()))),
        None => ControlFlow::Continue(arrival(arrived)),
    }
}

fn arrival(arrived: Arrived) -> Option<Arrival> {
    match arrived.channel.as_str() {
        "iopub" => Some(Arrival::Iopub(arrived.message)),
        "shell" | "control" => Some(Arrival::Shell(arrived.message)),
        "stdin" => Some(Arrival::Stdin(arrived.message)),
        _ => None,
    }
}

/// Whether a message tells that the kernel, which answered as `kernel`, is no more.
fn death(kernel: &mut Option<String>, arrived: &Arrived) -> Option<&'static str> {
    const RESTARTED: &str = "the kernel ended, and the gateway started another in its place";
    let message = &arrived.message;
    let from_another = kernel.is_some() && message.session.is_some() && *kernel != message.session;
    match (arrived.channel.as_str(), message.state().as_deref()) {
        ("iopub", Some("restarting" | "autorestarting")) => Some(RESTARTED),
        ("iopub", Some("dead")) => Some("the kernel ended, and the gateway gave it up"),
        ("iopub", Some("starting")) if from_another => Some(RESTARTED),
        ("shell", _) if from_another => Some(RESTARTED),
        ("shell", _) => {
            kernel.clone_from(&message.session);
            None
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Incoming;
    use serde_json::json;

    #[test]
    fn a_kernel_that_was_replaced_is_dead() {
        #[track_caller]
        fn check(channel: &str, msg_type: &str, session: &str, state: &str, dead: bool) {
            let content = json!({"execution_state": state});
            let mut message = Incoming::of_test(msg_type, Some("p"), &content);
            message.session = Some(session.to_owned());
            let arrived = Arrived { channel: channel.to_owned(), message };
            let told = death(&mut Some("kernel".to_owned()), &arrived);
            assert_eq!(told.is_some(), dead, "{channel} {msg_type} {session} {state}");
        }
        check("iopub", "status", "gateway", "restarting", true);
        check("iopub", "status", "gateway", "dead", true);
        check("iopub", "status", "another", "starting", true);
        check("iopub", "status", "kernel", "starting", false);
        check("iopub", "status", "another", "busy", false);
        check("iopub", "stream", "another", "restarting", false);
        check("shell", "execute_reply", "another", "", true);
        check("shell", "execute_reply", "kernel", "", false);
    }
}
