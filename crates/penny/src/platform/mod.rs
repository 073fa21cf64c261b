//! What differs between systems: rights of files, signals that ask Penny to end, services, containers.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub use windows::*;

#[cfg(target_os = "linux")]
mod first;
#[cfg(target_os = "linux")]
pub use first::as_first_process;

/// Containers are Linux: nowhere else is Penny the first process.
#[cfg(not(target_os = "linux"))]
pub fn as_first_process(_arguments: Vec<std::ffi::OsString>) -> Option<std::process::ExitCode> {
    None
}
