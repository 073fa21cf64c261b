//! Unix: modes, sessions, SIGTERM.

use std::fs::{DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::stop::Wish;

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

/// Comes back when the system or a user asks the process to end (Ctrl-C, SIGTERM, SIGHUP): who it was.
pub async fn asked_to_end() -> Wish {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [
        (SignalKind::interrupt(), Wish::Keyboard),
        (SignalKind::terminate(), Wish::System),
        (SignalKind::hangup(), Wish::System),
    ];
    let mut streams: Vec<_> =
        kinds.into_iter().filter_map(|(kind, wish)| Some((signal(kind).ok()?, wish))).collect();
    std::future::poll_fn(|context| {
        for (stream, wish) in &mut streams {
            if stream.poll_recv(context).is_ready() {
                return std::task::Poll::Ready(*wish);
            }
        }
        std::task::Poll::Pending
    })
    .await
}

/// The command that opens an address in the user's browser.
pub fn browser(url: &str) -> Command {
    let mut command = Command::new(if cfg!(target_os = "macos") { "open" } else { "xdg-open" });
    command.arg(url);
    command
}

/// The name of this computer.
pub fn host_name() -> Option<String> {
    let mut name = [0_u8; 256];
    // SAFETY: the system writes no more than it is told there is room for.
    let answer = unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len()) };
    let end = name.iter().position(|byte| *byte == 0)?;
    (answer == 0).then(|| String::from_utf8_lossy(&name[..end]).into_owned())
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

/// How much memory this process has, in bytes.
pub fn own_memory_bytes() -> Option<u64> {
    if let Ok(text) = std::fs::read_to_string("/proc/self/statm") {
        let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
        // SAFETY: sysconf takes a number and answers one.
        let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        return Some(pages * u64::try_from(bytes).ok()?);
    }
    resident_bytes()
}

#[cfg(target_os = "macos")]
fn resident_bytes() -> Option<u64> {
    // SAFETY: the structure is plain data, and the system writes no more than the size that it is told.
    unsafe {
        let mut info: libc::proc_taskinfo = std::mem::zeroed();
        let size = libc::c_int::try_from(std::mem::size_of::<libc::proc_taskinfo>()).ok()?;
        let kind = libc::PROC_PIDTASKINFO;
        let written = libc::proc_pidinfo(libc::getpid(), kind, 0, (&raw mut info).cast(), size);
        (written == size).then_some(info.pti_resident_size)
    }
}

#[cfg(not(target_os = "macos"))]
fn resident_bytes() -> Option<u64> {
    None
}

/// What looks after services here.
pub const SERVICES: crate::service::Services = if cfg!(target_os = "macos") {
    crate::service::Services::Launchd
} else {
    crate::service::Services::Systemd
};

/// The user's number.
pub fn user_id() -> u32 {
    // SAFETY: it only answers a number.
    unsafe { libc::geteuid() }
}

/// Tells the one who started this service how it is (systemd's protocol): `socket` is what it named.
///
/// # Errors
/// Nobody listens there.
pub fn notify_service(socket: &std::ffi::OsStr, message: &str) -> io::Result<()> {
    use std::os::unix::net::UnixDatagram;
    let datagram = UnixDatagram::unbound()?;
    // Whoever reads slowly must not hold up the service.
    datagram.set_nonblocking(true)?;
    #[cfg(target_os = "linux")]
    if let Some(name) = std::os::unix::ffi::OsStrExt::as_bytes(socket).strip_prefix(b"@") {
        use std::os::linux::net::SocketAddrExt as _;
        let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
        return datagram.send_to_addr(message.as_bytes(), &address).map(drop);
    }
    datagram.send_to(message.as_bytes(), Path::new(socket)).map(drop)
}

/// Whether the terminal shows colours: those of Unix do.
pub fn show_colours() -> bool {
    true
}

/// The user's name.
pub fn user_name(variable: &dyn Fn(&[&str]) -> Option<String>) -> Option<String> {
    name_of_user(user_id()).or_else(|| variable(&["USER", "LOGNAME"]))
}

/// Whether a user's services run while the user is not logged in: on Linux, `loginctl enable-linger` leaves that file.
pub fn services_of_user_stay(user: &str) -> bool {
    Path::new("/var/lib/systemd/linger").join(user).exists()
}

/// Whose a file or folder is: the name and the number.
pub fn owner(path: &Path) -> Option<(String, u32)> {
    use std::os::unix::fs::MetadataExt as _;
    let number = path.metadata().ok()?.uid();
    Some((name_of_user(number)?, number))
}

fn name_of_user(number: u32) -> Option<String> {
    let mut room = vec![0; 16 * 1024];
    // SAFETY: the system writes into the structure and the room, whose size it is told, and the name that
    // it answers lies within the room.
    unsafe {
        let mut entry: libc::passwd = std::mem::zeroed();
        let mut found: *mut libc::passwd = std::ptr::null_mut();
        let place = room.as_mut_ptr();
        let answer = libc::getpwuid_r(number, &raw mut entry, place, room.len(), &raw mut found);
        if answer != 0 || found.is_null() {
            return None;
        }
        Some(std::ffi::CStr::from_ptr(entry.pw_name).to_string_lossy().into_owned())
    }
}
