//! All that differs between operating systems. Each side offers the same:
//!
//! - `spawn(command)`: starts it as the head of a group of processes that can only end with Penny's;
//!   must be called on a thread that lives as long as the process does.
//! - [`Running`]: `pid`, `group`, and `wait`, which blocks, then ends what is left of the group.
//! - [`Group`]: `kill` and `interrupt`, harmless once the group has ended.
//! - `signal_name`, `user_data_folder`, `system_data_folders`, `create_temporary_folder`,
//!   `create_private_folder`, `create_private_file`, `sockets_work_in`.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::*;

/// How a process ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Status {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) peak_memory_bytes: Option<u64>,
}
