//! What programs cost the processor, whatever else it has to do meanwhile.

use std::process::Child;
use std::time::Duration;

/// The processor's time, in user and system, of all programs that were started and have ended, with all that
/// these started and waited for. Nothing where the system does not tell.
#[cfg(unix)]
pub fn of_ended_programs() -> Option<Duration> {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: `usage` is a place for what is written there.
    let told = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()) };
    if told != 0 {
        return None;
    }
    // SAFETY: it was written, since the call succeeded.
    let usage = unsafe { usage.assume_init() };
    let time = |time: libc::timeval| {
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Duration::from_secs(seconds)
            + Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or_default())
    };
    Some(time(usage.ru_utime) + time(usage.ru_stime))
}

/// Nothing: a process tells only its own time there.
#[cfg(not(unix))]
pub fn of_ended_programs() -> Option<Duration> {
    None
}

/// Asks a program to end, as the system does when it shuts down.
#[cfg(unix)]
pub fn ask_to_end(child: &Child) {
    if let Ok(pid) = libc::pid_t::try_from(child.id()) {
        // SAFETY: a signal to a process that has not been waited for, so that its number is still its own.
        unsafe { libc::kill(pid, libc::SIGTERM) };
    }
}

/// There is no such wish: who waits for it kills it.
#[cfg(not(unix))]
pub fn ask_to_end(_child: &Child) {}
