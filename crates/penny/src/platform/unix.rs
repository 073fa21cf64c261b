//! Unix: modes, sessions, SIGTERM.

use std::fs::{DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Gives a new file the rights of the one it replaces, or those that the user's files usually have.
///
/// # Errors
/// Those of the file system.
pub fn give_usual_rights(file: &File, replaced: &Path) -> io::Result<()> {
    let mode = match replaced.metadata() {
        Ok(present) => present.permissions().mode() & 0o7777,
        Err(_) => 0o666 & !usual_mask(),
    };
    file.set_permissions(Permissions::from_mode(mode))
}

/// The process's umask, read once: reading it means setting it for a moment.
fn usual_mask() -> u32 {
    static MASK: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *MASK.get_or_init(|| {
        // SAFETY: umask only exchanges a number.
        unsafe {
            let mask = libc::umask(0o077);
            libc::umask(mask);
            mask as u32
        }
    })
}

/// Makes a folder (and its parents) that only its owner can enter.
///
/// # Errors
/// Those of the file system.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Whether others than the owner can read the file.
pub fn readable_by_others(path: &Path) -> bool {
    path.metadata().is_ok_and(|m| m.permissions().mode() & 0o077 != 0)
}

/// Takes the rights of everybody but the owner.
///
/// # Errors
/// Those of the file system.
pub fn make_private(path: &Path) -> io::Result<()> {
    std::fs::set_permissions(path, Permissions::from_mode(0o600))
}

/// Lets a child live in a session of its own: Ctrl-C in the terminal does not reach it.
pub fn detach(command: &mut Command) {
    // SAFETY: setsid is async-signal-safe and touches no memory of the parent.
    unsafe {
        command.pre_exec(|| {
            if libc::setsid() == -1 {
                return Err(io::Error::last_os_error());
            }
            Ok(())
        });
    }
}

/// Comes back when the system or a user asks the process to end (Ctrl-C, SIGTERM, SIGHUP).
pub async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let mut streams = kinds.into_iter().filter_map(|k| signal(k).ok()).collect::<Vec<_>>();
    std::future::poll_fn(|context| {
        let any = streams.iter_mut().any(|s| s.poll_recv(context).is_ready());
        if any { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

/// Where the per-user data of Jupyter are.
pub fn jupyter_data_folder(
    variable: &dyn Fn(&str) -> Option<std::ffi::OsString>,
) -> Option<std::path::PathBuf> {
    if let Some(folder) = variable("JUPYTER_DATA_DIR").filter(|v| !v.is_empty()) {
        return Some(folder.into());
    }
    let home = std::path::PathBuf::from(variable("HOME").filter(|v| !v.is_empty())?);
    if cfg!(target_os = "macos") {
        return Some(home.join("Library/Jupyter"));
    }
    let data = variable("XDG_DATA_HOME").filter(|v| !v.is_empty());
    Some(data.map_or_else(|| home.join(".local/share"), Into::into).join("jupyter"))
}

/// Interpreters to try, in order, when none is configured.
pub const PYTHON_NAMES: &[&str] = &["python3", "python"];

/// Where a virtual environment keeps its interpreter.
pub const ENVIRONMENT_PYTHON: &str = "bin/python";

/// Puts a child in a process group of its own, so that it can be ended with its children.
pub fn own_group(command: &mut Command) {
    command.process_group(0);
}

/// Ends a child that was put in its own group, and its children, at once.
pub fn kill_group(pid: u32) {
    if let Ok(pid) = libc::pid_t::try_from(pid) {
        // SAFETY: kill only sends a signal; a group that is gone answers ESRCH.
        unsafe { libc::kill(-pid, libc::SIGKILL) };
    }
}

/// Where a conda environment keeps its interpreter.
pub const CONDA_PYTHON: &str = "bin/python";

/// Whether standard input is a pipe.
pub fn input_is_pipe() -> bool {
    // SAFETY: fstat fills in the structure that it is given, or answers -1.
    unsafe {
        let mut status: libc::stat = std::mem::zeroed();
        libc::fstat(0, &raw mut status) == 0 && status.st_mode & libc::S_IFMT == libc::S_IFIFO
    }
}

/// How to get a Python.
pub const PYTHON_REMEDY: &str = if cfg!(target_os = "macos") {
    "install it: brew install python, or from python.org"
} else {
    "install it: sudo apt install python3 python3-venv (Debian, Ubuntu), sudo dnf install python3 (Fedora)"
};

/// How to get Python's venv module.
pub const VENV_REMEDY: &str = if cfg!(target_os = "macos") {
    "install Python from python.org, or install uv"
} else {
    "install it: sudo apt install python3-venv (Debian, Ubuntu), or install uv"
};

/// How a shell of this system lets a word stand for a program.
pub fn alias(word: &str, program: &Path) -> String {
    format!("alias {word}='{}'", program.display().to_string().replace('\'', "'\\''"))
}

/// How much memory programs may still take, in bytes; a guess on macOS.
pub fn available_memory_bytes() -> Option<u64> {
    if let Ok(text) = std::fs::read_to_string("/proc/meminfo") {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        return Some(kib * 1024);
    }
    // SAFETY: sysconf takes a number and answers one.
    let (pages, bytes) =
        unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    // Half of what there is, where the system does not tell what is free.
    Some(u64::try_from(pages).ok()? * u64::try_from(bytes).ok()? / 2)
}
