//! A kernel's start: until it has answered, and its output is known to arrive.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::channels::{Arrival, Channels, ConnectionError};
use crate::connection::{Connection, Transport};
use crate::death::Death;
use crate::launch::Launch;
use crate::platform::{ForkError, MARK};
use crate::process::{Fork, NotStarted, Process, Start};
use crate::template::{Template, TemplateError, unsuited};

/// Ports can be taken by others between being chosen and being used.
const ATTEMPTS_MAX: u32 = 3;
/// A subscription can arrive after the reply to a first request: then it is asked once more.
const IOPUB_PATIENCE: Duration = Duration::from_millis(500);

/// How long after its connections a process may end.
pub(crate) const END_PATIENCE: Duration = Duration::from_secs(1);

/// Why a kernel did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The kernelspec's program does not exist.
    #[error(
        "the kernel `{kernel}` cannot start: there is no program `{program}`; \
         install it, or choose another kernel for the notebook"
    )]
    NoProgram {
        /// The kernel's name.
        kernel: String,
        /// The first word of its command line.
        program: String,
    },
    /// The working folder does not exist.
    #[error("the kernel cannot start in `{}`: there is no such folder", .path.display())]
    NoFolder {
        /// The working folder.
        path: PathBuf,
    },
    /// The system refused to start the program.
    #[error("the kernel `{kernel}` cannot start: the program `{program}` cannot be run")]
    Spawn {
        /// The kernel's name.
        kernel: String,
        /// The first word of its command line.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// The template cannot fork it. Without the template it may well start.
    #[error("the kernel `{kernel}` cannot be forked from the template")]
    Fork {
        /// The kernel's name.
        kernel: String,
        /// Why.
        source: TemplateError,
    },
    /// The connection file cannot be written.
    #[error("the folder for running kernels, `{}`, cannot be used", .path.display())]
    RuntimeFolder {
        /// That folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The Python has no ipykernel.
    #[error(
        "the Python `{program}` cannot run notebooks: ipykernel is not installed in it; \
         install it with `{program} -m pip install ipykernel`"
    )]
    NoIpykernel {
        /// The Python interpreter.
        program: String,
        /// How it ended, with what it wrote.
        death: Death,
    },
    /// The process ended before it was ready.
    #[error("the kernel `{kernel}` did not start: {death}{}", last_words(&.death.stderr_tail))]
    Died {
        /// The kernel's name.
        kernel: String,
        /// How it ended, with what it wrote.
        death: Death,
    },
    /// The process runs, but was not ready in time.
    #[error(
        "the kernel `{kernel}` was not ready within {} s; if the machine is busy, \
         allow more time{}", .limit.as_secs(), last_words(.stderr_tail)
    )]
    Timeout {
        /// The kernel's name.
        kernel: String,
        /// How long was waited.
        limit: Duration,
        /// What it wrote last.
        stderr_tail: String,
    },
    /// The process runs, but cannot be spoken to.
    #[error("the kernel `{kernel}` runs, but does not speak Jupyter's protocol{}", last_words(.stderr_tail))]
    Connect {
        /// The kernel's name.
        kernel: String,
        /// What the connection said.
        source: ConnectionError,
        /// What it wrote last.
        stderr_tail: String,
    },
}

/// A kernel that has answered.
pub(crate) struct Started {
    pub(crate) process: Process,
    pub(crate) channels: Channels,
    pub(crate) connection: Connection,
    pub(crate) info: Value,
}

/// Starts a kernel, again with other ports if those chosen were taken in the meantime.
pub(crate) async fn start(launch: &Launch) -> Result<Started, StartError> {
    let deadline = Instant::now() + launch.start_timeout;
    let mut attempt = 1;
    loop {
        match start_once(launch, deadline).await {
            Err((StartError::Died { death, .. }, Some(Transport::Tcp)))
                if attempt < ATTEMPTS_MAX && port_was_taken(&death) =>
            {
                tracing::debug!(attempt, "a port was taken; the kernel is started again");
                attempt += 1;
            }
            Err((error, _)) => return Err(error),
            Ok(started) => return Ok(started),
        }
    }
}

async fn start_once(
    launch: &Launch,
    deadline: Instant,
) -> Result<Started, (StartError, Option<Transport>)> {
    let runs_ipykernel = launch.runs_ipykernel();
    let connection = Connection::make(&launch.runtime_dir, &launch.spec.name, runs_ipykernel)
        .map_err(|(path, source)| (StartError::RuntimeFolder { path, source }, None))?;
    let transport = Some(connection.transport());
    let mut process = spawn(launch, &connection).await.map_err(|error| (error, transport))?;
    let patience = deadline.saturating_duration_since(Instant::now());
    let ready = timeout_at(deadline, ready(&connection, patience));
    let ended = tokio::select! {
        biased;
        ready = ready => match ready {
            Ok(Ok((channels, info))) => return Ok(Started { process, channels, connection, info }),
            Ok(Err(error)) => Err(Some(error)),
            Err(_) => Err(None),
        },
        exit = process.exited() => Ok(exit),
    };
    let kernel = launch.spec.name.clone();
    let error = match ended {
        Ok(exit) => died(launch, exit.death()),
        // A process that ends breaks its connections a moment before its end is known.
        Err(Some(source)) => match timeout(END_PATIENCE, process.exited()).await {
            Ok(exit) => died(launch, exit.death()),
            Err(_) => StartError::Connect { kernel, source, stderr_tail: process.tail() },
        },
        Err(None) => {
            let (limit, stderr_tail) = (launch.start_timeout, process.tail());
            StartError::Timeout { kernel, limit, stderr_tail }
        }
    };
    Err((error, transport))
}

async fn spawn(launch: &Launch, connection: &Connection) -> Result<Process, StartError> {
    // A missing folder and a missing program are the same error to the system.
    if !launch.cwd.is_dir() {
        return Err(StartError::NoFolder { path: launch.cwd.clone() });
    }
    let kernel = launch.spec.name.clone();
    if let Some(template) = &launch.template {
        let forked = fork(launch, connection, template).await;
        return forked.map_err(|source| StartError::Fork { kernel, source });
    }
    let command = launch.command(&connection.file());
    let program = command.get_program().to_string_lossy().into_owned();
    let mark = uuid::Uuid::new_v4().simple().to_string();
    let start = Start::Spawn { command, mark, memory_limit_bytes: launch.memory_limit_bytes };
    Process::start(start).await.map_err(|error| match error {
        NotStarted::System(source) if source.kind() == io::ErrorKind::NotFound => {
            StartError::NoProgram { kernel, program }
        }
        NotStarted::System(source) => StartError::Spawn { kernel, program, source },
        NotStarted::Fork(_) => unreachable!("a program is not forked"),
    })
}

async fn fork(
    launch: &Launch,
    connection: &Connection,
    template: &Arc<Template>,
) -> Result<Process, TemplateError> {
    if let Some(why) = unsuited(template, launch) {
        return Err(TemplateError::Unsuited { why });
    }
    if !template.is_alive() {
        return Err(TemplateError::Gone);
    }
    let mark = template.next_mark();
    let mut env = launch.environment();
    env.push((MARK.into(), mark.clone().into()));
    let fork = Fork {
        cwd: launch.cwd.clone(),
        mark,
        memory_limit_bytes: launch.memory_limit_bytes,
        arguments: launch.ipykernel_arguments(&connection.file()),
        env,
    };
    let started = Process::start(Start::Fork { template: Arc::clone(template), fork }).await;
    started.map_err(|error| match error {
        NotStarted::Fork(ForkError::Refused(why)) => TemplateError::Unsuited { why },
        NotStarted::Fork(ForkError::Gone) => TemplateError::Gone,
        NotStarted::Fork(ForkError::System(source)) | NotStarted::System(source) => {
            TemplateError::System { source }
        }
    })
}

/// Connects, asks the kernel about itself, and waits for its answer and for a sign of life on iopub:
/// a welcome (ipykernel 7), or any message about a request of ours (all others).
async fn ready(
    connection: &Connection,
    patience: Duration,
) -> Result<(Channels, Value), ConnectionError> {
    let mut channels = Channels::connect(connection, patience).await?;
    let mut asked = vec![channels.ask("kernel_info_request", &json!({})).await?];
    let is_ours = |asked: &[String], parent: &Option<String>| {
        parent.as_ref().is_some_and(|parent| asked.contains(parent))
    };
    let (mut info, mut iopub_proven) = (None, false);
    let mut ask_again = Instant::now();
    loop {
        if let (Some(info), true) = (&info, iopub_proven) {
            return Ok((channels, Value::clone(info)));
        }
        tokio::select! {
            arrival = channels.receive() => match arrival {
                Arrival::Iopub(message) => {
                    iopub_proven |= message.msg_type == "iopub_welcome"
                        || is_ours(&asked, &message.parent);
                }
                Arrival::Shell(message) if is_ours(&asked, &message.parent) => {
                    info = message.content().ok().or(info);
                    ask_again = Instant::now() + IOPUB_PATIENCE;
                }
                Arrival::Shell(_) | Arrival::Stdin(_) | Arrival::Reconnected => {}
                // Nothing can come any more but the end of the process, or of our patience.
                Arrival::Closed => std::future::pending().await,
            },
            () = sleep_until(ask_again), if info.is_some() => {
                asked.push(channels.ask("kernel_info_request", &json!({})).await?);
                ask_again = Instant::now() + IOPUB_PATIENCE;
            }
        }
    }
}

fn died(launch: &Launch, death: Death) -> StartError {
    let tail = &death.stderr_tail;
    if launch.runs_ipykernel() && tail.contains("No module named") && tail.contains("ipykernel") {
        return StartError::NoIpykernel { program: launch.spec.argv[0].clone(), death };
    }
    StartError::Died { kernel: launch.spec.name.clone(), death }
}

/// ZeroMQ says "Address already in use", on Windows "Address in use".
fn port_was_taken(death: &Death) -> bool {
    let tail = death.stderr_tail.to_lowercase();
    tail.contains("address already in use") || tail.contains("address in use")
}

pub(crate) fn last_words(tail: &str) -> String {
    match tail.trim() {
        "" => String::new(),
        tail => format!("; it last wrote:\n{tail}"),
    }
}
