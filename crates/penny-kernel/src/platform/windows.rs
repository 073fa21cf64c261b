//! Windows: a job object that ends with Penny, and an event by which a kernel is interrupted.

use std::ffi::{OsString, c_void};
use std::fs::{File, OpenOptions};
use std::io;
use std::mem;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::os::windows::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::process::{Child, Command};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use windows_sys::Win32::Foundation::{HANDLE, TRUE};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_JOB_MEMORY,
    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectExtendedLimitInformation, QueryInformationJobObject, SetInformationJobObject,
    TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{
    CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW, CreateEventW, SetEvent,
};

use super::{ForkError, ForkRequest, How, MARK, Status};

/// Windows cannot copy a process.
pub(crate) const FORKING: bool = false;
/// The job keeps to its memory limit by itself.
pub(crate) const MEMORY_PAUSE: Option<Duration> = None;
/// What is refused is not counted: a job whose peak comes so near its limit has asked for more.
const NEAR_LIMIT_BYTES: u64 = 64 << 20;

/// There is no template here: none of these can be made.
#[derive(Debug)]
pub(crate) struct Mold(());

impl Mold {
    pub(crate) fn new() -> io::Result<(Mold, Stdio)> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn first_line(&self, _patience: Duration) -> io::Result<String> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn fork(
        &self,
        _request: &ForkRequest<'_>,
        _output: io::PipeWriter,
    ) -> Result<Running, ForkError> {
        Err(ForkError::System(io::ErrorKind::Unsupported.into()))
    }
}

/// The kernel's job object, which its children belong to, and its interrupt event.
#[derive(Debug)]
pub(crate) struct Group {
    /// Closing the last handle to it, which the system does when Penny ends, kills all that is in it.
    job: OwnedHandle,
    interrupt: OwnedHandle,
    /// The memory that all of it may commit, in bytes.
    limit: Option<u64>,
}

/// A process that was started, with its group.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    group: Arc<Group>,
}

/// Starts a process in a job of its own and out of reach of Ctrl-C in the console.
pub(crate) fn spawn(mut command: Command, how: &How<'_>) -> io::Result<Running> {
    let limit = how.memory_limit_bytes;
    let group = Group { job: job(limit)?, interrupt: inheritable_event()?, limit };
    command.env(MARK, how.mark);
    // ipykernel waits for this event, and takes it for Ctrl-C.
    let event = group.interrupt.as_raw_handle() as usize;
    command.env("JPY_INTERRUPT_EVENT", event.to_string());
    command.env("IPY_INTERRUPT_EVENT", event.to_string());
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW);
    let mut child = command.spawn()?;
    // SAFETY: both handles are open.
    let assigned =
        unsafe { AssignProcessToJobObject(raw(&group.job), child.as_raw_handle() as HANDLE) };
    if assigned == 0 {
        let error = io::Error::last_os_error();
        child.kill().ok();
        child.wait().ok();
        return Err(error);
    }
    Ok(Running { child, group: Arc::new(group) })
}

fn job(memory_limit_bytes: Option<u64>) -> io::Result<OwnedHandle> {
    // SAFETY: the job is created unnamed with default security; the limits outlive the call that
    // sets them and are of the size that is told.
    unsafe {
        let job = owned(CreateJobObjectW(ptr::null(), ptr::null()))?;
        let mut limits: JOBOBJECT_EXTENDED_LIMIT_INFORMATION = mem::zeroed();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        if let Some(bytes) = memory_limit_bytes {
            limits.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_JOB_MEMORY;
            limits.JobMemoryLimit = usize::try_from(bytes).unwrap_or(usize::MAX);
        }
        let set = SetInformationJobObject(
            raw(&job),
            JobObjectExtendedLimitInformation,
            (&raw const limits).cast::<c_void>(),
            size_of_limits(),
        );
        if set == 0 { Err(io::Error::last_os_error()) } else { Ok(job) }
    }
}

fn inheritable_event() -> io::Result<OwnedHandle> {
    let attributes = SECURITY_ATTRIBUTES {
        nLength: u32::try_from(mem::size_of::<SECURITY_ATTRIBUTES>()).expect("a small structure"),
        lpSecurityDescriptor: ptr::null_mut(),
        bInheritHandle: TRUE,
    };
    // SAFETY: the attributes outlive the call; the event resets itself, is unset and unnamed.
    unsafe { owned(CreateEventW(&raw const attributes, 0, 0, ptr::null())) }
}

/// Takes ownership of a handle that was just made, or tells why none was.
unsafe fn owned(handle: HANDLE) -> io::Result<OwnedHandle> {
    if handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the caller passes a handle that nobody else owns.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

fn raw(handle: &OwnedHandle) -> HANDLE {
    handle.as_raw_handle()
}

fn size_of_limits() -> u32 {
    u32::try_from(mem::size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>())
        .expect("a small structure")
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn group(&self) -> Arc<Group> {
        Arc::clone(&self.group)
    }

    /// Blocks until the process has ended, then kills what is left in its job.
    pub(crate) fn wait(mut self) -> Status {
        let code = self.child.wait().ok().and_then(|status| status.code());
        let peaks = self.group.peaks();
        self.group.kill();
        let reached = peaks.is_some_and(|(_, job)| {
            self.group.limit.is_some_and(|limit| job.saturating_add(NEAR_LIMIT_BYTES) >= limit)
        });
        Status {
            code,
            peak_memory_bytes: peaks.map(|(process, _)| process),
            // One that was refused memory and ends well has coped with it.
            memory_refused: reached && code != Some(0),
            ..Status::default()
        }
    }
}

impl Group {
    /// Kills every process of the job.
    pub(crate) fn kill(&self) {
        // SAFETY: the job is open.
        unsafe { TerminateJobObject(raw(&self.job), 1) };
    }

    /// Interrupts the kernel, as Ctrl-C in a console does.
    pub(crate) fn interrupt(&self) -> io::Result<()> {
        // SAFETY: the event is open.
        match unsafe { SetEvent(raw(&self.interrupt)) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }

    /// Not needed here: nothing leaves the job.
    pub(crate) fn note(&self) {}

    /// Windows has no signal for it: a console program is interrupted, or killed.
    pub(crate) fn terminate(&self) {}

    /// Not needed here: the job keeps to its limit by itself.
    pub(crate) fn memory_bytes(&self, _enough: u64) -> Option<u64> {
        None
    }

    /// The most memory that one process of the job, and that the whole job has committed, in bytes.
    fn peaks(&self) -> Option<(u64, u64)> {
        // SAFETY: the structure is plain data, for which zeros are valid, and outlives the call.
        let (known, limits) = unsafe {
            let mut limits: JOBOBJECT_EXTENDED_LIMIT_INFORMATION = mem::zeroed();
            let known = QueryInformationJobObject(
                raw(&self.job),
                JobObjectExtendedLimitInformation,
                (&raw mut limits).cast::<c_void>(),
                size_of_limits(),
                ptr::null_mut(),
            );
            (known, limits)
        };
        let bytes = |size: usize| u64::try_from(size).ok();
        let peaks = bytes(limits.PeakProcessMemoryUsed).zip(bytes(limits.PeakJobMemoryUsed));
        peaks.filter(|_| known != 0)
    }
}

/// Windows refuses memory, and kills nobody for it.
pub(crate) fn out_of_memory_kills() -> Option<u64> {
    None
}

/// Windows has no signals.
pub(crate) fn signal_name(_signal: i32) -> Option<&'static str> {
    None
}

/// The user's Jupyter data folder.
pub(crate) fn user_data_folder(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    match variable("APPDATA") {
        Some(data) => Some(PathBuf::from(data).join("jupyter")),
        None => Some(PathBuf::from(variable("USERPROFILE")?).join(".jupyter").join("data")),
    }
}

/// The Jupyter data folders of the whole machine.
pub(crate) fn system_data_folders(variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    variable("PROGRAMDATA").map(|data| PathBuf::from(data).join("jupyter")).into_iter().collect()
}

/// Makes a folder with a name of its own in `parent`, removed with the value; who may enter it is
/// inherited, in a user's profile the user alone.
pub(crate) fn create_temporary_folder(parent: &Path, prefix: &str) -> io::Result<TempDir> {
    tempfile::Builder::new().prefix(prefix).tempdir_in(parent)
}

/// Makes a folder; who may enter it is inherited, in a user's profile the user alone.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Makes a file; who may read it is inherited, in a user's profile the user alone.
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Kernels on Windows listen on ports: not every ZeroMQ there has Unix sockets.
pub(crate) fn sockets_work_in(_folder: &Path, _name: &str) -> bool {
    false
}
