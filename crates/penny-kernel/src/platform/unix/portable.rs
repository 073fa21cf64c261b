//! macOS and its kin: a kernel's processes are its process group.

use std::io;
use std::time::Duration;

/// How often a kernel's memory is looked at, for which a program is started.
pub(crate) const MEMORY_PAUSE: Option<Duration> = Some(Duration::from_secs(1));

/// Only Linux ends a process with its parent; here the guard does.
pub(super) fn die_with(_penny: libc::pid_t) -> io::Result<()> {
    Ok(())
}

/// The limit is watched instead: macOS does not count what a process maps.
pub(super) fn data_limit_bytes(memory_limit_bytes: u64) -> u64 {
    memory_limit_bytes
}

/// See [`data_limit_bytes`].
pub(super) fn limit_data(_bytes: u64) -> io::Result<()> {
    Ok(())
}

/// What has left the group cannot be told from others: a guard and the group have to do.
pub(super) fn end(_leader: Option<libc::pid_t>, _mark: &str) {}

/// See [`end`].
pub(super) fn descendants(_leader: libc::pid_t) -> Vec<libc::pid_t> {
    Vec::new()
}

/// See [`end`].
pub(super) fn kill(_processes: &[libc::pid_t]) {}

/// None is held: see [`end`].
pub(super) type Held = std::convert::Infallible;

/// See [`end`].
pub(super) fn hold_descendants(_leader: libc::pid_t) -> Vec<Held> {
    Vec::new()
}

/// See [`end`].
pub(super) fn kill_held(_processes: &[Held]) {}

/// The resident memory of the process group, from `ps`, which every such system has.
pub(super) fn memory_bytes(leader: libc::pid_t, enough: u64) -> Option<u64> {
    let listed =
        std::process::Command::new("/bin/ps").args(["-axo", "pgid=,rss="]).output().ok()?;
    let kib: u64 = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter_map(|line| line.trim().split_once(char::is_whitespace))
        .filter(|(group, _)| group.parse() == Ok(leader))
        .filter_map(|(_, rss)| rss.trim().parse::<u64>().ok())
        .sum();
    (kib * 1024 > enough).then_some(kib * 1024)
}

/// Not told here.
pub(crate) fn out_of_memory_kills() -> Option<u64> {
    None
}
