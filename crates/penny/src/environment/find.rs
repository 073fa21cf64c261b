//! Which Python there is.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::error::{Error, Result};
use crate::platform;
use crate::surroundings::Surroundings;

/// The oldest Python that Penny's module and Jupyter's kernel run on.
const OLDEST: (u32, u32) = (3, 9);
/// What Penny's module and kernel import.
const IMPORTED: [&str; 3] = ["ipykernel", "pandas", "pyarrow"];

/// A Python that was found.
#[derive(Clone, Debug)]
pub struct Python {
    /// Its interpreter.
    pub path: PathBuf,
    /// Its version, major and minor.
    pub version: (u32, u32),
}

/// The first Python of PATH that is new enough.
///
/// # Errors
/// None there, or all too old.
pub async fn on_path(surroundings: &Surroundings) -> Result<Python> {
    let versions = (OLDEST.1..=20).rev().map(|minor| format!("python3.{minor}"));
    let names = platform::PYTHON_NAMES.iter().map(|n| (*n).to_owned()).chain(versions);
    let mut too_old: Option<Python> = None;
    for name in names {
        let Some(path) = surroundings.program(&name) else { continue };
        // A store's placeholder answers with an error: then it is no Python.
        let Some(version) = version(&path).await else { continue };
        let python = Python { path, version };
        if version >= OLDEST {
            return Ok(python);
        }
        too_old.get_or_insert(python);
    }
    Err(match too_old {
        Some(old) => Error::missing(format!(
            "the Python of this computer is too old: {} is {}.{}, and 3.9 or later is needed",
            old.path.display(),
            old.version.0,
            old.version.1
        )),
        None => Error::missing("there is no Python on this computer (none was found on PATH)"),
    }
    .hint(platform::PYTHON_REMEDY))
}

/// A configured interpreter must exist, be new enough and have a kernel.
///
/// # Errors
/// What it lacks, and how to add it.
pub async fn check_configured(python: &Path) -> Result<()> {
    let Some(version) = version(python).await else {
        return Err(Error::missing(format!("{} is not a Python interpreter", python.display()))
            .hint("correct `interpreter` in penny.toml, or remove the line: Penny then makes an environment"));
    };
    if version < OLDEST {
        return Err(Error::missing(format!(
            "{} is Python {}.{}, and 3.9 or later is needed",
            python.display(),
            version.0,
            version.1
        ))
        .hint("name another as `interpreter` in penny.toml, or remove the line: Penny then makes an environment"));
    }
    // Asked for without importing them, which takes a second.
    let code = format!(
        "import importlib.util as u; print(*[m for m in {IMPORTED:?} if not u.find_spec(m)])"
    );
    let lacking = answer(python, &code).await.unwrap_or_default();
    let lacking = lacking.trim();
    if lacking.is_empty() {
        return Ok(());
    }
    let listed = lacking.replace(' ', ", ");
    Err(Error::missing(format!("{} lacks {listed}", python.display()))
        .hint(format!("run: \"{}\" -m pip install {lacking}", python.display())))
}

/// Whether a Python with these packages, a line each after one with its own version, needs no check.
pub fn is_equipped(packages: &str) -> bool {
    let mut lines = packages.lines().map(|line| line.split_once(' ').unwrap_or((line, "")));
    let version = lines.next().and_then(|(_, version)| {
        let (major, rest) = version.split_once('.')?;
        let minor = rest.split_once('.').map_or(rest, |(minor, _)| minor);
        Some((major.parse().ok()?, minor.parse().ok()?))
    });
    let names: Vec<&str> = lines.map(|(name, _)| name).collect();
    version.is_some_and(|version: (u32, u32)| version >= OLDEST)
        && IMPORTED.iter().all(|name| names.contains(name))
}

async fn version(python: &Path) -> Option<(u32, u32)> {
    let text = answer(python, "import sys; print(*sys.version_info[:2])").await?;
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// What a line of Python prints; nothing when it fails, or takes longer than a minute.
pub async fn answer(python: &Path, code: &str) -> Option<String> {
    let mut command = Command::new(python);
    command.args(["-c", code]).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output =
        tokio::time::timeout(Duration::from_secs(60), command.output()).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_that_is_known_to_have_all_is_not_asked_again() {
        #[track_caller]
        fn check(packages: &str, expected: bool) {
            assert_eq!(is_equipped(packages), expected, "{packages}");
        }
        check("CPython 3.11.7\nipykernel 7.4.0\npandas 3.0.1\npyarrow 26.0.0", true);
        check("CPython 3.9\nipykernel 7.4.0\npandas 3.0.1\npyarrow 26.0.0", true);
        check("CPython 3.8.20\nipykernel 7.4.0\npandas 3.0.1\npyarrow 26.0.0", false);
        check("CPython 3.11.7\nipykernel 7.4.0\npandas-stubs 3.0.1\npyarrow 26.0.0", false);
        check("CPython 3.11.7", false);
        check("pandas 3.0.1", false);
        check("", false);
    }
}
