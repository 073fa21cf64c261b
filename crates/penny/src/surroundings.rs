//! What Penny finds around it, read once at the start and passed on as values.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::PathBuf;

use crate::error::{Error, Result};

/// The process's environment, working folder and terminal. Nothing else in Penny asks the system for them.
#[derive(Clone)]
pub struct Surroundings {
    variables: BTreeMap<OsString, OsString>,
    /// The folder that the command was started in.
    pub folder: PathBuf,
    /// This very binary, which the Python module starts again.
    pub penny: PathBuf,
    /// Whether standard input is a pipe: something is being sent to Penny.
    pub input_is_pipe: bool,
    /// Whether standard output is a terminal.
    pub output_is_terminal: bool,
    /// Whether standard error is a terminal: progress is live there, plain lines elsewhere.
    pub progress_is_terminal: bool,
}

impl Surroundings {
    /// Reads them.
    pub fn read() -> Result<Surroundings> {
        let folder = std::env::current_dir()
            .map_err(|e| Error::missing("cannot tell the working folder").because(e))?;
        let penny = std::env::current_exe()
            .map_err(|e| Error::missing("cannot tell where the penny binary is").because(e))?;
        Ok(Surroundings {
            variables: std::env::vars_os().collect(),
            folder,
            penny,
            input_is_pipe: crate::platform::input_is_pipe(),
            output_is_terminal: std::io::stdout().is_terminal(),
            progress_is_terminal: std::io::stderr().is_terminal(),
        })
    }

    /// A variable's value as the system has it.
    pub fn os(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// A variable's value as text; an empty one counts as absent.
    pub fn text(&self, name: &str) -> Option<String> {
        self.os(name).and_then(OsStr::to_str).filter(|v| !v.is_empty()).map(str::to_owned)
    }

    /// Who uses the computer.
    pub fn user(&self) -> String {
        let names = ["USER", "LOGNAME", "USERNAME"];
        names.iter().find_map(|name| self.text(name)).unwrap_or_else(|| "someone".to_owned())
    }

    /// All variables, for the processes that Penny starts.
    pub fn variables(&self) -> &BTreeMap<OsString, OsString> {
        &self.variables
    }

    /// The folders of PATH.
    pub fn path(&self) -> Vec<PathBuf> {
        self.os("PATH").map(|p| std::env::split_paths(p).collect()).unwrap_or_default()
    }

    /// The first program of that name on PATH.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        let suffix = std::env::consts::EXE_SUFFIX;
        self.path().into_iter().map(|f| f.join(format!("{name}{suffix}"))).find(|p| p.is_file())
    }
}

/// The words of the command line, the program's name first.
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}
