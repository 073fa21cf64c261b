//! Linux: a kernel's processes are found in /proc wherever they went.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant};

use crate::platform::MARK;

/// What a process of Penny's own that serves others, too, has in its environment.
const SPARED: &[u8] = b"PENNY_OUTLIVES_KERNELS=";
/// A killed process is gone at once, unless it hangs in a disk.
const END_PATIENCE: Duration = Duration::from_secs(5);
const ROUND_PAUSE: Duration = Duration::from_millis(2);
/// How often a kernel's memory is looked at, which takes a few milliseconds.
pub(crate) const MEMORY_PAUSE: Option<Duration> = Some(Duration::from_millis(200));

/// A process that stays the one that is meant, whoever gets its number.
#[derive(Debug)]
pub(super) struct Held {
    pid: libc::pid_t,
    descriptor: OwnedFd,
}

/// A line of /proc/…/stat, as far as it tells who belongs to whom.
#[derive(Debug, PartialEq, Eq)]
struct Kin {
    pid: libc::pid_t,
    parent: libc::pid_t,
    session: libc::pid_t,
    is_zombie: bool,
}

/// Has the system kill this process when its parent ends.
pub(super) fn die_with(penny: libc::pid_t) -> io::Result<()> {
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

/// How much a process may map so that a cell that wants far too much at once is told so by a
/// MemoryError, while one that comes near its limit is not: libraries map more than they use.
pub(super) fn data_limit_bytes(memory_limit_bytes: u64) -> u64 {
    memory_limit_bytes.saturating_add(MAPPED_UNUSED_BYTES)
}

/// What a kernel with the usual libraries maps without using it: stacks, buffers of OpenBLAS, arenas
/// of memory allocators.
const MAPPED_UNUSED_BYTES: u64 = 1 << 30;

/// Sets that limit for this process and those it will start, unless there is a lower one already.
pub(super) fn limit_data(bytes: u64) -> io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both are async-signal-safe system calls, and are given a local.
    let set = unsafe {
        if libc::getrlimit(libc::RLIMIT_DATA, &raw mut limit) == -1 {
            return Err(io::Error::last_os_error());
        }
        limit.rlim_cur = bytes.min(limit.rlim_cur);
        libc::setrlimit(libc::RLIMIT_DATA, &raw const limit)
    };
    if set == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Kills what is left of a kernel: whoever carries its mark, and the session of its leader, which has to
/// be one that has ended and is not reaped.
pub(super) fn end(leader: Option<libc::pid_t>, mark: &str) {
    let mark = format!("{MARK}={mark}");
    let deadline = Instant::now() + END_PATIENCE;
    loop {
        let mut found = false;
        for kin in everybody().iter().filter(|kin| Some(kin.pid) != leader && !kin.is_zombie) {
            let of_session = Some(kin.session) == leader;
            found |= kill_if(kin.pid, |environ| of_session || carries(environ, &mark));
        }
        if !found || Instant::now() > deadline {
            return;
        }
        std::thread::sleep(ROUND_PAUSE);
    }
}

/// All processes that a process started, and those that they started; without those that serve others, too.
pub(super) fn descendants(ancestor: libc::pid_t) -> Vec<libc::pid_t> {
    let mut found = related(ancestor, &everybody(), serves_others);
    found.retain(|pid| *pid != ancestor);
    found
}

/// The same, to be killed when that process has ended and nothing tells any more who descends from it.
pub(super) fn hold_descendants(ancestor: libc::pid_t) -> Vec<Held> {
    let held: Vec<Held> = descendants(ancestor).into_iter().filter_map(Held::new).collect();
    // One that ended before it was held may have given its number to a stranger.
    let still = if held.is_empty() { Vec::new() } else { descendants(ancestor) };
    held.into_iter().filter(|process| still.contains(&process.pid)).collect()
}

/// Kills those that are still there.
pub(super) fn kill_held(processes: &[Held]) {
    for process in processes {
        process.kill_if(|_| true);
    }
}

/// Kills processes of a kernel that runs.
pub(super) fn kill(processes: &[libc::pid_t]) {
    for process in processes {
        kill_if(*process, |_| true);
    }
}

/// The memory of a kernel's session and descendants, in bytes; None if it is `enough` or less.
///
/// A page that several processes share, as those of the template are, counts for each in part.
pub(super) fn memory_bytes(leader: libc::pid_t, enough: u64) -> Option<u64> {
    let processes = related(leader, &everybody(), serves_others);
    // All that is resident is more than what counts, and costs next to nothing to ask for.
    let resident: u64 = processes.iter().filter_map(|pid| resident_bytes(*pid)).sum();
    if resident <= enough {
        return None;
    }
    let counted = processes.iter().filter_map(|pid| own_bytes(*pid)).sum();
    (counted > enough).then_some(counted)
}

/// How often the system has killed a process because memory had run out, since it was started.
pub(crate) fn out_of_memory_kills() -> Option<u64> {
    let counters = fs::read_to_string("/proc/vmstat").ok()?;
    counters.lines().find_map(|line| line.strip_prefix("oom_kill ")?.parse().ok())
}

fn everybody() -> Vec<Kin> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    let pids = entries.filter_map(Result::ok).filter_map(number);
    pids.filter_map(|pid: libc::pid_t| kin(pid, &fs::read(format!("/proc/{pid}/stat")).ok()?))
        .collect()
}

/// `pid (name) state ppid pgrp session …`; the name may hold anything.
fn kin(pid: libc::pid_t, stat: &[u8]) -> Option<Kin> {
    let after_name = stat.iter().rposition(|byte| *byte == b')')? + 1;
    let mut fields = std::str::from_utf8(&stat[after_name..]).ok()?.split_ascii_whitespace();
    let is_zombie = matches!(fields.next()?, "Z" | "X");
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    Some(Kin { pid, parent, session, is_zombie })
}

/// A kernel's leader, the processes of its session, and all that descend from these. Those that stand apart are not
/// among them, nor are theirs: PostgreSQL's own processes write over their environment, and only their parent tells.
fn related(
    leader: libc::pid_t,
    everybody: &[Kin],
    is_apart: impl Fn(libc::pid_t) -> bool,
) -> Vec<libc::pid_t> {
    let mut children: HashMap<libc::pid_t, Vec<libc::pid_t>> = HashMap::new();
    let mut found = Vec::new();
    for kin in everybody.iter().filter(|kin| !kin.is_zombie) {
        children.entry(kin.parent).or_default().push(kin.pid);
        if kin.pid == leader || kin.session == leader && !is_apart(kin.pid) {
            found.push(kin.pid);
        }
    }
    let mut next = 0;
    while let Some(pid) = found.get(next) {
        for child in children.remove(pid).unwrap_or_default() {
            if !found.contains(&child) && !is_apart(child) {
                found.push(child);
            }
        }
        next += 1;
    }
    found
}

/// Kills a process that is meant, given its environment; whether one was.
fn kill_if(process: libc::pid_t, is_meant: impl Fn(&[u8]) -> bool) -> bool {
    // Held before it is looked at: the number may become another's, this does not.
    Held::new(process).is_some_and(|held| held.kill_if(is_meant))
}

impl Held {
    fn new(pid: libc::pid_t) -> Option<Held> {
        // SAFETY: plain numbers; the descriptor that comes back is nobody else's.
        unsafe {
            let descriptor = libc::syscall(libc::SYS_pidfd_open, pid, 0);
            let descriptor =
                libc::c_int::try_from(descriptor).ok().filter(|number| *number >= 0)?;
            Some(Held { pid, descriptor: OwnedFd::from_raw_fd(descriptor) })
        }
    }

    fn kill_if(&self, is_meant: impl Fn(&[u8]) -> bool) -> bool {
        let environ = fs::read(format!("/proc/{}/environ", self.pid)).unwrap_or_default();
        if !is_meant(&environ) || is_spared(&environ) {
            return false;
        }
        // SAFETY: plain numbers and a null pointer, which stands for an ordinary signal.
        let sent = unsafe {
            let info = std::ptr::null::<libc::siginfo_t>();
            let held = self.descriptor.as_raw_fd();
            libc::syscall(libc::SYS_pidfd_send_signal, held, libc::SIGKILL, info, 0)
        };
        sent == 0
    }
}

/// Whether a process says that it serves others, too.
fn serves_others(process: libc::pid_t) -> bool {
    fs::read(format!("/proc/{process}/environ")).is_ok_and(|environ| is_spared(&environ))
}

fn carries(environ: &[u8], mark: &str) -> bool {
    environ.split(|byte| *byte == 0).any(|field| field == mark.as_bytes())
}

fn is_spared(environ: &[u8]) -> bool {
    environ.split(|byte| *byte == 0).any(|field| field.starts_with(SPARED))
}

fn resident_bytes(process: libc::pid_t) -> Option<u64> {
    let statm = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let pages: u64 = statm.split_ascii_whitespace().nth(1)?.parse().ok()?;
    // SAFETY: sysconf takes a number.
    let page_bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Some(pages * u64::try_from(page_bytes).ok()?)
}

/// The memory that is not a file's, shared pages divided among those who share them.
fn own_bytes(process: libc::pid_t) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let kib = |name: &str| -> Option<u64> {
        let line = rollup.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    };
    let counted = match (kib("Pss_Anon"), kib("Pss_Shmem")) {
        (Some(own), Some(shared)) => own + shared,
        _ => kib("Pss")?,
    };
    Some(counted * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kin_is_read_whatever_a_process_calls_itself() {
        let expected = Kin { pid: 7, parent: 3, session: 5, is_zombie: false };
        assert_eq!(kin(7, b"7 (a) b) R 1) S 3 4 5 0 -1 1 2"), Some(expected));
        assert!(kin(7, b"7 (x) Z 3 4 5 0").is_some_and(|kin| kin.is_zombie));
        assert_eq!(kin(7, b"7 (x"), None);
        assert_eq!(kin(7, b"7 (x) S 3"), None);
    }

    #[test]
    fn relatives_are_the_session_and_all_that_descend_from_it() {
        let kin = |pid, parent, session| Kin { pid, parent, session, is_zombie: false };
        // 10 leads; 11 left the session; 12 is its child; 13 was orphaned within the session; 14 is a
        // child of that one elsewhere; 20 is somebody else's.
        let all = [
            kin(10, 1, 10),
            kin(11, 10, 11),
            kin(12, 11, 12),
            kin(13, 1, 10),
            kin(14, 13, 9),
            kin(20, 1, 1),
        ];
        let among = |is_apart: fn(libc::pid_t) -> bool| {
            let mut found = related(10, &all, is_apart);
            found.sort_unstable();
            found
        };
        assert_eq!(among(|_| false), [10, 11, 12, 13, 14]);
        // What stands apart takes its own with it, wherever it is.
        assert_eq!(among(|pid| pid == 11), [10, 13, 14]);
        assert_eq!(among(|pid| pid == 13), [10, 11, 12]);
    }

    #[test]
    fn a_mark_is_a_whole_variable() {
        assert!(carries(b"A=1\0PENNY_KERNEL=ab\0", "PENNY_KERNEL=ab"));
        assert!(!carries(b"A=PENNY_KERNEL=ab\0PENNY_KERNEL=abc", "PENNY_KERNEL=ab"));
    }

    #[test]
    fn this_process_uses_memory_and_the_system_counts_its_kills() {
        let own = libc::pid_t::try_from(std::process::id()).unwrap();
        assert!(memory_bytes(own, 0).is_some_and(|bytes| bytes > 100_000));
        assert_eq!(memory_bytes(own, 1 << 50), None);
        assert!(out_of_memory_kills().is_some());
    }
}
