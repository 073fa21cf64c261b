//! All that differs between operating systems. Each side offers the same:
//!
//! - `spawn(command, how)`: starts it as the head of a group of processes that can only end with
//!   Penny's; must be called on a thread that lives as long as the process does.
//! - [`Mold`]: Penny's end of a template process; `fork` has it fork a kernel. `FORKING` says whether
//!   that works here.
//! - [`Running`]: `pid`, `group`, and `wait`, which blocks, then ends what is left of the group.
//! - [`Group`]: `interrupt`, `terminate`, `kill` and `memory_bytes`, harmless once it has ended.
//! - `out_of_memory_kills`: how often the system has ended a process because memory ran out.
//! - `signal_name`, `user_data_folder`, `system_data_folders`, `create_temporary_folder`,
//!   `create_private_folder`, `create_private_file`, `sockets_work_in`.

use std::io;
use std::path::Path;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::*;

/// The environment variable by which a kernel's processes are known wherever they went.
pub(crate) const MARK: &str = "PENNY_KERNEL";

/// How a process ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Status {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) peak_memory_bytes: Option<u64>,
    /// Whether it was ended because the process it was forked from had ended.
    pub(crate) template_ended: bool,
    /// Whether memory was refused to it because it had reached its limit (where the system counts).
    pub(crate) memory_refused: bool,
}

/// How a process is started.
#[derive(Debug)]
pub(crate) struct How<'a> {
    /// The value of [`MARK`].
    pub(crate) mark: &'a str,
    /// Whether it may start others, which have to be found when Penny is gone.
    #[cfg_attr(windows, expect(dead_code, reason = "a job object finds them in any case"))]
    pub(crate) guarded: bool,
    /// How much memory it may use with all that it starts, where the system keeps to such a limit.
    pub(crate) memory_limit_bytes: Option<u64>,
}

/// What a template is asked for.
#[derive(Debug)]
#[cfg_attr(windows, expect(dead_code, reason = "Windows cannot copy a process"))]
pub(crate) struct ForkRequest<'a> {
    pub(crate) cwd: &'a Path,
    pub(crate) mark: &'a str,
    pub(crate) memory_limit_bytes: Option<u64>,
    pub(crate) arguments: &'a [std::ffi::OsString],
    pub(crate) env: &'a [(std::ffi::OsString, std::ffi::OsString)],
}

/// Why a template forked no kernel.
#[derive(Debug)]
#[cfg_attr(windows, expect(dead_code, reason = "Windows cannot copy a process"))]
pub(crate) enum ForkError {
    /// A kernel of its would not be like one that is started afresh: why.
    Refused(String),
    /// It has ended, or does not answer.
    Gone,
    /// The system refused something.
    System(io::Error),
}
