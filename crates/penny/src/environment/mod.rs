//! The Python environment of a workspace: the user's interpreter, or one that Penny makes and keeps.

mod explain;
mod find;
mod install;
pub mod kernelspec;
mod list;
mod packages;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::console::Console;
use crate::error::{Error, Result};
use crate::platform;
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

pub use find::answer as ask;

/// A Python that can run the workspace's notebooks.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its interpreter.
    pub python: PathBuf,
    /// The folder that is put on its path, where `import penny` is found.
    pub module: PathBuf,
    /// What is installed in it, a line a package; nothing when it does not say.
    pub packages: Option<Arc<str>>,
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
    let (python, module) = made(workspace, surroundings, console).await?;
    let packages = packages::installed(&python, &kept(workspace)).await;
    Ok(Environment { python, module, packages })
}

/// Its interpreter, and the folder of the module.
async fn made(
    workspace: &Workspace,
    surroundings: &Surroundings,
    console: &Console,
) -> Result<(PathBuf, PathBuf)> {
    let module = crate::workspace::write_python_module(&workspace.own())?;
    if let Some(python) = &workspace.config.python.interpreter {
        let known = packages::known(python, &kept(workspace));
        if !known.is_some_and(|packages| find::is_equipped(&packages)) {
            find::check_configured(python).await?;
        }
        return Ok((python.clone(), module));
    }
    let folder = workspace.own().join("python");
    let python = folder.join(platform::ENVIRONMENT_PYTHON);
    let requirements = Requirements::of(workspace)?;
    let wanted = requirements.hash();
    if is_current(&folder, &python, &wanted) {
        return Ok((python, module));
    }
    let _lock = lock(&workspace.own().join("python.lock"), console).await?;
    if !is_current(&folder, &python, &wanted) {
        install::make(&folder, &python, &requirements, surroundings, console).await?;
        let marker = marker(&folder);
        crate::files::write_atomically(&marker, wanted.as_bytes())
            .map_err(|e| Error::file("write", &marker, e))?;
    }
    Ok((python, module))
}

/// The file that keeps which packages were found.
fn kept(workspace: &Workspace) -> PathBuf {
    workspace.own().join("packages.json")
}

/// The list of libraries.
struct Requirements {
    /// What it says.
    text: String,
    /// The user's own file; none when the workspace has the usual list.
    file: Option<PathBuf>,
}

impl Requirements {
    /// The workspace's list, or the usual one when it has none.
    fn of(workspace: &Workspace) -> Result<Requirements> {
        let path = &workspace.config.python.requirements;
        match list::read(path) {
            Ok(text) => Ok(Requirements { text, file: Some(path.clone()) }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let text = include_str!("../workspace/templates/requirements.txt").to_owned();
                Ok(Requirements { text, file: None })
            }
            Err(e) => Err(Error::file("read", path, e)),
        }
    }

    /// What changes when the list does, or another one that it names.
    fn hash(&self) -> String {
        match &self.file {
            Some(file) => hash(&list::with_others(file, &self.text)),
            None => hash(&self.text),
        }
    }

    /// What Penny's module and kernel need, and the list does not name: a list of the user's own may
    /// be older than the workspace.
    fn needed(&self) -> Vec<&'static str> {
        let named: Vec<String> = self.text.lines().map(library).collect();
        let missing = NEEDED.iter().filter(|n| !named.iter().any(|l| l == *n));
        missing.copied().collect()
    }

    /// How many libraries it names.
    fn count(&self) -> usize {
        self.text.lines().filter(|l| !library(l).is_empty()).count()
    }
}

/// What every environment has.
const NEEDED: &[&str] = &["ipykernel", "pandas", "pyarrow", "python-dotenv"];

/// The library that a line of a list names, as the package index writes names; "" when it names none.
fn library(line: &str) -> String {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let line = line.trim();
    let end = line.find(|c| !name(c)).unwrap_or(line.len());
    if line.starts_with('-') {
        String::new()
    } else {
        line[..end].to_lowercase().replace(['_', '.'], "-")
    }
}

/// Written last: an environment without it was cut off and is made anew.
fn marker(folder: &Path) -> PathBuf {
    folder.join("penny-requirements.sha256")
}

fn is_current(folder: &Path, python: &Path, wanted: &str) -> bool {
    is_whole(folder, python)
        && std::fs::read_to_string(marker(folder)).is_ok_and(|found| found == wanted)
}

/// Notes that something is about to be installed: where that is cut off, the environment has neither the list before nor
/// the new one, and the next command installs again.
fn unsettle(folder: &Path) -> Result<()> {
    let marker = marker(folder);
    std::fs::write(&marker, "").map_err(|e| Error::file("write", &marker, e))
}

/// Whether an environment was made to its end, and its Python is still the one it was made with: when the
/// computer's was replaced by another version, the libraries are where that one does not look.
fn is_whole(folder: &Path, python: &Path) -> bool {
    let Ok(real) = python.canonicalize() else { return false };
    let name = real.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_its_own = !name.starts_with("python3.") || folder.join("lib").join(name).is_dir();
    marker(folder).is_file() && is_its_own
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
                    console.say(
                        "another penny command is making the Python environment: waiting for it",
                    );
                    told = true;
                }
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
            Err(std::fs::TryLockError::Error(e)) => return Err(Error::file("lock", path, e)),
        }
    }
    Err(Error::missing(
        "another penny command has been making the Python environment for 30 minutes",
    )
    .hint("end it, then run this one again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, needed: &[&str], count: usize) {
        let requirements = Requirements { text: text.to_owned(), file: None };
        assert_eq!(
            (requirements.needed().as_slice(), requirements.count()),
            (needed, count),
            "{text}"
        );
    }

    #[test]
    fn an_environment_whose_python_was_replaced_by_another_version_is_made_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(&path, "").expect("written");
            path
        };
        let (old, new, other) =
            (file("usr/python3.11"), file("usr/python3.13"), file("usr/pypy3.10"));
        let environment = folder.path().join("environment");
        file("environment/lib/python3.11/site-packages/x.py");
        assert!(!is_whole(&environment, &old), "its marker comes last");
        file("environment/penny-requirements.sha256");
        assert!(is_whole(&environment, &old));
        assert!(!is_whole(&environment, &new));
        assert!(is_whole(&environment, &other), "nothing is known of it");
        std::fs::remove_file(&old).expect("removed");
        assert!(!is_whole(&environment, &old));
    }

    #[test]
    fn what_an_installer_that_was_cut_off_left_is_no_list_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let python = folder.path().join("python");
        std::fs::write(&python, "").expect("written");
        std::fs::write(marker(folder.path()), hash("pandas")).expect("written");
        assert!(is_current(folder.path(), &python, &hash("pandas")));
        unsettle(folder.path()).expect("noted");
        assert!(!is_current(folder.path(), &python, &hash("pandas")));
        assert!(is_whole(folder.path(), &python), "it need not be made anew");
    }

    #[test]
    fn what_penny_needs_is_added_to_a_list_that_does_not_name_it() {
        check("ipykernel\npandas\npyarrow\npython-dotenv\n", &[], 4);
        check(
            "# ours\nPandas >= 2 ; python_version > '3'\nipykernel==6\n",
            &["pyarrow", "python-dotenv"],
            2,
        );
        check("python_dotenv\npyarrow[x]\n-r other.txt\n\n", &["ipykernel", "pandas"], 2);
        check("pandas-stubs", NEEDED, 1);
    }
}
