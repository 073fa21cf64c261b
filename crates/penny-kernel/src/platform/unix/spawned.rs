//! Kernels that are programs started by Penny itself.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::group::{Group, Running};
use super::{family, send_signal};
use crate::platform::{How, MARK, Status};

/// Waits for the end of its input, which comes with the end of Penny, however that ends; then kills
/// the group that is named, and on Linux what carries its mark, twice for those that were just
/// starting another. Processes that serve others, too, say so in their environment.
const GUARD: &str = r#"read -r _
kill -s KILL -- "-$1"
for _ in 1 2; do
  for file in $(grep -ls "PENNY_KERNEL=$2" /proc/[0-9]*/environ); do
    grep -qs PENNY_OUTLIVES_KERNELS= "$file" && continue
    process=${file#/proc/}
    kill -s KILL "${process%/environ}"
  done
done"#;

/// A process that was started, with its group.
#[derive(Debug)]
pub(crate) struct Spawned {
    leader: libc::pid_t,
    group: Arc<Group>,
    guard: Option<Child>,
}

#[derive(Debug)]
pub(crate) struct SpawnedGroup {
    /// The leader's process id, until the leader is reaped: from then on the number may be another's.
    leader: Mutex<Option<libc::pid_t>>,
    mark: String,
    /// What descended from the leader when it was to end: some of it may carry no mark.
    noted: Mutex<Vec<family::Held>>,
}

/// Starts a process in a session of its own, so that Ctrl-C in the terminal does not reach it.
///
/// On Linux the process dies with the calling thread, which has to live as long as it. Everywhere a
/// guard kills the whole group when Penny is gone, also by SIGKILL.
pub(crate) fn spawn(mut command: Command, how: &How<'_>) -> io::Result<Running> {
    let penny = libc::pid_t::try_from(std::process::id()).expect("a process id is a pid_t");
    command.env("JPY_PARENT_PID", penny.to_string()).env(MARK, how.mark);
    let limit = how.memory_limit_bytes.map(family::data_limit_bytes);
    // SAFETY: between fork and exec only async-signal-safe functions are called.
    unsafe { command.pre_exec(move || prepare(penny, limit)) };
    let child = command.spawn()?;
    let leader = libc::pid_t::try_from(child.id()).expect("a process id is a pid_t");
    let guard = match how.guarded {
        true => guard(leader, how.mark)
            .inspect_err(|error| tracing::debug!(%error, "no guard beside the kernel"))
            .ok(),
        false => None,
    };
    let group = SpawnedGroup {
        leader: Mutex::new(Some(leader)),
        mark: how.mark.to_owned(),
        noted: Mutex::default(),
    };
    Ok(Running::Spawned(Spawned { leader, group: Arc::new(Group::Spawned(group)), guard }))
}

/// What the new process does before it becomes the kernel.
fn prepare(penny: libc::pid_t, data_bytes_max: Option<u64>) -> io::Result<()> {
    // SAFETY: plain system calls, all async-signal-safe.
    unsafe {
        if libc::setsid() == -1 {
            return Err(io::Error::last_os_error());
        }
        // A shell's background jobs ignore SIGINT, and so would a kernel started by one: no
        // interrupt would ever reach a cell.
        libc::signal(libc::SIGINT, libc::SIG_DFL);
    }
    if let Some(limit) = data_bytes_max {
        family::limit_data(limit)?;
    }
    family::die_with(penny)
}

fn guard(leader: libc::pid_t, mark: &str) -> io::Result<Child> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", GUARD, "penny-guard", &leader.to_string(), mark]);
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

impl Spawned {
    pub(crate) fn pid(&self) -> u32 {
        self.leader.cast_unsigned()
    }

    pub(crate) fn group(&self) -> Arc<Group> {
        Arc::clone(&self.group)
    }

    /// Blocks until the leader has ended, then kills what is left of its group or has left it.
    pub(crate) fn wait(self) -> Status {
        wait_without_reaping(self.leader);
        let Group::Spawned(group) = &*self.group else {
            unreachable!("a spawned process has a group of its kind");
        };
        // While the leader is not reaped, its number is the group's and nobody else's.
        let mut leader = group.lock();
        send_signal(-self.leader, libc::SIGKILL).ok();
        family::end(Some(self.leader), &group.mark);
        family::kill_held(&std::mem::take(&mut *group.noted()));
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

impl SpawnedGroup {
    pub(super) fn send(&self, signal: libc::c_int) -> io::Result<()> {
        match *self.lock() {
            Some(leader) => send_signal(-leader, signal),
            None => Ok(()),
        }
    }

    pub(super) fn kill(&self) {
        if let Some(leader) = *self.lock() {
            // Before the leader ends: then nothing tells any more who descends from it.
            let descendants = family::descendants(leader);
            send_signal(-leader, libc::SIGKILL).ok();
            family::kill(&descendants);
        }
    }

    /// Notes what descends from the leader, before it is asked to end.
    pub(super) fn note(&self) {
        if let Some(leader) = *self.lock() {
            *self.noted() = family::hold_descendants(leader);
        }
    }

    pub(super) fn memory_bytes(&self, enough: u64) -> Option<u64> {
        let leader = *self.lock();
        family::memory_bytes(leader?, enough)
    }

    fn noted(&self) -> MutexGuard<'_, Vec<family::Held>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Option<libc::pid_t>> {
        self.leader.lock().unwrap_or_else(PoisonError::into_inner)
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
                ..Status::default()
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
