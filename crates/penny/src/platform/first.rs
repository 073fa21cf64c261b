//! Linux: Penny as the first process of a container.
//!
//! The first process inherits every process whose parent is gone, and is the only one to bury them; and
//! signals that it does not ask for never reach it. So Penny then does its work in a process of its own, and
//! the first one does only what the system expects of it: it passes signals on and buries the dead.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

/// What is passed on: the signals by which people and containers end or ask a program.
const PASSED_ON: [libc::c_int; 6] =
    [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT, libc::SIGUSR1, libc::SIGUSR2];
/// What a shell answers for a program that a signal ended.
const BY_SIGNAL: u8 = 128;

/// Does the work of the first process, if this is the first: how the real Penny ended.
pub fn as_first_process(arguments: Vec<OsString>) -> Option<ExitCode> {
    // SAFETY: it only answers a number.
    if unsafe { libc::getpid() } != 1 {
        return None;
    }
    match serve(arguments) {
        Ok(status) => Some(ExitCode::from(status)),
        // Without a second process it still works, only not as tidily.
        Err(_) => None,
    }
}

fn serve(arguments: Vec<OsString>) -> io::Result<u8> {
    let (signals, usual) = waited_for()?;
    let mut arguments = arguments.into_iter();
    let name = arguments.next().unwrap_or_else(|| "penny".into());
    let mut command = Command::new("/proc/self/exe");
    command.arg0(name).args(arguments);
    // SAFETY: sigprocmask is async-signal-safe, and the set is the closure's own.
    unsafe {
        command.pre_exec(move || {
            libc::sigprocmask(libc::SIG_SETMASK, &raw const usual, std::ptr::null_mut());
            Ok(())
        });
    }
    let child = command.spawn().inspect_err(|_| {
        // SAFETY: the set is the process's own. Penny then works in this process, which must hear them.
        unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const usual, std::ptr::null_mut()) };
    })?;
    let child = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
    loop {
        // SAFETY: both structures are the process's own, and outlive the call.
        let (signal, by_kernel) = unsafe {
            let mut told: libc::siginfo_t = std::mem::zeroed();
            let signal = libc::sigwaitinfo(&raw const signals, &raw mut told);
            (signal, told.si_code == libc::SI_KERNEL)
        };
        match signal {
            libc::SIGCHLD => {
                if let Some(status) = bury(child) {
                    return Ok(status);
                }
            }
            // Ctrl-C at a terminal has reached the child as well.
            signal if signal > 0 && !by_kernel => {
                // SAFETY: kill only sends a signal.
                unsafe { libc::kill(child, signal) };
            }
            _ => {}
        }
    }
}

/// From now on these signals wait until they are asked for: they, and which waited before.
fn waited_for() -> io::Result<(libc::sigset_t, libc::sigset_t)> {
    // SAFETY: the set is the process's own, and is made before it is used.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        for signal in PASSED_ON.into_iter().chain([libc::SIGCHLD]) {
            libc::sigaddset(&raw mut set, signal);
        }
        let mut usual: libc::sigset_t = std::mem::zeroed();
        match libc::sigprocmask(libc::SIG_BLOCK, &raw const set, &raw mut usual) {
            0 => Ok((set, usual)),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

/// Buries all who are dead; the exit status of the child if it is among them.
fn bury(child: libc::pid_t) -> Option<u8> {
    loop {
        let mut status = 0;
        // SAFETY: the system writes one number.
        let dead = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) };
        if dead == child {
            return Some(match libc::WIFSIGNALED(status) {
                true => BY_SIGNAL.saturating_add(u8::try_from(libc::WTERMSIG(status)).unwrap_or(0)),
                false => u8::try_from(libc::WEXITSTATUS(status)).unwrap_or(1),
            });
        }
        if dead <= 0 {
            return None;
        }
    }
}
