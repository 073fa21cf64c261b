//! Linux, macOS and their kin: a session of its own for every kernel, and somebody beside it who ends
//! what it started when Penny is gone.

mod forked;
mod group;
#[cfg(target_os = "linux")]
mod linux;
mod passing;
#[cfg(not(target_os = "linux"))]
mod portable;
mod spawned;

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub(crate) use forked::Mold;
pub(crate) use group::{Group, Running};
#[cfg(target_os = "linux")]
use linux as family;
#[cfg(not(target_os = "linux"))]
use portable as family;
pub(crate) use spawned::spawn;

pub(crate) use family::{MEMORY_PAUSE, out_of_memory_kills};

/// Whether kernels can be forked from a template. Not on macOS, whose own libraries (Accelerate,
/// CoreFoundation) refuse to work in a process that was forked and runs no other program.
pub(crate) const FORKING: bool = cfg!(target_os = "linux");

/// The longest path of a socket: sun_path holds 104 bytes on macOS (108 on Linux), with the final NUL.
const SOCKET_PATH_BYTES_MAX: usize = 103;

fn send_signal(process: libc::pid_t, signal: libc::c_int) -> io::Result<()> {
    // SAFETY: kill takes two numbers.
    match unsafe { libc::kill(process, signal) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
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
pub(crate) fn create_temporary_folder(parent: &Path, prefix: &str) -> io::Result<TempDir> {
    tempfile::Builder::new()
        .prefix(prefix)
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
