//! Penny as a service of the system: started with the computer or with the session, and again if it dies.
//!
//! What is installed is text: a unit of systemd, a plist of launchd, a description for Windows' Task
//! Scheduler. All of it is made here, on any system, and the command line only writes and runs it.

mod act;
mod launchd;
mod notify;
mod systemd;
mod task_scheduler;

use std::path::PathBuf;

use crate::error::{Error, Result};

pub use act::{carry_out, check_owner, run, service_of};
pub use notify::Notifier;

/// What looks after services on a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Services {
    /// Linux.
    Systemd,
    /// macOS.
    Launchd,
    /// Windows.
    TaskScheduler,
}

/// For whom a service runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// For the user, while they are logged in (on Linux, longer if the system lets it).
    #[default]
    User,
    /// For the computer, from its start on; installing it needs an administrator.
    System,
}

/// What a service is to be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name: `penny-` and the workspace's folder, in letters that every system takes.
    pub name: String,
    /// The workspace's folder.
    pub workspace: PathBuf,
    /// The penny binary.
    pub penny: PathBuf,
    /// For whom.
    pub scope: Scope,
    /// The user that it runs as.
    pub user: String,
    /// Whether the system lets this user's services run while they are not logged in.
    pub stays: bool,
    /// The user's number.
    pub user_id: u32,
    /// The user's home.
    pub home: PathBuf,
    /// Where user services of systemd are: `XDG_CONFIG_HOME`, or `.config` at home.
    pub config_home: PathBuf,
    /// The folders in which programs are found, as the user's shell has them.
    pub path: String,
    /// Whether it is there under the name that an earlier Penny gave it, on Windows.
    pub has_former: bool,
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where.
    pub path: PathBuf,
    /// What, as bytes.
    pub content: Vec<u8>,
    /// The same as text, to show.
    pub text: String,
}

/// A command to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Whether what comes after it makes sense when it fails.
    pub may_fail: bool,
}

/// What is to be done, in its order: files, then commands; then files to remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files to write.
    pub files: Vec<File>,
    /// The commands to run.
    pub commands: Vec<Command>,
    /// The files to remove after them.
    pub remove: Vec<PathBuf>,
    /// The commands to run after that.
    pub afterwards: Vec<Command>,
    /// What to tell then.
    pub notes: Vec<String>,
}

/// What to do with a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Makes it, and starts it.
    Install,
    /// Stops it, and removes it.
    Uninstall,
    /// Starts it.
    Start,
    /// Stops it until the next start of the computer or session.
    Stop,
}

impl Services {
    /// How that is done for this service.
    pub fn plan(self, verb: Verb, service: &Service) -> Plan {
        match self {
            Services::Systemd => systemd::plan(verb, service),
            Services::Launchd => launchd::plan(verb, service),
            Services::TaskScheduler => task_scheduler::plan(verb, service),
        }
    }

    /// The file whose presence means that the service is installed.
    pub fn file(self, service: &Service) -> PathBuf {
        match self {
            Services::Systemd => systemd::file(service),
            Services::Launchd => launchd::file(service),
            Services::TaskScheduler => task_scheduler::file(service),
        }
    }

    /// The command that tells how the service is, and how its answer is read.
    pub fn question(self, service: &Service) -> Command {
        match self {
            Services::Systemd => systemd::question(service),
            Services::Launchd => launchd::question(service),
            Services::TaskScheduler => task_scheduler::question(service),
        }
    }

    /// The command that shows what has the name that an earlier Penny gave to services, where that was another.
    pub fn former(self, service: &Service) -> Option<Command> {
        (self == Services::TaskScheduler).then(|| task_scheduler::former(service))
    }

    /// Whether what was shown so is this workspace's.
    pub fn is_of(self, service: &Service, shown: &str) -> bool {
        self == Services::TaskScheduler && task_scheduler::is_of(service, shown)
    }

    /// Whether the answer to that command means that the service runs; nothing when it does not tell.
    pub fn runs(self, answer: &str) -> Option<bool> {
        match self {
            Services::Systemd => systemd::runs(answer),
            Services::Launchd => launchd::runs(answer),
            // Its words are in the language of the computer: the workspace's lock tells instead.
            Services::TaskScheduler => None,
        }
    }

    /// Where people of this system look for the log, beside the workspace's own.
    pub fn log(self, service: &Service) -> String {
        match self {
            Services::Systemd => systemd::log(service),
            Services::Launchd => launchd::log_file(service).display().to_string(),
            Services::TaskScheduler => {
                "Task Scheduler (taskschd.msc), the history of the task".to_owned()
            }
        }
    }

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Services::Systemd => "systemd",
            Services::Launchd => "launchd",
            Services::TaskScheduler => "Windows' Task Scheduler",
        }
    }
}

impl Service {
    /// The words that the service runs: this workspace, whatever the working folder.
    fn command(&self) -> [String; 4] {
        [
            self.penny.display().to_string(),
            "--workspace".to_owned(),
            self.workspace.display().to_string(),
            "start".to_owned(),
        ]
    }

    /// One line that says what it is.
    fn description(&self) -> String {
        let folder = self.workspace.file_name().unwrap_or(self.workspace.as_os_str());
        format!("Penny: the notebooks of {}", folder.to_string_lossy())
    }

    /// Checks that every path can be written into the files of a service.
    ///
    /// # Errors
    /// One holds a line break or is not text.
    pub fn check(&self) -> Result<()> {
        for path in [&self.workspace, &self.penny] {
            let plain = path.to_str().is_some_and(|text| !text.contains(char::is_control));
            if !plain {
                return Err(Error::usage(format!(
                    "{} cannot be a service's: its name holds a line break, or is not text",
                    path.display()
                ))
                .hint("move the workspace to a folder with an ordinary name"));
            }
        }
        Ok(())
    }
}

impl Command {
    /// The command as a person would type it.
    pub fn shown(&self) -> String {
        let word = |word: &String| match word.contains([' ', '"', '\'']) {
            true => format!("\"{word}\""),
            false => word.clone(),
        };
        self.words.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    fn new(words: &[&str]) -> Command {
        Command { words: words.iter().map(|w| (*w).to_owned()).collect(), may_fail: false }
    }

    fn that_may_fail(words: &[&str]) -> Command {
        Command { may_fail: true, ..Command::new(words) }
    }
}

/// The service's usual name: the workspace's folder in letters that every system takes.
pub fn name_of(workspace: &std::path::Path) -> String {
    let folder = workspace.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let mut name = String::from("penny");
    let mut gap = true;
    for letter in folder.chars().map(plain) {
        if letter == '-' {
            gap = true;
            continue;
        }
        if gap {
            name.push('-');
            gap = false;
        }
        name.push(letter);
    }
    name
}

/// A letter or digit without its accent; anything else is a gap.
fn plain(letter: char) -> char {
    match letter {
        'a'..='z' | '0'..='9' => letter,
        'à' | 'â' | 'ä' | 'á' | 'ã' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' => 'i',
        'ô' | 'ö' | 'ó' => 'o',
        'ù' | 'û' | 'ü' | 'ú' => 'u',
        'ñ' => 'n',
        _ => '-',
    }
}

/// Checks a name that the user gives.
///
/// # Errors
/// It has other letters than every system takes.
pub fn check_name(name: &str) -> Result<()> {
    let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.is_empty() && name.len() <= 60 && name.chars().all(right) && !name.starts_with('-') {
        return Ok(());
    }
    Err(Error::usage(format!("`{name}` cannot name a service"))
        .hint("use small letters without accents, digits and -"))
}

#[cfg(test)]
mod tests;
