//! A kernel on a gateway: started, spoken to, deleted.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::api::Api;
use super::link::{self, Sent};
use super::{GatewayError, GatewayLaunch, RemoteKernelspec};
use crate::channels::{Arrival, ConnectionError};
use crate::death::{Death, Ended};
use crate::message::{Incoming, Outgoing, RequestId, Session};

/// How long a kernel that starts may leave a question unanswered before it is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(2);
/// A gateway waits some seconds for a kernel's own end before it kills it: so long at least it is
/// given to answer.
const DELETE_LIMIT: Duration = Duration::from_secs(15);
/// How long the answer to the wish for a kernel is waited for after that was given up.
const LATE_LIMIT: Duration = Duration::from_secs(120);
/// The variables that every gateway lets through.
const LET_THROUGH: &str = "KERNEL_";
/// Where an Enterprise Gateway is told the folder to work in.
const FOLDER_VARIABLE: &str = "KERNEL_WORKING_DIR";
/// Whom an Enterprise Gateway starts the kernel for; its own user it would often refuse, being root.
const USER_VARIABLE: &str = "KERNEL_USERNAME";
const USER: &str = "penny";
/// Run in every Python kernel on a gateway before its first cell.
const SETUP: &str = include_str!("setup.py");

/// A kernel on a gateway. Dropping it deletes it there, in the background.
pub(crate) struct Remote {
    api: Api,
    id: String,
    session: Session,
    outgoing: mpsc::Sender<Sent>,
    arrivals: mpsc::Receiver<Arrival>,
    death: watch::Receiver<Option<Death>>,
    closed: bool,
    remains: Remains,
}

/// A kernel on a gateway that is deleted when this is dropped, unless it is known to be gone.
struct Remains {
    api: Api,
    id: String,
    gone: bool,
}

/// Starts a kernel; returns it with what it says about itself.
pub(crate) async fn start(launch: &GatewayLaunch) -> Result<(Remote, Value), GatewayError> {
    let deadline = Instant::now() + launch.start_timeout;
    let late = |_| GatewayError::Timeout {
        url: launch.gateway.url().to_owned(),
        kernel: launch.kernel.clone(),
        limit: launch.start_timeout,
    };
    timeout_at(deadline, start_within(launch)).await.map_err(late)?
}

async fn start_within(launch: &GatewayLaunch) -> Result<(Remote, Value), GatewayError> {
    let api = Api::new(&launch.gateway)?;
    let spec = find(launch, api.kernelspecs().await?)?;
    let is_python = spec.language.eq_ignore_ascii_case("python");
    let remains = born(&api, spec.name, environment(launch, is_python), launch).await?;
    let id = remains.id.clone();
    let session = Session::new();
    let opened = api.open(&id, session.id()).await?;
    let ends = link::start(api.clone(), &id, session.id(), opened, launch.reconnect_limit);
    let link::Ends { outgoing, arrivals, death } = ends;
    let mut remote = Remote { api, id, session, outgoing, arrivals, death, closed: false, remains };
    let died = |death| GatewayError::Died {
        url: launch.gateway.url().to_owned(),
        kernel: launch.kernel.clone(),
        death: Box::new(death),
    };
    let info = remote.ready().await.map_err(died)?;
    let language = info.pointer("/language_info/name").and_then(Value::as_str);
    if is_python || language == Some("python") {
        prepare(&mut remote, launch).await?;
    }
    Ok((remote, info))
}

/// A new kernel. A gateway that is slow goes on when its client has given up: so the answer is waited
/// for in any case, and the kernel that nobody wants any more is deleted.
async fn born(
    api: &Api,
    kernel: String,
    env: Vec<(String, String)>,
    launch: &GatewayLaunch,
) -> Result<Remains, GatewayError> {
    let (tell, told) = oneshot::channel();
    let (api, limit) = (api.clone(), launch.start_timeout);
    tokio::spawn(async move {
        let started = api.start(&kernel, &env, limit + LATE_LIMIT).await;
        let remains = started.map(|id| Remains { api: api.clone(), id, gone: false });
        drop(tell.send(remains));
    });
    let ended = |_| GatewayError::Slow { url: launch.gateway.url().to_owned(), limit };
    told.await.map_err(ended)?
}

/// The kernelspec that is meant, whatever the case of its letters.
fn find(
    launch: &GatewayLaunch,
    specs: Vec<RemoteKernelspec>,
) -> Result<RemoteKernelspec, GatewayError> {
    let known: Vec<String> = specs.iter().map(|spec| spec.name.clone()).collect();
    let meant = launch.kernel.to_lowercase();
    let found = specs.into_iter().find(|spec| spec.name.to_lowercase() == meant);
    found.ok_or_else(|| GatewayError::UnknownKernel {
        url: launch.gateway.url().to_owned(),
        kernel: launch.kernel.clone(),
        known,
    })
}

/// What goes with the wish for a kernel. A Python kernel gets its variables when it runs: a gateway
/// may show these to whoever looks at its cluster, and takes only some.
fn environment(launch: &GatewayLaunch, is_python: bool) -> Vec<(String, String)> {
    let mut env = launch.env.clone();
    if is_python {
        env.retain(|(name, _)| name.starts_with(LET_THROUGH));
    }
    let folder = launch.cwd.as_deref().map(|folder| (FOLDER_VARIABLE, folder));
    for (name, value) in folder.into_iter().chain([(USER_VARIABLE, USER)]) {
        if env.iter().all(|(known, _)| known != name) {
            env.push((name.to_owned(), value.to_owned()));
        }
    }
    env
}

/// Gives a Python kernel its environment and folder, and has it number its output.
async fn prepare(remote: &mut Remote, launch: &GatewayLaunch) -> Result<(), GatewayError> {
    let fail = |said: String| GatewayError::Prepare {
        url: launch.gateway.url().to_owned(),
        kernel: launch.kernel.clone(),
        said,
    };
    let environment: serde_json::Map<String, Value> =
        launch.env.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let names = json!({"environment": environment, "folder": launch.cwd,
        "cells": remote.session.cells()});
    // JSON in a JSON string is a Python string, and no name of the setup remains in the notebook's.
    let code = format!(
        "exec({}, {{'get_ipython': get_ipython, **__import__('json').loads({})}})",
        json!(SETUP),
        json!(names.to_string())
    );
    let content = json!({
        "code": code, "silent": true, "store_history": false, "user_expressions": {},
        "allow_stdin": false, "stop_on_error": true,
    });
    let id = remote.ask("execute_request", &content).await.map_err(|e| fail(e.to_string()))?;
    let (mut reply, mut idle) = (None, false);
    while reply.is_none() || !idle {
        let about = |message: &Incoming| message.parent.as_deref() == Some(id.as_str());
        match remote.receive().await {
            Arrival::Shell(message) if about(&message) => {
                reply = Some(message.content().unwrap_or_default());
            }
            Arrival::Iopub(message) if about(&message) => {
                idle |= message.state().as_deref() == Some("idle");
            }
            Arrival::Reconnected => return Err(fail("the connection broke meanwhile".to_owned())),
            Arrival::Closed => return Err(fail(remote.died().await.to_string())),
            _ => {}
        }
    }
    let reply = reply.unwrap_or_default();
    match reply.get("status").and_then(Value::as_str) {
        Some("ok") => Ok(()),
        _ => {
            let text = |name| reply.get(name).and_then(Value::as_str).unwrap_or("?");
            Err(fail(format!("{}: {}", text("ename"), text("evalue"))))
        }
    }
}

impl Remote {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) async fn ask(
        &mut self,
        msg_type: &str,
        content: &Value,
    ) -> Result<String, ConnectionError> {
        let request = self.session.request(msg_type, content);
        let id = request.id.clone();
        self.send("shell", request).await?;
        Ok(id)
    }

    pub(crate) async fn execute(&mut self, content: &Value) -> Result<RequestId, ConnectionError> {
        let (id, request) = self.session.cell(content);
        self.send("shell", request).await?;
        Ok(id)
    }

    async fn send(&self, channel: &'static str, request: Outgoing) -> Result<(), ConnectionError> {
        let sent = self.outgoing.send(Sent { channel, request }).await;
        sent.map_err(|_| ConnectionError::Gateway)
    }

    pub(crate) fn reply(
        &mut self,
        question: &Incoming,
        content: &Value,
    ) -> Result<(), ConnectionError> {
        let request = self.session.answer("input_reply", question, content);
        let sent = self.outgoing.try_send(Sent { channel: "stdin", request });
        sent.map_err(|_| ConnectionError::Gateway)
    }

    /// Cancel-safe; must not be asked again once it has told [`Arrival::Closed`].
    pub(crate) async fn receive(&mut self) -> Arrival {
        let arrival = self.arrivals.recv().await;
        self.closed |= arrival.is_none();
        arrival.unwrap_or(Arrival::Closed)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Waits for the kernel's end, or that of all hope to speak with it. Cancel-safe.
    pub(crate) async fn died(&mut self) -> Death {
        let told = self.death.wait_for(Option::is_some).await.map(|death| death.clone());
        let unknown = || Death::told("the connection to the gateway has ended".to_owned());
        told.ok().flatten().unwrap_or_else(unknown)
    }

    /// Has the gateway interrupt what runs, in the background.
    pub(crate) fn interrupt(&self) {
        let (api, id) = (self.api.clone(), self.id.clone());
        tokio::spawn(async move {
            if let Err(error) = api.interrupt(&id).await {
                tracing::warn!(%error, id, "a kernel on a gateway could not be interrupted");
            }
        });
    }

    /// Deletes it, within `grace` or the time that gateways need for it, if that is longer.
    pub(crate) async fn end(mut self, grace: Duration) -> Ended {
        let limit = grace.max(DELETE_LIMIT);
        self.remains.gone = match timeout(limit, self.api.delete(&self.id)).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, id = self.id, "a kernel on a gateway was left behind");
                // Asking again would lead to the same.
                true
            }
            Err(_) => {
                tracing::warn!(id = self.id, "the gateway did not say that the kernel has ended");
                true
            }
        };
        Ended { exit_code: None, signal: None, killed: false, peak_memory_bytes: None }
    }

    /// Waits until the kernel has answered a question, and told on iopub that it did.
    async fn ready(&mut self) -> Result<Value, Death> {
        let (mut info, mut iopub_proven) = (None, false);
        let mut ask_at = Instant::now();
        loop {
            if let (Some(info), true) = (&info, iopub_proven) {
                return Ok(Value::clone(info));
            }
            tokio::select! {
                arrival = self.receive() => match arrival {
                    Arrival::Iopub(message) => iopub_proven |= self.session.owns(&message),
                    Arrival::Shell(message) if message.msg_type == "kernel_info_reply"
                        && self.session.owns(&message) =>
                    {
                        info = message.content().ok().or(info);
                    }
                    Arrival::Closed => return Err(self.died().await),
                    Arrival::Shell(_) | Arrival::Stdin(_) | Arrival::Reconnected => {}
                },
                () = sleep_until(ask_at) => {
                    if self.ask("kernel_info_request", &json!({})).await.is_err() {
                        return Err(self.died().await);
                    }
                    ask_at = Instant::now() + ASK_AGAIN;
                }
            }
        }
    }
}

/// Deletes the kernel on a thread of its own, which a runtime that ends does not take with it.
impl Drop for Remains {
    fn drop(&mut self) {
        if self.gone {
            return;
        }
        let id = std::mem::take(&mut self.id);
        let gateway = self.api.gateway().clone();
        let delete = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime else { return };
            let deleting = async { Api::new(&gateway)?.delete(&id).await };
            let deleted = runtime.block_on(async { timeout(DELETE_LIMIT, deleting).await });
            if !matches!(deleted, Ok(Ok(_))) {
                tracing::warn!(id, "a kernel on a gateway was left behind");
            }
        };
        if let Err(error) = thread::Builder::new().name("kernel end".to_owned()).spawn(delete) {
            tracing::warn!(%error, "a kernel on a gateway was left behind");
        }
    }
}
