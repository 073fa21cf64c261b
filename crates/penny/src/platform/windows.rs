//! Windows: the user's profile is private by its own access list; console control events.

use std::fs::File;
use std::io;
use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::Command;

use windows_sys::Win32::System::SystemInformation::{
    ComputerNameDnsHostname, GetComputerNameExW, GlobalMemoryStatusEx, MEMORYSTATUSEX,
};
use windows_sys::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW};

use crate::stop::Wish;

/// A new file inherits the access list of its folder.
///
/// # Errors
/// None.
pub fn give_usual_rights(_file: &File, _replaced: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes a folder and its parents.
///
/// # Errors
/// Those of the file system.
pub fn private_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Access lists are not judged: a profile's default is private.
pub fn readable_by_others(_path: &Path) -> bool {
    false
}

/// The access list of the folder holds.
///
/// # Errors
/// None.
pub fn make_private(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Lets a child live in a process group of its own, without a console window.
pub fn detach(command: &mut Command) {
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW);
}

/// Comes back when the user or the system asks the process to end: who it was.
pub async fn asked_to_end() -> Wish {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
    let (Ok(mut c), Ok(mut b), Ok(mut close), Ok(mut shutdown)) =
        (ctrl_c(), ctrl_break(), ctrl_close(), ctrl_shutdown())
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = c.recv() => Wish::Keyboard,
        _ = b.recv() => Wish::Keyboard,
        _ = close.recv() => Wish::System,
        _ = shutdown.recv() => Wish::System,
    }
}

/// The command that opens an address in the user's browser. No shell reads the address, in which `&` would mean something.
pub fn browser(url: &str) -> Command {
    let mut command = Command::new("rundll32.exe");
    command.args(["url.dll,FileProtocolHandler", url]);
    command
}

/// The name of this computer.
pub fn host_name() -> Option<String> {
    let mut name = [0_u16; 256];
    let mut length = 256_u32;
    // SAFETY: the system writes no more characters than it is told there is room for.
    let answered = unsafe {
        GetComputerNameExW(ComputerNameDnsHostname, name.as_mut_ptr(), &raw mut length) != 0
    };
    let name = name.get(..usize::try_from(length).ok()?)?;
    answered.then(|| String::from_utf16_lossy(name))
}

/// Where the per-user data of Jupyter are.
pub fn jupyter_data_folder(
    variable: &dyn Fn(&str) -> Option<std::ffi::OsString>,
) -> Option<std::path::PathBuf> {
    if let Some(folder) = variable("JUPYTER_DATA_DIR").filter(|v| !v.is_empty()) {
        return Some(folder.into());
    }
    let data = std::path::PathBuf::from(variable("APPDATA").filter(|v| !v.is_empty())?);
    Some(data.join("jupyter"))
}

/// Interpreters to try, in order, when none is configured.
pub const PYTHON_NAMES: &[&str] = &["python", "python3", "py"];

/// Where a virtual environment keeps its interpreter.
pub const ENVIRONMENT_PYTHON: &str = "Scripts/python.exe";

/// Puts a child in a process group of its own.
pub fn own_group(command: &mut Command) {
    command.creation_flags(CREATE_NEW_PROCESS_GROUP);
}

/// Ends a child and its children at once.
pub fn kill_group(pid: u32) {
    // taskkill knows the tree; its failure means that the process is gone already.
    let _ = Command::new("taskkill").args(["/T", "/F", "/PID", &pid.to_string()]).output();
}

/// Where a conda environment keeps its interpreter.
pub const CONDA_PYTHON: &str = "python.exe";

/// Whether standard input is a pipe.
pub fn input_is_pipe() -> bool {
    use std::os::windows::io::AsRawHandle as _;
    use windows_sys::Win32::Storage::FileSystem::{FILE_TYPE_PIPE, GetFileType};
    // SAFETY: the handle is the process's own; one that is none is answered with "unknown".
    unsafe { GetFileType(io::stdin().as_raw_handle()) == FILE_TYPE_PIPE }
}

/// How to get a Python.
pub const PYTHON_REMEDY: &str =
    "install it from the Microsoft Store, or: winget install Python.Python.3.12";

/// How to get Python's venv module.
pub const VENV_REMEDY: &str = "install Python from python.org, or install uv";

/// How PowerShell lets a word stand for a program.
pub fn alias(word: &str, program: &Path) -> String {
    format!("Set-Alias {word} '{}'", program.display().to_string().replace('\'', "''"))
}

/// How much memory programs may still take, in bytes.
pub fn available_memory_bytes() -> Option<u64> {
    // SAFETY: the structure is plain data, of the size that it tells, and outlives the call.
    unsafe {
        let mut status: MEMORYSTATUSEX = std::mem::zeroed();
        status.dwLength = u32::try_from(std::mem::size_of::<MEMORYSTATUSEX>()).ok()?;
        (GlobalMemoryStatusEx(&raw mut status) != 0).then_some(status.ullAvailPhys)
    }
}

/// How much memory this process has, in bytes.
pub fn own_memory_bytes() -> Option<u64> {
    use windows_sys::Win32::System::ProcessStatus::{
        GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS,
    };
    use windows_sys::Win32::System::Threading::GetCurrentProcess;
    // SAFETY: the structure is plain data, of the size that is told, and outlives the call.
    unsafe {
        let mut counters: PROCESS_MEMORY_COUNTERS = std::mem::zeroed();
        let size = u32::try_from(std::mem::size_of::<PROCESS_MEMORY_COUNTERS>()).ok()?;
        counters.cb = size;
        let answered = GetProcessMemoryInfo(GetCurrentProcess(), &raw mut counters, size) != 0;
        answered.then_some(counters.WorkingSetSize as u64)
    }
}

/// What looks after services here.
pub const SERVICES: crate::service::Services = crate::service::Services::TaskScheduler;

/// Users have no number here.
pub fn user_id() -> u32 {
    0
}

/// Nobody listens here.
///
/// # Errors
/// None.
pub fn notify_service(_socket: &std::ffi::OsStr, _message: &str) -> io::Result<()> {
    Ok(())
}

/// Asks the console to show colours; older ones do not.
pub fn show_colours() -> bool {
    use windows_sys::Win32::System::Console::{
        ENABLE_VIRTUAL_TERMINAL_PROCESSING, GetConsoleMode, GetStdHandle, STD_OUTPUT_HANDLE,
        SetConsoleMode,
    };
    // SAFETY: the handle is the process's own, and the mode is a number that outlives the call.
    unsafe {
        let output = GetStdHandle(STD_OUTPUT_HANDLE);
        let mut mode = 0;
        GetConsoleMode(output, &raw mut mode) != 0
            && SetConsoleMode(output, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0
    }
}

/// The user's name, with that of the domain or computer that knows them.
pub fn user_name(variable: &dyn Fn(&[&str]) -> Option<String>) -> Option<String> {
    let name = variable(&["USERNAME"])?;
    Some(match variable(&["USERDOMAIN"]) {
        Some(domain) => format!("{domain}\\{name}"),
        None => name,
    })
}

/// A task runs while its user is logged in.
pub fn services_of_user_stay(_user: &str) -> bool {
    false
}

/// Access lists are not judged: a service is the user's who installs it.
pub fn owner(_path: &Path) -> Option<(String, u32)> {
    None
}
