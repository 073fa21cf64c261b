//! Windows.

use std::fs;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::os::windows::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{FILETIME, HANDLE, WAIT_OBJECT_0};
use windows_sys::Win32::Security::{
    GetTokenInformation, TOKEN_ELEVATION, TOKEN_QUERY, TokenElevation,
};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::{
    CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW, GetCurrentProcess, GetExitCodeProcess,
    GetProcessTimes, INFINITE, OpenProcess, OpenProcessToken, PROCESS_QUERY_LIMITED_INFORMATION,
    PROCESS_SYNCHRONIZE, PROCESS_TERMINATE, QueryFullProcessImageNameW, TerminateProcess,
    WaitForSingleObject,
};

use super::super::pidfile;
use super::{Ending, Launch, RunAs};

/// How long `pg_ctl` may take until the server has written its process id.
const PG_CTL_TIME_MAX: Duration = Duration::from_secs(30);

/// How far the start that `postmaster.pid` tells may be from the creation of the process.
const START_DIFFERENCE_SECONDS_MAX: u64 = 60;

/// Seconds from 1601, where Windows begins to count, to 1970.
const SECONDS_1601_TO_1970: u64 = 11_644_473_600;

/// The name of a program's file.
pub fn executable(name: &str) -> String {
    format!("{name}.exe")
}

/// A folder that every user may enter.
pub fn open_folder() -> &'static Path {
    Path::new(r"C:\")
}

/// A server process that this process launched. The job object ends it when Penny ends, however.
#[derive(Debug)]
pub struct Launched {
    server: Server,
    job: OwnedHandle,
}

#[derive(Debug)]
enum Server {
    Child(Child),
    /// Made by `pg_ctl`, with a restricted token.
    Restricted {
        pid: u32,
        process: OwnedHandle,
    },
}

impl Launched {
    /// Starts `postgres` itself, or with elevated rights `pg_ctl`, which starts it with a restricted token.
    pub fn new(launch: &Launch<'_>) -> io::Result<Self> {
        let job = job_that_ends_its_processes()?;
        let server = match launch.run_as {
            RunAs::Restricted => start_restricted(launch, &job)?,
            _ => Server::Child(start_child(launch, &job)?),
        };
        Ok(Self { server, job })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        match &self.server {
            Server::Child(child) => child.id(),
            Server::Restricted { pid, .. } => *pid,
        }
    }

    /// Blocks until the process has ended.
    pub fn wait(self) -> io::Result<ExitStatus> {
        let Self { server, job } = self;
        let status = match server {
            Server::Child(mut child) => child.wait(),
            Server::Restricted { process, .. } => wait_for(&process),
        };
        drop(job);
        status
    }
}

fn start_child(launch: &Launch<'_>, job: &OwnedHandle) -> io::Result<Child> {
    let mut command = Command::new(launch.bin.join("postgres.exe"));
    command.arg("-D").arg(launch.data).args(launch.options());
    command.stdin(Stdio::null()).stdout(launch.log.try_clone()?).stderr(launch.log.try_clone()?);
    command.creation_flags(CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
    let mut child = command.spawn()?;
    if let Err(error) = assign(job, child.as_raw_handle().cast()) {
        let _ = child.kill();
        return Err(error);
    }
    Ok(child)
}

fn start_restricted(launch: &Launch<'_>, job: &OwnedHandle) -> io::Result<Server> {
    // None of the options needs quotes, so they may stand in one argument.
    let options = launch.options().join(" ");
    let mut command = Command::new(launch.bin.join("pg_ctl.exe"));
    command.arg("start").arg("-W").arg("-s").arg("-D").arg(launch.data).arg("-o").arg(options);
    command.stdin(Stdio::null()).stdout(launch.log.try_clone()?).stderr(launch.log.try_clone()?);
    command.creation_flags(CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
    let mut pg_ctl = command.spawn()?;
    // What a process of a job starts belongs to the job.
    assign(job, pg_ctl.as_raw_handle().cast())?;
    let status = pg_ctl.wait()?;
    if !status.success() {
        return Err(io::Error::other(format!("pg_ctl ended with {status}")));
    }
    let until = Instant::now() + PG_CTL_TIME_MAX;
    while Instant::now() < until {
        if let Some(file) = pidfile::read(launch.data)
            && is_postgres_of(file.pid, launch.data, file.started)
        {
            return Ok(Server::Restricted { pid: file.pid, process: open(file.pid)? });
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "pg_ctl started no server"))
}

fn job_that_ends_its_processes() -> io::Result<OwnedHandle> {
    // SAFETY: no pointers; the handle is owned from here on.
    let job = unsafe { CreateJobObjectW(std::ptr::null(), std::ptr::null()) };
    if job.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just made and belongs to nobody else.
    let job = unsafe { OwnedHandle::from_raw_handle(job.cast()) };
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    let size = u32::try_from(size_of_val(&limits)).expect("the structure is small");
    // SAFETY: the pointer and the size are those of the structure that this class of information wants.
    let set = unsafe {
        SetInformationJobObject(
            job.as_raw_handle().cast(),
            JobObjectExtendedLimitInformation,
            std::ptr::from_ref(&limits).cast(),
            size,
        )
    };
    if set == 0 { Err(io::Error::last_os_error()) } else { Ok(job) }
}

fn assign(job: &OwnedHandle, process: HANDLE) -> io::Result<()> {
    // SAFETY: both handles are open.
    match unsafe { AssignProcessToJobObject(job.as_raw_handle().cast(), process) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn open(pid: u32) -> io::Result<OwnedHandle> {
    let rights = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE | PROCESS_TERMINATE;
    // SAFETY: no pointers; the handle is owned from here on.
    let process = unsafe { OpenProcess(rights, 0, pid) };
    if process.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just made and belongs to nobody else.
    Ok(unsafe { OwnedHandle::from_raw_handle(process.cast()) })
}

fn wait_for(process: &OwnedHandle) -> io::Result<ExitStatus> {
    let handle = process.as_raw_handle().cast();
    let mut code = 0;
    // SAFETY: the handle is open and the pointer is that of a local variable.
    let read = unsafe {
        if WaitForSingleObject(handle, INFINITE) != WAIT_OBJECT_0 {
            return Err(io::Error::last_os_error());
        }
        GetExitCodeProcess(handle, &raw mut code)
    };
    if read == 0 { Err(io::Error::last_os_error()) } else { Ok(ExitStatus::from_raw(code)) }
}

/// As whom to try `initdb`: it restricts itself when run with elevated rights.
pub fn candidates(_parent: &Path) -> Vec<RunAs> {
    vec![if is_elevated() { RunAs::Restricted } else { RunAs::Myself }]
}

/// As whom the server of an existing data folder runs.
pub fn owner_of(_data: &Path) -> io::Result<RunAs> {
    Ok(if is_elevated() { RunAs::Restricted } else { RunAs::Myself })
}

/// Files belong to the user who runs Penny.
pub fn give(_path: &Path, _run_as: &RunAs) -> io::Result<()> {
    Ok(())
}

/// Files belong to the user who runs Penny.
pub fn give_all(_folder: &Path, _run_as: &RunAs) -> io::Result<()> {
    Ok(())
}

/// Programs run as the user who runs Penny.
pub fn run_as(_command: &mut Command, _run_as: &RunAs) -> io::Result<()> {
    Ok(())
}

fn is_elevated() -> bool {
    let mut token = std::ptr::null_mut();
    // SAFETY: the pseudo handle is always valid, the pointer is that of a local variable.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
        return false;
    }
    // SAFETY: the handle was just made and belongs to nobody else.
    let token = unsafe { OwnedHandle::from_raw_handle(token.cast()) };
    let mut elevation = TOKEN_ELEVATION::default();
    let size = u32::try_from(size_of_val(&elevation)).expect("the structure is small");
    let mut written = 0;
    // SAFETY: the pointer and the size are those of the structure that this class of information wants.
    let read = unsafe {
        GetTokenInformation(
            token.as_raw_handle().cast(),
            TokenElevation,
            (&raw mut elevation).cast(),
            size,
            &raw mut written,
        )
    };
    read != 0 && elevation.TokenIsElevated != 0
}

/// Whether this process is a PostgreSQL server that was created when the server of this data folder says.
pub fn is_postgres_of(pid: u32, _data: &Path, started: u64) -> bool {
    let Ok(process) = open(pid) else { return false };
    is_running(&process)
        && image_name(&process).is_some_and(|name| name.eq_ignore_ascii_case("postgres.exe"))
        && created(&process).is_some_and(|at| at.abs_diff(started) <= START_DIFFERENCE_SECONDS_MAX)
}

fn is_running(process: &OwnedHandle) -> bool {
    // SAFETY: the handle is open.
    unsafe { WaitForSingleObject(process.as_raw_handle().cast(), 0) != WAIT_OBJECT_0 }
}

fn image_name(process: &OwnedHandle) -> Option<String> {
    let mut buffer = vec![0_u16; 32 * 1024];
    let mut length = u32::try_from(buffer.len()).expect("the buffer is small");
    let handle = process.as_raw_handle().cast();
    // SAFETY: the length is the buffer's.
    let read =
        unsafe { QueryFullProcessImageNameW(handle, 0, buffer.as_mut_ptr(), &raw mut length) };
    let path = String::from_utf16_lossy(&buffer[..length as usize]);
    (read != 0).then(|| path.rsplit('\\').next().unwrap_or_default().to_owned())
}

/// Seconds since 1970 when the process was created.
fn created(process: &OwnedHandle) -> Option<u64> {
    let [mut created, mut exited, mut kernel, mut user] = [FILETIME::default(); 4];
    // SAFETY: the handle is open and the pointers are those of local variables.
    let read = unsafe {
        GetProcessTimes(
            process.as_raw_handle().cast(),
            &raw mut created,
            &raw mut exited,
            &raw mut kernel,
            &raw mut user,
        )
    };
    let ticks = u64::from(created.dwHighDateTime) << 32 | u64::from(created.dwLowDateTime);
    (read != 0).then(|| (ticks / 10_000_000).saturating_sub(SECONDS_1601_TO_1970))
}

/// Processes of a killed server end with it here.
pub fn orphans(_data: &Path) -> Vec<u32> {
    Vec::new()
}

/// Whether a process with this id is alive.
pub fn is_alive(pid: u32) -> bool {
    open(pid).is_ok_and(|process| is_running(&process))
}

/// Asks a server to end. A process that is already gone is no error.
pub fn end(pid: u32, bin: &Path, data: &Path, ending: Ending) -> io::Result<()> {
    let mode = match ending {
        Ending::Fast => "fast",
        Ending::Immediate => "immediate",
        Ending::Kill => return kill(pid),
    };
    let mut command = Command::new(bin.join("pg_ctl.exe"));
    command.arg("stop").arg("-W").arg("-s").arg("-m").arg(mode).arg("-D").arg(data);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    without_window(&mut command);
    command.status().map(drop)
}

fn kill(pid: u32) -> io::Result<()> {
    let Ok(process) = open(pid) else { return Ok(()) };
    // SAFETY: the handle is open.
    match unsafe { TerminateProcess(process.as_raw_handle().cast(), 1) } {
        0 if is_running(&process) => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Makes a file in a folder that only the user reads.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write;
    fs::File::options().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

/// Links need special rights here: a copy serves as well.
pub fn link(target: &Path, link: &Path) -> io::Result<()> {
    let folder = link.parent().unwrap_or(Path::new("."));
    fs::copy(folder.join(target), link).map(drop)
}

/// Every file is runnable here.
pub fn make_runnable(_file: &Path) -> io::Result<()> {
    Ok(())
}

/// Where installers put PostgreSQL's programs, the newest version first.
pub fn usual_folders() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for folder in
        [r"C:\Program Files\PostgreSQL", r"C:\Program Files (x86)\PostgreSQL", r"C:\PostgreSQL"]
    {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Some(Ok(major)) = entry.file_name().to_str().map(str::parse) else { continue };
            found.push((major, entry.path().join("bin")));
        }
    }
    found.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    found.into_iter().map(|(_, bin)| bin).collect()
}

/// Where to get PostgreSQL for this system.
pub fn install_remedy() -> &'static str {
    "with the installer of https://www.postgresql.org/download/windows/"
}

/// What to do when `initdb` fails.
pub fn initdb_remedy() -> &'static str {
    "check that there is space on the disk and that you may write to this folder"
}

/// The npm package with PostgreSQL for this machine.
pub fn npm_package() -> Option<&'static str> {
    // Windows on ARM runs the programs for x64 too.
    Some("@embedded-postgres/windows-x64")
}

/// Makes a program start without a window.
pub fn without_window(command: &mut Command) {
    command.creation_flags(CREATE_NO_WINDOW);
}
