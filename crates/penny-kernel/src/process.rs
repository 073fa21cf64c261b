//! A kernel's process: started, watched and ended, together with its children.

use std::io::{self, PipeReader, Read};
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use crate::death::Death;
use crate::platform::{self, Status};
use crate::tail::Tail;

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
}

/// How a process ended, and what it wrote last.
#[derive(Debug, Clone)]
pub(crate) struct Exit {
    pub(crate) status: Status,
    pub(crate) tail: String,
}

impl Process {
    /// Starts `command` in a group of its own, without input; its output is read and mostly forgotten.
    ///
    /// The thread that starts it stays until it has ended: on Linux the process dies with that thread.
    pub(crate) async fn spawn(command: Command) -> io::Result<Process> {
        let (started, starting) = oneshot::channel();
        thread::Builder::new()
            .name("kernel".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || live(command, started))?;
        starting.await.expect("the thread answers before it ends")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn group(&self) -> &platform::Group {
        &self.group
    }

    /// The last lines it has written so far.
    pub(crate) fn tail(&self) -> String {
        self.tail.text()
    }

    /// Waits for the end of the process. Cancel-safe, and at once if it has ended.
    pub(crate) async fn exited(&mut self) -> Exit {
        let told = self.exit.wait_for(Option::is_some).await.map(|exit| exit.clone());
        // A thread that went without a word cannot tell any more how the process ended.
        let unknown = || Exit { status: Status::default(), tail: self.tail.text() };
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
            stderr_tail: self.tail.clone(),
        }
    }
}

/// The whole life of a process, on its thread.
fn live(command: Command, started: oneshot::Sender<io::Result<Process>>) {
    let tail = Arc::new(Tail::default());
    let (running, read_out) = match spawn(command, &tail) {
        Ok(spawned) => spawned,
        Err(error) => {
            started.send(Err(error)).ok();
            return;
        }
    };
    let (tell, exit) = watch::channel(None);
    let process =
        Process { pid: running.pid(), group: running.group(), exit, tail: Arc::clone(&tail) };
    // If nobody waits for it any more, the process comes back, is dropped and so killed.
    drop(started.send(Ok(process)));
    let status = running.wait();
    read_out.recv_timeout(LAST_WORDS_GRACE).ok();
    tell.send(Some(Exit { status, tail: tail.text() })).ok();
}

/// Starts the process and the thread that reads its output; that thread's end is told by a
/// disconnected channel.
fn spawn(
    mut command: Command,
    tail: &Arc<Tail>,
) -> io::Result<(platform::Running, mpsc::Receiver<()>)> {
    let (reader, writer) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let running = platform::spawn(command)?;
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
        return Err(error);
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
