//! `postmaster.pid`, where a running PostgreSQL says who it is.

use std::fs;
use std::path::Path;

use super::platform;

/// A server that runs on a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// The process id of the server.
    pub pid: u32,
    /// The port it listens on.
    pub port: u16,
}

/// The lines of `postmaster.pid` that matter here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PidFile {
    pub(super) pid: u32,
    /// Seconds since 1970 when the server was started.
    pub(super) started: u64,
    /// Absent while the server has only begun to start.
    pub(super) port: Option<u16>,
}

/// Reads the file; None when there is none, or when it is cut off.
pub(super) fn read(data: &Path) -> Option<PidFile> {
    parse(&fs::read_to_string(data.join("postmaster.pid")).ok()?)
}

/// The server that runs on this data folder, if there is one: a stale file, or one whose process id now
/// belongs to another program, counts for nothing.
pub fn running(data: &Path) -> Option<Running> {
    let file = read(data)?;
    let ours = platform::is_postgres_of(file.pid, data, file.started);
    Some(Running { pid: file.pid, port: file.port? }).filter(|_| ours)
}

fn parse(text: &str) -> Option<PidFile> {
    let mut lines = text.lines();
    let pid = lines.next()?.trim().parse().ok()?;
    let started = lines.nth(1)?.trim().parse().ok()?;
    let port = lines.next().and_then(|line| line.trim().parse().ok());
    Some(PidFile { pid, started, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_file_is_read_and_a_cut_off_one_is_not() {
        let whole = "4711\n/data\n1790000000\n5433\n\n127.0.0.1\n 12345 6\nready   \n";
        let read = PidFile { pid: 4711, started: 1_790_000_000, port: Some(5433) };
        assert_eq!(parse(whole), Some(read));
        let early = PidFile { pid: 4711, started: 1_790_000_000, port: None };
        assert_eq!(parse("4711\n/data\n1790000000\n"), Some(early));
        assert_eq!(parse("4711\n/data\n"), None);
        assert_eq!(parse("-4711\n/data\n1790000000\n5433\n"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn a_file_that_names_another_living_process_counts_for_nothing() {
        let data = tempfile::tempdir().unwrap();
        let me = std::process::id();
        fs::write(data.path().join("postmaster.pid"), format!("{me}\n/data\n1\n5433\n\n\n"))
            .unwrap();
        assert_eq!(running(data.path()), None);
    }
}
