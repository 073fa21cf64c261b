//! The Python environment of a workspace: the user's interpreter, or one that Penny makes and keeps.

mod explain;
mod find;
mod install;
pub mod kernelspec;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::console::Console;
use crate::error::{Error, Result};
use crate::platform;
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// A Python that can run the workspace's notebooks.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its interpreter.
    pub python: PathBuf,
    /// The folder that is put on its path, where `import penny` is found.
    pub module: PathBuf,
}

/// The environment, made or brought up to date when it must be.
///
/// Two commands may ask at once: one makes it, the other waits.
///
/// # Errors
/// No Python, no venv module, no network, a library that does not exist: each with its remedy.
pub async fn ensure(
    workspace: &Workspace,
    surroundings: &Surroundings,
    console: &Console,
) -> Result<Environment> {
    let module = crate::workspace::write_python_module(&workspace.own())?;
    if let Some(python) = &workspace.config.python.interpreter {
        find::check_configured(python).await?;
        return Ok(Environment { python: python.clone(), module });
    }
    let folder = workspace.own().join("python");
    let python = folder.join(platform::ENVIRONMENT_PYTHON);
    let requirements = requirements(workspace)?;
    let wanted = hash(&requirements);
    if is_current(&folder, &python, &wanted) {
        return Ok(Environment { python, module });
    }
    let _lock = lock(&workspace.own().join("python.lock"), console).await?;
    if !is_current(&folder, &python, &wanted) {
        install::make(&folder, &python, &requirements, surroundings, console).await?;
        let marker = marker(&folder);
        crate::files::write_atomically(&marker, wanted.as_bytes())
            .map_err(|e| Error::file("write", &marker, e))?;
    }
    Ok(Environment { python, module })
}

/// The list of libraries: the workspace's, or the usual one when it has none.
fn requirements(workspace: &Workspace) -> Result<String> {
    let path = &workspace.config.python.requirements;
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            Ok(include_str!("../workspace/templates/requirements.txt").to_owned())
        }
        Err(e) => Err(Error::file("read", path, e)),
    }
}

/// Written last: an environment without it was cut off and is made anew.
fn marker(folder: &Path) -> PathBuf {
    folder.join("penny-requirements.sha256")
}

fn is_current(folder: &Path, python: &Path, wanted: &str) -> bool {
    python.is_file() && std::fs::read_to_string(marker(folder)).is_ok_and(|found| found == wanted)
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

/// Waits until no other command is making the environment; at most as long as that may take.
async fn lock(path: &Path, console: &Console) -> Result<std::fs::File> {
    let file = std::fs::File::create(path).map_err(|e| Error::file("write", path, e))?;
    let mut told = false;
    for _ in 0..4 * 60 * 30 {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => {
                if !told {
                    console.say("another penny command is making the Python environment: waiting for it");
                    told = true;
                }
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
            Err(std::fs::TryLockError::Error(e)) => return Err(Error::file("lock", path, e)),
        }
    }
    Err(Error::missing("another penny command has been making the Python environment for 30 minutes")
        .hint("end it, then run this one again"))
}
