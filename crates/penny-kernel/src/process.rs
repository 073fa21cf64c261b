//! A kernel's process: started, watched and ended, together with its children.

use std::ffi::OsString;
use std::io::{self, PipeReader, PipeWriter, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use crate::death::{Cause, Death};
use crate::platform::{self, ForkError, ForkRequest, How, Status};
use crate::tail::Tail;
use crate::template::Template;

/// How long the last words of a dead process are waited for: a child that left the group may hold
/// the pipe open for ever.
const LAST_WORDS_GRACE: Duration = Duration::from_millis(300);
/// The threads here only wait and copy.
const STACK_BYTES: usize = 128 * 1024;

/// A process that ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    pid: u32,
    group: Arc<platform::Group>,
    exit: watch::Receiver<Option<Exit>>,
    tail: Arc<Tail>,
    /// The template it was forked from, which has to live as long as it.
    template: Option<Arc<Template>>,
}

/// How a process comes to be.
pub(crate) enum Start {
    /// A program.
    Spawn { command: Command, mark: String, memory_limit_bytes: Option<u64> },
    /// A program that forks others.
    Template { command: Command, input: Stdio, mark: String },
    /// A copy of a template.
    Fork { template: Arc<Template>, fork: Fork },
}

/// What a template is asked for.
pub(crate) struct Fork {
    pub(crate) cwd: PathBuf,
    pub(crate) mark: String,
    pub(crate) memory_limit_bytes: Option<u64>,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
}

/// Why there is no process.
#[derive(Debug)]
pub(crate) enum NotStarted {
    System(io::Error),
    Fork(ForkError),
}

/// How a process ended, and what it wrote last.
#[derive(Debug, Clone)]
pub(crate) struct Exit {
    pub(crate) status: Status,
    pub(crate) cause: Option<Cause>,
    pub(crate) tail: String,
}

impl Process {
    /// Starts a process in a group of its own; its output is read and mostly forgotten.
    ///
    /// The thread that starts it stays until it has ended: on Linux the process dies with that thread.
    pub(crate) async fn start(start: Start) -> Result<Process, NotStarted> {
        let (started, starting) = oneshot::channel();
        thread::Builder::new()
            .name("kernel".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || live(start, started))
            .map_err(NotStarted::System)?;
        starting.await.expect("the thread answers before it ends")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn group(&self) -> &platform::Group {
        &self.group
    }

    /// Whether it was forked from a template.
    pub(crate) fn is_forked(&self) -> bool {
        self.template.is_some()
    }

    /// The last lines it has written so far.
    pub(crate) fn tail(&self) -> String {
        self.tail.text()
    }

    /// Whether [`Process::exited`] would tell at once.
    pub(crate) fn has_ended(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Waits for the end of the process. Cancel-safe, and at once if it has ended.
    pub(crate) async fn exited(&mut self) -> Exit {
        let told = self.exit.wait_for(Option::is_some).await.map(|exit| exit.clone());
        // A thread that went without a word cannot tell any more how the process ended.
        let unknown = || Exit { status: Status::default(), cause: None, tail: self.tail.text() };
        told.ok().flatten().unwrap_or_else(unknown)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.kill();
    }
}

impl Exit {
    pub(crate) fn death(&self) -> Death {
        Death {
            exit_code: self.status.code,
            signal: self.status.signal,
            signal_name: self.status.signal.and_then(platform::signal_name).map(str::to_owned),
            cause: self.cause,
            peak_memory_bytes: self.status.peak_memory_bytes,
            told: None,
            stderr_tail: self.tail.clone(),
        }
    }
}

/// The whole life of a process, on its thread.
fn live(start: Start, started: oneshot::Sender<Result<Process, NotStarted>>) {
    let tail = Arc::new(Tail::default());
    let limit = start.memory_limit_bytes();
    let template = start.template();
    let kills_before = platform::out_of_memory_kills();
    let (running, read_out) = match begin(start, &tail) {
        Ok(begun) => begun,
        Err(error) => {
            started.send(Err(error)).ok();
            return;
        }
    };
    let (tell, exit) = watch::channel(None);
    let (pid, group) = (running.pid(), running.group());
    let watching = limit.and_then(|limit| watch_memory(&group, limit));
    let process = Process { pid, group, exit, tail: Arc::clone(&tail), template };
    // If nobody waits for it any more, the process comes back, is dropped and so killed.
    drop(started.send(Ok(process)));
    let status = running.wait();
    read_out.recv_timeout(LAST_WORDS_GRACE).ok();
    let over_limit = watching.is_some_and(Watching::end) || status.memory_refused;
    let cause = match (limit, status.signal) {
        (Some(limit_bytes), _) if over_limit => Some(Cause::MemoryLimit { limit_bytes }),
        _ if status.template_ended => Some(Cause::TemplateEnded),
        (_, Some(9)) if platform::out_of_memory_kills() > kills_before => Some(Cause::OutOfMemory),
        _ => None,
    };
    tell.send(Some(Exit { status, cause, tail: tail.text() })).ok();
}

impl Start {
    fn memory_limit_bytes(&self) -> Option<u64> {
        match self {
            Start::Spawn { memory_limit_bytes, .. } => *memory_limit_bytes,
            Start::Template { .. } => None,
            Start::Fork { fork, .. } => fork.memory_limit_bytes,
        }
    }

    fn template(&self) -> Option<Arc<Template>> {
        match self {
            Start::Fork { template, .. } => Some(Arc::clone(template)),
            Start::Spawn { .. } | Start::Template { .. } => None,
        }
    }

    fn start(self, output: PipeWriter) -> Result<platform::Running, NotStarted> {
        match self {
            Start::Spawn { command, mark, memory_limit_bytes } => {
                let how = How { mark: &mark, guarded: true, memory_limit_bytes };
                spawn(command, Stdio::null(), output, &how).map_err(NotStarted::System)
            }
            // Whatever it forks notices its end, and ends.
            Start::Template { command, input, mark } => {
                let how = How { mark: &mark, guarded: false, memory_limit_bytes: None };
                spawn(command, input, output, &how).map_err(NotStarted::System)
            }
            Start::Fork { template, fork } => {
                let request = ForkRequest {
                    cwd: &fork.cwd,
                    mark: &fork.mark,
                    memory_limit_bytes: fork.memory_limit_bytes,
                    arguments: &fork.arguments,
                    env: &fork.env,
                };
                template.mold().fork(&request, output).map_err(NotStarted::Fork)
            }
        }
    }
}

fn spawn(
    mut command: Command,
    input: Stdio,
    output: PipeWriter,
    how: &How<'_>,
) -> io::Result<platform::Running> {
    command.stdin(input).stdout(output.try_clone()?).stderr(output);
    platform::spawn(command, how)
}

/// Starts the process and the thread that reads its output; that thread's end is told by a
/// disconnected channel.
fn begin(
    start: Start,
    tail: &Arc<Tail>,
) -> Result<(platform::Running, mpsc::Receiver<()>), NotStarted> {
    let (reader, writer) = io::pipe().map_err(NotStarted::System)?;
    let running = start.start(writer)?;
    let (open, read_out) = mpsc::channel();
    let tail = Arc::clone(tail);
    let reading = thread::Builder::new()
        .name("kernel output".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            read_all(reader, &tail);
            drop(open);
        });
    if let Err(error) = reading {
        running.group().kill();
        running.wait();
        return Err(NotStarted::System(error));
    }
    Ok((running, read_out))
}

fn read_all(mut reader: PipeReader, tail: &Tail) {
    let mut buffer = vec![0; 8 * 1024];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => tail.push(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// The thread that looks at a kernel's memory; it ends when this is dropped.
struct Watching {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<bool>,
}

impl Watching {
    /// Whether it ended the kernel.
    fn end(self) -> bool {
        drop(self.stop);
        self.thread.join().unwrap_or_default()
    }
}

/// Kills the kernel once it uses more memory than it may, where the system does not keep to the limit
/// by itself.
fn watch_memory(group: &Arc<platform::Group>, limit: u64) -> Option<Watching> {
    let pause = platform::MEMORY_PAUSE?;
    let (stop, stopped) = mpsc::channel();
    let group = Arc::clone(group);
    let look = move || {
        while stopped.recv_timeout(pause) == Err(mpsc::RecvTimeoutError::Timeout) {
            if let Some(bytes) = group.memory_bytes(limit) {
                tracing::debug!(bytes, limit, "a kernel is ended for its memory");
                group.kill();
                return true;
            }
        }
        false
    };
    let thread = thread::Builder::new()
        .name("kernel memory".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(look)
        .inspect_err(|error| tracing::warn!(%error, "nobody watches a kernel's memory"))
        .ok()?;
    Some(Watching { stop, thread })
}
