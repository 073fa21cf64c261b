//! Starting and stopping the embedded server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};
use tokio::time::sleep;

use super::cluster::Cluster;
use super::diagnosis::{diagnose, open_log, predecessor_is_ending, tail};
use super::error::EmbeddedError;
use super::pidfile;
use super::platform::{self, Ending, Launch, Launched};
use super::probe::{self, Answer};

/// Between two looks at a server that starts or ends: it takes 40 ms at best.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How long a server may take to answer at all.
const START_TIME_MAX: Duration = Duration::from_secs(60);

/// How long a server may take that says it is recovering.
pub const RECOVERY_TIME_MAX: Duration = Duration::from_secs(600);

/// How long the last processes of a killed server may take to end.
const PREDECESSOR_TIME_MAX: Duration = Duration::from_secs(15);

/// After the immediate shutdown, and again after the kill.
const FORCED_TIME_MAX: Duration = Duration::from_secs(5);

/// A server that this program started. Dropping it asks the server to shut down, without waiting.
#[derive(Debug)]
pub struct Server {
    pid: u32,
    port: u16,
    bin: PathBuf,
    data: PathBuf,
    ended: watch::Receiver<Option<ExitStatus>>,
}

impl Server {
    /// The process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until the server has ended, for whatever reason.
    pub async fn wait(&mut self) -> ExitStatus {
        let ended = self.ended.wait_for(Option::is_some).await;
        ended.expect("the watching thread tells the status before it ends").expect("waited for")
    }

    /// Stops the server: fast, after `timeout` immediately, at last by force. Waits until it is gone.
    ///
    /// # Errors
    /// When it is still there after all that.
    pub async fn stop(mut self, timeout: Duration) -> Result<(), EmbeddedError> {
        if self.ended.borrow().is_some() {
            return Ok(());
        }
        stop(self.pid, &self.bin.clone(), &self.data.clone(), timeout).await?;
        self.wait().await;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.ended.borrow().is_none() {
            let _ = platform::end(self.pid, &self.bin, &self.data, Ending::Fast);
        }
    }
}

impl Cluster {
    /// Starts the server on 127.0.0.1, without a socket file, and waits until it takes connections. What
    /// it says goes to `log`, which is set aside as `<log>.1` when longer than 10 MB.
    ///
    /// The server ends with this program: on Linux and Windows even when this program is killed.
    ///
    /// # Errors
    /// When a server already runs on this folder, when the port is taken, or with the cause that the
    /// server itself gave.
    pub async fn start(&self, port: u16, log: &Path) -> Result<Server, EmbeddedError> {
        let until = Instant::now() + PREDECESSOR_TIME_MAX;
        loop {
            match self.start_once(port, log).await {
                Err((_, said)) if predecessor_is_ending(&said) && Instant::now() < until => {
                    sleep(Duration::from_millis(200)).await;
                }
                started => return started.map_err(|(error, _)| error),
            }
        }
    }

    /// Stops the server of this data folder, whoever started it: fast, after `timeout` immediately, at
    /// last by force. Waits until it is gone. Nothing running is no error.
    ///
    /// # Errors
    /// When it is still there after all that.
    pub async fn stop(&self, timeout: Duration) -> Result<(), EmbeddedError> {
        match self.running() {
            Some(running) => stop(running.pid, &self.binaries.bin, &self.data, timeout).await,
            None => Ok(()),
        }
    }

    /// The error comes with what the server said.
    async fn start_once(&self, port: u16, log: &Path) -> Result<Server, (EmbeddedError, String)> {
        let without_words = |error| (error, String::new());
        if let Some(running) = self.running() {
            let data = self.data.clone();
            let error =
                EmbeddedError::AlreadyRunning { data, pid: running.pid, port: running.port };
            return Err(without_words(error));
        }
        if !probe::is_free(port) {
            return Err(without_words(EmbeddedError::PortInUse { port }));
        }
        clear_away(&self.data).map_err(without_words)?;
        let (file, length) = open_log(log).map_err(without_words)?;
        let program = self.binaries.bin.join(platform::executable("postgres"));
        let (pid, ended) = launch(self.clone(), port, file)
            .await
            .map_err(|source| without_words(EmbeddedError::NotRun { program, source }))?;
        let (bin, data) = (self.binaries.bin.clone(), self.data.clone());
        let server = Server { pid, port, bin, data, ended };
        await_readiness(server, log, length).await
    }
}

/// The launching thread lives as long as the server: on Linux the server ends with it, and the threads
/// of the runtime come and go.
async fn launch(
    cluster: Cluster,
    port: u16,
    log: fs::File,
) -> std::io::Result<(u32, watch::Receiver<Option<ExitStatus>>)> {
    let (launched_sender, launched) = oneshot::channel();
    let (ended_sender, ended) = watch::channel(None);
    let watching = move || {
        let bin = &cluster.binaries.bin;
        let launch = Launch { bin, data: &cluster.data, port, log, run_as: &cluster.run_as };
        let launched = match Launched::new(&launch) {
            Ok(launched) => launched,
            Err(error) => return drop(launched_sender.send(Err(error))),
        };
        drop(launch);
        // If nobody waits for the start any more, nobody would stop the server either.
        let pid = launched.pid();
        if launched_sender.send(Ok(pid)).is_err() {
            let _ = platform::end(pid, &cluster.binaries.bin, &cluster.data, Ending::Fast);
        }
        let status = launched.wait().unwrap_or_default();
        let _ = ended_sender.send(Some(status));
    };
    thread::Builder::new().name("postgres".to_owned()).spawn(watching)?;
    let pid = launched.await.map_err(std::io::Error::other)??;
    Ok((pid, ended))
}

async fn await_readiness(
    server: Server,
    log: &Path,
    log_length: u64,
) -> Result<Server, (EmbeddedError, String)> {
    let begun = Instant::now();
    let mut time_max = START_TIME_MAX;
    while begun.elapsed() < time_max {
        if let Some(status) = *server.ended.borrow() {
            let said = tail(log, log_length);
            let error = diagnose(&said, status, &server.data, server.port, log);
            return Err((error, said));
        }
        match probe::ask(server.port).await {
            // Someone else may have taken the port meanwhile: the server itself must say that it is up.
            Answer::Ready if says_it_is_up(&server) => return Ok(server),
            Answer::NotYet => time_max = RECOVERY_TIME_MAX,
            Answer::Ready | Answer::Nothing => {}
        }
        sleep(LOOK_EVERY).await;
    }
    let (port, seconds) = (server.port, begun.elapsed().as_secs());
    let _ = server.stop(FORCED_TIME_MAX).await;
    let error = EmbeddedError::NotReady { port, seconds, log: log.to_owned() };
    Err((error, tail(log, log_length)))
}

fn says_it_is_up(server: &Server) -> bool {
    pidfile::read(&server.data)
        .is_some_and(|file| file.pid == server.pid && file.port == Some(server.port))
}

/// Removes what a killed server left behind and what would keep the next one from starting.
///
/// A stale `postmaster.pid` is PostgreSQL's to judge, by the shared memory that it names, except when its
/// process id now belongs to another program: PostgreSQL would take that for a running server.
fn clear_away(data: &Path) -> Result<(), EmbeddedError> {
    let Some(file) = pidfile::read(data) else { return Ok(()) };
    if platform::is_postgres_of(file.pid, data, file.started) {
        // A server that someone else is just starting: PostgreSQL itself refuses the second one.
        return Ok(());
    }
    for orphan in platform::orphans(data) {
        // Its server is dead and its clients are cut off; recovery waits until it is gone.
        let _ = platform::end(orphan, Path::new(""), data, Ending::Kill);
    }
    if platform::is_alive(file.pid) {
        let stale = data.join("postmaster.pid");
        fs::remove_file(&stale).map_err(EmbeddedError::io("cannot remove the stale", stale))?;
    }
    Ok(())
}

async fn stop(pid: u32, bin: &Path, data: &Path, timeout: Duration) -> Result<(), EmbeddedError> {
    // The file goes before the process does, so what it says is read now, and the process is looked at.
    let started = pidfile::read(data).map_or(0, |file| file.started);
    let endings = [
        (Ending::Fast, timeout),
        (Ending::Immediate, FORCED_TIME_MAX),
        (Ending::Kill, FORCED_TIME_MAX),
    ];
    for (ending, patience) in endings {
        let _ = platform::end(pid, bin, data, ending);
        let until = Instant::now() + patience;
        while Instant::now() < until {
            if !platform::is_postgres_of(pid, data, started) {
                return Ok(());
            }
            sleep(LOOK_EVERY).await;
        }
    }
    Err(EmbeddedError::NotStopped { pid })
}
