//! What differs between operating systems: users, signals, folders, and how a server is launched.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(super) use unix::*;
#[cfg(windows)]
pub(super) use windows::*;

use std::fmt;
use std::fs::File;
use std::path::Path;

/// As whom the server's programs run. PostgreSQL refuses to run with an administrator's rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunAs {
    /// As the user who runs Penny.
    Myself,
    /// Penny runs as root on Linux: in a user namespace where root's files belong to this ordinary user.
    Namespace {
        /// The user id inside the namespace, one that the system has a name for.
        uid: u32,
        /// Its group.
        gid: u32,
    },
    /// Penny runs as root: as this other user.
    User {
        /// The user's name.
        name: String,
        /// The user id.
        uid: u32,
        /// The user's group.
        gid: u32,
    },
    /// Penny runs with elevated rights on Windows: with a restricted token, which `pg_ctl` makes.
    Restricted,
}

impl fmt::Display for RunAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Myself => f.write_str("the current user"),
            Self::Namespace { .. } => f.write_str("root in a user namespace"),
            Self::User { name, .. } => write!(f, "user {name}"),
            Self::Restricted => f.write_str("the current user with restricted rights"),
        }
    }
}

/// How a server is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Open transactions are rolled back, everything is written.
    Fast,
    /// At once; the next start recovers.
    Immediate,
    /// By the system.
    Kill,
}

/// A server to launch.
#[derive(Debug)]
pub(super) struct Launch<'a> {
    pub(super) bin: &'a Path,
    pub(super) data: &'a Path,
    pub(super) port: u16,
    pub(super) log: File,
    pub(super) run_as: &'a RunAs,
}

impl Launch<'_> {
    /// The options of `postgres`, without the data folder: none of them needs quotes.
    fn options(&self) -> [String; 8] {
        let port = self.port.to_string();
        [
            "-p",
            &port,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "logging_collector=off",
        ]
        .map(str::to_owned)
    }
}
