//! Linux, macOS and their kin: a session of its own for every kernel, and a guard beside it.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use super::Status;

/// The longest path of a socket: sun_path holds 104 bytes on macOS (108 on Linux), with the final NUL.
const SOCKET_PATH_BYTES_MAX: usize = 103;

/// Waits for the end of its input, which comes with the end of Penny, however that ends; then kills
/// the group that is named.
const GUARD: &str = r#"read -r _; kill -s KILL -- "-$1""#;

/// The kernel's process group, which its children belong to.
#[derive(Debug)]
pub(crate) struct Group {
    /// The leader's process id, until the leader is reaped: from then on the number may be another's.
    leader: Mutex<Option<libc::pid_t>>,
}

/// A process that was started, with its group.
#[derive(Debug)]
pub(crate) struct Running {
    leader: libc::pid_t,
    group: Arc<Group>,
    guard: Option<Child>,
}

/// Starts a process in a session of its own, so that Ctrl-C in the terminal does not reach it.
///
/// On Linux the process dies with the calling thread, which has to live as long as it. Everywhere a
/// guard kills the whole group when Penny is gone, also by SIGKILL.
pub(crate) fn spawn(mut command: Command) -> io::Result<Running> {
    let penny = libc::pid_t::try_from(std::process::id()).expect("a process id is a pid_t");
    command.env("JPY_PARENT_PID", penny.to_string());
    // SAFETY: between fork and exec only async-signal-safe functions are called.
    unsafe { command.pre_exec(move || prepare(penny)) };
    let child = command.spawn()?;
    let leader = libc::pid_t::try_from(child.id()).expect("a process id is a pid_t");
    let guard = guard(leader)
        .inspect_err(|error| tracing::debug!(%error, "no guard beside the kernel"))
        .ok();
    Ok(Running { leader, group: Arc::new(Group { leader: Mutex::new(Some(leader)) }), guard })
}

/// What the new process does before it becomes the kernel.
fn prepare(penny: libc::pid_t) -> io::Result<()> {
    // SAFETY: plain system calls, all async-signal-safe.
    unsafe {
        if libc::setsid() == -1 {
            return Err(io::Error::last_os_error());
        }
        // A shell's background jobs ignore SIGINT, and so would a kernel started by one: no
        // interrupt would ever reach a cell.
        libc::signal(libc::SIGINT, libc::SIG_DFL);
    }
    die_with(penny)
}

#[cfg(target_os = "linux")]
fn die_with(penny: libc::pid_t) -> io::Result<()> {
    // SAFETY: plain system calls, all async-signal-safe.
    unsafe {
        if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) == -1 {
            return Err(io::Error::last_os_error());
        }
        // Penny may have ended before the line above took effect.
        if libc::getppid() != penny {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn die_with(_penny: libc::pid_t) -> io::Result<()> {
    Ok(())
}

fn guard(leader: libc::pid_t) -> io::Result<Child> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", GUARD, "penny-guard", &leader.to_string()]);
    command.env_clear().current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // SAFETY: setsid is async-signal-safe.
    unsafe {
        command.pre_exec(|| match libc::setsid() {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
    command.spawn()
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.leader.cast_unsigned()
    }

    pub(crate) fn group(&self) -> Arc<Group> {
        Arc::clone(&self.group)
    }

    /// Blocks until the leader has ended, then kills what is left of its group.
    pub(crate) fn wait(self) -> Status {
        wait_without_reaping(self.leader);
        // While the leader is not reaped, its number is the group's and nobody else's.
        let mut leader = self.group.lock();
        kill(-self.leader, libc::SIGKILL).ok();
        let status = reap(self.leader);
        *leader = None;
        drop(leader);
        if let Some(mut guard) = self.guard {
            guard.kill().ok();
            guard.wait().ok();
        }
        status
    }
}

impl Group {
    /// Kills every process of the group.
    pub(crate) fn kill(&self) {
        if let Some(leader) = *self.lock() {
            kill(-leader, libc::SIGKILL).ok();
        }
    }

    /// Interrupts every process of the group, as Ctrl-C in a terminal does.
    pub(crate) fn interrupt(&self) -> io::Result<()> {
        match *self.lock() {
            Some(leader) => kill(-leader, libc::SIGINT),
            None => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<libc::pid_t>> {
        self.leader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kill(process: libc::pid_t, signal: libc::c_int) -> io::Result<()> {
    // SAFETY: kill takes two numbers.
    match unsafe { libc::kill(process, signal) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn wait_without_reaping(process: libc::pid_t) {
    let id = libc::id_t::try_from(process).expect("a process id is positive");
    loop {
        // SAFETY: siginfo_t is plain data, for which zeros are valid, and outlives the call.
        let ended = unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            libc::waitid(libc::P_PID, id, &raw mut info, libc::WEXITED | libc::WNOWAIT)
        };
        if ended != -1 || io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return;
        }
    }
}

fn reap(process: libc::pid_t) -> Status {
    let mut status = 0;
    // SAFETY: rusage is plain data, for which zeros are valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to locals that outlive the call.
        let reaped = unsafe { libc::wait4(process, &raw mut status, 0, &raw mut usage) };
        if reaped == process {
            return Status {
                code: libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status)),
                signal: libc::WIFSIGNALED(status).then(|| libc::WTERMSIG(status)),
                peak_memory_bytes: u64::try_from(usage.ru_maxrss).ok().map(resident_bytes),
            };
        }
        if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            // Whoever started Penny told the system to reap its children by itself.
            return Status::default();
        }
    }
}

/// ru_maxrss is in bytes on macOS, in KiB elsewhere.
fn resident_bytes(maxrss: u64) -> u64 {
    if cfg!(target_os = "macos") { maxrss } else { maxrss * 1024 }
}

/// The name of a signal that commonly ends a process.
pub(crate) fn signal_name(signal: i32) -> Option<&'static str> {
    let name = match signal {
        libc::SIGABRT => "SIGABRT",
        libc::SIGALRM => "SIGALRM",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGHUP => "SIGHUP",
        libc::SIGILL => "SIGILL",
        libc::SIGINT => "SIGINT",
        libc::SIGKILL => "SIGKILL",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGQUIT => "SIGQUIT",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGSYS => "SIGSYS",
        libc::SIGTERM => "SIGTERM",
        libc::SIGTRAP => "SIGTRAP",
        libc::SIGXCPU => "SIGXCPU",
        libc::SIGXFSZ => "SIGXFSZ",
        _ => return None,
    };
    Some(name)
}

/// The user's Jupyter data folder.
pub(crate) fn user_data_folder(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let home = variable("HOME").map(PathBuf::from);
    if cfg!(target_os = "macos") {
        return Some(home?.join("Library").join("Jupyter"));
    }
    match variable("XDG_DATA_HOME") {
        Some(data) => Some(PathBuf::from(data).join("jupyter")),
        None => Some(home?.join(".local").join("share").join("jupyter")),
    }
}

/// The Jupyter data folders of the whole machine.
pub(crate) fn system_data_folders(_variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    ["/usr/local/share/jupyter", "/usr/share/jupyter"].map(PathBuf::from).into()
}

/// Makes a folder with a name of its own in `parent` that only its owner may enter; it is removed
/// with the value.
pub(crate) fn create_temporary_folder(parent: &Path) -> io::Result<TempDir> {
    tempfile::Builder::new()
        .prefix("k")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(parent)
}

/// Makes a folder that only its owner may enter; one that exists is left as it is.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a file that only its owner may read.
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Whether a Unix socket called `name` can be made in `folder`: its path may be too long, and not
/// every file system has sockets (shared folders of virtual machines, WSL's /mnt/c).
pub(crate) fn sockets_work_in(folder: &Path, name: &str) -> bool {
    let path = folder.join(name);
    let fits = path.as_os_str().len() <= SOCKET_PATH_BYTES_MAX;
    let works = fits && UnixListener::bind(&path).is_ok();
    std::fs::remove_file(&path).ok();
    works
}
